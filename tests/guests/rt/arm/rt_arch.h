/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the runtime is ARMv7's: see tests/guests/rt/rt.h. Arm state; registers
 * have AArch64's names and read as u64, as there.
 */
#ifndef TESTS_GUESTS_RT_ARCH_H
#define TESTS_GUESTS_RT_ARCH_H

/* ---- Registers and barriers -------------------------------------------------- */

#define read_sysreg(r) read_##r()
#define write_sysreg(r, v) write_##r(v)
#define irq_enable() __asm__ volatile("cpsie i" ::: "memory")
#define irq_disable() __asm__ volatile("cpsid i" ::: "memory")

#define CP15_32(name, op1, crn, crm, op2)                                      \
	static inline u64 read_##name(void)                                    \
	{                                                                      \
		u32 v_;                                                        \
		__asm__ volatile("mrc p15, " #op1 ", %0, " #crn ", " #crm      \
				 ", " #op2                                     \
				 : "=r"(v_)::"memory");                        \
		return v_;                                                     \
	}                                                                      \
	static inline void write_##name(u64 v)                                 \
	{                                                                      \
		__asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm      \
				 ", " #op2 ::"r"((u32)v)                       \
				 : "memory");                                  \
	}
#define CP15_64(name, op1, crm)                                                \
	static inline u64 read_##name(void)                                    \
	{                                                                      \
		u64 v_;                                                        \
		__asm__ volatile("mrrc p15, " #op1 ", %Q0, %R0, " #crm         \
				 : "=r"(v_)::"memory");                        \
		return v_;                                                     \
	}                                                                      \
	static inline void write_##name(u64 v)                                 \
	{                                                                      \
		__asm__ volatile("mcrr p15, " #op1 ", %Q0, %R0, " #crm ::"r"(v) \
				 : "memory");                                  \
	}

CP15_32(midr_el1, 0, c0, c0, 0)
CP15_32(ctr_el0, 0, c0, c0, 1)
CP15_32(mpidr_el1, 0, c0, c0, 5)
CP15_32(id_mmfr3_el1, 0, c0, c1, 7)
CP15_32(csselr_el1, 2, c0, c0, 0)
CP15_32(sctlr_el1, 0, c1, c0, 0)
CP15_32(cpacr_el1, 0, c1, c0, 2)
CP15_64(ttbr0_el1, 0, c2)
CP15_64(ttbr1_el1, 1, c2)
CP15_32(tcr_el1, 0, c2, c0, 2)
CP15_32(dacr, 0, c3, c0, 0)
CP15_32(dfsr, 0, c5, c0, 0)
CP15_32(ifsr, 0, c5, c0, 1)
CP15_32(dfar, 0, c6, c0, 0)
CP15_32(ifar, 0, c6, c0, 2)
CP15_64(par_el1, 0, c7)
CP15_32(par_short, 0, c7, c4, 0)
CP15_32(mair0, 0, c10, c2, 0)
CP15_32(mair1, 0, c10, c2, 1)
CP15_32(vbar_el1, 0, c12, c0, 0)
CP15_32(isr_el1, 0, c12, c1, 0)
CP15_32(contextidr_el1, 0, c13, c0, 1)
CP15_32(tpidr_el0, 0, c13, c0, 2)
CP15_32(tpidrro_el0, 0, c13, c0, 3)
CP15_32(tpidr_el1, 0, c13, c0, 4)

CP15_32(cntfrq_el0, 0, c14, c0, 0)
CP15_32(cntkctl_el1, 0, c14, c1, 0)
CP15_32(cntp_tval_el0, 0, c14, c2, 0)
CP15_32(cntp_ctl_el0, 0, c14, c2, 1)
CP15_32(cntv_tval_el0, 0, c14, c3, 0)
CP15_32(cntv_ctl_el0, 0, c14, c3, 1)
CP15_64(cntpct_el0, 0, c14)
CP15_64(cntvct_el0, 1, c14)
CP15_64(cntp_cval_el0, 2, c14)
CP15_64(cntv_cval_el0, 3, c14)

/* For a source that serves both architectures: no ARMv7 board has a GICv3. */
CP15_32(icc_pmr_el1, 0, c4, c6, 0)
CP15_32(icc_dir_el1, 0, c12, c11, 1)
CP15_64(icc_sgi1r_el1, 0, c12)
CP15_32(icc_iar1_el1, 0, c12, c12, 0)
CP15_32(icc_eoir1_el1, 0, c12, c12, 1)
CP15_32(icc_bpr1_el1, 0, c12, c12, 3)
CP15_32(icc_ctlr_el1, 0, c12, c12, 4)
CP15_32(icc_sre_el1, 0, c12, c12, 5)
CP15_32(icc_igrpen1_el1, 0, c12, c12, 7)

/* ID_MMFR3.CMemSz; without LPAE tables there are 32. */
static inline unsigned int address_bits(void)
{
	return (unsigned int[]){32, 36, 40, 40}
		[read_sysreg(id_mmfr3_el1) >> 24 & 3];
}

/* ---- Loads and stores ---------------------------------------------------------- */

#define MMIO_OPS(bits, ldr, str)                                               \
	static inline u##bits read##bits(u64 a)                                \
	{                                                                      \
		u##bits v_;                                                    \
		__asm__ volatile(ldr ", [%1]"                                  \
				 : "=r"(v_)                                    \
				 : "r"((u32)a)                                 \
				 : "memory");                                  \
		return v_;                                                     \
	}                                                                      \
	static inline void write##bits(u64 a, u##bits v)                       \
	{                                                                      \
		__asm__ volatile(str ", [%1]" ::"r"(v), "r"((u32)a)            \
				 : "memory");                                  \
	}
MMIO_OPS(8, "ldrb %0", "strb %0")
MMIO_OPS(16, "ldrh %0", "strh %0")
MMIO_OPS(32, "ldr %0", "str %0")
MMIO_OPS(64, "ldrd %0, %H0", "strd %0, %H0")

/* Two words by one instruction. */
static inline void store_pair(u64 a, unsigned long lo, unsigned long hi)
{
	register u32 r0 __asm__("r0") = lo;
	register u32 r1 __asm__("r1") = hi;

	__asm__ volatile("stm %0, {r0, r1}" ::"r"((u32)a), "r"(r0), "r"(r1)
			 : "memory");
}

/* A word, and the address moves on by one: returned. */
static inline u64 store_and_advance(u64 a, unsigned long v)
{
	u32 at = a;

	__asm__ volatile("str %1, [%0], #4" : "+r"(at) : "r"(v) : "memory");
	return at;
}

/* False: there is no such instruction. */
static inline bool zero_line(u64 a)
{
	return false;
}

/* ---- Instructions --------------------------------------------------------------- */

#define LINK_REGISTER "lr"
#define INSN_UDF 0xe7f000f0U
#define ZEROS_DO_NOTHING 1
#define INSN_RET 0xe12fff1eU
#define ASM_MOV_1 "mov %0, #1"
#define INSN_MOV(n) (0xe3a00000U | (n)) /* to the result's register */
#define INSN_MOV_REGISTER 0xf000U       /* where another's number stands */

/* ---- Exceptions ----------------------------------------------------------------- */

/* r14 is Supervisor mode's: the handler's own. */
struct frame {
	u32 r[13], lr, pc, cpsr;
};

/* DFSR or IFSR as it was: the upper half of a trap's `esr`. */
#define ESR_FSR(esr) ((u32)((esr) >> 32))

/*
 * Where the next exception that is expected goes on, in Supervisor mode, rather
 * than behind its instruction; one exception uses it up. Bit 0: in Thumb state.
 */
extern u32 rt_resume;

/* Undefined instructions in these words of code are noted and skipped. */
struct undefined_notes {
	u32 begin, end;
	bool was[1536]; /* by word */
};
extern struct undefined_notes rt_notes;

/* r0 and r1 of the first instruction. */
extern u32 boot_registers[2];

/* ---- MMU ------------------------------------------------------------------------ */

extern bool mmu_short; /* short descriptors rather than LPAE's */
#define MMU_WINDOW 0x30000000ULL
#define MMU_PAGE_LEVEL (mmu_short ? 2 : 3)
#define MMU_SPARE 0x30200000ULL
#define MMU_SPARE_LEVEL (mmu_short ? 2 : 3)
#define MMU_OWN 0x30400000ULL

/* ---- PSCI ----------------------------------------------------------------------- */

#define PSCI_NATIVE 0x84000000U /* functions that take addresses */
#define SMCCC_REGS 8
/* Of reported_state: A, I, F, and neither big-endian nor Thumb; Supervisor. */
#define RESET_MASKS 0x1c0
#define RESET_MODE 0x13

#include "tests/guests/rt/armcommon/rt_arm.h"

#endif
