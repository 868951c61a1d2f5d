// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/guest_smp.c arch/mips/guest_exception.c arch/mips/guest_timer.c
// link: core/mmio.c
/* K45, K46: the device by which a guest has more CPUs than one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "lib/errno.h"

enum { STATUS, COMMAND = 4, PC = 8, SP = 12, GP = 16, ARG = 20, RAISE = 24, CLEAR = 28 };
enum { THERE = 1, ON };
enum { START = 1, STOP };
enum { DONE, NO_SUCH_CPU, IS_ON, INVALID };

#define CPUS 3
#define UART_IP 2
#define IP3 BIT32(3)
#define IP4 BIT32(4)

/* ---- The rest of the hypervisor -------------------------------------------------- */

static struct mips_vm machine;
static struct mips_vcpu cpu[CPUS];
static u32 commpage[CPUS][CP0_REGISTERS];
static struct cpu board;
static u64 time_now;
static unsigned int resets;

struct cpu *this_cpu(void)
{
	return &board;
}

void vcpu_request(struct vcpu *vcpu, u32 request)
{
	vcpu->requests |= request;
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	struct mips_guest *g = &to_mips(vcpu)->guest;

	resets++;
	memset(g->gpr, 0x55, sizeof(g->gpr));
	g->pc = pc.v;
	mips_timer_reset(g);
}

/* Every look at it takes time. */
static u64 now(struct mips_guest *g)
{
	return time_now++;
}

static void set_timer(struct mips_guest *g, u64 due)
{
}

static const struct mips_guest_ops ops = {.now = now, .set_timer = set_timer};

static int set_up(void **state)
{
	memset(&machine, 0, sizeof(machine));
	memset(cpu, 0, sizeof(cpu));
	memset(&board, 0, sizeof(board));
	resets = 0;
	time_now = 1000;
	for (unsigned int i = 0; i < CPUS; i++) {
		cpu[i].guest.cp0 = commpage[i];
		cpu[i].guest.ops = &ops;
		cpu[i].guest.id = cpu[i].vcpu.id = i;
		cpu[i].vcpu.vm = &machine.vm;
		machine.vm.vcpus[i] = &cpu[i].vcpu;
		mips_timer_reset(&cpu[i].guest);
	}
	machine.vm.vcpu_count = CPUS;
	cpu[0].vcpu.powered = true;
	return guest_smp_init(&machine.vm);
}

/* ---- What a guest does ------------------------------------------------------------ */

static int any(unsigned int by, u64 gpa, u8 size, bool write, u64 *value)
{
	struct mmio_access a = {.size = size, .write = write, .value = *value};
	int err = mmio_access(&machine.vm.bus, &cpu[by].vcpu, GPA(gpa), &a);

	*value = a.value;
	return err;
}

static u64 block(unsigned int n)
{
	return MIPS_GUEST_SMP_BASE + n * 0x20;
}

static u32 get(unsigned int by, unsigned int n, u32 reg)
{
	u64 value = ~0ULL;

	assert_int_equal(any(by, block(n) + reg, 4, false, &value), 0);
	return value;
}

static void put(unsigned int by, unsigned int n, u32 reg, u32 value)
{
	u64 v = value;

	assert_int_equal(any(by, block(n) + reg, 4, true, &v), 0);
}

static u32 command(unsigned int by, unsigned int n, u32 what)
{
	put(by, n, COMMAND, what);
	return get(by, by, COMMAND);
}

static u32 lines(unsigned int n)
{
	return cpu[n].guest.lines >> 8;
}

/* ---- Cases ------------------------------------------------------------------------- */

static void a_cpu_starts_where_it_is_told_to(void **state)
{
	const struct mips_guest *g = &cpu[1].guest;

	put(0, 1, PC, 0x40100000);
	put(0, 1, SP, 0x40201000);
	put(0, 1, GP, 0x40200000);
	put(0, 1, ARG, 77);
	assert_int_equal(get(0, 1, PC), 0x40100000);
	assert_int_equal(get(0, 1, STATUS), THERE);
	assert_int_equal(command(0, 1, START), DONE);
	assert_int_equal(get(0, 1, STATUS), THERE | ON);
	assert_true(cpu[1].vcpu.requests & REQ_IRQ);
	assert_int_equal(resets, 0);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(resets, 1);
	assert_int_equal(g->pc, 0x40100000);
	assert_int_equal(g->gpr[29], 0x40201000);
	assert_int_equal(g->gpr[28], 0x40200000);
	assert_int_equal(g->gpr[4], 77);
	assert_int_equal(g->gpr[5], 0);
	/* Once. */
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(resets, 1);
	guest_smp_settle(&cpu[0].vcpu);
	assert_int_equal(resets, 1);
}

/* Whatever is written after the command is for the next time. */
static void it_starts_as_it_was_told_to_when_it_was_started(void **state)
{
	static const u32 reg[] = {PC, SP, GP, ARG};
	const struct mips_guest *g = &cpu[1].guest;

	for (u32 i = 0; i < 4; i++)
		put(0, 1, reg[i], 0x40100000 + i);
	assert_int_equal(command(0, 1, START), DONE);
	for (u32 i = 0; i < 4; i++)
		put(0, 1, reg[i], 0x40200000 + i);
	/* Nor does one change it that is refused. */
	assert_int_equal(command(0, 1, START), IS_ON);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(g->pc, 0x40100000);
	assert_int_equal(g->gpr[29], 0x40100001);
	assert_int_equal(g->gpr[28], 0x40100002);
	assert_int_equal(g->gpr[4], 0x40100003);
	assert_int_equal(get(0, 1, PC), 0x40200000);
	command(1, 1, STOP);
	command(0, 1, START);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(g->pc, 0x40200000);
	assert_int_equal(g->gpr[4], 0x40200003);
}

static void what_cannot_be_started_is_refused(void **state)
{
	assert_int_equal(command(0, 1, START), DONE);
	assert_int_equal(command(0, 1, START), IS_ON);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(command(0, 1, START), IS_ON);
	assert_int_equal(command(0, 0, START), IS_ON);
	for (unsigned int n = CPUS; n < VM_MAX_VCPUS; n++) {
		assert_int_equal(command(0, n, START), NO_SUCH_CPU);
		assert_int_equal(command(0, n, STOP), NO_SUCH_CPU);
		assert_int_equal(get(0, n, STATUS), 0);
		put(0, n, PC, 1);
		put(0, n, RAISE, ~0U);
		assert_int_equal(get(0, n, PC), 0);
	}
	assert_int_equal(command(0, 2, 0), INVALID);
	assert_int_equal(command(0, 2, ~0U), INVALID);
	/* Each CPU has its own answer. */
	assert_int_equal(command(1, 2, START), DONE);
	assert_int_equal(get(0, 0, COMMAND), INVALID);
	assert_int_equal(get(0, 1, COMMAND), DONE);
}

static void a_cpu_turns_off_only_itself(void **state)
{
	command(0, 1, START);
	guest_smp_settle(&cpu[1].vcpu);
	cpu[1].vcpu.requests = 0;
	assert_int_equal(command(0, 1, STOP), INVALID);
	assert_int_equal(get(0, 1, STATUS), THERE | ON);
	assert_int_equal(command(1, 1, STOP), DONE);
	assert_int_equal(get(0, 1, STATUS), THERE);
	/* It has to leave its guest. */
	assert_true(cpu[1].vcpu.requests);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(resets, 1);
	assert_int_equal(command(0, 1, START), DONE);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(resets, 2);
	/* And the one that booted. */
	assert_int_equal(command(0, 0, STOP), DONE);
	assert_int_equal(command(1, 0, START), DONE);
}

static void interrupts_reach_whom_they_are_for(void **state)
{
	command(0, 1, START);
	cpu[1].vcpu.requests = cpu[0].vcpu.requests = 0;
	put(0, 1, RAISE, IP3);
	assert_int_equal(lines(1), IP3);
	assert_int_equal(lines(0), 0);
	assert_true(cpu[1].vcpu.requests & REQ_IRQ);
	assert_true(cpu[1].guest.changed);
	/* The other is let run. */
	assert_true(board.need_resched);
	assert_true(cpu[0].vcpu.requests & REQ_SCHED);
	put(1, 0, RAISE, IP4);
	assert_int_equal(lines(0), IP4);
	assert_int_equal(get(1, 0, RAISE), IP4);
	put(0, 0, CLEAR, IP3);
	assert_int_equal(lines(0), IP4);
	put(0, 0, CLEAR, IP4);
	assert_int_equal(lines(0), 0);
	put(0, 1, RAISE, IP3 | IP4);
	put(0, 1, CLEAR, IP3);
	assert_int_equal(get(0, 1, RAISE), IP4);
}

static void a_cpu_interrupts_itself_without_giving_way(void **state)
{
	put(0, 0, RAISE, IP3);
	assert_int_equal(lines(0), IP3);
	assert_true(cpu[0].vcpu.requests & REQ_IRQ);
	assert_false(board.need_resched);
}

static void other_lines_are_left_alone(void **state)
{
	mips_guest_set_line(&cpu[0].guest, UART_IP, true);
	put(0, 0, RAISE, ~(IP3 | IP4));
	assert_int_equal(lines(0), BIT32(UART_IP));
	put(0, 0, CLEAR, ~0U);
	assert_int_equal(lines(0), BIT32(UART_IP));
	assert_int_equal(get(0, 0, RAISE), 0);
	assert_false(cpu[0].vcpu.requests);
}

static void a_cpu_that_is_off_is_not_interrupted(void **state)
{
	put(0, 1, RAISE, IP3);
	assert_int_equal(lines(1), 0);
	command(0, 1, START);
	guest_smp_settle(&cpu[1].vcpu);
	put(0, 1, RAISE, IP4);
	command(1, 1, STOP);
	/* What came before it was turned on again is of its past; what comes
	 * before it has begun is not. */
	command(0, 1, START);
	assert_int_equal(lines(1), 0);
	put(0, 1, RAISE, IP3);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(lines(1), IP3);
}

static void assert_one_time(unsigned int n)
{
	u32 count = mips_timer_count(&cpu[0].guest);

	assert_int_equal(mips_timer_count(&cpu[n].guest), count + 1);
}

static void all_have_one_time(void **state)
{
	mips_timer_set_count(&cpu[0].guest, 0x12345678);
	time_now += 50;
	command(0, 1, START);
	time_now += 30;
	guest_smp_settle(&cpu[1].vcpu);
	assert_one_time(1);
	time_now += 0x100000000ULL - 5;
	assert_one_time(1);
	/* One that has stopped its own is stood by. */
	mips_timer_stop(&cpu[0].guest, true);
	time_now += 7;
	command(1, 2, START);
	time_now += 3;
	guest_smp_settle(&cpu[2].vcpu);
	command(2, 2, STOP);
	mips_timer_stop(&cpu[0].guest, false);
	command(0, 2, START);
	guest_smp_settle(&cpu[2].vcpu);
	assert_one_time(2);
}

/* No size, place or value does anything but what the registers say. */
static void other_accesses_do_nothing(void **state)
{
	u64 value;

	for (u64 at = 0; at < MIPS_GUEST_SMP_SIZE; at++)
		for (u8 size = 1; size <= 8; size *= 2) {
			if (size == 4 && !(at & 3))
				continue;
			value = ~0ULL;
			any(0, MIPS_GUEST_SMP_BASE + at, size, true, &value);
			value = ~0ULL;
			if (!any(0, MIPS_GUEST_SMP_BASE + at, size, false, &value))
				assert_int_equal(value, 0);
		}
	for (unsigned int i = 0; i < CPUS; i++) {
		assert_int_equal(get(0, i, STATUS), THERE | (i ? 0 : ON));
		assert_int_equal(get(0, i, PC), 0);
		assert_int_equal(get(0, i, COMMAND), DONE);
		assert_int_equal(lines(i), 0);
	}
	put(0, 1, STATUS, ~0U);
	assert_int_equal(get(0, 1, STATUS), THERE);
	assert_int_equal(get(0, 1, CLEAR), 0);
}

static void a_reset_forgets_it(void **state)
{
	put(0, 1, PC, 5);
	command(0, 1, START);
	command(0, 1, START);
	guest_smp_reset(&machine.vm);
	guest_smp_settle(&cpu[1].vcpu);
	assert_int_equal(resets, 0);
	assert_int_equal(get(0, 1, PC), 0);
	assert_int_equal(get(0, 0, COMMAND), DONE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
		T(a_cpu_starts_where_it_is_told_to),
		T(it_starts_as_it_was_told_to_when_it_was_started),
		T(what_cannot_be_started_is_refused),
		T(a_cpu_turns_off_only_itself),
		T(interrupts_reach_whom_they_are_for),
		T(a_cpu_interrupts_itself_without_giving_way),
		T(other_lines_are_left_alone),
		T(a_cpu_that_is_off_is_not_interrupted),
		T(all_have_one_time),
		T(other_accesses_do_nothing),
		T(a_reset_forgets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
