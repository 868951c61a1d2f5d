// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c
// link: arch/sim/testing/anytime.c arch/sim/tlb.c arch/sim/tlbi.c
/*
 * What another CPU does between two instructions: a change that is not atomic is
 * found out, and an atomic one is not, wherever in it the other comes (B3;
 * DDI 0487, D8.5.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/anytime.h"
#include "arch/sim/testing/by_hand.h"

#define ADDRESS 0x2000UL
#define INSTRUCTIONS 60

static u64 pa;

static void set_up_page(void)
{
	set_up(SIM_HAF | SIM_HDBS);
	pa = sim_phys(sim_pages_alloc(PAGE_SIZE));
	set(&h.pages[2], (pa | LEAF | PAGE | DBM | XN) & ~WRITE);
}

static void guest_writes(void)
{
	unsigned int cpu = sim_cpu_now();

	sim_be_cpu(1);
	sim_access(ADDRESS, SIM_WRITE);
	sim_be_cpu(cpu);
}

/* Some software bit is to change, and the dirty state is not. */
static void store_over(u64 *entry)
{
	u64 old = __atomic_load_n(entry, __ATOMIC_RELAXED);

	__atomic_store_n(entry, old | BIT64(55), __ATOMIC_RELAXED);
}

static void exchange(u64 *entry)
{
	u64 old = __atomic_load_n(entry, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n(entry, &old, old | BIT64(55), false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
}

static void harvest(void)
{
	u64 since = sim_harvest_start(), root = sim_phys(h.root);

	if (__atomic_fetch_and(&h.pages[2], ~WRITE, __ATOMIC_SEQ_CST) & WRITE) {
		sim_table_sync(&h.pages[2], 8);
		sim_harvest_report(root, ADDRESS, PAGE_SIZE);
		by_address(ADDRESS);
	}
	sim_harvest_end(root, 0, 1 << 20, since);
}

/* How often a write is lost, of writes after each number of instructions. */
static unsigned int lost(void (*change)(u64 *entry))
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < INSTRUCTIONS; i++) {
		set_up_page();
		anytime_start(0, i, guest_writes);
		change(&h.pages[2]);
		sim_table_sync(&h.pages[2], 8);
		if (!anytime_stop())
			guest_writes();
		harvest();
		sim_quiet();
		n += sim_broken(SIM_DIRTY_STATE) != 0;
		assert_int_equal(sim_broken_any(), 0);
		sim_exit();
	}
	return n;
}

static void a_load_and_a_store_lose_a_write(void **state)
{
#ifdef __x86_64__
	assert_true(lost(store_over));
#else
	skip();
#endif
}

static void an_exchange_loses_none(void **state)
{
	assert_false(lost(exchange));
}

static unsigned int calls;

static void count_call(void)
{
	calls++;
}

static void it_happens_after_so_many_calls(void **state)
{
	set_up_page();
	calls = 0;
	sim_after_calls(3, count_call);
	sim_dsb();
	sim_dsb();
	assert_int_equal(calls, 0);
	sim_dsb();
	assert_int_equal(calls, 1);
	sim_dsb();
	assert_int_equal(calls, 1);
	sim_exit();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_load_and_a_store_lose_a_write),
		T(an_exchange_loses_none),
		T(it_happens_after_so_many_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
