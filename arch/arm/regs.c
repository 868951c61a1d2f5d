// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's architected registers by id, as KVM/ARM numbered them: core registers
 * by their place in its struct kvm_regs, in words; those of CP15 by their
 * encoding; VFP's. The target's own are in target_*.c. KVM's FPSID has no place
 * here: it is the same on every CPU that guests can have.
 */
#include "arch/armcommon/arm.h"
#include "arch/arm/regs.h"
#include "lib/errno.h"

#define CORE(index, n, where, stride, ...)                                     \
	RANGE(REG_ARM | REG_U32 | REG_CORE | (index), n, 1, ARM_REG_VCPU,      \
	      where, stride, __VA_ARGS__)
#define MODE(index, M, m)                                                      \
	CORE((index) + 0, 1, EL1_REG(SP_##M), 0, .name = "sp_" m),             \
	CORE((index) + 1, 1, EL1_REG(LR_##M), 0, .name = "lr_" m),             \
	CORE((index) + 2, 1, EL1_REG(SPSR_##M), 0, .name = "spsr_" m)
#define CP15(crn, crm, op1, op2, name, ...)                                    \
	RANGE(ARM_CP15_32(crn, crm, op1, op2), 1, 1, ARM_REG_VCPU,             \
	      EL1_REG(name), 0, __VA_ARGS__)
#define WIDE(op1, crm, name, ...)                                              \
	RANGE(ARM_CP15_64(op1, crm), 1, 1, ARM_REG_VCPU, EL1_REG(name), 0,     \
	      __VA_ARGS__)
#define CPU(crm, op1, op2, n, where)                                           \
	RANGE(ARM_CP15_32(0, crm, op1, op2), n, 1, ARM_REG_PORT, where, 0,     \
	      .flags = REG_INVARIANT)
#define TIMER(id, where, ...)                                                  \
	RANGE(id, 1, 1, ARM_REG_TIMER, where, 0, __VA_ARGS__)
#define VFP(size, index, n, kind, where, stride, ...)                          \
	RANGE(REG_ARM | (size) | REG_VFP | (index), n, 1, kind, where, stride, \
	      __VA_ARGS__)

_Static_assert(EL1_SPSR_FIQ == EL1_R8_FIQ + 7, "FIQ's are in kvm_regs' order");

const struct reg_range port_regs[] = {
	CPU(0, 0, 0, 1, WHERE_MIDR),
	CPU(0, 0, 1, 1, WHERE_CTR),
	RANGE(ARM_CP15_32(0, 0, 0, 5), 1, 1, ARM_REG_VCPU,
	      offsetof(struct arm_vcpu, vmpidr), 0, .flags = REG_INVARIANT),
	CPU(0, 0, 6, 1, WHERE_REVIDR),
	CPU(0, 1, 1, 1, WHERE_CLIDR),
	CPU(0, 1, 7, 1, WHERE_AIDR),
	CP15(0, 0, 2, 0, CSSELR),
	CPU(1, 0, 0, 8, WHERE_ID_C1),
	CPU(2, 0, 0, 8, WHERE_ID_C2),
	CP15(1, 0, 0, 0, SCTLR, .name = "sctlr"),
	CP15(1, 0, 0, 2, CPACR),
	CP15(2, 0, 0, 2, TCR, .name = "ttbcr"),
	CP15(3, 0, 0, 0, DACR),
	CP15(5, 0, 0, 0, DFSR, .name = "dfsr"),
	CP15(5, 0, 0, 1, IFSR, .name = "ifsr"),
	CP15(5, 1, 0, 0, ADFSR),
	CP15(5, 1, 0, 1, AIFSR),
	CP15(6, 0, 0, 0, DFAR, .name = "dfar"),
	CP15(6, 0, 0, 2, IFAR, .name = "ifar"),
	CP15(10, 2, 0, 0, MAIR0),
	CP15(10, 2, 0, 1, MAIR1),
	CP15(10, 3, 0, 0, AMAIR0),
	CP15(10, 3, 0, 1, AMAIR1),
	CP15(12, 0, 0, 0, VBAR, .name = "vbar"),
	CP15(13, 0, 0, 1, CONTEXTIDR),
	CP15(13, 0, 0, 2, TPIDR_EL0),
	CP15(13, 0, 0, 3, TPIDRRO_EL0),
	CP15(13, 0, 0, 4, TPIDR_EL1),
	CP15(14, 1, 0, 0, CNTKCTL),
	TIMER(ARM_CP15_32(14, 2, 0, 1), VTIMER_PHYS_CTL),
	TIMER(ARM_CP15_32(14, 3, 0, 1), VTIMER_CTL),

	CORE(0, 13, offsetof(struct arm_vcpu, regs.r), 4, .name = "r"),
	CORE(13, 1, EL1_REG(SP_USR), 0, .name = "sp_usr"),
	CORE(14, 1, offsetof(struct arm_vcpu, regs.r[14]), 0, .name = "lr_usr"),
	CORE(15, 1, offsetof(struct arm_vcpu, regs.pc), 0, .name = "pc"),
	RANGE(REG_ARM | REG_U32 | REG_CORE | 16, 1, 1, ARM_REG_PSTATE,
	      offsetof(struct arm_vcpu, regs.pstate), 0, .name = "cpsr"),
	MODE(18, SVC, "svc"),
	MODE(21, ABT, "abt"),
	MODE(24, UND, "und"),
	MODE(27, IRQ, "irq"),
	CORE(30, 8, EL1_REG(R8_FIQ), 8),
	RANGE(REG_ARM | REG_U32 | REG_DEMUX, 14, 1, ARM_REG_CCSIDR, 0, 0,
	      .flags = REG_INVARIANT),
	VFP(REG_U32, 0x1001, 1, ARM_REG_VCPU,
	    offsetof(struct arm_vcpu, fpsimd.fpscr), 0),
	VFP(REG_U32, 0x1006, 2, ARM_REG_PORT, WHERE_MVFR, 0,
	    .flags = REG_INVARIANT),
	VFP(REG_U32, 0x1008, 1, ARM_REG_VCPU,
	    offsetof(struct arm_vcpu, fpsimd.fpexc), 0),

	WIDE(0, 2, TTBR0, .name = "ttbr0"),
	WIDE(1, 2, TTBR1, .name = "ttbr1"),
	WIDE(0, 7, PAR),
	TIMER(ARM_CP15_64(1, 14), VTIMER_CNT, .flags = REG_VM),
	TIMER(ARM_CP15_64(2, 14), VTIMER_PHYS_CVAL),
	TIMER(ARM_CP15_64(3, 14), VTIMER_CVAL),
	VFP(REG_U64, 0, 32, ARM_REG_VCPU, offsetof(struct arm_vcpu, fpsimd.d),
	    8),
	RANGE(REG_ARM | REG_U64 | REG_FIRMWARE, 4, 1, ARM_REG_FIRMWARE, 0, 0,
	      .flags = REG_INVARIANT),

	/* ThumbEE's, of CP14, for which KVM has no ids. */
	RANGE(REG_OURS | REG_U32 | REG_OURS_CP14, 2, 1, ARM_REG_VCPU,
	      EL1_REG(TEECR), 8),
};
const unsigned int port_reg_count = ARRAY_SIZE(port_regs);
_Static_assert(EL1_TEEHBR == EL1_TEECR + 1, "side by side");

/* Neither Hyp nor Monitor mode, nor one that there is not (ARM DDI 0406C,
 * B1.3.1). */
bool port_pstate_is_valid(u64 pstate)
{
	switch (pstate & SPSR_MODE_MASK) {
	case MODE_USR:
	case MODE_FIQ:
	case MODE_IRQ:
	case MODE_SVC:
	case MODE_ABT:
	case MODE_UND:
	case MODE_SYS:
		return true;
	default:
		return false;
	}
}

static u32 register_of(struct arm_vcpu *v, unsigned int where, unsigned int n)
{
	switch (where) {
	case WHERE_MVFR:
		return sysreg_mvfr(1 - n);
	case WHERE_MIDR:
		return sysreg_read(midr_el1);
	case WHERE_CTR:
		return sysreg_read(ctr_el0);
	case WHERE_REVIDR:
		return sysreg_read(revidr_el1);
	case WHERE_CLIDR:
		return sysreg_read(clidr_el1);
	case WHERE_AIDR:
		return sysreg_read(aidr_el1);
	case WHERE_ACTLR:
		return features.port.target->core->actlr(&v->vcpu);
	case WHERE_L2CTLR:
		return features.port.target->core->l2ctlr(&v->vcpu);
	default:
		return sysreg_id(where == WHERE_ID_C1 ? 1 : 2, n);
	}
}

int port_reg_get(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	val->w = register_of(v, r->where, n);
	return 0;
}

/* None of them changes. */
int port_reg_set(struct arm_vcpu *v, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	return -EINVAL;
}

const struct reg_range *port_target_regs(unsigned int *count)
{
	const struct arm_target *t = features.port.target;

	*count = t ? t->core->reg_count : 0;
	return t ? t->core->regs : port_regs;
}
