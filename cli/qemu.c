// SPDX-License-Identifier: BSD-2-Clause
/* QEMU's command line, and its run. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/layout.h"
#include "cli/qemu.h"
#include "cli/report.h"
#include "cli/undo.h"
#include "lib/util.h"

static void add_loader(struct args *a, const char *file, u64 address)
{
	char *name = qemu_escaped(file);

	args_add(a, "-device");
	args_addf(a, "loader,file=%s,addr=0x%llx,force-raw=on", name, address);
	free(name);
}

static void add_device_tree(const struct board_config *c, const char *dtb,
			    struct args *a)
{
	u64 at = layout_device_tree(c->settings->board, c->memory);

	if (c->settings->board->tree_by_name) {
		add_loader(a, dtb, at);
		args_add(a, "-append");
		args_addf(a, "dtb=0x%llx", at);
	} else {
		args_add(a, "-dtb");
		args_add(a, dtb);
	}
}

/* For `twofold inspect`. */
static void add_monitor(struct args *a, const char *path)
{
	char *name = qemu_escaped(path);

	args_add(a, "-chardev");
	args_addf(a, "socket,id=monitor,path=%s,server=on,wait=off", name);
	args_add(a, "-mon");
	args_add(a, "chardev=monitor,mode=control");
	free(name);
}

void qemu_command(const struct board_config *c, const struct plan *p,
		  const char *image, const char *dtb, const char *monitor,
		  struct args *out)
{
	static const char *const always[] = {
		"-nic",	    "none", "-display",	 "none",	"-monitor",
		"none",	    "-no-reboot",    "-chardev",
		"stdio,id=console,signal=off",
	};
	const struct settings *s = c->settings;

	args_add(out, s->board->qemu);
	s->board->qemu_machine(c, out);
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		args_add(out, always[i]);
	for (unsigned int i = 0; i <= s->board->console; i++) {
		args_add(out, "-serial");
		args_add(out, i < s->board->console ? "null" : "chardev:console");
	}
	if (s->icount) {
		args_add(out, "-icount");
		args_addf(out, "shift=%u,sleep=off", s->board->icount_shift);
		/* Random numbers of the board, too, are those of every run. */
		args_add(out, "-seed");
		args_add(out, "1");
	}
	if (monitor)
		add_monitor(out, monitor);
	args_add(out, "-kernel");
	args_add(out, image);
	add_device_tree(c, dtb, out);
	for (unsigned int i = 0; i < p->payload_count; i++)
		add_loader(out, p->payloads[i].file, p->payloads[i].address);
	for (size_t i = 0; i < s->qemu_arg_count; i++)
		args_add(out, s->qemu_args[i]);
}

/* What is left when QEMU has ended by itself without the status line. */
static int explain_end(const struct console_result *r, int status)
{
	if (WIFSIGNALED(status))
		return failed("QEMU was ended by signal %d (%s)",
			      WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) && !r->spoke)
		return failed("QEMU did not start the board (its exit status is %d)",
			      WEXITSTATUS(status));
	return failed("the board stopped without a report of its guests (QEMU's exit status is %d)",
		      WEXITSTATUS(status));
}

static int conclude(const struct console_result *r, pid_t pid, const char *note)
{
	int status;

	if (r->quit) {
		undo_all();
		fprintf(stderr, "\ntwofold: stopped by Ctrl-A x\n%s", note);
		return STATUS_OK;
	}
	if (r->output_gone) {
		undo_all();
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (r->has_code && !r->board_closed) {
		/* It should have powered the board off, and has had its time. */
		undo_all();
		return r->code;
	}
	status = child_wait(pid);
	if (r->has_code)
		return r->code;
	undo_terminal();
	return explain_end(r, status);
}

/* The console's socket, and a pipe for what QEMU says on standard error. */
static int start(const struct args *command, int *board, int *errors,
		 pid_t *pid)
{
	int console[2], said[2], status;

	*board = *errors = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, console))
		return failed("socketpair: %s", strerror(errno));
	if (pipe2(said, O_CLOEXEC)) {
		close(console[0]);
		close(console[1]);
		return failed("pipe: %s", strerror(errno));
	}
	status = child_start(command, console[1], console[1], said[1], pid);
	close(console[1]);
	close(said[1]);
	*board = console[0];
	*errors = said[0];
	return status;
}

int qemu_run(const struct args *command, const struct token *token,
	     unsigned int timeout, const char *note)
{
	bool terminal = isatty(STDIN_FILENO);
	struct console_result result;
	int board, errors, status;
	pid_t pid;

	status = start(command, &board, &errors, &pid);
	if (status)
		return status;
	if (timeout)
		time_limit(timeout, note);
	/* Ours only: QEMU's end blocks, which is what it expects. */
	fcntl(board, F_SETFL, O_NONBLOCK);
	if (terminal && !terminal_raw(STDIN_FILENO))
		fputs("twofold: Ctrl-A x quits, Ctrl-A h helps\n", stderr);
	console_relay(board, errors, token->text, terminal, &result);
	status = conclude(&result, pid, note);
	close(board);
	close(errors);
	return status;
}
