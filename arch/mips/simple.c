// SPDX-License-Identifier: BSD-2-Clause
/*
 * Instructions that compute, and do nothing else (MD00086): what kernels have
 * between LL and SC.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

#define BSHFL_WSBH 2
#define BSHFL_SEB  16
#define BSHFL_SEH  24
#define ROTATE     1 /* in rs of SRL, in sa of SRLV */

static u32 rotate_right(u32 v, unsigned int by)
{
	return by ? v >> by | v << (32 - by) : v;
}

static bool shift(u32 insn, u32 v, unsigned int by, bool rotate, u32 *to)
{
	by &= 31;
	switch (INSN_FUNCT(insn) & 3) {
	case F_SLL:
		*to = v << by;
		return !rotate;
	case F_SRL:
		*to = rotate ? rotate_right(v, by) : v >> by;
		return true;
	default:
		*to = (u32)((s32)v >> by);
		return !rotate;
	}
}

static bool of_two_registers(u32 insn, u32 a, u32 b, u32 *to)
{
	switch (INSN_FUNCT(insn)) {
	case F_ADDU:
		*to = a + b;
		return true;
	case F_SUBU:
		*to = a - b;
		return true;
	case F_AND:
		*to = a & b;
		return true;
	case F_OR:
		*to = a | b;
		return true;
	case F_XOR:
		*to = a ^ b;
		return true;
	case F_NOR:
		*to = ~(a | b);
		return true;
	case F_SLT:
		*to = (s32)a < (s32)b;
		return true;
	case F_SLTU:
		*to = a < b;
		return true;
	}
	return false;
}

static bool special(const struct mips_guest *g, u32 insn, u32 *to)
{
	u32 a = g->gpr[INSN_RS(insn)], b = g->gpr[INSN_RT(insn)];

	switch (INSN_FUNCT(insn)) {
	case F_SLL:
	case F_SRL:
	case F_SRA:
		return !(INSN_RS(insn) & ~ROTATE) &&
		       shift(insn, b, INSN_SA(insn), INSN_RS(insn), to);
	case F_SLLV:
	case F_SRLV:
	case F_SRAV:
		return !(INSN_SA(insn) & ~ROTATE) &&
		       shift(insn, b, a, INSN_SA(insn), to);
	case F_MOVZ:
		*to = b ? g->gpr[INSN_RD(insn)] : a;
		return !INSN_SA(insn);
	case F_MOVN:
		*to = b ? a : g->gpr[INSN_RD(insn)];
		return !INSN_SA(insn);
	}
	return !INSN_SA(insn) && of_two_registers(insn, a, b, to);
}

static bool immediate(const struct mips_guest *g, u32 insn, u32 *to)
{
	u32 a = g->gpr[INSN_RS(insn)], imm = INSN_IMM(insn);

	switch (INSN_OP(insn)) {
	case OP_ADDIU:
		*to = a + imm;
		return true;
	case OP_SLTI:
		*to = (s32)a < (s32)imm;
		return true;
	case OP_SLTIU:
		*to = a < imm;
		return true;
	case OP_ANDI:
		*to = a & INSN_UIMM(insn);
		return true;
	case OP_ORI:
		*to = a | INSN_UIMM(insn);
		return true;
	case OP_XORI:
		*to = a ^ INSN_UIMM(insn);
		return true;
	case OP_LUI:
		*to = imm << 16;
		return !INSN_RS(insn);
	}
	return false;
}

static bool bit_field(const struct mips_guest *g, u32 insn, u32 *to)
{
	u32 a = g->gpr[INSN_RS(insn)], b = g->gpr[INSN_RT(insn)];
	unsigned int low = INSN_SA(insn), high = INSN_RD(insn);
	u32 mask;

	switch (INSN_FUNCT(insn)) {
	case F3_EXT: /* rd is the size less 1 */
		*to = a >> low & GENMASK64(high, 0);
		return low + high < 32;
	case F3_INS:
		if (high < low)
			return false;
		mask = GENMASK64(high, low);
		*to = (b & ~mask) | (a << low & mask);
		return true;
	}
	return false;
}

static bool shuffle(const struct mips_guest *g, u32 insn, u32 *to)
{
	u32 b = g->gpr[INSN_RT(insn)];

	if (INSN_RS(insn))
		return false;
	switch (INSN_SA(insn)) {
	case BSHFL_WSBH:
		*to = (b & 0x00ff00ff) << 8 | (b >> 8 & 0x00ff00ff);
		return true;
	case BSHFL_SEB:
		*to = (u32)(s8)b;
		return true;
	case BSHFL_SEH:
		*to = (u32)(s16)b;
		return true;
	}
	return false;
}

bool mips_compute(struct mips_guest *g, u32 insn)
{
	unsigned int n = INSN_RT(insn);
	u32 to;

	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		if (INSN_FUNCT(insn) == F_SYNC)
			return true; /* SC's exchange is a barrier */
		if (!special(g, insn, &to))
			return false;
		n = INSN_RD(insn);
		break;
	case OP_SPECIAL3:
		if (INSN_FUNCT(insn) == F3_BSHFL) {
			if (!shuffle(g, insn, &to))
				return false;
			n = INSN_RD(insn);
			break;
		}
		if (!bit_field(g, insn, &to))
			return false;
		break;
	default:
		if (!immediate(g, insn, &to))
			return false;
	}
	mips_set_gpr(g, n, to);
	return true;
}
