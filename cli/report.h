/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the command says when something is wrong, and its exit statuses.
 *
 * Every function of the command that can fail returns 0 or one of these
 * statuses, and has then said why, once, on standard error.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

enum status {
	STATUS_OK = 0,      /* every guest powered off */
	STATUS_FAILED = 1,  /* a guest, or the board, stopped for an error */
	STATUS_REFUSED = 2, /* wrong command line, file or description */
	STATUS_TIMEOUT = 124,
};

/*
 * Say "twofold: <message>". Control characters other than a newline come out
 * as '?': names come from files that may not be the user's own. `refuse`
 * returns STATUS_REFUSED, `failed` STATUS_FAILED, so that callers can return
 * what they say.
 */
int refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int out_of_memory(void);

/* The same of what is not wrong, but good to know. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Where messages go; NULL: standard error again. For tests. */
void report_to(FILE *stream);

#endif
