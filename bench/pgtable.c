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
 * The environment is a monitor's, as arch/arm64 has it: physical addresses that
 * are not pointers; table pages from a cache that was topped up with zeroed
 * ones before, and given back to a list that is zeroed before it is used again;
 * reference counts where core/page_alloc.h has them; hooks that count. There
 * are no TLB and no cache to maintain here, so those hooks do no more than count.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/race.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "pgtable/pgtable.h"

#define PAGES      262144u /* 1 GiB of 4 KiB pages */
#define GIB        SZ_1G
#define BASE       (4 * GIB)
#define PA_BASE    (32 * GIB)
#define SPARSE     1000u
#define SPLITS     256u
#define BLOCKS     32768u
#define ARENA      16u /* chunks of table pages */
#define CHUNK	   (u32)(CHUNK_SIZE / SZ_4K)
#define ROOT	   16u /* pages of the arena that come before the root's */
#define ROOT_PAGES 16u
#define ARENA_PA   0x4000000000ULL
#define REPEATS    7
#define RANGE_ATTR (PGT_RWX | PGT_EXCLUSIVE)

static void die(const char *what)
{
	fprintf(stderr, "pgtable: %s\n", what);
	exit(2);
}

/* ---- The environment --------------------------------------------------- */

/*
 * The arena is in chunks, the first page of which has their pages' counts. Free
 * pages are linked through their first word, in two lists of which only the
 * first is zeroed, but for that word.
 */
static char *arena;
static void *zeroed, *dirty;
static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static bool threads;
static __thread u64 flushes, syncs;

static void *pop(void **list)
{
	void *page = *list;

	if (page) {
		*list = *(void **)page;
		*(void **)page = NULL;
	}
	return page;
}

static void push(void **list, void *page)
{
	*(void **)page = *list;
	*list = page;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *table;

	if (size != SZ_4K) /* a root, which stands before the others */
		return arena + ROOT * SZ_4K;
	if (threads)
		pthread_mutex_lock(&free_lock);
	table = pop(&zeroed);
	if (threads)
		pthread_mutex_unlock(&free_lock);
	return table;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	if (size != SZ_4K)
		return;
	if (threads)
		pthread_mutex_lock(&free_lock);
	push(&dirty, table);
	if (threads)
		pthread_mutex_unlock(&free_lock);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return HPA((u64)((const char *)table - arena) + ARENA_PA);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arena + (pa.v - ARENA_PA);
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	flushes++;
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	flushes++;
}

static void tlb_flush_all(struct pgtable *pt)
{
	flushes++;
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	syncs++;
}

static const struct pgtable_ops ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
};

static void env_init(void)
{
	arena = aligned_alloc(CHUNK_SIZE, ARENA * CHUNK_SIZE);
	if (!arena)
		die("no memory");
	memset(arena, 0, ARENA * CHUNK_SIZE);
	for (u32 i = ARENA * CHUNK; i-- > ROOT + ROOT_PAGES;)
		if (i % CHUNK)
			push(&zeroed, arena + i * SZ_4K);
}

/* All that was freed is zeroed, and no count is left. Not measured. */
static void env_topup(void)
{
	void *page;

	while ((page = pop(&dirty))) {
		memset(page, 0, SZ_4K);
		push(&zeroed, page);
	}
	memset(arena + ROOT * SZ_4K, 0, ROOT_PAGES * SZ_4K);
	for (u32 i = 0; i < ARENA * CHUNK; i++)
		*hyp_page_count(arena + i * SZ_4K) = 1;
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

static void tree_init(bool no_blocks)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k,
		.ia_bits = 40,
		.oa_bits = 40,
		.no_blocks = no_blocks,
	};

	env_topup();
	if (pgtable_init(&pt, &config, &ops, NULL))
		die("pgtable_init");
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
	double goal; /* instructions per unit */
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
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

struct result {
	double ns, limit_ns; /* per unit, the best of all repetitions */
	u64 flushes, tables;
};

static void run_once(const struct workload *w, struct result *result)
{
	double start, ns;

	w->prepare();
	result->tables = pt.tables;
	flushes = 0;
	start = now();
	if (w->run())
		die(w->name);
	ns = (now() - start) / w->units;
	result->ns = min(result->ns, ns);
	result->flushes = flushes;
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
	printf("%s %u %g %.4f %.4f %llu %u %llu %s\n", w->name, w->units,
	       w->goal, r.ns, r.limit_ns, (unsigned long long)r.flushes,
	       w->flushes, (unsigned long long)r.tables, w->what);
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

/* Whole tables to each. */
static void map_part(u32 me, u32 n)
{
	for (u32 i = PAGES / n * me; i < PAGES / n * (me + 1); i++)
		map_page(i);
}

/* In turn, so that neighbouring entries are different threads'. */
static void map_mixed(u32 me, u32 n)
{
	for (u32 i = me; i < PAGES; i += n)
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
	 .units = PAGES, .prepare = tree_empty_pages, .run = map_part,
	 .finish = all_mapped},
	{.name = "engine_mixed", .what = "engine alone: a page; page by page in turn",
	 .units = PAGES, .prepare = tree_empty_pages, .run = map_mixed,
	 .finish = all_mapped},
};

static void parallel(void)
{
	threads = true;
	for (size_t i = 0; i < ARRAY_SIZE(races); i++)
		race_run(&races[i]);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	struct result once = {.ns = 1e18};

	env_init();
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
