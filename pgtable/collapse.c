// SPDX-License-Identifier: BSD-2-Clause
/*
 * Putting leaves together, as when a log of dirty pages has ended: level by
 * level from the last upwards, each table that is one block in pieces becomes
 * that block.
 *
 * While the leaves go, the hardware may still set their state, through an entry
 * that it has walked before: what the block carries over is read when the
 * invalidation is complete, and nobody walks the old table any more.
 */
#include "pgtable/pte.h"

/* The age and dirty state of all leaves of a table. */
always_inline u64 table_state(const struct pgtable_geometry *g,
			      const struct pgtable *pt, const void *table)
{
	u64 all = 0;

	for (size_t i = 0; i < BIT32(g->index_bits); i++)
		all |= entry_read(g, table, i);
	return all & (g->young | pt->dirty);
}

/*
 * The block at `level` that translates as the leaves of `table`, one level
 * below, do, and has their state; or 0.
 */
always_inline u64 block_of(const struct pgtable_geometry *g,
			   struct pgtable *pt, void *table, int level)
{
	u64 step = BIT64(level_shift(g, level + 1));
	u64 first = entry_read(g, table, 0), all = 0;
	/* Without `dbm` it is not state, but the permission to write. */
	u64 state = g->young | (first & pt->dbm ? pt->dirty : 0);
	u64 leaf = first & ~state;

	/* Live entries + 1. */
	if (*pt->ops->table_count(pt, table) != BIT32(g->index_bits) + 1 ||
	    entry_is_table(g, first, level + 1) ||
	    (entry_pa(g, first) & (BIT64(level_shift(g, level)) - 1)))
		return 0;
	for (size_t i = 0; i < BIT32(g->index_bits); i++, leaf += step) {
		u64 entry = entry_read(g, table, i);

		if ((entry & ~state) != leaf)
			return 0;
		all |= entry;
	}
	return (first & ~(state | g->type_mask)) | g->block_type |
	       (all & state);
}

/* The table that `p` refers to gives way to `block`. */
always_inline void collapse_table(const struct pgtable_geometry *g,
				  struct pgtable *pt, const struct place *p,
				  u64 ia, u64 block)
{
	void *table = entry_table(g, pt, p->entry);

	if (pt->live_sizes) {
		entry_make(g, pt, p->table, p->index, block);
		pt->ops->tlb_flush_all(pt);
	} else {
		entry_break(g, p->table, p->index);
		entry_sync(g, pt, p->table, p->index, 1);
		pt->ops->tlb_flush_range(pt, IA(ia), BIT64(p->shift),
					 PGT_LEVEL_ANY);
		if (pt->hw_updates)
			block |= table_state(g, pt, table);
		entry_make(g, pt, p->table, p->index, block);
	}
	tables_add(pt, -1);
	*pt->ops->table_count(pt, table) = 1;
	pt->ops->table_free(pt, table, granule(g));
}

/* All tables below `level` that lie in the range. */
always_inline bool collapse_level(const struct pgtable_geometry *g,
				  struct pgtable *pt, u64 ia, u64 left,
				  int level)
{
	bool changed = false;

	while (left) {
		struct place p = place_root(g, pt, ia);
		u64 span, block;

		while (p.level < level && entry_is_table(g, p.entry, p.level))
			place_down(g, pt, ia, &p);
		span = min(left, place_last(&p, ia) - ia + 1);
		if (p.level == level && span == BIT64(p.shift) &&
		    entry_is_table(g, p.entry, level)) {
			block = block_of(g, pt, entry_table(g, pt, p.entry),
					 level);
			if (block)
				collapse_table(g, pt, &p, ia, block);
			changed |= block != 0;
		}
		ia += span;
		left -= span;
	}
	return changed;
}

always_inline int collapse(const struct pgtable_geometry *g, struct pgtable *pt,
			   u64 ia, u64 size, u64 most)
{
	int r = range_check(g, pt, ia, size);
	bool changed = false;

	if (r)
		return r;
	for (int level = PGT_LAST_LEVEL - 1; level >= 0; level--) {
		u64 block = pgtable_leaf_size(pt, level);

		if (block && block <= most)
			changed |= collapse_level(g, pt, ia, size, level);
	}
	return changed ? 0 : -EALREADY;
}

int pgtable_collapse(struct pgtable *pt, ia_t ia, u64 size, u64 most)
{
	return PGT_DISPATCH(pt, collapse, ia.v, size, most);
}
