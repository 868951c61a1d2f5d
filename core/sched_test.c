// SPDX-License-Identifier: BSD-2-Clause
// link: core/sched.c core/timer.c lib/printf.c
/*
 * K24: threads take turns, block and wake without losing a wake-up. One CPU;
 * a switch is the C library's swapcontext().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>
#include <cmocka.h>

#include "core/cpu.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "lib/log.h"
#include "lib/string.h"

/* ---- The CPU ----------------------------------------------------------------- */

#define STACK_SIZE (64 * 1024)

static u64 now, programmed;
static unsigned int kicks;
static struct thread *monitor;

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("panic: %s", fmt);
	abort();
}

struct cpu *this_cpu(void)
{
	return &cpus[0];
}

u64 arch_counter(void)
{
	return now;
}

u64 arch_counter_hz(void)
{
	return 1000; /* a slice is ten ticks */
}

void arch_timer_program(u64 deadline)
{
	programmed = deadline;
}

void arch_kick_cpu(struct cpu *cpu)
{
	kicks++;
}

void *arch_stack_alloc(size_t *size)
{
	*size = STACK_SIZE;
	return malloc(STACK_SIZE);
}

void arch_stack_free(void *stack)
{
	free(stack);
}

void *hyp_alloc(size_t size)
{
	return calloc(1, size);
}

void hyp_free(void *p, size_t size)
{
	free(p);
}

struct context {
	struct thread *thread;
	ucontext_t uc;
};

static struct context contexts[16];

static ucontext_t *context_of(struct thread *t)
{
	struct context *c = contexts;

	while (c->thread && c->thread != t)
		c++;
	c->thread = t;
	return &c->uc;
}

void arch_thread_init(struct thread *t, void (*entry)(void))
{
	ucontext_t *uc = context_of(t);

	getcontext(uc);
	uc->uc_stack.ss_sp = t->stack;
	uc->uc_stack.ss_size = STACK_SIZE;
	uc->uc_link = NULL;
	makecontext(uc, entry, 0);
}

void arch_thread_switch(struct thread *from, struct thread *to)
{
	swapcontext(context_of(from), context_of(to));
}

/* Idle: time passes until the next timer. */
void arch_wait_for_interrupt(void)
{
	if (programmed == ~0ULL)
		fail_msg("everything sleeps, and nothing will wake it");
	now = max(now, programmed);
	timer_interrupt();
}

static int setup(void **state)
{
	memset(cpus, 0, sizeof(cpus[0]));
	memset(contexts, 0, sizeof(contexts));
	cpu_count = 1;
	cpus[0].online = true;
	now = 0;
	programmed = ~0ULL;
	sched_init("monitor");
	monitor = thread_current();
	return 0;
}

static int teardown(void **state)
{
	arch_stack_free(cpus[0].idle->stack);
	return 0;
}

/* ---- The cases ------------------------------------------------------------------- */

static char trace[64];

static void put(char c)
{
	size_t n = strlen(trace);

	trace[n] = c;
	trace[n + 1] = 0;
}

static void three_turns(void *arg)
{
	for (int i = 0; i < 3; i++) {
		put(*(char *)arg);
		thread_yield();
	}
	thread_wake(monitor);
}

static void threads_take_turns(void **state)
{
	struct thread *a = thread_create("a", three_turns, "a", NULL);
	struct thread *b = thread_create("b", three_turns, "b", NULL);

	trace[0] = 0;
	thread_wake(a);
	thread_wake(b);
	while (a->state != THREAD_DEAD || b->state != THREAD_DEAD)
		thread_block();
	assert_string_equal(trace, "ababab");
	thread_destroy(a);
	thread_destroy(b);
}

static void a_wake_before_the_block_is_not_lost(void **state)
{
	thread_wake(monitor);
	thread_block(); /* would never return otherwise: idle fails */
}

static void wakes_do_not_add_up(void **state)
{
	struct thread *a = thread_create("a", three_turns, "a", NULL);

	thread_wake(monitor);
	thread_wake(monitor);
	thread_block();
	trace[0] = 0;
	thread_wake(a);
	thread_block(); /* until a has run */
	assert_string_equal(trace, "aaa");
	thread_destroy(a);
}

static void waits_for_go(void *arg)
{
	bool *go = arg;

	while (!*go)
		thread_block();
	put('g');
	thread_wake(monitor);
}

static void a_thread_blocks_until_its_condition(void **state)
{
	bool go = false;
	struct thread *a = thread_create("a", waits_for_go, &go, NULL);

	trace[0] = 0;
	thread_wake(a);
	thread_yield();
	thread_wake(a);
	thread_yield();
	assert_string_equal(trace, "");
	go = true;
	thread_wake(a);
	while (a->state != THREAD_DEAD)
		thread_block();
	assert_string_equal(trace, "g");
	thread_destroy(a);
}

static void sleeping_lasts_as_long_as_asked(void **state)
{
	thread_sleep_until(500);
	assert_true(now >= 500);
	assert_int_equal(programmed, ~0ULL);
}

static void looks_at_the_clock(void *arg)
{
	*(u64 *)arg = programmed;
	thread_wake(monitor);
}

/* The slice runs while somebody waits, and only then. */
static void the_slice_timer_runs_while_somebody_waits(void **state)
{
	u64 deadline[2] = {0, 0};
	struct thread *a = thread_create("a", looks_at_the_clock, deadline,
					 NULL);
	struct thread *b = thread_create("b", looks_at_the_clock, deadline + 1,
					 NULL);

	thread_wake(a);
	thread_wake(b);
	assert_int_equal(programmed, 10);
	now = 10;
	timer_interrupt();
	assert_true(cpus[0].need_resched);
	while (a->state != THREAD_DEAD || b->state != THREAD_DEAD)
		thread_block();
	assert_int_equal(deadline[0], 20); /* b waited behind a */
	assert_false(cpus[0].need_resched);
	thread_destroy(a);
	thread_destroy(b);
	/* Nobody waits any more: it fires once for nothing. */
	now = 20;
	timer_interrupt();
	assert_false(cpus[0].need_resched);
	assert_int_equal(programmed, ~0ULL);
}

struct slice {
	u64 begin, programmed;
	bool early, late;
};

static void outlasts_its_slice(void *arg)
{
	struct slice *s = arg;

	now = s->begin + 10;
	timer_interrupt();
	s->early = cpus[0].need_resched;
	s->programmed = programmed;
	now = s->begin + 14;
	timer_interrupt();
	s->late = cpus[0].need_resched;
}

/* It was set for one that has left the CPU: who came has all of its own. */
static void a_slice_is_of_the_thread_that_runs(void **state)
{
	struct slice s = {.begin = now};
	struct thread *a = thread_create("a", outlasts_its_slice, &s, NULL);

	a->used = monitor->used + 100;
	thread_wake(a);
	assert_int_equal(programmed, s.begin + 10);
	now = s.begin + 4;
	thread_yield();
	while (a->state != THREAD_DEAD)
		thread_yield();
	assert_false(s.early);
	assert_int_equal(s.programmed, s.begin + 14);
	assert_true(s.late);
	thread_destroy(a);
}

static void runs_for_a_while(void *arg)
{
	put('a');
	now += *(u64 *)arg;
	thread_wake(monitor);
}

/* Who mostly waits runs as soon as it is woken; who has had its share, not. */
static void a_sleeper_goes_before_who_has_run(void **state)
{
	u64 nothing = 0;
	struct thread *a = thread_create("a", runs_for_a_while, &nothing, NULL);

	now += 5;
	thread_wake(a);
	assert_true(cpus[0].need_resched);
	cond_resched();
	assert_int_equal(a->state, THREAD_DEAD);
	thread_destroy(a);

	a = thread_create("a", runs_for_a_while, &nothing, NULL);
	a->used = cpus[0].fair + 100;
	thread_wake(a);
	assert_false(cpus[0].need_resched);
	thread_block();
	thread_block();
	thread_destroy(a);
}

/* Before its guest goes on, a vCPU looks at its requests alone. */
static void a_vcpu_that_is_to_give_way_is_requested_to(void **state)
{
	u64 nothing = 0;
	struct vcpu vcpu = {0};
	struct thread *a = thread_create("a", runs_for_a_while, &nothing, NULL);
	struct thread *b = thread_create("b", runs_for_a_while, &nothing, NULL);

	monitor->vcpu = &vcpu;
	/* Someone waits: its guest's own waiting is to be trapped. */
	a->used = b->used = monitor->used + 100;
	thread_wake(a);
	assert_false(cpus[0].need_resched);
	assert_int_equal(vcpu.requests, REQ_SCHED);
	vcpu.requests = 0;
	thread_wake(b);
	assert_int_equal(vcpu.requests, 0);
	/* The slice is over. */
	now += 10;
	timer_interrupt();
	assert_true(cpus[0].need_resched);
	assert_int_equal(vcpu.requests, REQ_SCHED);
	vcpu.requests = 0;
	monitor->vcpu = NULL;
	while (a->state != THREAD_DEAD || b->state != THREAD_DEAD)
		thread_block();
	thread_destroy(a);

	/* Who is woken goes first. */
	a = thread_create("a", runs_for_a_while, &nothing, NULL);
	monitor->vcpu = &vcpu;
	monitor->used += 100;
	thread_wake(a);
	assert_true(cpus[0].need_resched);
	assert_int_equal(vcpu.requests, REQ_SCHED);
	monitor->vcpu = NULL;
	thread_block();
	thread_destroy(a);
	thread_destroy(b);
}

/* One slice at the most is kept for who has slept for long. */
static void sleep_is_not_saved_up(void **state)
{
	u64 nothing = 0;
	struct thread *a = thread_create("a", runs_for_a_while, &nothing, NULL);

	cpus[0].fair = 1000000;
	thread_wake(a);
	assert_int_equal(a->used, 1000000 - 10);
	while (a->state != THREAD_DEAD)
		thread_yield();
	thread_destroy(a);
}

static void a_thread_woken_elsewhere_kicks_its_cpu(void **state)
{
	struct thread *a;

	memset(&cpus[1], 0, sizeof(cpus[1]));
	cpus[1].id = 1;
	list_init(&cpus[1].run_queue);
	cpus[1].current = cpus[1].idle = cpus[0].idle;
	a = thread_create("a", three_turns, "a", &cpus[1]);
	kicks = 0;
	thread_wake(a);
	thread_wake(a);
	assert_int_equal(kicks, 1);
	assert_int_equal(cpus[1].runnable, 1);
	list_del(&a->node);
	a->state = THREAD_DEAD;
	thread_destroy(a);
}

static void new_threads_go_where_there_are_fewest(void **state)
{
	struct thread *a;

	cpu_count = 2;
	memset(&cpus[1], 0, sizeof(cpus[1]));
	cpus[1].id = 1;
	cpus[1].online = true;
	list_init(&cpus[1].run_queue);
	/* The monitor stands on CPU 0. */
	a = thread_create("a", three_turns, "a", NULL);
	assert_int_equal(a->cpu->id, 1);
	a->state = THREAD_DEAD;
	thread_destroy(a);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(threads_take_turns),
		CASE(a_wake_before_the_block_is_not_lost),
		CASE(wakes_do_not_add_up),
		CASE(a_thread_blocks_until_its_condition),
		CASE(sleeping_lasts_as_long_as_asked),
		CASE(the_slice_timer_runs_while_somebody_waits),
		CASE(a_slice_is_of_the_thread_that_runs),
		CASE(a_sleeper_goes_before_who_has_run),
		CASE(a_vcpu_that_is_to_give_way_is_requested_to),
		CASE(sleep_is_not_saved_up),
		CASE(a_thread_woken_elsewhere_kicks_its_cpu),
		CASE(new_threads_go_where_there_are_fewest),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
