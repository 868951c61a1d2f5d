/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of both ports' registers.h: what is the same in ARMv7's Hyp mode and in
 * AArch64's EL2, by AArch64's names (ARM DDI 0406C, B3.13 and B4.1; DDI 0487,
 * D19).
 */
#ifndef ARMCOMMON_REGISTERS_H
#define ARMCOMMON_REGISTERS_H

#ifndef __ASSEMBLER__
#if __STDC_HOSTED__
#include "arch/armcommon/testing/registers.h"
#else
#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(domain) __asm__ volatile("dsb " #domain ::: "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")
#endif

/* What a guest has of its own in the CPU: X(enum el1_register name, register). */
#define EL1_COMMON(X)                                                          \
	X(CPACR, cpacr_el1)                                                    \
	X(TTBR0, ttbr0_el1)                                                    \
	X(TTBR1, ttbr1_el1)                                                    \
	X(VBAR, vbar_el1)                                                      \
	X(CONTEXTIDR, contextidr_el1)                                          \
	X(TPIDR_EL0, tpidr_el0)                                                \
	X(TPIDRRO_EL0, tpidrro_el0)                                            \
	X(TPIDR_EL1, tpidr_el1)                                                \
	X(CNTKCTL, cntkctl_el1)                                                \
	X(PAR, par_el1)                                                        \
	X(CSSELR, csselr_el1)
#define EL1_TRANSLATION(X)                                                     \
	X(SCTLR, sctlr_el1)                                                    \
	X(TCR, tcr_el1)
#endif

/* HCR_EL2 */
#define HCR_VM (1 << 0)
#define HCR_SWIO (1 << 1)
#define HCR_FMO (1 << 3)
#define HCR_IMO (1 << 4)
#define HCR_AMO (1 << 5)
#define HCR_VSE (1 << 8) /* HCR.VA */
#define HCR_FB (1 << 9)
#define HCR_BSU_IS (1 << 10)
#define HCR_TWI (1 << 13)
#define HCR_TWE (1 << 14)
#define HCR_TID3 (1 << 18)
#define HCR_TSC (1 << 19)
#define HCR_TIDCP (1 << 20)
#define HCR_TACR (1 << 21)
#define HCR_TSW (1 << 22)
#define HCR_TVM (1 << 26)
/*
 * What every guest runs with: stage 2; physical interrupts to the hypervisor and
 * virtual ones to the guest; SMC, ID registers, ACTLR, implementation-defined
 * registers and set/way operations trapped; maintenance broadcast
 * inner-shareable. TWI and TWE are added when others wait.
 */
#define HCR_COMMON                                                             \
	((u64)(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB |      \
	       HCR_BSU_IS | HCR_TSC | HCR_TID3 | HCR_TACR | HCR_TIDCP |        \
	       HCR_TSW))

/* SCTLR_EL1, SCTLR_EL2 */
#define SCTLR_M (1 << 0)
#define SCTLR_C (1 << 2)
#define SCTLR_I (1 << 12)
#define SCTLR_WXN (1 << 19)
#define SCTLR_EE (1 << 25)

/* SPSR_EL2; of AArch32 E, and T, which is Thumb. */
#define SPSR_MODE_MASK 0x1f
#define SPSR_T32 (1 << 5)
#define SPSR_AARCH32_E (1 << 9)

#define ISR_F (1 << 6)
#define ISR_A (1 << 8)

/* MAIR_EL2: index 0 Normal write-back, 1 Device-nGnRE, 2 Normal non-cacheable, as
 * pgtable's formats use them. */
#define MAIR_EL2_VALUE 0x4404ff
/* Bits 31 and, of TCR_EL2 with E2H = 0, 23 are RES1; walks inner-shareable
 * write-back; granules of 4 KiB. */
#define TCR_EL2_RES1 ((1U << 31) | (1 << 23))
#define VTCR_RES1 (1U << 31)
#define TCR_WALK ((3 << 12) | (1 << 10) | (1 << 8))
#define VTCR_SL0_SHIFT 6

/* MDCR_EL2 */
#define MDCR_TPMCR (1 << 5)
#define MDCR_TPM (1 << 6)
#define MDCR_TDA (1 << 9)
#define MDCR_TDOSA (1 << 10)
#define MDCR_TDRA (1 << 11)

/* CPTR_EL2 */
#define CPTR_RES1 0x33ff
#define CPTR_TTA (1 << 20)

/* CNTHCTL_EL2, E2H = 0 */
#define CNTHCTL_EL1PCTEN (1 << 0)

/* ESR_EL2 */
#define ESR_EC_SHIFT 26
#define ESR_IL (1 << 25)
#define ESR_ISS_MASK 0x1ffffff
#define EC_UNKNOWN 0x00
#define EC_WFX 0x01
#define EC_CP15_32 0x03
#define EC_CP15_64 0x04
#define EC_CP14_32 0x05
#define EC_FP 0x07 /* what CPTR_EL2 traps of VFP and Advanced SIMD */
#define EC_HVC32 0x12
#define EC_SMC32 0x13
#define EC_IABT_LOWER 0x20
#define EC_IABT_SAME 0x21
#define EC_DABT_LOWER 0x24

/* The trap of a register: MRS, MRC and the like, not MSR. */
#define ISS_READ 1

/* Instruction- and data-abort syndromes */
#define ISS_ISV (1 << 24)
#define ISS_SAS_SHIFT 22
#define ISS_SSE (1 << 21)
#define ISS_SRT_SHIFT 16
#define ISS_CM (1 << 8)
#define ISS_S1PTW (1 << 7)
#define ISS_WNR (1 << 6)
#define FSC_MASK 0x3f
#define FSC_TYPE_MASK 0x3c
#define FSC_TRANSLATION 0x04
#define FSC_ACCESS 0x08
#define FSC_PERMISSION 0x0c
#define FSC_TLB_CONFLICT 0x30

#endif
