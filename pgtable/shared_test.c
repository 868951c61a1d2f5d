// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
// flags: -pthread -fsanitize=thread
/*
 * Shared operations at the same time on one tree, under ThreadSanitizer: as
 * vCPUs fault (K3, B1). Each round ends with a check that the tree is whole and
 * that no table was lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/host.h"

#define THREADS 4
#define ROUNDS  10
#define PAGES   1200 /* of three last-level tables */
#define RAM     0x80000000ULL

static struct host host;
static struct pgtable pt;
static pthread_barrier_t barrier;
static u64 seed = 1;

struct worker {
	pthread_t thread;
	u64 state;
	void (*step)(struct worker *w);
	unsigned int mapped, lost;
};

static u64 rnd(struct worker *w, u64 below)
{
	w->state = w->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (w->state >> 33) % below;
}

/* Failures of cmocka's own kind belong to the main thread. */
#define check(x)                                                               \
	do {                                                                   \
		if (!(x))                                                      \
			__builtin_trap();                                      \
	} while (0)

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&barrier);
	for (unsigned int n = 0; n < 2 * PAGES; n++)
		w->step(w);
	return NULL;
}

static void in_parallel(void (*step)(struct worker *w), struct worker *w)
{
	for (unsigned int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.state = seed++, .step = step};
		check(!pthread_create(&w[i].thread, NULL, work, &w[i]));
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
}

static void setup(void)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40};

	host_init(&host, SZ_4K, 64);
	check(!pgtable_init(&pt, &config, &host_ops, &host));
}

static void teardown(void)
{
	check(host_check_tree(&pt) == host.used);
	pgtable_destroy(&pt);
	host_fini(&host);
}

/* ---- One mapping each -----------------------------------------------------
 */

static void fault_page(struct worker *w)
{
	u64 at = rnd(w, PAGES) * SZ_4K;
	struct pgtable_leaf leaf;
	int r = pgtable_map(&pt, IA(RAM + at), SZ_4K, HPA(at), PGT_RWX, NULL,
			    NULL);

	check(!r || r == -EALREADY || r == -EAGAIN);
	w->mapped += !r;
	w->lost += r == -EAGAIN;
	if (r != -EAGAIN) {
		check(!pgtable_lookup(&pt, IA(RAM + at), &leaf));
		check(leaf.pa.v == at && leaf.attr == (PGT_RWX | PGT_YOUNG | PGT_DIRTY));
	}
}

static void a_page_is_mapped_once(void **state)
{
	for (unsigned int n = 0; n < ROUNDS; n++) {
		struct worker w[THREADS];
		unsigned int mapped = 0;

		setup();
		in_parallel(fault_page, w);
		for (unsigned int i = 0; i < THREADS; i++)
			mapped += w[i].mapped;
		assert_int_equal(mapped, host_leaves(&pt, 3));
		/* Nothing but new mappings: nothing to invalidate. */
		assert_int_equal(host.flushes, 0);
		teardown();
	}
}

/* ---- Everything shared -----------------------------------------------------
 */

/* Pages and blocks, two outputs, permissions: leaves change under everyone. */
static void churn(struct worker *w)
{
	u64 at = rnd(w, PAGES) * SZ_4K, size = SZ_4K, offset = 0, done = 0;
	static const u32 attrs[] = {PGT_R, PGT_RW, PGT_RWX, PGT_RX};
	struct pgtable_leaf leaf;
	int r;

	switch (rnd(w, 8)) {
	case 0:
		r = pgtable_mark_young(&pt, IA(RAM + at));
		check(r == -ENOENT || r == -EALREADY || !r);
		return;
	case 1:
		at = ALIGN_DOWN(at, SZ_2M);
		size = SZ_2M;
		break;
	case 2:
		at = ALIGN_DOWN(at, SZ_64K);
		size = SZ_64K;
		break;
	case 3:
		offset = SZ_1G;
		break;
	}
	r = pgtable_map(&pt, IA(RAM + at), size, HPA(at + offset),
			attrs[rnd(w, 4)], NULL, &done);
	check(!r || r == -EALREADY || r == -EAGAIN);
	check(done == size || r == -EAGAIN);
	if (!pgtable_lookup(&pt, IA(RAM + at), &leaf))
		check((leaf.pa.v & (SZ_1G - 1)) == leaf.ia.v - RAM);
}

static void leaves_change_under_everyone(void **state)
{
	for (unsigned int n = 0; n < ROUNDS; n++) {
		struct worker w[THREADS];

		setup();
		in_parallel(churn, w);
		teardown();
	}
}

/* ---- A run of leaves ------------------------------------------------------- */

/* Broken, all of them, by the time that they are invalidated. */
static void none_is_there(struct pgtable *p, const struct host_flush *f)
{
	int level;

	assert_int_equal(f->level, 3);
	for (u64 at = 0; at < f->size; at += SZ_4K)
		assert_true(!host_walk(p, f->ia + at, &level));
}

static void map_run(u64 pages, u64 pa, u32 attr, unsigned int flushes)
{
	u64 done;

	host_forget_flushes(&host);
	assert_int_equal(pgtable_map(&pt, IA(RAM), pages * SZ_4K, HPA(pa), attr,
				     NULL, &done), 0);
	assert_int_equal(done, pages * SZ_4K);
	assert_int_equal(host.flushes, flushes);
	if (flushes)
		assert_true(host.log[0].ia == RAM &&
			    host.log[0].size == min(pages, 64UL) * SZ_4K);
	for (u64 at = 0; at < pages * SZ_4K; at += SZ_4K) {
		struct pgtable_leaf leaf;

		assert_int_equal(pgtable_lookup(&pt, IA(RAM + at), &leaf), 0);
		assert_int_equal(leaf.pa.v, pa + at);
		assert_int_equal(leaf.attr & PGT_PROT_MASK, attr);
	}
}

/* To another place, or to other permissions. */
static void what_is_replaced_is_invalidated_at_once(void **state)
{
	setup();
	map_run(16, 0, PGT_RW, 0);
	host.on_flush = none_is_there;
	map_run(16, SZ_1G, PGT_RW, 1);
	host.on_flush = NULL;
	map_run(16, SZ_1G, PGT_R, 1);
	map_run(200, SZ_1G, PGT_R, 0); /* what follows was empty */
	map_run(200, 2 * SZ_1G, PGT_RX, 4); /* 64, 64, 64 and 8 */
	teardown();
}

/* Behind what is replaced, another CPU has one: nobody's is left broken. */
static void what_is_broken_is_made_though_a_race_is_lost(void **state)
{
	struct pgtable_leaf leaf;
	u64 done, *table = NULL;

	setup();
	map_run(16, 0, PGT_RW, 0);
	for (unsigned int n = 0; n < host.pages; n++) {
		u64 *t = (u64 *)(host.arena + n * SZ_4K);

		if (host.counts[n] == 17)
			table = t;
	}
	assert_non_null(table);
	table[5] = 2; /* locked */
	assert_int_equal(pgtable_map(&pt, IA(RAM), 16 * SZ_4K, HPA(SZ_1G),
				     PGT_RW, NULL, &done), -EAGAIN);
	assert_int_equal(done, 5 * SZ_4K);
	assert_int_equal(host.flushes, 1);
	for (u64 n = 0; n < 16; n++) {
		int r = pgtable_lookup(&pt, IA(RAM + n * SZ_4K), &leaf);

		assert_int_equal(r, n == 5 ? -ENOENT : 0);
		if (n != 5)
			assert_int_equal(leaf.pa.v, (n < 5 ? SZ_1G : 0) +
							    n * SZ_4K);
	}
	table[5] = table[4] + SZ_4K;
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_replaced_is_invalidated_at_once),
		cmocka_unit_test(what_is_broken_is_made_though_a_race_is_lost),
		cmocka_unit_test(a_page_is_mapped_once),
		cmocka_unit_test(leaves_change_under_everyone),
	};
	int r;

	pthread_barrier_init(&barrier, NULL, THREADS);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	pthread_barrier_destroy(&barrier);
	return r;
}
