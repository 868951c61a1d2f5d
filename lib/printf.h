/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted text. Conversions: %d %i %u %x %X %p %s %c %%, with the flags
 * '-', '0' and '#', a width and a precision (also `*`), and the lengths
 * hh h l ll z. No floating point.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include "lib/types.h"

/* Called with each run of output; `len` bytes, not terminated. */
typedef void (*printf_sink)(void *arg, const char *s, size_t len);

void format_to(printf_sink sink, void *arg, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/*
 * Print into buf[size], always terminated when size > 0. Returns how many
 * characters now stand in buf, the terminator not counted: never more than
 * size - 1, so a caller may advance by it.
 */
size_t scnprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
size_t vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif
