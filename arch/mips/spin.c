// SPDX-License-Identifier: BSD-2-Clause
/*
 * vCPUs that wait for each other, on their only CPU.
 *
 * Who spins for a lock spins in vain as long as it keeps the lock's holder from the
 * CPU; and where locks are handed over in turn, each waiter is a holder's equal: it
 * has to run before the next one's spinning comes to anything. So
 *
 *   who holds one   keeps the CPU if it can be told: it has its interrupts off, which
 *                   is for shorter than a slice. spin_goes_on() says for how long.
 *   who waits       is found soon: it is looked at some time after it has got the
 *                   CPU, and again in twice the time, as long as others want it. In
 *                   a loop that comes to nothing it goes behind all of its VM, not
 *                   only behind whoever has used less of the CPU: of several that
 *                   wait, two would take turns before the holder gets any.
 *   who waited      gives its turn away, as long as what it looks at has not changed.
 *
 * Times are what a clock says, and a busy machine may stand still for longer: so no
 * more than a look each is lost by that.
 */
#include "arch/mips/mips.h"
#include "core/sched.h"

#define LOOK_FIRST_US 50
#define LOOK_LAST_US  4000
/* A loop that is not understood: where it is after this time, it was before. */
#define LOOK_PLACE_US 400
#define SPIN_CODE     32 /* bytes to either side */
#define KEPT_LOOKS    10

/* Turns given away since somebody was entered. */
static unsigned int skipped;

static u64 ticks(unsigned int us)
{
	return features.count_hz / 1000 * us / 1000;
}

static bool interrupts_off(const struct mips_guest *g)
{
	return (g->cp0[CP0_STATUS] & (ST_IE | ST_EXL | ST_ERL)) != ST_IE;
}

/* Behind its siblings that wait for the CPU, in the queue. */
static void give_way(struct mips_vcpu *v)
{
	struct cpu *c = this_cpu();
	struct vcpu *other;
	unsigned int i;

	spin_lock(&c->run_lock);
	for_each_vcpu(i, other, v->vcpu.vm)
		if (other->thread && other->thread->state == THREAD_RUNNABLE)
			thread_go_behind_locked(v->vcpu.thread, other->thread);
	spin_unlock(&c->run_lock);
	v->kept = 0;
	c->need_resched = true;
}

static bool others_spin(const struct mips_vcpu *v)
{
	struct vcpu *other;
	unsigned int i;

	for_each_vcpu(i, other, v->vcpu.vm)
		if (other != &v->vcpu && to_mips(other)->spins)
			return true;
	return false;
}

/* ---- Looking at one --------------------------------------------------------------- */

static bool stays_there(const struct mips_vcpu *v)
{
	return v->look_after >= ticks(LOOK_PLACE_US) &&
	       v->guest.pc - v->spin_pc + SPIN_CODE < 2 * SPIN_CODE;
}

/* Which leads it out of a loop. */
static bool takes_interrupt(struct mips_guest *g)
{
	return !interrupts_off(g) && mips_guest_interrupted(g);
}

static bool seems_to_wait(struct mips_vcpu *v)
{
	if (!mips_guest_kernel_mode(&v->guest) || takes_interrupt(&v->guest))
		return false;
	v->spins = mips_spins(&v->guest, &v->spin);
	return v->spins || stays_there(v);
}

static void look_again(struct mips_vcpu *v)
{
	v->spin_pc = v->guest.pc;
	if (this_cpu()->need_resched || others_spin(v))
		v->look_after = ticks(LOOK_FIRST_US);
	else
		v->look_after = min(2 * v->look_after, ticks(LOOK_LAST_US));
	timer_set(&v->look, arch_counter() + v->look_after);
}

void spin_look(struct mips_vcpu *v)
{
	struct cpu *c = this_cpu();

	if (likely(!v->look_due))
		return;
	v->look_due = false;
	if (READ_ONCE(c->runnable) && seems_to_wait(v))
		give_way(v);
	else if (c->need_resched && v->kept)
		v->kept--;
	look_again(v);
}

static void look_is_due(struct timer *t)
{
	container_of(t, struct mips_vcpu, look)->look_due = true;
}

/* ---- Keeping the CPU -------------------------------------------------------------- */

bool spin_goes_on(struct mips_vcpu *v)
{
	if (v->vcpu.vm->vcpu_count == 1 || !v->kept || !interrupts_off(&v->guest))
		return false;
	if (v->kept == KEPT_LOOKS) {
		v->kept--;
		timer_set(&v->look, arch_counter() + ticks(LOOK_FIRST_US));
	}
	mips_guest_changed(&v->guest);
	return true;
}

/* ---- Getting it --------------------------------------------------------------------- */

static bool waits_still(struct mips_vcpu *v)
{
	return v->spins && READ_ONCE(this_cpu()->runnable) &&
	       !takes_interrupt(&v->guest) &&
	       mips_still_spins(&v->guest, &v->spin);
}

void spin_start(struct mips_vcpu *v)
{
	if (v->vcpu.vm->vcpu_count == 1)
		return;
	v->kept = KEPT_LOOKS;
	v->look_due = false;
	v->spin_pc = MIPS_NOWHERE;
	v->look_after = ticks(LOOK_FIRST_US);
	/* Of who gives its turn away, too: it runs on from here, if no other vCPU did. */
	timer_set(&v->look, arch_counter() + v->look_after);
	/* Somebody has to run, if it is for interrupts: all may wait for one. */
	if (skipped < VM_MAX_VCPUS && waits_still(v)) {
		skipped++;
		give_way(v);
		return;
	}
	skipped = 0;
	v->spins = false;
}

void spin_init(struct mips_vcpu *v)
{
	timer_init(&v->look, look_is_due);
}

void spin_reset(struct mips_vcpu *v)
{
	timer_cancel(&v->look);
	v->spins = false;
}
