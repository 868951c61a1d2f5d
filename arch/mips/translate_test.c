// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K44: what privileged instructions become, and that they become it once; CACHE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/testing/fake_guest.h"

#define IDX_I 0x00 /* CACHE's operations */
#define IDX_D 0x01
#define LOAD_TAG_I 0x04
#define LOAD_TAG_D 0x05
#define STORE_TAG_I 0x08
#define STORE_TAG_D 0x09
#define HIT_I 0x10
#define HIT_D 0x11
#define FILL_I 0x14
#define HIT_WB_INV_D 0x15
#define HIT_WB_D 0x19
#define HIT_WB_S 0x1b
#define PAGE FAKE_BY_LAYOUT(0x7000, 0x8000) /* as displacements have it */

static int setup(void **state)
{
	fake_reset();
	return 0;
}

static void becomes(u32 insn, u32 patched)
{
	u32 to;

	assert_true(mips_translate(&fake_layout, insn, MIPS_TRANSLATE_DATA, &to));
	assert_int_equal(to, patched);
}

static void never(u32 insn)
{
	u32 to;

	assert_false(mips_translate(&fake_layout, insn, MIPS_TRANSLATE_DATA, &to));
}

static void reads_become_loads_from_the_commpage(void **state)
{
	becomes(MFC0(2, CP0_STATUS), INSN_I(OP_LW, 0, 2, PAGE + 12 * 32));
	becomes(MFC0(26, CP0_BADVADDR), INSN_I(OP_LW, 0, 26, PAGE + 8 * 32));
	becomes(MFC0(3, CP0_CONFIG1), INSN_I(OP_LW, 0, 3, PAGE + 16 * 32 + 4));
	becomes(MFC0(3, CP0(31, 7)), INSN_I(OP_LW, 0, 3, PAGE + 1020));
	becomes(MFC0(0, CP0_CAUSE), INSN_I(OP_LW, 0, 0, PAGE + 13 * 32));
	never(MFC0(2, CP0_COUNT));
	never(MFC0(2, CP0_RANDOM));
	never(MFC0(2, CP0_STATUS) | 8); /* not mfc0's encoding */
}

static void plain_writes_become_stores_to_it(void **state)
{
	static const u32 plain[] = {
		CP0_ENTRYLO0, CP0_ENTRYLO1, CP0_EPC, CP0_ERROREPC,
		CP0_USERLOCAL, CP0_TAGLO, CP0_DTAGLO, CP0_TAGHI,
	};

	for (u32 reg = 0; reg < CP0_REGISTERS; reg++) {
		bool is_plain = false;

		for (unsigned int i = 0; i < ARRAY_SIZE(plain); i++)
			is_plain |= plain[i] == reg;
		if (is_plain)
			becomes(MTC0(9, reg),
				INSN_I(OP_SW, 0, 9, PAGE + 4 * reg));
		else
			never(MTC0(9, reg));
	}
}

static void instructions_with_effects_never_change(void **state)
{
	static const u32 insn[] = {
		INSN_CO(CO_TLBR), INSN_CO(CO_TLBWI), INSN_CO(CO_TLBWR),
		INSN_CO(CO_TLBP), INSN_CO(CO_ERET), INSN_CO(CO_WAIT),
		INSN_CO(CO_HYPCALL), INSN_CO(CO_DERET), 0x41606001, 0x41626020,
		RDHWR(3, 29), 0x0000000c, INSN_I(OP_LW, 4, 5, 0), INSN_NOP,
		INSN_R(OP_COP0, COP0_RDPGPR, 4, 5, 0, 0),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++)
		never(insn[i]);
}

static void cache_operations_become_synci_or_nothing(void **state)
{
	static const u32 hit[] = { HIT_I, HIT_D, FILL_I, HIT_WB_INV_D, HIT_WB_D };

	for (unsigned int i = 0; i < ARRAY_SIZE(hit); i++)
		becomes(CACHE(hit[i], 4, 0x8020), INSN_SYNCI(4, 0x8020));
	becomes(CACHE(IDX_D, 4, 32), INSN_NOP);
	becomes(CACHE(STORE_TAG_D, 4, 32), INSN_NOP);
	becomes(CACHE(HIT_WB_S, 4, 32), INSN_NOP);
	never(CACHE(IDX_I, 4, 32));
	never(CACHE(STORE_TAG_I, 4, 32));
}

/* ---- Calls ------------------------------------------------------------------- */

#define DI INSN_DI
#define EI (INSN_DI | INSN_EI)
#define RS 9
#define CALLS_AT (fake_layout.calls ? fake_layout.calls : MIPS_CALLS_WINDOW)

static u32 call_word(u32 n)
{
	return INSN_I(OP_SW, 0, 0, CALLS_AT + 4 * n);
}

static void di_and_ei_become_calls_but_of_k0_and_k1(void **state)
{
	for (u32 rt = 0; rt < 32; rt++) {
		if (!fake_layout.calls || mips_call_spares(rt))
			never(DI | rt << 16);
		else
			becomes(DI | rt << 16, call_word(rt));
		if (rt)
			never(EI | rt << 16);
	}
	if (fake_layout.calls)
		becomes(EI, call_word(32));
	else
		never(EI);
	never(0x41600bc1); /* dmt */
}

static void put_sequence(u32 va, u32 branch, u32 slot, u32 after)
{
	fake_reset();
	guest.pc = va;
	fake_put(va + 8, after);
	fake_put(va, branch);
	fake_put(va + 4, slot);
}

/* The DI of it traps. */
static bool becomes_one(u32 va, u32 branch, u32 slot, u32 after)
{
	u32 word, n = MIPS_CALL_RESTORE(INSN_RS(branch));

	put_sequence(va, branch, slot, after);
	guest.gpr[RS] = 1;
	CP0_OF(CP0_STATUS) = ST_IE;
	assert_int_equal(fake_trap_in_slot(branch, slot), MIPS_RUN);
	assert_int_equal(fake_get(va + 4), slot);
	assert_int_equal(fake_get(va + 8), after);
	if (fake_get(va) == branch) {
		assert_int_equal(fake_patches, 0);
		assert_int_not_equal(guest.pc, va);
		return false;
	}
	assert_int_equal(fake_get(va), call_word(n));
	assert_int_equal(guest.pc, va);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_IE);
	/* As the guest reads it. */
	assert_int_equal(mips_read_insn(&guest, va, &word), 0);
	assert_int_equal(word, branch);
	return true;
}

static void both_behind_a_branch_become_one_call(void **state)
{
	bool calls = fake_layout.calls;
	u32 end = FAKE_CODE + 0x1000;

	for (u32 rs = 0; rs < 32; rs++)
		assert_int_equal(becomes_one(FAKE_CODE, BEQ(rs, 0, 2), DI, EI),
				 calls && rs && !mips_call_spares(rs));
	assert_int_equal(becomes_one(end - 12, BEQ(RS, 0, 2), DI, EI), calls);
	assert_false(becomes_one(end - 8, BEQ(RS, 0, 2), DI, EI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 1, 2), DI, EI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 0, 3), DI, EI));
	assert_false(becomes_one(FAKE_CODE, INSN_I(OP_BNE, RS, 0, 2), DI, EI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 0, 2), DI | 2 << 16, EI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 0, 2), EI, EI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 0, 2), DI, DI));
	assert_false(becomes_one(FAKE_CODE, BEQ(RS, 0, 2), DI, EI | 2 << 16));
}

/* Else the call would not find them. */
static void what_is_behind_such_a_branch_stays(void **state)
{
	for (u32 offset = 4; offset <= 8; offset += 4) {
		u32 insn = offset == 4 ? DI : EI;

		put_sequence(FAKE_CODE, call_word(MIPS_CALL_RESTORE(RS)), DI, EI);
		guest.pc = FAKE_CODE + offset;
		assert_int_equal(fake_trap(insn), MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE + offset + 4);
		assert_int_equal(fake_patches, 0);
		/* Behind others, it does not. */
		put_sequence(FAKE_CODE, call_word(MIPS_CALL_EI), DI, EI);
		guest.pc = FAKE_CODE + offset;
		fake_trap(insn);
		assert_int_equal(fake_patches, fake_layout.calls ? 1 : 0);
	}
	/* Nor two words further. */
	put_sequence(FAKE_CODE, call_word(MIPS_CALL_RESTORE(RS)), DI, EI);
	guest.pc = FAKE_CODE + 12;
	fake_trap(EI);
	assert_int_equal(fake_patches, fake_layout.calls ? 1 : 0);
}

/* ---- In place ------------------------------------------------------------- */

/* K45: SYNCI keeps what is in a data cache there, clean. */
static void with_colours_what_empties_the_dcache_stays(void **state)
{
	static const u32 stays[] = { IDX_D, STORE_TAG_D, HIT_D, HIT_WB_INV_D };
	u32 to;

	for (unsigned int i = 0; i < ARRAY_SIZE(stays); i++)
		assert_false(mips_translate(&fake_layout, CACHE(stays[i], 4, 32),
					    0, &to));
	assert_true(mips_translate(&fake_layout, CACHE(HIT_WB_D, 4, 32), 0, &to));
	assert_int_equal(to, INSN_SYNCI(4, 32));
	assert_true(mips_translate(&fake_layout, CACHE(HIT_I, 4, 32), 0, &to));
	assert_true(mips_translate(&fake_layout, CACHE(FILL_I, 4, 32), 0, &to));
}

static void it_traps_once(void **state)
{
	u32 patched = INSN_I(OP_LW, 0, 2, PAGE + 15 * 32);

	assert_int_equal(fake_trap(MFC0(2, CP0_PRID)), MIPS_RUN);
	assert_int_equal(guest.gpr[2], 0x19300);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
	assert_int_equal(fake_get(FAKE_CODE), patched);
	assert_int_equal(fake_patches, 1);
	/* A CPU that trapped on what was there: it executes what is. */
	guest.pc = FAKE_CODE;
	assert_int_equal(fake_exception(EXC_CPU, 0), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(fake_patches, 1);
}

static void in_a_delay_slot_the_slot_is_patched(void **state)
{
	fake_trap_in_slot(BEQ(0, 0, 8), MFC0(2, CP0_PRID));
	assert_int_equal(fake_get(FAKE_CODE), BEQ(0, 0, 8));
	assert_int_equal(fake_get(FAKE_CODE + 4),
			 INSN_I(OP_LW, 0, 2, PAGE + 15 * 32));
}

static void user_mode_is_not_patched(void **state)
{
	CP0_OF(CP0_STATUS) = ST_CU0;
	fake_user_mode();
	guest.pc = 0x1000;
	fake_trap(MFC0(2, CP0_PRID));
	assert_int_equal(guest.pc, 0x1004);
	assert_int_equal(fake_patches, 0);
}

/* The kernel in useg: user mode may have the page too. */
static void useg_is_not_patched(void **state)
{
	u32 insn = MFC0(2, CP0_PRID);

	fake_table[MIPS_KERNEL][1] =
		(struct fake_page){ .there = true, .writable = true };
	fake_ram[0] = insn;
	guest.pc = 0x1000;
	mips_guest_trap(&guest, CAUSE_EXC(EXC_CPU), 0, NULL);
	assert_int_equal(guest.pc, 0x1004);
	assert_int_equal(fake_ram[0], insn);
	fake_table[MIPS_KERNEL][1].there = false;
}

static void what_cannot_be_written_goes_on_trapping(void **state)
{
	u32 insn = MFC0(2, CP0_PRID);

	fake_unmapped = true;
	for (unsigned int i = 0; i < 2; i++) {
		guest.pc = FAKE_CODE;
		assert_int_equal(mips_guest_trap(&guest, CAUSE_EXC(EXC_CPU), 0,
						 &insn),
				 MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE + 4);
	}
	fake_unpatched = true;
	guest.pc = FAKE_CODE;
	fake_unmapped = false;
	fake_trap(insn);
	assert_int_equal(fake_patches, 0);
}

/* ---- Calls ------------------------------------------------------------------ */

#define DI INSN_DI
#define EI (INSN_DI | INSN_EI)

static u32 call(u32 n)
{
	return mips_call_word(&fake_layout, n);
}

static enum mips_next calls(u32 n)
{
	return fake_exception(EXC_ADES, fake_layout.calls + 4 * n);
}

/* Where user mode has something there, they stay. */
static void di_and_ei_become_calls(void **state)
{
	for (u32 rt = 0; rt < 32; rt++) {
		if (fake_layout.calls && rt != 26 && rt != 27)
			becomes(DI | rt << 16, INSN_I(OP_SW, 0, 0, 0x9000 + 4 * rt));
		else
			never(DI | rt << 16);
		if (rt)
			never(EI | rt << 16);
	}
	if (fake_layout.calls)
		becomes(EI, INSN_I(OP_SW, 0, 0, 0x9080));
	else
		never(EI);
}

static void a_call_does_what_stood_there(void **state)
{
	u32 insn;

	if (!fake_layout.calls)
		return;
	CP0_OF(CP0_STATUS) = ST_IE;
	fake_trap(DI | 5 << 16);
	assert_int_equal(guest.gpr[5], ST_IE);
	assert_int_equal(fake_get(FAKE_CODE), call(5));
	assert_int_equal(mips_read_insn(&guest, FAKE_CODE, &insn), 0);
	assert_int_equal(insn, DI | 5 << 16);
	guest.pc = FAKE_CODE;
	assert_int_equal(calls(5), MIPS_RUN);
	assert_int_equal(guest.gpr[5], 0);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
	/* In a delay slot, of a branch that is taken. */
	fake_put(FAKE_CODE + 4, BEQ(0, 0, 8));
	fake_put(FAKE_CODE + 8, call(MIPS_CALL_EI));
	mips_guest_trap(&guest, CAUSE_EXC(EXC_ADES) | CAUSE_BD,
			fake_layout.calls + 4 * MIPS_CALL_EI, NULL);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_IE);
	assert_int_equal(guest.pc, FAKE_CODE + 8 + 32);
}

static void in_a_delay_slot_di_stays(void **state)
{
	fake_trap_in_slot(BEQ(0, 0, 8), DI);
	assert_int_equal(fake_get(FAKE_CODE + 4), DI);
	assert_int_equal(fake_patches, 0);
}

/* The sequence of Linux's at `va`, which traps there; is it a call then? */
static bool restores(u32 va, u32 branch, u32 after)
{
	u32 patches = fake_patches;

	guest.pc = va;
	fake_put(va + 8, after);
	CP0_OF(CP0_STATUS) = ST_IE;
	assert_int_equal(fake_trap_in_slot(branch, DI), MIPS_RUN);
	assert_int_equal(fake_get(va + 4), DI);
	assert_int_equal(fake_get(va + 8), after);
	if (fake_patches == patches) {
		assert_int_equal(fake_get(va), branch);
		assert_int_equal(CP0_OF(CP0_STATUS), 0);
		return false;
	}
	/* It is executed from its beginning. */
	assert_int_equal(guest.pc, va);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_IE);
	assert_int_equal(fake_get(va), call(MIPS_CALL_RESTORE(INSN_RS(branch))));
	return true;
}

static void the_way_linux_restores_interrupts_becomes_one_call(void **state)
{
	u32 last = FAKE_CODE + PAGE_SIZE - MIPS_RESTORE_SIZE;

	for (u32 rs = 1; rs < 32; rs++)
		assert_int_equal(restores(FAKE_CODE + 16 * rs, BEQ(rs, 0, 2), EI),
				 fake_layout.calls && rs != 26 && rs != 27);
	assert_false(restores(FAKE_CODE, BEQ(0, 0, 2), EI));
	assert_false(restores(FAKE_CODE, BEQ(4, 0, 3), EI));
	assert_false(restores(FAKE_CODE, BEQ(4, 5, 2), EI));
	assert_false(restores(FAKE_CODE, BEQ(4, 0, 2), EI | 2 << 16));
	assert_false(restores(FAKE_CODE, BEQ(4, 0, 2), DI));
	/* Nor what goes on in the next page. */
	assert_int_equal(restores(last, BEQ(4, 0, 2), EI), !!fake_layout.calls);
	assert_false(restores(last + 4, BEQ(4, 0, 2), EI));
}

static void what_stands_behind_the_branch_stays(void **state)
{
	if (!fake_layout.calls)
		return;
	assert_true(restores(FAKE_CODE, BEQ(4, 0, 2), EI));
	for (u32 on = 0; on < 2; on++) {
		guest.pc = FAKE_CODE;
		guest.gpr[4] = on << 31;
		assert_int_equal(calls(MIPS_CALL_RESTORE(4)), MIPS_RUN);
		assert_int_equal(CP0_OF(CP0_STATUS), on);
		assert_int_equal(guest.pc, FAKE_CODE + 12);
	}
	/* Who jumps there executes it, and it traps. */
	guest.pc = FAKE_CODE + 4;
	fake_trap(DI);
	guest.pc = FAKE_CODE + 8;
	fake_trap(EI);
	assert_int_equal(fake_get(FAKE_CODE + 4), DI);
	assert_int_equal(fake_get(FAKE_CODE + 8), EI);
	/* A guest that puts something else there. */
	fake_put(FAKE_CODE + 8, INSN_NOP);
	guest.pc = FAKE_CODE;
	assert_int_equal(calls(MIPS_CALL_RESTORE(4)), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(fake_get(FAKE_CODE), BEQ(4, 0, 2));
}

static void is_an_address_error(u32 code, u32 va)
{
	u32 pc = guest.pc;

	assert_int_equal(fake_exception(code, va), MIPS_RUN);
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)), code);
	assert_int_equal(CP0_OF(CP0_BADVADDR), va);
	assert_int_equal(CP0_OF(CP0_EPC), pc);
	assert_true(CP0_OF(CP0_STATUS) & ST_EXL);
	setup(NULL);
}

static void all_else_there_is_an_address_error(void **state)
{
	u32 window = fake_layout.calls;

	if (!window)
		return;
	is_an_address_error(EXC_ADES, window + 1);
	is_an_address_error(EXC_ADES, window - 4);
	is_an_address_error(EXC_ADES, window + 4 * 26);
	is_an_address_error(EXC_ADES, window + 4 * MIPS_CALLS);
	for (u32 n = 0; n < MIPS_CALLS; n++) {
		/* A jump to it; SYNCI, which CACHE may have become; a load; and a store of
		 * what looks like a sequence that is none. */
		guest.pc = window + 4 * n;
		is_an_address_error(EXC_ADEL, window + 4 * n);
		fake_put(FAKE_CODE, INSN_SYNCI(0, window + 4 * n));
		is_an_address_error(EXC_ADEL, window + 4 * n);
		fake_put(FAKE_CODE, INSN_I(OP_LW, 0, 5, window + 4 * n));
		is_an_address_error(EXC_ADEL, window + 4 * n);
	}
	fake_put(FAKE_CODE, INSN_I(OP_SW, 0, 5, window + 4 * 36));
	is_an_address_error(EXC_ADES, window + 4 * 36);
	fake_user_mode();
	guest.pc = 0x1000;
	is_an_address_error(EXC_ADES, window);
}

/* ---- CACHE ------------------------------------------------------------------ */

static void cache(u32 op, u32 base, u32 offset)
{
	guest.pc = FAKE_CODE + 4 * (offset & 0xfff);
	guest.gpr[4] = base;
	assert_int_equal(fake_trap(CACHE(op, 4, offset)), MIPS_RUN);
}

/* `n` of them, for lines of 32 bytes that follow each other. */
static void put_unrolled(u32 op, u32 n)
{
	for (u32 i = 0; i < n; i++)
		fake_put(FAKE_CODE + 4 * i, CACHE(op, 4, 32 * i));
	fake_put(FAKE_CODE + 4 * n, INSN_I(OP_ADDIU, 4, 4, 32));
	guest.pc = FAKE_CODE;
	guest.gpr[4] = MIPS_KSEG0;
	fake_exception(EXC_CPU, 0);
}

/* A kernel's unrolled loop: one trap and one flush are for all of it. */
static void an_unrolled_loop_over_the_icache_flushes_once(void **state)
{
	put_unrolled(IDX_I, 32);
	assert_int_equal(fake_syncs, 1);
	assert_int_equal(guest.pc, FAKE_CODE + 4 * 32);
	assert_int_equal(fake_patches, 0);
	/* In bounds. */
	put_unrolled(STORE_TAG_I, 100);
	assert_int_equal(fake_syncs, 2);
	assert_int_equal(guest.pc, FAKE_CODE + 4 * 65);
	/* What is behind is another operation, another base, or not there. */
	put_unrolled(IDX_I, 1);
	fake_put(FAKE_CODE + 4, CACHE(HIT_I, 4, 32));
	guest.pc = FAKE_CODE;
	fake_exception(EXC_CPU, 0);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
	fake_put(FAKE_CODE + 4, CACHE(IDX_I, 5, 32));
	guest.pc = FAKE_CODE;
	fake_exception(EXC_CPU, 0);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

/* Lines one by one: a guest may have stored to the next one meanwhile. */
static void each_line_by_itself_is_a_flush(void **state)
{
	for (u32 line = 0; line < 4096; line += 32)
		cache(IDX_I, MIPS_KSEG0 + line, 0);
	assert_int_equal(fake_syncs, 128);
	cache(STORE_TAG_I, MIPS_KSEG0 + 0x340, 0x20);
	assert_int_equal(fake_syncs, 129);
	cache(IDX_I, MIPS_KSEG0, 0x20);
	assert_int_equal(fake_syncs, 130);
	assert_int_equal(fake_patches, 0);
}

/* K45: what the guest does to a data cache with colours is done. */
static void with_colours_each_operation_is_carried_out(void **state)
{
	guest.dcache_way = 8192;
	cache(IDX_D, MIPS_KSEG0 + 0x1000, 0x44);
	assert_int_equal(fake_place, MIPS_KSEG0 + 0x1040);
	cache(STORE_TAG_I, MIPS_KSEG0 + 0x3000, 0);
	assert_int_equal(fake_place, MIPS_KSEG0 + 0x3000);
	assert_int_equal(fake_places, 2);
	assert_int_equal(fake_syncs, 0);
	/* By address, at the very address. */
	cache(HIT_WB_INV_D, MIPS_KSEG0 + 0x2000, 0x1f);
	assert_int_equal(fake_syncs, 1);
	assert_int_equal(fake_patches, 0);
	cache(HIT_I, MIPS_KSEG0 + 0x2000, 0x20);
	assert_int_equal(fake_syncs, 2);
	assert_int_equal(fake_patches, 1);
	assert_int_equal(fake_places, 2);
	put_unrolled(IDX_D, 32);
	assert_int_equal(fake_places, 34);
	assert_int_equal(fake_place, MIPS_KSEG0 + 31 * 32);
	assert_int_equal(guest.pc, FAKE_CODE + 4 * 32);
	/* What is not mapped has no place. */
	guest.gpr[4] = 0;
	guest.pc = FAKE_CODE;
	fake_trap(CACHE(HIT_WB_INV_D, 4, 0x10));
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)), EXC_TLBL);
	assert_int_equal(fake_places, 34);
	assert_int_equal(fake_syncs, 2);
}

static void the_dcache_needs_nothing_by_index(void **state)
{
	cache(IDX_D, MIPS_KSEG0, 0);
	cache(STORE_TAG_D, MIPS_KSEG0, 32);
	assert_int_equal(fake_syncs, 0);
	assert_int_equal(fake_patches, 2);
}

static void cache_misses(u32 op, u32 va)
{
	guest.pc = FAKE_CODE;
	guest.gpr[4] = va;
	assert_int_equal(fake_trap(CACHE(op, 4, 0)), MIPS_MAP);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(guest.map.fault, va);
}

static void by_address_it_is_looked_up(void **state)
{
	cache(HIT_I, MIPS_KSEG0 + 0x1000, 0);
	/* What is not in the table yet is entered, and it traps again. */
	cache_misses(HIT_WB_D, MIPS_COMMPAGE);
	assert_true(guest.map.commpage);
	fake_touch(MIPS_COMMPAGE, MIPS_LOAD, NULL);
	cache(HIT_WB_D, MIPS_COMMPAGE, 0);
	assert_int_equal(fake_syncs, 2);
	/* Uncached: nothing is in a cache; but RAM is, where it is mapped. */
	if (fake_layout.emulated)
		cache(HIT_WB_D, 0xa0000000, 0);
	else
		cache_misses(HIT_WB_D, 0xa0000000);
	assert_int_equal(fake_syncs, 2);
	/* Where it finds a device, it does nothing. */
	cache_misses(HIT_WB_D, MIPS_KSEG0 + 0x1f000900);
	assert_int_equal(mips_guest_access_device(&guest), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
	assert_int_equal(fake_syncs, 2);
	guest.pc = FAKE_CODE;
	fake_trap(CACHE(HIT_I, 0, 0x10));
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)), EXC_TLBL);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x10);
	assert_int_equal(guest.pc, MIPS_KSEG0);
	setup(NULL);
	guest.gpr[4] = 0xc0000000;
	fake_trap(CACHE(HIT_I, 4, 0));
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)),
			 FAKE_BY_LAYOUT(EXC_ADEL, EXC_TLBL));
}

static void tags_read_as_of_an_empty_cache(void **state)
{
	CP0_OF(CP0_TAGLO) = CP0_OF(CP0_DTAGLO) = 5;
	cache(LOAD_TAG_I, MIPS_KSEG0, 0);
	assert_int_equal(CP0_OF(CP0_TAGLO), 0);
	assert_int_equal(CP0_OF(CP0_DTAGLO), 0);
	assert_int_equal(fake_patches, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(reads_become_loads_from_the_commpage),
		T(plain_writes_become_stores_to_it),
		T(instructions_with_effects_never_change),
		T(cache_operations_become_synci_or_nothing),
		T(with_colours_what_empties_the_dcache_stays),
		T(di_and_ei_become_calls_but_of_k0_and_k1),
		T(both_behind_a_branch_become_one_call),
		T(what_is_behind_such_a_branch_stays),
		T(it_traps_once),
		T(in_a_delay_slot_the_slot_is_patched),
		T(user_mode_is_not_patched),
		T(useg_is_not_patched),
		T(what_cannot_be_written_goes_on_trapping),
		T(di_and_ei_become_calls),
		T(a_call_does_what_stood_there),
		T(in_a_delay_slot_di_stays),
		T(the_way_linux_restores_interrupts_becomes_one_call),
		T(what_stands_behind_the_branch_stays),
		T(all_else_there_is_an_address_error),
		T(an_unrolled_loop_over_the_icache_flushes_once),
		T(each_line_by_itself_is_a_flush),
		T(with_colours_each_operation_is_carried_out),
		T(the_dcache_needs_nothing_by_index),
		T(by_address_it_is_looked_up),
		T(tags_read_as_of_an_empty_cache),
	};

	return fake_run_with_both_layouts(tests);
}
