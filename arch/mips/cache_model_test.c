// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/cache.c arch/mips/page_access.c
// link: arch/mips/testing/fake_guest.c arch/mips/testing/cache_model.c
// flags: -Dmemcpy=model_memcpy -Dmemset=model_memset
/*
 * K45, K10: a guest and the hypervisor use the same pages of a CPU with caches, at
 * random. The guest does what its Config1 asks of it, and no more: of a page that
 * has one place in the data cache, nothing; of others, it empties one place before
 * it goes on in another. It writes data back, and invalidates instructions, before
 * it executes what it stored. Then each load finds what was stored last, and each
 * fetch what was published last, whatever else happens: whoever emulates an
 * instruction, pages that go from one guest to the next as they were left, or that
 * the hypervisor takes for itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/testing/cache_model.h"
#include "arch/mips/testing/fake_guest.h"
#include "core/page_access.h"
#include "core/page_alloc.h"
#include "lib/log.h"

#define PAGES 5                    /* the guest's */
#define VAS   4                    /* of each: kseg0, and three in useg */
#define LINES (PAGE_SIZE / MODEL_LINE) /* a word in each is used */
#define ALL   ((1U << VAS) - 1)
#define STEPS 20000

enum { IDX_I = 0x00, IDX_D = 0x01, HIT_I = 0x10, HIT_WB_INV_D = 0x15,
       HIT_WB_D = 0x19 };

static struct page {
	unsigned int pfn;    /* in model_pfn */
	unsigned int at;     /* which of its addresses the guest uses for data */
	u32 want[LINES];
	u8 fresh[LINES];     /* by address: fetches find it */
} page[PAGES];
/* Of the others, the last is an image; of the first that is free, the hypervisor
 * may have made one of its own. */
static unsigned int spare[MODEL_PAGES - PAGES];
#define IMAGE (MODEL_PAGES - PAGES - 1)
static bool own;
static u32 own_want[LINES];
static u32 became[32]; /* what CACHE was translated to; 0: not */

static u32 below(u32 n)
{
	return (u32)rand() % n;
}

static u32 offset(u32 line)
{
	return line * MODEL_LINE + 4 * (line % (MODEL_LINE / 4));
}

static u32 va_of(unsigned int p, unsigned int k)
{
	u32 n = p * (VAS - 1) + k - 1;

	return k ? 0x10000000 + n * 0x6000 + (n * 7 & 1) * PAGE_SIZE :
		   MIPS_KSEG0 + p * PAGE_SIZE;
}

static u64 pa_of(unsigned int p)
{
	return model_pfn[page[p].pfn] << PAGE_SHIFT;
}

/* ---- The guest -------------------------------------------------------------------- */

static int no_fetch(struct mips_guest *g, u32 va, u32 *insn)
{
	return -EFAULT;
}

static int note_patch(struct mips_guest *g, u32 va, u32 old, u32 new)
{
	became[INSN_RT(old)] = new;
	return 0;
}

static void sync_icache(struct mips_guest *g)
{
	cache_sync_instructions();
}

static void sync_place(struct mips_guest *g, u32 va)
{
	cache_sync_place(va, g->line);
}

/* Where the page that `va` is in is; the guest's tables. */
static unsigned int mapped_to(u32 va)
{
	for (unsigned int p = 0; p < PAGES; p++)
		for (unsigned int k = 0; k < VAS; k++)
			if (va_of(p, k) >> PAGE_SHIFT == va >> PAGE_SHIFT)
				return p;
	fail();
	return 0;
}

static u64 physical(u32 va)
{
	return pa_of(mapped_to(va)) + va % PAGE_SIZE;
}

/* What guest_access.S does. */
int guest_load_word_plain(u32 va, u32 *word)
{
	*word = model_load(va, physical(va));
	return 0;
}

int guest_load_word_eva(u32 va, u32 *word)
{
	fail();
	return 0;
}

int guest_load_words_plain(u32 va, u32 *words)
{
	for (u32 i = 0; i < MIPS_FETCH_WORDS; i++)
		guest_load_word_plain(va + 4 * i, &words[i]);
	return 0;
}

int guest_load_words_eva(u32 va, u32 *words)
{
	fail();
	return 0;
}

static int sync_line(struct mips_guest *g, u32 va)
{
	model_sync_line(va, physical(va));
	return 0;
}

/* As its kernel has it: trapped the first time, translated, or trapping for good. */
static void cache(u32 op, u32 va)
{
	if (became[op] && below(4)) {
		if (became[op] != INSN_NOP)
			model_synci(va, physical(va));
		return;
	}
	guest.pc = FAKE_CODE;
	guest.next = FAKE_CODE + 4;
	guest.gpr[4] = va;
	mips_emulate_cache(&guest, CACHE(op, 4, 0));
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

/* By index, an address of kseg0 that has the place's index. */
static u32 index_address(u32 va, u32 way)
{
	return MIPS_KSEG0 + va % max(way, PAGE_SIZE);
}

static void move(unsigned int p)
{
	unsigned int to = below(VAS), hit = below(2);
	u32 from = va_of(p, page[p].at);

	if ((from ^ va_of(p, to)) & (max(guest.dcache_way, PAGE_SIZE) - PAGE_SIZE))
		for (u32 at = from; at < from + PAGE_SIZE; at += MODEL_LINE)
			cache(hit ? HIT_WB_INV_D : IDX_D,
			      hit ? at : index_address(at, guest.dcache_way));
	page[p].at = to;
}

static void store(unsigned int p, u32 line)
{
	u32 value = (u32)rand();

	model_store(va_of(p, page[p].at) + offset(line), pa_of(p) + offset(line), value);
	page[p].want[line] = value;
	page[p].fresh[line] = 0;
}

static void load(unsigned int p, u32 line)
{
	assert_int_equal(model_load(va_of(p, page[p].at) + offset(line),
				    pa_of(p) + offset(line)), page[p].want[line]);
}

/* Where what was invalidated at one address is not found at another. */
static void mark_fresh(unsigned int p, u32 line, u32 va)
{
	u32 colours = max(guest.icache_way, PAGE_SIZE) - PAGE_SIZE;

	for (unsigned int k = 0; k < VAS; k++)
		if (!((va_of(p, k) ^ va) & colours))
			page[p].fresh[line] |= 1U << k;
}

static void publish(unsigned int p, u32 line)
{
	u32 data = va_of(p, page[p].at) + offset(line);
	u32 code = va_of(p, below(VAS)) + offset(line);

	switch (below(3)) {
	case 0: /* user mode's own */
		code = data;
		model_synci(data, pa_of(p) + offset(line));
		break;
	case 1:
		cache(HIT_WB_D, data);
		cache(HIT_I, code);
		break;
	default:
		cache(IDX_D, index_address(data, guest.dcache_way));
		cache(IDX_I, index_address(code, guest.icache_way));
	}
	mark_fresh(p, line, code);
}

static void fetch(unsigned int p, u32 line)
{
	unsigned int k = below(VAS);
	u32 word = model_fetch(va_of(p, k) + offset(line), pa_of(p) + offset(line));

	if (page[p].fresh[line] >> k & 1)
		assert_int_equal(word, page[p].want[line]);
}

/* ---- The hypervisor ---------------------------------------------------------------- */

/* What core does for guest_read() and guest_write(). */
static void access_page(unsigned int p, u32 line, bool write)
{
	pfn_t pfn = PFN(model_pfn[page[p].pfn]);
	u32 value = (u32)rand();
	char *at = arch_page_map(pfn);

	if (write) {
		model_memcpy(at + offset(line), &value, sizeof(value));
		arch_page_publish_part(at + offset(line), sizeof(value));
		page[p].want[line] = value;
		page[p].fresh[line] = ALL;
	} else {
		model_memcpy(&value, at + offset(line), sizeof(value));
	}
	arch_page_unmap(at);
	assert_int_equal(value, page[p].want[line]);
}

/* The instruction that trapped: the guest has fetched it. */
static void fetch_trapped(unsigned int p, u32 line)
{
	unsigned int k = below(VAS);
	u32 words[MIPS_FETCH_WORDS], va = va_of(p, k) + offset(line);

	if (!(page[p].fresh[line] >> k & 1))
		return;
	if (below(2)) {
		assert_int_equal(guest_fetch_word(va, words), 0);
		assert_int_equal(*words, page[p].want[line]);
		return;
	}
	assert_int_equal(guest_fetch_words(va & -sizeof(words), words), 0);
	assert_int_equal(words[va / 4 % MIPS_FETCH_WORDS], page[p].want[line]);
}

static void exchange(unsigned int p, u32 n)
{
	unsigned int old = page[p].pfn;

	page[p].pfn = spare[n];
	spare[n] = old;
}

/* Another guest has the place, or the page that was there itself: of what the one
 * before left in the caches it knows nothing. */
static void replace(unsigned int p)
{
	unsigned int from = spare[IMAGE];
	bool copy = below(2);

	page[p].at = below(VAS);
	if (copy)
		arch_page_copy(PFN(model_pfn[page[p].pfn]), 0,
			       HPA(model_pfn[from] << PAGE_SHIFT), PAGE_SIZE);
	else
		arch_page_zero(PFN(model_pfn[page[p].pfn]), 0);
	for (u32 line = 0; line < LINES; line++) {
		page[p].want[line] = copy ? (0x10 + from) * 0x01010101U : 0;
		page[p].fresh[line] = ALL;
	}
}

/* A page of its own, from a guest, with all that it puts there; and no more. */
static void take_or_give(unsigned int p)
{
	u64 pa = own ? model_pfn[spare[0]] << PAGE_SHIFT : pa_of(p);

	if (!own && arch_linear_map_chunk(HPA(pa)))
		return;
	for (u32 line = 0; line < LINES; line++) {
		char *at = (char *)arch_phys_to_virt(HPA(pa)) + offset(line);
		u32 word = (u32)rand();

		if (own) {
			model_memcpy(&word, at, sizeof(word));
			assert_int_equal(word, own_want[line]);
		} else {
			model_memcpy(at, &word, sizeof(word));
			own_want[line] = word;
		}
	}
	if (!own) {
		exchange(p, 0);
		replace(p);
	}
	own = !own;
}

/* ---- Tests -------------------------------------------------------------------------- */

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

static void begin(const struct model_shape *shape)
{
	static struct mips_guest_ops ops;

	model_reset(shape);
	page_access_init(true);
	fake_reset();
	ops = *guest.ops;
	ops.fetch = no_fetch;
	ops.patch = note_patch;
	ops.sync_icache = sync_icache;
	ops.sync_place = sync_place;
	ops.sync_line = sync_line;
	guest.ops = &ops;
	guest.line = MODEL_LINE;
	guest.icache_way = features.aliases || features.icache_aliases ?
				   shape->icache_way : 0;
	guest.dcache_way = features.aliases ? shape->dcache_way : 0;
	own = false;
	__builtin_memset(became, 0, sizeof(became));
	for (unsigned int i = 0; i < MODEL_PAGES - PAGES; i++)
		spare[i] = PAGES + i;
	for (unsigned int p = 0; p < PAGES; p++) {
		page[p] = (struct page){.pfn = p};
		for (unsigned int k = 1; k < VAS; k++) {
			u32 va = va_of(p, k), odd = va >> PAGE_SHIFT & 1;
			struct mips_tlb_entry *e = &guest.tlb[p * VAS + k];

			e->hi = va & HI_VPN2;
			e->lo[odd] = p << 6 | LO_V | LO_D | LO_G;
			e->lo[!odd] = LO_G;
		}
		for (u32 line = 0; line < LINES; line++) {
			page[p].want[line] = (0x10 + p) * 0x01010101U;
			page[p].fresh[line] = ALL;
		}
	}
}

/* Of 256: what empties a whole cache seldom, for it hides what was forgotten. */
static void step(void)
{
	unsigned int p = below(PAGES), what = below(256);
	u32 line = below(6) * 17; /* few, so that they are met again */

	if (!below(4))
		model_evict((u32)rand());
	if (what < 60)
		store(p, line);
	else if (what < 120)
		load(p, line);
	else if (what < 150)
		publish(p, line);
	else if (what < 200)
		fetch(p, line);
	else if (what < 225)
		move(p);
	else if (what < 230)
		access_page(p, line, what & 1);
	else if (what < 250)
		fetch_trapped(p, line);
	else if (what < 252)
		replace(p);
	else if (what < 254)
		exchange(p, own + below(IMAGE - own)), replace(p);
	else if (what < 255)
		take_or_give(p);
}

static void run(const struct model_shape *shape)
{
	for (unsigned int seed = 1; seed <= 8; seed++) {
		srand(seed);
		begin(shape);
		for (unsigned int i = 0; i < STEPS; i++)
			step();
	}
}

#define CASE(name, ...)                                                        \
	static void name(void **state)                                         \
	{                                                                      \
		run(&(struct model_shape){__VA_ARGS__});                       \
	}

CASE(small_ways, 4096, 4096, false, false)
CASE(smaller_ways, 1024, 2048, false, false)
CASE(two_colours, 8192, 8192, false, false)
CASE(more_of_instructions, 8192, 16384, false, false)
CASE(eight_colours, 32768, 32768, false, false)
CASE(colours_of_instructions_alone, 4096, 16384, false, false)
CASE(colours_of_data_alone, 16384, 4096, false, false)
CASE(hardware_finds_data, 16384, 16384, true, false)
CASE(hardware_finds_instructions, 16384, 16384, false, true)
CASE(hardware_finds_all, 16384, 16384, true, true)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_ways),
		cmocka_unit_test(smaller_ways),
		cmocka_unit_test(two_colours),
		cmocka_unit_test(more_of_instructions),
		cmocka_unit_test(eight_colours),
		cmocka_unit_test(colours_of_instructions_alone),
		cmocka_unit_test(colours_of_data_alone),
		cmocka_unit_test(hardware_finds_data),
		cmocka_unit_test(hardware_finds_instructions),
		cmocka_unit_test(hardware_finds_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
