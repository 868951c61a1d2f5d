// SPDX-License-Identifier: BSD-2-Clause
/*
 * The CPU's own TLB: entries that guests' tables left there, by ASID. (What of it
 * the hypervisor keeps for itself is in page_access.c.)
 *
 * Hazards (MD00090, "Hazards"): EHB between MTC0 and what it is for, and between
 * TLBP and the Index that it found. A TLB that was written counts from the ERET
 * that enters the guest, or from the EHB at the end here.
 */
#include "arch/mips/mips.h"

/* An entry that no address matches: kseg0 is never looked for. */
static void clear_entry(u32 n)
{
	cp0_write(index, n);
	cp0_write(entryhi, KSEG0 + n * 2 * PAGE_SIZE);
	cp0_write(entrylo0, 0);
	cp0_write(entrylo1, 0);
	cp0_write(pagemask, 0);
	ehb();
	tlb_op(tlbwi);
}

/* Pairs of 4 KiB one by one. */
static void drop_by_address(u32 va, u32 last, u32 asid)
{
	u64 end = (u64)last + 1, at = va & HI_VPN2;
	u32 index;

	for (; at < end; at += 2 * PAGE_SIZE) {
		cp0_write(entryhi, (u32)at | asid);
		ehb();
		tlb_op(tlbp);
		ehb();
		index = cp0_read(index);
		if (!(index & INDEX_P))
			clear_entry(index);
	}
}

/* Entries one by one. */
static void drop_by_entry(u32 va, u32 last, u32 asid)
{
	for (u32 n = cp0_read(wired); n < features.tlb_entries; n++) {
		u32 hi, size;

		cp0_write(index, n);
		ehb();
		tlb_op(tlbr);
		ehb();
		hi = cp0_read(entryhi);
		size = (cp0_read(pagemask) | 0x1fff) + 1;
		if ((hi & HI_ASID) == asid &&
		    ranges_overlap(hi & HI_VPN2, size, va, (u64)last - va + 1))
			clear_entry(n);
	}
}

void host_tlb_drop(u32 va, u32 size, u32 asid)
{
	u32 hi = cp0_read(entryhi), last = va + (size - 1), walks = walker_stop();

	if (size / (2 * PAGE_SIZE) < features.tlb_entries)
		drop_by_address(va, last, asid);
	else
		drop_by_entry(va, last, asid);
	cp0_write(pagemask, 0);
	cp0_write(entryhi, hi);
	walker_start(walks);
	ehb();
}

/* A pair of a guest's, of 4 KiB, that TLBR has found, of which neither half is valid? By
 * ASID 0 there is only what is cleared, and page_access.c's own. */
static bool is_invalid_pair(u32 hi)
{
	return hi & HI_ASID && !(cp0_read(pagemask) & ~0x1fffU) &&
	       !((cp0_read(entrylo0) | cp0_read(entrylo1)) & LO_V);
}

void host_tlb_drop_invalid(void)
{
	u32 hi = cp0_read(entryhi), walks = walker_stop();

	for (u32 n = cp0_read(wired); n < features.tlb_entries; n++) {
		cp0_write(index, n);
		ehb();
		tlb_op(tlbr);
		ehb();
		if (is_invalid_pair(cp0_read(entryhi)))
			clear_entry(n);
	}
	cp0_write(pagemask, 0);
	cp0_write(entryhi, hi);
	walker_start(walks);
	ehb();
}

void host_tlb_refresh(u32 va, u32 asid, u32 lo0, u32 lo1)
{
	u32 walks = walker_stop();

	cp0_write(entryhi, (va & HI_VPN2) | asid);
	ehb();
	tlb_op(tlbp);
	cp0_write(entrylo0, lo0);
	cp0_write(entrylo1, lo1);
	ehb();
	if (!(cp0_read(index) & INDEX_P))
		tlb_op(tlbwi);
	walker_start(walks);
}

void host_tlb_drop_all(void)
{
	u32 hi = cp0_read(entryhi), walks = walker_stop();

	for (u32 n = cp0_read(wired); n < features.tlb_entries; n++)
		clear_entry(n);
	cp0_write(entryhi, hi);
	walker_start(walks);
	ehb();
}
