// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/libgcc.c lib/divide.c
/* What compilers call on a CPU of 32 bits, against the PC's own arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/divide.h"
#include "lib/util.h"

u64 __udivdi3(u64 n, u64 by);
u64 __umoddi3(u64 n, u64 by);
u64 __ashldi3(u64 v, int by);
u64 __lshrdi3(u64 v, int by);
int __ucmpdi2(u64 a, u64 b);
u64 call_fetch_or(u64 *p, u64 v, int order) __asm__("__atomic_fetch_or_8");
bool call_exchange(u64 *p, u64 *expected, u64 v, int order, int failed)
	__asm__("__atomic_compare_exchange_8");

static const u64 value[] = {
	0, 1, 2, 3, 10, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
	0x100000001, 0x123456789abcdef, 0x7fffffffffffffff, 0x8000000000000000,
	0xffffffff00000000, 0xffffffffffffffff, 1000000007, 160000000,
};

static void division_is_that_of_the_pc(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(value); i++)
		for (size_t j = 1; j < ARRAY_SIZE(value); j++) {
			assert_true(__udivdi3(value[i], value[j]) ==
				    value[i] / value[j]);
			assert_true(__umoddi3(value[i], value[j]) ==
				    value[i] % value[j]);
		}
	assert_true(__udivdi3(5, 0) == ~0ULL);
	assert_true(__umoddi3(5, 0) == 5);
}

static void shifts_are_those_of_the_pc(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(value); i++)
		for (int by = 0; by < 64; by++) {
			assert_true(__ashldi3(value[i], by) == value[i] << by);
			assert_true(__lshrdi3(value[i], by) == value[i] >> by);
		}
}

static void comparison_says_0_1_or_2(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(value); i++)
		for (size_t j = 0; j < ARRAY_SIZE(value); j++)
			assert_int_equal(__ucmpdi2(value[i], value[j]),
					 value[i] < value[j]  ? 0 :
					 value[i] == value[j] ? 1 : 2);
}

static void what_stands_for_atomic_access_does_it(void **state)
{
	u64 v = 0x100000002, expected = 5;

	assert_true(call_fetch_or(&v, 0x8000000000000001, 0) == 0x100000002);
	assert_true(v == 0x8000000100000003);
	assert_false(call_exchange(&v, &expected, 7, 0, 0));
	assert_true(expected == 0x8000000100000003);
	assert_true(call_exchange(&v, &expected, 7, 0, 0));
	assert_true(v == 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(division_is_that_of_the_pc),
		cmocka_unit_test(shifts_are_those_of_the_pc),
		cmocka_unit_test(comparison_says_0_1_or_2),
		cmocka_unit_test(what_stands_for_atomic_access_does_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
