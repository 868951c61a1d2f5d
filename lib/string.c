// SPDX-License-Identifier: BSD-2-Clause
#include "lib/string.h"

/*
 * Word copies and fills where both pointers agree in alignment, bytes
 * otherwise: these also run before the MMU is on, where an unaligned access
 * to what is then Device memory would fault.
 */
typedef uintptr_t __attribute__((may_alias)) word_t;
#define WORD sizeof(word_t)

void *memcpy(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if ((((uintptr_t)d ^ (uintptr_t)s) & (WORD - 1)) == 0) {
		for (; n && ((uintptr_t)d & (WORD - 1)); n--)
			*d++ = *s++;
		for (; n >= 8 * WORD; n -= 8 * WORD) {
			const word_t *from = (const word_t *)s;
			word_t *to = (word_t *)d;
			word_t w0 = from[0], w1 = from[1], w2 = from[2];
			word_t w3 = from[3], w4 = from[4], w5 = from[5];
			word_t w6 = from[6], w7 = from[7];

			to[0] = w0;
			to[1] = w1;
			to[2] = w2;
			to[3] = w3;
			to[4] = w4;
			to[5] = w5;
			to[6] = w6;
			to[7] = w7;
			d += 8 * WORD;
			s += 8 * WORD;
		}
		for (; n >= WORD; n -= WORD) {
			*(word_t *)d = *(const word_t *)s;
			d += WORD;
			s += WORD;
		}
	}
	while (n--)
		*d++ = *s++;
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	/* Not s + n, which is 0 of memory that ends where addresses do. */
	if (d <= s || (uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	char *d = dst;
	word_t w = (u8)c * (~(word_t)0 / 0xff);

	for (; n && ((uintptr_t)d & (WORD - 1)); n--)
		*d++ = c;
	for (; n >= 4 * WORD; n -= 4 * WORD) {
		word_t *to = (word_t *)d;

		to[0] = w;
		to[1] = w;
		to[2] = w;
		to[3] = w;
		d += 4 * WORD;
	}
	for (; n >= WORD; n -= WORD) {
		*(word_t *)d = w;
		d += WORD;
	}
	while (n--)
		*d++ = c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return p - s;
}

size_t strnlen(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i])
		i++;
	return i;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--, a++, b++)
		;
	return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* As the C library's, but no sign and no leading white space. */
unsigned long strtoul(const char *s, char **end, int base)
{
	unsigned long v = 0;

	if ((base == 0 || base == 16) && s[0] == '0' &&
	    (s[1] == 'x' || s[1] == 'X') && digit_of(s[2]) < 16) {
		s += 2;
		base = 16;
	}
	if (base == 0)
		base = s[0] == '0' ? 8 : 10;
	for (; digit_of(*s) < base; s++) {
		if (__builtin_mul_overflow(v, (unsigned long)base, &v) ||
		    __builtin_add_overflow(v, digit_of(*s), &v))
			v = ~0UL;
	}
	if (end)
		*end = (char *)s;
	return v;
}
