// SPDX-License-Identifier: BSD-2-Clause
/* MIPS 32-bit tables, walked by software: mips32.h has the entries. */
#include "pgtable/format.h"

/*
 * Cacheability and coherency attributes: 3 cacheable, 2 uncached; 7 is
 * uncached accelerated where a CPU has it, and uncached where not.
 */
#define CACHED      PGT_MIPS32_C(3U)
#define DEVICE      PGT_MIPS32_C(2U)
#define UNCACHED    PGT_MIPS32_C(7U)
#define C_MASK      PGT_MIPS32_C(7U)
#define SW_BITS     0xfU
#define SW_SHIFT    8 /* from an entry's software bits to PGT_SW_MASK */
#define YOUNG_SHIFT 9 /* from V to PGT_YOUNG */

/*
 * Devices do not execute, a leaf has one memory type, and can be read. C[1] is
 * the leaf's type as well, and not in what it means otherwise.
 */
#define VALID(a)                                                               \
	(((a)&PGT_R) && (!((a)&PGT_DEVICE) || !((a) & (PGT_X | PGT_NOCACHE))))
#define LEAF(a)                                                                \
	(!VALID(a) ? 0                                                         \
		   : PGT_MIPS32_V | ((a)&PGT_W ? PGT_MIPS32_D : 0) |           \
			     ((a)&PGT_X ? 0 : PGT_MIPS32_XI) |                 \
			     (((a)&PGT_DEVICE	 ? DEVICE                      \
			       : (a)&PGT_NOCACHE ? UNCACHED                    \
						 : CACHED) &                   \
			      ~PGT_MIPS32_VALID))
#define ROW_4(a) LEAF(a), LEAF((a) + 1), LEAF((a) + 2), LEAF((a) + 3)
#define ROW_16(a) ROW_4(a), ROW_4((a) + 4), ROW_4((a) + 8), ROW_4((a) + 12)

static const u64 leaf[PGT_ATTRS] = {ROW_16(0), ROW_16(16)};

static const u64 *leaf_bits(u32 features)
{
	return leaf;
}

static int decode(const struct pgtable *pt, u64 entry,
		  struct pgtable_leaf *l)
{
	u32 type = entry & C_MASK;
	u32 attr = PGT_R | (entry & PGT_MIPS32_V) << YOUNG_SHIFT |
		   (entry & SW_BITS) << SW_SHIFT;

	if (entry & PGT_MIPS32_D)
		attr |= PGT_W | PGT_DIRTY; /* what may be written is */
	if (!(entry & PGT_MIPS32_XI))
		attr |= PGT_X;
	if (type != CACHED)
		attr |= type == DEVICE ? PGT_DEVICE : PGT_NOCACHE;
	l->attr = attr;
	return 0;
}

/* D is set when granted, XI clear. */
#define RIGHTS(set)                                                            \
	{                                                                      \
		.others = ~(u64)(((set)&PGT_W ? PGT_MIPS32_D : 0) |            \
				 ((set)&PGT_X ? PGT_MIPS32_XI : 0)),           \
		.granted = (set)&PGT_W ? PGT_MIPS32_D : 0,                     \
		.denied = (set)&PGT_X ? PGT_MIPS32_XI : 0,                     \
	}

const struct pgtable_format pgtable_mips32 = {
	.shape = {.geometry = &pgt_geometry_mips32,
		  .first_leaf = 2,
		  .top_level = 2,
		  .last_start = 2,
		  .ia_bits_min = 23,
		  .ia_bits_max = 32,
		  .oa_bits_max = 32},
	.features = PGT_FEAT_RIXI,
	.live_bits = PGT_MIPS32_V | PGT_MIPS32_D | PGT_MIPS32_XI | SW_BITS,
	.prot_bits = PGT_MIPS32_D | PGT_MIPS32_XI,
	.rights = {RIGHTS(0), RIGHTS(1), RIGHTS(2), RIGHTS(3), RIGHTS(4),
		   RIGHTS(5), RIGHTS(6), RIGHTS(7)},
	.always = PGT_R,
	.device_mask = C_MASK,
	.device = DEVICE,
	.leaf_bits = leaf_bits,
	.decode = decode,
};
