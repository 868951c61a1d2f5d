// SPDX-License-Identifier: BSD-2-Clause
/* The `twofold` command. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/inspect.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/undo.h"
#include "lib/util.h"

static int command_version(int argc, char **argv)
{
	if (argc)
		return refuse("version: takes nothing, but there is '%s'",
			      argv[0]);
	puts("twofold " TWOFOLD_VERSION);
	return STATUS_OK;
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", command_run },	    { "check", command_check },
	{ "inspect", command_inspect },
	{ "help", command_help },   { "version", command_version },
	{ "--help", command_help }, { "--version", command_version },
	{ "-h", command_help },
};

/* Descriptors 0 to 2 are there: nothing else gets opened in their place. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int run_command(int argc, char **argv)
{
	const char *near;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 2, argv + 2);
	near = nearest(argv[1], commands, ARRAY_SIZE(commands),
		       sizeof(commands[0]));
	if (near)
		return refuse("there is no command '%s'; did you mean %s?",
			      argv[1], near);
	return refuse("there is no command '%s'; run, check, inspect, help and version are there",
		      argv[1]);
}

/* A full disk must not look like success. A reader that has seen enough is no
 * mistake, and ends us as it ends others. */
static int output_failed(int status, int err)
{
	struct pollfd p = { STDOUT_FILENO, POLLOUT, 0 };

	if (poll(&p, 1, 0) > 0 && p.revents & POLLERR) {
		undo_all();
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return status ? status : failed("standard output: %s", strerror(err));
}

int main(int argc, char **argv)
{
	int status;

	open_standard_files();
	undo_install();
	if (argc < 2) {
		help_print("");
		return STATUS_REFUSED;
	}
	status = run_command(argc, argv);
	fflush(stdout);
	return ferror(stdout) ? output_failed(status, errno) : status;
}
