// SPDX-License-Identifier: BSD-2-Clause
/*
 * Dynamic translation (K44): a privileged instruction of a guest kernel's
 * becomes one that does the same to the commpage, or to the caches, without a
 * trap.
 *
 * Or it becomes a call, which traps still, but does nothing beside it (call.h): di,
 * and ei that writes no register, in no delay slot; and both behind a branch, as
 * Linux restores interrupts.
 *
 * Never: what has an effect besides (mtc0 to Status, EntryHi, Count, Compare, Cause,
 * EBase, Wired, HWREna, Config; tlb*, eret, wait), what changes by
 * itself (Count, Random), registers of which bits cannot be written, and what
 * reads tags. Of EntryLo the two upper bits can be written from then on; they
 * are not used.
 */
#include "arch/mips/call.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

static u32 commpage_access(const struct mips_layout *l, u32 op, u32 insn)
{
	return INSN_I(op, 0, INSN_RT(insn),
		      l->commpage + 4 * CP0(INSN_RD(insn), INSN_SEL(insn)));
}

static bool translate_mfc0(const struct mips_layout *l, u32 insn, u32 *patched)
{
	u32 reg = CP0(INSN_RD(insn), INSN_SEL(insn));

	*patched = commpage_access(l, OP_LW, insn);
	return reg != CP0_COUNT && reg != CP0_RANDOM;
}

static bool translate_mtc0(const struct mips_layout *l, u32 insn, u32 *patched)
{
	*patched = commpage_access(l, OP_SW, insn);
	switch (CP0(INSN_RD(insn), INSN_SEL(insn))) {
	case CP0_ENTRYLO0:
	case CP0_ENTRYLO1:
	case CP0_USERLOCAL:
	case CP0_EPC:
	case CP0_TAGLO:
	case CP0_DTAGLO:
	case CP0_TAGHI:
	case CP0_ERROREPC:
		return true;
	}
	return false;
}

static bool translate_cache(u32 insn, u32 allowed, u32 *patched)
{
	u32 op = INSN_RT(insn), which = CACHE_WHICH(op);

	*patched = INSN_NOP;
	if (which != CACHE_I && which != CACHE_D)
		return true;
	switch (CACHE_WHAT(op)) {
	case CACHE_INDEX_INVALIDATE:
	case CACHE_INDEX_STORE_TAG:
		return which == CACHE_D && allowed & MIPS_TRANSLATE_DATA;
	case CACHE_INDEX_LOAD_TAG:
		return false;
	case CACHE_HIT_INVALIDATE:
	case CACHE_FILL:
		if (which == CACHE_D && !(allowed & MIPS_TRANSLATE_DATA))
			return false;
	}
	*patched = INSN_SYNCI(INSN_RS(insn), INSN_UIMM(insn));
	return true;
}

static bool translate_mfmc0(const struct mips_layout *l, u32 insn, u32 *patched)
{
	u32 n = insn == (INSN_DI | INSN_EI) ? MIPS_CALL_EI : INSN_RT(insn);

	*patched = mips_call_word(l, n);
	return l->calls && mips_call_exists(n) && mips_call_insn(n) == insn;
}

bool mips_translate(const struct mips_layout *l, u32 insn, u32 allowed,
		    u32 *patched)
{
	switch (INSN_OP(insn)) {
	case OP_CACHE:
		return translate_cache(insn, allowed, patched);
	case OP_COP0:
		if (INSN_RS(insn) == COP0_MFMC0)
			return translate_mfmc0(l, insn, patched);
		if (insn & 0x7f8) /* between rd and sel */
			return false;
		if (INSN_RS(insn) == COP0_MFC0)
			return translate_mfc0(l, insn, patched);
		if (INSN_RS(insn) == COP0_MTC0)
			return translate_mtc0(l, insn, patched);
	}
	return false;
}

/* Where user mode may come as well, it would find no commpage. What cannot be
 * written goes on trapping. */
void mips_patch(struct mips_guest *g, u32 va, u32 insn, u32 allowed)
{
	const struct mips_layout *l = &g->layout;
	u32 patched;

	if (va < l->kseg0 || va > l->last ||
	    !mips_translate(l, insn, allowed, &patched))
		return;
	g->ops->patch(g, va, insn, patched);
}

/* ---- Interrupts restored ------------------------------------------------------------ */

/* The word itself, which may be a call. */
static bool read_word(struct mips_guest *g, u32 va, u32 *word)
{
	return va >= g->layout.kseg0 && va <= g->layout.last &&
	       !g->ops->fetch(g, va, word);
}

/* In one page: the guest may have none behind it. */
bool mips_patch_restore(struct mips_guest *g, u32 va)
{
	u32 branch, slot, after, rs;

	if (!g->layout.calls || (va & (PAGE_SIZE - 1)) > PAGE_SIZE - MIPS_RESTORE_SIZE ||
	    !read_word(g, va, &branch) || !read_word(g, va + 4, &slot) ||
	    !read_word(g, va + 8, &after) || slot != INSN_DI ||
	    after != (INSN_DI | INSN_EI))
		return false;
	rs = INSN_RS(branch);
	if (!rs || mips_call_spares(rs) || branch != INSN_I(OP_BEQ, rs, 0, 2))
		return false;
	return !g->ops->patch(g, va, branch,
			      mips_call_word(&g->layout, MIPS_CALL_RESTORE(rs)));
}

bool mips_in_restore(struct mips_guest *g, u32 va)
{
	const struct mips_layout *l = &g->layout;
	u32 word;

	for (u32 at = va - 8; at != va; at += 4)
		if (read_word(g, at, &word) && word >> 16 == OP_SW << 10 &&
		    mips_is_restore(mips_call_at(l, INSN_IMM(word)) % MIPS_CALLS))
			return true;
	return false;
}
