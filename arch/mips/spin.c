// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU that spins for a lock spins in vain as long as it keeps the lock's holder
 * from their only CPU; and where each of several has to get the lock in its turn, a
 * slice for each turn is more than the ticks of a clock leave. So it is looked at
 * soon after it has got the CPU from another, and again in twice the time: is it in
 * the kernel, and has interrupts off, which is for shorter than that otherwise, or is
 * still where it was? Then whoever waits for the CPU gets it.
 */
#include "arch/mips/mips.h"
#include "core/sched.h"

#define SPIN_FIRST_US 250
#define SPIN_LAST_US  4000
#define SPIN_CODE     32 /* bytes to either side */

static u64 ticks(unsigned int us)
{
	return features.count_hz / 1000 * us / 1000;
}

static bool seems_to_spin(const struct mips_vcpu *v)
{
	const struct mips_guest *g = &v->guest;

	return mips_guest_kernel_mode(g) &&
	       ((g->cp0[CP0_STATUS] & (ST_IE | ST_EXL | ST_ERL)) != ST_IE ||
		g->pc - v->spin_pc + SPIN_CODE < 2 * SPIN_CODE);
}

/* The vCPU is out of its guest. */
static void look(struct timer *t)
{
	struct mips_vcpu *v = container_of(t, struct mips_vcpu, spin);
	struct cpu *c = this_cpu();

	if (c->current->vcpu != &v->vcpu)
		return;
	if (READ_ONCE(c->runnable) && seems_to_spin(v)) {
		c->need_resched = true;
		vcpu_request(&v->vcpu, REQ_SCHED);
	}
	v->spin_pc = v->guest.pc;
	v->spin_after = min(2 * v->spin_after, ticks(SPIN_LAST_US));
	timer_set(t, arch_counter() + v->spin_after);
}

void spin_start(struct mips_vcpu *v)
{
	if (v->vcpu.vm->vcpu_count == 1)
		return;
	v->spin_pc = MIPS_NOWHERE;
	v->spin_after = ticks(SPIN_FIRST_US);
	timer_set(&v->spin, arch_counter() + v->spin_after);
}

void spin_init(struct mips_vcpu *v)
{
	timer_init(&v->spin, look);
}
