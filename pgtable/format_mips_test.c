// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
/* MIPS entries, and what a refill handler makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/mips32.h"
#include "pgtable/testing/regime.h"

#define C0 0xc0000000

static const struct descriptor mips[] = {
	{"read, write and execute", MIPS, 0, SZ_4K, PGT_RWX, C0, 0xc0000780},
	{"not executable: XI", MIPS, 0, SZ_4K, PGT_RW, C0, 0xc0000790},
	{"read only", MIPS, 0, SZ_4K, PGT_R, C0, 0xc0000690},
	{"read and execute", MIPS, PGT_FEAT_RIXI, SZ_4K, PGT_RX, C0,
	 0xc0000680},
	{"device: uncached", MIPS, 0, SZ_4K, PGT_RW | PGT_DEVICE, C0,
	 0xc0000590},
	{"uncached accelerated", MIPS, 0, SZ_4K, PGT_RWX | PGT_NOCACHE, C0,
	 0xc0000f80},
	{"software bits", MIPS, 0, SZ_4K, PGT_RWX | PGT_SW(0) | PGT_SW(3), C0,
	 0xc0000789},
	{"4 MiB", MIPS, 0, 4 * SZ_1M, PGT_RWX, C0, 0xc0000780},
	{"the last page", MIPS, 0, SZ_4K, PGT_RWX, 0xfffff000, 0xfffff780},
	{"all can be read", MIPS, 0, SZ_4K, PGT_X, C0, 0},
	{"no device executes", MIPS, 0, SZ_4K, PGT_RX | PGT_DEVICE, C0, 0},
	{"nothing is wider", MIPS, LPA2, SZ_4K, PGT_RWX, C0, 0xc0000780},
};

DESCRIPTORS(mips)

/* ---- EntryLo ---------------------------------------------------------------- */

static u32 rotate_right(u32 x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

/* MIPS32 volume III: RI 31, XI 30, PFN 29 to 6, C 5 to 3, D 2, V 1, G 0. */
static u32 entrylo(u32 xi, u64 pa, u32 c, u32 d, u32 v)
{
	return xi << 30 | (pa >> 12) << 6 | c << 3 | d << 2 | v << 1;
}

static const struct {
	const char *shows;
	u32 attr;
	u64 pa;
	u32 xi, c, d;
} leaves[] = {
	{"read, write and execute", PGT_RWX, 0x0000a000, 0, 3, 1},
	{"read and execute", PGT_RX, 0x80000000, 0, 3, 0},
	{"read and write", PGT_RW, 0xfffff000, 1, 3, 1},
	{"read", PGT_R, 0x12345000, 1, 3, 0},
	{"a device", PGT_RW | PGT_DEVICE, 0x1f000000, 1, 2, 1},
	{"uncached", PGT_RWX | PGT_NOCACHE, 0x1f000000, 0, 7, 1},
	{"with software bits", PGT_RWX | PGT_SW_MASK, 0x55555000, 0, 3, 1},
};

/* One shift; or a shift and a rotation, where there are RI and XI (K41). */
static void a_leaf_becomes_entrylo_by_shifting(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++) {
		__typeof__(&leaves[0]) l = &leaves[i];
		int level;
		u32 e;

		print_message("%s\n", l->shows);
		assert_int_equal(regime_open(MIPS, 32, 32, PGT_FEAT_RIXI), 0);
		assert_int_equal(pgtable_map(&pt, IA(SZ_2M), SZ_4K, HPA(l->pa),
					     l->attr, NULL, NULL),
				 0);
		e = host_walk(&pt, SZ_2M, &level);
		assert_int_equal(e >> PGT_MIPS32_SHIFT,
				 entrylo(0, l->pa, l->c, l->d, 1));
		assert_int_equal(rotate_right(e >> PGT_MIPS32_RIXI_SHIFT,
					      PGT_MIPS32_RIXI_ROTATE),
				 entrylo(l->xi, l->pa, l->c, l->d, 1));
		/* What is old, or gone, makes a TLB-invalid exception. */
		assert_true(pgtable_test_young(&pt, IA(SZ_2M), SZ_4K, true));
		e = host_walk(&pt, SZ_2M, &level);
		assert_int_equal(e >> PGT_MIPS32_SHIFT,
				 entrylo(0, l->pa, l->c, l->d, 0));
		assert_int_equal(pgtable_mark_young(&pt, IA(SZ_2M)), 0);
		assert_int_equal(host_walk(&pt, SZ_2M, &level) >>
					 PGT_MIPS32_SHIFT,
				 entrylo(0, l->pa, l->c, l->d, 1));
		regime_close();
	}
}

/* A table's address is the entry less a constant; a leaf is 4 MiB. */
static void the_directory_tells_tables_from_leaves(void **state)
{
	u64 size = 4 * SZ_1M;
	u32 *directory;

	assert_int_equal(regime_open(MIPS, 32, 32, 0), 0);
	directory = pt.root;
	assert_int_equal(pgtable_map(&pt, IA(2 * size), size, HPA(3 * size),
				     PGT_RWX, NULL, NULL),
			 0);
	assert_false(directory[2] & PGT_MIPS32_TABLE);
	assert_int_equal(pgtable_unmap(&pt, IA(3 * size - SZ_4K), SZ_4K, NULL),
			 0);
	assert_true(directory[2] & PGT_MIPS32_TABLE);
	assert_false(directory[2] & PGT_MIPS32_V);
	assert_int_equal(directory[2] - PGT_MIPS32_TABLE_TYPE,
			 host.phys_base + SZ_4K);
	assert_int_equal(host_leaves(&pt, 3), 1023);
	assert_int_equal(host_check_tree(&pt), host.used);
	regime_close();
}

static unsigned int looks;

/* What a refill handler on another CPU finds in the meantime. */
static void look_as_refill_does(struct pgtable *tree, const struct host_flush *f)
{
	u32 *directory = tree->root;

	for (unsigned int i = 0; i < 1024; i++) {
		u32 e = directory[i];

		if (e & PGT_MIPS32_TABLE)
			assert_int_equal(e & 0xfff, PGT_MIPS32_TABLE_TYPE);
		else if (!(e & PGT_MIPS32_VALID))
			assert_false(e & PGT_MIPS32_V);
	}
	looks++;
}

static void a_broken_entry_is_neither_table_nor_valid(void **state)
{
	u64 size = 4 * SZ_1M;

	assert_int_equal(regime_open(MIPS, 32, 32, 0), 0);
	host.on_flush = look_as_refill_does;
	/* A table gives way to another page's block, and to its own; a block to
	 * a table; and all goes. */
	assert_int_equal(pgtable_map(&pt, IA(size), SZ_4K, HPA(0), PGT_RW, NULL,
				     NULL),
			 0);
	assert_int_equal(pgtable_map(&pt, IA(0), 4 * size, HPA(0),
				     PGT_RW | PGT_EXCLUSIVE, NULL, NULL),
			 0);
	assert_int_equal(pgtable_protect(&pt, IA(size), SZ_4K, PGT_W, 0, NULL),
			 0);
	assert_int_equal(pgtable_map(&pt, IA(size), size, HPA(size),
				     PGT_RW | PGT_EXCLUSIVE, NULL, NULL),
			 0);
	assert_int_equal(pgtable_split(&pt, IA(size), size, SZ_4K, NULL, NULL),
			 0);
	assert_int_equal(pgtable_collapse(&pt, IA(size), size, size), 0);
	assert_int_equal(pgtable_unmap(&pt, IA(0), 4 * size, NULL), 0);
	assert_true(looks >= 6);
	host.on_flush = NULL;
	regime_close();
}

static unsigned int logged, dirty_pages;

static void log_dirty(void *arg, ia_t ia, u64 size)
{
	logged++;
	dirty_pages += size / SZ_4K;
}

static int harvest(void)
{
	logged = dirty_pages = 0;
	host_forget_flushes(&host);
	return pgtable_harvest_dirty(&pt, IA(0), 16 * SZ_1M, log_dirty, NULL);
}

/* B3: D is what lets writes through, so what is clean has it clear, and a write
 * is a TLB-modified exception. */
static void a_page_is_dirty_by_being_writable(void **state)
{
	struct pgtable_leaf l;

	assert_int_equal(regime_open(MIPS, 32, 32, 0), 0);
	assert_int_equal(pgtable_map(&pt, IA(0), 3 * SZ_4K, HPA(C0), PGT_RWX,
				     NULL, NULL), 0);
	assert_int_equal(pgtable_map(&pt, IA(8 * SZ_1M), 4 * SZ_1M, HPA(C0),
				     PGT_RWX, NULL, NULL), 0);
	assert_int_equal(pgtable_map(&pt, IA(SZ_1M), SZ_4K, HPA(C0), PGT_RX,
				     NULL, NULL), 0);
	assert_int_equal(harvest(), 0);
	assert_int_equal(logged, 2);
	assert_int_equal(dirty_pages, 3 + 1024);
	assert_int_equal(pgtable_lookup(&pt, IA(SZ_4K), &l), 0);
	assert_int_equal(l.attr & (PGT_RWX | PGT_DIRTY), PGT_RX);
	assert_int_equal(harvest(), -EALREADY);
	/* Whoever takes the exception maps it writable again. */
	assert_int_equal(pgtable_map(&pt, IA(SZ_4K), SZ_4K, HPA(C0 + SZ_4K),
				     PGT_RWX, NULL, NULL), 0);
	assert_int_equal(harvest(), 0);
	assert_int_equal(dirty_pages, 1);
	regime_close();
}

/* K6: V is clear in what is old, which faults when it is used next. */
static void a_page_is_young_by_being_valid(void **state)
{
	struct pgtable_leaf l;

	assert_int_equal(regime_open(MIPS, 32, 32, 0), 0);
	assert_int_equal(pgtable_map(&pt, IA(0), SZ_4K, HPA(C0), PGT_RWX, NULL,
				     NULL), 0);
	assert_true(pgtable_test_young(&pt, IA(0), SZ_4K, true));
	assert_false(pgtable_test_young(&pt, IA(0), SZ_4K, false));
	assert_int_equal(pgtable_lookup(&pt, IA(0), &l), 0);
	assert_int_equal(l.attr & (PGT_RWX | PGT_YOUNG), PGT_RWX);
	assert_int_equal(pgtable_map(&pt, IA(0), SZ_4K, HPA(C0), PGT_RWX, NULL,
				     NULL), 0);
	assert_true(pgtable_test_young(&pt, IA(0), SZ_4K, false));
	regime_close();
}

/* What the build has no walker for is refused, not walked wrongly. */
static void a_kind_that_was_left_out_is_refused(void **state)
{
#ifdef PGTABLE_KINDS
	int expected = -EINVAL;
#else
	int expected = 0;
#endif

	assert_int_equal(regime_open(S2_4K, 40, 40, 0), expected);
	regime_close();
	assert_int_equal(regime_open(V7_HYP, 32, 40, 0), expected);
	regime_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mips_descriptors),
		cmocka_unit_test(a_leaf_becomes_entrylo_by_shifting),
		cmocka_unit_test(the_directory_tells_tables_from_leaves),
		cmocka_unit_test(a_kind_that_was_left_out_is_refused),
		cmocka_unit_test(a_broken_entry_is_neither_table_nor_valid),
		cmocka_unit_test(a_page_is_dirty_by_being_writable),
		cmocka_unit_test(a_page_is_young_by_being_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
