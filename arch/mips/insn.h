/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instruction words of MIPS32 release 2 (MIPS32 Architecture for Programmers,
 * volume II, MD00086: "Instruction Bit Encodings"): fields and opcodes.
 */
#ifndef ARCH_MIPS_INSN_H
#define ARCH_MIPS_INSN_H

#include "lib/types.h"

/* ---- Fields -------------------------------------------------------------- */

#define INSN_OP(i)    ((i) >> 26)
#define INSN_RS(i)    ((i) >> 21 & 31U)
#define INSN_RT(i)    ((i) >> 16 & 31U)
#define INSN_RD(i)    ((i) >> 11 & 31U)
#define INSN_SA(i)    ((i) >> 6 & 31U)
#define INSN_FUNCT(i) ((i)&63U)
#define INSN_SEL(i)   ((i)&7U)
#define INSN_IMM(i)   ((u32)(s32)(s16)(i)) /* sign-extended */
#define INSN_UIMM(i)  ((i)&0xffffU)

#define INSN_I(op, rs, rt, imm)                                                \
	((u32)(op) << 26 | (u32)(rs) << 21 | (u32)(rt) << 16 | ((imm)&0xffffU))
#define INSN_R(op, rs, rt, rd, sa, funct)                                      \
	((u32)(op) << 26 | (u32)(rs) << 21 | (u32)(rt) << 16 |                 \
	 (u32)(rd) << 11 | (u32)(sa) << 6 | (u32)(funct))

/* ---- Bits 31 to 26 ------------------------------------------------------- */

enum {
	OP_SPECIAL = 0,
	OP_REGIMM = 1,
	OP_J = 2,
	OP_JAL = 3,
	OP_BEQ = 4,
	OP_BNE = 5,
	OP_BLEZ = 6,
	OP_BGTZ = 7,
	OP_ADDI = 8,
	OP_ADDIU = 9,
	OP_SLTI = 10,
	OP_SLTIU = 11,
	OP_ANDI = 12,
	OP_ORI = 13,
	OP_XORI = 14,
	OP_LUI = 15,
	OP_COP0 = 16,
	OP_COP1 = 17,
	OP_COP2 = 18,
	OP_COP1X = 19,
	OP_BEQL = 20,
	OP_BNEL = 21,
	OP_BLEZL = 22,
	OP_BGTZL = 23,
	OP_SPECIAL2 = 28,
	OP_JALX = 29, /* to MIPS16 */
	OP_MSA = 30,
	OP_SPECIAL3 = 31,
	OP_LB = 32,
	OP_LH = 33,
	OP_LWL = 34,
	OP_LW = 35,
	OP_LBU = 36,
	OP_LHU = 37,
	OP_LWR = 38,
	OP_SB = 40,
	OP_SH = 41,
	OP_SWL = 42,
	OP_SW = 43,
	OP_SWR = 46,
	OP_CACHE = 47,
	OP_LL = 48,
	OP_LWC1 = 49,
	OP_LWC2 = 50,
	OP_PREF = 51,
	OP_LDC1 = 53,
	OP_LDC2 = 54,
	OP_SC = 56,
	OP_SWC1 = 57,
	OP_SWC2 = 58,
	OP_SDC1 = 61,
	OP_SDC2 = 62,
};

/* ---- SPECIAL, REGIMM, SPECIAL3 ------------------------------------------- */

enum {
	F_SLL = 0,
	F_SRL = 2, /* ROTR with bit 21 */
	F_SRA = 3,
	F_SLLV = 4,
	F_SRLV = 6, /* ROTRV with bit 6 */
	F_SRAV = 7,
	F_JR = 8,
	F_JALR = 9,
	F_MOVZ = 10,
	F_MOVN = 11,
	F_SYNC = 15,
	F_ADD = 32,
	F_ADDU = 33,
	F_SUBU = 35,
	F_AND = 36,
	F_OR = 37,
	F_XOR = 38,
	F_NOR = 39,
	F_SLT = 42,
	F_SLTU = 43,
};

enum {
	RI_BLTZ = 0,
	RI_BGEZ = 1,
	RI_BLTZL = 2,
	RI_BGEZL = 3,
	RI_BLTZAL = 16,
	RI_BGEZAL = 17,
	RI_BLTZALL = 18,
	RI_BGEZALL = 19,
	RI_SYNCI = 31,
};

enum {
	F3_EXT = 0,
	F3_INS = 4,
	F3_BSHFL = 32,
	F3_LWE = 47,
	F3_RDHWR = 59,
};

#define HWR_ULR 29 /* of RDHWR */

/* ---- MSA (MD00866): bits 5 to 0 ------------------------------------------- */

enum {
	MSA_LD_D = 35,
	MSA_ST_D = 39,
};

/* ---- COP0 ---------------------------------------------------------------- */

/* Bits 25 to 21 */
enum {
	COP0_MFC0 = 0,
	COP0_MTC0 = 4,
	COP0_RDPGPR = 10,
	COP0_MFMC0 = 11, /* DI, EI */
	COP0_WRPGPR = 14,
	COP0_CO = 16, /* and above: bits 5 to 0 tell */
};

enum {
	CO_TLBR = 1,
	CO_TLBWI = 2,
	CO_TLBWR = 6,
	CO_TLBP = 8,
	CO_ERET = 24,
	CO_DERET = 31,
	CO_WAIT = 32,
	CO_HYPCALL = 40,
};

#define INSN_NOP   0U
#define INSN_EI    0x20U /* of MFMC0: bit 5 */
#define INSN_RS_MASK (31U << 21)
#define INSN_RT_MASK (31U << 16)
#define INSN_DI    0x41606000U /* rt: none */
#define INSN_CO(f) (0x42000000U | (f))
/* `reg` as CP0() makes it. */
#define INSN_MFC0(rt, reg)                                                     \
	INSN_R(OP_COP0, COP0_MFC0, rt, (reg) / 8, 0, (reg) % 8)
#define INSN_MTC0(rt, reg)                                                     \
	INSN_R(OP_COP0, COP0_MTC0, rt, (reg) / 8, 0, (reg) % 8)
#define INSN_SYNCI(base, offset) INSN_I(OP_REGIMM, base, RI_SYNCI, offset)

/* ---- CACHE: bits 20 to 16 ------------------------------------------------ */

#define CACHE_WHICH(op) ((op)&3U)
#define CACHE_WHAT(op)  ((op) >> 2)

enum { CACHE_I, CACHE_D, CACHE_T, CACHE_S };
enum {
	CACHE_INDEX_INVALIDATE = 0, /* of D, write back too */
	CACHE_INDEX_LOAD_TAG = 1,
	CACHE_INDEX_STORE_TAG = 2,
	CACHE_HIT_INVALIDATE = 4,
	CACHE_FILL = 5, /* I: fill; D: hit, write back and invalidate */
	CACHE_HIT_WRITE_BACK = 6,
	CACHE_LOCK = 7,
};

#endif
