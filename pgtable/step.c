// SPDX-License-Identifier: BSD-2-Clause
/*
 * How far an operation gets with a number of tables.
 *
 * The walk enters the tables of the range in order, as an operation would, and
 * counts them: those on the way down, those of pages, which go unread, and those
 * that a block cut at either end is going to be split into. It ends before the
 * table that would be one too many, unless nothing would be left to do.
 */
#include "pgtable/pte.h"

struct step {
	/* The table at each level on the way to `pos`, and where in it. */
	struct at {
		void *table;
		size_t index, end;
		u32 live; /* valid entries from index on, if known */
	} at[PGT_LAST_LEVEL + 2];
	int level;
	u64 first, last; /* the range */
	u64 pos, left; /* what is not done yet of it */
	unsigned int count, most;
};

#define LIVE_UNKNOWN (~0U)

always_inline struct at *at_level(struct step *s)
{
	/* Formats of 52 bits start at level -1. */
	return &s->at[s->level + 1];
}

/* Enter a table, at the entry that translates s->pos. */
always_inline void enter(const struct pgtable_geometry *g,
			 const struct pgtable *pt, struct step *s, void *table,
			 int level)
{
	struct pgtable *p = (struct pgtable *)pt;
	struct at at = {
		.table = table,
		.index = s->pos >> level_shift(g, level),
		.end = table_entries(g, pt, level),
		.live = LIVE_UNKNOWN,
	};

	if (level != pt->start_level) {
		at.index &= BIT32(g->index_bits) - 1;
		if (!at.index)
			at.live = READ_ONCE(*p->ops->table_count(p, table)) - 1;
	}
	s->level = level;
	*at_level(s) = at;
}

/* The tables that an entry at s->pos costs, but for those below a table. */
always_inline unsigned int cost(const struct pgtable_geometry *g,
				const struct pgtable *pt, struct step *s,
				u64 entry)
{
	u64 size = BIT64(level_shift(g, s->level)), start = s->pos & -size;
	unsigned int cuts, next;

	/* The next table of a concatenated root? */
	next = s->level == pt->start_level && s->pos != s->first &&
	       !(at_level(s)->index & (BIT32(g->index_bits) - 1));
	if (entry_is_table(g, entry, s->level))
		return next + 1;
	if (!entry_valid(g, entry))
		return next;
	/* A block is split where the range cuts it. */
	cuts = (start < s->first) + (start + size - 1 > s->last);
	return next + cuts * (PGT_LAST_LEVEL - s->level);
}

/* To the end of the entry of the current level; false: of the range. */
always_inline bool skip_entry(const struct pgtable_geometry *g, struct step *s)
{
	u64 size = BIT64(level_shift(g, s->level));
	u64 n = min(size - (s->pos & (size - 1)), s->left);

	s->pos += n;
	s->left -= n;
	at_level(s)->index++;
	return s->left;
}

/* The same, and out of tables that have nothing more. */
always_inline bool advance(const struct pgtable_geometry *g, struct step *s)
{
	const struct at *at = at_level(s);

	if (!skip_entry(g, s))
		return false;
	while (at->index == at->end || !at->live) {
		u64 size;

		s->level--;
		at = at_level(s);
		size = BIT64(level_shift(g, s->level));
		if (s->pos & (size - 1)) {
			if (!skip_entry(g, s))
				return false;
		} else {
			at_level(s)->index++;
		}
	}
	return true;
}

always_inline u64 step(const struct pgtable_geometry *g,
		       const struct pgtable *pt, u64 ia, u64 size,
		       unsigned int most)
{
	struct step s = {
		.first = ia,
		.last = ia + size - 1,
		.pos = ia,
		.left = size,
		.count = 1,
		.most = most,
	};

	if (range_check(g, pt, ia, size))
		return 0;
	enter(g, pt, &s, pt->root, pt->start_level);
	for (;;) {
		struct at *at = at_level(&s);
		u64 entry = entry_read(g, at->table, at->index);
		unsigned int n = cost(g, pt, &s, entry);

		if (n && s.pos != ia && s.count + n > most)
			return s.pos - ia;
		s.count += n;
		if (at->live != LIVE_UNKNOWN && entry_valid(g, entry))
			at->live--;
		if (entry_is_table(g, entry, s.level) &&
		    s.level + 1 < PGT_LAST_LEVEL)
			enter(g, pt, &s, entry_table(g, pt, entry),
			      s.level + 1);
		else if (!advance(g, &s))
			return size;
	}
}

u64 pgtable_step(const struct pgtable *pt, ia_t ia, u64 size,
		 unsigned int tables)
{
	return PGT_DISPATCH(pt, step, ia.v, size, tables);
}
