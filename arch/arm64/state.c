// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's state in this CPU's registers, and out of them.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/registers.h"

/* X(enum el1_register name, system register) */
#define EL1_CONTEXT(X)                                                         \
	X(CPACR, cpacr_el1)                                                    \
	X(TTBR0, ttbr0_el1)                                                    \
	X(TTBR1, ttbr1_el1)                                                    \
	X(ESR, esr_el1)                                                        \
	X(AFSR0, afsr0_el1)                                                    \
	X(AFSR1, afsr1_el1)                                                    \
	X(FAR, far_el1)                                                        \
	X(MAIR, mair_el1)                                                      \
	X(AMAIR, amair_el1)                                                    \
	X(VBAR, vbar_el1)                                                      \
	X(CONTEXTIDR, contextidr_el1)                                          \
	X(TPIDR_EL0, tpidr_el0)                                                \
	X(TPIDRRO_EL0, tpidrro_el0)                                            \
	X(TPIDR_EL1, tpidr_el1)                                                \
	X(CNTKCTL, cntkctl_el1)                                                \
	X(PAR, par_el1)                                                        \
	X(ELR, elr_el1)                                                        \
	X(SPSR, spsr_el1)                                                      \
	X(SP_EL0, sp_el0)                                                      \
	X(SP_EL1, sp_el1)                                                      \
	X(CSSELR, csselr_el1)                                                  \
	X(MDSCR, mdscr_el1)

#define EL1_TRANSLATION(X)                                                     \
	X(SCTLR, sctlr_el1)                                                    \
	X(TCR, tcr_el1)

/* With FEAT_RAS, EL1's accesses to DISR_EL1 are to VDISR_EL2. */
#define EL1_RAS(X) X(VDISR, s3_4_c12_c1_1)

/* These two are the vCPU's only while walks are allowed. */
static bool in_memory(const struct arm64_vcpu *v, enum el1_register r)
{
	return this_cpu()->loaded != &v->vcpu ||
	       (arm64_this_cpu()->translation_blocked &&
		(r == EL1_SCTLR || r == EL1_TCR));
}

#define SAVE(name, reg) v->el1[EL1_##name] = sysreg_read(reg);
#define RESTORE(name, reg) sysreg_write(reg, v->el1[EL1_##name]);

void el1_save(struct arm64_vcpu *v)
{
	EL1_CONTEXT(SAVE)
	/* Loaded, but never entered since: they are still where they were. */
	if (!arm64_this_cpu()->translation_blocked) {
		EL1_TRANSLATION(SAVE)
	}
	if (features.ras)
		EL1_RAS(SAVE)
}

void el1_restore(const struct arm64_vcpu *v)
{
	EL1_CONTEXT(RESTORE)
	if (features.ras)
		EL1_RAS(RESTORE)
}

void el1_restore_translation(const struct arm64_vcpu *v)
{
	if (likely(!arm64_this_cpu()->translation_blocked))
		return;
	arm64_this_cpu()->translation_blocked = false;
	/* TCR_EL1 last: until then no walk starts, MMU on or off. */
	sysreg_write(sctlr_el1, v->el1[EL1_SCTLR]);
	isb();
	sysreg_write(tcr_el1, v->el1[EL1_TCR]);
	isb();
}

void el1_stop_walks(void)
{
	sysreg_write(tcr_el1, sysreg_read(tcr_el1) | TCR_EPD);
	isb();
	sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) | SCTLR_M);
	isb();
}

void el1_block_translation(void)
{
	arm64_this_cpu()->translation_blocked = true;
	el1_stop_walks();
}

u64 el1_read(const struct arm64_vcpu *v, enum el1_register r)
{
	if (in_memory(v, r))
		return v->el1[r];
	switch (r) {
#define READ(name, reg)                                                        \
	case EL1_##name:                                                       \
		return sysreg_read(reg);
		EL1_CONTEXT(READ)
		EL1_TRANSLATION(READ)
	default:
		return v->el1[r];
	}
}

void el1_write(struct arm64_vcpu *v, enum el1_register r, u64 val)
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

/*
 * Hardware breakpoints and watchpoints (DDI 0487 D2): numbered registers, as
 * many as ID_AA64DFR0_EL1 says.
 */
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
	unsigned int breakpoints = features.breakpoints;
	unsigned int watchpoints = features.watchpoints;

	if (!d)
		d = &off;
	EACH_16(BREAKPOINT)
	EACH_16(WATCHPOINT)
}
