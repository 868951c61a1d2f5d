// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mapping.
 *
 * The range is done in runs. A run is as many leaves of one size as lie side by
 * side in one table. If the place where the next leaf belongs has no table yet,
 * or has a block that is too large, the tables missing are built aside with the
 * run in them, and linked with one store. Otherwise the run is written into
 * the table that stands.
 *
 * Both come in two kinds, `shared` a constant: with compare-and-exchange, for
 * operations at the same time on one tree; and with plain stores.
 */
#include "pgtable/pte.h"

struct map {
	u64 ia, left, pa;
	u64 leaf; /* without type and address */
	u64 keep; /* PGT_CLEAN: the bit that a dirty leaf keeps, else 0 */
	struct memcache *mc;
	bool changed;
};

always_inline void map_advance(struct map *m, u64 size)
{
	m->ia += size;
	m->pa += size;
	m->left -= size;
}

/* May the next leaf be one of 2^shift bytes at `level`? */
always_inline bool leaf_fits(const struct pgtable *pt, const struct map *m,
			     int level, unsigned int shift)
{
	if (level == PGT_LAST_LEVEL)
		return true;
	return level >= pt->first_leaf && !pt->no_blocks &&
	       !((m->ia | m->pa) & (BIT64(shift) - 1)) &&
	       m->left >= BIT64(shift);
}

/* Does the block at `p` translate m->ia as asked, if perhaps an old one? */
always_inline bool block_stands(const struct pgtable_geometry *g,
				const struct place *p, const struct map *m)
{
	u64 offset = m->ia & (BIT64(p->shift) - 1);
	u64 asked = leaf_at(g, p->level, m->pa - offset, m->leaf);

	/* A block that is dirty stays so. */
	return (p->entry | g->young) == (asked | (p->entry & m->keep));
}

/* The state that a new leaf has of `old`: see PGT_CLEAN. */
always_inline u64 kept(const struct pgtable_geometry *g, const struct map *m,
		       u64 old, u64 new)
{
	return entry_pa(g, old) == entry_pa(g, new) ? old & m->keep : 0;
}

/* Leave it alone, but for the access flag. */
always_inline int keep_block(const struct pgtable_geometry *g,
			     struct pgtable *pt, const struct place *p,
			     struct map *m)
{
	if (!(p->entry & g->young)) {
		/* Else somebody was faster: look again. */
		if (!entry_swap(g, p->table, p->index, p->entry,
				p->entry | g->young))
			return 0;
		entry_sync(g, pt, p->table, p->index, 1);
		m->changed = true;
	}
	map_advance(m, min(m->left, place_last(p, m->ia) - m->ia + 1));
	return 0;
}

/* ---- Shared ------------------------------------------------------------ */

/* How many leaves are broken at the same time: of each there is a bit. */
#define BROKEN_MOST 64

/* Live leaf `index` becomes `new`, or is broken: see replace_leaves_shared(). -EAGAIN:
 * somebody else is changing it. */
always_inline int replace_leaf_shared(const struct pgtable_geometry *g,
				      struct pgtable *pt, const struct place *p,
				      unsigned int index, u64 new, u64 ia,
				      const struct map *m, struct gather *gather,
				      bool *broken)
{
	u64 old = entry_read(g, p->table, index);
	u64 keep = kept(g, m, old, new), to = new | keep;

	*broken = false;
	if (old == to)
		return -EALREADY;
	if (!entry_valid(g, old) || entry_is_table(g, old, p->level))
		return -EAGAIN;
	*broken = !entry_adjustable(pt, old, to);
	if (!entry_swap(g, p->table, index, old,
			*broken ? g->locked | keep : to))
		return -EAGAIN;
	entry_sync(g, pt, p->table, index, 1);
	if (*broken || adjust_flushes(g, pt, old, to))
		gather_add(gather, ia, ia + BIT64(p->shift) - 1, p->level);
	return 0;
}

/*
 * Leaves from i to at most `end`, where the first is live, become `new` and what
 * follows: all that must go is broken, then one invalidation, then they are made.
 * What is broken is locked, and keeps the dirty bit. Returns how many are as
 * they should be now; 0: somebody else is changing the first.
 */
always_inline unsigned int
replace_leaves_shared(const struct pgtable_geometry *g, struct pgtable *pt,
		      const struct place *p, unsigned int i, unsigned int end,
		      u64 new, struct map *m)
{
	u64 ia = place_start(p, m->ia) + ((u64)(i - p->index) << p->shift);
	u64 size = BIT64(p->shift), all_broken = 0;
	struct gather gather = GATHER_INIT;
	unsigned int n, done;

	end = min(end - i, (unsigned int)BROKEN_MOST);
	for (n = 0; n < end; n++) {
		bool broken;
		int r = replace_leaf_shared(g, pt, p, i + n, new + n * size,
					    ia + n * size, m, &gather, &broken);

		if (r == -EAGAIN)
			break;
		m->changed |= !r;
		all_broken |= broken ? BIT64(n) : 0;
	}
	gather_invalidate(pt, &gather);
	for (done = n; all_broken; all_broken &= all_broken - 1) {
		n = __builtin_ctzll(all_broken);
		entry_make(g, pt, p->table, i + n,
			   (new + n * size) |
				   (entry_read(g, p->table, i + n) & m->keep));
	}
	return done;
}

static __attribute__((noinline, cold)) unsigned int
replace_run_shared(struct pgtable *pt, const struct place *p, unsigned int i,
		   unsigned int end, u64 new, struct map *m)
{
	return PGT_DISPATCH(pt, replace_leaves_shared, p, i, end, new, m);
}

/* Write a run of at most `n` leaves; it ends before a table. */
always_inline int set_run_shared(const struct pgtable_geometry *g,
				 struct pgtable *pt, const struct place *p,
				 unsigned int n, struct map *m)
{
	u64 new = leaf_at(g, p->level, m->pa, m->leaf);
	unsigned int i, end = p->index + n, added = 0;
	int r = 0;

	for (i = p->index; i < end; i += n, new += (u64)n << p->shift) {
		u64 old = entry_read(g, p->table, i);

		n = 1;
		if (likely(!old) &&
		    likely(entry_swap(g, p->table, i, 0, new))) {
			added++;
			continue;
		}
		if (old == new)
			continue;
		if (old && entry_is_table(g, old, p->level) && i != p->index)
			break;
		n = old ? replace_run_shared(pt, p, i, end, new, m) : 0;
		if (!n) {
			r = -EAGAIN;
			break;
		}
	}
	if (added) {
		m->changed = true;
		entry_sync(g, pt, p->table, p->index, i - p->index);
		count_add_shared(pt, p->table, p->level, added);
	}
	map_advance(m, (u64)(i - p->index) << p->shift);
	return r;
}

/* Link what was built in the place of the entry that it was built from. */
always_inline int link_shared(const struct pgtable_geometry *g,
			      struct pgtable *pt, const struct place *p, u64 ia,
			      struct build *build)
{
	u64 table = table_entry(g, pt, build->table[0]);

	if (!p->entry) {
		if (!entry_swap(g, p->table, p->index, 0, table))
			goto lost;
		entry_sync(g, pt, p->table, p->index, 1);
		count_add_shared(pt, p->table, p->level, 1);
	} else {
		if (!entry_break_shared(g, pt, p->table, p->index, p->entry))
			goto lost;
		pt->ops->tlb_flush_addr(pt, IA(place_start(p, ia)), p->level);
		entry_make(g, pt, p->table, p->index, table);
	}
	build_linked(pt, build);
	return 0;
lost:
	build_free(pt, build);
	return -EAGAIN;
}

/* ---- Exclusive --------------------------------------------------------- */

/* Live leaf `n` becomes `new`, or is broken; an invalid entry keeps its state. */
always_inline void replace_leaf(const struct pgtable_geometry *g,
				   struct pgtable *pt, const struct place *p,
				   unsigned int n, u64 new, u64 ia,
				   struct map *m, struct gather *gather)
{
	bool adjust;
	u64 old, to;

	do {
		old = entry_read(g, p->table, n);
		to = new | kept(g, m, old, new);
		if (old == to)
			return;
		adjust = entry_adjustable(pt, old, to);
	} while (!entry_swap(g, p->table, n, old,
			     adjust ? to : kept(g, m, old, new)));
	m->changed = true;
	if (!adjust || adjust_flushes(g, pt, old, to))
		gather_add(gather, ia, ia + BIT64(p->shift) - 1, p->level);
}

static bool table_dirty(const struct pgtable *pt, const void *table, int level,
			u64 pa);

always_inline bool any_dirty(const struct pgtable_geometry *g,
			     const struct pgtable *pt, const void *table,
			     int level, u64 pa)
{
	for (size_t i = 0; i < BIT32(g->index_bits); i++) {
		u64 e = entry_read(g, table, i);

		if (entry_is_table(g, e, level)) {
			if (table_dirty(pt, entry_table(g, pt, e), level + 1,
					pa))
				return true;
		} else if (entry_valid(g, e) && (e & pt->dirty) &&
			   entry_pa(g, e) == pa) {
			return true;
		}
		pa += BIT64(level_shift(g, level));
	}
	return false;
}

/* Is any leaf dirty that maps as a block to `pa` would? */
static __attribute__((cold)) bool table_dirty(const struct pgtable *pt,
					      const void *table, int level,
					      u64 pa)
{
	return PGT_DISPATCH(pt, any_dirty, table, level, pa);
}

/*
 * A run in which something stands already: break all that must go, invalidate
 * once, make. Returns the live entries added. An entry that is broken keeps,
 * invalid, what the new one follows from: the dirty bit of a leaf; or, locked,
 * the address of a table, whose leaves may still change until the invalidation.
 */
always_inline int replace_entries(const struct pgtable_geometry *g,
				  struct pgtable *pt, const struct place *p,
				  unsigned int i, unsigned int end, u64 new,
				  u64 ia, struct map *m)
{
	struct gather gather = GATHER_INIT;
	u64 size = BIT64(p->shift), first_new = new;
	int added = 0;

	for (unsigned int n = i; n < end; n++, new += size, ia += size) {
		u64 old = entry_read(g, p->table, n);

		if (!old) {
			m->changed = true;
			added++;
		} else if (entry_is_table(g, old, p->level)) {
			m->changed = true;
			entry_write(g, p->table, n,
				    (old & ~g->type_mask) | g->locked);
			gather_add(&gather, ia, ia + size - 1, PGT_LEVEL_ANY);
		} else {
			replace_leaf(g, pt, p, n, new, ia, m, &gather);
		}
	}
	entry_sync(g, pt, p->table, i, end - i);
	gather_invalidate(pt, &gather);
	for (unsigned int n = i; n < end; n++, first_new += size) {
		u64 old = entry_read(g, p->table, n), keep = old & m->keep;

		if (entry_valid(g, old))
			continue;
		if (old & g->locked) {
			void *table = entry_table(g, pt, old);

			keep = m->keep && table_dirty(pt, table, p->level + 1,
						      entry_pa(g, first_new))
				       ? m->keep
				       : 0;
			gather_table(pt, &gather, table, p->level + 1);
		}
		entry_write(g, p->table, n, first_new | keep);
	}
	entry_sync(g, pt, p->table, i, end - i);
	gather_free(pt, &gather);
	return added;
}

static __attribute__((noinline, cold)) int
replace_run(struct pgtable *pt, const struct place *p, unsigned int i,
	    unsigned int end, u64 new, u64 ia, struct map *m)
{
	return PGT_DISPATCH(pt, replace_entries, p, i, end, new, ia, m);
}

always_inline int set_run(const struct pgtable_geometry *g, struct pgtable *pt,
			  const struct place *p, unsigned int n, struct map *m)
{
	u64 new = leaf_at(g, p->level, m->pa, m->leaf), ia = m->ia;
	unsigned int i = p->index, end = i + n, first = end;
	int added = 0;

	for (; i < end; i++, new += BIT64(p->shift)) {
		u64 old = entry_read(g, p->table, i);

		if (old == new)
			continue;
		if (old)
			break;
		entry_write(g, p->table, i, new);
		first = min(first, i);
		added++;
	}
	if (added) {
		entry_sync(g, pt, p->table, first, i - first);
		m->changed = true;
	}
	if (i < end)
		added += replace_run(pt, p, i, end, new,
				     ia + ((u64)(i - p->index) << p->shift), m);
	count_add(pt, p->table, p->level, added);
	map_advance(m, (u64)n << p->shift);
	return 0;
}

always_inline void link_built(const struct pgtable_geometry *g,
			      struct pgtable *pt, const struct place *p, u64 ia,
			      const struct build *build)
{
	if (p->entry) {
		build_replace(pt, p, build, false);
		pt->ops->tlb_flush_addr(pt, IA(place_start(p, ia)), p->level);
	} else {
		count_add(pt, p->table, p->level, 1);
	}
	entry_make(g, pt, p->table, p->index,
		   table_entry(g, pt, build->table[0]));
	build_linked(pt, build);
}

/*
 * One block in the place of a table of pages, which goes unread: what follows
 * when a log of dirty pages ends. False: it is something else.
 */
always_inline bool collapse(const struct pgtable_geometry *g,
			    struct pgtable *pt, struct map *m)
{
	const int level = PGT_LAST_LEVEL - 1;
	struct place p = {.level = level, .shift = level_shift(g, level)};
	void *pages;

	if (m->left != BIT64(p.shift) || !leaf_fits(pt, m, level, p.shift) ||
	    !block_table(g, pt, pt->start_level, m->ia, &p.table))
		return false;
	p.index = (m->ia >> p.shift) & (table_entries(g, pt, level) - 1);
	p.entry = entry_read(g, p.table, p.index);
	if (!entry_is_table(g, p.entry, level))
		return false;
	pages = entry_table(g, pt, p.entry);
	entry_break(g, p.table, p.index);
	entry_sync(g, pt, p.table, p.index, 1);
	pt->ops->tlb_flush_range(pt, IA(m->ia), m->left, PGT_LEVEL_ANY);
	if (m->keep && table_dirty(pt, pages, PGT_LAST_LEVEL, m->pa))
		m->leaf |= m->keep;
	entry_make(g, pt, p.table, p.index,
		   leaf_at(g, level, m->pa, m->leaf));
	tables_add(pt, -1);
	*pt->ops->table_count(pt, pages) = 1;
	pt->ops->table_free(pt, pages, granule(g));
	map_advance(m, m->left);
	return true;
}

/* ---- Both -------------------------------------------------------------- */

/* kept() of the piece of a block that the next run takes the place of. */
always_inline u64 kept_of_block(const struct pgtable_geometry *g,
				const struct place *p, const struct map *m)
{
	u64 offset = m->ia & (BIT64(p->shift) - 1);

	return entry_pa(g, p->entry) + offset == m->pa ? p->entry & m->keep : 0;
}

/* Below `p`, which holds a hole or a block: tables, with the next run. */
always_inline int grow(const struct pgtable_geometry *g, struct pgtable *pt,
		       const struct place *p, struct map *m, bool shared)
{
	unsigned int shift = p->shift - g->index_bits;
	struct change c = {.map = true, .target = p->level + 1};
	struct build build;
	u64 part, span;
	int r;

	while (!leaf_fits(pt, m, c.target, shift)) {
		c.target++;
		shift -= g->index_bits;
	}
	span = BIT64(shift + g->index_bits);
	part = min(m->left, span - (m->ia & (span - 1))) & ~(BIT64(shift) - 1);
	c.first = m->ia;
	c.last = m->ia + part - 1;
	c.pa = m->pa;
	c.set = m->leaf;
	if (p->entry)
		c.set |= kept_of_block(g, p, m);
	r = build_tables(pt, m->mc, place_start(p, m->ia), p->level, p->entry,
			 &c, &build);
	if (r)
		return r;
	if (shared)
		r = link_shared(g, pt, p, m->ia, &build);
	else
		link_built(g, pt, p, m->ia, &build);
	if (r)
		return r;
	m->changed = true;
	map_advance(m, part);
	return 0;
}

/* One step of the way: returns with m advanced by at least a leaf, or fails. */
always_inline int map_step(const struct pgtable_geometry *g, struct pgtable *pt,
			   struct map *m, bool shared)
{
	struct place p = place_root(g, pt, m->ia);
	unsigned int n;

	/* In shared mode a table stays, and its range gets smaller leaves. */
	while (entry_is_table(g, p.entry, p.level)) {
		if (!shared && leaf_fits(pt, m, p.level, p.shift))
			break;
		place_down(g, pt, m->ia, &p);
	}
	if (leaf_fits(pt, m, p.level, p.shift)) {
		n = min(m->left >> p.shift,
			(u64)table_entries(g, pt, p.level) - p.index);
		return shared ? set_run_shared(g, pt, &p, n, m)
			      : set_run(g, pt, &p, n, m);
	}
	if (shared && p.entry && !entry_valid(g, p.entry))
		return -EAGAIN;
	if (p.entry && block_stands(g, &p, m))
		return keep_block(g, pt, &p, m);
	return grow(g, pt, &p, m, shared);
}

/*
 * [shared], by the contract: one leaf, or within one last-level table. A range
 * of the size of a leaf that is misaligned for it is neither.
 */
always_inline bool range_shared(const struct pgtable_geometry *g,
				const struct pgtable *pt, u64 ia, u64 size,
				u64 pa, u32 attr)
{
	if (attr & PGT_EXCLUSIVE)
		return false;
	if (!((ia ^ (ia + size - 1)) >> (g->granule_shift + g->index_bits)))
		return true;
	return pgtable_best_leaf(pt, IA(ia), HPA(pa), size) == size;
}

always_inline int map_check(const struct pgtable_geometry *g,
			    const struct pgtable *pt, u64 size, u64 pa)
{
	if (pa & (granule(g) - 1))
		return -EINVAL;
	return range_fits(pa, size, BIT64(pt->oa_bits)) ? 0 : -ERANGE;
}

/* Any range, checked: [ia, ia + size) with leaves of `leaf`. */
always_inline int map_range(const struct pgtable_geometry *g,
			    struct pgtable *pt, u64 size, struct map *m,
			    bool shared)
{
	u64 end = m->ia + size;
	int r = 0;

	do {
		m->left = end - m->ia;
		if (g->pa_high)
			m->left = min(m->left, pa_in_place(g, m->pa));
		while (!r && m->left)
			r = map_step(g, pt, m, shared);
	} while (!r && m->ia != end);
	return r || m->changed ? r : -EALREADY;
}

always_inline int map(const struct pgtable_geometry *g, struct pgtable *pt,
		      u64 size, u32 attr, struct map *m)
{
	int r = range_check(g, pt, m->ia, size);

	if (!r)
		r = map_check(g, pt, size, m->pa);
	if (r)
		return r;
	m->leaf = leaf_encode(g, pt, attr);
	if (!m->leaf)
		return -EINVAL;
	m->left = size;
	m->keep = (attr & PGT_CLEAN) && (m->leaf & pt->dbm) ? pt->dirty : 0;
	if ((attr & PGT_EXCLUSIVE) && collapse(g, pt, m))
		return 0;
	return map_range(g, pt, size, m,
			 range_shared(g, pt, m->ia, size, m->pa, attr));
}

/* Any arguments. Kept apart, so that mapping a page does not pay for it. */
static __attribute__((noinline)) int map_any(struct pgtable *pt, u64 ia,
					     u64 size, u64 pa, u32 attr,
					     struct memcache *mc, u64 *done)
{
	struct map m = {.ia = ia, .pa = pa, .mc = mc};
	int r = PGT_DISPATCH(pt, map, size, attr, &m);

	if (done)
		*done = m.ia - ia;
	return r;
}

/*
 * Pages side by side where nothing is yet, in a table that stands: a fault's, of
 * memory that is not mapped in blocks. The rest, if there is one, is of another
 * kind. [shared]
 */
always_inline int map_pages(const struct pgtable_geometry *g,
			    struct pgtable *pt, int start, u64 ia, u64 size,
			    u64 pa, u32 attr, struct memcache *mc, u64 *done)
{
	u64 leaf = leaf_encode(g, pt, attr), last = size - 1, mapped;
	size_t i = page_index(g, ia), n = 0;
	void *table;
	int r;

	/* The whole of a table is a block's, or was. */
	if (size >> (g->granule_shift + g->index_bits) || !leaf ||
	    ((ia | pa | size) & (granule(g) - 1)) || !size ||
	    (ia ^ (ia + last)) >> (g->granule_shift + g->index_bits) ||
	    ia + last > pt->ia_last || last > pt->oa_last ||
	    pa > pt->oa_last - last || !page_table(g, pt, start, ia, &table))
		return map_any(pt, ia, size, pa, attr, mc, done);
	leaf = leaf_at(g, PGT_LAST_LEVEL, pa, leaf);
	for (; n < size >> g->granule_shift; n++, leaf += granule(g))
		if (!entry_swap(g, table, i + n, 0, leaf))
			break;
	if (n) {
		entry_sync(g, pt, table, i, n);
		__atomic_fetch_add(pt->ops->table_count(pt, table), n,
				   __ATOMIC_RELAXED);
	}
	mapped = (u64)n << g->granule_shift;
	if (done)
		*done = mapped;
	if (likely(mapped == size))
		return 0;
	r = map_any(pt, ia + mapped, size - mapped, pa + mapped, attr, mc, done);
	if (done)
		*done += mapped;
	return n && r == -EALREADY ? 0 : r;
}

static __attribute__((noinline)) int
map_run(struct pgtable *pt, u64 ia, u64 size, u64 pa, u32 attr,
	struct memcache *mc, u64 *done)
{
	return PGT_DISPATCH_PAGE(pt, map_pages, map_any, ia, size, pa, attr, mc,
				 done);
}

/* What faults ask for most: one page where nothing is yet, in a table that
 * stands. [shared] */
always_inline int map_page(const struct pgtable_geometry *g, struct pgtable *pt,
			   int start, u64 ia, u64 size, u64 pa, u32 attr,
			   struct memcache *mc, u64 *done)
{
	u64 leaf = leaf_encode(g, pt, attr);
	size_t i = page_index(g, ia);
	void *table;

	/* Aligned both, or neither. */
	if (!leaf || !page_check(g, pt, ia | (pa & (granule(g) - 1)), size) ||
	    pa > pt->oa_last || !page_table(g, pt, start, ia, &table) ||
	    !entry_swap(g, table, i, 0,
			leaf_at(g, PGT_LAST_LEVEL, pa, leaf)))
		return map_run(pt, ia, size, pa, attr, mc, done);
	entry_sync(g, pt, table, i, 1);
	__atomic_fetch_add(pt->ops->table_count(pt, table), 1,
			   __ATOMIC_RELAXED);
	if (done)
		*done = granule(g);
	return 0;
}

static __attribute__((noinline)) int
map_page_other(struct pgtable *pt, u64 ia, u64 size, u64 pa, u32 attr,
	       struct memcache *mc, u64 *done)
{
	return PGT_DISPATCH(pt, map_page, pt->start_level, ia, size, pa, attr,
			    mc, done);
}

int pgtable_map(struct pgtable *pt, ia_t ia, u64 size, hpa_t pa, u32 attr,
		struct memcache *mc, u64 *done)
{
	return PGT_DISPATCH_PAGE(pt, map_page, map_page_other, ia.v, size, pa.v,
				 attr, mc, done);
}
