// SPDX-License-Identifier: BSD-2-Clause
/*
 * The gather: invalidate once, then free.
 *
 * Unlinked tables are listed through their own first entry, whose place the
 * address of the next one takes. A walker that still holds an unlinked table
 * in a walk cache may read it until the invalidation: an address alone is an
 * invalid entry. Level and address share the word: a table is aligned to its
 * size, and the lowest bits, which make an entry valid, stay clear.
 */
#include "pgtable/pte.h"

void gather_add(struct gather *gather, u64 first, u64 last, int level)
{
	if (gather->first > gather->last)
		gather->level = level;
	else if (gather->level != level)
		gather->level = PGT_LEVEL_ANY;
	gather->first = min(gather->first, first);
	gather->last = max(gather->last, last);
}

#define DEAD_LEVEL_SHIFT 2
#define DEAD_LEVEL_MASK  (7ULL << DEAD_LEVEL_SHIFT)

/* Level + 2 keeps the word of a table at address 0 apart from "none". */
always_inline u64 dead_word(struct pgtable *pt, const void *table, int level)
{
	return pt->ops->to_phys(pt, table).v | (u64)(level + 2)
						       << DEAD_LEVEL_SHIFT;
}

/*
 * The subtree is not walked: what it holds is found when it is freed. Only
 * what the first entry names must go on the list at once, and it goes before
 * its table; so the loop pushes the leftmost path of the subtree.
 */
always_inline void push(const struct pgtable_geometry *g, struct pgtable *pt,
			struct gather *gather, void *table, int level)
{
	for (;;) {
		u64 entry = entry_read(g, table, 0);
		u64 word = dead_word(pt, table, level);
		u32 *count = pt->ops->table_count(pt, table);

		if (level == PGT_LAST_LEVEL) {
			*count = 1;
		} else if (entry_valid(g, entry)) {
			*count -= 1;
		}
		entry_write(g, table, 0, gather->dead);
		gather->dead = word;
		if (!entry_is_table(g, entry, level))
			return;
		table = entry_table(g, pt, entry);
		level++;
	}
}

void gather_table(struct pgtable *pt, struct gather *gather, void *table,
		  int level)
{
	PGT_DISPATCH(pt, push, gather, table, level);
}

/* List the children of a table. */
always_inline void push_children(const struct pgtable_geometry *g,
				 struct pgtable *pt, struct gather *gather,
				 void *table, int level, u32 live)
{
	/* The first entry has been dealt with when the table was listed. */
	for (unsigned int i = 1; live; i++) {
		u64 entry = entry_read(g, table, i);

		if (!entry_valid(g, entry))
			continue;
		live--;
		if (entry_is_table(g, entry, level))
			push(g, pt, gather, entry_table(g, pt, entry),
			     level + 1);
	}
}

always_inline void free_dead(const struct pgtable_geometry *g,
			     struct pgtable *pt, struct gather *gather)
{
	while (gather->dead) {
		u64 word = gather->dead;
		int level = (int)(FIELD_GET(DEAD_LEVEL_MASK, word)) - 2;
		void *table =
			pt->ops->to_virt(pt, HPA(word & ~(granule(g) - 1)));
		u32 *count = pt->ops->table_count(pt, table);

		gather->dead = entry_read(g, table, 0);
		push_children(g, pt, gather, table, level, *count - 1);
		*count = 1;
		tables_add(pt, -1);
		pt->ops->table_free(pt, table, granule(g));
	}
}

void gather_free(struct pgtable *pt, struct gather *gather)
{
	if (gather->dead)
		PGT_DISPATCH(pt, free_dead, gather);
}

void gather_invalidate(struct pgtable *pt, struct gather *gather)
{
	u64 size = gather->last - gather->first + 1;

	if (gather->first > gather->last)
		return;
	if (size == pt->ia_size || gather->all)
		pt->ops->tlb_flush_all(pt);
	else if (gather->level != PGT_LEVEL_ANY &&
		 size == pgtable_leaf_size(pt, gather->level))
		pt->ops->tlb_flush_addr(pt, IA(gather->first), gather->level);
	else
		pt->ops->tlb_flush_range(pt, IA(gather->first), size,
					 gather->level);
}
