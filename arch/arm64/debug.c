// SPDX-License-Identifier: BSD-2-Clause
/*
 * Hardware breakpoints and watchpoints (DDI 0487 D2): numbered registers, as
 * many as ID_AA64DFR0_EL1 says.
 */
#include "arch/armcommon/arm.h"

#define EACH_16(X)                                                             \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)    \
		X(13) X(14) X(15)

#define BREAKPOINT(i)                                                          \
	if (i < breakpoints) {                                                 \
		sysreg_write(dbgbvr##i##_el1, d->bvr[i]);                      \
		sysreg_write(dbgbcr##i##_el1, d->bcr[i]);                      \
	}
#define WATCHPOINT(i)                                                          \
	if (i < watchpoints) {                                                 \
		sysreg_write(dbgwvr##i##_el1, d->wvr[i]);                      \
		sysreg_write(dbgwcr##i##_el1, d->wcr[i]);                      \
	}

/*
 * Guests never write these themselves (MDCR_EL2.TDA), so there is nothing to
 * save. All off when `d` is NULL.
 */
void debug_restore(const struct debug_state *d)
{
	static struct debug_state off;
	unsigned int breakpoints = features.port.breakpoints;
	unsigned int watchpoints = features.port.watchpoints;

	if (!d)
		d = &off;
	EACH_16(BREAKPOINT)
	EACH_16(WATCHPOINT)
}

u64 *debug_register(struct arm_vcpu *v, unsigned int kind, unsigned int n)
{
	u64 *const bank[] = {v->port.debug.bvr, v->port.debug.bcr,
			     v->port.debug.wvr, v->port.debug.wcr};

	if (n >= (kind < 2 ? features.port.breakpoints :
			     features.port.watchpoints))
		return NULL;
	return &bank[kind][n];
}

/* Only what is for EL1 and EL0 of this state, HMC and SSC stay 0; and no match by
 * VMID or EL2's context, which the guest was not told of. */
void debug_write(struct arm_vcpu *v, unsigned int kind, unsigned int n, u64 val)
{
	if (kind & 1)
		val &= ~GENMASK64(15, 13);
	if (kind == 1 && (val >> 20 & 15) > 5)
		val &= ~GENMASK64(23, 20);
	*debug_register(v, kind, n) = val;
	if (this_cpu()->loaded == &v->vcpu) {
		v->port.debug_used = true;
		debug_restore(&v->port.debug);
	} else {
		v->port.debug_used |= val != 0;
	}
}
