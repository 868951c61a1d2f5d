// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/memory.c
// link: arch/sim/mips.c arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c arch/sim/tlbi.c
// link: pgtable/build.c pgtable/collapse.c pgtable/dirty.c pgtable/flush.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/split.c pgtable/step.c
// link: pgtable/unmap.c
/*
 * An invalidation of one VM on a CPU that holds another: VTTBR_EL2 is after it
 * what it was before, base address and VMID (bugs.md 26), and during it VTCR_EL2
 * is the VM's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/env.h"

#define BASE 0x40000000UL

static void what_was_selected_stays_selected(void **state)
{
	struct sim_config machine = { .cpus = 2, .ram = 4 << 20 };
	struct pgtable_config config = { .format = &pgtable_arm64_s2_4k,
					 .ia_bits = 40, .oa_bits = 40 };
	struct sim_env env = { 0 };
	struct pgtable pt;
	u64 vtcr, vttbr;

	sim_init(&machine);
	assert_int_equal(sim_env_init(&env, &pt, &config, 7, 2), 0);
	vtcr = sim_vtcr_of(&pt);
	vttbr = sim_make_vttbr(pt.root_pa.v, 9);
	sim_write_vttbr(vtcr, vttbr);

	sim_flush_addr(&env, &pt, BASE, 3);
	assert_true(sim_read_vttbr() == vttbr);
	sim_flush_range(&env, &pt, BASE, 8 * PAGE_SIZE, 3);
	assert_true(sim_read_vttbr() == vttbr);
	sim_flush_all(&env, &pt);
	assert_true(sim_read_vttbr() == vttbr);
	assert_true(sim_read_vtcr() == vtcr);

	sim_env_exit(&env, &pt, 2);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

/*
 * FEAT_LPA2's DS, in VTCR_EL2, decides in what units a range operand counts: 4K
 * has it here, and 64K has not. CPU 0 holds the one and invalidates of the
 * other.
 */
static unsigned long stale_after_another_ds(bool keep_vtcr)
{
	struct sim_config machine = { .cpus = 2, .ram = 4 << 20, .quiet = true,
				      .features = SIM_LPA2 | SIM_TLBIRANGE };
	struct pgtable_config config = { .format = &pgtable_arm64_s2_4k,
					 .ia_bits = 40, .oa_bits = 40,
					 .features = PGT_FEAT_LPA2 };
	struct sim_env env = { 0 };
	unsigned long stale, others;
	struct pgtable pt;

	sim_init(&machine);
	assert_int_equal(sim_env_init(&env, &pt, &config, 7, 2), 0);
	sim_write_vttbr(sim_make_vtcr(16, 40, 2, 40), 0);
	env.keep_vtcr = keep_vtcr;
	assert_int_equal(pgtable_map(&pt, IA(BASE), 64 * PAGE_SIZE,
				     HPA(0x900001000), PGT_RW, NULL, NULL), 0);
	assert_int_equal(pgtable_protect(&pt, IA(BASE), 64 * PAGE_SIZE, PGT_W,
					 0, NULL), 0);
	sim_op_end();
	stale = sim_broken(SIM_STALE_ENTRY);
	others = sim_broken_any();
	env.keep_vtcr = false;
	sim_env_exit(&env, &pt, 2);
	assert_int_equal(others, 0);
	sim_exit();
	return stale;
}

static void a_range_operand_is_made_for_the_vtcr_that_is_loaded(void **state)
{
	assert_int_equal(stale_after_another_ds(false), 0);
	assert_true(stale_after_another_ds(true) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_selected_stays_selected),
		cmocka_unit_test(
			a_range_operand_is_made_for_the_vtcr_that_is_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
