// SPDX-License-Identifier: BSD-2-Clause
// link: cli/size.c
// flags: -D_GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/size.h"
#include "lib/util.h"

static void sizes_are_read_as_documented(void **state)
{
	static const struct {
		const char *text;
		int err;
		u64 bytes;
	} rows[] = {
		{ "512M", 0, 512 * SZ_1M },
		{ "512m", 0, 512 * SZ_1M },
		{ "512MB", 0, 512 * SZ_1M },
		{ "512MiB", 0, 512 * SZ_1M },
		{ "512", 0, 512 * SZ_1M },
		{ "0", 0, 0 },
		{ "1G", 0, SZ_1G },
		{ "64K", 0, SZ_64K },
		{ "2T", 0, 2048 * SZ_1G },
		{ "0x20000000", 0, 512 * SZ_1M },
		{ "0X1000", 0, SZ_4K },
		{ "0xffffffffffffffff", 0, UINT64_MAX },
		{ "16777215T", 0, 16777215ULL << 40 },
		{ "16777216T", -ERANGE, 0 },
		{ "17592186044416", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "0x10000000000000000", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ " 1M", -EINVAL, 0 },
		{ "1M ", -EINVAL, 0 },
		{ "-1M", -EINVAL, 0 },
		{ "+1M", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "12Q", -EINVAL, 0 },
		{ "1Mb2", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 },
		{ "0x10M", -EINVAL, 0 },
		{ "0x-1", -EINVAL, 0 },
	};
	u64 bytes;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bytes = 0;
		assert_int_equal(size_parse(rows[i].text, &bytes), rows[i].err);
		if (!rows[i].err)
			assert_int_equal(bytes, rows[i].bytes);
	}
}

static void numbers_are_digits_only(void **state)
{
	u64 n = 7;

	assert_int_equal(number_parse("18446744073709551615", &n), 0);
	assert_int_equal(n, UINT64_MAX);
	assert_int_equal(number_parse("18446744073709551616", &n), -ERANGE);
	assert_int_equal(number_parse("", &n), -EINVAL);
	assert_int_equal(number_parse("-1", &n), -EINVAL);
	assert_int_equal(number_parse("0x1", &n), -EINVAL);
	assert_int_equal(number_parse("1 ", &n), -EINVAL);
}

static void sizes_are_shown_in_the_largest_exact_unit(void **state)
{
	char text[SIZE_TEXT];

	assert_string_equal(size_text(0, text), "0 bytes");
	assert_string_equal(size_text(1023, text), "1023 bytes");
	assert_string_equal(size_text(SZ_4K, text), "4K");
	assert_string_equal(size_text(512 * SZ_1M, text), "512M");
	assert_string_equal(size_text(2048 * SZ_1G, text), "2T");
	assert_string_equal(size_text(SZ_1G + SZ_1M, text), "1025M");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read_as_documented),
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(sizes_are_shown_in_the_largest_exact_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
