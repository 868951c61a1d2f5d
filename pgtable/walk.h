/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables, indices and entries. Private to pgtable/.
 *
 * Everything here is inlined with a geometry (format.h). A walk goes down from
 * the root once for each table that it works in, then along the table.
 */
#ifndef PGTABLE_WALK_H
#define PGTABLE_WALK_H

#include "lib/errno.h"
#include "pgtable/format.h"

/* log2 of what an entry at `level` translates. */
always_inline unsigned int level_shift(const struct pgtable_geometry *g,
				       int level)
{
	return g->granule_shift + (PGT_LAST_LEVEL - level) * g->index_bits;
}

always_inline u64 granule(const struct pgtable_geometry *g)
{
	return BIT64(g->granule_shift);
}

always_inline unsigned int table_entries(const struct pgtable_geometry *g,
					 const struct pgtable *pt, int level)
{
	unsigned int n = BIT32(g->index_bits);

	return level == pt->start_level ? n * pt->root_tables : n;
}

/* ---- Entries ----------------------------------------------------------- */

always_inline void *entry_at(const struct pgtable_geometry *g, void *table,
			     size_t index)
{
	return (char *)table + ((size_t)index << g->entry_shift);
}

/* Acquire: what the entry's table holds is read after the entry. */
always_inline u64 entry_read(const struct pgtable_geometry *g,
			     const void *table, size_t index)
{
	if (g->entry_shift == 2)
		return __atomic_load_n((const u32 *)table + index,
				       __ATOMIC_ACQUIRE);
	return __atomic_load_n((const u64 *)table + index, __ATOMIC_ACQUIRE);
}

/* One store: a walker sees the old entry or the new one. */
always_inline void entry_write(const struct pgtable_geometry *g, void *table,
			       size_t index, u64 entry)
{
	if (g->entry_shift == 2)
		__atomic_store_n((u32 *)table + index, entry, __ATOMIC_RELAXED);
	else
		__atomic_store_n((u64 *)table + index, entry, __ATOMIC_RELAXED);
}

/* Release: what was written before is there for whoever reads the entry. */
always_inline void entry_publish(const struct pgtable_geometry *g, void *table,
				 size_t index, u64 entry)
{
	if (g->entry_shift == 2)
		__atomic_store_n((u32 *)table + index, entry, __ATOMIC_RELEASE);
	else
		__atomic_store_n((u64 *)table + index, entry, __ATOMIC_RELEASE);
}

/* If the entry is still `from`; acquire and release. */
always_inline bool entry_swap(const struct pgtable_geometry *g, void *table,
			      size_t index, u64 from, u64 to)
{
	u32 from32 = from;

	if (g->entry_shift == 2)
		return __atomic_compare_exchange_n((u32 *)table + index,
						   &from32, to, false,
						   __ATOMIC_ACQ_REL,
						   __ATOMIC_RELAXED);
	return __atomic_compare_exchange_n((u64 *)table + index, &from, to,
					   false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

always_inline bool entry_valid(const struct pgtable_geometry *g, u64 entry)
{
	return entry & g->valid;
}

always_inline bool entry_is_table(const struct pgtable_geometry *g, u64 entry,
				  int level)
{
	return (entry & g->type_mask) == g->table_type &&
	       level < PGT_LAST_LEVEL;
}

/* The output address, from an entry's bits and to them. */
always_inline u64 entry_pa(const struct pgtable_geometry *g, u64 entry)
{
	return (entry & g->pa_mask) | (entry & g->pa_high) << g->pa_high_shift;
}

always_inline u64 entry_of_pa(const struct pgtable_geometry *g, u64 pa)
{
	if (!g->pa_high)
		return pa;
	return (pa & g->pa_mask) | ((pa >> g->pa_high_shift) & g->pa_high);
}

/*
 * How far from `pa` on the bits that an entry has elsewhere than in place stay
 * the same: so far, the entry of the next leaf is this one's plus the size.
 */
always_inline u64 pa_in_place(const struct pgtable_geometry *g, u64 pa)
{
	u64 step = (g->pa_high & -g->pa_high) << g->pa_high_shift;

	return step - (pa & (step - 1));
}

always_inline u64 leaf_type(const struct pgtable_geometry *g, int level)
{
	return level == PGT_LAST_LEVEL ? g->page_type : g->block_type;
}

/* A leaf of `pa` that has the bits `leaf` otherwise. */
always_inline u64 leaf_at(const struct pgtable_geometry *g, int level, u64 pa,
			  u64 leaf)
{
	return leaf + entry_of_pa(g, pa) + leaf_type(g, level);
}

always_inline void *entry_table(const struct pgtable_geometry *g,
				const struct pgtable *pt, u64 entry)
{
	return pt->ops->to_virt((struct pgtable *)pt, HPA(entry_pa(g, entry)));
}

always_inline u64 table_entry(const struct pgtable_geometry *g,
			      struct pgtable *pt, const void *table)
{
	return entry_of_pa(g, pt->ops->to_phys(pt, table).v) | g->table_type;
}

/* The software-defined bits of `attr`, in place. */
always_inline u64 sw_bits(const struct pgtable_geometry *g, u32 attr)
{
	return (u64)((attr & PGT_SW_MASK) / PGT_SW(0)) << g->sw_bit;
}

/* The bits of a leaf that mean `attr`, young; 0: the format has no such. */
always_inline u64 leaf_encode(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u32 attr)
{
	u32 known = PGT_ATTR_INDEX | PGT_SW_MASK | PGT_YOUNG | PGT_DIRTY |
		    PGT_EXCLUSIVE | PGT_CLEAN;
	u64 leaf = pt->leaf_bits[attr & PGT_ATTR_INDEX];

	if (likely(!(attr & ~PGT_ATTR_INDEX)))
		return leaf;
	if (unlikely(attr & ~known) || unlikely(!leaf))
		return 0;
	if ((attr & PGT_CLEAN) && (attr & PGT_W)) {
		if (!pt->dbm)
			return 0;
		leaf &= ~pt->dirty;
	}
	return leaf | sw_bits(g, attr);
}

/* ---- Walking ----------------------------------------------------------- */

/* Where in the tree an address is translated. */
struct place {
	void *table;
	u64 entry;
	unsigned int index;
	unsigned int shift; /* log2 of what the entry translates */
	int level;
};

always_inline struct place place_root(const struct pgtable_geometry *g,
				      const struct pgtable *pt, u64 ia)
{
	struct place p = {
		.table = pt->root,
		.level = pt->start_level,
		.shift = level_shift(g, pt->start_level),
	};

	/* The tables of a concatenated root stand side by side: no mask. */
	p.index = ia >> p.shift;
	p.entry = entry_read(g, p.table, p.index);
	return p;
}

always_inline void place_down(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia, struct place *p)
{
	p->table = entry_table(g, pt, p->entry);
	p->level++;
	p->shift -= g->index_bits;
	p->index = (ia >> p->shift) & (BIT32(g->index_bits) - 1);
	p->entry = entry_read(g, p->table, p->index);
}

/* The leaf or the hole at `ia`. */
struct place place_find(const struct pgtable *pt, u64 ia);

/* ---- A single page ------------------------------------------------------ */

/* The table that *table's entry at `level` refers to takes its place. The index
 * of a root, whose tables may be several, has no mask. */
always_inline bool table_down(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia, int level,
			      bool root, void **table)
{
	u64 index = (ia >> level_shift(g, level)) &
		    (root ? ~0ULL : BIT32(g->index_bits) - 1);
	/* A table's entry is its address and its type, no more. */
	u64 pa = entry_read(g, *table, index) - g->table_type;

	if (unlikely(pa & g->type_mask))
		return false;
	if (g->pa_high)
		pa = entry_pa(g, pa);
	*table = (void *)(uintptr_t)(pa + pt->linear);
	return true;
}

/*
 * The table above the last level that translates `ia`, an address in the
 * input-address space; false if there is none. `start` is the tree's start
 * level.
 */
always_inline bool block_table(const struct pgtable_geometry *g,
			       const struct pgtable *pt, int start, u64 ia,
			       void **table)
{
	int level;

	*table = pt->root;
	for (level = start; level < PGT_LAST_LEVEL - 1; level++)
		if (!table_down(g, pt, ia, level, level == start, table))
			return false;
	return level == PGT_LAST_LEVEL - 1;
}

/*
 * The last-level one; false if there is none, or if it is the root. What most
 * calls work in.
 */
always_inline bool page_table(const struct pgtable_geometry *g,
			      const struct pgtable *pt, int start, u64 ia,
			      void **table)
{
	return block_table(g, pt, start, ia, table) &&
	       table_down(g, pt, ia, 2, start == 2, table);
}

/* The entry's index in it. */
always_inline size_t page_index(const struct pgtable_geometry *g, u64 ia)
{
	return (ia >> g->granule_shift) & (BIT32(g->index_bits) - 1);
}

/* Is [ia, ia + size) one page, in the input-address space? */
always_inline bool page_check(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia, u64 size)
{
	return size == granule(g) && !(ia & (granule(g) - 1)) &&
	       ia <= pt->ia_last;
}

/* ---- Ranges ------------------------------------------------------------- */

/* The first and the last address that the place's entry translates. */
always_inline u64 place_start(const struct place *p, u64 ia)
{
	return ia & ~(BIT64(p->shift) - 1);
}

always_inline u64 place_last(const struct place *p, u64 ia)
{
	return ia | (BIT64(p->shift) - 1);
}

/*
 * Is [ia, ia + size) a range that an operation can work on? Ranges are kept as
 * a start and what is left, or with their last address: an end may be 2^64.
 */
always_inline int range_check(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia, u64 size)
{
	u64 last = ia + size - 1;

	if (((ia | size) & (granule(g) - 1)) || !size)
		return -EINVAL;
	if (last < ia || last > pt->ia_last)
		return -ERANGE;
	return 0;
}

#endif
