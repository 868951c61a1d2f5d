// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/collapse.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/* pgtable_collapse (K4; bugs.md 1, 9, 10, 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

static int collapse(u64 ia, u64 size, u64 most)
{
	return pgtable_collapse(&pt, IA(ia), size, most);
}

static int collapse_all(u64 ia, u64 size)
{
	return collapse(ia, size, ~0ULL);
}

static void no_range_that_is_none(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i], 0, false);
		map_pages(0, block_size(2), 0, PGT_RW);
		refuses_bad_ranges(collapse_all);
		tree_drop();
	}
}

/* All of a table's pages, of each kind of tree, where they start and end. */
static void pages_become_a_block(void **state)
{
	static const u32 features[] = {0, PGT_FEAT_BBM2, PGT_FEAT_HAFDBS,
				       PGT_FEAT_HAFDBS | PGT_FEAT_BBM2};

	for (size_t i = 0; i < 4 * ARRAY_SIZE(kinds); i++) {
		struct pgtable_leaf leaf;
		u64 size, ia;

		tree_make(&kinds[i / 4], features[i % 4], false);
		size = block_size(2);
		ia = pt.ia_size - size;
		map_pages(ia, size, 3 * size, PGT_RWX);
		map(0, page, 0, PGT_R);
		assert_int_equal(host_check_tree(&pt), host.used);
		host_forget_flushes(&host);
		assert_int_equal(collapse_all(0, pt.ia_size), 0);
		assert_int_equal(host.flushes, 1);
		assert_int_equal(host.log[0].level, PGT_LEVEL_ANY);
		assert_int_equal(host.flushes_all, pt.live_sizes);
		assert_true(host_flushed(&host, ia, size));
		leaf = leaf_at_ia(ia);
		assert_int_equal(leaf.ia.v, ia);
		assert_int_equal(leaf.size, size);
		assert_int_equal(leaf.pa.v, 3 * size);
		assert_int_equal(leaf.attr, PGT_RWX | PGT_YOUNG | PGT_DIRTY);
		assert_int_equal(leaf_at_ia(0).level, 3);
		assert_int_equal(collapse_all(0, pt.ia_size), -EALREADY);
		assert_int_equal(host.flushes, 1);
		tree_drop();
	}
}

/* 1 GiB of pages, and of blocks: as far up as `most` lets them. */
static void upwards_as_far_as_most(void **state)
{
	static const struct {
		u64 most;
		int level, flushes;
	} cases[] = {
		{SZ_4K, 3, 0},
		{SZ_2M - 1, 3, 0},
		{SZ_2M, 2, 512},
		{SZ_1G - 1, 2, 512},
		{SZ_1G, 1, 513},
		{~0ULL, 1, 513},
	};

	tables_most = 608;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = cases[i].flushes ? 0 : -EALREADY;

		tree_make(KIND_S2_4K, 0, false);
		map_pages(SZ_1G, SZ_1G, SZ_1G, PGT_RW);
		assert_int_equal(collapse(SZ_1G, SZ_1G, cases[i].most), r);
		assert_int_equal(host.flushes, cases[i].flushes);
		assert_int_equal(leaf_at_ia(SZ_1G).level, cases[i].level);
		assert_int_equal(leaf_at_ia(2 * SZ_1G - page).level,
				 cases[i].level);
		assert_int_equal(leaf_at_ia(SZ_1G + 5 * SZ_2M + page).pa.v,
				 leaf_at_ia(SZ_1G + 5 * SZ_2M + page).ia.v);
		tree_drop();
	}
	tables_most = 160;
}

static void blocks_become_a_block(void **state)
{
	tree_make(KIND_S2_4K, 0, false);
	for (u64 at = 0; at < SZ_1G; at += SZ_2M)
		map(at, SZ_2M, at, PGT_RX);
	assert_int_equal(collapse(0, SZ_1G, SZ_2M), -EALREADY);
	assert_int_equal(collapse(0, SZ_1G, SZ_1G), 0);
	assert_int_equal(leaf_at_ia(SZ_1G - page).size, SZ_1G);
	assert_int_equal(leaf_at_ia(0).attr, PGT_RX | PGT_YOUNG);
	assert_int_equal(pt.tables, pt.root_tables);
	tree_drop();
}

static void not_in_a_tree_without_blocks(void **state)
{
	struct snapshot s;

	tree_make(KIND_S2_4K, 0, true);
	map(0, SZ_2M, 0, PGT_RW);
	s = snapshot_take();
	assert_int_equal(collapse_all(0, SZ_2M), -EALREADY);
	snapshot_same(&s);
	snapshot_drop(&s);
	tree_drop();
}

/* One page of 512 is not like the others. */
static void unmap_one(u64 ia)
{
	assert_int_equal(pgtable_unmap(&pt, IA(ia), page, NULL), 0);
}

static void protect_one(u64 ia)
{
	assert_int_equal(pgtable_protect(&pt, IA(ia), page, PGT_W, 0, NULL), 0);
}

static void mark_one(u64 ia)
{
	assert_int_equal(pgtable_protect(&pt, IA(ia), page, 0, PGT_SW(2), NULL),
			 0);
}

static void device_one(u64 ia)
{
	assert_int_equal(map(ia, page, ia, PGT_RW | PGT_DEVICE), 0);
}

static void uncached_one(u64 ia)
{
	assert_int_equal(map(ia, page, ia, PGT_RW | PGT_NOCACHE), 0);
}

static void moved_one(u64 ia)
{
	assert_int_equal(map(ia, page, ia + SZ_2M, PGT_RW), 0);
}

static const struct {
	const char *shows;
	void (*spoil)(u64 ia);
} spoils[] = {
	{"a hole", unmap_one},
	{"a permission", protect_one},
	{"a software bit", mark_one},
	{"a device", device_one},
	{"not cached", uncached_one},
	{"another output", moved_one},
};

static void only_what_is_alike(void **state)
{
	static const u64 which[] = {0, 1, 255, 511};

	for (size_t i = 0; i < 4 * ARRAY_SIZE(spoils); i++) {
		struct snapshot s;

		print_message("%s\n", spoils[i / 4].shows);
		tree_make(KIND_S2_4K, i & 1 ? PGT_FEAT_HAFDBS : 0, false);
		map_pages(SZ_2M, SZ_2M, SZ_2M, PGT_RW);
		spoils[i / 4].spoil(SZ_2M + which[i % 4] * page);
		host_forget_flushes(&host);
		s = snapshot_take();
		assert_int_equal(collapse_all(0, SZ_1G), -EALREADY);
		snapshot_same(&s);
		snapshot_drop(&s);
		assert_int_equal(host.flushes, 0);
		tree_drop();
	}
}

static void only_where_the_output_is_aligned(void **state)
{
	static const u64 outputs[] = {SZ_4K, SZ_1M, SZ_2M - SZ_4K};

	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		tree_make(KIND_S2_4K, 0, false);
		map_pages(0, SZ_2M, outputs[i], PGT_RW);
		assert_int_equal(collapse_all(0, SZ_2M), -EALREADY);
		tree_drop();
	}
	/* Blocks that lie well for 2 MiB, and not for 1 GiB. */
	tree_make(KIND_S2_4K, 0, false);
	map(0, SZ_1G, SZ_2M, PGT_RW);
	assert_int_equal(host_leaves(&pt, 2), 512);
	assert_int_equal(collapse_all(0, SZ_1G), -EALREADY);
	tree_drop();
}

/* 511 blocks and one table of pages. */
static void not_over_a_table_that_stays(void **state)
{
	tree_make(KIND_S2_4K, 0, false);
	map(0, SZ_1G, 0, PGT_RW);
	pgtable_protect(&pt, IA(7 * SZ_2M), page, PGT_W, 0, NULL);
	assert_int_equal(host_leaves(&pt, 2), 511);
	assert_int_equal(collapse_all(0, SZ_1G), -EALREADY);
	pgtable_protect(&pt, IA(7 * SZ_2M), page, 0, PGT_W, NULL);
	host_forget_flushes(&host);
	assert_int_equal(collapse_all(0, SZ_1G), 0);
	assert_int_equal(host.flushes, 2);
	assert_int_equal(host_leaves(&pt, 1), 1);
	tree_drop();
}

/* Whole tables inside the range, not those that it cuts. */
static void tables_that_reach_out_stay(void **state)
{
	static const struct {
		u64 first, last;
		int blocks;
	} cases[] = {
		{0, 4 * SZ_2M, 4},
		{SZ_4K, 4 * SZ_2M, 3},
		{0, 4 * SZ_2M - SZ_4K, 3},
		{SZ_4K, 2 * SZ_2M - SZ_4K, 0},
		{SZ_2M + SZ_4K, SZ_2M + 2 * SZ_4K, 0},
		{SZ_2M, 2 * SZ_2M, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 size = cases[i].last - cases[i].first;

		tree_make(KIND_S2_4K, 0, false);
		map_pages(0, 4 * SZ_2M, 0, PGT_RW);
		assert_int_equal(collapse_all(cases[i].first, size),
				 cases[i].blocks ? 0 : -EALREADY);
		assert_int_equal(host_leaves(&pt, 2), cases[i].blocks);
		assert_int_equal(host.flushes, cases[i].blocks);
		tree_drop();
	}
}

/* A block has the state of any of its leaves. */
static void young_and_dirty_if_any_was(void **state)
{
	u64 *d;

	for (int n = 0; n < 8; n++) {
		u32 bbm = n & 4 ? PGT_FEAT_BBM2 : 0;
		u32 want = PGT_RW | (n & 1 ? PGT_YOUNG : 0) |
			   (n & 2 ? PGT_DIRTY : 0);

		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS | bbm, false);
		map_pages(0, SZ_2M, 0, PGT_RW | PGT_CLEAN);
		pgtable_test_young(&pt, IA(0), SZ_2M, true);
		d = descriptor(n * 31 * page);
		*d |= (n & 1 ? D_AF : 0) | (n & 2 ? D_WRITE : 0);
		assert_int_equal(collapse_all(0, SZ_2M), 0);
		assert_int_equal(attr(0), want);
		tree_drop();
	}
	/* Old, without the hardware. */
	tree_make(KIND_S2_4K, 0, false);
	map_pages(0, SZ_2M, 0, PGT_R);
	pgtable_test_young(&pt, IA(0), SZ_2M - page, true);
	assert_int_equal(collapse_all(0, SZ_2M), 0);
	assert_int_equal(attr(0), PGT_R | PGT_YOUNG);
	tree_drop();
}

/* ---- Break before make --------------------------------------------------- */

static u64 *walked;

/* A CPU that has walked the old table before sets what it found. */
static void write_late(struct pgtable *p, const struct host_flush *f)
{
	int level;
	u64 d = host_walk(p, f->ia, &level);

	assert_int_equal(f->size, SZ_2M);
	assert_true(d == 0);
	*walked |= D_WRITE | D_AF;
}

static void a_write_meanwhile_is_not_lost(void **state)
{
	for (int n = 0; n < 2; n++) {
		tree_make(KIND_S2_4K,
			  PGT_FEAT_HAFDBS | (n ? PGT_FEAT_BBM2 : 0), false);
		map_pages(0, SZ_2M, 0, PGT_RW | PGT_CLEAN);
		pgtable_test_young(&pt, IA(0), SZ_2M, true);
		walked = descriptor(77 * page);
		host.on_flush = write_late;
		assert_int_equal(collapse_all(0, SZ_2M), 0);
		assert_int_equal(attr(0), PGT_RW | PGT_YOUNG | PGT_DIRTY);
		tree_drop();
	}
}

/* Nor is there a gap, where sizes may change live. */
static void look_at_flush(struct pgtable *p, const struct host_flush *f)
{
	int level;

	assert_true(host_walk(p, 0, &level) && level == 2 && !f->size);
}

static void changes_at_once_with_bbm(void **state)
{
	tree_make(KIND_S2_4K, PGT_FEAT_BBM2, false);
	map_pages(0, SZ_2M, 0, PGT_RW);
	host.on_flush = look_at_flush;
	assert_int_equal(collapse_all(0, SZ_2M), 0);
	assert_int_equal(host.flushes_all, 1);
	tree_drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_range_that_is_none),
		cmocka_unit_test(pages_become_a_block),
		cmocka_unit_test(upwards_as_far_as_most),
		cmocka_unit_test(blocks_become_a_block),
		cmocka_unit_test(not_in_a_tree_without_blocks),
		cmocka_unit_test(only_what_is_alike),
		cmocka_unit_test(only_where_the_output_is_aligned),
		cmocka_unit_test(not_over_a_table_that_stays),
		cmocka_unit_test(tables_that_reach_out_stay),
		cmocka_unit_test(young_and_dirty_if_any_was),
		cmocka_unit_test(a_write_meanwhile_is_not_lost),
		cmocka_unit_test(changes_at_once_with_bbm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
