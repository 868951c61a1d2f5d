/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an address is in the guest's TLB, for guest_tlb.c and middle.c.
 */
#ifndef ARCH_MIPS_GUEST_TLB_H
#define ARCH_MIPS_GUEST_TLB_H

#include "arch/mips/guest_internal.h"

static inline bool mips_tlb_is_global(const struct mips_tlb_entry *e)
{
	return e->lo[0] & LO_G;
}

static inline bool mips_tlb_matches(const struct mips_guest *g,
				    const struct mips_tlb_entry *e, u32 va, u32 asid)
{
	return !((e->hi ^ va) & HI_VPN2 & ~e->mask) &&
	       (mips_tlb_is_global(e) || !((e->hi ^ asid) & g->asid_mask));
}

static inline u32 *mips_tlb_place(struct mips_guest *g,
				  const struct mips_tlb_entry *e)
{
	struct mips_tlb_index *index = &g->tlb_index;
	u32 pair = e->hi >> 13;

	return e->mask ? index->larger
		       : index->smallest[(pair ^ pair >> 7) % MIPS_TLB_PLACES];
}

static inline void mips_tlb_index_add(struct mips_guest *g, unsigned int n)
{
	mips_tlb_place(g, &g->tlb[n])[n / 32] |= BIT32(n % 32);
}

static inline void mips_tlb_index_remove(struct mips_guest *g, unsigned int n)
{
	mips_tlb_place(g, &g->tlb[n])[n / 32] &= ~BIT32(n % 32);
}

/* The number, or -1. */
static inline int mips_tlb_search(const struct mips_guest *g, u32 va, u32 asid)
{
	const struct mips_tlb_index *index = &g->tlb_index;
	u32 pair = va >> 13;
	const u32 *small = index->smallest[(pair ^ pair >> 7) % MIPS_TLB_PLACES];

	for (unsigned int i = 0; i < MIPS_TLB_ENTRIES / 32; i++) {
		u32 set = small[i] | index->larger[i];

		for (; set; set &= set - 1) {
			unsigned int n = i * 32 + __builtin_ctz(set);

			if (mips_tlb_matches(g, &g->tlb[n], va, asid))
				return n;
		}
	}
	return -1;
}

/* From Wired up; for what is below it the upper ones stand in. No product, and no
 * quotient: they would take HI and LO. */
static inline u32 mips_tlb_next_random(struct mips_guest *g, u32 wired)
{
	u32 r = g->random, n;

	r += (r << 16) + (r << 2) + 12345;
	g->random = r;
	n = r >> 26;
	wired %= MIPS_TLB_ENTRIES;
	if (unlikely(n < wired))
		n = MIPS_TLB_ENTRIES - 1 - min(n, MIPS_TLB_ENTRIES - 1 - wired);
	return n;
}
_Static_assert(MIPS_TLB_ENTRIES == 1 << (32 - 26), "the upper bits are a number");

#endif
