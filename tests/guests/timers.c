// SPDX-License-Identifier: BSD-2-Clause
/* K22: the virtual and the physical timer of EL1, and WFI. */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "timers";

void guest_hello(void)
{
	print("timers: counter at %llu Hz\n", read_sysreg(cntfrq_el0));
}

#define CTL_ENABLE 1UL
#define CTL_IMASK 2UL
#define CTL_ISTATUS 4UL
#define WAIT_MS 10000

static u64 fired_at[2];

static void on_virtual(unsigned int intid)
{
	fired_at[0] = now();
	write_sysreg(cntv_ctl_el0, 0UL);
	isb();
}

static void on_physical(unsigned int intid)
{
	fired_at[1] = now();
	write_sysreg(cntp_ctl_el0, 0UL);
	isb();
}

static void start(void)
{
	gic_init();
	gic_init_cpu();
	write_sysreg(cntv_ctl_el0, 0UL);
	write_sysreg(cntp_ctl_el0, 0UL);
	isb();
	gic_on(INTID_VTIMER, on_virtual);
	gic_on(INTID_PTIMER, on_physical);
	gic_enable(INTID_VTIMER);
	gic_enable(INTID_PTIMER);
	fired_at[0] = fired_at[1] = 0;
}

#define fired(i) READ_ONCE(fired_at[i])

static void set_virtual(u64 ticks)
{
	write_sysreg(cntv_tval_el0, ticks);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
}

static void set_physical(u64 ticks)
{
	write_sysreg(cntp_tval_el0, ticks);
	write_sysreg(cntp_ctl_el0, CTL_ENABLE);
	isb();
}

static void counter_is_monotone(void)
{
	u64 v = now(), p, n;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		n = now();
		check(n >= v, "virtual: %#llx after %#llx", n, v);
		v = n;
	}
	isb();
	p = read_sysreg(cntpct_el0);
	for (i = 0; i < 20000; i++) {
		isb();
		n = read_sysreg(cntpct_el0);
		check(n >= p, "physical: %#llx after %#llx", n, p);
		p = n;
	}
	check(read_sysreg(cntfrq_el0) >= 1000000, "CNTFRQ %llu",
	      read_sysreg(cntfrq_el0));
}

/* Both counters run at one pace. */
static void counters_agree(void)
{
	u64 v = now(), p = read_sysreg(cntpct_el0), dv, dp;

	delay(20);
	dv = now() - v;
	dp = read_sysreg(cntpct_el0) - p;
	check(dp + ms(5) > dv && dv + ms(5) > dp, "%llu and %llu", dv, dp);
}

static void virtual_fires(void)
{
	u64 begin;

	start();
	irq_enable();
	begin = now();
	set_virtual(ms(5));
	check(wait_for(fired(0), WAIT_MS), "did not fire");
	check(fired_at[0] - begin >= ms(5), "too early: %llu of %llu ticks",
	      fired_at[0] - begin, ms(5));
	check(cpus[0].irq_count[INTID_VTIMER] == 1, "fired %u times",
	      cpus[0].irq_count[INTID_VTIMER]);
}

static void physical_fires(void)
{
	u64 begin;

	start();
	irq_enable();
	begin = now();
	set_physical(ms(5));
	check(wait_for(fired(1), WAIT_MS), "did not fire");
	check(fired_at[1] - begin >= ms(5), "too early: %llu of %llu ticks",
	      fired_at[1] - begin, ms(5));
	check(cpus[0].irq_count[INTID_PTIMER] == 1, "fired %u times",
	      cpus[0].irq_count[INTID_PTIMER]);
}

/* One at 5 ms, the other some time later. A host that stands still for that
 * time makes both due at once: then again, with more time between them. */
static bool in_order(bool virtual_first)
{
	u64 gap;

	for (gap = 20; gap <= 1280; gap *= 4) {
		start();
		irq_enable();
		if (virtual_first) {
			set_physical(ms(5 + gap));
			set_virtual(ms(5));
		} else {
			set_virtual(ms(5 + gap));
			set_physical(ms(5));
		}
		if (!wait_for(fired(0) && fired(1), WAIT_MS))
			return false;
		if ((fired_at[0] < fired_at[1]) == virtual_first)
			return true;
		irq_disable();
	}
	return false;
}

static void right_order(void)
{
	check(in_order(true), "virtual %llu, physical %llu", fired_at[0],
	      fired_at[1]);
	check(in_order(false), "virtual %llu, physical %llu; the other way round",
	      fired_at[0], fired_at[1]);
}

static void past_deadline(void)
{
	start();
	irq_enable();
	write_sysreg(cntv_cval_el0, now() - 1);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
	check(wait_for(fired(0), WAIT_MS), "virtual did not fire");
	write_sysreg(cntp_cval_el0, 0UL);
	write_sysreg(cntp_ctl_el0, CTL_ENABLE);
	isb();
	check(wait_for(fired(1), WAIT_MS), "physical did not fire");
}

/* Not ~0: QEMU 7.2 adds CNTVOFF_EL2 to it without a look at the carry, and the
 * board then does nothing but serve that timer. */
#define FAR_AWAY (1ULL << 62)

static void far_deadline(void)
{
	start();
	irq_enable();
	write_sysreg(cntv_cval_el0, FAR_AWAY);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	write_sysreg(cntp_cval_el0, FAR_AWAY);
	write_sysreg(cntp_ctl_el0, CTL_ENABLE);
	isb();
	delay(20);
	check(!fired(0) && !fired(1), "fired");
	check(!(read_sysreg(cntv_ctl_el0) & CTL_ISTATUS), "virtual condition");
	check(!(read_sysreg(cntp_ctl_el0) & CTL_ISTATUS), "physical condition");
	start();
}

static void masked_does_not_fire(void)
{
	start();
	irq_enable();
	write_sysreg(cntv_tval_el0, 0UL);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE | CTL_IMASK);
	write_sysreg(cntp_tval_el0, 0UL);
	write_sysreg(cntp_ctl_el0, CTL_ENABLE | CTL_IMASK);
	isb();
	delay(10);
	check(!fired(0) && !fired(1), "fired though masked");
	check(read_sysreg(cntv_ctl_el0) ==
		      (CTL_ENABLE | CTL_IMASK | CTL_ISTATUS),
	      "CNTV_CTL %#llx", read_sysreg(cntv_ctl_el0));
	check(read_sysreg(cntp_ctl_el0) ==
		      (CTL_ENABLE | CTL_IMASK | CTL_ISTATUS),
	      "CNTP_CTL %#llx", read_sysreg(cntp_ctl_el0));
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
	check(wait_for(fired(0), WAIT_MS), "virtual: not when unmasked");
	write_sysreg(cntp_ctl_el0, CTL_ENABLE);
	isb();
	check(wait_for(fired(1), WAIT_MS), "physical: not when unmasked");
}

/* Masked in the GIC: pending there, and back down when the timer is moved. */
static void level_follows_the_timer(void)
{
	start();
	gic_disable(INTID_VTIMER);
	irq_enable();
	set_virtual(0);
	check(wait_for(gic_is_pending(INTID_VTIMER), WAIT_MS), "not pending");
	check(!fired(0), "fired though disabled");
	write_sysreg(cntv_tval_el0, ms(10000));
	isb();
	check(wait_for(!gic_is_pending(INTID_VTIMER), WAIT_MS),
	      "still pending after the timer was moved");
	gic_enable(INTID_VTIMER);
	delay(5);
	check(!fired(0), "fired though moved");
	start();
}

static void tval_counts_down(void)
{
	u64 a, b;

	start();
	write_sysreg(cntv_tval_el0, ms(1000));
	isb();
	a = read_sysreg(cntv_tval_el0);
	delay(5);
	b = read_sysreg(cntv_tval_el0);
	check((s32)a > (s32)b && (s32)(a - b) >= (s32)ms(5), "%d to %d", (s32)a,
	      (s32)b);
	write_sysreg(cntp_tval_el0, ms(1000));
	isb();
	a = read_sysreg(cntp_tval_el0);
	delay(5);
	isb();
	b = read_sysreg(cntp_tval_el0);
	check((s32)a > (s32)b && (s32)(a - b) >= (s32)ms(5), "physical: %d, %d",
	      (s32)a, (s32)b);
}

/* ---- WFI ------------------------------------------------------------------- */

static void wfi_wakes(void)
{
	u64 begin;
	unsigned int i;

	start();
	for (i = 0; i < 20; i++) {
		fired_at[0] = 0;
		begin = now();
		set_virtual(ms(2));
		while (!fired(0) && now() - begin < ms(WAIT_MS))
			idle();
		check(fired(0), "round %u: did not wake", i);
		check(now() - begin < ms(5000), "round %u: %llu ms late", i,
		      (now() - begin) / ms(1));
	}
	for (i = 0; i < 20; i++) {
		fired_at[1] = 0;
		begin = now();
		set_physical(ms(2));
		while (!fired(1) && now() - begin < ms(WAIT_MS))
			idle();
		check(fired(1), "physical, round %u: did not wake", i);
	}
}

/* A pending interrupt ends WFI though PSTATE masks it. */
static void wfi_with_irq_masked(void)
{
	start();
	irq_disable();
	set_virtual(ms(2));
	wfi();
	check(read_sysreg(cntv_ctl_el0) & CTL_ISTATUS ||
		      wait_for(read_sysreg(cntv_ctl_el0) & CTL_ISTATUS, 100),
	      "woke without the timer");
	check(!fired(0), "taken though masked");
	wfi(); /* and goes through at once while it is pending */
	irq_enable();
	check(wait_for(fired(0), WAIT_MS), "lost");
	gic_send_sgi(0, 1);
	irq_disable();
	gic_send_sgi(0, 2);
	wfi();
	irq_enable();
	check(wait_for(READ_ONCE(cpus[0].irq_count[2]), WAIT_MS), "SGI lost");
}

static unsigned int ticks;

static void periodic(unsigned int intid)
{
	ticks++;
	write_sysreg(cntv_cval_el0, read_sysreg(cntv_cval_el0) + ms(1));
	isb();
}

static void periodic_tick(void)
{
	u64 begin, took;

	start();
	ticks = 0;
	gic_on(INTID_VTIMER, periodic);
	begin = now();
	set_virtual(ms(1));
	while (READ_ONCE(ticks) < 100 && now() - begin < ms(30000))
		idle();
	write_sysreg(cntv_ctl_el0, 0UL);
	took = now() - begin;
	check(ticks >= 100, "%u ticks", ticks);
	check(took >= ms(100), "100 ticks of 1 ms took %llu ms", took / ms(1));
}

/* Each CPU has its own. */
static u32 secondary_count;

static void secondary_timer(void *arg)
{
	gic_init_cpu();
	gic_enable(INTID_VTIMER);
	set_virtual(ms(5));
	irq_enable();
	wait_for(this_cpu()->irq_count[INTID_VTIMER], WAIT_MS);
	irq_disable();
	secondary_count = this_cpu()->irq_count[INTID_VTIMER];
	write_sysreg(cntv_ctl_el0, 0UL);
}

static void other_cpus_timer(void)
{
	start();
	smp_run(1, secondary_timer, NULL);
	irq_enable();
	check(smp_wait(1, 2 * WAIT_MS), "CPU 1 hangs");
	check(secondary_count == 1, "fired %u times on CPU 1",
	      secondary_count);
	check(!cpus[0].irq_count[INTID_VTIMER], "fired on CPU 0");
}

static u64 other_counter;

static void read_counter(void *arg)
{
	other_counter = now();
}

static void counters_agree_between_cpus(void)
{
	u64 a, b;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		a = now();
		smp_run(1, read_counter, NULL);
		check(smp_wait(1, WAIT_MS), "CPU 1 hangs");
		b = now();
		check(a <= other_counter && other_counter <= b,
		      "%llu not between %llu and %llu", other_counter, a, b);
	}
}

const struct test guest_tests[] = {
	{"K22.counters-are-monotone", counter_is_monotone},
	{"K22.counters-agree", counters_agree},
	{"K22.virtual-timer-fires", virtual_fires},
	{"K22.physical-timer-fires", physical_fires},
	{"K22.timers-in-the-right-order", right_order},
	{"K22.deadline-in-the-past", past_deadline},
	{"K22.deadline-far-away", far_deadline},
	{"K22.masked-timer-does-not-fire", masked_does_not_fire},
	{"K22.level-follows-the-timer", level_follows_the_timer},
	{"K22.TVAL-counts-down", tval_counts_down},
	{"K24.WFI-wakes-by-timer", wfi_wakes},
	{"K24.WFI-with-interrupts-masked", wfi_with_irq_masked},
	{"K22.periodic-tick", periodic_tick},
	{"K24.another-CPU's-timer", other_cpus_timer, 2},
	{"K24.counters-agree-between-CPUs", counters_agree_between_cpus, 2},
	{NULL},
};
