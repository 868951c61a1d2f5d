// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
/* Virtual and physical timers of guests (K22, K24). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/armcommon/testing/fake_gic.h"

static struct fake_vm *vm;
static bool soft; /* we deactivate PPI 27, or the hardware does */

static struct vcpu *vcpu(unsigned int n)
{
	return vm->vm.vcpus[n];
}

/* Four vCPUs; 0 and 2 share CPU 0. All PPIs enabled. The VM begins at 1000. */
static int start(void **state)
{
	unsigned int i;

	fake_now = 1000;
	fake_machine_init(2, 4);
	vgic_hw.soft_deactivate = soft;
	vm = fake_vm_new(4);
	for (i = 4; i-- > 0;) {
		fake_load(vcpu(i));
		fake_set_pmr(0xf8);
		fake_enable_groups(true, true);
		fake_write(vcpu(i), FAKE_GICD + 0x100, 4, ~0U);
	}
	fake_write(vcpu(0), FAKE_GICD, 4, 3);
	fake_settle();
	return 0;
}

static int stop(void **state)
{
	fake_vm_free(vm);
	return 0;
}

static void arm(u64 cval)
{
	fake_if[fake_this_cpu->id].cntv_cval = cval;
	fake_if[fake_this_cpu->id].cntv_ctl = TIMER_CTL_ENABLE;
}

static void the_virtual_count_begins_with_the_vm(void **state)
{
	unsigned int i;

	fake_advance(1500);
	for (i = 0; i < 4; i++) {
		fake_load(vcpu(i));
		assert_int_equal(fake_if[i % 2].cntvoff, 1000);
	}
}

static void the_timer_of_a_loaded_vcpu_fires_once(void **state)
{
	arm(100);
	fake_advance(1099);
	assert_int_equal(fake_ack(), FAKE_NONE);
	fake_advance(1100);
	assert_int_equal(fake_ack(), VTIMER_PPI);
	arm(300);
	fake_eoi(VTIMER_PPI);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);
	fake_advance(1300);
	assert_int_equal(fake_ack(), VTIMER_PPI);
}

static void a_line_that_stays_high_fires_again(void **state)
{
	arm(0);
	fake_settle();
	assert_int_equal(fake_ack(), VTIMER_PPI);
	fake_settle();
	fake_eoi(VTIMER_PPI);
	fake_settle();
	assert_int_equal(fake_ack(), VTIMER_PPI);
}

/* The last of another vCPU's, say, whose timer was only just turned off. */
static void an_interrupt_whose_line_has_fallen_raises_nothing(void **state)
{
	static const u32 ctls[] = { 0, TIMER_CTL_IMASK | TIMER_CTL_ENABLE,
				    TIMER_CTL_ENABLE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ctls); i++) {
		arm(ctls[i] == TIMER_CTL_ENABLE ? 100 : 0);
		fake_if[0].cntv_ctl = ctls[i];
		assert_false(vtimer_interrupt(vcpu(0)));
		assert_int_equal(fake_ack(), FAKE_NONE);
		assert_false(vgic_pending(vcpu(0)));
	}
	fake_now = 1100;
	assert_true(vtimer_interrupt(vcpu(0)));
	assert_int_equal(fake_ack(), VTIMER_PPI);
	fake_if[0].cntv_ctl = 0;
	fake_eoi(VTIMER_PPI);
}

static void a_vcpu_off_the_cpu_is_woken_in_time(void **state)
{
	arm(100);
	fake_load(vcpu(2));
	assert_int_equal(fake_if[0].cntv_ctl, 0);
	fake_vcpu(vcpu(0))->requested = 0;
	fake_advance(1099);
	assert_int_equal(fake_vcpu(vcpu(0))->requested, 0);
	assert_false(vgic_pending(vcpu(0)));
	fake_advance(1100);
	assert_int_equal(fake_vcpu(vcpu(0))->requested, 1);
	assert_true(vgic_pending(vcpu(0)));
	assert_int_equal(fake_ack(), FAKE_NONE); /* not vCPU 2's */
	fake_load(vcpu(0));
	fake_settle();
	assert_int_equal(fake_ack(), VTIMER_PPI);
	fake_if[0].cntv_ctl = 0;
	fake_eoi(VTIMER_PPI);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);
	assert_false(fake_if[0].phys_active[VTIMER_PPI]);
}

static void masked_and_disabled_timers_wake_nobody(void **state)
{
	static const u32 ctls[] = { 0, TIMER_CTL_IMASK,
				    TIMER_CTL_ENABLE | TIMER_CTL_IMASK };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ctls); i++) {
		fake_load(vcpu(0));
		arm(fake_now - 1000 + 50);
		fake_if[0].cntv_ctl = ctls[i];
		fake_load(vcpu(2));
		fake_advance(fake_now + 100);
		assert_false(vgic_pending(vcpu(0)));
		fake_load(vcpu(0));
		assert_int_equal(fake_if[0].cntv_ctl, ctls[i]);
	}
}

static void a_deadline_beyond_all_time_is_never_reached(void **state)
{
	arm(~0ULL);
	fake_load(vcpu(2));
	fake_advance(1ULL << 60);
	assert_false(vgic_pending(vcpu(0)));
	fake_load(vcpu(0));
	assert_true(fake_if[0].cntv_cval == ~0ULL);
}

static void timers_of_two_vcpus_of_a_cpu_keep_apart(void **state)
{
	arm(100);
	fake_load(vcpu(2));
	arm(150);
	fake_advance(1120);
	assert_true(vgic_pending(vcpu(0)));
	fake_load(vcpu(0));
	fake_settle();
	assert_int_equal(fake_ack(), VTIMER_PPI);
	fake_advance(1200);
	assert_true(vgic_pending(vcpu(2)));
	/* Switched in the middle of its handler. */
	fake_load(vcpu(2));
	fake_settle();
	assert_int_equal(fake_ack(), VTIMER_PPI);
	fake_if[0].cntv_ctl = 0;
	fake_eoi(VTIMER_PPI);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);
	fake_load(vcpu(0));
	fake_if[0].cntv_ctl = 0;
	fake_eoi(VTIMER_PPI);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);
}

/* ---- The emulated physical timer ------------------------------------------------ */

static void physical_timer_registers(void **state)
{
	struct vcpu *v = vcpu(0);

	ptimer_write(v, PTIMER_TVAL, 500);
	assert_int_equal(ptimer_read(v, PTIMER_CVAL), 1500);
	fake_advance(1100);
	assert_int_equal(ptimer_read(v, PTIMER_TVAL), 400);
	ptimer_write(v, PTIMER_TVAL, 0xffffff9c); /* -100 */
	assert_int_equal(ptimer_read(v, PTIMER_CVAL), 1000);
	assert_int_equal(ptimer_read(v, PTIMER_TVAL), 0xffffff9c);
	assert_int_equal(ptimer_read(v, PTIMER_CTL), 0);
	ptimer_write(v, PTIMER_CTL, ~0ULL);
	assert_int_equal(ptimer_read(v, PTIMER_CTL), 7);
	assert_int_equal(fake_ack(), FAKE_NONE); /* masked */
	ptimer_write(v, PTIMER_CVAL, ~0ULL);
	assert_int_equal(ptimer_read(v, PTIMER_CTL), 3);
}

static void the_physical_timer_fires_loaded_or_not(void **state)
{
	unsigned int loaded;

	for (loaded = 0; loaded < 2; loaded++) {
		fake_load(vcpu(0));
		ptimer_write(vcpu(0), PTIMER_TVAL, 100);
		ptimer_write(vcpu(0), PTIMER_CTL, 1);
		if (!loaded)
			fake_load(vcpu(2));
		fake_advance(fake_now + 99);
		assert_false(vgic_pending(vcpu(0)));
		fake_advance(fake_now + 1);
		assert_true(vgic_pending(vcpu(0)));
		fake_load(vcpu(0));
		assert_int_equal(fake_ack(), PTIMER_PPI);
		/* Its line stays high until it is served. */
		fake_eoi(PTIMER_PPI);
		fake_settle();
		assert_int_equal(fake_ack(), PTIMER_PPI);
		ptimer_write(vcpu(0), PTIMER_CTL, 0);
		fake_eoi(PTIMER_PPI);
		fake_settle();
		assert_int_equal(fake_ack(), FAKE_NONE);
	}
}

static void reset_turns_both_off(void **state)
{
	arm(100);
	ptimer_write(vcpu(0), PTIMER_TVAL, 100);
	ptimer_write(vcpu(0), PTIMER_CTL, 1);
	vtimer_vcpu_reset(vcpu(0));
	fake_advance(5000);
	assert_false(vgic_pending(vcpu(0)));
	assert_int_equal(fake_if[0].cntv_ctl, 0);
	assert_int_equal(ptimer_read(vcpu(0), PTIMER_CTL), 0);
}

static void nothing_fires_after_destruction(void **state)
{
	arm(100);
	ptimer_write(vcpu(0), PTIMER_TVAL, 100);
	ptimer_write(vcpu(0), PTIMER_CTL, 1);
	fake_load(vcpu(2));
	vtimer_vcpu_destroy(vcpu(0));
	fake_advance(5000);
	assert_false(vgic_pending(vcpu(0)));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_virtual_count_begins_with_the_vm),
		CASE(the_timer_of_a_loaded_vcpu_fires_once),
		CASE(a_line_that_stays_high_fires_again),
		CASE(an_interrupt_whose_line_has_fallen_raises_nothing),
		CASE(a_vcpu_off_the_cpu_is_woken_in_time),
		CASE(masked_and_disabled_timers_wake_nobody),
		CASE(a_deadline_beyond_all_time_is_never_reached),
		CASE(timers_of_two_vcpus_of_a_cpu_keep_apart),
		CASE(physical_timer_registers),
		CASE(the_physical_timer_fires_loaded_or_not),
		CASE(reset_turns_both_off),
		CASE(nothing_fires_after_destruction),
	};

	int failed = cmocka_run_group_tests_name("hard", tests, NULL, NULL);

	soft = true;
	return failed + cmocka_run_group_tests_name("soft", tests, NULL, NULL);
}
