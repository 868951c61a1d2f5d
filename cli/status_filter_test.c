// SPDX-License-Identifier: BSD-2-Clause
// link: cli/status_filter.c
// flags: -D_GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/status_filter.h"
#include "lib/util.h"

#define TOKEN "ababc"

static const struct {
	const char *in;
	const char *out;
	int code; /* -1: no status line */
} rows[] = {
	{ "", "", -1 },
	{ "hello\n", "hello\n", -1 },
	{ TOKEN " 0\n", "", 0 },
	{ TOKEN " 255\n", "", 255 },
	{ TOKEN " 1\r\n", "", 1 },
	{ "text\n" TOKEN " 2\n", "text\n", 2 },
	{ "no end" TOKEN " 2\n", "no end", 2 },
	/* A beginning of the token that is part of the token's own text. */
	{ "ab" TOKEN " 3\n", "ab", 3 },
	{ "aba" TOKEN " 3\n", "aba", 3 },
	{ "ababababc 4\n", "abab", 4 },
	{ TOKEN TOKEN " 5\n", TOKEN, 5 },
	{ TOKEN " " TOKEN " 5\n", TOKEN " ", 5 },
	/* Nearly the line. */
	{ TOKEN " 256\n", TOKEN " 256\n", -1 },
	{ TOKEN " 0000\n", TOKEN " 0000\n", -1 },
	{ TOKEN " \n", TOKEN " \n", -1 },
	{ TOKEN " \r\n", TOKEN " \r\n", -1 },
	{ TOKEN "\n", TOKEN "\n", -1 },
	{ TOKEN " 1x\n", TOKEN " 1x\n", -1 },
	{ TOKEN " 1\r\r\n", TOKEN " 1\r\r\n", -1 },
	{ TOKEN " -1\n", TOKEN " -1\n", -1 },
	{ "ABABC 1\n", "ABABC 1\n", -1 },
	/* What comes after it is shown. */
	{ TOKEN " 1\nmore\n", "more\n", 1 },
};

/* Put it in pieces of `step` bytes, letting go of what is held after each
 * when `release` says so. */
static void put(struct status_filter *f, const char *in, size_t step,
		bool release, char *out)
{
	size_t size = strlen(in), n = 0, piece;

	for (size_t at = 0; at < size; at += piece) {
		piece = min(step, size - at);
		n += status_filter_put(f, in + at, piece, out + n);
		if (release)
			n += status_filter_release(f, out + n);
	}
	n += status_filter_release(f, out + n);
	out[n] = 0;
}

static void the_line_is_taken_out_in_pieces_of_any_size(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t step = 1; step < 40; step++) {
			struct status_filter f;
			char out[256];

			status_filter_init(&f, TOKEN);
			put(&f, rows[i].in, step, false, out);
			assert_string_equal(out, rows[i].out);
			assert_int_equal(f.found, rows[i].code >= 0);
			if (f.found)
				assert_int_equal(f.code, rows[i].code);
		}
	}
}

static void a_line_that_was_let_go_is_still_recognised(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct status_filter f;
		char out[256];

		status_filter_init(&f, TOKEN);
		put(&f, rows[i].in, 1, true, out);
		assert_int_equal(f.found, rows[i].code >= 0);
		if (f.found)
			assert_int_equal(f.code, rows[i].code);
		else
			assert_string_equal(out, rows[i].in);
	}
}

static void only_a_beginning_of_the_token_is_held_back(void **state)
{
	struct status_filter f;
	char out[256];

	status_filter_init(&f, TOKEN);
	assert_int_equal(status_filter_put(&f, "# ", 2, out), 2);
	assert_false(status_filter_holds(&f));
	assert_int_equal(status_filter_put(&f, "ab", 2, out), 0);
	assert_true(status_filter_holds(&f));
	assert_int_equal(status_filter_release(&f, out), 2);
	assert_false(status_filter_holds(&f));
	assert_int_equal(status_filter_put(&f, "x", 1, out), 1);
	assert_int_equal(out[0], 'x');
}

/* A few characters may be a prompt's; more are the status line's. */
static void what_can_only_be_the_line_is_told_apart(void **state)
{
	static const char token[] = "abcdefgh";
	struct status_filter f;
	char out[256];

	status_filter_init(&f, token);
	assert_int_equal(status_filter_put(&f, "$ ", 2, out), 2);
	assert_false(status_filter_is_sure(&f));
	status_filter_put(&f, "abcd", 4, out);
	assert_false(status_filter_is_sure(&f));
	status_filter_put(&f, "e", 1, out);
	assert_true(status_filter_is_sure(&f));
	status_filter_put(&f, "x", 1, out);
	assert_false(status_filter_is_sure(&f));
}

static void zero_bytes_go_through(void **state)
{
	struct status_filter f;
	char out[256];

	status_filter_init(&f, TOKEN);
	assert_int_equal(status_filter_put(&f, "ab\0\0", 4, out), 4);
	assert_memory_equal(out, "ab\0\0", 4);
}

static void the_longest_token_fits(void **state)
{
	char token[65], line[80], out[256];
	struct status_filter f;

	memset(token, 'x', 64);
	token[64] = 0;
	strcpy(line, token);
	strcat(line, " 255\r\n");
	status_filter_init(&f, token);
	assert_int_equal(status_filter_put(&f, line, strlen(line), out), 0);
	assert_true(f.found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_taken_out_in_pieces_of_any_size),
		cmocka_unit_test(a_line_that_was_let_go_is_still_recognised),
		cmocka_unit_test(only_a_beginning_of_the_token_is_held_back),
		cmocka_unit_test(what_can_only_be_the_line_is_told_apart),
		cmocka_unit_test(zero_bytes_go_through),
		cmocka_unit_test(the_longest_token_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
