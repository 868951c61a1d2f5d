// SPDX-License-Identifier: BSD-2-Clause
/*
 * CACHE (MD00086), of a cache of one way of 4 KiB each. RAM is coherent with
 * what the hypervisor and its devices do, so only instructions matter. An
 * operation on the I-cache, and one that writes data back, makes stores visible
 * to fetches: by address, those of the line; by index, by a whole flush, for the
 * host's caches have another shape. A loop over a cache needs one, at its first
 * line; lines that follow each other are not flushed again.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

static void by_index(struct mips_guest *g, u32 which, u32 va)
{
	u32 line = va & (MIPS_WAY_SIZE - g->line);

	if (which != CACHE_I)
		return;
	if (line != g->swept || !line)
		g->ops->sync_icache(g);
	g->swept = line + g->line;
}

static void load_tag(struct mips_guest *g)
{
	/* An invalid line. */
	g->cp0[CP0_TAGLO] = g->cp0[CP0_DTAGLO] = 0;
}

/* False: the page is to be mapped first, or it was an exception of the guest's;
 * *next happens instead. */
static bool by_address(struct mips_guest *g, u32 va, enum mips_next *next)
{
	if (mips_emulated(&g->layout, va) && mips_guest_kernel_mode(g))
		return true;
	if (va <= g->layout.last && !g->ops->sync_line(g, va))
		return true;
	*next = mips_guest_fault(g, va, MIPS_LOAD);
	return false;
}

/* May the one at `va` be taken out? It is in an unrolled loop, and what flushes
 * is the one without a displacement (K44). */
static u32 allowed(const struct mips_guest *g, u32 insn)
{
	u32 in_way = MIPS_WAY_SIZE - 1;

	return !(g->gpr[INSN_RS(insn)] & in_way) && INSN_UIMM(insn) & in_way
		       ? MIPS_TRANSLATE_INDEX
		       : 0;
}

enum mips_next mips_emulate_cache(struct mips_guest *g, u32 insn)
{
	u32 op = INSN_RT(insn), which = CACHE_WHICH(op);
	u32 va = g->gpr[INSN_RS(insn)] + INSN_IMM(insn);
	u32 at = mips_trapped_at(g), allow = allowed(g, insn);
	bool kernel = mips_guest_kernel_mode(g);
	enum mips_next next;

	if (which == CACHE_I || which == CACHE_D) {
		switch (CACHE_WHAT(op)) {
		case CACHE_INDEX_INVALIDATE:
		case CACHE_INDEX_STORE_TAG:
			by_index(g, which, va);
			break;
		case CACHE_INDEX_LOAD_TAG:
			load_tag(g);
			break;
		default:
			if (!by_address(g, va, &next))
				return next;
		}
	}
	mips_done(g);
	if (kernel)
		mips_patch(g, at, insn, allow);
	return MIPS_RUN;
}
