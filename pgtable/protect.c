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

always_inline u64 update_leaf(const struct pgtable *pt, u64 leaf,
			      const struct update *u)
{
	u64 new = (leaf & u->keep) | u->set;

	if (unlikely(u->device_keep) &&
	    (leaf & pt->format->device_mask) == pt->format->device)
		new = (new & ~u->device_keep) | (leaf & u->device_keep);
	return new;
}

/* Update the entries [i, i + n) of a table up to the next table entry. */
always_inline unsigned int update_run(const struct pgtable_geometry *g,
				      struct pgtable *pt, const struct place *p,
				      unsigned int n, u64 ia,
				      const struct update *u,
				      struct gather *gather, bool *changed)
{
	unsigned int i = p->index, end = i + n;
	unsigned int first = end, last = 0, flush_first = end, flush_last = 0;
	u64 start = place_start(p, ia);

	for (; i < end; i++) {
		u64 old = entry_read(g, p->table, i), new;

		if (!entry_valid(g, old))
			continue;
		if (entry_is_table(g, old, p->level))
			break;
		new = update_leaf(pt, old, u);
		if (new == old)
			continue;
		entry_write(g, p->table, i, new);
		first = min(first, i);
		last = i;
		if (adjust_flushes(g, pt, old, new)) {
			flush_first = min(flush_first, i);
			flush_last = i;
		}
	}
	if (first < end) {
		*changed = true;
		entry_sync(g, pt, p->table, first, last - first + 1);
	}
	if (flush_first < end)
		gather_add(gather,
			   start + ((u64)(flush_first - p->index) << p->shift),
			   start + ((u64)(flush_last - p->index) << p->shift) +
				   BIT64(p->shift) - 1,
			   p->level);
	return i - p->index;
}

/* Every leaf in the range; those that the range cuts are whole or broken. */
always_inline void update_range(const struct pgtable_geometry *g,
				struct pgtable *pt, u64 ia, u64 left,
				const struct update *u, struct gather *gather,
				bool *changed)
{
	for (;;) {
		struct place p = place_find(g, pt, ia);
		u64 start = place_start(&p, ia);
		u64 n = (ia + left - 1 - start) >> p.shift;
		u64 span;

		n = min(n + 1, (u64)table_entries(g, pt, p.level) - p.index);
		n = update_run(g, pt, &p, n, ia, u, gather, changed);
		span = (n << p.shift) - (ia - start);
		if (span >= left)
			return;
		ia += span;
		left -= span;
	}
}

/* ---- Permissions ------------------------------------------------------- */

/* What clearing and setting attributes means for an entry. */
static int update_prepare(const struct pgtable *pt, u32 clear, u32 set,
			  struct update *u)
{
	const struct pgtable_format *f = pt->format;
	u64 bits = (u64)((clear | set) & PGT_SW_MASK) << (f->sw_shift - 8);

	if ((clear | set) & ~(PGT_PROT_MASK | PGT_SW_MASK))
		return -EINVAL;
	u->set = (u64)(set & PGT_SW_MASK) << (f->sw_shift - 8);
	for (unsigned int i = 0; i < ARRAY_SIZE(f->right); i++) {
		u64 mask = f->right[i].mask;

		if (!((clear | set) & BIT32(i)))
			continue;
		bits |= mask;
		if (set & BIT32(i))
			u->set |= f->right[i].granted;
		else if (mask)
			u->set |= mask ^ f->right[i].granted;
		else
			return -EINVAL;
	}
	u->keep = ~bits;
	u->device_keep = set & PGT_X ? f->right[2].mask : 0;
	return 0;
}

/* A block that is as asked already needs no split. */
static bool narrow_change(const struct pgtable *pt, u64 leaf, struct change *c)
{
	struct update u = {.keep = c->keep, .set = c->set};
	u64 new;

	u.device_keep = pt->format->right[2].mask & ~c->keep & ~c->set;
	new = update_leaf(pt, leaf, &u);
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
	bool changed = false;
	int r = range_check(g, pt, ia, size);

	if (!r)
		r = update_prepare(pt, clear, set, &u);
	if (unlikely(r))
		return r;
	c.keep = u.keep;
	c.set = u.set;
	r = cuts_prepare(g, pt, mc, &c, narrow_change, &cuts);
	if (unlikely(r))
		return r;
	cuts_break(g, pt, &cuts, &gather);
	update_range(g, pt, ia, size, &u, &gather, &changed);
	gather_invalidate(pt, &gather);
	cuts_make(g, pt, &cuts);
	return changed || cuts.count ? 0 : -EALREADY;
}

int pgtable_protect(struct pgtable *pt, ia_t ia, u64 size, u32 clear, u32 set,
		    struct memcache *mc)
{
	return PGT_DISPATCH(pt, protect, ia.v, size, clear, set, mc);
}

/* ---- Age --------------------------------------------------------------- */

always_inline bool any_young(const struct pgtable_geometry *g,
			     const struct pgtable *pt, u64 ia, u64 left)
{
	for (;;) {
		struct place p = place_find(g, pt, ia);
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
	bool changed = false;

	if (range_check(g, pt, ia, size))
		return false;
	if (!clear)
		return any_young(g, pt, ia, size);
	update_range(g, pt, ia, size, &u, &gather, &changed);
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

	if (ia > pt->ia_size - 1)
		return -ENOENT;
	do {
		p = place_find(g, pt, ia);
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
