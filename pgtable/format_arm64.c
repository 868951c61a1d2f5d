// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes of VMSAv8-64 leaves: stage 2 and EL2 stage 1 (DDI 0487, D8.3.2
 * and D8.4 to D8.6).
 */
#include "pgtable/format.h"

#define AF       BIT64(10)
#define SH_INNER (3ULL << 8)
#define XN       BIT64(54)
#define SW_SHIFT 55
#define SW_BITS  (0xfULL << SW_SHIFT)

#define ATTR_KNOWN                                                             \
	(PGT_PROT_MASK | PGT_DEVICE | PGT_NOCACHE | PGT_SW_MASK | PGT_YOUNG |  \
	 PGT_DIRTY)

/* Software-defined bits stand at 8 in attributes, at 55 in entries. */
static u64 sw_encode(u32 attr)
{
	return (u64)(attr & PGT_SW_MASK) << (SW_SHIFT - 8);
}

static u32 sw_decode(u64 entry)
{
	return (entry & SW_BITS) >> (SW_SHIFT - 8);
}

/* What no format expresses: unknown bits, two types, executable devices. */
static bool attr_valid(u32 attr)
{
	if (attr & ~ATTR_KNOWN)
		return false;
	return !(attr & PGT_DEVICE) || !(attr & (PGT_X | PGT_NOCACHE));
}

/* ---- Stage 2 ----------------------------------------------------------- */

#define S2_READ       BIT64(6)
#define S2_WRITE      BIT64(7)
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
static u64 s2_encode(const struct pgtable *pt, u32 attr)
{
	u64 e = AF | SH_INNER | sw_encode(attr);

	if (!attr_valid(attr) || (attr & PGT_RX) == PGT_X)
		return 0;
	if (attr & PGT_DEVICE)
		e |= S2_DEVICE_NGNRE;
	else if (attr & PGT_NOCACHE)
		e |= S2_NORMAL_NC;
	else
		e |= pt->features & PGT_FEAT_FWB ? S2_NORMAL_WB_FWB
						 : S2_NORMAL_WB;
	/* PGT_R and PGT_W are bits 0 and 1, S2AP bits 6 and 7. */
	e |= (u64)(attr & PGT_RW) << 6;
	return attr & PGT_X ? e : e | XN;
}

static u32 s2_decode(const struct pgtable *pt, u64 entry)
{
	u32 attr = ((entry >> 6) & PGT_RW) | sw_decode(entry);

	if (!(entry & XN))
		attr |= PGT_X;
	if (entry & AF)
		attr |= PGT_YOUNG;
	if ((entry & S2_MEMATTR_MASK) == S2_DEVICE_NGNRE)
		attr |= PGT_DEVICE;
	else if ((entry & S2_MEMATTR_MASK) == S2_NORMAL_NC)
		attr |= PGT_NOCACHE;
	return attr;
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
static u64 el2_encode(const struct pgtable *pt, u32 attr)
{
	u64 e = AF | SH_INNER | EL2_AP1 | sw_encode(attr);

	if (!attr_valid(attr) || !(attr & PGT_R))
		return 0;
	if (attr & PGT_DEVICE)
		e |= EL2_DEVICE_NGNRE;
	else if (attr & PGT_NOCACHE)
		e |= EL2_NORMAL_NC;
	if (!(attr & PGT_W))
		e |= EL2_READ_ONLY;
	return attr & PGT_X ? e : e | XN;
}

static u32 el2_decode(const struct pgtable *pt, u64 entry)
{
	u32 attr = PGT_R | sw_decode(entry);

	if (!(entry & EL2_READ_ONLY))
		attr |= PGT_W;
	if (!(entry & XN))
		attr |= PGT_X;
	if (entry & AF)
		attr |= PGT_YOUNG;
	if ((entry & EL2_ATTR_INDEX_MASK) == EL2_DEVICE_NGNRE)
		attr |= PGT_DEVICE;
	else if ((entry & EL2_ATTR_INDEX_MASK) == EL2_NORMAL_NC)
		attr |= PGT_NOCACHE;
	return attr;
}

/* ---- Formats ----------------------------------------------------------- */

/* A walk cannot start at the last level of 4K (that is FEAT_TTST). */
#define GRANULE_4K                                                             \
	.geometry = PGT_GEOMETRY_4K, .granule_shift = 12, .index_bits = 9,     \
	.top_level = 0, .first_leaf = 1, .last_start = 2
#define GRANULE_16K                                                            \
	.geometry = PGT_GEOMETRY_16K, .granule_shift = 14, .index_bits = 11,   \
	.top_level = 0, .first_leaf = 2, .last_start = 3
#define GRANULE_64K                                                            \
	.geometry = PGT_GEOMETRY_64K, .granule_shift = 16, .index_bits = 13,   \
	.top_level = 1, .first_leaf = 2, .last_start = 3

/* Without FEAT_LPA and FEAT_LPA2: 48 bits. T0SZ is 39 at most. */
#define SIZES .ia_bits_min = 25, .ia_bits_max = 48, .oa_bits_max = 48

#define STAGE2                                                                 \
	SIZES, .concat_shift = 4,                                              \
	       .live_bits = AF | S2_READ | S2_WRITE | XN | SW_BITS,            \
	       .prot_bits = S2_READ | S2_WRITE | XN, .sw_shift = SW_SHIFT,     \
	       .right = {{S2_READ, S2_READ}, {S2_WRITE, S2_WRITE}, {XN, 0}},   \
	       .device_mask = S2_MEMATTR_MASK, .device = S2_DEVICE_NGNRE,      \
	       .encode = s2_encode, .decode = s2_decode

#define EL2_STAGE1                                                             \
	SIZES, .concat_shift = 0,                                              \
	       .live_bits = AF | EL2_READ_ONLY | XN | SW_BITS,                 \
	       .prot_bits = EL2_READ_ONLY | XN, .sw_shift = SW_SHIFT,          \
	       .right = {{0, 0}, {EL2_READ_ONLY, 0}, {XN, 0}},                 \
	       .device_mask = EL2_ATTR_INDEX_MASK, .device = EL2_DEVICE_NGNRE, \
	       .encode = el2_encode, .decode = el2_decode

const struct pgtable_format pgtable_arm64_s2_4k = {GRANULE_4K, STAGE2};
const struct pgtable_format pgtable_arm64_s2_16k = {GRANULE_16K, STAGE2};
const struct pgtable_format pgtable_arm64_s2_64k = {GRANULE_64K, STAGE2};
const struct pgtable_format pgtable_arm64_el2_4k = {GRANULE_4K, EL2_STAGE1};
