// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's TLB: 64 entries of two pages each (MD00090: "TLB Organization",
 * "Address Translation"; MD00086: TLBP, TLBR, TLBWI, TLBWR). If the guest has
 * an address mapped twice, the entry with the lower number counts.
 *
 * The GVA tables hold pages of valid halves, of entries that are global or of
 * the ASID that the table is of. So a half that goes is dropped from the tables
 * whose ASID it has, which need not be the ASID in effect (bugs.md 31, 35).
 */
#include "arch/mips/guest_tlb.h"

static u32 page_size(const struct mips_tlb_entry *e)
{
	return (e->mask | 0x1fff) / 2 + 1;
}

u32 mips_tlb_space(const struct mips_guest *g, const struct mips_tlb_entry *e)
{
	return mips_tlb_is_global(e) ? MIPS_SPACE_ANY : e->hi & g->asid_mask;
}

const struct mips_tlb_entry *mips_tlb_find(const struct mips_guest *g, u32 va)
{
	int n = mips_tlb_search(g, va, g->asid);

	return n < 0 ? NULL : &g->tlb[n];
}

/* ---- What goes ----------------------------------------------------------- */

/*
 * Segments start at multiples of 512 MiB, the largest pair: none is divided.
 * What an entry says of kseg0, kseg1 or the space behind translates nothing.
 */
static void drop_pages(struct mips_guest *g, const struct mips_tlb_entry *e,
		       u32 va, u32 size)
{
	if (va <= g->layout.last && !mips_unmapped(&g->layout, va))
		g->ops->drop(g, mips_tlb_space(g, e), va, size);
}

/* Some of `old`, which is an entry no more: a bit for each half in `gone`. */
static void drop_halves(struct mips_guest *g, const struct mips_tlb_entry *old,
			unsigned int gone)
{
	u32 size = page_size(old), va = old->hi & HI_VPN2;

	drop_pages(g, old, va + (gone & 1 ? 0 : size),
		   gone == 3 ? 2 * size : size);
}

/* ---- Instructions -------------------------------------------------------- */

/* Pairs of ones from bit 13 on: the page sizes that there are. */
static u32 valid_mask(u32 mask)
{
	u32 ones = 0;

	while (ones < PAGEMASK_MASK >> 13 &&
	       (mask >> 13 & (ones << 2 | 3)) == (ones << 2 | 3))
		ones = ones << 2 | 3;
	return ones << 13;
}

/* Halves that were valid, and are not as they were, go. */
void mips_tlb_write(struct mips_guest *g, unsigned int n)
{
	const u32 *cp0 = g->cp0;
	struct mips_tlb_entry *e = &g->tlb[n %= MIPS_TLB_ENTRIES], old = *e;
	u32 lo0 = cp0[CP0_ENTRYLO0] & LO_MASK, lo1 = cp0[CP0_ENTRYLO1] & LO_MASK;
	u32 mask = cp0[CP0_PAGEMASK], one_global = (lo0 ^ lo1) & LO_G, moved, gone;

	if (unlikely(mask))
		mask = valid_mask(mask);
	mips_tlb_index_remove(g, n);
	e->mask = mask;
	e->hi = cp0[CP0_ENTRYHI] & (HI_VPN2 | g->asid_mask) & ~mask;
	e->lo[0] = lo0 = lo0 & ~one_global;
	e->lo[1] = lo1 = lo1 & ~one_global;
	mips_tlb_index_add(g, n);
	if (!((old.lo[0] | old.lo[1]) & LO_V))
		return;
	moved = (old.hi ^ e->hi) | (old.mask ^ mask);
	gone = (old.lo[0] & LO_V && (moved | (old.lo[0] ^ lo0)) ? 1 : 0) |
	       (old.lo[1] & LO_V && (moved | (old.lo[1] ^ lo1)) ? 2 : 0);
	if (gone)
		drop_halves(g, &old, gone);
}

bool mips_tlb_is_valid(const struct mips_guest *g,
		       const struct mips_tlb_entry *e)
{
	return e->mask == valid_mask(e->mask) &&
	       !(e->hi & (~(HI_VPN2 | g->asid_mask) | e->mask)) &&
	       !((e->lo[0] | e->lo[1]) & ~LO_MASK) &&
	       !((e->lo[0] ^ e->lo[1]) & LO_G);
}

void mips_tlb_put(struct mips_guest *g, unsigned int n,
		  const struct mips_tlb_entry *e)
{
	static const u8 reg[] = {CP0_ENTRYHI, CP0_PAGEMASK, CP0_ENTRYLO0,
				 CP0_ENTRYLO1};
	const u32 val[] = {e->hi, e->mask, e->lo[0], e->lo[1]};
	u32 was[ARRAY_SIZE(reg)];

	for (unsigned int i = 0; i < ARRAY_SIZE(reg); i++) {
		was[i] = g->cp0[reg[i]];
		g->cp0[reg[i]] = val[i];
	}
	mips_tlb_write(g, n);
	for (unsigned int i = 0; i < ARRAY_SIZE(reg); i++)
		g->cp0[reg[i]] = was[i];
}

void mips_tlb_read(struct mips_guest *g)
{
	u32 *cp0 = g->cp0;
	const struct mips_tlb_entry *e =
		&g->tlb[cp0[CP0_INDEX] % MIPS_TLB_ENTRIES];

	cp0[CP0_PAGEMASK] = e->mask;
	cp0[CP0_ENTRYHI] = e->hi;
	cp0[CP0_ENTRYLO0] = e->lo[0];
	cp0[CP0_ENTRYLO1] = e->lo[1];
	mips_set_asid(g, e->hi);
}

void mips_tlb_probe(struct mips_guest *g)
{
	u32 hi = g->cp0[CP0_ENTRYHI];
	int n = mips_tlb_search(g, hi, hi);

	g->cp0[CP0_INDEX] = n < 0 ? INDEX_P : (u32)n;
}

unsigned int mips_tlb_random(struct mips_guest *g)
{
	return mips_tlb_next_random(g, g->cp0[CP0_WIRED]);
}

/* Each matches an address that is never translated, and not the same. */
#define UNUSED_VA 0x80000000U

void mips_tlb_reset(struct mips_guest *g)
{
	g->tlb_index = (struct mips_tlb_index){0};
	for (unsigned int n = 0; n < MIPS_TLB_ENTRIES; n++) {
		g->tlb[n] = (struct mips_tlb_entry){
			.hi = UNUSED_VA + n * 0x2000,
		};
		mips_tlb_index_add(g, n);
	}
}
