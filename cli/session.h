/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boards that run, and how `twofold inspect` finds them: each has two files in
 * a directory that only the user can look into, $XDG_RUNTIME_DIR/twofold or
 * /tmp/twofold-UID, and QEMU's monitor is one of them.
 *
 *   PID.qmp    QEMU's monitor, a socket
 *   PID.board  lines "NAME VALUE": what the board is
 *   PID.page   while it is inspected: memory on its way
 *
 * PID is the process id of the `twofold run`.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <sys/types.h>

#include "lib/types.h"

#define SESSION_PATH 96 /* what fits into a socket's address */

struct board;

struct session {
	pid_t pid;
	char monitor[SESSION_PATH], page[SESSION_PATH];
	char title[256]; /* the description or kernel it was started with */
	char vms[256];   /* names, for people */
	u64 ram_base, ram_size;
	u64 image; /* where the hypervisor was loaded */
};

/* Where the monitor of this process's board goes, or would go. NULL, without
 * a message: there is no place for it. */
const char *session_monitor(void);

/*
 * Make the directory, and the file that says what board it is; both go when
 * the command ends. A board can do without: what is wrong is told, and NULL
 * returned; else session_monitor().
 */
const char *session_begin(const struct board *board, u64 ram_size,
			  const char *title, const char *vms);

/*
 * The boards of this user, in the order of their ids; files of those that have
 * gone are removed. 0 or a status; *list is to be freed.
 */
int session_list(struct session **list, size_t *count);

#endif
