// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/quick.c arch/mips/simple.c
// link: arch/mips/translate.c arch/mips/testing/fake_guest.c
/*
 * K44: what the quick way carries out of delay slots is what the long way does, or it
 * leaves everything as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "arch/mips/mips.h"
#include "arch/mips/quick.h"
#include "arch/mips/testing/fake_guest.h"

/* No slot's instruction reads one. */
struct mips_cpu mips_cpu;

u32 test_cp0_read(const char *name)
{
	fail_msg("%s", name);
	return 0;
}

#define DI INSN_DI
#define EI (INSN_DI | INSN_EI)
#define IP4 4

static int setup(void **state)
{
	fake_reset();
	fake_unpatched = true;
	mips_quick_guest = &guest;
	return 0;
}

/* In kernel mode, with this Status; an interrupt may be pending. */
static void begin(u32 status, bool line)
{
	fake_reset();
	fake_unpatched = true;
	mips_guest_set_line(&guest, IP4, line);
	mips_guest_before_entry(&guest);
	CP0_OF(CP0_STATUS) = status;
	mips_guest_before_entry(&guest);
	for (u32 n = 1; n < 32; n++)
		guest.gpr[n] = n % 3 ? 0x100 + n : 0;
	guest.pc = mips_quick_pc = FAKE_CODE;
}

/* Three instructions, one exit each. */
static void one_by_one(u32 branch, u32 after)
{
	fake_trap_in_slot(branch, DI);
	mips_guest_before_entry(&guest);
	if (guest.pc == FAKE_CODE + 8 && after == EI) {
		fake_trap(after);
		mips_guest_before_entry(&guest);
	}
}

static void compare(u32 status, bool line, u32 branch, u32 after, bool quick)
{
	struct mips_guest was;
	u32 pc, next;

	begin(status, line);
	was = guest;
	pc = mips_quick_slot(branch, DI, after);
	next = CP0_OF(CP0_STATUS);
	assert_int_equal(!!pc, quick);
	assert_memory_equal(guest.gpr, was.gpr, sizeof(was.gpr));
	if (!pc) {
		assert_true(guest.trapped);
		assert_int_equal(guest.insn, DI);
		assert_int_equal(guest.pc, FAKE_CODE);
		assert_int_equal(next, status);
		return;
	}
	assert_false(guest.trapped);
	assert_int_equal(guest.settled, next);
	begin(status, line);
	one_by_one(branch, after);
	assert_int_equal(guest.pc, pc);
	assert_int_equal(CP0_OF(CP0_STATUS), next);
	assert_memory_equal(guest.gpr, was.gpr, sizeof(was.gpr));
}

#define OPEN ST_IM_OF(IP4)

static void interrupts_are_as_they_were_in_one_go(void **state)
{
	for (u32 rs = 0; rs < 32; rs++) {
		u32 branch = BEQ(rs, 0, 2);
		bool k = rs == 26 || rs == 27;

		for (u32 ie = 0; ie < 2; ie++) {
			compare(ie, false, branch, EI, !k);
			compare(OPEN | ST_CU0 | ie, false, branch, EI, !k);
			compare(ST_EXL | ie, false, branch, EI, !k);
		}
		/* Masked as it is, nothing comes of it. */
		compare(0, true, branch, EI, !k);
	}
}

/* An interrupt that EI lets through is for the long way. */
static void an_interrupt_that_waits_is_not_forgotten(void **state)
{
	compare(OPEN, true, BEQ(4, 0, 2), EI, false);
	compare(OPEN, true, BEQ(3, 0, 2), EI, true); /* gpr 3 is 0 */
}

static void whatever_else_has_a_delay_slot_goes_the_long_way(void **state)
{
	const u32 branch[] = {
		BEQ(4, 0, 3), BEQ(4, 0, -2), BEQ(4, 5, 2), BEQ(0, 4, 2),
		INSN_I(OP_BNE, 4, 0, 2), INSN_I(OP_BGTZ, 4, 0, 2), INSN_NOP,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(branch); i++)
		compare(0, false, branch[i], EI, false);
	compare(0, false, BEQ(4, 0, 2), INSN_NOP, false);
	compare(0, false, BEQ(4, 0, 2), EI | 5 << 16, false);
	compare(0, false, BEQ(4, 0, 2), DI, false);
}

/* The guest has written Status by itself: what follows from it comes first. */
static void a_status_that_is_not_settled_goes_the_long_way(void **state)
{
	begin(0, false);
	CP0_OF(CP0_STATUS) = ST_UM;
	assert_int_equal(mips_quick_slot(BEQ(4, 0, 2), DI, EI), 0);
	mips_guest_before_entry(&guest);
	assert_int_equal(mips_quick_slot(BEQ(4, 0, 2), DI, EI), 0);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_UM);
	/* And where it is one that says of itself that it is not settled. */
	CP0_OF(CP0_STATUS) = MIPS_UNSETTLED;
	mips_guest_before_entry(&guest);
	mips_guest_set_line(&guest, IP4, true);
	assert_int_equal(mips_quick_slot(BEQ(3, 0, 2), DI, EI), 0);
	assert_int_equal(CP0_OF(CP0_STATUS), MIPS_UNSETTLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(interrupts_are_as_they_were_in_one_go),
		T(an_interrupt_that_waits_is_not_forgotten),
		T(whatever_else_has_a_delay_slot_goes_the_long_way),
		T(a_status_that_is_not_settled_goes_the_long_way),
	};

	return fake_run_with_both_layouts(tests);
}
