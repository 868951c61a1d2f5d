// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c
/*
 * The simulated MMU against the manuals, beyond stage 2 of 48 bits: FEAT_LPA and
 * FEAT_LPA2 (DDI 0487, D8.3.1), the hypervisor's own stage 1 (D8.4, D24.2), and
 * ARMv7's long descriptors (DDI 0406, B3.6, B4.1); and how each is invalidated.
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
#define LEAF (AF | READ | WRITE | NORMAL)
#define BLOCK (LEAF | INNER | 1)
#define PAGE (LEAF | INNER | 3)
#define TABLE 3ULL

/* Stage 1: AP[1] is RES1, AP[2] means read-only. */
#define AP1 BIT64(6)
#define READ_ONLY BIT64(7)
#define XN BIT64(54)
#define INDEX(n) ((u64)(n) << 2)
#define OWN (AF | AP1 | INNER)
#define MAIR 0x4404ffULL /* write-back, Device-nGnRE, non-cacheable */

static void machine(u32 features)
{
	struct sim_config config = { .cpus = 2, .ram = 8 << 20,
				     .features = features, .pa_bits = 52,
				     .quiet = true };

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

/* ---- 52 bits ------------------------------------------------------------------------ */

/* OA[51:50] in 9:8, where shareability was, and OA[49:48] in 49:48. */
static void lpa2_puts_addresses_elsewhere(void **state)
{
	u64 vtcr, *root, *middle;

	machine(SIM_LPA2);
	vtcr = sim_make_vtcr(12, 52, -1, 52);
	assert_int_equal(vtcr >> 32 & 3, 3); /* DS and SL2 */
	root = table(4096);
	middle = table(4096);
	root[15] = sim_phys(middle) | TABLE;
	/* Level 0 has blocks, of 512 GiB. */
	middle[511] = 2ULL << 8 | 1ULL << 48 | BIT64(40) | LEAF | 1;
	assert_true(look(vtcr, root, BIT64(52) - 1).pa ==
		    (BIT64(51) | BIT64(48) | BIT64(40) | (BIT64(39) - 1)));
	assert_int_equal(look(vtcr, root, 0).level, -1);
	assert_int_equal(look(vtcr, root, 0xfULL << 48).level, 0);
	sim_exit();
}

/* Without the feature DS is RES0, and no table can be at level -1. */
static void without_lpa2_it_is_no_format(void **state)
{
	u64 vtcr, *root;

	machine(0);
	vtcr = sim_make_vtcr(12, 52, -1, 52) | BIT64(32);
	root = table(4096);
	assert_int_equal(look(vtcr, root, 0).fault, SIM_TRANSLATION_FAULT);
	assert_int_equal(look(vtcr, root, 0).level, 0);
	sim_exit();
}

/* OA[51:48] in 15:12. */
static void lpa_puts_addresses_elsewhere(void **state)
{
	u64 vtcr, *root, *leaf;

	machine(SIM_LPA);
	vtcr = sim_make_vtcr(16, 42, 2, 52);
	root = table(65536);
	leaf = table(65536);
	root[1] = sim_phys(leaf) | TABLE;
	leaf[5] = 0xaULL << 12 | 7 << 16 | PAGE;
	root[2] = 0x3ULL << 12 | 3ULL << 29 | BLOCK;
	assert_true(look(vtcr, root, BIT64(29) + 5 * 65536 + 9).pa ==
		    (0xaULL << 48 | 7 * 65536 | 9));
	assert_true(look(vtcr, root, 2ULL << 29).pa ==
		    (0x3ULL << 48 | 3ULL << 29));
	sim_exit();
}

/* The root of 52 bits: BADDR[51:48] in 5:2 of VTTBR_EL2, no memory here. */
static void the_root_has_52_bits_too(void **state)
{
	u64 vtcr, *root;

	machine(SIM_LPA2);
	vtcr = sim_make_vtcr(12, 40, 1, 52);
	root = table(8192);
	root[0] = BLOCK & ~INNER;
	assert_int_equal(look(vtcr, root, 0).fault, SIM_NO_FAULT);
	sim_translate(vtcr, sim_make_vttbr(sim_phys(root) | 4, 1), 0, SIM_READ);
	assert_true(sim_broken(SIM_TABLE_FREED)); /* it was read elsewhere */
	sim_exit();
}

/* ---- The hypervisor's own stage 1 ------------------------------------------------------- */

static u64 *own(u32 features, unsigned int granule, unsigned int ia)
{
	u64 *root;

	machine(features);
	root = table(65536);
	sim_own_enable(sim_make_tcr(granule, ia, 48), sim_phys(root), MAIR);
	return root;
}

static void own_permissions(void **state)
{
	static const struct {
		u64 bits;
		bool write, exec;
	} rows[] = {
		{ 0, true, true },
		{ READ_ONLY, false, true },
		{ XN, true, false },
		{ READ_ONLY | XN, false, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 *root = own(0, 12, 30);

		root[1] = BIT64(30) | OWN | rows[i].bits | 1;
		sim_table_sync(root, 4096);
		assert_int_equal(sim_own_translate(BIT64(21), SIM_READ).fault,
				 SIM_NO_FAULT);
		assert_int_equal(!sim_own_translate(BIT64(21), SIM_WRITE).fault,
				 rows[i].write);
		assert_int_equal(!sim_own_translate(BIT64(21), SIM_EXEC).fault,
				 rows[i].exec);
		assert_int_equal(sim_broken_any(), 0);
		sim_exit();
	}
}

static void own_types_are_mairs(void **state)
{
	u64 *root = own(0, 12, 30);

	for (u64 i = 0; i < 3; i++)
		root[i] = i << 21 | OWN | XN | INDEX(i) | 1;
	sim_table_sync(root, 4096);
	assert_false(sim_own_translate(0, SIM_READ).device);
	assert_true(sim_own_translate(1 << 21, SIM_READ).device);
	assert_false(sim_own_translate(2 << 21, SIM_READ).device);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

/* The level follows from the size: there is no SL0, and nothing concatenated. */
static void own_start_levels(void **state)
{
	static const struct {
		unsigned int granule, ia;
		int level;
	} rows[] = {
		{ 12, 25, 2 }, { 12, 30, 2 }, { 12, 31, 1 }, { 12, 39, 1 },
		{ 12, 40, 0 }, { 12, 48, 0 }, { 14, 25, 3 }, { 14, 36, 2 },
		{ 14, 37, 1 }, { 14, 48, 0 }, { 16, 29, 3 }, { 16, 42, 2 },
		{ 16, 43, 1 }, { 16, 48, 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		own(0, rows[i].granule, rows[i].ia);
		assert_int_equal(sim_own_translate(0, SIM_READ).level,
				 rows[i].level);
		assert_int_equal(sim_broken_any(), 0);
		sim_exit();
	}
	own(0, 12, 24);
	assert_true(sim_broken(SIM_REGISTER));
	sim_exit();
}

static void own_reserved_bits(void **state)
{
	static const u64 bad[] = {
		AF | INNER,                    /* AP[1] */
		OWN | BIT64(11),               /* nG */
		OWN | BIT64(53),               /* PXN */
		OWN | INDEX(1),                /* Device that executes */
		OWN | BIT64(13),               /* address */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 *root = own(0, 12, 30);

		root[1] = bad[i] | 1;
		sim_table_sync(root, 4096);
		assert_true(sim_broken(SIM_DESCRIPTOR));
		sim_exit();
	}
}

/* With FEAT_HAFDBS: AP[2] is set while it is clean. */
static void own_dirty_state(void **state)
{
	u64 *root = own(SIM_HAF | SIM_HDBS, 12, 30);

	root[0] = (OWN & ~AF) | READ_ONLY | XN | BIT64(51) | 1;
	sim_table_sync(root, 4096);
	assert_int_equal(sim_own_access(8, SIM_READ).fault, SIM_NO_FAULT);
	assert_true(root[0] & AF && root[0] & READ_ONLY);
	assert_int_equal(sim_own_access(8, SIM_WRITE).fault, SIM_NO_FAULT);
	assert_false(root[0] & READ_ONLY);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

/* A mapping goes, and `op` with `operand` is all that is done about it. */
static unsigned long own_unmapped(u32 features, unsigned int ia,
				  enum sim_tlbi op, u64 operand)
{
	u64 *root = own(features, 12, ia), *first = root;
	unsigned long broken;

	if (ia > 30) {
		first = table(4096);
		sim_table_sync(first, 4096);
		root[0] = sim_phys(first) | TABLE;
	}
	first[3] = BIT64(32) | OWN | 1;
	sim_table_sync(first, 4096);
	sim_table_sync(root, 4096);
	first[3] = 0;
	sim_table_sync(first, 4096);
	sim_tlbi(op, operand);
	sim_dsb();
	sim_quiet();
	broken = sim_broken(SIM_STALE_ENTRY);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
	return broken;
}

static void own_invalidations(void **state)
{
	u64 va = 3ULL << 21, range = 1ULL << 46;

	assert_false(own_unmapped(0, 30, SIM_VAE2IS, va >> 12));
	assert_false(own_unmapped(0, 30, SIM_VALE2IS, va >> 12));
	assert_false(own_unmapped(0, 30, SIM_ALLE2IS, 0));
	assert_false(own_unmapped(0, 30, SIM_RVAE2IS, range | va >> 12));
	assert_true(own_unmapped(0, 30, SIM_VAE2IS, (va >> 12) + 512));
	/* On this CPU alone: no other has its MMU on. */
	assert_false(own_unmapped(0, 30, SIM_VAE2, va >> 12));
	/* A guest's, of whatever VMID, are not the hypervisor's. */
	assert_true(own_unmapped(0, 30, SIM_ALLE1IS, 0));
	assert_true(own_unmapped(0, 30, SIM_VMALLS12E1IS, 0));
}

/* ---- ARMv7 -------------------------------------------------------------------------------- */

/* T0SZ of 4 bits is signed: 40 bits are -8, and S is its sign. */
static void armv7_sizes(void **state)
{
	static const struct {
		unsigned int ia, start;
		u64 low;
	} rows[] = {
		{ 40, 1, 0x58 }, { 32, 2, 0x00 }, { 32, 1, 0x40 },
		{ 34, 2, 0x1e }, { 25, 2, 0x07 },
	};

	machine(SIM_ARMV7);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 *root = table(65536);
		u64 v = sim_make_vtcr(12, rows[i].ia, rows[i].start, 40);

		assert_int_equal(v & 0xdf, rows[i].low);
		assert_int_equal(look(v, root, 0).level, rows[i].start);
		assert_int_equal(look(v, root, BIT64(rows[i].ia)).level, 0);
		/* S is not the sign: UNPREDICTABLE. */
		assert_int_equal(look(v ^ 0x10, root, 0).level, 0);
	}
	/* 35 bits are too many for level 2. */
	assert_int_equal(look(0x80000000 | 0x1d, table(65536), 0).level, 0);
	sim_exit();
}

static void armv7_has_40_bits(void **state)
{
	u64 vtcr, *root;

	machine(SIM_ARMV7);
	vtcr = sim_make_vtcr(12, 40, 1, 40);
	root = table(8192);
	root[0] = BIT64(39) | BLOCK;
	assert_true(look(vtcr, root, 5).pa == (BIT64(39) | 5));
	sim_write_vttbr(vtcr, sim_make_vttbr(sim_phys(root), 1));
	sim_enter(root, sim_phys(root), 0);
	root[1] = BIT64(40) | BLOCK;
	sim_table_sync(root, 8192);
	assert_true(sim_broken(SIM_DESCRIPTOR));
	sim_leave();
	sim_exit();
}

static void armv7_hyp(void **state)
{
	u64 *root;

	machine(SIM_ARMV7);
	root = table(4096);
	sim_own_enable(sim_make_tcr(12, 32, 40), sim_phys(root), MAIR);
	root[2] = BIT64(39) | OWN | READ_ONLY | 1;
	sim_table_sync(root, 4096);
	assert_true(sim_own_access(0x80000123, SIM_EXEC).pa ==
		    (BIT64(39) | 0x123));
	assert_int_equal(sim_own_access(0x80000123, SIM_WRITE).fault,
			 SIM_PERMISSION_FAULT);
	root[2] = 0;
	sim_table_sync(root, 4096);
	sim_tlbi(SIM_TLBIMVAHIS, 0x80000000);
	sim_dsb();
	sim_quiet();
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

/* A page of a guest's goes, and `op` is all that is done about it. */
static unsigned long armv7_unmapped(enum sim_tlbi op, u16 vmid)
{
	u64 vtcr, *root, broken;

	machine(SIM_ARMV7);
	vtcr = sim_make_vtcr(12, 32, 1, 40);
	root = table(4096);
	sim_be_cpu(1);
	sim_write_vttbr(vtcr, sim_make_vttbr(sim_phys(root), 7));
	sim_enter(root, sim_phys(root), 0);
	sim_be_cpu(0);
	root[1] = BIT64(30) | BLOCK;
	sim_table_sync(root, 4096);
	root[1] = 0;
	sim_table_sync(root, 4096);
	sim_write_vttbr(vtcr, sim_make_vttbr(sim_phys(root), vmid));
	sim_tlbi(op, 0);
	sim_dsb();
	sim_quiet();
	broken = sim_broken(SIM_STALE_ENTRY);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
	return broken;
}

static void armv7_invalidates_by_vmid(void **state)
{
	assert_false(armv7_unmapped(SIM_TLBIALLIS, 7));
	assert_false(armv7_unmapped(SIM_TLBIALLNSNHIS, 8));
	assert_true(armv7_unmapped(SIM_TLBIALLIS, 8));
	assert_true(armv7_unmapped(SIM_TLBIALL, 7));
	assert_true(armv7_unmapped(SIM_TLBIALLHIS, 7));
	/* Hyp's addresses are no guest's. */
	assert_true(armv7_unmapped(SIM_TLBIMVAHIS, 7));
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lpa2_puts_addresses_elsewhere),
		T(without_lpa2_it_is_no_format),
		T(lpa_puts_addresses_elsewhere),
		T(the_root_has_52_bits_too),
		T(own_permissions),
		T(own_types_are_mairs),
		T(own_start_levels),
		T(own_reserved_bits),
		T(own_dirty_state),
		T(own_invalidations),
		T(armv7_sizes),
		T(armv7_has_40_bits),
		T(armv7_hyp),
		T(armv7_invalidates_by_vmid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
