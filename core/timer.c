// SPDX-License-Identifier: BSD-2-Clause
#include "core/timer.h"
#include "core/cpu.h"

static void program(struct cpu *c)
{
	arch_timer_program(list_empty(&c->timers)
				   ? ~0ULL
				   : list_first_entry(&c->timers, struct timer,
						      node)->deadline);
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	list_init(&t->node);
	t->cpu = NULL;
	t->fn = fn;
}

void timer_cancel(struct timer *t)
{
	struct cpu *c = __atomic_load_n(&t->cpu, __ATOMIC_ACQUIRE);
	bool first;

	if (!c)
		return;
	spin_lock(&c->timer_lock);
	if (t->cpu == c) {
		first = c->timers.next == &t->node;
		list_del(&t->node);
		WRITE_ONCE(t->cpu, NULL);
		/* Another CPU's hardware is left to fire once for nothing. */
		if (first && c == this_cpu())
			program(c);
	}
	spin_unlock(&c->timer_lock);
}

void timer_cancel_sync(struct timer *t)
{
	struct cpu *c;

	timer_cancel(t);
	for_each_cpu (c)
		while (c != this_cpu() &&
		       __atomic_load_n(&c->firing, __ATOMIC_ACQUIRE) == t)
			cpu_relax();
}

void timer_set(struct timer *t, u64 deadline)
{
	struct cpu *c = this_cpu();
	struct timer *at;

	timer_cancel(t);
	spin_lock(&c->timer_lock);
	t->deadline = deadline;
	WRITE_ONCE(t->cpu, c);
	list_for_each_entry(at, &c->timers, node)
		if (deadline < at->deadline)
			break;
	list_add_tail(&at->node, &t->node);
	if (c->timers.next == &t->node)
		program(c);
	spin_unlock(&c->timer_lock);
}

/*
 * Only what was due when the interrupt came. A fn that sets its timer again must
 * set it past the present, or this would not end.
 */
void timer_interrupt(void)
{
	struct cpu *c = this_cpu();
	u64 now = arch_counter();
	struct timer *t;

	for (;;) {
		spin_lock(&c->timer_lock);
		t = list_empty(&c->timers)
			    ? NULL
			    : list_first_entry(&c->timers, struct timer, node);
		if (!t || t->deadline > now)
			break;
		list_del(&t->node);
		/* In this order: who sees the timer off the queue without
		 * the lock sees that it fires. */
		__atomic_store_n(&c->firing, t, __ATOMIC_RELAXED);
		__atomic_store_n(&t->cpu, NULL, __ATOMIC_RELEASE);
		spin_unlock(&c->timer_lock);
		t->fn(t);
		__atomic_store_n(&c->firing, NULL, __ATOMIC_RELEASE);
	}
	program(c);
	spin_unlock(&c->timer_lock);
}
