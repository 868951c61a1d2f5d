// SPDX-License-Identifier: BSD-2-Clause
/*
 * What Cortex-A15 (ARM DDI 0438) and Cortex-A7 (ARM DDI 0464) have alike beyond
 * the architecture: what a guest's CPU of either kind has at reset.
 */
#include "arch/arm/regs.h"
#include "arch/armcommon/arm.h"

/* SMP is set where there are others to be coherent with. */
static u32 actlr(const struct vcpu *vcpu)
{
	return vcpu->vm->vcpu_count > 1 ? ACTLR_SMP : 0;
}

#define CLUSTER_SHIFT 2
#define CLUSTER (1U << CLUSTER_SHIFT)

/* Number of CPUs less one, of the vCPU's own cluster. */
static u32 l2ctlr(const struct vcpu *vcpu)
{
	unsigned int first = vcpu->id & ~(CLUSTER - 1);

	return (min(vcpu->vm->vcpu_count - first, CLUSTER) - 1) << 24;
}

static const struct reg_range regs[] = {
	{ARM_CP15_32(1, 0, 0, 1), .count = 1, .step = 1, .kind = ARM_REG_PORT,
	 .where = WHERE_ACTLR, .flags = REG_INVARIANT},
	{ARM_CP15_32(9, 0, 1, 2), .count = 1, .step = 1, .kind = ARM_REG_PORT,
	 .where = WHERE_L2CTLR, .flags = REG_INVARIANT},
	{ARM_CP15_32(9, 0, 1, 3), .count = 1, .step = 1, .kind = ARM_REG_ZERO,
	 .flags = REG_INVARIANT}, /* L2ECTLR */
};

const struct arm_core target_cortex = {
	.max_vcpus = 8, /* what a GIC-400 has interfaces for */
	.cluster_shift = CLUSTER_SHIFT,
	.actlr = actlr,
	.l2ctlr = l2ctlr,
	.regs = regs,
	.reg_count = ARRAY_SIZE(regs),
};
