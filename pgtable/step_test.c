// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/dirty.c
// link: pgtable/collapse.c pgtable/step.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/*
 * pgtable_step: a range is done in steps none of which touches more tables than
 * was said (K4; bugs.md 5, 16, 23, 28).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

static u64 seed, state;

static u64 rnd(u64 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

/* ---- Which tables are touched ---------------------------------------------- */

static bool touched[1024];
static unsigned int touches;

static void touch(const void *at)
{
	size_t n = ((const char *)at - host.arena) / host.granule;

	assert_true(n < host.pages && n < ARRAY_SIZE(touched));
	touches += !touched[n];
	touched[n] = true;
}

static void *alloc_touching(struct pgtable *p, struct memcache *mc, size_t size)
{
	void *table = host_ops.table_alloc(p, mc, size);

	if (table)
		touch(table);
	return table;
}

static void free_touching(struct pgtable *p, void *table, size_t size)
{
	touch(table);
	host_ops.table_free(p, table, size);
}

static u32 *count_touching(struct pgtable *p, void *table)
{
	touch(table);
	return host_ops.table_count(p, table);
}

static void *to_virt_touching(struct pgtable *p, hpa_t pa)
{
	void *table = host_ops.to_virt(p, pa);

	touch(table);
	return table;
}

static void sync_touching(struct pgtable *p, void *entry, size_t size)
{
	touch(entry);
	host_ops.table_sync(p, entry, size);
}

/* What an operation at `ia` touches from now on. */
static void count_touches(u64 ia)
{
	u64 entries = BIT64(__builtin_ctzll(page) - 3), span = page;

	for (int level = 3; level > pt.start_level; level--)
		span *= entries;
	test_ops = host_ops;
	memset(touched, 0, sizeof(touched));
	touches = 0;
	/* The root is not asked for by its address. */
	touch((u64 *)pt.root + ia / span);
	test_ops.table_alloc = alloc_touching;
	test_ops.table_free = free_touching;
	test_ops.table_count = count_touching;
	test_ops.to_virt = to_virt_touching;
	test_ops.table_sync = sync_touching;
}

/* ---- Operations -------------------------------------------------------------- */

static void unmap(u64 ia, u64 size)
{
	assert_int_equal(pgtable_unmap(&pt, IA(ia), size, NULL), 0);
}

static void protect(u64 ia, u64 size)
{
	int r = pgtable_protect(&pt, IA(ia), size, PGT_W, 0, NULL);

	assert_true(!r || r == -EALREADY);
}

static void age(u64 ia, u64 size)
{
	pgtable_test_young(&pt, IA(ia), size, true);
}

static void ignore(void *arg, ia_t ia, u64 size)
{
}

static void harvest(u64 ia, u64 size)
{
	int r = pgtable_harvest_dirty(&pt, IA(ia), size, ignore, NULL);

	assert_true(!r || r == -EALREADY);
}

static void collapse(u64 ia, u64 size)
{
	int r = pgtable_collapse(&pt, IA(ia), size, ~0ULL);

	assert_true(!r || r == -EALREADY);
}

static const struct op {
	const char *name;
	void (*run)(u64 ia, u64 size);
} ops[] = {
	{"unmap", unmap}, {"protect", protect}, {"age", age},
	{"harvest", harvest}, {"collapse", collapse},
};

/* The tables down to what translates `ia`, and those of a block cut there. */
static unsigned int least(u64 ia, u64 size)
{
	struct pgtable_leaf leaf;
	unsigned int n = 0;

	if (!pgtable_lookup(&pt, IA(ia), &leaf)) {
		n += leaf.ia.v < ia ? 3 - leaf.level : 0;
		n += leaf.ia.v + leaf.size > ia + size ? 3 - leaf.level : 0;
	}
	return n + leaf.level - pt.start_level + 1;
}

/* Do the range in steps; returns how many. */
static unsigned int in_steps(const struct op *op, u64 ia, u64 size,
			     unsigned int tables)
{
	unsigned int steps = 0;

	while (size) {
		u64 n = pgtable_step(&pt, IA(ia), size, tables);
		unsigned int most = max(tables, least(ia, size));

		assert_true(n && n <= size && n % page == 0);
		count_touches(ia);
		op->run(ia, n);
		if (touches > most)
			fail_msg("%s: %u tables in [0x%llx, +0x%llx), not %u",
				 op->name, touches, ia,
				 n, most);
		test_ops = host_ops;
		ia += n;
		size -= n;
		steps++;
	}
	return steps;
}

/* ---- Trees --------------------------------------------------------------------- */

/* Pages, runs and blocks here and there in a few large areas. */
static void grow_some(unsigned int n)
{
	u64 block = block_size(2);

	while (n-- && host.used + 12 < host.pages) {
		u64 at = rnd(24) * block * (rnd(4) ? 1 : 512 / 24);
		u64 size = page * (1 + rnd(6)), step;
		int r = 0;

		at += rnd(4) * (pt.ia_size / 4);
		if (rnd(2))
			size = block * (1 + rnd(3));
		else
			at += rnd(block / page) * page;
		/* A table of pages, where a block would fit. */
		step = rnd(4) ? size : page;
		for (u64 i = 0; !r && i < size; i += step)
			r = map(at + i, step, (at + i) % (64 * SZ_1G),
				PGT_RW | PGT_EXCLUSIVE);
		assert_true(!r || r == -EALREADY || r == -ERANGE);
	}
}

static void no_step_touches_more_than_was_said(void **unused)
{
	static const unsigned int limits[] = {1, 2, 3, 4, 5, 6, 7, 8, 11, 16,
					      23, 64, 1000};

	for (unsigned int i = 0; i < 4 * ARRAY_SIZE(kinds); i++) {
		const struct op *op = &ops[rnd(ARRAY_SIZE(ops))];

		for (size_t n = 0; n < ARRAY_SIZE(limits); n++) {
			u64 ia, size;

			tree_make(&kinds[i % ARRAY_SIZE(kinds)], 0, false);
			grow_some(40);
			ia = rnd(3) ? 0 : rnd(pt.ia_size / page) * page;
			if (!rnd(3))
				ia = rnd(24 * block_size(2) / page) * page;
			size = pt.ia_size - ia;
			if (rnd(2))
				size = page + rnd(size / page) * page;
			in_steps(op, ia, size, limits[n]);
			if (op->run == unmap && ia == 0 && size == pt.ia_size)
				assert_int_equal(host.used, pt.root_tables);
			tree_drop();
		}
	}
}

/* Steps are not much smaller than they have to be. */
static void steps_are_as_long_as_they_may_be(void **unused)
{
	tables_most = 608;
	tree_make(KIND_S2_4K, 0, true);
	/* The root, a table above, and 512 of pages. */
	map(SZ_1G, SZ_1G, 0, PGT_RW);
	assert_int_equal(pgtable_step(&pt, IA(0), pt.ia_size, 1000),
			 pt.ia_size);
	/* The second table of the root is counted when it is reached. */
	assert_int_equal(pgtable_step(&pt, IA(0), pt.ia_size, 515),
			 pt.ia_size);
	assert_int_equal(pgtable_step(&pt, IA(0), pt.ia_size, 514),
			 pt.ia_size / 2);
	assert_int_equal(pgtable_step(&pt, IA(0), pt.ia_size, 66),
			 SZ_1G + 64 * SZ_2M);
	assert_int_equal(pgtable_step(&pt, IA(SZ_1G), SZ_1G, 66), 64 * SZ_2M);
	assert_int_equal(pgtable_step(&pt, IA(SZ_1G + page), SZ_2M, 66), SZ_2M);
	assert_int_equal(pgtable_step(&pt, IA(SZ_1G), SZ_1G, 1), SZ_2M);
	assert_int_equal(pgtable_step(&pt, IA(SZ_1G), SZ_1G, 0), SZ_2M);
	assert_int_equal(pgtable_step(&pt, IA(SZ_1G), page, 1), page);
	/* Holes are free. */
	assert_int_equal(pgtable_step(&pt, IA(2 * SZ_1G), 100 * SZ_1G, 1),
			 100 * SZ_1G);
	assert_int_equal(in_steps(&ops[0], 0, pt.ia_size, 66), 9);
	tree_drop();
	tables_most = 160;
}

static int step_of(u64 ia, u64 size)
{
	return pgtable_step(&pt, IA(ia), size, 8) ? 1 : 0;
}

static void nothing_of_what_is_no_range(void **unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i], 0, false);
		map(0, block_size(2), 0, PGT_RW);
		for (size_t n = 0; n < ARRAY_SIZE(bad_ranges); n++) {
			u64 ia = bad_ranges[n].ia * page;

			if (bad_ranges[n].from_end)
				ia = pt.ia_size - ia;
			assert_int_equal(
				step_of(ia + bad_ranges[n].ia_bytes,
					bad_ranges[n].size * page +
						bad_ranges[n].size_bytes),
				0);
		}
		assert_int_equal(step_of(0 - page, 2 * page), 0);
		assert_int_equal(step_of(pt.ia_size - page, 0 - page), 0);
		assert_int_equal(step_of(pt.ia_size - page, page), 1);
		tree_drop();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_step_touches_more_than_was_said),
		cmocka_unit_test(steps_are_as_long_as_they_may_be),
		cmocka_unit_test(nothing_of_what_is_no_range),
	};

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (u64)time(NULL);
	state = seed;
	print_message("seed %llu\n", seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
