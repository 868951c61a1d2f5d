// SPDX-License-Identifier: BSD-2-Clause
// link: cli/options.c cli/report.c
// flags: -D_GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options.h"
#include "cli/report.h"
#include "lib/util.h"

static const struct option_spec specs[] = {
	{ "memory", "SIZE", false },
	{ "arg", "A", true },
	{ "stats", NULL, false },
};

/* Parse up to 8 words; what was said is in `said`. */
static char *said;
static struct options o;

static int parse(char **words)
{
	size_t size;
	FILE *stream = open_memstream(&said, &size);
	int argc = 0, status;

	while (words[argc])
		argc++;
	report_to(stream);
	status = options_parse("run", specs, ARRAY_SIZE(specs), argc, words,
			       &o);
	report_to(NULL);
	fclose(stream);
	return status;
}

#define PARSE(...) parse((char *[]){ __VA_ARGS__, NULL })

static int forget(void **state)
{
	options_free(&o);
	free(said);
	return 0;
}

static void options_and_operands_come_in_any_order(void **state)
{
	size_t n;

	assert_int_equal(PARSE("a", "--memory", "1G", "--arg=-x", "b",
			       "--stats", "--arg", "--y"), 0);
	assert_string_equal(option_value(&o, "memory"), "1G");
	assert_true(option_given(&o, "stats"));
	assert_string_equal(option_values(&o, "arg", &n)[1], "--y");
	assert_int_equal(n, 2);
	assert_string_equal(option_value(&o, "arg"), "-x");
	assert_int_equal(o.operand_count, 2);
	assert_string_equal(o.operands[1], "b");
}

static void two_dashes_end_the_options(void **state)
{
	assert_int_equal(PARSE("--", "--memory", "-"), 0);
	assert_int_equal(o.operand_count, 2);
	assert_false(option_given(&o, "memory"));
	assert_null(option_value(&o, "memory"));
}

static void an_empty_value_is_a_value(void **state)
{
	assert_int_equal(PARSE("--memory=", "-"), 0);
	assert_string_equal(option_value(&o, "memory"), "");
	assert_string_equal(o.operands[0], "-");
}

static void a_repeated_option_is_refused(void **state)
{
	assert_int_equal(PARSE("--memory", "1", "--memory=1"), 2);
	assert_non_null(strstr(said, "--memory is given twice"));
}

static void a_missing_value_is_refused(void **state)
{
	assert_int_equal(PARSE("--memory"), 2);
	assert_non_null(strstr(said, "--memory needs a value: --memory SIZE"));
}

static void a_flag_takes_no_value(void **state)
{
	assert_int_equal(PARSE("--stats="), 2);
	assert_non_null(strstr(said, "--stats takes no value"));
}

static void an_unknown_option_suggests_the_nearest(void **state)
{
	assert_int_equal(PARSE("--memroy=1G"), 2);
	assert_string_equal(
		said,
		"twofold: run: unknown option --memroy; did you mean --memory?\n");
}

static void a_far_option_suggests_nothing(void **state)
{
	assert_int_equal(PARSE("--zzzz\033[2J"), 2);
	assert_null(strstr(said, "did you mean"));
	assert_null(strchr(said, '\033'));
}

static void a_long_option_overruns_nothing(void **state)
{
	char word[4096];

	memset(word, 'x', sizeof(word) - 1);
	memcpy(word, "--", 2);
	word[sizeof(word) - 1] = 0;
	assert_int_equal(PARSE(word), 2);
}

static void nearest_prefers_the_beginning_of_a_word(void **state)
{
	static const char *const words[] = { "cpu", "cpus", "timeout" };

#define NEAREST(w) nearest(w, words, ARRAY_SIZE(words), sizeof(words[0]))
	assert_string_equal(NEAREST("cups"), "cpus");
	assert_string_equal(NEAREST("time"), "timeout");
	assert_null(NEAREST("x"));
	assert_null(NEAREST(""));
	assert_null(NEAREST("elephant"));
}

#define TEST(f) cmocka_unit_test_teardown(f, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_and_operands_come_in_any_order),
		TEST(two_dashes_end_the_options),
		TEST(an_empty_value_is_a_value),
		TEST(a_repeated_option_is_refused),
		TEST(a_missing_value_is_refused),
		TEST(a_flag_takes_no_value),
		TEST(an_unknown_option_suggests_the_nearest),
		TEST(a_far_option_suggests_nothing),
		TEST(a_long_option_overruns_nothing),
		cmocka_unit_test(nearest_prefers_the_beginning_of_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
