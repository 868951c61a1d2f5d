/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a format is made of. Private to pgtable/.
 *
 * A format is a geometry (how tables are shaped and how an entry says what it
 * is) and a pair of functions that translate attributes. Attributes are
 * translated once per call, through a pointer. Geometries are what every walker
 * is inlined with, in a copy for each kind of entry: what all geometries of the
 * kind have in common is a constant there; the granule is not, for it was
 * measured to make no difference over a range. It does on a single page, and
 * so the tree that is usual has a way of its own, where all is constant.
 *
 * To add a format: a struct pgtable_geometry if the shape is new, and a struct
 * pgtable_format. If the entries are of a new kind: PGT_DISPATCH too.
 */
#ifndef PGTABLE_FORMAT_H
#define PGTABLE_FORMAT_H

#include "lib/util.h"
#include "pgtable/mips32.h"
#include "pgtable/pgtable.h"

#define always_inline static inline __attribute__((always_inline))

/* Permissions and memory type: what the bits of a leaf follow from. */
#define PGT_ATTR_INDEX (PGT_PROT_MASK | PGT_DEVICE | PGT_NOCACHE)
#define PGT_ATTRS      32

/* Levels are numbered as the architecture does: this one is the pages'. */
#define PGT_LAST_LEVEL 3

enum pgtable_kind {
	PGT_KIND_VMSA64,
	PGT_KIND_MIPS32,
};

struct pgtable_geometry {
	enum pgtable_kind kind;
	u8 entry_shift; /* log2 of an entry's bytes: 3, or 2 */
	u8 granule_shift; /* log2 of a page's bytes */
	u8 index_bits; /* log2 of a table's entries */
	/*
	 * What an entry is: type bits, and their values. An entry whose valid
	 * bits are clear is ignored by the walker; `locked` is such a value,
	 * and 0 another. Type and valid bits lie below bit granule_shift, so
	 * that a table's address alone is an invalid entry as well.
	 */
	u64 valid, type_mask, table_type, block_type, page_type, locked;
	/* block_type and page_type have what else all leaves have in common. */
	u64 pa_mask; /* the output address, in place */
	/* More of it: (entry & pa_high) << pa_high_shift. Or 0. */
	u64 pa_high;
	u8 pa_high_shift;
	u64 young; /* access flag */
	u8 sw_bit; /* where an entry has PGT_SW(0) */
	bool usual; /* pgt_geometry_4k */
};

/*
 * Arm, VMSAv8-64 descriptors (DDI 0487, D8.3), and ARMv7's long ones: bit 0
 * valid; bit 1 tells table from block, and is set in a page.
 */
#define PGT_VMSA64(shift)                                                      \
	.kind = PGT_KIND_VMSA64, .entry_shift = 3, .granule_shift = (shift),   \
	.index_bits = (shift)-3, .valid = 1, .type_mask = 3, .table_type = 3,  \
	.locked = 2, .young = BIT64(10), .sw_bit = 55

/* Leaves are inner shareable, where descriptors say it: bits 9 and 8. */
#define PGT_SHAREABLE .block_type = 1 | 3 << 8, .page_type = 3 | 3 << 8

static const struct pgtable_geometry pgt_geometry_4k = {
	PGT_VMSA64(12),
	PGT_SHAREABLE,
	.pa_mask = GENMASK64(47, 12),
	.usual = true,
};

/* Of any tree of the kind. PGTABLE_ONLY_4K: the build has no other. */
#ifdef PGTABLE_ONLY_4K
#define PGT_VMSA64_OF(pt) (&pgt_geometry_4k)
#else
#define PGT_VMSA64_OF(pt)                                                      \
	(&(const struct pgtable_geometry){                                     \
		PGT_VMSA64((pt)->geometry->granule_shift),                     \
		.block_type = (pt)->geometry->block_type,                      \
		.page_type = (pt)->geometry->page_type,                        \
		.pa_mask = (pt)->geometry->pa_mask,                            \
		.pa_high = (pt)->geometry->pa_high,                            \
		.pa_high_shift = (pt)->geometry->pa_high_shift,                \
	})
#endif

/*
 * MIPS, software-walked: see mips32.h. Leaves have C[1] set, whatever their
 * cacheability; tables G too, which leaves never have.
 */
static const struct pgtable_geometry pgt_geometry_mips32 = {
	.kind = PGT_KIND_MIPS32,
	.entry_shift = 2,
	.granule_shift = 12,
	.index_bits = 10,
	.valid = PGT_MIPS32_VALID,
	.type_mask = PGT_MIPS32_VALID | PGT_MIPS32_TABLE,
	.table_type = PGT_MIPS32_VALID | PGT_MIPS32_TABLE,
	.block_type = PGT_MIPS32_VALID,
	.page_type = PGT_MIPS32_VALID,
	.locked = PGT_MIPS32_SW(0),
	.pa_mask = GENMASK64(31, 12),
	.young = PGT_MIPS32_V,
	.sw_bit = 0,
};

/*
 * Call the always_inline fn(geometry, pt, ...). The kinds are those that the
 * build has formats of: all, or those that PGTABLE_KINDS names.
 */
#ifndef PGTABLE_KINDS
#define PGTABLE_KINDS (BIT32(PGT_KIND_VMSA64) | BIT32(PGT_KIND_MIPS32))
#endif
#define PGT_IS(pt, id)                                                         \
	(PGTABLE_KINDS == BIT32(id) ||                                         \
	 ((PGTABLE_KINDS & BIT32(id)) && (pt)->geometry->kind == (id)))
#define PGT_DISPATCH(pt, fn, ...)                                              \
	(PGT_IS(pt, PGT_KIND_VMSA64)                                           \
		 ? fn(PGT_VMSA64_OF(pt), pt, ##__VA_ARGS__)                    \
		 : fn(&pgt_geometry_mips32, pt, ##__VA_ARGS__))

/*
 * The same for what works on a page: fn(geometry, pt, start level, ...). The
 * usual tree has both constant; the others have other(pt, ...), which is kept
 * apart so that the usual does not pay for them. PGTABLE_NO_USUAL is for tests:
 * it makes an other of each.
 */
#if defined(PGTABLE_NO_USUAL)
#define PGT_IS_USUAL(pt) false
#else
#define PGT_IS_USUAL(pt)                                                       \
	((PGTABLE_KINDS & BIT32(PGT_KIND_VMSA64)) && likely((pt)->usual))
#endif
#define PGT_DISPATCH_PAGE(pt, fn, other, ...)                                  \
	(PGT_IS_USUAL(pt) ? fn(&pgt_geometry_4k, pt, 1, ##__VA_ARGS__)         \
			  : other(pt, ##__VA_ARGS__))

struct pgtable_format {
	/* `wide` is what wide_feature makes of it; 0: there is no such. */
	struct pgtable_shape {
		const struct pgtable_geometry *geometry;
		s8 first_leaf; /* the topmost level that may hold leaves */
		s8 top_level; /* the topmost level that the format has */
		s8 last_start; /* the lowest level that a walk may start at */
		u8 ia_bits_min, ia_bits_max, oa_bits_max;
	} shape, wide;
	u32 wide_feature;
	u32 features; /* that mean something to the format, beside it */
	u8 concat_shift; /* log2 of the most tables side by side in a root */
	/* Entry bits that may change in a live leaf without break-before-make:
	 * permissions, access flag, software bits. */
	u64 live_bits;
	/* Those of them that hold permissions. */
	u64 prot_bits;
	/*
	 * For each set of PGT_R, PGT_W and PGT_X: the bits that do not hold
	 * them, what the others are when all of the set is granted, and when
	 * none is.
	 */
	struct pgtable_rights {
		u64 others, granted, denied;
	} rights[8];
	/* With hardware dirty state: PGT_W is `dbm` and `dirty` together. */
	const struct pgtable_rights *rights_dbm;
	u32 always; /* what no leaf is without: PGT_R, or nothing */
	/*
	 * Hardware dirty state, 0 where there is none: a leaf with `dbm` is
	 * writable, and the hardware sets `dirty` in it on a write. Without
	 * `dbm`, `dirty` is the permission to write.
	 */
	u64 dbm, dirty;
	/* (entry & device_mask) == device: never executable. */
	u64 device_mask, device;
	/*
	 * The bits of a leaf, but for type, address and software bits, that
	 * mean the attributes PGT_ATTR_INDEX, young; 0 if it cannot be
	 * expressed. One row for each set of features that makes a difference.
	 */
	const u64 *(*leaf_bits)(u32 features);
	/* And back, from a valid leaf: leaf->attr. Returns 0. */
	int (*decode)(const struct pgtable *pt, u64 entry,
		      struct pgtable_leaf *leaf);
	/* The same with hardware dirty state. */
	int (*decode_dbm)(const struct pgtable *pt, u64 entry,
			  struct pgtable_leaf *leaf);
};

#endif
