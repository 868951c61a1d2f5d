/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trees of every kind, and whether one has changed at all: for tests of
 * operations, one program each. Include <cmocka.h> first.
 */
#ifndef PGTABLE_TESTING_KINDS_H
#define PGTABLE_TESTING_KINDS_H

#include <stdlib.h>
#include <string.h>

#include "lib/errno.h"
#include "pgtable/testing/host.h"

/* DDI 0487, D8.3: what the tests look for in descriptors. */
#define D_VALID BIT64(0)
#define D_TABLE BIT64(1)
#define D_WRITE BIT64(7) /* S2AP[1]; at stage 1 AP[2], read-only */
#define D_AF    BIT64(10)
#define D_DBM   BIT64(51)

struct kind {
	const char *name;
	const struct pgtable_format *format;
	unsigned int granule_shift, ia_bits;
};

/* The roots: 2 tables, 16 tables, 1; each granule; stage 1. */
static const struct kind kinds[] = {
	{"stage 2, 4K, 40 bits", &pgtable_arm64_s2_4k, 12, 40},
	{"stage 2, 4K, 43 bits", &pgtable_arm64_s2_4k, 12, 43},
	{"stage 2, 4K, 48 bits", &pgtable_arm64_s2_4k, 12, 48},
	{"stage 2, 16K, 40 bits", &pgtable_arm64_s2_16k, 14, 40},
	{"stage 2, 64K, 42 bits", &pgtable_arm64_s2_64k, 16, 42},
	{"EL2, 4K, 39 bits", &pgtable_arm64_el2_4k, 12, 39},
	{"ARMv7 stage 2", &pgtable_lpae_s2, 12, 40},
	{"ARMv7 Hyp mode", &pgtable_lpae_hyp, 12, 32},
};

#define KIND_S2_4K  (&kinds[0])
#define KIND_S2_16K (&kinds[3])
static struct host host;
static struct pgtable pt;
static struct pgtable_ops test_ops;
static u64 page; /* bytes */
static unsigned int tables_most = 160; /* of a tree */

static inline void tree_make(const struct kind *k, u32 features, bool no_blocks)
{
	struct pgtable_config config = {.format = k->format,
					.ia_bits = k->ia_bits,
					.oa_bits = 40,
					.no_blocks = no_blocks,
					.features = features};

	page = 1ULL << k->granule_shift;
	host_init(&host, page, tables_most);
	host.watch = true;
	test_ops = host_ops;
	assert_int_equal(pgtable_init(&pt, &config, &test_ops, &host), 0);
}

static inline void tree_drop(void)
{
	host.on_flush = NULL;
	assert_int_equal(host_check_tree(&pt), host.used);
	pgtable_destroy(&pt);
	host_fini(&host);
}

/* The size of a leaf at a level above the last; 0: there is none. */
static inline u64 block_size(int level)
{
	return level < 3 ? pgtable_leaf_size(&pt, level) : 0;
}

static inline int map(u64 ia, u64 size, u64 pa, u32 attr)
{
	return pgtable_map(&pt, IA(ia), size, HPA(pa), attr, NULL, NULL);
}

/* In pages, whatever would fit. */
static inline void map_pages(u64 ia, u64 size, u64 pa, u32 attr)
{
	for (u64 at = 0; at < size; at += page)
		assert_int_equal(map(ia + at, page, pa + at, attr), 0);
}

static inline struct pgtable_leaf leaf_at_ia(u64 ia)
{
	struct pgtable_leaf leaf = {.attr = 0};

	assert_int_equal(pgtable_lookup(&pt, IA(ia), &leaf), 0);
	return leaf;
}

static inline u32 attr(u64 ia)
{
	return leaf_at_ia(ia).attr;
}

/* The descriptor that translates `ia`: as the hardware sees and changes it. */
static inline u64 *descriptor(u64 ia)
{
	unsigned int bits = __builtin_ctzll(page) - 3;
	u64 *table = pt.root;

	for (int level = pt.start_level;; level++) {
		unsigned int shift = bits + 3 + (3 - level) * bits;
		u64 index = ia >> shift, *d;

		if (level != pt.start_level)
			index &= (1ULL << bits) - 1;
		d = &table[index];
		if (level == 3 || (*d & 3) != 3)
			return d;
		table = host_ops.to_virt(&pt, HPA(*d & 0xfffffffff000 &
						  ~(page - 1)));
	}
}

/* ---- Snapshots ---------------------------------------------------------- */

/* All tables, free ones too, which are poisoned, and their counts. */
struct snapshot {
	char *arena;
	u32 *counts;
	u64 tables;
};

static inline struct snapshot snapshot_take(void)
{
	struct snapshot s = {.tables = pt.tables};

	s.arena = malloc(host.pages * host.granule);
	s.counts = malloc(host.pages * sizeof(*host.counts));
	assert_true(s.arena && s.counts);
	memcpy(s.arena, host.arena, host.pages * host.granule);
	memcpy(s.counts, host.counts, host.pages * sizeof(*host.counts));
	return s;
}

static inline void snapshot_same(struct snapshot *s)
{
	assert_int_equal(s->tables, pt.tables);
	assert_memory_equal(s->arena, host.arena, host.pages * host.granule);
	assert_memory_equal(s->counts, host.counts,
			    host.pages * sizeof(*host.counts));
}

static inline void snapshot_drop(struct snapshot *s)
{
	free(s->arena);
	free(s->counts);
}

/* ---- Ranges that no operation takes --------------------------------------- */

static const struct {
	const char *shows;
	u64 ia, size; /* in pages, and bytes that are no whole one */
	u64 ia_bytes, size_bytes;
	bool from_end; /* ia counts back from the end of the address space */
	int error;
} bad_ranges[] = {
	{"an empty range", .ia = 1, .error = -EINVAL},
	{"an unaligned start", .ia_bytes = 8, .size = 1, .error = -EINVAL},
	{"an unaligned size", .size = 1, .size_bytes = 8, .error = -EINVAL},
	{"less than a page", .size_bytes = 1, .error = -EINVAL},
	{"past the end", .ia = 1, .size = 2, .from_end = true, .error = -ERANGE},
	{"beyond it", .size = 1, .from_end = true, .error = -ERANGE},
};

/* `op` refuses each, and those that wrap, and nothing has changed. */
static inline void refuses_bad_ranges(int (*op)(u64 ia, u64 size))
{
	struct snapshot s = snapshot_take();
	u64 end = pt.ia_size;

	for (size_t i = 0; i < ARRAY_SIZE(bad_ranges); i++) {
		u64 ia = bad_ranges[i].ia * page;

		if (bad_ranges[i].from_end)
			ia = end - ia;
		print_message("%s\n", bad_ranges[i].shows);
		assert_int_equal(op(ia + bad_ranges[i].ia_bytes,
				    bad_ranges[i].size * page +
					    bad_ranges[i].size_bytes),
				 bad_ranges[i].error);
	}
	assert_int_equal(op(end - page, 0 - page), -ERANGE);
	assert_int_equal(op(0 - page, page), -ERANGE);
	assert_int_equal(op(0 - page, 2 * page), -ERANGE);
	snapshot_same(&s);
	snapshot_drop(&s);
	assert_int_equal(host.flushes, 0);
}

#endif
