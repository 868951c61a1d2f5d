/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of drivers/io.h and lib/lock.h: what takes an instruction of this CPU's. The
 * registers are in kseg1, uncached, where a load or store is one access of its
 * size. A register of 64 bits has none: there is no readq().
 */
#ifndef MIPS_PORT_IO_H
#define MIPS_PORT_IO_H

#include "lib/types.h"

static inline u8 readb(const volatile void *reg)
{
	return *(const volatile u8 *)reg;
}

static inline u32 readl(const volatile void *reg)
{
	return *(const volatile u32 *)reg;
}

static inline void writeb(u8 v, volatile void *reg)
{
	*(volatile u8 *)reg = v;
}

static inline void writel(u32 v, volatile void *reg)
{
	*(volatile u32 *)reg = v;
}

/* SYNC of stype 0 orders all that is before it before all that is after it, and
 * uncached accesses with cached ones (MIPS32 volume II, SYNC). */
#define io_publish() __asm__ volatile("sync" ::: "memory")
#define io_receive() __asm__ volatile("sync" ::: "memory")

/* One CPU is used, so that no other is waited for; PAUSE would wait for the bit of
 * an LL. */
#define cpu_relax() __asm__ volatile("" ::: "memory")

#endif
