// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page-table engine, alone, on the PC: the workloads that bench/pgtable.sh
 * makes a table of.
 *
 *   pgtable             run and time each: report_line() below
 *   pgtable NAME        run one, once: for callgrind, which counts what its
 *                       function, work_NAME, executes, calls included
 *   pgtable list        their names
 *   pgtable parallel    map 1 GiB by one thread, and by four at once: race.h
 *
 * The environment is bench/tables.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/race.h"
#include "bench/tables.h"
#include "lib/errno.h"
#include "lib/util.h"
#include "pgtable/pgtable.h"

#define PAGES      262144u /* 1 GiB of 4 KiB pages */
#define GIB        SZ_1G
#define BASE       (4 * GIB)
#define PA_BASE    (32 * GIB)
#define SPARSE     1000u
#define SPLITS     256u
#define BLOCKS     32768u
#define REPEATS    7
#define RANGE_ATTR (PGT_RWX | PGT_EXCLUSIVE)

static void die(const char *what)
{
	fprintf(stderr, "pgtable: %s\n", what);
	exit(2);
}

/* ---- The tree ---------------------------------------------------------- */

static struct pgtable pt;
static u32 order[PAGES]; /* a permutation of the pages */
static u64 shuffled[PAGES]; /* and their addresses */
static u64 sparse[SPARSE]; /* pages in 1 TiB, ascending */

static u64 random_next(void)
{
	static u64 x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static int compare(const void *a, const void *b)
{
	return *(const u64 *)a < *(const u64 *)b ? -1 : 1;
}

static void orders_init(void)
{
	for (u32 i = 0; i < PAGES; i++) {
		u32 n = random_next() % (i + 1);

		order[i] = order[n];
		order[n] = i;
	}
	for (u32 i = 0; i < PAGES; i++)
		shuffled[i] = BASE + order[i] * SZ_4K;
	for (u32 i = 0; i < SPARSE; i++)
		sparse[i] = random_next() % BIT64(28);
	qsort(sparse, SPARSE, sizeof(sparse[0]), compare);
	for (u32 i = 1; i < SPARSE; i++)
		if (sparse[i] == sparse[i - 1])
			die("a page twice");
}

static void tree_of(const struct pgtable_format *format, size_t table,
		    unsigned int bits, bool no_blocks, u32 features)
{
	struct pgtable_config config = {
		.format = format,
		.ia_bits = bits,
		.oa_bits = bits,
		.no_blocks = no_blocks,
		.features = features,
	};

	tables_topup(table);
	if (pgtable_init(&pt, &config, &tables_ops, NULL))
		die("pgtable_init");
}

static void tree_init(bool no_blocks)
{
	tree_of(&pgtable_arm64_s2_4k, SZ_4K, 40, no_blocks, 0);
}

static void tree_empty(void)
{
	tree_init(false);
}

static void tree_empty_pages(void)
{
	tree_init(true);
}

static void map_or_die(u64 ia, u64 size, u64 pa)
{
	if (pgtable_map(&pt, IA(ia), size, HPA(pa), RANGE_ATTR, NULL, NULL))
		die("pgtable_map");
}

static void tree_pages(void)
{
	tree_init(true);
	map_or_die(BASE, GIB, PA_BASE);
}

/* Pages that may become blocks. */
static void tree_small_pages(void)
{
	tree_init(false);
	for (u32 i = 0; i < PAGES; i++)
		map_or_die(BASE + i * SZ_4K, SZ_4K, PA_BASE + i * SZ_4K);
}

static void tree_blocks(void)
{
	tree_init(false);
	map_or_die(BASE, SPLITS * SZ_2M, PA_BASE + SZ_2M);
}

static void tree_sparse(void)
{
	tree_init(false);
	for (u32 i = 0; i < SPARSE; i++)
		map_or_die(sparse[i] * SZ_4K, SZ_4K, PA_BASE + i * SZ_4K);
}

/* The hardware keeps the dirty state: each page is writable, and was written. */
static void tree_pages_hw(void)
{
	tree_of(&pgtable_arm64_s2_4k, SZ_4K, 40, true, PGT_FEAT_HAFDBS);
	map_or_die(BASE, GIB, PA_BASE);
}

static void tree_pages_clean(void)
{
	tree_of(&pgtable_arm64_s2_4k, SZ_4K, 40, true, PGT_FEAT_HAFDBS);
	if (pgtable_map(&pt, IA(BASE), GIB, HPA(PA_BASE),
			RANGE_ATTR | PGT_CLEAN, NULL, NULL))
		die("pgtable_map");
}

/* Of other formats, empty; 1 GiB at 1 GiB is mapped in them, to 2 GiB. */
static void tree_16k(void)
{
	tree_of(&pgtable_arm64_s2_16k, SZ_16K, 40, true, 0);
}

static void tree_64k(void)
{
	tree_of(&pgtable_arm64_s2_64k, SZ_64K, 40, true, 0);
}

static void tree_lpae(void)
{
	tree_of(&pgtable_lpae_s2, SZ_4K, 40, true, 0);
}

static void tree_mips(void)
{
	tree_of(&pgtable_mips32, SZ_4K, 32, true, 0);
}

/* ---- The workloads ----------------------------------------------------- */

#define work __attribute__((noinline)) static int

work work_map_order(void)
{
	int r = 0;

	for (u32 i = 0; i < PAGES; i++)
		r |= pgtable_map(&pt, IA(BASE + i * SZ_4K), SZ_4K,
				 HPA(PA_BASE + i * SZ_4K), PGT_RWX, NULL, NULL);
	return r;
}

work work_map_random(void)
{
	int r = 0;

	for (u32 i = 0; i < PAGES; i++)
		r |= pgtable_map(&pt, IA(shuffled[i]), SZ_4K,
				 HPA(shuffled[i] - BASE + PA_BASE), PGT_RWX,
				 NULL, NULL);
	return r;
}

work work_map_range(void)
{
	return pgtable_map(&pt, IA(BASE), GIB, HPA(PA_BASE), RANGE_ATTR, NULL,
			   NULL);
}

/* 2 MiB apart from what would do for 1 GiB blocks. */
work work_map_blocks(void)
{
	return pgtable_map(&pt, IA(BASE), BLOCKS * SZ_2M, HPA(PA_BASE + SZ_2M),
			   RANGE_ATTR, NULL, NULL);
}

work work_unmap_range(void)
{
	return pgtable_unmap(&pt, IA(BASE), GIB, NULL);
}

work work_unmap_sparse(void)
{
	return pgtable_unmap(&pt, IA(0), BIT64(40), NULL);
}

work work_unmap_order(void)
{
	int r = 0;

	for (u32 i = 0; i < PAGES; i++)
		r |= pgtable_unmap(&pt, IA(BASE + i * SZ_4K), SZ_4K, NULL);
	return r;
}

work work_protect_range(void)
{
	return pgtable_protect(&pt, IA(BASE), GIB, PGT_W, 0, NULL);
}

work work_age_range(void)
{
	return !pgtable_test_young(&pt, IA(BASE), GIB, true);
}

work work_lookup_random(void)
{
	struct pgtable_leaf leaf;
	u64 sum = 0, all = (u64)PAGES * (PAGES - 1) / 2 * SZ_4K;
	int r = 0;

	for (u32 i = 0; i < PAGES; i++) {
		r |= pgtable_lookup(&pt, IA(shuffled[i]), &leaf);
		sum += leaf.pa.v;
	}
	return r || sum != PAGES * PA_BASE + all;
}

work work_protect_random(void)
{
	int r = 0;

	for (u32 i = 0; i < PAGES; i++)
		r |= pgtable_protect(&pt, IA(shuffled[i]), SZ_4K, PGT_W, 0,
				     NULL);
	return r;
}

/* One page of each block is write-protected. */
work work_split(void)
{
	int r = 0;

	for (u32 i = 0; i < SPLITS; i++)
		r |= pgtable_protect(&pt, IA(BASE + i * SZ_2M + 5 * SZ_4K),
				     SZ_4K, PGT_W, 0, NULL);
	return r;
}

work work_collapse(void)
{
	int r = 0;

	for (u32 i = 0; i < PAGES / 512; i++)
		r |= pgtable_map(&pt, IA(BASE + i * SZ_2M), SZ_2M,
				 HPA(PA_BASE + i * SZ_2M), RANGE_ATTR, NULL,
				 NULL);
	return r;
}

work work_destroy(void)
{
	pgtable_destroy(&pt);
	return 0;
}

static void nothing(void *arg, ia_t ia, u64 size)
{
}

work work_harvest(void)
{
	return pgtable_harvest_dirty(&pt, IA(BASE), GIB, nothing, NULL);
}

work work_harvest_hw(void)
{
	return pgtable_harvest_dirty(&pt, IA(BASE), GIB, nothing, NULL);
}

work work_harvest_clean(void)
{
	return pgtable_harvest_dirty(&pt, IA(BASE), GIB, nothing, NULL) !=
	       -EALREADY;
}

work work_split_range(void)
{
	return pgtable_split(&pt, IA(BASE), SPLITS * SZ_2M, SZ_4K, NULL, NULL);
}

work work_collapse_range(void)
{
	return pgtable_collapse(&pt, IA(BASE), GIB, SZ_2M);
}

static int map_each(u64 page)
{
	int r = 0;

	for (u64 at = 0; at < GIB; at += page)
		r |= pgtable_map(&pt, IA(GIB + at), page, HPA(2 * GIB + at),
				 PGT_RWX, NULL, NULL);
	return r;
}

work work_16k_order(void)
{
	return map_each(SZ_16K);
}

work work_64k_order(void)
{
	return map_each(SZ_64K);
}

work work_lpae_order(void)
{
	return map_each(SZ_4K);
}

work work_mips_order(void)
{
	return map_each(SZ_4K);
}

static int map_all(void)
{
	return pgtable_map(&pt, IA(GIB), GIB, HPA(2 * GIB), RANGE_ATTR, NULL,
			   NULL);
}

work work_64k_range(void)
{
	return map_all();
}

work work_mips_range(void)
{
	return map_all();
}

/* ---- The limit --------------------------------------------------------- */

/*
 * What a table without a walker would touch: `words` entries of an array in
 * place of the tree, `stride` apart or in random order.
 */
struct limit {
	u32 words, stride;
	enum { STORE, LOAD, UPDATE } access;
};

#define RANDOM         0
#define LIMIT(n, s, a) .limit = {.words = (n), .stride = (s), .access = (a)}

static u64 flat[SPARSE * 512];

static void touch(u32 i, int access)
{
	if (access == STORE)
		WRITE_ONCE(flat[i], i);
	else if (access == LOAD)
		(void)READ_ONCE(flat[i]);
	else
		WRITE_ONCE(flat[i], READ_ONCE(flat[i]) & ~128ULL);
}

static void limit_run(const struct limit *l)
{
	if (l->stride == RANDOM)
		for (u32 i = 0; i < l->words; i++)
			touch(order[i], l->access);
	else
		for (u32 i = 0; i < l->words; i++)
			touch(i * l->stride, l->access);
}

/* ---- All of them ------------------------------------------------------- */

struct workload {
	const char *name, *what;
	void (*prepare)(void);
	int (*run)(void);
	u32 units;
	u32 flushes; /* that it may issue */
	double goal; /* instructions per unit; 0: none */
	struct limit limit;
};

#define WORKLOAD(id, text, tree)                                               \
	.name = #id, .what = text, .prepare = (tree), .run = work_##id

static const struct workload workloads[] = {
	{WORKLOAD(map_order, "map 1 GiB, page by page, in order", tree_empty),
	 .units = PAGES, .goal = 100, LIMIT(PAGES, 1, STORE)},
	{WORKLOAD(map_random, "the same, in random order", tree_empty),
	 .units = PAGES, .goal = 105, LIMIT(PAGES, RANDOM, STORE)},
	{WORKLOAD(map_range, "map 1 GiB as pages, one call", tree_empty_pages),
	 .units = PAGES, .goal = 12, LIMIT(PAGES, 1, STORE)},
	{WORKLOAD(map_blocks, "map 64 GiB as 2 MiB blocks, one call",
		  tree_empty),
	 .units = BLOCKS, .goal = 45, LIMIT(BLOCKS, 1, STORE)},
	{WORKLOAD(unmap_range, "unmap 1 GiB of pages, one call", tree_pages),
	 .units = PAGES, .goal = 1, .flushes = 1,
	 LIMIT(PAGES / 512, 512, STORE)},
	{WORKLOAD(unmap_sparse, "unmap 1 TiB that has 1000 pages, one call",
		  tree_sparse),
	 .units = SPARSE, .goal = 2600, .flushes = 1,
	 LIMIT(SPARSE, 512, STORE)},
	{WORKLOAD(unmap_order, "unmap 1 GiB, page by page, in order",
		  tree_pages),
	 .units = PAGES, .goal = 180, .flushes = PAGES, LIMIT(PAGES, 1, STORE)},
	{WORKLOAD(protect_range, "write-protect 1 GiB of pages, one call",
		  tree_pages),
	 .units = PAGES, .goal = 14, .flushes = 1, LIMIT(PAGES, 1, UPDATE)},
	{WORKLOAD(age_range, "make 1 GiB of pages old, one call", tree_pages),
	 .units = PAGES, .goal = 14, .flushes = 1, LIMIT(PAGES, 1, UPDATE)},
	{WORKLOAD(lookup_random, "look pages up, in random order", tree_pages),
	 .units = PAGES, .goal = 75, LIMIT(PAGES, RANDOM, LOAD)},
	{WORKLOAD(protect_random, "write-protect pages, in random order",
		  tree_pages),
	 .units = PAGES, .goal = 90, .flushes = PAGES,
	 LIMIT(PAGES, RANDOM, UPDATE)},
	{WORKLOAD(split, "split a 2 MiB block, one page protected",
		  tree_blocks),
	 .units = SPLITS, .goal = 3200, .flushes = SPLITS,
	 LIMIT(SPLITS * 512, 1, STORE)},
	{WORKLOAD(collapse, "512 pages back into a block", tree_small_pages),
	 .units = PAGES / 512, .goal = 400, .flushes = PAGES / 512,
	 LIMIT(PAGES / 512, 1, STORE)},
	{WORKLOAD(destroy, "destroy a tree of 1 GiB of pages", tree_pages),
	 .units = PAGES, .goal = 0.5, .flushes = 1,
	 LIMIT(PAGES / 512, 512, STORE)},
	{WORKLOAD(harvest, "harvest 1 GiB of dirty pages, by protection",
		  tree_pages),
	 .units = PAGES, .goal = 20, .flushes = 1, LIMIT(PAGES, 1, UPDATE)},
	{WORKLOAD(harvest_hw, "the same, by the hardware's dirty state",
		  tree_pages_hw),
	 .units = PAGES, .goal = 20, .flushes = 1, LIMIT(PAGES, 1, UPDATE)},
	{WORKLOAD(harvest_clean, "the same, of clean pages", tree_pages_clean),
	 .units = PAGES, .goal = 20, LIMIT(PAGES, 1, LOAD)},
	{WORKLOAD(split_range, "split 2 MiB blocks, one call, per block",
		  tree_blocks),
	 .units = SPLITS, .goal = 2400, .flushes = SPLITS,
	 LIMIT(SPLITS * 512, 1, STORE)},
	{WORKLOAD(collapse_range, "collapse to 2 MiB blocks, one call, per block",
		  tree_small_pages),
	 .units = PAGES / 512, .goal = 7000, .flushes = PAGES / 512,
	 LIMIT(PAGES, 1, LOAD)},
	{WORKLOAD(16k_order, "16K granule: map 1 GiB, page by page", tree_16k),
	 .units = PAGES / 4, LIMIT(PAGES / 4, 1, STORE)},
	{WORKLOAD(64k_order, "64K granule: map 1 GiB, page by page", tree_64k),
	 .units = PAGES / 16, LIMIT(PAGES / 16, 1, STORE)},
	{WORKLOAD(64k_range, "64K granule: map 1 GiB, one call", tree_64k),
	 .units = PAGES / 16, LIMIT(PAGES / 16, 1, STORE)},
	{WORKLOAD(lpae_order, "ARMv7 LPAE: map 1 GiB, page by page", tree_lpae),
	 .units = PAGES, LIMIT(PAGES, 1, STORE)},
	{WORKLOAD(mips_order, "MIPS: map 1 GiB, page by page", tree_mips),
	 .units = PAGES, LIMIT(PAGES, 1, STORE)},
	{WORKLOAD(mips_range, "MIPS: map 1 GiB, one call", tree_mips),
	 .units = PAGES, LIMIT(PAGES, 1, STORE)},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

struct result {
	double ns, limit_ns; /* per unit, the best of all repetitions */
	u64 flushes;
	u32 tables;
};

static void run_once(const struct workload *w, struct result *result)
{
	double start, ns;

	w->prepare();
	result->tables = pt.tables;
	tables_flushes = 0;
	start = now();
	if (w->run())
		die(w->name);
	ns = (now() - start) / w->units;
	result->ns = min(result->ns, ns);
	result->flushes = tables_flushes;
	result->tables = max(result->tables, pt.tables);
	pgtable_destroy(&pt);
}

static void limit_once(const struct workload *w, struct result *result)
{
	double start = now();

	limit_run(&w->limit);
	result->limit_ns = min(result->limit_ns, (now() - start) / w->units);
}

/* NAME goal ns limit-ns flushes flushes-allowed tables WHAT */
static void report_line(const struct workload *w)
{
	struct result r = {.ns = 1e18, .limit_ns = 1e18};

	for (int i = 0; i < REPEATS; i++) {
		run_once(w, &r);
		limit_once(w, &r);
	}
	printf("%s %u %g %.4f %.4f %llu %u %u %s\n", w->name, w->units,
	       w->goal, r.ns, r.limit_ns, r.flushes,
	       w->flushes, r.tables, w->what);
}

/* ---- In parallel ------------------------------------------------------- */

/* Whoever loses the race to make a table runs again, as a guest would. */
static void map_page(u32 i)
{
	int r;

	do {
		r = pgtable_map(&pt, IA(BASE + i * SZ_4K), SZ_4K,
				HPA(PA_BASE + i * SZ_4K), PGT_RWX, NULL, NULL);
	} while (r == -EAGAIN);
	if (r)
		die("parallel map");
}

static void map_share(u32 me, const struct race_share *s)
{
	for (u32 i = s->first; i < s->end; i += s->step)
		map_page(i);
}

static int count_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	++*(u32 *)arg;
	return 0;
}

static void all_mapped(void)
{
	u32 count = 0;

	pgtable_visit(&pt, IA(0), BIT64(40), count_leaf, &count);
	if (count != PAGES)
		die("pages lost");
	pgtable_destroy(&pt);
}

static const struct race races[] = {
	{.name = "engine_parts", .what = "engine alone: a page; each has its part",
	 .units = PAGES, .prepare = tree_empty_pages, .run = map_share,
	 .finish = all_mapped},
	{.name = "engine_mixed", .what = "engine alone: a page; page by page in turn",
	 .units = PAGES, .mixed = true,
	 .prepare = tree_empty_pages, .run = map_share,
	 .finish = all_mapped},
};

static void parallel(void)
{
	tables_shared = true;
	for (size_t i = 0; i < ARRAY_SIZE(races); i++)
		race_run(&races[i]);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	struct result once = {.ns = 1e18};

	if (!tables_init())
		die("no memory");
	orders_init();
	memset(flat, 1, sizeof(flat));
	if (name && !strcmp(name, "parallel")) {
		parallel();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++) {
		const struct workload *w = &workloads[i];

		if (!name)
			report_line(w);
		else if (!strcmp(name, "list"))
			puts(w->name);
		else if (!strcmp(name, w->name))
			run_once(w, &once);
	}
	return 0;
}
