// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c
/*
 * The simulated MMU against the manual: start levels, concatenated roots,
 * faults and their levels, attributes (DDI 0487, D8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/sim.h"

#define AF BIT64(10)
#define READ BIT64(6)
#define WRITE BIT64(7)
#define NORMAL (0xfULL << 2)
#define INNER (3ULL << 8)
#define LEAF (AF | READ | WRITE | NORMAL | INNER)
#define BLOCK (LEAF | 1)
#define PAGE (LEAF | 3)

static void machine(u32 features)
{
	struct sim_config config = { .cpus = 2, .ram = 8 << 20,
				     .features = features, .quiet = true };

	sim_init(&config);
}

static u64 *table(u64 size)
{
	u64 *t = sim_pages_alloc(size);

	memset(t, 0, size);
	sim_table_alloc(t, size);
	return t;
}

static struct sim_result look(u64 vtcr, const u64 *root, u64 ipa)
{
	return sim_translate(vtcr, sim_make_vttbr(sim_phys(root), 1), ipa,
			     SIM_READ);
}

/* ---- VTCR_EL2 ---------------------------------------------------------------------- */

/* Worked out by hand from D8.2.2 and D24.2: T0SZ, SL0, TG0. */
static void control_register_encodings(void **state)
{
	static const struct {
		unsigned int granule, ia, start;
		u64 t0sz, sl0, tg0;
	} rows[] = {
		{ 12, 40, 1, 24, 1, 0 }, { 12, 48, 0, 16, 2, 0 },
		{ 12, 32, 2, 32, 0, 0 }, { 12, 44, 0, 20, 2, 0 },
		{ 14, 40, 2, 24, 1, 2 }, { 14, 48, 1, 16, 2, 2 },
		{ 16, 42, 2, 22, 1, 1 }, { 16, 48, 1, 16, 2, 1 },
		{ 16, 32, 3, 32, 0, 1 },
	};

	machine(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 v = sim_make_vtcr(rows[i].granule, rows[i].ia,
				      rows[i].start, 48);

		assert_int_equal(v & 0x3f, rows[i].t0sz);
		assert_int_equal(v >> 6 & 3, rows[i].sl0);
		assert_int_equal(v >> 14 & 3, rows[i].tg0);
		assert_int_equal(v >> 16 & 7, 5);
		assert_int_equal(v >> 31 & 1, 1);
	}
	assert_int_equal(sim_make_vtcr(12, 30, 3, 40), 0);
	sim_exit();
}

/* A first lookup that the size does not allow: nothing is translated. */
static void sizes_that_do_not_fit_the_start_level(void **state)
{
	static const struct {
		unsigned int granule, ia, start;
		bool valid;
	} rows[] = {
		{ 12, 43, 1, true },  { 12, 44, 1, false },
		{ 12, 34, 2, true },  { 12, 35, 2, false },
		{ 12, 31, 1, true },  { 12, 30, 1, false },
		{ 14, 40, 2, true },  { 14, 41, 2, false },
		{ 16, 46, 2, true },  { 16, 47, 2, false },
		{ 16, 33, 3, true },  { 16, 34, 3, false },
		/* 16K at level 0 is FEAT_LPA2's. */
		{ 14, 48, 0, false },
	};
	u64 *root;

	machine(0);
	root = table(1 << 20);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 vtcr = sim_make_vtcr(rows[i].granule, rows[i].ia,
					 rows[i].start, 48);
		struct sim_result r = look(vtcr, root, 0);

		/* An empty table faults at its own level. */
		assert_int_equal(r.fault, SIM_TRANSLATION_FAULT);
		assert_int_equal(r.level, rows[i].valid ? rows[i].start : 0);
	}
	sim_exit();
}

static void concatenated_roots_are_one_table(void **state)
{
	u64 vtcr, *root;

	machine(0);
	/* 40 bits from level 1: two tables of 512 entries of 1 GiB. */
	vtcr = sim_make_vtcr(12, 40, 1, 44);
	root = table(8192);
	root[0] = 0x40000000 | BLOCK;
	root[512] = 0x80000000 | BLOCK;
	root[1023] = 0xc0000000 | BLOCK;
	assert_int_equal(look(vtcr, root, 0x1234).pa, 0x40001234);
	assert_int_equal(look(vtcr, root, 512ULL << 30).pa, 0x80000000);
	assert_int_equal(look(vtcr, root, BIT64(40) - 1).pa, 0xffffffff);
	assert_int_equal(look(vtcr, root, BIT64(40)).fault,
			 SIM_TRANSLATION_FAULT);
	assert_int_equal(look(vtcr, root, BIT64(40)).level, 0);
	/* Aligned to 8K, not to 4K. */
	assert_int_equal(look(vtcr, root + 512, 0x1234).fault,
			 SIM_TRANSLATION_FAULT);
	sim_exit();
}

/* ---- Walks ----------------------------------------------------------------------------- */

static void pages_and_blocks_of_each_granule(void **state)
{
	static const struct {
		unsigned int granule, ia, block; /* log2 */
		int start;
	} rows[] = { { 12, 34, 21, 2 }, { 14, 36, 25, 2 }, { 16, 42, 29, 2 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 page = BIT64(rows[i].granule), block = BIT64(rows[i].block);
		u64 vtcr, *root, *leaf;

		machine(0);
		vtcr = sim_make_vtcr(rows[i].granule, rows[i].ia, 2, 44);
		root = table(16 * page);
		leaf = table(page);
		root[0] = sim_phys(leaf) | 3;
		root[1] = (3 * block) | BLOCK;
		leaf[2] = (7 * page) | PAGE;
		leaf[3] = (7 * page) | BLOCK; /* reserved at level 3 */
		assert_int_equal(look(vtcr, root, 2 * page + 5).pa,
				 7 * page + 5);
		assert_int_equal(look(vtcr, root, block + 2 * page + 8).pa,
				 3 * block + 2 * page + 8);
		assert_int_equal(look(vtcr, root, 3 * page).fault,
				 SIM_TRANSLATION_FAULT);
		assert_int_equal(look(vtcr, root, 3 * page).level, 3);
		assert_int_equal(look(vtcr, root, 2 * block).level, 2);
		sim_exit();
	}
}

static void no_block_at_level_0_or_at_level_1_of_16k(void **state)
{
	u64 *root;

	machine(0);
	root = table(16384);
	root[0] = BLOCK;
	assert_int_equal(look(sim_make_vtcr(12, 48, 0, 48), root, 0).fault,
			 SIM_TRANSLATION_FAULT);
	assert_int_equal(look(sim_make_vtcr(14, 47, 1, 48), root, 0).fault,
			 SIM_TRANSLATION_FAULT);
	sim_exit();
}

static void output_addresses_beyond_the_size(void **state)
{
	u64 vtcr, *root;

	machine(0);
	vtcr = sim_make_vtcr(12, 32, 2, 36);
	root = table(16384);
	root[0] = BIT64(36) | BLOCK;
	root[1] = BIT64(40) | 3;
	assert_int_equal(look(vtcr, root, 0).fault, SIM_ADDRESS_SIZE_FAULT);
	assert_int_equal(look(vtcr, root, 0).level, 2);
	assert_int_equal(look(vtcr, root, 0x200000).fault,
			 SIM_ADDRESS_SIZE_FAULT);
	sim_exit();
}

static void permissions(void **state)
{
	static const struct {
		u64 bits;
		u32 features;
		bool read, write, exec;
	} rows[] = {
		{ 0, 0, false, false, false },
		{ READ, 0, true, false, true },
		{ WRITE, 0, false, true, false },
		{ READ | WRITE, 0, true, true, true },
		{ READ | BIT64(54), 0, true, false, false },
		/* XN[1:0] with FEAT_XNX: EL0 only, nobody, EL1 only. */
		{ READ | 1ULL << 53, SIM_XNX, true, false, false },
		{ READ | 2ULL << 53, SIM_XNX, true, false, false },
		{ READ | 3ULL << 53, SIM_XNX, true, false, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		bool want[] = { rows[i].read, rows[i].write, rows[i].exec };
		u64 vtcr, *root;

		machine(rows[i].features);
		vtcr = sim_make_vtcr(12, 32, 2, 40);
		root = table(16384);
		root[0] = AF | NORMAL | INNER | 1 | rows[i].bits;
		for (int access = SIM_READ; access <= SIM_EXEC; access++) {
			struct sim_result r = sim_translate(
				vtcr, sim_make_vttbr(sim_phys(root), 1), 0,
				access);

			assert_int_equal(r.fault, want[access] ?
							  SIM_NO_FAULT :
							  SIM_PERMISSION_FAULT);
		}
		sim_exit();
	}
}

static void memory_types(void **state)
{
	static const struct {
		u32 features;
		u8 memattr;
		bool device;
	} rows[] = {
		{ 0, 0x0, true }, { 0, 0x1, true }, { 0, 0x3, true },
		{ 0, 0x5, false }, { 0, 0xf, false },
		{ SIM_FWB, 0x1, true }, { SIM_FWB, 0x5, false },
		{ SIM_FWB, 0x6, false }, { SIM_FWB, 0x7, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 vtcr, *root;

		machine(rows[i].features);
		vtcr = sim_make_vtcr(12, 32, 2, 40);
		root = table(16384);
		root[0] = AF | READ | INNER | 1 | (u64)rows[i].memattr << 2;
		assert_int_equal(look(vtcr, root, 0).device, rows[i].device);
		sim_exit();
	}
}

/* ---- Access flag and dirty state ---------------------------------------------------------- */

static struct sim_result access_as_guest(u64 vtcr, u64 *root, u64 ipa,
					 enum sim_access access)
{
	struct sim_result r;

	sim_table_sync(root, 16384);
	sim_be_cpu(1);
	sim_write_vttbr(vtcr, sim_make_vttbr(sim_phys(root), 1));
	sim_enter(root, sim_phys(root), 0);
	r = sim_access(ipa, access);
	sim_leave();
	sim_be_cpu(0);
	return r;
}

static void a_clear_access_flag_faults(void **state)
{
	u64 vtcr, *root;

	machine(0);
	vtcr = sim_make_vtcr(12, 32, 2, 40);
	root = table(16384);
	root[0] = BLOCK & ~AF & ~READ; /* before permissions */
	assert_int_equal(access_as_guest(vtcr, root, 0, SIM_READ).fault,
			 SIM_ACCESS_FLAG_FAULT);
	assert_int_equal(root[0], BLOCK & ~AF & ~READ);
	sim_exit();
}

static void hardware_sets_the_access_flag(void **state)
{
	u64 vtcr, *root;

	machine(SIM_HAF);
	vtcr = sim_make_vtcr(12, 32, 2, 40);
	root = table(16384);
	root[0] = BLOCK & ~AF;
	assert_int_equal(access_as_guest(vtcr, root, 0, SIM_READ).fault,
			 SIM_NO_FAULT);
	assert_int_equal(root[0], BLOCK);
	sim_quiet();
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

static void hardware_keeps_the_dirty_state(void **state)
{
	u64 vtcr, *root, clean = (BLOCK & ~WRITE) | BIT64(51);

	machine(SIM_HAF | SIM_HDBS);
	vtcr = sim_make_vtcr(12, 32, 2, 40);
	root = table(16384);
	root[0] = clean;
	root[1] = BLOCK & ~WRITE;
	for (int i = 0; i < 20; i++)
		assert_int_equal(access_as_guest(vtcr, root, 0, SIM_READ).fault,
				 SIM_NO_FAULT);
	assert_int_equal(root[0], clean);
	assert_int_equal(access_as_guest(vtcr, root, 8, SIM_WRITE).fault,
			 SIM_NO_FAULT);
	assert_int_equal(root[0], clean | WRITE);
	/* Without DBM it is a fault as ever. */
	assert_int_equal(access_as_guest(vtcr, root, 0x200000, SIM_WRITE).fault,
			 SIM_PERMISSION_FAULT);
	assert_int_equal(root[1], BLOCK & ~WRITE);
	sim_quiet();
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

static void a_tlb_keeps_what_it_may(void **state)
{
	u64 vtcr, *root;
	bool old = false, new = false;

	machine(0);
	vtcr = sim_make_vtcr(12, 32, 2, 40);
	root = table(16384);
	root[0] = 0x10000000 | BLOCK;
	for (int i = 0; i < 10; i++)
		access_as_guest(vtcr, root, 0, SIM_READ);
	root[0] = 0x20000000 | BLOCK;
	sim_table_sync(root, 8);
	/* Until it is invalidated, both may be seen. */
	for (int i = 0; i < 500; i++) {
		u64 pa = access_as_guest(vtcr, root, 0, SIM_READ).pa;

		old |= pa == 0x10000000;
		new |= pa == 0x20000000;
	}
	assert_true(old && new);
	sim_write_vttbr(vtcr, sim_make_vttbr(sim_phys(root), 1));
	sim_tlbi(SIM_VMALLS12E1IS, 0);
	sim_dsb();
	for (int i = 0; i < 500; i++)
		assert_int_equal(access_as_guest(vtcr, root, 0, SIM_READ).pa,
				 0x20000000);
	sim_exit();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(control_register_encodings),
		T(sizes_that_do_not_fit_the_start_level),
		T(concatenated_roots_are_one_table),
		T(pages_and_blocks_of_each_granule),
		T(no_block_at_level_0_or_at_level_1_of_16k),
		T(output_addresses_beyond_the_size),
		T(permissions),
		T(memory_types),
		T(a_clear_access_flag_faults),
		T(hardware_sets_the_access_flag),
		T(hardware_keeps_the_dirty_state),
		T(a_tlb_keeps_what_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
