/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Software timers, on the CPU's own hypervisor timer. Times are in counter
 * ticks (arch_counter()), not in seconds.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "lib/list.h"
#include "lib/types.h"

struct cpu;

struct timer {
	struct list node;
	u64 deadline;
	struct cpu *cpu;            /* where it is queued, or NULL */
	/* Interrupts masked, no lock held; may set the timer again. */
	void (*fn)(struct timer *t);
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/* Fire on this CPU at `deadline` (at once when past). Set anew if queued. */
void timer_set(struct timer *t, u64 deadline);
/* Off the queue when it returns; its fn may still run on another CPU if the
 * timer is queued there. */
void timer_cancel(struct timer *t);
/* And its fn has returned, on whatever CPU: the timer may be freed. Nobody sets
 * it again meanwhile; not from a timer's fn. */
void timer_cancel_sync(struct timer *t);
/* The CPU's hypervisor timer has fired: run what is due, set it anew. */
void timer_interrupt(void);

/* Supplied by arch. */
u64 arch_counter(void);       /* free-running, the same on every CPU */
u64 arch_counter_hz(void);
/* This CPU's timer; ~0: off. */
void arch_timer_program(u64 deadline);

#endif
