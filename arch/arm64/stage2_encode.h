/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 in the encodings of the architecture: what ID registers report,
 * VTCR_EL2 and VTTBR_EL2, operands of TLB invalidations. Computations alone,
 * without a CPU's instruction, so that a PC can test them (DDI 0487: D8, D19).
 */
#ifndef ARM64_STAGE2_ENCODE_H
#define ARM64_STAGE2_ENCODE_H

#include "arch/armcommon/stage2_choose.h"
#include "lib/types.h"
#include "lib/util.h"
#include "pgtable/pgtable.h"

/* ---- What the CPU has ------------------------------------------------------- */

struct stage2_ids {
	u64 isar0, mmfr0, mmfr1, mmfr2;
};

struct stage2_cpu stage2_cpu_decode(const struct stage2_ids *ids);

/* ---- A VM's --------------------------------------------------------------------- */

/* For s2, whose granule is 2^shift bytes. */
u64 stage2_make_vtcr(const struct pgtable *s2, unsigned int shift,
		     unsigned int vmid_bits);

/* ---- TLB invalidation --------------------------------------------------------- */

/* How the operands for a tree are made. */
struct stage2_tlbi {
	u8 granule_shift;
	bool ttl;   /* FEAT_TTL is used */
	bool range; /* FEAT_TLBIRANGE is used */
	bool ds;    /* VTCR_EL2.DS is set */
};

/* TG: 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB. */
static inline u64 stage2_tg(const struct stage2_tlbi *t)
{
	return (t->granule_shift - 10U) / 2;
}

/*
 * TLBI IPAS2E1IS: IPA[51:12] in 39:0, TTL in 47:44: granule and level, or 0 for
 * any level, which also says what level 0 has no code for (bugs.md 17).
 */
static inline u64 stage2_tlbi_ipa(const struct stage2_tlbi *t, u64 ipa,
				  int level)
{
	u64 ttl = t->ttl && level > 0 ? stage2_tg(t) << 2 | (u64)level : 0;

	return (ipa >> 12 & GENMASK64(39, 0)) | ttl << 44;
}

/* The most bytes that stage2_tlbi_step() is worth being called for: one
 * instruction of the largest kind. */
u64 stage2_tlbi_range_most(const struct stage2_tlbi *t);

/*
 * [*ipa, *ipa + *size), whole granules and not empty, with TLBI RIPAS2E1IS as far
 * as that can say it, else address by address. One step: *operand; true: for a
 * range. *ipa and *size become what is left.
 */
bool stage2_tlbi_step(const struct stage2_tlbi *t, u64 *ipa, u64 *size,
		      int level, u64 *operand);

#endif
