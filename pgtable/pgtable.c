// SPDX-License-Identifier: BSD-2-Clause
/* A tree's shape: levels, root, leaf sizes. */
#include "pgtable/walk.h"

static unsigned int shift_of(const struct pgtable_format *f, int level)
{
	return level_shift(f->geometry, level);
}

/* log2 of what a table at `level` translates. */
static unsigned int table_shift(const struct pgtable_format *f, int level)
{
	return shift_of(f, level - 1);
}

/*
 * As few levels as do: a root may be 2^concat_shift tables side by side where
 * that saves one (DDI 0487, D8.2.2). Of the top level only the bits that are
 * left index the root; a root smaller than a granule still has a whole one.
 */
static int shape(struct pgtable *pt, const struct pgtable_format *f)
{
	int level = f->last_start;

	while (pt->ia_bits > table_shift(f, level) + f->concat_shift) {
		if (level-- == f->top_level)
			return -EINVAL;
	}
	pt->start_level = level;
	pt->root_tables = 1;
	if (pt->ia_bits > table_shift(f, level))
		pt->root_tables = 1 << (pt->ia_bits - table_shift(f, level));
	return 0;
}

static size_t root_size(const struct pgtable *pt)
{
	return (size_t)pt->root_tables << pt->geometry->granule_shift;
}

int pgtable_init(struct pgtable *pt, const struct pgtable_config *config,
		 const struct pgtable_ops *ops, void *env)
{
	const struct pgtable_format *f = config->format;
	int r;

	*pt = (struct pgtable){
		.format = f,
		.ops = ops,
		.env = env,
		.ia_bits = config->ia_bits,
		.oa_bits = config->oa_bits,
		.no_blocks = config->no_blocks,
		.features = config->features,
		.leaf_bits = f->leaf_bits(config->features),
		.rights = f->rights,
		.decode = f->decode,
		.geometry = f->geometry,
		.hw_updates = config->features & PGT_FEAT_HAFDBS,
	};
	if (pt->hw_updates && f->dbm) {
		pt->dbm = f->dbm;
		pt->dirty = f->dirty;
		pt->rights = f->rights_dbm;
		pt->decode = f->decode_dbm;
	}
	if (config->ia_bits < f->ia_bits_min ||
	    config->ia_bits > f->ia_bits_max ||
	    config->oa_bits < f->geometry->granule_shift ||
	    config->oa_bits > f->oa_bits_max)
		return -EINVAL;
	pt->ia_size = config->ia_bits < 64 ? BIT64(config->ia_bits) : 0;
	pt->ia_last = pt->ia_size - 1;
	pt->oa_last = BIT64(config->oa_bits) - 1;
	r = shape(pt, f);
	if (r)
		return r;
	pt->usual = f->geometry->usual && pt->start_level == 1;
	pt->root = ops->table_alloc(pt, NULL, root_size(pt));
	if (!pt->root)
		return -ENOMEM;
	pt->root_pa = ops->to_phys(pt, pt->root);
	pt->linear = (uintptr_t)pt->root - pt->root_pa.v;
	pt->tables = pt->root_tables;
	ops->table_sync(pt, pt->root, root_size(pt));
	return 0;
}

unsigned int pgtable_tables_max(const struct pgtable *pt)
{
	int top = max(pt->start_level, pt->format->first_leaf);
	int walk = PGT_LAST_LEVEL - pt->start_level;

	/* A way down to a page; or two blocks at the top cut down to pages. */
	return max(walk, pt->no_blocks ? 0 : 2 * (PGT_LAST_LEVEL - top));
}

u64 pgtable_leaf_size(const struct pgtable *pt, int level)
{
	if (level > PGT_LAST_LEVEL || level < pt->format->first_leaf ||
	    level < pt->start_level)
		return 0;
	if (level < PGT_LAST_LEVEL && pt->no_blocks)
		return 0;
	return BIT64(shift_of(pt->format, level));
}

u64 pgtable_best_leaf(const struct pgtable *pt, ia_t ia, hpa_t pa, u64 most)
{
	int level = max(pt->start_level, pt->format->first_leaf);

	for (; level <= PGT_LAST_LEVEL; level++) {
		u64 size = pgtable_leaf_size(pt, level);

		if (size && size <= most && !((ia.v | pa.v) & (size - 1)))
			return size;
	}
	return 0;
}
