/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's registers by id (core/vcpu_regs.h): what both Arm ports' tables are
 * made of. A port has a table of what is architected, and one of what is its
 * target's alone (K13).
 */
#ifndef ARMCOMMON_REGS_H
#define ARMCOMMON_REGS_H

#include "core/vcpu_regs.h"

/* KVM's "coprocessors", bits 31:16 of an id. */
#define REG_CP15 (0x000fULL << 16)
#define REG_CORE (0x0010ULL << 16)
#define REG_DEMUX (0x0011ULL << 16)
#define REG_VFP (0x0012ULL << 16)
#define REG_SYSREG (0x0013ULL << 16)
#define REG_FIRMWARE (0x0014ULL << 16)
/* Ours, under REG_OURS: docs/registers.md. */
#define REG_OURS_CPU (0x0000ULL << 16)
#define REG_OURS_CP14 (0x0001ULL << 16)
#define REG_OURS_GICC (0x0002ULL << 16)
#define REG_OURS_GICD (0x0003ULL << 16)

enum arm_reg_kind {
	/* At `where`, `stride` bytes apart, as many bytes as the id says, in */
	ARM_REG_VCPU,   /* struct arm_vcpu */
	ARM_REG_GICC,   /* struct vgic_cpu */
	ARM_REG_GICD,   /* struct vgic */
	/* The bank n's active interrupts that this vCPU handles. */
	ARM_REG_ACTIVE,
	ARM_REG_ZERO,   /* reads as zero */
	ARM_REG_STATUS, /* enum arm_reg_status */
	ARM_REG_CCSIDR, /* by CSSELR */
	ARM_REG_TIMER,  /* where: enum vtimer_register */
	ARM_REG_FIRMWARE,
	/* The port's own; `where` is its affair. */
	ARM_REG_PSTATE, /* at `where`, and checked */
	ARM_REG_PORT,
};

/* The ranges' flags: the vCPU has them only with this GIC, or with FEAT_RAS. */
#define REG_GIC2 (REG_PORT << 0)
#define REG_GIC3 (REG_PORT << 1)
#define REG_RAS (REG_PORT << 2)

/* REG_OURS | REG_U32 | REG_OURS_CPU: */
enum arm_reg_status {
	ARM_STATUS_ON = 1,     /* KVM's MP_STATE: powered, by PSCI */
	ARM_STATUS_SERROR = 2, /* KVM's VCPU_EVENTS: pending */
};

/* One of a table's ranges: `stride` bytes apart and ids of `apart`. */
#define RANGE(id_, n, apart, kind_, where_, stride_, ...)                      \
	{.id = (id_), .count = (n), .step = (apart), .kind = (kind_),          \
	 .where = (where_), .stride = (stride_), __VA_ARGS__}
#define EL1_REG(name)                                                          \
	(offsetof(struct arm_vcpu, el1) + sizeof(u64) * EL1_##name)

struct arm_vcpu;

extern const struct reg_range port_regs[];
extern const unsigned int port_reg_count;
/* The target's table. */
const struct reg_range *port_target_regs(unsigned int *count);
/* Of ARM_REG_PORT and where ARM_REG_PSTATE is checked; as arch_reg_get() and
 * arch_reg_set(). */
int port_reg_get(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 union reg_value *val);
int port_reg_set(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 const union reg_value *val);
/* Could a guest of this port have the value? */
bool port_pstate_is_valid(u64 pstate);

/* vgic_by_id.c. Unloaded, all of the VM's vCPUs for REG_VM. */
extern const struct reg_range vgic_ranges[];
extern const unsigned int vgic_range_count;
int vgic_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val);
int vgic_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val);

#endif
