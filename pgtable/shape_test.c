// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
/*
 * Levels, roots and block sizes that follow from granule, size and features:
 * DDI 0487, D8.2; K4, K20, K21, K30.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/regime.h"

#define NONE -99

static const struct {
	const struct pgtable_format *format;
	u32 features;
	unsigned int ia_bits, oa_bits;
	int start_level; /* NONE: -EINVAL */
	unsigned int root_tables, tables_max;
} shapes[] = {
	{S2_4K, 0, 25, 40, 2, 1, 2},
	{S2_4K, 0, 32, 40, 2, 4, 2},
	{S2_4K, 0, 34, 40, 2, 16, 2},
	{S2_4K, 0, 35, 40, 1, 1, 4},
	{S2_4K, 0, 39, 40, 1, 1, 4},
	{S2_4K, 0, 40, 40, 1, 2, 4},
	{S2_4K, 0, 42, 42, 1, 8, 4},
	{S2_4K, 0, 43, 44, 1, 16, 4},
	{S2_4K, 0, 44, 44, 0, 1, 4},
	{S2_4K, 0, 48, 48, 0, 1, 4},
	{S2_4K, 0, 49, 48, NONE, 0, 0},
	{S2_4K, 0, 24, 40, NONE, 0, 0},
	{S2_4K, 0, 40, 49, NONE, 0, 0},
	{S2_4K, 0, 40, 52, NONE, 0, 0},
	{S2_4K, 0, 40, 11, NONE, 0, 0},
	{S2_4K, 0, 40 + 256, 40, NONE, 0, 0},
	{S2_4K, 0, 40, 40 + 256, NONE, 0, 0},
	{S2_4K, LPA, 52, 52, NONE, 0, 0},
	{S2_4K, LPA2, 40, 52, 1, 2, 4},
	{S2_4K, LPA2, 48, 48, 0, 1, 6},
	{S2_4K, LPA2, 49, 52, 0, 2, 6},
	{S2_4K, LPA2, 52, 52, 0, 16, 6},
	{S2_4K, LPA2, 53, 52, NONE, 0, 0},
	{S2_4K, LPA2, 52, 53, NONE, 0, 0},
	{S2_16K, 0, 32, 40, 2, 1, 2},
	{S2_16K, 0, 40, 40, 2, 16, 2},
	{S2_16K, 0, 41, 40, 1, 1, 2},
	{S2_16K, 0, 48, 48, 1, 2, 2},
	{S2_16K, LPA, 52, 52, NONE, 0, 0},
	{S2_16K, LPA2, 40, 52, 2, 16, 2},
	{S2_16K, LPA2, 48, 52, 1, 2, 4},
	{S2_16K, LPA2, 51, 52, 1, 16, 4},
	{S2_16K, LPA2, 52, 52, 0, 1, 4},
	{S2_64K, 0, 32, 40, 3, 8, 0},
	{S2_64K, 0, 33, 40, 3, 16, 0},
	{S2_64K, 0, 40, 40, 2, 1, 2},
	{S2_64K, 0, 46, 48, 2, 16, 2},
	{S2_64K, 0, 48, 48, 1, 1, 2},
	{S2_64K, LPA2, 52, 52, NONE, 0, 0},
	{S2_64K, LPA, 46, 52, 2, 16, 2},
	{S2_64K, LPA, 48, 52, 1, 1, 4},
	{S2_64K, LPA, 52, 52, 1, 1, 4},
	/* Stage 1 has one table at the top. */
	{EL2_4K, 0, 30, 40, 2, 1, 2},
	{EL2_4K, 0, 36, 36, 1, 1, 4},
	{EL2_4K, 0, 39, 40, 1, 1, 4},
	{EL2_4K, 0, 40, 40, 0, 1, 4},
	{EL2_4K, 0, 48, 48, 0, 1, 4},
	{EL2_4K, LPA2, 48, 52, 0, 1, 6},
	{EL2_4K, LPA2, 49, 52, -1, 1, 6},
	{EL2_4K, LPA2, 52, 52, -1, 1, 6},
	{EL2_16K, 0, 36, 48, 2, 1, 2},
	{EL2_16K, 0, 47, 48, 1, 1, 2},
	{EL2_16K, 0, 48, 48, 0, 1, 3},
	{EL2_16K, LPA2, 52, 52, 0, 1, 4},
	{EL2_64K, 0, 42, 48, 2, 1, 2},
	{EL2_64K, 0, 48, 48, 1, 1, 2},
	{EL2_64K, LPA, 52, 52, 1, 1, 4},
	/* Three levels, or two; no feature makes more of it. */
	{V7_S2, 0, 40, 40, 1, 2, 4},
	{V7_S2, 0, 35, 40, 1, 1, 4},
	{V7_S2, 0, 34, 40, 2, 16, 2},
	{V7_S2, LPA2, 41, 40, NONE, 0, 0},
	{V7_S2, LPA2, 40, 48, NONE, 0, 0},
	{V7_HYP, 0, 32, 40, 1, 1, 4},
	{V7_HYP, 0, 30, 40, 2, 1, 2},
	{V7_HYP, 0, 33, 40, NONE, 0, 0},
	{MIPS, 0, 32, 32, 2, 1, 2},
	{MIPS, 0, 31, 29, 2, 1, 2},
	{MIPS, 0, 33, 32, NONE, 0, 0},
	{MIPS, 0, 32, 36, NONE, 0, 0},
};

static void shapes_follow_granule_and_size(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++) {
		__typeof__(&shapes[0]) s = &shapes[i];
		int r = regime_open(s->format, s->ia_bits, s->oa_bits,
				    s->features);

		print_message("row %u: %u bits\n", i, s->ia_bits);
		assert_int_equal(r, s->start_level == NONE ? -EINVAL : 0);
		if (!r) {
			u64 size = host.granule * s->root_tables;

			assert_int_equal(pt.start_level, s->start_level);
			assert_int_equal(pt.root_tables, s->root_tables);
			assert_int_equal(host.used, s->root_tables);
			assert_int_equal(pgtable_tables_max(&pt),
					 s->tables_max);
			/* Aligned to its size, as VTTBR wants it. */
			assert_int_equal(pt.root_pa.v % size, 0);
		}
		regime_close();
	}
}

/* ---- Blocks ---------------------------------------------------------------- */

static const struct {
	const struct pgtable_format *format;
	u32 features;
	unsigned int bits;
	u64 sizes[5]; /* of leaves, at levels -1 to 3 */
} blocks[] = {
	{S2_4K, 0, 48, {0, 0, SZ_1G, SZ_2M, SZ_4K}},
	{S2_4K, LPA2, 52, {0, SZ_512G, SZ_1G, SZ_2M, SZ_4K}},
	{S2_16K, 0, 48, {0, 0, 0, SZ_32M, SZ_16K}},
	{S2_16K, LPA2, 52, {0, 0, SZ_64G, SZ_32M, SZ_16K}},
	{S2_64K, 0, 48, {0, 0, 0, SZ_1G / 2, SZ_64K}},
	{S2_64K, LPA, 52, {0, 0, SZ_4T, SZ_1G / 2, SZ_64K}},
	{EL2_4K, LPA2, 52, {0, SZ_512G, SZ_1G, SZ_2M, SZ_4K}},
	{EL2_16K, LPA2, 52, {0, 0, SZ_64G, SZ_32M, SZ_16K}},
	{EL2_64K, LPA, 52, {0, 0, SZ_4T, SZ_1G / 2, SZ_64K}},
	{V7_S2, 0, 40, {0, 0, SZ_1G, SZ_2M, SZ_4K}},
	{V7_HYP, 0, 32, {0, 0, SZ_1G, SZ_2M, SZ_4K}},
	{MIPS, 0, 32, {0, 0, 0, 4 * SZ_1M, SZ_4K}},
};

/* What `ia` translates to, by the architecture. */
static u64 walk(u64 ia)
{
	int level;
	u64 d = host_walk(&pt, ia, &level);

	return host_output(&pt, d) | (ia & (pgtable_leaf_size(&pt, level) - 1));
}

/*
 * Two blocks of `size` that end at the top of both spaces, and what is cut out
 * about their common edge: the rest translates as before.
 */
static void cut_two_blocks(u64 size)
{
	u64 ia = pt.ia_size - 2 * size, pa = pt.oa_last + 1 - 2 * size;
	u64 g = host.granule, at = ia + size - g;
	int level;

	assert_int_equal(pgtable_map(&pt, IA(ia), 2 * size, HPA(pa),
				     PGT_RW | PGT_EXCLUSIVE, NULL, NULL),
			 0);
	assert_int_equal(walk(ia), pa);
	host_walk(&pt, ia, &level);
	assert_int_equal(pgtable_leaf_size(&pt, level), size);
	assert_int_equal(pgtable_unmap(&pt, IA(at), 2 * g, NULL), 0);
	assert_true(pt.tables - pt.root_tables <=
		    pgtable_tables_max(&pt) +
			    (unsigned int)(level - pt.start_level));
	assert_int_equal(host_walk(&pt, at, &level), 0);
	assert_int_equal(host_walk(&pt, at + g, &level), 0);
	for (u64 step = g; step < size; step *= 2) {
		u64 below = at - step, above = at + g + step;

		assert_int_equal(walk(below), pa + (below - ia));
		assert_int_equal(walk(above), pa + (above - ia));
	}
	assert_int_equal(host_check_tree(&pt), host.used);
	assert_int_equal(pgtable_unmap(&pt, IA(ia), 2 * size, NULL), 0);
	assert_int_equal(host.used, pt.root_tables);
}

/* A block in leaves of the next size, and back. */
static void split_and_collapse(u64 size, u64 smaller, int level)
{
	u64 ia = pt.ia_size - size, pa = pt.oa_last + 1 - 2 * size;

	assert_int_equal(pgtable_map(&pt, IA(ia), size, HPA(pa),
				     PGT_RX | PGT_SW(2), NULL, NULL),
			 0);
	assert_int_equal(pgtable_split(&pt, IA(ia), host.granule, smaller, NULL,
				       NULL),
			 0);
	assert_int_equal(host_leaves(&pt, level), 0);
	assert_int_equal(host_leaves(&pt, level + 1), size / smaller);
	for (u64 step = host.granule; step < size; step *= 2)
		assert_int_equal(walk(ia + size - step), pa + size - step);
	assert_int_equal(pgtable_collapse(&pt, IA(ia), size, size), 0);
	assert_int_equal(host_leaves(&pt, level), 1);
	assert_int_equal(walk(ia), pa);
	assert_int_equal(host_check_tree(&pt), host.used);
	assert_int_equal(pgtable_unmap(&pt, IA(ia), size, NULL), 0);
}

static void blocks_of_every_size_are_cut_split_and_put_together(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(blocks); i++) {
		__typeof__(&blocks[0]) b = &blocks[i];

		print_message("row %u\n", i);
		assert_int_equal(regime_open(b->format, b->bits, b->bits,
					     b->features),
				 0);
		for (int level = -1; level <= 3; level++) {
			u64 size = b->sizes[level + 1];

			assert_int_equal(pgtable_leaf_size(&pt, level), size);
			if (level == 3 || !size)
				continue;
			cut_two_blocks(size);
			split_and_collapse(size, b->sizes[level + 2], level);
		}
		regime_close();
	}
}

/* One call, across every place where the high bits of an address change. */
static void a_range_of_terabytes_is_in_order(void **state)
{
	static const struct {
		const struct pgtable_format *format;
		u32 features;
		u64 leaf, edge;
	} ranges[] = {
		{S2_4K, LPA2, SZ_512G, BIT64(50)},
		{S2_4K, LPA2, SZ_1G, BIT64(50)},
		{S2_16K, LPA2, SZ_64G, BIT64(50)},
		{S2_64K, LPA, SZ_4T, BIT64(48)},
		{S2_64K, LPA, SZ_1G / 2, BIT64(48)},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges); i++) {
		u64 leaf = ranges[i].leaf, ia = 5 * leaf, size = 6 * leaf, done;
		u64 pa = 2 * ranges[i].edge - 3 * leaf;
		int level;

		assert_int_equal(regime_open(ranges[i].format, 52, 52,
					     ranges[i].features),
				 0);
		assert_int_equal(pgtable_map(&pt, IA(ia), size, HPA(pa), PGT_RW,
					     NULL, &done),
				 0);
		assert_int_equal(done, size);
		for (u64 at = 0; at < size; at += leaf) {
			u64 d = host_walk(&pt, ia + at, &level);

			assert_int_equal(pgtable_leaf_size(&pt, level), leaf);
			assert_int_equal(host_output(&pt, d), pa + at);
		}
		assert_int_equal(pgtable_map(&pt, IA(ia), size, HPA(pa), PGT_RW,
					     NULL, &done),
				 -EALREADY);
		regime_close();
	}
}

/* All of a CPU's are given: a tree has those of its format. */
static void features_are_the_formats_own(void **state)
{
	static const struct {
		const struct pgtable_format *format;
		u32 wide;
	} formats[] = {
		{S2_4K, LPA2}, {S2_16K, LPA2}, {S2_64K, LPA},
		{&pgtable_arm64_el2_4k, LPA2}, {&pgtable_arm64_el2_64k, LPA},
		{&pgtable_lpae_s2, 0}, {&pgtable_mips32, 0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(formats); i++) {
		assert_int_equal(regime_open(formats[i].format, 32, 32, ~0U), 0);
		assert_int_equal(pt.features & (LPA | LPA2), formats[i].wide);
		regime_close();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_follow_granule_and_size),
		cmocka_unit_test(features_are_the_formats_own),
		cmocka_unit_test(blocks_of_every_size_are_cut_split_and_put_together),
		cmocka_unit_test(a_range_of_terabytes_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
