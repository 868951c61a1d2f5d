// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/*
 * Dirty state: PGT_CLEAN, PGT_DIRTY and pgtable_harvest_dirty(), by hardware and
 * by write protection (K4, B3; bugs.md 11, 16, 23).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

#define RUNS 64

static struct {
	struct {
		u64 ia, size;
	} run[RUNS];
	unsigned int count;
} reported;

static void note(void *arg, ia_t ia, u64 size)
{
	assert_ptr_equal(arg, &reported);
	assert_true(reported.count < RUNS);
	reported.run[reported.count].ia = ia.v;
	reported.run[reported.count++].size = size;
}

static int harvest(u64 ia, u64 size)
{
	reported.count = 0;
	host_forget_flushes(&host);
	return pgtable_harvest_dirty(&pt, IA(ia), size, note, &reported);
}

static void reported_one(u64 ia, u64 size)
{
	assert_int_equal(reported.count, 1);
	assert_int_equal(reported.run[0].ia, ia);
	assert_int_equal(reported.run[0].size, size);
}

/* As the MMU does on a write: DDI 0487, D8.4.8. */
static void hardware_writes(u64 ia)
{
	u64 *d = descriptor(ia);

	assert_true(*d & D_VALID && *d & (D_DBM | D_WRITE));
	*d |= D_AF | D_WRITE;
}

static int protect(u64 ia, u64 size, u32 clear, u32 set)
{
	return pgtable_protect(&pt, IA(ia), size, clear, set, NULL);
}

/* ---- What descriptors say ------------------------------------------------- */

static const struct {
	const char *shows;
	u32 features, attr;
	u64 bits; /* of D_WRITE and D_DBM */
	u32 found; /* but for PGT_YOUNG */
} descriptors[] = {
	{"writable", 0, PGT_RW, D_WRITE, PGT_RW | PGT_DIRTY},
	{"read-only", 0, PGT_R, 0, PGT_R},
	{"dirty", PGT_FEAT_HAFDBS, PGT_RW, D_WRITE | D_DBM, PGT_RW | PGT_DIRTY},
	{"dirty, write-back forced", PGT_FEAT_HAFDBS | PGT_FEAT_FWB, PGT_RWX,
	 D_WRITE | D_DBM, PGT_RWX | PGT_DIRTY},
	{"clean", PGT_FEAT_HAFDBS, PGT_RWX | PGT_CLEAN, D_DBM, PGT_RWX},
	{"clean, write-back forced", PGT_FEAT_HAFDBS | PGT_FEAT_FWB,
	 PGT_RW | PGT_CLEAN | PGT_SW(1), D_DBM, PGT_RW | PGT_SW(1)},
	{"clean and read-only", PGT_FEAT_HAFDBS, PGT_RX | PGT_CLEAN, 0, PGT_RX},
	{"read-only with the feature", PGT_FEAT_HAFDBS, PGT_R, 0, PGT_R},
};

static void descriptors_say_what_is_dirty(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		print_message("%s\n", descriptors[i].shows);
		tree_make(KIND_S2_4K, descriptors[i].features, false);
		assert_int_equal(map(0, page, 0, descriptors[i].attr), 0);
		assert_int_equal(*descriptor(0) & (D_WRITE | D_DBM),
				 descriptors[i].bits);
		assert_int_equal(attr(0), descriptors[i].found | PGT_YOUNG);
		tree_drop();
	}
}

static void clean_takes_the_hardware(void **state)
{
	struct snapshot s;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		bool el2 = kinds[i].format == &pgtable_arm64_el2_4k;

		tree_make(&kinds[i], el2 ? PGT_FEAT_HAFDBS : 0, false);
		s = snapshot_take();
		assert_int_equal(map(0, page, 0, PGT_RW | PGT_CLEAN), -EINVAL);
		assert_int_equal(map(0, block_size(2), 0,
				     PGT_RW | PGT_CLEAN | PGT_EXCLUSIVE),
				 -EINVAL);
		snapshot_same(&s);
		snapshot_drop(&s);
		tree_drop();
	}
}

/* What cannot be written is not made clean either, hardware or not. */
static void clean_says_nothing_without_writing(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i / 2], i & 1 ? PGT_FEAT_HAFDBS : 0, false);
		assert_int_equal(map(0, page, 0, PGT_R | PGT_CLEAN), 0);
		assert_int_equal(attr(0), PGT_R | PGT_YOUNG);
		assert_int_equal(map(0, page, 0, PGT_R), -EALREADY);
		tree_drop();
	}
}

/* From the start, where the hardware does not say when. */
static void what_is_writable_is_dirty(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i / 2], i & 1 ? PGT_FEAT_HAFDBS : 0, false);
		assert_int_equal(map(0, page, 0, PGT_RW), 0);
		assert_int_equal(map(page, page, 0, PGT_R), 0);
		assert_int_equal(attr(0), PGT_RW | PGT_YOUNG | PGT_DIRTY);
		assert_int_equal(attr(page), PGT_R | PGT_YOUNG);
		tree_drop();
	}
}

static const struct {
	const char *shows;
	u32 from, clear, set, to;
	int r;
} protects[] = {
	{"write-protect what is dirty", PGT_RW, PGT_W, 0, PGT_R, 0},
	{"write-protect what is clean", PGT_RW | PGT_CLEAN, PGT_W, 0, PGT_R, 0},
	{"grant writing", PGT_R, 0, PGT_W, PGT_RW | PGT_DIRTY, 0},
	{"clean keeps so", PGT_RWX | PGT_CLEAN, PGT_X, 0, PGT_RW, 0},
	{"dirty keeps so", PGT_RWX, PGT_X, PGT_SW(1),
	 PGT_RW | PGT_DIRTY | PGT_SW(1), 0},
	{"granted again, it may have been written", PGT_RW | PGT_CLEAN, 0,
	 PGT_W, PGT_RW | PGT_DIRTY, 0},
	{"dirty already", PGT_RW, 0, PGT_W, PGT_RW | PGT_DIRTY, -EALREADY},
};

/* A page, a page as part of a range, and the middle of a block. */
static void protecting(void **state)
{
	for (size_t i = 0; i < 3 * ARRAY_SIZE(protects); i++) {
		u64 part;

		print_message("%s\n", protects[i / 3].shows);
		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
		part = i % 3 == 2 ? 2 * page : i % 3 ? 8 * page : page;
		map(SZ_2M, i % 3 == 2 ? SZ_2M : part, 0, protects[i / 3].from);
		assert_int_equal(protect(SZ_2M, part, protects[i / 3].clear,
					 protects[i / 3].set),
				 protects[i / 3].r);
		assert_int_equal(attr(SZ_2M), protects[i / 3].to | PGT_YOUNG);
		assert_int_equal(attr(SZ_2M + part - page),
				 protects[i / 3].to | PGT_YOUNG);
		tree_drop();
	}
}

/* ---- Harvesting ------------------------------------------------------------ */

static void no_range_that_is_none(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		tree_make(&kinds[i], 0, false);
		map(0, 4 * page, 0, PGT_RW);
		refuses_bad_ranges(harvest);
		assert_int_equal(reported.count, 0);
		tree_drop();
	}
}

/* Of every kind, a whole address space that has something at both ends. */
static void what_is_dirty_is_reported_once(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		u32 features = i & 1 ? PGT_FEAT_HAFDBS : 0;
		bool hw;
		u64 last;

		print_message("%s\n", kinds[i / 2].name);
		tree_make(&kinds[i / 2], features, false);
		hw = pt.dbm;
		last = pt.ia_size - page;
		assert_int_equal(harvest(0, pt.ia_size), -EALREADY);
		map(0, 2 * page, 0, PGT_RW);
		map(2 * page, page, 0, PGT_RX);
		map(last, page, page, PGT_RWX);
		assert_int_equal(harvest(0, pt.ia_size), 0);
		assert_int_equal(host.flushes, 1);
		assert_true(host_flushed(&host, 0, 2 * page) &&
			    host_flushed(&host, last, page));
		assert_int_equal(reported.count, 2);
		assert_int_equal(reported.run[0].ia, 0);
		assert_int_equal(reported.run[0].size, 2 * page);
		assert_int_equal(reported.run[1].ia, last);
		assert_int_equal(reported.run[1].size, page);
		/* Clean, and writable only if the hardware sees the write. */
		assert_int_equal(attr(0),
				 (hw ? PGT_RW : PGT_R) | PGT_YOUNG);
		assert_int_equal(attr(last),
				 (hw ? PGT_RWX : PGT_RX) | PGT_YOUNG);
		assert_int_equal(attr(2 * page), PGT_RX | PGT_YOUNG);
		assert_int_equal(harvest(0, pt.ia_size), -EALREADY);
		assert_int_equal(host.flushes, 0);
		assert_int_equal(reported.count, 0);
		/* Written again. */
		if (hw)
			hardware_writes(page);
		else
			assert_int_equal(map(page, page, page, PGT_RW), 0);
		assert_int_equal(harvest(0, pt.ia_size), 0);
		reported_one(page, page);
		assert_int_equal(harvest(page, page), -EALREADY);
		tree_drop();
	}
}

/* Runs go on across tables and from pages to blocks; gaps end them. */
static void runs_are_as_long_as_can_be(void **state)
{
	tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
	map_pages(SZ_2M - 2 * page, 4 * page, 0, PGT_RW);
	assert_int_equal(harvest(0, SZ_1G), 0);
	reported_one(SZ_2M - 2 * page, 4 * page);

	map(2 * SZ_2M, SZ_2M, 0, PGT_RW);
	map_pages(3 * SZ_2M, page, 0, PGT_RW);
	map(3 * SZ_2M + 2 * page, page, 0, PGT_RW);
	map(3 * SZ_2M + 3 * page, page, 0, PGT_RW | PGT_CLEAN);
	map(3 * SZ_2M + 4 * page, page, 0, PGT_RW);
	assert_int_equal(harvest(0, pt.ia_size), 0);
	assert_int_equal(reported.count, 3);
	assert_int_equal(reported.run[0].ia, 2 * SZ_2M);
	assert_int_equal(reported.run[0].size, SZ_2M + page);
	assert_int_equal(reported.run[1].ia, 3 * SZ_2M + 2 * page);
	assert_int_equal(reported.run[1].size, page);
	assert_int_equal(reported.run[2].ia, 3 * SZ_2M + 4 * page);
	assert_int_equal(reported.run[2].size, page);
	tree_drop();
}

static void only_what_lies_in_the_range(void **state)
{
	tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
	map_pages(0, 16 * page, 0, PGT_RW);
	assert_int_equal(harvest(4 * page, 2 * page), 0);
	reported_one(4 * page, 2 * page);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(host.log[0].ia, 4 * page);
	assert_int_equal(host.log[0].size, 2 * page);
	assert_int_equal(attr(3 * page), PGT_RW | PGT_YOUNG | PGT_DIRTY);
	assert_int_equal(attr(6 * page), PGT_RW | PGT_YOUNG | PGT_DIRTY);
	tree_drop();
}

static void a_block_that_is_cut_is_reported_whole(void **state)
{
	for (int n = 0; n < 2; n++) {
		tree_make(KIND_S2_4K, n ? PGT_FEAT_HAFDBS : 0, false);
		map(SZ_1G, 2 * SZ_2M, 0, PGT_RW);
		assert_int_equal(harvest(SZ_1G + page, page), 0);
		reported_one(SZ_1G, SZ_2M);
		assert_int_equal(host_leaves(&pt, 2), 2);
		assert_int_equal(attr(SZ_1G + SZ_2M),
				 PGT_RW | PGT_YOUNG | PGT_DIRTY);
		/* Its neighbour, from inside the one to inside the other. */
		assert_int_equal(harvest(SZ_1G + page, SZ_2M), 0);
		reported_one(SZ_1G + SZ_2M, SZ_2M);
		tree_drop();
	}
}

/* Whether it may be cached or not, what is old may have been written. */
static void what_is_old_is_dirty_as_well(void **state)
{
	tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
	map(0, page, 0, PGT_RW);
	assert_true(pgtable_test_young(&pt, IA(0), page, true));
	assert_int_equal(attr(0), PGT_RW | PGT_DIRTY);
	assert_int_equal(harvest(0, page), 0);
	reported_one(0, page);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(attr(0), PGT_RW);
	tree_drop();
}

/* During each invalidation the guest writes wherever an entry lets it. */
static u64 wrote[16];

static void guest_writes(struct pgtable *tree, const struct host_flush *f)
{
	for (u64 n = 0; n < ARRAY_SIZE(wrote); n++) {
		u64 *d = descriptor(n * page);

		if (!(*d & (D_DBM | D_WRITE)))
			continue;
		if (*d & D_DBM)
			*d |= D_WRITE;
		wrote[n]++;
	}
}

/* What is written before the last invalidation is over is in the report. */
static void after_the_last_harvest_nothing_is_written(void **state)
{
	for (int n = 0; n < 2; n++) {
		u64 done = 0;

		tree_make(KIND_S2_4K, n ? PGT_FEAT_HAFDBS : 0, false);
		for (u64 i = 0; i < ARRAY_SIZE(wrote); i++)
			map(i * page, page, 0,
			    i % 4 == 3	     ? PGT_RX :
			    n && i % 4 == 1 ? PGT_RWX | PGT_CLEAN : PGT_RWX);
		memset(wrote, 0, sizeof(wrote));
		reported.count = 0;
		host_forget_flushes(&host);
		host.on_flush = guest_writes;
		assert_int_equal(pgtable_harvest_last(&pt, IA(0),
						      ARRAY_SIZE(wrote) * page,
						      note, &reported),
				 0);
		host.on_flush = NULL;
		assert_int_equal(host.flushes, n ? 2 : 1);
		for (u64 i = 0; i < ARRAY_SIZE(wrote); i++)
			assert_false(attr(i * page) & (PGT_W | PGT_DIRTY));
		for (unsigned int r = 0; r < reported.count; r++)
			for (u64 at = 0; at < reported.run[r].size; at += page)
				done |= BIT64((reported.run[r].ia + at) / page);
		for (u64 i = 0; i < ARRAY_SIZE(wrote); i++) {
			assert_true(!wrote[i] || done & BIT64(i));
			assert_int_equal(done >> i & 1,
					 i % 4 != 3 && !(n && i % 4 == 1));
		}
		assert_int_equal(pgtable_harvest_last(&pt, IA(0), page, note,
						      &reported),
				 -EALREADY);
		tree_drop();
	}
}

/* ---- Mapping over what is dirty --------------------------------------------- */

#define RW_C (PGT_RW | PGT_CLEAN)

static const struct {
	const char *shows;
	u32 first; /* what stands: of 2 MiB, as a block or as pages */
	bool pages;
	u64 write; /* then written at this page, if not 0 */
	u64 ia, size, pa;
	u32 attr;
	u32 found; /* at ia; but for PGT_YOUNG */
	int r;
} overs[] = {
	{"a clean page over itself", RW_C, true, 0, 4, 1, 4, RW_C, PGT_RW,
	 -EALREADY},
	{"a dirty page stays", RW_C, true, 4, 4, 1, 4, RW_C, PGT_RW | PGT_DIRTY,
	 -EALREADY},
	{"dirty, with another permission", RW_C, true, 4, 4, 1, 4, RW_C | PGT_X,
	 PGT_RWX | PGT_DIRTY, 0},
	{"dirty, not cached from now on", RW_C, true, 4, 4, 1, 4,
	 RW_C | PGT_NOCACHE, PGT_RW | PGT_NOCACHE | PGT_DIRTY, 0},
	{"another page is clean", RW_C, true, 4, 4, 1, 1000, RW_C, PGT_RW, 0},
	{"clean and not writable", RW_C, true, 4, 4, 1, 4,
	 PGT_R | PGT_CLEAN, PGT_R, 0},
	{"writable, so dirty", RW_C, true, 0, 4, 1, 4, PGT_RW,
	 PGT_RW | PGT_DIRTY, 0},
	{"a dirty page in a run", RW_C, true, 4, 2, 8, 2, RW_C | PGT_X, PGT_RWX, 0},
	{"a dirty block stays", RW_C, false, 4, 4, 1, 4, RW_C,
	 PGT_RW | PGT_DIRTY, -EALREADY},
	{"a clean block stays", RW_C, false, 0, 4, 8, 4, RW_C, PGT_RW,
	 -EALREADY},
	{"a page of a dirty block", RW_C, false, 4, 4, 1, 4, RW_C | PGT_X,
	 PGT_RWX | PGT_DIRTY, 0},
	{"another page in a dirty block", RW_C, false, 4, 4, 1, 1000, RW_C,
	 PGT_RW, 0},
	{"a block over a dirty page", RW_C, true, 4, 0, 512, 0, RW_C,
	 PGT_RW | PGT_DIRTY, 0},
	{"a block over clean pages", RW_C, true, 0, 0, 512, 0, RW_C, PGT_RW, 0},
	{"another block over a dirty page", RW_C, true, 4, 0, 512, 512, RW_C,
	 PGT_RW, 0},
};

static void over_what_stands(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(overs); i++) {
		u64 ia = SZ_1G + overs[i / 2].ia * page;
		u64 size = overs[i / 2].size * page;
		u64 pa = SZ_1G + overs[i / 2].pa * page;
		bool exclusive = i & 1;

		/* Only alone does a block take a table's place. */
		if (size == SZ_2M && !exclusive)
			continue;
		print_message("%s\n", overs[i / 2].shows);
		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
		if (overs[i / 2].pages)
			map_pages(SZ_1G, SZ_2M, SZ_1G, overs[i / 2].first);
		else
			map(SZ_1G, SZ_2M, SZ_1G, overs[i / 2].first);
		if (overs[i / 2].write)
			hardware_writes(SZ_1G + overs[i / 2].write * page);
		assert_int_equal(map(ia, size, pa,
				     overs[i / 2].attr |
					     (exclusive ? PGT_EXCLUSIVE : 0)),
				 overs[i / 2].r);
		assert_int_equal(attr(ia), overs[i / 2].found | PGT_YOUNG);
		tree_drop();
	}
}

/* One of the blocks of a range is written as pages, one as itself. */
static void a_range_of_blocks_over_all_kinds(void **state)
{
	tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
	map_pages(SZ_1G, SZ_2M, SZ_1G, RW_C);
	map_pages(SZ_1G + SZ_2M, SZ_2M, SZ_1G + SZ_2M, RW_C);
	map(SZ_1G + 2 * SZ_2M, 2 * SZ_2M, SZ_1G + 2 * SZ_2M, RW_C);
	hardware_writes(SZ_1G + SZ_2M + 99 * page);
	hardware_writes(SZ_1G + 3 * SZ_2M);
	host_forget_flushes(&host);
	assert_int_equal(map(SZ_1G, 6 * SZ_2M, SZ_1G,
			     RW_C | PGT_X | PGT_EXCLUSIVE), 0);
	assert_int_equal(host.flushes, 1);
	for (u64 n = 0; n < 6; n++) {
		assert_int_equal(attr(SZ_1G + n * SZ_2M),
				 PGT_RWX | PGT_YOUNG |
					 (n == 1 || n == 3 ? PGT_DIRTY : 0));
		assert_int_equal(leaf_at_ia(SZ_1G + n * SZ_2M).level, 2);
	}
	tree_drop();
}

/* A block of 1 GiB over a subtree in which one page is dirty. */
static void a_block_over_a_subtree(void **state)
{
	for (int n = 0; n < 2; n++) {
		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
		map(0, SZ_1G - SZ_2M, 0, RW_C);
		map_pages(SZ_1G - SZ_2M, SZ_2M, SZ_1G - SZ_2M, RW_C);
		if (n)
			hardware_writes(SZ_1G - page);
		assert_int_equal(map(0, SZ_1G, 0, RW_C | PGT_EXCLUSIVE), 0);
		assert_int_equal(leaf_at_ia(0).level, 1);
		assert_int_equal(attr(0), PGT_RW | PGT_YOUNG |
						  (n ? PGT_DIRTY : 0));
		tree_drop();
	}
}

/* ---- The hardware meanwhile --------------------------------------------------- */

static u64 *walked;

static void write_late(struct pgtable *p, const struct host_flush *f)
{
	*walked |= D_WRITE | D_AF;
}

/* Until the invalidation a CPU may write by a table that is unlinked. */
static void a_late_write_of_an_unlinked_table_counts(void **state)
{
	for (int n = 1; n <= 2; n++) {
		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
		map_pages(0, n * SZ_2M, 0, RW_C);
		walked = descriptor(SZ_2M - page);
		host.on_flush = write_late;
		assert_int_equal(map(0, n * SZ_2M, 0, RW_C | PGT_EXCLUSIVE), 0);
		assert_int_equal(attr(0), PGT_RW | PGT_YOUNG | PGT_DIRTY);
		tree_drop();
	}
}

/* While the tables of a cut are built, the block is written. */
static void write_meanwhile(struct pgtable *p, void *entry, size_t size)
{
	if (size == SZ_4K)
		*descriptor(SZ_1G) |= D_WRITE | D_AF;
}

static void a_write_of_a_block_that_is_cut_counts(void **state)
{
	const u64 at = SZ_1G + page;

	for (int n = 0; n < 6; n++) {
		tree_make(KIND_S2_4K,
			  PGT_FEAT_HAFDBS | (n & 1 ? PGT_FEAT_BBM2 : 0), false);
		map(SZ_1G, SZ_1G, 0, RW_C);
		pgtable_test_young(&pt, IA(SZ_1G), SZ_1G, true);
		test_ops.table_sync = write_meanwhile;
		if (n < 2)
			pgtable_unmap(&pt, IA(at), page, NULL);
		else if (n < 4)
			protect(at, page, PGT_W, 0);
		else if (n < 5)
			map(at, page, 16 * SZ_1G, PGT_R | PGT_EXCLUSIVE);
		else /* shared: it has lost a race, and does it again */
			while (map(at, page, 16 * SZ_1G, PGT_R) == -EAGAIN)
				;
		assert_int_equal(attr(SZ_1G), PGT_RW | PGT_YOUNG | PGT_DIRTY);
		assert_int_equal(attr(SZ_1G + SZ_2M),
				 PGT_RW | PGT_YOUNG | PGT_DIRTY);
		if (n >= 2)
			assert_int_equal(attr(at), PGT_R | PGT_YOUNG);
		test_ops.table_sync = host_ops.table_sync;
		tree_drop();
	}
}

/* With FEAT_BBM level 2 a block that is cut is never broken, unless the hardware
 * writes to tables. */
static bool live;

static void look_at_flush(struct pgtable *p, const struct host_flush *f)
{
	int level;
	u64 d = host_walk(p, SZ_1G, &level);

	assert_true(live ? d && level == 3 && !f->size : d == 0 && f->size);
}

static void a_cut_block_changes_at_once_with_bbm(void **state)
{
	static const u32 features[] = {
		0, PGT_FEAT_BBM2, PGT_FEAT_BBM2 | PGT_FEAT_HAFDBS,
	};

	for (int n = 0; n < 6; n++) {
		live = n % 3 == 1;
		tree_make(KIND_S2_4K, features[n % 3], false);
		map(SZ_1G, SZ_1G, 0, PGT_RW);
		host.on_flush = look_at_flush;
		if (n < 3)
			pgtable_unmap(&pt, IA(SZ_1G + page), page, NULL);
		else
			protect(SZ_1G + page, page, PGT_W, 0);
		assert_int_equal(host.flushes, 1);
		assert_int_equal(host_walk(&pt, SZ_1G + page, &(int){0}) != 0,
				 n >= 3);
		tree_drop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_say_what_is_dirty),
		cmocka_unit_test(clean_takes_the_hardware),
		cmocka_unit_test(clean_says_nothing_without_writing),
		cmocka_unit_test(what_is_writable_is_dirty),
		cmocka_unit_test(protecting),
		cmocka_unit_test(no_range_that_is_none),
		cmocka_unit_test(what_is_dirty_is_reported_once),
		cmocka_unit_test(runs_are_as_long_as_can_be),
		cmocka_unit_test(only_what_lies_in_the_range),
		cmocka_unit_test(a_block_that_is_cut_is_reported_whole),
		cmocka_unit_test(what_is_old_is_dirty_as_well),
		cmocka_unit_test(after_the_last_harvest_nothing_is_written),
		cmocka_unit_test(over_what_stands),
		cmocka_unit_test(a_range_of_blocks_over_all_kinds),
		cmocka_unit_test(a_block_over_a_subtree),
		cmocka_unit_test(a_late_write_of_an_unlinked_table_counts),
		cmocka_unit_test(a_write_of_a_block_that_is_cut_counts),
		cmocka_unit_test(a_cut_block_changes_at_once_with_bbm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
