// SPDX-License-Identifier: BSD-2-Clause
/*
 * k1 is the guest on all ways, its registers' places are displacements from it. On
 * the quick way k0 is Cause at first, rotated, and then EPC.
 *
 * Hazards (MD00090, "Hazards"): what MTC0 wrote counts from EHB on. ERET clears
 * hazards as well, but for what it returns to (MD00086, ERET): EPC and Status, which it
 * reads itself, take an EHB before it, on every CPU. The guest's interrupts are enabled
 * from the ERET on: EXL is set before IE and the mode are.
 */
#include "arch/mips/world_code.h"
#include "arch/mips/asm_offsets.h"
#include "arch/mips/call.h"

enum label {
	AGAIN,
	EXCEPTION,
	FAILED,
	NOT_DONE,
	LONG,
	IN_MIDDLE,
	TRAP_NOT_DONE,
	EXCEPTION_NOT_DONE,
	SLOT_NOT_DONE,
	REST,
	LAST,
	NO_BLOCK,
	NO_BLOCK_HOST,
	CALL_MISSED
};
enum vector_label { CALL, NO_CALL, OTHER, HOST };

#define GUEST_STATUS (ST_UM | ST_EXL | ST_IE)
/* Not a delay slot, coprocessor 0. */
#define WHAT (CAUSE_BD | CAUSE_CE_MASK | CAUSE_EXC_MASK)
#define PRIVILEGED CAUSE_EXC(EXC_CPU)
#define IN_SLOT (CAUSE_BD | PRIVILEGED)
/* Cause, with all of these in its lower half. */
#define ROTATION 28
#define ROTATED(cause) ((cause) >> ROTATION | (cause) << (32 - ROTATION))
#define NO_GPR (BIT32(ZERO) | BIT32(K0) | BIT32(K1))

#define FRAME (SWITCH_SIZE + ARGUMENT_AREA)

typedef void access_fn(struct mips_asm *a, u32 rt, s32 offset, u32 base);

static void registers(struct mips_asm *a, access_fn *access, u32 set)
{
	for (u32 n = 1; n < 32; n++)
		if (set & BIT32(n))
			access(a, n, GUEST_R(n), K1);
}

static void move(struct mips_asm *a, u32 rd, u32 rs)
{
	mips_asm_or(a, rd, rs, ZERO);
}

static void load_word(struct mips_asm *a, u32 r, u32 address)
{
	mips_asm_lui(a, r, MIPS_HI(address));
	mips_asm_lw(a, r, MIPS_LO(address), r);
}

/* Into kernel mode, where interrupts are masked, and exceptions can come. `r`:
 * Status, which it changes. */
static void kernel_mode(struct mips_asm *a, u32 r)
{
	mips_asm_ins(a, r, ZERO, 0, 5);
	mips_asm_mtc0(a, r, CP0_STATUS);
	mips_asm_barrier(a);
}

/* ---- Accessors ----------------------------------------------------------------- */

/* In k0 and k1 is what the quick way has there; theirs are saved otherwise. */
static void get(struct mips_asm *a, const struct mips_world_cpu *cpu, u32 n)
{
	if (cpu->bad_instr && (n == K0 || n == K1))
		mips_asm_mfc0(a, V0, cpu->save[n - K0]);
	else if ((cpu->changed | NO_GPR) & ~1U & BIT32(n))
		mips_asm_lw(a, V0, GUEST_R(n), K1);
	else
		move(a, V0, n);
}

static void set(struct mips_asm *a, const struct mips_world_cpu *cpu, u32 n)
{
	if (cpu->bad_instr && (n == K0 || n == K1))
		mips_asm_mtc0(a, V0, cpu->save[n - K0]);
	else if ((cpu->changed | NO_GPR) & ~1U & BIT32(n))
		mips_asm_sw(a, V0, GUEST_R(n), K1);
	else
		move(a, n, V0);
}

static void accessors(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	for (u32 n = 0; n < 64; n++) {
		mips_asm_jr(a, V1);
		(n < 32 ? get : set)(a, cpu, n % 32);
	}
}

/* A walk begins with what the registers have at that moment: so it is off while they
 * change (MD00090, "Hardware Page Table Walking"). */
static void walk(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	if (cpu->walker) {
		mips_asm_mfc0(a, K0, CP0_PWCTL);
		mips_asm_mtc0(a, ZERO, CP0_PWCTL);
		mips_asm_barrier(a);
	}
	mips_asm_mtc0(a, V0, CP0_ENTRYHI);
	if (cpu->walker) {
		mips_asm_mtc0(a, A0, CP0_PWBASE);
		mips_asm_mtc0(a, K0, CP0_PWCTL);
	}
	if (cpu->place == MIPS_DIRECTORY_CP0) {
		mips_asm_jr(a, V1);
		mips_asm_mtc0(a, A0, cpu->directory);
	} else {
		mips_asm_lui(a, V0, MIPS_HI(cpu->directory));
		mips_asm_jr(a, V1);
		mips_asm_sw(a, A0, MIPS_LO(cpu->directory), V0);
	}
}

/* ---- Into the guest -------------------------------------------------------------- */

static void callee_saved(struct mips_asm *a, access_fn *access)
{
	for (u32 n = 0; n < 8; n++)
		access(a, S0 + n, ARGUMENT_AREA + SWITCH_S(n), SP);
	access(a, FP, ARGUMENT_AREA + SWITCH_S(8), SP);
	access(a, RA, ARGUMENT_AREA + SWITCH_RA, SP);
}

static void enter(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_addiu(a, SP, SP, -FRAME);
	callee_saved(a, mips_asm_sw);
	mips_asm_lui(a, T0, MIPS_HI(cpu->guest));
	mips_asm_sw(a, A0, MIPS_LO(cpu->guest), T0);
	mips_asm_lui(a, T0, MIPS_HI(cpu->stack));
	mips_asm_sw(a, SP, MIPS_LO(cpu->stack), T0);
	move(a, K1, A0);
	mips_asm_label(a, AGAIN);
	mips_asm_mfc0(a, T0, CP0_STATUS);
	mips_asm_ori(a, T0, T0, GUEST_STATUS);
	mips_asm_mtc0(a, T0, CP0_STATUS);
	mips_asm_barrier(a);
	mips_asm_lw(a, T0, GUEST_PC, K1);
	mips_asm_lw(a, T1, GUEST_HI, K1);
	mips_asm_lw(a, T2, GUEST_LO, K1);
	mips_asm_mtc0(a, T0, CP0_EPC);
	mips_asm_mthi(a, T1);
	mips_asm_mtlo(a, T2);
	registers(a, mips_asm_lw, ~NO_GPR);
	mips_asm_lw(a, K0, GUEST_R(K0), K1);
	mips_asm_lw(a, K1, GUEST_R(K1), K1);
	mips_asm_barrier(a);
	mips_asm_eret(a);
}

/* ---- The quick way ---------------------------------------------------------------- */

/* The guest's k0 and k1 into memory; v0 and v1 are saved. */
static void save_k(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_mfc0(a, V0, cpu->save[0]);
	mips_asm_mfc0(a, V1, cpu->save[1]);
	mips_asm_sw(a, V0, GUEST_R(K0), K1);
	mips_asm_sw(a, V1, GUEST_R(K1), K1);
}

/* Data caches with aliases may have something older there, and keep nothing of it. */
static void forget(struct mips_asm *a, const struct mips_world_cpu *cpu, s32 offset)
{
	if (cpu->aliases)
		mips_asm_cache(a, HIT_WRITEBACK_INVALIDATE_D, offset, K0);
}

/*
 * mips_quick_trap(), with a0 the instruction at k0, which becomes EPC. Read where
 * there is no BadInstr: in the hypervisor's mode. What is in BadInstr of an EPC that
 * is none of MIPS32's is in another encoding.
 */
static void call_trap(struct mips_asm *a, const struct mips_world_cpu *cpu,
		      struct mips_world *w)
{
	if (cpu->bad_instr) {
		mips_asm_mfc0(a, K0, CP0_EPC);
		mips_asm_andi(a, V0, K0, 3);
		mips_asm_bne(a, V0, ZERO, LONG);
		mips_asm_sw(a, K0, GUEST_PC, K1); /* in the delay slot */
		mips_asm_jal(a, cpu->quick_trap);
		mips_asm_mfc0(a, A0, CP0_BADINSTR); /* in the delay slot */
		return;
	}
	save_k(a, cpu);
	mips_asm_mfc0(a, A1, CP0_STATUS);
	mips_asm_xori(a, A1, A1, GUEST_STATUS);
	mips_asm_mtc0(a, A1, CP0_STATUS);
	mips_asm_mfc0(a, K0, CP0_EPC);
	mips_asm_barrier(a);
	w->fetch = mips_asm_here(a);
	forget(a, cpu, 0);
	mips_asm_lw(a, A0, 0, K0);
	forget(a, cpu, 0);
	mips_asm_xori(a, A1, A1, GUEST_STATUS);
	mips_asm_jal(a, cpu->quick_trap);
	mips_asm_mtc0(a, A1, CP0_STATUS); /* in the delay slot */
}

/* Back into the guest, at v0, with the registers of `set` as memory has them; or, where
 * that is MIPS_LONG_WAY, `otherwise`. */
static void back(struct mips_asm *a, const struct mips_world_cpu *cpu, u32 set,
		 enum label otherwise, bool k_in_memory)
{
	mips_asm_beq(a, V0, ZERO, otherwise);
	mips_asm_mtc0(a, V0, CP0_EPC); /* in the delay slot */
	registers(a, mips_asm_lw, set);
	if (k_in_memory) {
		mips_asm_lw(a, K0, GUEST_R(K0), K1);
		mips_asm_lw(a, K1, GUEST_R(K1), K1);
	} else {
		mips_asm_mfc0(a, K0, cpu->save[0]);
		mips_asm_mfc0(a, K1, cpu->save[1]);
	}
	mips_asm_barrier(a);
	mips_asm_eret(a);
}

/* A block that the refill handler left out, and the guest goes on where it was; at its
 * call, if that missed (mips_call_missed()). a0: Cause. */
static void refill_block(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_block_emit(a, cpu->blocks, A0, V0, V1, NO_BLOCK);
	registers(a, mips_asm_lw, cpu->changed);
	mips_asm_lw(a, K0, GUEST_READING, K1);
	mips_asm_bne(a, K0, ZERO, CALL_MISSED);
	mips_asm_mfc0(a, K0, cpu->save[0]); /* in the delay slot */
	mips_asm_mfc0(a, K1, cpu->save[1]);
	mips_asm_eret(a);
	mips_asm_label(a, CALL_MISSED);
	mips_asm_sw(a, ZERO, GUEST_READING, K1);
	mips_asm_lw(a, V0, GUEST_KEPT(2), K1);
	mips_asm_lw(a, K0, GUEST_KEPT(0), K1);
	mips_asm_lw(a, K1, GUEST_KEPT(1), K1);
	mips_asm_eret(a);
	mips_asm_label(a, NO_BLOCK);
}

/* The same of the hypervisor's, at a guest's address. */
static void host(struct mips_asm *a, const struct mips_world_cpu *cpu,
		 struct mips_world *w)
{
	w->host = cpu->host;
	if (!cpu->blocks)
		return;
	w->host = mips_asm_here(a);
	mips_asm_mfc0(a, K0, CP0_CAUSE);
	mips_block_emit(a, cpu->blocks, K0, K0, K1, NO_BLOCK_HOST);
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_mfc0(a, K1, cpu->save[1]);
	mips_asm_eret(a);
	mips_asm_label(a, NO_BLOCK_HOST);
	mips_asm_j(a, cpu->host);
	mips_asm_nop(a);
}

static void quick(struct mips_asm *a, const struct mips_world_cpu *cpu,
		  struct mips_world *w)
{
	w->left = mips_asm_here(a);
	registers(a, mips_asm_sw, cpu->changed);
	if (cpu->changed & BIT32(SP))
		load_word(a, SP, cpu->stack);
	mips_asm_andi(a, K0, K0, ROTATED(WHAT));
	mips_asm_xori(a, K0, K0, ROTATED(PRIVILEGED));
	mips_asm_bne(a, K0, ZERO, EXCEPTION);
	mips_asm_mfc0(a, A0, CP0_CAUSE); /* in the delay slot; for FAILED too */
	call_trap(a, cpu, w);
	back(a, cpu, cpu->changed, NOT_DONE, !cpu->bad_instr);

	mips_asm_label(a, EXCEPTION);
	if (cpu->blocks)
		refill_block(a, cpu);
	mips_asm_jal(a, cpu->quick_exception);
	mips_asm_mfc0(a, K0, CP0_EPC); /* in the delay slot */
	back(a, cpu, cpu->changed, LONG, false);
}

/* ---- The long way ----------------------------------------------------------------- */

/* The guest's word at k0 + offset. */
static void fetch(struct mips_asm *a, const struct mips_world_cpu *cpu, u32 r,
		  s32 offset)
{
	if (cpu->eva)
		mips_asm_lwe(a, r, offset, K0);
	else
		mips_asm_lw(a, r, offset, K0);
}

/*
 * In a delay slot: mips_quick_slot(), with the three words from EPC on. a1 is Cause;
 * EPC, k0 and k1 are in memory. Until the last word is there a0 is Cause, for FAILED.
 */
static void slot(struct mips_asm *a, const struct mips_world_cpu *cpu,
		 struct mips_world *w)
{
	mips_asm_li(a, V0, WHAT);
	mips_asm_and(a, V0, V0, A1);
	mips_asm_li(a, V1, IN_SLOT);
	mips_asm_bne(a, V0, V1, IN_MIDDLE);
	mips_asm_mfc0(a, V0, CP0_STATUS); /* in the delay slot */
	move(a, A0, A1);
	mips_asm_lw(a, K0, GUEST_PC, K1);
	if (cpu->bad_instr) {
		/* A miss writes it. */
		mips_asm_mfc0(a, V1, CP0_BADINSTR);
		mips_asm_sw(a, V1, GUEST_INSN, K1);
	}
	kernel_mode(a, V0);
	w->fetch_slot = mips_asm_here(a);
	forget(a, cpu, 0);
	forget(a, cpu, 8);
	fetch(a, cpu, A1, 4);
	fetch(a, cpu, A2, 8);
	fetch(a, cpu, A0, 0);
	forget(a, cpu, 0);
	forget(a, cpu, 8);
	mips_asm_ori(a, V0, V0, GUEST_STATUS);
	mips_asm_jal(a, cpu->quick_slot);
	mips_asm_mtc0(a, V0, CP0_STATUS); /* in the delay slot */
	back(a, cpu, cpu->changed, SLOT_NOT_DONE, true);
	mips_asm_label(a, SLOT_NOT_DONE);
	mips_asm_li(a, A1, IN_SLOT);
	mips_asm_beq(a, ZERO, ZERO, REST);
	mips_asm_addiu(a, A3, K1, GUEST_INSN); /* in the delay slot */
}

/* There is no page any more. The vector has put k0 away again, with the guest's EPC. */
static void failed(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_label(a, FAILED);
	load_word(a, K1, cpu->guest);
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_sw(a, K0, GUEST_PC, K1);
	move(a, A1, A0);
	move(a, A3, ZERO);
	if (cpu->bad_instr) {
		mips_asm_addiu(a, A3, K1, GUEST_INSN);
		mips_asm_li(a, V0, true);
		mips_asm_sb(a, V0, GUEST_TRAPPED, K1);
	}
}

/* What is saved for middle.c, if it has not been for quick.c. */
static u32 more(const struct mips_world_cpu *cpu)
{
	return cpu->middle & ~cpu->changed;
}

static void for_middle(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	registers(a, mips_asm_sw, more(cpu));
	if (more(cpu) & BIT32(SP))
		load_word(a, SP, cpu->stack);
}

/* What mips_exit() gets beside the guest: Cause, BadVAddr, and the instruction where
 * it has been read. */
static void arguments(struct mips_asm *a, const struct mips_world_cpu *cpu,
		      struct mips_world *w)
{
	mips_asm_label(a, LONG);
	save_k(a, cpu);
	mips_asm_mfc0(a, A1, CP0_CAUSE);
	mips_asm_mfc0(a, A2, CP0_BADVADDR);
	mips_asm_bgez(a, A1, IN_MIDDLE);
	mips_asm_nop(a);
	slot(a, cpu, w);

	mips_asm_label(a, IN_MIDDLE);
	for_middle(a, cpu);
	move(a, A0, A1);
	mips_asm_jal(a, cpu->middle_exception);
	move(a, A1, A2); /* in the delay slot */
	back(a, cpu, cpu->changed | cpu->middle, EXCEPTION_NOT_DONE, true);
	mips_asm_label(a, EXCEPTION_NOT_DONE);
	mips_asm_mfc0(a, A1, CP0_CAUSE);
	mips_asm_mfc0(a, A2, CP0_BADVADDR);
	mips_asm_beq(a, ZERO, ZERO, LAST);
	move(a, A3, ZERO); /* in the delay slot */

	mips_asm_label(a, NOT_DONE);
	for_middle(a, cpu);
	mips_asm_jal(a, cpu->middle_trap);
	mips_asm_lw(a, A0, GUEST_INSN, K1); /* in the delay slot */
	back(a, cpu, cpu->changed | cpu->middle, TRAP_NOT_DONE, !cpu->bad_instr);
	mips_asm_label(a, TRAP_NOT_DONE);
	if (cpu->bad_instr)
		save_k(a, cpu);
	mips_asm_li(a, A1, PRIVILEGED);
	mips_asm_beq(a, ZERO, ZERO, LAST);
	mips_asm_addiu(a, A3, K1, GUEST_INSN); /* in the delay slot */

	failed(a, cpu);
}

static void leave(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_label(a, REST);
	registers(a, mips_asm_sw, more(cpu));
	mips_asm_label(a, LAST);
	registers(a, mips_asm_sw, ~(cpu->changed | cpu->middle | NO_GPR));
	mips_asm_mfc0(a, T0, CP0_STATUS);
	kernel_mode(a, T0);
	mips_asm_mfhi(a, T3);
	mips_asm_mflo(a, T4);
	mips_asm_sw(a, T3, GUEST_HI, K1);
	mips_asm_sw(a, T4, GUEST_LO, K1);
	load_word(a, SP, cpu->stack);
	move(a, GP, ZERO);
	mips_asm_jal(a, cpu->exit);
	move(a, A0, K1); /* in the delay slot */
	mips_asm_lui(a, K1, MIPS_HI(cpu->guest));
	mips_asm_beq(a, V0, ZERO, AGAIN);
	mips_asm_lw(a, K1, MIPS_LO(cpu->guest), K1); /* in the delay slot */
	callee_saved(a, mips_asm_lw);
	mips_asm_jr(a, RA);
	mips_asm_addiu(a, SP, SP, FRAME); /* in the delay slot */
}

/* ---- All ---------------------------------------------------------------------------- */

void mips_world_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		     struct mips_world *w)
{
	*w = (struct mips_world){0};
	accessors(a, cpu);
	walk(a, cpu);
	quick(a, cpu, w);
	w->enter = mips_asm_here(a);
	enter(a, cpu);
	arguments(a, cpu, w);
	leave(a, cpu);
	host(a, cpu, w);
	w->fetch_failed = mips_asm_label_at(a, FAILED);
}

/*
 * Calls first (call.h): an address error of a store, in no delay slot, at one of their
 * addresses. With the number of words from the window's start on, what is not aligned
 * is far off. For all others k0 is Cause again.
 */
static void dispatch_calls(struct mips_asm *a, const struct mips_world_cpu *cpu)
{
	mips_asm_label(a, CALL);
	mips_asm_mfc0(a, K1, CP0_BADVADDR);
	mips_asm_addiu(a, K1, K1, -(s32)MIPS_CALLS_WINDOW);
	mips_asm_rotr(a, K1, K1, 2);
	mips_asm_srl(a, K0, K1, 6);
	mips_asm_bne(a, K0, ZERO, NO_CALL);
	mips_asm_lui(a, K0, cpu->calls >> 16); /* in the delay slot */
	mips_asm_ori(a, K0, K0, cpu->calls & 0xffff);
	mips_asm_ins(a, K0, K1, 7, 6);
	mips_asm_jr(a, K0);
	mips_asm_lui(a, K0, MIPS_HI(cpu->guest)); /* in the delay slot */
	mips_asm_label(a, NO_CALL);
	mips_other_emit(a);
	mips_asm_beq(a, ZERO, ZERO, OTHER);
	mips_asm_mfc0(a, K1, CP0_STATUS); /* in the delay slot */
}

void mips_other_emit(struct mips_asm *a)
{
	mips_asm_mfc0(a, K0, CP0_CAUSE);
	mips_asm_rotr(a, K0, K0, ROTATION);
}

void mips_vector_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		      const struct mips_world *w)
{
	mips_asm_mtc0(a, K0, cpu->save[0]);
	mips_asm_mfc0(a, K0, CP0_CAUSE);
	mips_asm_mtc0(a, K1, cpu->save[1]);
	mips_asm_rotr(a, K0, K0, ROTATION);
	mips_asm_andi(a, K1, K0, ROTATED(CAUSE_BD | CAUSE_EXC_MASK));
	mips_asm_xori(a, K1, K1, ROTATED(CAUSE_EXC(EXC_ADES)));
	mips_asm_beq(a, K1, ZERO, CALL);
	mips_asm_mfc0(a, K1, CP0_STATUS); /* in the delay slot */
	mips_asm_label(a, OTHER);
	mips_asm_andi(a, K1, K1, ST_UM);
	mips_asm_beq(a, K1, ZERO, HOST);
	mips_asm_lui(a, K1, MIPS_HI(cpu->guest)); /* in the delay slot */
	mips_asm_j(a, w->left);
	mips_asm_lw(a, K1, MIPS_LO(cpu->guest), K1); /* in the delay slot */
	mips_asm_label(a, HOST);
	mips_asm_j(a, w->host);
	mips_asm_nop(a);
	dispatch_calls(a, cpu);
}
