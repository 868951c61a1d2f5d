// SPDX-License-Identifier: BSD-2-Clause
/*
 * K22: the interrupt controller. Expected results follow IHI 0048B (GICv2) and
 * IHI 0069 (GICv3), and are the same for both.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

const char guest_name[] = "gic";

void guest_hello(void)
{
	print("gic: version %u, %u SPIs, %u CPUs\n", machine.gic_version,
	      gic_spis(), machine.cpus);
}

#define SPI(n) (32 + (n))
/* SPIs without a device on QEMU's virt board either. */
#define FREE_SPI 80
#define WAIT_MS 10000

static void start(void)
{
	gic_init();
	gic_init_cpu();
	irq_log_clear();
}

static struct cpu *me(void)
{
	return this_cpu();
}

#define count_of(intid) READ_ONCE(cpus[0].irq_count[intid])
#define arrives(intid, n) wait_for(count_of(intid) >= (n), WAIT_MS)

/* Nothing more comes within a while. */
static void settle(void)
{
	delay(5);
}

/* ---- SGIs -------------------------------------------------------------------- */

static void sgi_to_self(void)
{
	unsigned int i;

	start();
	irq_enable();
	for (i = 0; i < 16; i++) {
		gic_send_sgi(0, i);
		check(arrives(i, 1), "SGI %u did not come", i);
	}
	settle();
	for (i = 0; i < 16; i++)
		check(count_of(i) == 1, "SGI %u came %u times", i, count_of(i));
}

static void sgis_by_priority(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 8; i++) {
		gic_set_priority(i, 0x90 - i * 16);
		gic_send_sgi(0, i);
	}
	irq_enable();
	check(wait_for(me()->irq_logged >= 8, WAIT_MS), "%u of 8 came",
	      me()->irq_logged);
	for (i = 0; i < 8; i++)
		check((me()->irq_log[i] & 0x3ff) == 7 - i, "number %u is %u", i,
		      me()->irq_log[i] & 0x3ff);
}

static void sgi_while_masked_by_cpu(void)
{
	start();
	gic_send_sgi(0, 3);
	settle();
	check(!count_of(3), "came with PSTATE.I set");
	check(read_sysreg(isr_el1) & 0x80, "ISR_EL1 %#llx",
	      read_sysreg(isr_el1));
	irq_enable();
	check(arrives(3, 1), "did not come");
}

static void idle_gives_spurious(void)
{
	u32 iar;

	start();
	iar = gic_ack();
	check((iar & 0x3ff) == 1023, "IAR %#x", iar);
}

static u32 source_seen;
/* Secondary CPUs whose interface is set up: before, an SGI may get lost. */
static u32 ready;

static void wait_ready(u32 n)
{
	wait_for(__atomic_load_n(&ready, __ATOMIC_ACQUIRE) >= n, WAIT_MS);
}

static void secondary_ready(void *arg)
{
	gic_init_cpu();
	__atomic_fetch_add(&ready, 1, __ATOMIC_ACQ_REL);
	irq_enable();
	while (!wait_for(this_cpu()->irq_logged, 10))
		if (READ_ONCE(*(bool *)arg))
			break;
	source_seen = this_cpu()->irq_log[0];
	irq_disable();
}

static void sgi_to_another(void)
{
	bool stop = false;
	unsigned int cpu;

	start();
	for (cpu = 1; cpu < 2 + (machine.cpus > 2); cpu++) {
		if (!smp_start(cpu + 1)) {
			rt_fail("CPU %u does not start", cpu);
			return;
		}
		ready = 0;
		smp_run(cpu, secondary_ready, &stop);
		wait_ready(1);
		gic_send_sgi(cpu, 5);
		if (!smp_wait(cpu, WAIT_MS)) {
			stop = true;
			smp_wait(cpu, WAIT_MS);
			rt_fail("SGI did not reach CPU %u", cpu);
			return;
		}
		check((source_seen & 0x3ff) == 5, "IAR %#x", source_seen);
	}
}

static void reply(unsigned int intid)
{
	gic_send_sgi(0, intid + 1);
}

static void ping_loop(void *arg)
{
	gic_init_cpu();
	__atomic_fetch_add(&ready, 1, __ATOMIC_ACQ_REL);
	while (!READ_ONCE(*(bool *)arg))
		idle();
}

static void ping_pong(void)
{
	bool stop = false;
	unsigned int i;

	start();
	gic_on(1, reply);
	ready = 0;
	smp_run(1, ping_loop, &stop);
	wait_ready(1);
	irq_enable();
	for (i = 1; i <= 200; i++) {
		gic_send_sgi(1, 1);
		if (!arrives(2, i))
			break;
	}
	WRITE_ONCE(stop, true);
	gic_on(1, NULL);
	gic_send_sgi(1, 3);
	check(i > 200, "no reply in round %u", i);
	check(smp_wait(1, WAIT_MS), "CPU 1 does not stop");
}

static void sgi_to_all_others(void)
{
	bool stop = false;
	unsigned int i;

	start();
	ready = 0;
	for (i = 1; i < 4; i++)
		smp_run(i, secondary_ready, &stop);
	wait_ready(3);
	gic_send_sgi_others(7);
	irq_enable();
	for (i = 1; i < 4; i++)
		check(smp_wait(i, WAIT_MS) &&
			      (cpus[i].irq_log[0] & 0x3ff) == 7,
		      "SGI did not reach CPU %u", i);
	settle();
	check(!count_of(7), "the sender got it too");
}

/* GICv2: the same SGI from two CPUs is two interrupts, each with its source. */
static void sgi_from_two(void *arg)
{
	gic_send_sgi(0, 9);
}

static void sgi_keeps_its_sources(void)
{
	u32 seen = 0, i;

	if (machine.gic_version != 2) {
		rt_skip("SGIs carry a source on GICv2 only");
		return;
	}
	start();
	smp_run(1, sgi_from_two, NULL);
	smp_run(2, sgi_from_two, NULL);
	check(smp_wait(1, WAIT_MS) && smp_wait(2, WAIT_MS), "not sent");
	gic_send_sgi(0, 9);
	irq_enable();
	check(arrives(9, 3), "%u of 3 came", count_of(9));
	for (i = 0; i < 3; i++)
		seen |= 1U << (me()->irq_log[i] >> 10 & 7);
	check(seen == 7, "sources %#x", seen);
}

/* ---- SPIs ---------------------------------------------------------------------- */

static void enable_spi(unsigned int intid, unsigned int priority)
{
	gic_set_priority(intid, priority);
	gic_set_edge(intid, true);
	gic_enable(intid);
}

static void spi_by_set_pending(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	irq_enable();
	gic_set_pending(FREE_SPI);
	check(arrives(FREE_SPI, 1), "did not come");
	settle();
	check(count_of(FREE_SPI) == 1, "came %u times", count_of(FREE_SPI));
	check(!gic_is_pending(FREE_SPI) && !gic_is_active(FREE_SPI),
	      "still pending or active");
}

static void disabled_stays_pending(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	gic_disable(FREE_SPI);
	irq_enable();
	gic_set_pending(FREE_SPI);
	settle();
	check(!count_of(FREE_SPI), "came although disabled");
	check(gic_is_pending(FREE_SPI), "not pending");
	gic_enable(FREE_SPI);
	check(arrives(FREE_SPI, 1), "did not come when enabled");
}

static void cleared_does_not_come(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	gic_set_pending(FREE_SPI);
	check(gic_is_pending(FREE_SPI), "not pending");
	gic_clear_pending(FREE_SPI);
	check(!gic_is_pending(FREE_SPI), "still pending");
	irq_enable();
	settle();
	check(!count_of(FREE_SPI), "came although cleared");
}

static void distributor_off(void)
{
	u32 ctlr;

	start();
	ctlr = read32(machine.gicd);
	enable_spi(FREE_SPI, 0x80);
	write32(machine.gicd, ctlr & ~3U);
	irq_enable();
	gic_set_pending(FREE_SPI);
	settle();
	check(!count_of(FREE_SPI), "came with the distributor off");
	write32(machine.gicd, ctlr);
	check(arrives(FREE_SPI, 1), "did not come when on again");
}

static void priority_mask(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	gic_set_pmr(0x80);
	irq_enable();
	gic_set_pending(FREE_SPI);
	settle();
	check(!count_of(FREE_SPI), "priority 0x80 came under mask 0x80");
	gic_set_pmr(0x88);
	check(arrives(FREE_SPI, 1), "did not come under mask 0x88");
}

/* Pending both: a running interrupt is preempted by a more urgent one only. */
static bool nested_seen, nested_early;

static void outer(unsigned int intid)
{
	gic_set_pending(FREE_SPI + 1); /* more urgent */
	gic_set_pending(FREE_SPI + 2); /* less */
	irq_enable();
	nested_seen = wait_for(count_of(FREE_SPI + 1), WAIT_MS);
	settle();
	nested_early = count_of(FREE_SPI + 2);
	irq_disable();
}

static void preemption(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	enable_spi(FREE_SPI + 1, 0x40);
	enable_spi(FREE_SPI + 2, 0xc0);
	gic_on(FREE_SPI, outer);
	irq_enable();
	gic_set_pending(FREE_SPI);
	check(arrives(FREE_SPI, 1), "did not come");
	check(nested_seen, "a more urgent one did not preempt");
	check(!nested_early, "a less urgent one preempted");
	check(arrives(FREE_SPI + 2, 1), "the less urgent one got lost");
}

/* With split end-of-interrupt it stays active, and does not come again. */
static void active_state(void)
{
	u32 iar;

	start();
	enable_spi(FREE_SPI, 0x80);
	gic_split_eoi(true);
	gic_set_pending(FREE_SPI);
	iar = gic_ack();
	check((iar & 0x3ff) == FREE_SPI, "IAR %#x", iar);
	check(gic_is_active(FREE_SPI), "not active");
	check(!gic_is_pending(FREE_SPI), "still pending");
	gic_set_pending(FREE_SPI);
	check(gic_is_pending(FREE_SPI), "not active and pending");
	gic_eoi(iar);
	check(gic_is_active(FREE_SPI), "EOI ended it though split");
	check((gic_ack() & 0x3ff) == 1023, "came while active");
	gic_deactivate(iar);
	check(!gic_is_active(FREE_SPI), "still active");
	iar = gic_ack();
	check((iar & 0x3ff) == FREE_SPI, "the second one got lost: %#x", iar);
	gic_eoi(iar);
	gic_deactivate(iar);
	gic_split_eoi(false);
}

static void active_by_register(void)
{
	start();
	enable_spi(FREE_SPI, 0x80);
	gic_set_active(FREE_SPI, true);
	check(gic_is_active(FREE_SPI), "not active");
	irq_enable();
	gic_set_pending(FREE_SPI);
	settle();
	check(!count_of(FREE_SPI), "came while active");
	gic_set_active(FREE_SPI, false);
	check(arrives(FREE_SPI, 1), "did not come when inactive");
}

/* ---- More pending than there are list registers ------------------------------- */

#define MANY 40

static void pend_many(void)
{
	unsigned int i;

	start();
	for (i = 0; i < MANY; i++)
		/* Not in the order of their numbers; 8 levels of urgency. */
		enable_spi(SPI(48 + i), 0x20 + (i * 5 % 8) * 16);
	for (i = 0; i < MANY; i++)
		gic_set_pending(SPI(48 + i));
}

static void more_than_list_registers(void)
{
	unsigned int i, last = 0, prio;

	pend_many();
	irq_enable();
	check(wait_for(me()->irq_logged >= MANY, WAIT_MS), "%u of %u came",
	      me()->irq_logged, MANY);
	settle();
	for (i = 0; i < MANY; i++)
		check(count_of(SPI(48 + i)) == 1, "SPI %u came %u times",
		      48 + i, count_of(SPI(48 + i)));
	for (i = 0; i < MANY; i++) {
		prio = ((me()->irq_log[i] & 0x3ff) - SPI(48)) * 5 % 8;
		check(prio >= last, "number %u, INTID %u, came too late", i,
		      me()->irq_log[i] & 0x3ff);
		last = prio;
	}
}

/* An urgent one arrives when the list registers are full of others. */
static void urgent_when_full(void)
{
	pend_many();
	enable_spi(SPI(47), 0x10);
	gic_set_pending(SPI(47));
	irq_enable();
	check(wait_for(me()->irq_logged >= MANY + 1, WAIT_MS), "%u of %u came",
	      me()->irq_logged, MANY + 1);
	check((me()->irq_log[0] & 0x3ff) == SPI(47), "INTID %u came first",
	      me()->irq_log[0] & 0x3ff);
}

static void disabled_when_full(void)
{
	unsigned int i;

	pend_many();
	for (i = 0; i < MANY; i += 2)
		gic_disable(SPI(48 + i));
	irq_enable();
	check(wait_for(me()->irq_logged >= MANY / 2, WAIT_MS), "%u came",
	      me()->irq_logged);
	settle();
	for (i = 0; i < MANY; i++)
		check(count_of(SPI(48 + i)) == i % 2, "SPI %u came %u times",
		      48 + i, count_of(SPI(48 + i)));
	for (i = 0; i < MANY; i += 2)
		gic_clear_pending(SPI(48 + i));
}

/* Many active at once: each handler lets a more urgent one in. */
static unsigned int depth, deepest;

static void nest(unsigned int intid)
{
	unsigned int next = intid + 1;

	deepest = max(deepest, ++depth);
	if (next < FREE_SPI + 8) {
		gic_set_pending(next);
		irq_enable();
		wait_for(count_of(next), WAIT_MS);
		irq_disable();
	}
	depth--;
}

static void nested_deep(void)
{
	unsigned int i;

	start();
	deepest = depth = 0;
	for (i = 0; i < 8; i++) {
		enable_spi(FREE_SPI + i, 0xc0 - i * 16);
		gic_on(FREE_SPI + i, nest);
	}
	irq_enable();
	gic_set_pending(FREE_SPI);
	check(arrives(FREE_SPI, 1), "did not come");
	check(deepest == 8, "only %u deep", deepest);
	settle();
	for (i = 0; i < 8; i++)
		check(count_of(FREE_SPI + i) == 1 && !gic_is_active(FREE_SPI + i),
		      "INTID %u: %u times", FREE_SPI + i,
		      count_of(FREE_SPI + i));
}

/* ---- Routing ------------------------------------------------------------------ */

static void wait_for_spi(void *arg)
{
	gic_init_cpu();
	irq_enable();
	wait_for(this_cpu()->irq_count[FREE_SPI], WAIT_MS);
	irq_disable();
}

static void route_to_another(void)
{
	start();
	cpus[1].irq_count[FREE_SPI] = 0;
	smp_run(1, wait_for_spi, NULL);
	delay(10);
	enable_spi(FREE_SPI, 0x80);
	gic_route(FREE_SPI, 1);
	irq_enable();
	gic_set_pending(FREE_SPI);
	check(smp_wait(1, 2 * WAIT_MS), "CPU 1 hangs");
	check(cpus[1].irq_count[FREE_SPI] == 1, "CPU 1 got it %u times",
	      cpus[1].irq_count[FREE_SPI]);
	check(!count_of(FREE_SPI), "CPU 0 got it");
}

/* Moved while it is pending and not taken: it goes along. */
static void reroute_pending(void)
{
	if (machine.bare && machine.gic_version == 2) {
		rt_skip("QEMU's GICv2 keeps it where it was made pending");
		return;
	}
	start();
	enable_spi(FREE_SPI, 0x80);
	gic_set_pending(FREE_SPI);
	settle();
	gic_route(FREE_SPI, 1);
	cpus[1].irq_count[FREE_SPI] = 0;
	irq_enable();
	smp_run(1, wait_for_spi, NULL);
	check(smp_wait(1, 2 * WAIT_MS), "CPU 1 hangs");
	check(cpus[1].irq_count[FREE_SPI] == 1 && !count_of(FREE_SPI),
	      "CPU 1 got it %u times, CPU 0 %u times",
	      cpus[1].irq_count[FREE_SPI], count_of(FREE_SPI));
}

/* ---- A level interrupt: the PL011's transmitter -------------------------------- */

#define UART_CR 0x30
#define UART_LCRH 0x2c
#define UART_IMSC 0x38
#define UART_RIS 0x3c
#define UART_ICR 0x44
#define UART_TX (1U << 5)

static void uart_quiet(unsigned int intid)
{
	if (count_of(intid) >= 3)
		write32(machine.uart + UART_IMSC, 0);
}

/* The line stays up for three rounds: it comes again after each EOI. */
static void level_comes_again(void)
{
	unsigned int intid = machine.uart_intid;

	start();
	write32(machine.uart + UART_IMSC, 0);
	write32(machine.uart + UART_CR, 0x301);
	gic_on(intid, uart_quiet);
	gic_set_edge(intid, false);
	gic_enable(intid);
	irq_enable();
	/* A character out: the transmitter raises its interrupt. */
	print(".\n");
	write32(machine.uart + UART_IMSC, UART_TX);
	check(arrives(intid, 4), "came %u times", count_of(intid));
	settle();
	check(count_of(intid) == 4, "came %u times after it was quiet",
	      count_of(intid));
	check(!gic_is_pending(intid), "pending with the line down");
}

/* Up and down again before anybody looked: nothing must come. */
static void level_withdrawn(void)
{
	unsigned int intid = machine.uart_intid;

	start();
	gic_set_edge(intid, false);
	gic_enable(intid);
	print(".\n");
	write32(machine.uart + UART_IMSC, UART_TX);
	check(gic_is_pending(intid), "not pending");
	write32(machine.uart + UART_IMSC, 0);
	check(!gic_is_pending(intid), "pending with the line down");
	irq_enable();
	settle();
	check(!count_of(intid), "came though withdrawn");
}

/* ---- Registers ---------------------------------------------------------------- */

static void read_back(void)
{
	u64 d = machine.gicd;
	u32 old;

	start();
	/* Bytes of a word; SGI and PPI priorities are the CPU's own. */
	write32(d + 0x400 + FREE_SPI, 0x10203040);
	check(read8(d + 0x400 + FREE_SPI) == 0x40 &&
		      read8(d + 0x400 + FREE_SPI + 3) == 0x10,
	      "priority bytes");
	write8(d + 0x400 + FREE_SPI + 1, 0x70);
	check(read32(d + 0x400 + FREE_SPI) == 0x10207040, "priority word %#x",
	      read32(d + 0x400 + FREE_SPI));
	gic_enable(FREE_SPI);
	check(read32(d + 0x100 + FREE_SPI / 32 * 4) == 1U << FREE_SPI % 32,
	      "ISENABLER %#x", read32(d + 0x100 + FREE_SPI / 32 * 4));
	check(read32(d + 0x180 + FREE_SPI / 32 * 4) == 1U << FREE_SPI % 32,
	      "ICENABLER differs");
	gic_disable(FREE_SPI);
	check(!read32(d + 0x100 + FREE_SPI / 32 * 4), "disabled");
	old = read32(d + 0xc00 + FREE_SPI / 16 * 4);
	gic_set_edge(FREE_SPI, true);
	check(read32(d + 0xc00 + FREE_SPI / 16 * 4) ==
		      (old | 2U << FREE_SPI % 16 * 2),
	      "ICFGR");
	check(read32(gic_private_base() + 0x100) >> 16 == 0,
	      "PPIs enabled: %#x", read32(gic_private_base() + 0x100));
	if (machine.gic_version == 2) {
		write8(d + 0x800 + FREE_SPI, 1);
		/* Read as zero where there is only one CPU. */
		check(read8(d + 0x800 + FREE_SPI) == 1 || machine.cpus == 1,
		      "ITARGETSR");
		check(machine.cpus == 1 || read8(d + 0x800) == 1,
		      "ITARGETSR0 %#x", read8(d + 0x800));
	} else {
		check(read64(d + 0x6000 + FREE_SPI * 8) == machine.mpidr[0],
		      "IROUTER %#llx", read64(d + 0x6000 + FREE_SPI * 8));
		check(read32(d + 0x6000 + FREE_SPI * 8) ==
			      (u32)machine.mpidr[0],
		      "half of IROUTER");
	}
}

/* Each redistributor's TYPER is its CPU's; the last one says so. */
static void redistributors(void)
{
	unsigned int i;

	if (machine.gic_version != 3) {
		rt_skip("GICv3 only");
		return;
	}
	for (i = 0; i < machine.cpus; i++) {
		u64 typer = read64(machine.gicr + i * 0x20000UL + 8);
		u64 m = machine.mpidr[i];
		u32 aff = (m & 0xffffff) | (m >> 32 & 0xff) << 24;

		check(typer >> 32 == aff, "TYPER %u: %#llx", i, typer);
		check((typer >> 8 & 0xffff) == i, "number %u: %#llx", i, typer);
		check((typer >> 4 & 1) == (i == machine.cpus - 1),
		      "Last of %u: %#llx", i, typer);
		check(read32(machine.gicr + i * 0x20000UL + 12) == aff,
		      "upper half");
	}
}

/* Over and over on one interrupt, to lose one if one can be lost. */
static void ten_thousand(void)
{
	unsigned int i;

	start();
	enable_spi(FREE_SPI, 0x80);
	irq_enable();
	for (i = 1; i <= 10000; i++) {
		gic_set_pending(FREE_SPI);
		check(arrives(FREE_SPI, i), "number %u did not come", i);
	}
	check(count_of(FREE_SPI) == 10000, "%u", count_of(FREE_SPI));
}

const struct test guest_tests[] = {
	{"K22.idle-gives-spurious", idle_gives_spurious},
	{"K22.SGI-to-self", sgi_to_self},
	{"K22.SGIs-by-priority", sgis_by_priority},
	{"K22.SGI-while-the-CPU-masks", sgi_while_masked_by_cpu},
	{"K22.SPI-by-ISPENDR", spi_by_set_pending},
	{"K22.disabled-stays-pending", disabled_stays_pending},
	{"K22.cleared-does-not-come", cleared_does_not_come},
	{"K22.distributor-off", distributor_off},
	{"K22.priority-mask", priority_mask},
	{"K22.preemption", preemption},
	{"K22.active-state", active_state},
	{"K22.active-by-register", active_by_register},
	{"K22.more-than-list-registers", more_than_list_registers},
	{"K22.urgent-one-when-full", urgent_when_full},
	{"K22.disabled-when-full", disabled_when_full},
	{"K22.nested-eight-deep", nested_deep},
	{"K22.level-comes-again", level_comes_again},
	{"K22.level-withdrawn", level_withdrawn},
	{"K22.registers-read-back", read_back},
	{"K22.redistributors", redistributors},
	{"K22.ten-thousand", ten_thousand},
	{"K24.SGI-to-another-CPU", sgi_to_another, 2},
	{"K24.SGI-ping-pong", ping_pong, 2},
	{"K24.SPI-to-another-CPU", route_to_another, 2},
	{"K24.SPI-moved-while-pending", reroute_pending, 2},
	{"K24.SGI-keeps-its-sources", sgi_keeps_its_sources, 3},
	{"K24.SGI-to-all-others", sgi_to_all_others, 4},
	{NULL},
};
