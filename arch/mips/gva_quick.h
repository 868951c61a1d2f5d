/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K42: a pair of pages of 4 KiB comes and goes, for middle.c: what gva_fault() and
 * gva_drop() do, where nothing is to be made or given back, and no call.
 *
 * It is below kseg0, and not in the chunk of the commpage: so both modes have it in
 * one table. No lock is taken. There is one CPU, and who holds a VM's MMU lock does not
 * give it away, nor is it interrupted: while a guest runs, nobody holds one.
 *
 * The CPU's EntryHi is that of the table in use before and after, but for the address,
 * and its walker is on, if it has one; an EHB is owed.
 */
#ifndef ARCH_MIPS_GVA_QUICK_H
#define ARCH_MIPS_GVA_QUICK_H

#include "arch/mips/mips.h"
#include "arch/mips/refill.h"

/* Where the leaf of a page is in its table, with those of the same 4 MiB beside it; NULL:
 * there is no table. */
static inline const u32 *gva_leaves(const struct pgtable *s2, u32 pfn)
{
	u32 entry = ((const u32 *)s2->root)[pfn >> 10];

	if ((entry & PGT_MIPS32_TABLE_TYPE) != PGT_MIPS32_TABLE_TYPE)
		return NULL;
	return (const u32 *)(uintptr_t)(entry - PGT_MIPS32_TABLE_TYPE + s2->linear) +
	       (pfn & 1023);
}

/* The leaf of a page of 4 KiB, of a larger one that part; 0: the GPA table has none. */
static inline u32 gva_leaf(const struct pgtable *s2, u32 pfn)
{
	const u32 *leaf;
	u32 entry;

	if (pfn > (u32)(s2->ia_last >> PAGE_SHIFT))
		return 0;
	leaf = gva_leaves(s2, pfn);
	entry = leaf ? *leaf :
		       ((const u32 *)s2->root)[pfn >> 10] +
			       (pfn << PAGE_SHIFT & 0x3ff000);
	return entry & PGT_MIPS32_VALID ? entry : 0;
}

/* 0: there is none. It may be of a generation that is over. */
static inline u32 gva_asid(const struct vmid *id)
{
	return (u32)id->id & HI_ASID;
}

static inline bool gva_is_plain(const struct mips_layout *l, u32 va)
{
	return va < l->kseg0 && (va ^ l->commpage) / GVA_CHUNK;
}

/* walker_stop() and walker_start(), where it is on: while a guest's table is in use. */
static inline void gva_quick_stop(void)
{
	if (gva_form.shift) {
		cp0_write(pwctl, 0);
		ehb();
	}
}

static inline void gva_quick_start(void)
{
	if (gva_form.shift)
		cp0_write(pwctl, MIPS_PWCTL);
}

/* The pair of `va` is in the TLB no more. PageMask is 0, and the walker off. */
static inline void gva_quick_forget(u32 va, u32 asid)
{
	u32 n;

	cp0_write(entryhi, (va & HI_VPN2) | asid);
	ehb();
	tlb_op(tlbp);
	ehb();
	n = cp0_read(index);
	if (n & INDEX_P)
		return;
	cp0_write(entryhi, KSEG0 + n * (2 * PAGE_SIZE));
	cp0_write(entrylo0, 0);
	cp0_write(entrylo1, 0);
	ehb();
	tlb_op(tlbwi);
}

/*
 * Halves (bit 0, bit 1) of the pair at `va`, of a guest's ASID, go. False: it takes
 * more than that, and nothing has gone.
 */
static inline bool gva_quick_drop(struct mips_vcpu *v, u32 asid, u32 va, u32 gone)
{
	struct gva_space *s = v->gva.now;
	u32 *pair, old = 0, id;

	if (unlikely(!gva_is_plain(&v->guest.layout, va)))
		return false;
	if (unlikely(!s || s->key != asid)) {
		s = gva_find(&v->gva, asid);
		if (!s)
			return true;
	}
	pair = gva_pair(s, MIPS_KERNEL, va);
	if (unlikely(!pair))
		return false;
	if (gone & 1)
		old = pair[0];
	if (gone & 2)
		old |= pair[1];
	if (!old)
		return true;
	if (gone & 1)
		pair[0] = 0;
	if (gone & 2)
		pair[1] = 0;
	sync();
	gva_quick_stop();
	id = gva_asid(&s->asid[MIPS_KERNEL]);
	if (id)
		gva_quick_forget(va, id);
	id = gva_asid(&s->asid[MIPS_USER]);
	if (id)
		gva_quick_forget(va, id);
	cp0_write(entryhi, v->guest.walk[v->guest.table].asid);
	gva_quick_start();
	return true;
}

/*
 * What the guest's TLB has for the pair of `va`, in the space in use, is entered as far
 * as the GPA table has it, and young; the CPU has it for `t`, if it knows of the pair.
 * Is the page of `va` there now, and what `need` says of it (LO_V, LO_D; 0: nothing)?
 * False: it is not, or it takes more than that.
 */
static inline bool gva_quick_enter(struct mips_vcpu *v, enum mips_table t,
				   const u32 *lo, u32 va, u32 need)
{
	const struct pgtable *s2 = &v->vcpu.vm->s2;
	const struct gva_space *s = v->gva.now;
	u32 *pair, leaf, asid = v->guest.walk[t].asid, shift = gva_form.shift;

	if (unlikely(!gva_is_plain(&v->guest.layout, va) || !s ||
		     (need && !asid)))
		return false;
	pair = gva_pair(s, t, va);
	if (unlikely(!pair || s->directory[t][va >> GVA_BLOCK_SHIFT] ==
				      gva_address(gva_nothing)))
		return false;
	if (lo[0] & LO_V) {
		leaf = gva_leaf(s2, LO_PFN_OF(lo[0]));
		if (leaf & PGT_MIPS32_V)
			pair[0] = gva_entry(leaf, lo[0] & LO_D);
	}
	if (lo[1] & LO_V) {
		leaf = gva_leaf(s2, LO_PFN_OF(lo[1]));
		if (leaf & PGT_MIPS32_V)
			pair[1] = gva_entry(leaf, lo[1] & LO_D);
	}
	sync();
	/* Of what it knows by an ASID that is not known here, it stumbles on. */
	if (!asid)
		return true;
	gva_quick_stop();
	cp0_write(entryhi, (va & HI_VPN2) | asid);
	ehb();
	tlb_op(tlbp);
	cp0_write(entrylo0, pair[0] >> shift);
	cp0_write(entrylo1, pair[1] >> shift);
	ehb();
	if (!(cp0_read(index) & INDEX_P))
		tlb_op(tlbwi);
	cp0_write(entryhi, v->guest.walk[v->guest.table].asid);
	gva_quick_start();
	return !need || pair[va >> PAGE_SHIFT & 1] >> shift & need;
}

/*
 * The word at `va` below kseg0, as the mode in use reads it, through kseg0: it is an
 * instruction, and leaves no line in a data cache with aliases. False: it is not there,
 * or not where kseg0 shows it.
 */
static inline bool gva_quick_fetch(struct mips_vcpu *v, u32 va, u32 *word)
{
	const struct gva_space *s = v->gva.now;
	u32 lo, at, *pair;

	if (unlikely(!gva_is_plain(&v->guest.layout, va) || !s))
		return false;
	pair = gva_pair(s, v->guest.table, va);
	if (unlikely(!pair))
		return false;
	lo = pair[va >> PAGE_SHIFT & 1] >> gva_form.shift;
	at = LO_PFN_OF(lo) << PAGE_SHIFT | (va & (PAGE_SIZE - 1));
	if (unlikely(!(lo & LO_V) || LO_PFN_OF(lo) > MIPS_SEGMENT_MASK >> PAGE_SHIFT))
		return false;
	at += KSEG0;
	if (features.aliases)
		cache_op_at(HIT_WRITEBACK_INVALIDATE_D, at, 0);
	*word = *(const volatile u32 *)gva_pointer(at);
	if (features.aliases)
		cache_op_at(HIT_WRITEBACK_INVALIDATE_D, at, 0);
	return true;
}

/*
 * The space of an ASID becomes the one in use, as gva_activate() would have it for kernel
 * mode, whose table is in use: guest.walk says what the CPU is to be told. False: it
 * has none, or no ASID of the host's that is of this generation.
 *
 * vmid_use() is not asked. When a generation ends, by somebody who does, this space has
 * no ASID any more, be it in use or not: whoever enters the vCPU next asks.
 */
static inline bool gva_quick_switch(struct mips_vcpu *v, u32 asid)
{
	struct mips_gva *a = &v->gva;
	struct mips_walk *w = v->guest.walk;
	struct gva_space *s = gva_find(a, asid);
	u32 user = 0;
	u64 id;

	/* What the CPU knows by now is of this generation. */
	if (unlikely(!s || !a->now || a->local || !w[MIPS_KERNEL].asid))
		return false;
	id = a->now->asid[MIPS_KERNEL].id;
	if (unlikely((s->asid[MIPS_KERNEL].id ^ id) >> 16))
		return false;
	if (likely(!((s->asid[MIPS_USER].id ^ id) >> 16)))
		user = gva_asid(&s->asid[MIPS_USER]);
	w[MIPS_KERNEL].asid = gva_asid(&s->asid[MIPS_KERNEL]);
	w[MIPS_KERNEL].directory = gva_walked(gva_address(s->directory[MIPS_KERNEL]));
	w[MIPS_USER].asid = user;
	w[MIPS_USER].directory = gva_walked(gva_address(s->directory[MIPS_USER]));
	s->used = ++a->clock;
	a->now = s;
	return true;
}

#endif
