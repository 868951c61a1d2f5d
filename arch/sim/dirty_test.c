// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c
/*
 * Dirty state, access flags, sizes that change live, and caches that guests
 * turn off: what the MMU does on its own account, and which of it is a mistake
 * of the hypervisor's (B3, K10; DDI 0487, D8.5, D8.16.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/by_hand.h"

#define HARDWARE (SIM_HAF | SIM_HDBS)
/* A page, in RAM, that was never written; and without the hardware's help. */
#define CLEAN ((pa | LEAF | PAGE | DBM | XN) & ~WRITE)
#define WRITABLE (pa | LEAF | PAGE | XN)
#define ADDRESS 0x2000UL

static u64 pa;

static void set_up_page(u32 features)
{
	set_up(features);
	pa = sim_phys(sim_pages_alloc(PAGE_SIZE));
	set(&h.pages[2], features & SIM_HDBS ? CLEAN : WRITABLE);
}

static struct sim_result guest(enum sim_access access, u64 ipa)
{
	struct sim_result r;

	sim_be_cpu(1);
	r = sim_access(ipa, access);
	sim_be_cpu(0);
	return r;
}

static void write_page(void)
{
	assert_int_equal(guest(SIM_WRITE, ADDRESS).fault, SIM_NO_FAULT);
}

static bool is_dirty(void)
{
	return __atomic_load_n(&h.pages[2], __ATOMIC_RELAXED) & WRITE;
}

/* As it ought to be: the marks taken one by one, then the invalidation. */
static void harvest(bool invalidate, bool report)
{
	u64 since = sim_harvest_start(), root = sim_phys(h.root);
	bool dirty = is_dirty();

	if (dirty) {
		__atomic_fetch_and(&h.pages[2], ~WRITE, __ATOMIC_SEQ_CST);
		sim_table_sync(&h.pages[2], 8);
		if (report)
			sim_harvest_report(root, ADDRESS, PAGE_SIZE);
		if (invalidate)
			by_address(ADDRESS);
	}
	sim_harvest_end(root, 0, 1 << 20, since);
	sim_op_end();
}

/* ---- Dirty state -------------------------------------------------------------- */

static void a_write_is_reported_once(void **state)
{
	set_up_page(HARDWARE);
	write_page();
	assert_true(is_dirty());
	harvest(true, true);
	assert_false(is_dirty());
	harvest(true, true);
	write_page();
	assert_true(is_dirty());
	harvest(true, true);
	none();
}

static void a_harvest_keeps_silent(void **state)
{
	set_up_page(HARDWARE);
	write_page();
	harvest(true, false);
	only(SIM_DIRTY_STATE);
}

/* The mark is cleared by a plain store of what was read before the write. */
static void a_mark_is_stored_over(void **state)
{
	u64 read;

	set_up_page(HARDWARE);
	read = h.pages[2];
	write_page();
	set(&h.pages[2], read | BIT64(55));
	by_address(ADDRESS);
	harvest(true, true);
	only(SIM_DIRTY_STATE);
}

/* Entries that are dirty in a TLB make no mark any more. */
static void a_harvest_does_not_invalidate(void **state)
{
	set_up_page(HARDWARE);
	for (int i = 0; i < 20; i++)
		write_page();
	harvest(false, true);
	assert_true(sim_broken(SIM_DIRTY_STATE));
	for (int i = 0; i < 100 && !is_dirty(); i++) {
		write_page();
		harvest(false, true);
		if (sim_broken(SIM_DIRTY_STATE))
			break;
		assert_true(i < 99);
	}
	assert_false(is_dirty());
	whole();
	sim_broken_any();
	none();
}

/* Without the feature: what is writable is dirty, and a harvest protects it. */
static void by_write_protection(void **state)
{
	u64 since;

	set_up_page(0);
	write_page();
	harvest(true, true);
	assert_int_equal(guest(SIM_WRITE, ADDRESS).fault, SIM_PERMISSION_FAULT);
	set(&h.pages[2], WRITABLE);
	by_address(ADDRESS);
	write_page();
	since = sim_harvest_start();
	sim_harvest_end(sim_phys(h.root), ADDRESS, PAGE_SIZE, since);
	only(SIM_DIRTY_STATE);
}

static void what_is_unmapped_nobody_asks_for(void **state)
{
	set_up_page(HARDWARE);
	write_page();
	set(&h.pages[2], 0);
	by_address(ADDRESS);
	harvest(true, true);
	none();
}

static void reading_makes_nothing_dirty(void **state)
{
	set_up_page(HARDWARE);
	for (int i = 0; i < 200; i++)
		guest(i % 2 ? SIM_EXEC : SIM_READ, ADDRESS);
	assert_false(is_dirty());
	none();
}

/* ---- The access flag ------------------------------------------------------------ */

/* D8.5.1: the MMU may set it for an access that never comes. */
static void an_access_foreseen_makes_young(void **state)
{
	int i;

	set_up_page(HARDWARE);
	set(&h.pages[2], CLEAN & ~AF);
	by_address(ADDRESS);
	for (i = 0; i < 10000; i++) {
		guest(SIM_READ, 0x1000);
		if (__atomic_load_n(&h.pages[2], __ATOMIC_RELAXED) & AF)
			break;
	}
	assert_true(i < 10000);
	assert_false(is_dirty());
	sim_quiet();
	only(SIM_RULES);
}

static void without_the_feature_it_does_not(void **state)
{
	set_up_page(0);
	set(&h.pages[2], WRITABLE & ~AF);
	by_address(ADDRESS);
	for (int i = 0; i < 2000; i++)
		guest(SIM_READ, 0x1000);
	assert_false(h.pages[2] & AF);
	none();
}

/* ---- Sizes that change live ------------------------------------------------------- */

/* From the block at root[1] to pages, with TLBs that have it. */
static unsigned int conflicts(u32 features, bool invalidate)
{
	unsigned int n = 0;
	u64 *t;

	set_up(features);
	t = new_table();
	for (u64 i = 0; i < 512; i++)
		t[i] = (FAR + BLOCK_SIZE + i * 0x1000) | LEAF | PAGE;
	sim_table_sync(t, PAGE_SIZE);
	for (int i = 0; i < 50; i++)
		guest(SIM_READ, BLOCK_SIZE);
	set(&h.root[1], sim_phys(t) | TABLE);
	if (invalidate)
		whole();
	for (int i = 0; i < 400; i++) {
		struct sim_result r = guest(SIM_READ, BLOCK_SIZE + 8);

		if (r.fault == SIM_TLB_CONFLICT)
			n++;
		else
			assert_true(r.pa == FAR + BLOCK_SIZE + 8);
	}
	return n;
}

static void either_size_or_a_conflict_until_the_invalidation(void **state)
{
	assert_true(conflicts(SIM_BBM2, false));
	whole();
	none();
}

static void no_conflict_after_the_invalidation(void **state)
{
	assert_false(conflicts(SIM_BBM2, true));
	none();
}

static void with_bbm_level_2_it_must_be_invalidated_still(void **state)
{
	conflicts(SIM_BBM2, false);
	sim_op_end();
	assert_true(sim_broken(SIM_STALE_ENTRY));
	sim_broken_any();
	whole();
	none();
}

/* Only the size may change: not what it maps to. */
static void bbm_level_2_moves_nothing(void **state)
{
	u64 *t;

	set_up(SIM_BBM2);
	t = new_table();
	for (u64 i = 0; i < 512; i++)
		set(&t[i], (FAR + 2 * BLOCK_SIZE + i * 0x1000) | LEAF | PAGE);
	set(&h.root[1], sim_phys(t) | TABLE);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

/* ---- A guest that turns its caches off ---------------------------------------------- */

static void write_and_turn_caches_off(u32 features, bool clean)
{
	set_up_page(features);
	write_page();
	if (clean)
		sim_page_clean(pa, PAGE_SIZE);
	sim_be_cpu(1);
	sim_guest_caches(false);
	sim_be_cpu(0);
	guest(SIM_READ, ADDRESS);
}

static void it_does_not_see_what_it_wrote(void **state)
{
	write_and_turn_caches_off(0, false);
	only(SIM_NOT_CLEANED);
}

static void it_sees_what_was_cleaned(void **state)
{
	write_and_turn_caches_off(0, true);
	/* Past the cache, nothing is left in one. */
	write_page();
	guest(SIM_READ, ADDRESS);
	none();
}

static void with_fwb_every_access_is_cached(void **state)
{
	write_and_turn_caches_off(SIM_FWB, false);
	none();
}

static void what_is_no_memory_cannot_be_cleaned(void **state)
{
	set_up(0);
	sim_page_clean(FAR, PAGE_SIZE);
	only(SIM_NOT_CLEANED);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_write_is_reported_once),
		T(a_harvest_keeps_silent),
		T(a_mark_is_stored_over),
		T(a_harvest_does_not_invalidate),
		T(by_write_protection),
		T(what_is_unmapped_nobody_asks_for),
		T(reading_makes_nothing_dirty),
		T(an_access_foreseen_makes_young),
		T(without_the_feature_it_does_not),
		T(either_size_or_a_conflict_until_the_invalidation),
		T(no_conflict_after_the_invalidation),
		T(with_bbm_level_2_it_must_be_invalidated_still),
		T(bbm_level_2_moves_nothing),
		T(it_does_not_see_what_it_wrote),
		T(it_sees_what_was_cleaned),
		T(with_fwb_every_access_is_cached),
		T(what_is_no_memory_cannot_be_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
