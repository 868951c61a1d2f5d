// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/spin.c
/* K24, K45: a vCPU that seems to spin gives way, where somebody waits for the CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "core/sched.h"

#define HZ 1000000U /* a tick is a microsecond */

struct mips_features features = {.count_hz = HZ};
static struct cpu cpu;
static struct thread thread;
static struct vm vm;
static struct mips_vcpu v;
static u32 cp0[CP0_REGISTERS];
static u64 now, due;

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

void vcpu_request(struct vcpu *vcpu, u32 request)
{
	vcpu->requests |= request;
}

static int set_up(void **state)
{
	memset(&v, 0, sizeof(v));
	memset(&cpu, 0, sizeof(cpu));
	memset(cp0, 0, sizeof(cp0));
	v.guest.cp0 = cp0;
	v.vcpu.vm = &vm;
	vm.vcpu_count = 2;
	thread.vcpu = &v.vcpu;
	cpu.current = &thread;
	cpu.runnable = 1;
	now = 5000;
	due = 0;
	spin_init(&v);
	spin_start(&v);
	return 0;
}

/* It is at `pc` with this Status when it is looked at. Does it give way? */
static bool looked_at(u32 pc, u32 status)
{
	cpu.need_resched = false;
	v.vcpu.requests = 0;
	v.guest.pc = pc;
	cp0[CP0_STATUS] = status;
	now = due;
	v.spin.fn(&v.spin);
	assert_true(cpu.need_resched == !!(v.vcpu.requests & REQ_SCHED));
	return cpu.need_resched;
}

static void who_has_interrupts_off_spins(void **state)
{
	assert_true(looked_at(0x40100000, 0));
	assert_true(looked_at(0x40200000, ST_IE | ST_EXL));
	assert_true(looked_at(0x40300000, ST_IE | ST_EXL | ST_UM));
	assert_false(looked_at(0x40400000, ST_IE));
}

static void who_is_where_it_was_spins(void **state)
{
	assert_false(looked_at(0x40100000, ST_IE));
	assert_true(looked_at(0x40100008, ST_IE));
	assert_true(looked_at(0x40100000, ST_IE));
	assert_false(looked_at(0x40101000, ST_IE));
	assert_true(looked_at(0x40100ff0, ST_IE));
	/* A loop of user space is its kernel's to divide the time of. */
	assert_false(looked_at(0x00400000, ST_IE | ST_UM));
	assert_false(looked_at(0x00400000, ST_IE | ST_UM));
}

static void nobody_gives_way_to_nobody(void **state)
{
	cpu.runnable = 0;
	assert_false(looked_at(0x40100000, 0));
	cpu.runnable = 1;
	assert_true(looked_at(0x40100000, 0));
	/* Another thread has the CPU, whichever vCPU its registers have. */
	thread.vcpu = NULL;
	due = 0;
	assert_false(looked_at(0x40100000, 0));
	assert_int_equal(due, 0);
}

static void it_is_looked_at_ever_more_seldom(void **state)
{
	u64 last = 5000, after = 250;

	for (int i = 0; i < 10; i++) {
		assert_int_equal(due - last, after);
		last = due;
		looked_at(0x40100000 + i * 0x1000, ST_IE);
		after = min(2 * after, 4000ULL);
	}
	spin_start(&v);
	assert_int_equal(due - now, 250);
}

static void an_only_vcpu_is_not_looked_at(void **state)
{
	vm.vcpu_count = 1;
	due = 0;
	spin_start(&v);
	assert_int_equal(due, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
		T(who_has_interrupts_off_spins),
		T(who_is_where_it_was_spins),
		T(nobody_gives_way_to_nobody),
		T(it_is_looked_at_ever_more_seldom),
		T(an_only_vcpu_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
