/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests have, whatever the board's CPU is: a 24K (MIPS32 24K Processor Core
 * Family Software User's Manual, MD00343, "CP0 Registers"), of release 2, with a
 * TLB of 64 entries, without FPU, DSP, EJTAG, watch registers, performance
 * counters, shadow sets and scratchpad RAM. Here are the registers that are its
 * own, or are the implementation's to choose; what the architecture has is in
 * guest_cp0.c.
 */
#ifndef ARCH_MIPS_TARGET_24K_H
#define ARCH_MIPS_TARGET_24K_H

#include "arch/mips/cp0.h"

#define TARGET_PRID 0x00019300U /* MIPS Technologies, 24K, the first revision */
#define TARGET_TLB_ENTRIES 64

/* TLB, release 2, little-endian; K0: cacheable. No fixed K23 and KU, no ISP, no
 * DSP, no MDU by iterations. */
#define TARGET_CONFIG (CONFIG_M | 1 << 10 | 1 << 7 | 3)
/*
 * One way each: no more than a page, so that no page has two places in a cache, or of
 * what the host has (guest.h: icache_way). A small one: a loop over all of its lines
 * exits for each 32 of them, each time for a flush of all that the host has. Sets are
 * 64 times 2^IS, 7 stands for 32; lines are 2 bytes times 2^IL; IA is 0. The same for
 * the data cache.
 */
#define TARGET_WAY  1024U /* bytes, or TARGET_SETS lines where that is more */
#define TARGET_SETS 32U   /* the fewest that Config1 can say */
#define TARGET_CONFIG1    (CONFIG_M | (TARGET_TLB_ENTRIES - 1) << 25)
#define TARGET_CONFIG1_IS 22
#define TARGET_CONFIG1_IL 19
#define TARGET_CONFIG1_DS 13
#define TARGET_CONFIG1_DL 10
/* No second cache, no threads. */
#define TARGET_CONFIG2    CONFIG_M
/* UserLocal, which not every 24K has: user mode reads it without a trap. */
#define TARGET_CONFIG3    (CONFIG_M | CONFIG3_ULRI)
#define TARGET_CONFIG4    CONFIG_M
#define TARGET_CONFIG5    0
/* AR is clear: Linux asks for it only where a way is larger than a page. */
#define TARGET_CONFIG7    0
/* IPTI: the timer's interrupt is IP7. */
#define TARGET_INTCTL     (7U << 29)

#endif
