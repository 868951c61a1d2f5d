/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage-2 tree of 40 bits, two tables in its root, and short names for what
 * is done to it: for tests, one program each. Include <cmocka.h> first.
 */
#ifndef PGTABLE_TESTING_TREE_H
#define PGTABLE_TESTING_TREE_H

#include "pgtable/testing/format.h"
#include "pgtable/testing/host.h"

#define BASE 0x40000000ULL
#define TOP  (1ULL << 40)

static struct host host;
static struct pgtable pt;

static inline int tree_setup(void **state)
{
	struct pgtable_config config = {
		.format = format_stage2(), .ia_bits = 40, .oa_bits = 40};

	host_init(&host, SZ_4K, 2048);
	host.watch = true;
	return pgtable_init(&pt, &config, &host_ops, &host);
}

static inline int tree_teardown(void **state)
{
	assert_int_equal(host_check_tree(&pt), host.used);
	pgtable_destroy(&pt);
	host_fini(&host);
	return 0;
}

static inline int map(u64 ia, u64 size, u64 pa, u32 attr)
{
	return pgtable_map(&pt, IA(ia), size, HPA(pa), attr, NULL, NULL);
}

static inline int collapse(u64 ia, u64 size, u64 pa, u32 attr)
{
	return map(ia, size, pa, attr | PGT_EXCLUSIVE);
}

static inline int unmap(u64 ia, u64 size)
{
	return pgtable_unmap(&pt, IA(ia), size, NULL);
}

static inline int protect(u64 ia, u64 size, u32 clear, u32 set)
{
	return pgtable_protect(&pt, IA(ia), size, clear, set, NULL);
}

static inline u64 leaves(int level)
{
	return host_leaves(&pt, level);
}

/* The output address of ia, or ~0. */
static inline u64 at(u64 ia)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&pt, IA(ia), &leaf))
		return ~0ULL;
	return leaf.pa.v + (ia - leaf.ia.v);
}

static inline u32 attr(u64 ia)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&pt, IA(ia), &leaf))
		return 0;
	return leaf.attr & ~(PGT_YOUNG | PGT_DIRTY);
}

static inline int level(u64 ia)
{
	struct pgtable_leaf leaf;

	return pgtable_lookup(&pt, IA(ia), &leaf) ? -1 : leaf.level;
}

#define tree_test(f)                                                           \
	cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

#endif
