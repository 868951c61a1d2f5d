// SPDX-License-Identifier: BSD-2-Clause
/* A tree's shape: levels, root, leaf sizes. */
#include "pgtable/walk.h"

/* log2 of what a table at `level` translates. */
static unsigned int table_shift(const struct pgtable *pt, int level)
{
	return level_shift(pt->geometry, level - 1);
}

/*
 * As few levels as do: a root may be 2^concat_shift tables side by side where
 * that saves one (DDI 0487, D8.2.2). Of the top level only the bits that are
 * left index the root; a root smaller than a granule still has a whole one.
 */
static int levels(struct pgtable *pt, const struct pgtable_shape *s)
{
	int level = s->last_start;

	while (pt->ia_bits > table_shift(pt, level) + pt->format->concat_shift)
		if (level-- == s->top_level)
			return -EINVAL;
	pt->start_level = level;
	pt->root_tables = 1;
	if (pt->ia_bits > table_shift(pt, level))
		pt->root_tables = 1 << (pt->ia_bits - table_shift(pt, level));
	return 0;
}

/* What the format is with these features. */
static int shape(struct pgtable *pt, const struct pgtable_format *f)
{
	bool wide = pt->features & f->wide_feature;
	const struct pgtable_shape *s = wide ? &f->wide : &f->shape;

#ifdef PGTABLE_ONLY_4K
	if (!s->geometry->usual)
		return -EINVAL;
#endif
	if (!(PGTABLE_KINDS & BIT32(s->geometry->kind)) ||
	    pt->ia_bits < s->ia_bits_min || pt->ia_bits > s->ia_bits_max ||
	    pt->oa_bits < s->geometry->granule_shift ||
	    pt->oa_bits > s->oa_bits_max)
		return -EINVAL;
	pt->geometry = s->geometry;
	pt->first_leaf = s->first_leaf;
	pt->ia_size = BIT64(pt->ia_bits);
	pt->ia_last = pt->ia_size - 1;
	pt->oa_last = BIT64(pt->oa_bits) - 1;
	if (levels(pt, s))
		return -EINVAL;
	pt->usual = pt->geometry->usual && pt->start_level == 1;
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

	*pt = (struct pgtable){
		.format = f,
		.ops = ops,
		.env = env,
		.ia_bits = min(config->ia_bits, 255U),
		.oa_bits = min(config->oa_bits, 255U),
		.no_blocks = config->no_blocks,
		.features = config->features & (f->features | f->wide_feature),
		.rights = f->rights,
		.decode = f->decode,
	};
	pt->leaf_bits = f->leaf_bits(pt->features);
	pt->hw_updates = pt->features & PGT_FEAT_HAFDBS;
	pt->live_sizes = pt->features & PGT_FEAT_BBM2 && !pt->hw_updates;
	if (pt->hw_updates && f->dbm) {
		pt->dbm = f->dbm;
		pt->dirty = f->dirty;
		pt->rights = f->rights_dbm;
		pt->decode = f->decode_dbm;
	}
	if (shape(pt, f))
		return -EINVAL;
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
	int top = max(pt->start_level, pt->first_leaf);
	int walk = PGT_LAST_LEVEL - pt->start_level;

	/* A way down to a page; or two blocks at the top cut down to pages. */
	return max(walk, pt->no_blocks ? 0 : 2 * (PGT_LAST_LEVEL - top));
}

u64 pgtable_leaf_size(const struct pgtable *pt, int level)
{
	if (level > PGT_LAST_LEVEL || level < pt->first_leaf ||
	    level < pt->start_level)
		return 0;
	if (level < PGT_LAST_LEVEL && pt->no_blocks)
		return 0;
	return BIT64(level_shift(pt->geometry, level));
}

u64 pgtable_best_leaf(const struct pgtable *pt, ia_t ia, hpa_t pa, u64 most)
{
	int level = max(pt->start_level, pt->first_leaf);

	for (; level <= PGT_LAST_LEVEL; level++) {
		u64 size = pgtable_leaf_size(pt, level);

		if (size && size <= most && !((ia.v | pa.v) & (size - 1)))
			return size;
	}
	return 0;
}
