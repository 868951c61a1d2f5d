// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's state in this CPU's registers, and out of them.
 */
#include "arch/armcommon/arm.h"

/* These two are the vCPU's only while walks are allowed. */
static bool in_memory(const struct arm_vcpu *v, enum el1_register r)
{
	return this_cpu()->loaded != &v->vcpu ||
	       (arm_this_cpu()->translation_blocked &&
		(r == EL1_SCTLR || r == EL1_TCR));
}

#define SAVE(name, reg) v->el1[EL1_##name] = sysreg_read(reg);
#define RESTORE(name, reg) sysreg_write(reg, v->el1[EL1_##name]);

void inject_serror(struct arm_vcpu *v)
{
	v->hcr |= HCR_VSE;
}

void el1_save(struct arm_vcpu *v)
{
	EL1_CONTEXT(SAVE)
	/* Loaded, but never entered since: they are still where they were. */
	if (!arm_this_cpu()->translation_blocked) {
		EL1_TRANSLATION(SAVE)
	}
	if (features.ras) {
		EL1_RAS(SAVE)
	}
}

void el1_restore(const struct arm_vcpu *v)
{
	EL1_CONTEXT(RESTORE)
	if (features.ras) {
		EL1_RAS(RESTORE)
	}
}

void el1_restore_translation(const struct arm_vcpu *v)
{
	if (likely(!arm_this_cpu()->translation_blocked))
		return;
	arm_this_cpu()->translation_blocked = false;
	/* TCR_EL1 last: until then no walk starts, MMU on or off. */
	sysreg_write(sctlr_el1, v->el1[EL1_SCTLR]);
	isb();
	sysreg_write(tcr_el1, v->el1[EL1_TCR]);
	isb();
}

void el1_stop_walks(void)
{
	u64 tcr = sysreg_read(tcr_el1);

	sysreg_write(tcr_el1, TCR_STOP(tcr));
	isb();
	sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) | SCTLR_M);
	isb();
}

void el1_block_translation(void)
{
	arm_this_cpu()->translation_blocked = true;
	el1_stop_walks();
}

u64 el1_read(const struct arm_vcpu *v, enum el1_register r)
{
	if (in_memory(v, r))
		return v->el1[r];
	switch (r) {
#define READ(name, reg)                                                        \
	case EL1_##name:                                                       \
		return sysreg_read(reg);
		EL1_CONTEXT(READ)
		EL1_TRANSLATION(READ)
#define READ_SAVED(name, reg)                                                  \
	case EL1_##name:                                                       \
		return v->el1[r];
		EL1_RAS(READ_SAVED)
	default:
		return 0;
	}
}

void el1_write(struct arm_vcpu *v, enum el1_register r, u64 val)
{
	v->el1[r] = val;
	if (in_memory(v, r))
		return;
	switch (r) {
#define WRITE(name, reg)                                                       \
	case EL1_##name:                                                       \
		sysreg_write(reg, val);                                        \
		break;
		EL1_CONTEXT(WRITE)
		EL1_TRANSLATION(WRITE)
	default:
		break;
	}
}

void el1_init_cpu(void)
{
	sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN);
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	sysreg_write(vttbr_el2, 0);
	el1_block_translation();
}
