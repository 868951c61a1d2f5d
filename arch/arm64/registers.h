/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers: access, and the fields that the port uses. Names and
 * values from the Arm ARM (DDI 0487), D19 "AArch64 System Register
 * Descriptions".
 */
#ifndef ARM64_REGISTERS_H
#define ARM64_REGISTERS_H

#include "arch/armcommon/registers.h"

#ifndef __ASSEMBLER__
#include "lib/types.h"
#include "lib/util.h"

#if __STDC_HOSTED__
#define tlbi(op) test_tlbi(#op)
#define ic(op) test_ic(#op)
#else
#define sysreg_read(name)                                                      \
	({                                                                     \
		u64 sysreg_v_;                                                 \
		__asm__ volatile("mrs %0, " #name : "=r"(sysreg_v_));          \
		sysreg_v_;                                                     \
	})
#define sysreg_write(name, v)                                                  \
	__asm__ volatile("msr " #name ", %0" : : "r"((u64)(v)))

#define SYS_OP(op1, crn, crm, op2, v)                                          \
	__asm__ volatile("sys #" #op1 ", " #crn ", " #crm ", #" #op2 ", %0"    \
			 :                                                     \
			 : "r"((u64)(v)))
#define tlbi(op) __asm__ volatile("tlbi " #op)
#define tlbi_vae2is(va) __asm__ volatile("tlbi vae2is, %0" : : "r"((va) >> 12))
#define ic(op) __asm__ volatile("ic " #op ::: "memory")
/* No cache of its own that software would know of. */
#define bp_invalidate() ((void)0)
/* An operation on the line that operand `n` of an asm statement names. */
#define DC_CVAC(n) "dc cvac, " n
#define DC_CVAU(n) "dc cvau, " n
#define DC_CIVAC(n) "dc civac, " n
#define DC_ZVA(n) "dc zva, " n
#define IC_IVAU(n) "ic ivau, " n
#endif

#define at_s1e1r(va) SYS_OP(0, c7, c8, 0, va)
#define tlbi_ipas2e1is(operand) SYS_OP(4, c8, c0, 1, operand)
/* Which the assembler may be older than. */
#define tlbi_ripas2e1is(operand) SYS_OP(4, c8, c0, 2, operand)
#endif

/* HCR_EL2 */
#define HCR_RW 0x80000000
#define HCR_TLOR (1ULL << 35)
#define HCR_TERR (1ULL << 36)
#define HCR_FWB (1ULL << 46)

/* SCTLR_EL2, with E2H = 0; RES1 bits 4, 5, 11, 16, 18, 22, 23, 28, 29. */
#define SCTLR_A (1 << 1)
#define SCTLR_SA (1 << 3)
#define SCTLR_E0E (1 << 24)
#define SCTLR_EL2_RES1 0x30c50830
/* SCTLR_EL1 after reset: RES1 of ARMv8.0, MMU and caches off. */
#define SCTLR_EL1_RESET 0x30d00800

#define SPSR_EL1H 0x5
#define SPSR_EL2H 0x9
#define SPSR_DAIF (0xf << 6)
#define SPSR_PAN (1 << 22)
#define SPSR_IL (1 << 20)
#define SPSR_SS (1 << 21)
#define SPSR_SSBS (1 << 12)
/* AArch32 */
#define SPSR_AARCH32 (1 << 4)

/* EPD0, EPD1 */
#define TCR_STOP(tcr) ((tcr) | 1 << 7 | 1 << 23)

#define TCR_EL2_PS_SHIFT 16

/* VTCR_EL2 */
#define VTCR_TG0_SHIFT 14
#define VTCR_PS_SHIFT 16
#define VTCR_VS (1 << 19)
#define VTCR_HA (1 << 21)
#define VTCR_HD (1 << 22)
#define VTCR_DS (1ULL << 32)

/* CPTR_EL2, E2H = 0. Of CPTR_RES1 TSM (12) and TZ (8) trap SME and SVE where they are and
 * are RES1 where not, as bits 13, 9 and 7:0. */
#define CPTR_TFP (1 << 10)
#define CPTR_TAM (1 << 30)

/* MDCR_EL2 */
#define MDCR_TDE (1 << 8)
#define MDCR_TPMS (1 << 14)
#define MDCR_TTRF (1 << 19)

/* CNTHCTL_EL2, E2H = 0 */
#define CNTHCTL_EL1PCEN (1 << 1)

/* ESR_ELx */
#define EC_CP14_64 0x0c
#define EC_PAUTH 0x09
#define EC_ILLEGAL 0x0e
#define EC_SVC64 0x15
#define EC_HVC64 0x16
#define EC_SMC64 0x17
#define EC_SYSREG 0x18
#define EC_SVE 0x19
#define EC_IABT_SAME 0x21
#define EC_PC_ALIGN 0x22
#define EC_DABT_SAME 0x25
#define EC_SP_ALIGN 0x26
#define EC_SERROR 0x2f

/* Instruction- and data-abort syndromes */
#define ISS_SF (1 << 15)
#define ISS_FNV (1 << 10)
#define ISS_EA (1 << 9)
#define FSC_ADDRESS_SIZE 0x00
#define FSC_EXTERNAL 0x10

#endif
