// SPDX-License-Identifier: BSD-2-Clause
// link: core/vcpu.c core/memcache.c core/hyp_alloc.c core/page_alloc.c
// link: core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_vcpu.c lib/log.c lib/printf.c
// flags: -pthread -fsanitize=thread
/*
 * vCPUs: running, waiting, requests that are never lost, and what vcpu_run()
 * returns. K2 (the memcache goes with the vCPU), K24.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct vm *vm;
static struct vcpu *vcpu;
static struct fake_thread thread;
static unsigned long rounds;

static int set_up(void **state)
{
	fake_cpus_init(2);
	fake_memory_init(4 * CHUNK_SIZE);
	vm = arch_vm_alloc();
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	fake_thread_init(&thread, 0);
	fake_be_thread(&thread);
	vcpu->thread = &thread.t;
	vcpu->powered = true;
	rounds = 0;
	return 0;
}

static int tear_down(void **state)
{
	vcpu_destroy(vcpu);
	assert_int_equal(vm->vcpu_count, 0);
	arch_vm_free(vm);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
	return 0;
}

static int exit_with(struct vcpu *v, enum exit_reason reason)
{
	v->exit.reason = reason;
	return 1;
}

/* ---- Exits ---------------------------------------------------------------------- */

static int do_mmio(struct vcpu *v)
{
	assert_true(v->in_guest);
	assert_ptr_equal(this_cpu()->loaded, v);
	v->exit.mmio.gpa = GPA(0x1234);
	v->exit.mmio.gva = GVA(0xffff1234);
	v->exit.mmio.access = (struct mmio_access){
		.size = 4, .write = rounds % 2, .value = 7,
	};
	rounds++;
	return exit_with(v, EXIT_MMIO);
}

static void mmio_is_completed_or_aborted(void **state)
{
	struct fake_vcpu *f = fake_vcpu(vcpu);

	fake_enter = do_mmio;
	vcpu_abort_mmio(vcpu); /* there is none */
	assert_int_equal(f->injections, 0);
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_MMIO);
	assert_int_equal(f->completions, 0);
	/* A read is completed with the caller's value, once. */
	vcpu->exit.mmio.access.value = 0xcafe;
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_MMIO);
	assert_int_equal(f->completions, 1);
	assert_int_equal(f->completed, 0xcafe);
	/* So is a write: the guest goes on behind the instruction. */
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_MMIO);
	assert_int_equal(f->completions, 2);
	vcpu_abort_mmio(vcpu);
	assert_int_equal(f->injections, 1);
	assert_int_equal(f->injected, GUEST_EXTERNAL_ABORT);
	assert_int_equal(f->injected_at.gpa.v, 0x1234);
	assert_int_equal(f->injected_at.gva.v, 0xffff1234);
	/* What was aborted is not completed. */
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_MMIO);
	assert_int_equal(f->completions, 2);
	assert_false(vcpu->in_guest);
	/* It stays loaded for the next round; here there is none. */
	assert_int_equal(f->loads, 1);
	assert_ptr_equal(this_cpu()->loaded, vcpu);
}

static int do_power_off(struct vcpu *v)
{
	v->exit.event = SYSTEM_EVENT_OFF;
	return exit_with(v, EXIT_SYSTEM_EVENT);
}

static void an_exit_for_good_leaves_the_state_in_memory(void **state)
{
	fake_enter = do_power_off;
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_SYSTEM_EVENT);
	assert_null(this_cpu()->loaded);
	assert_int_equal(fake_vcpu(vcpu)->puts, 1);
}

static void a_stopped_vm_is_not_entered(void **state)
{
	fake_enter = do_power_off;
	vm->stopping = true;
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_STOPPED);
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_STOPPED);
	assert_int_equal(fake_vcpu(vcpu)->enters, 0);
}

/* ---- Requests and other threads ---------------------------------------------------- */

static int do_request_then_stop(struct vcpu *v)
{
	/* Our own: we are not the guest, so nobody is kicked. */
	vcpu_request(v, ++rounds == 1 ? REQ_IRQ : REQ_STOP);
	assert_int_equal(fake_kicks[0], 0);
	return 0;
}

static void requests_are_taken_before_entering(void **state)
{
	fake_enter = do_request_then_stop;
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_STOPPED);
	assert_int_equal(fake_vcpu(vcpu)->irq_requests, 1);
	assert_int_equal(fake_vcpu(vcpu)->enters, 2);
	assert_int_equal(vcpu->requests, 0);
}

static struct vcpu *second;

static void run_second(void)
{
	/* Another thread of this CPU enters its own guest. */
	vcpu_unload(vcpu);
	arch_vcpu_load(second);
	this_cpu()->loaded = second;
}

static int do_need_resched(struct vcpu *v)
{
	assert_ptr_equal(this_cpu()->loaded, v);
	if (++rounds == 4)
		return do_power_off(v);
	this_cpu()->need_resched = true;
	return 0;
}

static void a_vcpu_is_loaded_again_after_another_ran(void **state)
{
	assert_int_equal(vcpu_create(vm, 1, &second), 0);
	fake_on_yield = run_second;
	fake_enter = do_need_resched;
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_SYSTEM_EVENT);
	assert_int_equal(fake_yields, 3);
	assert_int_equal(fake_vcpu(vcpu)->loads, 4);
	assert_int_equal(fake_vcpu(second)->puts, 3);
	vcpu_destroy(second);
}

static void a_vcpu_whose_state_another_cpu_has_is_not_freed(void **state)
{
	cpus[1].loaded = vcpu;
	assert_true(fake_panics(vcpu_destroy(vcpu)));
	cpus[1].loaded = NULL;
}

static void every_cause_has_a_name(void **state)
{
	for (unsigned int i = 0; i < CAUSES; i++)
		assert_true(exit_cause_name[i] && exit_cause_name[i][0]);
}

/* ---- Threads ----------------------------------------------------------------------- */

static unsigned long sent, waits_done;

static int do_wfi(struct vcpu *v)
{
	vcpu_wait(v);
	__atomic_fetch_add(&waits_done, 1, __ATOMIC_RELEASE);
	return 0;
}

static void *run_thread(void *arg)
{
	fake_be_thread(&thread);
	assert_int_equal(vcpu_run(vcpu)->reason, EXIT_STOPPED);
	return NULL;
}

/* Each request ends a wait that began before it or is about to. */
static void no_request_is_lost_on_the_way_to_sleep(void **state)
{
	pthread_t t;

	fake_enter = do_wfi;
	vcpu->powered = false;
	waits_done = 0;
	pthread_create(&t, NULL, run_thread, NULL);
	fake_be_cpu(1);
	__atomic_store_n(&vcpu->powered, true, __ATOMIC_SEQ_CST);
	vcpu_request(vcpu, REQ_IRQ);
	for (sent = 0; sent < 5000; sent++) {
		unsigned long before =
			__atomic_load_n(&waits_done, __ATOMIC_ACQUIRE);

		vcpu_request(vcpu, REQ_IRQ);
		/* It wakes: a lost request hangs here. */
		while (__atomic_load_n(&waits_done, __ATOMIC_ACQUIRE) ==
			       before &&
		       __atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST))
			cpu_relax();
	}
	vcpu_request(vcpu, REQ_STOP);
	pthread_join(t, NULL);
	assert_true(waits_done > 0);
	fake_be_thread(&thread);
}

static int do_spin(struct vcpu *v)
{
	/* A guest that computes: leaves when kicked, and not before. */
	unsigned long kicks = __atomic_load_n(&fake_kicks[0], __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&v->requests, __ATOMIC_SEQ_CST))
		return 0;
	while (__atomic_load_n(&fake_kicks[0], __ATOMIC_ACQUIRE) == kicks)
		cpu_relax();
	return 0;
}

static void a_request_kicks_a_vcpu_out_of_the_guest(void **state)
{
	pthread_t t;

	fake_enter = do_spin;
	pthread_create(&t, NULL, run_thread, NULL);
	fake_be_cpu(1);
	for (unsigned int i = 0; i < 5000; i++) {
		vcpu_request(vcpu, REQ_IRQ);
		while (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST))
			cpu_relax();
	}
	vcpu_request(vcpu, REQ_STOP);
	pthread_join(t, NULL);
	assert_true(fake_vcpu(vcpu)->irq_requests > 0);
	fake_be_thread(&thread);
}

static void an_interrupt_ends_a_wait_and_power_off_begins_one(void **state)
{
	pthread_t t;

	fake_enter = do_wfi;
	vcpu->powered = false;
	/* Pending, but the vCPU is off: it sleeps. */
	fake_vcpu(vcpu)->irq_pending = true;
	pthread_create(&t, NULL, run_thread, NULL);
	fake_be_cpu(1);
	for (unsigned int i = 0; i < 20; i++)
		vcpu_request(vcpu, REQ_IRQ);
	vcpu_request(vcpu, REQ_STOP);
	pthread_join(t, NULL);
	assert_int_equal(fake_vcpu(vcpu)->enters, 0);
	fake_be_thread(&thread);
	/* On, and pending: WFI does not sleep. */
	vcpu->powered = true;
	thread.blocks = 0;
	vcpu_wait(vcpu);
	assert_int_equal(thread.blocks, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(mmio_is_completed_or_aborted),
		CASE(an_exit_for_good_leaves_the_state_in_memory),
		CASE(a_stopped_vm_is_not_entered),
		CASE(requests_are_taken_before_entering),
		CASE(a_vcpu_is_loaded_again_after_another_ran),
		CASE(a_vcpu_whose_state_another_cpu_has_is_not_freed),
		CASE(every_cause_has_a_name),
		CASE(no_request_is_lost_on_the_way_to_sleep),
		CASE(a_request_kicks_a_vcpu_out_of_the_guest),
		CASE(an_interrupt_ends_a_wait_and_power_off_begins_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
