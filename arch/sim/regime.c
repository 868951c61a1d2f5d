// SPDX-License-Identifier: BSD-2-Clause
/*
 * The registers that control translation, decoded: stage 2 of AArch64 (Arm ARM
 * DDI 0487, D24.2 VTCR_EL2 and VTTBR_EL2), stage 1 of EL2 without E2H (TCR_EL2,
 * TTBR0_EL2, MAIR_EL2), and the two of ARMv7 with the Virtualization Extensions
 * (DDI 0406, B4.1 VTCR, VTTBR, HTCR, HTTBR, HMAIR).
 */
#include "arch/sim/internal.h"

static u64 bits(u64 x, unsigned int high, unsigned int low)
{
	return x >> low & ((1ULL << (high - low + 1)) - 1);
}

static bool has(u32 feature)
{
	return sim_config.features & feature;
}

/* ---- Sizes ----------------------------------------------------------------------- */

static const u8 oa_sizes[8] = { 32, 36, 40, 42, 44, 48, 52, 56 };

#define NO_LEVEL 9

/* A page's size, and stage 2's first level by SL0. */
static const struct granule {
	u8 page;
	s8 start[4];
} granules[3] = {
	{ 12, { 2, 1, 0, NO_LEVEL } }, /* TG0 0: 4K; SL0 3 is FEAT_TTST's */
	{ 16, { 3, 2, 1, NO_LEVEL } }, /* 1: 64K */
	{ 14, { 3, 2, 1, 0 } },        /* 2: 16K; SL0 3 is FEAT_LPA2's */
};

unsigned int table_bits(const struct regime *r)
{
	return r->granule_shift - 3;
}

/* The address bits that lie below an entry's range at `level`. */
unsigned int level_bits(const struct regime *r, int level)
{
	return r->granule_shift + (unsigned int)(3 - level) * table_bits(r);
}

unsigned int root_entries(const struct regime *r)
{
	unsigned int below = level_bits(r, r->start);

	return r->ia_bits > below ? 1U << (r->ia_bits - below) : 1;
}

/*
 * The first table resolves at least one bit; and in stage 2, with up to 16
 * tables side by side, at most four more than one table does (D8.2.2,
 * concatenation).
 */
static bool start_fits(const struct regime *r)
{
	unsigned int below = level_bits(r, r->start);
	unsigned int concatenated = r->stage1 ? 0 : 4;

	return r->ia_bits > below &&
	       r->ia_bits <= below + table_bits(r) + concatenated;
}

/* The root is aligned to its size: all its concatenated tables, or, of a
 * single one, its entries, 64 bytes at least (D24.2, VTTBR_EL2.BADDR). */
static u64 root_alignment(const struct regime *r)
{
	u64 size = root_entries(r) * 8ULL;

	return size < 64 ? 64 : size;
}

/* Stage 1 starts where one table resolves what is left of the address. */
static int stage1_start(const struct regime *r)
{
	int level = 3;

	while (level > -1 && r->ia_bits > level_bits(r, level) + table_bits(r))
		level--;
	return level;
}

/* More than the CPU has is what the CPU has (R_ZFSYQ and others), and 52 bits
 * take a format that has them (D8.3.1). */
static void output_size(struct regime *r, unsigned int ps)
{
	r->oa_bits = min((unsigned int)oa_sizes[ps], sim_config.pa_bits);
	r->lpa = r->granule_shift == 16 && oa_sizes[ps] == 52 && has(SIM_LPA);
	if (!r->ds && !r->lpa)
		r->oa_bits = min(r->oa_bits, 48U);
}

/* BADDR; with 52 bits of output address, its bits 51:48 are in 5:2. */
static u64 base_address(const struct regime *r, u64 ttbr)
{
	if (r->oa_bits > 48)
		return (ttbr & GENMASK64(47, 6)) | bits(ttbr, 5, 2) << 48;
	return ttbr & GENMASK64(47, 1);
}

/* ---- VTCR_EL2 and VTTBR_EL2 -------------------------------------------------------- */

/* SL2, bit 33, is for level -1 of 4K with DS. */
static int stage2_start(const struct regime *r, unsigned int tg, u64 vtcr)
{
	unsigned int sl = bits(vtcr, 7, 6);
	int start = granules[tg].start[sl];

	if (r->ds && bits(vtcr, 33, 33))
		return tg == 0 && sl == 0 ? -1 : NO_LEVEL;
	return tg == 2 && start == 0 && !r->ds ? NO_LEVEL : start;
}

static struct regime decode_stage2(u64 vtcr, u64 vttbr)
{
	unsigned int tg = bits(vtcr, 15, 14);
	struct regime r = {
		.root = vttbr & GENMASK64(47, 1),
		.vmid = vttbr >> 48,
		.vs = bits(vtcr, 19, 19),
		.ha = bits(vtcr, 21, 21) && has(SIM_HAF),
		.hd = bits(vtcr, 22, 22) && has(SIM_HDBS),
		.ds = bits(vtcr, 32, 32) && has(SIM_LPA2) && tg != 1,
		.ia_bits = 64 - bits(vtcr, 5, 0),
	};

	if (!r.vs)
		r.vmid &= 0xff;
	if (tg > 2)
		return r;
	r.granule_shift = granules[tg].page;
	r.start = stage2_start(&r, tg, vtcr);
	if (r.start == NO_LEVEL)
		return r;
	output_size(&r, bits(vtcr, 18, 16));
	r.root = base_address(&r, vttbr);
	r.valid = start_fits(&r) && r.ia_bits >= 25 &&
		  r.ia_bits <= max(r.oa_bits, 40U) &&
		  IS_ALIGNED(r.root, root_alignment(&r)) && bits(vtcr, 31, 31);
	return r;
}

static u64 stage2_level(u64 tg, int start)
{
	if (start < 0)
		return BIT64(33);
	for (u64 sl = 0; sl < 4; sl++)
		if (granules[tg].start[sl] == start)
			return sl << 6;
	return 3 << 6;
}

/* TG0 of a granule, PS of a size, and HA, HD, DS by what the CPU has. */
static u64 make_common(u64 tg, unsigned int ia_bits, unsigned int oa_bits)
{
	u64 v = tg << 14 | 3ULL << 12 | 1ULL << 10 | 1ULL << 8 | (64 - ia_bits);

	for (u64 ps = 0; ps < 8; ps++)
		if (oa_sizes[ps] == oa_bits)
			v |= ps << 16;
	if (has(SIM_HAF))
		v |= BIT64(21);
	if (has(SIM_HDBS))
		v |= BIT64(22);
	if (has(SIM_LPA2) && tg != 1)
		v |= BIT64(32);
	return v;
}

static u64 granule_field(unsigned int shift)
{
	return shift == 12 ? 0 : shift == 16 ? 1 : 2;
}

static u64 make_lpae_vtcr(unsigned int ia_bits, int start)
{
	u64 v = BIT64(31) | 3ULL << 12 | 1ULL << 10 | 1ULL << 8;

	/* T0SZ is signed; S, bit 4, is its sign once more. */
	v |= (32 - (u64)ia_bits) & 0xf;
	if (ia_bits > 32)
		v |= BIT64(4);
	return v | (start == 1 ? BIT64(6) : 0);
}

u64 sim_make_vtcr(unsigned int granule_shift, unsigned int ia_bits, int start,
		  unsigned int oa_bits)
{
	u64 tg = granule_field(granule_shift), level = stage2_level(tg, start);

	if (has(SIM_ARMV7))
		return granule_shift == 12 ? make_lpae_vtcr(ia_bits, start) : 0;
	/* No SL0 says so. */
	if (start >= 0 && granules[tg].start[level >> 6] != start)
		return 0;
	return make_common(tg, ia_bits, oa_bits) | level | BIT64(31) |
	       (has(SIM_VMID16) ? BIT64(19) : 0);
}

u64 sim_make_vttbr(u64 root, u16 vmid)
{
	return root | (u64)vmid << 48;
}

/* ---- TCR_EL2, TTBR0_EL2 and MAIR_EL2 ------------------------------------------------ */

/* 25 bits at least, without FEAT_TTST; 48 at most, but for LVA and LPA2. */
static bool stage1_size(const struct regime *r)
{
	unsigned int most = r->ds || r->lpa ? 52 : 48;

	return r->ia_bits >= 25 && r->ia_bits <= most;
}

static struct regime decode_el2(u64 tcr, u64 ttbr, u64 mair)
{
	unsigned int tg = bits(tcr, 15, 14);
	struct regime r = {
		.stage1 = true,
		.vmid = NO_VMID,
		.mair = mair,
		.root = ttbr & GENMASK64(47, 1),
		.ha = bits(tcr, 21, 21) && has(SIM_HAF),
		.hd = bits(tcr, 22, 22) && has(SIM_HDBS),
		.ds = bits(tcr, 32, 32) && has(SIM_LPA2) && tg != 1,
		.ia_bits = 64 - bits(tcr, 5, 0),
	};

	if (tg > 2)
		return r;
	r.granule_shift = granules[tg].page;
	r.start = stage1_start(&r);
	output_size(&r, bits(tcr, 18, 16));
	r.root = base_address(&r, ttbr);
	/* Bits 31 and 23 are RES1. */
	r.valid = stage1_size(&r) && start_fits(&r) &&
		  IS_ALIGNED(r.root, root_alignment(&r)) &&
		  bits(tcr, 31, 31) && bits(tcr, 23, 23);
	return r;
}

/* ---- ARMv7: VTCR and VTTBR, HTCR and HTTBR --------------------------------------------- */

/* 4K pages, levels 1 to 3, 40 bits out (DDI 0406, B3.6). */
static struct regime lpae(u64 ttbr, unsigned int ia_bits)
{
	return (struct regime){
		.lpae = true,
		.root = ttbr & GENMASK64(39, 3),
		.granule_shift = 12,
		.ia_bits = ia_bits,
		.oa_bits = min(40U, sim_config.pa_bits),
	};
}

static struct regime decode_lpae_stage2(u64 vtcr, u64 vttbr)
{
	int t0sz = (int)bits(vtcr, 3, 0), sl = bits(vtcr, 7, 6);
	struct regime r;

	if (t0sz > 7)
		t0sz -= 16;
	r = lpae(vttbr, (unsigned int)(32 - t0sz));
	r.vmid = bits(vttbr, 55, 48);
	r.start = sl == 1 ? 1 : 2;
	/* S is T0SZ[3], else the size is UNPREDICTABLE; SL0 2 and 3 are
	 * reserved. */
	r.valid = bits(vtcr, 4, 4) == bits(vtcr, 3, 3) && sl < 2 &&
		  start_fits(&r) && IS_ALIGNED(r.root, root_alignment(&r)) &&
		  bits(vtcr, 31, 31);
	return r;
}

static struct regime decode_hyp(u64 htcr, u64 httbr, u64 hmair)
{
	struct regime r = lpae(httbr, 32 - (unsigned int)bits(htcr, 2, 0));

	r.stage1 = true;
	r.vmid = NO_VMID;
	r.mair = hmair;
	r.start = stage1_start(&r);
	r.valid = start_fits(&r) && IS_ALIGNED(r.root, root_alignment(&r)) &&
		  bits(htcr, 31, 31) && bits(htcr, 23, 23);
	return r;
}

/* ---- Whichever the CPU has --------------------------------------------------------------- */

struct regime regime_decode(u64 vtcr, u64 vttbr)
{
	return has(SIM_ARMV7) ? decode_lpae_stage2(vtcr, vttbr) :
				decode_stage2(vtcr, vttbr);
}

struct regime regime_decode_own(u64 tcr, u64 ttbr, u64 mair)
{
	return has(SIM_ARMV7) ? decode_hyp(tcr, ttbr, mair) :
				decode_el2(tcr, ttbr, mair);
}

u64 sim_make_tcr(unsigned int granule_shift, unsigned int ia_bits,
		 unsigned int oa_bits)
{
	if (has(SIM_ARMV7))
		return BIT64(31) | BIT64(23) | 3ULL << 12 | 1ULL << 10 |
		       1ULL << 8 | (32 - ia_bits);
	return make_common(granule_field(granule_shift), ia_bits, oa_bits) |
	       BIT64(31) | BIT64(23);
}
