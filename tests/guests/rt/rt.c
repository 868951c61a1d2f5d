// SPDX-License-Identifier: BSD-2-Clause
/* The test runner, the console and the exception handler. */
#include "tests/guests/rt/rt.h"
#include "lib/printf.h"
#include "lib/string.h"

struct cpu cpus[MAX_CPUS];

static struct spinlock console_lock;
static bool test_failed, test_skipped;

/* ---- Console ---------------------------------------------------------------- */

#define UART_DR 0x00
#define UART_FR 0x18
#define FR_RXFE (1U << 4)
#define FR_TXFF (1U << 5)

static void console_putc(char c)
{
	while (read32(machine.uart + UART_FR) & FR_TXFF)
		;
	write32(machine.uart + UART_DR, (u8)c);
}

int console_getc(void)
{
	while (read32(machine.uart + UART_FR) & FR_RXFE)
		cpu_relax();
	return read32(machine.uart + UART_DR) & 0xff;
}

static void vprint(const char *fmt, va_list ap)
{
	char line[256];
	size_t i, n = vscnprintf(line, sizeof(line), fmt, ap);
	/* Exclusives want Normal memory, which only the MMU makes. */
	bool lock = this_cpu()->mmu_on;

	if (lock)
		spin_lock(&console_lock);
	for (i = 0; i < n; i++) {
		if (line[i] == '\n')
			console_putc('\r');
		console_putc(line[i]);
	}
	if (lock)
		spin_unlock(&console_lock);
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
}

/* ---- Exceptions --------------------------------------------------------------- */

void trap_begin(void)
{
	struct trap *t = &this_cpu()->trap;

	t->taken = t->serror = false;
	t->count = 0;
	dsb(sy);
	isb();
	t->armed = true;
	__asm__ volatile("" ::: "memory");
}

struct trap trap_end(void)
{
	struct trap *t = &this_cpu()->trap;

	dsb(sy);
	isb();
	t->armed = false;
	return *t;
}

static _Noreturn void unexpected(const struct frame *f, unsigned int kind)
{
	static const char *const what[] = {"exception", "IRQ", "FIQ", "SError"};

	print("\nFAIL %s: unexpected %s on CPU %u: ESR %#llx, FAR %#llx, "
	      "PC %#llx, LR %#llx\n",
	      guest_name, what[kind & 3], this_cpu()->index, f->esr, f->far,
	      f->elr, f->x[30]);
	power_off();
}

void rt_exception(struct frame *f, unsigned int kind)
{
	struct trap *t = &this_cpu()->trap;
	unsigned int ec = ESR_EC(f->esr);

	if ((kind & 3) == 1) {
		gic_irq();
		return;
	}
	if (!t->armed || (kind & 3) == 2 || t->count >= 100)
		unexpected(f, kind);
	t->count++;
	t->taken = true;
	t->esr = f->esr;
	t->far = f->far;
	t->elr = f->elr;
	if ((kind & 3) == 3) {
		t->serror = true;
		return;
	}
	/* Illegal execution state lasts until the PSTATE bit is cleared. */
	if (ec == EC_ILLEGAL)
		f->spsr &= ~(1UL << 20);
	/* Outside the image something was called that is not code of ours, or
	 * not there at all: whoever branched there finds it returned. A call
	 * instruction's exception already points behind it. */
	if (f->elr < (u64)_head || f->elr >= (u64)_image_end ||
	    ec == EC_PC_ALIGN)
		f->elr = f->x[30];
	else if (ec != EC_SVC && ec != EC_HVC)
		f->elr += 4;
}

u64 load(u64 addr, unsigned int bytes)
{
	u64 v = 0;

	switch (bytes) {
	case 1:
		__asm__ volatile("ldrb %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 2:
		__asm__ volatile("ldrh %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 4:
		__asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 8:
		__asm__ volatile("ldr %0, [%1]" : "+r"(v) : "r"(addr));
		break;
	}
	return v;
}

void store(u64 addr, unsigned int bytes, u64 v)
{
	switch (bytes) {
	case 1:
		__asm__ volatile("strb %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 2:
		__asm__ volatile("strh %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 4:
		__asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 8:
		__asm__ volatile("str %0, [%1]" ::"r"(v), "r"(addr) : "memory");
		break;
	}
}

void call_at(u64 addr)
{
	/* What is called may be anything: keep nothing in registers over it
	 * that a called function may change. */
	__asm__ volatile("blr %0" ::"r"(addr)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
			   "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			   "x16", "x17", "x18", "x30", "cc", "memory");
}

/* ---- Results ---------------------------------------------------------------- */

static const struct test *current;

void rt_fail(const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	/* The first reason counts; CPUs may find several. */
	if (__atomic_exchange_n(&test_failed, true, __ATOMIC_RELAXED))
		return;
	print("FAIL %s.%s: %s\n", guest_name, current->name, why);
}

void rt_skip(const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	test_skipped = true;
	print("SKIP %s.%s: %s\n", guest_name, current->name, why);
}

bool rt_failed(void)
{
	return __atomic_load_n(&test_failed, __ATOMIC_RELAXED);
}

static const char *reason_to_skip(const struct test *t)
{
	if (machine.bare && (t->flags & ON_HYP))
		return "only under the hypervisor";
	if (!machine.bare && (t->flags & ON_BARE))
		return "only on a bare board";
	if (t->cpus > machine.cpus)
		return "needs more CPUs";
	return NULL;
}

static void run_test(const struct test *t)
{
	const char *skip = reason_to_skip(t);

	current = t;
	test_failed = test_skipped = false;
	if (skip) {
		rt_skip("%s", skip);
		return;
	}
	if (t->cpus > 1 && !smp_start(t->cpus))
		rt_fail("not every CPU came up");
	else
		t->fn();
	irq_disable();
	if (!test_failed && !test_skipped)
		print("PASS %s.%s\n", guest_name, t->name);
}

_Noreturn void rt_start(const void *fdt, u64 entry_counter)
{
	unsigned int passed = 0, failed = 0;
	const struct test *t;

	write_sysreg(tpidr_el1, (u64)&cpus[0]);
	cpus[0].up = true;
	machine.entry_counter = entry_counter;
	machine_init(fdt);
	guest_hello();
	for (t = guest_tests; t->name; t++) {
		if (t->flags & CACHES_OFF)
			mmu_off();
		else if (!this_cpu()->mmu_on)
			mmu_on();
		run_test(t);
		failed += test_failed;
		passed += !test_failed && !test_skipped;
	}
	if (t != guest_tests)
		print("DONE %s: %u passed, %u failed\n", guest_name, passed,
		      failed);
	power_off();
}
