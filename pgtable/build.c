// SPDX-License-Identifier: BSD-2-Clause
/*
 * Building tables aside, before the tree sees them: all that can fail fails
 * here.
 *
 * A change [first, last] within one entry needs a table below it. There, the
 * entries wholly inside the range change, those outside stay as the block had
 * them, and the one or two that the range cuts need a table again. Each table
 * needed is a job; a job may add jobs for the level below.
 */
#include "pgtable/cut.h"

struct job {
	void *parent; /* the table built earlier that refers to this one */
	unsigned int index;
	int level;
	u64 start; /* of what the table translates */
	u64 entry; /* block that it replaces, or 0 */
};

/* Change entries [i, i + n), all wholly inside; returns live ones gained. */
always_inline int change_entries(const struct pgtable_geometry *g, void *table,
				 int level, unsigned int i, unsigned int n,
				 u64 offset, const struct change *c)
{
	u64 step = BIT64(level_shift(g, level));
	int gained = 0;

	if (c->map) {
		u64 leaf = leaf_at(g, level, c->pa + offset, c->set);

		gained = entry_valid(g, entry_read(g, table, i)) ? 0 : n;
		for (; n; n--, i++, leaf += step)
			entry_write(g, table, i, leaf);
		return gained;
	}
	for (; n; n--, i++) {
		u64 old = entry_read(g, table, i);
		u64 new = old ? (old & c->keep) | c->set : 0;

		gained += entry_valid(g, new) - entry_valid(g, old);
		entry_write(g, table, i, new);
	}
	return gained;
}

always_inline void add_job(const struct pgtable_geometry *g, struct job *jobs,
			   unsigned int *count, const struct job *parent,
			   void *table, unsigned int index)
{
	jobs[(*count)++] = (struct job){
		.parent = table,
		.index = index,
		.level = parent->level + 1,
		.start = parent->start +
			 ((u64)index << level_shift(g, parent->level)),
		.entry = entry_read(g, table, index),
	};
}

/* Build one table; the entries that need tables of their own become jobs. */
always_inline void build_one(const struct pgtable_geometry *g,
			     struct pgtable *pt, const struct job *job,
			     void *table, const struct change *c,
			     struct job *jobs, unsigned int *count)
{
	unsigned int shift = level_shift(g, job->level);
	u64 last = job->start | (BIT64(shift + g->index_bits) - 1);
	u64 from = max(c->first, job->start), to = min(c->last, last);
	unsigned int i = (from - job->start) >> shift;
	unsigned int end = ((to - job->start) >> shift) + 1;
	unsigned int jobs_before = *count, n;
	u64 span = BIT64(shift) - 1;
	int live = 0;

	if (job->entry) {
		fill_from_block(g, table, job->level, job->entry);
		live = BIT32(g->index_bits);
	}
	if (c->map && job->level < c->target) {
		add_job(g, jobs, count, job, table, i);
		i = end;
	}
	if (i < end && (from & span))
		add_job(g, jobs, count, job, table, i++);
	if (i < end && (to & span) != span)
		add_job(g, jobs, count, job, table, --end);
	if (i < end)
		live += change_entries(
			g, table, job->level, i, end - i,
			job->start + ((u64)i << shift) - c->first, c);
	/* Where nothing stood, a table will. */
	for (n = jobs_before; n < *count; n++)
		live += !jobs[n].entry;
	*pt->ops->table_count(pt, table) = live + 1;
}

always_inline int build(const struct pgtable_geometry *g, struct pgtable *pt,
			struct memcache *mc, u64 start, int level, u64 entry,
			const struct change *c, struct build *build)
{
	struct job jobs[BUILD_TABLES];
	unsigned int count = 1;

	*build = (struct build){.count = 0};
	jobs[0] = (struct job){
		.level = level + 1, .start = start, .entry = entry};
	for (unsigned int n = 0; n < count; n++) {
		void *table = pt->ops->table_alloc(pt, mc, granule(g));

		if (unlikely(!table)) {
			build_free(pt, build);
			return -ENOMEM;
		}
		build->level[build->count] = jobs[n].level;
		build->table[build->count++] = table;
		build_one(g, pt, &jobs[n], table, c, jobs, &count);
		if (n)
			entry_write(g, jobs[n].parent, jobs[n].index,
				    table_entry(g, pt, table));
	}
	for (unsigned int n = 0; n < count; n++)
		pt->ops->table_sync(pt, build->table[n], granule(g));
	return 0;
}

int build_tables(struct pgtable *pt, struct memcache *mc, u64 start, int level,
		 u64 entry, const struct change *change, struct build *b)
{
	return PGT_DISPATCH(pt, build, mc, start, level, entry, change, b);
}

/*
 * Into every leaf: one that the change has put there may be shown as dirty when
 * it is not, which costs no more than a look at it.
 */
always_inline void carry(const struct pgtable_geometry *g, struct pgtable *pt,
			 const struct build *build, u64 state)
{
	for (unsigned int n = 0; n < build->count; n++) {
		void *table = build->table[n];
		int level = build->level[n];

		for (size_t i = 0; i < BIT32(g->index_bits); i++) {
			u64 e = entry_read(g, table, i);

			if (entry_valid(g, e) && !entry_is_table(g, e, level))
				entry_write(g, table, i,
					    leaf_carry(g, pt, e, state));
		}
		pt->ops->table_sync(pt, table, granule(g));
	}
}

always_inline void replace(const struct pgtable_geometry *g, struct pgtable *pt,
			   const struct place *p, const struct build *build,
			   bool live)
{
	u64 to = live ? table_entry(g, pt, build->table[0]) : 0, old = p->entry;

	while (!entry_swap(g, p->table, p->index, old, to)) {
		old = entry_read(g, p->table, p->index);
		carry(g, pt, build, old);
	}
	entry_sync(g, pt, p->table, p->index, 1);
}

void build_replace(struct pgtable *pt, const struct place *p,
		   const struct build *build, bool live)
{
	PGT_DISPATCH(pt, replace, p, build, live);
}

void build_linked(struct pgtable *pt, const struct build *build)
{
	tables_add(pt, build->count);
}

void build_free(struct pgtable *pt, struct build *build)
{
	while (build->count) {
		void *table = build->table[--build->count];

		*pt->ops->table_count(pt, table) = 1;
		pt->ops->table_free(pt, table,
				    granule(pt->geometry));
	}
}

/* ---- Blocks that a range cuts -------------------------------------- */

/* Is the leaf at `ia` a block that reaches out of the change's range? */
always_inline bool cuts_block(const struct pgtable_geometry *g,
			      const struct pgtable *pt, u64 ia,
			      const struct change *c, struct place *p)
{
	*p = place_find(pt, ia);
	return entry_valid(g, p->entry) &&
	       (place_start(p, ia) < c->first || place_last(p, ia) > c->last);
}

/* Replace the block at one end, if the range cuts one there. */
always_inline int cut_prepare(const struct pgtable_geometry *g,
			      struct pgtable *pt, struct memcache *mc, u64 ia,
			      const struct change *change,
			      leaf_change_fn leaf_change, struct cuts *cuts)
{
	struct cut *cut = &cuts->cut[cuts->count];
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

always_inline int prepare(const struct pgtable_geometry *g, struct pgtable *pt,
			  struct memcache *mc, const struct change *c,
			  leaf_change_fn leaf_change, struct cuts *cuts)
{
	struct place p;
	int r;

	cuts->count = 0;
	p = place_find(pt, c->first);
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

always_inline void break_all(const struct pgtable_geometry *g,
			     struct pgtable *pt, const struct cuts *cuts,
			     struct gather *gather)
{
	for (unsigned int i = 0; i < cuts->count; i++) {
		const struct place *p = &cuts->cut[i].place;
		u64 start = cuts->cut[i].start;

		build_replace(pt, p, &cuts->cut[i].build, pt->live_sizes);
		gather_add(gather, start, place_last(p, start), p->level);
		gather->all |= pt->live_sizes;
	}
}

always_inline void make_all(const struct pgtable_geometry *g,
			    struct pgtable *pt, struct cuts *cuts)
{
	for (unsigned int i = 0; i < cuts->count; i++) {
		struct place *p = &cuts->cut[i].place;

		if (!pt->live_sizes)
			entry_make(g, pt, p->table, p->index,
				   table_entry(g, pt,
					       cuts->cut[i].build.table[0]));
		build_linked(pt, &cuts->cut[i].build);
	}
}

int cuts_prepare(struct pgtable *pt, struct memcache *mc,
		 const struct change *change, leaf_change_fn leaf_change,
		 struct cuts *cuts)
{
	return PGT_DISPATCH(pt, prepare, mc, change, leaf_change, cuts);
}

void cuts_break(struct pgtable *pt, const struct cuts *cuts,
		struct gather *gather)
{
	if (cuts->count)
		PGT_DISPATCH(pt, break_all, cuts, gather);
}

void cuts_make(struct pgtable *pt, struct cuts *cuts)
{
	if (cuts->count)
		PGT_DISPATCH(pt, make_all, cuts);
}
