// SPDX-License-Identifier: BSD-2-Clause
/* Programs that the command starts. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/report.h"
#include "cli/undo.h"
#include "lib/util.h"

#define SAID_MAX (1024 * 1024)

static void *must(void *p)
{
	if (!p)
		exit(out_of_memory());
	return p;
}

/* `arg` becomes the vector's. */
static void args_take(struct args *a, char *arg)
{
	if (a->count + 1 >= a->room) {
		a->room = a->room ? 2 * a->room : 32;
		a->v = must(realloc(a->v, a->room * sizeof(*a->v)));
	}
	a->v[a->count++] = arg;
	a->v[a->count] = NULL;
}

void args_add(struct args *a, const char *arg)
{
	args_take(a, must(strdup(arg)));
}

void args_addf(struct args *a, const char *fmt, ...)
{
	va_list list;
	char *arg;

	va_start(list, fmt);
	if (vasprintf(&arg, fmt, list) < 0)
		arg = NULL;
	va_end(list);
	args_take(a, must(arg));
}

void args_free(struct args *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct args){ 0 };
}

static bool plain(const char *arg)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_@%+=:,./-";

	return *arg && !arg[strspn(arg, safe)];
}

static void put_quoted(FILE *to, const char *arg)
{
	if (plain(arg)) {
		fputs(arg, to);
		return;
	}
	fputc('\'', to);
	for (; *arg; arg++) {
		if (*arg == '\'')
			fputs("'\\''", to);
		else
			fputc(*arg, to);
	}
	fputc('\'', to);
}

char *args_quoted(const struct args *a)
{
	char *text = NULL;
	size_t size;
	FILE *to = must(open_memstream(&text, &size));

	for (size_t i = 0; i < a->count; i++) {
		if (i)
			fputc(' ', to);
		put_quoted(to, a->v[i]);
	}
	fclose(to);
	return must(text);
}

char *qemu_escaped(const char *name)
{
	char *text = must(malloc(2 * strlen(name) + 1)), *to = text;

	for (; *name; name++) {
		*to++ = *name;
		if (*name == ',')
			*to++ = ',';
	}
	*to = 0;
	return text;
}

static int refuse_program(const char *program, int err)
{
	static const struct {
		const char *program, *package;
	} packages[] = {
		{ "qemu-system-aarch64", "qemu-system-arm" },
		{ "dtc", "device-tree-compiler" },
	};

	for (size_t i = 0; err == ENOENT && i < ARRAY_SIZE(packages); i++)
		if (!strcmp(program, packages[i].program))
			return failed("%s is not installed; on Debian: apt install %s",
				      program, packages[i].package);
	return failed("%s: cannot be started: %s", program, strerror(err));
}

/* In the child. What goes wrong is told through `report`, which a successful
 * exec closes. */
static void become(const struct args *a, const int fds[3], int report)
{
	int high[3], err;

	/* Above 2 first: one of them may be 0, 1 or 2 in the wrong place. */
	for (int i = 0; i < 3; i++)
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			goto out;
	execvp(a->v[0], a->v);
out:
	err = errno;
	if (write(report, &err, sizeof(err)) != sizeof(err))
		_exit(126);
	_exit(127);
}

int child_start(const struct args *a, int in, int out, int err, pid_t *pid)
{
	const int fds[3] = { in, out, err };
	int report[2], cause;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC))
		return failed("pipe: %s", strerror(errno));
	*pid = undo_fork();
	if (!*pid)
		become(a, fds, report[1]);
	close(report[1]);
	if (*pid < 0) {
		close(report[0]);
		return failed("fork: %s", strerror(-*pid));
	}
	do
		n = read(report[0], &cause, sizeof(cause));
	while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n != sizeof(cause))
		return 0;
	child_wait(*pid);
	return refuse_program(a->v[0], cause);
}

int child_wait(pid_t pid)
{
	siginfo_t info;
	int status = 0;

	/* Forgotten before its id is free for another process. */
	while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0 &&
	       errno == EINTR)
		;
	undo_forget_child();
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Read to the end; what does not fit is read and dropped. */
static char *collect(int fd)
{
	char *text = must(malloc(SAID_MAX + 1)), rest[256];
	size_t have = 0;
	ssize_t n;

	for (;;) {
		if (have < SAID_MAX)
			n = read(fd, text + have, SAID_MAX - have);
		else
			n = read(fd, rest, sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (have < SAID_MAX)
			have += n;
	}
	while (have && text[have - 1] == '\n')
		have--;
	text[have] = 0;
	return text;
}

int child_run(const struct args *a, int *exit_code, char **said)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out[2], status;
	pid_t pid;

	if (null < 0 || pipe2(out, O_CLOEXEC))
		return failed("pipe: %s", strerror(errno));
	status = child_start(a, null, out[1], out[1], &pid);
	close(null);
	close(out[1]);
	if (!status) {
		*said = collect(out[0]);
		*exit_code = child_wait(pid);
		*exit_code = WIFEXITED(*exit_code) ?
				     WEXITSTATUS(*exit_code) :
				     128 + WTERMSIG(*exit_code);
	}
	close(out[0]);
	return status;
}
