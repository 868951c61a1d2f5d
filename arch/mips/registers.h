/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coprocessor 0 (MIPS32 Architecture for Programmers, volume III, MD00090): its
 * registers by name, and the fields that the port uses. What a release or a CPU
 * may lack is marked with what says that it is there.
 */
#ifndef MIPS_REGISTERS_H
#define MIPS_REGISTERS_H

#ifndef __ASSEMBLER__
#include "lib/types.h"
#include "lib/util.h"

#if __STDC_HOSTED__
/* On a PC the test program is the CPU. */
u32 test_cp0_read(const char *name);
void test_cp0_write(const char *name, u32 v);
void test_tlb(const char *op);
#define cp0_read(name) test_cp0_read(#name)
#define cp0_write(name, v) test_cp0_write(#name, v)
#define tlb_op(op) test_tlb(#op)
/* For tests that judge hazards. */
__attribute__((weak)) void test_ehb(void);
#define ehb() (test_ehb ? test_ehb() : (void)0)
void test_cache(unsigned int op, u32 va);
#define cache_op(op, va) test_cache(op, va)
#define cache_op_at(op, va, offset) test_cache(op, (va) + (offset))
#define hardware_register_ccres() test_cp0_read("ccres")
#define sync() ((void)0)
#define instruction_hazard() ((void)0)
#else
#define cp0_read(name) read_##name()
/* What follows may still see the old value, until ehb(). */
#define cp0_write(name, v) write_##name(v)

#define CP0_ACCESS(name, rd, sel)                                                     \
	static inline u32 read_##name(void)                                    \
	{                                                                      \
		u32 v;                                                         \
                                                                               \
		__asm__ volatile("mfc0 %0, $" #rd ", " #sel : "=r"(v));        \
		return v;                                                      \
	}                                                                      \
	static inline void write_##name(u32 v)                                 \
	{                                                                      \
		__asm__ volatile("mtc0 %0, $" #rd ", " #sel                    \
				 :                                             \
				 : "r"(v)                                      \
				 : "memory");                                  \
	}

CP0_ACCESS(index, 0, 0)
CP0_ACCESS(entrylo0, 2, 0)
CP0_ACCESS(entrylo1, 3, 0)
CP0_ACCESS(context, 4, 0)
CP0_ACCESS(contextconfig, 4, 1) /* Config3.CTXTC or SM */
CP0_ACCESS(userlocal, 4, 2) /* Config3.ULRI */
CP0_ACCESS(pagemask, 5, 0)
CP0_ACCESS(pagegrain, 5, 1)
CP0_ACCESS(segctl0, 5, 2)   /* Config3.SC, to segctl2 */
CP0_ACCESS(segctl1, 5, 3)
CP0_ACCESS(segctl2, 5, 4)
CP0_ACCESS(pwbase, 5, 5)    /* Config3.PW, to pwctl */
CP0_ACCESS(pwfield, 5, 6)
CP0_ACCESS(pwsize, 5, 7)
CP0_ACCESS(wired, 6, 0)
CP0_ACCESS(pwctl, 6, 6)
CP0_ACCESS(hwrena, 7, 0)
CP0_ACCESS(badvaddr, 8, 0)
CP0_ACCESS(badinstr, 8, 1)  /* Config3.BI */
CP0_ACCESS(badinstrp, 8, 2) /* Config3.BP */
CP0_ACCESS(count, 9, 0)
CP0_ACCESS(entryhi, 10, 0)
CP0_ACCESS(compare, 11, 0)
CP0_ACCESS(status, 12, 0)
CP0_ACCESS(intctl, 12, 1)
CP0_ACCESS(srsctl, 12, 2)
CP0_ACCESS(cause, 13, 0)
CP0_ACCESS(epc, 14, 0)
CP0_ACCESS(prid, 15, 0)
CP0_ACCESS(ebase, 15, 1)
CP0_ACCESS(config, 16, 0)
CP0_ACCESS(config1, 16, 1)  /* Config.M, and so on to config5 */
CP0_ACCESS(config2, 16, 2)
CP0_ACCESS(config3, 16, 3)
CP0_ACCESS(config4, 16, 4)
CP0_ACCESS(config5, 16, 5)
CP0_ACCESS(config6, 16, 6)  /* proAptiv, P5600; and config7 */
CP0_ACCESS(config7, 16, 7)  /* MIPS Technologies' own CPUs */
CP0_ACCESS(watchlo0, 18, 0)   /* Config1.WR; each says of the next */
CP0_ACCESS(watchlo1, 18, 1)
CP0_ACCESS(watchlo2, 18, 2)
CP0_ACCESS(watchlo3, 18, 3)
CP0_ACCESS(watchlo4, 18, 4)
CP0_ACCESS(watchlo5, 18, 5)
CP0_ACCESS(watchlo6, 18, 6)
CP0_ACCESS(watchlo7, 18, 7)
CP0_ACCESS(watchhi0, 19, 0)
CP0_ACCESS(watchhi1, 19, 1)
CP0_ACCESS(watchhi2, 19, 2)
CP0_ACCESS(watchhi3, 19, 3)
CP0_ACCESS(watchhi4, 19, 4)
CP0_ACCESS(watchhi5, 19, 5)
CP0_ACCESS(watchhi6, 19, 6)
CP0_ACCESS(watchhi7, 19, 7)
CP0_ACCESS(perfctl0, 25, 0)   /* Config1.PC; each says of the next */
CP0_ACCESS(perfctl1, 25, 2)
CP0_ACCESS(perfctl2, 25, 4)
CP0_ACCESS(perfctl3, 25, 6)
CP0_ACCESS(taglo, 28, 0)
CP0_ACCESS(dtaglo, 28, 2)
CP0_ACCESS(ddatalo, 28, 3)
CP0_ACCESS(taghi, 29, 0)
CP0_ACCESS(errorepc, 30, 0)
CP0_ACCESS(kscratch2, 31, 2) /* Config4.KScrExist, to kscratch7 */
CP0_ACCESS(kscratch3, 31, 3)
CP0_ACCESS(kscratch4, 31, 4)
CP0_ACCESS(kscratch5, 31, 5)
CP0_ACCESS(kscratch6, 31, 6)
CP0_ACCESS(kscratch7, 31, 7)

#define tlb_op(op) __asm__ volatile(#op ::: "memory") /* tlbwi, tlbp, ... */

/* What coprocessor 0 was told before, what follows goes by. */
#define ehb() __asm__ volatile("ehb" ::: "memory")
#define sync() __asm__ volatile("sync" ::: "memory")
/* An operation on a line of a cache, by index or by address. */
#define cache_op(op, va)                                                       \
	__asm__ volatile("cache %0, 0(%1)" : : "i"(op), "r"(va) : "memory")
/* The same, with a constant displacement. */
#define cache_op_at(op, va, offset)                                            \
	__asm__ volatile("cache %0, %2(%1)"                                    \
			 :                                                     \
			 : "i"(op), "r"(va), "i"(offset)                       \
			 : "memory")

/* Hardware register 3, which HWREna allows: cycles that Count takes for one of
 * its own. */
static inline u32 hardware_register_ccres(void)
{
	u32 v;

	__asm__ volatile("rdhwr %0, $3" : "=r"(v));
	return v;
}

/* For a backtrace: where whoever asks is, and its stack pointer. */
static inline __attribute__((always_inline)) uintptr_t program_counter(void)
{
	uintptr_t v;

	__asm__ volatile("1:\tlui %0, %%hi(1b)\n\taddiu %0, %0, %%lo(1b)"
			 : "=r"(v));
	return v;
}

static inline __attribute__((always_inline)) uintptr_t stack_pointer(void)
{
	uintptr_t v;

	__asm__ volatile("move %0, $sp" : "=r"(v));
	return v;
}

/* What follows is fetched anew. */
#define instruction_hazard()                                                   \
	do {                                                                   \
		u32 hazard_;                                                   \
		__asm__ volatile(".set push\n\t.set noreorder\n\t"             \
				 "lui %0, %%hi(1f)\n\t"                        \
				 "addiu %0, %0, %%lo(1f)\n\t"                  \
				 "jr.hb %0\n\tnop\n1:\t.set pop"               \
				 : "=&r"(hazard_)                              \
				 :                                             \
				 : "memory");                                  \
	} while (0)
#endif
#endif

/* ---- The segments of the address space ------------------------------------------ */

#define KSEG0 0x80000000U /* unmapped, cached */
#define KSEG1 0xa0000000U /* unmapped, uncached */
#define KSEG2 0xc0000000U /* mapped, of kernel mode */
#define KSEG_SIZE 0x20000000U /* of KSEG0 and KSEG1: physical addresses from 0 */

/* ---- Fields --------------------------------------------------------------------- */

/* Status */
#define ST_IE (1U << 0)
#define ST_EXL (1U << 1)
#define ST_ERL (1U << 2)
#define ST_UM (1U << 4)
#define ST_IM_OF(ip) (1U << (8 + (ip)))
#define ST_IM_SHIFT 8
#define ST_IM 0xff00U
#define ST_TS (1U << 21) /* the TLB had an address twice */
#define ST_BEV (1U << 22)
#define ST_FR (1U << 26) /* the FPU's registers are 64 bits each */
#define ST_CU0 (1U << 28)
#define ST_CU1 (1U << 29)

/* Cause */
#define CAUSE_EXC_OF(cause) ((cause) >> 2 & 0x1f)
#define CAUSE_PENDING(cause) ((cause) >> 8 & 0xff)
#define CAUSE_IV (1U << 23)
#define CAUSE_PCI (1U << 26)
#define CAUSE_CE_OF(cause) ((cause) >> 28 & 3)
#define CAUSE_TI (1U << 30)
#define CAUSE_BD (1U << 31)

/* Cause.ExcCode */
#define EXC_INT 0
#define EXC_MOD 1
#define EXC_TLBL 2
#define EXC_TLBS 3
#define EXC_ADEL 4
#define EXC_ADES 5
#define EXC_IBE 6
#define EXC_DBE 7
#define EXC_SYS 8
#define EXC_BP 9
#define EXC_RI 10
#define EXC_CPU 11
#define EXC_OV 12
#define EXC_TR 13
#define EXC_FPE 15
#define EXC_TLBRI 19
#define EXC_TLBXI 20
#define EXC_WATCH 23
#define EXC_MCHECK 24

/* IntCtl */
#define INTCTL_IPTI(intctl) ((intctl) >> 29)

/* EntryHi, EntryLo */
#define HI_ASID 0xffU

/* SRSCtl: the highest set of registers; that of exceptions; that of before. */
#define SRSCTL_HSS(srsctl) ((srsctl) >> 26 & 0xf)
#define SRSCTL_ESS 0x0000f000U
#define SRSCTL_PSS 0x000003c0U
/* ContextConfig */
#define CONTEXTCONFIG_RESET 0x007ffff0U

#define LO_G (1U << 0)
#define LO_V (1U << 1)
#define LO_D (1U << 2)
#define LO_C(c) ((u32)(c) << 3)
#define LO_PFN(pa) ((u32)((pa) >> 12) << 6)
/* Cacheability and coherency attributes: Config.K0 too. */
#define CCA_UNCACHED 2
#define CCA_CACHED 3
#define CCA_UNCACHED_ACCELERATED 7

/* Config */
#define CONFIG_M (1U << 31)
#define CONFIG_K0 7U
#define CONFIG_VI (1U << 3)
#define CONFIG_MT(config) ((config) >> 7 & 7)
#define CONFIG_MT_TLB 1
#define CONFIG_AR(config) ((config) >> 10 & 7)
#define CONFIG_BE (1U << 15)

/* Config1 */
#define CONFIG1_FP (1U << 0)
#define CONFIG1_EP (1U << 1)
#define CONFIG1_WR (1U << 3)
#define CONFIG1_PC (1U << 4)
#define CONFIG1_MMU_SIZE(config1) ((config1) >> 25 & 0x3f)

/* Config3 */
#define CONFIG3_SM (1U << 1)
#define CONFIG3_MT (1U << 2)
#define CONFIG3_SP (1U << 4)
#define CONFIG3_VEIC (1U << 6)
#define CONFIG3_LPA (1U << 7)
#define CONFIG3_CTXTC (1U << 9)
#define CONFIG3_DSPP (1U << 10)
#define CONFIG3_RXI (1U << 12)
#define CONFIG3_ULRI (1U << 13)
#define CONFIG3_ISA(config3) ((config3) >> 14 & 3) /* from 2 on: two of them */
#define CONFIG3_ISA_ON_EXC (1U << 16)
#define CONFIG3_PW (1U << 24)
#define CONFIG3_SC (1U << 25)
#define CONFIG3_BI (1U << 26)
#define CONFIG3_BP (1U << 27)
#define CONFIG3_MSAP (1U << 28)

/* Config4 */
#define CONFIG4_MMU_EXT_DEF(config4) ((config4) >> 14 & 3)
#define CONFIG4_KSCR(config4) ((config4) >> 16 & 0xff)
/* It tells of an FTLB, a second TLB for one page size. */
#define CONFIG4_HAS_FTLB(config4) (CONFIG4_MMU_EXT_DEF(config4) >= 2)
#define CONFIG4_AE (1U << 28)
#define CONFIG4_IE(config4) ((config4) >> 29 & 3)

/* Config5 */
#define CONFIG5_MSAEN (1U << 27)
#define CONFIG5_EVA (1U << 28)
#define CONFIG5_K (1U << 30) /* SegCtl has kseg0's attribute, and not Config.K0 */

/* Config6 of proAptiv and P5600 */
#define CONFIG6_FTLB_EN (1U << 15)

/* Half a SegCtl register: a segment */
#define SEGMENT_C(s) ((s)&7)
#define SEGMENT_MODE(s) ((s) >> 4 & 7)
#define SEGMENT_PA(s) ((s) >> 9 & 0x7f)
#define SEGMENT_UK 0   /* unmapped, of kernel mode */
#define SEGMENT_MK 1   /* mapped, of kernel mode */
#define SEGMENT_MSK 2  /* mapped, of supervisor mode too */
#define SEGMENT_MUSK 3 /* mapped, of user mode too */

/* Config7 of MIPS Technologies' CPUs */
#define CONFIG7_IAR (1U << 10) /* by address, all of a page's places in the I-cache */
#define CONFIG7_IVAD (1U << 11) /* but not now */
#define CONFIG7_AR (1U << 16) /* the data cache has no aliases */
#define CONFIG7_WII (1U << 31) /* WAIT ends for a masked interrupt */

/* PRId: company, kind, revision */
#define KIND_PROAPTIV_UP 0x01a2
#define KIND_PROAPTIV_MP 0x01a3
#define KIND_P5600       0x01a8
#define PRID_KIND(prid) ((prid) >> 8 & 0xffff)
#define PRID_REVISION(prid) ((prid) & 0xff)
/* Of MIPS Technologies' CPUs: major, minor, patch. */
#define REVISION(major, minor, patch) ((major) << 5 | (minor) << 2 | (patch))

/* CACHE's operations (MD00086, "CACHE"): what in bits 4 to 2, which cache in bits 1 and 0. */
#define INDEX_INVALIDATE_I 0x00
#define INDEX_WRITEBACK_INVALIDATE_D 0x01
#define INDEX_STORE_TAG_I 0x08
#define INDEX_STORE_TAG_D 0x09
#define HIT_INVALIDATE_I 0x10
#define HIT_WRITEBACK_INVALIDATE_D 0x15
#define HIT_WRITEBACK_D 0x19

#endif
