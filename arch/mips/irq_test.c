// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/irq.c
/* Count and Compare as a counter of 64 bits with a timer, and which interrupts go
 * where. Row: K22. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "core/sched.h"
#include "core/timer.h"
#include "drivers/irqchip.h"
#include "drivers/uart.h"
#include "lib/log.h"
#include "vmm/console.h"

/* ---- The CPU ------------------------------------------------------------------------ */

struct mips_features features = {.count_hz = 160000000};
struct cpu cpus[MAX_CPUS];
struct uart console_uart = {.irq = IRQ_NONE};

static u64 now;            /* what Count counts, all of it */
static u32 compare, lines; /* lines: of devices, as in Cause */
static u32 ipti;           /* where the timer's goes */
static bool counting;      /* a performance counter has overflowed */
static bool ti;
static u32 status;
static unsigned int step;  /* ticks that go by between two instructions */
static unsigned int slow;  /* and while Compare is written */
static bool lost;          /* TI has come in that time: its interrupt does not */

/* TI comes when Count becomes Compare, and at no other time. */
static void pass(u64 ticks)
{
	if ((u32)(compare - (u32)now - 1) < ticks) {
		ti = true;
		lost = false;
	}
	now += ticks;
}

u32 test_cp0_read(const char *name)
{
	pass(step);
	if (!strcmp(name, "count"))
		return now;
	if (!strcmp(name, "status"))
		return status;
	if (!strcmp(name, "intctl"))
		return ipti << 29;
	assert_string_equal(name, "cause");
	return lines | (ti ? CAUSE_TI : 0) | (counting ? CAUSE_PCI : 0) |
	       ((ti && !lost) || counting ? 1U << (8 + ipti) : 0);
}

void test_cp0_write(const char *name, u32 v)
{
	pass(step);
	if (!strcmp(name, "status")) {
		status = v;
		return;
	}
	assert_string_equal(name, "compare");
	compare = v;
	ti = false;
	pass(slow);
	lost = ti;
	slow /= 2;
}

void test_tlb(const char *op)
{
	fail();
}

static unsigned int timers, consoles, waits, warnings;
static bool stuck;         /* a device that keeps its line as it is */

void timer_interrupt(void)
{
	timers++;
	arch_timer_program(~0ULL);
}

void console_interrupt(void)
{
	consoles++;
	if (!stuck)
		lines = 0;
}

void cpu_stop_counters(void)
{
	counting = false;
}

void log_print(enum log_level level, const char *fmt, ...)
{
	warnings++;
}

void idle_wait(void)
{
	waits++;
	lines = 1U << 12;
}

static jmp_buf panicked;

_Noreturn void panic(const char *fmt, ...)
{
	longjmp(panicked, 1);
}

static int fresh(void **state)
{
	mips_cpu = (struct mips_cpu){0};
	now = 0xfffffff0;
	compare = lines = status = timers = consoles = waits = 0;
	ti = counting = stuck = false;
	warnings = 0;
	ipti = 7;
	step = 1;
	slow = 0;
	lost = false;
	console_uart.irq = IRQ_NONE;
	return 0;
}

/* ---- Tests ---------------------------------------------------------------------------- */

static void the_counter_goes_on_where_count_begins_anew(void **state)
{
	u64 first = arch_counter(), start = now;

	for (int i = 0; i < 20; i++) {
		pass(0x70000000);
		assert_true(arch_counter() - first == now - start);
	}
	assert_true(now >> 32 >= 8);
}

/* Ticks until TI, from when it was programmed. */
static u64 fires_after(u64 ticks)
{
	u64 from = arch_counter(), programmed = now;

	arch_timer_program(from + ticks);
	for (u64 n = 0; !ti; n++) {
		assert_true(now - programmed < ticks + 100000);
		pass(1);
	}
	return now - programmed;
}

static void the_timer_fires_when_it_is_due(void **state)
{
	static const u64 ticks[] = {0, 1, 63, 64, 65, 1000, 1000000};

	for (step = 1; step <= 1000; step *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
			u64 after = fires_after(ticks[i]);

			assert_true(after >= ticks[i]);
			assert_true(after <= ticks[i] + 64 + 40 * step);
		}
}

/* For what is past it fires at once, and not when Count comes by again. */
static void the_past_is_due_at_once(void **state)
{
	now += 1000000;
	arch_counter();
	arch_timer_program(5);
	pass(200);
	assert_true(ti);
}

/* As QEMU does it, where its threads meet. */
static void an_interrupt_that_is_lost_while_compare_is_written_comes_again(void **state)
{
	for (unsigned int n = 1; n < 100000; n *= 3) {
		fresh(NULL);
		slow = n;
		arch_counter();
		arch_timer_program(now + 100);
		pass(200000);
		assert_true(ti && !lost);
	}
}

/* What comes early enough is not written again, nor what is about to come. */
static void a_match_that_will_do_is_left_alone(void **state)
{
	u32 first;

	arch_counter();
	arch_timer_program(now + 10000);
	first = compare;
	arch_timer_program(now + 20000);
	assert_int_equal(compare, first);
	arch_timer_program(now + 5000);
	assert_int_not_equal(compare, first);
	first = compare;
	pass(4500);
	arch_timer_program(now + 100);
	assert_int_equal(compare, first);
	/* It has come: the next is set. */
	pass(1000);
	arch_timer_program(now + 20000);
	assert_int_not_equal(compare, first);
}

/* So that no round of Count is missed. */
static void it_fires_twice_a_round_whatever_it_is_set_for(void **state)
{
	arch_counter();
	arch_timer_program(~0ULL);
	assert_true(compare - (u32)now <= 1U << 30);
	arch_timer_program(now + (1ULL << 40));
	assert_true(compare - (u32)now <= 1U << 30);
}

static void interrupts_go_to_whom_they_are_for(void **state)
{
	irq_init();
	assert_int_equal(status, 1U << 15);
	pass(1 << 30);
	irq_handle();
	assert_int_equal(timers, 1);
	assert_int_equal(consoles, 0);
	/* Not turned on: it is not asked for. */
	lines = 1U << 12;
	irq_handle();
	assert_int_equal(consoles, 0);
	console_uart.irq = 4;
	irq_turn_on(4, true);
	irq_handle();
	assert_int_equal(consoles, 1);
	arch_wait_for_interrupt();
	assert_int_equal(waits, 1);
	assert_int_equal(consoles, 2);
	lines = 1U << 12;
	arch_wait_for_interrupt();
	assert_int_equal(waits, 1);
}

static void the_timer_may_be_at_any_of_the_six(void **state)
{
	for (ipti = 2; ipti < 8; ipti++) {
		status = timers = 0;
		ti = false;
		irq_init();
		assert_int_equal(status, 1U << (8 + ipti));
		pass(1 << 30);
		irq_handle();
		assert_int_equal(timers, 1);
	}
	for (ipti = 0; ipti < 2; ipti++) {
		if (!setjmp(panicked)) {
			irq_init();
			fail();
		}
	}
}

/* Counters that count share the timer's. */
static void an_overflow_ends_with_the_counters(void **state)
{
	irq_init();
	counting = true;
	irq_handle();
	assert_false(counting);
	assert_int_equal(status, 1U << 15);
	assert_int_equal(warnings, 0);
}

/* K11: a device that does not let go does not keep guests from running. */
static void what_does_not_go_away_is_turned_off(void **state)
{
	irq_init();
	console_uart.irq = 4;
	irq_turn_on(4, true);
	stuck = true;
	lines = 1U << 12;
	irq_handle();
	assert_int_equal(warnings, 1);
	assert_int_equal(status, 1U << 15);
	pass(1 << 30);
	irq_handle();
	assert_int_equal(timers, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
	static const struct CMUnitTest tests[] = {
		T(the_counter_goes_on_where_count_begins_anew),
		T(the_timer_fires_when_it_is_due),
		T(the_past_is_due_at_once),
		T(an_interrupt_that_is_lost_while_compare_is_written_comes_again),
		T(a_match_that_will_do_is_left_alone),
		T(it_fires_twice_a_round_whatever_it_is_set_for),
		T(interrupts_go_to_whom_they_are_for),
		T(the_timer_may_be_at_any_of_the_six),
		T(an_overflow_ends_with_the_counters),
		T(what_does_not_go_away_is_turned_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
