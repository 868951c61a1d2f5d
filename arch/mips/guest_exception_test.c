// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K42: a guest's exceptions and interrupts, by MIPS32 volume III. What is
 * checked is what the guest finds in its registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/fake_guest.h"

#define EBASE (MIPS_KSEG0 + 0x2000)

static int setup(void **state)
{
	fake_reset();
	CP0_OF(CP0_EBASE) = EBASE;
	return 0;
}

static u32 code(void)
{
	return CAUSE_EXC_OF(CP0_OF(CP0_CAUSE));
}

static void after_a_reset_it_is_a_cpu_of_release_2(void **state)
{
	const struct {
		u32 reg, value;
	} row[] = {
		{CP0_STATUS, ST_BEV | ST_ERL},
		{CP0_PRID, 0x19300},
		{CP0_CONFIG, 0x80000483},
		{CP0_CONFIG1,
		 0xfe000000 | 7 << 22 | 4 << 19 | 7 << 13 | 4 << 10},
		{CP0_CONFIG2, 0x80000000},
		{CP0_CONFIG3, 0x80002000},
		{CP0_CONFIG4, 0x80000000},
		{CP0_CONFIG5, 0},
		{CP0_WIRED, 0},
		{CP0_RANDOM, 63},
		{CP0_EBASE, FAKE_BY_LAYOUT(0x40000003, 0x80000003)},
		{CP0_INTCTL, 0xe0000000},
		{CP0_SRSCTL, 0},
		{CP0_CAUSE, 0},
		{CP0_HWRENA, 0},
		{CP0_PAGEMASK, 0},
	};

	guest.id = 3;
	guest.gpr[5] = 5;
	mips_guest_reset(&guest);
	assert_int_equal(guest.pc, FAKE_BY_LAYOUT(0x5fc00000, 0xbfc00000));
	assert_int_equal(guest.gpr[5], 0);
	assert_true(mips_guest_kernel_mode(&guest));
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(CP0_OF(row[i].reg), row[i].value);
	/* 64 sets, or 32: 1 KiB, and with lines of 128 bytes a page. */
	for (u32 line = 16, il = 3; line <= 128; line *= 2, il++) {
		guest.line = line;
		mips_guest_reset(&guest);
		assert_int_equal(CP0_OF(CP0_CONFIG1) >> 22 & 7, line == 16 ? 0 : 7);
		assert_int_equal(CP0_OF(CP0_CONFIG1) >> 19 & 7, il);
	}
	/* K45: colours, as the host has them: 32-byte lines, 16 and 8 KiB. */
	guest.line = 32;
	guest.icache_way = 0x4000;
	guest.dcache_way = 0x2000;
	mips_guest_reset(&guest);
	assert_int_equal(CP0_OF(CP0_CONFIG1) >> 22 & 7, 3);
	assert_int_equal(CP0_OF(CP0_CONFIG1) >> 13 & 7, 2);
	guest.asid_mask = 0x3ff;
	mips_guest_reset(&guest);
	assert_int_equal(CP0_OF(CP0_CONFIG4), 0x90000000);
}

static void an_exception_sets_epc_and_exl(void **state)
{
	CP0_OF(CP0_STATUS) = ST_UM | ST_IE;
	CP0_OF(CP0_CAUSE) = CAUSE_BD | CAUSE_CE(3) | CAUSE_IV;
	guest.pc = 0x1234;
	assert_int_equal(fake_exception(EXC_SYS, 0), MIPS_RUN);
	assert_int_equal(guest.pc, EBASE + 0x180);
	assert_int_equal(CP0_OF(CP0_EPC), 0x1234);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_UM | ST_IE | ST_EXL);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_EXC(EXC_SYS) | CAUSE_IV);
	assert_true(mips_guest_kernel_mode(&guest));
}

static void in_a_delay_slot_epc_is_the_branch(void **state)
{
	guest.pc = 0x1000;
	mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_BP), 0, NULL);
	assert_int_equal(CP0_OF(CP0_EPC), 0x1000);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_BD | CAUSE_EXC(EXC_BP));
}

/* MD00090, "Exception Processing": if EXL is set, EPC and BD are not changed.
 */
static void with_exl_set_epc_stays(void **state)
{
	CP0_OF(CP0_STATUS) = ST_EXL;
	CP0_OF(CP0_EPC) = 0x5678;
	mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_OV), 0, NULL);
	assert_int_equal(CP0_OF(CP0_EPC), 0x5678);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_EXC(EXC_OV));
	assert_int_equal(guest.pc, EBASE + 0x180);
}

static void a_miss_takes_the_refill_vector(void **state)
{
	const u32 bev = FAKE_BY_LAYOUT(0x5fc00200, 0xbfc00200);
	const struct {
		u32 status, vector;
	} row[] = {
		{0, EBASE},
		{ST_UM, EBASE},
		{ST_EXL, EBASE + 0x180},
		{ST_BEV, bev},
		{ST_BEV | ST_EXL, bev + 0x180},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		CP0_OF(CP0_STATUS) = row[i].status;
		mips_guest_before_entry(&guest);
		assert_int_equal(fake_exception(EXC_TLBS, 0x12345678),
				 MIPS_RUN);
		assert_int_equal(guest.pc, row[i].vector);
		assert_int_equal(code(), EXC_TLBS);
	}
}

/* KVM's left Context as it was. */
static void a_tlb_exception_sets_badvaddr_context_and_entryhi(void **state)
{
	guest.asid = 0x42;
	CP0_OF(CP0_ENTRYHI) = 0xfffff000;
	CP0_OF(CP0_CONTEXT) = 0xa57fffff;
	fake_exception(EXC_TLBL, 0x12345678);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x12345678);
	assert_int_equal(CP0_OF(CP0_CONTEXT), 0xa5000000 | (0x12345678 >> 13)
								   << 4);
	assert_int_equal(CP0_OF(CP0_ENTRYHI), 0x12344042);
	assert_int_equal(code(), EXC_TLBL);
}

static void an_address_error_sets_badvaddr_alone(void **state)
{
	CP0_OF(CP0_ENTRYHI) = 0x2042;
	CP0_OF(CP0_CONTEXT) = 0xa5000010;
	assert_int_equal(fake_exception(EXC_ADES, 0x10001), MIPS_RUN);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x10001);
	assert_int_equal(CP0_OF(CP0_CONTEXT), 0xa5000010);
	assert_int_equal(CP0_OF(CP0_ENTRYHI), 0x2042);
	assert_int_equal(code(), EXC_ADES);
	assert_int_equal(guest.pc, EBASE + 0x180);
}

static void user_mode_has_useg_alone(void **state)
{
	const u32 va[] = {MIPS_KSEG0, MIPS_KSEG2, MIPS_KSEG2 - 4,
			  fake_layout.last - 0xfff, MIPS_COMMPAGE | MIPS_KSEG2};

	fake_user_mode();
	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++) {
		CP0_OF(CP0_STATUS) = ST_UM;
		assert_int_equal(fake_exception(EXC_TLBL, va[i]), MIPS_RUN);
		assert_int_equal(code(), EXC_ADEL);
		assert_int_equal(CP0_OF(CP0_BADVADDR), va[i]);
		assert_int_equal(guest.pc, EBASE + 0x180);
		CP0_OF(CP0_STATUS) = ST_UM;
		fake_exception(EXC_MOD, va[i]);
		assert_int_equal(code(), EXC_ADES);
	}
	CP0_OF(CP0_STATUS) = ST_UM;
	fake_exception(EXC_ADEL, 0xa0000000);
	assert_int_equal(code(), EXC_ADEL);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0xa0000000);
}

static void a_kernel_that_jumps_where_nothing_is_finds_an_address_error(
	void **s)
{
	guest.pc = 0x80000000;
	assert_int_equal(fake_exception(EXC_ADEL, 0x80000000), MIPS_RUN);
	assert_int_equal(code(), EXC_ADEL);
	assert_int_equal(CP0_OF(CP0_EPC), 0x80000000);
	setup(NULL);
	/* The delay slot of the last instruction that it can reach. */
	guest.pc = 0x7ffffffc;
	mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_ADEL), 0x80000000,
			NULL);
	assert_int_equal(CP0_OF(CP0_EPC), 0x7ffffffc);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_BD | CAUSE_EXC(EXC_ADEL));
}

static void a_coprocessor_that_is_not_there_says_which(void **state)
{
	for (unsigned int ce = 1; ce < 4; ce++) {
		setup(NULL);
		mips_guest_trap(&guest, CAUSE_CE(ce) | CAUSE_EXC(EXC_CPU), 0,
				NULL);
		assert_int_equal(CP0_OF(CP0_CAUSE),
				 CAUSE_CE(ce) | CAUSE_EXC(EXC_CPU));
	}
	fake_exception(EXC_RI, 0);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_EXC(EXC_RI));
}

static void exceptions_of_what_the_guest_has_not_are_reserved_instructions(
	void **s)
{
	static const u32 codes[] = {EXC_FPE, 16, 18, 22, 26, 31};

	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		setup(NULL);
		assert_int_equal(fake_exception(codes[i], 0), MIPS_RUN);
		assert_int_equal(code(), EXC_RI);
	}
}

static void a_fetch_from_no_memory_is_a_bus_error(void **state)
{
	guest.pc = MIPS_KSEG0 + 0x1f000000;
	assert_int_equal(fake_exception(EXC_TLBL, guest.pc), MIPS_MAP);
	assert_int_equal(guest.map.access, MIPS_FETCH);
	assert_int_equal(mips_guest_access_device(&guest), MIPS_RUN);
	assert_int_equal(code(), EXC_IBE);
	guest.map.access = MIPS_LOAD;
	mips_guest_bus_error(&guest);
	assert_int_equal(code(), EXC_DBE);
}

/* ---- Interrupts ---------------------------------------------------------- */

static void an_interrupt_is_taken_when_it_may_be(void **state)
{
	static const struct {
		u32 status, cause;
		bool taken;
		u32 vector;
	} row[] = {
		{ST_IE | 0x400, 0, true, 0x180},
		{ST_IE | 0x400, CAUSE_IV, true, 0x200},
		{ST_IE | ST_UM | 0xff00, 0, true, 0x180},
		{0x400, 0, false, 0},
		{ST_IE | 0xfb00, 0, false, 0},
		{ST_IE | ST_EXL | 0x400, 0, false, 0},
		{ST_IE | ST_ERL | 0x400, 0, false, 0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		CP0_OF(CP0_STATUS) = row[i].status;
		CP0_OF(CP0_CAUSE) = row[i].cause;
		guest.pc = 0x40001234;
		mips_guest_set_line(&guest, 2, true);
		mips_guest_before_entry(&guest);
		assert_int_equal(guest.pc, row[i].taken ? EBASE + row[i].vector
							: 0x40001234);
		assert_int_equal(CP0_OF(CP0_CAUSE), row[i].cause | CAUSE_IP(2));
		if (row[i].taken)
			assert_int_equal(CP0_OF(CP0_EPC), 0x40001234);
		/* Wait looks at IM alone. */
		assert_int_equal(mips_guest_interrupted(&guest),
				 !!(row[i].status & 0x400));
	}
}

/* A kernel whose mtc0 Status is a store by now. */
/* By a store into the commpage: what the guest then accesses is not entered in the
 * table of the mode that it has left. */
static void a_mode_that_was_changed_without_a_trap_counts_first(void **state)
{
	u32 before = fake_entered;

	CP0_OF(CP0_STATUS) = ST_UM;
	guest.pc = 0x1000;
	assert_int_equal(fake_exception(EXC_TLBL, 0x1000), MIPS_RUN);
	assert_int_equal(guest.pc, 0x1000);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.table, MIPS_USER);
	assert_int_equal(fake_exception(EXC_TLBL, 0x1000), MIPS_RUN);
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)), EXC_TLBL);
	assert_int_equal(fake_entered, before);
}

static void an_interrupt_that_waited_is_taken_when_status_lets_it(void **state)
{
	mips_guest_set_line(&guest, 3, true);
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.pc, FAKE_CODE);
	CP0_OF(CP0_STATUS) = ST_IE | 0x800;
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.pc, EBASE + 0x180);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_IP(3));
	/* It has EXL set now, so not again. */
	mips_guest_before_entry(&guest);
	assert_int_equal(CP0_OF(CP0_EPC), FAKE_CODE);
}

static void a_line_goes_down_by_itself(void **state)
{
	for (unsigned int ip = 2; ip <= 6; ip++) {
		mips_guest_set_line(&guest, ip, true);
		mips_guest_before_entry(&guest);
		assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_IP(ip));
		mips_guest_set_line(&guest, ip, false);
		mips_guest_before_entry(&guest);
		assert_int_equal(CP0_OF(CP0_CAUSE), 0);
	}
	/* Those are not lines: the timer's, and what software sets. */
	mips_guest_set_line(&guest, 7, true);
	mips_guest_set_line(&guest, 0, true);
	mips_guest_before_entry(&guest);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
}

static void software_raises_its_own(void **state)
{
	CP0_OF(CP0_STATUS) = ST_IE | 0x100;
	guest.gpr[4] = 0xffffffff & ~CAUSE_DC;
	fake_trap(MTC0(4, CP0_CAUSE));
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_IV | 0x300);
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.pc, EBASE + 0x200);
}

static void what_a_guest_writes_into_its_commpage_raises_nothing(void **state)
{
	CP0_OF(CP0_STATUS) = ST_IE | ST_IM;
	CP0_OF(CP0_CAUSE) = CAUSE_TI | CAUSE_IP_LINES | CAUSE_DC;
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_false(mips_guest_interrupted(&guest));
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_false(guest.timer.stopped);
}

/* ---- Time ---------------------------------------------------------------- */

static u32 count(void)
{
	guest.pc = FAKE_CODE;
	assert_int_equal(fake_trap(MFC0(2, CP0_COUNT)), MIPS_RUN);
	return guest.gpr[2];
}

static void write_to(u32 reg, u32 value)
{
	guest.pc = FAKE_CODE;
	guest.gpr[4] = value;
	assert_int_equal(fake_trap(MTC0(4, reg)), MIPS_RUN);
}

static void count_counts(void **state)
{
	assert_int_equal(count(), 0);
	fake_time += 100;
	assert_int_equal(count(), 100);
	write_to(CP0_COUNT, 0xfffffff0);
	fake_time += 0x20;
	assert_int_equal(count(), 0x10);
}

static void who_reads_count_past_compare_finds_ti(void **state)
{
	write_to(CP0_COMPARE, 50);
	assert_int_equal(fake_due, fake_time + 50);
	fake_time += 49;
	assert_int_equal(count(), 49);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
	fake_time++;
	assert_int_equal(count(), 50);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
	assert_true(fake_due == MIPS_NEVER);
	fake_time += 1000;
	assert_int_equal(count(), 1050);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
}

static void compare_acknowledges(void **state)
{
	write_to(CP0_COMPARE, 50);
	fake_time += 60;
	mips_timer_update(&guest);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
	write_to(CP0_COMPARE, 100);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
	assert_int_equal(CP0_OF(CP0_COMPARE), 100);
	assert_int_equal(fake_due, fake_time + 40);
	/* What has been is due again when Count has gone round. */
	write_to(CP0_COMPARE, 59);
	assert_true(fake_due == fake_time + 0xffffffff);
	/* Compare is Count: now. */
	write_to(CP0_COMPARE, 60);
	mips_timer_update(&guest);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
}

static void dc_stops_count(void **state)
{
	write_to(CP0_COMPARE, 50);
	fake_time += 10;
	write_to(CP0_CAUSE, CAUSE_DC);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_DC);
	assert_true(fake_due == MIPS_NEVER);
	fake_time += 1000;
	assert_int_equal(count(), 10);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_DC);
	write_to(CP0_COUNT, 45);
	assert_int_equal(count(), 45);
	write_to(CP0_CAUSE, 0);
	assert_int_equal(fake_due, fake_time + 5);
	fake_time += 5;
	assert_int_equal(count(), 50);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
}

static void writing_count_moves_what_is_due(void **state)
{
	write_to(CP0_COMPARE, 1000);
	write_to(CP0_COUNT, 990);
	assert_int_equal(fake_due, fake_time + 10);
	fake_time += 10;
	write_to(CP0_COUNT, 0);
	assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_TI | CAUSE_IP(7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(after_a_reset_it_is_a_cpu_of_release_2),
		T(an_exception_sets_epc_and_exl),
		T(in_a_delay_slot_epc_is_the_branch),
		T(with_exl_set_epc_stays),
		T(a_miss_takes_the_refill_vector),
		T(a_tlb_exception_sets_badvaddr_context_and_entryhi),
		T(an_address_error_sets_badvaddr_alone),
		T(user_mode_has_useg_alone),
		T(a_kernel_that_jumps_where_nothing_is_finds_an_address_error),
		T(a_coprocessor_that_is_not_there_says_which),
		T(exceptions_of_what_the_guest_has_not_are_reserved_instructions),
		T(a_fetch_from_no_memory_is_a_bus_error),
		T(an_interrupt_is_taken_when_it_may_be),
		T(a_mode_that_was_changed_without_a_trap_counts_first),
		T(an_interrupt_that_waited_is_taken_when_status_lets_it),
		T(a_line_goes_down_by_itself),
		T(software_raises_its_own),
		T(what_a_guest_writes_into_its_commpage_raises_nothing),
		T(count_counts),
		T(who_reads_count_past_compare_finds_ti),
		T(compare_acknowledges),
		T(dc_stops_count),
		T(writing_count_moves_what_is_due),
	};

	return fake_run_with_both_layouts(tests);
}
