// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/spin.c
/*
 * K24, K45: vCPUs that wait for each other on one CPU: who spins gives way, who may
 * hold a lock does not at once, and who has waited gives its turn away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "core/sched.h"

#define HZ 1000000U /* a tick is a microsecond */
#define VCPUS 4

struct mips_features features = {.count_hz = HZ};
static struct cpu cpu;
static struct thread threads[VCPUS];
static struct vm vm;
static struct mips_vcpu vcpus[VCPUS], *const v = vcpus;
static u32 cp0[VCPUS][CP0_REGISTERS];
static u64 now, due;
static bool loops, unchanged, interrupted;

struct cpu *this_cpu(void)
{
	return &cpu;
}

u64 arch_counter(void)
{
	return now;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->fn = fn;
}

void timer_set(struct timer *t, u64 deadline)
{
	due = deadline;
}

void timer_cancel(struct timer *t)
{
	due = 0;
}

bool mips_spins(struct mips_guest *g, struct mips_spin *s)
{
	return loops;
}

bool mips_still_spins(struct mips_guest *g, const struct mips_spin *s)
{
	return unchanged;
}

bool mips_guest_interrupted(struct mips_guest *g)
{
	return interrupted;
}

static int set_up(void **state)
{
	memset(vcpus, 0, sizeof(vcpus));
	memset(threads, 0, sizeof(threads));
	memset(&cpu, 0, sizeof(cpu));
	memset(cp0, 0, sizeof(cp0));
	vm.vcpu_count = VCPUS;
	for (int i = 0; i < VCPUS; i++) {
		vcpus[i].guest.cp0 = cp0[i];
		vcpus[i].vcpu.vm = &vm;
		vcpus[i].vcpu.thread = &threads[i];
		vm.vcpus[i] = &vcpus[i].vcpu;
		threads[i].vcpu = &vcpus[i].vcpu;
		spin_init(&vcpus[i]);
	}
	cpu.current = threads;
	cpu.runnable = 1;
	loops = unchanged = interrupted = false;
	now = 5000;
	due = 0;
	spin_start(v);
	return 0;
}

/* It is at `pc` with this Status when it is looked at. Does it give way? */
static bool looked_at(u32 pc, u32 status)
{
	cpu.need_resched = false;
	v->guest.pc = pc;
	cp0[0][CP0_STATUS] = status;
	now = due;
	v->look.fn(&v->look);
	spin_look(v);
	return cpu.need_resched;
}

static void who_is_in_a_loop_that_comes_to_nothing_gives_way(void **state)
{
	assert_false(looked_at(0x40100000, ST_IE));
	loops = true;
	assert_true(looked_at(0x40200000, ST_IE));
	assert_true(looked_at(0x40300000, 0));
	loops = false;
	assert_false(looked_at(0x40400000, 0));
	/* A loop of user space is its kernel's to divide the time of. */
	loops = true;
	assert_false(looked_at(0x00400000, ST_IE | ST_UM));
}

static void who_takes_an_interrupt_does_not(void **state)
{
	loops = interrupted = true;
	assert_false(looked_at(0x40100000, ST_IE));
	assert_true(looked_at(0x40100000, 0));
}

/* It has been elsewhere, but last at `first`; at `second`, is it still there? */
static bool stays(u32 first, u32 second, u32 status)
{
	spin_start(v);
	assert_false(looked_at(0x40000000, status));
	assert_false(looked_at(0x40010000, status));
	assert_false(looked_at(first, status));
	return looked_at(second, status);
}

/* Where the loop is not understood, which takes a while to be told from others. */
static void who_is_where_it_was_gives_way(void **state)
{
	assert_true(stays(0x40100000, 0x40100000, ST_IE));
	assert_true(stays(0x40100000, 0x40100008, 0));
	assert_true(stays(0x40100000, 0x400ffff0, ST_IE));
	assert_false(stays(0x40100000, 0x40101000, 0));
	assert_false(stays(0x00400000, 0x00400000, ST_IE | ST_UM));
	spin_start(v);
	for (int i = 0; i < 3; i++)
		assert_false(looked_at(0x40100000, ST_IE));
	assert_true(looked_at(0x40100000, ST_IE));
}

static void nobody_gives_way_to_nobody(void **state)
{
	loops = true;
	cpu.runnable = 0;
	assert_false(looked_at(0x40100000, 0));
	cpu.runnable = 1;
	assert_true(looked_at(0x40100000, 0));
}

/* Not only of who has used the least: the lock's holder has used the most. */
static void who_waits_goes_behind_all_of_its_vm_that_want_the_cpu(void **state)
{
	threads[0].used = 100;
	threads[1].used = 120;
	threads[2].used = 90000;
	threads[3].used = 95000;
	threads[3].state = THREAD_BLOCKED;
	loops = true;
	assert_true(looked_at(0x40100000, 0));
	assert_int_equal(threads[0].used, 90000);
	assert_int_equal(threads[1].used, 120);
}

static void who_has_waited_gives_its_turn_away(void **state)
{
	loops = unchanged = true;
	assert_true(looked_at(0x40100000, ST_IE));
	cpu.need_resched = false;
	spin_start(v);
	assert_true(cpu.need_resched);
	cpu.need_resched = false;
	/* What it waited for has come; or an interrupt. */
	interrupted = true;
	spin_start(v);
	assert_false(cpu.need_resched);
	assert_int_equal(due, now + 50);
	assert_true(looked_at(0x40100000, 0));
	cpu.need_resched = unchanged = false;
	spin_start(v);
	assert_false(cpu.need_resched);
	/* It does not count as one that waits then. */
	unchanged = true;
	spin_start(v);
	assert_false(cpu.need_resched);
}

/* If only who is no vCPU had its turn, it is entered as it was left: not started again. */
static void who_gave_its_turn_away_is_looked_at_when_it_runs_on(void **state)
{
	loops = unchanged = true;
	assert_true(looked_at(0x40100000, 0));
	due = 0;
	spin_start(v);
	assert_true(cpu.need_resched);
	assert_int_equal(due, now + 50);
	assert_true(looked_at(0x40100000, 0));
	loops = false;
	assert_false(looked_at(0x40200000, 0));
	assert_false(v->spins);
}

static void somebody_runs_though_all_wait(void **state)
{
	unsigned int turns = 0;

	loops = unchanged = true;
	for (int round = 0; round < 3; round++, turns = 0) {
		assert_true(looked_at(0x40100000, 0));
		do {
			cpu.need_resched = false;
			spin_start(v);
			turns++;
			assert_true(turns <= VM_MAX_VCPUS + 1);
		} while (cpu.need_resched);
		assert_int_equal(turns, VM_MAX_VCPUS + 1);
	}
	/* Nor does it give its turn to nobody. */
	assert_true(looked_at(0x40100000, 0));
	cpu.need_resched = false;
	cpu.runnable = 0;
	spin_start(v);
	assert_false(cpu.need_resched);
}

static void who_has_interrupts_off_goes_on_for_some_looks(void **state)
{
	unsigned int looks = 0;

	cp0[0][CP0_STATUS] = ST_IE;
	assert_false(spin_goes_on(v));
	cp0[0][CP0_STATUS] = 0;
	v->guest.changed = false;
	due = 0;
	assert_true(spin_goes_on(v));
	/* EI comes out of the guest, and a look does. */
	assert_true(v->guest.changed);
	assert_int_equal(due, now + 50);
	for (; spin_goes_on(v); looks++) {
		assert_true(looks < 20);
		now = due;
		cpu.need_resched = true;
		v->guest.pc += 0x1000;
		v->look.fn(&v->look);
		spin_look(v);
		assert_int_equal(due, now + 50);
	}
	assert_in_range(looks, 5, 15);
	/* Not one that waits itself; nor one of user space, nor who is alone. */
	spin_start(v);
	assert_true(spin_goes_on(v));
	loops = true;
	assert_true(looked_at(0x40100000, 0));
	assert_false(spin_goes_on(v));
	loops = false;
	spin_start(v);
	cp0[0][CP0_STATUS] = ST_IE | ST_UM;
	assert_false(spin_goes_on(v));
	cp0[0][CP0_STATUS] = 0;
	vm.vcpu_count = 1;
	assert_false(spin_goes_on(v));
}

static void it_is_looked_at_ever_more_seldom(void **state)
{
	u64 last = 5000, after = 50;

	for (int i = 0; i < 10; i++) {
		assert_int_equal(due - last, after);
		last = due;
		looked_at(0x40100000 + i * 0x1000, ST_IE);
		after = min(2 * after, 4000ULL);
	}
	spin_start(v);
	assert_int_equal(due - now, 50);
}

/* It may be the one whom they wait for, and wait itself soon. */
static void it_is_looked_at_often_while_others_wait(void **state)
{
	vcpus[2].spins = true;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(due - now, 50);
		looked_at(0x40100000 + i * 0x1000, ST_IE);
	}
	spin_reset(&vcpus[2]);
	looked_at(0x40200000, ST_IE);
	assert_int_equal(due - now, 100);
}

static void an_only_vcpu_is_not_looked_at(void **state)
{
	vm.vcpu_count = 1;
	due = 0;
	spin_start(v);
	assert_int_equal(due, 0);
	loops = true;
	spin_look(v);
	assert_false(cpu.need_resched);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
		T(who_is_in_a_loop_that_comes_to_nothing_gives_way),
		T(who_takes_an_interrupt_does_not),
		T(who_is_where_it_was_gives_way),
		T(nobody_gives_way_to_nobody),
		T(who_waits_goes_behind_all_of_its_vm_that_want_the_cpu),
		T(who_has_waited_gives_its_turn_away),
		T(who_gave_its_turn_away_is_looked_at_when_it_runs_on),
		T(somebody_runs_though_all_wait),
		T(who_has_interrupts_off_goes_on_for_some_looks),
		T(it_is_looked_at_ever_more_seldom),
		T(it_is_looked_at_often_while_others_wait),
		T(an_only_vcpu_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
