/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coprocessor 0 of MIPS32 release 2 (MIPS32 Architecture for Programmers,
 * volume III, MD00090: "Coprocessor 0 Registers"): the numbers of its registers,
 * and fields of a guest's.
 */
#ifndef ARCH_MIPS_CP0_H
#define ARCH_MIPS_CP0_H

#include "arch/mips/registers.h"

/* A register's place in a commpage: 8 times its number, and its select. */
#define CP0(reg, sel) ((reg)*8 + (sel))
#define CP0_REGISTERS 256

#define CP0_INDEX    CP0(0, 0)
#define CP0_RANDOM   CP0(1, 0)
#define CP0_ENTRYLO0 CP0(2, 0)
#define CP0_ENTRYLO1 CP0(3, 0)
#define CP0_CONTEXT  CP0(4, 0)
#define CP0_USERLOCAL CP0(4, 2)
#define CP0_PAGEMASK CP0(5, 0)
#define CP0_PAGEGRAIN CP0(5, 1)
#define CP0_PWBASE   CP0(5, 5)
#define CP0_PWFIELD  CP0(5, 6)
#define CP0_PWSIZE   CP0(5, 7)
#define CP0_WIRED    CP0(6, 0)
#define CP0_PWCTL    CP0(6, 6)
#define CP0_HWRENA   CP0(7, 0)
#define CP0_BADVADDR CP0(8, 0)
#define CP0_BADINSTR CP0(8, 1)
#define CP0_COUNT    CP0(9, 0)
#define CP0_ENTRYHI  CP0(10, 0)
#define CP0_COMPARE  CP0(11, 0)
#define CP0_STATUS   CP0(12, 0)
#define CP0_INTCTL   CP0(12, 1)
#define CP0_SRSCTL   CP0(12, 2)
#define CP0_CAUSE    CP0(13, 0)
#define CP0_EPC      CP0(14, 0)
#define CP0_PRID     CP0(15, 0)
#define CP0_EBASE    CP0(15, 1)
#define CP0_CONFIG   CP0(16, 0)
#define CP0_CONFIG1  CP0(16, 1)
#define CP0_CONFIG2  CP0(16, 2)
#define CP0_CONFIG3  CP0(16, 3)
#define CP0_CONFIG4  CP0(16, 4)
#define CP0_CONFIG5  CP0(16, 5)
#define CP0_CONFIG7  CP0(16, 7)
#define CP0_LLADDR   CP0(17, 0)
#define CP0_ERRCTL   CP0(26, 0)
#define CP0_TAGLO    CP0(28, 0)
#define CP0_DATALO   CP0(28, 1)
#define CP0_DTAGLO   CP0(28, 2)
#define CP0_DDATALO  CP0(28, 3)
#define CP0_TAGHI    CP0(29, 0)
#define CP0_ERROREPC CP0(30, 0)
#define CP0_KSCRATCH(sel) CP0(31, sel)

/* ---- Fields that a guest's registers have, beside those of registers.h --- */

#define CAUSE_EXC(code)   ((u32)(code) << 2)
#define CAUSE_EXC_MASK    CAUSE_EXC(31)
#define CAUSE_IP(n)       (0x100U << (n))
#define CAUSE_IP_SOFTWARE 0x00000300U
#define CAUSE_IP_LINES    0x0000fc00U
#define CAUSE_DC          0x08000000U
#define CAUSE_CE(n)       ((u32)(n) << 28)
#define CAUSE_CE_MASK     CAUSE_CE(3)

#define INDEX_P       0x80000000U
#define LO_PFN_OF(lo) ((lo) >> 6 & 0xffffffU)
#define LO_MASK       0x3fffffffU
#define HI_VPN2       0xffffe000U
#define PAGEMASK_MASK 0x1fffe000U
#define CONTEXT_BASE  0xff800000U
#define CONTEXT_BADVPN2(va) ((va) >> 9 & 0x007ffff0U)
#define HWRENA_ULR    0x20000000U

#endif
