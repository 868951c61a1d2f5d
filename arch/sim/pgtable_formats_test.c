// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/memory.c
// link: arch/sim/mips.c arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/testing/anytime.c
// link: arch/sim/testing/flat.c arch/sim/testing/flat_ops.c arch/sim/tlb.c
// link: arch/sim/tlbi.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/format_mips.c
// link: pgtable/gather.c pgtable/lookup.c pgtable/map.c pgtable/pgtable.c
// link: pgtable/protect.c pgtable/split.c pgtable/step.c pgtable/unmap.c
/*
 * The property of pgtable_test.c, for formats of more bits and of other
 * processors: FEAT_LPA and FEAT_LPA2, ARMv7's LPAE, tables that MIPS software
 * walks, and the hypervisor's own stage 1 with each granule (K20, K21).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/flat.h"

#define RUNS 6
#define STEPS 120

static void run(const struct pgtable_format *format, unsigned int granule,
		unsigned int ia, unsigned int oa, u32 features, bool own)
{
	flat_run(&(struct flat_shape){ .format = format,
				       .granule_shift = granule, .own = own,
				       .ia_bits = ia, .oa_bits = oa,
				       .features = features, .pa_bits = 52 },
		 RUNS, STEPS);
}

static void stage_2_4k_of_52_bits(void **state)
{
	run(&pgtable_arm64_s2_4k, 12, 52, 52, SIM_LPA2, false);
}

static void stage_2_16k_of_52_bits(void **state)
{
	run(&pgtable_arm64_s2_16k, 14, 52, 52, SIM_LPA2, false);
}

static void stage_2_64k_of_52_bits(void **state)
{
	run(&pgtable_arm64_s2_64k, 16, 52, 52, SIM_LPA, false);
}

/* 40 bits, and descriptors of 52. */
static void stage_2_4k_small_with_lpa2(void **state)
{
	run(&pgtable_arm64_s2_4k, 12, 40, 48, SIM_LPA2, false);
}

static void own_4k_of_52_bits(void **state)
{
	run(&pgtable_arm64_el2_4k, 12, 52, 52, SIM_LPA2, true);
}

static void own_16k(void **state)
{
	run(&pgtable_arm64_el2_16k, 14, 47, 48, 0, true);
}

static void own_64k(void **state)
{
	run(&pgtable_arm64_el2_64k, 16, 42, 48, 0, true);
}

static void armv7_stage_2(void **state)
{
	run(&pgtable_lpae_s2, 12, 40, 40, SIM_ARMV7, false);
}

static void armv7_stage_2_of_32_bits(void **state)
{
	run(&pgtable_lpae_s2, 12, 32, 40, SIM_ARMV7, false);
}

static void armv7_hyp(void **state)
{
	run(&pgtable_lpae_hyp, 12, 32, 40, SIM_ARMV7, true);
}

static void mips(void **state)
{
	run(&pgtable_mips32, 12, 32, 32, SIM_MIPS, false);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(stage_2_4k_of_52_bits), T(stage_2_16k_of_52_bits),
		T(stage_2_64k_of_52_bits), T(stage_2_4k_small_with_lpa2),
		T(own_4k_of_52_bits), T(own_16k), T(own_64k),
		T(armv7_stage_2), T(armv7_stage_2_of_32_bits), T(armv7_hyp),
		T(mips),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
