// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/scratch.c
/* K41: registers that the refill handler puts k0 and k1 into, if they keep them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/cp0.h"
#include "arch/mips/scratch.h"
#include "lib/log.h"

static const struct {
	u32 reg;
	const char *name;
} all[] = {
	{CP0_CONTEXT, "context"},
	{CP0_DDATALO, "ddatalo"},	{CP0_ERROREPC, "errorepc"},
	{CP0_KSCRATCH(2), "kscratch2"}, {CP0_KSCRATCH(3), "kscratch3"},
	{CP0_KSCRATCH(4), "kscratch4"}, {CP0_KSCRATCH(5), "kscratch5"},
	{CP0_KSCRATCH(6), "kscratch6"}, {CP0_KSCRATCH(7), "kscratch7"},
};

/* The one register that there is: bits that stay as they are, and those that are 0. */
static const char *there;
static u32 value, fixed, zero;
static bool written;

u32 test_cp0_read(const char *name)
{
	assert_string_equal(name, there);
	assert_false(written);
	return value;
}

void test_cp0_write(const char *name, u32 v)
{
	assert_string_equal(name, there);
	value = ((value & fixed) | (v & ~fixed)) & ~zero;
	written = true;
}

void test_ehb(void)
{
	written = false;
}

void test_tlb(const char *op)
{
	fail();
}

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

static void each_keeps_a_word(void **state)
{
	fixed = zero = 0;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		there = all[i].name;
		assert_true(scratch_keeps(all[i].reg, ~0U));
		scratch_write(all[i].reg, 0x12345678 + i);
		assert_int_equal(value, 0x12345678 + i);
	}
}

/* Whatever it happens to have. */
static void one_that_is_not_written_keeps_none(void **state)
{
	there = "ddatalo";
	for (u32 bit = 0; bit < 32; bit++) {
		for (u32 has = 0; has < 2; has++) {
			fixed = BIT32(bit);
			zero = 0;
			value = has ? ~0U : 0;
			assert_false(scratch_keeps(CP0_DDATALO, ~0U));
		}
		fixed = 0;
		zero = BIT32(bit);
		assert_false(scratch_keeps(CP0_DDATALO, ~0U));
	}
	fixed = ~0U;
	zero = 0;
	value = 0x5aa5c33c;
	assert_false(scratch_keeps(CP0_DDATALO, ~0U));
}

/* Hardware has the rest of it. */
static void a_part_that_is_kept_is_enough(void **state)
{
	there = "context";
	fixed = 0x007ffff0;
	zero = 0xf;
	value = 0x00123450;
	assert_true(scratch_keeps(CP0_CONTEXT, CONTEXT_BASE));
	assert_false(scratch_keeps(CP0_CONTEXT, ~0U));
	zero |= 0x00800000;
	assert_false(scratch_keeps(CP0_CONTEXT, CONTEXT_BASE));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_keeps_a_word),
		cmocka_unit_test(one_that_is_not_written_keeps_none),
		cmocka_unit_test(a_part_that_is_kept_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
