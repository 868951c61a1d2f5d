// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/spin_loop.c
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/* K24, K45: loops that come to nothing, as Linux's spin locks have them, and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/spin_loop.h"
#include "arch/mips/testing/fake_guest.h"

#define LOCK (MIPS_KSEG0 + 0x8000)
enum { V0 = 2, V1, A0, A1, S0 = 16, S1, GP = 28, RA = 31 };

#define LW(rt, base, offset) INSN_I(OP_LW, base, rt, offset)
#define ANDI(rt, rs, imm)    INSN_I(OP_ANDI, rs, rt, imm)
#define BNEZ(rs, n)          INSN_I(OP_BNE, rs, 0, n)
#define BEQZ(rs, n)          BEQ(rs, 0, n)
#define JR(rs)               INSN_R(OP_SPECIAL, rs, 0, 0, 0, F_JR)

static struct mips_spin spin;

static void put(const u32 *code, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fake_put(FAKE_CODE + 4 * i, code[i]);
}

static u32 *lock(void)
{
	return &fake_ram[(LOCK & MIPS_SEGMENT_MASK) / 4];
}

static void begin(u32 value)
{
	fake_reset();
	for (u32 n = 1; n < 32; n++)
		guest.gpr[n] = 0x01010101 * n;
	guest.gpr[S0] = LOCK;
	*lock() = value;
}

/* After so many instructions of it, which are gone through by hand: does it spin? */
static bool spins_at(unsigned int n)
{
	struct mips_guest before;
	bool spins;

	guest.pc = FAKE_CODE + 4 * n;
	before = guest;
	spins = mips_spins(&guest, &spin);
	assert_memory_equal(&before, &guest, sizeof(before));
	return spins;
}

/* queued_spin_lock_slowpath(): the head of the queue, for the lock. */
static void who_waits_for_a_word_spins(void **state)
{
	const u32 code[] = {LW(V0, S0, 0), ANDI(V1, V0, 0xffff), BNEZ(V1, -3),
			    INSN_NOP};

	begin(0x40001);
	put(code, ARRAY_SIZE(code));
	/* It has been round once. */
	guest.gpr[V0] = 0x40001;
	guest.gpr[V1] = 1;
	for (int n = 0; n < 3; n++) {
		assert_true(spins_at(n));
		assert_true(spin.words >= 1);
		assert_int_equal(spin.word[0].gpa, LOCK & MIPS_SEGMENT_MASK);
		assert_int_equal(spin.word[0].value, 0x40001);
		assert_int_equal(spin.word[0].size, 4);
	}
	/* Another word, which may let it go or not: it has not looked yet. */
	*lock() = 0x80001;
	assert_false(spins_at(0));
	*lock() = 0x40000;
	assert_false(spins_at(0));
	assert_false(spins_at(1));
}

/* The others, each for its own. */
static void a_delay_slot_may_hold_the_load(void **state)
{
	const u32 code[] = {BEQZ(V0, -1), LW(V0, S0, 0)};

	begin(0);
	put(code, ARRAY_SIZE(code));
	guest.gpr[V0] = 0;
	assert_true(spins_at(0));
	*lock() = 1;
	assert_false(spins_at(0));
	/* So it was at the last load. */
	guest.gpr[V0] = 1;
	assert_false(spins_at(0));
}

static void parts_of_words_and_links_are_loads(void **state)
{
	static const struct {
		unsigned int op, offset, size;
		u32 value, loaded;
	} kinds[] = {
		{OP_LB, 1, 1, 0x80, 0xffffff80}, {OP_LBU, 1, 1, 0x80, 0x80},
		{OP_LH, 2, 2, 0x8765, 0xffff8765}, {OP_LHU, 2, 2, 0x8765, 0x8765},
		{OP_LL, 0, 4, 0x87658012, 0x87658012},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const u32 code[] = {
			INSN_I(kinds[i].op, S0, V0, kinds[i].offset),
			BNEZ(V0, -2), INSN_NOP};

		begin(0x87658012);
		put(code, ARRAY_SIZE(code));
		guest.gpr[V0] = kinds[i].loaded;
		assert_true(spins_at(0));
		assert_int_equal(spin.words, 1);
		assert_int_equal(spin.word[0].size, kinds[i].size);
		assert_int_equal(spin.word[0].value, kinds[i].value);
		*lock() = 0;
		assert_false(spins_at(0));
	}
}

static void a_loop_with_nothing_in_it_is_one(void **state)
{
	const u32 code[] = {BEQ(0, 0, -1), INSN_NOP};

	begin(0);
	put(code, ARRAY_SIZE(code));
	assert_true(spins_at(0));
	assert_int_equal(spin.words, 0);
	assert_true(mips_still_spins(&guest, &spin));
}

static void who_gets_on_does_not(void **state)
{
	/* A delay; one that stores, one that tries; time; a device. */
	const u32 codes[][4] = {
		{BNEZ(A0, -1), INSN_I(OP_ADDIU, A0, A0, -1)},
		{LW(V0, S0, 0), INSN_I(OP_SW, S0, V0, 4), BNEZ(V0, -3), INSN_NOP},
		{INSN_I(OP_LL, S0, V0, 0), INSN_I(OP_SC, S0, V0, 0), BEQZ(V0, -3),
		 INSN_NOP},
		{RDHWR(V0, 2), BNEZ(A0, -2), INSN_NOP},
		{MFC0(V0, CP0_COUNT), BNEZ(A0, -2), INSN_NOP},
		{LW(V0, S1, 0), BNEZ(A0, -2), INSN_NOP},
		{LW(V0, 0, (s16)MIPS_COMMPAGE), BNEZ(A0, -2), INSN_NOP},
		{LW(V0, S0, 2), BNEZ(A0, -2), INSN_NOP},
		{LW(V0, GP, 0), BNEZ(A0, -2), INSN_NOP},
		{JR(RA), INSN_NOP},
		{JR(S0), INSN_NOP},
		{JR(GP), INSN_NOP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		begin(1);
		put(codes[i], ARRAY_SIZE(codes[i]));
		guest.gpr[V0] = 0;
		guest.gpr[S1] = MIPS_KSEG0 + FAKE_RAM;
		guest.gpr[GP] = 0x1002;
		guest.gpr[RA] = FAKE_CODE + 0x100;
		assert_false(spins_at(0));
	}
}

static void a_loop_too_long_to_tell_is_none(void **state)
{
	begin(1);
	for (int i = 0; i < 6; i++)
		fake_put(FAKE_CODE + 4 * i, LW(V0, S0, 0));
	fake_put(FAKE_CODE + 24, BNEZ(V0, -7));
	fake_put(FAKE_CODE + 28, INSN_NOP);
	guest.gpr[V0] = 1;
	assert_false(spins_at(0));
	for (int i = 0; i < 6; i++)
		fake_put(FAKE_CODE + 4 * i, i < MIPS_SPIN_WORDS ? LW(V0, S0, 0) : 0);
	assert_true(spins_at(0));
	assert_int_equal(spin.words, MIPS_SPIN_WORDS);
	for (int i = 0; i < 100; i++)
		fake_put(FAKE_CODE + 4 * i, INSN_NOP);
	fake_put(FAKE_CODE + 400, BEQ(0, 0, -101));
	assert_false(spins_at(0));
}

static void pages_that_are_not_there_end_it(void **state)
{
	const u32 code[] = {LW(V0, S0, 0), BNEZ(V0, -2), INSN_NOP};

	begin(1);
	put(code, ARRAY_SIZE(code));
	guest.gpr[V0] = 1;
	assert_true(spins_at(0));
	fake_unmapped = true;
	assert_false(spins_at(0));
	fake_unmapped = false;
	guest.gpr[S0] = 0x10000;
	assert_false(spins_at(0));
}

static void it_spins_as_long_as_nothing_changes(void **state)
{
	const u32 code[] = {LW(V0, S0, 0), INSN_I(OP_LHU, S0, V1, 6), BNEZ(V0, -3),
			    INSN_NOP};

	begin(1);
	lock()[1] = 0x20000;
	put(code, ARRAY_SIZE(code));
	guest.gpr[V0] = 1;
	guest.gpr[V1] = 2;
	assert_true(spins_at(0));
	assert_true(mips_still_spins(&guest, &spin));
	lock()[1] = 0x20001;
	assert_true(mips_still_spins(&guest, &spin));
	lock()[1] = 0x30000;
	assert_false(mips_still_spins(&guest, &spin));
	lock()[1] = 0x20000;
	*lock() = 0;
	assert_false(mips_still_spins(&guest, &spin));
	/* No RAM any more. */
	*lock() = 1;
	spin.word[0].gpa = FAKE_RAM;
	assert_false(mips_still_spins(&guest, &spin));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_a_word_spins),
		cmocka_unit_test(a_delay_slot_may_hold_the_load),
		cmocka_unit_test(parts_of_words_and_links_are_loads),
		cmocka_unit_test(a_loop_with_nothing_in_it_is_one),
		cmocka_unit_test(who_gets_on_does_not),
		cmocka_unit_test(a_loop_too_long_to_tell_is_none),
		cmocka_unit_test(pages_that_are_not_there_end_it),
		cmocka_unit_test(it_spins_as_long_as_nothing_changes),
	};

	return fake_run_with_both_layouts(tests);
}
