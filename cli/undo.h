/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has to be put right again however the command ends: the child process
 * killed, the terminal restored, temporary files removed. It is done at exit,
 * and in the handler of each signal that ends the command (SIGHUP, SIGINT,
 * SIGQUIT, SIGTERM), which then ends it as that signal does; SIGALRM, the
 * time limit, ends it with STATUS_TIMEOUT. SIGTSTP and SIGCONT give the
 * terminal back and take it again.
 */
#ifndef CLI_UNDO_H
#define CLI_UNDO_H

#include <stdbool.h>
#include <sys/types.h>

/* Install the handlers. Once, before anything below. */
void undo_install(void);
/* Undo everything, now. Async-signal-safe; a second call does nothing. */
void undo_all(void);

/*
 * fork(); the child has default signals, is the leader of a process group of
 * its own and dies with its parent; the parent kills it in undo_all() until
 * undo_forget_child(). One child at a time. The errno of fork, negated.
 */
pid_t undo_fork(void);
void undo_forget_child(void);

/* The terminal `fd` to raw input, output processing left as it is. 0 or
 * -errno. undo_terminal() gives it back before the end. */
int terminal_raw(int fd);
void undo_terminal(void);

/*
 * The path of a new file of this name in the temporary directory, which comes
 * into being with the first. It is removed in undo_all(). NULL, with a
 * message, when there can be none. The path lives as long as the process.
 */
const char *temporary_path(const char *name);

/* Remove this file of another directory too, and then that directory, if it is
 * empty. Both are copied. One directory. */
void undo_file(const char *path);
void undo_directory(const char *path);

/* End the command with STATUS_TIMEOUT after so many seconds. `note`, a line or
 * "", is said then too; it stays. */
void time_limit(unsigned int seconds, const char *note);

#endif
