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
#include "pgtable/pte.h"

struct job {
	void *parent; /* the table built earlier that refers to this one */
	unsigned int index;
	int level;
	u64 start; /* of what the table translates */
	u64 entry; /* block that it replaces, or 0 */
};

/* Fill the table with what a block at the level above translates. */
always_inline void fill_from_block(const struct pgtable_geometry *g,
				   void *table, int level, u64 block)
{
	u64 leaf = (block & ~g->type_mask) | leaf_type(g, level);
	u64 step = BIT64(level_shift(g, level));

	for (unsigned int i = 0; i < BIT32(g->index_bits); i++, leaf += step)
		entry_write(g, table, i, leaf);
}

/* Change entries [i, i + n), all wholly inside; returns live ones gained. */
always_inline int change_entries(const struct pgtable_geometry *g, void *table,
				 int level, unsigned int i, unsigned int n,
				 u64 offset, const struct change *c)
{
	u64 step = BIT64(level_shift(g, level));
	int gained = 0;

	if (c->map) {
		u64 leaf = c->set | leaf_type(g, level) | (c->pa + offset);

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
			     struct job *jobs, unsigned int *count,
			     struct build *build)
{
	unsigned int shift = level_shift(g, job->level);
	u64 last = job->start | (BIT64(shift + g->index_bits) - 1);
	u64 from = max(c->first, job->start), to = min(c->last, last);
	unsigned int i = (from - job->start) >> shift;
	unsigned int end = ((to - job->start) >> shift) + 1;
	unsigned int jobs_before = *count;
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
	build->leaves[job->level] += live;
	for (unsigned int n = jobs_before; n < *count; n++) {
		/* Where a leaf stood, a table will. */
		if (jobs[n].entry)
			build->leaves[job->level]--;
		else
			live++;
	}
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
		build->table[build->count++] = table;
		build_one(g, pt, &jobs[n], table, c, jobs, &count, build);
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

void build_linked(struct pgtable *pt, const struct build *build)
{
	counter_add(&pt->tables, build->count);
	for (int level = 0; level <= PGT_LAST_LEVEL; level++)
		if (build->leaves[level])
			counter_add(&pt->leaves[level], build->leaves[level]);
}

void build_free(struct pgtable *pt, struct build *build)
{
	while (build->count) {
		void *table = build->table[--build->count];

		*pt->ops->table_count(pt, table) = 1;
		pt->ops->table_free(pt, table,
				    BIT64(pt->format->granule_shift));
	}
}
