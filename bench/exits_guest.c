// SPDX-License-Identifier: BSD-2-Clause
/*
 * What an exit costs: each operation many times over, under `-icount shift=0`,
 * where the counter counts executed instructions (one tick is 1e9 / frequency
 * of them). Prints raw numbers,
 *
 *	BENCH name repetitions ticks empty [pages]
 *
 * with the ticks that the same loop takes without the operation; bench/exits.sh
 * makes the table. Interrupts are taken by vectors of a few instructions, so
 * that next to nothing of what is counted is the guest's own.
 */
#include <libfdt.h>
#include "tests/guests/rt/rt.h"
#include <exits_arch.h>

const char guest_name[] = "bench-exits";

#define REPETITIONS 20000ULL

void guest_hello(void)
{
	/* Under a hypervisor the physical counter has run since reset. */
	print("BENCH-HZ %llu\n", read_sysreg(cntfrq_el0));
}

static u64 empty_ticks;

static void row(const char *name, u64 n, u64 ticks, u64 empty)
{
	print("BENCH %s %llu %llu %llu\n", name, n, ticks, empty);
}

/* Each once beforehand, so that no first time is counted. */
#define OPERATION(name, ...)                                                   \
	do {                                                                   \
		TIMED(3, __VA_ARGS__);                                         \
		row(name, REPETITIONS, TIMED(REPETITIONS, __VA_ARGS__),        \
		    empty_ticks);                                              \
	} while (0)

static void calls(void)
{
	empty_ticks = TIMED(REPETITIONS, 0, 0, 0, "nop");
	empty_ticks = TIMED(REPETITIONS, 0, 0, 0, "");
	OPERATION("hvc", 0, 0, 0, CALL);
	OPERATION("smccc-version", 0, 0, SMCCC_VERSION, CALL);
	OPERATION("psci-version", 0, 0, PSCI_VERSION, CALL);
}

static void mmio(void)
{
	OPERATION("gicd-typer", machine.gicd + 4, 0, 0, READ);
	OPERATION("gicd-isenabler1", machine.gicd + 0x104, 0, 0, READ);
	OPERATION("uart-fr", machine.uart + 0x18, 0, 0, READ);
}

/* ---- Interrupts ------------------------------------------------------------- */

static u64 set_vectors(void)
{
	u64 old = read_sysreg(vbar_el1);

	write_sysreg(vbar_el1, machine.gic_version == 2 ?
				       (u64)bench_vectors_v2 :
				       (u64)bench_vectors_v3);
	isb();
	return old;
}

static void reset_vectors(u64 old)
{
	irq_disable();
	write_sysreg(vbar_el1, old);
	isb();
}

/* The address and the value: where and what to write to send SGI 1 to CPU n. */
static u64 sgi_value(unsigned int cpu)
{
	if (machine.gic_version == 2)
		return 1UL << (16 + cpu) | 1;
	return 1UL << 24 | 1UL << (machine.mpidr[cpu] & 15);
}

static void sgi_to_self(void)
{
	u64 old = set_vectors(), at = machine.gicd + 0xf00;

	irq_enable();
	if (machine.gic_version == 2)
		OPERATION("sgi-self", at, machine.gicc, sgi_value(0),
			  NONE_TAKEN WRITE SPIN_UNTIL_TAKEN);
	else
		OPERATION("sgi-self", at, 0, sgi_value(0),
			  NONE_TAKEN SEND_V3 SPIN_UNTIL_TAKEN);
	reset_vectors(old);
}

/* Due at once: what the timer and the interrupt cost, and no waiting. */
static void timer(void)
{
	u64 old = set_vectors();

	gic_enable(INTID_VTIMER);
	irq_enable();
	OPERATION("timer", 0, machine.gicc, 1,
		  NONE_TAKEN TIMER_DUE SPIN_UNTIL_TAKEN);
	gic_disable(INTID_VTIMER);
	reset_vectors(old);
}

/* CPU 1: sleep, and answer each SGI with one to CPU 0. */
static void answer(void *arg)
{
	u64 old;

	gic_init_cpu();
	old = set_vectors();
	if (machine.gic_version == 2)
		TIMED(REPETITIONS + 3, machine.gicd + 0xf00, machine.gicc,
		      sgi_value(0), WFI_UNTIL_TAKEN WRITE);
	else
		TIMED(REPETITIONS + 3, 0, 0, sgi_value(0),
		      WFI_UNTIL_TAKEN SEND_V3);
	reset_vectors(old);
}

static void round_trip(void)
{
	u64 old;

	smp_run(1, answer, NULL);
	delay(20);
	old = set_vectors();
	if (machine.gic_version == 2)
		OPERATION("sgi-round-trip", machine.gicd + 0xf00, machine.gicc,
			  sgi_value(1), WRITE WFI_UNTIL_TAKEN);
	else
		OPERATION("sgi-round-trip", 0, 0, sgi_value(1),
			  SEND_V3 WFI_UNTIL_TAKEN);
	reset_vectors(old);
	check(smp_wait(1, 10000), "CPU 1 does not come back");
}

/* ---- First touches ------------------------------------------------------------ */

static u64 chosen(const char *name)
{
	int len, node = fdt_path_offset(machine.fdt, "/chosen");
	const fdt32_t *p = fdt_getprop(machine.fdt, node, name, &len);

	if (!p || len < 4)
		return 0;
	return len == 4 ? fdt32_to_cpu(p[0]) :
			  (u64)fdt32_to_cpu(p[0]) << 32 | fdt32_to_cpu(p[1]);
}

/*
 * Touch each page once and add up the touches that took long: those that left
 * for the hypervisor, which may map more than a page at a time. The last number
 * of the row says how many pages there were.
 */
struct touches {
	u64 faults, ticks, pages;
};

static void touch(struct touches *s, u64 base, u64 end, bool write)
{
	u64 page, t;

	for (page = base; page < end; page += SZ_4K) {
		if (write)
			t = TIMED(1, page, 0, 0, WRITE);
		else
			t = TIMED(1, page, 0, 0, READ);
		s->pages++;
		if (t > 4) {
			s->ticks += t;
			s->faults++;
		}
	}
}

static void touch_row(const char *name, const struct touches *s)
{
	u64 empty = TIMED(REPETITIONS, 0, 0, 0, "isb\n\tnop\n\tisb");

	print("BENCH %s %llu %llu %llu %llu\n", name, s->faults, s->ticks,
	      s->faults * empty / REPETITIONS, s->pages);
}

/*
 * Where an area of 2 MiB has a page of its own (one was written), the rest of
 * the image is mapped in small runs: next to nothing is then spent on making
 * the pages ready.
 */
static void touch_runs(u64 base, u64 end)
{
	struct touches write = {0}, clean = {0}, read = {0};
	u64 area;

	for (area = base; area < end; area += SZ_2M) {
		touch(&write, area, area + SZ_4K, true);
		/* All of the area is cleaned when the first of it is shown. */
		touch(&clean, area + SZ_1M, area + SZ_1M + SZ_4K, false);
		touch(&read, area, min(area + SZ_2M, end), false);
	}
	touch_row("touch-image-run", &read);
}

/* The initrd's pages are there already: a fault only has to map them. Memory
 * is zeroed at its first touch, in blocks where possible. */
static void first_touch(void)
{
	u64 base = ALIGN_UP(chosen("linux,initrd-start"), SZ_2M);
	u64 end = ALIGN_DOWN(chosen("linux,initrd-end"), SZ_2M);
	u64 third = ALIGN_DOWN((end - base) / 3, SZ_2M), ram;
	struct touches read = {0}, write = {0}, zero = {0};

	if (base && end > base) {
		touch(&read, base, base + third, false);
		touch_row("touch-image-block", &read);
		touch(&write, base + third, base + 2 * third, true);
		touch_row("touch-image-write", &write);
		touch_runs(base + 2 * third, end);
	}
	ram = max(chosen("linux,initrd-end"), free_ram());
	ram = ALIGN_UP(max(ram, (u64)machine.fdt + SZ_2M), SZ_2M);
	touch(&zero, ram, ram + 32 * SZ_2M, true);
	touch_row("touch-zeroed", &zero);
}

static void exits(void)
{
	gic_init();
	gic_init_cpu();
	calls();
	mmio();
	sgi_to_self();
	timer();
	first_touch();
	/* Since reset, the hypervisor's own start included, if its physical
	 * counter is the board's. */
	print("BENCH-ENTRY %llu %llu\n", machine.entry_counter,
	      read_sysreg(cntpct_el0) - read_sysreg(cntvct_el0));
}

const struct test guest_tests[] = {
	{"exits", exits},
	{"round-trip", round_trip, 2},
	{NULL},
};
