/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For guests of the mips port that have vectors of their own, and so not the runtime of
 * tests/guests/rt: what happens in an exception is what they test, or count. A guest
 * has guest_main(), and `handle`, where every exception goes (bare_start.S). UPPER: it
 * is linked as for hardware.
 */
#ifndef TESTS_GUESTS_MIPS_BARE_H
#define TESTS_GUESTS_MIPS_BARE_H

#include "lib/types.h"
#include "lib/util.h"

#define UART 0xbf000900U
#ifdef UPPER
#define KSEG0 0x80000000U
#else
#define KSEG0 0x40000000U
#endif

/* EntryLo. */
#define LO(page, flags) ((u32)(page) >> 6 | 3 << 3 | (flags))
#define G 1
#define V 2
#define D 4

#define MTC0(v, reg)                                                           \
	__asm__ volatile("mtc0 %z0, $" #reg "\n\tehb" : : "Jr"(v) : "memory")
#define MFC0(reg)                                                              \
	({                                                                     \
		u32 v_;                                                        \
		__asm__ volatile("mfc0 %0, $" #reg : "=r"(v_) : : "memory");   \
		v_;                                                            \
	})

extern const u8 vectors[];
void guest_main(void);

static inline volatile u32 *at(u32 va)
{
	return (volatile u32 *)va;
}

void put(const char *s);
void put_number(u32 n);
/* PASS or FAIL, and the name. */
void expect(const char *name, bool good);
/* How many passed and failed; and the machine is off. */
_Noreturn void done(const char *guest);
_Noreturn void power_off(void);

/* A pair of pages of 4 KiB. */
void tlb_write(u32 index, u32 hi, u32 lo0, u32 lo1);

#endif
