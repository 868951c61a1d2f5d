// SPDX-License-Identifier: BSD-2-Clause
// link: lib/printf.c
/* Formatted text: the C library's own printf is the judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/printf.h"
#include "lib/util.h"

/* The same text, and the same again when there is just too little room. */
#define SAME(...)                                                              \
	do {                                                                   \
		char ours_[512], theirs_[512];                                 \
		int n_ = snprintf(theirs_, sizeof(theirs_), __VA_ARGS__);      \
		assert_int_equal(scnprintf(ours_, sizeof(ours_), __VA_ARGS__), \
				 n_);                                          \
		assert_string_equal(ours_, theirs_);                           \
	} while (0)

static void integers_of_every_length(void **state)
{
	static const long long values[] = {
		0, 1, -1, 9, 10, 127, 128, -128, 255, 256, 32767, -32768,
		65535, 65536, INT_MAX, INT_MIN, UINT_MAX, LLONG_MAX, LLONG_MIN,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		long long v = values[i];

		SAME("%hhd %hd %d %ld %lld %zd", (signed char)v, (short)v,
		     (int)v, (long)v, v, (ssize_t)v);
		SAME("%hhu %hu %u %lu %llu %zu", (unsigned char)v,
		     (unsigned short)v, (unsigned int)v, (unsigned long)v,
		     v, (size_t)v);
		SAME("%hhx %hx %x %lx %llX %zx", (unsigned char)v,
		     (unsigned short)v, (unsigned int)v, (unsigned long)v,
		     v, (size_t)v);
		SAME("%i %li", (int)v, (long)v);
	}
}

static void width_precision_and_flags(void **state)
{
	SAME("[%5d] [%-5d] [%05d]", 42, 42, 42);
	SAME("[%5d] [%-5d] [%05d]", -42, -42, -42);
	SAME("[%1d] [%2d]", 12345, 12345);
	SAME("[%.5d] [%8.5d] [%-8.5d]", 42, 42, 42);
	SAME("[%.5d] [%8.5d] [%-8.5d]", -42, -42, -42);
	SAME("[%#x] [%#10x] [%-#10x] [%#010x]", 0xbeef, 0xbeef, 0xbeef,
	     0xbeef);
	SAME("[%016lx] [%.16lx]", 0x1234UL, 0x1234UL);
	SAME("[%*d] [%-*d] [%.*d]", 6, 42, 6, 42, 6, 42);
	SAME("[%*d]", -6, 42);
}

static void strings_and_characters(void **state)
{
	const char open_end[3] = {'a', 'b', 'c'}; /* not terminated */

	SAME("%s|%10s|%-10s|%.2s|%10.2s", "hello", "hello", "hello", "hello",
	     "hello");
	SAME("%.3s", open_end);
	SAME("%s", "");
	SAME("%c%c%5c|%-5c|", 'a', 'b', 'c', 'd');
	SAME("100%%");
	SAME("plain");
}

static void a_null_string_does_not_crash(void **state)
{
	char buf[32];
	const char *volatile none = NULL;

	scnprintf(buf, sizeof(buf), "%s", none);
	assert_string_equal(buf, "(null)");
}

static void pointers_have_a_prefix(void **state)
{
	char buf[32];

	scnprintf(buf, sizeof(buf), "%p", (void *)0xdeadbeef);
	assert_string_equal(buf, "0xdeadbeef");
	scnprintf(buf, sizeof(buf), "%p", NULL);
	assert_string_equal(buf, "0x0");
}

/* What is not a conversion shows; it takes no argument, so ours alone. */
static void unknown_conversions_show(void **state)
{
	static const struct {
		const char *fmt, *text;
	} rows[] = {
		{"%", ""}, {"a%", "a"}, {"%q", "q"}, {"%5", "%"},
		{"%-", "%"}, {"%.", "%"}, {"%l", "%"},
	};
	char buf[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *volatile fmt = rows[i].fmt;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		scnprintf(buf, sizeof(buf), fmt);
#pragma GCC diagnostic pop
		assert_string_equal(buf, rows[i].text);
	}
}

/* Returned is what stands in the buffer; nothing is written past it (ASan has
 * a red zone behind each buffer). */
static void short_buffers_are_terminated(void **state)
{
	static const char *const whole = "value 42 = 0x2a end";
	size_t size, len = strlen(whole);

	for (size = 1; size <= len + 2; size++) {
		char *buf = malloc(size);
		size_t n;

		memset(buf, 'X', size);
		n = scnprintf(buf, size, "value %d = %#x %s", 42, 42, "end");
		assert_int_equal(n, min(len, size - 1));
		assert_int_equal(strlen(buf), n);
		assert_memory_equal(buf, whole, n);
		free(buf);
	}
	assert_int_equal(scnprintf(NULL, 0, "%d", 42), 0);
}

static size_t sunk;

static void count(void *arg, const char *s, size_t len)
{
	assert_ptr_equal(arg, &sunk);
	sunk += len;
}

static void format(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
static void format(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_to(count, &sunk, fmt, ap);
	va_end(ap);
}

static void a_sink_gets_everything(void **state)
{
	format("%1000d|%-1000s|%.300d", 1, "x", 1);
	assert_int_equal(sunk, 2302);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_of_every_length),
		cmocka_unit_test(width_precision_and_flags),
		cmocka_unit_test(strings_and_characters),
		cmocka_unit_test(a_null_string_does_not_crash),
		cmocka_unit_test(pointers_have_a_prefix),
		cmocka_unit_test(unknown_conversions_show),
		cmocka_unit_test(short_buffers_are_terminated),
		cmocka_unit_test(a_sink_gets_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
