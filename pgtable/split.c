// SPDX-License-Identifier: BSD-2-Clause
/*
 * Splitting leaves ahead of need, as when a log of dirty pages begins.
 *
 * Each leaf that is too large is given a table of the next level, built aside,
 * and what is still too large in that is split in its turn: a 1 GiB block comes
 * down to pages by one table at a time, so that a memcache of any size gets
 * on with it. Every step leaves a tree that translates as before.
 */
#include "pgtable/pte.h"

/* The leaf at `p` becomes a table of the next level. */
always_inline int split_leaf(const struct pgtable_geometry *g,
			     struct pgtable *pt, const struct place *p, u64 ia,
			     struct memcache *mc)
{
	struct build build = {
		.count = 1,
		.table = {pt->ops->table_alloc(pt, mc, granule(g))},
		.level = {p->level + 1},
	};
	void *table = build.table[0];

	if (unlikely(!table))
		return -ENOMEM;
	fill_from_block(g, table, p->level + 1, p->entry);
	*pt->ops->table_count(pt, table) = BIT32(g->index_bits) + 1;
	pt->ops->table_sync(pt, table, granule(g));
	build_replace(pt, p, &build, pt->live_sizes);
	if (pt->live_sizes) {
		pt->ops->tlb_flush_all(pt);
	} else {
		pt->ops->tlb_flush_addr(pt, IA(place_start(p, ia)), p->level);
		entry_make(g, pt, p->table, p->index,
			   table_entry(g, pt, table));
	}
	build_linked(pt, &build);
	return 0;
}

always_inline bool is_leaf_size(const struct pgtable *pt, u64 size)
{
	for (int level = 0; level <= PGT_LAST_LEVEL; level++)
		if (size && pgtable_leaf_size(pt, level) == size)
			return true;
	return false;
}

always_inline int split(const struct pgtable_geometry *g, struct pgtable *pt,
			u64 *ia, u64 size, u64 most, struct memcache *mc)
{
	int r = range_check(g, pt, *ia, size);
	bool changed = false;

	if (!r && !is_leaf_size(pt, most))
		r = -EINVAL;
	while (!r && size) {
		struct place p = place_find(pt, *ia);
		u64 span = BIT64(p.shift);

		if (entry_valid(g, p.entry) && span > most) {
			r = split_leaf(g, pt, &p, *ia, mc);
			changed |= !r;
			continue;
		}
		/* A table whose leaves are as asked goes unread. */
		if (span <= most)
			span <<= g->index_bits;
		span = min(size, span - (*ia & (span - 1)));
		*ia += span;
		size -= span;
	}
	return r || changed ? r : -EALREADY;
}

int pgtable_split(struct pgtable *pt, ia_t ia, u64 size, u64 most,
		  struct memcache *mc, u64 *done)
{
	u64 at = ia.v;
	int r = PGT_DISPATCH(pt, split, &at, size, most, mc);

	if (done)
		*done = at - ia.v;
	return r;
}
