// SPDX-License-Identifier: BSD-2-Clause
/*
 * Branches and jumps, for what trapped in their delay slots (MD00086). Those of
 * coprocessor 1 need the FPU, which a guest has not: whatever is in their delay
 * slot never runs.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

#define RA 31

static u32 displaced(u32 insn, u32 pc)
{
	return pc + 4 + (INSN_IMM(insn) << 2);
}

/* Whatever happens, it goes on behind the delay slot or at *target. */
static enum mips_branch conditional(u32 insn, u32 pc, bool taken, bool likely,
				    u32 *target)
{
	*target = taken ? displaced(insn, pc) : pc + 8;
	return !taken && likely ? MIPS_NULLIFIED : MIPS_BRANCH;
}

static enum mips_branch by_sign(struct mips_guest *g, u32 insn, u32 pc,
				u32 *target)
{
	u32 rt = INSN_RT(insn);
	bool negative = (s32)g->gpr[INSN_RS(insn)] < 0;

	switch (rt) {
	case RI_BLTZAL:
	case RI_BGEZAL:
	case RI_BLTZALL:
	case RI_BGEZALL:
		g->gpr[RA] = pc + 8;
		break;
	case RI_BLTZ:
	case RI_BGEZ:
	case RI_BLTZL:
	case RI_BGEZL:
		break;
	default:
		return MIPS_NOT_A_BRANCH;
	}
	/* Bit 0: if not negative. Bit 1: likely. */
	return conditional(insn, pc, negative != (rt & 1), rt & 2, target);
}

static enum mips_branch by_register(struct mips_guest *g, u32 insn, u32 pc,
				    u32 *target)
{
	switch (INSN_FUNCT(insn)) {
	case F_JALR: /* jalr.hb too, and jr.hb below */
		*target = g->gpr[INSN_RS(insn)];
		mips_set_gpr(g, INSN_RD(insn), pc + 8);
		return MIPS_BRANCH;
	case F_JR:
		*target = g->gpr[INSN_RS(insn)];
		return MIPS_BRANCH;
	}
	return MIPS_NOT_A_BRANCH;
}

static bool condition(const struct mips_guest *g, u32 insn)
{
	u32 a = g->gpr[INSN_RS(insn)], b = g->gpr[INSN_RT(insn)];

	switch (INSN_OP(insn)) {
	case OP_BEQ:
	case OP_BEQL:
		return a == b;
	case OP_BNE:
	case OP_BNEL:
		return a != b;
	case OP_BLEZ:
	case OP_BLEZL:
		return (s32)a <= 0;
	default:
		return (s32)a > 0;
	}
}

enum mips_branch mips_branch(struct mips_guest *g, u32 insn, u32 pc,
			     u32 *target)
{
	u32 op = INSN_OP(insn);

	switch (op) {
	case OP_SPECIAL:
		return by_register(g, insn, pc, target);
	case OP_REGIMM:
		return by_sign(g, insn, pc, target);
	case OP_JAL:
		g->gpr[RA] = pc + 8;
		/* fallthrough */
	case OP_J:
		*target = ((pc + 4) & 0xf0000000) | (insn << 6 >> 4);
		return MIPS_BRANCH;
	case OP_JALX:
		return MIPS_RESERVED;
	case OP_BLEZ:
	case OP_BGTZ:
	case OP_BLEZL:
	case OP_BGTZL:
		/* A host may look at rt, or not. */
		if (INSN_RT(insn))
			return MIPS_RESERVED;
		/* fallthrough */
	case OP_BEQ:
	case OP_BNE:
	case OP_BEQL:
	case OP_BNEL:
		return conditional(insn, pc, condition(g, insn), op >= OP_BEQL,
				   target);
	}
	return MIPS_NOT_A_BRANCH;
}
