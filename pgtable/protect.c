// SPDX-License-Identifier: BSD-2-Clause
/*
 * Changing what leaves allow, and their age. Addresses and sizes stay, so
 * leaves change in place; only a block that the range cuts is replaced.
 */
#include "pgtable/cut.h"

/* Each leaf becomes (leaf & keep) | set; a device leaf keeps `device_keep`. */
struct update {
	u64 keep, set, device_keep;
};

/* `plain`: there is nothing that devices keep. */
always_inline u64 update_leaf(const struct pgtable *pt, u64 leaf,
			      const struct update *u, bool plain)
{
	u64 new = (leaf & u->keep) | u->set;

	if (!plain && (leaf & pt->format->device_mask) == pt->format->device)
		new = (new & ~u->device_keep) | (leaf & u->device_keep);
	return new;
}

/* Nothing but what any change of has to be invalidated, on any leaf alike? */
always_inline bool update_plain(const struct pgtable_geometry *g,
				const struct pgtable *pt,
				const struct update *u)
{
	u64 flushed = pt->format->prot_bits | g->young;

	return !u->device_keep && !((~u->keep | u->set) & ~flushed);
}

/*
 * Update entries that change, side by side, from i to at most `end`; returns
 * where that ends. What was there, and what has changed of it, is added up.
 * `hw`: the hardware may change them meanwhile.
 */
always_inline size_t update_entries(const struct pgtable_geometry *g,
				    const struct pgtable *pt, void *table,
				    int level, size_t i, size_t end,
				    const struct update *update, bool plain,
				    bool hw, u64 *olds, u64 *changes)
{
	const struct update u = *update;
	char *at = entry_at(g, table, i), *stop = entry_at(g, table, end);
	u64 seen = *olds;

	while (at < stop) {
		u64 old = entry_read(g, at, 0), new;

		if (!entry_valid(g, old) || entry_is_table(g, old, level))
			break;
		new = update_leaf(pt, old, &u, plain);
		if (new == old)
			break;
		if (!entry_adjust(g, at, 0, old, new, hw))
			continue;
		seen |= old;
		if (!plain)
			*changes |= old ^ new;
		at += BIT32(g->entry_shift);
	}
	*olds = seen;
	return (size_t)(at - (char *)table) >> g->entry_shift;
}

/* Update the entries [i, end) up to the next table; returns where it ends. */
always_inline unsigned int update_run(const struct pgtable_geometry *g,
				      struct pgtable *pt, const struct place *p,
				      unsigned int end, u64 ia,
				      const struct update *u, bool plain,
				      bool hw, struct gather *gather,
				      bool *changed)
{
	unsigned int first = end, last = 0;
	u64 young = 0, touched = 0, start;
	size_t i;

	for (i = p->index; i < end; i++) {
		size_t from = i;

		i = update_entries(g, pt, p->table, p->level, i, end, u, plain,
				   hw, &young, &touched);
		if (i > from) {
			first = min(first, (unsigned int)from);
			last = i - 1;
		}
		if (i < end &&
		    entry_is_table(g, entry_read(g, p->table, i), p->level))
			break;
	}
	i = min(i, (size_t)end);
	if (first >= end)
		return i;
	*changed = true;
	entry_sync(g, pt, p->table, first, last - first + 1);
	/* Of the run as a whole, as adjust_flushes() of one. */
	if ((young & g->young) &&
	    (plain || (touched & (pt->format->prot_bits | g->young)))) {
		start = place_start(p, ia) - ((u64)p->index << p->shift);
		gather_add(gather, start + ((u64)first << p->shift),
			   start + ((u64)last << p->shift) + BIT64(p->shift) -
				   1,
			   p->level);
	}
	return i;
}

/* Every leaf in the range; those that the range cuts are whole or broken. */
always_inline void update_range(const struct pgtable_geometry *g,
				struct pgtable *pt, u64 ia, u64 left,
				const struct update *u, struct gather *gather,
				bool *changed)
{
	bool plain = !pt->hw_updates && update_plain(g, pt, u);

	for (;;) {
		struct place p = place_find(pt, ia);
		u64 start = place_start(&p, ia), n, span;
		unsigned int end;

		n = ((ia + left - 1 - start) >> p.shift) + 1;
		n = min(n, (u64)table_entries(g, pt, p.level) - p.index);
		/* The usual has a loop of its own, with a constant level. */
		if (plain && p.level == PGT_LAST_LEVEL) {
			p.level = PGT_LAST_LEVEL;
			end = update_run(g, pt, &p, p.index + n, ia, u, true,
					 false, gather, changed);
		} else {
			end = update_run(g, pt, &p, p.index + n, ia, u, false,
					 pt->hw_updates, gather, changed);
		}
		span = ((u64)(end - p.index) << p.shift) - (ia - start);
		if (span >= left)
			return;
		ia += span;
		left -= span;
	}
}

/* Returns whether a leaf has changed; what to invalidate is gathered. */
static __attribute__((noinline)) bool update(struct pgtable *pt, u64 ia,
					     u64 size, const struct update *u,
					     struct gather *gather)
{
	bool changed = false;

	PGT_DISPATCH(pt, update_range, ia, size, u, gather, &changed);
	return changed;
}

/* ---- Permissions ------------------------------------------------------- */

/* What clearing and setting attributes means for an entry. */
always_inline int update_prepare(const struct pgtable_geometry *g,
				 const struct pgtable *pt, u32 clear, u32 set,
				 struct update *u)
{
	const struct pgtable_format *f = pt->format;
	u32 both = clear | set, gone = clear & ~set;
	const struct pgtable_rights *rights = pt->rights;

	if ((both & ~(PGT_PROT_MASK | PGT_SW_MASK)) || (gone & f->always))
		return -EINVAL;
	u->keep = rights[both & PGT_PROT_MASK].others &
		  ~sw_bits(g, both);
	gone &= PGT_PROT_MASK;
	u->set = rights[set & PGT_PROT_MASK].granted |
		 rights[gone].denied |
		 sw_bits(g, set);
	u->device_keep = set & PGT_X ? ~rights[PGT_X].others : 0;
	return 0;
}

/* A block that is as asked already needs no split. */
static bool narrow_change(const struct pgtable *pt, u64 leaf, struct change *c)
{
	struct update u = {.keep = c->keep, .set = c->set};
	u64 new;

	u.device_keep = ~(pt->format->rights[PGT_X].others | c->keep | c->set);
	new = update_leaf(pt, leaf, &u, false);
	if (new == leaf)
		return false;
	/* Blocks are cut into leaves of the same attributes. */
	c->keep = ~(new ^ leaf);
	c->set = new &(new ^ leaf);
	return true;
}

always_inline int protect(const struct pgtable_geometry *g, struct pgtable *pt,
			  u64 ia, u64 size, u32 clear, u32 set,
			  struct memcache *mc)
{
	struct gather gather = GATHER_INIT;
	struct change c = {.first = ia, .last = ia + size - 1};
	struct update u;
	struct cuts cuts;
	bool changed;
	int r = range_check(g, pt, ia, size);

	if (!r)
		r = update_prepare(g, pt, clear, set, &u);
	if (r)
		return r;
	c.keep = u.keep;
	c.set = u.set;
	r = cuts_prepare(pt, mc, &c, narrow_change, &cuts);
	if (r)
		return r;
	cuts_break(pt, &cuts, &gather);
	changed = update(pt, ia, size, &u, &gather);
	gather_invalidate(pt, &gather);
	cuts_make(pt, &cuts);
	return changed || cuts.count ? 0 : -EALREADY;
}

/* Any arguments. Kept apart, so that protecting a page does not pay for it. */
static __attribute__((noinline)) int protect_any(struct pgtable *pt, u64 ia,
						 u64 size, u32 clear, u32 set,
						 struct memcache *mc)
{
	return PGT_DISPATCH(pt, protect, ia, size, clear, set, mc);
}

/* One page that stands; nothing but permissions, and of them neither what some
 * formats cannot clear nor what a device cannot be given. */
always_inline int protect_page(const struct pgtable_geometry *g,
			       struct pgtable *pt, int start, u64 ia, u64 size,
			       u32 clear, u32 set, struct memcache *mc)
{
	const struct pgtable_rights *cleared = &pt->rights[clear];
	const struct pgtable_rights *granted = &pt->rights[set];
	size_t i = page_index(g, ia);
	u64 old, new;
	void *table;

	if (!page_check(g, pt, ia, size) || (clear & ~(PGT_W | PGT_X)) ||
	    (set & ~PGT_RW) || pt->hw_updates || !page_table(g, pt, start, ia, &table))
		return protect_any(pt, ia, size, clear, set, mc);
	old = entry_read(g, table, i);
	if (unlikely(!entry_valid(g, old)))
		return protect_any(pt, ia, size, clear, set, mc);
	new = (old & cleared->others) | cleared->denied;
	new = (new & granted->others) | granted->granted;
	if (new == old)
		return -EALREADY;
	entry_write(g, table, i, new);
	entry_sync(g, pt, table, i, 1);
	/* As adjust_flushes(): it is permissions that have changed. */
	if (likely(old & g->young))
		pt->ops->tlb_flush_addr(pt, IA(ia), PGT_LAST_LEVEL);
	return 0;
}

static __attribute__((noinline)) int
protect_page_other(struct pgtable *pt, u64 ia, u64 size, u32 clear, u32 set,
		   struct memcache *mc)
{
	return PGT_DISPATCH(pt, protect_page, pt->start_level, ia, size, clear,
			    set, mc);
}

int pgtable_protect(struct pgtable *pt, ia_t ia, u64 size, u32 clear, u32 set,
		    struct memcache *mc)
{
	return PGT_DISPATCH_PAGE(pt, protect_page, protect_page_other, ia.v,
				 size, clear, set, mc);
}

/* ---- Age --------------------------------------------------------------- */

always_inline bool any_young(const struct pgtable_geometry *g,
			     const struct pgtable *pt, u64 ia, u64 left)
{
	for (;;) {
		struct place p = place_find(pt, ia);
		unsigned int end = table_entries(g, pt, p.level);
		u64 span;

		for (; p.index < end; p.index++) {
			p.entry = entry_read(g, p.table, p.index);
			if (entry_is_table(g, p.entry, p.level))
				break;
			if (entry_valid(g, p.entry) && (p.entry & g->young))
				return true;
			span = place_last(&p, ia) - ia + 1;
			if (span >= left)
				return false;
			ia += span;
			left -= span;
		}
	}
}

always_inline bool test_young(const struct pgtable_geometry *g,
			      struct pgtable *pt, u64 ia, u64 size, bool clear)
{
	struct update u = {.keep = ~g->young};
	struct gather gather = GATHER_INIT;
	bool changed;

	if (range_check(g, pt, ia, size))
		return false;
	if (!clear)
		return any_young(g, pt, ia, size);
	changed = update(pt, ia, size, &u, &gather);
	gather_invalidate(pt, &gather);
	return changed;
}

bool pgtable_test_young(struct pgtable *pt, ia_t ia, u64 size, bool clear)
{
	return PGT_DISPATCH(pt, test_young, ia.v, size, clear);
}

always_inline int mark_young(const struct pgtable_geometry *g,
			     struct pgtable *pt, u64 ia)
{
	struct place p;

	if (ia > pt->ia_last)
		return -ENOENT;
	do {
		p = place_find(pt, ia);
		if (!entry_valid(g, p.entry))
			return -ENOENT;
		if (p.entry & g->young)
			return -EALREADY;
	} while (!entry_swap(g, p.table, p.index, p.entry, p.entry | g->young));
	entry_sync(g, pt, p.table, p.index, 1);
	return 0;
}

int pgtable_mark_young(struct pgtable *pt, ia_t ia)
{
	return PGT_DISPATCH(pt, mark_young, ia.v);
}
