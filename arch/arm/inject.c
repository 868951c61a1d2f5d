// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions given to a guest, taken as the hardware would take them to a PL1
 * mode (ARM DDI 0406C, B1.8.3 and B1.9).
 */
#include "arch/armcommon/arm.h"
#include "core/arch.h"

#define HIGH_VECTORS 0xffff0000U
#define VECTOR_UNDEFINED 0x04
#define VECTOR_PREFETCH 0x0c
#define VECTOR_DATA 0x10

/* What CPSR keeps: the flags, GE, and the masks that are set. */
#define CPSR_KEPT (0xf80f0000 | SPSR_A | SPSR_I | SPSR_F)

/* DFSR and IFSR: an external abort; in the short format bit 10 is FS[4]. */
#define FSR_LPAE (1 << 9)
#define FSR_WNR (1 << 11)
#define FSR_CM (1 << 13) /* of the long format */
#define FSR_EXTERNAL_SHORT 0x08
#define FSR_EXTERNAL_WALK_1_SHORT 0x0c /* at the first level */
#define FSR_EXTERNAL_WALK_2_SHORT 0x0e
#define FSR_EXTERNAL_LONG 0x10
#define FSR_EXTERNAL_WALK_LONG 0x14

/* The mode's SPSR stands behind its r14. `link`: what r14 gets beyond the pc. */
static void take_exception(struct arm_vcpu *v, unsigned int mode,
			   enum el1_register lr, u32 link, u32 vector, u32 mask)
{
	u32 sctlr = el1_read(v, EL1_SCTLR);
	u32 base = sctlr & SCTLR_V ? HIGH_VECTORS : (u32)el1_read(v, EL1_VBAR);

	el1_write(v, lr, v->regs.pc + link);
	el1_write(v, lr + 1, v->regs.pstate);
	v->regs.pc = base + vector;
	v->regs.pstate = (v->regs.pstate & CPSR_KEPT) | mode | SPSR_I | mask |
			 (sctlr & SCTLR_TE ? SPSR_T32 : 0) |
			 (sctlr & SCTLR_EE ? SPSR_AARCH32_E : 0);
}

_Static_assert(EL1_SPSR_UND == EL1_LR_UND + 1 && EL1_SPSR_ABT == EL1_LR_ABT + 1,
	       "SPSR stands behind r14");

void inject_undefined(struct arm_vcpu *v)
{
	take_exception(v, MODE_UND, EL1_LR_UND,
		       v->regs.pstate & SPSR_T32 ? 2 : 4, VECTOR_UNDEFINED, 0);
}

/*
 * Does the walk's descriptor stand in the guest's first-level table (ARM DDI 0406C,
 * B3.5.4 and B3.5.5)? TTBCR.N says how much of the addresses is TTBR0's.
 */
static bool is_first_level(const struct arm_vcpu *v, const struct guest_fault *f)
{
	unsigned int n = el1_read(v, EL1_TCR) & 7;
	u32 va = f->gva.v, table;

	if (n && va >> (32 - n))
		table = el1_read(v, EL1_TTBR1) & ~0x3fffULL;
	else
		table = el1_read(v, EL1_TTBR0) & ~(0x3fffULL >> n);
	return f->gpa.v >> PAGE_SHIFT == (table + (va >> 20) * 4) >> PAGE_SHIFT;
}

/* The long format's level is, for want of the guest's own, that of stage 2. */
static u32 external_abort(const struct arm_vcpu *v, const struct guest_fault *f)
{
	unsigned int level = f->syndrome & 3;

	if (el1_read(v, EL1_TCR) & TTBCR_EAE)
		return FSR_LPAE | (f->s1ptw ? FSR_EXTERNAL_WALK_LONG | level :
					      FSR_EXTERNAL_LONG);
	if (!f->s1ptw)
		return FSR_EXTERNAL_SHORT;
	return is_first_level(v, f) ? FSR_EXTERNAL_WALK_1_SHORT :
				      FSR_EXTERNAL_WALK_2_SHORT;
}

/* Cache maintenance counts as a write (B4.1.52); a walk is no write of the guest's. */
static u32 direction(const struct arm_vcpu *v, const struct guest_fault *f)
{
	if (f->syndrome & ISS_CM)
		return FSR_WNR |
		       (el1_read(v, EL1_TCR) & TTBCR_EAE ? FSR_CM : 0);
	return f->write && !f->s1ptw ? FSR_WNR : 0;
}

/* An address beyond what stage 2 takes has no code of its own in ARMv7. */
void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
	struct arm_vcpu *v = to_arm(vcpu);
	u32 fsr;

	if (what == GUEST_UNDEFINED) {
		inject_undefined(v);
		return;
	}
	fsr = external_abort(v, f);
	if (f->exec) {
		el1_write(v, EL1_IFSR, fsr);
		el1_write(v, EL1_IFAR, f->gva.v);
	} else {
		el1_write(v, EL1_DFSR, fsr | direction(v, f));
		el1_write(v, EL1_DFAR, f->gva.v);
	}
	take_exception(v, MODE_ABT, EL1_LR_ABT, f->exec ? 4 : 8,
		       f->exec ? VECTOR_PREFETCH : VECTOR_DATA, SPSR_A);
}
