/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks that a range cuts: at its start, at its end, or one at both. Private
 * to pgtable/. [exclusive]
 */
#ifndef PGTABLE_CUT_H
#define PGTABLE_CUT_H

#include "pgtable/pte.h"

struct cuts {
	struct {
		struct place place;
		u64 start; /* of the block */
		struct build build;
	} cut[2];
	unsigned int count;
};

/* Narrow or drop what would become of one leaf: false leaves it alone. */
typedef bool (*leaf_change_fn)(const struct pgtable *pt, u64 leaf,
			       struct change *change);

/* Is the leaf at `ia` a block that reaches out of the change's range? */
always_inline bool cuts_block(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia,
			      const struct change *c, struct place *p)
{
	*p = place_find(g, pt, ia);
	return entry_valid(g, p->entry) &&
	       (place_start(p, ia) < c->first || place_last(p, ia) > c->last);
}

/* Replace the block at one end, if the range cuts one there. */
always_inline int cut_prepare(const struct pgtable_geometry *g,
			      struct pgtable *pt, struct memcache *mc, u64 ia,
			      const struct change *change,
			      leaf_change_fn leaf_change, struct cuts *cuts)
{
	__typeof__(&cuts->cut[0]) cut = &cuts->cut[cuts->count];
	struct change c = *change;
	int r;

	if (!cuts_block(g, pt, ia, &c, &cut->place))
		return 0;
	if (leaf_change && !leaf_change(pt, cut->place.entry, &c))
		return 0;
	cut->start = place_start(&cut->place, ia);
	r = build_tables(pt, mc, cut->start, cut->place.level, cut->place.entry,
			 &c, &cut->build);
	if (!r)
		cuts->count++;
	return r;
}

/* Build the replacement of each block cut. -ENOMEM: nothing has changed. */
always_inline int cuts_prepare(const struct pgtable_geometry *g,
			       struct pgtable *pt, struct memcache *mc,
			       const struct change *c,
			       leaf_change_fn leaf_change, struct cuts *cuts)
{
	struct place p;
	int r;

	cuts->count = 0;
	p = place_find(g, pt, c->first);
	/* Pages are not cut: all of a range in one last-level table is well. */
	if (p.level == PGT_LAST_LEVEL &&
	    !((c->first ^ c->last) >> (g->granule_shift + g->index_bits)))
		return 0;
	r = cut_prepare(g, pt, mc, c->first, c, leaf_change, cuts);
	/* One entry reaches from before the start to after the end: done. */
	if (r || place_last(&p, c->first) >= c->last)
		return r;
	r = cut_prepare(g, pt, mc, c->last, c, leaf_change, cuts);
	if (r && cuts->count)
		build_free(pt, &cuts->cut[0].build);
	return r;
}

always_inline void cuts_break(const struct pgtable_geometry *g,
			      struct pgtable *pt, struct cuts *cuts,
			      struct gather *gather)
{
	for (unsigned int i = 0; i < cuts->count; i++) {
		struct place *p = &cuts->cut[i].place;
		u64 start = cuts->cut[i].start;

		entry_break(g, p->table, p->index);
		entry_sync(g, pt, p->table, p->index, 1);
		gather_add(gather, start, place_last(p, start), p->level);
	}
}

/* After the invalidation. The tables' counts have not changed. */
always_inline void cuts_make(const struct pgtable_geometry *g,
			     struct pgtable *pt, struct cuts *cuts)
{
	for (unsigned int i = 0; i < cuts->count; i++) {
		struct place *p = &cuts->cut[i].place;

		entry_make(g, pt, p->table, p->index,
			   table_entry(g, pt, cuts->cut[i].build.table[0]));
		counter_add(&pt->leaves[p->level], -1);
		build_linked(pt, &cuts->cut[i].build);
	}
}

#endif
