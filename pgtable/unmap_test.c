// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/*
 * Unmapping, splitting, protecting, ageing, and running out of memory in each:
 * K4, K5; bugs.md 9, 16, 21, 23, 24, 27.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/tree.h"

/* ---- Cutting blocks: bugs.md 23, 25, 27 -----------------------------------
 */

static const struct {
	const char *shows;
	u64 block; /* mapped at BASE */
	u64 first, size; /* of what is cut out */
	u64 leaves[4]; /* after an unmap */
	unsigned int tables;
} cuts[] = {
	{"first page", SZ_2M, 0, SZ_4K, {0, 0, 0, 511}, 2},
	{"last page", SZ_2M, SZ_2M - SZ_4K, SZ_4K, {0, 0, 0, 511}, 2},
	{"from the middle", SZ_2M, SZ_1M, SZ_64K, {0, 0, 0, 496}, 2},
	{"first 2 MiB of 1 GiB", SZ_1G, 0, SZ_2M, {0, 0, 511, 0}, 1},
	{"a page of 1 GiB", SZ_1G, SZ_4K, SZ_4K, {0, 0, 511, 511}, 2},
	{"both ends cut 2 MiB within 1 GiB",
	 SZ_1G,
	 SZ_2M - SZ_4K,
	 SZ_2M + 2 * SZ_4K,
	 {0, 0, 509, 1022},
	 3},
	{"end of one 1 GiB block and start of the next",
	 2 * SZ_1G,
	 SZ_1G - SZ_4K,
	 2 * SZ_4K,
	 {0, 0, 1022, 1022},
	 4},
	{"two thirds of 3 GiB",
	 3 * SZ_1G,
	 SZ_1G / 2,
	 2 * SZ_1G,
	 {0, 0, 512, 0},
	 2},
};

/* Tables while the blocks stand: 2 MiB needs one below the root's two. */
static unsigned int uncut(u64 block)
{
	return block == SZ_2M ? 3 : 2;
}

static void expect(u64 first, u64 size, u64 all, u32 outside, u32 inside)
{
	u64 step = all / 64;

	for (u64 a = 0; a < all; a += step)
		if (a < first || a - first >= size)
			assert_int_equal(attr(BASE + a), outside);
	if (first)
		assert_int_equal(attr(BASE + first - 1), outside);
	assert_int_equal(attr(BASE + first), inside);
	assert_int_equal(attr(BASE + first + size - 1), inside);
	if (first + size < all) {
		assert_int_equal(attr(BASE + first + size), outside);
		assert_int_equal(at(BASE + first + size), first + size);
	}
}

static void a_part_of_a_block_goes_and_the_rest_stays(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cuts); i++) {
		u64 from = cuts[i].first, size = cuts[i].size;

		print_message("%s\n", cuts[i].shows);
		map(BASE, cuts[i].block, 0, PGT_RWX);
		assert_int_equal(unmap(BASE + from, size), 0);
		expect(from, size, cuts[i].block, PGT_RWX, 0);
		assert_int_equal(host.flushes, 1);
		assert_true(host_flushed(&host, BASE + from, size));
		for (int l = 0; l < 4; l++)
			assert_int_equal(leaves(l), cuts[i].leaves[l]);
		assert_int_equal(pt.tables, 2 + cuts[i].tables);
		assert_true(cuts[i].tables <= pgtable_tables_max(&pt));
		assert_int_equal(host_check_tree(&pt), host.used);
		unmap(BASE, cuts[i].block);
		assert_int_equal(host.used, 2);
		host_forget_flushes(&host);
	}
}

static void a_part_of_a_block_is_protected(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cuts); i++) {
		u64 from = cuts[i].first, size = cuts[i].size;

		print_message("%s\n", cuts[i].shows);
		map(BASE, cuts[i].block, 0, PGT_RWX);
		assert_int_equal(protect(BASE + from, size, PGT_W, 0), 0);
		expect(from, size, cuts[i].block, PGT_RWX, PGT_RX);
		assert_int_equal(host.flushes, 1);
		assert_int_equal(protect(BASE + from, size, PGT_W, 0),
				 -EALREADY);
		assert_int_equal(host.flushes, 1);
		/* bugs.md 9: blocks again; no table is left behind. */
		assert_int_equal(collapse(BASE, cuts[i].block, 0, PGT_RWX), 0);
		assert_int_equal(host.used, uncut(cuts[i].block));
		assert_true(host_flushed(&host, BASE + from, size));
		assert_int_equal(leaves(3), 0);
		unmap(BASE, cuts[i].block);
		host_forget_flushes(&host);
	}
}

static void memory_running_out_changes_nothing(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cuts); i++) {
		u64 from = BASE + cuts[i].first, size = cuts[i].size;

		print_message("%s\n", cuts[i].shows);
		for (unsigned int n = 0;
		     n < cuts[i].tables + 2 - uncut(cuts[i].block); n++) {
			u64 was[4];

			map(BASE, cuts[i].block, 0, PGT_RWX);
			for (int l = 0; l < 4; l++)
				was[l] = leaves(l);
			host.fail_after = n;
			assert_int_equal(unmap(from, size), -ENOMEM);
			host.fail_after = n;
			assert_int_equal(protect(from, size, PGT_W, 0),
					 -ENOMEM);
			host.fail_after = -1;
			assert_int_equal(host.used, uncut(cuts[i].block));
			assert_int_equal(host.flushes, 0);
			for (int l = 0; l < 4; l++)
				assert_int_equal(leaves(l), was[l]);
			assert_int_equal(map(BASE, cuts[i].block, 0, PGT_RWX),
					 -EALREADY);
			unmap(BASE, cuts[i].block);
			host_forget_flushes(&host);
		}
	}
}

static void a_map_without_memory_reports_its_prefix(void **state)
{
	u64 size = 3 * SZ_2M, done;

	/* Tables: level 2, then level 3 for each 2 MiB. */
	for (int n = 0; n < 4; n++) {
		host.fail_after = n;
		assert_int_equal(pgtable_map(&pt, IA(BASE), size, HPA(SZ_4K),
					     PGT_RW, NULL, &done),
				 -ENOMEM);
		host.fail_after = -1;
		assert_int_equal(done, n < 2 ? 0 : (n - 1) * SZ_2M);
		assert_int_equal(host.used, 2 + (n < 2 ? 0 : n));
		assert_int_equal(at(BASE + done), ~0ULL);
		assert_int_equal(host_check_tree(&pt), host.used);
		unmap(BASE, size);
	}
	/* A page in a 1 GiB block: the block stands until all is there. */
	host_forget_flushes(&host);
	map(BASE, SZ_1G, 0, PGT_R);
	for (int n = 0; n < 2; n++) {
		host.fail_after = n;
		assert_int_equal(map(BASE + SZ_2M, SZ_4K, SZ_1G, PGT_RW),
				 -ENOMEM);
		assert_int_equal(level(BASE + SZ_2M), 1);
		assert_int_equal(host.flushes, 0);
	}
	host.fail_after = -1;
	assert_int_equal(map(BASE + SZ_2M, SZ_4K, SZ_1G, PGT_RW), 0);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(level(BASE + SZ_2M), 3);
	assert_int_equal(at(BASE + SZ_2M + SZ_4K), SZ_2M + SZ_4K);
}

/* ---- Collapsing: bugs.md 9, 24 --------------------------------------------
 */

static void pages_become_a_block(void **state)
{
	for (u64 a = 0; a < SZ_2M; a += SZ_4K)
		map(BASE + a, SZ_4K, SZ_2M + a, PGT_RW);
	/* Shared: the table may be in use by others, and stays. */
	assert_int_equal(map(BASE, SZ_2M, SZ_2M, PGT_RW), -EALREADY);
	assert_int_equal(level(BASE), 3);
	assert_int_equal(collapse(BASE, SZ_2M, SZ_2M, PGT_RW), 0);
	assert_int_equal(level(BASE), 2);
	assert_int_equal(host.flushes, 1);
	/* Not one address: a table and leaves of its own went. */
	assert_int_equal(host.log[0].level, PGT_LEVEL_ANY);
	assert_true(host_flushed(&host, BASE, SZ_2M));
	assert_int_equal(pt.tables, 3);
	/* A deep subtree, to 1 GiB. */
	map(BASE + SZ_2M, SZ_4K, 0, PGT_RW);
	map(BASE + 9 * SZ_2M, SZ_4K, 0, PGT_RW);
	assert_int_equal(collapse(BASE, SZ_1G, SZ_1G, PGT_RW), 0);
	assert_int_equal(leaves(1), 1);
	assert_int_equal(leaves(2) + leaves(3), 0);
	assert_int_equal(host.used, 2);
}

/* ---- Holes and tops: K5, bugs.md 16, 21, 23 -------------------------------
 */

static void a_sparse_terabyte_goes_with_one_flush(void **state)
{
	static const u64 pages[] = {
		0,
		SZ_4K,
		SZ_2M,
		SZ_1G - SZ_4K,
		5 * SZ_1G + 12288,
		TOP / 2 - SZ_4K,
		TOP / 2,
		TOP - SZ_4K,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		assert_int_equal(map(pages[i], SZ_4K, pages[i], PGT_RW), 0);
	map(7 * SZ_1G, SZ_1G, 0, PGT_RW);
	map(9 * SZ_1G, 4 * SZ_2M, 0, PGT_RW);
	assert_int_equal(unmap(0, TOP), 0);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(host.flushes_all, 1);
	assert_int_equal(host.used, 2);
	assert_int_equal(leaves(1) + leaves(2) + leaves(3), 0);
	assert_int_equal(unmap(0, TOP), 0);
	assert_int_equal(host.flushes, 1);
}

static void neighbours_of_an_unmapped_range_stay(void **state)
{
	u64 first = 3 * SZ_1G - SZ_4K, size = 2 * SZ_1G + 2 * SZ_4K;

	map(first - SZ_4K, size + 2 * SZ_4K, 0, PGT_RW);
	assert_int_equal(unmap(first, size), 0);
	assert_int_equal(at(first - SZ_4K), 0);
	assert_int_equal(at(first + size), size + SZ_4K);
	assert_int_equal(leaves(3), 2);
	assert_int_equal(leaves(2) + leaves(1), 0);
	/* An emptied table goes, one with an entry left does not. */
	assert_int_equal(pt.tables, 2 + 4);
}

static void one_page_is_one_flush_of_its_address(void **state)
{
	map(TOP - 2 * SZ_4K, 2 * SZ_4K, 0, PGT_RW);
	assert_int_equal(unmap(TOP - SZ_4K, SZ_4K), 0);
	assert_int_equal(host.flushes_addr, 1);
	assert_int_equal(host.log[0].ia, TOP - SZ_4K);
	assert_int_equal(host.log[0].level, 3);
	/* The last page takes its tables along: no level is named. */
	assert_int_equal(unmap(TOP - 2 * SZ_4K, SZ_4K), 0);
	assert_int_equal(host.log[1].level, PGT_LEVEL_ANY);
	assert_int_equal(host.used, 2);
}

/* ---- Protecting and ageing -------------------------------------------------
 */

static void protect_keeps_devices_from_executing(void **state)
{
	map(BASE, SZ_4K, 0, PGT_RW | PGT_DEVICE);
	map(BASE + SZ_4K, SZ_4K, 0, PGT_RW);
	assert_int_equal(protect(BASE, 2 * SZ_4K, 0, PGT_X), 0);
	assert_int_equal(attr(BASE), PGT_RW | PGT_DEVICE);
	assert_int_equal(attr(BASE + SZ_4K), PGT_RWX);
	map(BASE, SZ_2M, 0, PGT_R | PGT_DEVICE | PGT_EXCLUSIVE);
	assert_int_equal(protect(BASE, SZ_4K, 0, PGT_X), -EALREADY);
	assert_int_equal(level(BASE), 2);
	assert_int_equal(protect(BASE, SZ_4K, 0, PGT_X | PGT_W), 0);
	assert_int_equal(attr(BASE), PGT_RW | PGT_DEVICE);
	assert_int_equal(attr(BASE + SZ_4K), PGT_R | PGT_DEVICE);
}

static void write_protecting_leaves_holes_and_flushes_once(void **state)
{
	map(BASE, SZ_4K, 0, PGT_RW);
	map(BASE + 2 * SZ_2M, SZ_2M, 0, PGT_RW);
	map(BASE + SZ_1G, SZ_1G, 0, PGT_RW);
	map(TOP - SZ_4K, SZ_4K, 0, PGT_RW);
	assert_int_equal(protect(0, TOP, PGT_W, PGT_SW(1)), 0);
	assert_int_equal(attr(BASE), PGT_R | PGT_SW(1));
	assert_int_equal(attr(BASE + SZ_4K), 0);
	assert_int_equal(attr(BASE + 2 * SZ_2M), PGT_R | PGT_SW(1));
	assert_int_equal(attr(BASE + SZ_1G), PGT_R | PGT_SW(1));
	assert_int_equal(attr(TOP - SZ_4K), PGT_R | PGT_SW(1));
	assert_int_equal(host.flushes, 1);
	/* A software bit alone is no TLB's business. */
	assert_int_equal(protect(0, TOP, PGT_SW(1), 0), 0);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(protect(0, TOP, PGT_W, 0), -EALREADY);
}

static void age_is_per_leaf_and_flushed_once(void **state)
{
	map(BASE, SZ_4K, 0, PGT_RW);
	map(BASE + SZ_1G, SZ_1G, 0, PGT_RW);
	assert_true(pgtable_test_young(&pt, IA(0), TOP, false));
	assert_int_equal(host.flushes, 0);
	assert_true(pgtable_test_young(&pt, IA(0), TOP, true));
	assert_int_equal(host.flushes, 1);
	assert_false(pgtable_test_young(&pt, IA(0), TOP, true));
	assert_int_equal(host.flushes, 1);
	assert_int_equal(pgtable_mark_young(&pt, IA(BASE + SZ_1G + 99)), 0);
	assert_int_equal(pgtable_mark_young(&pt, IA(BASE + SZ_1G)), -EALREADY);
	assert_int_equal(pgtable_mark_young(&pt, IA(BASE + SZ_4K)), -ENOENT);
	assert_false(pgtable_test_young(&pt, IA(0), SZ_1G + SZ_4K, false));
	assert_true(pgtable_test_young(&pt, IA(BASE), TOP - BASE, false));
	assert_int_equal(host.flushes, 1);
}

/* ---- Looking ----------------------------------------------------------------
 */

struct seen {
	struct pgtable_leaf leaf[8];
	unsigned int count;
	int stop_at;
};

static int note_and_unmap(const struct pgtable_leaf *leaf, void *arg)
{
	struct seen *s = arg;

	s->leaf[s->count++] = *leaf;
	if (s->stop_at == (int)s->count)
		return -EIO;
	/* bugs.md 16: what is visited may go. */
	return s->stop_at ? 0 : unmap(leaf->ia.v, leaf->size);
}

static void visit_sees_each_leaf_once_in_order(void **state)
{
	struct seen s = {.stop_at = 2};

	map(0, SZ_4K, 0, PGT_RW);
	map(SZ_2M - SZ_4K, SZ_4K + SZ_2M, SZ_2M - SZ_4K, PGT_RX);
	map(TOP - SZ_1G, SZ_1G, 0, PGT_R);
	assert_int_equal(pgtable_visit(&pt, IA(0), TOP, note_and_unmap, &s),
			 -EIO);
	assert_int_equal(s.count, 2);
	s = (struct seen){.stop_at = 0};
	assert_int_equal(pgtable_visit(&pt, IA(0), TOP, note_and_unmap, &s), 0);
	assert_int_equal(s.count, 4);
	assert_int_equal(s.leaf[0].ia.v, 0);
	assert_int_equal(s.leaf[1].ia.v, SZ_2M - SZ_4K);
	assert_int_equal(s.leaf[2].ia.v, SZ_2M);
	assert_int_equal(s.leaf[2].size, SZ_2M);
	assert_int_equal(s.leaf[2].attr, PGT_RX | PGT_YOUNG);
	assert_int_equal(s.leaf[3].level, 1);
	assert_int_equal(host.used, 2);
}

static void a_hole_says_how_far_it_reaches(void **state)
{
	struct pgtable_leaf leaf;

	map(BASE, SZ_4K, 0, PGT_RW);
	assert_int_equal(pgtable_lookup(&pt, IA(BASE + SZ_4K + 8), &leaf),
			 -ENOENT);
	assert_int_equal(leaf.ia.v, BASE + SZ_4K);
	assert_int_equal(leaf.size, SZ_4K);
	assert_int_equal(pgtable_lookup(&pt, IA(BASE + SZ_2M), &leaf), -ENOENT);
	assert_int_equal(leaf.size, SZ_2M);
	assert_int_equal(pgtable_lookup(&pt, IA(0), &leaf), -ENOENT);
	assert_int_equal(leaf.size, SZ_1G);
	assert_int_equal(pgtable_lookup(&pt, IA(TOP), &leaf), -ENOENT);
	assert_int_equal(leaf.ia.v + leaf.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(a_part_of_a_block_goes_and_the_rest_stays),
		tree_test(a_part_of_a_block_is_protected),
		tree_test(memory_running_out_changes_nothing),
		tree_test(a_map_without_memory_reports_its_prefix),
		tree_test(pages_become_a_block),
		tree_test(a_sparse_terabyte_goes_with_one_flush),
		tree_test(neighbours_of_an_unmapped_range_stay),
		tree_test(one_page_is_one_flush_of_its_address),
		tree_test(protect_keeps_devices_from_executing),
		tree_test(write_protecting_leaves_holes_and_flushes_once),
		tree_test(age_is_per_leaf_and_flushed_once),
		tree_test(visit_sees_each_leaf_once_in_order),
		tree_test(a_hole_says_how_far_it_reaches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
