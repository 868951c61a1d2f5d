// SPDX-License-Identifier: BSD-2-Clause
#include "arch/arm64/stage2_encode.h"

#include "arch/arm64/registers.h"

/* ---- ID registers ------------------------------------------------------------- */

static unsigned int field(u64 reg, unsigned int bit)
{
	return reg >> bit & 0xf;
}

/*
 * ID_AA64MMFR0_EL1.TGran4_2 and its like: 0 as stage 1, 1 no, 2 yes, 3 with 52
 * bits. `stage1`: what stage 1 has, in the same terms.
 */
static void decode_granule(struct stage2_cpu *cpu, u32 granule,
			   unsigned int stage2, unsigned int stage1)
{
	if (!stage2)
		stage2 = stage1;
	if (stage2 < 2)
		return;
	cpu->granules += granule;
	if (stage2 > 2)
		cpu->granules52 += granule;
}

static void decode_granules(struct stage2_cpu *cpu, u64 mmfr0)
{
	unsigned int tg4 = field(mmfr0, 28), tg16 = field(mmfr0, 20);
	unsigned int tg64 = field(mmfr0, 24);

	/* TGran4: 0 yes, 1 with 52 bits; TGran16: 1, 2; TGran64: 0. 0xf: no. */
	decode_granule(cpu, SZ_4K, field(mmfr0, 40), tg4 < 2 ? tg4 + 2 : 1);
	decode_granule(cpu, SZ_16K, field(mmfr0, 32),
		       tg16 - 1 < 2 ? tg16 + 1 : 1);
	decode_granule(cpu, SZ_64K, field(mmfr0, 36), !tg64 ? 2 : 1);
}

struct stage2_cpu stage2_cpu_decode(const struct stage2_ids *ids)
{
	static const u8 pa_bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	struct stage2_cpu cpu = {
		.pa_bits = pa_bits[ids->mmfr0 & 7],
		.vmid_bits = field(ids->mmfr1, 4) == 2 ? 16 : 8,
		.features =
			(field(ids->mmfr1, 28) ? STAGE2_XNX : 0) |
			(field(ids->mmfr2, 40) ? STAGE2_FWB : 0) |
			(field(ids->mmfr1, 0) >= 2 ? STAGE2_HAFDBS : 0) |
			(field(ids->mmfr2, 52) >= 2 ? STAGE2_BBM2 : 0) |
			(field(ids->mmfr2, 48) ? STAGE2_TTL : 0) |
			(field(ids->isar0, 56) >= 2 ? STAGE2_TLBIRANGE : 0),
	};

	decode_granules(&cpu, ids->mmfr0);
	if (cpu.granules52)
		cpu.features |= STAGE2_LPA2;
	/* FEAT_LPA is what lets PARange say 52 bits. */
	if (cpu.pa_bits == 52 && cpu.granules & SZ_64K) {
		cpu.features |= STAGE2_LPA;
		cpu.granules52 |= SZ_64K;
	}
	return cpu;
}

/* ---- Registers -------------------------------------------------------------------- */

/* PS: 32, 36, 40, 42, 44, 48, 52 bits. */
static u64 encode_ps(unsigned int oa_bits)
{
	return oa_bits >= 52 ? 6 : oa_bits >= 48 ? 5 : oa_bits >= 44 ? 4 :
	       oa_bits >= 42 ? 3 : oa_bits >= 40 ? 2 : oa_bits >= 36;
}

/*
 * SL0: for 4 KiB, 2 starts at level 0, 1 at 1, 0 at 2; for 16 KiB and 64 KiB, 3
 * starts at level 0 and so on down to 0 at level 3. Never at level -1: 16 tables
 * of level 0 side by side are as much.
 */
static u64 encode_start(unsigned int granule_shift, int level)
{
	return ((granule_shift == 12 ? 2ULL : 3ULL) - level) << VTCR_SL0_SHIFT;
}

u64 stage2_make_vtcr(const struct pgtable *s2, unsigned int shift,
		     unsigned int vmid_bits)
{
	u64 tg0 = shift == 12 ? 0 : shift == 14 ? 2 : 1;

	return VTCR_RES1 | TCR_WALK | (64 - s2->ia_bits) |
	       encode_start(shift, s2->start_level) | tg0 << VTCR_TG0_SHIFT |
	       encode_ps(s2->oa_bits) << VTCR_PS_SHIFT |
	       (vmid_bits == 16 ? VTCR_VS : 0) |
	       (s2->features & PGT_FEAT_HAFDBS ? VTCR_HA | VTCR_HD : 0) |
	       (s2->features & PGT_FEAT_LPA2 ? VTCR_DS : 0);
}

/* ---- TLB invalidation ----------------------------------------------------------------- */

/* RIPAS2E1IS: (NUM + 1) << (5 * SCALE + 1) granules. */
#define SCALES 4
#define NUMS 32

static unsigned int scale_shift(unsigned int scale)
{
	return 5 * scale + 1;
}

u64 stage2_tlbi_range_most(const struct stage2_tlbi *t)
{
	return (u64)NUMS << scale_shift(SCALES - 1) << t->granule_shift;
}

/* BaseADDR counts granules; with VTCR_EL2.DS, 64 KiB whatever the granule. */
static u64 range_operand(const struct stage2_tlbi *t, u64 ipa,
			 unsigned int scale, u64 num, int level)
{
	u64 base = ipa >> (t->ds ? 16 : t->granule_shift);

	return stage2_tg(t) << 46 | (u64)scale << 44 | num << 39 |
	       (u64)(t->ttl && level > 0 ? level : 0) << 37 |
	       (base & GENMASK64(36, 0));
}

bool stage2_tlbi_step(const struct stage2_tlbi *t, u64 *ipa, u64 *size,
		      int level, u64 *operand)
{
	u64 granules = *size >> t->granule_shift, num = 0, done = 1;
	bool range = t->range && granules > 1 &&
		     (!t->ds || IS_ALIGNED(*ipa, SZ_64K));
	unsigned int scale = SCALES;

	if (range) {
		while (!(granules >> scale_shift(--scale)))
			;
		num = min(granules >> scale_shift(scale), (u64)NUMS);
		done = num << scale_shift(scale);
		*operand = range_operand(t, *ipa, scale, num - 1, level);
	} else {
		*operand = stage2_tlbi_ipa(t, *ipa, level);
	}
	*ipa += done << t->granule_shift;
	*size -= done << t->granule_shift;
	return range;
}
