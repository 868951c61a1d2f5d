// SPDX-License-Identifier: BSD-2-Clause
// link: core/page_alloc.c core/hyp_alloc.c core/testing/fake_memory.c
// link: lib/log.c lib/printf.c
/*
 * Page allocation: K1 (what is taken is given back, to the page), B6 (budgets).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (16 * CHUNK_SIZE)
#define CHUNK 512UL

static struct page_stats stats(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	assert_int_equal(st.total, st.free + st.used[0] + st.used[1]);
	return st;
}

static int set_up(void **state)
{
	fake_memory_init(RAM);
	return 0;
}

static int tear_down(void **state)
{
	fake_memory_exit();
	return 0;
}

static pfn_t take(enum page_use use, unsigned int order)
{
	pfn_t pfn;

	assert_int_equal(page_alloc(use, order, NULL, &pfn), 0);
	assert_true(IS_ALIGNED(pfn.v, BIT64(order)));
	return pfn;
}

static void every_order_is_aligned_and_comes_back(void **state)
{
	for (unsigned int use = 0; use < PAGE_USES; use++) {
		for (unsigned int order = 0; order <= CHUNK_ORDER; order++) {
			pfn_t a = take(use, order), b = take(use, order);

			assert_false(ranges_overlap(a.v, BIT64(order), b.v,
						    BIT64(order)));
			assert_int_equal(page_refs(a), 1);
			page_put(b, order, NULL);
			page_put(a, order, NULL);
			assert_int_equal(stats().free, 16 * CHUNK);
			assert_int_equal(fake_linear_maps, 0);
		}
	}
	assert_int_equal(page_alloc(PAGE_HYP, CHUNK_ORDER + 1, NULL,
				    &(pfn_t){ 0 }),
			 -ENOMEM);
}

static void uses_never_share_a_chunk(void **state)
{
	pfn_t h = take(PAGE_HYP, 0), g = take(PAGE_GUEST, 0);

	assert_int_not_equal(h.v / CHUNK, g.v / CHUNK);
	/* The guest's split is counted in a page of the hypervisor's. */
	assert_int_equal(fake_linear_maps, 1);
	assert_int_equal(stats().used[PAGE_GUEST], 1);
	page_put(h, 0, NULL);
	assert_int_equal(fake_linear_maps, 1);
	page_put(g, 0, NULL);
	assert_int_equal(fake_linear_maps, 0);
	assert_int_equal(stats().free, 16 * CHUNK);
}

/* Every page once, of one use; then nothing; then everything back. */
static void exhaust(enum page_use use, unsigned int order, u64 expect)
{
	pfn_t *got = calloc(16 * CHUNK, sizeof(*got));
	u8 *seen = calloc(16, CHUNK);
	u64 n = 0;

	while (!page_alloc(use, order, NULL, &got[n])) {
		for (u64 i = 0; i < BIT64(order); i++) {
			u64 at = got[n].v + i - (FAKE_RAM >> PAGE_SHIFT);

			assert_false(seen[at]);
			seen[at] = true;
		}
		n++;
	}
	assert_int_equal(n, expect);
	/* From both ends, so that chunks empty in no simple order. */
	for (u64 i = 0; i < n; i++)
		page_put(got[i % 2 ? n - 1 - i / 2 : i / 2], order, NULL);
	assert_int_equal(stats().free, 16 * CHUNK);
	assert_int_equal(fake_linear_maps, 0);
	free(got);
	free(seen);
}

static void memory_runs_out_and_is_whole_again(void **state)
{
	/* Of each chunk of its own the hypervisor counts in one page. */
	exhaust(PAGE_HYP, 0, 16 * (CHUNK - 1));
	/* One chunk's pages count for the fifteen others. */
	exhaust(PAGE_GUEST, 0, 15 * CHUNK);
	exhaust(PAGE_GUEST, 4, 15 * CHUNK / 16);
	exhaust(PAGE_HYP, 8, 16);
	exhaust(PAGE_GUEST, CHUNK_ORDER, 16);
	exhaust(PAGE_HYP, CHUNK_ORDER, 16);
}

static void a_run_is_found_between_pages_in_use(void **state)
{
	static pfn_t got[CHUNK];
	pfn_t run;

	for (unsigned int i = 0; i < CHUNK; i++)
		got[i] = take(PAGE_GUEST, 0);
	for (unsigned int order = 0; order < CHUNK_ORDER; order++) {
		u64 first = got[0].v + CHUNK - BIT64(order);

		for (u64 i = 0; i < BIT64(order); i++)
			page_put(PFN(first + i), 0, NULL);
		run = take(PAGE_GUEST, order);
		assert_int_equal(run.v, first);
	}
	/* Free, but not aligned. */
	page_put(PFN(got[0].v + 1), 1, NULL);
	run = take(PAGE_GUEST, 1);
	assert_int_not_equal(run.v / CHUNK, got[0].v / CHUNK);
}

/* 40 chunks of single pages, and in the last to be looked at a run. */
static void a_run_for_who_needs_none_is_not_searched_for(void **state)
{
	static pfn_t got[40 * CHUNK];
	pfn_t run;
	u64 n = 0;

	fake_memory_init(40 * CHUNK_SIZE);
	while (!page_alloc(PAGE_GUEST, 0, NULL, &got[n]))
		n++;
	for (u64 i = 0; i < 16; i++)
		page_put(PFN(ALIGN_UP(got[0].v, CHUNK) + i), 0, NULL);
	/* Pushed in front of it: chunks with a page here and there. */
	for (u64 i = 2 * CHUNK; i < n; i += 100)
		page_put(got[i], 0, NULL);
	assert_int_equal(page_alloc_unsearched(PAGE_GUEST, 4, NULL, &run),
			 -ENOMEM);
	assert_int_equal(page_alloc_unsearched(PAGE_GUEST, 0, NULL, &run), 0);
	run = take(PAGE_GUEST, 4);
	assert_int_equal(run.v / CHUNK, got[0].v / CHUNK);
	/* It is found where it is near. */
	page_put(run, 4, NULL);
	for (u64 i = 0; i < n - CHUNK; i++)
		if (page_refs(got[i]) && got[i].v / CHUNK != run.v / CHUNK)
			page_put(got[i], 0, NULL);
	assert_int_equal(page_alloc_unsearched(PAGE_GUEST, 4, NULL, &run), 0);
	fake_memory_exit();
}

static void references_keep_a_page(void **state)
{
	pfn_t p = take(PAGE_GUEST, 2), whole = take(PAGE_GUEST, CHUNK_ORDER);
	u64 used = fake_pages_used();

	page_get(PFN(p.v + 1), 0);
	page_get(whole, CHUNK_ORDER);
	page_put(p, 2, NULL);
	assert_int_equal(fake_pages_used(), used - 3);
	assert_int_equal(page_refs(PFN(p.v + 1)), 1);
	assert_int_equal(page_refs(p), 0);
	page_put(PFN(p.v + 1), 0, NULL);
	page_put(whole, CHUNK_ORDER, NULL);
	assert_int_equal(page_refs(whole), 1);
	page_put(whole, CHUNK_ORDER, NULL);
	assert_int_equal(fake_pages_used(), 0);
}

static void a_whole_chunk_can_be_split_and_put_page_by_page(void **state)
{
	struct page_budget budget = { 0 };
	pfn_t p;

	assert_int_equal(page_alloc(PAGE_GUEST, CHUNK_ORDER, &budget, &p), 0);
	page_get(p, CHUNK_ORDER);
	assert_int_equal(page_split(p), 0);
	assert_int_equal(page_split(p), 0);
	for (u64 i = 0; i < CHUNK; i++)
		assert_int_equal(page_refs(PFN(p.v + i)), 2);
	page_put(p, CHUNK_ORDER, &budget);
	assert_int_equal(budget.used, CHUNK);
	for (u64 i = 0; i < CHUNK; i++)
		page_put(PFN(p.v + i), 0, &budget);
	assert_int_equal(budget.used, 0);
	assert_int_equal(fake_pages_used(), 0);
}

static void a_split_without_memory_changes_nothing(void **state)
{
	pfn_t got[16];

	for (unsigned int i = 0; i < 16; i++)
		got[i] = take(PAGE_GUEST, CHUNK_ORDER);
	assert_int_equal(page_split(got[3]), -ENOMEM);
	for (unsigned int i = 0; i < 16; i++)
		page_put(got[i], CHUNK_ORDER, NULL);
	assert_int_equal(fake_pages_used(), 0);
}

static void a_budget_bounds(void **state)
{
	struct page_budget budget = { .limit = 6 };
	pfn_t a, b;

	assert_int_equal(page_alloc(PAGE_GUEST, 2, &budget, &a), 0);
	assert_false(budget.refused);
	assert_int_equal(page_alloc(PAGE_GUEST, 2, &budget, &b), -ENOMEM);
	assert_true(budget.refused);
	assert_int_equal(page_alloc(PAGE_HYP, 1, &budget, &b), 0);
	assert_false(budget.refused);
	assert_int_equal(budget.used, 6);
	page_put(a, 2, &budget);
	page_put(b, 1, &budget);
	assert_int_equal(budget.used, 0);
}

static void what_cannot_be_mapped_is_not_handed_out(void **state)
{
	fake_linear_map_error = -ENOMEM;
	for (unsigned int i = 0; i < 3; i++) {
		assert_null(hyp_alloc_pages(0, NULL));
		assert_null(hyp_alloc_pages(CHUNK_ORDER, NULL));
		/* Needs a page of the hypervisor's to be counted in. */
		assert_int_equal(page_alloc(PAGE_GUEST, 0, NULL,
					    &(pfn_t){ 0 }),
				 -ENOMEM);
	}
	assert_int_equal(fake_pages_used(), 0);
	fake_linear_map_error = 0;
	exhaust(PAGE_HYP, 0, 16 * (CHUNK - 1));
}

/* B1: CPUs that count in tables side by side do not write one cache line. */
static void counts_of_neighbours_are_in_lines_of_their_own(void **state)
{
	bool used[CHUNK] = {false};

	for (unsigned int n = 0; n < CHUNK; n++) {
		unsigned int slot = page_count_slot(n);

		assert_true(slot < CHUNK && !used[slot]);
		used[slot] = true;
	}
	/* Tables of 4, 16 and 64 KiB, one after another. */
	for (unsigned int step = 1; step <= 16; step *= 4) {
		for (unsigned int n = 0; n + step < CHUNK; n += step)
			assert_int_not_equal(page_count_slot(n) / 16,
					     page_count_slot(n + step) / 16);
	}
}

static void hypervisor_pages_are_zero_and_counted(void **state)
{
	u8 *p = hyp_alloc_pages(1, NULL);

	memset(p, 0xaa, 2 * PAGE_SIZE);
	assert_int_equal(*hyp_page_count(p), 1);
	assert_int_equal(*hyp_page_count(p + PAGE_SIZE), 1);
	*hyp_page_count(p) += 7;
	assert_int_equal(page_refs(hpa_to_pfn(arch_virt_to_phys(p))), 8);
	*hyp_page_count(p) = 1;
	hyp_free_pages(p, 1, NULL);
	p = hyp_alloc_pages(1, NULL);
	for (u64 i = 0; i < 2 * PAGE_SIZE; i++)
		assert_int_equal(p[i], 0);
	hyp_free_pages(p, 1, NULL);
}

static void broken_invariants_are_bugs(void **state)
{
	static pfn_t p, whole; /* static: longjmp() keeps them */
	static unsigned int i;
	static struct page_budget budget;
	static const struct {
		int page, order, gets;
	} bad[] = {
		{ 1, 0, 0 },         /* never taken */
		{ 1, 0, 1 },
		{ CHUNK - 1, 1, 0 }, /* over the chunk's end */
		{ 0, 10, 0 },
		{ 0, 10, 1 },
	};

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		p = take(PAGE_GUEST, 0);
		p.v += bad[i].page;
		if (bad[i].gets)
			assert_true(fake_panics(page_get(p, bad[i].order)));
		else
			assert_true(fake_panics(page_put(p, bad[i].order,
							 NULL)));
		fake_memory_exit();
		set_up(NULL);
	}
	whole = take(PAGE_GUEST, CHUNK_ORDER);
	assert_true(fake_panics(page_put(whole, 0, NULL)));
	fake_memory_exit();
	set_up(NULL);
	p = take(PAGE_GUEST, 0);
	assert_true(fake_panics(page_put(p, 0, &budget)));
	fake_memory_exit();
	set_up(NULL);
	p = take(PAGE_GUEST, 0);
	assert_true(fake_panics(page_put(PFN(1), 0, NULL)));
	assert_true(fake_panics(page_put(PFN((FAKE_RAM + RAM) >> PAGE_SHIFT), 0,
					 NULL)));
	page_put(p, 0, NULL);
	assert_true(fake_panics(page_put(p, 0, NULL)));
}

static void contiguous_memory_skips_what_is_not_there(void **state)
{
	hpa_t pa;

	page_alloc_reserve(HPA(FAKE_RAM + 3 * CHUNK_SIZE + 5), 1);
	assert_int_equal(page_alloc_contiguous(4 * CHUNK_SIZE - 1, &pa), 0);
	assert_int_equal(pa.v, FAKE_RAM + 4 * CHUNK_SIZE);
	memset(arch_phys_to_virt(pa), 1, 4 * CHUNK_SIZE);
	assert_int_equal(stats().used[PAGE_HYP], 4 * CHUNK);
	assert_int_equal(page_alloc_contiguous(9 * CHUNK_SIZE, &pa), -ENOMEM);
	fake_linear_map_error = -ENOMEM;
	assert_int_equal(page_alloc_contiguous(2 * CHUNK_SIZE, &pa), -ENOMEM);
	assert_int_equal(fake_linear_maps, 4);
	fake_linear_map_error = 0;
	assert_int_equal(page_alloc_contiguous(3 * CHUNK_SIZE, &pa), 0);
	assert_int_equal(pa.v, FAKE_RAM);
}

/* ---- RAM as boards have it -------------------------------------------------- */

struct piece {
	u64 base, size;
};

static void *board_meta;

static void board(u64 lowest, u64 highest, const struct piece *ram,
		  const struct piece *reserved)
{
	fake_memory_open(lowest, highest);
	board_meta = malloc(page_alloc_meta_size(HPA(lowest), HPA(highest)));
	page_alloc_init(board_meta, HPA(lowest), HPA(highest));
	for (; ram->size; ram++)
		page_alloc_add(HPA(ram->base), ram->size);
	for (; reserved && reserved->size; reserved++)
		page_alloc_reserve(HPA(reserved->base), reserved->size);
}

static void board_exit(void)
{
	fake_memory_exit();
	free(board_meta);
}

static bool in_pieces(const struct piece *p, u64 pa, u64 size)
{
	for (; p && p->size; p++)
		if (ranges_overlap(p->base, p->size, pa, size))
			return true;
	return false;
}

#define MOST_PAGES (16 * CHUNK)

/* Take all pages singly: exactly those that are RAM and not reserved. */
static void take_all(const struct piece *ram, const struct piece *reserved,
		     u64 expect)
{
	static pfn_t got[MOST_PAGES];
	u64 n = 0, free_pages = stats().free;

	assert_int_equal(free_pages, expect);
	while (n < MOST_PAGES && !page_alloc(PAGE_GUEST, 0, NULL, &got[n])) {
		u64 pa = pfn_to_hpa(got[n]).v;

		assert_true(in_pieces(ram, pa, 1));
		assert_true(in_pieces(ram, pa + PAGE_SIZE - 1, 1));
		assert_false(in_pieces(reserved, pa, PAGE_SIZE));
		n++;
	}
	/* One chunk went to the hypervisor, to count the others in. */
	assert_int_equal(n, expect - CHUNK);
	while (n--)
		page_put(got[n], 0, NULL);
	assert_int_equal(stats().free, free_pages);
}

#define M SZ_1M
#define K 1024UL

static void edges_of_ram_are_used_to_the_page(void **state)
{
	static const struct piece ram[] = {
		{ 1 * M + 5 * K, 9 * M },       /* not even a page's edge */
		{ 10 * M + 8 * K, 512 * K },    /* in the chunk of that end */
		{ 11 * M, 100 },                /* no whole page */
		{ 13 * M, 5 * M },
		{ 13 * M + 64 * K, 4 * M },     /* again */
		{ 12 * M + 512 * K, 6 * M },    /* overlapping on both sides */
		{ 0 },
	};

	/* [0x102000, 0xa01000) + 128 pages, less the page that both half have;
	 * [12.5M, 18.5M) */
	board(0, 20 * M, ram, NULL);
	take_all(ram, NULL, 2303 + 128 + 1536);
	board_exit();
}

static void reserved_ranges_are_never_handed_out(void **state)
{
	static const struct piece ram[] = { { 64 * M, 16 * M }, { 0 } };
	static const struct piece reserved[] = {
		{ 64 * M + 100, 1 },               /* one page */
		{ 64 * M + 4 * K, 4 * K },         /* the next */
		{ 64 * M + 100, 8 * K },           /* these, and one more */
		{ 67 * M, 4 * M },                 /* half, whole, half */
		{ 74 * M, 2 * M },                 /* one chunk */
		{ 74 * M, 2 * M },
		{ 76 * M + 4 * K, 2 * M - 4 * K }, /* all but a page */
		{ 76 * M, 4 * K },                 /* and that */
		{ 0x1000, 63 * M },                /* no RAM there */
		{ 90 * M, 5 * M },
		{ 0 },
	};

	board(64 * M, 80 * M, ram, reserved);
	take_all(ram, reserved, 4096 - 3 - 1024 - 512 - 512);
	board_exit();
}

static void the_hypervisor_gets_no_chunk_with_a_hole(void **state)
{
	static const struct piece ram[] = { { 1 * M, 4 * M }, { 0 } };
	pfn_t p;

	board(0, 6 * M, ram, NULL);
	assert_int_equal(page_alloc(PAGE_HYP, 0, NULL, &p), 0);
	assert_int_equal(p.v / CHUNK, 1);
	assert_int_equal(page_alloc(PAGE_HYP, 8, NULL, &p), 0);
	assert_int_equal(page_alloc(PAGE_HYP, 8, NULL, &p), -ENOMEM);
	/* Guests get the halves of the chunks at both ends. */
	assert_int_equal(page_alloc(PAGE_GUEST, 8, NULL, &p), 0);
	assert_int_equal(p.v, 1024);
	assert_int_equal(page_alloc(PAGE_GUEST, 8, NULL, &p), 0);
	assert_int_equal(p.v, 256);
	board_exit();
}

/* xlnx-zcu102: RAM at 0 and at 32 GiB. */
static void a_gap_costs_descriptors_only(void **state)
{
	static const struct piece ram[] = {
		{ 0, 8 * M }, { 32 * SZ_1G, 8 * M }, { 0 },
	};

	assert_true(page_alloc_meta_size(HPA(0), HPA(34 * SZ_1G)) <=
		    17 * 1024 * 16);
	board(0, 32 * SZ_1G + 8 * M, ram, NULL);
	take_all(ram, NULL, 8 * CHUNK);
	assert_true(fake_panics(page_put(PFN(SZ_1G >> PAGE_SHIFT), 0, NULL)));
	board_exit();
}

static void ranges_that_wrap_or_leave_the_span_are_cut(void **state)
{
	static const struct piece ram[] = { { 0, 64 * M }, { ~0UL - M, ~0UL },
					    { 0 } };
	static const struct piece reserved[] = { { 12 * M, ~0UL }, { 0 } };

	board(4 * M, 16 * M, ram, reserved);
	assert_int_equal(stats().total, 4 * CHUNK);
	page_alloc_reserve(HPA(4 * M), 0);
	assert_int_equal(stats().total, 4 * CHUNK);
	assert_true(fake_panics(page_alloc_add(HPA(12 * M), M)));
	board_exit();
}

static void more_holes_than_can_be_kept_lose_memory_only(void **state)
{
	static const struct piece ram[] = { { 0, 200 * M }, { 0 } };

	board(0, 200 * M, ram, NULL);
	for (u64 n = 0; n < 70; n++)
		page_alloc_reserve(HPA(n * CHUNK_SIZE), 1);
	assert_int_equal(stats().total, 100 * CHUNK - 64 - 6 * CHUNK);
	board_exit();

	/* Nor more regions. */
	fake_memory_open(0, 400 * M);
	board_meta = malloc(page_alloc_meta_size(HPA(0), HPA(400 * M)));
	page_alloc_init(board_meta, HPA(0), HPA(400 * M));
	for (u64 n = 0; n < 70; n++)
		page_alloc_add(HPA(2 * n * CHUNK_SIZE), CHUNK_SIZE);
	assert_int_equal(stats().total, 64 * CHUNK);
	board_exit();
}

/* ---- Small objects ------------------------------------------------------------- */

static void small_objects_are_zero_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 16, 17, 63, 64, 65, 128, 200,
					512, 513, 1024, 1344, 1345, 1984, 1985,
					2048, 4096 };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		static u8 *p[600];
		size_t size = sizes[i];

		for (unsigned int k = 0; k < 600; k++) {
			p[k] = hyp_alloc(size);
			assert_non_null(p[k]);
			assert_true(IS_ALIGNED((uintptr_t)p[k],
					       size < 64 ? 16 : 64));
			for (size_t b = 0; b < size; b++)
				assert_int_equal(p[k][b], 0);
			memset(p[k], 0xff, size);
			/* The one before was not run into. */
			if (k && size)
				assert_int_equal(p[k - 1][size - 1], 0xff);
		}
		/* Holes are found again. */
		for (unsigned int k = 0; k < 600; k += 3)
			hyp_free(p[k], size);
		for (unsigned int k = 0; k < 600; k += 3)
			p[k] = hyp_alloc(size);
		for (unsigned int k = 0; k < 600; k++)
			hyp_free(p[(k * 7) % 600], size);
		assert_int_equal(fake_pages_used(), 0);
	}
	assert_null(hyp_alloc(PAGE_SIZE + 1));
	hyp_free(NULL, 64);
}

static void small_objects_run_out(void **state)
{
	u64 n = 0;
	void *last = NULL, *p;

	while ((p = hyp_alloc(1000))) {
		*(void **)p = last;
		last = p;
		n++;
	}
	assert_int_equal(n, 16 * 511 * 3);
	for (; last; last = p) {
		p = *(void **)last;
		hyp_free(last, 1000);
	}
	assert_int_equal(fake_pages_used(), 0);
}

static void a_bad_free_of_an_object_is_a_bug(void **state)
{
	/* One case: the slab lock stays held, and this is the last test. */
	void *a = hyp_alloc(32), *b = hyp_alloc(32);

	hyp_free(b, 32);
	assert_non_null(a);
	assert_true(fake_panics(hyp_free(b, 32)));
}

/* K30: physical memory may be more than virtual addresses. */
static void the_hypervisor_stays_where_the_linear_map_reaches(void **state)
{
	u64 limit = (FAKE_RAM >> PAGE_SHIFT) + 2 * CHUNK;
	pfn_t hyp[2], guest[6], more;

	fake_memory_open(FAKE_RAM, FAKE_RAM + 6 * CHUNK_SIZE);
	board_meta = malloc(page_alloc_meta_size(
		HPA(FAKE_RAM), HPA(FAKE_RAM + 6 * CHUNK_SIZE)));
	page_alloc_init(board_meta, HPA(FAKE_RAM),
			HPA(FAKE_RAM + 6 * CHUNK_SIZE));
	page_alloc_reach(pfn_to_hpa(PFN(limit)));
	page_alloc_add(HPA(FAKE_RAM), 6 * CHUNK_SIZE);
	assert_int_equal(stats().total, 6 * CHUNK);
	for (int round = 0; round < 2; round++) {
		/* Guests take what only they can have, and the rest last. */
		for (int i = 0; i < 5; i++) {
			guest[i] = take(PAGE_GUEST, CHUNK_ORDER);
			assert_int_equal(guest[i].v >= limit, i < 4);
		}
		hyp[0] = take(PAGE_HYP, CHUNK_ORDER);
		assert_true(hyp[0].v < limit);
		assert_int_equal(page_alloc(PAGE_HYP, 0, NULL, &more), -ENOMEM);
		/* A chunk that comes back is of the same kind as before. */
		page_put(guest[0], CHUNK_ORDER, NULL);
		assert_int_equal(page_alloc(PAGE_HYP, 0, NULL, &more), -ENOMEM);
		page_put(guest[4], CHUNK_ORDER, NULL);
		hyp[1] = take(PAGE_HYP, 0);
		assert_true(hyp[1].v < limit);
		page_put(hyp[1], 0, NULL);
		page_put(hyp[0], CHUNK_ORDER, NULL);
		for (int i = 1; i < 4; i++)
			page_put(guest[i], CHUNK_ORDER, NULL);
		assert_int_equal(stats().free, 6 * CHUNK);
	}
	board_exit();
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(every_order_is_aligned_and_comes_back),
		CASE(uses_never_share_a_chunk),
		CASE(memory_runs_out_and_is_whole_again),
		CASE(a_run_is_found_between_pages_in_use),
		CASE(references_keep_a_page),
		CASE(a_whole_chunk_can_be_split_and_put_page_by_page),
		CASE(a_split_without_memory_changes_nothing),
		CASE(a_budget_bounds),
		CASE(what_cannot_be_mapped_is_not_handed_out),
		CASE(hypervisor_pages_are_zero_and_counted),
		CASE(broken_invariants_are_bugs),
		CASE(contiguous_memory_skips_what_is_not_there),
		cmocka_unit_test(a_run_for_who_needs_none_is_not_searched_for),
		cmocka_unit_test(edges_of_ram_are_used_to_the_page),
		cmocka_unit_test(
			counts_of_neighbours_are_in_lines_of_their_own),
		cmocka_unit_test(
			the_hypervisor_stays_where_the_linear_map_reaches),
		cmocka_unit_test(reserved_ranges_are_never_handed_out),
		cmocka_unit_test(the_hypervisor_gets_no_chunk_with_a_hole),
		cmocka_unit_test(a_gap_costs_descriptors_only),
		cmocka_unit_test(ranges_that_wrap_or_leave_the_span_are_cut),
		cmocka_unit_test(more_holes_than_can_be_kept_lose_memory_only),
		CASE(small_objects_are_zero_aligned_and_apart),
		CASE(small_objects_run_out),
		CASE(a_bad_free_of_an_object_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
