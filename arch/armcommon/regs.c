// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's registers by id: all is in memory when it is looked at, so most of
 * them are where a table says.
 */
#include "arch/armcommon/regs.h"
#include "arch/armcommon/arm.h"
#include "arch/armcommon/psci.h"
#include "arch/armcommon/smccc.h"
#include "lib/errno.h"
#include "lib/string.h"

/* ---- The tables --------------------------------------------------------------- */

static const struct reg_range status_regs[] = {
	{REG_OURS | REG_U32 | REG_OURS_CPU, .count = 1, .step = 1,
	 .kind = ARM_REG_STATUS},
};

const struct reg_range *arch_reg_table(const struct vcpu *vcpu, unsigned int n,
				       unsigned int *count)
{
	switch (n) {
	case 0:
		*count = port_reg_count;
		return port_regs;
	case 1:
		return port_target_regs(count);
	case 2:
		*count = vgic_range_count;
		return vgic_ranges;
	case 3: /* last, for it may wake the vCPU */
		*count = ARRAY_SIZE(status_regs);
		return status_regs;
	default:
		return NULL;
	}
}

void arch_regs_settle(struct vcpu *vcpu)
{
	if (vcpu->powered)
		psci_vcpu_enter(vcpu, psci_of(vcpu));
}

/* ---- What is not simply there --------------------------------------------------- */

static u32 status(const struct arm_vcpu *v)
{
	return (v->vcpu.powered ? ARM_STATUS_ON : 0) |
	       (v->hcr & HCR_VSE ? ARM_STATUS_SERROR : 0);
}

static int set_status(struct arm_vcpu *v, u32 val)
{
	if (val & ~(u32)(ARM_STATUS_ON | ARM_STATUS_SERROR))
		return -EINVAL;
	v->hcr &= ~(u64)HCR_VSE;
	if (val & ARM_STATUS_SERROR)
		v->hcr |= HCR_VSE;
	__atomic_store_n(&v->vcpu.powered, val & ARM_STATUS_ON,
			 __ATOMIC_RELEASE);
	vcpu_request(&v->vcpu, REQ_IRQ);
	return 0;
}

#define CSSELR_INSTRUCTION 1
#define CTYPE_INSTRUCTION 1
#define CTYPE_DATA 2
#define CTYPE_UNIFIED 4

/* The CPU's CSSELR_EL1 is nobody's now, or another VM's. */
static int get_ccsidr(unsigned int csselr, u32 *val)
{
	u32 ctype = sysreg_read(clidr_el1) >> csselr / 2 * 3 & 7;
	u64 was;

	if (csselr & CSSELR_INSTRUCTION ? !(ctype & CTYPE_INSTRUCTION) :
					  ctype < CTYPE_DATA)
		return -ENOENT;
	was = sysreg_read(csselr_el1);
	sysreg_write(csselr_el1, csselr);
	isb();
	*val = sysreg_read(ccsidr_el1);
	sysreg_write(csselr_el1, was);
	isb();
	return 0;
}

/* KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_n: 0 not there, 1 there, 2 not needed. */
static u64 firmware(unsigned int n)
{
	static const u32 function[] = {
		SMCCC_ARCH_WORKAROUND_1,
		SMCCC_ARCH_WORKAROUND_2,
		SMCCC_ARCH_WORKAROUND_3,
	};

	if (n == 0)
		return PSCI_VERSION_1_1;
	return smccc_workarounds.features(function[n - 1]) + 1;
}

/* ---- Get and set ------------------------------------------------------------------ */

static void *at(struct arm_vcpu *v, const struct reg_range *r, unsigned int n)
{
	return (char *)v + r->where + n * r->stride;
}

int arch_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	struct arm_vcpu *v = to_arm(vcpu);

	if (r->flags & REG_RAS && !features.ras)
		return -ENOENT;
	switch (r->kind) {
	case ARM_REG_VCPU:
	case ARM_REG_PSTATE:
		memcpy(val, at(v, r, n), reg_size(r->id));
		return 0;
	case ARM_REG_ZERO:
		return 0;
	case ARM_REG_STATUS:
		val->w = status(v);
		return 0;
	case ARM_REG_CCSIDR:
		return get_ccsidr(n, &val->w);
	case ARM_REG_TIMER:
		val->d = vtimer_get(vcpu, r->where);
		return 0;
	case ARM_REG_FIRMWARE:
		val->d = firmware(n);
		return 0;
	case ARM_REG_PORT:
		return port_reg_get(v, r, n, val);
	default:
		return vgic_reg_get(vcpu, r, n, val);
	}
}

int arch_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	struct arm_vcpu *v = to_arm(vcpu);

	if (r->flags & REG_RAS && !features.ras)
		return -ENOENT;
	switch (r->kind) {
	case ARM_REG_PSTATE:
		if (!port_pstate_is_valid(val->d))
			return -EINVAL;
		/* fall through */
	case ARM_REG_VCPU:
		memcpy(at(v, r, n), val, reg_size(r->id));
		return 0;
	case ARM_REG_STATUS:
		return set_status(v, val->w);
	case ARM_REG_TIMER:
		return vtimer_set(vcpu, r->where, val->d);
	case ARM_REG_PORT:
		return port_reg_set(v, r, n, val);
	default:
		return vgic_reg_set(vcpu, r, n, val);
	}
}
