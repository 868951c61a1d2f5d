// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/machine.c
// link: arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c arch/sim/page.c
// link: arch/sim/regime.c arch/sim/sim.c arch/sim/stage2.c arch/sim/stale.c
// link: arch/sim/tables.c arch/sim/testing/core_property.c arch/sim/tlb.c
// link: arch/sim/tlbi.c arch/sim/vcpu.c core/backing.c core/backing_ram.c
// link: core/backing_static.c core/dirty_log.c core/fault.c core/hyp_alloc.c
// link: core/memcache.c core/memslot.c core/mmio.c core/notifier.c
// link: core/page_alloc.c core/rwlock.c core/stage2_tables.c
// link: core/testing/fake_sched.c core/vcpu.c core/vm.c core/vmid.c lib/log.c
// link: lib/printf.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c
// flags: -pthread
/*
 * core/ on the simulated machine, against an oracle that knows what each word
 * of guest memory holds (arch/sim/testing/core_property.h; K3 to K8, K10, K20, B2,
 * B3, B6; bugs.md 2, 3, 4, 10, 11, 13, 15, 18, 19, 20, 28, 29).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/core_property.h"

static void core_is_what_the_oracle_says(void **state)
{
	core_property_run(&(struct core_shape){ .format = &pgtable_arm64_s2_4k,
						.shared_base = 0x80003,
						.image = 70, .limits = true },
			  12);
}

static void granule(const struct pgtable_format *format, u32 granule,
		    u64 shared_base, u64 image)
{
	core_property_run(&(struct core_shape){ .format = format,
						.granule = granule,
						.shared_base = shared_base,
						.image = image,
						.limits = true },
			  12);
}

static void with_a_granule_of_16k(void **state)
{
	granule(&pgtable_arm64_s2_16k, SZ_16K, 0x80004, 64);
}

static void with_a_granule_of_64k(void **state)
{
	granule(&pgtable_arm64_s2_64k, SZ_64K, 0x80010, 64);
}

/* A granule of which part is an image's, which ends in it. */
static void a_granule_that_is_not_one_run(void **state)
{
	granule(&pgtable_arm64_s2_16k, SZ_16K, 0x80004, 71);
	granule(&pgtable_arm64_s2_64k, SZ_64K, 0x80010, 70);
}

/* VMIDs of 8 bits alone, and no invalidation but by VMID. */
static void with_armv7_s_tables_and_tlb(void **state)
{
	core_property_run(&(struct core_shape){ .format = &pgtable_lpae_s2,
						.shared_base = 0x80003,
						.image = 70, .limits = true,
						.features = SIM_ARMV7 },
			  12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_is_what_the_oracle_says),
		cmocka_unit_test(with_a_granule_of_16k),
		cmocka_unit_test(with_a_granule_of_64k),
		cmocka_unit_test(a_granule_that_is_not_one_run),
		cmocka_unit_test(with_armv7_s_tables_and_tlb),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
