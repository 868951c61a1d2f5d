// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c
/*
 * Every rule bites: a wrong sequence, made by hand, is reported under the name
 * of the rule that it breaks, and the right one is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/sim/testing/by_hand.h"

/* ---- Invalidation ---------------------------------------------- */

/* bugs.md 28 (1ec2fa626f), 29 */
static void unmap_without_invalidation(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void use_of_a_stale_entry(void **state)
{
	unsigned long used = 0;

	set_up(0);
	sim_be_cpu(1);
	for (int i = 0; i < 20; i++)
		sim_access(0, SIM_READ);
	sim_be_cpu(0);
	set(&h.pages[0], 0);
	sim_op_end();
	sim_be_cpu(1);
	for (int i = 0; i < 1000 && !used; i++) {
		sim_access(0, SIM_READ);
		used += sim_broken(SIM_STALE_USE);
	}
	assert_true(used);
	sim_be_cpu(0);
	only(SIM_STALE_ENTRY);
}

static void the_right_sequence_is_right(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	by_address(0);
	sim_op_end();
	set(&h.pages[0], (FAR + 0x5000) | LEAF | PAGE);
	set(&h.root[1], 0);
	by_address(BLOCK_SIZE + 0x7000); /* any address in a block */
	none();
}

/* bugs.md 26 */
static void stage_1_is_not_invalidated(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_dsb();
	sim_tlbi(SIM_IPAS2E1IS, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void stage_1_is_invalidated_before_stage_2(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	sim_tlbi(SIM_IPAS2E1IS, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void nothing_orders_the_two_stages(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_IPAS2E1IS, 0);
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void no_barrier_completes_the_invalidation(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_VMALLS12E1IS, 0);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* The walker may still see the old entry after the invalidation. */
static void the_store_is_synchronised_after_the_invalidation(void **state)
{
	set_up(0);
	__atomic_store_n(&h.pages[0], 0, __ATOMIC_RELAXED);
	whole();
	sim_table_sync(&h.pages[0], 8);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* bugs.md 25 (1e1e35b4) */
static void invalidation_of_this_cpu_alone(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_VMALLS12E1, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void invalidation_of_another_vmid(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(sim_phys(h.root), VMID + 1));
	whole();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* bugs.md 25 (b7325779) */
static void invalidation_of_another_address(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	by_address(0x1000);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* bugs.md 24 */
static void a_table_goes_and_one_address_is_invalidated(void **state)
{
	set_up(0);
	set(&h.root[0], 0);
	by_address(0);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void a_table_goes_and_all_its_addresses_are_invalidated(void **state)
{
	set_up(0);
	set(&h.root[0], 0);
	by_address(0);
	by_address(0x1000);
	none();
}

static void a_range_is_one_invalidation(void **state)
{
	set_up(SIM_TLBIRANGE);
	set(&h.pages[0], 0);
	set(&h.pages[1], 0);
	/* TG 4K, SCALE 0, NUM 0: two pages. */
	sim_tlbi(SIM_RIPAS2E1IS, 1ULL << 46);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	none();
}

static void a_range_is_too_short(void **state)
{
	set_up(SIM_TLBIRANGE);
	set(&h.pages[2], (FAR + 0x2000) | LEAF | PAGE);
	set(&h.pages[2], 0);
	sim_tlbi(SIM_RIPAS2E1IS, 1ULL << 46);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* D8.5.1: a leaf whose access flag is clear is in no TLB. */
static void an_old_leaf_needs_no_invalidation(void **state)
{
	set_up(0);
	set(&h.pages[2], ((FAR + 0x2000) | LEAF | PAGE) & ~AF);
	set(&h.pages[2], (FAR + 0x2000) | LEAF | PAGE);
	set(&h.pages[3], ((FAR + 0x3000) | LEAF | PAGE) & ~AF);
	set(&h.pages[3], 0);
	none();
}

static void a_vm_that_never_ran_needs_no_invalidation(void **state)
{
	set_up(0);
	leave(1);
	whole();
	set(&h.pages[0], 0);
	none();
}

/* Out of the guest, a TLB keeps what it has. */
static void a_vm_that_has_run_needs_it(void **state)
{
	set_up(0);
	leave(1);
	set(&h.pages[0], 0);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

/* bugs.md 17 */
static void the_level_hint_is_wrong(void **state)
{
	set_up(SIM_TTL);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_IPAS2E1IS, (u64)(1 << 2 | 2) << 44);
	sim_dsb();
	whole();
	only(SIM_LEVEL_HINT);
}

static void a_level_hint_while_a_table_goes(void **state)
{
	set_up(SIM_TTL);
	set(&h.root[0], 0);
	sim_tlbi(SIM_IPAS2E1IS, (u64)(1 << 2 | 3) << 44);
	sim_dsb();
	whole();
	only(SIM_LEVEL_HINT);
}

static void the_level_hint_is_right(void **state)
{
	set_up(SIM_TTL);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_IPAS2E1IS, (u64)(1 << 2 | 3) << 44);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	none();
}

/* A CPU without FEAT_TTL ignores what is there. */
static void no_cpu_feature_no_hint(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	sim_tlbi(SIM_IPAS2E1IS, (u64)(1 << 2 | 2) << 44);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	none();
}

/* ---- Break before make ---------------------------------------------- */

/* bugs.md 1 */
static void output_address_changed_live(void **state)
{
	set_up(0);
	set(&h.pages[0], (FAR + 0x9000) | LEAF | PAGE);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

static void memory_type_changed_live(void **state)
{
	set_up(0);
	set(&h.pages[0], FAR | (LEAF & ~NORMAL) | UNCACHED | PAGE);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

static void block_to_table_live(void **state)
{
	u64 *t;

	set_up(0);
	t = new_table();
	for (u64 i = 0; i < 512; i++)
		set(&t[i], (FAR + BLOCK_SIZE + i * 0x1000) | LEAF | PAGE);
	set(&h.root[1], sim_phys(t) | TABLE);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

/* bugs.md 9 */
static void table_to_block_live(void **state)
{
	set_up(0);
	set(&h.root[0], FAR | LEAF | BLOCK);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

static void made_before_it_is_invalidated(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	set(&h.pages[0], (FAR + 0x9000) | LEAF | PAGE);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

static void permissions_change_live(void **state)
{
	set_up(0);
	set(&h.pages[0], (FAR | LEAF | PAGE) & ~WRITE);
	by_address(0);
	set(&h.pages[0], (FAR | LEAF | PAGE | XN) & ~AF);
	by_address(0);
	none();
}

static void split_live(u32 features)
{
	u64 *t;

	set_up(features);
	t = new_table();
	for (u64 i = 0; i < 512; i++)
		set(&t[i], (FAR + BLOCK_SIZE + i * 0x1000) | LEAF | PAGE);
	set(&h.root[1], sim_phys(t) | TABLE);
}

static void size_changes_live_with_bbm_level_2(void **state)
{
	split_live(SIM_BBM2);
	whole();
	none();
}

static void both_sizes_are_held_and_one_address_is_invalidated(void **state)
{
	split_live(SIM_BBM2);
	by_address(BLOCK_SIZE);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void both_sizes_are_held_and_a_range_is_invalidated(void **state)
{
	split_live(SIM_BBM2 | SIM_TLBIRANGE);
	/* TG 4K, SCALE 1, NUM 7: the block. */
	sim_tlbi(SIM_RIPAS2E1IS, 1ULL << 46 | 1ULL << 44 | 7ULL << 39 |
					 BLOCK_SIZE >> 12);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void size_changes_live_where_the_mmu_writes(void **state)
{
	split_live(SIM_BBM2 | SIM_HAF | SIM_HDBS);
	whole();
	only(SIM_BREAK_BEFORE_MAKE);
}

static void permissions_need_an_invalidation(void **state)
{
	set_up(0);
	set(&h.pages[0], (FAR | LEAF | PAGE) & ~WRITE);
	sim_op_end();
	only(SIM_STALE_ENTRY);
}

static void software_bits_need_none(void **state)
{
	set_up(0);
	set(&h.pages[0], FAR | LEAF | PAGE | BIT64(55));
	none();
}

static void the_access_flag_is_cleared_silently(void **state)
{
	set_up(0);
	set(&h.pages[0], (FAR | LEAF | PAGE) & ~AF);
	sim_op_end();
	only(SIM_ACCESS_FLAG);
}

static void the_dirty_state_is_cleared_silently(void **state)
{
	set_up(SIM_HAF | SIM_HDBS);
	set(&h.pages[2], (FAR + 0x2000) | LEAF | PAGE | DBM);
	set(&h.pages[2], ((FAR + 0x2000) | LEAF | PAGE | DBM) & ~WRITE);
	sim_op_end();
	only(SIM_DIRTY_STATE);
}

/* ---- Tables ---------------------------------------------- */

static void free_table(u64 *t)
{
	sim_table_free(t, PAGE_SIZE);
	sim_pages_free(t, PAGE_SIZE);
}

/* bugs.md 5, 16 */
static void a_table_is_freed_before_its_invalidation(void **state)
{
	set_up(0);
	set(&h.root[0], 0);
	free_table(h.pages);
	whole();
	only(SIM_TABLE_FREED);
}

static void a_table_is_freed_while_linked(void **state)
{
	set_up(0);
	free_table(h.pages);
	only(SIM_TABLE_FREED);
}

/* Leaves alone are gone: the way to the table is not. */
static void the_last_level_alone_is_invalidated(void **state)
{
	set_up(0);
	set(&h.pages[0], 0);
	set(&h.pages[1], 0);
	by_address(0);
	by_address(0x1000);
	set(&h.root[0], 0);
	sim_tlbi(SIM_IPAS2LE1IS, 0);
	sim_dsb();
	free_table(h.pages);
	only(SIM_TABLE_FREED);
}

static void a_table_is_freed_after_its_invalidation(void **state)
{
	set_up(0);
	set(&h.root[0], 0);
	whole();
	free_table(h.pages);
	none();
}

static void a_store_is_not_synchronised(void **state)
{
	set_up(0);
	__atomic_store_n(&h.pages[5], FAR | LEAF | PAGE, __ATOMIC_RELAXED);
	sim_quiet();
	only(SIM_TABLE_SYNC);
}

static void a_table_is_linked_before_it_is_cleaned(void **state)
{
	u64 *t;

	set_up(SIM_NO_SNOOP);
	t = sim_pages_alloc(PAGE_SIZE);
	memset(t, 0, PAGE_SIZE);
	sim_table_alloc(t, PAGE_SIZE);
	set(&h.root[2], sim_phys(t) | TABLE);
	only(SIM_TABLE_SYNC);
}

static void ill_formed_descriptors(void **state)
{
	const u64 good = FAR | AF | READ | 0xf << 2 | INNER | BLOCK;
	const u64 raw[] = {
		good | 0x8000,             /* not aligned */
		good & ~(0xbULL << 2),     /* MemAttr 0b0100 */
		good | BIT64(53),          /* XN[0] */
		good | DBM,                /* no FEAT_HAFDBS */
		good | BIT64(41),          /* beyond PS */
		(good & ~INNER) | 1 << 8,  /* reserved shareability */
		good | BIT64(48),          /* RES0 */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(raw); i++) {
		set_up(0);
		set(&h.root[3], raw[i]);
		only(SIM_DESCRIPTOR);
	}
}

/* ---- VMIDs, roots and vCPUs ---------------------------------------------- */

/* bugs.md 4 */
static void entered_with_vmid_0(void **state)
{
	set_up(0);
	leave(1);
	enter_as(2, 0, 0);
	only(SIM_VMID_ZERO);
}

static void a_vmid_of_16_bits_while_vs_is_clear(void **state)
{
	set_up(0);
	leave(1);
	whole();
	enter_as(2, 0x107, 0);
	only(SIM_VMID_SIZE);
}

/* bugs.md 3 */
static void one_vm_runs_with_two_vmids(void **state)
{
	set_up(0);
	enter_as(2, VMID + 1, 1);
	only(SIM_VMID_TWO);
}

static u64 *enter_another_vm(unsigned int cpu, u16 vmid)
{
	u64 *root = new_table();

	sim_be_cpu(cpu);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(sim_phys(root), vmid));
	sim_enter(root, sim_phys(root), 0);
	sim_be_cpu(0);
	return root;
}

/* bugs.md 28 (80ede1ac29) */
static void a_vmid_is_reused_without_invalidation(void **state)
{
	set_up(0);
	leave(1);
	enter_another_vm(1, VMID);
	only(SIM_VMID_SHARED);
}

static void a_vmid_is_reused_after_an_invalidation(void **state)
{
	set_up(0);
	leave(1);
	sim_be_cpu(1);
	sim_tlbi(SIM_ALLE1, 0);
	sim_dsb();
	sim_isb();
	sim_be_cpu(0);
	enter_another_vm(1, VMID);
	none();
}

static void a_vmid_in_an_icache_is_reused(void **state)
{
	for (int invalidated = 0; invalidated < 2; invalidated++) {
		set_up(SIM_VIPT_BY_VMID);
		leave(1);
		sim_be_cpu(1);
		sim_tlbi(SIM_ALLE1, 0);
		if (invalidated)
			sim_ic_iallu(false);
		sim_dsb();
		sim_isb();
		sim_be_cpu(0);
		enter_another_vm(1, VMID);
		only(invalidated ? SIM_RULES : SIM_VMID_SHARED);
	}
}

/* bugs.md 2 */
static void another_vcpu_on_the_same_cpu(void **state)
{
	set_up(0);
	leave(1);
	enter_as(1, VMID, 1);
	only(SIM_VCPU_SHARED);
}

static void another_vcpu_after_an_invalidation(void **state)
{
	set_up(0);
	leave(1);
	sim_be_cpu(1);
	sim_tlbi(SIM_VMALLE1, 0);
	sim_dsb();
	sim_isb();
	sim_be_cpu(0);
	enter_as(1, VMID, 1);
	none();
}

static void an_icache_tagged_by_vmid(void **state)
{
	set_up(SIM_VIPT_BY_VMID);
	leave(1);
	sim_be_cpu(1);
	sim_tlbi(SIM_VMALLE1, 0);
	sim_dsb();
	sim_isb();
	sim_be_cpu(0);
	enter_as(1, VMID, 1);
	only(SIM_VCPU_SHARED);
}

/* bugs.md 26: VTTBR restored without its base address. */
static void the_root_is_not_the_vms(void **state)
{
	set_up(0);
	leave(1);
	sim_be_cpu(1);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(0, VMID));
	sim_enter(&h, sim_phys(h.root), 0);
	sim_be_cpu(0);
	assert_true(sim_broken(SIM_WRONG_ROOT));
	sim_exit();
}

static void registers_that_no_walk_can_use(void **state)
{
	set_up(0);
	leave(1);
	h.vtcr = sim_make_vtcr(12, 30, 1, 40) & ~0x3fULL;
	h.vtcr |= 64 - 60;
	enter_as(1, VMID, 0);
	only(SIM_REGISTER);
}

/* ---- Pages ---------------------------------------------- */

static u64 data_page(void)
{
	return sim_phys(sim_pages_alloc(PAGE_SIZE));
}

static void a_page_is_shown_that_is_not_cleaned(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	sim_page_dirty(pa, 1, true);
	set(&h.pages[4], pa | LEAF | XN | PAGE);
	only(SIM_NOT_CLEANED);
}

/* bugs.md 12, 13 */
static void a_page_is_executable_and_the_icache_stale(void **state)
{
	u64 pa;

	set_up(SIM_FWB);
	pa = data_page();
	sim_page_dirty(pa, 1, true);
	set(&h.pages[4], pa | LEAF | PAGE);
	only(SIM_ICACHE_STALE);
}

static void a_page_is_published_first(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	sim_page_dirty(pa, 1, true);
	sim_page_publish(pa, 1);
	set(&h.pages[4], pa | LEAF | PAGE);
	none();
}

static void a_page_mapped_is_written_and_run(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	set(&h.pages[4], pa | LEAF | PAGE);
	sim_page_dirty(pa, 1, false);
	sim_page_publish(pa, 1);
	sim_be_cpu(1);
	sim_access(0x4000, SIM_EXEC);
	sim_be_cpu(0);
	assert_int_equal(sim_broken_any(), 0);
	sim_page_dirty(pa, 1, false);
	sim_be_cpu(1);
	for (int i = 0; i < 100; i++)
		sim_access(0x4000, SIM_READ);
	sim_be_cpu(0);
	only(SIM_NOT_CLEANED);
}

/* bugs.md 22 */
static void a_page_mapped_is_given_to_another(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	set(&h.pages[4], pa | LEAF | PAGE);
	sim_page_dirty(pa, 1, true);
	sim_page_publish(pa, 1);
	only(SIM_PAGE_REUSED);
}

static void a_page_held_by_a_tlb_is_given_to_another(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	set(&h.pages[4], pa | LEAF | PAGE);
	set(&h.pages[4], 0);
	sim_page_dirty(pa, 1, true);
	whole();
	only(SIM_PAGE_REUSED);
}

static void a_page_mapped_becomes_a_table(void **state)
{
	u64 pa;

	set_up(0);
	pa = data_page();
	set(&h.pages[4], pa | LEAF | PAGE);
	sim_table_alloc(sim_virt(pa), PAGE_SIZE);
	only(SIM_PAGE_REUSED);
}

/* ---- The trace ---------------------------------------------- */

static void the_trace_has_a_line_for_each_event(void **state)
{
	struct sim_config config = { .cpus = 1, .ram = 1 << 20, .quiet = true };
	unsigned long sequence, address, value;
	unsigned int cpu, lines = 0, entries = 0;
	char op[32];
	u64 *t;

	config.trace = tmpfile();
	sim_init(&config);
	t = new_table();
	h.vtcr = sim_make_vtcr(12, 30, 2, 40);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(sim_phys(t), 1));
	sim_enter(t, sim_phys(t), 0);
	set(&t[0], FAR | LEAF | BLOCK);
	sim_access(0x123, SIM_READ);
	sim_leave();
	whole();
	rewind(config.trace);
	while (fscanf(config.trace, "%lu %u %31s %lx %lx", &sequence, &cpu, op,
		      &address, &value) == 5) {
		assert_int_equal(sequence, ++lines);
		entries += !strcmp(op, "entry") &&
			   address == sim_phys(t) &&
			   value == (FAR | LEAF | BLOCK);
	}
	assert_true(feof(config.trace));
	assert_true(lines >= 8);
	assert_int_equal(entries, 1);
	fclose(config.trace);
	sim_exit();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(unmap_without_invalidation), T(use_of_a_stale_entry),
		T(the_right_sequence_is_right), T(stage_1_is_not_invalidated),
		T(stage_1_is_invalidated_before_stage_2),
		T(nothing_orders_the_two_stages),
		T(no_barrier_completes_the_invalidation),
		T(the_store_is_synchronised_after_the_invalidation),
		T(invalidation_of_this_cpu_alone),
		T(invalidation_of_another_vmid),
		T(invalidation_of_another_address),
		T(a_table_goes_and_one_address_is_invalidated),
		T(a_table_goes_and_all_its_addresses_are_invalidated),
		T(a_range_is_one_invalidation), T(a_range_is_too_short),
		T(an_old_leaf_needs_no_invalidation),
		T(a_vm_that_never_ran_needs_no_invalidation),
		T(a_vm_that_has_run_needs_it), T(the_level_hint_is_wrong),
		T(a_level_hint_while_a_table_goes), T(the_level_hint_is_right),
		T(no_cpu_feature_no_hint), T(output_address_changed_live),
		T(memory_type_changed_live), T(block_to_table_live),
		T(table_to_block_live), T(made_before_it_is_invalidated),
		T(permissions_change_live),
		T(size_changes_live_with_bbm_level_2),
		T(both_sizes_are_held_and_one_address_is_invalidated),
		T(both_sizes_are_held_and_a_range_is_invalidated),
		T(size_changes_live_where_the_mmu_writes),
		T(permissions_need_an_invalidation), T(software_bits_need_none),
		T(the_access_flag_is_cleared_silently),
		T(the_dirty_state_is_cleared_silently),
		T(a_table_is_freed_before_its_invalidation),
		T(a_table_is_freed_while_linked),
		T(the_last_level_alone_is_invalidated),
		T(a_table_is_freed_after_its_invalidation),
		T(a_store_is_not_synchronised),
		T(a_table_is_linked_before_it_is_cleaned),
		T(ill_formed_descriptors), T(entered_with_vmid_0),
		T(a_vmid_of_16_bits_while_vs_is_clear),
		T(one_vm_runs_with_two_vmids),
		T(a_vmid_is_reused_without_invalidation),
		T(a_vmid_in_an_icache_is_reused),
		T(a_vmid_is_reused_after_an_invalidation),
		T(another_vcpu_on_the_same_cpu),
		T(another_vcpu_after_an_invalidation),
		T(an_icache_tagged_by_vmid), T(the_root_is_not_the_vms),
		T(registers_that_no_walk_can_use),
		T(a_page_is_shown_that_is_not_cleaned),
		T(a_page_is_executable_and_the_icache_stale),
		T(a_page_is_published_first), T(a_page_mapped_is_written_and_run),
		T(a_page_mapped_is_given_to_another),
		T(a_page_held_by_a_tlb_is_given_to_another),
		T(a_page_mapped_becomes_a_table),
		T(the_trace_has_a_line_for_each_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
