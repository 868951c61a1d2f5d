// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/machine.c
// link: arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c arch/sim/page.c
// link: arch/sim/regime.c arch/sim/sim.c arch/sim/stage2.c arch/sim/stale.c
// link: arch/sim/tables.c arch/sim/tlb.c arch/sim/tlbi.c arch/sim/vcpu.c
// link: core/backing.c core/backing_ram.c core/backing_static.c
// link: core/dirty_log.c core/fault.c core/hyp_alloc.c core/memcache.c
// link: core/memslot.c core/mmio.c core/notifier.c core/page_alloc.c
// link: core/rwlock.c core/stage2_tables.c core/testing/fake_sched.c
// link: core/vcpu.c core/vm.c core/vmid.c lib/log.c lib/printf.c
// link: pgtable/build.c pgtable/collapse.c pgtable/dirty.c pgtable/flush.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/split.c pgtable/step.c
// link: pgtable/unmap.c
// flags: -pthread
/*
 * A backing that more than one slot shows, when one VM's memory is reset: no
 * other slot may go on mapping pages that were thrown away (K4, K6, K10).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/machine.h"
#include "core/backing.h"
#include "core/testing/fake_arch.h"

#define PAGES 512UL
#define BASE 0x40000UL
#define OTHER_BASE 0x80000UL

struct guest {
	struct vm *vm;
	struct vcpu *vcpu;
	struct fake_thread thread;
};

static struct guest first, second;
static struct backing *shared;

static void create(struct guest *g, unsigned int cpu)
{
	struct vm_config config = { .name = "guest" };

	assert_int_equal(vm_create(&config, &g->vm), 0);
	assert_int_equal(vcpu_create(g->vm, 0, &g->vcpu), 0);
	fake_thread_init(&g->thread, cpu);
	g->vcpu->thread = &g->thread.t;
	g->vcpu->powered = true;
	assert_int_equal(memslot_add(g->vm, GFN(BASE), PAGES, shared, 0, 0), 0);
}

static void set_up(void)
{
	struct sim_machine_config config = {
		.sim = { .cpus = 3, .ram = 32 << 20, .serial = true },
	};

	sim_machine_init(&config);
	shared = backing_ram_create(PAGES, NULL);
	create(&first, 1);
	create(&second, 2);
}

static u64 step(struct guest *g, enum sim_op op, u64 gfn, u64 value)
{
	struct sim_step s = { .op = op, .gpa = gfn << PAGE_SHIFT,
			      .value = value };

	fake_be_thread(&g->thread);
	sim_vcpu_script(g->vcpu, &s, 1);
	assert_int_equal(vcpu_run(g->vcpu)->reason, EXIT_SYSTEM_EVENT);
	fake_be_cpu(0);
	return s.value;
}

static void tear_down(void)
{
	unsigned long broken = sim_broken_any();

	vm_destroy(first.vm);
	vm_destroy(second.vm);
	backing_put_ref(shared);
	assert_int_equal(sim_machine_pages_used(), 0);
	sim_machine_exit();
	assert_int_equal(broken, 0);
}

static void what_one_vm_writes_another_reads(void **state)
{
	set_up();
	step(&first, SIM_OP_WRITE, BASE, 5);
	assert_int_equal(step(&second, SIM_OP_READ, BASE, 0), 5);
	step(&second, SIM_OP_WRITE, BASE, 6);
	assert_int_equal(step(&first, SIM_OP_READ, BASE, 0), 6);
	tear_down();
}

static void a_vm_with_two_slots_on_a_backing_is_reset(void **state)
{
	set_up();
	assert_int_equal(memslot_add(first.vm, GFN(OTHER_BASE), PAGES, shared,
				     0, 0),
			 0);
	step(&first, SIM_OP_WRITE, OTHER_BASE, 5);
	/* Its first slot is unmapped, and its pages discarded, while the second
	 * is mapped; then the second's turn comes. */
	vm_reset_memory(first.vm);
	assert_int_equal(step(&first, SIM_OP_READ, BASE, 0), 0);
	assert_int_equal(step(&first, SIM_OP_READ, OTHER_BASE, 0), 0);
	tear_down();
}

static void one_vm_is_reset_and_another_reads(void **state)
{
	set_up();
	step(&second, SIM_OP_WRITE, BASE, 5);
	vm_reset_memory(first.vm);
	/* The page is free; who gets it next? */
	assert_int_equal(step(&first, SIM_OP_READ, BASE, 0), 0);
	assert_int_equal(step(&second, SIM_OP_READ, BASE, 0), 0);
	tear_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_vm_writes_another_reads),
		cmocka_unit_test(a_vm_with_two_slots_on_a_backing_is_reset),
		cmocka_unit_test(one_vm_is_reset_and_another_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
