// SPDX-License-Identifier: BSD-2-Clause
// link: arch/arm/stage2.c arch/armcommon/stage2.c
// link: arch/armcommon/stage2_choose.c arch/armcommon/state.c arch/sim/dirty.c
// link: arch/sim/machine.c arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c
// link: arch/sim/page.c arch/sim/regime.c arch/sim/sim.c arch/sim/stale.c
// link: arch/sim/tables.c arch/sim/testing/core_property.c
// link: arch/sim/testing/port_cpu.c arch/sim/testing/port_stage2.c
// link: arch/sim/tlb.c arch/sim/tlbi.c arch/sim/vcpu.c core/backing.c
// link: core/backing_ram.c core/backing_static.c core/dirty_log.c core/fault.c
// link: core/hyp_alloc.c core/memcache.c core/memslot.c core/mmio.c
// link: core/notifier.c core/page_alloc.c core/rwlock.c core/stage2_tables.c
// link: core/testing/fake_sched.c core/vcpu.c core/vm.c core/vmid.c lib/log.c
// link: lib/printf.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c
// flags: -pthread -Iarch/arm -Wl,--wrap=arch_stage2_ops
// flags: -Wl,--wrap=arch_vm_invalidate_icache
/*
 * The port's stage 2 as it ships, on the simulated machine's ARMv7 CPUs: VTCR and
 * VTTBR, VMIDs of 8 bits and their new generations, vCPUs that share a CPU, and
 * every invalidation, its encoding and the order of its DSBs and ISBs (K7, K8, K30;
 * bugs.md 2, 3, 4, 24, 25, 26, 28, 29, the rules).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/core_property.h"

static void run(const struct core_shape *shape)
{
	struct core_shape s = *shape;

	s.format = &pgtable_lpae_s2;
	s.shared_base = 0x80003;
	s.image = 70;
	s.features = SIM_ARMV7;
	core_property_run(&s, 12);
}

static void vms_find_what_they_wrote(void **state)
{
	run(&(struct core_shape){ .limits = true });
}

/* A root of four tables side by side, and a small one. */
static void with_other_sizes_of_ipa(void **state)
{
	run(&(struct core_shape){ .ipa_bits = 33 });
	run(&(struct core_shape){ .ipa_bits = 32 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vms_find_what_they_wrote),
		cmocka_unit_test(with_other_sizes_of_ipa),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
