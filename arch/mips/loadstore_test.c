// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K43, K45: loads and stores of devices and of uncached memory, and LL and SC
 * around what traps; bugs.md 36 and 37.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/testing/fake_guest.h"

#define UART 0x1f000900U
#define RAM 0x2000U           /* guest-physical */
#define WORD fake_ram[RAM / 4]
#define V0 2
#define A0 4
#define T0 8
#define T1 9

static int setup(void **state)
{
	fake_reset();
	fake_unpatched = true;
	return 0;
}

static u32 code(void)
{
	return CAUSE_EXC_OF(CP0_OF(CP0_CAUSE));
}

/* `op rt, offset(a0)` at guest-physical `pa`, through 0xa0000000. */
static enum mips_next access_at(u32 op, u32 rt, u32 pa)
{
	u32 va = 0xa0000000 | pa, store = op >= OP_SB && op != OP_LL &&
					  op != OP_PREF;

	guest.pc = FAKE_CODE;
	guest.gpr[A0] = va - 0x20;
	fake_put(FAKE_CODE, INSN_I(op, A0, rt, 0x20));
	return fake_exception(store ? EXC_ADES : EXC_ADEL, va);
}

/* ---- Devices ------------------------------------------------------------- */

static void a_load_is_the_devices_to_answer(void **state)
{
	static const struct {
		u32 op, pa, size, answer, value;
	} row[] = {
		{OP_LW, UART, 4, 0x89abcdef, 0x89abcdef},
		{OP_LL, UART, 4, 0x89abcdef, 0x89abcdef},
		{OP_LH, UART + 2, 2, 0xcdef, 0xffffcdef},
		{OP_LHU, UART + 2, 2, 0xcdef, 0xcdef},
		{OP_LB, UART + 3, 1, 0x8f, 0xffffff8f},
		{OP_LBU, UART + 3, 1, 0x8f, 0x8f},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(access_at(row[i].op, V0, row[i].pa), MIPS_MMIO);
		assert_true(guest.mmio.gpa == row[i].pa);
		assert_int_equal(guest.mmio.size, row[i].size);
		assert_false(guest.mmio.write);
		guest.mmio.value = row[i].answer;
		assert_int_equal(mips_guest_complete_mmio(&guest), MIPS_RUN);
		assert_int_equal(guest.gpr[V0], row[i].value);
		assert_int_equal(guest.pc, FAKE_CODE + 4);
	}
}

static void a_store_is_the_devices_to_take(void **state)
{
	static const struct {
		u32 op, pa, size, value;
	} row[] = {
		{OP_SW, UART, 4, 0x89abcdef},
		{OP_SH, UART + 2, 2, 0xcdef},
		{OP_SB, UART + 1, 1, 0xef},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		guest.gpr[V0] = 0x89abcdef;
		assert_int_equal(access_at(row[i].op, V0, row[i].pa), MIPS_MMIO);
		assert_true(guest.mmio.gpa == row[i].pa);
		assert_int_equal(guest.mmio.size, row[i].size);
		assert_true(guest.mmio.write);
		assert_int_equal(guest.mmio.value, row[i].value);
		assert_int_equal(mips_guest_complete_mmio(&guest), MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE + 4);
	}
}

static void in_a_delay_slot_it_goes_on_where_the_branch_leads(void **state)
{
	guest.gpr[A0] = 0xa0000000 | UART;
	fake_put(FAKE_CODE, BEQ(0, 0, 0x40));
	fake_put(FAKE_CODE + 4, INSN_I(OP_LW, A0, V0, 0));
	assert_int_equal(mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_ADEL),
					 0xa0000000 | UART, NULL),
			 MIPS_MMIO);
	mips_guest_complete_mmio(&guest);
	assert_int_equal(guest.pc, FAKE_CODE + 4 + 0x100);
}

static void nobody_answers(void **state)
{
	assert_int_equal(access_at(OP_LW, V0, UART), MIPS_MMIO);
	mips_guest_bus_error(&guest);
	assert_int_equal(code(), EXC_DBE);
	assert_int_equal(CP0_OF(CP0_EPC), FAKE_CODE);
}

/* ---- Uncached memory ------------------------------------------------------- */

static void memory_is_read_and_written(void **state)
{
	WORD = 0x04030281;
	assert_int_equal(access_at(OP_LW, V0, RAM), MIPS_RUN);
	assert_int_equal(guest.gpr[V0], 0x04030281);
	access_at(OP_LB, V0, RAM);
	assert_int_equal(guest.gpr[V0], 0xffffff81);
	access_at(OP_LHU, V0, RAM + 2);
	assert_int_equal(guest.gpr[V0], 0x0403);
	guest.gpr[V0] = 0x12345678;
	access_at(OP_SB, V0, RAM + 1);
	assert_int_equal(WORD, 0x04037881);
	access_at(OP_SH, V0, RAM + 2);
	assert_int_equal(WORD, 0x56787881);
	access_at(OP_SW, V0, RAM);
	assert_int_equal(WORD, 0x12345678);
	assert_int_equal(access_at(OP_LW, 0, RAM), MIPS_RUN);
	assert_int_equal(guest.gpr[0], 0);
}

/* MD00086, LWL and others, little-endian. */
static void unaligned_words_come_in_two_parts(void **state)
{
	static const u32 lwl[] = { 0x04bbccdd, 0x0304ccdd, 0x020304dd,
				   0x01020304 };
	static const u32 lwr[] = { 0x01020304, 0xaa010203, 0xaabb0102,
				   0xaabbcc01 };
	static const u32 swl[] = { 0x010203aa, 0x0102aabb, 0x01aabbcc,
				   0xaabbccdd };
	static const u32 swr[] = { 0xaabbccdd, 0xbbccdd04, 0xccdd0304,
				   0xdd020304 };

	for (u32 n = 0; n < 4; n++) {
		WORD = 0x01020304;
		guest.gpr[V0] = 0xaabbccdd;
		assert_int_equal(access_at(OP_LWL, V0, RAM + n), MIPS_RUN);
		assert_int_equal(guest.gpr[V0], lwl[n]);
		guest.gpr[V0] = 0xaabbccdd;
		assert_int_equal(access_at(OP_LWR, V0, RAM + n), MIPS_RUN);
		assert_int_equal(guest.gpr[V0], lwr[n]);
		guest.gpr[V0] = 0xaabbccdd;
		assert_int_equal(access_at(OP_SWL, V0, RAM + n), MIPS_RUN);
		assert_int_equal(WORD, swl[n]);
		WORD = 0x01020304;
		assert_int_equal(access_at(OP_SWR, V0, RAM + n), MIPS_RUN);
		assert_int_equal(WORD, swr[n]);
	}
}

static void a_device_takes_them_in_pieces(void **state)
{
	guest.gpr[V0] = 0xaabbccdd;
	assert_int_equal(access_at(OP_SWR, V0, UART + 1), MIPS_MMIO);
	assert_true(guest.mmio.gpa == UART + 1);
	assert_int_equal(guest.mmio.size, 1);
	assert_int_equal(guest.mmio.value, 0xdd);
	assert_int_equal(mips_guest_complete_mmio(&guest), MIPS_MMIO);
	assert_true(guest.mmio.gpa == UART + 2);
	assert_int_equal(guest.mmio.size, 2);
	assert_int_equal(guest.mmio.value, 0xbbcc);
	assert_int_equal(mips_guest_complete_mmio(&guest), MIPS_RUN);
	assert_int_equal(access_at(OP_LWL, V0, UART + 1), MIPS_MMIO);
	assert_true(guest.mmio.gpa == UART);
	assert_int_equal(guest.mmio.size, 4);
}

static void what_is_not_aligned_is_an_address_error(void **state)
{
	static const struct {
		u32 op, pa, code;
	} row[] = {
		{OP_LW, 1, EXC_ADEL}, {OP_LW, 2, EXC_ADEL}, {OP_LH, 1, EXC_ADEL},
		{OP_LL, 2, EXC_ADEL}, {OP_SW, 2, EXC_ADES}, {OP_SH, 3, EXC_ADES},
		{OP_SC, 1, EXC_ADES},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		assert_int_equal(access_at(row[i].op, V0, RAM + row[i].pa),
				 MIPS_RUN);
		assert_int_equal(code(), row[i].code);
		assert_int_equal(CP0_OF(CP0_BADVADDR),
				 0xa0000000 + RAM + row[i].pa);
	}
}

static void above_the_uncached_segments_is_nothing(void **state)
{
	fake_put(FAKE_CODE, INSN_I(OP_LW, A0, V0, 0));
	guest.gpr[A0] = 0xc0000000;
	assert_int_equal(fake_exception(EXC_ADEL, 0xc0000000), MIPS_RUN);
	assert_int_equal(code(), EXC_ADEL);
}

static void hints_and_syncs_do_nothing(void **state)
{
	assert_int_equal(access_at(OP_PREF, 0, UART), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
	guest.pc = FAKE_CODE;
	fake_put(FAKE_CODE, INSN_SYNCI(A0, 0));
	assert_int_equal(fake_exception(EXC_ADEL, 0xa0000000), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

/* Loads and stores of an FPU's, or of nothing known. */
static void what_is_not_known_is_a_bus_error(void **state)
{
	for (u32 op = 0; op < 64; op++) {
		setup(NULL);
		assert_true(access_at(op, V0, UART) <= MIPS_MMIO);
		mips_guest_before_entry(&guest);
	}
	setup(NULL);
	access_at(0x35, V0, UART); /* ldc1 */
	assert_int_equal(code(), EXC_DBE);
}

/* Its instruction was changed by another CPU in between. */
static void another_access_than_the_one_that_trapped_is_executed(void **state)
{
	access_at(OP_LW, V0, RAM);
	guest.pc = FAKE_CODE;
	guest.gpr[A0] += 4;
	assert_int_equal(fake_exception(EXC_ADEL, 0xa0000000 | RAM), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	guest.gpr[A0] -= 4;
	assert_int_equal(fake_exception(EXC_ADES, 0xa0000000 | RAM), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
}

/* ---- LL and SC of uncached memory ------------------------------------------- */

static void a_pair_that_is_emulated_stores(void **state)
{
	WORD = 7;
	access_at(OP_LL, V0, RAM);
	assert_int_equal(guest.gpr[V0], 7);
	guest.gpr[V0] = 8;
	access_at(OP_SC, V0, RAM);
	assert_int_equal(guest.gpr[V0], 1);
	assert_int_equal(WORD, 8);
	/* Not twice. */
	guest.gpr[V0] = 9;
	access_at(OP_SC, V0, RAM);
	assert_int_equal(guest.gpr[V0], 0);
	assert_int_equal(WORD, 8);
}

static void what_breaks_a_pair_that_is_emulated(void **state)
{
	WORD = 7;
	access_at(OP_LL, V0, RAM);
	WORD = 10; /* another CPU's store */
	access_at(OP_SC, V0, RAM);
	assert_int_equal(guest.gpr[V0], 0);
	assert_int_equal(WORD, 10);
	access_at(OP_LL, V0, RAM);
	access_at(OP_SC, V0, RAM + 4); /* another address */
	assert_int_equal(guest.gpr[V0], 0);
	access_at(OP_LL, V0, RAM);
	guest.pc = FAKE_CODE;
	fake_trap(INSN_CO(CO_ERET));
	access_at(OP_SC, V0, RAM);
	assert_int_equal(guest.gpr[V0], 0);
	assert_int_equal(WORD, 10);
}

static void a_conditional_store_that_nobody_answers_has_not_been(void **state)
{
	access_at(OP_LL, V0, UART);
	mips_guest_complete_mmio(&guest);
	guest.gpr[V0] = 7;
	assert_int_equal(access_at(OP_SC, V0, UART), MIPS_MMIO);
	mips_guest_bus_error(&guest);
	assert_int_equal(guest.gpr[V0], 7);
	assert_int_equal(code(), EXC_DBE);
}

static void a_device_takes_a_conditional_store(void **state)
{
	access_at(OP_LL, V0, UART);
	guest.mmio.value = 3;
	mips_guest_complete_mmio(&guest);
	guest.gpr[V0] = 5;
	assert_int_equal(access_at(OP_SC, V0, UART), MIPS_MMIO);
	assert_true(guest.mmio.write);
	assert_int_equal(guest.mmio.value, 5);
	mips_guest_complete_mmio(&guest);
	assert_int_equal(guest.gpr[V0], 1);
}

/* ---- LL and SC around what traps (bugs.md 37) ---------------------------------- */

/* What Linux emits for a page table entry: ll, tlbp, is it present? make it
 * valid, sc; again if it failed. */
static const u32 tlb_handler[] = {
	INSN_I(OP_LL, A0, T0, 0),
	INSN_CO(CO_TLBP),
	INSN_I(OP_ANDI, T0, T1, 1),
	INSN_I(OP_XORI, T1, T1, 1),
	INSN_I(OP_BNE, T1, 0, 20),
	INSN_NOP,
	INSN_I(OP_ORI, T0, T0, 0x180),
	INSN_I(OP_SC, A0, T0, 0),
	INSN_I(OP_BEQ, T0, 0, 0xfff7),
	INSN_NOP,
};

static void put_code(const u32 *insn, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fake_put(FAKE_CODE + 4 * i, insn[i]);
}

/* The guest executed LL, and tlbp traps. */
static void ll_then_trap(void)
{
	put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
	guest.gpr[A0] = MIPS_KSEG0 + RAM;
	guest.gpr[T0] = WORD;
	guest.pc = FAKE_CODE + 4;
	assert_int_equal(fake_exception(EXC_CPU, 0), MIPS_RUN);
}

/* The table in use has the word's page, or has it not. */
static void start_pair(bool mapped)
{
	struct fake_page page;

	setup(NULL);
	if (mapped)
		fake_touch(MIPS_KSEG0 + RAM, MIPS_STORE, &page);
	WORD = 1;
}

/* By address, and by guest-physical address where the table in use has no page. */
static void a_pair_around_tlbp_succeeds(void **state)
{
	for (int mapped = 0; mapped < 2; mapped++) {
		start_pair(mapped);
		ll_then_trap();
		assert_int_equal(WORD, 0x181);
		assert_int_equal(guest.gpr[T0], 1);
		assert_int_equal(guest.pc, FAKE_CODE + 32);
		assert_int_equal(CP0_OF(CP0_INDEX), INDEX_P);
	}
}

static void store_from_elsewhere(void)
{
	WORD = 0x1001;
}

/* It fails, and is done again with what is there now. */
static void a_pair_that_another_cpu_broke_begins_anew(void **state)
{
	for (int mapped = 0; mapped < 2; mapped++) {
		start_pair(mapped);
		fake_race = store_from_elsewhere;
		ll_then_trap();
		assert_int_equal(WORD, 0x1181);
		assert_int_equal(guest.gpr[T0], 1);
		assert_int_equal(guest.pc, FAKE_CODE + 32);
	}
}

/* The word is what it was: but others have run between LL and what trapped, or
 * the guest has returned from an exception there. */
static void a_pair_during_which_others_ran_begins_anew(void **state)
{
	for (u32 n = 0; n < ARRAY_SIZE(tlb_handler); n++) {
		setup(NULL);
		guest.pc = FAKE_CODE + 4 * n;
		mips_guest_unlink(&guest);
		WORD = 1;
		put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
		/* On the way back to LL. */
		fake_put(FAKE_CODE + 36, INSN_I(OP_ADDIU, T1, T1, 0x100));
		fake_put(FAKE_CODE + 8, INSN_I(OP_ANDI, T0, 2, 1));
		fake_put(FAKE_CODE + 12, INSN_I(OP_XORI, 2, 2, 1));
		fake_put(FAKE_CODE + 16, INSN_I(OP_BNE, 2, 0, 20));
		guest.gpr[A0] = MIPS_KSEG0 + RAM;
		guest.gpr[T0] = 1;
		guest.pc = FAKE_CODE + 4;
		assert_int_equal(fake_exception(EXC_CPU, 0), MIPS_RUN);
		assert_int_equal(WORD, 0x181);
		assert_int_equal(guest.gpr[T0], 1);
		assert_int_equal(guest.gpr[T1], n == 1 ? 0x100 : 0);
		assert_int_equal(guest.pc, FAKE_CODE + 32);
	}
}

static void a_pair_that_is_abandoned_stores_nothing(void **state)
{
	WORD = 0; /* not present */
	ll_then_trap();
	assert_int_equal(WORD, 0);
	assert_int_equal(guest.gpr[T1], 1);
	/* Where the branch leads. */
	assert_int_equal(guest.pc, FAKE_CODE + 4 * (4 + 1 + 20));
}

/* There is code behind SC that comes back to it. */
static void a_pair_of_which_a_part_is_elsewhere_succeeds_in_the_end(void **state)
{
	unsigned int n;

	for (n = 0; n < 100; n++) {
		WORD = 0;
		put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
		fake_put(FAKE_CODE + 4 * 25, INSN_I(OP_BEQ, 0, 0, -20 & 0xffff));
		fake_put(FAKE_CODE + 4 * 26, INSN_NOP);
		guest.gpr[A0] = MIPS_KSEG0 + RAM;
		guest.gpr[T0] = WORD;
		guest.pc = FAKE_CODE + 4;
		fake_exception(EXC_CPU, 0);
		if (WORD)
			break;
		assert_int_equal(guest.pc, FAKE_CODE + 4 * 25);
	}
	assert_in_range(n, 2, 20);
	assert_int_equal(WORD, 0x180);
	assert_int_equal(guest.pc, FAKE_CODE + 32);
}

/* Whatever is not understood is left to the guest, which then is at an
 * instruction's boundary. */
static void what_is_not_understood_ends_it(void **state)
{
	static const struct {
		u32 at, insn;
		unsigned int pc; /* where it goes on */
	} row[] = {
		{0, INSN_NOP, 2},                          /* no LL */
		{0, INSN_I(OP_SC, A0, T0, 0), 2},          /* another pair's end */
		{0, INSN_R(OP_SPECIAL, 31, 0, 0, 0, F_JR), 2}, /* somebody's */
		{2, INSN_I(OP_SW, A0, T1, 4), 2},          /* a store */
		{2, INSN_I(OP_SW, 0, 0, 0x9008), 2},       /* a call */
		{2, INSN_I(OP_LW, A0, T1, 2), 2},          /* not aligned */
		{2, INSN_R(OP_SPECIAL, 0, 0, 0, 0, 12), 2}, /* syscall */
		{5, INSN_I(OP_SW, A0, T1, 4), 4},          /* in a delay slot */
		{7, INSN_I(OP_SC, A0, T0, 4), 7},          /* another address */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		WORD = 1;
		put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
		fake_put(FAKE_CODE + 4 * row[i].at, row[i].insn);
		guest.gpr[A0] = MIPS_KSEG0 + RAM;
		guest.gpr[T0] = WORD;
		guest.pc = FAKE_CODE + 4;
		assert_int_equal(fake_exception(EXC_CPU, 0), MIPS_RUN);
		assert_int_equal(WORD, 1);
		assert_int_equal(guest.pc, FAKE_CODE + 4 * row[i].pc);
	}
}

static void a_loop_without_sc_ends(void **state)
{
	static const u32 loop[] = {
		INSN_I(OP_LL, A0, T0, 0),
		RDHWR(T1, 29),
		INSN_I(OP_BEQ, 0, 0, 0xffff),
		INSN_NOP,
	};

	put_code(loop, ARRAY_SIZE(loop));
	guest.gpr[A0] = MIPS_KSEG0 + RAM;
	guest.pc = FAKE_CODE + 4;
	assert_int_equal(fake_exception(EXC_RI, 0), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE + 8);
}

/* LL came where there was none: SC fails some times, but not for ever. */
static void a_pair_in_code_that_changed_succeeds_in_the_end(void **state)
{
	unsigned int n;

	put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
	fake_put(FAKE_CODE, INSN_NOP);
	guest.pc = FAKE_CODE + 4;
	fake_exception(EXC_CPU, 0);
	assert_int_equal(guest.pc, FAKE_CODE + 8);
	WORD = 1;
	for (n = 0; WORD == 1; n++) {
		assert_true(n < 100);
		ll_then_trap();
	}
	assert_int_equal(WORD, 0x181);
	assert_true(n > 10);
}

/*
 * What LL found is gone from its register, or stands in it for other reasons. Once
 * more, then, and all of it here.
 */
static void a_pair_whose_registers_changed_begins_anew(void **state)
{
	const struct {
		u32 code[12];
		unsigned int trap; /* which one of them */
		u32 cause;
		unsigned int end;  /* pc behind SC, or behind its branch's slot */
		u32 t0;            /* when it traps */
	} row[] = {
		{{INSN_I(OP_LL, A0, T0, 0), INSN_I(OP_ADDIU, T0, T0, 1),
		  RDHWR(T1, 29), INSN_I(OP_SC, A0, T0, 0),
		  INSN_I(OP_BEQ, T0, 0, 0xfffb), INSN_NOP},
		 2, CAUSE_EXC(EXC_RI), 4, 6},
		/* Two that trap, one of which has been translated. */
		{{INSN_I(OP_LL, A0, T0, 0), INSN_I(OP_ADDIU, T0, T0, 1),
		  MFC0(T1, CP0_EPC), INSN_CO(CO_TLBP),
		  INSN_I(OP_LW, 0, T1, MIPS_COMMPAGE + 4 * CP0_EPC),
		  INSN_I(OP_SC, A0, T0, 0), INSN_I(OP_BEQ, T0, 0, 0xfff9), INSN_NOP},
		 3, CAUSE_EXC(EXC_CPU), 6, 6},
		/* A branch between, and what traps in its delay slot. */
		{{INSN_I(OP_LL, A0, T0, 0), INSN_I(OP_REGIMM, T0, RI_BLTZ, 8),
		  RDHWR(T1, 29), INSN_I(OP_ADDIU, T0, T0, 1),
		  INSN_I(OP_SC, A0, T0, 0), INSN_I(OP_BEQ, T0, 0, 0xfffa), INSN_NOP},
		 2, CAUSE_BD | CAUSE_EXC(EXC_RI), 5, 5},
		/* SC in a delay slot, LL's value in no register. */
		{{INSN_I(OP_LL, A0, 0, 0), RDHWR(T1, 29),
		  INSN_I(OP_ADDIU, 0, T0, 6), INSN_I(OP_BGTZ, A0, 0, 1),
		  INSN_I(OP_SC, A0, T0, 0), INSN_I(OP_BEQ, T0, 0, 0xfffa), INSN_NOP},
		 1, CAUSE_EXC(EXC_RI), 5, 9},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u32 at = FAKE_CODE + 4 * row[i].trap;

		setup(NULL);
		put_code(row[i].code, ARRAY_SIZE(row[i].code));
		CP0_OF(CP0_HWRENA) = HWRENA_ULR;
		WORD = 5;
		guest.gpr[A0] = MIPS_KSEG0 + RAM;
		guest.gpr[T0] = row[i].t0;
		guest.pc = row[i].cause & CAUSE_BD ? at - 4 : at;
		assert_int_equal(mips_guest_trap(&guest, row[i].cause, 0, NULL),
				 MIPS_RUN);
		assert_int_equal(WORD, 6);
		assert_int_equal(guest.gpr[T0], 1);
		assert_int_equal(guest.pc, FAKE_CODE + 4 * row[i].end);
		assert_false(guest.in_pair);
	}
}

/* A page that the guest may not write takes the guest's own exception, at SC. */
static void a_pair_on_a_page_that_is_not_writable_is_left_alone(void **state)
{
	struct mips_tlb_entry e = {
		.hi = 0x60000000,
		.lo = { 2 << 6 | LO_V, 2 << 6 | LO_V },
	};

	mips_tlb_put(&guest, 0, &e);
	WORD = 1;
	put_code(tlb_handler, ARRAY_SIZE(tlb_handler));
	guest.gpr[A0] = 0x60000000;
	guest.gpr[T0] = 1;
	guest.pc = FAKE_CODE + 4;
	fake_exception(EXC_CPU, 0);
	assert_int_equal(WORD, 1);
	assert_int_equal(guest.pc, FAKE_CODE + 28);
	e.lo[0] |= LO_D;
	mips_tlb_put(&guest, 0, &e);
	guest.pc = FAKE_CODE + 4;
	fake_exception(EXC_CPU, 0);
	assert_int_equal(WORD, 0x181);
}

/* What computes, against C. */
static void everything_between_computes(void **state)
{
	const u32 a = 0x89abcdef, b = 0x01234567;
	const struct {
		u32 insn, value;
	} row[] = {
		{INSN_R(0, T0, T1, V0, 0, F_ADDU), a + b},
		{INSN_R(0, T0, T1, V0, 0, F_SUBU), a - b},
		{INSN_R(0, T0, T1, V0, 0, F_AND), a & b},
		{INSN_R(0, T0, T1, V0, 0, F_OR), a | b},
		{INSN_R(0, T0, T1, V0, 0, F_XOR), a ^ b},
		{INSN_R(0, T0, T1, V0, 0, F_NOR), ~(a | b)},
		{INSN_R(0, T0, T1, V0, 0, F_SLT), 1},
		{INSN_R(0, T0, T1, V0, 0, F_SLTU), 0},
		{INSN_R(0, T0, T1, V0, 0, F_MOVZ), 77},
		{INSN_R(0, T0, T1, V0, 0, F_MOVN), a},
		{INSN_R(0, T0, 0, V0, 0, F_MOVZ), a},
		{INSN_R(0, 0, T0, V0, 4, F_SLL), a << 4},
		{INSN_R(0, 0, T0, V0, 4, F_SRL), a >> 4},
		{INSN_R(0, 1, T0, V0, 4, F_SRL), 0xf89abcde},
		{INSN_R(0, 0, T0, V0, 4, F_SRA), 0xf89abcde},
		{INSN_R(0, T1, T0, V0, 0, F_SLLV), a << 7},
		{INSN_R(0, T1, T0, V0, 0, F_SRLV), a >> 7},
		{INSN_R(0, T1, T0, V0, 1, F_SRLV), a >> 7 | a << 25},
		{INSN_R(0, T1, T0, V0, 0, F_SRAV), (u32)((s32)a >> 7)},
		{INSN_I(OP_ADDIU, T0, V0, 0xffff), a - 1},
		{INSN_I(OP_SLTI, T0, V0, 0), 1},
		{INSN_I(OP_SLTIU, T0, V0, 0xffff), 1},
		{INSN_I(OP_ANDI, T0, V0, 0xff00), 0xcd00},
		{INSN_I(OP_ORI, T0, V0, 0xff00), 0x89abffef},
		{INSN_I(OP_XORI, T0, V0, 0xff00), 0x89ab32ef},
		{INSN_I(OP_LUI, 0, V0, 0x8001), 0x80010000},
		{INSN_R(31, T0, V0, 7, 4, F3_EXT), 0xde},
		{INSN_R(31, T0, V0, 31, 0, F3_EXT), a},
		{INSN_R(31, T0, V0, 11, 4, F3_INS), 0xef0 | (77 & 0xf)},
		{INSN_R(31, 0, T0, V0, 2, F3_BSHFL), 0xab89efcd},
		{INSN_R(31, 0, T0, V0, 16, F3_BSHFL), 0xffffffef},
		{INSN_R(31, 0, T0, V0, 24, F3_BSHFL), 0xffffcdef},
		{INSN_R(0, 0, 0, 0, 0, F_SYNC), 77},
		{INSN_I(OP_LW, A0, V0, 4), 0x1234},
	};
	u32 code_of_it[] = { INSN_I(OP_LL, A0, 16, 0), RDHWR(17, 29), 0,
			     INSN_I(OP_SC, A0, 16, 0) };

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		code_of_it[2] = row[i].insn;
		put_code(code_of_it, ARRAY_SIZE(code_of_it));
		fake_ram[RAM / 4 + 1] = 0x1234;
		guest.gpr[A0] = MIPS_KSEG0 + RAM;
		guest.gpr[16] = WORD;
		guest.gpr[T0] = a;
		guest.gpr[T1] = b;
		guest.gpr[V0] = 77;
		guest.pc = FAKE_CODE + 4;
		fake_exception(EXC_RI, 0);
		assert_int_equal(guest.pc, FAKE_CODE + 16);
		assert_int_equal(guest.gpr[V0], row[i].value);
		assert_int_equal(guest.gpr[16], 1);
	}
}

/* ---- The short way ----------------------------------------------------------------- */

#define T9 25
#define ANSWER 0x89abcdefU

static u32 seed = 1;

static u32 dice(u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % below;
}

static u32 any_access(void)
{
	static const u8 op[] = {OP_LB, OP_LBU, OP_LH, OP_LHU, OP_LW, OP_SB, OP_SH,
				OP_SW, OP_LWL, OP_LWR, OP_SWL, OP_SWR, OP_LL, OP_SC,
				OP_PREF, OP_CACHE, OP_ADDIU, OP_SPECIAL};
	u32 n = dice(4) ? 8 : ARRAY_SIZE(op);

	return INSN_I(op[dice(n)], A0, dice(8) ? dice(32) : A0, 0x10);
}

static u32 any_branch(void)
{
	const u32 branch[] = {
		INSN_R(OP_SPECIAL, T9, 0, 0, 0, F_JR),
		INSN_R(OP_SPECIAL, T9, 0, 31, 0, F_JALR),
		INSN_I(OP_BEQ, 0, 0, 0x40),
		INSN_I(OP_BNE, 0, 0, 0x40),
		INSN_I(OP_BNEL, 0, 0, 0x40), /* which has no delay slot */
		INSN_I(OP_REGIMM, 0, RI_BLTZAL, 0x40),
		INSN_I(OP_JAL, 0, 0, 0x100),
		INSN_I(OP_JALX, 0, 0, 0x100),
		INSN_NOP,
	};

	return branch[dice(ARRAY_SIZE(branch))];
}

/* Anything that raises an address error; mostly what a driver does. */
static u32 any_error(u32 *va)
{
	u32 insn = any_access(), op = INSN_OP(insn), cause, at = FAKE_CODE;
	bool store = op >= OP_SB && op != OP_LL && op != OP_PREF;

	setup(NULL);
	for (u32 n = 1; n < 32; n++)
		guest.gpr[n] = dice(0x10000) << 16 | dice(0x10000);
	guest.gpr[T9] = FAKE_CODE + 0x200;
	*va = (dice(8) ? 0xa0000000 : 0xc0000000) | UART | (dice(4) ? 0 : dice(8));
	guest.gpr[A0] = *va - 0x10 + (dice(16) ? 0 : 4);
	cause = CAUSE_EXC(store == !!dice(16) ? EXC_ADES : EXC_ADEL);
	if (!dice(3)) {
		cause |= CAUSE_BD;
		fake_put(at, any_branch());
		at += 4;
	}
	fake_put(at, insn);
	guest.pc = FAKE_CODE + (dice(64) ? 0 : 2);
	if (!dice(32))
		CP0_OF(CP0_STATUS) = ST_UM;
	/* It is the fetch that has failed. */
	if (!(*va & 3) && !dice(16))
		guest.pc = *va - (at - FAKE_CODE);
	return cause;
}

/* One piece is all that there is. */
static bool the_long_way(u32 cause, u32 va, const u32 *insn, struct mips_mmio *m)
{
	if (mips_guest_trap(&guest, cause, va, insn) != MIPS_MMIO)
		return false;
	*m = guest.mmio;
	guest.mmio.value = m->write ? m->value : ANSWER;
	return mips_guest_complete_mmio(&guest) == MIPS_RUN;
}

static void the_same(const struct mips_guest *a, const struct mips_guest *b)
{
	assert_memory_equal(a->gpr, b->gpr, sizeof(a->gpr));
	assert_int_equal(a->pc, b->pc);
}

static bool is_plain(u32 op)
{
	return op == OP_LB || op == OP_LBU || op == OP_LH || op == OP_LHU ||
	       op == OP_LW || op == OP_SB || op == OP_SH || op == OP_SW;
}

static void the_short_way_does_what_the_long_one_does(void **state)
{
	static struct mips_guest before, after;
	static u32 cp0[CP0_REGISTERS];
	unsigned int taken = 0;

	for (unsigned int i = 0; i < 20000; i++) {
		u32 va, cause = any_error(&va), at = cause & CAUSE_BD ? 4 : 0;
		u32 insn = fake_get(FAKE_CODE + at), *bad = dice(2) ? &insn : NULL;
		struct mips_mmio m = {0};
		struct mips_plain p;
		bool is_mmio;

		before = guest;
		memcpy(cp0, fake_commpage, sizeof(cp0));
		is_mmio = the_long_way(cause, va, bad, &m);
		after = guest;
		guest = before;
		memcpy(fake_commpage, cp0, sizeof(cp0));
		if (!mips_plain_access(&guest, cause, va, bad, &p)) {
			/* A link is written again. */
			guest.gpr[31] = before.gpr[31];
			the_same(&guest, &before);
			assert_false(is_mmio && is_plain(INSN_OP(insn)));
			continue;
		}
		taken++;
		assert_true(is_mmio && m.gpa == (va & MIPS_SEGMENT_MASK));
		assert_true(m.size == p.size && m.write == p.write);
		assert_int_equal(m.write ? m.value : 0, p.value);
		mips_plain_done(&guest, &p, ANSWER);
		the_same(&guest, &after);
		assert_int_equal(guest.bd, !!(cause & CAUSE_BD));
		assert_memory_equal(cp0, fake_commpage, sizeof(cp0));
	}
	assert_in_range(taken, 5000, 19000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(a_load_is_the_devices_to_answer),
		T(a_store_is_the_devices_to_take),
		T(in_a_delay_slot_it_goes_on_where_the_branch_leads),
		T(nobody_answers),
		T(memory_is_read_and_written),
		T(unaligned_words_come_in_two_parts),
		T(a_device_takes_them_in_pieces),
		T(what_is_not_aligned_is_an_address_error),
		T(above_the_uncached_segments_is_nothing),
		T(hints_and_syncs_do_nothing),
		T(what_is_not_known_is_a_bus_error),
		T(another_access_than_the_one_that_trapped_is_executed),
		T(a_pair_that_is_emulated_stores),
		T(what_breaks_a_pair_that_is_emulated),
		T(a_conditional_store_that_nobody_answers_has_not_been),
		T(a_device_takes_a_conditional_store),
		T(a_pair_around_tlbp_succeeds),
		T(a_pair_that_another_cpu_broke_begins_anew),
		T(a_pair_during_which_others_ran_begins_anew),
		T(a_pair_that_is_abandoned_stores_nothing),
		T(a_pair_of_which_a_part_is_elsewhere_succeeds_in_the_end),
		T(what_is_not_understood_ends_it),
		T(a_loop_without_sc_ends),
		T(a_pair_in_code_that_changed_succeeds_in_the_end),
		T(a_pair_whose_registers_changed_begins_anew),
		T(a_pair_on_a_page_that_is_not_writable_is_left_alone),
		T(everything_between_computes),
		T(the_short_way_does_what_the_long_one_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
