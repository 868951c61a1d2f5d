// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c
// link: arch/sim/regime.c arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c
// link: arch/sim/tlb.c arch/sim/tlbi.c
/*
 * MIPS TLBs that software fills: pairs are found to be stale by either half
 *, and what may be held is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/mips.h"
#include "pgtable/mips32.h"

/* In the numbers of the manual: C 3 is cacheable, 2 uncached. */
#define PAGE(pfn) ((u32)(pfn) << 12 | PGT_MIPS32_C(3U) | PGT_MIPS32_V | \
		   PGT_MIPS32_D)
#define MIB 0x100000UL
#define EVEN 0x1002000UL
#define ODD 0x1003000UL

static u32 *directory, *pages;

static void set_up(u32 features)
{
	struct sim_config config = { .cpus = 2, .ram = 4 << 20, .seed = 1,
				     .features = SIM_MIPS | features,
				     .quiet = true };

	sim_init(&config);
	directory = sim_pages_alloc(PAGE_SIZE);
	pages = sim_pages_alloc(PAGE_SIZE);
	memset(directory, 0, PAGE_SIZE);
	memset(pages, 0, PAGE_SIZE);
	directory[4] = (u32)sim_phys(pages) + PGT_MIPS32_TABLE_TYPE;
	pages[2] = PAGE(0x77);
	pages[3] = PAGE(0x99);
	sim_mips_use(sim_phys(directory));
}

static void tear_down(unsigned long stale)
{
	sim_mips_quiet();
	assert_int_equal(sim_broken(SIM_STALE_ENTRY), stale);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

static u64 read_at(u64 va)
{
	struct sim_result r = sim_mips_access(va, SIM_READ);

	assert_int_equal(r.fault, SIM_NO_FAULT);
	return r.pa;
}

static void both_halves_translate(void **state)
{
	set_up(0);
	assert_int_equal(read_at(EVEN + 5), 0x77005);
	assert_int_equal(read_at(ODD + 5), 0x99005);
	tear_down(0);
}

static void the_odd_half_is_stale(void **state)
{
	set_up(0);
	read_at(EVEN);
	pages[3] = 0;
	tear_down(1);
}

static void the_even_half_is_stale(void **state)
{
	set_up(0);
	read_at(ODD);
	pages[2] = PAGE(0x78);
	tear_down(1);
}

static void either_address_invalidates_the_pair(void **state)
{
	set_up(0);
	read_at(EVEN);
	pages[2] = pages[3] = 0;
	sim_mips_flush_addr(ODD);
	tear_down(0);
	set_up(0);
	sim_be_cpu(1);
	read_at(ODD);
	sim_be_cpu(0);
	pages[2] = pages[3] = 0;
	sim_mips_flush_addr(EVEN);
	tear_down(0);
}

static void another_pair_is_invalidated(void **state)
{
	set_up(0);
	read_at(ODD);
	pages[3] = 0;
	sim_mips_flush_addr(ODD + PAGE_SIZE);
	tear_down(1);
}

/* It was held without its odd half: that comes in by an exception. */
static void what_was_not_valid_may_be_held(void **state)
{
	set_up(0);
	pages[3] = 0;
	read_at(EVEN);
	assert_int_equal(sim_mips_access(ODD, SIM_READ).fault,
			 SIM_TRANSLATION_FAULT);
	pages[3] = PAGE(0x55);
	sim_mips_quiet();
	assert_int_equal(read_at(ODD), 0x55000);
	tear_down(0);
}

static void permissions(void **state)
{
	set_up(SIM_RIXI);
	pages[2] &= ~PGT_MIPS32_D;
	pages[3] |= PGT_MIPS32_XI;
	assert_int_equal(sim_mips_access(EVEN, SIM_WRITE).fault,
			 SIM_PERMISSION_FAULT);
	assert_int_equal(sim_mips_access(EVEN, SIM_EXEC).fault, SIM_NO_FAULT);
	assert_int_equal(sim_mips_access(ODD, SIM_EXEC).fault,
			 SIM_PERMISSION_FAULT);
	assert_int_equal(sim_mips_access(ODD, SIM_WRITE).fault, SIM_NO_FAULT);
	/* An old one is there, and says so. */
	pages[3] &= ~PGT_MIPS32_V;
	sim_mips_flush_addr(ODD);
	assert_int_equal(sim_mips_access(ODD, SIM_READ).fault,
			 SIM_ACCESS_FLAG_FAULT);
	tear_down(0);
}

/* 4 MiB are two pairs, of pages of 1 MiB. */
static void large_leaves_are_pairs_of_1_mib(void **state)
{
	set_up(0);
	directory[5] = PAGE(0x400);
	for (u64 at = 0; at < 4; at++)
		assert_int_equal(read_at(5 * 4 * MIB + at * MIB + 0x123),
				 0x400000 + at * MIB + 0x123);
	directory[5] = 0;
	sim_mips_flush_addr(5 * 4 * MIB + MIB);
	tear_down(2); /* the other pair */
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_halves_translate),
		T(the_odd_half_is_stale),
		T(the_even_half_is_stale),
		T(either_address_invalidates_the_pair),
		T(another_pair_is_invalidated),
		T(what_was_not_valid_may_be_held),
		T(permissions),
		T(large_leaves_are_pairs_of_1_mib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
