// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory as a guest sees it: every page comes from a fault (K3), in blocks
 * where possible (K4), image pages copy on write (B2), and what one sees with
 * caches off is what one wrote with caches on (K10).
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

const char guest_name[] = "memory";

void guest_hello(void)
{
	print("memory: %llu MiB at %#llx, %u CPUs\n", machine.ram_size >> 20,
	      machine.ram_base, machine.cpus);
}

static u64 first_nonzero(u64 base, u64 size)
{
	u64 a;

	for (a = base; a < base + size; a += 8)
		if (read64(a))
			return a;
	return 0;
}

/* ---- K3: first touch ----------------------------------------------------- */

static void read_first(void)
{
	u64 base = fresh_ram(SZ_2M, SZ_4K), bad = first_nonzero(base, SZ_2M);

	check(!bad, "%#llx holds %#llx, not 0", bad, read64(bad));
}

static void write_first(void)
{
	u64 base = fresh_ram(16 * SZ_4K, SZ_4K), i;

	for (i = 0; i < 16; i++)
		write64(base + i * SZ_4K + i * 8, ~i);
	for (i = 0; i < 16; i++) {
		u64 page = base + i * SZ_4K;

		check(read64(page + i * 8) == ~i, "lost write at %#llx", page);
		write64(page + i * 8, 0);
		check(!first_nonzero(page, SZ_4K), "page %#llx not zero", page);
	}
}

/*
 * The fetch must succeed: zeros are an undefined instruction, or one that does
 * nothing, and then the next page's is.
 */
static void fetch_first(void)
{
	u64 last = fresh_ram(2 * SZ_4K, SZ_4K) + SZ_4K - 4;
	struct trap t;

	write32(last + 4, INSN_UDF);
	code_changed((void *)(last + 4), 4);
	t = TRAP(call_at(last));
	check(is_ec(t, EC_UNKNOWN), "ESR %#llx", t.esr);
	check(t.elr == last + (ZEROS_DO_NOTHING ? 4 : 0), "ELR %#llx, not %#llx",
	      t.elr, last);
}

/* Accesses that are not a plain load: each the first to its page. */
static void odd_accesses_first(void)
{
	const u64 word = sizeof(long);
	u64 p = fresh_ram(12 * SZ_4K, SZ_4K), v;

	/* Without anything that the compiler may put before it. */
	__atomic_fetch_add((unsigned long *)p, 7, __ATOMIC_RELAXED);
	check(read64(p) == 7, "exclusive pair: %#llx", read64(p));
	p += SZ_4K;
	store_pair(p, 5, 5);
	check(load(p, word) == 5 && load(p + word, word) == 5, "pair");
	p += SZ_4K;
	__builtin_prefetch((void *)p);
	dcache_clean((void *)p, 1);
	dcache_clean_invalidate((void *)p, 1);
	code_changed((void *)p, 1);
	check(!first_nonzero(p, SZ_4K), "cache maintenance of a new page");
	p += SZ_4K;
	if (zero_line(p))
		check(!first_nonzero(p, SZ_4K), "zeroing of a new page");
	/* Over a page boundary: a fault for each page. */
	p += SZ_4K;
	store(p + SZ_4K - 4, 8, 0x1122334455667788);
	check(load(p + SZ_4K - 4, 8) == 0x1122334455667788, "unaligned");
	check(read32(p + SZ_4K) == 0x11223344, "second page");
	p += 2 * SZ_4K;
	store_pair(p + SZ_4K - word, 1, 2);
	check(load(p + SZ_4K - word, word) == 1 && load(p + SZ_4K, word) == 2,
	      "pair over a page boundary");
	p += 2 * SZ_4K;
	/* Post-index: the base must move once, though the access ran twice. */
	v = store_and_advance(p, 9);
	check(v == p + word && load(p, word) == 9, "writeback: %#llx", v - p);
	p += SZ_4K;
	v = mmu_translate(p, true);
	check(!(v & 1) && (v & GENMASK64(39, 12)) == p, "PAR %#llx", v);
}

static void every_page(void)
{
	u64 size = min(machine.ram_size / 4, 32 * SZ_1M);
	u64 base = fresh_ram(size, SZ_4K), a;

	for (a = base; a < base + size; a += SZ_4K)
		write64(a + (a >> 12) % 512 * 8, a * 3);
	for (a = base; a < base + size; a += SZ_4K)
		check(read64(a + (a >> 12) % 512 * 8) == a * 3,
		      "page %#llx lost its value", a);
}

static void pattern(void)
{
	u64 size = 4 * SZ_1M, base = fresh_ram(size, SZ_4K), a, x = 1;

	for (a = base; a < base + size; a += 8) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		write64(a, x);
	}
	x = 1;
	for (a = base; a < base + size; a += 8) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		check(read64(a) == x, "%#llx: %#llx, not %#llx", a, read64(a), x);
	}
}

static void end_of_ram(void)
{
	u64 end = machine.ram_base + machine.ram_size, v = 0;
	struct trap t = TRAP(v = load(end - 8, 8); store(end - 8, 8, v));

	check(!t.taken, "last word of RAM: ESR %#llx", t.esr);
	t = TRAP(load(end, 8));
	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "read: ESR %#llx", t.esr);
	check(!ABORTS_HAVE_FAR || t.far == end, "FAR %#llx", t.far);
	t = TRAP(store(end, 1, 0));
	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "write: ESR %#llx", t.esr);
	t = TRAP(load(end - 4, 8));
	check(is_ec(t, EC_DABT), "over the end: ESR %#llx", t.esr);
	t = TRAP(call_at(end));
	check(is_abort(t, EC_IABT, FSC_EXTERNAL), "fetch: ESR %#llx", t.esr);
}

/* ---- K3: faults of the guest's own tables ----------------------------------- */

#ifdef MMU_SPARE
/* A table that nobody has touched: the walk faults in stage 2, finds
 * zeros, and the guest has its own translation fault. */
static void walk_first(void)
{
	u64 table = fresh_ram(SZ_4K, SZ_4K);
	struct trap t;

	mmu_set_spare(table);
	t = TRAP(load(MMU_SPARE, 8));
	mmu_set_spare(0);
	check(is_abort(t, EC_DABT, FSC_TRANSLATION(MMU_SPARE_LEVEL)), "ESR %#llx", t.esr);
	check(t.far == MMU_SPARE, "FAR %#llx", t.far);
}

static void walk_first_for_write(void)
{
	u64 table = fresh_ram(SZ_4K, SZ_4K);
	struct trap t;

	mmu_set_spare(table);
	t = TRAP(store(MMU_SPARE, 8, 1));
	mmu_set_spare(0);
	check(is_abort(t, EC_DABT, FSC_TRANSLATION(MMU_SPARE_LEVEL)), "ESR %#llx", t.esr);
	check(ESR_WNR(t.esr), "not a write: ESR %#llx", t.esr);
	check(!first_nonzero(table, SZ_4K), "the table was written");
}

/* The same for an instruction fetch. */
static void walk_first_for_fetch(void)
{
	u64 table = fresh_ram(SZ_4K, SZ_4K);
	struct trap t;

	mmu_set_spare(table);
	t = TRAP(call_at(MMU_SPARE));
	mmu_set_spare(0);
	check(is_abort(t, EC_IABT, FSC_TRANSLATION(MMU_SPARE_LEVEL)), "ESR %#llx", t.esr);
}

/* A table where there is no memory: an external abort on the walk. */
static void walk_in_hole(void)
{
	struct trap t;

	mmu_set_spare(HOLE);
	t = TRAP(load(MMU_SPARE, 8));
	mmu_set_spare(0);
	check(is_ec(t, EC_DABT), "ESR %#llx", t.esr);
	check(ESR_FSC(t.esr) == FSC_EXTERNAL_WALK(MMU_SPARE_LEVEL) ||
		      ESR_FSC(t.esr) == FSC_EXTERNAL,
	      "not an external abort: ESR %#llx", t.esr);
	check(t.far == MMU_SPARE, "FAR %#llx", t.far);
}

#endif

static void own_permissions(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K), va = MMU_WINDOW;
	struct trap t;

	mmu_map(va, page, MEM_NORMAL, false, false);
	t = TRAP(store(va, 8, 1));
	check(is_abort(t, EC_DABT, FSC_PERMISSION(MMU_PAGE_LEVEL)), "ESR %#llx", t.esr);
	if (MMU_HAS_XN) {
		t = TRAP(call_at(va));
		check(is_abort(t, EC_IABT, FSC_PERMISSION(MMU_PAGE_LEVEL)),
		      "ESR %#llx", t.esr);
	}
	t = TRAP(load(va, 8));
	check(!t.taken, "read: ESR %#llx", t.esr);
	mmu_unmap(va);
	t = TRAP(load(va, 8));
	check(is_abort(t, EC_DABT, FSC_TRANSLATION(MMU_PAGE_LEVEL)), "ESR %#llx", t.esr);
}

/* ---- Several CPUs --------------------------------------------------------- */

#define SHARED_PAGES 256UL

struct race {
	u64 base;
	u32 arrived;
	unsigned int cpus;
};

static void meet(struct race *r, u32 round)
{
	__atomic_fetch_add(&r->arrived, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&r->arrived, __ATOMIC_ACQUIRE) <
	       round * r->cpus)
		cpu_relax();
}

static void touch_together(void *arg)
{
	struct race *r = arg;
	u64 i;

	for (i = 0; i < SHARED_PAGES; i++) {
		meet(r, i + 1);
		__atomic_fetch_add((unsigned long *)(r->base + i * SZ_4K), 1,
				   __ATOMIC_RELAXED);
	}
}

static void race_with(unsigned int cpu_count)
{
	struct race r = {fresh_ram(SHARED_PAGES * SZ_4K, SZ_4K), 0, cpu_count};
	u64 i, v;

	for (i = 1; i < cpu_count; i++)
		smp_run(i, touch_together, &r);
	touch_together(&r);
	for (i = 1; i < cpu_count; i++)
		check(smp_wait(i, 20000), "CPU %llu did not finish", i);
	for (i = 0; i < SHARED_PAGES; i++) {
		v = read64(r.base + i * SZ_4K);
		check(v == cpu_count, "page %llu: %llu of %u", i, v, cpu_count);
	}
}

static void two_touch_one_page(void)
{
	race_with(2);
}

static void four_touch_one_page(void)
{
	race_with(4);
}

/* ---- B2: the image's own pages -------------------------------------------- */

static volatile u64 own_data[1024] = {1, 2, 3, [1023] = 1024};

static void write_own_data(void)
{
	check(own_data[0] == 1 && own_data[1023] == 1024, "image data");
	own_data[0] = 77;
	check(own_data[0] == 77 && own_data[1] == 2 && own_data[2] == 3 &&
		      own_data[1023] == 1024 && !own_data[500],
	      "neighbours changed");
}

__attribute__((noinline, aligned(64))) static unsigned long patched(void)
{
	unsigned long v;

	__asm__ volatile(ASM_MOV_1 : "=r"(v));
	return v;
}

/* Change the immediate of the `mov` in patched(). */
static void write_own_text(void)
{
	u32 *insn = (u32 *)patched;
	unsigned int i;

	check(patched() == 1, "unpatched");
	for (i = 0; i < 8 && (insn[i] & ~INSN_MOV_REGISTER) != INSN_MOV(1); i++)
		;
	check(i < 8, "instruction not found");
	WRITE_ONCE(insn[i], insn[i] ^ INSN_MOV(1) ^ INSN_MOV(42));
	code_changed(&insn[i], 4);
	check(patched() == 42, "old instruction ran");
}

/* ---- K10: code and caches --------------------------------------------------- */

static unsigned long run_code(u64 page)
{
	return ((unsigned long (*)(void))page)();
}

static void put_code(u64 page, unsigned int n)
{
	put_function(page, n);
	code_changed((void *)page, 8);
}

static void code_in_new_page(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K);
	unsigned int i;

	for (i = 0; i < 100; i++) {
		put_code(page, i);
		check(run_code(page) == i, "round %u: old code ran", i);
	}
}

static void call_page(void *arg)
{
	u64 *p = arg;

	isb();
	p[1] = run_code(p[0]);
}

static void code_for_another_cpu(void)
{
	u64 arg[2] = {fresh_ram(SZ_4K, SZ_4K), 0};
	unsigned int i;

	for (i = 0; i < 100; i++) {
		put_code(arg[0], i);
		smp_run(1, call_page, arg);
		check(smp_wait(1, 5000), "CPU 1 did not come back");
		check(READ_ONCE(arg[1]) == i, "round %u: %llu", i, arg[1]);
	}
}

/* Written with caches off to pages that are new, read with caches on: the
 * hypervisor's zeroing must not lie in a cache above it. And back. */
static void caches_off_then_on(void)
{
	u64 base = fresh_ram(64 * SZ_4K, SZ_4K), a;

	for (a = base; a < base + 64 * SZ_4K; a += SZ_4K) {
		check(!read64(a + 8), "%#llx is not 0 with caches off", a);
		write64(a, a);
	}
	mmu_on();
	for (a = base; a < base + 64 * SZ_4K; a += SZ_4K) {
		check(read64(a) == a, "%#llx: %#llx with caches on", a,
		      read64(a));
		write64(a, ~a);
	}
	dcache_clean_invalidate((void *)base, 64 * SZ_4K);
	mmu_off();
	for (a = base; a < base + 64 * SZ_4K; a += SZ_4K)
		check(read64(a) == ~a, "%#llx: %#llx with caches off", a,
		      read64(a));
}

static void uncached_alias(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K), va = MMU_WINDOW + SZ_4K;

	mmu_map(va, page, MEM_UNCACHED, true, false);
	check(!first_nonzero(va, SZ_4K), "not zero through the alias");
	write64(va, 0xabcd);
	dcache_invalidate((void *)page, 8);
	check(read64(page) == 0xabcd, "%#llx", read64(page));
	write64(page + 8, 0x1234);
	dcache_clean_invalidate((void *)(page + 8), 8);
	check(read64(va + 8) == 0x1234, "%#llx", read64(va + 8));
	mmu_unmap(va);
}

/* ---- K4: blocks ------------------------------------------------------------- */

static void blocks(void)
{
	u64 size = 4 * SZ_2M, base = fresh_ram(size, SZ_2M), a;

	/* The last word of a block first, then the first of the next. */
	for (a = base; a < base + size; a += SZ_2M)
		write64(a + SZ_2M - 8, a);
	for (a = base; a < base + size; a += SZ_2M) {
		check(read64(a + SZ_2M - 8) == a, "block %#llx", a);
		check(!first_nonzero(a, SZ_2M - 8),
			      "block %#llx: %#llx not zero", a,
			      first_nonzero(a, SZ_2M - 8));
	}
}

const struct test guest_tests[] = {
	{"K10.caches-off-then-on", caches_off_then_on, 1, CACHES_OFF},
	{"K3.read-of-a-new-page-gives-zeros", read_first},
	{"K3.write-to-a-new-page", write_first},
	{"K3.fetch-from-a-new-page", fetch_first},
	{"K3.odd-first-accesses", odd_accesses_first},
	{"K3.every-page-keeps-its-value", every_page},
	{"K3.pattern", pattern},
	{"K3.end-of-RAM", end_of_ram},
#ifdef MMU_SPARE
	{"K3.walk-of-a-new-table", walk_first},
	{"K3.walk-of-a-new-table-for-a-write", walk_first_for_write},
	{"K3.walk-of-a-new-table-for-a-fetch", walk_first_for_fetch},
	{"K11.walk-of-a-table-in-a-hole", walk_in_hole},
#endif
	{"K3.guest's-own-permissions", own_permissions},
	{"K3.two-CPUs-touch-one-page", two_touch_one_page, 2},
	{"K3.four-CPUs-touch-one-page", four_touch_one_page, 4},
	{"K4.blocks-are-zero-and-separate", blocks},
	{"B2.write-to-own-data", write_own_data},
	{"B2.write-to-own-text", write_own_text},
	{"K10.code-in-a-new-page", code_in_new_page},
	{"K10.code-for-another-CPU", code_for_another_cpu, 2},
	{"K10.uncached-alias", uncached_alias},
	{NULL},
};
