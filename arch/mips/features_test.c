// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/features.c arch/mips/cache.c lib/fdt.c lib/printf.c libfdt
/* What CPUs say of themselves, and what their caches are told for it. Rows: K40,
 * K10 (caches). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "lib/log.h"
#include "lib/testing/tree.h"

/* ---- CPUs, by their manuals ------------------------------------------------------------- */

struct registers {
	u32 prid, config[6], config7, ccres;
};

/* Entries less one; of each cache, the fields of sets, line and ways. */
#define CONFIG1(entries, s, l, a)                                              \
	(CONFIG_M | (entries) << 25 | (s) << 22 | (l) << 19 | (a) << 16 |      \
	 (s) << 13 | (l) << 10 | (a) << 7)

/* 24K: 16 entries, 32 KiB of each cache by 4 ways and 32 bytes, no alias removal. */
static const struct registers cpu_24k = {
	.prid = 0x00019300,
	.config = {0x80000482, CONFIG1(15, 2, 4, 3) | CONFIG1_FP, 0x80000000,
		   0x00002420},
	.ccres = 2,
};

/* P5600: 64 entries and more, KScratch 2 to 7, hardware walker, XI and RI. */
static const struct registers cpu_p5600 = {
	.prid = 0x0001a800,
	.config = {0x80000482, CONFIG1(63, 2, 4, 3) | CONFIG1_FP, 0x80000000,
		   0x80000000 | CONFIG3_PW | CONFIG3_SC | CONFIG3_BI |
			   CONFIG3_RXI | CONFIG3_ULRI | CONFIG3_MSAP,
		   0xc01c0000, CONFIG5_EVA},
	.config7 = CONFIG7_WII | CONFIG7_AR,
	.ccres = 2,
};

static struct registers cpu;
static char said[256];
static jmp_buf panicked;
static u32 hwrena;

u32 test_cp0_read(const char *name)
{
	if (!strcmp(name, "prid"))
		return cpu.prid;
	if (!strcmp(name, "config7"))
		return cpu.config7;
	if (!strcmp(name, "config"))
		return cpu.config[0];
	if (!strcmp(name, "ccres")) {
		assert_int_equal(hwrena, 8);
		return cpu.ccres;
	}
	assert_int_equal(strncmp(name, "config", 6), 0);
	/* One that the one before does not announce may be anything. */
	assert_true(cpu.config[name[6] - '1'] & CONFIG_M);
	return cpu.config[name[6] - '0'];
}

void test_cp0_write(const char *name, u32 v)
{
	if (!strcmp(name, "hwrena"))
		hwrena = v;
}

void test_tlb(const char *op)
{
	fail();
}

static unsigned int ops[32]; /* by number */
static u32 lowest, highest;

void test_cache(unsigned int op, u32 va)
{
	ops[op]++;
	lowest = va < lowest ? va : lowest;
	highest = va > highest ? va : highest;
}

static unsigned int warned;

void log_print(enum log_level level, const char *fmt, ...)
{
	warned += level == LOG_WARN;
}

/* A guest's word. */
int guest_load_word_plain(u32 va, u32 *word)
{
	*word = va;
	return 0;
}

int guest_load_word_eva(u32 va, u32 *word)
{
	return guest_load_word_plain(va, word);
}

int guest_load_words_plain(u32 va, u32 *words)
{
	for (u32 i = 0; i < MIPS_FETCH_WORDS; i++)
		words[i] = va + 4 * i;
	return 0;
}

int guest_load_words_eva(u32 va, u32 *words)
{
	return guest_load_words_plain(va, words);
}

_Noreturn void panic(const char *fmt, ...)
{
	strncpy(said, fmt, sizeof(said) - 1);
	longjmp(panicked, 1);
}

/* ---- The device tree ---------------------------------------------------------------------- */

static void board(u32 hz, u32 clock_hz)
{
	tree_start();
	open_node("");
	cells_of(1, 1);
	open_node("cpu");
	SET_STRINGS("device_type", "cpu");
	if (hz)
		SET("clock-frequency", hz);
	SET("clocks", 3);
	close_node();
	open_node("clock");
	SET("phandle", 3);
	SET("clock-frequency", clock_hz);
	close_node();
	close_node();
	tree_finish();
}

/* False: it ended in panic(). */
static bool detect(const struct registers *r)
{
	cpu = *r;
	hwrena = 0;
	if (setjmp(panicked))
		return false;
	features_detect(tree);
	assert_int_equal(hwrena, 0);
	return true;
}

/* ---- Tests ---------------------------------------------------------------------------------- */

static void a_24k_is_known_by_what_it_has_not(void **state)
{
	board(0, 320000000);
	assert_true(detect(&cpu_24k));
	assert_string_equal(features.name, "24K");
	assert_int_equal(features.tlb_entries, 16);
	assert_int_equal(features.dcache.line, 32);
	assert_int_equal(features.dcache.way, 8192);
	assert_int_equal(features.dcache.size, 32768);
	assert_int_equal(features.icache.size, 32768);
	assert_true(features.aliases);
	assert_true(features.fpu);
	assert_false(features.msa);
	assert_false(features.walker || features.ri_xi || features.kscratch);
	assert_int_equal(features.count_hz, 160000000);
}

static void a_p5600_has_all(void **state)
{
	board(1000000000, 5);
	assert_true(detect(&cpu_p5600));
	assert_string_equal(features.name, "P5600");
	assert_int_equal(features.tlb_entries, 64);
	assert_true(features.walker && features.segments && features.eva &&
		    features.ri_xi && features.bad_instr &&
		    features.user_local && features.wait_masked && features.msa);
	assert_int_equal(features.kscratch, 0x1c);
	assert_false(features.aliases);
	assert_int_equal(features.count_hz, 500000000);
	features_print();
}

/* K45: whose way is larger than a page has aliases, but where hardware finds them. */
static void aliases_are_those_that_hardware_does_not_find(void **state)
{
	static const struct {
		u32 prid, config7;
		bool data, instructions;
	} is[] = {
		{0x00019300, 0, true, true},
		{0x00019300, CONFIG7_AR, false, true},
		{0x00019300, CONFIG7_AR | CONFIG7_IAR, false, false},
		{0x00019300, CONFIG7_IAR | CONFIG7_IVAD, true, true},
		/* Those that say so before it was so. */
		{0x00019750, CONFIG7_AR | CONFIG7_IAR, true, false},
		{0x00019751, CONFIG7_AR | CONFIG7_IAR, false, false},
		{0x00019a24, CONFIG7_AR, true, true},
		{0x00019a25, CONFIG7_AR, false, true},
		/* Of another company: Config7 is its own. */
		{0x00029300, CONFIG7_AR | CONFIG7_IAR, true, true},
		/* QEMU's P5600, and one that there is. */
		{0x0001a800, 0, false, false},
		{0x0001a800, CONFIG7_WII, true, true},
	};

	board(0, 320000000);
	for (size_t i = 0; i < ARRAY_SIZE(is); i++) {
		struct registers r = cpu_24k;

		r.prid = is[i].prid;
		r.config7 = is[i].config7;
		assert_true(detect(&r));
		assert_int_equal(features.aliases, is[i].data);
		assert_int_equal(features.icache_aliases, is[i].instructions);
	}
}

/* Config4 may say that there is more of the TLB. */
static void large_tlbs_are_counted(void **state)
{
	struct registers r = cpu_p5600;

	board(1000000, 0);
	r.config[4] = 0x80000000 | 1 << 14 | 5;
	assert_true(detect(&r));
	assert_int_equal(features.tlb_entries, 5 * 64 + 64);
}

static void what_cannot_be_used_is_refused(void **state)
{
	struct registers r = cpu_24k;

	board(0, 320000000);
	r.config[0] = 0x80000582; /* a fixed mapping */
	assert_false(detect(&r));
	assert_non_null(strstr(said, "no TLB"));
	r.config[0] = 0x80000082; /* release 1 */
	assert_false(detect(&r));
	assert_non_null(strstr(said, "release"));
	r = cpu_24k;
	r.config[1] = CONFIG1(15, 5, 4, 0); /* 64 KiB in one way */
	assert_false(detect(&r));
	assert_non_null(strstr(said, "larger than"));
	/* What it holds is looked for nowhere, and dropped by nobody. */
	for (u32 def = 2; def <= 3; def++) {
		r = cpu_p5600;
		r.config[4] = 0x80000000 | def << 14 | 2 << 24;
		assert_false(detect(&r));
		assert_non_null(strstr(said, "FTLB"));
	}
	r = cpu_24k;
	r.config[3] |= CONFIG3_VEIC;
	assert_false(detect(&r));
	assert_non_null(strstr(said, "EIC"));
	board(0, 0);
	assert_false(detect(&cpu_24k));
	assert_non_null(strstr(said, "clock-frequency"));
}

/* K13: hardware that nobody has read the errata of. */
static void a_cpu_of_no_known_kind_is_told_so(void **state)
{
	struct registers r = cpu_24k;

	board(0, 320000000);
	r.prid = 0x00d00200;
	assert_true(detect(&r));
	assert_null(features.name);
	warned = 0;
	features_print();
	assert_int_equal(warned, 1);
	assert_true(detect(&cpu_24k));
	features_print();
	assert_int_equal(warned, 1);
}

static void forget_ops(void)
{
	memset(ops, 0, sizeof(ops));
	lowest = ~0U;
	highest = 0;
}

enum { INDEX_I = 0x00, INDEX_WBI_D = 0x01, STORE_TAG_I = 0x08,
       STORE_TAG_D = 0x09, HIT_I = 0x10, HIT_WBI_D = 0x15, HIT_WB_D = 0x19 };

/* Instructions are fetched in colours that the page was not written in. */
static void with_large_ways_all_instructions_are_dropped(void **state)
{
	board(0, 320000000);
	assert_true(detect(&cpu_24k));
	forget_ops();
	cache_publish(0x80001010, 4096);
	assert_int_equal(ops[HIT_WB_D], 129);
	assert_int_equal(ops[HIT_I], 0);
	assert_int_equal(ops[INDEX_I], 1024);
	assert_int_equal(lowest, 0x80000000);
	assert_int_equal(highest, 0x80007fe0);
	forget_ops();
	cache_drop_data_at(0x80001000, 64);
	assert_int_equal(ops[HIT_WBI_D], 2);
}

/* A place is in each way, and in no other place than that. */
static void a_place_is_dropped_in_each_way(void **state)
{
	u32 word;

	board(0, 320000000);
	assert_true(detect(&cpu_24k));
	forget_ops();
	cache_sync_place(0x7fff1040, 64);
	assert_int_equal(ops[INDEX_WBI_D], 8);
	assert_int_equal(ops[INDEX_I], 8);
	assert_int_equal(lowest, 0x80001040);
	assert_int_equal(highest, 0x80007060);
	/* Before, and behind: nothing is left of what was loaded. */
	forget_ops();
	assert_int_equal(cache_load_word(0x7fff105c, &word), 0);
	assert_int_equal(word, 0x7fff105c);
	assert_int_equal(ops[INDEX_WBI_D], 8);
	assert_int_equal(ops[INDEX_I], 0);
	assert_int_equal(lowest, 0x80001040);
	assert_int_equal(highest, 0x80007040);
}

/* As firmware left kseg0: what is in a cache is nothing, or is written back. */
static void a_cache_begins_empty(void **state)
{
	board(0, 320000000);
	assert_true(detect(&cpu_24k));
	for (u32 k0 = 0; k0 < 8; k0++) {
		bool unused = k0 == CCA_UNCACHED || k0 == CCA_UNCACHED_ACCELERATED;

		forget_ops();
		cache_start(k0);
		assert_int_equal(ops[STORE_TAG_I], unused ? 1024 : 0);
		assert_int_equal(ops[STORE_TAG_D], unused ? 1024 : 0);
		assert_int_equal(ops[INDEX_WBI_D], unused ? 0 : 1024);
	}
}

static void with_small_ways_lines_are_dropped_by_address(void **state)
{
	struct registers r = cpu_24k;

	board(0, 320000000);
	/* 64 sets of 16 bytes, 2 ways, as QEMU has it. */
	r.config[1] = CONFIG1(15, 0, 3, 1);
	assert_true(detect(&r));
	assert_int_equal(features.dcache.size, 2048);
	assert_false(features.aliases);
	forget_ops();
	cache_publish(0x80001000, 256);
	assert_int_equal(ops[HIT_WB_D], 16);
	assert_int_equal(ops[HIT_I], 16);
	assert_int_equal(ops[INDEX_I], 0);
	/* More than there is: by index, all of it. */
	forget_ops();
	cache_publish(0x80001000, 4096);
	assert_int_equal(ops[INDEX_I], 128);
}

static void without_caches_nothing_is_done(void **state)
{
	struct registers r = cpu_24k;

	board(0, 320000000);
	r.config[1] = CONFIG1(15, 0, 0, 0);
	assert_true(detect(&r));
	forget_ops();
	cache_publish(0x80001000, 4096);
	cache_invalidate_instructions();
	cache_sync_place(0x40001000, 64);
	cache_drop_data();
	cache_drop_data_at(0x80001000, 64);
	cache_start(CCA_UNCACHED);
	assert_int_equal(highest, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_24k_is_known_by_what_it_has_not),
		cmocka_unit_test(a_p5600_has_all),
		cmocka_unit_test(aliases_are_those_that_hardware_does_not_find),
		cmocka_unit_test(large_tlbs_are_counted),
		cmocka_unit_test(what_cannot_be_used_is_refused),
		cmocka_unit_test(a_cpu_of_no_known_kind_is_told_so),
		cmocka_unit_test(with_large_ways_all_instructions_are_dropped),
		cmocka_unit_test(a_place_is_dropped_in_each_way),
		cmocka_unit_test(a_cache_begins_empty),
		cmocka_unit_test(with_small_ways_lines_are_dropped_by_address),
		cmocka_unit_test(without_caches_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
