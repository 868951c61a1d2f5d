/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sources of the emulated CPU share. */
#ifndef ARCH_MIPS_GUEST_INTERNAL_H
#define ARCH_MIPS_GUEST_INTERNAL_H

#include "arch/mips/call.h"
#include "lib/errno.h"

/* ---- guest_exception.c --------------------------------------------------- */

/* Deliver an exception: EPC is pc, BD as the trap was. */
void mips_deliver(struct mips_guest *g, u32 code);
void mips_deliver_cpu(struct mips_guest *g, unsigned int ce);
/* With BadVAddr. */
void mips_deliver_address(struct mips_guest *g, u32 code, u32 va);
/* With BadVAddr, Context and EntryHi as well. */
void mips_deliver_tlb(struct mips_guest *g, u32 code, u32 va,
		      bool refill);
/* Cause's bits that are not the guest's to write. */
void mips_update_cause(struct mips_guest *g);

/* EBase: of unmapped addresses, pages. */
static inline u32 mips_ebase_mask(const struct mips_layout *l)
{
	return l->kseg2 - l->kseg0 - 0x1000;
}

#define MIPS_GENERAL 0x180

/* A vector's address, but for BEV. */
static inline u32 mips_vector(const struct mips_guest *g, u32 offset)
{
	return (g->cp0[CP0_EBASE] & mips_ebase_mask(&g->layout)) +
	       g->layout.kseg0 + offset;
}

/* ---- guest_tlb.c --------------------------------------------------------- */

void mips_tlb_reset(struct mips_guest *g);
/* TLBWI and TLBWR: entry `n` becomes what the registers say. Pages of the one that
 * was there are dropped. */
void mips_tlb_write(struct mips_guest *g, unsigned int n);
void mips_tlb_read(struct mips_guest *g);
void mips_tlb_probe(struct mips_guest *g);
/* Could a TLB write make such an entry? */
bool mips_tlb_is_valid(const struct mips_guest *g,
		       const struct mips_tlb_entry *e);
/* Entry `n` becomes it, whatever the registers say. */
void mips_tlb_put(struct mips_guest *g, unsigned int n,
		  const struct mips_tlb_entry *e);
/* What TLBWR takes next: from Wired up. */
unsigned int mips_tlb_random(struct mips_guest *g);
/* EntryHi was written: another ASID may be in effect. The tables follow when they
 * are used next. */
static inline void mips_set_asid(struct mips_guest *g, u32 hi)
{
	u32 asid = hi & g->asid_mask;

	if (asid != g->asid) {
		g->asid = asid;
		mips_guest_changed(g);
	}
}

static inline void mips_write_entryhi(struct mips_guest *g, u32 value)
{
	g->cp0[CP0_ENTRYHI] = value & (HI_VPN2 | g->asid_mask);
	mips_set_asid(g, value);
}

/* NULL: no entry matches. */
const struct mips_tlb_entry *mips_tlb_find(const struct mips_guest *g, u32 va);

/* ---- guest_timer.c ------------------------------------------------------- */

void mips_timer_reset(struct mips_guest *g);
u32 mips_timer_count(struct mips_guest *g);
void mips_timer_set_count(struct mips_guest *g, u32 count);
void mips_timer_set_compare(struct mips_guest *g, u32 compare);
void mips_timer_stop(struct mips_guest *g, bool stopped);
/* Time stands still for the timer, and for Count; let go, it is what it would be
 * by then: an interrupt that would have been is. */
void mips_timer_hold(struct mips_guest *g, bool held);
/* Compare, Cause.TI being as it was; and Cause.TI. */
void mips_timer_put_compare(struct mips_guest *g, u32 compare);
void mips_timer_put_pending(struct mips_guest *g, bool pending);

/* ---- guest_cp0.c --------------------------------------------------------- */

#define MIPS_STATUS_WRITABLE                                                   \
	(ST_CU0 | ST_BEV | ST_IM | ST_UM | ST_ERL | ST_EXL | ST_IE)

u32 mips_read_cp0(struct mips_guest *g, unsigned int reg);
void mips_write_cp0(struct mips_guest *g, unsigned int reg, u32 value);
/* What it is after a reset, and of bits that cannot change for ever. */
u32 mips_cp0_constant(const struct mips_guest *g, unsigned int reg);
/* The bits that a write changes, of a register that has no side effects. */
u32 mips_cp0_writable(const struct mips_guest *g, unsigned int reg);

/* ---- branch.c ------------------------------------------------------------ */

enum mips_branch {
	MIPS_NOT_A_BRANCH,
	MIPS_BRANCH,   /* the delay slot is executed, then *target */
	MIPS_NULLIFIED, /* a likely branch that is not taken: no delay slot */
	MIPS_RESERVED,  /* one of the host's, and of none that the guest has */
};
/* Is it one, and where does it lead from `pc`; links are written. */
enum mips_branch mips_branch(struct mips_guest *g, u32 insn, u32 pc, u32 *target);

/* ---- emulate.c ----------------------------------------------------------- */

static inline void mips_set_gpr(struct mips_guest *g, unsigned int n, u32 v)
{
	g->gpr[n] = v;
	g->gpr[0] = 0;
}

/* As the guest wrote it, where it has become a call. Behind the guest's segments is
 * what the host has there: nobody's to read. */
static inline int mips_read_insn(struct mips_guest *g, u32 va, u32 *insn)
{
	int err;

	if (unlikely(va > g->layout.last || va & 3))
		return -EFAULT;
	err = g->ops->fetch(g, va, insn);
	if (likely(!err))
		*insn = mips_call_undone(&g->layout, *insn);
	return err;
}

/* Where the instruction is that trapped. */
static inline u32 mips_trapped_at(const struct mips_guest *g)
{
	return g->pc + (g->bd ? 4 : 0);
}

/* The instruction that trapped. False: there is none to emulate, and *next
 * happens instead. */
bool mips_fetch(struct mips_guest *g, const u32 *badinstr, u32 *insn,
		enum mips_next *next);
/* g->next, from pc and the branch there; false as above. */
bool mips_find_next(struct mips_guest *g, enum mips_next *next);

static inline enum mips_next mips_done(struct mips_guest *g)
{
	g->pc = g->next;
	return MIPS_RUN;
}

/* ---- emulate_cache.c ----------------------------------------------------- */

/* CACHE; g->next is there. */
enum mips_next mips_emulate_cache(struct mips_guest *g, u32 insn);

/* ---- loadstore.c --------------------------------------------------------- */

/* The access that g->map stands for, by guest-physical address. */
enum mips_next mips_emulate_access(struct mips_guest *g, u32 insn);

/* ---- simple.c ------------------------------------------------------------ */

/* Carry one out that only computes. False: it is another, and nothing was done. */
bool mips_compute(struct mips_guest *g, u32 insn);

/* ---- llsc.c -------------------------------------------------------------- */

/* What stood at `va` has been emulated and pc is behind it: was it between LL and
 * SC? Then what follows is carried out here, SC included. */
void mips_finish_pair(struct mips_guest *g, u32 va);

/* ---- translate.c --------------------------------------------------------- */

/* What empties lines of the data cache: it has one place for a page. */
#define MIPS_TRANSLATE_DATA BIT32(0)

/* K44: what does the same in the host's user mode, in one instruction. False:
 * nothing does. */
bool mips_translate(const struct mips_layout *l, u32 insn, u32 allowed,
		    u32 *patched);
/* `insn` at `va` was emulated and will trap again: patch it. */
void mips_patch(struct mips_guest *g, u32 va, u32 insn, u32 allowed);
/* What trapped is in the delay slot of the branch at `va`, and nothing has been done.
 * True: all of it has become a call, to be executed from there. */
bool mips_patch_restore(struct mips_guest *g, u32 va);
/* Is `va` behind the branch of a sequence that is a call? */
bool mips_in_restore(struct mips_guest *g, u32 va);

#endif
