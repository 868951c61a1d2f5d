// SPDX-License-Identifier: BSD-2-Clause
/* Bitmaps, lists, and the arithmetic of util.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bitmap.h"
#include "lib/list.h"
#include "lib/util.h"

static void bits_are_set_and_cleared_alone(void **state)
{
	DECLARE_BITMAP(map, 130) = {0};
	unsigned int n, i;

	assert_int_equal(sizeof(map), 24);
	for (n = 0; n < 130; n++) {
		bitmap_set(map, n);
		for (i = 0; i < 130; i++)
			assert_int_equal(bitmap_test(map, i), i == n);
		bitmap_clear(map, n);
		assert_false(bitmap_test(map, n));
		bitmap_assign(map, n, true);
		assert_true(bitmap_test(map, n));
		bitmap_assign(map, n, false);
		assert_false(bitmap_test(map, n));
	}
}

static unsigned int slow_next(const u64 *map, unsigned int bits,
			      unsigned int from, bool set)
{
	while (from < bits && bitmap_test(map, from) != set)
		from++;
	return from < bits ? from : bits;
}

static void searches_agree_with_a_slow_one(void **state)
{
	static const u64 maps[][3] = {
		{0, 0, 0},
		{~0ULL, ~0ULL, ~0ULL},
		{1, 0, 1},
		{BIT64(63), 0, 0},
		{0, BIT64(63), BIT64(63)},
		{0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0xff},
		{~BIT64(63), ~1ULL, ~0ULL},
	};
	unsigned int i, bits, from;

	for (i = 0; i < ARRAY_SIZE(maps); i++)
		for (bits = 0; bits <= 192; bits++)
			for (from = 0; from <= bits + 1; from++) {
				assert_int_equal(
					bitmap_next_set(maps[i], bits, from),
					slow_next(maps[i], bits, from, true));
				assert_int_equal(
					bitmap_next_clear(maps[i], bits, from),
					slow_next(maps[i], bits, from, false));
			}
}

struct item {
	int v;
	struct list node;
};

static void lists_keep_their_order(void **state)
{
	struct list head = LIST_INIT(head);
	struct item item[4] = {{.v = 0}, {.v = 1}, {.v = 2}, {.v = 3}}, *p, *n;
	int want = 0;

	assert_true(list_empty(&head));
	list_add_tail(&head, &item[2].node);
	list_add(&head, &item[1].node);
	list_add_tail(&head, &item[3].node);
	list_add(&head, &item[0].node);
	list_for_each_entry(p, &head, node)
		assert_int_equal(p->v, want++);
	assert_int_equal(want, 4);
	assert_ptr_equal(list_first_entry(&head, struct item, node), &item[0]);
	list_del(&item[1].node);
	list_del(&item[1].node); /* harmless */
	assert_true(list_empty(&item[1].node));
	want = 0;
	list_for_each_entry_safe(p, n, &head, node) {
		want += p->v;
		list_del(&p->node);
	}
	assert_int_equal(want, 5);
	assert_true(list_empty(&head));
}

static void masks_and_fields(void **state)
{
	assert_int_equal(GENMASK64(63, 0), ~0ULL);
	assert_int_equal(GENMASK64(0, 0), 1);
	assert_int_equal(GENMASK64(63, 63), BIT64(63));
	assert_int_equal(GENMASK64(47, 12), 0x0000fffffffff000);
	assert_int_equal(FIELD_GET(GENMASK64(7, 4), 0xabcd), 0xc);
	assert_int_equal(FIELD_PREP(GENMASK64(7, 4), 0x1c), 0xc0);
	assert_int_equal(ALIGN_UP(4097UL, 4096), 8192);
	assert_int_equal(ALIGN_UP(~0ULL, 4096), 0);
	assert_int_equal(ALIGN_DOWN(0xffffffffffffffffULL, 4096),
			 0xfffffffffffff000ULL);
	assert_true(IS_ALIGNED(0x200000ULL, SZ_2M));
	assert_false(IS_ALIGNED(0x201000ULL, SZ_2M));
	assert_int_equal(DIV_ROUND_UP(4097, 4096), 2);
}

static void ranges_at_the_top_do_not_wrap(void **state)
{
	static const struct {
		u64 base, size, limit;
		bool fits;
	} fit[] = {
		{0, 0, 0, true},
		{0, 1, 0, false},
		{~0ULL, 1, ~0ULL, false},
		{~0ULL - 1, 1, ~0ULL, true},
		{~0ULL, 2, 0x1000, false},
		{0x1000, 0, 0x1000, true},
		{0xff0, 0x10, 0x1000, true},
		{0xff0, 0x11, 0x1000, false},
	};
	static const struct {
		u64 a, a_size, b, b_size;
		bool overlap;
	} lap[] = {
		{0, 0x1000, 0x1000, 0x1000, false},
		{0, 0x1001, 0x1000, 0x1000, true},
		{0x1000, 0x1000, 0x1800, 1, true},
		{~0ULL, 1, 0, 1, false},
		{~0ULL - 0xfff, 0x1000, ~0ULL, 1, true},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fit); i++)
		assert_int_equal(range_fits(fit[i].base, fit[i].size,
					    fit[i].limit),
				 fit[i].fits);
	for (i = 0; i < ARRAY_SIZE(lap); i++) {
		assert_int_equal(ranges_overlap(lap[i].a, lap[i].a_size,
						lap[i].b, lap[i].b_size),
				 lap[i].overlap);
		assert_int_equal(ranges_overlap(lap[i].b, lap[i].b_size,
						lap[i].a, lap[i].a_size),
				 lap[i].overlap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_set_and_cleared_alone),
		cmocka_unit_test(searches_agree_with_a_slow_one),
		cmocka_unit_test(lists_keep_their_order),
		cmocka_unit_test(masks_and_fields),
		cmocka_unit_test(ranges_at_the_top_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
