/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's monitor (QMP: docs/interop/qmp-spec.rst of QEMU) on a unix socket.
 * QEMU serves one client at a time; the next waits until that one is gone.
 */
#ifndef CLI_QMP_H
#define CLI_QMP_H

#include <stdbool.h>
#include <stddef.h>

#define QMP_LINE 4096

struct qmp {
	int fd;
	size_t length; /* of what is in `have` */
	char have[QMP_LINE];
	char line[QMP_LINE]; /* the last answer */
};

/* No answer within this: the board is another's, or QEMU hangs. */
#define QMP_PATIENCE_S 10

/* The path fits into a socket's address. */
bool qmp_path_fits(const char *path);

/*
 * Connect. 0; a status, with a message; or -ECONNREFUSED or -ENOENT, without
 * one: nobody is there.
 */
int qmp_open(struct qmp *q, const char *path);
/* On a socket that is connected already. */
int qmp_greet(struct qmp *q, int fd);
void qmp_close(struct qmp *q);

/* Do it, and wait until it is done; q->line is the answer. 0 or a status. */
int qmp_command(struct qmp *q, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
