// SPDX-License-Identifier: BSD-2-Clause
// link: core/timer.c
/* Software timers: in order, each once, wherever they are set and cancelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/cpu.h"
#include "core/timer.h"

struct cpu cpus[MAX_CPUS];
unsigned int cpu_count = 2;

static struct cpu *current;
static u64 now, programmed;

struct cpu *this_cpu(void)
{
	return current;
}

u64 arch_counter(void)
{
	return now;
}

void arch_timer_program(u64 deadline)
{
	programmed = deadline;
}

static struct timer t[4];
static int fired[8], fired_count;

static void note(struct timer *timer)
{
	fired[fired_count++] = timer - t;
}

static int setup(void **state)
{
	for (int i = 0; i < 2; i++)
		list_init(&cpus[i].timers);
	current = &cpus[0];
	now = 1000;
	programmed = ~0ULL;
	fired_count = 0;
	for (int i = 0; i < 4; i++)
		timer_init(&t[i], note);
	return 0;
}

static void timers_fire_in_order_of_their_deadlines(void **state)
{
	timer_set(&t[0], 3000);
	timer_set(&t[1], 2000);
	timer_set(&t[2], 4000);
	assert_int_equal(programmed, 2000);
	now = 3500;
	timer_interrupt();
	assert_int_equal(fired_count, 2);
	assert_int_equal(fired[0], 1);
	assert_int_equal(fired[1], 0);
	assert_int_equal(programmed, 4000);
	now = 4000;
	timer_interrupt();
	assert_int_equal(fired_count, 3);
	assert_int_equal(programmed, ~0ULL);
}

static void an_interrupt_too_early_fires_nothing(void **state)
{
	timer_set(&t[0], 3000);
	timer_interrupt();
	assert_int_equal(fired_count, 0);
	assert_int_equal(programmed, 3000);
}

static void setting_again_moves_the_timer(void **state)
{
	timer_set(&t[0], 2000);
	timer_set(&t[1], 3000);
	timer_set(&t[0], 4000);
	assert_int_equal(programmed, 3000);
	now = 5000;
	timer_interrupt();
	assert_int_equal(fired_count, 2);
	assert_int_equal(fired[0], 1);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
	timer_set(&t[0], 2000);
	timer_set(&t[1], 3000);
	timer_cancel(&t[0]);
	timer_cancel(&t[0]);
	assert_int_equal(programmed, 3000);
	now = 5000;
	timer_interrupt();
	assert_int_equal(fired_count, 1);
	assert_int_equal(fired[0], 1);
}

/* Its hardware is not ours to touch: it fires for nothing. */
static void another_cpus_timer_is_cancelled_from_here(void **state)
{
	current = &cpus[1];
	timer_set(&t[0], 2000);
	current = &cpus[0];
	programmed = 77;
	timer_cancel_sync(&t[0]);
	assert_int_equal(programmed, 77);
	current = &cpus[1];
	now = 2000;
	timer_interrupt();
	assert_int_equal(fired_count, 0);
	assert_int_equal(programmed, ~0ULL);
}

static void a_timer_moves_to_the_cpu_that_sets_it(void **state)
{
	current = &cpus[1];
	timer_set(&t[0], 2000);
	current = &cpus[0];
	timer_set(&t[0], 2500);
	assert_ptr_equal(t[0].cpu, &cpus[0]);
	assert_true(list_empty(&cpus[1].timers));
}

static void again(struct timer *timer)
{
	note(timer);
	timer_set(timer, now + 100);
}

static void a_timer_may_set_itself_again(void **state)
{
	timer_init(&t[0], again);
	timer_set(&t[0], 2000);
	now = 2000;
	timer_interrupt();
	assert_int_equal(fired_count, 1);
	assert_int_equal(programmed, 2100);
	assert_null(cpus[0].firing);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(timers_fire_in_order_of_their_deadlines),
		CASE(an_interrupt_too_early_fires_nothing),
		CASE(setting_again_moves_the_timer),
		CASE(a_cancelled_timer_does_not_fire),
		CASE(another_cpus_timer_is_cancelled_from_here),
		CASE(a_timer_moves_to_the_cpu_that_sets_it),
		CASE(a_timer_may_set_itself_again),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
