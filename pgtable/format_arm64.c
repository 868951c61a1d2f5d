// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes of VMSAv8-64 leaves: stage 2 and EL2 stage 1 (DDI 0487, D8.3.2
 * and D8.4 to D8.6); and those of ARMv7's long descriptors, stage 2 and Hyp
 * mode, which mean the same by the same bits.
 */
#include "pgtable/format.h"

#define AF       BIT64(10)
#define XN       BIT64(54)
/* Software-defined bits stand at 8 in attributes, at 55 in entries. */
#define SW_SHIFT (55 - 8)
#define SW_BITS  ((u64)PGT_SW_MASK << SW_SHIFT)

/* What no format expresses: devices that execute, two memory types. */
#define ATTR_VALID(a) (!((a)&PGT_DEVICE) || !((a) & (PGT_X | PGT_NOCACHE)))

/* A row of PGT_ATTRS entries, f(attr, x) for each attr. */
#define ROW_4(f, a, x) f(a, x), f((a) + 1, x), f((a) + 2, x), f((a) + 3, x)
#define ROW_16(f, a, x)                                                        \
	ROW_4(f, a, x), ROW_4(f, (a) + 4, x), ROW_4(f, (a) + 8, x),            \
		ROW_4(f, (a) + 12, x)
#define ROW(f, x)                                                              \
	{                                                                      \
		ROW_16(f, 0, x), ROW_16(f, 16, x)                              \
	}

/* For each set of permissions: f(set). */
#define RIGHTS(f)                                                              \
	{                                                                      \
		f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)                 \
	}

/* ---- Stage 2 ----------------------------------------------------------- */

#define S2_READ       BIT64(6)
#define S2_WRITE      BIT64(7)
/* Writable; with S2_WRITE dirty, without it clean (D8.4.8, FEAT_HAFDBS). */
#define S2_DBM        BIT64(51)
#define S2_MEMATTR(x) ((u64)(x) << 2)
/*
 * MemAttr[3:0] without and with FEAT_S2FWB. With it, 0b0110 makes the access
 * write-back whatever stage 1 says; the two others mean the same in both.
 */
#define S2_NORMAL_WB     S2_MEMATTR(0xf)
#define S2_NORMAL_WB_FWB S2_MEMATTR(0x6)
#define S2_NORMAL_NC     S2_MEMATTR(0x5)
#define S2_DEVICE_NGNRE  S2_MEMATTR(0x1)
#define S2_MEMATTR_MASK  S2_MEMATTR(0xf)

/*
 * XN[1:0], bits 54 and 53: 0b10 is "nobody executes" with FEAT_XNX, and
 * without it bit 54 alone is XN and bit 53 must be 0. PGT_X is both exception
 * levels, so one encoding serves.
 *
 * An instruction fetch needs read permission too: X without R is refused.
 */
#define S2_VALID(a) (ATTR_VALID(a) && ((a)&PGT_RX) != PGT_X)
#define S2_LEAF_W(a, wb, w)                                                    \
	(!S2_VALID(a)                                                          \
		 ? 0                                                           \
		 : AF | ((a)&PGT_R ? S2_READ : 0) | ((a)&PGT_W ? (w) : 0) |    \
			   ((a)&PGT_X ? 0 : XN) |                              \
			   ((a)&PGT_DEVICE    ? S2_DEVICE_NGNRE                \
			    : (a)&PGT_NOCACHE ? S2_NORMAL_NC                   \
					      : (wb)))

#define S2_LEAF(a, wb)     S2_LEAF_W(a, wb, S2_WRITE)
#define S2_LEAF_DBM(a, wb) S2_LEAF_W(a, wb, S2_WRITE | S2_DBM)

/* XN is the one that is clear when granted. */
#define S2_RIGHTS_W(set, w)                                                    \
	{                                                                      \
		.others = ~(((set)&PGT_R ? S2_READ : 0) |                      \
			    ((set)&PGT_W ? (w) : 0) |                          \
			    ((set)&PGT_X ? XN : 0)),                           \
		.granted = ((set)&PGT_R ? S2_READ : 0) |                       \
			   ((set)&PGT_W ? (w) : 0),                            \
		.denied = (set)&PGT_X ? XN : 0,                                \
	}
#define S2_RIGHTS(set)     S2_RIGHTS_W(set, S2_WRITE)
#define S2_RIGHTS_DBM(set) S2_RIGHTS_W(set, S2_WRITE | S2_DBM)

static const u64 s2_leaf[PGT_ATTRS] = ROW(S2_LEAF, S2_NORMAL_WB);
static const u64 s2_leaf_fwb[PGT_ATTRS] = ROW(S2_LEAF, S2_NORMAL_WB_FWB);
static const u64 s2_leaf_dbm[PGT_ATTRS] = ROW(S2_LEAF_DBM, S2_NORMAL_WB);
static const u64 s2_leaf_dbm_fwb[PGT_ATTRS] =
	ROW(S2_LEAF_DBM, S2_NORMAL_WB_FWB);
static const struct pgtable_rights s2_rights_dbm[8] = RIGHTS(S2_RIGHTS_DBM);

static const u64 *s2_leaf_bits(u32 features)
{
	if (features & PGT_FEAT_HAFDBS)
		return features & PGT_FEAT_FWB ? s2_leaf_dbm_fwb : s2_leaf_dbm;
	return features & PGT_FEAT_FWB ? s2_leaf_fwb : s2_leaf;
}

/* What S2AP, bits 7 and 6, says. What may be written is dirty. */
static const u32 s2_access[] = {
	0,
	PGT_R,
	PGT_W | PGT_DIRTY,
	PGT_RW | PGT_DIRTY,
};

static __attribute__((noinline)) int s2_decode(const struct pgtable *pt,
					       u64 entry,
					       struct pgtable_leaf *leaf)
{
	u64 type = entry & S2_MEMATTR_MASK;
	u32 attr = s2_access[(entry >> 6) & 3] | ((~entry >> 52) & PGT_X) |
		   ((entry & AF) << 6) | ((entry & SW_BITS) >> SW_SHIFT);

	/* Write-back is 0b1111 or 0b0110, the others 0b0001 and 0b0101. */
	if (unlikely(!(type & S2_MEMATTR(2))))
		attr |= type == S2_DEVICE_NGNRE ? PGT_DEVICE : PGT_NOCACHE;
	leaf->attr = attr;
	return 0;
}

/* Writable and clean: the hardware will set S2_WRITE. */
static int s2_decode_dbm(const struct pgtable *pt, u64 entry,
			 struct pgtable_leaf *leaf)
{
	s2_decode(pt, entry, leaf);
	leaf->attr |= (entry & S2_DBM) >> 50;
	return 0;
}

/* ---- EL2 stage 1, HCR_EL2.E2H = 0 -------------------------------------- */

/* One VA range, one exception level: AP[1] is RES1, AP[2] is read-only. */
#define EL2_AP1       BIT64(6)
#define EL2_READ_ONLY BIT64(7)
/* Indices into MAIR_EL2, as arch/ sets it up. */
#define EL2_ATTR_INDEX(x)   ((u64)(x) << 2)
#define EL2_NORMAL_WB       EL2_ATTR_INDEX(0)
#define EL2_DEVICE_NGNRE    EL2_ATTR_INDEX(1)
#define EL2_NORMAL_NC       EL2_ATTR_INDEX(2)
#define EL2_ATTR_INDEX_MASK EL2_ATTR_INDEX(7)

/* Stage 1 has no leaf that cannot be read. */
#define EL2_LEAF(a, wb)                                                        \
	(!ATTR_VALID(a) || !((a)&PGT_R)                                        \
		 ? 0                                                           \
		 : AF | EL2_AP1 | ((a)&PGT_W ? 0 : EL2_READ_ONLY) | \
			   ((a)&PGT_X ? 0 : XN) |                              \
			   ((a)&PGT_DEVICE    ? EL2_DEVICE_NGNRE               \
			    : (a)&PGT_NOCACHE ? EL2_NORMAL_NC                  \
					      : (wb)))

/* All are clear when granted. */
#define EL2_RIGHTS(set)                                                        \
	{                                                                      \
		.others = ~(((set)&PGT_W ? EL2_READ_ONLY : 0) |                \
			    ((set)&PGT_X ? XN : 0)),                           \
		.denied = ((set)&PGT_W ? EL2_READ_ONLY : 0) |                  \
			  ((set)&PGT_X ? XN : 0),                              \
	}

static const u64 el2_leaf[PGT_ATTRS] = ROW(EL2_LEAF, EL2_NORMAL_WB);

static const u64 *el2_leaf_bits(u32 features)
{
	return el2_leaf;
}

static int el2_decode(const struct pgtable *pt, u64 entry,
		      struct pgtable_leaf *leaf)
{
	u64 type = entry & EL2_ATTR_INDEX_MASK;
	u32 attr = PGT_R | ((~entry >> 6) & PGT_W) | ((~entry >> 52) & PGT_X) |
		   ((entry & AF) << 6) | ((entry & SW_BITS) >> SW_SHIFT);

	/* The hypervisor's own tables have no use for hardware dirty state. */
	attr |= (attr & PGT_W) << 16;
	if (type != EL2_NORMAL_WB)
		attr |= type == EL2_DEVICE_NGNRE ? PGT_DEVICE : PGT_NOCACHE;
	leaf->attr = attr;
	return 0;
}

/* ---- Shapes ------------------------------------------------------------- */

static const struct pgtable_geometry geometry_16k = {
	PGT_VMSA64(14),
	PGT_SHAREABLE,
	.pa_mask = GENMASK64(47, 14),
};

static const struct pgtable_geometry geometry_64k = {
	PGT_VMSA64(16),
	PGT_SHAREABLE,
	.pa_mask = GENMASK64(47, 16),
};

/*
 * FEAT_LPA2, in a regime with DS set (D8.3.1): output address bits 51 and 50
 * are where the shareability was, which the control register has for all.
 */
#define LPA2(shift)                                                            \
	PGT_VMSA64(shift), .block_type = 1, .page_type = 3,                    \
		.pa_mask = GENMASK64(49, shift), .pa_high = GENMASK64(9, 8),   \
		.pa_high_shift = 50 - 8

static const struct pgtable_geometry geometry_4k_lpa2 = {LPA2(12)};
static const struct pgtable_geometry geometry_16k_lpa2 = {LPA2(14)};

/* FEAT_LPA: bits 51 to 48, in 15 to 12. */
static const struct pgtable_geometry geometry_64k_lpa = {
	PGT_VMSA64(16),
	PGT_SHAREABLE,
	.pa_mask = GENMASK64(47, 16),
	.pa_high = GENMASK64(15, 12),
	.pa_high_shift = 48 - 12,
};

/* T0SZ is 39 at most: sizes below are for FEAT_TTST. */
#define SIZES(bits)                                                            \
	.ia_bits_min = 25, .ia_bits_max = (bits), .oa_bits_max = (bits)

/*
 * Levels that have blocks: D8.3.1, tables of "Block descriptor". A walk cannot
 * start at the last level of 4K. Level -1 is stage 1's alone: with DS set, 16
 * tables of level 0 side by side are as much.
 */
#define GRANULE_4K                                                             \
	.shape = {.geometry = &pgt_geometry_4k,                                \
		  .top_level = 0,                                              \
		  .first_leaf = 1,                                             \
		  .last_start = 2,                                             \
		  SIZES(48)},                                                  \
	.wide_feature = PGT_FEAT_LPA2,                                         \
	.wide = {.geometry = &geometry_4k_lpa2,                                \
		 .top_level = -1,                                              \
		 .first_leaf = 0,                                              \
		 .last_start = 2,                                              \
		 SIZES(52)}
#define GRANULE_16K                                                            \
	.shape = {.geometry = &geometry_16k,                                   \
		  .top_level = 0,                                              \
		  .first_leaf = 2,                                             \
		  .last_start = 3,                                             \
		  SIZES(48)},                                                  \
	.wide_feature = PGT_FEAT_LPA2,                                         \
	.wide = {.geometry = &geometry_16k_lpa2,                               \
		 .top_level = 0,                                               \
		 .first_leaf = 1,                                              \
		 .last_start = 3,                                              \
		 SIZES(52)}
#define GRANULE_64K                                                            \
	.shape = {.geometry = &geometry_64k,                                   \
		  .top_level = 1,                                              \
		  .first_leaf = 2,                                             \
		  .last_start = 3,                                             \
		  SIZES(48)},                                                  \
	.wide_feature = PGT_FEAT_LPA,                                          \
	.wide = {.geometry = &geometry_64k_lpa,                                \
		 .top_level = 1,                                               \
		 .first_leaf = 1,                                              \
		 .last_start = 3,                                              \
		 SIZES(52)}

/*
 * ARMv7 with the Large Physical Address Extension (ARM DDI 0406C, B3.6): three
 * levels, or two. Stage 2 resolves up to 40 bits, with up to 16 tables side by
 * side at the second level and two at the first; Hyp mode 32.
 */
#define LPAE(bits)                                                             \
	.shape = {.geometry = &pgt_geometry_4k,                                \
		  .top_level = 1,                                              \
		  .first_leaf = 1,                                             \
		  .last_start = 2,                                             \
		  .ia_bits_min = 25,                                           \
		  .ia_bits_max = (bits),                                       \
		  .oa_bits_max = 40}

/* ---- Formats ----------------------------------------------------------- */

#define FEATURES (PGT_FEAT_HAFDBS | PGT_FEAT_BBM2)

#define STAGE2                                                                 \
	.concat_shift = 4,                                                     \
	.live_bits = AF | S2_READ | S2_WRITE | S2_DBM | XN | SW_BITS,          \
	.prot_bits = S2_READ | S2_WRITE | S2_DBM | XN,                         \
	.rights = RIGHTS(S2_RIGHTS), .rights_dbm = s2_rights_dbm,              \
	.dbm = S2_DBM, .dirty = S2_WRITE, .device_mask = S2_MEMATTR_MASK,      \
	.device = S2_DEVICE_NGNRE, .leaf_bits = s2_leaf_bits,                  \
	.decode = s2_decode, .decode_dbm = s2_decode_dbm
#define ARM64_STAGE2 STAGE2, .features = FEATURES | PGT_FEAT_XNX | PGT_FEAT_FWB

#define STAGE1                                                                 \
	.concat_shift = 0, .live_bits = AF | EL2_READ_ONLY | XN | SW_BITS,     \
	.prot_bits = EL2_READ_ONLY | XN, .rights = RIGHTS(EL2_RIGHTS),         \
	.always = PGT_R, .device_mask = EL2_ATTR_INDEX_MASK,                   \
	.device = EL2_DEVICE_NGNRE, .leaf_bits = el2_leaf_bits,                \
	.decode = el2_decode
#define EL2_STAGE1 STAGE1, .features = FEATURES

const struct pgtable_format pgtable_arm64_s2_4k = {GRANULE_4K, ARM64_STAGE2};
const struct pgtable_format pgtable_arm64_s2_16k = {GRANULE_16K, ARM64_STAGE2};
const struct pgtable_format pgtable_arm64_s2_64k = {GRANULE_64K, ARM64_STAGE2};
const struct pgtable_format pgtable_arm64_el2_4k = {GRANULE_4K, EL2_STAGE1};
const struct pgtable_format pgtable_arm64_el2_16k = {GRANULE_16K, EL2_STAGE1};
const struct pgtable_format pgtable_arm64_el2_64k = {GRANULE_64K, EL2_STAGE1};
const struct pgtable_format pgtable_lpae_s2 = {LPAE(40), STAGE2};
const struct pgtable_format pgtable_lpae_hyp = {LPAE(32), STAGE1};
