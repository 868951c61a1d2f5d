/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers by AArch64's names: the coprocessor registers that the
 * architecture maps them to (ARM DDI 0406C, B3.17 and B8.1.8; DDI 0487, G8), and
 * the fields that the port uses. What has no counterpart has AArch32's name.
 */
#ifndef ARM_REGISTERS_H
#define ARM_REGISTERS_H

#include "arch/armcommon/registers.h"

#ifndef __ASSEMBLER__
#include "lib/types.h"
#include "lib/util.h"

#if !__STDC_HOSTED__
#define sysreg_read(name) read_##name()
#define sysreg_write(name, v) write_##name(v)

/* MRC and MCR. */
#define CP15_32(name, op1, crn, crm, op2)                                      \
	CP_32(name, p15, op1, crn, crm, op2)
#define CP_32(name, cp, op1, crn, crm, op2)                                      \
	static inline u32 read_##name(void)                                    \
	{                                                                      \
		u32 v;                                                         \
                                                                               \
		__asm__ volatile("mrc " #cp ", " #op1 ", %0, " #crn ", " #crm  \
				 ", " #op2                                     \
				 : "=r"(v));                                   \
		return v;                                                      \
	}                                                                      \
	static inline void write_##name(u32 v)                                 \
	{                                                                      \
		__asm__ volatile("mcr " #cp ", " #op1 ", %0, " #crn ", " #crm  \
				 ", " #op2                                     \
				 :                                             \
				 : "r"(v));                                    \
	}
/* MRRC and MCRR. */
#define CP15_64(name, op1, crm)                                                \
	static inline u64 read_##name(void)                                    \
	{                                                                      \
		u64 v;                                                         \
                                                                               \
		__asm__ volatile("mrrc p15, " #op1 ", %Q0, %R0, " #crm         \
				 : "=r"(v));                                   \
		return v;                                                      \
	}                                                                      \
	static inline void write_##name(u64 v)                                 \
	{                                                                      \
		__asm__ volatile("mcrr p15, " #op1 ", %Q0, %R0, " #crm         \
				 :                                             \
				 : "r"(v));                                    \
	}
/* A register of another mode. */
#define BANKED(name)                                                           \
	static inline u32 read_##name(void)                                    \
	{                                                                      \
		u32 v;                                                         \
                                                                               \
		__asm__ volatile("mrs %0, " #name : "=r"(v));                  \
		return v;                                                      \
	}                                                                      \
	static inline void write_##name(u32 v)                                 \
	{                                                                      \
		__asm__ volatile("msr " #name ", %0" : : "r"(v));              \
	}

CP15_32(midr_el1, 0, c0, c0, 0)
CP15_32(ctr_el0, 0, c0, c0, 1)
CP15_32(mpidr_el1, 0, c0, c0, 5)
CP15_32(id_pfr0_el1, 0, c0, c1, 0)
CP15_32(id_pfr1_el1, 0, c0, c1, 1)
CP15_32(id_dfr0_el1, 0, c0, c1, 2)
CP15_32(id_afr0_el1, 0, c0, c1, 3)
CP15_32(id_mmfr0_el1, 0, c0, c1, 4)
CP15_32(id_mmfr1_el1, 0, c0, c1, 5)
CP15_32(id_mmfr2_el1, 0, c0, c1, 6)
CP15_32(id_mmfr3_el1, 0, c0, c1, 7)
CP15_32(id_isar0_el1, 0, c0, c2, 0)
CP15_32(id_isar1_el1, 0, c0, c2, 1)
CP15_32(id_isar2_el1, 0, c0, c2, 2)
CP15_32(id_isar3_el1, 0, c0, c2, 3)
CP15_32(id_isar4_el1, 0, c0, c2, 4)
CP15_32(id_isar5_el1, 0, c0, c2, 5)
CP15_32(revidr_el1, 0, c0, c0, 6)
CP15_32(ccsidr_el1, 1, c0, c0, 0)
CP15_32(clidr_el1, 1, c0, c0, 1)
CP15_32(aidr_el1, 1, c0, c0, 7)
CP15_32(csselr_el1, 2, c0, c0, 0)
CP15_32(vpidr_el2, 4, c0, c0, 0)
CP15_32(vmpidr_el2, 4, c0, c0, 5)

CP15_32(sctlr_el1, 0, c1, c0, 0)
CP15_32(actlr_el1, 0, c1, c0, 1)
CP15_32(cpacr_el1, 0, c1, c0, 2)
CP15_32(hcr_el2, 4, c1, c1, 0)
CP15_32(mdcr_el2, 4, c1, c1, 1)
CP15_32(cptr_el2, 4, c1, c1, 2)
CP15_32(hstr_el2, 4, c1, c1, 3)

CP15_64(ttbr0_el1, 0, c2)
CP15_64(ttbr1_el1, 1, c2)
CP15_32(tcr_el1, 0, c2, c0, 2)
CP15_32(vtcr_el2, 4, c2, c1, 2)
CP15_64(vttbr_el2, 6, c2)
CP15_32(dacr, 0, c3, c0, 0)

CP15_32(dfsr, 0, c5, c0, 0)
CP15_32(ifsr, 0, c5, c0, 1)
CP15_32(adfsr, 0, c5, c1, 0)
CP15_32(aifsr, 0, c5, c1, 1)
CP15_32(esr_el2, 4, c5, c2, 0)
CP15_32(dfar, 0, c6, c0, 0)
CP15_32(ifar, 0, c6, c0, 2)
CP15_32(far_el2, 4, c6, c0, 0) /* HDFAR */
CP15_32(hifar, 4, c6, c0, 2)
CP15_32(hpfar_el2, 4, c6, c0, 4)
CP15_64(par_el1, 0, c7)

CP15_32(l2ctlr, 1, c9, c0, 2)
CP15_32(mair0, 0, c10, c2, 0)
CP15_32(mair1, 0, c10, c2, 1)
CP15_32(amair0, 0, c10, c3, 0)
CP15_32(amair1, 0, c10, c3, 1)
CP15_32(vbar_el1, 0, c12, c0, 0)
CP15_32(isr_el1, 0, c12, c1, 0)
CP15_32(contextidr_el1, 0, c13, c0, 1)
CP15_32(tpidr_el0, 0, c13, c0, 2)
CP15_32(tpidrro_el0, 0, c13, c0, 3)
CP15_32(tpidr_el1, 0, c13, c0, 4)
CP15_32(tpidr_el2, 4, c13, c0, 2)

CP_32(teecr, p14, 6, c0, c0, 0)
CP_32(teehbr, p14, 6, c1, c0, 0)

CP15_32(cntfrq_el0, 0, c14, c0, 0)
CP15_32(cntkctl_el1, 0, c14, c1, 0)
CP15_32(cntp_ctl_el0, 0, c14, c2, 1)
CP15_32(cntv_ctl_el0, 0, c14, c3, 1)
CP15_32(cnthctl_el2, 4, c14, c1, 0)
CP15_32(cnthp_ctl_el2, 4, c14, c2, 1)
CP15_64(cntpct_el0, 0, c14)
CP15_64(cntv_cval_el0, 3, c14)
CP15_64(cntvoff_el2, 4, c14)
CP15_64(cnthp_cval_el2, 6, c14)

BANKED(sp_usr)
BANKED(sp_svc)
BANKED(lr_svc)
BANKED(spsr_svc)
BANKED(sp_abt)
BANKED(lr_abt)
BANKED(spsr_abt)
BANKED(sp_und)
BANKED(lr_und)
BANKED(spsr_und)
BANKED(sp_irq)
BANKED(lr_irq)
BANKED(spsr_irq)
BANKED(r8_fiq)
BANKED(r9_fiq)
BANKED(r10_fiq)
BANKED(r11_fiq)
BANKED(r12_fiq)
BANKED(sp_fiq)
BANKED(lr_fiq)
BANKED(spsr_fiq)

/* An operation on the line that operand `n` of an asm statement names. */
#define DC_CVAC(n) "mcr p15, 0, " n ", c7, c10, 1"
#define DC_CVAU(n) "mcr p15, 0, " n ", c7, c11, 1"
#define DC_CIVAC(n) "mcr p15, 0, " n ", c7, c14, 1"
#define IC_IVAU(n) "mcr p15, 0, " n ", c7, c5, 1"

#define SYS_OP(op1, crn, crm, op2, v)                                         \
	__asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2    \
			 :                                                     \
			 : "r"((u32)(v))                                       \
			 : "memory")
#endif

/*
 * TLBIALL and TLBIALLIS drop what the VMID has of stage 1 and of both stages;
 * nothing else is there: no operation by guest-physical address.
 */
#define tlbi(op) tlbi_##op()
#define tlbi_vmalle1() SYS_OP(0, c8, c7, 0, 0)
#define tlbi_vmalls12e1() SYS_OP(0, c8, c7, 0, 0)
#define tlbi_vmalls12e1is() SYS_OP(0, c8, c3, 0, 0)
#define tlbi_alle1() SYS_OP(4, c8, c7, 4, 0)   /* TLBIALLNSNH */
#define tlbi_alle2is() SYS_OP(4, c8, c3, 0, 0) /* TLBIALLHIS */
#define tlbi_vae2is(va) SYS_OP(4, c8, c3, 1, va)

#define ic(op) ic_##op()
#define ic_iallu() SYS_OP(0, c7, c5, 0, 0)
#define ic_ialluis() SYS_OP(0, c7, c1, 0, 0)
/* By address, the branch predictor is a cache of its own. */
#define bp_invalidate() SYS_OP(0, c7, c1, 6, 0)
#define bp_invalidate_local() SYS_OP(0, c7, c5, 6, 0)
#define at_s1e1r(va) SYS_OP(0, c7, c8, 0, va)
#endif

/* HCR: ARMv8's, which features never ask for here. */
#define HCR_TERR 0
#define HCR_FWB 0

/* ACTLR of Cortex-A7 and A15 */
#define ACTLR_SMP (1 << 6)

/* HSCTLR, SCTLR */
#define SCTLR_V (1 << 13)
#define SCTLR_TE (1 << 30)
#define HSCTLR_RES1 0x30c50878
#define SCTLR_EL1_RESET 0x00c50078

#define CPACR_VFP (0xfU << 20) /* cp10, cp11 */

#define SPSR_F (1 << 6)
#define SPSR_I (1 << 7)
#define SPSR_A (1 << 8)
#define SPSR_J (1 << 24)
#define SPSR_IT 0x0600fc00
#define SPSR_SS 0
#define MODE_USR 0x10
#define MODE_FIQ 0x11
#define MODE_IRQ 0x12
#define MODE_SVC 0x13
#define MODE_ABT 0x17
#define MODE_HYP 0x1a
#define MODE_UND 0x1b
#define MODE_SYS 0x1f

#define TTBCR_EAE (1U << 31)
/* EPD0 and EPD1, or, of tables in the short format, PD0 and PD1. */
#define TCR_STOP(tcr)                                                          \
	((tcr) | ((tcr)&TTBCR_EAE ? 1 << 7 | 1 << 23 : 1 << 4 | 1 << 5))

/* VTCR */
#define VTCR_S (1 << 4)

/* HSTR: CP15's c15, a CPU's own RAM and controls among it (HCR.TIDCP has c9 to
 * c11 alone). */
#define HSTR_T15 (1 << 15)
#define HSTR_TJDBX (1 << 17) /* Jazelle's registers, and BXJ */

/* HCPTR: CPTR_RES1 traps all coprocessors but VFP's, where they are, too.
 * TCP10 and TCP11, which are never different; Advanced SIMD goes with them. */
#define CPTR_TFP (3 << 10)
#define FPEXC_EN (1 << 30)

/* HSR */
#define EC_CP10_ID 0x08

/* EC_FP's: Advanced SIMD by HCPTR.TASE, or the coprocessor (B3.13.6) */
#define ISS_TA (1 << 5)
#define ISS_COPROC_MASK 0xf

#define ISS_SF 0 /* no register has more than 32 bits */
#define FSC_ASYNC_EXTERNAL 0x11
#define FSC_ASYNC_PARITY 0x19

#endif
