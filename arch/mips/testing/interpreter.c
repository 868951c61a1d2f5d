// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/interpreter.h"

struct interpreter cpu;

static void write_gpr(u32 n, u32 v)
{
	if (cpu.written)
		cpu.written(n);
	cpu.gpr[n] = n ? v : 0;
}

static void coprocessor(u32 insn)
{
	u32 reg = CP0(INSN_RD(insn), INSN_SEL(insn));

	if (insn == INSN_CO(CO_ERET)) {
		cpu.returned = true;
		/* A barrier too, for all that it does not read itself. */
		cpu.pending = cpu.probed = false;
	} else if (insn == INSN_CO(CO_TLBWR)) {
		cpu.tlbwr();
	} else if (insn == INSN_CO(CO_TLBWI)) {
		assert_false(cpu.pending);
		cpu.tlbwi();
	} else if (insn == INSN_CO(CO_TLBP)) {
		cpu.tlbp();
		cpu.probed = true;
	} else if (INSN_RS(insn) == COP0_MFC0) {
		assert_false(cpu.probed && reg == CP0_INDEX);
		write_gpr(INSN_RT(insn), cpu.cp0[reg]);
	} else {
		assert_int_equal(INSN_RS(insn), COP0_MTC0);
		cpu.cp0[reg] = cpu.gpr[INSN_RT(insn)];
		cpu.pending = true;
		cpu.unread |= reg == CP0_EPC || reg == CP0_STATUS;
	}
}

static void special(u32 insn)
{
	u32 s = cpu.gpr[INSN_RS(insn)], t = cpu.gpr[INSN_RT(insn)];
	u32 low = INSN_SA(insn);

	switch (INSN_FUNCT(insn)) {
	case F_SLL:
		/* NOP and EHB. */
		assert_int_equal(insn & ~(3U << 6), 0);
		if (low == 3)
			cpu.pending = cpu.probed = cpu.unread = false;
		break;
	case F_SRL:
		t = INSN_RS(insn) ? (u32)(((u64)t << 32 | t) >> low) : t >> low;
		write_gpr(INSN_RD(insn), t);
		break;
	case F_SRA:
		write_gpr(INSN_RD(insn), (u32)((s32)t >> low));
		break;
	case F_XOR:
		write_gpr(INSN_RD(insn), s ^ t);
		break;
	case F_AND:
		write_gpr(INSN_RD(insn), s & t);
		break;
	case F_OR:
		write_gpr(INSN_RD(insn), s | t);
		break;
	case F_SUBU:
		write_gpr(INSN_RD(insn), s - t);
		break;
	case 16:
		write_gpr(INSN_RD(insn), cpu.hi);
		break;
	case 17:
		cpu.hi = s;
		break;
	case 18:
		write_gpr(INSN_RD(insn), cpu.lo);
		break;
	case 19:
		cpu.lo = s;
		break;
	default:
		fail_msg("instruction 0x%x", insn);
	}
}

/* False: it was an exception. */
static bool memory(u32 insn, u32 va)
{
	u32 *word = cpu.at(INSN_OP(insn) == OP_SB ? va & ~3U : va);

	if (!word) {
		cpu.exception(va);
		return false;
	}
	if (INSN_OP(insn) == OP_SW)
		*word = cpu.gpr[INSN_RT(insn)];
	else if (INSN_OP(insn) == OP_SB)
		((u8 *)word)[va & 3] = cpu.gpr[INSN_RT(insn)];
	else
		write_gpr(INSN_RT(insn), *word);
	return true;
}

/* What is enabled by Status.CU1. A pair of registers is one, unless Status.FR is set. */
static void fpu(u32 insn, u32 va)
{
	u32 n = INSN_RT(insn), status = cpu.cp0[CP0_STATUS];
	bool pairs = !(status & ST_FR);

	assert_true(status & ST_CU1 && !cpu.pending);
	assert_int_equal(va % 8, 0);
	assert_false(pairs && n % 2);
	for (u32 i = 0; i < 2; i++) {
		u32 *r = pairs ? &cpu.wide[n + i][0] : &cpu.wide[n][i];
		u32 *word = cpu.at(va + 4 * i);

		assert_non_null(word);
		if (INSN_OP(insn) == OP_SDC1)
			*word = *r;
		else
			*r = *word;
	}
}

/* By Config5.MSAEn; a reserved instruction if the FPU is enabled, with pairs. */
static void msa(u32 insn)
{
	u32 va = cpu.gpr[INSN_RD(insn)] + ((s32)(insn << 6) >> 22) * 8;
	u32 status = cpu.cp0[CP0_STATUS], minor = INSN_FUNCT(insn);

	assert_true(cpu.cp0[CP0_CONFIG5] & CONFIG5_MSAEN && !cpu.pending);
	assert_true(!(status & ST_CU1) || status & ST_FR);
	assert_int_equal(va % 16, 0);
	assert_true(minor == MSA_LD_D || minor == MSA_ST_D);
	for (u32 i = 0; i < 4; i++) {
		u32 *r = &cpu.wide[INSN_SA(insn)][i], *word = cpu.at(va + 4 * i);

		assert_non_null(word);
		if (minor == MSA_ST_D)
			*word = *r;
		else
			*r = *word;
	}
}

static bool compute(u32 insn)
{
	u32 s = cpu.gpr[INSN_RS(insn)], t = cpu.gpr[INSN_RT(insn)];
	u32 low = INSN_SA(insn), mask;

	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		special(insn);
		return true;
	case OP_SPECIAL3:
		if (INSN_FUNCT(insn) == F3_LWE)
			return memory(insn, s + ((s32)(s16)insn >> 7));
		assert_int_equal(INSN_FUNCT(insn), F3_INS);
		mask = (2U << INSN_RD(insn)) - (1U << low);
		write_gpr(INSN_RT(insn), (t & ~mask) | (s << low & mask));
		return true;
	case OP_LUI:
		write_gpr(INSN_RT(insn), insn << 16);
		return true;
	case OP_ANDI:
		write_gpr(INSN_RT(insn), s & INSN_UIMM(insn));
		return true;
	case OP_ORI:
		write_gpr(INSN_RT(insn), s | INSN_UIMM(insn));
		return true;
	case OP_XORI:
		write_gpr(INSN_RT(insn), s ^ INSN_UIMM(insn));
		return true;
	case OP_ADDIU:
		write_gpr(INSN_RT(insn), s + INSN_IMM(insn));
		return true;
	case OP_SLTIU:
		write_gpr(INSN_RT(insn), s < INSN_IMM(insn));
		return true;
	case OP_LW:
	case OP_SW:
	case OP_SB:
		return memory(insn, s + INSN_IMM(insn));
	case OP_CACHE:
		if (cpu.at(s + INSN_IMM(insn))) {
			cpu.cache(INSN_RT(insn), s + INSN_IMM(insn));
			return true;
		}
		cpu.exception(s + INSN_IMM(insn));
		return false;
	case OP_LDC1:
	case OP_SDC1:
		fpu(insn, s + INSN_IMM(insn));
		return true;
	case OP_MSA:
		msa(insn);
		return true;
	case OP_COP0:
		coprocessor(insn);
		return true;
	}
	fail_msg("instruction 0x%x", insn);
	return true;
}

static bool branches(u32 insn, u32 *to)
{
	u32 s = cpu.gpr[INSN_RS(insn)], t = cpu.gpr[INSN_RT(insn)];
	bool taken;

	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		*to = s;
		return INSN_FUNCT(insn) == F_JR;
	case OP_JAL:
		write_gpr(31, cpu.pc + 8);
		/* fallthrough */
	case OP_J:
		*to = ((cpu.pc + 4) & 0xf0000000) | (insn << 6) >> 4;
		return true;
	case OP_REGIMM:
		assert_int_equal(INSN_RT(insn), RI_BGEZ);
		taken = (s32)s >= 0;
		break;
	case OP_BEQ:
		taken = s == t;
		break;
	case OP_BNE:
		taken = s != t;
		break;
	default:
		return false;
	}
	*to = taken ? cpu.pc + 4 + (INSN_IMM(insn) << 2) : cpu.pc + 8;
	return true;
}

void interpret(u32 pc, bool (*outside)(u32 pc), unsigned int most)
{
	cpu.pc = pc;
	cpu.executed = 0;
	cpu.returned = false;
	while (!cpu.returned && !(outside && outside(cpu.pc))) {
		u32 insn = cpu.fetch(cpu.pc), to;

		assert_true(cpu.executed < most);
		cpu.executed++;
		if (branches(insn, &to)) {
			cpu.executed++;
			/* Nothing that may fail is in a delay slot. */
			assert_true(compute(cpu.fetch(cpu.pc + 4)));
			cpu.pc = to;
		} else if (compute(insn) && !cpu.returned) {
			cpu.pc += 4;
		}
	}
}
