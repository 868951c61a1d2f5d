// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions given to a guest, taken as the hardware would take them to EL1
 * (Arm ARM DDI 0487, D1.3 "Exceptions", AArch64.TakeException).
 */
#include "arch/armcommon/arm.h"
#include "arch/arm64/registers.h"
#include "core/arch.h"

#define SCTLR_EL1_SPAN BIT64(23)
#define SCTLR_EL1_DSSBS BIT64(44)
/* What PSTATE keeps over an exception: NZCV and DIT. */
#define PSTATE_KEPT (GENMASK64(31, 28) | BIT64(24))

static u64 vector_offset(u64 pstate)
{
	if (pstate & BIT64(4))
		return 0x600; /* EL0, AArch32 */
	if ((pstate & 0xf) == 0)
		return 0x400; /* EL0, AArch64 */
	return pstate & 1 ? 0x200 : 0;
}

static u64 exception_pstate(u64 old, u64 sctlr)
{
	u64 new = (old & PSTATE_KEPT) | SPSR_DAIF | SPSR_EL1H;

	if (features.port.pan)
		new |= sctlr & SCTLR_EL1_SPAN ? old & SPSR_PAN : SPSR_PAN;
	if (features.port.ssbs && (sctlr & SCTLR_EL1_DSSBS))
		new |= SPSR_SSBS;
	return new;
}

static void take_exception(struct arm_vcpu *v, u64 esr)
{
	el1_write(v, EL1_ESR, esr);
	el1_write(v, EL1_ELR, v->regs.pc);
	el1_write(v, EL1_SPSR, v->regs.pstate);
	v->regs.pc = el1_read(v, EL1_VBAR) + vector_offset(v->regs.pstate);
	v->regs.pstate = exception_pstate(v->regs.pstate, el1_read(v, EL1_SCTLR));
}

void inject_undefined(struct arm_vcpu *v)
{
	take_exception(v, ((u64)EC_UNKNOWN << ESR_EC_SHIFT) | ESR_IL);
}

static bool from_el0(const struct arm_vcpu *v)
{
	return (v->regs.pstate & 0xf) == 0;
}

static void inject_abort(struct arm_vcpu *v, const struct guest_fault *f,
			 u32 fsc)
{
	u32 ec = f->exec ? EC_IABT_LOWER : EC_DABT_LOWER;
	u64 esr;

	if (!from_el0(v))
		ec++; /* the same abort, from the current EL */
	esr = ((u64)ec << ESR_EC_SHIFT) | ESR_IL | fsc;
	if (!f->exec && f->write && !f->s1ptw)
		esr |= ISS_WNR;
	el1_write(v, EL1_FAR, f->gva.v);
	take_exception(v, esr);
}

void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
	struct arm_vcpu *v = to_arm(vcpu);

	switch (what) {
	case GUEST_UNDEFINED:
		inject_undefined(v);
		break;
	case GUEST_EXTERNAL_ABORT:
		/* 0b010000, or on a table walk 0b0101LL: the level that
		 * failed is the lowest bits of our own syndrome. */
		inject_abort(v, f, f->s1ptw ? 0x14 | (f->syndrome & 3) : 0x10);
		break;
	case GUEST_ADDRESS_SIZE:
		inject_abort(v, f, FSC_ADDRESS_SIZE | (f->syndrome & 3));
		break;
	}
}
