// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/flush.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/* pgtable_flush (K4; bugs.md 21, 28). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

static struct {
	u64 pa, size;
} cleaned[8];
static unsigned int count;

static void page_clean(struct pgtable *p, hpa_t pa, u64 size)
{
	assert_true(count < ARRAY_SIZE(cleaned) && size);
	cleaned[count].pa = pa.v;
	cleaned[count++].size = size;
}

static int flush(u64 ia, u64 size)
{
	count = 0;
	return pgtable_flush(&pt, IA(ia), size);
}

static void make(const struct kind *k, u32 features)
{
	tree_make(k, features, false);
	test_ops.page_clean = page_clean;
}

static void no_range_that_is_none(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		make(&kinds[i / 2], i & 1 ? PGT_FEAT_FWB : 0);
		map(0, 4 * page, 0, PGT_RW);
		refuses_bad_ranges(flush);
		assert_int_equal(count, 0);
		tree_drop();
	}
}

/* Of every kind, from end to end: all levels, every table of the root. */
static void a_whole_address_space(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		u64 last;

		make(&kinds[i], 0);
		last = pt.ia_size - block_size(2);
		map(0, page, 5 * page, PGT_R);
		map(pt.ia_size / 2, page, 9 * page, PGT_RW);
		map(last, block_size(2), 0, PGT_RX);
		host_forget_flushes(&host);
		assert_int_equal(flush(0, pt.ia_size), 0);
		assert_int_equal(count, 3);
		assert_true(cleaned[0].pa == 5 * page &&
			    cleaned[0].size == page);
		assert_true(cleaned[1].pa == 9 * page &&
			    cleaned[1].size == page);
		assert_true(cleaned[2].pa == 0 &&
			    cleaned[2].size == block_size(2));
		assert_int_equal(host.flushes, 0);
		tree_drop();
	}
}

static void no_more_than_the_range(void **state)
{
	make(KIND_S2_4K, 0);
	map(SZ_2M, SZ_2M, SZ_1G, PGT_RW);
	assert_int_equal(flush(SZ_2M + page, 3 * page), 0);
	assert_int_equal(count, 1);
	assert_int_equal(cleaned[0].pa, SZ_1G + page);
	assert_int_equal(cleaned[0].size, 3 * page);
	assert_int_equal(flush(0, SZ_2M + page), 0);
	assert_int_equal(count, 1);
	assert_int_equal(cleaned[0].size, page);
	tree_drop();
}

/* As a port does it, not to hold its lock for long. */
static void a_block_in_steps_is_cleaned_once(void **state)
{
	const u64 step = SZ_1G / 8;

	make(KIND_S2_4K, 0);
	map(SZ_1G, SZ_1G, 2 * SZ_1G, PGT_RW);
	for (u64 at = 0; at < SZ_1G; at += step) {
		assert_int_equal(flush(SZ_1G + at, step), 0);
		assert_int_equal(count, 1);
		assert_true(cleaned[0].pa == 2 * SZ_1G + at &&
			    cleaned[0].size == step);
	}
	tree_drop();
}

/* Side by side in both: one call. Devices and what is not cached: none. */
static void what_lies_side_by_side_at_once(void **state)
{
	make(KIND_S2_4K, 0);
	map_pages(0, 4 * page, 16 * page, PGT_RW);
	map(4 * page, page, 20 * page, PGT_RW | PGT_DEVICE);
	map(5 * page, page, 21 * page, PGT_RW | PGT_NOCACHE);
	map(6 * page, page, 22 * page, PGT_R);
	map(7 * page, page, 40 * page, PGT_R);
	assert_int_equal(flush(0, 16 * page), 0);
	assert_int_equal(count, 3);
	assert_true(cleaned[0].pa == 16 * page && cleaned[0].size == 4 * page);
	assert_true(cleaned[1].pa == 22 * page && cleaned[1].size == page);
	assert_true(cleaned[2].pa == 40 * page && cleaned[2].size == page);
	tree_drop();
}

static void nothing_where_caches_are_not_by_the_guest(void **state)
{
	make(KIND_S2_4K, PGT_FEAT_FWB);
	map(0, 4 * page, 0, PGT_RW);
	assert_int_equal(flush(0, 4 * page), 0);
	assert_int_equal(count, 0);
	tree_drop();
	/* Nor where nobody cleans. */
	tree_make(KIND_S2_4K, 0, false);
	map(0, 4 * page, 0, PGT_RW);
	assert_int_equal(flush(0, 4 * page), 0);
	tree_drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_range_that_is_none),
		cmocka_unit_test(a_whole_address_space),
		cmocka_unit_test(no_more_than_the_range),
		cmocka_unit_test(a_block_in_steps_is_cleaned_once),
		cmocka_unit_test(what_lies_side_by_side_at_once),
		cmocka_unit_test(nothing_where_caches_are_not_by_the_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
