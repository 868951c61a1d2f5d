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
 * Backings for VMs whose stage 2 has granules of 16 and 64 KiB: nothing smaller
 * is handed out (K3, K4), whatever images, writes and discards do to it (B2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/backing.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (16 * CHUNK_SIZE)
#define PAGES 1040UL
#define MODULE (FAKE_RAM + 12 * CHUNK_SIZE)

static struct page_budget budget;

static u64 *page_bytes(u64 pa)
{
	return (u64 *)fake_bytes(hpa_to_pfn(HPA(pa)));
}

/* Each page of the module begins and ends with its number. */
static int set_up(void **state)
{
	fake_cpus_init(1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	for (u64 at = 0; at < 4 * CHUNK_SIZE; at += PAGE_SIZE) {
		page_bytes(MODULE + at)[0] = 1 + (at >> PAGE_SHIFT);
		page_bytes(MODULE + at)[511] = 1 + (at >> PAGE_SHIFT);
	}
	budget = (struct page_budget){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	assert_int_equal(fake_pages_used(), 0);
	assert_int_equal(budget.used, 0);
	fake_memory_exit();
	return 0;
}

/* A page as it must come: in a run that stage 2 can map. */
static struct backing_page get(struct backing *b, u64 offset, bool write)
{
	struct backing_page p;
	u64 run;

	assert_int_equal(b->ops->get(b, offset, write, &p), 0);
	run = BIT64(p.order);
	assert_true(p.order >= b->order);
	assert_int_equal(p.pfn.v % run, offset % run);
	assert_true(ALIGN_DOWN(offset, run) + run <= b->pages);
	assert_true(!write || p.writable);
	if (!p.fresh)
		assert_false(fake_page_dirty(p.pfn) ||
			     fake_page_icache_stale(p.pfn));
	return p;
}

static u64 word(struct backing *b, u64 offset, bool write)
{
	return *(u64 *)fake_bytes(get(b, offset, write).pfn);
}

/* ---- One thing at a time ----------------------------------------------------- */

static void runs_are_what_was_asked_for(void **state)
{
	struct backing *b;

	assert_null(backing_ram_create_runs(PAGES + 1, 2, &budget));
	assert_null(backing_ram_create_runs(PAGES, 5, &budget));
	b = backing_ram_create_runs(PAGES, 4, &budget);
	/* Two blocks, and one run behind them. */
	assert_int_equal(get(b, 512, true).order, CHUNK_ORDER);
	assert_int_equal(get(b, 1024, true).order, 4);
	backing_put_ref(b);
	b = backing_ram_create_runs(PAGES - 12, 2, &budget);
	assert_int_equal(get(b, 1027, true).order, 2);
	assert_int_equal(b->resident, 4);
	backing_put_ref(b);
}

static void an_image_is_shared_where_it_has_the_whole_run(void **state)
{
	struct backing *b = backing_ram_create_runs(PAGES, 4, &budget);

	/* Pages 8 to 51, but for a few bytes; as aligned there as here. */
	assert_int_equal(backing_ram_add_image(b, 8 * PAGE_SIZE,
					       HPA(MODULE + 8 * PAGE_SIZE),
					       44 * PAGE_SIZE - 8),
			 0);
	assert_int_equal(get(b, 16, false).pfn.v,
			 (MODULE >> PAGE_SHIFT) + 16);
	assert_false(get(b, 47, false).writable);
	assert_int_equal(b->resident, 0);
	/* The ends of it: copies, with zeroes before and behind. */
	assert_int_equal(word(b, 7, false), 0);
	assert_int_equal(b->resident, 16);
	assert_int_equal(word(b, 8, false), 9);
	assert_true(get(b, 8, false).writable);
	assert_int_equal(word(b, 51, false), 52);
	assert_int_equal(((u64 *)fake_bytes(get(b, 51, false).pfn))[511], 0);
	assert_int_equal(word(b, 52, false), 0);
	assert_int_equal(b->resident, 32);
	backing_put_ref(b);
}

static void an_image_that_is_not_as_aligned_is_copied(void **state)
{
	struct backing *b = backing_ram_create_runs(PAGES, 2, &budget);
	struct backing_page p;

	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE + PAGE_SIZE),
					       64 * PAGE_SIZE),
			 0);
	p = get(b, 16, false);
	assert_true(p.writable);
	assert_int_equal(p.copied, 16);
	assert_int_equal(word(b, 16, false), 18);
	backing_put_ref(b);
}

static void part_of_a_run_discarded_stays_and_starts_afresh(void **state)
{
	struct backing *b = backing_ram_create_runs(PAGES, 4, &budget);

	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE),
					       24 * PAGE_SIZE),
			 0);
	for (u64 n = 0; n < 64; n++)
		*(u64 *)fake_bytes(get(b, n, true).pfn) = 1000 + n;
	assert_int_equal(b->resident, 64);
	/* The end of a run, a whole one, and the beginning of one. */
	b->ops->discard(b, 10, 35);
	assert_int_equal(b->resident, 48);
	for (u64 n = 0; n < 64; n++)
		assert_int_equal(word(b, n, false),
				 n < 10 || n >= 45 ? 1000 + n :
				 n < 24		   ? n + 1 : 0);
	backing_put_ref(b);
}

static void a_slot_wants_a_backing_for_its_granule(void **state)
{
	struct vm_config config = { .name = "granule" };
	struct backing *b = backing_ram_create_runs(PAGES, 2, NULL);
	struct backing *ok = backing_ram_create_runs(PAGES, 4, NULL);
	struct backing *odd = backing_static_create(HPA(0x806f000), 16, true,
						    true);
	struct backing *dev = backing_static_create(HPA(0x8060000), 16, true,
						    true);
	struct vm *vm;

	assert_int_equal(vm_create(&config, &vm), 0);
	vm->granule_order = 4; /* all that memslots go by */
	assert_int_equal(memslot_add(vm, GFN(0), PAGES, b, 0, 0), -EINVAL);
	assert_int_equal(memslot_add(vm, GFN(0), 16, odd, 0, 0), -EINVAL);
	assert_int_equal(memslot_add(vm, GFN(4), 16, ok, 0, 0), -EINVAL);
	assert_int_equal(memslot_add(vm, GFN(0), 20, ok, 0, 0), -EINVAL);
	assert_int_equal(memslot_add(vm, GFN(0), 16, ok, 8, 0), -EINVAL);
	assert_int_equal(memslot_add(vm, GFN(0), 32, ok, 16, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(32), 16, dev, 0, 0), 0);
	backing_put_ref(b);
	backing_put_ref(ok);
	backing_put_ref(odd);
	backing_put_ref(dev);
	vm->granule_order = 0;
	vm_destroy(vm);
}

static void no_run_left_is_no_memory(void **state)
{
	struct backing *b = backing_ram_create_runs(PAGES, 4, &budget);
	struct backing_page p;
	pfn_t taken[16 * 512];
	unsigned int n = 0;

	/* One page of each 16 is free, and no more. */
	while (n < ARRAY_SIZE(taken) &&
	       !page_alloc(PAGE_GUEST, 0, NULL, &taken[n]))
		n++;
	for (unsigned int i = 0; i < n; i++)
		if (taken[i].v % 16 == 5)
			page_put(taken[i], 0, NULL);
	assert_int_equal(b->ops->get(b, 0, true, &p), -ENOMEM);
	assert_int_equal(b->resident, 0);
	for (unsigned int i = 0; i < n; i++)
		if (taken[i].v % 16 != 5)
			page_put(taken[i], 0, NULL);
	assert_int_equal(word(b, 0, true), 0);
	backing_put_ref(b);
}

/* ---- Everything, at random ------------------------------------------------------ */

static u64 seed;

static u64 dice(u64 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

struct oracle {
	u64 fresh[PAGES]; /* what a get gives at first */
	u64 now[PAGES];
};

static void add_images(struct backing *b, struct oracle *o)
{
	u64 at = dice(24);

	while (at < PAGES - 200) {
		u64 pages = 1 + dice(150), from = dice(40);

		assert_int_equal(
			backing_ram_add_image(b, at << PAGE_SHIFT,
					      HPA(MODULE + (from << PAGE_SHIFT)),
					      (pages << PAGE_SHIFT) - 8),
			0);
		for (u64 n = 0; n < pages; n++)
			o->fresh[at + n] = from + n + 1;
		at += pages + dice(30);
	}
}

static void random_step(struct backing *b, struct oracle *o)
{
	u64 offset = dice(PAGES), count;

	switch (dice(8)) {
	case 0:
		count = 1 + dice(min(PAGES - offset, BIT64(1 + dice(10))));
		b->ops->discard(b, offset, count);
		for (; count; count--, offset++)
			o->now[offset] = o->fresh[offset];
		break;
	case 1:
	case 2:
	case 3:
		o->now[offset] = seed;
		*(u64 *)fake_bytes(get(b, offset, true).pfn) = seed;
		break;
	default:
		assert_int_equal(word(b, offset, false), o->now[offset]);
	}
}

static void every_page_is_what_the_oracle_says(void **state)
{
	static struct oracle o;

	for (seed = 1; seed <= 30; seed++) {
		u64 round = seed;
		struct backing *b = backing_ram_create_runs(
			PAGES, 2 * (round % 3), &budget);

		memset(&o, 0, sizeof(o));
		add_images(b, &o);
		memcpy(o.now, o.fresh, sizeof(o.now));
		for (unsigned int n = 0; n < 2000; n++)
			random_step(b, &o);
		for (u64 n = 0; n < PAGES; n++)
			assert_int_equal(word(b, n, false), o.now[n]);
		backing_put_ref(b);
		assert_int_equal(budget.used, 0);
		seed = round;
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(runs_are_what_was_asked_for),
		CASE(an_image_is_shared_where_it_has_the_whole_run),
		CASE(an_image_that_is_not_as_aligned_is_copied),
		CASE(part_of_a_run_discarded_stays_and_starts_afresh),
		CASE(a_slot_wants_a_backing_for_its_granule),
		CASE(no_run_left_is_no_memory),
		CASE(every_page_is_what_the_oracle_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
