/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a live entry changes, and what follows. Private to pgtable/.
 *
 * A live entry is replaced by being broken first, with entry_break() or, where
 * the hardware or other CPUs may change it meanwhile, by an exchange for an
 * invalid entry that keeps what the new one follows from (entry_break_shared(),
 * build_replace(), and for runs map.c); then gather_invalidate() or a flush of
 * the one address; then it is made, with entry_make() or a run at a time. Where
 * only permissions, access flag or software bits change, entry_adjust() writes
 * them in place: DDI 0487 (D8.16.1, RWHZWS) wants break-before-make for a change
 * of output address, size, memory type or shareability, and an invalidation
 * alone for permissions.
 *
 * With PGT_FEAT_BBM2 a block and a table that translate alike may take each
 * other's place live (`live_sizes`). Then TLBs may hold an address in both sizes,
 * of which an invalidation by address or range need remove neither (D8.17.3,
 * RGRVDR, RBLRKC): tlb_flush_all() it is. That is worth it: what it spares is
 * that another CPU faults on the gap, waits for the caller's lock, and finds
 * nothing to do; what it costs is little, since on stage 2 the invalidation of
 * one address ends with all of stage 1, which takes every combined entry of the
 * VM too. Not where the hardware writes to tables: without break-before-make it
 * may set a dirty bit in the entry that goes, or nowhere (D8.17.1, RRTBRL).
 *
 * A permission that is granted is invalidated as one that is taken away: a
 * stale entry would do no harm but fault, yet its fault would find everything
 * as it should be, again and again (bugs.md 11). An entry whose access flag is
 * clear is never in a TLB (RXCLRD), so setting the flag needs nothing.
 *
 * With PGT_FEAT_HAFDBS the MMU, too, changes a live entry at any moment: it sets
 * the access flag, and `dirty` where `dbm` is set, by an atomic read-modify-write
 * that leaves an entry alone that is not as it was walked (D8.5).
 * Between a load and a plain store such a change would be lost, and with it
 * either a write to the page or, if the flag came with a TLB fill, the
 * invalidation. So what stays live is changed by exchange, and what follows is
 * decided from what the exchange found. A plain store of 0 serves where the
 * mapping goes for good, and with it its state: in unmap, which invalidates
 * whatever the access flag says.
 */
#ifndef PGTABLE_PTE_H
#define PGTABLE_PTE_H

#include "pgtable/walk.h"

/* ---- The gather -------------------------------------------------------- */

/* What one call has to invalidate, and the tables to free after that. */
struct gather {
	u64 first, last; /* of what was live; nothing while first > last */
	u64 dead; /* head of the list of unlinked tables */
	int level; /* of the leaves, or PGT_LEVEL_ANY */
	bool all; /* sizes changed live: the whole tree's, if anything's */
};

#define GATHER_INIT                                                            \
	{                                                                      \
		.first = ~0ULL                                                 \
	}

/* [first, last] was translated by leaves at `level`, or PGT_LEVEL_ANY. */
void gather_add(struct gather *gather, u64 first, u64 last, int level);
/* Put an unlinked table's subtree on the list of those to free. */
void gather_table(struct pgtable *pt, struct gather *gather, void *table,
		  int level);
/* One invalidation for all that was gathered; then the tables may go. */
void gather_invalidate(struct pgtable *pt, struct gather *gather);
void gather_free(struct pgtable *pt, struct gather *gather);

/* ---- Entries ----------------------------------------------------------- */

always_inline void entry_sync(const struct pgtable_geometry *g,
			      struct pgtable *pt, void *table,
			      size_t index, unsigned int n)
{
	pt->ops->table_sync(pt, entry_at(g, table, index),
			    (size_t)n << g->entry_shift);
}

/*
 * First half of a change, or a removal: no walker finds the entry any more.
 * The caller syncs and invalidates. [exclusive]
 */
always_inline void entry_break(const struct pgtable_geometry *g, void *table,
			       unsigned int index)
{
	entry_write(g, table, index, 0);
}

/*
 * The same under shared operations: one CPU breaks, the others find the entry
 * locked. False: somebody else was first. [shared]
 */
always_inline bool entry_break_shared(const struct pgtable_geometry *g,
				      struct pgtable *pt, void *table,
				      unsigned int index, u64 old)
{
	if (!entry_swap(g, table, index, old, g->locked))
		return false;
	entry_sync(g, pt, table, index, 1);
	return true;
}

/* Second half, or a new mapping: the entry is invalid and the caller's. */
always_inline void entry_make(const struct pgtable_geometry *g,
			      struct pgtable *pt, void *table,
			      unsigned int index, u64 entry)
{
	entry_publish(g, table, index, entry);
	entry_sync(g, pt, table, index, 1);
}

/*
 * Live entry `index` was read as `old` and becomes `new`, in place: false if the
 * hardware was faster, so that it has to be read again. [exclusive]
 */
always_inline bool entry_adjust(const struct pgtable_geometry *g, void *table,
				size_t index, u64 old, u64 new, bool hw_updates)
{
	if (hw_updates)
		return entry_swap(g, table, index, old, new);
	entry_write(g, table, index, new);
	return true;
}

/* Age and dirty state of `from`, added to those of a leaf. */
always_inline u64 leaf_carry(const struct pgtable_geometry *g,
			     const struct pgtable *pt, u64 leaf, u64 from)
{
	leaf |= from & g->young;
	return leaf & pt->dbm ? leaf | (from & pt->dirty) : leaf;
}

/* May `old` become `new` in place? */
always_inline bool entry_adjustable(const struct pgtable *pt, u64 old, u64 new)
{
	return !((old ^ new) & ~pt->format->live_bits);
}

/* Could a TLB hold what entry_adjust() takes away or must show? */
always_inline bool adjust_flushes(const struct pgtable_geometry *g,
				  const struct pgtable *pt, u64 old, u64 new)
{
	return (old & g->young) && ((old ^ new) & (pt->format->prot_bits |
						   (old & ~new & g->young)));
}

/* ---- Counts ------------------------------------------------------------ */

/*
 * A table's count is its live entries + 1. The root's stays 1: it is never
 * freed for being empty, and its several tables have one count between them.
 */
always_inline void count_add(struct pgtable *pt, void *table, int level, int n)
{
	if (n && level != pt->start_level)
		*pt->ops->table_count(pt, table) += n;
}

always_inline void count_add_shared(struct pgtable *pt, void *table, int level,
				    int n)
{
	if (n && level != pt->start_level)
		__atomic_fetch_add(pt->ops->table_count(pt, table), n,
				   __ATOMIC_RELAXED);
}

/* ---- Building tables aside --------------------------------------------- */

/* Fill the table with what a block at the level above translates. */
always_inline void fill_from_block(const struct pgtable_geometry *g,
				   void *table, int level, u64 block)
{
	u64 leaf = (block & ~g->type_mask) | leaf_type(g, level);
	u64 step = BIT64(level_shift(g, level));

	/* By fours: their number is a power of two. */
	for (size_t i = 0; i < BIT32(g->index_bits); i += 4, leaf += 4 * step) {
		entry_write(g, table, i, leaf);
		entry_write(g, table, i + 1, leaf + step);
		entry_write(g, table, i + 2, leaf + 2 * step);
		entry_write(g, table, i + 3, leaf + 3 * step);
	}
}

/* What becomes of [first, last] in an entry's range. */
struct change {
	u64 first, last;
	/*
	 * Map: `set` is a leaf without type and address, and `pa` what `first`
	 * is mapped to, in leaves at level `target`. Else each leaf becomes
	 * (leaf & keep) | set: 0 and 0 removes it.
	 */
	bool map;
	int target;
	u64 pa;
	u64 keep, set;
};

/* A range cuts into a block at both ends at most, at each level. */
#define BUILD_TABLES 8

struct build {
	void *table[BUILD_TABLES]; /* the first is the one to link */
	s8 level[BUILD_TABLES];
	unsigned int count;
};

/*
 * Build, aside, the tables that translate as `entry` (a block, or 0) at
 * `level` does, whose range starts at `start`, but for `change`. Complete and
 * in sync: to be linked with one store. -ENOMEM: nothing is left.
 */
int build_tables(struct pgtable *pt, struct memcache *mc, u64 start, int level,
		 u64 entry, const struct change *change, struct build *build);
/*
 * The leaf at `p`, from which they are built, goes; the caller invalidates its
 * range, and then links them. `live`: they take its place at once, which they
 * may with `live_sizes` where no output address changes; the caller invalidates
 * the whole tree. What the hardware has made of the leaf meanwhile is theirs too.
 * [exclusive]
 */
void build_replace(struct pgtable *pt, const struct place *p,
		   const struct build *build, bool live);
/* They are linked: count them. */
void build_linked(struct pgtable *pt, const struct build *build);
/* They were not needed. */
void build_free(struct pgtable *pt, struct build *build);

/* Seldom: whatever is done for each leaf touches no word that CPUs share. */
static inline void tables_add(struct pgtable *pt, int n)
{
	__atomic_fetch_add(&pt->tables, n, __ATOMIC_RELAXED);
}

#endif
