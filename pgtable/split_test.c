// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/* pgtable_split (K4; bugs.md 1, 10, 16, 23, 27). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

static u64 done;

static int split(u64 ia, u64 size, u64 most)
{
	done = ~0ULL;
	return pgtable_split(&pt, IA(ia), size, most, NULL, &done);
}

static int split_to_pages(u64 ia, u64 size)
{
	return split(ia, size, page);
}

/* Every page of [ia, ia + size) goes to its own at pa, as `attr`. */
static void translates(u64 ia, u64 size, u64 pa, u32 attr)
{
	u64 step = size >= SZ_1G ? 16 * page : page;

	for (u64 at = 0; at < size; at += step) {
		struct pgtable_leaf leaf = leaf_at_ia(ia + at);

		if (leaf.pa.v + (ia + at - leaf.ia.v) != pa + at)
			fail_msg("0x%llx", (ia + at));
		assert_int_equal(leaf.attr, attr);
	}
}

static void no_range_that_is_none(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i], 0, false);
		map(0, block_size(2), 0, PGT_RW);
		refuses_bad_ranges(split_to_pages);
		assert_int_equal(done, 0);
		tree_drop();
	}
}

static void most_is_the_size_of_a_leaf(void **state)
{
	static const u64 none[] = {0, 1, SZ_4K - 1, 2 * SZ_4K, SZ_2M + SZ_4K,
				   SZ_1G * 512, ~0ULL};
	struct snapshot s;

	tree_make(KIND_S2_4K, 0, false);
	map(0, SZ_1G, 0, PGT_RW);
	s = snapshot_take();
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		assert_int_equal(split(0, SZ_1G, none[i]), -EINVAL);
		assert_int_equal(done, 0);
	}
	assert_int_equal(split(0, SZ_1G, SZ_1G), -EALREADY);
	snapshot_same(&s);
	snapshot_drop(&s);
	tree_drop();
	/* A size that only blocks have. */
	tree_make(KIND_S2_4K, 0, true);
	assert_int_equal(split(0, SZ_1G, SZ_2M), -EINVAL);
	tree_drop();
}

/* A block of each size, of each kind of tree, to leaves of each smaller size
 * that does not need more tables than there are. */
static void a_block_of_every_size(const struct kind *k, u32 features)
{
	for (int level = 0; level < 3; level++) {
		for (int to = level + 1; to <= 3 && to <= level + 1; to++) {
			u64 size, ia;
			int at;

			tree_make(k, features, false);
			size = block_size(level);
			if (!size) {
				tree_drop();
				continue;
			}
			ia = pt.ia_size - 2 * size;
			assert_int_equal(map(ia, 2 * size, size, PGT_RWX), 0);
			host_forget_flushes(&host);
			assert_int_equal(
				split(ia, size, pgtable_leaf_size(&pt, to)), 0);
			assert_int_equal(done, size);
			assert_int_equal(host.flushes, 1);
			assert_int_equal(host.log[0].level,
					 pt.live_sizes ? PGT_LEVEL_ANY : level);
			assert_int_equal(host.flushes_all, pt.live_sizes);
			assert_true(host_flushed(&host, ia, size));
			assert_true(host_walk(&pt, ia, &at));
			assert_int_equal(at, to);
			/* Its neighbour stays. */
			assert_true(host_walk(&pt, ia + size, &at));
			assert_int_equal(at, level);
			translates(ia, 2 * size, size,
				   PGT_RWX | PGT_YOUNG | PGT_DIRTY);
			tree_drop();
		}
	}
}

static void every_size_in_every_tree(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		print_message("%s\n", kinds[i].name);
		a_block_of_every_size(&kinds[i], 0);
		a_block_of_every_size(&kinds[i], PGT_FEAT_BBM2);
		a_block_of_every_size(&kinds[i], PGT_FEAT_HAFDBS);
		a_block_of_every_size(&kinds[i],
				      PGT_FEAT_HAFDBS | PGT_FEAT_BBM2);
	}
}

static void only_what_is_larger(void **state)
{
	struct snapshot s;

	tree_make(KIND_S2_4K, 0, false);
	assert_int_equal(split(0, pt.ia_size, page), -EALREADY);
	assert_int_equal(done, pt.ia_size);
	map_pages(0, 16 * page, 0, PGT_RW);
	map(SZ_1G, SZ_2M, 0, PGT_RW);
	s = snapshot_take();
	assert_int_equal(split(0, 3 * page, page), -EALREADY);
	assert_int_equal(done, 3 * page);
	assert_int_equal(split(0, SZ_1G, page), -EALREADY);
	assert_int_equal(split(0, pt.ia_size, SZ_2M), -EALREADY);
	assert_int_equal(split(pt.ia_size - page, page, page), -EALREADY);
	snapshot_same(&s);
	snapshot_drop(&s);
	assert_int_equal(host.flushes, 0);
	tree_drop();
}

/* A range of some pages in a block of 1 GiB: level by level. */
static void a_range_inside_a_block(void **state)
{
	u64 ia = 5 * SZ_1G, at = ia + 7 * SZ_2M + 3 * page;
	int level;

	tree_make(KIND_S2_4K, 0, false);
	map(ia, SZ_1G, 0, PGT_RW);
	assert_int_equal(split(at, 2 * page, page), 0);
	assert_int_equal(done, 2 * page);
	assert_int_equal(host.flushes, 2);
	assert_int_equal(host.log[0].level, 1);
	assert_int_equal(host.log[1].level, 2);
	assert_int_equal(host_leaves(&pt, 2), 511);
	assert_int_equal(host_leaves(&pt, 3), 512);
	assert_true(host_walk(&pt, at, &level) && level == 3);
	translates(ia, SZ_1G, 0, PGT_RW | PGT_YOUNG | PGT_DIRTY);
	tree_drop();
}

/* From inside one block to inside another; what lies between, and holes. */
static void a_range_from_block_to_block(void **state)
{
	tree_make(KIND_S2_4K, 0, false);
	map(0, 2 * SZ_2M, 0, PGT_RW);
	map(4 * SZ_2M, 3 * SZ_2M, 4 * SZ_2M, PGT_RX);
	assert_int_equal(split(SZ_2M + page, 4 * SZ_2M, page), 0);
	assert_int_equal(done, 4 * SZ_2M);
	assert_int_equal(host.flushes, 3);
	assert_int_equal(host_leaves(&pt, 2), 2);
	translates(0, 2 * SZ_2M, 0, PGT_RW | PGT_YOUNG | PGT_DIRTY);
	translates(4 * SZ_2M, 3 * SZ_2M, 4 * SZ_2M, PGT_RX | PGT_YOUNG);
	tree_drop();
}

/* 1 GiB down to pages: 512 tables and one, one at a time. */
static void down_two_levels(void **state)
{
	tables_most = 608;
	tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
	map(pt.ia_size - SZ_1G, SZ_1G, 0, PGT_RW | PGT_CLEAN);
	assert_int_equal(split(pt.ia_size - SZ_1G, SZ_1G, page), 0);
	assert_int_equal(host.flushes, 513);
	assert_int_equal(host_leaves(&pt, 3), 512 * 512);
	translates(pt.ia_size - SZ_1G, SZ_1G, 0, PGT_RW | PGT_YOUNG);
	tree_drop();
	tables_most = 160;
}

/* As for a whole address space with something at each of its ends. */
static void a_whole_address_space(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		u64 size;

		tree_make(&kinds[i], 0, false);
		size = block_size(2);
		map(0, size, 0, PGT_RW);
		map(pt.ia_size - size, size, size, PGT_RW);
		assert_int_equal(split(0, pt.ia_size, page), 0);
		assert_int_equal(done, pt.ia_size);
		assert_int_equal(host_leaves(&pt, 3), 2 * (size / page));
		tree_drop();
	}
}

static const struct {
	const char *shows;
	u32 attr, features, pages;
	bool old;
} states[] = {
	{"device", PGT_RW | PGT_DEVICE, .pages = PGT_RW | PGT_DEVICE | PGT_DIRTY},
	{"not cached", PGT_R | PGT_NOCACHE, .pages = PGT_R | PGT_NOCACHE},
	{"software bits", PGT_RX | PGT_SW(1) | PGT_SW(3),
	 .pages = PGT_RX | PGT_SW(1) | PGT_SW(3)},
	{"old", PGT_RX, .pages = PGT_RX, .old = true},
	{"clean", PGT_RWX | PGT_CLEAN, PGT_FEAT_HAFDBS, .pages = PGT_RWX},
	{"dirty", PGT_RWX, PGT_FEAT_HAFDBS, .pages = PGT_RWX | PGT_DIRTY},
	{"dirty and old", PGT_RW, PGT_FEAT_HAFDBS, .pages = PGT_RW | PGT_DIRTY,
	 .old = true},
};

static void attributes_and_state_stay(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		u32 young = states[i].old ? 0 : PGT_YOUNG;

		print_message("%s\n", states[i].shows);
		tree_make(KIND_S2_4K, states[i].features, false);
		map(SZ_2M, SZ_2M, 0, states[i].attr);
		if (states[i].old)
			pgtable_test_young(&pt, IA(SZ_2M), SZ_2M, true);
		assert_int_equal(split(SZ_2M + page, page, page), 0);
		translates(SZ_2M, SZ_2M, 0, states[i].pages | young);
		tree_drop();
	}
}

/* ---- Break before make --------------------------------------------------- */

static bool live;

/* By address, need not remove what is held in two sizes (R_GRVDR). */
static void look_at_flush(struct pgtable *p, const struct host_flush *f)
{
	int level;
	u64 d = host_walk(p, f->ia, &level);

	if (live)
		assert_true(d && level > 1 && !f->size);
	else
		assert_true(d == 0 && f->size);
}

static void is_broken_or_with_bbm_changes_at_once(void **state)
{
	static const u32 features[] = {
		0, PGT_FEAT_BBM2, PGT_FEAT_BBM2 | PGT_FEAT_HAFDBS,
	};

	for (int n = 0; n < 3; n++) {
		/* Not where the hardware writes to tables (R_RTBRL). */
		live = n == 1;
		tree_make(KIND_S2_4K, features[n], false);
		map(0, SZ_1G, 0, PGT_RW);
		host.on_flush = look_at_flush;
		assert_int_equal(split(0, 2 * SZ_2M, page), 0);
		assert_int_equal(host.flushes, 3);
		tree_drop();
	}
}

/* The hardware writes while the new table is filled. */
static void write_meanwhile(struct pgtable *p, void *entry, size_t size)
{
	if (size == SZ_4K)
		__atomic_fetch_or(descriptor(SZ_2M), D_WRITE | D_AF,
				  __ATOMIC_RELAXED);
}

static void a_write_meanwhile_is_not_lost(void **state)
{
	for (int n = 0; n < 2; n++) {
		tree_make(KIND_S2_4K,
			  PGT_FEAT_HAFDBS | (n ? PGT_FEAT_BBM2 : 0), false);
		map(SZ_2M, SZ_2M, 0, PGT_RW | PGT_CLEAN);
		pgtable_test_young(&pt, IA(SZ_2M), SZ_2M, true);
		assert_int_equal(attr(SZ_2M), PGT_RW);
		test_ops.table_sync = write_meanwhile;
		assert_int_equal(split(SZ_2M, SZ_2M, page), 0);
		translates(SZ_2M, SZ_2M, 0, PGT_RW | PGT_YOUNG | PGT_DIRTY);
		tree_drop();
	}
}

/* ---- No table left -------------------------------------------------------- */

/* Three blocks and a hole, with each number of tables that is too small; then
 * on from there. */
static void goes_on_where_tables_ran_out(void **state)
{
	u64 from = SZ_2M + 2 * page, size = 4 * SZ_2M, last = 0;
	u32 attr = PGT_RW | PGT_YOUNG | PGT_DIRTY;

	for (int n = 0; n < 4; n++) {
		struct snapshot s;
		u64 far;
		int r;

		tree_make(KIND_S2_4K, 0, false);
		map(SZ_2M, 2 * SZ_2M, SZ_2M, PGT_RW);
		map(4 * SZ_2M, SZ_2M * 2, 4 * SZ_2M, PGT_RW);
		s = snapshot_take();
		host.fail_after = n;
		assert_int_equal(split(from, size, page), -ENOMEM);
		far = done;
		assert_true(far < size && (n == 0 || far > last));
		last = far;
		/* What is said to be done is, and nothing else. */
		assert_int_equal(host_leaves(&pt, 3), 512 * n);
		for (u64 at = from; at < from + far; at += page)
			assert_true(at / SZ_2M == 3 ||
				    leaf_at_ia(at).level == 3);
		assert_int_equal(leaf_at_ia(from + far).level, 2);
		translates(SZ_2M, 2 * SZ_2M, SZ_2M, attr);
		translates(4 * SZ_2M, 2 * SZ_2M, 4 * SZ_2M, attr);
		if (n == 0)
			snapshot_same(&s);
		snapshot_drop(&s);
		host.fail_after = -1;
		r = split(from + far, size - far, page);
		assert_int_equal(r, 0);
		assert_int_equal(done, size - far);
		assert_int_equal(host_leaves(&pt, 3), 512 * 4);
		tree_drop();
	}
}

/* Between the two levels, too. */
static void a_gib_with_few_tables(void **state)
{
	tree_make(KIND_S2_4K, 0, false);
	map(0, SZ_1G, 0, PGT_RW);
	host.fail_after = 3;
	assert_int_equal(split(page, SZ_1G - page, page), -ENOMEM);
	assert_int_equal(done, 2 * SZ_2M - page);
	translates(0, SZ_1G, 0, PGT_RW | PGT_YOUNG | PGT_DIRTY);
	host.fail_after = -1;
	assert_int_equal(split(page + done, SZ_2M, page), 0);
	assert_int_equal(host.flushes, 4);
	tree_drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_range_that_is_none),
		cmocka_unit_test(most_is_the_size_of_a_leaf),
		cmocka_unit_test(every_size_in_every_tree),
		cmocka_unit_test(only_what_is_larger),
		cmocka_unit_test(a_range_inside_a_block),
		cmocka_unit_test(a_range_from_block_to_block),
		cmocka_unit_test(down_two_levels),
		cmocka_unit_test(a_whole_address_space),
		cmocka_unit_test(attributes_and_state_stay),
		cmocka_unit_test(is_broken_or_with_bbm_changes_at_once),
		cmocka_unit_test(a_write_meanwhile_is_not_lost),
		cmocka_unit_test(goes_on_where_tables_ran_out),
		cmocka_unit_test(a_gib_with_few_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
