// SPDX-License-Identifier: BSD-2-Clause
// link: core/memcache.c core/page_alloc.c core/testing/fake_memory.c
// link: lib/log.c lib/printf.c
/* K2: table pages are set aside beforehand, zeroed and charged. B6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/memcache.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

static int set_up(void **state)
{
	fake_memory_init(4 * CHUNK_SIZE);
	return 0;
}

static int tear_down(void **state)
{
	fake_memory_exit();
	return 0;
}

static void pages_are_zero_even_when_used_before(void **state)
{
	static const u8 zero[PAGE_SIZE];
	struct memcache mc;
	void *page;

	memcache_init(&mc, NULL, 0);
	for (unsigned int round = 0; round < 2; round++) {
		assert_int_equal(memcache_topup(&mc, 4), 0);
		assert_int_equal(memcache_topup(&mc, 3), 0);
		assert_int_equal(mc.count, 4);
		while ((page = memcache_pop(&mc))) {
			assert_memory_equal(page, zero, PAGE_SIZE);
			memset(page, 0xff, PAGE_SIZE);
			hyp_free_pages(page, 0, NULL);
		}
		assert_int_equal(mc.count, 0);
	}
	assert_int_equal(fake_pages_used(), 0);
}

static void a_budget_bounds_the_top_up(void **state)
{
	struct page_budget budget = { .limit = 3 };
	struct memcache mc;

	memcache_init(&mc, &budget, 0);
	assert_int_equal(memcache_topup(&mc, 4), -ENOMEM);
	assert_int_equal(mc.count, 3);
	assert_int_equal(budget.used, 3);
	memcache_drain(&mc);
	assert_int_equal(budget.used, 0);
	assert_int_equal(fake_pages_used(), 0);
}

/* For a VM whose stage 2 has granules of 64 KiB. */
static void tables_of_a_granule_are_charged_in_pages(void **state)
{
	static const u8 zero[16 * PAGE_SIZE];
	struct page_budget budget = { .limit = 50 };
	struct memcache mc;
	u8 *table;

	memcache_init(&mc, &budget, 4);
	assert_int_equal(memcache_topup(&mc, 4), -ENOMEM);
	assert_int_equal(mc.count, 3);
	assert_int_equal(budget.used, 48);
	table = memcache_pop(&mc);
	assert_int_equal((uintptr_t)table % sizeof(zero), 0);
	assert_memory_equal(table, zero, sizeof(zero));
	hyp_free_pages(table, 4, &budget);
	memcache_drain(&mc);
	assert_int_equal(budget.used, 0);
	assert_int_equal(fake_pages_used(), 0);
}

static void draining_what_was_never_filled_is_harmless(void **state)
{
	struct memcache mc = { 0 };

	memcache_drain(&mc);
	assert_null(memcache_pop(&mc));
	assert_int_equal(mc.count, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(pages_are_zero_even_when_used_before),
		CASE(a_budget_bounds_the_top_up),
		CASE(tables_of_a_granule_are_charged_in_pages),
		CASE(draining_what_was_never_filled_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
