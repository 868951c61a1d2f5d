// SPDX-License-Identifier: BSD-2-Clause
// link: cli/escape.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/escape.h"
#include "lib/util.h"

static void keys_are_taken_or_passed_on(void **state)
{
	static const struct {
		const char *keys, *passed;
		bool quit, help;
	} rows[] = {
		{ "abc", "abc", false, false },
		{ "\003\004", "\003\004", false, false },
		{ "\001x", "", true, false },
		{ "ab\001xcd", "ab", true, false },
		{ "\001h", "", false, true },
		{ "\001?x", "x", false, true },
		{ "\001\001x", "\001x", false, false },
		{ "\001ax", "\001x", false, false },
		{ "\001e", "\001e", false, false },
		{ "x\001", "x", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* All at once, and key by key. */
		for (size_t step = 1; step <= 8; step += 7) {
			size_t size = strlen(rows[i].keys), n = 0;
			struct escape e = { 0 };
			char out[32];

			for (size_t at = 0; at < size; at += step)
				n += escape_put(&e, rows[i].keys + at,
						min(step, size - at), out + n);
			assert_int_equal(n, strlen(rows[i].passed));
			assert_memory_equal(out, rows[i].passed, n);
			assert_int_equal(e.quit, rows[i].quit);
			assert_int_equal(e.help, rows[i].help);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_taken_or_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
