// SPDX-License-Identifier: BSD-2-Clause
/*
 * Unmapping and destroying.
 *
 * First, blocks that the range cuts are given their replacement: tables, built
 * aside, without the range. That can fail. Then all that lies in the range is
 * broken: a subtree that is covered wholly goes at its top, unread, and a table
 * that this leaves empty goes too. Then one invalidation; then the replacements
 * are linked, and the tables freed.
 */
#include "pgtable/cut.h"

/* Break the entries [i, i + n), all covered; returns how many were live. */
always_inline unsigned int break_run(const struct pgtable_geometry *g,
				     struct pgtable *pt, void *table, int level,
				     unsigned int shift, unsigned int i,
				     unsigned int n, u64 ia,
				     struct gather *gather)
{
	unsigned int live = 0, end = i + n, first = end, last = i;

	for (; i < end; i++, ia += BIT64(shift)) {
		u64 entry = entry_read(g, table, i);

		if (!entry)
			continue;
		entry_break(g, table, i);
		first = min(first, i);
		last = i;
		live++;
		if (entry_is_table(g, entry, level)) {
			gather_add(gather, ia, ia + BIT64(shift) - 1,
				   PGT_LEVEL_ANY);
			gather_table(pt, gather, entry_table(g, pt, entry),
				     level + 1);
		} else {
			gather_add(gather, ia, ia + BIT64(shift) - 1, level);
		}
	}
	if (live)
		entry_sync(g, pt, table, first, last - first + 1);
	return live;
}

/*
 * The table at `level` that translates `ia` is empty: unlink it, and those
 * above that this leaves empty. From the root again, for it is seldom.
 */
always_inline void drop_up(const struct pgtable_geometry *g,
			   struct pgtable *pt, int level, u64 ia,
			   struct gather *gather)
{
	struct place parent = place_root(g, pt, ia), p;
	u64 start;

	/* The lowest table that keeps an entry; the root always does. */
	for (p = parent; p.level < level;) {
		bool keeps = p.level == pt->start_level ||
			     *pt->ops->table_count(pt, p.table) > 2;
		if (keeps)
			parent = p;
		place_down(g, pt, ia, &p);
	}
	start = place_start(&parent, ia);
	entry_break(g, parent.table, parent.index);
	entry_sync(g, pt, parent.table, parent.index, 1);
	count_add(pt, parent.table, parent.level, -1);
	gather_add(gather, start, place_last(&parent, ia), PGT_LEVEL_ANY);
	gather_table(pt, gather, entry_table(g, pt, parent.entry),
		     parent.level + 1);
}

static __attribute__((noinline)) void
drop_empty(struct pgtable *pt, int level, u64 ia, struct gather *gather)
{
	PGT_DISPATCH(pt, drop_up, level, ia, gather);
}

/* `n` entries of the table at `level` went. */
always_inline void drop_entries(const struct pgtable_geometry *g,
				struct pgtable *pt, void *table, int level,
				u64 ia, unsigned int n, struct gather *gather)
{
	u32 *count;

	if (level == pt->start_level)
		return;
	count = pt->ops->table_count(pt, table);
	*count -= n;
	if (unlikely(*count == 1))
		drop_empty(pt, level, ia, gather);
}

/* Break all that lies wholly in the range. */
always_inline void break_range(const struct pgtable_geometry *g,
			       struct pgtable *pt, u64 ia, u64 left,
			       struct gather *gather)
{
	while (left) {
		struct place p = place_root(g, pt, ia);
		unsigned int n;
		u64 span;

		for (;;) {
			span = BIT64(p.shift);
			if (!(ia & (span - 1)) && left >= span)
				break;
			if (!entry_is_table(g, p.entry, p.level))
				goto hole;
			place_down(g, pt, ia, &p);
		}
		n = min(left >> p.shift,
			(u64)table_entries(g, pt, p.level) - p.index);
		span = (u64)n << p.shift;
		n = break_run(g, pt, p.table, p.level, p.shift, p.index, n, ia,
			      gather);
		if (n)
			drop_entries(g, pt, p.table, p.level, ia, n, gather);
		ia += span;
		left -= span;
		continue;
	hole:
		/* Or a cut block, broken already. */
		span = min(left, span - (ia & (span - 1)));
		ia += span;
		left -= span;
	}
}

always_inline int unmap(const struct pgtable_geometry *g, struct pgtable *pt,
			u64 ia, u64 size, struct memcache *mc)
{
	struct gather gather = GATHER_INIT;
	struct change remove = {.first = ia, .last = ia + size - 1};
	struct cuts cuts;
	int r = range_check(g, pt, ia, size);

	if (!r)
		r = cuts_prepare(pt, mc, &remove, NULL, &cuts);
	if (unlikely(r))
		return r;
	cuts_break(pt, &cuts, &gather);
	break_range(g, pt, ia, size, &gather);
	gather_invalidate(pt, &gather);
	cuts_make(pt, &cuts);
	gather_free(pt, &gather);
	return 0;
}

/* Any arguments. Kept apart, so that unmapping a page does not pay for it. */
static __attribute__((noinline)) int unmap_any(struct pgtable *pt, u64 ia,
					       u64 size, struct memcache *mc)
{
	return PGT_DISPATCH(pt, unmap, ia, size, mc);
}

/* One page, in a table that others keep. */
always_inline int unmap_page(const struct pgtable_geometry *g,
			     struct pgtable *pt, int start, u64 ia,
			     u64 size, struct memcache *mc)
{
	size_t i = page_index(g, ia);
	void *table;
	u32 *count;

	if (!page_check(g, pt, ia, size) || !page_table(g, pt, start, ia, &table))
		return unmap_any(pt, ia, size, mc);
	if (!entry_read(g, table, i))
		return 0;
	count = pt->ops->table_count(pt, table);
	if (*count == 2)
		return unmap_any(pt, ia, size, mc);
	*count -= 1;
	entry_break(g, table, i);
	entry_sync(g, pt, table, i, 1);
	pt->ops->tlb_flush_addr(pt, IA(ia), PGT_LAST_LEVEL);
	return 0;
}

static __attribute__((noinline)) int unmap_page_other(struct pgtable *pt,
						      u64 ia, u64 size,
						      struct memcache *mc)
{
	return PGT_DISPATCH(pt, unmap_page, pt->start_level, ia, size, mc);
}

int pgtable_unmap(struct pgtable *pt, ia_t ia, u64 size, struct memcache *mc)
{
	return PGT_DISPATCH_PAGE(pt, unmap_page, unmap_page_other, ia.v, size,
				 mc);
}

/* ---- Destroying -------------------------------------------------------- */

always_inline void destroy(const struct pgtable_geometry *g, struct pgtable *pt)
{
	struct gather gather = GATHER_INIT;
	unsigned int n = table_entries(g, pt, pt->start_level);

	pt->ops->tlb_flush_all(pt);
	for (unsigned int i = 0; i < n; i++) {
		u64 entry = entry_read(g, pt->root, i);

		if (!entry_is_table(g, entry, pt->start_level))
			continue;
		gather_table(pt, &gather, entry_table(g, pt, entry),
			     pt->start_level + 1);
		gather_free(pt, &gather);
	}
	pt->ops->table_free(pt, pt->root, granule(g) * pt->root_tables);
}

void pgtable_destroy(struct pgtable *pt)
{
	if (!pt->root)
		return;
	PGT_DISPATCH(pt, destroy);
	pt->root = NULL;
	pt->root_pa = HPA(0);
	pt->tables = 0;
}
