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
 * The engine on the simulated machine, against a flat oracle: random operations
 * on every format, with tables that run out, and CPUs that access what is being
 * changed between any two instructions. After each step whatever CPUs access is
 * as the oracle says, and no rule of the architecture is broken (K4, K5, K21;
 * bugs.md 1, 9, 10, 16, 17, 21, 23, 24, 25, 27).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/flat.h"

#define RUNS 10
#define STEPS 120

static void granule_4k(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_s2_4k,
				       .granule_shift = 12,
				       .ia_bits = 40, .oa_bits = 40 },
		 RUNS, STEPS);
}

static void granule_4k_largest(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_s2_4k,
				       .granule_shift = 12,
				       .ia_bits = 48, .oa_bits = 48 },
		 RUNS, STEPS);
}

static void granule_4k_concatenated_root(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_s2_4k,
				       .granule_shift = 12,
				       .ia_bits = 32, .oa_bits = 36 },
		 RUNS, STEPS);
}

static void granule_16k(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_s2_16k,
				       .granule_shift = 14,
				       .ia_bits = 40, .oa_bits = 40 },
		 RUNS, STEPS);
}

static void granule_64k(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_s2_64k,
				       .granule_shift = 16,
				       .ia_bits = 42, .oa_bits = 44 },
		 RUNS, STEPS);
}

static void own_stage_1_4k(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_el2_4k,
				       .granule_shift = 12, .own = true,
				       .ia_bits = 48, .oa_bits = 48 },
		 RUNS, STEPS);
}

static void own_stage_1_4k_of_39_bits(void **state)
{
	flat_run(&(struct flat_shape){ .format = &pgtable_arm64_el2_4k,
				       .granule_shift = 12, .own = true,
				       .ia_bits = 39, .oa_bits = 40 },
		 RUNS, STEPS);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(granule_4k), T(granule_4k_largest),
		T(granule_4k_concatenated_root), T(granule_16k),
		T(granule_64k), T(own_stage_1_4k),
		T(own_stage_1_4k_of_39_bits),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
