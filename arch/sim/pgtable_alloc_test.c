// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/memory.c
// link: arch/sim/mips.c arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/testing/anytime.c
// link: arch/sim/testing/flat.c arch/sim/testing/flat_ops.c arch/sim/tlb.c
// link: arch/sim/tlbi.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c
/*
 * Allocations that fail, at every point of every operation: the first, the
 * second, and so on until the operation needs no more, each alone and with all
 * that follow. Nothing leaks, nothing is half done; and with memory back, the same
 * operation does what it is to do (K2, K5; bugs.md 19, 28).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/flat.h"

#define BEFORE 12 /* steps that make the tree */
#define RUNS 120
#define MOST 4000 /* allocations of one operation */

/* The tree as it is after so many steps: always the same. */
static void build(const struct flat_shape *shape, unsigned long steps)
{
	property_step(0);
	flat_init(shape);
	for (unsigned long step = 0; step < steps; step++)
		flat_step(step, 0);
}

/* The next step, with its n-th allocation failing. False: it has no n-th. */
static bool fails(const struct flat_shape *shape, unsigned long step,
		  unsigned int n, bool once)
{
	bool failed;

	build(shape, step);
	flat.env.fail_once = once;
	flat_step(step, n);
	failed = flat.table_failed;
	flat.env.fail_once = false;
	flat_check_all();
	if (failed)
		flat_step(step, 0);
	flat_exit();
	return failed;
}

/* Of an operation with thousands of allocations: those at both ends of its run,
 * and some between. */
static unsigned int after(unsigned int n)
{
	return n < 8 ? n + 1 : n + 1 + dice(n);
}

static void run_shape(const struct flat_shape *shape)
{
	unsigned long n = 0, failures = 0;

	while (property_next(&n, RUNS)) {
		struct flat_shape s = *shape;
		unsigned long step = 1 + dice(BEFORE);
		bool once = dice(2);

		s.features = flat_features(shape);
		for (unsigned int k = 1; k < MOST; k = after(k)) {
			if (!fails(&s, step, k, once))
				break;
			failures++;
		}
	}
	HOLDS(failures || property.replay, "nothing failed");
}

static void tables_of_4k(void **state)
{
	run_shape(&(struct flat_shape){ .format = &pgtable_arm64_s2_4k,
					.granule_shift = 12,
					.ia_bits = 40, .oa_bits = 40 });
}

static void tables_of_16k(void **state)
{
	run_shape(&(struct flat_shape){ .format = &pgtable_arm64_s2_16k,
					.granule_shift = 14,
					.ia_bits = 47, .oa_bits = 48 });
}

static void the_hypervisors_own_tables(void **state)
{
	run_shape(&(struct flat_shape){ .format = &pgtable_arm64_el2_4k,
					.granule_shift = 12, .own = true,
					.ia_bits = 48, .oa_bits = 48 });
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tables_of_4k),
		T(tables_of_16k),
		T(the_hypervisors_own_tables),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
