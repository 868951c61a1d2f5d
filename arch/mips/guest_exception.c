// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions of the guest's (MD00090: "Exceptions", "Exception Vector
 * Locations"). With EXL set already, EPC and Cause.BD stay as they are and
 * every exception takes the general vector, refills too.
 */
#include "arch/mips/guest_internal.h"

#define INTERRUPT  0x200 /* with Cause.IV */
#define BEV_BASE   0x200 /* behind the reset vector */

static inline void deliver(struct mips_guest *g, u32 code, unsigned int ce,
			   u32 offset)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];
	u32 cause = cp0[CP0_CAUSE] & ~(CAUSE_EXC_MASK | CAUSE_CE_MASK);

	cause |= CAUSE_EXC(code) | CAUSE_CE(ce);
	if (likely(!(status & ST_EXL))) {
		cp0[CP0_EPC] = g->pc;
		cause &= ~CAUSE_BD;
		if (unlikely(g->bd))
			cause |= CAUSE_BD;
	}
	cp0[CP0_CAUSE] = cause;
	cp0[CP0_STATUS] = status | ST_EXL;
	if (unlikely(status & ST_BEV))
		g->pc = mips_reset_vector(&g->layout) + BEV_BASE + offset;
	else
		g->pc = mips_vector(g, offset);
}

void mips_deliver(struct mips_guest *g, u32 code)
{
	deliver(g, code, 0, MIPS_GENERAL);
}

void mips_deliver_cpu(struct mips_guest *g, unsigned int ce)
{
	deliver(g, EXC_CPU, ce, MIPS_GENERAL);
}

void mips_deliver_address(struct mips_guest *g, u32 code, u32 va)
{
	g->cp0[CP0_BADVADDR] = va;
	deliver(g, code, 0, MIPS_GENERAL);
}

void mips_deliver_tlb(struct mips_guest *g, u32 code, u32 va, bool refill)
{
	u32 *cp0 = g->cp0;

	cp0[CP0_BADVADDR] = va;
	cp0[CP0_CONTEXT] =
		(cp0[CP0_CONTEXT] & CONTEXT_BASE) | CONTEXT_BADVPN2(va);
	cp0[CP0_ENTRYHI] = (va & HI_VPN2) | g->asid;
	deliver(g, code, 0,
		refill && !(cp0[CP0_STATUS] & ST_EXL) ? 0 : MIPS_GENERAL);
}

/* ---- Interrupts ---------------------------------------------------------- */

void mips_update_cause(struct mips_guest *g)
{
	u32 cause = g->cp0[CP0_CAUSE];

	cause &= ~(CAUSE_IP_LINES | CAUSE_TI | CAUSE_DC);
	cause |= __atomic_load_n(&g->lines, __ATOMIC_RELAXED);
	if (g->timer.pending)
		cause |= CAUSE_TI | CAUSE_IP(7);
	if (g->timer.stopped)
		cause |= CAUSE_DC;
	g->cp0[CP0_CAUSE] = cause;
	g->pending = cause & ST_IM;
}

void mips_guest_set_line(struct mips_guest *g, unsigned int ip, bool level)
{
	u32 bit = CAUSE_IP(ip) & CAUSE_IP_LINES & ~CAUSE_IP(7);

	if (level)
		__atomic_fetch_or(&g->lines, bit, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&g->lines, ~bit, __ATOMIC_SEQ_CST);
	mips_guest_changed(g);
}

/* Interrupts that Status lets through; not by what a guest may have written over
 * Cause. */
static u32 pending(const struct mips_guest *g)
{
	return g->pending & g->cp0[CP0_STATUS] & ST_IM;
}

bool mips_guest_interrupted(struct mips_guest *g)
{
	mips_timer_update(g);
	mips_update_cause(g);
	return pending(g);
}

/* pc is where the guest goes on: a branch, if it was in its delay slot, which
 * it then executes again. So BD is never set. */
static void take_interrupt(struct mips_guest *g)
{
	mips_update_cause(g);
	g->bd = false;
	deliver(g, EXC_INT, 0,
		g->cp0[CP0_CAUSE] & CAUSE_IV ? INTERRUPT : MIPS_GENERAL);
}

/* ---- Modes --------------------------------------------------------------- */

/* The table of the mode, for the ASID in effect. */
static void use_table(struct mips_guest *g, u32 status)
{
	enum mips_table t = mips_kernel_mode(status) ? MIPS_KERNEL : MIPS_USER;
	u32 space = g->asid | (status & ST_ERL ? MIPS_SPACE_ERL : 0);

	if (g->table != t || g->space != space) {
		g->table = t;
		g->space = space;
		g->ops->use(g);
	}
}

void mips_guest_settle(struct mips_guest *g)
{
	u32 status = g->cp0[CP0_STATUS];

	if (__atomic_load_n(&g->changed, __ATOMIC_RELAXED)) {
		/* Before the lines are looked at. */
		__atomic_store_n(&g->changed, false, __ATOMIC_SEQ_CST);
		mips_update_cause(g);
		g->general = mips_vector(g, MIPS_GENERAL);
	}
	if ((status & (ST_IE | ST_EXL | ST_ERL)) == ST_IE && pending(g)) {
		take_interrupt(g);
		status = g->cp0[CP0_STATUS];
	}
	g->settled = status;
	use_table(g, status);
}
