/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages for people, and the end of the road.
 *
 * A message is one whole line: the newline is added here, lines of several
 * CPUs never mix. BUG() is for a broken invariant of our own and nothing else:
 * no guest and no configuration may reach it.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdarg.h>
#include "lib/types.h"
#include "lib/util.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_print(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_err(...) log_print(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_print(LOG_DEBUG, __VA_ARGS__)

/* Messages above this level are dropped. LOG_INFO unless set. */
void log_set_level(enum log_level level);

/*
 * Take the log's lock from now on, or not any more. Off at first: a board's
 * first lines come from one CPU with its MMU off, which cannot take locks.
 */
void log_set_shared(bool on);

/*
 * Where lines go: `write` gets one line of `len` bytes with its newline, the
 * log's lock held once it is
 * shared. Set before the first message; NULL drops everything.
 */
void log_set_sink(void (*write)(const char *line, size_t len));

/*
 * Supplied by the environment (arch on a board, the test program on a PC):
 * print registers and a backtrace, stop every CPU, never return.
 */
_Noreturn void panic(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define BUG_ON(cond)                                                           \
	do {                                                                   \
		if (unlikely(cond))                                            \
			BUG();                                                 \
	} while (0)

#endif
