// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/* Ranges, mapping and replacing, case by case: K3, K4; bugs.md 1, 10, 11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/tree.h"

/* ---- Arguments -------------------------------------------------------------
 */

static const struct {
	const char *shows;
	u64 ia, size, pa;
	int result;
} bad[] = {
	{"start inside a page", BASE + 1, SZ_4K, 0, -EINVAL},
	{"size not of pages", BASE, SZ_4K + 8, 0, -EINVAL},
	{"empty", BASE, 0, 0, -EINVAL},
	{"output inside a page", BASE, SZ_4K, 0x800, -EINVAL},
	{"past the top by a page", TOP - SZ_4K, 2 * SZ_4K, 0, -ERANGE},
	{"wholly beyond", TOP, SZ_4K, 0, -ERANGE},
	{"wraps around 2^64", -SZ_4K, 2 * SZ_4K, 0, -ERANGE},
	{"as large as can be", SZ_4K, -SZ_4K, 0, -ERANGE},
	{"output past the top", BASE, 2 * SZ_4K, TOP - SZ_4K, -ERANGE},
	{"output wraps", BASE, 2 * SZ_4K, -SZ_4K, -ERANGE},
};

static int no_call(const struct pgtable_leaf *leaf, void *arg)
{
	return -EIO;
}

static void bad_ranges_are_refused(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 ia = bad[i].ia, size = bad[i].size;

		print_message("%s\n", bad[i].shows);
		assert_int_equal(map(ia, size, bad[i].pa, PGT_RW),
				 bad[i].result);
		if (bad[i].pa)
			continue;
		assert_int_equal(unmap(ia, size), bad[i].result);
		assert_int_equal(protect(ia, size, PGT_W, 0), bad[i].result);
		assert_false(pgtable_test_young(&pt, IA(ia), size, true));
		assert_int_equal(pgtable_visit(&pt, IA(ia), size, no_call,
					       NULL),
				 bad[i].result);
	}
	assert_int_equal(protect(BASE, SZ_4K, PGT_DEVICE, 0), -EINVAL);
	assert_int_equal(protect(BASE, SZ_4K, 0, PGT_YOUNG), -EINVAL);
	assert_int_equal(pgtable_mark_young(&pt, IA(TOP)), -ENOENT);
	assert_int_equal(at(TOP), ~0ULL);
	assert_int_equal(at(~0ULL), ~0ULL);
	assert_int_equal(host.used, 2);
	assert_int_equal(host.flushes, 0);
}

/* ---- Mapping ---------------------------------------------------------------
 */

static const struct {
	const char *shows;
	u64 ia, size, pa;
	u64 leaves[4];
	unsigned int tables; /* besides the root's two */
} layouts[] = {
	{"one page", BASE, SZ_4K, 0, {0, 0, 0, 1}, 2},
	{"2 MiB aligned: a block", BASE, SZ_2M, SZ_2M, {0, 0, 1, 0}, 1},
	{"1 GiB aligned: a block", BASE, SZ_1G, SZ_1G, {0, 1, 0, 0}, 0},
	/* bugs.md 10: alignment of both decides. */
	{"output off by a page", BASE, SZ_2M, SZ_4K, {0, 0, 0, 512}, 2},
	{"output off by 2 MiB", BASE, SZ_1G, SZ_2M, {0, 0, 512, 0}, 1},
	{"start off by a page", BASE + SZ_4K, SZ_2M, SZ_4K, {0, 0, 0, 512}, 3},
	{"pages, block, pages",
	 BASE + SZ_2M - SZ_4K,
	 SZ_2M + 2 * SZ_4K,
	 SZ_2M - SZ_4K,
	 {0, 0, 1, 2},
	 3},
	{"the last page", TOP - SZ_4K, SZ_4K, 0, {0, 0, 0, 1}, 2},
	{"the last GiB", TOP - SZ_1G, SZ_1G, 0, {0, 1, 0, 0}, 0},
	{"everything", 0, TOP, 0, {0, 1024, 0, 0}, 0},
	{"across the two root tables",
	 TOP / 2 - SZ_2M,
	 2 * SZ_2M,
	 TOP / 2 - SZ_2M,
	 {0, 0, 2, 0},
	 2},
};

static void the_largest_leaves_that_fit(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(layouts); i++) {
		u64 ia = layouts[i].ia, size = layouts[i].size;
		u64 pa = layouts[i].pa, done;

		print_message("%s\n", layouts[i].shows);
		assert_int_equal(pgtable_map(&pt, IA(ia), size, HPA(pa),
					     PGT_RWX, NULL, &done),
				 0);
		assert_int_equal(done, size);
		for (int l = 0; l < 4; l++)
			assert_int_equal(leaves(l), layouts[i].leaves[l]);
		assert_int_equal(pt.tables, 2 + layouts[i].tables);
		assert_int_equal(host_check_tree(&pt), host.used);
		assert_int_equal(at(ia), pa);
		assert_int_equal(at(ia + size - 8), pa + size - 8);
		if (ia)
			assert_int_equal(at(ia - 1), ~0ULL);
		assert_int_equal(at(ia + size), ~0ULL);
		/* Invalid to valid: nothing to invalidate. */
		assert_int_equal(host.flushes, 0);
		/* bugs.md 11: an identical rewrite writes nothing. */
		assert_int_equal(map(ia, size, pa, PGT_RWX), -EALREADY);
		assert_int_equal(host.flushes, 0);
		/* K5: and all of it goes, the tables too. */
		assert_int_equal(unmap(ia, size), 0);
		assert_int_equal(host.flushes, 1);
		assert_int_equal(host.used, 2);
		host_forget_flushes(&host);
	}
}

static void no_blocks_maps_pages(void **state)
{
	pt.no_blocks = true;
	assert_int_equal(pgtable_leaf_size(&pt, 2), 0);
	assert_int_equal(pgtable_best_leaf(&pt, IA(0), HPA(0), SZ_1G), SZ_4K);
	assert_int_equal(map(BASE, SZ_2M, 0, PGT_RW), 0);
	assert_int_equal(leaves(3), 512);
}

static void a_page_within_an_identical_block_stands(void **state)
{
	map(BASE, SZ_2M, SZ_2M, PGT_RW);
	assert_int_equal(map(BASE + SZ_4K, SZ_4K, SZ_2M + SZ_4K, PGT_RW),
			 -EALREADY);
	assert_int_equal(leaves(2), 1);
	/* Aged, it is made young as a whole, not split. */
	assert_true(pgtable_test_young(&pt, IA(BASE), SZ_2M, true));
	assert_int_equal(map(BASE + SZ_4K, SZ_4K, SZ_2M + SZ_4K, PGT_RW), 0);
	assert_true(pgtable_test_young(&pt, IA(BASE), SZ_2M, false));
	assert_int_equal(leaves(2), 1);
}

/* ---- Replacing: bugs.md 1 ---------------------------------------------------
 */

static bool broken_at_flush;

static void see_entry(struct pgtable *tree, const struct host_flush *f)
{
	int l;

	broken_at_flush = !host_walk(tree, f->ia, &l);
}

static const struct {
	const char *shows;
	u64 size;
	u64 pa_old, pa_new;
	u32 old, new;
	int result;
	bool flush, broken; /* invalidated; and invalid at that time */
} changes[] = {
	{"nothing", SZ_4K, 0, 0, PGT_RW, PGT_RW, -EALREADY, false, false},
	{"another page", SZ_4K, 0, SZ_4K, PGT_RW, PGT_RW, 0, true, true},
	{"another block", SZ_2M, 0, SZ_2M, PGT_RW, PGT_RW, 0, true, true},
	{"cacheability", SZ_4K, 0, 0, PGT_RW, PGT_RW | PGT_NOCACHE, 0, true,
	 true},
	{"memory type", SZ_4K, 0, 0, PGT_RW | PGT_DEVICE, PGT_RW, 0, true,
	 true},
	{"write taken away", SZ_4K, 0, 0, PGT_RW, PGT_R, 0, true, false},
	{"write granted", SZ_4K, 0, 0, PGT_R, PGT_RW, 0, true, false},
	{"execute granted to a block", SZ_2M, 0, 0, PGT_R, PGT_RX, 0, true,
	 false},
	{"a software bit", SZ_4K, 0, 0, PGT_R, PGT_R | PGT_SW(2), 0, false,
	 false},
};

static void live_entries_change_by_the_rules(void **state)
{
	static const u32 how[] = {0, PGT_EXCLUSIVE};

	host.on_flush = see_entry;
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(changes); i++) {
		u32 mode = how[i & 1];
		__typeof__(&changes[0]) c = &changes[i / 2];

		print_message("%s\n", c->shows);
		assert_int_equal(map(BASE, c->size, c->pa_old, c->old | mode),
				 0);
		assert_int_equal(map(BASE, c->size, c->pa_new, c->new | mode),
				 c->result);
		assert_int_equal(at(BASE), c->pa_new);
		assert_int_equal(attr(BASE), c->new);
		assert_int_equal(host.flushes, c->flush);
		assert_int_equal(host.flushes_addr, c->flush);
		if (c->flush) {
			assert_int_equal(host.log[0].size, c->size);
			assert_int_equal(broken_at_flush, c->broken);
		}
		assert_int_equal(leaves(c->size == SZ_4K ? 3 : 2), 1);
		unmap(BASE, c->size);
		host_forget_flushes(&host);
	}
	host.on_flush = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(bad_ranges_are_refused),
		tree_test(the_largest_leaves_that_fit),
		tree_test(no_blocks_maps_pages),
		tree_test(a_page_within_an_identical_block_stands),
		tree_test(live_entries_change_by_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
