/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a CPU's stage 2 a VM gets. Computations alone, which a PC can test.
 */
#ifndef ARMCOMMON_STAGE2_CHOOSE_H
#define ARMCOMMON_STAGE2_CHOOSE_H

#include "core/arch.h"
#include "lib/types.h"
#include "lib/util.h"
#include "pgtable/pgtable.h"

/*
 * Extensions that stage 2 may use. A VM can do without all but STAGE2_LPAE and
 * STAGE2_FWB, which decides what the hypervisor cleans for all VMs: stage2_choose() has the names.
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
	STAGE2_LPAE = 1 << 8,   /* ARMv7: its format, of 4 KiB alone */
};

struct stage2_cpu {
	unsigned int pa_bits; /* 32 to 52 */
	unsigned int vmid_bits;
	/* Sums of granules in bytes: those that there are, and those that reach
	 * 52 bits, with STAGE2_LPA or STAGE2_LPA2. */
	u32 granules, granules52;
	u32 features; /* enum stage2_feature */
};

/*
 * What of the CPU a VM uses. -EINVAL: it cannot have this granule, as many bits
 * of IPA, or does not know a feature that is to be off; *no (may be NULL) says so.
 */
int stage2_choose(const struct stage2_cpu *cpu, const struct vm_config *config,
		  struct pgtable_config *out, struct stage2_refusal *no);
/* The extensions that are left to a VM: the CPU's without those that are off. */
u32 stage2_features(const struct stage2_cpu *cpu,
		    const struct vm_config *config);

/* BADDR has address bits 51:48 in 5:2, which are 0 in what is below 2^48. */
static inline u64 stage2_make_vttbr(hpa_t root, u16 vmid)
{
	return (root.v & GENMASK64(47, 1)) | (root.v >> 48 & 0xf) << 2 |
	       (u64)vmid << 48;
}

#endif
