// SPDX-License-Identifier: BSD-2-Clause
/*
 * The code for each call (call.h). It comes from the general vector with k0 and k1 in
 * the save registers and EXL set, works on the guest's words in memory, and goes
 * back; or, where anything is not simple, to where other exceptions go, with nothing
 * done. What is simple is what quick.c has so, but that ERL does not matter where
 * only IE changes. (A guest that stores MIPS_UNSETTLED in its Status by itself has
 * ERL then, and so no interrupt.)
 *
 * DI needs no register but its own. That is written before all is known to be
 * simple, but in kernel mode only, where the long way writes it too.
 *
 * What the guest has changed in its code it executes from the next SYNCI on, which
 * does not trap. So the two instructions behind the branch are read each time, by
 * the guest's address. EXL is set, so that a miss in the TLB comes to the general
 * vector as one of the guest's, at the branch. The guest's k0, k1 and v0 are put away
 * for that, and g->reading says so: mips_call_missed() gives them back, or the vector,
 * where all that was missing is a block (world_code.c). It is rare: what is read is of
 * the page of the instruction that has just been fetched. A call at a page's end, which
 * the guest has put there itself, goes the long way: a miss there would come again and
 * again, for with EXL set the refill handler is not called.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/call.h"
#include "arch/mips/world_code.h"

enum label { FAIL, FAIL_SAVED, DISABLED };

#define STATUS_AT ((s32)(4 * CP0_STATUS))

/* k0 is the guest then; k1 changes. */
static void only_kernel_mode(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_lw(a, K0, MIPS_LO(cpu->guest), K0);
	mips_asm_lw(a, K1, GUEST_TABLE, K0);
	mips_asm_bne(a, K1, ZERO, FAIL);
}

/* Behind the call; the guest's k0 and k1. */
static void back(struct mips_asm *a, const struct mips_world_cpu *cpu, s32 size)
{
	mips_asm_mfc0(a, K0, CP0_EPC);
	mips_asm_addiu(a, K0, K0, size);
	mips_asm_mtc0(a, K0, CP0_EPC);
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_mfc0(a, K1, cpu->save[1]);
	mips_asm_barrier(a);
	mips_asm_eret(a);
}

static void count(struct mips_asm *a, u32 r)
{
	mips_asm_lw(a, r, GUEST_QUICK, K0);
	mips_asm_addiu(a, r, r, 1);
	mips_asm_sw(a, r, GUEST_QUICK, K0);
}

/* To where the vector goes with all others. */
static void fail(struct mips_asm *a, const struct mips_world_cpu *cpu,
		 const struct mips_world *w)
{
	mips_asm_label(a, FAIL);
	mips_other_emit(a);
	mips_asm_lui(a, K1, MIPS_HI(cpu->guest));
	mips_asm_j(a, w->left);
	mips_asm_lw(a, K1, MIPS_LO(cpu->guest), K1); /* in the delay slot */
}

/* v0, put away, and as it was. */
static void keep_v0(struct mips_asm *a)
{
	mips_asm_sw(a, V0, GUEST_KEPT(2), K0);
}

static void give_v0_back(struct mips_asm *a)
{
	mips_asm_lw(a, V0, GUEST_KEPT(2), K0);
}

/* The same, which comes behind. */
static void fail_saved(struct mips_asm *a)
{
	mips_asm_label(a, FAIL_SAVED);
	give_v0_back(a);
}

static void di(struct mips_asm *a, const struct mips_world_cpu *cpu, u32 rt)
{
	only_kernel_mode(a, cpu);
	mips_asm_lw(a, K1, GUEST_CP0, K0); /* in the delay slot */
	mips_asm_lw(a, rt, STATUS_AT, K1);
	mips_asm_lw(a, K1, GUEST_SETTLED, K0);
	mips_asm_bne(a, K1, rt, FAIL);
	mips_asm_ins(a, K1, ZERO, 0, 1); /* in the delay slot */
	mips_asm_sw(a, K1, GUEST_SETTLED, K0);
	count(a, K1);
	mips_asm_lw(a, K1, GUEST_CP0, K0);
	mips_asm_lw(a, K0, GUEST_SETTLED, K0);
	mips_asm_sw(a, K0, STATUS_AT, K1);
	back(a, cpu, 4);
}

/* Status into v0. */
static void status(struct mips_asm *a)
{
	mips_asm_lw(a, V0, STATUS_AT, K1);
	mips_asm_lw(a, K1, GUEST_SETTLED, K0);
	mips_asm_bne(a, K1, V0, FAIL_SAVED);
}

/* With Status v0, no interrupt comes. Then k1 are the registers. */
static void only_quiet(struct mips_asm *a)
{
	mips_asm_and(a, K1, K1, V0);
	mips_asm_bne(a, K1, ZERO, FAIL_SAVED);
	mips_asm_lw(a, K1, GUEST_CP0, K0); /* in the delay slot */
}

static void set_status(struct mips_asm *a)
{
	mips_asm_sw(a, V0, STATUS_AT, K1);
	mips_asm_sw(a, V0, GUEST_SETTLED, K0);
	count(a, K1);
	give_v0_back(a);
}

/* DI and EI that write no register. */
static void only_ie(struct mips_asm *a, const struct mips_world_cpu *cpu, bool ie)
{
	only_kernel_mode(a, cpu);
	keep_v0(a); /* in the delay slot */
	mips_asm_lw(a, K1, GUEST_CP0, K0);
	status(a);
	if (ie) {
		mips_asm_lw(a, K1, GUEST_PENDING, K0); /* in the delay slot */
		only_quiet(a);
		mips_asm_ori(a, V0, V0, ST_IE);
	} else {
		mips_asm_lw(a, K1, GUEST_CP0, K0); /* in the delay slot */
		mips_asm_ins(a, V0, ZERO, 0, 1);
	}
	set_status(a);
	back(a, cpu, 4);
	fail_saved(a);
}

/* ---- The sequence ---------------------------------------------------------------- */

/* The guest's word at EPC + offset, which is in k1; of what has no register. On to
 * FAIL_SAVED, or what is in the delay slot. v0 and k1 change. */
static void only_word(struct mips_asm *a, const struct mips_world_cpu *cpu, s32 offset,
		      u32 word)
{
	mips_asm_lw(a, V0, offset, K1);
	if (cpu->aliases) /* as a fetch, it leaves no line there */
		mips_asm_cache(a, HIT_WRITEBACK_INVALIDATE_D, offset, K1);
	mips_asm_lui(a, K1, word >> 16);
	mips_asm_xori(a, V0, V0, word & 0xffff);
	mips_asm_bne(a, V0, K1, FAIL_SAVED);
}

/* v0 has been. */
static void keep(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	for (u32 i = 0; i < 2; i++) {
		mips_asm_mfc0(a, K1, cpu->save[i]);
		mips_asm_sw(a, K1, GUEST_KEPT(i), K0);
	}
	mips_asm_sw(a, K0, GUEST_READING, K0);
}

/* What all of them come to, with the guest in k0 and rs in memory. */
static void restore(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_lw(a, K1, GUEST_TABLE, K0);
	mips_asm_bne(a, K1, ZERO, FAIL);
	keep_v0(a); /* in the delay slot */
	mips_asm_mfc0(a, K1, CP0_EPC);
	mips_asm_addiu(a, K1, K1, 8);
	mips_asm_andi(a, K1, K1, (PAGE_SIZE - 1) & ~7U);
	mips_asm_beq(a, K1, ZERO, FAIL_SAVED);
	keep(a, cpu); /* its first in the delay slot */
	mips_asm_mfc0(a, K1, CP0_EPC);
	only_word(a, cpu, 8, INSN_DI | INSN_EI);
	mips_asm_mfc0(a, K1, CP0_EPC); /* in the delay slot */
	only_word(a, cpu, 4, INSN_DI);
	mips_asm_sw(a, ZERO, GUEST_READING, K0); /* in the delay slot */
	mips_asm_lw(a, K1, GUEST_CP0, K0);
	status(a);
	mips_asm_lw(a, K1, GUEST_FLAGS, K0); /* in the delay slot */
	mips_asm_beq(a, K1, ZERO, DISABLED);
	mips_asm_ins(a, V0, ZERO, 0, 1); /* in the delay slot */
	mips_asm_lw(a, K1, GUEST_PENDING, K0);
	mips_asm_and(a, K1, K1, V0);
	mips_asm_bne(a, K1, ZERO, FAIL_SAVED);
	mips_asm_ori(a, V0, V0, ST_IE); /* in the delay slot */
	mips_asm_label(a, DISABLED);
	mips_asm_lw(a, K1, GUEST_CP0, K0);
	set_status(a);
	back(a, cpu, MIPS_RESTORE_SIZE);
	fail_saved(a);
	mips_asm_sw(a, ZERO, GUEST_READING, K0);
}

/* ---- All of them ------------------------------------------------------------------- */

void mips_call_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		    const struct mips_world *w, u32 n)
{
	if (n == MIPS_CALLS) {
		restore(a, cpu);
	} else if (n == MIPS_CALL_EI || !n) {
		only_ie(a, cpu, n);
	} else if (!mips_call_exists(n)) {
		/* Nobody's: as what fails. */
	} else if (mips_is_restore(n)) {
		mips_asm_lw(a, K0, MIPS_LO(cpu->guest), K0);
		mips_asm_j(a, cpu->calls + MIPS_CALLS * MIPS_CALL_SIZE);
		mips_asm_sw(a, n - MIPS_CALL_EI, GUEST_FLAGS, K0); /* in the delay slot */
		return;
	} else {
		di(a, cpu, n);
	}
	fail(a, cpu, w);
}
