// SPDX-License-Identifier: BSD-2-Clause
// link: core/vmid.c core/testing/fake_memory.c core/page_alloc.c
// link: lib/log.c lib/printf.c
// flags: -pthread -fsanitize=thread
/*
 * K7, bugs.md 3 and 4: VMIDs in the order in which VMs run, more VMs than
 * VMIDs, no VM with two VMIDs, no two VMs with one, no VMID 0, every CPU
 * invalidates before it enters a guest of a new generation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/testing/fake_arch.h"
#include "core/vmid.h"
#include "lib/string.h"

static int tear_down(void **state)
{
	vmid_exit();
	return 0;
}

static u64 generation(const struct vmid *v)
{
	return v->id >> 16;
}

static void vmids_come_in_the_order_of_running(void **state)
{
	struct vmid v[255] = { 0 };
	bool flush;

	vmid_init(8, 1);
	for (unsigned int i = 0; i < 255; i++) {
		assert_int_equal(vmid_use(&v[i], 0, &flush), i + 1);
		/* Only what the loader left is invalidated. */
		assert_int_equal(flush, i == 0);
		assert_int_equal(vmid_value(&v[i]), i + 1);
	}
	for (unsigned int i = 0; i < 255; i++) {
		assert_int_equal(vmid_use(&v[i], 0, &flush), i + 1);
		assert_false(flush);
	}
}

static void sixteen_bits_give_65535(void **state)
{
	static struct vmid v[65536];
	bool flush;

	vmid_init(16, 2);
	for (unsigned int i = 0; i < 65535; i++)
		assert_int_equal(vmid_use(&v[i], 0, &flush), i + 1);
	assert_int_equal(generation(&v[0]), generation(&v[65534]));
	assert_int_not_equal(vmid_use(&v[65535], 1, &flush), 0);
	assert_true(flush);
	assert_int_equal(generation(&v[65535]), generation(&v[0]) + 1);
	/* CPU 0 keeps the one it entered last, and invalidates too. */
	assert_int_equal(vmid_use(&v[65534], 0, &flush), 65535);
	assert_true(flush);
}

static void a_new_generation_keeps_what_runs(void **state)
{
	struct vmid v[300] = { 0 };
	bool flush;

	vmid_init(8, 3);
	vmid_use(&v[0], 0, &flush); /* CPU 0 stays in VM 0's guest */
	vmid_use(&v[1], 1, &flush);
	for (unsigned int i = 2; i < 300; i++)
		vmid_use(&v[i], 2, &flush);
	assert_int_equal(generation(&v[299]), generation(&v[0]) + 1);
	/* Nobody of the new generation got VM 0's or VM 1's. */
	for (unsigned int i = 2; i < 300; i++)
		if (generation(&v[i]) == generation(&v[299]))
			assert_true(vmid_value(&v[i]) != 1 &&
				    vmid_value(&v[i]) != 2);
	/* VM 0 on another CPU: the same VMID, and the CPU invalidates once. */
	assert_int_equal(vmid_use(&v[0], 1, &flush), 1);
	assert_true(flush);
	assert_int_equal(vmid_use(&v[0], 1, &flush), 1);
	assert_false(flush);
	assert_int_equal(vmid_use(&v[0], 0, &flush), 1);
	assert_true(flush);
}

static void what_runs_is_kept_through_many_generations(void **state)
{
	static struct vmid v[2000];
	struct vmid here = { 0 };
	bool flush;

	vmid_init(8, 2);
	memset(v, 0, sizeof(v));
	vmid_use(&here, 0, &flush);
	for (unsigned int i = 0; i < 2000; i++)
		assert_int_not_equal(vmid_use(&v[i], 1, &flush), 1);
	assert_true(generation(&v[1999]) > 5);
	assert_int_equal(vmid_use(&here, 0, &flush), 1);
	assert_true(flush);
}

/*
 * CPUs 0 and 1 are in one VM's guest when the VMIDs run out. CPU 0 enters again
 * and goes to another VM; CPU 1 stays, while they run out once more.
 */
static void two_cpus_in_a_guest_keep_one_vmid(void **state)
{
	struct vmid v[600] = { 0 }, both = { 0 };
	bool flush;

	vmid_init(8, 3);
	assert_int_equal(vmid_use(&both, 0, &flush), 1);
	assert_int_equal(vmid_use(&both, 1, &flush), 1);
	for (unsigned int i = 0; i < 300; i++)
		vmid_use(&v[i], 2, &flush);
	assert_int_equal(vmid_use(&both, 0, &flush), 1);
	vmid_use(&v[0], 0, &flush);
	for (unsigned int i = 300; i < 600; i++)
		vmid_use(&v[i], 2, &flush);
	assert_int_equal(generation(&v[599]), generation(&both) + 1);
	assert_int_equal(vmid_use(&both, 2, &flush), 1);
}

static void the_last_of_64_cpus_finds_a_vmid(void **state)
{
	static struct vmid v[64 + 300];
	bool flush;

	vmid_init(8, 64);
	for (unsigned int i = 0; i < 64; i++)
		vmid_use(&v[i], i, &flush);
	for (unsigned int i = 64; i < ARRAY_SIZE(v); i++)
		assert_int_not_equal(vmid_use(&v[i], i % 64, &flush), 0);
}

/* ---- Threads ------------------------------------------------------------------- */

/*
 * Each thread is a CPU. It "enters" VMs at random and records what it runs
 * with, then looks at the other CPUs. vmid_use() can be overtaken by a new
 * generation before the record is made, so two records that stay the same over
 * a whole look, and are of one VM, must have one VMID; of two VMs, two.
 */
#define CPUS 4
#define VMS 600
#define ROUNDS 20000

struct running {
	u64 stamp; /* odd: being changed */
	u64 what;  /* VM << 16 | VMID */
};

static struct vmid vms[VMS];
static struct running running[CPUS];
static unsigned long failures, looks;

static void enter(unsigned int cpu, unsigned int vm)
{
	struct running *me = &running[cpu];
	bool flush;

	__atomic_fetch_add(&me->stamp, 1, __ATOMIC_SEQ_CST);
	u16 vmid = vmid_use(&vms[vm], cpu, &flush);

	if (!vmid)
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&me->what, (u64)vm << 16 | vmid, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&me->stamp, 1, __ATOMIC_SEQ_CST);
}

static void look(unsigned int cpu)
{
	u64 mine = running[cpu].what;

	for (unsigned int other = 0; other < CPUS; other++) {
		struct running *r = &running[other];
		u64 stamp = __atomic_load_n(&r->stamp, __ATOMIC_SEQ_CST);
		u64 what = __atomic_load_n(&r->what, __ATOMIC_SEQ_CST);
		bool same_vm = what >> 16 == mine >> 16;
		bool same_vmid = (what & 0xffff) == (mine & 0xffff);

		if (other == cpu || !what || stamp % 2 ||
		    __atomic_load_n(&r->stamp, __ATOMIC_SEQ_CST) != stamp)
			continue;
		__atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED);
		if (same_vm != same_vmid)
			__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	}
}

static void *run_cpu(void *arg)
{
	unsigned int cpu = (uintptr_t)arg, seed = cpu + 1;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int vm = rand_r(&seed) % VMS;

		/* Often one that others run as well. */
		enter(cpu, rand_r(&seed) % 4 ? vm : vm % 3);
		look(cpu);
	}
	return NULL;
}

static void a_vm_on_many_cpus_has_one_vmid(void **state)
{
	pthread_t thread[CPUS];

	vmid_init(8, CPUS);
	for (uintptr_t i = 0; i < CPUS; i++)
		pthread_create(&thread[i], NULL, run_cpu, (void *)i);
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(failures, 0);
	assert_true(looks > 0);
	assert_true(generation(&vms[0]) > 10);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_teardown(f, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(vmids_come_in_the_order_of_running),
		CASE(sixteen_bits_give_65535),
		CASE(a_new_generation_keeps_what_runs),
		CASE(what_runs_is_kept_through_many_generations),
		CASE(two_cpus_in_a_guest_keep_one_vmid),
		CASE(the_last_of_64_cpus_finds_a_vmid),
		CASE(a_vm_on_many_cpus_has_one_vmid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
