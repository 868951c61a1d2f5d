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
 * Bugs that others shipped, put back into the port that is under core/: each is
 * found, under the right name, while core/ does what it always does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/machine.h"
#include "core/backing.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "core/vmid.h"
#include "lib/errno.h"

#define RAM (32UL << 20)
#define PAGES 1200UL
#define BASE 0x40000UL
#define GUEST (BASE << PAGE_SHIFT)
#define VCPUS 2

static struct {
	struct vm *vm;
	struct vcpu *vcpu[VCPUS];
	struct fake_thread thread[VCPUS];
} m;

static void give(unsigned int i, unsigned int cpu)
{
	fake_thread_init(&m.thread[i], cpu);
	m.vcpu[i]->thread = &m.thread[i].t;
	m.vcpu[i]->powered = true;
}

/* Two vCPUs, each on a CPU of its own; CPU 0 is ours. */
static void set_up(u32 features)
{
	struct sim_machine_config config = {
		.sim = { .cpus = 3, .ram = RAM, .features = features,
			 .seed = 1, .quiet = true, .serial = true },
		.modules = CHUNK_SIZE,
	};
	struct vm_config vm_config = { .name = "guest" };
	struct backing *ram;

	sim_machine_init(&config);
	assert_int_equal(vm_create(&vm_config, &m.vm), 0);
	for (unsigned int i = 0; i < VCPUS; i++) {
		assert_int_equal(vcpu_create(m.vm, i, &m.vcpu[i]), 0);
		give(i, 1 + i);
	}
	ram = backing_ram_create(PAGES, &m.vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, 0,
					       HPA(sim_machine_modules()),
					       40 * PAGE_SIZE),
			 0);
	assert_int_equal(memslot_add(m.vm, GFN(BASE), PAGES, ram, 0, 0), 0);
	backing_put_ref(ram);
}

static void touch(unsigned int vcpu, enum sim_op op, u64 page)
{
	struct sim_step step = { .op = op, .gpa = GUEST + page * PAGE_SIZE };

	fake_be_thread(&m.thread[vcpu]);
	sim_vcpu_script(m.vcpu[vcpu], &step, 1);
	assert_int_equal(vcpu_run(m.vcpu[vcpu])->reason, EXIT_SYSTEM_EVENT);
	fake_be_cpu(0);
	sim_be_cpu(0);
}

static void tear_down(void)
{
	vm_destroy(m.vm);
	sim_machine_exit();
}

/* This one, and what follows from it at the most: `also`. */
static void found(enum sim_rule rule, enum sim_rule also)
{
	for (int n = 0; n < SIM_RULES; n++) {
		unsigned long times = sim_broken(n);

		if (n == (int)also && rule != also)
			continue;
		if ((times != 0) != (n == (int)rule))
			fail_msg("%s was broken %lu times", sim_rule_name[n],
				 times);
	}
}

static void nothing_is_found_where_nothing_is_wrong(void **state)
{
	set_up(0);
	for (u64 page = 0; page < PAGES; page += 97)
		touch(page % 2, page % 3, page);
	notifier_unmap(m.vm, GFN(BASE), PAGES);
	touch(0, SIM_OP_WRITE, 3);
	sim_quiet();
	assert_int_equal(sim_broken_any(), 0);
	tear_down();
	assert_int_equal(sim_broken_any(), 0);
}

static struct sim_env *env(void)
{
	return &sim_vm(m.vm)->env;
}

static void unmap_a_page(void)
{
	touch(0, SIM_OP_READ, 1000);
	notifier_unmap(m.vm, GFN(BASE + 1000), 1);
	sim_op_end();
}

/* bugs.md 28 (Xen 1ec2fa626f) */
static void an_invalidation_is_skipped(void **state)
{
	set_up(0);
	env()->skip_flush = true;
	unmap_a_page();
	assert_true(sim_broken(SIM_STALE_ENTRY));
	/* The tables went, too. */
	env()->skip_flush = false;
	tear_down();
}

/* bugs.md 26 */
static void stage_1_is_forgotten(void **state)
{
	set_up(0);
	touch(0, SIM_OP_READ, 0); /* so that the table stays */
	touch(0, SIM_OP_READ, 20);
	env()->skip_stage1 = true;
	notifier_unmap(m.vm, GFN(BASE), 1);
	sim_op_end();
	found(SIM_STALE_ENTRY, SIM_STALE_ENTRY);
	tear_down();
}

/* bugs.md 25 (Hafnium 1e1e35b4) */
static void invalidations_are_not_broadcast(void **state)
{
	set_up(0);
	env()->skip_broadcast = true;
	unmap_a_page();
	assert_true(sim_broken(SIM_STALE_ENTRY));
	tear_down();
}

static void another_vmid_is_invalidated(void **state)
{
	set_up(0);
	env()->wrong_vmid = true;
	unmap_a_page();
	assert_true(sim_broken(SIM_STALE_ENTRY));
	tear_down();
}

/* bugs.md 24: one address for all that was unmapped. */
static void a_range_is_invalidated_by_one_address(void **state)
{
	set_up(0);
	touch(0, SIM_OP_READ, 0);
	touch(0, SIM_OP_READ, 16);
	env()->ignore_range = true;
	notifier_unmap(m.vm, GFN(BASE), 32);
	sim_op_end();
	assert_true(sim_broken(SIM_STALE_ENTRY));
	tear_down();
}

/* bugs.md 17 */
static void a_level_hint_is_one_too_high(void **state)
{
	set_up(SIM_TTL);
	touch(0, SIM_OP_READ, 0);
	env()->false_hint = -1;
	notifier_unmap(m.vm, GFN(BASE), 1);
	sim_op_end();
	assert_true(sim_broken(SIM_LEVEL_HINT));
	found(SIM_STALE_ENTRY, SIM_STALE_ENTRY);
	tear_down();
}

/* K10 */
static void tables_are_not_cleaned(void **state)
{
	set_up(SIM_NO_SNOOP);
	touch(0, SIM_OP_READ, 0);
	env()->skip_sync = true;
	notifier_age(m.vm, GFN(BASE), 1);
	sim_quiet();
	assert_true(sim_broken(SIM_TABLE_SYNC));
	env()->skip_sync = false;
	tear_down();
}

/* bugs.md 1: what is there is not invalidated before it is another. */
static void a_page_is_copied_and_the_old_not_invalidated(void **state)
{
	struct memcache none = { 0 };

	set_up(0);
	touch(0, SIM_OP_READ, 0);
	touch(0, SIM_OP_READ, 20);
	env()->skip_flush = true;
	pgtable_map(&m.vm->s2, IA(GUEST), PAGE_SIZE, HPA(0x10000000), PGT_R,
		    &none, NULL);
	assert_true(sim_broken(SIM_BREAK_BEFORE_MAKE));
	env()->skip_flush = false;
	tear_down();
}

/* bugs.md 5, 16, 29: tables go while walk caches have them. */
static void tables_are_freed_without_invalidation(void **state)
{
	set_up(0);
	touch(0, SIM_OP_READ, 1000);
	env()->skip_flush = true;
	notifier_unmap(m.vm, GFN(BASE), PAGES);
	assert_true(sim_broken(SIM_TABLE_FREED));
	tear_down();
}

/* bugs.md 4 */
static void a_guest_is_entered_with_vmid_0(void **state)
{
	set_up(0);
	sim_machine_faults.vmid_zero = true;
	touch(0, SIM_OP_READ, 0);
	assert_true(sim_broken(SIM_VMID_ZERO));
	tear_down();
}

/* bugs.md 2; K8: two vCPUs of a VM on one CPU. */
static void vcpus_share_a_cpu(void **state)
{
	set_up(0);
	sim_machine_faults.no_vcpu_flush = true;
	give(1, 1);
	touch(0, SIM_OP_READ, 0);
	touch(1, SIM_OP_READ, 0);
	found(SIM_VCPU_SHARED, SIM_VCPU_SHARED);
	sim_machine_faults.no_vcpu_flush = false;
	touch(0, SIM_OP_READ, 0);
	found(SIM_RULES, SIM_RULES);
	tear_down();
}

/* bugs.md 28 (Xen 80ede1ac29): a VMID given out anew, and the CPU told to
 * invalidate, but it does not. */
static void a_new_generation_is_not_invalidated(void **state)
{
	struct vm_config config = { .name = "other" };
	struct vm *other;
	struct vcpu *vcpu;
	u16 first;

	set_up(0);
	touch(0, SIM_OP_READ, 0);
	first = vmid_value(&m.vm->vmid);
	vmid_exit();
	vmid_init(8, 3);
	assert_int_equal(vm_create(&config, &other), 0);
	assert_int_equal(vcpu_create(other, 0, &vcpu), 0);
	sim_machine_faults.no_rollover_flush = true;
	fake_be_thread(&m.thread[0]);
	vcpu->thread = &m.thread[0].t;
	vcpu->powered = true;
	sim_vcpu_script(vcpu, NULL, 0);
	vcpu_run(vcpu);
	assert_int_equal(vmid_value(&other->vmid), first);
	found(SIM_VMID_SHARED, SIM_VMID_SHARED);
	fake_be_cpu(0);
	vm_destroy(other);
	tear_down();
}

/* bugs.md 3: the VM's VMID changes while another CPU runs it. */
static void one_vm_gets_two_vmids(void **state)
{
	u64 root;

	set_up(0);
	touch(0, SIM_OP_READ, 0);
	root = m.vm->s2.root_pa.v;
	sim_be_cpu(2);
	sim_write_vttbr(sim_vtcr_of(&m.vm->s2),
			sim_make_vttbr(root, vmid_value(&m.vm->vmid)));
	sim_enter(m.vm, root, 1);
	m.vm->vmid.id = 0;
	touch(0, SIM_OP_READ, 0);
	found(SIM_VMID_TWO, SIM_VMID_TWO);
	sim_be_cpu(2);
	sim_leave();
	sim_be_cpu(0);
	tear_down();
}

/* bugs.md 26: VTTBR restored without its base address, then entered. */
static void the_base_address_is_forgotten(void **state)
{
	set_up(0);
	touch(0, SIM_OP_READ, 0);
	env()->forget_base = true;
	sim_be_cpu(1);
	fake_be_cpu(1);
	notifier_age(m.vm, GFN(BASE), 1);
	sim_enter(m.vm, m.vm->s2.root_pa.v, 0);
	assert_true(sim_broken(SIM_WRONG_ROOT));
	sim_leave();
	sim_be_cpu(0);
	fake_be_cpu(0);
	tear_down();
}

/* bugs.md 12, 13; K10 */
static void pages_are_not_published(void **state)
{
	set_up(0);
	sim_machine_faults.no_publish = true;
	touch(0, SIM_OP_READ, 1000);
	assert_true(sim_broken(SIM_NOT_CLEANED));
	assert_true(sim_broken(SIM_ICACHE_STALE));
	tear_down();
}

static void pages_are_not_published_with_fwb(void **state)
{
	set_up(SIM_FWB);
	sim_machine_faults.no_publish = true;
	touch(0, SIM_OP_READ, 1000);
	found(SIM_ICACHE_STALE, SIM_ICACHE_STALE);
	tear_down();
}

/* A backing that takes its page back and tells nobody (bugs.md 22). */
static void a_page_is_discarded_and_still_mapped(void **state)
{
	struct backing *b;

	set_up(0);
	touch(0, SIM_OP_WRITE, 1000);
	b = m.vm->slots[0].backing;
	b->ops->discard(b, 0, PAGES);
	for (u64 page = 0; page < PAGES && !sim_broken(SIM_PAGE_REUSED);
	     page += 16) {
		if (page == 1000 - 1000 % 16)
			continue;
		touch(1, SIM_OP_WRITE, page);
		assert_true(page < PAGES - 16);
	}
	tear_down();
}

/* bugs.md 11: what a fault finds as it should be is faulted on for ever. */
static void a_fault_that_changes_nothing(void **state)
{
	set_up(0);
	touch(0, SIM_OP_READ, 1000);
	env()->skip_flush = true;
	/* The TLB keeps that nothing may be written. */
	pgtable_protect(&m.vm->s2, IA(GUEST + 1000 * PAGE_SIZE), PAGE_SIZE,
			PGT_W, 0, &m.vcpu[0]->memcache);
	sim_be_cpu(1);
	for (int i = 0; i < 40; i++) {
		fake_be_thread(&m.thread[0]);
		touch(0, SIM_OP_READ, 1000);
	}
	pgtable_protect(&m.vm->s2, IA(GUEST + 1000 * PAGE_SIZE), PAGE_SIZE,
			0, PGT_W, &m.vcpu[0]->memcache);
	for (int i = 0; i < 40; i++)
		touch(0, SIM_OP_WRITE, 1000);
	assert_true(sim_broken(SIM_STALE_ENTRY));
	assert_true(sim_broken(SIM_STALE_USE));
	tear_down();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_found_where_nothing_is_wrong),
		T(an_invalidation_is_skipped),
		T(stage_1_is_forgotten),
		T(invalidations_are_not_broadcast),
		T(another_vmid_is_invalidated),
		T(a_range_is_invalidated_by_one_address),
		T(a_level_hint_is_one_too_high),
		T(tables_are_not_cleaned),
		T(a_page_is_copied_and_the_old_not_invalidated),
		T(tables_are_freed_without_invalidation),
		T(a_guest_is_entered_with_vmid_0),
		T(vcpus_share_a_cpu),
		T(a_new_generation_is_not_invalidated),
		T(one_vm_gets_two_vmids),
		T(the_base_address_is_forgotten),
		T(pages_are_not_published),
		T(pages_are_not_published_with_fwb),
		T(a_page_is_discarded_and_still_mapped),
		T(a_fault_that_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
