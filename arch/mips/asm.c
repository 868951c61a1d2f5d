// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/asm.h"
#include "lib/errno.h"

static void fail(struct mips_asm *a, int err)
{
	if (!a->err)
		a->err = err;
}

void mips_asm_start(struct mips_asm *a, u32 *words, unsigned int max, u32 va)
{
	*a = (struct mips_asm){ .words = words, .max = max, .va = va };
	if (va & 3)
		fail(a, -ERANGE);
}

void mips_asm_word(struct mips_asm *a, u32 insn)
{
	if (a->count == a->max) {
		fail(a, -ENOSPC);
		return;
	}
	a->words[a->count++] = insn;
}

/* ---- Forms ------------------------------------------------------------------- */

void mips_asm_r(struct mips_asm *a, u32 op, u32 rs, u32 rt, u32 rd, u32 sa,
		u32 funct)
{
	if (op > 63 || rs > 31 || rt > 31 || rd > 31 || sa > 31 || funct > 63)
		fail(a, -ERANGE);
	else
		mips_asm_word(a, INSN_R(op, rs, rt, rd, sa, funct));
}

void mips_asm_u(struct mips_asm *a, u32 op, u32 rs, u32 rt, u32 imm)
{
	if (op > 63 || rs > 31 || rt > 31 || imm > 0xffff)
		fail(a, -ERANGE);
	else
		mips_asm_word(a, INSN_I(op, rs, rt, imm));
}

void mips_asm_i(struct mips_asm *a, u32 op, u32 rs, u32 rt, s32 imm)
{
	if (imm < -0x8000 || imm > 0x7fff)
		fail(a, -ERANGE);
	else
		mips_asm_u(a, op, rs, rt, imm & 0xffff);
}

void mips_asm_ins(struct mips_asm *a, u32 rt, u32 rs, u32 low, u32 size)
{
	if (low > 31 || !size || size > 32 - low)
		fail(a, -ERANGE);
	else
		mips_asm_r(a, OP_SPECIAL3, rs, rt, low + size - 1, low, F3_INS);
}

void mips_asm_lwe(struct mips_asm *a, u32 rt, s32 offset, u32 base)
{
	u32 field = (offset & 0x1ff) << 1; /* and one that is 0: RD and SA */

	if (offset < -256 || offset > 255)
		fail(a, -ERANGE);
	else
		mips_asm_r(a, OP_SPECIAL3, base, rt, field >> 5, field & 31,
			   F3_LWE);
}

void mips_asm_msa(struct mips_asm *a, u32 minor, u32 wd, s32 offset, u32 base)
{
	if (offset % 8 || offset < -4096 || offset > 4088 || wd > 31 || base > 31)
		fail(a, -ERANGE);
	else
		mips_asm_word(a, INSN_I(OP_MSA, 0, 0, 0) |
					 (offset / 8 & 0x3ffU) << 16 | base << 11 |
					 wd << 6 | minor);
}

static void move_cp0(struct mips_asm *a, u32 rs, u32 rt, u32 reg)
{
	if (reg >= CP0_REGISTERS)
		fail(a, -ERANGE);
	else
		mips_asm_r(a, OP_COP0, rs, rt, reg / 8, 0, reg % 8);
}

void mips_asm_mfc0(struct mips_asm *a, u32 rt, u32 reg)
{
	move_cp0(a, COP0_MFC0, rt, reg);
}

void mips_asm_mtc0(struct mips_asm *a, u32 rt, u32 reg)
{
	move_cp0(a, COP0_MTC0, rt, reg);
}

void mips_asm_li(struct mips_asm *a, u32 rt, u32 value)
{
	if (value == (u32)MIPS_LO(value)) {
		mips_asm_addiu(a, rt, ZERO, MIPS_LO(value));
		return;
	}
	if (!(value >> 16)) {
		mips_asm_ori(a, rt, ZERO, value);
		return;
	}
	mips_asm_lui(a, rt, value >> 16);
	if (value & 0xffff)
		mips_asm_ori(a, rt, rt, value & 0xffff);
}

/* ---- Branches and labels ------------------------------------------------------- */

void mips_asm_label(struct mips_asm *a, unsigned int label)
{
	if (label >= MIPS_ASM_LABELS)
		fail(a, -ERANGE);
	else if (a->label[label])
		fail(a, -EINVAL);
	else if (a->count >= 0xffff)
		fail(a, -ENOSPC);
	else
		a->label[label] = a->count + 1;
}

static void add_fixup(struct mips_asm *a, unsigned int label)
{
	if (label >= MIPS_ASM_LABELS) {
		fail(a, -ERANGE);
	} else if (a->fixups == MIPS_ASM_FIXUPS || a->count > 0xffff) {
		fail(a, -ENOSPC);
	} else {
		a->fixup[a->fixups].word = a->count;
		a->fixup[a->fixups++].label = label;
	}
}

void mips_asm_branch(struct mips_asm *a, u32 op, u32 rs, u32 rt,
		     unsigned int label)
{
	add_fixup(a, label);
	mips_asm_u(a, op, rs, rt, 0);
}

/* J reaches what has the upper 4 bits of its delay slot's address. */
static bool jump_reaches(u32 from, u32 target)
{
	return !(target & 3) && !((from + 4) >> 28 ^ target >> 28);
}

void mips_asm_jump(struct mips_asm *a, u32 op, u32 target)
{
	if (op > 63 || !jump_reaches(mips_asm_here(a), target))
		fail(a, -ERANGE);
	else
		mips_asm_word(a, op << 26 | target << 4 >> 6);
}

static void fix(struct mips_asm *a, u32 word, u32 to)
{
	s32 distance = (s32)to - (s32)word - 1;

	if (distance == (s16)distance)
		a->words[word] |= distance & 0xffff;
	else
		fail(a, -ERANGE);
}

int mips_asm_finish(struct mips_asm *a)
{
	for (unsigned int i = 0; !a->err && i < a->fixups; i++) {
		u32 to = a->label[a->fixup[i].label];

		if (to)
			fix(a, a->fixup[i].word, to - 1);
		else
			fail(a, -EINVAL);
	}
	a->fixups = 0;
	return a->err;
}

/* ---- Code that is made at run time ----------------------------------------------- */

int mips_asm_install(const struct mips_asm *a, u32 *to,
		     void (*publish)(uintptr_t va, size_t size))
{
	u32 size = 4 * a->count;

	if (a->err || a->fixups)
		return -EINVAL;
	if (a->va < KSEG0 || a->va >= KSEG2 || size > KSEG2 - a->va)
		return -EINVAL;
	for (unsigned int i = 0; i < a->count; i++)
		to[i] = a->words[i];
	publish(a->va, size);
	return 0;
}
