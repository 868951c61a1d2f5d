/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks that a range cuts: at its start, at its end, or one at both. Private
 * to pgtable/. [exclusive]
 */
#ifndef PGTABLE_CUT_H
#define PGTABLE_CUT_H

#include "pgtable/pte.h"

struct cut {
	struct place place;
	u64 start; /* of the block */
	struct build build;
};

struct cuts {
	struct cut cut[2];
	unsigned int count;
};

/* Narrow or drop what would become of one leaf: false leaves it alone. */
typedef bool (*leaf_change_fn)(const struct pgtable *pt, u64 leaf,
			       struct change *change);

/* Build the replacement of each block cut. -ENOMEM: nothing has changed. */
int cuts_prepare(struct pgtable *pt, struct memcache *mc,
		 const struct change *change, leaf_change_fn leaf_change,
		 struct cuts *cuts);
/* Break the blocks, or with `live_sizes` replace them already, and gather what
 * to invalidate. */
void cuts_break(struct pgtable *pt, const struct cuts *cuts,
		struct gather *gather);
/* After the invalidation. The tables' counts have not changed. */
void cuts_make(struct pgtable *pt, struct cuts *cuts);

#endif
