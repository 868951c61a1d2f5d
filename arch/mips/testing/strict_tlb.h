/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: the TLB of a CPU, which keeps what it has until it is told otherwise, and
 * what MD00090 says of those who write it: an address is never there twice for an
 * ASID ("TLB Initialization"), and between MTC0 and what it is for, and between TLBP
 * or TLBR and what they found, there is an EHB ("Hazards"). The CPU's walker, by PWCtl,
 * may enter a pair at any time, by the ASID of EntryHi: so it is off where EntryHi gets
 * another value, and where a pair is looked for or written. Whatever is not so fails the
 * test.
 *
 * It supplies test_cp0_read(), test_cp0_write(), test_tlb() and test_ehb().
 */
#ifndef ARCH_MIPS_TESTING_STRICT_TLB_H
#define ARCH_MIPS_TESTING_STRICT_TLB_H

#include "arch/mips/cp0.h"

#define STRICT_TLB_MOST 64

struct strict_entry {
	u32 hi, mask, lo[2];
};

extern struct strict_entry strict_tlb[STRICT_TLB_MOST];
extern unsigned int strict_tlb_entries, strict_tlb_wired;
/* How many addresses TLBP looked for; entries that TLBWI wrote. */
extern unsigned int strict_probes, strict_writes;

/* Entries of kseg0, as boot leaves them. */
void strict_tlb_reset(unsigned int entries, unsigned int wired);
/* The ASID of EntryHi. */
u32 strict_tlb_asid(void);
/* NULL: there is none. */
struct strict_entry *strict_tlb_find(u32 va, u32 asid);
/* TLBWR of the refill handler's, or the walker's. */
void strict_tlb_refill(unsigned int n, u32 va, u32 mask, u32 lo0, u32 lo1);
/* Is the walker on? */
bool strict_tlb_walks(void);
/* The guest goes on: nothing is under way. */
void strict_tlb_settled(void);

#endif
