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

const char guest_name[] = "bench-exits";

#define REPETITIONS 20000UL

void guest_hello(void)
{
	/* Under a hypervisor the physical counter has run since reset. */
	print("BENCH-HZ %llu\n", read_sysreg(cntfrq_el0));
}

/*
 * Run the instructions REPETITIONS times and give the ticks that it took. Free
 * for their use: x0 to x17. In: x9 and x10, w11 as given; w12 counts
 * interrupts (see the vectors).
 */
#define TIMED(n, r9, r10, r11, ...)                                            \
	({                                                                     \
		u64 begin_, i_ = (n);                                          \
		register u64 x9_ __asm__("x9") = (r9);                         \
		register u64 x10_ __asm__("x10") = (r10);                      \
		register u64 x11_ __asm__("x11") = (r11);                      \
		isb();                                                         \
		begin_ = read_sysreg(cntvct_el0);                              \
		__asm__ volatile("1:\n\t" __VA_ARGS__                          \
				 "\n\tsubs %0, %0, #1\n\tb.ne 1b"              \
				 : "+r"(i_), "+r"(x9_), "+r"(x10_),            \
				   "+r"(x11_)                                  \
				 :                                             \
				 : "x0", "x1", "x2", "x3", "x4", "x5", "x6",   \
				   "x7", "x8", "x12", "x13", "x14", "x15",     \
				   "x16", "x17", "cc", "memory");              \
		isb();                                                         \
		read_sysreg(cntvct_el0) - begin_;                              \
	})

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
	OPERATION("hvc", 0, 0, 0, "mov x0, #0\n\thvc #0");
	OPERATION("smccc-version", 0, 0, 0x80000000UL,
		  "mov x0, x11\n\thvc #0");
	OPERATION("psci-version", 0, 0, 0x84000000UL, "mov x0, x11\n\thvc #0");
}

static void mmio(void)
{
	OPERATION("gicd-typer", machine.gicd + 4, 0, 0, "ldr w0, [x9]");
	OPERATION("gicd-isenabler1", machine.gicd + 0x104, 0, 0,
		  "ldr w0, [x9]");
	OPERATION("uart-fr", machine.uart + 0x18, 0, 0, "ldr w0, [x9]");
}

/* ---- Interrupts ------------------------------------------------------------- */

/*
 * IRQ vectors that acknowledge, switch the virtual timer off, end the interrupt
 * and count it in x12. x10: the GICv2 CPU interface.
 */
extern char bench_vectors_v2[], bench_vectors_v3[];
__asm__(".text\n"
	".macro bench_vectors name, acknowledge, finish\n"
	".balign 2048\n"
	".globl \\name\n"
	"\\name:\n"
	".skip 0x280\n"
	"	\\acknowledge\n"
	"	msr cntv_ctl_el0, xzr\n"
	"	\\finish\n"
	"	add x12, x12, #1\n"
	"	eret\n"
	".balign 2048\n"
	".endm\n"
	"bench_vectors bench_vectors_v2, \"ldr w13, [x10, #0xc]\", "
	"\"str w13, [x10, #0x10]\"\n"
	"bench_vectors bench_vectors_v3, \"mrs x13, s3_0_c12_c12_0\", "
	"\"msr s3_0_c12_c12_1, x13\"\n");

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

/* x9, w11: where and what to write to send SGI 1 to CPU n. */
static u64 sgi_value(unsigned int cpu)
{
	if (machine.gic_version == 2)
		return 1UL << (16 + cpu) | 1;
	return 1UL << 24 | 1UL << (machine.mpidr[cpu] & 15);
}

#define SPIN_UNTIL_TAKEN "\n2:\tcbz x12, 2b"

static void sgi_to_self(void)
{
	u64 old = set_vectors(), at = machine.gicd + 0xf00;

	irq_enable();
	if (machine.gic_version == 2)
		OPERATION("sgi-self", at, machine.gicc, sgi_value(0),
			  "mov x12, #0\n\tstr w11, [x9]" SPIN_UNTIL_TAKEN);
	else
		OPERATION("sgi-self", at, 0, sgi_value(0),
			  "mov x12, #0\n\tmsr s3_0_c12_c11_5, x11"
			  "\n\tisb" SPIN_UNTIL_TAKEN);
	reset_vectors(old);
}

/* Due at once: what the timer and the interrupt cost, and no waiting. */
static void timer(void)
{
	u64 old = set_vectors();

	gic_enable(INTID_VTIMER);
	irq_enable();
	OPERATION("timer", 0, machine.gicc, 1,
		  "mov x12, #0\n\tmsr cntv_cval_el0, xzr\n\t"
		  "msr cntv_ctl_el0, x11\n\tisb" SPIN_UNTIL_TAKEN);
	gic_disable(INTID_VTIMER);
	reset_vectors(old);
}

#define WFI_UNTIL_TAKEN                                                        \
	"\n\tmov x12, #0\n2:\twfi\n\tmsr daifclr, #2\n\tisb\n\t"              \
	"msr daifset, #2\n\tcbz x12, 2b"

/* CPU 1: sleep, and answer each SGI with one to CPU 0. */
static void answer(void *arg)
{
	u64 old;

	gic_init_cpu();
	old = set_vectors();
	if (machine.gic_version == 2)
		TIMED(REPETITIONS + 3, machine.gicd + 0xf00, machine.gicc,
		      sgi_value(0), WFI_UNTIL_TAKEN "\n\tstr w11, [x9]");
	else
		TIMED(REPETITIONS + 3, 0, 0, sgi_value(0),
		      WFI_UNTIL_TAKEN
		      "\n\tmsr s3_0_c12_c11_5, x11\n\tisb");
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
			  sgi_value(1), "str w11, [x9]" WFI_UNTIL_TAKEN);
	else
		OPERATION("sgi-round-trip", 0, 0, sgi_value(1),
			  "msr s3_0_c12_c11_5, x11\n\tisb" WFI_UNTIL_TAKEN);
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
			t = TIMED(1, page, 0, 0, "str wzr, [x9]");
		else
			t = TIMED(1, page, 0, 0, "ldr w0, [x9]");
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
