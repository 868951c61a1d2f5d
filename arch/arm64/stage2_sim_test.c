// SPDX-License-Identifier: BSD-2-Clause
// link: arch/arm64/stage2_encode.c arch/arm64/stage2_tlb.c
// link: arch/armcommon/stage2.c arch/armcommon/stage2_choose.c
// link: arch/armcommon/state.c arch/sim/dirty.c arch/sim/machine.c
// link: arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c arch/sim/page.c
// link: arch/sim/regime.c arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c
// link: arch/sim/testing/core_property.c arch/sim/testing/port_cpu.c
// link: arch/sim/testing/port_stage2.c arch/sim/tlb.c arch/sim/tlbi.c
// link: arch/sim/vcpu.c core/backing.c core/backing_ram.c
// link: core/backing_static.c core/dirty_log.c core/fault.c core/hyp_alloc.c
// link: core/memcache.c core/memslot.c core/mmio.c core/notifier.c
// link: core/page_alloc.c core/rwlock.c core/stage2_tables.c
// link: core/testing/fake_sched.c core/vcpu.c core/vm.c core/vmid.c lib/log.c
// link: lib/printf.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c
// flags: -pthread -Iarch/arm64 -Wl,--wrap=arch_stage2_ops
// flags: -Wl,--wrap=arch_vm_invalidate_icache
/*
 * The port's stage 2 as it ships, on the simulated machine: VTCR_EL2 and VTTBR_EL2,
 * VMIDs and their new generations, vCPUs that share a CPU, and every invalidation,
 * by address, range and VMID, with the order of its DSBs and ISBs (K7, K8, K20;
 * bugs.md 2, 3, 4, 17, 24, 25, 26, 28, 29, the rules).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/core_property.h"

static void granule(const struct pgtable_format *format, u32 granule,
		    u64 shared_base, u64 image)
{
	core_property_run(&(struct core_shape){ .format = format,
						.granule = granule,
						.shared_base = shared_base,
						.image = image,
						.limits = true },
			  8);
}

static void vms_find_what_they_wrote(void **state)
{
	granule(&pgtable_arm64_s2_4k, SZ_4K, 0x80003, 70);
}

static void with_a_granule_of_16k(void **state)
{
	granule(&pgtable_arm64_s2_16k, SZ_16K, 0x80004, 64);
}

static void with_a_granule_of_64k(void **state)
{
	granule(&pgtable_arm64_s2_64k, SZ_64K, 0x80010, 64);
}

/* Operands of ranges count 64 KiB. */
static void with_52_bits(void **state)
{
	core_property_run(&(struct core_shape){
				  .format = &pgtable_arm64_s2_4k,
				  .shared_base = 0x80003, .image = 70,
				  .ipa_bits = 52, .oa_bits = 52,
				  .features = SIM_LPA2 | SIM_TLBIRANGE },
			  4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vms_find_what_they_wrote),
		cmocka_unit_test(with_a_granule_of_16k),
		cmocka_unit_test(with_a_granule_of_64k),
		cmocka_unit_test(with_52_bits),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
