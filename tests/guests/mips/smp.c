// SPDX-License-Identifier: BSD-2-Clause
/*
 * K45, K46 with several CPUs: they start, interrupt each other, count by LL and SC
 * around what traps, change each other's TLB and code, and turn off and on. Prints
 * PASS or FAIL for each case, and turns its machine off.
 */
#include "tests/guests/mips/bare.h"

#define MAX_CPUS 8
#define SMP 0xbf001000U

enum { STATUS, COMMAND = 4, PC = 8, SP = 12, GP = 16, ARG = 20, RAISE = 24, CLEAR = 28 };
enum { THERE = 1, ON };
enum { START = 1, STOP };
enum { DONE, NO_SUCH_CPU, IS_ON, INVALID };
enum { WAKE = 1 << 3, CALL = 1 << 4 };
#define IM (0x800 | 0x1000) /* IP3 and IP4 */
#define IM_TIMER 0x8000

struct cpu {
	volatile u32 asked, done;
	void (*fn)(u32 me);
	volatile u32 woken, called, ticks, other; /* exceptions taken */
	volatile u32 started;                      /* with this argument */
	volatile u32 wrong;
};

static struct cpu cpus[MAX_CPUS];
static u32 count;
static u8 stacks[MAX_CPUS][8192] __attribute__((aligned(16)));

u32 guest_exception(u32 cause, u32 epc);
void guest_secondary(u32 arg);
void secondary_start(void);
void add_plain(volatile u32 *word, u32 va);
void add_rdhwr(volatile u32 *word, u32 va);
void add_tlbp(volatile u32 *word, u32 va);
void add_count(volatile u32 *word, u32 va);
void add_translated(volatile u32 *word, u32 va);
void add_after(volatile u32 *word, u32 va);
void add_slot(volatile u32 *word, u32 va);
void add_miss(volatile u32 *word, u32 va);
u32 read_epc(void);

/* ---- CPUs --------------------------------------------------------------------- */

static volatile u32 *reg(u32 cpu, u32 n)
{
	return at(SMP + cpu * 0x20 + n);
}

static u32 number(void)
{
	u32 v;

	__asm__("mfc0 %0, $15, 1" : "=r"(v));
	return v & 0x3ff;
}

static u32 command(u32 cpu, u32 what)
{
	*reg(cpu, COMMAND) = what;
	return *reg(number(), COMMAND);
}

/* Interrupts that are let through: taken, and then masked again. */
static void take_interrupts(void)
{
	__asm__ volatile("ei\n\tehb\n\tdi\n\tehb" : : : "memory");
}

/* WAIT ends for what is pending, masked by IE or not. */
static void sleep_once(void)
{
	__asm__ volatile("wait" : : : "memory");
	take_interrupts();
}

static u32 write_tlb_for, write_tlb_lo; /* what CALL asks for; 0: nothing */
static volatile u32 written_tlb;

/* A refill takes a page from the table that there is: all of 0x10000000 and on
 * shows guest-physical memory from 4 MiB on. */
static void refill(u32 va)
{
	u32 page = 0x400000 + (va & 0xfe000);

	MTC0(LO(page, V | D), 2);
	MTC0(LO(page + 0x1000, V | D), 3);
	MTC0(0, 5);
	__asm__ volatile("tlbwr\n\tehb" ::: "memory");
}

u32 guest_exception(u32 cause, u32 epc)
{
	u32 me = number(), code = cause >> 2 & 31, va;
	struct cpu *c = &cpus[me];

	if (code == 2 || code == 3) {
		va = MFC0(8);
		if (va - 0x10000000 < 0x100000) {
			refill(va);
			return epc;
		}
	}
	if (code) {
		c->other++;
		return epc + 4;
	}
	if (cause & WAKE << 8) {
		*reg(me, CLEAR) = WAKE;
		c->woken++;
	}
	if (cause & CALL << 8) {
		*reg(me, CLEAR) = CALL;
		if (write_tlb_for) {
			tlb_write(3, write_tlb_for, write_tlb_lo, write_tlb_lo);
			written_tlb++;
		}
		c->called++;
	}
	if (cause & MFC0(12) & IM_TIMER) {
		MTC0(MFC0(9) + 100000, 11);
		c->ticks++;
	}
	return epc;
}

void guest_secondary(u32 arg)
{
	u32 me = number();
	struct cpu *c = &cpus[me];

	MTC0(IM, 12);
	c->started = arg;
	*reg(0, RAISE) = WAKE;
	for (;;) {
		while (c->asked == c->done)
			sleep_once();
		c->fn(me);
		c->done++;
		*reg(0, RAISE) = WAKE;
	}
}

static u32 start(u32 n, u32 arg)
{
	*reg(n, PC) = (u32)secondary_start;
	*reg(n, SP) = (u32)stacks[n] + sizeof(stacks[n]) - 16;
	*reg(n, GP) = 0;
	*reg(n, ARG) = arg;
	return command(n, START);
}

static void ask(u32 n, void (*fn)(u32 me))
{
	cpus[n].fn = fn;
	cpus[n].asked++;
	*reg(n, RAISE) = WAKE;
}

static void await(u32 n)
{
	while (cpus[n].asked != cpus[n].done)
		sleep_once();
}

static void on_all(void (*fn)(u32 me))
{
	for (u32 n = 1; n < count; n++)
		ask(n, fn);
	fn(0);
	for (u32 n = 1; n < count; n++)
		await(n);
}

static bool none_wrong(void)
{
	u32 wrong = 0;

	for (u32 n = 0; n < count; n++) {
		wrong |= cpus[n].wrong | cpus[n].other;
		cpus[n].wrong = cpus[n].other = 0;
	}
	return !wrong;
}

/* ---- Starts --------------------------------------------------------------------- */

static void look_at_self(u32 me)
{
	u32 hwr;

	__asm__ volatile("rdhwr %0, $0" : "=r"(hwr));
	if (hwr != me || number() != me || !(*reg(me, STATUS) & ON))
		cpus[me].wrong = 1;
}

static void starts(void)
{
	bool good = true;

	while (count < MAX_CPUS && *reg(count, STATUS) & THERE)
		count++;
	expect("start.it-has-several", count > 1);
	for (u32 n = 1; n < count; n++) {
		good &= *reg(n, STATUS) == THERE && start(n, 1000 + n) == DONE;
		while (cpus[n].started != 1000 + n)
			sleep_once();
	}
	expect("start.all", good);
	on_all(look_at_self);
	expect("start.each-knows-itself", none_wrong());
	good = true;
	for (u32 n = 0; n < count; n++)
		good &= start(n, 0) == IS_ON;
	for (u32 n = count; n < MAX_CPUS; n++)
		good &= start(n, 0) == NO_SUCH_CPU && !*reg(n, STATUS);
	expect("start.refused", good && command(1, STOP) == INVALID &&
	       command(1, 77) == INVALID && *reg(1, STATUS) == (THERE | ON));
}

static void stop_self(u32 me)
{
	cpus[me].done++;
	*reg(me, COMMAND) = STOP;
	cpus[me].wrong = 1;
}

static void off_and_on(void)
{
	bool good = true;

	for (u32 i = 0; i < 20; i++) {
		ask(1, stop_self);
		while (*reg(1, STATUS) & ON)
			;
		await(1);
		/* Nobody is there to take it, now or later. */
		*reg(1, RAISE) = CALL;
		cpus[1].called = 0;
		good &= start(1, i) == DONE;
		while (cpus[1].started != i)
			sleep_once();
		good &= !cpus[1].called;
	}
	on_all(look_at_self);
	expect("start.off-and-on", good && none_wrong());
}

/* ---- Interrupts and time ---------------------------------------------------------- */

static volatile u32 token;

/* It goes round, and all but its holder sleep. Count never goes back. */
static u32 last_count;

static void pass(u32 me)
{
	for (u32 i = 0; i < 50; i++) {
		u32 now;

		while (token != i * count + me)
			sleep_once();
		now = MFC0(9);
		if ((s32)(now - last_count) < 0)
			cpus[me].wrong = 1;
		last_count = now;
		token++;
		*reg((me + 1) % count, RAISE) = CALL;
	}
}

static void tick(u32 me)
{
	cpus[me].ticks = 0;
	MTC0(IM | IM_TIMER, 12);
	MTC0(MFC0(9) + 100000, 11);
	while (cpus[me].ticks < 10)
		sleep_once();
	MTC0(IM, 12);
}

static void interrupts(void)
{
	token = 0;
	last_count = MFC0(9);
	on_all(pass);
	expect("interrupt.ring", token == 50 * count);
	expect("time.is-one", none_wrong());
	on_all(tick);
	expect("time.ticks-everywhere", none_wrong());
}

/* ---- LL and SC ---------------------------------------------------------------------- */

#define ROUNDS 400U

static volatile u32 word;
static void (*add)(volatile u32 *word, u32 va);

/* Who interrupts another gives way: they alternate. */
static void contend(u32 me)
{
	for (u32 i = 0; i < ROUNDS; i++) {
		add(&word, 0x10000000 + (i * 0x2040 & 0xfffff));
		if (i % 8 == me)
			*reg((me + 1) % count, RAISE) = WAKE;
		if (i % 16 == 0)
			take_interrupts();
	}
}

static void pairs(void)
{
	static const struct {
		const char *name;
		void (*fn)(volatile u32 *word, u32 va);
	} way[] = {
		{"llsc.plain", add_plain},
		{"llsc.rdhwr", add_rdhwr},
		{"llsc.tlbp", add_tlbp},
		{"llsc.mfc0", add_count},
		{"llsc.translated-mfc0", add_translated},
		{"llsc.value-is-gone", add_after},
		{"llsc.in-a-delay-slot", add_slot},
		{"llsc.tlb-miss", add_miss},
	};

	for (u32 i = 0; i < ARRAY_SIZE(way); i++) {
		word = 0;
		add = way[i].fn;
		on_all(contend);
		expect(way[i].name, word == ROUNDS * count && none_wrong());
	}
}

/* ---- TLB and code --------------------------------------------------------------------- */

#define WINDOW 0x20000000U

static volatile u32 stop_looking, shown;

/* What CALL made of the entry is what is seen, from then on. */
static void look(u32 me)
{
	u32 before, value, old;

	tlb_write(3, WINDOW, LO(0x600000, V | D | G), LO(0x600000, V | D | G));
	shown = 1;
	*reg(0, RAISE) = WAKE;
	do {
		old = written_tlb;
		value = *at(WINDOW);
		if (value != 100 + old)
			cpus[me].wrong = 1;
		before = cpus[me].called;
		while (cpus[me].called == before && !stop_looking)
			sleep_once();
	} while (!stop_looking);
}

static void shootdown(void)
{
	bool good = true;

	for (u32 i = 0; i <= 20; i++)
		*at(KSEG0 + 0x600000 + i * 0x1000) = 100 + i;
	*at(KSEG0 + 0x640000) = 7;
	tlb_write(3, WINDOW, LO(0x640000, V | D | G), LO(0x640000, V | D | G));
	write_tlb_for = WINDOW;
	written_tlb = shown = stop_looking = 0;
	ask(1, look);
	while (!shown)
		sleep_once();
	for (u32 i = 1; i <= 20; i++) {
		write_tlb_lo = LO(0x600000 + i * 0x1000, V | D | G);
		*reg(1, RAISE) = CALL;
		while (written_tlb != i)
			;
		/* Each CPU has a TLB of its own. */
		good &= *at(WINDOW) == 7;
	}
	stop_looking = 1;
	*reg(1, RAISE) = WAKE;
	await(1);
	write_tlb_for = 0;
	expect("tlb.each-has-its-own", good);
	expect("tlb.shootdown", none_wrong());
}

static volatile u32 *const text = (volatile u32 *)(KSEG0 + 0x680000);
static volatile u32 code_is;

static void execute(u32 me)
{
	__asm__ volatile("sync" ::: "memory");
	if (((u32(*)(void))(u32)text)() != code_is)
		cpus[me].wrong = 1;
}

/* What one writes, all execute; what is translated reads each CPU's own. */
static void code(void)
{
	for (u32 n = 0; n < 50; n++) {
		text[0] = 0x03e00008;     /* jr ra */
		text[1] = 0x24020000 | n; /* li v0, n */
		__asm__ volatile("synci 0(%0)\n\tsync" : : "r"(text) : "memory");
		code_is = n;
		on_all(execute);
	}
	expect("code.changes-for-all", none_wrong());
}

static void own_registers(u32 me)
{
	for (u32 i = 0; i < 50; i++) {
		MTC0(me * 0x1000 + i, 14);
		*reg((me + 1) % count, RAISE) = WAKE;
		if (read_epc() != me * 0x1000 + i)
			cpus[me].wrong = 1;
	}
}

static void together(void)
{
	interrupts();
	pairs();
	shootdown();
	code();
	on_all(own_registers);
	expect("code.translated-is-each-ones-own", none_wrong());
	off_and_on();
	/* Nothing is where it starts, and nothing where exceptions lead. */
	ask(1, stop_self);
	while (*reg(1, STATUS) & ON)
		;
	*reg(1, PC) = 0x5f800000;
	expect("start.astray", command(1, START) == DONE);
	for (u32 i = 0; i < 100; i++)
		*reg(1, RAISE) = WAKE;
}

void guest_main(void)
{
	MTC0(IM, 12);
	put("Hello from a guest with several CPUs.\n");
	starts();
	if (count > 1)
		together();
	done("smp");
}
