// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/split.c pgtable/testing/host.c
/*
 * Trees that were never made, or are gone already; and blocks of which one
 * address alone is aligned (K1, K4; bugs.md 6, 10, 27, 28).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/tree.h"

/* The arena checks that nothing is freed twice. */
static void what_is_gone_is_not_freed_again(void **state)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40};
	struct pgtable other;

	assert_int_equal(pgtable_init(&other, &config, &host_ops, &host), 0);
	pgtable_destroy(&other);
	pgtable_destroy(&other);
	assert_null(other.root);
}

static void what_never_was_is_not_freed(void **state)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40};
	struct pgtable never = {0};

	host_forget_flushes(&host);
	pgtable_destroy(&never);
	host.fail_after = 0;
	assert_int_equal(pgtable_init(&never, &config, &host_ops, &host),
			 -ENOMEM);
	host.fail_after = -1;
	pgtable_destroy(&never);
	assert_int_equal(host.flushes, 0);
}

static void a_block_is_aligned_at_both_ends(void **state)
{
	static const struct {
		u64 ia, pa;
		int level;
	} c[] = {
		{BASE, SZ_2M, 2},
		{BASE, SZ_2M + SZ_4K, 3},
		{BASE + SZ_4K, SZ_2M, 3},
		{BASE + SZ_4K, SZ_2M + SZ_4K, 3},
	};

	/* Into a table that stands. */
	assert_int_equal(map(BASE + 8 * SZ_2M, SZ_4K, 0, PGT_RW), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		assert_int_equal(map(c[i].ia, SZ_2M, c[i].pa, PGT_RW), 0);
		assert_int_equal(level(c[i].ia), c[i].level);
		assert_int_equal(at(c[i].ia), c[i].pa);
		assert_int_equal(at(c[i].ia + SZ_2M - SZ_4K),
				 c[i].pa + SZ_2M - SZ_4K);
		assert_int_equal(at(c[i].ia - SZ_4K), ~0ULL);
		assert_int_equal(unmap(c[i].ia, SZ_2M), 0);
	}
}

/* At each invalidation: pages mapped one to one, by block or by table. */
static void nothing_is_missing(struct pgtable *tree, const struct host_flush *f)
{
	for (u64 ia = BASE; ia < BASE + SZ_2M; ia += SZ_4K) {
		int level;

		assert_int_not_equal(host_walk(tree, ia, &level), 0);
		assert_int_equal(at(ia), ia);
	}
}

/* With FEAT_BBM a table takes a block's place at once: a full one. */
static void a_table_is_full_when_it_is_linked(void **state)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40,
		.features = PGT_FEAT_BBM2};

	pgtable_destroy(&pt);
	assert_int_equal(pgtable_init(&pt, &config, &host_ops, &host), 0);
	assert_int_equal(map(BASE, SZ_2M, BASE, PGT_RW), 0);
	host.on_flush = nothing_is_missing;
	assert_int_equal(pgtable_split(&pt, IA(BASE), SZ_4K, SZ_4K, NULL, NULL),
			 0);
	assert_int_equal(level(BASE), 3);
	host.on_flush = NULL;
	assert_int_equal(map(BASE, SZ_2M, BASE, PGT_RW | PGT_EXCLUSIVE), 0);
	host.on_flush = nothing_is_missing;
	assert_int_equal(protect(BASE, SZ_4K, PGT_W, 0), 0);
	host.on_flush = NULL;
	assert_int_equal(attr(BASE) & PGT_RWX, PGT_R);
	assert_int_equal(attr(BASE + SZ_4K) & PGT_RWX, PGT_RW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(what_is_gone_is_not_freed_again),
		tree_test(what_never_was_is_not_freed),
		tree_test(a_table_is_full_when_it_is_linked),
		tree_test(a_block_is_aligned_at_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
