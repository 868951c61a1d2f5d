// SPDX-License-Identifier: BSD-2-Clause
/* Messages on standard error. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "cli/report.h"

static FILE *stream;

void report_to(FILE *to)
{
	stream = to;
}

static void say(const char *fmt, va_list args)
{
	FILE *to = stream ? stream : stderr;
	char *text;
	int n = vasprintf(&text, fmt, args);

	if (n < 0)
		return;
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c) && *c != '\n')
			*c = '?';
	fprintf(to, "twofold: %s\n", text);
	fflush(to);
	free(text);
}

int refuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return STATUS_REFUSED;
}

int failed(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return STATUS_FAILED;
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

int out_of_memory(void)
{
	return failed("out of memory");
}
