// SPDX-License-Identifier: BSD-2-Clause
// flags: -fno-builtin
/*
 * The board's memory and string functions, under other names, against the C
 * library's. Every buffer is checked a few bytes beyond its ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/types.h"
#include "lib/util.h"

void *our_memcpy(void *dst, const void *src, size_t n);
void *our_memmove(void *dst, const void *src, size_t n);
void *our_memset(void *dst, int c, size_t n);
int our_memcmp(const void *a, const void *b, size_t n);
void *our_memchr(const void *s, int c, size_t n);
size_t our_strlen(const char *s);
size_t our_strnlen(const char *s, size_t n);
int our_strcmp(const char *a, const char *b);
int our_strncmp(const char *a, const char *b, size_t n);
char *our_strchr(const char *s, int c);
char *our_strrchr(const char *s, int c);
unsigned long our_strtoul(const char *s, char **end, int base);

#define memcpy our_memcpy
#define memmove our_memmove
#define memset our_memset
#define memcmp our_memcmp
#define memchr our_memchr
#define strlen our_strlen
#define strnlen our_strnlen
#define strcmp our_strcmp
#define strncmp our_strncmp
#define strchr our_strchr
#define strrchr our_strrchr
#define strtoul our_strtoul
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strtoul

#define ROOM 128

static _Alignas(16) u8 ours[ROOM], theirs[ROOM], from[ROOM];

static void fill(void)
{
	unsigned int i;

	for (i = 0; i < ROOM; i++) {
		ours[i] = theirs[i] = i;
		from[i] = 0x80 ^ (i * 7);
	}
}

/* Every alignment of both ends, every length over several words. */
static void memcpy_at_every_alignment(void **state)
{
	unsigned int d, s, n;

	for (d = 0; d < 16; d++)
		for (s = 0; s < 16; s++)
			for (n = 0; n < 80; n++) {
				fill();
				assert_ptr_equal(our_memcpy(ours + d, from + s,
							    n),
						 ours + d);
				memcpy(theirs + d, from + s, n);
				assert_memory_equal(ours, theirs, ROOM);
			}
}

static void memset_at_every_alignment(void **state)
{
	unsigned int d, n;

	for (d = 0; d < 16; d++)
		for (n = 0; n < 80; n++) {
			fill();
			assert_ptr_equal(our_memset(ours + d, 0x1a5, n),
					 ours + d);
			memset(theirs + d, 0x1a5, n);
			assert_memory_equal(ours, theirs, ROOM);
		}
}

static void memmove_over_itself(void **state)
{
	unsigned int d, s, n;

	for (d = 0; d < 40; d++)
		for (s = 0; s < 40; s++)
			for (n = 0; n < 70; n++) {
				fill();
				assert_ptr_equal(our_memmove(ours + d, ours + s,
							     n),
						 ours + d);
				memmove(theirs + d, theirs + s, n);
				assert_memory_equal(ours, theirs, ROOM);
			}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static const char *const words[] = {
	"", "a", "b", "ab", "abc", "abd", "abcd", "\xff", "a\xff", "a\x01",
};

static void comparisons_have_the_same_sign(void **state)
{
	unsigned int i, j, n;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		for (j = 0; j < ARRAY_SIZE(words); j++) {
			const char *a = words[i], *b = words[j];

			assert_int_equal(sign(our_strcmp(a, b)),
					 sign(strcmp(a, b)));
			for (n = 0; n < 6; n++)
				assert_int_equal(sign(our_strncmp(a, b, n)),
						 sign(strncmp(a, b, n)));
			n = min(strlen(a), strlen(b)) + 1;
			assert_int_equal(sign(our_memcmp(a, b, n)),
					 sign(memcmp(a, b, n)));
		}
	assert_int_equal(our_memcmp("a", "b", 0), 0);
}

static void searches_find_the_same_place(void **state)
{
	static const int c[] = {'a', 'b', 'd', 'x', 0, 0xff, 'a' + 256};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		for (j = 0; j < ARRAY_SIZE(c); j++) {
			const char *w = words[i];

			assert_ptr_equal(our_strchr(w, c[j]), strchr(w, c[j]));
			assert_ptr_equal(our_strrchr(w, c[j]),
					 strrchr(w, c[j]));
			assert_ptr_equal(our_memchr(w, c[j], strlen(w)),
					 memchr(w, c[j], strlen(w)));
		}
	assert_ptr_equal(our_strrchr("a/b/c", '/'), strrchr("a/b/c", '/'));
}

static void lengths(void **state)
{
	const char open_end[3] = {'a', 'b', 'c'};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(our_strlen(words[i]), strlen(words[i]));
		for (n = 0; n < 6; n++)
			assert_int_equal(our_strnlen(words[i], n),
					 strnlen(words[i], n));
	}
	assert_int_equal(our_strnlen(open_end, 3), 3);
}

static void numbers_end_where_they_should(void **state)
{
	static const char *const text[] = {
		"0", "1", "42", "0x2a", "0X2A", "052", "0x", "0xg", "x", "",
		"123abc", "zz", "18446744073709551615",
		"18446744073709551616", "99999999999999999999999", "09",
		"0xffffffffffffffff", "0x10000000000000000",
	};
	static const int bases[] = {0, 8, 10, 16, 36};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		for (j = 0; j < ARRAY_SIZE(bases); j++) {
			char *end, *want_end;
			unsigned long want =
				strtoul(text[i], &want_end, bases[j]);
			unsigned long got =
				our_strtoul(text[i], &end, bases[j]);

			if (got != want || end != want_end)
				fail_msg("\"%s\" in base %d: %lu, not %lu",
					 text[i], bases[j], got, want);
		}
	assert_int_equal(our_strtoul("7", NULL, 10), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy_at_every_alignment),
		cmocka_unit_test(memset_at_every_alignment),
		cmocka_unit_test(memmove_over_itself),
		cmocka_unit_test(comparisons_have_the_same_sign),
		cmocka_unit_test(searches_find_the_same_place),
		cmocka_unit_test(lengths),
		cmocka_unit_test(numbers_end_where_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
