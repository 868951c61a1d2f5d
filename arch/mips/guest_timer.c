// SPDX-License-Identifier: BSD-2-Clause
/*
 * Count and Compare (MD00090: "Count Register", "Compare Register"). Count goes
 * on by itself but for Cause.DC; when it is Compare, Cause.TI rises, and stays
 * until Compare is written.
 */
#include "arch/mips/guest_internal.h"

static u32 count_at(const struct mips_timer *t, u64 now)
{
	return t->stopped ? t->bias : (u32)now + t->bias;
}

static u64 time_of(struct mips_guest *g)
{
	return g->timer.held ? g->timer.held_at : g->ops->now(g);
}

/* Count goes up by 2^32 between two matches. */
static void arm(struct mips_guest *g, u64 now)
{
	struct mips_timer *t = &g->timer;

	t->due = now + (g->compare - count_at(t, now));
	g->ops->set_timer(g, t->stopped || t->pending ? MIPS_NEVER : t->due);
}

/* Interrupts at the match, or not at all. */
static void set_pending(struct mips_guest *g, bool pending)
{
	struct mips_timer *t = &g->timer;

	t->pending = pending;
	g->ops->set_timer(g, t->stopped || pending ? MIPS_NEVER : t->due);
	mips_update_cause(g);
	mips_guest_changed(g);
}

static void expire(struct mips_guest *g, u64 now)
{
	struct mips_timer *t = &g->timer;

	if (t->stopped || t->pending || now < t->due)
		return;
	set_pending(g, true);
}

void mips_timer_reset(struct mips_guest *g)
{
	u64 now = g->ops->now(g);

	/* Count is 0, and Compare as far away as it can be. */
	g->timer = (struct mips_timer){.bias = -(u32)now};
	g->compare = ~0U;
	g->cp0[CP0_COMPARE] = ~0U;
	arm(g, now);
}

void mips_timer_update(struct mips_guest *g)
{
	expire(g, time_of(g));
}

u32 mips_timer_count(struct mips_guest *g)
{
	u64 now = time_of(g);

	/* Who reads that Count is past Compare finds Cause.TI set. */
	expire(g, now);
	return count_at(&g->timer, now);
}

void mips_timer_set_count(struct mips_guest *g, u32 count)
{
	u64 now = time_of(g);

	expire(g, now);
	g->timer.bias = g->timer.stopped ? count : count - (u32)now;
	arm(g, now);
}

void mips_timer_set_compare(struct mips_guest *g, u32 compare)
{
	g->compare = compare;
	g->cp0[CP0_COMPARE] = compare;
	g->timer.pending = false;
	arm(g, time_of(g));
}

void mips_timer_stop(struct mips_guest *g, bool stopped)
{
	u64 now = time_of(g);
	u32 count;

	if (stopped == g->timer.stopped)
		return;
	expire(g, now);
	count = count_at(&g->timer, now);
	g->timer.stopped = stopped;
	g->timer.bias = stopped ? count : count - (u32)now;
	arm(g, now);
}

/* ---- By id (regs.c) ------------------------------------------------------ */

void mips_timer_hold(struct mips_guest *g, bool held)
{
	struct mips_timer *t = &g->timer;

	if (held && !t->held)
		t->held_at = g->ops->now(g);
	t->held = held;
	mips_timer_update(g);
}

void mips_timer_put_compare(struct mips_guest *g, u32 compare)
{
	bool pending = g->timer.pending;

	mips_timer_set_compare(g, compare);
	set_pending(g, pending);
}

void mips_timer_put_pending(struct mips_guest *g, bool pending)
{
	u64 now = time_of(g);

	/* The match that it was pending for is over. */
	if (g->timer.pending && !pending)
		arm(g, now);
	set_pending(g, pending);
}

/* ---- Of several CPUs ----------------------------------------------------- */

u32 mips_guest_count_ahead(struct mips_guest *g)
{
	u64 now = time_of(g);

	return count_at(&g->timer, now) - (u32)now;
}

/* Not by mips_timer_set_count(): time would go by between two looks at it. */
void mips_guest_set_count_ahead(struct mips_guest *g, u32 ahead)
{
	u64 now = time_of(g);

	expire(g, now);
	g->timer.bias = g->timer.stopped ? (u32)now + ahead : ahead;
	arm(g, now);
}
