// SPDX-License-Identifier: BSD-2-Clause
/* Looking: one address, or every leaf of a range. */
#include "pgtable/walk.h"

always_inline struct place find(const struct pgtable_geometry *g,
				const struct pgtable *pt, u64 ia)
{
	struct place p = place_root(g, pt, ia);

	while (entry_is_table(g, p.entry, p.level))
		place_down(g, pt, ia, &p);
	return p;
}

struct place place_find(const struct pgtable *pt, u64 ia)
{
	return PGT_DISPATCH(pt, find, ia);
}

/* Leaf or hole. */
always_inline int describe(const struct pgtable_geometry *g,
			   const struct pgtable *pt, const struct place *p,
			   u64 ia, struct pgtable_leaf *leaf)
{
	leaf->ia = IA(place_start(p, ia));
	leaf->size = BIT64(p->shift);
	leaf->level = p->level;
	if (unlikely(!entry_valid(g, p->entry))) {
		leaf->pa = HPA(0);
		leaf->attr = 0;
		return -ENOENT;
	}
	leaf->pa = HPA(entry_pa(g, p->entry));
	return pt->decode(pt, p->entry, leaf);
}

always_inline int lookup_any(const struct pgtable_geometry *g,
			 const struct pgtable *pt, u64 ia,
			 struct pgtable_leaf *leaf)
{
	struct place p;

	if (unlikely(ia > pt->ia_last)) {
		/* All beyond the input-address space is a hole. */
		*leaf = (struct pgtable_leaf){
			.ia = IA(pt->ia_size),
			.size = 0 - pt->ia_size,
			.level = pt->start_level,
		};
		return -ENOENT;
	}
	p = place_find(pt, ia);
	return describe(g, pt, &p, ia, leaf);
}

/* Kept apart, so that looking a page up does not pay for it. */
static __attribute__((noinline)) int find_any(const struct pgtable *pt, u64 ia,
					      struct pgtable_leaf *leaf)
{
	return PGT_DISPATCH(pt, lookup_any, ia, leaf);
}

always_inline int lookup(const struct pgtable_geometry *g,
			 const struct pgtable *pt, int start, u64 ia,
			 struct pgtable_leaf *leaf)
{
	struct place p = {.level = PGT_LAST_LEVEL, .shift = g->granule_shift};

	if (unlikely(ia > pt->ia_last) || !page_table(g, pt, start, ia, &p.table))
		return find_any(pt, ia, leaf);
	p.entry = entry_read(g, p.table, page_index(g, ia));
	return describe(g, pt, &p, ia, leaf);
}

static __attribute__((noinline)) int lookup_other(const struct pgtable *pt,
						  u64 ia,
						  struct pgtable_leaf *leaf)
{
	return PGT_DISPATCH(pt, lookup, pt->start_level, ia, leaf);
}

int pgtable_lookup(const struct pgtable *pt, ia_t ia, struct pgtable_leaf *leaf)
{
	return PGT_DISPATCH_PAGE(pt, lookup, lookup_other, ia.v, leaf);
}

/*
 * From the root for every leaf, so that `fn` may change what it was called
 * for; along the table over holes.
 */
always_inline int visit(const struct pgtable_geometry *g,
			const struct pgtable *pt, u64 ia, u64 left,
			int (*fn)(const struct pgtable_leaf *leaf, void *arg),
			void *arg)
{
	int r = range_check(g, pt, ia, left);

	while (!r) {
		struct place p = place_find(pt, ia);
		unsigned int end = table_entries(g, pt, p.level);
		struct pgtable_leaf leaf;
		u64 span;

		for (;;) {
			span = place_last(&p, ia) - ia + 1;
			if (entry_valid(g, p.entry)) {
				describe(g, pt, &p, ia, &leaf);
				r = fn(&leaf, arg);
				break;
			}
			if (span >= left || p.index + 1 == end)
				break;
			p.entry = entry_read(g, p.table, ++p.index);
			ia += span;
			left -= span;
			if (entry_is_table(g, p.entry, p.level)) {
				span = 0;
				break;
			}
		}
		if (span >= left)
			break;
		ia += span;
		left -= span;
	}
	return r;
}

int pgtable_visit(const struct pgtable *pt, ia_t ia, u64 size,
		  int (*fn)(const struct pgtable_leaf *leaf, void *arg),
		  void *arg)
{
	return PGT_DISPATCH(pt, visit, ia.v, size, fn, arg);
}
