// SPDX-License-Identifier: BSD-2-Clause
/*
 * Count, Compare and WAIT as MD00090 has them. It computes meanwhile, and prints at
 * the end: so it is also the neighbour that must not notice what others do.
 */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "timers";

#define TIMER 7
#define WAIT_MS 10000
#define CAUSE_TI (1U << 30)
#define CAUSE_DC (1U << 27)
#define CAUSE_IP7 (0x100U << TIMER)

void guest_hello(void)
{
	print("timers: counter at %u Hz\n", machine.counter_hz);
}

static u32 count(void)
{
	return MFC0(9, 0);
}

static void set_compare(u32 v)
{
	MTC0(v, 11, 0);
}

/* In so many ticks. Whoever was kept from running before Compare was written begins
 * anew: what has passed is far away. */
static void set_timer(u32 ticks)
{
	u32 at;

	do {
		at = count() + ticks;
		set_compare(at);
	} while ((s32)(count() - at) >= 0 && !(MFC0(13, 0) & CAUSE_TI));
}

static volatile u32 fired, fired_at;

static void on_timer(unsigned int ip)
{
	fired_at = count();
	fired++;
	set_compare(count() - 1);
}

static void start(void)
{
	irq_disable();
	set_compare(count() - 1);
	fired = 0;
	ip_on(TIMER, on_timer);
	ip_enable(TIMER);
}

static void counter_is_monotone(void)
{
	u32 v = count(), n;

	for (unsigned int i = 0; i < 2000; i++, v = n) {
		n = count();
		check((s32)(n - v) > 0, "%#x after %#x", n, v);
	}
}

static void fires(void)
{
	u32 begin;

	start();
	irq_enable();
	begin = count();
	set_timer(ms(5));
	check(wait_for(fired, WAIT_MS), "did not fire");
	check(fired_at - begin >= ms(5), "too early: %u of %llu ticks",
	      fired_at - begin, ms(5));
	check(fired == 1, "fired %u times", fired);
}

/* Cause.TI rises when Count is Compare, whether or not Status lets it through. */
static void is_pending_until_compare_is_written(void)
{
	start();
	check(!(MFC0(13, 0) & (CAUSE_TI | CAUSE_IP7)), "pending at once");
	set_timer(ms(2));
	delay(4);
	check(!fired, "taken though masked");
	check((MFC0(13, 0) & (CAUSE_TI | CAUSE_IP7)) == (CAUSE_TI | CAUSE_IP7),
	      "Cause %#x", MFC0(13, 0));
	set_compare(count() - 1);
	check(!(MFC0(13, 0) & (CAUSE_TI | CAUSE_IP7)), "still pending: %#x",
	      MFC0(13, 0));
	irq_enable();
	check(!fired, "fired though acknowledged");
}

/* Over the end of Count's 32 bits. */
static void wraps(void)
{
	u32 before = count();

	start();
	set_compare(ms(200));
	MTC0(-(u32)ms(2), 9, 0);
	irq_enable();
	while (!fired && (s32)(count() - ms(1000)) < 0)
		;
	check(fired, "did not fire");
	check(fired_at >= ms(200) && (s32)fired_at > 0, "at %#x", fired_at);
	MTC0(before, 9, 0);
}

/* Compare just passed: not before Count has been all the way round. */
static void passed_is_far_away(void)
{
	start();
	irq_enable();
	set_compare(count() - 1);
	delay(20);
	check(!fired, "fired");
}

static void stopped_by_cause_dc(void)
{
	u32 v;

	start();
	irq_enable();
	MTC0(CAUSE_DC, 13, 0);
	v = count();
	set_compare(v + 100);
	for (volatile u32 i = 0; i < 10000; i++)
		;
	check(count() == v, "Count goes on: %#x, %#x", v, count());
	check(!fired, "fired");
	MTC0(0, 13, 0);
	check(wait_for(fired, WAIT_MS), "did not go on");
}

/* `wait` ends for what is pending, at once if it was before. */
static void wait_wakes(void)
{
	u32 begin;

	start();
	for (unsigned int i = 0; i < 20; i++) {
		fired = 0;
		begin = count();
		set_timer(ms(2));
		while (!fired && count() - begin < ms(WAIT_MS))
			idle();
		check(fired, "round %u: did not wake", i);
	}
}

static u32 ticks;

static void periodic(unsigned int ip)
{
	ticks++;
	set_timer(ms(1));
}

/* A hundred ticks, and a sum over memory of its own between them. */
static void ticks_while_it_computes(void)
{
	static u32 table[4096];
	u64 begin = now();
	u32 sum = 0, x = 1, rounds = 0;

	start();
	ticks = 0;
	ip_on(TIMER, periodic);
	irq_enable();
	set_timer(ms(1));
	while (READ_ONCE(ticks) < 100 && now() - begin < ms(30000)) {
		for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
			table[i] = x = x * 1103515245 + 12345;
		for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
			sum += table[i];
		rounds++;
	}
	irq_disable();
	set_compare(count() - 1);
	x = 1;
	for (u32 n = 0; n < rounds * ARRAY_SIZE(table); n++)
		sum -= x = x * 1103515245 + 12345;
	check(!sum, "the sum of %u rounds is wrong by %#x", rounds, sum);
	check(ticks >= 100, "%u ticks", ticks);
	check(now() - begin >= ms(99), "100 ticks of 1 ms took %llu ms",
	      (now() - begin) / ms(1));
}

const struct test guest_tests[] = {
	{"K44.Count-is-monotone", counter_is_monotone},
	{"K44.timer-fires", fires},
	{"K44.timer-is-pending-until-Compare-is-written",
	 is_pending_until_compare_is_written},
	{"K44.Count-wraps", wraps},
	{"K44.Compare-that-has-passed-is-far-away", passed_is_far_away},
	{"K44.Cause.DC-stops-Count", stopped_by_cause_dc},
	{"K44.WAIT-wakes", wait_wakes},
	{"K44.ticks-while-it-computes", ticks_while_it_computes},
	{NULL},
};
