// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/dirty.c
// link: pgtable/split.c pgtable/collapse.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
// flags: -pthread -fsanitize=thread
/*
 * Operations against an MMU with FEAT_HAFDBS, under ThreadSanitizer: a thread
 * for each CPU walks the tree, sets the access flag and the dirty state of live
 * entries by compare-and-exchange (DDI 0487, D8.4.7 and D8.4.8), and writes
 * through a TLB and a walk cache that it keeps until an invalidation reaches it.
 * No write may go unreported, and none may be let through that is not allowed
 * any more once an operation has returned (K4, B3; bugs.md 1, 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/host.h"

#define CPUS   2
#define ROUNDS 3
#define STEPS  300
#define FOCUS  16 /* pages that are worked on, and written to, at one time */
#define BLOCKS 2
#define PAGES  (BLOCKS * 512)
#define RAM    0x80000000ULL
#define CACHED 16 /* pages in a CPU's TLB, and tables in its walk cache */

#define VALID BIT64(0)
#define WRITE BIT64(7)
#define AF    BIT64(10)
#define DBM   BIT64(51)

static struct host host;
static struct pgtable pt;
static bool stop;
static u32 focus;

/*
 * A CPU holds its lock for each access, and whoever invalidates holds all: an
 * invalidation is complete when the accesses before it are.
 */
static struct cpu {
	pthread_t thread;
	pthread_mutex_t lock;
	u64 random;
	/* A page, and the descriptor that it was translated by: 0, none. */
	struct {
		u32 page;
		u64 descriptor;
	} tlb[CACHED];
	/* A block's number + 1, and where its descriptors are. */
	struct {
		u32 block;
		u64 *table;
	} walks[CACHED];
} cpus[CPUS];

/* Writes to each page; how many of them have been reported; whether a write is
 * allowed, but by what was cached before. */
static u32 written[PAGES], reported[PAGES], forbidden[PAGES];
static bool dirty[PAGES];

/* Failures of cmocka's own kind belong to the main thread. */
#define check(x)                                                               \
	do {                                                                   \
		if (!(x))                                                      \
			__builtin_trap();                                      \
	} while (0)

static u64 rnd(u64 *random, u64 below)
{
	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*random >> 33) % below;
}

/* ---- A CPU ---------------------------------------------------------------- */

static u64 *table_of(u64 descriptor)
{
	return host_ops.to_virt(&pt, HPA(descriptor & 0xfffffffff000));
}

static u64 load(u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/* Where the page's leaf is, of which a table may be known from before. */
static u64 *walk(struct cpu *cpu, u32 page)
{
	u64 *table = pt.root, *entry, d;
	u32 block = page / 512;
	int n = block % CACHED;

	if (cpu->walks[n].block == block + 1)
		return cpu->walks[n].table + page % 512;
	entry = table + (RAM >> 30);
	d = load(entry);
	if ((d & 3) != 3)
		return entry;
	entry = table_of(d) + block;
	d = load(entry);
	if ((d & 3) != 3)
		return entry;
	cpu->walks[n].block = block + 1;
	cpu->walks[n].table = table_of(d);
	return cpu->walks[n].table + page % 512;
}

/* A write to a page, by the TLB or by a walk that updates what it finds. */
static void write_page(struct cpu *cpu, u32 page)
{
	int n = page % CACHED;
	u64 *entry, d, new;

	if (cpu->tlb[n].page == page && (cpu->tlb[n].descriptor & WRITE)) {
		d = cpu->tlb[n].descriptor;
		goto out;
	}
	entry = walk(cpu, page);
	do {
		d = load(entry);
		if (!(d & VALID) || !(d & (WRITE | DBM)))
			return; /* a fault */
		new = d | AF | WRITE;
	} while (!__atomic_compare_exchange_n(entry, &d, new, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	cpu->tlb[n].page = page;
	cpu->tlb[n].descriptor = new;
out:
	check(!__atomic_load_n(&forbidden[page], __ATOMIC_ACQUIRE));
	__atomic_fetch_add(&written[page], 1, __ATOMIC_ACQ_REL);
}

static void *run_cpu(void *arg)
{
	struct cpu *cpu = arg;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		u32 first = __atomic_load_n(&focus, __ATOMIC_RELAXED);

		pthread_mutex_lock(&cpu->lock);
		for (int i = 0; i < FOCUS; i++)
			write_page(cpu, first + rnd(&cpu->random, FOCUS));
		write_page(cpu, rnd(&cpu->random, PAGES));
		pthread_mutex_unlock(&cpu->lock);
	}
	return NULL;
}

static void stop_all(void)
{
	for (int i = 0; i < CPUS; i++)
		pthread_mutex_lock(&cpus[i].lock);
}

static void let_go(void)
{
	for (int i = 0; i < CPUS; i++)
		pthread_mutex_unlock(&cpus[i].lock);
}

static void invalidate(struct pgtable *p, const struct host_flush *f)
{
	stop_all();
	for (int i = 0; i < CPUS; i++) {
		for (int n = 0; n < CACHED; n++) {
			u64 ia = RAM + cpus[i].tlb[n].page * SZ_4K;

			if (!f->size || ia - f->ia < f->size)
				cpus[i].tlb[n].descriptor = 0;
			/* By address, all walk caches go: an upper bound. */
			cpus[i].walks[n].block = 0;
		}
	}
	let_go();
}

/*
 * Between operations: what was written and is not reported is dirty, and a TLB
 * holds nothing that is old, or lets through what is clean.
 */
static void look_at(u32 first, u32 pages)
{
	struct pgtable_leaf leaf;

	stop_all();
	for (u32 i = first; i < first + pages; i++) {
		check(!pgtable_lookup(&pt, IA(RAM + i * SZ_4K), &leaf));
		check(leaf.pa.v == leaf.ia.v);
		check(written[i] == reported[i] || (leaf.attr & PGT_DIRTY));
	}
	for (int i = 0; i < CPUS; i++) {
		for (int n = 0; n < CACHED; n++) {
			u64 ia = RAM + cpus[i].tlb[n].page * SZ_4K;

			if (!cpus[i].tlb[n].descriptor)
				continue;
			check(!pgtable_lookup(&pt, IA(ia), &leaf));
			check(leaf.attr & PGT_YOUNG);
			check(leaf.attr & PGT_DIRTY);
		}
	}
	let_go();
}

/* ---- What is done meanwhile ------------------------------------------------- */

static u64 random_ops = 1;

static void note(void *arg, ia_t ia, u64 size)
{
	for (u64 at = ia.v; at - ia.v < size; at += SZ_4K)
		dirty[(at - RAM) / SZ_4K] = true;
}

/* What has been written when the harvest is done was written before. */
static void harvest(u64 ia, u64 size)
{
	int r;

	memset(dirty, 0, sizeof(dirty));
	r = pgtable_harvest_dirty(&pt, IA(ia), size, note, NULL);
	check(!r || r == -EALREADY);
	for (u32 i = 0; i < PAGES; i++)
		if (dirty[i])
			reported[i] = __atomic_load_n(&written[i],
						      __ATOMIC_ACQUIRE);
}

/* Whoever write-protects asks what was written before, and then all is. */
static void protect_for_a_while(u64 ia, u64 size)
{
	u32 first = (ia - RAM) / SZ_4K, n = size / SZ_4K;

	check(!pgtable_protect(&pt, IA(ia), size, PGT_W, 0, NULL));
	for (u32 i = first; i < first + n; i++)
		__atomic_store_n(&forbidden[i], 1, __ATOMIC_RELEASE);
	sched_yield();
	for (u32 i = first; i < first + n; i++) {
		__atomic_store_n(&forbidden[i], 0, __ATOMIC_RELEASE);
		reported[i] = __atomic_load_n(&written[i], __ATOMIC_ACQUIRE);
	}
	check(!pgtable_protect(&pt, IA(ia), size, 0, PGT_W, NULL));
}

static int map_over(u64 ia, u64 size, u32 attr)
{
	return pgtable_map(&pt, IA(ia), size, HPA(ia), attr | PGT_CLEAN, NULL,
			   NULL);
}

/*
 * What has just been made clean is being written to while the operation that
 * follows changes it.
 */
static void step(void)
{
	u32 page = rnd(&random_ops, PAGES - FOCUS + 1);
	u64 block = RAM + rnd(&random_ops, BLOCKS) * SZ_2M;
	u64 ia = RAM + page * SZ_4K, size = FOCUS * SZ_4K;
	int r = 0;

	__atomic_store_n(&focus, page, __ATOMIC_RELAXED);
	harvest(ia, size);
	switch (rnd(&random_ops, 9)) {
	case 0:
	case 1:
		harvest(RAM, PAGES * SZ_4K);
		break;
	case 2:
		pgtable_test_young(&pt, IA(ia), size, true);
		break;
	case 3:
		protect_for_a_while(ia, size);
		break;
	case 4:
		r = pgtable_protect(&pt, IA(ia), size, PGT_X, PGT_SW(0), NULL);
		break;
	case 5:
		r = pgtable_protect(&pt, IA(RAM), PAGES * SZ_4K, PGT_SW(0),
				    PGT_X, NULL);
		break;
	case 6:
		r = pgtable_split(&pt, IA(ia), size, SZ_4K, NULL, NULL);
		break;
	case 7:
		r = pgtable_collapse(&pt, IA(block), SZ_2M, SZ_2M);
		break;
	default:
		r = rnd(&random_ops, 2)
			    ? map_over(block, SZ_2M, PGT_RWX | PGT_EXCLUSIVE)
			    : map_over(ia, size, PGT_RW | PGT_EXCLUSIVE);
		break;
	}
	check(!r || r == -EALREADY);
	look_at(page, FOCUS);
}

static void round_of(u32 features, u32 *writes)
{
	struct pgtable_config config = {.format = &pgtable_arm64_s2_4k,
					.ia_bits = 40,
					.oa_bits = 40,
					.features = features};

	host_init(&host, SZ_4K, 64);
	check(!pgtable_init(&pt, &config, &host_ops, &host));
	host.on_flush = invalidate;
	memset(written, 0, sizeof(written));
	memset(reported, 0, sizeof(reported));
	check(!map_over(RAM, PAGES * SZ_4K, PGT_RWX));
	stop = false;
	for (int i = 0; i < CPUS; i++) {
		cpus[i] = (struct cpu){.random = i + 77};
		pthread_mutex_init(&cpus[i].lock, NULL);
		check(!pthread_create(&cpus[i].thread, NULL, run_cpu,
				      &cpus[i]));
	}
	for (int i = 0; i < STEPS; i++) {
		step();
		if (i % 64 == 0)
			look_at(0, PAGES);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (int i = 0; i < CPUS; i++) {
		pthread_join(cpus[i].thread, NULL);
		pthread_mutex_destroy(&cpus[i].lock);
	}
	for (u32 i = 0; i < PAGES; i++)
		*writes += written[i];
	check(host_check_tree(&pt) == host.used);
	host.on_flush = NULL;
	pgtable_destroy(&pt);
	host_fini(&host);
}

static void no_write_is_lost(void **state)
{
	u32 writes = 0;

	for (int i = 0; i < ROUNDS; i++)
		round_of(PGT_FEAT_HAFDBS, &writes);
	assert_true(writes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_write_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
