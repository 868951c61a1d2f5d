// SPDX-License-Identifier: BSD-2-Clause
/* The test runner, the console and the exception handler. */
#include "tests/guests/rt/rt.h"
#include "lib/printf.h"
#include "lib/string.h"

struct cpu cpus[MAX_CPUS];

static struct spinlock console_lock;
static bool test_failed, test_skipped;

/* ---- Console ---------------------------------------------------------------- */

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

static _Noreturn void unexpected(const struct trap *t, u64 lr)
{
	print("\nFAIL %s: unexpected %s on CPU %u: ESR %#llx, FAR %#llx, "
	      "PC %#llx, LR %#llx\n",
	      guest_name, t->serror ? "SError" : "exception", this_cpu()->index,
	      t->esr, t->far, t->elr, lr);
	power_off();
}

void rt_trap(const struct trap *now, bool may_be_expected, u64 lr)
{
	struct trap *t = &this_cpu()->trap;

	if (!t->armed || !may_be_expected || t->count >= 100)
		unexpected(now, lr);
	t->count++;
	t->taken = true;
	t->serror = now->serror;
	t->esr = now->esr;
	t->far = now->far;
	t->elr = now->elr;
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

/* `only NAME...`: those tests, and no others. */
static bool is_wanted(const struct test *t)
{
	return !machine_option("only") || machine_option(t->name);
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
	for (t = guest_tests; t->name || t->more; t++) {
		if (!t->name)
			t = t->more;
		if (!is_wanted(t))
			continue;
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
