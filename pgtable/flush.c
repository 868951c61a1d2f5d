// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cleaning what is mapped from the data caches, as when a guest turns its caches
 * off and reads what it wrote with them on.
 */
#include "pgtable/walk.h"

struct flush {
	struct pgtable *pt;
	u64 first, last;
	u64 pa, size; /* what is to be cleaned yet, in one piece */
};

static void clean(struct flush *f)
{
	if (f->size)
		f->pt->ops->page_clean(f->pt, HPA(f->pa), f->size);
	f->size = 0;
}

static int flush_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	struct flush *f = arg;
	u64 from = max(leaf->ia.v, f->first), pa = leaf->pa.v;
	u64 to = min(leaf->ia.v + leaf->size - 1, f->last);

	if (leaf->attr & (PGT_DEVICE | PGT_NOCACHE))
		return 0;
	pa += from - leaf->ia.v;
	if (pa != f->pa + f->size)
		clean(f);
	if (!f->size)
		f->pa = pa;
	f->size += to - from + 1;
	return 0;
}

int pgtable_flush(struct pgtable *pt, ia_t ia, u64 size)
{
	struct flush f = {.pt = pt, .first = ia.v, .last = ia.v + size - 1};
	int r;

	if (!pt->ops->page_clean || (pt->features & PGT_FEAT_FWB))
		return PGT_DISPATCH(pt, range_check, ia.v, size);
	r = pgtable_visit(pt, ia, size, flush_leaf, &f);
	clean(&f);
	return r;
}
