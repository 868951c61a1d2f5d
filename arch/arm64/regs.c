// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's architected registers by id, as KVM/arm64 numbers them: core
 * registers by their place in its struct kvm_regs, in words; system registers by
 * their encoding. The target's own are in target_generic.c.
 */
#include "arch/armcommon/arm.h"
#include "arch/arm64/regs.h"
#include "lib/errno.h"

#define CORE(index, n, member, ...)                                            \
	RANGE(REG_ARM64 | REG_U64 | REG_CORE | (index), n, 2, ARM_REG_VCPU,    \
	      offsetof(struct arm_vcpu, member), 8, __VA_ARGS__)
#define SYSREG(op0, op1, crn, crm, op2, kind, where, ...)                      \
	RANGE(ARM64_SYSREG(op0, op1, crn, crm, op2), 1, 1, kind, where, 0,     \
	      __VA_ARGS__)
#define EL1(op1, crn, crm, op2, name, ...)                                     \
	SYSREG(3, op1, crn, crm, op2, ARM_REG_VCPU, EL1_REG(name), __VA_ARGS__)
#define CPU(op1, crm, op2, where)                                              \
	SYSREG(3, op1, 0, crm, op2, ARM_REG_PORT, where, .flags = REG_INVARIANT)
#define TIMER(crm, op2, where, ...)                                            \
	SYSREG(3, 3, 14, crm, op2, ARM_REG_TIMER, where, __VA_ARGS__)
/* DBGBVR<n>_EL1 and its kin: CRm is n. */
#define DEBUG_BANK(op2, which)                                                 \
	RANGE(ARM64_SYSREG(2, 0, 0, 0, op2), 16, 8, ARM_REG_PORT,              \
	      WHERE_DEBUG + (which), 0)

const struct reg_range port_regs[] = {
	RANGE(REG_ARM64 | REG_U32 | REG_CORE | 0xd4, 2, 1, ARM_REG_VCPU,
	      offsetof(struct arm_vcpu, fpsimd.fpsr), 4),
	RANGE(REG_ARM64 | REG_U32 | REG_DEMUX, 14, 1, ARM_REG_CCSIDR, 0, 0,
	      .flags = REG_INVARIANT),

	CORE(0x00, 31, regs.x, .name = "x"),
	CORE(0x3e, 1, el1[EL1_SP_EL0], .name = "sp_el0"),
	CORE(0x40, 1, regs.pc, .name = "pc"),
	RANGE(REG_ARM64 | REG_U64 | REG_CORE | 0x42, 1, 1, ARM_REG_PSTATE,
	      offsetof(struct arm_vcpu, regs.pstate), 0, .name = "pstate"),
	CORE(0x44, 1, el1[EL1_SP_EL1], .name = "sp_el1"),
	CORE(0x46, 1, el1[EL1_ELR], .name = "elr"),
	CORE(0x48, 1, el1[EL1_SPSR], .name = "spsr"),
	/* AArch32's SPSRs: EL1 is AArch64, and has none. */
	RANGE(REG_ARM64 | REG_U64 | REG_CORE | 0x4a, 4, 2, ARM_REG_ZERO, 0, 0,
	      .flags = REG_INVARIANT),

	SYSREG(2, 0, 0, 2, 2, ARM_REG_PORT, WHERE_MDSCR),
	DEBUG_BANK(4, 0),
	DEBUG_BANK(5, 1),
	DEBUG_BANK(6, 2),
	DEBUG_BANK(7, 3),
	SYSREG(3, 0, 0, 0, 5, ARM_REG_VCPU, offsetof(struct arm_vcpu, vmpidr),
	       .flags = REG_INVARIANT),
	RANGE(ARM64_SYSREG(3, 0, 0, 1, 0), 56, 1, ARM_REG_PORT, WHERE_ID, 0,
	      .flags = REG_INVARIANT),
	EL1(0, 1, 0, 0, SCTLR, .name = "sctlr"),
	EL1(0, 1, 0, 2, CPACR),
	EL1(0, 2, 0, 0, TTBR0, .name = "ttbr0"),
	EL1(0, 2, 0, 1, TTBR1, .name = "ttbr1"),
	EL1(0, 2, 0, 2, TCR, .name = "tcr"),
	EL1(0, 5, 1, 0, AFSR0),
	EL1(0, 5, 1, 1, AFSR1),
	EL1(0, 5, 2, 0, ESR, .name = "esr"),
	EL1(0, 6, 0, 0, FAR, .name = "far"),
	EL1(0, 7, 4, 0, PAR),
	EL1(0, 10, 2, 0, MAIR),
	EL1(0, 10, 3, 0, AMAIR),
	EL1(0, 12, 0, 0, VBAR, .name = "vbar"),
	EL1(0, 12, 1, 1, VDISR, .flags = REG_RAS),
	EL1(0, 13, 0, 1, CONTEXTIDR),
	EL1(0, 13, 0, 4, TPIDR_EL1),
	EL1(0, 14, 1, 0, CNTKCTL),
	CPU(1, 0, 1, WHERE_CLIDR),
	EL1(2, 0, 0, 0, CSSELR),
	CPU(3, 0, 1, WHERE_CTR),
	EL1(3, 13, 0, 2, TPIDR_EL0),
	EL1(3, 13, 0, 3, TPIDRRO_EL0),
	/* By KVM's ids CNTV_CVAL_EL0 and CNTVCT_EL0 are each other. */
	TIMER(0, 2, VTIMER_CVAL),
	TIMER(2, 1, VTIMER_PHYS_CTL),
	TIMER(2, 2, VTIMER_PHYS_CVAL),
	TIMER(3, 1, VTIMER_CTL),
	TIMER(3, 2, VTIMER_CNT, .flags = REG_VM),
	RANGE(REG_ARM64 | REG_U64 | REG_FIRMWARE, 4, 1, ARM_REG_FIRMWARE, 0, 0,
	      .flags = REG_INVARIANT),

	RANGE(REG_ARM64 | REG_U128 | REG_CORE | 0x54, 32, 4, ARM_REG_VCPU,
	      offsetof(struct arm_vcpu, fpsimd.v), 16),
};
const unsigned int port_reg_count = ARRAY_SIZE(port_regs);

/* EL1h, EL1t, EL0t; of AArch32's modes User, where the CPU has them: never a
 * level above the guest's own, nor another state than EL1's (DDI 0487, D1.6). */
bool port_pstate_is_valid(u64 pstate)
{
	switch (pstate & SPSR_MODE_MASK) {
	case SPSR_EL1H:
	case SPSR_EL1H - 1:
	case 0:
		return true;
	case SPSR_AARCH32:
		return (sysreg_id(4, 0) & 0xf) == 2;
	default:
		return false;
	}
}

int port_reg_get(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	u64 *debug;

	switch (r->where) {
	case WHERE_DEBUG ... WHERE_DEBUG + 3:
		debug = debug_register(v, r->where - WHERE_DEBUG, n);
		if (!debug)
			return -ENOENT;
		val->d = *debug;
		return 0;
	case WHERE_MDSCR:
		val->d = v->el1[EL1_MDSCR];
		return 0;
	case WHERE_ID:
		val->d = sysreg_id(1 + n / 8, n % 8);
		return 0;
	case WHERE_CLIDR:
		val->d = sysreg_read(clidr_el1);
		return 0;
	case WHERE_CTR:
		val->d = sysreg_read(ctr_el0);
		return 0;
	default:
		val->d = target_register(r->where);
		return 0;
	}
}

int port_reg_set(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	if (r->where == WHERE_MDSCR) {
		if (val->d & ~MDSCR_GUEST_MASK)
			return -EINVAL;
		v->el1[EL1_MDSCR] = val->d;
		return 0;
	}
	if (!debug_register(v, r->where - WHERE_DEBUG, n))
		return -ENOENT;
	debug_write(v, r->where - WHERE_DEBUG, n, val->d);
	return 0;
}
