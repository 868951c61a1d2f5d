// SPDX-License-Identifier: BSD-2-Clause
#include "lib/log.h"
#include "lib/lock.h"
#include "lib/printf.h"

#define LINE_MAX_LEN 256

static enum log_level max_level = LOG_INFO;
static void (*sink)(const char *line, size_t len);
static struct spinlock lock = SPINLOCK_INIT;
static bool shared;

void log_set_level(enum log_level level)
{
	max_level = level;
}

void log_set_sink(void (*write)(const char *line, size_t len))
{
	sink = write;
}

void log_set_shared(bool on)
{
	shared = on;
}

void log_print(enum log_level level, const char *fmt, ...)
{
	static const char *const tag[] = {"error: ", "warning: ", "", "debug: "};
	char line[LINE_MAX_LEN];
	va_list ap;
	size_t n;

	if (level > max_level || !sink)
		return;
	/* One byte stays free for the newline, however long the text. */
	n = scnprintf(line, sizeof(line) - 1, "twofold: %s", tag[level]);
	va_start(ap, fmt);
	n += vscnprintf(line + n, sizeof(line) - 1 - n, fmt, ap);
	va_end(ap);
	line[n++] = '\n';

	if (shared)
		spin_lock(&lock);
	sink(line, n);
	if (shared)
		spin_unlock(&lock);
}
