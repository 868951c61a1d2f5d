// SPDX-License-Identifier: BSD-2-Clause
// link: core/backing.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/hyp_alloc.c core/memcache.c core/memslot.c core/mmio.c
// link: core/notifier.c core/page_alloc.c core/vcpu.c core/vm.c
// link: core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_stage2.c core/testing/fake_vcpu.c pgtable/build.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/unmap.c lib/log.c
// link: lib/printf.c core/rwlock.c core/stage2_tables.c core/dirty_log.c
// link: pgtable/dirty.c pgtable/split.c pgtable/collapse.c pgtable/step.c
// link: pgtable/flush.c
/*
 * Backings: B2 (copy-on-write images), B6 (budgets), K1 (nothing is left), K9
 * (device memory), K10 (what EL2 wrote is cleaned before it is seen).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/backing.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (16 * CHUNK_SIZE)
#define BLOCK 512UL
/* Where boot modules lie: memory that the allocator does not give out. */
#define MODULE (FAKE_RAM + 12 * CHUNK_SIZE)

static struct page_budget budget;

static int set_up(void **state)
{
	fake_cpus_init(1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	for (u64 at = 0; at < 4 * CHUNK_SIZE; at += 8) {
		u64 pattern = at ^ 0xa5a5a5a5a5a5a5a5;

		memcpy(fake_bytes(hpa_to_pfn(HPA(MODULE + at))) +
			       at % PAGE_SIZE,
		       &pattern, 8);
	}
	budget = (struct page_budget){ 0 };
	return 0;
}

/* Whatever the test did: all is given back, and nothing is charged. */
static int tear_down(void **state)
{
	assert_int_equal(fake_pages_used(), 0);
	assert_int_equal(budget.used, 0);
	fake_memory_exit();
	return 0;
}

static struct backing_page get(struct backing *b, u64 offset, bool write)
{
	struct backing_page p;

	assert_int_equal(b->ops->get(b, offset, write, &p), 0);
	/* Every page that is a guest's to see without more is clean. */
	if (!p.device && !p.fresh) {
		u64 first = p.pfn.v - offset % BIT64(p.order);

		for (u64 i = first; i < first + BIT64(p.order); i++) {
			assert_false(fake_page_dirty(PFN(i)));
			assert_false(fake_page_icache_stale(PFN(i)));
		}
	}
	return p;
}

static bool is_zero(pfn_t pfn, size_t from, size_t to)
{
	const u8 *p = fake_bytes(pfn);

	while (from < to && !p[from])
		from++;
	return from >= to;
}

/* Are bytes [0, len) of the page those of the module from `at` on? */
static bool is_module(pfn_t pfn, u64 at, size_t len)
{
	const u8 *p = fake_bytes(pfn);

	for (size_t i = 0; i < len; i++, at++) {
		hpa_t pa = HPA(MODULE + at);

		if (p[i] != fake_bytes(hpa_to_pfn(pa))[at % PAGE_SIZE])
			return false;
	}
	return true;
}

static void ram_comes_in_zeroed_blocks(void **state)
{
	struct backing *b = backing_ram_create(4 * BLOCK, &budget);
	struct backing_page p = get(b, BLOCK + 7, false), q;

	assert_int_equal(p.order, CHUNK_ORDER);
	assert_int_equal(p.pfn.v % BLOCK, 7);
	assert_true(p.writable);
	assert_false(p.device);
	for (u64 i = 0; i < BLOCK; i++)
		assert_true(is_zero(PFN(p.pfn.v - 7 + i), 0, PAGE_SIZE));
	assert_int_equal(b->resident, BLOCK);
	assert_int_equal(budget.used, BLOCK);
	/* The same again, whatever it is asked for. */
	q = get(b, 2 * BLOCK - 1, true);
	assert_int_equal(q.pfn.v, p.pfn.v - 7 + BLOCK - 1);
	assert_int_equal(b->resident, BLOCK);
	assert_int_equal(b->ops->get(b, 4 * BLOCK, false, &q), -EFAULT);
	assert_int_equal(b->ops->get(b, ~0UL, false, &q), -EFAULT);
	backing_put_ref(b);
}

static void what_another_vm_left_is_not_seen(void **state)
{
	struct backing *b = backing_ram_create(BLOCK, &budget);
	struct backing_page p = get(b, 0, true);

	memset(fake_bytes(p.pfn), 0xee, PAGE_SIZE);
	backing_put_ref(b);
	b = backing_ram_create(BLOCK, &budget);
	p = get(b, 0, false);
	assert_true(is_zero(p.pfn, 0, PAGE_SIZE));
	backing_put_ref(b);
}

static void a_block_cut_short_comes_in_runs_and_pages(void **state)
{
	/* 20 pages: a run of 16, then 4 single ones. */
	struct backing *b = backing_ram_create(20, &budget);

	assert_int_equal(get(b, 5, false).order, 4);
	assert_int_equal(b->resident, 16);
	assert_int_equal(get(b, 17, false).order, 0);
	assert_int_equal(b->resident, 17);
	backing_put_ref(b);
}

static void a_budget_bounds_guest_memory(void **state)
{
	struct backing *b;
	struct backing_page p;

	budget.limit = 17;
	b = backing_ram_create(BLOCK, &budget);
	assert_int_equal(get(b, 0, false).order, 4);
	assert_int_equal(get(b, 100, false).order, 0);
	assert_int_equal(b->ops->get(b, 200, false, &p), -ENOMEM);
	/* What is there stays there. */
	get(b, 100, true);
	b->ops->discard(b, 100, 1);
	get(b, 200, true);
	backing_put_ref(b);
}

static void memory_that_runs_out_leaves_the_rest_as_it_was(void **state)
{
	struct backing *b = backing_ram_create(64 * BLOCK, &budget);
	struct backing_page p;
	u64 n = 0;

	while (!b->ops->get(b, n * BLOCK, false, &p))
		n++;
	/* One chunk is the hypervisor's, for the index. */
	assert_int_equal(n, 11);
	assert_int_equal(b->resident, 11 * BLOCK);
	assert_int_equal(b->ops->get(b, n * BLOCK, false, &p), -ENOMEM);
	b->ops->discard(b, 0, BLOCK);
	get(b, n * BLOCK, false);
	backing_put_ref(b);
}

static void an_image_is_shared_until_written(void **state)
{
	struct backing *b = backing_ram_create(4 * BLOCK, &budget);
	struct backing_page p;

	assert_int_equal(backing_ram_add_image(b, SZ_2M, HPA(MODULE), SZ_2M),
			 0);
	p = get(b, BLOCK + 3, false);
	assert_int_equal(p.pfn.v, (MODULE >> PAGE_SHIFT) + 3);
	assert_int_equal(p.order, CHUNK_ORDER);
	assert_false(p.writable);
	assert_false(p.fresh);
	assert_int_equal(b->resident, 0);

	/* Written: the neighbourhood of 16 is copied, and is the guest's. */
	p = get(b, BLOCK + 20, true);
	assert_true(p.writable);
	assert_int_equal(p.copied, 16);
	assert_int_equal(p.order, 4);
	assert_int_equal(b->resident, 16);
	assert_true(is_module(p.pfn, 20 * PAGE_SIZE, PAGE_SIZE));
	memset(fake_bytes(p.pfn), 0, PAGE_SIZE);
	p = get(b, BLOCK + 20, false);
	assert_true(p.writable);
	assert_int_equal(p.copied, 0);
	assert_true(is_zero(p.pfn, 0, PAGE_SIZE));
	p = get(b, BLOCK + 31, false);
	assert_true(is_module(p.pfn, 31 * PAGE_SIZE, PAGE_SIZE));

	/* The rest is still shared, but no whole block any more. */
	p = get(b, BLOCK + 32, false);
	assert_false(p.writable);
	assert_int_equal(p.order, 4);
	assert_true(is_module(p.pfn, 32 * PAGE_SIZE, PAGE_SIZE));
	backing_put_ref(b);
	/* The module itself is as it was. */
	assert_false(is_zero(hpa_to_pfn(HPA(MODULE + 20 * PAGE_SIZE)), 0,
			     PAGE_SIZE));
}

static void two_vms_share_one_image(void **state)
{
	struct backing *a = backing_ram_create(BLOCK, &budget);
	struct backing *b = backing_ram_create(BLOCK, &budget);

	assert_int_equal(backing_ram_add_image(a, 0, HPA(MODULE), SZ_2M), 0);
	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE), SZ_2M), 0);
	assert_int_equal(get(a, 9, false).pfn.v, get(b, 9, false).pfn.v);
	memset(fake_bytes(get(a, 9, true).pfn), 0, PAGE_SIZE);
	assert_true(is_module(get(b, 9, false).pfn, 9 * PAGE_SIZE, PAGE_SIZE));
	assert_true(is_module(get(b, 9, true).pfn, 9 * PAGE_SIZE, PAGE_SIZE));
	backing_put_ref(a);
	backing_put_ref(b);
}

/* bugs.md 10: the alignment of offset and memory must agree. */
static void runs_are_as_aligned_as_image_and_memory_are_alike(void **state)
{
	static const struct {
		u64 at, pa, size, look;
		unsigned int order;
	} image[] = {
		{ 0, 0, SZ_4K, 0, 0 },
		{ 0, SZ_4K, SZ_2M, 0, 0 },
		{ 0, SZ_64K, SZ_2M, 0, 4 },
		{ 0, SZ_64K, SZ_2M, 511, 4 },
		{ SZ_64K, SZ_64K, SZ_2M, 16, 4 },
		{ SZ_64K, SZ_64K, SZ_2M, 32, 5 },
		{ SZ_64K, SZ_64K, SZ_2M, 256, 8 },
		{ SZ_64K, SZ_64K, SZ_2M, 527, 4 },
		{ SZ_64K, SZ_64K, SZ_2M + SZ_64K, 520, 5 },
		{ 0, SZ_2M, 2 * SZ_2M, 513, 9 }, /* no more than a block */
		{ 0, 0, SZ_64K - 1, 14, 0 },
		{ 0, 0, SZ_64K - 1, 3, 3 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(image); i++) {
		struct backing *b = backing_ram_create(4 * BLOCK, &budget);
		struct backing_page p;

		assert_int_equal(backing_ram_add_image(b, image[i].at,
						       HPA(MODULE +
							   image[i].pa),
						       image[i].size),
				 0);
		p = get(b, image[i].look, false);
		assert_int_equal(p.order, image[i].order);
		assert_int_equal(p.pfn.v,
				 ((MODULE + image[i].pa - image[i].at) >>
				  PAGE_SHIFT) + image[i].look);
		backing_put_ref(b);
	}
}

static void an_image_s_tail_is_copied_and_zero_behind(void **state)
{
	struct backing *b = backing_ram_create(4 * BLOCK, &budget);
	u64 size = 3 * PAGE_SIZE + 100;
	struct backing_page p;

	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE), size), 0);
	assert_false(get(b, 2, false).writable);
	p = get(b, 3, false);
	assert_true(p.writable);
	assert_true(is_module(p.pfn, 3 * PAGE_SIZE, 100));
	assert_true(is_zero(p.pfn, 100, PAGE_SIZE));
	/* Behind it is plain RAM, but no block: the image is in that. */
	p = get(b, 4, false);
	assert_true(is_zero(p.pfn, 0, PAGE_SIZE));
	assert_int_equal(p.order, 0);
	assert_int_equal(get(b, 16, false).order, 4);
	assert_int_equal(get(b, BLOCK, false).order, CHUNK_ORDER);
	backing_put_ref(b);
}

static void an_image_at_an_odd_address_is_copied(void **state)
{
	struct backing *b = backing_ram_create(BLOCK, &budget);
	struct backing_page p;

	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE + 123),
					       20 * PAGE_SIZE - 1),
			 0);
	p = get(b, 2, false);
	assert_true(p.writable);
	assert_int_equal(p.copied, 16);
	assert_true(is_module(p.pfn, 2 * PAGE_SIZE + 123, PAGE_SIZE));
	p = get(b, 19, false);
	assert_true(is_module(p.pfn, 19 * PAGE_SIZE + 123, PAGE_SIZE - 1));
	assert_true(is_zero(p.pfn, PAGE_SIZE - 1, PAGE_SIZE));
	backing_put_ref(b);
}

static void bad_images_are_refused(void **state)
{
	struct backing *b = backing_ram_create(BLOCK, &budget);
	struct backing *s = backing_static_create(HPA(0), 8, true, false);
	static const struct {
		u64 at, pa, size;
	} bad[] = {
		{ 1, MODULE, 1 },
		{ 0, MODULE, 0 },
		{ SZ_2M, MODULE, 1 },
		{ 0, MODULE, SZ_2M + 1 },
		{ PAGE_SIZE, MODULE, SZ_2M - PAGE_SIZE + 1 },
		{ 0, MODULE, ~0UL },
		{ 0, ~0UL - 5, 7 },
		{ 0x10000, MODULE, 1 },
		{ 0xf000, MODULE, 0x1001 },
		{ 0, MODULE, SZ_2M },
	};

	assert_int_equal(backing_ram_add_image(b, 0x10000, HPA(MODULE), 5), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(backing_ram_add_image(b, bad[i].at,
						       HPA(bad[i].pa),
						       bad[i].size),
				 -EINVAL);
	assert_int_equal(backing_ram_add_image(s, 0, HPA(MODULE), 1), -EINVAL);
	backing_put_ref(s);
	backing_put_ref(b);
	assert_null(backing_ram_create(0, NULL));
	assert_null(backing_ram_create(~0UL, NULL));
	assert_null(backing_static_create(HPA(1), 1, true, true));
	assert_null(backing_static_create(HPA(0), 0, true, true));
	assert_null(backing_static_create(HPA(PAGE_SIZE), ~0UL, true, true));
}

static void an_image_hides_what_was_there(void **state)
{
	struct backing *b = backing_ram_create(2 * BLOCK, &budget);
	pfn_t before = get(b, 100, true).pfn;

	assert_int_equal(backing_ram_add_image(b, 64 * PAGE_SIZE, HPA(MODULE),
					       SZ_64K),
			 0);
	assert_int_equal(get(b, 64, false).pfn.v, MODULE >> PAGE_SHIFT);
	assert_int_equal(get(b, 100, true).pfn.v, before.v);
	assert_int_equal(b->resident, BLOCK - 16);
	backing_put_ref(b);
}

/* Two images, with pages of nobody's before, between and behind them: of one that
 * begins and ends within a run. */
static struct backing *make_whole(u64 end)
{
	struct backing *b = backing_ram_create(3 * BLOCK + 100, &budget);

	assert_int_equal(backing_ram_add_image(b, 71 * PAGE_SIZE, HPA(MODULE),
					       200 * PAGE_SIZE + 5), 0);
	assert_int_equal(backing_ram_add_image(b, 290 * PAGE_SIZE,
					       HPA(MODULE + 300 * PAGE_SIZE),
					       600 * PAGE_SIZE), 0);
	backing_ram_make_whole(b, end);
	return b;
}

static void the_block_has_what_images_show(pfn_t first)
{
	for (u64 i = 0; i < BLOCK; i++) {
		pfn_t p = PFN(first.v + i);

		if (i >= 71 && i < 271)
			assert_true(is_module(p, (i - 71) * PAGE_SIZE, PAGE_SIZE));
		else if (i == 271)
			assert_true(is_module(p, 200 * PAGE_SIZE, 5) &&
				    is_zero(p, 5, PAGE_SIZE));
		else if (i >= 290)
			assert_true(is_module(p, (i + 10) * PAGE_SIZE, PAGE_SIZE));
		else
			assert_true(is_zero(p, 0, PAGE_SIZE));
	}
}

/* Whichever page is asked for first, and to be read even. */
static void a_block_has_what_images_show_of_it(void **state)
{
	static const u64 asked[] = {0, 71, 100, 271, 280, 400, 511};
	struct backing_page p;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(asked); i++) {
		struct backing *b = make_whole(SZ_2M - 1);

		p = get(b, asked[i / 2], i & 1);
		assert_true(p.writable);
		assert_int_equal(p.order, CHUNK_ORDER);
		assert_int_equal(p.copied, BLOCK);
		assert_int_equal(b->resident, BLOCK);
		the_block_has_what_images_show(PFN(p.pfn.v - asked[i / 2]));
		/* What begins behind the end is shared as ever. */
		assert_false(get(b, BLOCK + 3, false).writable);
		b->ops->discard(b, 0, BLOCK);
		p = get(b, 7, false);
		the_block_has_what_images_show(PFN(p.pfn.v - 7));
		backing_put_ref(b);
	}
}

/* Nor is the last block one, if the backing ends in it. */
static void without_a_block_images_are_shared_as_ever(void **state)
{
	struct backing *b = make_whole(64 * SZ_2M);
	struct backing_page p;

	assert_int_equal(get(b, 3 * BLOCK + 50, false).order, 4);
	assert_int_equal(get(b, BLOCK + 300, true).order, CHUNK_ORDER);
	budget.limit = budget.used;
	p = get(b, 100, false);
	assert_false(p.writable);
	assert_int_equal(p.pfn.v, (MODULE >> PAGE_SHIFT) + 29);
	budget.limit += 16;
	p = get(b, 100, false);
	assert_true(p.writable);
	assert_int_equal(p.order, 4);
	/* In pieces it stays. */
	budget.limit = 0;
	assert_int_equal(get(b, 200, true).order, 4);
	assert_false(get(b, 250, false).writable);
	budget.limit = 1;
	assert_int_equal(b->ops->get(b, 0, false, &p), -ENOMEM);
	backing_put_ref(b);
}

static void discarded_pages_start_afresh(void **state)
{
	struct backing *b = backing_ram_create(8 * BLOCK, &budget);
	static const struct {
		u64 offset, count, resident;
	} discard[] = {
		{ 0, 1, 8 * BLOCK - 1 },            /* splits a block */
		{ 0, 2, 8 * BLOCK - 2 },
		{ 3 * BLOCK - 1, 2, 8 * BLOCK - 4 },  /* two of them */
		{ 4 * BLOCK, BLOCK, 7 * BLOCK - 4 },
		{ 2 * BLOCK, 2 * BLOCK, 5 * BLOCK - 2 },
		{ 8 * BLOCK, 5, 5 * BLOCK - 2 },      /* not there */
		{ 7 * BLOCK, ~0UL, 4 * BLOCK - 2 },   /* past the end */
		{ 5 * BLOCK + 1, BLOCK - 1, 3 * BLOCK - 1 },
		{ 0, 8 * BLOCK, 0 },
	};

	for (u64 i = 0; i < 8; i++)
		memset(fake_bytes(get(b, i * BLOCK, true).pfn), 1, PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(discard); i++) {
		b->ops->discard(b, discard[i].offset, discard[i].count);
		assert_int_equal(b->resident, discard[i].resident);
		assert_int_equal(budget.used, b->resident);
	}
	for (u64 i = 0; i < 8; i++) {
		struct backing_page p = get(b, i * BLOCK, false);

		assert_int_equal(p.order, CHUNK_ORDER);
		assert_true(is_zero(p.pfn, 0, PAGE_SIZE));
	}
	backing_put_ref(b);
}

static void a_run_with_a_page_discarded_is_none(void **state)
{
	struct backing *b = backing_ram_create(64, &budget);

	assert_int_equal(get(b, 20, true).order, 4);
	b->ops->discard(b, 24, 1);
	assert_int_equal(get(b, 20, true).order, 0);
	assert_int_equal(get(b, 24, true).order, 0);
	assert_int_equal(b->resident, 16);
	backing_put_ref(b);
}

static void runs_are_discarded_whole_and_in_part(void **state)
{
	struct backing *b = backing_ram_create(64, &budget);
	struct page_stats st;

	for (u64 i = 0; i < 64; i += 16)
		assert_int_equal(get(b, i, true).order, 4);
	b->ops->discard(b, 8, 32);
	assert_int_equal(b->resident, 32);
	assert_int_equal(budget.used, 32);
	page_alloc_stats(&st);
	assert_int_equal(st.used[PAGE_GUEST], 32);
	assert_int_equal(get(b, 0, true).order, 0);
	assert_int_equal(get(b, 16, true).order, 4);
	assert_int_equal(get(b, 40, true).order, 0);
	assert_int_equal(get(b, 48, true).order, 4);
	assert_int_equal(b->resident, 48);
	backing_put_ref(b);
}

static void a_discard_without_memory_still_clears(void **state)
{
	struct backing *b = backing_ram_create(BLOCK, &budget);
	struct backing_page p = get(b, 0, true);
	void *hog = NULL, *page;

	memset(fake_bytes(p.pfn), 1, PAGE_SIZE);
	memset(fake_bytes(PFN(p.pfn.v + 1)), 1, PAGE_SIZE);
	while ((page = hyp_alloc_pages(0, NULL))) {
		*(void **)page = hog;
		hog = page;
	}
	b->ops->discard(b, 0, 1);
	p = get(b, 0, false);
	assert_true(is_zero(p.pfn, 0, PAGE_SIZE));
	assert_false(is_zero(get(b, 1, false).pfn, 0, PAGE_SIZE));
	for (; hog; hog = page) {
		page = *(void **)hog;
		hyp_free_pages(hog, 0, NULL);
	}
	backing_put_ref(b);
}

static void a_large_backing_costs_an_index_only(void **state)
{
	/* 16 TiB. */
	struct backing *b = backing_ram_create(BIT64(32), &budget);

	assert_non_null(b);
	get(b, 0, true);
	get(b, BIT64(32) - 1, true);
	assert_int_equal(b->resident, 2 * BLOCK);
	b->ops->discard(b, 0, BIT64(32));
	assert_int_equal(b->resident, 0);
	backing_put_ref(b);
}

static void memory_of_several_vms_is_not_one_s_to_throw_away(void **state)
{
	struct backing *b = backing_shared_create(64, 4, &budget);
	struct backing_page page = get(b, 5, true);

	assert_true(page.writable);
	assert_in_range(page.order, 4, 6);
	assert_null(b->ops->discard);
	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE), SZ_4K),
			 -EINVAL);
	backing_put_ref(b);
	assert_int_equal(budget.used, 0);
	assert_null(backing_shared_create(0, 0, &budget));
	assert_null(backing_shared_create(17, 4, &budget));
}

static void static_memory_is_shown_as_it_is(void **state)
{
	struct backing *ro = backing_static_create(HPA(0x8000), 24, false,
						   false);
	struct backing *dev = backing_static_create(HPA(SZ_1G), BIT64(20), true,
						    true);
	struct backing_page p;

	p = get(ro, 3, false);
	assert_int_equal(p.pfn.v, 11);
	assert_int_equal(p.order, 3); /* 8..15 of memory are 0..7 here */
	assert_int_equal(get(ro, 16, false).order, 3);
	assert_false(p.writable);
	/* Nobody knows who wrote it: whoever shows it, cleans. */
	assert_true(p.fresh);
	assert_int_equal(ro->ops->get(ro, 3, true, &p), -EPERM);
	assert_int_equal(ro->ops->get(ro, 24, false, &p), -EFAULT);
	p = get(dev, 12345, true);
	assert_true(p.device && p.writable && !p.fresh);
	assert_int_equal(p.order, 18);
	assert_int_equal(p.pfn.v, (SZ_1G >> PAGE_SHIFT) + 12345);
	backing_get_ref(dev);
	backing_put_ref(dev);
	backing_put_ref(dev);
	backing_put_ref(ro);
}

/*
 * An image at any page of its backing, congruent with its place in memory, so
 * that it is shown in runs that are aligned in both and not in the image.
 */
static void all_that_an_image_shows_at_once_is_clean(void **state)
{
	for (u64 at = 0; at < 3 * BLOCK; at += 7 * 5) {
		struct backing *b = backing_ram_create(8 * BLOCK, &budget);
		u64 place = MODULE + (at % BLOCK << PAGE_SHIFT);
		u64 size = 3 * CHUNK_SIZE - (at % 3) * SZ_16K;

		for (u64 pa = place; pa < place + size; pa += PAGE_SIZE)
			arch_page_unmap(arch_page_map(hpa_to_pfn(HPA(pa))));
		assert_int_equal(backing_ram_add_image(b, at << PAGE_SHIFT,
						       HPA(place), size),
				 0);
		for (u64 n = size >> PAGE_SHIFT; n; n -= min(n, 13UL))
			assert_int_equal(get(b, at + n - 1, false).pfn.v,
					 (place >> PAGE_SHIFT) + n - 1);
		backing_put_ref(b);
	}
}

static void others_want_the_cpu(void)
{
	this_cpu()->need_resched = true;
}

/* Long work is cut: in pages, tables and gigabytes of nothing. */
static void a_backing_goes_in_steps(void **state)
{
	struct backing *b = backing_ram_create(BIT64(30), &budget);

	/* Tables, for each area begins with a page of an image. */
	for (u64 i = 0; i < 5; i++) {
		assert_int_equal(backing_ram_add_image(b, i * 32 * SZ_1M,
						       HPA(MODULE + 1), SZ_4K),
				 0);
		get(b, i * 16 * BLOCK + 100, true);
	}
	fake_yields = 0;
	fake_on_yield = others_want_the_cpu;
	others_want_the_cpu();
	backing_put_ref(b);
	fake_on_yield = NULL;
	this_cpu()->need_resched = false;
	/* 4 TiB, of which 1 GiB was begun; 5 tables. */
	assert_in_range(fake_yields, 4095 + 32 + 5, 4096 + 32 + 5);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(ram_comes_in_zeroed_blocks),
		CASE(what_another_vm_left_is_not_seen),
		CASE(a_block_cut_short_comes_in_runs_and_pages),
		CASE(a_budget_bounds_guest_memory),
		CASE(memory_that_runs_out_leaves_the_rest_as_it_was),
		CASE(an_image_is_shared_until_written),
		CASE(two_vms_share_one_image),
		CASE(runs_are_as_aligned_as_image_and_memory_are_alike),
		CASE(an_image_s_tail_is_copied_and_zero_behind),
		CASE(an_image_at_an_odd_address_is_copied),
		CASE(bad_images_are_refused),
		CASE(an_image_hides_what_was_there),
		CASE(a_block_has_what_images_show_of_it),
		CASE(without_a_block_images_are_shared_as_ever),
		CASE(discarded_pages_start_afresh),
		CASE(a_run_with_a_page_discarded_is_none),
		CASE(runs_are_discarded_whole_and_in_part),
		CASE(a_discard_without_memory_still_clears),
		CASE(a_large_backing_costs_an_index_only),
		CASE(memory_of_several_vms_is_not_one_s_to_throw_away),
		CASE(static_memory_is_shown_as_it_is),
		CASE(all_that_an_image_shows_at_once_is_clean),
		CASE(a_backing_goes_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
