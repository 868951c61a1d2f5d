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
 * A VM that runs out of tables, or of pages, after the first, after the second,
 * and so on until it needs no more: each time its vCPU's run ends with -ENOMEM and
 * nothing else is wrong; with memory back it goes on where it was (B6, K2;
 * bugs.md 19, 28).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/machine.h"
#include "core/backing.h"
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"

#define PAGES 1536UL
#define BASE 0x40000UL
#define STEPS 12
#define MOST 400

static struct {
	struct vm *vm;
	struct vcpu *vcpu;
	struct fake_thread thread;
	struct sim_step steps[STEPS];
	unsigned int failures;
} m;

static void set_up(u32 features)
{
	struct sim_machine_config config = {
		.sim = { .cpus = 2, .ram = 32 << 20, .features = features,
			 .serial = true },
	};
	struct vm_config vm_config = { .name = "guest" };
	struct backing *ram;

	sim_machine_init(&config);
	assert_int_equal(vm_create(&vm_config, &m.vm), 0);
	assert_int_equal(vcpu_create(m.vm, 0, &m.vcpu), 0);
	fake_thread_init(&m.thread, 1);
	m.vcpu->thread = &m.thread.t;
	m.vcpu->powered = true;
	ram = backing_ram_create(PAGES, &m.vm->page_budget);
	assert_int_equal(memslot_add(m.vm, GFN(BASE), PAGES, ram, 0, 0), 0);
	backing_put_ref(ram);
	m.failures = 0;
}

static void tear_down(void)
{
	sim_quiet();
	fake_be_thread(&m.thread);
	vcpu_unload(m.vcpu);
	fake_be_cpu(0);
	vm_destroy(m.vm);
	assert_int_equal(sim_broken_any(), 0);
	assert_int_equal(sim_machine_pages_used(), 0);
	sim_machine_exit();
}

static void set_limits(struct page_budget *b, u64 n)
{
	b->limit = n ? b->used + n : 0;
}

/* Until it ends; whenever memory is out, it is given all. */
static void run(struct page_budget *b)
{
	const struct vcpu_exit *e;

	fake_be_thread(&m.thread);
	sim_vcpu_script(m.vcpu, m.steps, STEPS);
	for (;;) {
		e = vcpu_run(m.vcpu);
		if (e->reason == EXIT_SYSTEM_EVENT)
			break;
		assert_int_equal(e->reason, EXIT_ERROR);
		assert_int_equal(e->error.code, -ENOMEM);
		assert_true(b->limit);
		b->limit = 0;
		m.failures++;
	}
	fake_be_cpu(0);
}

/* Writes far apart, and what was written read again. */
static void write_and_read(struct page_budget *b)
{
	for (unsigned int i = 0; i < STEPS; i++)
		m.steps[i] = (struct sim_step){
			.op = i < STEPS / 2 ? SIM_OP_WRITE : SIM_OP_READ,
			.gpa = (BASE + i % (STEPS / 2) * 251) << PAGE_SHIFT,
			.value = i < STEPS / 2 ? 100 + i : 0,
		};
	run(b);
	for (unsigned int i = 0; i < STEPS; i++) {
		assert_false(m.steps[i].aborted);
		assert_int_equal(m.steps[i].value, 100 + i % (STEPS / 2));
	}
}

/* Logging splits blocks; taking back cuts them; it faults in again. */
static void whole_life(struct page_budget *b, u64 n)
{
	u64 bitmap[PAGES / 64];
	int err;

	set_limits(b, n);
	write_and_read(b);
	set_limits(b, n);
	err = memslot_set_flags(m.vm, GFN(BASE), MEMSLOT_LOG_DIRTY);
	if (err) {
		assert_int_equal(err, -ENOMEM);
		m.failures++;
		b->limit = 0;
		assert_int_equal(memslot_set_flags(m.vm, GFN(BASE),
						   MEMSLOT_LOG_DIRTY),
				 0);
	}
	write_and_read(b);
	assert_true(dirty_log_take(m.vm, GFN(BASE), 0, PAGES, bitmap) >=
		    STEPS / 2);
	set_limits(b, n);
	assert_int_equal(memslot_set_flags(m.vm, GFN(BASE), 0), 0);
	notifier_unmap(m.vm, GFN(BASE + 3), 200);
	notifier_age(m.vm, GFN(BASE), PAGES);
	write_and_read(b);
	b->limit = 0;
}

static void at_every_point(struct page_budget *(*of)(struct vm *vm))
{
	static const u32 features[] = { 0, SIM_HAF | SIM_HDBS };

	for (unsigned int f = 0; f < ARRAY_SIZE(features); f++) {
		for (u64 n = 1; n < MOST; n++) {
			unsigned int failures;

			set_up(features[f]);
			whole_life(of(m.vm), n);
			failures = m.failures;
			tear_down();
			if (n == 1)
				assert_true(failures);
			if (!failures)
				break;
			assert_true(n < MOST - 1);
		}
	}
}

static struct page_budget *tables(struct vm *vm)
{
	return &vm->table_budget;
}

static struct page_budget *pages(struct vm *vm)
{
	return &vm->page_budget;
}

static void tables_run_out_at_every_point(void **state)
{
	at_every_point(tables);
}

static void pages_run_out_at_every_point(void **state)
{
	at_every_point(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_run_out_at_every_point),
		cmocka_unit_test(pages_run_out_at_every_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
