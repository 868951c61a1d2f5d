// SPDX-License-Identifier: BSD-2-Clause
/*
 * CACHE (MD00086).
 *
 * Of a data cache in which a page has one place, RAM is coherent with what the
 * hypervisor and its devices do, so only instructions matter. An operation on the
 * I-cache, and one that writes data back, makes stores visible to fetches: by address,
 * those of the line; by index, by a whole flush, for the host's caches have another
 * shape. What the guest does to its data cache by index is not carried out.
 *
 * Where a page has more than one, the guest's ways are as large as the host's, and by
 * index, too, each operation is carried out on what stands there. To write data back
 * and empty the line is to do what any of them does, or more than it.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

/* An unrolled loop's that are done in one go: interrupts wait meanwhile. */
#define UNROLLED_MOST 64

static bool has_colours(const struct mips_guest *g)
{
	return g->dcache_way > PAGE_SIZE;
}

static u32 address(const struct mips_guest *g, u32 insn)
{
	return g->gpr[INSN_RS(insn)] + INSN_IMM(insn);
}

static void sync_place(struct mips_guest *g, u32 va)
{
	g->ops->sync_place(g, va & ~(g->line - 1));
}

/* The next instruction is the same one, of another displacement: nothing comes
 * between the two. `words` are those around pc, from the second one of a loop on. */
static bool is_unrolled(struct mips_guest *g, u32 *words, bool second, u32 *insn)
{
	u32 at = g->pc / 4 % MIPS_FETCH_WORDS;

	if (second || !at) {
		if (g->pc > g->layout.last || g->pc & 3 ||
		    g->ops->fetch_words(g, g->pc - 4 * at, words))
			return false;
	}
	if ((words[at] ^ *insn) & ~0xffffU)
		return false;
	*insn = words[at];
	return true;
}

/* By index, with those behind it: a loop over a cache is unrolled, and one flush is
 * for all of them. */
static void by_index(struct mips_guest *g, u32 insn)
{
	bool colours = has_colours(g);
	u32 words[MIPS_FETCH_WORDS];

	mips_done(g);
	if (colours)
		sync_place(g, address(g, insn));
	else if (CACHE_WHICH(INSN_RT(insn)) == CACHE_I)
		g->ops->sync_icache(g);
	else
		return; /* soon translated, each of them */
	for (unsigned int i = 0; i < UNROLLED_MOST && is_unrolled(g, words, !i, &insn);
	     i++) {
		if (colours)
			sync_place(g, address(g, insn));
		g->pc += 4;
	}
}

static void load_tag(struct mips_guest *g)
{
	/* An invalid line. */
	g->cp0[CP0_TAGLO] = g->cp0[CP0_DTAGLO] = 0;
	mips_done(g);
}

/* False: the page is to be mapped first, or it was an exception of the guest's;
 * *next happens instead. */
static bool by_address(struct mips_guest *g, u32 va, enum mips_next *next)
{
	if (!(mips_emulated(&g->layout, va) && mips_guest_kernel_mode(g)) &&
	    (va > g->layout.last || g->ops->sync_line(g, va))) {
		*next = mips_guest_fault(g, va, MIPS_LOAD);
		return false;
	}
	mips_done(g);
	return true;
}

enum mips_next mips_emulate_cache(struct mips_guest *g, u32 insn)
{
	u32 op = INSN_RT(insn), which = CACHE_WHICH(op);
	u32 at = mips_trapped_at(g), allow = has_colours(g) ? 0 : MIPS_TRANSLATE_DATA;
	bool kernel = mips_guest_kernel_mode(g);
	enum mips_next next;

	if (which != CACHE_I && which != CACHE_D) {
		mips_done(g);
	} else {
		switch (CACHE_WHAT(op)) {
		case CACHE_INDEX_INVALIDATE:
		case CACHE_INDEX_STORE_TAG:
			by_index(g, insn);
			break;
		case CACHE_INDEX_LOAD_TAG:
			load_tag(g);
			break;
		default:
			if (!by_address(g, address(g, insn), &next))
				return next;
		}
	}
	if (kernel)
		mips_patch(g, at, insn, allow);
	return MIPS_RUN;
}
