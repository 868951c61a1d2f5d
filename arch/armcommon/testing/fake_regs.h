/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of a port's registers by id (core/vcpu_regs.h): beside fake_cpu.c,
 * what else of the two rooms they rest on, and the properties that both ports
 * have.
 */
#ifndef ARMCOMMON_TESTING_FAKE_REGS_H
#define ARMCOMMON_TESTING_FAKE_REGS_H

#include "arch/armcommon/testing/fake_cpu.h"
#include "core/vcpu_regs.h"

#define FAKE_REGS_MAX 1024

struct fake_snapshot {
	unsigned int count;
	u64 id[FAKE_REGS_MAX];
	union reg_value val[FAKE_REGS_MAX];
};

/* Puts `vcpu` into its VM. */
void fake_regs_add(struct arm_vcpu *v, unsigned int id);
/* Lists all and gets all, each of them once, and asserts that it can. */
void fake_regs_get_all(struct arm_vcpu *v, struct fake_snapshot *s);
/* Sets all that the snapshot has, by its order. */
void fake_regs_set_all(struct arm_vcpu *v, const struct fake_snapshot *s);
void fake_regs_assert_same(const struct fake_snapshot *a,
			   const struct fake_snapshot *b);
/* Every byte of the vCPU's state something else. */
void fake_regs_scribble(struct arm_vcpu *v, unsigned int seed);

u64 fake_regs_get(struct arm_vcpu *v, u64 id);
int fake_regs_set(struct arm_vcpu *v, u64 id, u64 val);

/* What the GIC and the timers of the vCPUs have. */
extern u64 fake_vtimer[2][5];
extern unsigned int fake_unloads, fake_requests, fake_starts;

#endif
