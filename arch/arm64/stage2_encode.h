/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage 2 in the encodings of the architecture: what ID registers report,
 * VTCR_EL2 and VTTBR_EL2, operands of TLB invalidations. Computations alone,
 * without a CPU's instruction, so that a PC can test them (DDI 0487: D8, D19).
 */
#ifndef ARM64_STAGE2_ENCODE_H
#define ARM64_STAGE2_ENCODE_H

#include "core/arch.h"
#include "lib/types.h"
#include "lib/util.h"
#include "pgtable/pgtable.h"

/* ---- What the CPU has ------------------------------------------------------- */

/*
 * Extensions that stage 2 may use. A VM can do without all but STAGE2_FWB, which
 * decides what the hypervisor cleans for all VMs: stage2_choose() has the names.
 */
enum stage2_feature {
	STAGE2_XNX = 1 << 0,
	STAGE2_HAFDBS = 1 << 1, /* both of them: access flag and dirty state */
	STAGE2_BBM2 = 1 << 2,   /* FEAT_BBM, level 2 */
	STAGE2_TTL = 1 << 3,
	STAGE2_TLBIRANGE = 1 << 4,
	STAGE2_LPA = 1 << 5,    /* 52 bits with 64 KiB granules */
	STAGE2_LPA2 = 1 << 6,   /* with 4 KiB and 16 KiB, where granules52 has them */
	STAGE2_FWB = 1 << 7,
};

struct stage2_ids {
	u64 isar0, mmfr0, mmfr1, mmfr2;
};

struct stage2_cpu {
	unsigned int pa_bits; /* 32 to 52 */
	unsigned int vmid_bits;
	/* Sums of granules in bytes: those that there are, and those that reach
	 * 52 bits, with STAGE2_LPA or STAGE2_LPA2. */
	u32 granules, granules52;
	u32 features; /* enum stage2_feature */
};

struct stage2_cpu stage2_cpu_decode(const struct stage2_ids *ids);

/* ---- A VM's (stage2_choose.c) -------------------------------------------------- */

/*
 * What of the CPU a VM uses. -EINVAL: it cannot have this granule, as many bits
 * of IPA, or does not know a feature that is to be off; *no (may be NULL) says so.
 */
int stage2_choose(const struct stage2_cpu *cpu, const struct vm_config *config,
		  struct pgtable_config *out, struct stage2_refusal *no);
/* The extensions that are left to a VM: the CPU's without those that are off. */
u32 stage2_features(const struct stage2_cpu *cpu,
		    const struct vm_config *config);

/* For s2, whose granule is 2^shift bytes. */
u64 stage2_make_vtcr(const struct pgtable *s2, unsigned int shift,
		     unsigned int vmid_bits);

/* BADDR has address bits 51:48 in 5:2, which are 0 in what is below 2^48. */
static inline u64 stage2_make_vttbr(hpa_t root, u16 vmid)
{
	return (root.v & GENMASK64(47, 1)) | (root.v >> 48 & 0xf) << 2 |
	       (u64)vmid << 48;
}

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
