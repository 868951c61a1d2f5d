// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c
/*
 * The order of stores, DSB, TLBI, ISB and writes of VTTBR_EL2: each mistake is
 * reported by its name, and the sequences that the manuals give are not, for both
 * kinds of CPU (bugs.md, the rules).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/by_hand.h"

/* What an ARMv7 CPU and an ARMv8 one have for the same. */
static const struct {
	u32 features;
	enum sim_tlbi all, all_local, vmid, vmid_local;
} kinds[] = {
	{ 0, SIM_ALLE1IS, SIM_ALLE1, SIM_VMALLS12E1IS, SIM_VMALLS12E1 },
	{ SIM_ARMV7, SIM_TLBIALLNSNHIS, SIM_TLBIALLNSNH, SIM_TLBIALLIS,
	  SIM_TLBIALL },
};

static u64 vttbr(u16 vmid)
{
	return sim_make_vttbr(sim_phys(h.root), vmid);
}

/* CPU 0 has another VMID selected, and page 0 is not there any more. */
static void unmap(u32 features)
{
	set_up(features);
	sim_write_vttbr(h.vtcr, vttbr(9));
	set(&h.pages[0], 0);
}

static void select_vmid(u16 vmid)
{
	sim_set_vtcr(h.vtcr);
	sim_set_vttbr(vttbr(vmid));
}

static void by_vmid_as_the_manual_says(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		unmap(kinds[k].features);
		sim_dsb();
		select_vmid(VMID);
		sim_isb();
		sim_tlbi(kinds[k].vmid, 0);
		sim_dsb();
		sim_isb();
		select_vmid(9);
		sim_isb();
		none();
	}
}

/* The TLBI goes by the VMID that was there. */
static void a_vmid_is_selected_without_an_isb(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		unmap(kinds[k].features);
		select_vmid(VMID);
		sim_tlbi(kinds[k].vmid, 0);
		sim_dsb();
		sim_isb();
		sim_op_end();
		assert_int_equal(sim_broken(SIM_CONTEXT), 1);
		assert_true(sim_broken(SIM_STALE_ENTRY));
		none();
	}
}

/* Every VMID's: whichever is selected. */
static void what_is_for_every_vmid_needs_none(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		unmap(kinds[k].features);
		select_vmid(VMID);
		sim_tlbi(kinds[k].all, 0);
		sim_dsb();
		none();
	}
}

static void a_vmid_is_put_back_before_the_dsb(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		unmap(kinds[k].features);
		sim_write_vttbr(h.vtcr, vttbr(VMID));
		sim_tlbi(kinds[k].vmid, 0);
		sim_set_vttbr(vttbr(9));
		sim_dsb();
		sim_isb();
		sim_quiet();
		only(SIM_INCOMPLETE);
	}
}

static void a_vmid_is_put_back_before_the_isb(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		unmap(kinds[k].features);
		sim_write_vttbr(h.vtcr, vttbr(VMID));
		sim_tlbi(kinds[k].vmid, 0);
		sim_dsb();
		sim_set_vttbr(vttbr(9));
		sim_isb();
		sim_quiet();
		only(SIM_INCOMPLETE);
	}
}

/* What was broadcast is complete on no other CPU. */
static void a_dsb_that_does_not_reach_the_others(void **state)
{
	static const enum sim_dsb less[] = { SIM_DSB_NSH, SIM_DSB_ISHST };

	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (unsigned int n = 0; n < ARRAY_SIZE(less); n++) {
			unmap(kinds[k].features);
			sim_write_vttbr(h.vtcr, vttbr(VMID));
			sim_tlbi(kinds[k].vmid, 0);
			sim_dsb_of(less[n]);
			sim_isb();
			sim_op_end();
			only(SIM_STALE_ENTRY);
		}
	}
}

/* For this CPU alone, that is enough. */
static void a_local_invalidation_takes_a_local_dsb(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		set_up(kinds[k].features);
		leave(1);
		sim_be_cpu(1);
		sim_tlbi(kinds[k].vmid_local, 0);
		sim_dsb_of(SIM_DSB_NSH);
		sim_isb();
		sim_be_cpu(0);
		enter_as(1, VMID, 1);
		none();
	}
}

static void a_local_invalidation_without_a_dsb(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		set_up(kinds[k].features);
		leave(1);
		sim_be_cpu(1);
		sim_tlbi(kinds[k].all_local, 0);
		sim_dsb_of(SIM_DSB_ISHST);
		sim_isb();
		sim_enter(&h, sim_phys(h.root), 1);
		sim_be_cpu(0);
		only(SIM_VCPU_SHARED);
	}
}

/* Its walks may be under way, and go on with what VTTBR_EL2 says now. */
static void a_guest_is_left_and_vttbr_changes_at_once(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		set_up(kinds[k].features);
		leave(1);
		sim_be_cpu(1);
		sim_dsb_of(SIM_DSB_ISHST);
		sim_set_vttbr(vttbr(9));
		sim_isb();
		sim_be_cpu(0);
		only(SIM_WALKS);
	}
}

static void a_guest_is_left_and_a_dsb_waits_for_its_walks(void **state)
{
	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		set_up(kinds[k].features);
		leave(1);
		sim_be_cpu(1);
		sim_dsb_of(SIM_DSB_NSH);
		sim_set_vttbr(vttbr(9));
		sim_isb();
		sim_be_cpu(0);
		none();
	}
}

/* An exception return brings registers into force, as an ISB does. */
static void a_guest_is_entered_without_an_isb(void **state)
{
	set_up(0);
	leave(1);
	sim_be_cpu(1);
	sim_dsb();
	select_vmid(8);
	sim_enter(&h, sim_phys(h.root), 0);
	sim_be_cpu(0);
	none();
}

/* What was written is read, in force or not. */
static void registers_read_as_written(void **state)
{
	set_up(0);
	sim_set_vttbr(vttbr(9));
	sim_set_vtcr(h.vtcr | BIT64(19));
	assert_int_equal(sim_read_vttbr(), vttbr(9));
	assert_int_equal(sim_read_vtcr(), h.vtcr | BIT64(19));
	none();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(by_vmid_as_the_manual_says),
		T(a_vmid_is_selected_without_an_isb),
		T(what_is_for_every_vmid_needs_none),
		T(a_vmid_is_put_back_before_the_dsb),
		T(a_vmid_is_put_back_before_the_isb),
		T(a_dsb_that_does_not_reach_the_others),
		T(a_local_invalidation_takes_a_local_dsb),
		T(a_local_invalidation_without_a_dsb),
		T(a_guest_is_left_and_vttbr_changes_at_once),
		T(a_guest_is_left_and_a_dsb_waits_for_its_walks),
		T(a_guest_is_entered_without_an_isb),
		T(registers_read_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
