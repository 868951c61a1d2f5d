/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run-time assembler for MIPS32 release 2 (MD00086): for handlers that depend on
 * the CPU that is found. It writes words into a buffer, as they will stand at `va`.
 *
 *	struct mips_asm a;
 *
 *	mips_asm_start(&a, words, ARRAY_SIZE(words), va);
 *	mips_asm_lui(&a, K0, MIPS_HI(address));
 *	mips_asm_lw(&a, K0, MIPS_LO(address), K0);
 *	mips_asm_bgez(&a, K0, LABEL);
 *	mips_asm_nop(&a);
 *	mips_asm_label(&a, LABEL);
 *	err = mips_asm_finish(&a);
 *
 * What does not fit (registers, immediates, displacements, the buffer) is an error
 * of the whole, which mips_asm_finish() returns; nothing is ever cut. Labels are
 * small numbers of the caller's. Delay slots are the caller's too.
 */
#ifndef ARCH_MIPS_ASM_H
#define ARCH_MIPS_ASM_H

#include "arch/mips/insn.h"
#include "arch/mips/cp0.h"
#include "lib/types.h"
#include "lib/util.h"

#define MIPS_ASM_LABELS 16
#define MIPS_ASM_FIXUPS 32

struct mips_asm {
	u32 *words;
	u32 va;
	unsigned int count, max;
	int err;
	u16 label[MIPS_ASM_LABELS]; /* 1 and the word's number; 0: nowhere yet */
	struct {
		u16 word;
		u8 label;
	} fixup[MIPS_ASM_FIXUPS];
	unsigned int fixups;
};

enum mips_gpr {
	ZERO, AT, V0, V1, A0, A1, A2, A3, T0, T1, T2, T3, T4, T5, T6, T7,
	S0, S1, S2, S3, S4, S5, S6, S7, T8, T9, K0, K1, GP, SP, FP, RA,
};

/* Halves of an address: for LUI, and for what adds a signed displacement to it. */
#define MIPS_HI(x) (((u32)(x) + 0x8000U) >> 16)
#define MIPS_LO(x) ((s32)(s16)(u32)(x))

void mips_asm_start(struct mips_asm *a, u32 *words, unsigned int max, u32 va);
/* Displacements of branches to labels are filled in. 0; -ENOSPC: too many words or
 * fixups, or a label after 65534 words; -ERANGE: an operand; -EINVAL: a label that is
 * nowhere, or twice. */
int mips_asm_finish(struct mips_asm *a);
/* The next word is where `label` is. */
void mips_asm_label(struct mips_asm *a, unsigned int label);
/* Where the next word will stand. */
static inline u32 mips_asm_here(const struct mips_asm *a)
{
	return a->va + 4 * a->count;
}

/* Where a label is that there is already. */
static inline u32 mips_asm_label_at(const struct mips_asm *a, unsigned int label)
{
	return a->va + 4 * (a->label[label] - 1);
}

/* A word as it is. */
void mips_asm_word(struct mips_asm *a, u32 insn);

/* ---- Forms ------------------------------------------------------------------- */

void mips_asm_r(struct mips_asm *a, u32 op, u32 rs, u32 rt, u32 rd, u32 sa,
		u32 funct);
/* imm from -32768 to 32767; from 0 to 65535. */
void mips_asm_i(struct mips_asm *a, u32 op, u32 rs, u32 rt, s32 imm);
void mips_asm_u(struct mips_asm *a, u32 op, u32 rs, u32 rt, u32 imm);
void mips_asm_branch(struct mips_asm *a, u32 op, u32 rs, u32 rt,
		     unsigned int label);
void mips_asm_jump(struct mips_asm *a, u32 op, u32 target);
/* LWE (EVA): offset from -256 to 255. */
void mips_asm_lwe(struct mips_asm *a, u32 rt, s32 offset, u32 base);
/* The bit field of `size` bits from bit `low` on. */
void mips_asm_ins(struct mips_asm *a, u32 rt, u32 rs, u32 low, u32 size);
/* `reg` as CP0() makes it. */
void mips_asm_mfc0(struct mips_asm *a, u32 rt, u32 reg);
void mips_asm_mtc0(struct mips_asm *a, u32 rt, u32 reg);
/* A constant, in one or two instructions. */
void mips_asm_li(struct mips_asm *a, u32 rt, u32 value);

/* ---- Instructions --------------------------------------------------------------- */

#define MIPS_ASM_3(name, funct)                                                \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rd, u32 rs, \
					   u32 rt)                             \
	{                                                                      \
		mips_asm_r(a, OP_SPECIAL, rs, rt, rd, 0, funct);               \
	}
MIPS_ASM_3(and, F_AND)
MIPS_ASM_3(or, F_OR)
MIPS_ASM_3(subu, F_SUBU)
MIPS_ASM_3(xor, F_XOR)

/* rs: 1 for a rotation. */
#define MIPS_ASM_SHIFT(name, funct, rs)                                        \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rd, u32 rt, \
					   u32 by)                             \
	{                                                                      \
		mips_asm_r(a, OP_SPECIAL, rs, rt, rd, by, funct);              \
	}
MIPS_ASM_SHIFT(srl, F_SRL, 0)
MIPS_ASM_SHIFT(rotr, F_SRL, 1)
MIPS_ASM_SHIFT(sra, F_SRA, 0)

#define MIPS_ASM_SIGNED(name, op)                                              \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rt, u32 rs, \
					   s32 imm)                            \
	{                                                                      \
		mips_asm_i(a, op, rs, rt, imm);                                \
	}
MIPS_ASM_SIGNED(addiu, OP_ADDIU)
MIPS_ASM_SIGNED(sltiu, OP_SLTIU)

#define MIPS_ASM_UNSIGNED(name, op)                                            \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rt, u32 rs, \
					   u32 imm)                            \
	{                                                                      \
		mips_asm_u(a, op, rs, rt, imm);                                \
	}
MIPS_ASM_UNSIGNED(andi, OP_ANDI)
MIPS_ASM_UNSIGNED(ori, OP_ORI)
MIPS_ASM_UNSIGNED(xori, OP_XORI)

#define MIPS_ASM_MEMORY(name, op)                                              \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rt,         \
					   s32 offset, u32 base)               \
	{                                                                      \
		mips_asm_i(a, op, base, rt, offset);                           \
	}
MIPS_ASM_MEMORY(cache, OP_CACHE)
MIPS_ASM_MEMORY(lw, OP_LW)
MIPS_ASM_MEMORY(sw, OP_SW)
MIPS_ASM_MEMORY(sb, OP_SB)
MIPS_ASM_MEMORY(ldc1, OP_LDC1)
MIPS_ASM_MEMORY(sdc1, OP_SDC1)

#define MIPS_ASM_COMPARE(name, op)                                             \
	static inline void mips_asm_##name(struct mips_asm *a, u32 rs, u32 rt, \
					   unsigned int label)                 \
	{                                                                      \
		mips_asm_branch(a, op, rs, rt, label);                         \
	}
MIPS_ASM_COMPARE(beq, OP_BEQ)
MIPS_ASM_COMPARE(bne, OP_BNE)

static inline void mips_asm_bgez(struct mips_asm *a, u32 rs, unsigned int label)
{
	mips_asm_branch(a, OP_REGIMM, rs, RI_BGEZ, label);
}

static inline void mips_asm_j(struct mips_asm *a, u32 target)
{
	mips_asm_jump(a, OP_J, target);
}

static inline void mips_asm_jal(struct mips_asm *a, u32 target)
{
	mips_asm_jump(a, OP_JAL, target);
}

static inline void mips_asm_jr(struct mips_asm *a, u32 rs)
{
	mips_asm_r(a, OP_SPECIAL, rs, 0, 0, 0, F_JR);
}

static inline void mips_asm_lui(struct mips_asm *a, u32 rt, u32 imm)
{
	mips_asm_u(a, OP_LUI, 0, rt, imm);
}

#define MIPS_ASM_PLAIN(name, insn)                                             \
	static inline void mips_asm_##name(struct mips_asm *a)                 \
	{                                                                      \
		mips_asm_word(a, insn);                                        \
	}
/* Of MSA (MD00866): offset in steps of 8, from -4096 to 4088. */
void mips_asm_msa(struct mips_asm *a, u32 minor, u32 wd, s32 offset, u32 base);

static inline void mips_asm_ld_d(struct mips_asm *a, u32 wd, s32 offset, u32 base)
{
	mips_asm_msa(a, MSA_LD_D, wd, offset, base);
}

static inline void mips_asm_st_d(struct mips_asm *a, u32 wd, s32 offset, u32 base)
{
	mips_asm_msa(a, MSA_ST_D, wd, offset, base);
}

MIPS_ASM_PLAIN(nop, INSN_NOP)
MIPS_ASM_PLAIN(barrier, 3U << 6) /* ehb */
MIPS_ASM_PLAIN(tlbp, INSN_CO(CO_TLBP))
MIPS_ASM_PLAIN(tlbwi, INSN_CO(CO_TLBWI))
MIPS_ASM_PLAIN(tlbwr, INSN_CO(CO_TLBWR))
MIPS_ASM_PLAIN(eret, INSN_CO(CO_ERET))

#define MIPS_ASM_ONE(name, place, funct)                                       \
	static inline void mips_asm_##name(struct mips_asm *a, u32 reg)        \
	{                                                                      \
		mips_asm_r(a, OP_SPECIAL, place ? 0 : reg, 0, place ? reg : 0, \
			   0, funct);                                          \
	}
MIPS_ASM_ONE(mfhi, 1, 16)
MIPS_ASM_ONE(mthi, 0, 17)
MIPS_ASM_ONE(mflo, 1, 18)
MIPS_ASM_ONE(mtlo, 0, 19)

/* ---- Code that is made at run time ----------------------------------------------- */

/*
 * Put finished code where it runs, `to`, at a->va, and publish it: data cache written
 * back, and no I-cache of any CPU holds what was there. -EINVAL: its address is
 * mapped, so that to fetch it could miss in the TLB (bugs.md 38); nothing is stored
 * then.
 */
int mips_asm_install(const struct mips_asm *a, u32 *to,
		     void (*publish)(uintptr_t va, size_t size));

#endif
