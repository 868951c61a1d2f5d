// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/gva.c arch/mips/gva_tree.c arch/mips/gva_cpu.c arch/mips/gpa.c
// link: arch/mips/directories.c
// link: arch/mips/host_tlb.c arch/mips/asm.c arch/mips/refill.c arch/mips/scratch.c
// link: arch/mips/guest_map.c arch/mips/guest_tlb.c arch/mips/guest_exception.c
// link: arch/mips/guest_cp0.c arch/mips/guest_timer.c arch/mips/middle.c
// link: arch/mips/quick.c arch/mips/testing/strict_tlb.c
// link: core/vmid.c core/memcache.c core/stage2_tables.c core/rwlock.c
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/dirty.c pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/split.c pgtable/collapse.c pgtable/format_mips.c
// flags: -DPGTABLE_KINDS=2
/*
 * K40, K42: what the CPU's TLB may hold of a guest, at any time, is what the guest's
 * own TLB and the VM's memory say at that time. The CPU is a strict one (testing/
 * strict_tlb.h), which refills from whatever is in use as the guest runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "arch/mips/directories.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/gva_quick.h"
#include "arch/mips/insn.h"
#include "arch/mips/middle.h"
#include "arch/mips/mips.h"
#include "arch/mips/testing/strict_tlb.h"
#include "arch/sim/testing/property.h"
#include "core/arch.h"
#include "core/fault.h"
#include "lib/errno.h"
#include "lib/log.h"

#define KSEG0_OF(v) ((v)->guest.layout.kseg0)
#define KSEG2_OF(v) ((v)->guest.layout.kseg2)

/* ---- Kseg0, and its allocator ------------------------------------------------------ */

#define ARENA_PAGES 4096
static u8 *arena;
static bool taken[ARENA_PAGES];
static unsigned int in_use, allowed;

static u8 *page_of(u32 n)
{
	return arena + (size_t)n * PAGE_SIZE;
}

u32 *test_kseg0(u32 address)
{
	u32 offset = address - KSEG0;

	if (address == KSEG0 + ARENA_PAGES * PAGE_SIZE)
		return gva_nothing;
	assert_true(offset < ARENA_PAGES * PAGE_SIZE);
	assert_true(taken[offset / PAGE_SIZE]);
	return (u32 *)(arena + offset);
}

u32 test_kseg0_address(const void *p)
{
	if (p == gva_nothing)
		return KSEG0 + ARENA_PAGES * PAGE_SIZE;
	if ((const u8 *)p < arena || (const u8 *)p >= page_of(ARENA_PAGES))
		return KSEG0 + (ARENA_PAGES + 8) * PAGE_SIZE; /* no_directory */
	return KSEG0 + (u32)((const u8 *)p - arena);
}

static bool is_free(u32 n, u32 pages)
{
	for (u32 i = n; i < n + pages; i++)
		if (taken[i])
			return false;
	return true;
}

void *hyp_alloc_pages(unsigned int order, struct page_budget *budget)
{
	u32 pages = 1U << order, n = 0;

	if (in_use + pages > allowed)
		return NULL;
	while (!is_free(n, pages))
		n += pages;
	for (u32 i = n; i < n + pages; i++)
		taken[i] = true;
	in_use += pages;
	budget->used += pages;
	memset(page_of(n), 0, pages * PAGE_SIZE);
	return page_of(n);
}

void hyp_free_pages(void *p, unsigned int order, struct page_budget *budget)
{
	u32 n = (u32)((u8 *)p - arena) / PAGE_SIZE, pages = 1U << order;

	/* What was freed is found neither in a directory nor in the TLB. */
	memset(p, 0xff, pages * PAGE_SIZE);
	for (u32 i = n; i < n + pages; i++) {
		assert_true(taken[i]);
		taken[i] = false;
	}
	in_use -= pages;
	budget->used -= pages;
}

/* Set-up's: the region of the short handler, of [2 MiB, 4 MiB). */
int page_alloc(enum page_use use, unsigned int order, struct page_budget *budget,
	       pfn_t *out)
{
	assert_int_equal(order, CHUNK_ORDER);
	*out = PFN(GVA_PAGES);
	memset(&taken[GVA_PAGES], true, GVA_PAGES);
	return 0;
}

void page_put(pfn_t pfn, unsigned int order, struct page_budget *budget)
{
	assert_int_equal(pfn.v, GVA_PAGES);
}

/* pgtable counts where the hypervisor does: in a page's chunk, which is the first
 * of 2 MiB. Here that is aligned so, and not handed out. */
static void reserve_counts(void)
{
	for (u32 n = 0; n < ARENA_PAGES; n += 512)
		taken[n] = true;
	for (u32 n = 0; n < ARENA_PAGES; n++)
		*hyp_page_count(page_of(n)) = 1;
}

void *arch_phys_to_virt(hpa_t pa)
{
	return arena + pa.v;
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((u64)((const u8 *)p - arena));
}

/* ---- The rest of the hypervisor ------------------------------------------------------ */

struct mips_features features;
struct mips_cpu mips_cpu;
struct cpu cpus[MAX_CPUS];
unsigned int cpu_count = 1;
char vectors[4096];

struct cpu *this_cpu(void)
{
	return &cpus[0];
}

void cache_publish(uintptr_t va, size_t size)
{
}

void log_print(enum log_level level, const char *fmt, ...)
{
}

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

enum mips_next mips_guest_access_device(struct mips_guest *g)
{
	return MIPS_MMIO;
}

static unsigned int bus_errors;

void mips_guest_bus_error(struct mips_guest *g)
{
	bus_errors++;
}

/* ---- The VM's memory ------------------------------------------------------------------- */

#define VCPUS 4 /* tests begin with two */
#define RAM_BLOCKS 16
#define RAM_PAGES (RAM_BLOCKS * GVA_PAGES)

/* What stands behind each page; PFNs of no meaning but that they differ. */
static struct ram_page {
	u32 pfn;
	bool writable, gone;
} ram[RAM_PAGES];
static u32 next_pfn;
static struct vm_cpu counts;
static struct vm vm;
static struct mips_vcpu vcpus[VCPUS];
static struct mips_vcpu *v;

static bool as_one(u32 gfn)
{
	const struct ram_page *p = &ram[ALIGN_DOWN(gfn, GVA_PAGES)];

	for (u32 i = 0; i < GVA_PAGES; i++)
		if (p[i].pfn != p->pfn + i || !p[i].writable ||
		    p->pfn % GVA_PAGES)
			return false;
	return true;
}

/* The owner takes pages back, and has others. */
static void take(u32 gfn, u32 n)
{
	write_lock(&vm.mmu_lock);
	assert_int_equal(pgtable_unmap(&vm.s2, IA((u64)gfn * PAGE_SIZE),
				       (u64)n * PAGE_SIZE, &v->vcpu.memcache), 0);
	for (u32 i = gfn; i < gfn + n; i++)
		ram[i].pfn = next_pfn += 3;
	write_unlock(&vm.mmu_lock);
}

/* A write to what is shared is a copy. */
static void copy_page(u32 gfn)
{
	write_lock(&vm.mmu_lock);
	assert_int_equal(pgtable_unmap(&vm.s2, IA((u64)gfn * PAGE_SIZE), PAGE_SIZE,
				       &v->vcpu.memcache), 0);
	ram[gfn] = (struct ram_page){.pfn = next_pfn++, .writable = true};
	write_unlock(&vm.mmu_lock);
}

static unsigned int faults;

int fault_handle(struct vcpu *vcpu, const struct guest_fault *f)
{
	u32 gfn = f->gpa.v / PAGE_SIZE, n = 1;
	int err;

	faults++;
	if (f->gpa.v >> 29)
		return FAULT_SIZE;
	if (gfn >= RAM_PAGES || ram[gfn].gone)
		return f->exec ? FAULT_ABORT : FAULT_MMIO;
	if (memcache_topup(&vcpu->memcache, 4))
		return -ENOMEM;
	if (f->write && !ram[gfn].writable)
		copy_page(gfn);
	if (as_one(gfn)) {
		n = 16;
		gfn &= ~15U;
	}
	read_lock(&vm.mmu_lock);
	err = pgtable_map(&vm.s2, IA((u64)gfn * PAGE_SIZE), n * PAGE_SIZE,
			  HPA((u64)ram[gfn].pfn * PAGE_SIZE),
			  ram[gfn].writable ? PGT_RWX : PGT_RX, &vcpu->memcache,
			  NULL);
	read_unlock(&vm.mmu_lock);
	assert_true(!err || err == -EALREADY);
	return FAULT_HANDLED;
}

/* ---- The guest ------------------------------------------------------------------------ */

static void drop(struct mips_guest *g, u32 space, u32 va, u32 size)
{
	gva_drop(container_of(g, struct mips_vcpu, guest), space, va, size);
}

static void use(struct mips_guest *g)
{
	container_of(g, struct mips_vcpu, guest)->stale = true;
}

static u64 now(struct mips_guest *g)
{
	return 0;
}

static void set_timer(struct mips_guest *g, u64 due)
{
}

static const struct mips_guest_ops ops = {
	.drop = drop, .use = use, .now = now, .set_timer = set_timer};

static void settle(void)
{
	mips_guest_before_entry(&v->guest);
	if (v->stale)
		gva_activate(v);
	strict_tlb_settled();
	assert_int_equal(strict_tlb_walks(), gva_form.shift != 0);
}

static void set_status(u32 status)
{
	v->guest.cp0[CP0_STATUS] = status;
	settle();
}

static unsigned int dropped_lines;
static u32 dropped_line;

void test_cache(u32 op, u32 va)
{
	assert_int_equal(op, HIT_WRITEBACK_INVALIDATE_D);
	dropped_lines++;
	dropped_line = va;
}

/* What the middle way does of it: drops, and pages that it has entered. */
static unsigned int quick_drops, quick_entries;

bool mips_middle_drop(u32 asid, u32 va, u32 gone)
{
	bool done = gva_quick_drop(v, asid, va, gone);

	ehb();
	quick_drops += done;
	return done;
}

static unsigned int quick_switches;

bool mips_middle_switch(u32 asid)
{
	bool done = gva_quick_switch(v, asid);

	quick_switches += done;
	return done;
}

bool mips_middle_fetch(u32 va, u32 *word)
{
	fail();
	return false;
}

bool mips_middle_enter(enum mips_table t, const u32 *lo, u32 va, u32 need)
{
	bool done = gva_quick_enter(v, t, lo, va, need);

	ehb();
	quick_entries += done;
	return done;
}

/* Some of it, some times. */
static bool middle_way(u32 insn)
{
	mips_quick_guest = &v->guest;
	v->guest.pc = KSEG0_OF(v) + 0x1000;
	v->guest.trapped = true;
	return dice(2) && mips_middle_trap(insn) != MIPS_LONG_WAY;
}

/* The CPU walks what it was told to, as world_code.c has it. */
static void set_asid(u32 asid)
{
	v->guest.gpr[4] = asid;
	if (asid != v->guest.asid && middle_way(INSN_MTC0(4, CP0_ENTRYHI))) {
		u32 walks = walker_stop();

		cp0_write(entryhi, mips_quick_walk.asid);
		ehb();
		walker_start(walks);
		gva_directory = mips_quick_walk.directory;
	} else {
		mips_write_entryhi(&v->guest, asid);
	}
	settle();
}

static enum mips_next fault(u32 va, enum mips_access how, bool there)
{
	u32 cause = CAUSE_EXC(how != MIPS_STORE ? EXC_TLBL :
			      there             ? EXC_MOD :
						  EXC_TLBS);
	u32 pc = KSEG0_OF(v) + 0x1000, to = MIPS_LONG_WAY;

	mips_quick_guest = &v->guest;
	v->guest.pc = pc;
	if (dice(2))
		to = mips_middle_exception(cause, va);
	if (to == MIPS_LONG_WAY)
		return mips_guest_fault(&v->guest, va, how);
	/* As gva_fault(), or delivered. */
	return to == pc ? MIPS_WAIT : MIPS_RUN;
}

static void write_entry(u32 n, u32 va, u32 asid, u32 mask, u32 lo0, u32 lo1)
{
	u32 *cp0 = v->guest.cp0, hi = cp0[CP0_ENTRYHI];

	cp0[CP0_PAGEMASK] = mask;
	cp0[CP0_ENTRYHI] = va | asid;
	cp0[CP0_ENTRYLO0] = lo0;
	cp0[CP0_ENTRYLO1] = lo1;
	cp0[CP0_INDEX] = n;
	if (!middle_way(INSN_CO(CO_TLBWI)))
		mips_tlb_write(&v->guest, n);
	cp0[CP0_ENTRYHI] = hi;
	settle();
}

#define RW (LO_D | LO_V | LO_C(3))
#define LO(gfn, flags) ((u32)(gfn) << 6 | (flags))

/* ---- The CPU as the guest runs --------------------------------------------------------- */

static unsigned int any_entry(void)
{
	return strict_tlb_wired + dice(strict_tlb_entries - strict_tlb_wired);
}

/* As the refill handler, and the walker, do (refill_test). */
static void refill(u32 va)
{
	bool context = gva_form.blocks;
	u32 at = context ? (gva_directory >> 10) | KSEG0 : gva_directory;
	u32 entry = test_kseg0(at)[va / GVA_BLOCK];
	unsigned int n = any_entry();
	const u32 *pair;

	if (!(entry >> 31)) {
		entry >>= gva_form.shift;
		strict_tlb_refill(n, va, 0x1fe000, entry, entry + (0x100000 >> 6));
		return;
	}
	/* First the handler, and then the block in its pair's place. */
	if (context && (entry ^ gva_form.blocks) < PAGE_SIZE) {
		strict_tlb_refill(n, va, 0, 0, 0);
		entry = (entry & 0x7ff) << 15 | (entry & 0x800 ? LO_D : 0) | LO_C(3) |
			LO_V;
		strict_tlb_refill(n, va, 0x1fe000, entry, entry + (0x100000 >> 6));
		return;
	}
	pair = test_kseg0(entry) + va % GVA_BLOCK / 8192 * (context ? 4 : 2);
	strict_tlb_refill(n, va, 0, pair[0] >> gva_form.shift,
			  pair[1] >> gva_form.shift);
}

static u32 half_of(const struct strict_entry *e, u32 va)
{
	u32 page = ((e->mask | 0x1fff) + 1) / 2;

	return e->lo[!!(va & page)];
}

static u64 shown_by(const struct strict_entry *e, u32 va)
{
	u32 page = ((e->mask | 0x1fff) + 1) / 2;

	return ((u64)(half_of(e, va) >> 6) << 12 & ~(u64)(page - 1)) +
	       (va & (page - 1) & ~0xfffU);
}

/* Now and then the guest accessed something else of a block, and an interrupt came
 * where the refill handler returned to (mips_exit()): it goes on elsewhere. */
static void interrupted(u32 va)
{
	u32 at = gva_form.blocks ? (gva_directory >> 10) | KSEG0 : 0;
	u32 other = va ^ dice(GVA_BLOCK / 8192) * 8192;

	if (!at || strict_tlb_find(other, strict_tlb_asid()) ||
	    (test_kseg0(at)[va / GVA_BLOCK] ^ gva_form.blocks) >= PAGE_SIZE)
		return;
	strict_tlb_refill(any_entry(), other, 0, 0, 0);
	gva_interrupted();
	strict_tlb_settled();
	assert_null(strict_tlb_find(other, strict_tlb_asid()));
}

/* What the guest gets of an access: the frame, or 0 and an exception, or a device. */
static u64 access(u32 va, enum mips_access how)
{
	const struct strict_entry *e;
	int next;

	interrupted(va);
	for (int i = 0; i < 8; i++) {
		if (!strict_tlb_find(va, strict_tlb_asid()))
			refill(va);
		e = strict_tlb_find(va, strict_tlb_asid());
		if (half_of(e, va) & LO_V &&
		    (how != MIPS_STORE || half_of(e, va) & LO_D))
			return shown_by(e, va);
		next = fault(va, how, half_of(e, va) & LO_V);
		if (next == MIPS_WAIT) {
			settle();
			continue;
		}
		if (next != MIPS_MAP) {
			v->guest.cp0[CP0_STATUS] &= ~ST_EXL;
			settle();
			return 0;
		}
		next = gva_fault(v);
		settle();
		if (next != MIPS_RUN || bus_errors) {
			bus_errors = 0;
			return 0;
		}
	}
	fail_msg("0x%x faults for ever", va);
	return 0;
}

/* ---- What holds ---------------------------------------------------------------------- */

/* The frame that a space has at an address in a mode, or 0. */
static u64 oracle(u32 key, enum mips_table t, u32 va, bool *writable)
{
	struct mips_guest *g = &v->guest;
	u32 status = g->cp0[CP0_STATUS], asid = g->asid, code;
	struct mips_mapping m;
	bool ignored;
	u64 gpa;

	g->cp0[CP0_STATUS] = (t == MIPS_USER ? ST_UM : 0) |
			     (key & MIPS_SPACE_ERL ? ST_ERL : 0);
	g->asid = key & 0x3ff;
	code = mips_guest_translate(g, va, MIPS_LOAD, &m, &ignored);
	g->cp0[CP0_STATUS] = status;
	g->asid = asid;
	if (code)
		return 0;
	*writable = m.commpage || m.writable;
	if (m.commpage)
		return arch_virt_to_phys(g->cp0).v;
	gpa = m.gpa + (va - m.va);
	if (gpa >> 12 >= RAM_PAGES || ram[gpa >> 12].gone)
		return 0;
	*writable &= ram[gpa >> 12].writable;
	return (u64)ram[gpa >> 12].pfn << 12;
}

static void check_entry(const struct strict_entry *e, u32 key, enum mips_table t)
{
	u32 va = e->hi & HI_VPN2, size = (e->mask | 0x1fff) + 1;

	for (u32 at = 0; at < size; at += e->mask ? 0x11000 : PAGE_SIZE) {
		u32 lo = half_of(e, va + at);
		bool writable = false;
		u64 pa;

		if (!(lo & LO_V))
			continue;
		pa = oracle(key, t, va + at, &writable);
		HOLDS(pa == shown_by(e, va + at),
		      "0x%x of space 0x%x, table %u: shown is 0x%llx, there is 0x%llx",
		      va + at, key, t, shown_by(e, va + at), pa);
		HOLDS(writable || !(lo & LO_D), "0x%x can be written", va + at);
	}
}

/* Everything in the TLB that some ASID in use makes usable. */
static void check_tlb_of(struct mips_vcpu *of)
{
	struct mips_vcpu *was = v;

	v = of;
	for (struct gva_space *s = v->gva.space; s < v->gva.space + GVA_SPACES; s++)
		for (int t = 0; t < MIPS_TABLES; t++)
			for (unsigned int i = 0; i < strict_tlb_entries; i++)
				if (s->used && s->asid[t].id &&
				    (strict_tlb[i].hi & HI_ASID) ==
					    vmid_value(&s->asid[t]) &&
				    s->asid[t].id >> 16 ==
					    v->gva.now->asid[v->guest.table].id >> 16)
					check_entry(&strict_tlb[i], s->key, t);
	v = was;
}

/* ---- Set-up --------------------------------------------------------------------------- */

static struct pgtable_config s2_config;

static void make_vcpu(unsigned int id)
{
	struct mips_vcpu *new = &vcpus[id];

	memset(new, 0, sizeof(*new));
	vm.vcpus[id] = &new->vcpu;
	vm.vcpu_count = id + 1;
	new->vcpu.vm = &vm;
	memcache_init(&new->vcpu.memcache, &vm.table_budget, 0);
	new->guest.cp0 = hyp_alloc_pages(0, &vm.table_budget);
	new->guest.layout = MIPS_DEPRIVILEGED;
	new->guest.ops = &ops;
	new->guest.asid_mask = 0xff;
	new->guest.line = 32;
	assert_int_equal(gva_create(new), 0);
	mips_guest_reset(&new->guest);
	new->guest.cp0[CP0_STATUS] = 0;
	new->stale = true;
}

/* As gva_init() does. */
static void choose_form(u8 shift, bool context)
{
	gva_form = (struct gva_form){.shift = shift, .pair = context ? 2 : 1};
	if (context)
		gva_form.blocks = gva_address(directories_reserve());
}

static void start(unsigned int entries, u8 shift, bool context)
{
	if (!arena) {
		arena = aligned_alloc(SZ_2M, ARENA_PAGES * PAGE_SIZE);
		assert_non_null(arena);
	}
	memset(taken, 0, sizeof(taken));
	reserve_counts();
	memset(&vm, 0, sizeof(vm));
	memset(&counts, 0, sizeof(counts));
	rwlock_init(&vm.mmu_lock, &counts.mmu_readers);
	memset(gva_nothing, 0, sizeof(gva_nothing));
	in_use = 0;
	allowed = ARENA_PAGES / 2;
	next_pfn = 0x10000;
	bus_errors = 0;
	features.tlb_entries = entries;
	choose_form(shift, context);
	strict_tlb_reset(entries, 0);
	vmid_exit();
	vmid_init(8, 1);
	for (u32 i = 0; i < RAM_PAGES; i++)
		ram[i] = (struct ram_page){
			.pfn = i / GVA_PAGES % 4 == 3 ? next_pfn += 3 :
						     0x2000 + i,
			.writable = i / GVA_PAGES % 4 != 2,
		};
	s2_config = (struct pgtable_config){.format = &pgtable_mips32,
					    .ia_bits = 29, .oa_bits = 32};
	assert_int_equal(pgtable_init(&vm.s2, &s2_config, &arch_stage2_ops, &vm), 0);
	for (unsigned int i = 0; i < 2; i++)
		make_vcpu(i);
	v = &vcpus[0];
	settle();
}

static int setup(void **state)
{
	start(16, 0, false);
	return 0;
}

static int setup_context(void **state)
{
	start(64, 0, true);
	return 0;
}

static int stop(void **state)
{
	for (unsigned int i = 0; i < vm.vcpu_count; i++) {
		gva_destroy(&vcpus[i]);
		memcache_drain(&vcpus[i].vcpu.memcache);
		hyp_free_pages(vcpus[i].guest.cp0, 0, &vm.table_budget);
	}
	pgtable_destroy(&vm.s2);
	directories_exit();
	assert_int_equal(in_use, 0);
	assert_int_equal(vm.table_budget.used, 0);
	return 0;
}

/* ---- Blocks --------------------------------------------------------------------------- */

#define FRAME(gfn) ((u64)ram[gfn].pfn << 12)

/* The entry by which the guest reads. */
static const struct strict_entry *entry_at(u32 va)
{
	access(va, MIPS_LOAD);
	return strict_tlb_find(va, strict_tlb_asid());
}

/* K40. */
static void kseg0_is_entered_by_what_the_backing_has(void **state)
{
	u32 va = KSEG0_OF(v);

	assert_int_equal(access(va + 0x3000, MIPS_STORE), FRAME(3));
	for (u32 at = 0; at < GVA_BLOCK; at += PAGE_SIZE)
		assert_int_equal(access(va + at, MIPS_LOAD),
				 FRAME(at / PAGE_SIZE));
	assert_int_equal(entry_at(va)->mask, 0x1fe000);
	/* What is a copy, or not the VM's own, comes by pages. */
	assert_int_equal(access(va + 2 * GVA_BLOCK, MIPS_LOAD),
			 FRAME(2 * GVA_PAGES));
	assert_int_equal(access(va + 3 * GVA_BLOCK, MIPS_LOAD),
			 FRAME(3 * GVA_PAGES));
	assert_int_equal(entry_at(va + 2 * GVA_BLOCK)->mask,
			 0);
	assert_int_equal(entry_at(va + 3 * GVA_BLOCK)->mask,
			 0);
}

/* Whichever of its bytes is the first to be touched. */
static void a_block_is_found_from_any_byte_of_it(void **state)
{
	u32 va = KSEG0_OF(v) + 4 * GVA_BLOCK;

	access(va + 5, MIPS_STORE);
	assert_int_equal(entry_at(va)->mask, 0x1fe000);
	access(va + GVA_BLOCK + 0x12346, MIPS_STORE);
	assert_int_equal(entry_at(va + GVA_BLOCK)->mask, 0x1fe000);
}

/* Nobody asks for 2 MiB because one page is where a block would have it. */
static void what_is_no_block_is_not_faulted_in_as_one(void **state)
{
	u32 va = KSEG0_OF(v) + 3 * GVA_BLOCK;

	for (u32 i = 0; i < 16; i++)
		ram[3 * GVA_PAGES + i].pfn = 0x90000 + i;
	faults = 0;
	assert_int_equal(access(va + 0x5000, MIPS_LOAD), 0x90005000);
	assert_in_range(faults, 1, 3);
	/* Nor for the rest of what is a block but for its last page. */
	for (u32 i = 0; i < GVA_PAGES; i++)
		ram[4 * GVA_PAGES + i].writable = i != GVA_PAGES - 1;
	faults = 0;
	access(va + GVA_BLOCK, MIPS_STORE);
	assert_int_equal(entry_at(va + GVA_BLOCK)->mask, 0);
}

static void a_page_of_a_block_is_taken_back(void **state)
{
	u32 va = KSEG0_OF(v), directory = gva_directory;

	access(va, MIPS_STORE);
	copy_page(5);
	settle();
	assert_null(strict_tlb_find(va, strict_tlb_asid()));
	assert_int_equal(access(va + 0x5000, MIPS_LOAD), FRAME(5));
	assert_int_equal(access(va + 0x4000, MIPS_LOAD), FRAME(4));
	assert_int_equal(access(va + 0x6000, MIPS_STORE), FRAME(6));
	assert_int_equal(gva_directory, directory);
}

/* Pages come before the block is whole: it takes their place, and no address is in
 * the TLB twice. */
static void a_block_takes_the_place_of_pages(void **state)
{
	u32 va = KSEG0_OF(v) + 3 * GVA_BLOCK;

	access(va, MIPS_LOAD);
	access(va + 0x9000, MIPS_LOAD);
	write_lock(&vm.mmu_lock);
	pgtable_unmap(&vm.s2, IA(3 * GVA_BLOCK), GVA_BLOCK, NULL);
	for (u32 i = 0; i < GVA_PAGES; i++)
		ram[3 * GVA_PAGES + i].pfn = 0x40000 + i;
	write_unlock(&vm.mmu_lock);
	settle();
	assert_int_equal(access(va + 0x9000, MIPS_STORE), 0x40009000);
	assert_int_equal(entry_at(va)->mask, 0x1fe000);
}

/* K8: what is logged is written page by page; then as a block again. */
static void a_block_is_write_protected(void **state)
{
	u32 va = KSEG0_OF(v);

	access(va, MIPS_STORE);
	write_lock(&vm.mmu_lock);
	assert_int_equal(pgtable_protect(&vm.s2, IA(0), GVA_BLOCK, PGT_W, 0, NULL), 0);
	write_unlock(&vm.mmu_lock);
	settle();
	assert_int_equal(access(va + 0x7000, MIPS_LOAD), FRAME(7));
	assert_false(half_of(entry_at(va + 0x7000), va + 0x7000) & LO_D);
	assert_int_equal(access(va + 0x7000, MIPS_STORE), FRAME(7));
	assert_false(half_of(entry_at(va + 0x17000), va + 0x17000) & LO_D);
	assert_int_equal(access(va + 0x17000, MIPS_STORE), FRAME(0x17));
}

/* ---- Pairs, and spaces ------------------------------------------------------------------ */

#define VA 0x10000000U
#define FIRST (3 * GVA_PAGES)

/* bugs.md 31, 35. */
static void both_pages_go_in_both_modes(void **state)
{
	write_entry(3, VA, 0, 0, LO(FIRST, RW), LO(FIRST + 9, RW));
	assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST));
	assert_int_equal(access(VA + 0x1000, MIPS_LOAD), FRAME(FIRST + 9));
	set_status(ST_UM);
	assert_int_equal(access(VA + 0x1000, MIPS_LOAD), FRAME(FIRST + 9));
	assert_false(gva_pair_is_absent(&v->gva, 0, VA));
	write_entry(3, VA + 0x100000, 0, 0, LO(FIRST, RW), LO(FIRST, RW));
	assert_true(gva_pair_is_absent(&v->gva, 0, VA));
	assert_null(strict_tlb_find(VA, strict_tlb_asid()));
	assert_int_equal(access(VA, MIPS_LOAD), 0);
	set_status(0);
	assert_null(strict_tlb_find(VA, strict_tlb_asid()));
	assert_int_equal(access(VA + 0x1000, MIPS_LOAD), 0);
}

/* K42: there and back costs no fault; what has gone meanwhile has gone. */
static void an_asid_comes_back_to_its_pages(void **state)
{
	u64 id;

	write_entry(3, VA, 1, 0, LO(FIRST, RW), LO(FIRST + 9, RW));
	write_entry(4, VA, 2, 0, LO(FIRST + 1, RW), LO(FIRST + 2, RW));
	write_entry(5, VA + 0x2000, 1, 0, LO(FIRST + 4, RW), LO(FIRST + 5, RW));
	set_asid(1);
	assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST));
	assert_int_equal(access(VA + 0x2000, MIPS_STORE), FRAME(FIRST + 4));
	id = v->gva.now->asid[MIPS_KERNEL].id;
	set_asid(2);
	assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + 1));
	write_entry(5, VA + 0x8000, 2, 0, 0, 0);
	set_asid(1);
	assert_int_equal(v->gva.now->asid[MIPS_KERNEL].id, id);
	assert_int_not_equal(gva_pair(v->gva.now, MIPS_KERNEL, VA)[0], 0);
	assert_null(strict_tlb_find(VA + 0x2000, strict_tlb_asid()));
	assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST));
	assert_int_equal(access(VA + 0x2000, MIPS_STORE), 0);
}

/* Pages of a larger one of the guest's, from an odd one on: of two pairs of 4 KiB. */
static void what_goes_in_two_pairs_goes_of_both(void **state)
{
	u32 at = 6 * GVA_PAGES;
	struct guest_fault f = {.gpa = GPA((at + 1) * PAGE_SIZE)};
	struct guest_fault other = {.gpa = GPA((at + 99) * PAGE_SIZE)};

	for (u32 i = 0; i < 4; i++)
		ram[at + i].pfn = next_pfn += 3;
	set_asid(1);
	write_entry(0, VA, 1, 0x6000, LO(at, RW), LO(at + 4, RW));
	access(VA + 0x2000, MIPS_LOAD);
	take(at, 2);
	settle();
	/* Another vCPU's; and one that keeps the GPA table where it is. */
	assert_int_equal(fault_handle(&v->vcpu, &f), FAULT_HANDLED);
	assert_int_equal(fault_handle(&v->vcpu, &other), FAULT_HANDLED);
	take(at + 1, 2);
	settle();
	assert_int_equal(access(VA + 0x2000, MIPS_LOAD), FRAME(at + 2));
	assert_int_equal(access(VA + 0x1000, MIPS_LOAD), FRAME(at + 1));
}

/* Spaces are taken as often as the guest likes. */
static void a_space_is_never_taken_for_nobodys(void **state)
{
	v->gva.clock = ~0U - 1;
	write_entry(0, VA, 1, 0, LO(FIRST, RW), LO(FIRST + 4, RW));
	set_asid(2);
	set_asid(1);
	assert_true(v->gva.now->used);
	assert_int_equal(access(VA, MIPS_LOAD), FRAME(FIRST));
	take(FIRST, 1);
	settle();
	assert_int_equal(access(VA, MIPS_LOAD), FRAME(FIRST));
}

static unsigned int spaces_of(const struct mips_vcpu *of)
{
	unsigned int n = 0;

	for (u32 i = 0; i < GVA_SPACES; i++)
		n += !!of->gva.space[i].directory[MIPS_KERNEL];
	return n;
}

static void more_asids_than_spaces(void **state)
{
	for (u32 asid = 1; asid <= 3 * GVA_SPACES; asid++) {
		write_entry(asid, VA, asid, 0, LO(FIRST + asid, RW), 0);
		set_asid(asid);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + asid));
		assert_int_equal(access(KSEG0_OF(v), MIPS_LOAD), FRAME(0));
	}
	for (u32 asid = 1; asid <= 3 * GVA_SPACES; asid++) {
		set_asid(asid);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + asid));
	}
	assert_int_equal(spaces_of(v), GVA_SPACES);
}

/* Of the region, no more than what is set aside for it (directories_test). */
static void a_vcpu_has_the_spaces_that_are_its_own(void **state)
{
	unsigned int most;

	gva_destroy(v);
	while (directories_set_aside() > 2)
		;
	assert_int_equal(gva_create(v), 0);
	most = v->gva.spaces;
	assert_int_equal(most, 3);
	gva_forget_walks(v);
	v->gva.now = NULL;
	v->stale = true;
	settle();
	for (u32 asid = 1; asid <= 3 * GVA_SPACES; asid++) {
		write_entry(asid, VA, asid, 0, LO(FIRST + asid, RW), 0);
		set_asid(asid);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + asid));
		assert_in_range(spaces_of(v), 1, most);
	}
	assert_int_equal(spaces_of(v), most);
}

/* Kernel segments are the same in all spaces, but for what is not global. */
static void what_is_not_global_is_of_one_asid_in_kseg2_too(void **state)
{
	u32 va = KSEG2_OF(v);

	write_entry(3, va, 1, 0, LO(FIRST + 1, RW), LO(FIRST + 2, RW));
	write_entry(4, va, 2, 0, LO(FIRST + 3, RW), LO(FIRST + 4, RW));
	write_entry(5, va + 0x2000, 9, 0, LO(FIRST + 5, RW | LO_G),
		    LO(FIRST + 6, RW | LO_G));
	for (u32 asid = 1; asid <= 3; asid++) {
		set_asid(asid);
		assert_int_equal(access(va + 0x2000, MIPS_LOAD), FRAME(FIRST + 5));
		assert_int_equal(access(va, MIPS_LOAD),
				 asid == 3 ? 0 : FRAME(FIRST + 2 * asid - 1));
	}
}

/* bugs.md 33. */
static void the_commpage_stays_and_is_the_kernels(void **state)
{
	u32 va = v->guest.layout.commpage, pair = va & ~0x1fffU;
	u64 frame = arch_virt_to_phys(v->guest.cp0).v;

	write_entry(3, pair, 0, 0, LO(FIRST + 1, RW), LO(FIRST + 2, RW));
	assert_int_equal(access(va, MIPS_STORE), frame);
	assert_int_equal(access(pair, MIPS_STORE), FRAME(FIRST + 1));
	set_status(ST_UM);
	assert_int_equal(access(va, MIPS_STORE), FRAME(FIRST + 2));
	set_status(0);
	write_entry(3, VA, 0, 0, LO(FIRST + 1, RW), LO(FIRST + 2, RW));
	assert_int_equal(gva_pair(v->gva.now, MIPS_KERNEL, va)[0], 0);
	assert_int_not_equal(gva_pair(v->gva.now, MIPS_KERNEL, va)[1], 0);
	assert_int_equal(access(pair, MIPS_STORE), 0);
	set_status(ST_UM);
	assert_int_equal(access(va, MIPS_STORE), 0);
}

static void useg_is_linear_while_erl_is_set(void **state)
{
	write_entry(3, 0x600000, 0, 0, LO(FIRST + 1, RW), LO(FIRST + 2, RW));
	assert_int_equal(access(0x600000, MIPS_LOAD), FRAME(FIRST + 1));
	set_status(ST_ERL);
	assert_int_equal(access(0x600000, MIPS_LOAD), FRAME(0x600));
	copy_page(0x600);
	settle();
	assert_int_equal(access(0x600000, MIPS_LOAD), FRAME(0x600));
	set_status(0);
	assert_int_equal(access(0x600000, MIPS_LOAD), FRAME(FIRST + 1));
}

/* As the CPU would fetch it: of a page that is there, and that kseg0 shows. */
static void an_instruction_is_read_through_kseg0(void **state)
{
	u32 *page = hyp_alloc_pages(0, &vm.table_budget), word;
	u32 pfn = (u32)((u8 *)page - arena) / PAGE_SIZE;

	page[3] = 0x7c03e83b;
	ram[FIRST].pfn = pfn;
	ram[FIRST + 1].pfn = 0x20000 + pfn;
	write_entry(3, VA, 0, 0, LO(FIRST, RW), LO(FIRST + 1, RW));
	assert_false(gva_quick_fetch(v, VA + 12, &word));
	access(VA, MIPS_LOAD);
	access(VA + 0x1000, MIPS_LOAD);
	assert_true(gva_quick_fetch(v, VA + 12, &word));
	assert_int_equal(word, 0x7c03e83b);
	assert_int_equal(dropped_lines, 0);
	/* It leaves no line where there are aliases. */
	features.aliases = true;
	assert_true(gva_quick_fetch(v, VA + 12, &word));
	assert_int_equal(dropped_lines, 2);
	assert_int_equal(dropped_line, KSEG0 + pfn * PAGE_SIZE + 12);
	features.aliases = false;
	assert_false(gva_quick_fetch(v, VA + 0x100c, &word));
	/* A block; another table's; the hypervisor's. */
	access(KSEG0_OF(v), MIPS_LOAD);
	assert_false(gva_quick_fetch(v, KSEG0_OF(v), &word));
	assert_false(gva_quick_fetch(v, v->guest.layout.commpage, &word));
	assert_false(gva_quick_fetch(v, KSEG0 + 0x1000, &word));
	take(FIRST, 1);
	settle();
	assert_false(gva_quick_fetch(v, VA + 12, &word));
	hyp_free_pages(page, 0, &vm.table_budget);
}

/* ---- Memory, ASIDs ------------------------------------------------------------------------ */

static void without_memory_tables_begin_anew(void **state)
{
	for (u32 n = 0; n < 32; n++)
		write_entry(n, VA + n * 2 * GVA_CHUNK, 0, 0, LO(FIRST + n, RW),
			    LO(FIRST + n, RW));
	access(VA, MIPS_LOAD);
	access(KSEG0_OF(v) + 3 * GVA_BLOCK, MIPS_LOAD);
	allowed = in_use + 6;
	for (u32 n = 0; n < 96; n++)
		assert_int_equal(access(VA + n % 32 * 2 * GVA_CHUNK, MIPS_STORE),
				 FRAME(FIRST + n % 32));
}

static void run_vcpu(unsigned int i)
{
	v = &vcpus[i];
	v->stale = true;
	settle();
}

/* Address and page of a table each: those that every vCPU has. */
#define TABLES 8
static u32 table_va(u32 n)
{
	return VA + n % TABLES * 2 * GVA_CHUNK;
}

static void touch_table(u32 n)
{
	assert_int_equal(access(table_va(n), MIPS_STORE), FRAME(FIRST + n % TABLES));
}

static bool has_table(u32 n)
{
	return gva_pair(v->gva.now, MIPS_KERNEL, table_va(n))[0];
}

static void make_four_vcpus(void)
{
	make_vcpu(2);
	make_vcpu(3);
	for (u32 i = 0; i < VCPUS; i++) {
		run_vcpu(i);
		for (u32 n = 0; n < TABLES; n++) {
			write_entry(n, table_va(n), 0, 0, LO(FIRST + n, RW), 0);
			touch_table(n);
		}
	}
}

/* At the least limit: as many as an instruction needs, for each vCPU. However they take
 * turns, what one of them has mapped stays until it needs more itself. */
static void each_vcpu_gets_on_with_its_own_tables(void **state)
{
	make_four_vcpus();
	for (u32 i = 0; i < VCPUS; i++)
		gva_drop_all(&vcpus[i]);
	allowed = in_use;
	for (u32 n = 0; n < 32 * VCPUS; n++) {
		run_vcpu(n % VCPUS);
		/* Once more, if the tables began anew meanwhile. */
		for (u32 i = 0; i < 2 * GVA_LEAST_TABLES; i++)
			touch_table(n + i % GVA_LEAST_TABLES);
		for (u32 i = 0; i < GVA_LEAST_TABLES; i++)
			assert_true(has_table(n + i));
	}
	run_vcpu(0);
	allowed = ARENA_PAGES / 2;
}

/* Whoever was first, has all: the others get theirs, and then nobody takes any. */
static void tables_come_to_be_shared_alike(void **state)
{
	make_four_vcpus();
	run_vcpu(0);
	for (u32 i = 1; i < VCPUS; i++)
		gva_drop_all(&vcpus[i]);
	/* With the tables that it has already, what all of them need. */
	for (u32 n = TABLES; vcpus[0].gva.tables < TABLES +
			     (VCPUS - 1) * (TABLES - GVA_LEAST_TABLES); n++) {
		write_entry(n, VA + n * 2 * GVA_CHUNK, 0, 0, LO(FIRST + n, RW), 0);
		access(VA + n * 2 * GVA_CHUNK, MIPS_STORE);
	}
	allowed = in_use;
	for (u32 round = 0; round < 2; round++)
		for (u32 i = VCPUS; i-- > 0;) {
			run_vcpu(i);
			for (u32 n = 0; n < TABLES; n++) {
				assert_true(!round || has_table(n));
				touch_table(n);
			}
		}
	allowed = ARENA_PAGES / 2;
}

static void without_tables_of_its_own_there_is_no_vcpu(void **state)
{
	struct mips_vcpu *other = &vcpus[1];

	gva_destroy(other);
	allowed = in_use + GVA_LEAST_TABLES - 1;
	if (!gva_form.blocks)
		allowed += MIPS_TABLES << GVA_DIRECTORY_ORDER;
	assert_int_equal(gva_create(other), -ENOMEM);
	gva_destroy(other);
	allowed++;
	assert_int_equal(gva_create(other), 0);
	allowed = ARENA_PAGES / 2;
}

/* Every vCPU with all its spaces, and tables in each; none is left for others. */
static void take_all_tables(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		v = &vcpus[i];
		v->stale = true;
		for (u32 asid = 1; asid <= GVA_SPACES; asid++) {
			write_entry(asid, VA, asid, 0, LO(FIRST + asid, RW), 0);
			set_asid(asid);
			access(VA, MIPS_STORE);
		}
	}
	allowed = in_use;
	v = &vcpus[0];
	v->stale = true;
	settle();
}

/* A table: the spaces that were not in use for long go, not the one that is. */
static void the_oldest_spaces_go_first(void **state)
{
	/* A region's directories are no memory that one gets. */
	u32 tables = gva_form.blocks ? 4 : 8;

	take_all_tables();
	for (u32 n = 0; n < tables; n++) {
		write_entry(n, VA + (n + 1) * 2 * GVA_CHUNK, GVA_SPACES, 0,
			    LO(FIRST + n, RW), 0);
		access(VA + (n + 1) * 2 * GVA_CHUNK, MIPS_STORE);
	}
	assert_in_range(spaces_of(v), 2, GVA_SPACES - 1);
	/* Of the other vCPU too, once it has more than this one. */
	assert_in_range(spaces_of(&vcpus[1]), 2, GVA_SPACES);
	for (u32 n = 0; n < tables; n++)
		assert_int_not_equal(gva_pair(v->gva.now, MIPS_KERNEL,
					      VA + (n + 1) * 2 * GVA_CHUNK)[0], 0);
	allowed = ARENA_PAGES / 2;
}

/* The VM's own table has what its vCPUs' trees can do without. */
static void what_the_gpa_table_needs_is_taken_from_trees(void **state)
{
	take_all_tables();
	for (u32 i = 0; i < RAM_BLOCKS; i++)
		assert_int_equal(access(KSEG0_OF(v) + i * GVA_BLOCK, MIPS_LOAD),
				 FRAME(i * GVA_PAGES));
	check_tlb_of(v);
	allowed = ARENA_PAGES / 2;
}

/* The one that needs it has nothing itself that it could give. */
static void it_is_taken_from_other_vcpus_as_well(void **state)
{
	take_all_tables();
	while (gva_release_oldest(v))
		;
	gva_drop_all(v);
	allowed = in_use;
	settle();
	memcache_drain(&v->vcpu.memcache);
	allowed = in_use;
	assert_int_equal(access(KSEG0_OF(v) + 10 * GVA_BLOCK, MIPS_LOAD),
			 FRAME(10 * GVA_PAGES));
	assert_in_range(spaces_of(&vcpus[1]), 1, GVA_SPACES - 1);
	allowed = ARENA_PAGES / 2;
	v = &vcpus[1];
	v->stale = true;
	settle();
	for (u32 asid = 1; asid <= GVA_SPACES; asid++) {
		set_asid(asid);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + asid));
		check_tlb_of(v);
	}
	v = &vcpus[0];
}

/* There is no memory, whatever is given up. */
static void without_any_memory_it_is_an_error(void **state)
{
	take_all_tables();
	memcache_drain(&v->vcpu.memcache);
	allowed = 0;
	assert_int_equal(mips_guest_fault(&v->guest, KSEG0_OF(v) + 10 * GVA_BLOCK,
					  MIPS_LOAD), MIPS_MAP);
	assert_int_equal(gva_fault(v), -1);
	assert_int_equal(v->vcpu.exit.reason, EXIT_ERROR);
	assert_int_equal(v->vcpu.exit.error.code, -ENOMEM);
	allowed = ARENA_PAGES / 2;
}

/* Spaces that cannot be had are done without. */
static void one_space_is_enough(void **state)
{
	for (u32 asid = 0; asid < 9; asid++)
		write_entry(asid, VA, asid, 0, LO(FIRST + asid, RW), 0);
	access(VA, MIPS_LOAD);
	allowed = in_use + 3;
	for (u32 n = 0; n < 32; n++) {
		set_asid(n % 8 + 1);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + n % 8 + 1));
	}
}

/* ASIDs of the host's run out again and again. */
static void host_asids_are_used_again(void **state)
{
	for (u32 n = 0; n < 1200; n++) {
		u32 block = n % 4 ? 1 : 0;

		access(KSEG0_OF(v) + block * GVA_BLOCK, MIPS_STORE);
		gva_drop(v, MIPS_SPACE_ANY, KSEG0_OF(v) + block * GVA_BLOCK,
			 GVA_BLOCK);
		settle();
		check_tlb_of(v);
	}
}

/* The middle way asks nobody for an ASID: what has one of another generation is left. */
static void a_space_whose_asid_is_anothers_is_not_switched_to(void **state)
{
	for (u32 asid = 1; asid <= 2; asid++) {
		write_entry(asid, VA, asid, 0, LO(FIRST + asid, RW), 0);
		set_asid(asid);
		assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + asid));
	}
	assert_true(gva_quick_switch(v, 1));
	assert_true(gva_quick_switch(v, 2));
	for (u32 n = 0; n < 600; n++) {
		v = &vcpus[n % 2];
		gva_forget_walks(v);
		if (v->gva.now)
			v->gva.now->asid[MIPS_KERNEL].id = 0;
		v->stale = true;
		settle();
	}
	v = &vcpus[0];
	gva_forget_walks(v);
	assert_false(gva_quick_switch(v, 1));
	v->stale = true;
	settle();
	assert_false(gva_quick_switch(v, 1));
	assert_false(gva_quick_switch(v, 7)); /* nobody's */
	set_asid(1);
	assert_int_equal(access(VA, MIPS_STORE), FRAME(FIRST + 1));
	check_tlb_of(v);
}

/* ---- Random ----------------------------------------------------------------------------- */

/* A few addresses, ASIDs and pages that have to do with each other all the time. */
static bool narrow;

static u32 some_asid(void)
{
	return dice(narrow ? 3 : 12);
}

static u32 some_gfn(void)
{
	return narrow ? FIRST + dice(24) : (u32)dice(RAM_PAGES);
}

static u32 some_va(void)
{
	const u32 base[] = {0, VA, VA + GVA_CHUNK, 0x3fe00000, KSEG0_OF(v),
			    KSEG0_OF(v) + GVA_BLOCK, KSEG0_OF(v) + 2 * GVA_BLOCK,
			    KSEG0_OF(v) + 3 * GVA_BLOCK, KSEG2_OF(v)};

	return (narrow ? VA : base[dice(ARRAY_SIZE(base))]) +
	       dice(narrow ? 12 : 24) * PAGE_SIZE;
}

/* Entries do not overlap, whatever their ASIDs. */
static void some_entry(void)
{
	u32 mask = dice(narrow ? 40 : 4) ? 0 : dice(2) ? 0x6000 : 0x7fe000;
	u32 va = some_va() & ~(mask | 0x1fff), g = dice(narrow ? 40 : 4);
	u32 n = dice(narrow ? 8 : MIPS_TLB_ENTRIES);

	for (unsigned int i = 0; i < MIPS_TLB_ENTRIES; i++) {
		const struct mips_tlb_entry *e = &v->guest.tlb[i];

		if (i != n && ranges_overlap(va, (mask | 0x1fff) + 1,
					     e->hi & HI_VPN2,
					     (e->mask | 0x1fff) + 1))
			write_entry(i, 0x80000000 + i * 0x2000, 0, 0, 0, 0);
	}
	write_entry(n, va, some_asid(), mask,
		    LO(some_gfn(), dice(8) & (LO_V | LO_D)) | !g,
		    LO(some_gfn(), dice(8) & (LO_V | LO_D)) | !g);
}

/* Pages, runs of pages from anywhere on, and blocks: some of what the guest's TLB
 * has. */
static u32 some_pages(u32 *gfn)
{
	const struct mips_tlb_entry *e = &v->guest.tlb[dice(MIPS_TLB_ENTRIES)];
	u32 n = dice(2) ? 1 : dice(2) ? 2 + dice(3) : 2 + dice(39);

	*gfn = dice(2) ? LO_PFN_OF(e->lo[0]) + dice(8) :
	       narrow  ? some_gfn() :
			 (u32)dice(5 * GVA_PAGES);
	if (!dice(8))
		n = GVA_PAGES;
	if (n == GVA_PAGES)
		*gfn &= ~(n - 1);
	*gfn = min(*gfn, RAM_PAGES - n);
	return n;
}

static void some_change(void)
{
	u32 gfn, n = some_pages(&gfn);
	bool block = n == GVA_PAGES;

	write_lock(&vm.mmu_lock);
	pgtable_unmap(&vm.s2, IA((u64)gfn * PAGE_SIZE), (u64)n * PAGE_SIZE,
		      &v->vcpu.memcache);
	for (u32 i = 0; i < n; i++)
		ram[gfn + i] = (struct ram_page){
			.pfn = block ? 0x80000 + (next_pfn & 0xff) * 512 + i :
				       next_pfn++,
			.writable = block || dice(2),
		};
	next_pfn++;
	write_unlock(&vm.mmu_lock);
}

static void some_protection(void)
{
	u32 gfn, n = some_pages(&gfn);

	write_lock(&vm.mmu_lock);
	pgtable_protect(&vm.s2, IA((u64)gfn * PAGE_SIZE), (u64)n * PAGE_SIZE, PGT_W, 0,
			NULL);
	write_unlock(&vm.mmu_lock);
}

static void some_access(void)
{
	u32 va = some_va();
	enum mips_access how = dice(3);
	bool writable = false;
	u64 there = oracle(v->guest.space, v->guest.table, va, &writable);
	u64 got = access(va, how);

	/* No memory, for the VM's own table even: it would be the end. */
	if (v->vcpu.exit.reason == EXIT_ERROR) {
		v->vcpu.exit.reason = 0;
		allowed = ARENA_PAGES / 2;
		return;
	}
	if (how != MIPS_STORE)
		HOLDS(got == there, "0x%x: 0x%llx, there is 0x%llx", va, got, there);
	else if (got)
		HOLDS(got == oracle(v->guest.space, v->guest.table, va, &writable) &&
			      writable, "0x%x is written at 0x%llx", va, got);
	else
		HOLDS(!there || !writable, "0x%x cannot be written", va);
}

static void step(void)
{
	switch (dice(narrow ? 20 : 16)) {
	case 0:
	case 1:
	case 16:
	case 17:
	case 18:
	case 19:
		some_entry();
		break;
	case 2:
		set_asid(some_asid());
		break;
	case 3:
		v->guest.cp0[CP0_STATUS] =
			dice(2) ? ST_UM : narrow || dice(4) ? 0 : ST_ERL;
		break;
	case 4:
		some_change();
		break;
	case 5:
		some_protection();
		break;
	case 6:
		v = &vcpus[dice(2)];
		v->stale = true;
		break;
	default:
		some_access();
		return;
	}
	settle();
}

static void random_run(unsigned int entries, u8 shift, bool context)
{
	start(entries, shift, context);
	quick_drops = quick_entries = quick_switches = 0;
	for (unsigned long i = 0; i < 3000; i++) {
		if (!property_step(i))
			continue;
		if (!dice(200))
			allowed = dice(2) ? in_use + dice(20) : ARENA_PAGES / 2;
		step();
		check_tlb_of(&vcpus[0]);
		check_tlb_of(&vcpus[1]);
	}
	HOLDS(!narrow || getenv("SKIP") ||
		      (quick_drops > 30 && quick_entries > 5 && quick_switches),
	      "%u drops, %u entries and %u switches of the middle way",
	      quick_drops, quick_entries, quick_switches);
	stop(NULL);
}

static void run_of_a_form(unsigned long n)
{
	random_run(n & 1 ? 16 : 64, n % 6 / 2 == 1 ? PGT_MIPS32_SHIFT : 0,
		   n % 6 / 2 == 2);
}

static void the_tlb_shows_what_there_is(void **state)
{
	unsigned long n = 0;

	narrow = false;
	while (property_next(&n, 6))
		run_of_a_form(n);
}

static void pairs_come_and_go(void **state)
{
	unsigned long n = 0;

	narrow = true;
	while (property_next(&n, 6))
		run_of_a_form(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, stop)
/* With the short handler. */
#define C(f) {#f "_by_context", f, setup_context, stop, NULL}
		T(kseg0_is_entered_by_what_the_backing_has),
		T(a_block_is_found_from_any_byte_of_it),
		T(what_is_no_block_is_not_faulted_in_as_one),
		T(a_page_of_a_block_is_taken_back),
		T(a_block_takes_the_place_of_pages),
		T(a_block_is_write_protected),
		T(both_pages_go_in_both_modes),
		T(an_asid_comes_back_to_its_pages),
		T(what_goes_in_two_pairs_goes_of_both),
		T(a_space_is_never_taken_for_nobodys),
		T(more_asids_than_spaces),
		T(what_is_not_global_is_of_one_asid_in_kseg2_too),
		T(the_commpage_stays_and_is_the_kernels),
		T(useg_is_linear_while_erl_is_set),
		T(an_instruction_is_read_through_kseg0),
		T(without_memory_tables_begin_anew),
		T(each_vcpu_gets_on_with_its_own_tables),
		T(tables_come_to_be_shared_alike),
		T(without_tables_of_its_own_there_is_no_vcpu),
		T(the_oldest_spaces_go_first),
		T(what_the_gpa_table_needs_is_taken_from_trees),
		T(it_is_taken_from_other_vcpus_as_well),
		T(without_any_memory_it_is_an_error),
		T(one_space_is_enough),
		T(host_asids_are_used_again),
		T(a_space_whose_asid_is_anothers_is_not_switched_to),
		C(kseg0_is_entered_by_what_the_backing_has),
		C(a_block_is_found_from_any_byte_of_it),
		C(what_is_no_block_is_not_faulted_in_as_one),
		C(a_page_of_a_block_is_taken_back),
		C(a_block_takes_the_place_of_pages),
		C(a_block_is_write_protected),
		C(both_pages_go_in_both_modes),
		C(an_asid_comes_back_to_its_pages),
		C(what_goes_in_two_pairs_goes_of_both),
		C(a_space_is_never_taken_for_nobodys),
		C(more_asids_than_spaces),
		C(a_vcpu_has_the_spaces_that_are_its_own),
		C(what_is_not_global_is_of_one_asid_in_kseg2_too),
		C(the_commpage_stays_and_is_the_kernels),
		C(useg_is_linear_while_erl_is_set),
		C(without_memory_tables_begin_anew),
		C(each_vcpu_gets_on_with_its_own_tables),
		C(tables_come_to_be_shared_alike),
		C(without_tables_of_its_own_there_is_no_vcpu),
		C(the_oldest_spaces_go_first),
		C(what_the_gpa_table_needs_is_taken_from_trees),
		C(it_is_taken_from_other_vcpus_as_well),
		C(without_any_memory_it_is_an_error),
		C(one_space_is_enough),
		C(host_asids_are_used_again),
		C(a_space_whose_asid_is_anothers_is_not_switched_to),
		cmocka_unit_test(the_tlb_shows_what_there_is),
		cmocka_unit_test(pairs_come_and_go),
	};

	property_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;
