// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's registers 8 to 14 by number: which they are depends on its mode
 * (ARM DDI 0406C, B1.3.2). A mode that there is not has those of User mode, as
 * good as any (K31).
 */
#include "arch/armcommon/arm.h"

/* r13 and r14 of a mode stand side by side, as do r8 to r12 before FIQ's. */
static int bank_of(u32 pstate)
{
	switch (pstate & SPSR_MODE_MASK) {
	case MODE_SVC:
		return EL1_SP_SVC;
	case MODE_ABT:
		return EL1_SP_ABT;
	case MODE_UND:
		return EL1_SP_UND;
	case MODE_IRQ:
		return EL1_SP_IRQ;
	case MODE_FIQ:
		return EL1_SP_FIQ;
	}
	return -1;
}

_Static_assert(EL1_LR_SVC == EL1_SP_SVC + 1 && EL1_LR_ABT == EL1_SP_ABT + 1 &&
	       EL1_LR_UND == EL1_SP_UND + 1 && EL1_LR_IRQ == EL1_SP_IRQ + 1 &&
	       EL1_LR_FIQ == EL1_SP_FIQ + 1 && EL1_SP_FIQ == EL1_R8_FIQ + 5,
	       "r13 and r14 stand side by side");

/* Where register n (8 to 14) is: an el1 register, or -1: in regs.r. */
static int where(const struct arm_vcpu *v, unsigned int n)
{
	int bank = bank_of(v->regs.pstate);

	if (n < 13)
		return bank == EL1_SP_FIQ ? (int)(EL1_R8_FIQ + n - 8) : -1;
	if (bank < 0)
		return n == 13 ? EL1_SP_USR : -1;
	return bank + (int)n - 13;
}

u64 vcpu_get_banked(const struct arm_vcpu *v, unsigned int n)
{
	int r;

	if (n > 14)
		return 0;
	if (n < 8)
		return v->regs.r[n];
	r = where(v, n);
	return r < 0 ? v->regs.r[n] : (u32)el1_read(v, r);
}

void vcpu_set_banked(struct arm_vcpu *v, unsigned int n, u64 val)
{
	int r;

	if (n > 14)
		return;
	r = n < 8 ? -1 : where(v, n);
	if (r < 0)
		v->regs.r[n] = val;
	else
		el1_write(v, r, (u32)val);
}
