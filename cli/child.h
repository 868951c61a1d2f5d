/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that the command starts: dtc and QEMU. */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <sys/types.h>

#include "lib/types.h"

/* An argument vector that grows and has strings of its own. It always ends
 * with NULL. Out of memory ends the command. */
struct args {
	char **v;
	size_t count, room;
};

void args_add(struct args *a, const char *arg);
void args_addf(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void args_free(struct args *a);

/* The command line as a shell would take it, one line, to be freed. */
char *args_quoted(const struct args *a);

/* A file name as a value in a QEMU option: commas doubled. To be freed. */
char *qemu_escaped(const char *name);

/*
 * Run it with its standard input, output and error on these descriptors.
 * The child's id, or a status when it could not be started; a program that is
 * not there is named together with its Debian package.
 */
int child_start(const struct args *a, int in, int out, int err, pid_t *pid);

/* Wait for it and forget it. The status of waitpid(2). */
int child_wait(pid_t pid);

/*
 * Run it to its end. What it says on standard output and error is collected
 * in *said (to be freed, at most 1 MiB). *exit_code is its exit status, or
 * 128 and the signal.
 */
int child_run(const struct args *a, int *exit_code, char **said);

#endif
