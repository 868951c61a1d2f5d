// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest in AArch32, on arm64 its EL0 alone: instructions of two or four bytes,
 * executed on a condition (Arm ARM DDI 0487, G1.17 and G5.1).
 */
#include "arch/armcommon/arm.h"

#define PSR_N BIT64(31)
#define PSR_Z BIT64(30)
#define PSR_C BIT64(29)
#define PSR_V BIT64(28)
/* ITSTATE[1:0] and [7:2]. */
#define PSR_IT_LOW GENMASK64(26, 25)
#define PSR_IT_HIGH GENMASK64(15, 10)

#define ISS_CV BIT64(24)
#define ISS_COND GENMASK64(23, 20)

static u64 it_state(u64 psr)
{
	return FIELD_GET(PSR_IT_HIGH, psr) << 2 | FIELD_GET(PSR_IT_LOW, psr);
}

/* ITAdvance(): the IT block's next instruction, or its end. */
static u64 it_advance(u64 it)
{
	return it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
}

void aarch32_skip_instruction(struct arm_vcpu *v)
{
	u64 it = it_advance(it_state(v->regs.pstate));

	v->regs.pc += (v->regs.pstate & SPSR_T32) && !(v->esr & ESR_IL) ? 2 : 4;
	v->regs.pstate &= ~(PSR_IT_LOW | PSR_IT_HIGH | SPSR_SS);
	v->regs.pstate |= FIELD_PREP(PSR_IT_HIGH, it >> 2) |
		     FIELD_PREP(PSR_IT_LOW, it & 3);
}

static bool condition_holds(u64 psr, unsigned int cond)
{
	bool n = psr & PSR_N, z = psr & PSR_Z, c = psr & PSR_C, o = psr & PSR_V;
	bool holds = true;

	switch (cond >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = o;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == o;
		break;
	case 6:
		holds = n == o && !z;
		break;
	}
	/* The lowest bit negates, but "always" has no opposite. */
	return (cond & 1) && cond != 15 ? !holds : holds;
}

/*
 * For the exception classes that report a condition. Without one in the
 * syndrome, as for T32, the instruction's own is in ITSTATE.
 */
bool aarch32_condition_fails(const struct arm_vcpu *v, unsigned long esr)
{
	unsigned int cond = FIELD_GET(ISS_COND, esr);

	if (!vcpu_is_aarch32(v))
		return false;
	if (!(esr & ISS_CV)) {
		u64 it = it_state(v->regs.pstate);

		cond = it ? it >> 4 : 14;
	}
	return !condition_holds(v->regs.pstate, cond);
}
