// SPDX-License-Identifier: BSD-2-Clause
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"

struct spec {
	bool left, zero, alt;
	int width, precision; /* precision -1: none given */
	int length;           /* of the argument: -2 hh, -1 h, 0, 1 l, 2 ll */
};

static void pad(printf_sink sink, void *arg, char c, int n)
{
	while (n-- > 0)
		sink(arg, &c, 1);
}

static void put_field(printf_sink sink, void *arg, const struct spec *sp,
		      const char *prefix, const char *s, int len, int zeros)
{
	int plen = strlen(prefix);
	int fill = sp->width - plen - zeros - len;

	if (!sp->left)
		pad(sink, arg, ' ', fill);
	if (plen)
		sink(arg, prefix, plen);
	pad(sink, arg, '0', zeros);
	if (len)
		sink(arg, s, len);
	if (sp->left)
		pad(sink, arg, ' ', fill);
}

static void put_number(printf_sink sink, void *arg, const struct spec *sp,
		       u64 v, const char *prefix, unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[24];
	int n = sizeof(buf), zeros = 0, len;

	do {
		buf[--n] = digits[v % base];
		v /= base;
	} while (v);
	len = sizeof(buf) - n;
	if (sp->precision >= 0)
		zeros = sp->precision - len;
	else if (sp->zero && !sp->left)
		zeros = sp->width - (int)strlen(prefix) - len;
	put_field(sink, arg, sp, prefix, buf + n, len, max(zeros, 0));
}

static int read_int(const char **fmt, va_list *ap)
{
	int v = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		v = v * 10 + *(*fmt)++ - '0';
	return v;
}

static void read_spec(const char **fmt, va_list *ap, struct spec *sp)
{
	*sp = (struct spec){.precision = -1};
	for (;; (*fmt)++) {
		if (**fmt == '-')
			sp->left = true;
		else if (**fmt == '0')
			sp->zero = true;
		else if (**fmt == '#')
			sp->alt = true;
		else
			break;
	}
	sp->width = read_int(fmt, ap);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = -sp->width;
	}
	if (**fmt == '.') {
		(*fmt)++;
		sp->precision = read_int(fmt, ap);
	}
	for (; **fmt == 'l' || **fmt == 'h' || **fmt == 'z'; (*fmt)++)
		sp->length += **fmt == 'h' ? -1 : 1;
}

static u64 read_arg(va_list *ap, const struct spec *sp, bool is_signed)
{
	if (sp->length >= 2)
		return va_arg(*ap, unsigned long long);
	if (sp->length == 1)
		return is_signed ? (u64)(s64)va_arg(*ap, long)
				 : va_arg(*ap, unsigned long);
	if (is_signed) {
		int v = va_arg(*ap, int);

		return sp->length == -2 ? (s64)(s8)v
		       : sp->length     ? (s64)(s16)v
					: (s64)v;
	} else {
		unsigned int v = va_arg(*ap, unsigned int);

		return sp->length == -2 ? (u8)v : sp->length ? (u16)v : v;
	}
}

static void put_signed(printf_sink sink, void *arg, const struct spec *sp,
		       s64 v)
{
	put_number(sink, arg, sp, v < 0 ? -(u64)v : (u64)v, v < 0 ? "-" : "",
		   10, false);
}

static void put_string(printf_sink sink, void *arg, const struct spec *sp,
		       const char *s)
{
	size_t most = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;

	if (!s)
		s = "(null)";
	put_field(sink, arg, sp, "", s, strnlen(s, most), 0);
}

void format_to(printf_sink sink, void *arg, const char *fmt, va_list args)
{
	va_list ap;
	struct spec sp;
	char c;

	va_copy(ap, args);
	while (*fmt) {
		const char *run = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		if (fmt != run)
			sink(arg, run, fmt - run);
		if (!*fmt || !*++fmt)
			break;
		read_spec(&fmt, &ap, &sp);
		c = *fmt ? *fmt++ : '%';
		if (c == 'd' || c == 'i')
			put_signed(sink, arg, &sp, read_arg(&ap, &sp, true));
		else if (c == 'u')
			put_number(sink, arg, &sp, read_arg(&ap, &sp, false),
				   "", 10, false);
		else if (c == 'x' || c == 'X')
			put_number(sink, arg, &sp, read_arg(&ap, &sp, false),
				   sp.alt ? "0x" : "", 16, c == 'X');
		else if (c == 'p')
			put_number(sink, arg, &sp, (uintptr_t)va_arg(ap, void *),
				   "0x", 16, false);
		else if (c == 's')
			put_string(sink, arg, &sp, va_arg(ap, const char *));
		else if (c == 'c')
			put_field(sink, arg, &sp, "",
				  &(char){va_arg(ap, int)}, 1, 0);
		else
			sink(arg, &c, 1);
	}
	va_end(ap);
}

struct buffer {
	char *p;
	size_t left; /* room for characters, the terminator already set aside */
};

static void sink_to_buffer(void *arg, const char *s, size_t len)
{
	struct buffer *b = arg;

	len = min(len, b->left);
	memcpy(b->p, s, len);
	b->p += len;
	b->left -= len;
}

size_t vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = {buf, size - 1};

	if (!size)
		return 0;
	format_to(sink_to_buffer, &b, fmt, ap);
	*b.p = 0;
	return b.p - buf;
}

size_t scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
