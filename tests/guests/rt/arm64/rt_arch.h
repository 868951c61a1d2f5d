/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the runtime is AArch64's: see tests/guests/rt/rt.h. */
#ifndef TESTS_GUESTS_RT_ARCH_H
#define TESTS_GUESTS_RT_ARCH_H

/* ---- Registers and barriers -------------------------------------------------- */

#define read_sysreg(r) read_named(r)
#define read_named(r)                                                          \
	({                                                                     \
		u64 v_;                                                        \
		__asm__ volatile("mrs %0, " #r : "=r"(v_)::"memory");          \
		v_;                                                            \
	})
#define write_sysreg(r, v) write_named(r, v)
#define write_named(r, v)                                                      \
	do {                                                                   \
		u64 w_ = (v);                                                  \
		__asm__ volatile("msr " #r ", %0" ::"r"(w_) : "memory");       \
	} while (0)
#define irq_enable() __asm__ volatile("msr daifclr, #2" ::: "memory")
#define irq_disable() __asm__ volatile("msr daifset, #2" ::: "memory")

/* Those of the GICv3's CPU interface, which older assemblers do not know. */
#define icc_pmr_el1 S3_0_C4_C6_0
#define icc_dir_el1 S3_0_C12_C11_1
#define icc_sgi1r_el1 S3_0_C12_C11_5
#define icc_iar1_el1 S3_0_C12_C12_0
#define icc_eoir1_el1 S3_0_C12_C12_1
#define icc_bpr1_el1 S3_0_C12_C12_3
#define icc_ctlr_el1 S3_0_C12_C12_4
#define icc_sre_el1 S3_0_C12_C12_5
#define icc_igrpen1_el1 S3_0_C12_C12_7

static inline unsigned int address_bits(void)
{
	return (unsigned int[]){32, 36, 40, 42, 44, 48, 52, 56}
		[read_sysreg(id_aa64mmfr0_el1) & 7];
}

/* ---- Loads and stores ---------------------------------------------------------- */

#define MMIO_OPS(bits, ldr, str, reg)                                          \
	static inline u##bits read##bits(u64 a)                                \
	{                                                                      \
		u64 v_;                                                        \
		__asm__ volatile(ldr " %" reg "0, [%1]"                        \
				 : "=r"(v_)                                    \
				 : "r"(a)                                      \
				 : "memory");                                  \
		return v_;                                                     \
	}                                                                      \
	static inline void write##bits(u64 a, u##bits v)                       \
	{                                                                      \
		__asm__ volatile(str " %" reg "0, [%1]" ::"rZ"((u64)v),        \
				 "r"(a)                                        \
				 : "memory");                                  \
	}
MMIO_OPS(8, "ldrb", "strb", "w")
MMIO_OPS(16, "ldrh", "strh", "w")
MMIO_OPS(32, "ldr", "str", "w")
MMIO_OPS(64, "ldr", "str", "x")

/* Two words by one instruction. */
static inline void store_pair(u64 a, unsigned long lo, unsigned long hi)
{
	__asm__ volatile("stp %1, %2, [%0]" ::"r"(a), "r"(lo), "r"(hi)
			 : "memory");
}

/* A word, and the address moves on by one: returned. */
static inline u64 store_and_advance(u64 a, unsigned long v)
{
	__asm__ volatile("str %1, [%0], #8" : "+r"(a) : "r"(v) : "memory");
	return a;
}

/* False: there is no such instruction. */
static inline bool zero_line(u64 a)
{
	if (read_sysreg(dczid_el0) & 16)
		return false;
	__asm__ volatile("dc zva, %0" ::"r"(a) : "memory");
	return true;
}

/* ---- Instructions --------------------------------------------------------------- */

#define LINK_REGISTER "x30"
#define INSN_UDF 0U
#define ZEROS_DO_NOTHING 0
#define INSN_RET 0xd65f03c0U
#define ASM_MOV_1 "mov %0, #1"
#define INSN_MOV(n) (0xd2800000U | (n) << 5) /* to the result's register */
#define INSN_MOV_REGISTER 31U                /* where another's number stands */

/* ---- Exceptions ----------------------------------------------------------------- */

struct frame {
	u64 x[31];
	u64 elr, spsr, esr, far;
};

/* ---- MMU ------------------------------------------------------------------------ */

#define MMU_WINDOW 0x4000000000ULL
#define MMU_PAGE_LEVEL 3
#define MMU_SPARE 0x2000000000ULL
#define MMU_SPARE_LEVEL 2
#define MMU_OWN 0x3000000000ULL

/* ---- PSCI ----------------------------------------------------------------------- */

#define PSCI_NATIVE 0xc4000000U /* functions that take addresses */
#define SMCCC_REGS 18
/* Of reported_state: all masked; EL1. */
#define RESET_MASKS 0x3c0
#define RESET_MODE 4

#include "tests/guests/rt/armcommon/rt_arm.h"

#endif
