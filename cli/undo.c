// SPDX-License-Identifier: BSD-2-Clause
/* What has to be put right again however the command ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/undo.h"
#include "lib/util.h"

#define FILES_MAX 1024

/*
 * Read by signal handlers, so changed only while signals are blocked.
 */
static struct {
	pid_t child;
	int terminal; /* -1: not raw */
	struct termios cooked, raw;
	char directory[256], other_directory[256];
	char *files[FILES_MAX];
	unsigned int file_count;
	unsigned int limit_seconds;
	const char *limit_note;
} undo = { .terminal = -1 };

static const int ending_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static sigset_t block_signals(void)
{
	sigset_t all, old;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	return old;
}

static void restore_signals(sigset_t old)
{
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void undo_terminal(void)
{
	sigset_t old = block_signals();

	if (undo.terminal >= 0)
		tcsetattr(undo.terminal, TCSANOW, &undo.cooked);
	undo.terminal = -1;
	restore_signals(old);
}

void undo_all(void)
{
	sigset_t old = block_signals();

	if (undo.child > 0) {
		kill(undo.child, SIGKILL);
		while (waitpid(undo.child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	undo.child = 0;
	undo_terminal();
	while (undo.file_count)
		unlink(undo.files[--undo.file_count]);
	if (undo.directory[0])
		rmdir(undo.directory);
	undo.directory[0] = 0;
	if (undo.other_directory[0])
		rmdir(undo.other_directory);
	undo.other_directory[0] = 0;
	restore_signals(old);
}

static void on_ending_signal(int number)
{
	sigset_t set;

	undo_all();
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number);
}

/* write(2) of a text, in a signal handler. */
static void say_safely(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void on_time_limit(int number)
{
	char text[16];
	char *at = text + sizeof(text) - 1;
	unsigned int n = undo.limit_seconds;

	undo_all();
	*at = 0;
	do
		*--at = '0' + n % 10;
	while (n /= 10);
	say_safely("\ntwofold: stopped by --timeout after ");
	say_safely(at);
	say_safely(" s\n");
	say_safely(undo.limit_note);
	_exit(STATUS_TIMEOUT);
}

static void on_stop(int number)
{
	int saved = errno;

	if (undo.terminal >= 0)
		tcsetattr(undo.terminal, TCSANOW, &undo.cooked);
	if (undo.child > 0)
		kill(undo.child, SIGSTOP);
	raise(SIGSTOP);
	if (undo.child > 0)
		kill(undo.child, SIGCONT);
	if (undo.terminal >= 0)
		tcsetattr(undo.terminal, TCSANOW, &undo.raw);
	errno = saved;
}

void undo_install(void)
{
	struct sigaction sa = { .sa_handler = on_ending_signal };
	struct sigaction old;

	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++) {
		/* What nohup made us ignore stays ignored. */
		sigaction(ending_signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &sa, NULL);
	}
	sa.sa_handler = on_time_limit;
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = on_stop;
	sa.sa_flags = SA_RESTART;
	sigaction(SIGTSTP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	atexit(undo_all);
}

static void child_signals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		signal(ending_signals[i], SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

pid_t undo_fork(void)
{
	sigset_t old = block_signals();
	pid_t parent = getpid();
	pid_t pid = fork();

	if (!pid) {
		child_signals();
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	} else if (pid > 0) {
		undo.child = pid;
	} else {
		pid = -errno;
	}
	restore_signals(old);
	return pid;
}

void undo_forget_child(void)
{
	undo.child = 0;
}

/* A job in the background has no business with the terminal: it stops, as
 * reading would stop it, until it is in the foreground. */
static void wait_for_foreground(int fd)
{
	pid_t group;

	while ((group = tcgetpgrp(fd)) >= 0 && group != getpgrp())
		kill(0, SIGTTIN);
}

int terminal_raw(int fd)
{
	sigset_t old;
	int err = 0;

	wait_for_foreground(fd);
	old = block_signals();
	if (tcgetattr(fd, &undo.cooked)) {
		err = -errno;
	} else {
		undo.raw = undo.cooked;
		cfmakeraw(&undo.raw);
		undo.raw.c_oflag = undo.cooked.c_oflag;
		undo.terminal = fd;
		if (tcsetattr(fd, TCSANOW, &undo.raw)) {
			err = -errno;
			undo.terminal = -1;
		}
	}
	restore_signals(old);
	return err;
}

static int make_directory(void)
{
	const char *where = getenv("TMPDIR");
	char path[sizeof(undo.directory)];
	sigset_t old;

	if (undo.directory[0])
		return 0;
	if (!where || !*where)
		where = "/tmp";
	if (snprintf(path, sizeof(path), "%s/twofold-XXXXXX", where) >=
	    sizeof(path))
		return failed("TMPDIR: the name is too long");
	old = block_signals();
	if (!mkdtemp(path)) {
		restore_signals(old);
		return failed("%s: no temporary directory: %s", where,
			      strerror(errno));
	}
	memcpy(undo.directory, path, sizeof(path));
	restore_signals(old);
	return 0;
}

/* Takes `path`. False: too many. */
static bool remember_file(char *path)
{
	sigset_t old;

	if (undo.file_count == FILES_MAX) {
		free(path);
		return false;
	}
	old = block_signals();
	undo.files[undo.file_count++] = path;
	restore_signals(old);
	return true;
}

void undo_file(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		remember_file(copy);
}

void undo_directory(const char *path)
{
	sigset_t old = block_signals();

	snprintf(undo.other_directory, sizeof(undo.other_directory), "%s",
		 path);
	restore_signals(old);
}

const char *temporary_path(const char *name)
{
	char *path;

	if (make_directory())
		return NULL;
	if (asprintf(&path, "%s/%u-%s", undo.directory, undo.file_count,
		     name) < 0) {
		out_of_memory();
		return NULL;
	}
	if (!remember_file(path)) {
		failed("more than %d temporary files", FILES_MAX);
		return NULL;
	}
	return path;
}

void time_limit(unsigned int seconds, const char *note)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	undo.limit_seconds = seconds;
	undo.limit_note = note;
	setitimer(ITIMER_REAL, &timer, NULL);
}
