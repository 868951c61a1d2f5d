// SPDX-License-Identifier: BSD-2-Clause
/*
 * Harvesting dirty state.
 *
 * A leaf that is dirty is made clean: it stays writable where the hardware sees
 * the next write, and is write-protected where only a fault does. Until the
 * invalidation a TLB may let writes through that set nothing. They are reported
 * all the same, for their page is; and what reads the page afterwards sees them.
 */
#include "pgtable/pte.h"

struct harvest {
	void (*dirty)(void *arg, ia_t ia, u64 size); /* or NULL */
	void *arg;
	/* Let the hardware mark nothing more; what is dirty stays so. */
	bool freeze;
	u64 ia, size; /* a run that is not reported yet */
	struct gather gather;
	/* (leaf & mask) == is_dirty: dirty; is_clean there: clean. */
	u64 mask, is_dirty, is_clean;
};

static void report(struct harvest *h)
{
	if (h->size && h->dirty)
		h->dirty(h->arg, IA(h->ia), h->size);
	h->size = 0;
}

static void add(struct harvest *h, u64 ia, u64 size, int level)
{
	gather_add(&h->gather, ia, ia + size - 1, level);
	if (h->ia + h->size != ia)
		report(h);
	if (!h->size)
		h->ia = ia;
	h->size += size;
}

/* The same of what is known to be an entry of some level: what it is, too. */
struct sieve {
	u64 mask, is_dirty, keep, set;
};

always_inline struct sieve sieve_of(const struct pgtable_geometry *g, int level,
				    const struct harvest *h)
{
	return (struct sieve){
		.mask = h->mask | g->type_mask,
		.is_dirty = h->is_dirty | (leaf_type(g, level) & g->type_mask),
		.keep = ~h->mask,
		.set = h->is_clean,
	};
}

/*
 * Make dirty leaves side by side clean, from i to at most `end`; returns where
 * they end. By exchange where the hardware changes leaves: not for the dirty
 * state, which cannot be lost where it is set already, but the access flag.
 */
always_inline size_t clean_entries(const struct pgtable_geometry *g,
				   void *table, size_t i, size_t end,
				   const struct sieve s, bool hw)
{
	while (i < end) {
		u64 old = entry_read(g, table, i);

		if ((old & s.mask) != s.is_dirty)
			break;
		if (entry_adjust(g, table, i, old, (old & s.keep) | s.set, hw))
			i++;
	}
	return i;
}

/*
 * The entries from p->index, whose range starts at `ia`, to at most `end`;
 * returns where the next table is, which ends the run.
 */
always_inline size_t clean_run(const struct pgtable_geometry *g,
			       struct pgtable *pt, const struct place *p,
			       size_t end, u64 ia, struct harvest *h, bool hw)
{
	const struct sieve s = sieve_of(g, p->level, h);
	size_t i = p->index;

	while (i < end) {
		u64 entry = entry_read(g, p->table, i);
		size_t from = i;

		if (entry_is_table(g, entry, p->level))
			break;
		if ((entry & s.mask) != s.is_dirty) {
			i++;
			continue;
		}
		i = clean_entries(g, p->table, i, end, s, hw);
		entry_sync(g, pt, p->table, from, i - from);
		add(h, ia + ((u64)(from - p->index) << p->shift),
		    (u64)(i - from) << p->shift, p->level);
	}
	return i;
}

always_inline void clean_range(const struct pgtable_geometry *g,
			       struct pgtable *pt, u64 ia, u64 left,
			       struct harvest *h)
{
	for (;;) {
		struct place p = place_find(pt, ia);
		u64 start = place_start(&p, ia), n, span;
		size_t end;

		n = ((ia + left - 1 - start) >> p.shift) + 1;
		n = min(n, (u64)table_entries(g, pt, p.level) - p.index);
		if (pt->hw_updates)
			end = clean_run(g, pt, &p, p.index + n, start, h, true);
		else
			end = clean_run(g, pt, &p, p.index + n, start, h,
					false);
		span = ((u64)(end - p.index) << p.shift) - (ia - start);
		if (span >= left)
			return;
		ia += span;
		left -= span;
	}
}

always_inline int harvest(const struct pgtable_geometry *g, struct pgtable *pt,
			  u64 ia, u64 size, struct harvest *h)
{
	const struct pgtable_rights *w = &pt->rights[PGT_W];
	int r = range_check(g, pt, ia, size);

	if (r)
		return r;
	h->gather = (struct gather)GATHER_INIT;
	h->mask = h->is_dirty = pt->dirty;
	if (h->freeze) {
		h->mask = h->is_dirty = pt->dbm;
	} else if (!pt->dbm) {
		/* Dirty is what may be written. */
		h->mask = ~w->others;
		h->is_dirty = w->granted;
		h->is_clean = w->denied;
	}
	clean_range(g, pt, ia, size, h);
	report(h);
	gather_invalidate(pt, &h->gather);
	return h->gather.first > h->gather.last ? -EALREADY : 0;
}

static __attribute__((noinline)) int harvest_any(struct pgtable *pt, ia_t ia,
						  u64 size, struct harvest *h)
{
	return PGT_DISPATCH(pt, harvest, ia.v, size, h);
}

int pgtable_harvest_dirty(struct pgtable *pt, ia_t ia, u64 size,
			  void (*dirty)(void *arg, ia_t ia, u64 size),
			  void *arg)
{
	struct harvest h = {.dirty = dirty, .arg = arg};

	return harvest_any(pt, ia, size, &h);
}

/*
 * Two steps, an invalidation after each. Then what was clean is not writable,
 * and what was dirty is writable without the hardware's help; it stays dirty,
 * whoever writes to it, until it is made clean, which write-protects it.
 */
int pgtable_harvest_last(struct pgtable *pt, ia_t ia, u64 size,
			 void (*dirty)(void *arg, ia_t ia, u64 size), void *arg)
{
	struct harvest freeze = {.freeze = true};

	if (pt->dbm)
		harvest_any(pt, ia, size, &freeze);
	return pgtable_harvest_dirty(pt, ia, size, dirty, arg);
}
