// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/psci.c arch/armcommon/smccc.c
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
// flags: -pthread
/* PSCI 1.1 and SMCCC 1.1 as a guest calls them (K22). */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/armcommon/testing/fake_gic.h"
#include "core/memslot.h"

#define RAM 0x40000000ULL
#define RAM_SIZE 0x10000000ULL

static struct fake_vm *vm;
static s32 workaround_answer[3];
static u32 workaround_called;

bool memslot_covers(struct vm *of, gfn_t gfn)
{
	return gfn.v >= RAM >> PAGE_SHIFT &&
	       gfn.v < (RAM + RAM_SIZE) >> PAGE_SHIFT;
}

static s32 features(u32 function)
{
	if (function == SMCCC_ARCH_WORKAROUND_1)
		return workaround_answer[0];
	return function == SMCCC_ARCH_WORKAROUND_2 ? workaround_answer[1] :
						     workaround_answer[2];
}

static void call_workaround(struct vcpu *v, u32 function, u64 arg)
{
	workaround_called = function;
}

const struct smccc_workarounds smccc_workarounds = { features,
						     call_workaround };

static struct vcpu *vcpu(unsigned int n)
{
	return vm->vm.vcpus[n];
}

/* vCPU 3 is of another cluster. Only vCPU 0 is on. */
static int start(void **state)
{
	fake_machine_init(3, 4);
	vm = fake_vm_new(4);
	fake_vcpu(vcpu(3))->affinity = 0x0100000102;
	vcpu(0)->powered = true;
	return 0;
}

static int stop(void **state)
{
	fake_vm_free(vm);
	return 0;
}

static enum smccc_result call(struct vcpu *v, u64 *x, u64 function, u64 a,
			      u64 b, u64 c)
{
	x[0] = function;
	x[1] = a;
	x[2] = b;
	x[3] = c;
	return smccc_handle(v, x);
}

static s64 result(u64 function, u64 a, u64 b, u64 c)
{
	u64 x[4];

	assert_int_equal(call(vcpu(0), x, function, a, b, c), SMCCC_RESUME);
	return x[0];
}

static void calls_that_answer_with_a_number(void **state)
{
	static const struct {
		u64 function, a, b, c;
		s64 result;
	} cases[] = {
		{ PSCI_VERSION, 0, 0, 0, 0x10001 },
		{ 0x1234567884000000, 0, 0, 0, 0x10001 }, /* w0 counts */
		{ PSCI_MIGRATE_INFO_TYPE, 0, 0, 0, 2 },
		{ 0x84000005, 0, 0, 0, -1 },              /* MIGRATE */
		{ 0x8400001f, 0, 0, 0, -1 },
		{ 0xc4000000, 0, 0, 0, -1 },              /* no SMC64 form */
		{ 0xc4000002, 0, 0, 0, -1 },
		{ 0xc4000008, 0, 0, 0, -1 },
		{ PSCI_FEATURES, PSCI_CPU_ON64, 0, 0, 0 },
		{ PSCI_FEATURES, PSCI_CPU_SUSPEND64, 0, 0, 0 },
		{ PSCI_FEATURES, PSCI_SYSTEM_RESET2, 0, 0, 0 },
		{ PSCI_FEATURES, SMCCC_VERSION, 0, 0, 0 },
		{ PSCI_FEATURES, 0x84000005, 0, 0, -1 },
		{ PSCI_FEATURES, 0xc4000008, 0, 0, -1 },
		{ PSCI_FEATURES, 0, 0, 0, -1 },
		{ SMCCC_VERSION, 0, 0, 0, 0x10001 },
		{ SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0, 0 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0, 0 },
		{ SMCCC_ARCH_FEATURES, 0x80000002, 0, 0, -1 },
		{ 0x8600ff01, 0, 0, 0, -1 },
		{ 0, 0, 0, 0, -1 },
		{ ~0ULL, 0, 0, 0, -1 },
		{ 0x84000020, 0, 0, 0, -1 },
		/* CPU_ON */
		{ PSCI_CPU_ON64, 0, RAM, 0, PSCI_ALREADY_ON },
		{ PSCI_CPU_ON64, 7, RAM, 0, PSCI_INVALID_PARAMETERS },
		{ PSCI_CPU_ON64, 1ULL << 31 | 1, RAM, 0,
		  PSCI_INVALID_PARAMETERS },
		{ PSCI_CPU_ON64, 1, 0, 0, PSCI_INVALID_ADDRESS },
		{ PSCI_CPU_ON64, 1, RAM + 2, 0, PSCI_INVALID_ADDRESS },
		{ PSCI_CPU_ON64, 1, RAM + RAM_SIZE, 0, PSCI_INVALID_ADDRESS },
		{ PSCI_CPU_ON64, 1, ~3ULL, 0, PSCI_INVALID_ADDRESS },
		/* AFFINITY_INFO */
		{ PSCI_AFFINITY_INFO64, 0, 0, 0, 0 },
		{ PSCI_AFFINITY_INFO64, 1, 0, 0, 1 },
		{ PSCI_AFFINITY_INFO64, 9, 0, 0, PSCI_INVALID_PARAMETERS },
		{ PSCI_AFFINITY_INFO64, 9, 1, 0, 0 },
		{ PSCI_AFFINITY_INFO64, 0x0100000100, 1, 0, 1 },
		{ PSCI_AFFINITY_INFO64, 0, 3, 0, 0 },
		{ PSCI_AFFINITY_INFO64, 0, 4, 0, PSCI_INVALID_PARAMETERS },
		{ PSCI_AFFINITY_INFO, 0xffffffff00000001, 0, 0, 1 },
		/* CPU_SUSPEND, SYSTEM_RESET2 */
		{ PSCI_CPU_SUSPEND64, 0x04000000, 0, 0,
		  PSCI_INVALID_PARAMETERS },
		{ PSCI_SYSTEM_RESET2, 1, 0, 0, PSCI_INVALID_PARAMETERS },
		{ PSCI_SYSTEM_RESET2_64, 0x80000001, 0, 0, -1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		s64 got = result(cases[i].function, cases[i].a, cases[i].b,
				 cases[i].c);

		if (got != cases[i].result)
			print_message("case %u: %lx\n", i,
				      (unsigned long)cases[i].function);
		assert_int_equal(got, cases[i].result);
	}
}

static void calls_that_leave_or_wait(void **state)
{
	u64 x[4];

	assert_int_equal(call(vcpu(0), x, PSCI_CPU_SUSPEND64, 0x10000, RAM, 0),
			 SMCCC_WAIT);
	assert_int_equal(x[0], 0);
	assert_int_equal(call(vcpu(0), x, PSCI_SYSTEM_OFF, 0, 0, 0),
			 SMCCC_EXIT);
	assert_int_equal(vcpu(0)->exit.reason, EXIT_SYSTEM_EVENT);
	assert_int_equal(vcpu(0)->exit.event, SYSTEM_EVENT_OFF);
	assert_int_equal(call(vcpu(0), x, PSCI_SYSTEM_RESET, 0, 0, 0),
			 SMCCC_EXIT);
	assert_int_equal(vcpu(0)->exit.event, SYSTEM_EVENT_RESET);
	vcpu(0)->exit.event = SYSTEM_EVENT_OFF;
	assert_int_equal(call(vcpu(0), x, PSCI_SYSTEM_RESET2_64, 0, 0, 0),
			 SMCCC_EXIT);
	assert_int_equal(vcpu(0)->exit.event, SYSTEM_EVENT_RESET);
	assert_int_equal(call(vcpu(0), x, PSCI_CPU_OFF, 0, 0, 0), SMCCC_OFF);
	assert_false(vcpu(0)->powered);
}

static void a_vcpu_is_turned_on_off_and_on(void **state)
{
	struct vcpu *target = vcpu(3);
	struct fake_vcpu *f = fake_vcpu(target);
	u64 affinity = 0x0100000102, x[4];
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		assert_int_equal(result(PSCI_CPU_ON64, affinity, RAM + 4 * i,
					i),
				 0);
		assert_true(target->powered);
		assert_int_equal(f->requested, i);
		assert_int_equal(result(PSCI_AFFINITY_INFO64, affinity, 0, 0),
				 PSCI_AFFINITY_ON_PENDING);
		assert_int_equal(result(PSCI_CPU_ON64, affinity, RAM, 0),
				 PSCI_ON_PENDING);
		psci_vcpu_enter(target, psci_of(target));
		psci_vcpu_enter(target, psci_of(target));
		assert_int_equal(f->resets, i);
		assert_int_equal(f->reset_pc, RAM + 4 * i);
		assert_int_equal(f->reset_arg, i);
		assert_int_equal(result(PSCI_AFFINITY_INFO64, affinity, 0, 0),
				 PSCI_AFFINITY_ON);
		assert_int_equal(result(PSCI_CPU_ON64, affinity, RAM, 0),
				 PSCI_ALREADY_ON);
		call(target, x, PSCI_CPU_OFF, 0, 0, 0);
		assert_int_equal(result(PSCI_AFFINITY_INFO64, affinity, 0, 0),
				 PSCI_AFFINITY_OFF);
	}
}

static void the_32_bit_call_takes_32_bit_arguments(void **state)
{
	assert_int_equal(result(PSCI_CPU_ON, 0xdead00000001,
				0xdead00000000 | RAM, 0xdeadffffffff),
			 0);
	psci_vcpu_enter(vcpu(1), psci_of(vcpu(1)));
	assert_int_equal(fake_vcpu(vcpu(1))->reset_pc, RAM);
	assert_int_equal(fake_vcpu(vcpu(1))->reset_arg, 0xffffffff);
}

/* Two vCPUs turn a third on, which turns itself off: as many resets as calls
 * that succeeded, and each with the arguments of one call. */
#define RACES 20000

struct racer {
	struct vcpu *v;
	u64 successes, sum;
};

static bool race_over;

static void *turn_on(void *arg)
{
	struct racer *r = arg;
	unsigned int i;

	for (i = 0; i < RACES; i++) {
		u64 x[4], context = r->v->id * RACES + i;

		call(r->v, x, PSCI_CPU_ON64, 2, RAM + 4 * context, context);
		if (x[0] == 0) {
			r->successes++;
			r->sum += context;
		}
	}
	return NULL;
}

static void *be_turned_on(void *arg)
{
	struct racer *r = arg;
	struct fake_vcpu *f = fake_vcpu(r->v);

	while (!__atomic_load_n(&race_over, __ATOMIC_ACQUIRE) ||
	       __atomic_load_n(&r->v->powered, __ATOMIC_ACQUIRE)) {
		u64 x[4];

		if (!__atomic_load_n(&r->v->powered, __ATOMIC_ACQUIRE)) {
			cpu_relax();
			continue;
		}
		psci_vcpu_enter(r->v, &f->psci);
		r->successes++;
		r->sum += f->reset_arg;
		if (f->reset_pc != RAM + 4 * f->reset_arg)
			break;
		call(r->v, x, PSCI_CPU_OFF, 0, 0, 0);
	}
	return NULL;
}

static void two_turn_on_a_third(void **state)
{
	struct racer r[3] = { { .v = vcpu(0) },
			      { .v = vcpu(1) },
			      { .v = vcpu(2) } };
	pthread_t t[3];

	race_over = false;
	vcpu(1)->powered = true;
	pthread_create(&t[2], NULL, be_turned_on, &r[2]);
	pthread_create(&t[0], NULL, turn_on, &r[0]);
	pthread_create(&t[1], NULL, turn_on, &r[1]);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	__atomic_store_n(&race_over, true, __ATOMIC_RELEASE);
	pthread_join(t[2], NULL);
	assert_int_equal(r[2].successes, r[0].successes + r[1].successes);
	assert_int_equal(r[2].sum, r[0].sum + r[1].sum);
	assert_int_equal(fake_vcpu(vcpu(2))->resets, r[2].successes);
	assert_true(r[2].successes > 0);
}

static void workarounds_are_answered_by_the_port(void **state)
{
	static const struct {
		u32 function;
		unsigned int n;
	} cases[] = { { SMCCC_ARCH_WORKAROUND_1, 0 },
		      { SMCCC_ARCH_WORKAROUND_2, 1 },
		      { SMCCC_ARCH_WORKAROUND_3, 2 } };
	unsigned int i;
	s32 answer;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (answer = -1; answer <= 1; answer++) {
			workaround_answer[cases[i].n] = answer;
			workaround_called = 0;
			assert_int_equal(result(SMCCC_ARCH_FEATURES,
						cases[i].function, 0, 0),
					 answer);
			result(cases[i].function, 0, 0, 0);
			assert_int_equal(workaround_called,
					 answer >= 0 ? cases[i].function : 0);
		}
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(calls_that_answer_with_a_number),
		CASE(calls_that_leave_or_wait),
		CASE(a_vcpu_is_turned_on_off_and_on),
		CASE(the_32_bit_call_takes_32_bit_arguments),
		CASE(two_turn_on_a_third),
		CASE(workarounds_are_answered_by_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
