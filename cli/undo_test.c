// SPDX-License-Identifier: BSD-2-Clause
// link: cli/undo.c cli/report.c cli/file.c
// flags: -D_GNU_SOURCE -lutil
/*
 * A child with a terminal of its own takes everything that has to be put
 * right again, and is ended in each way; this process looks at what is left.
 */
#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/file.h"
#include "cli/undo.h"
#include "lib/util.h"

static char where[] = "/tmp/undo-test-XXXXXX";

/* What the child tells when it has everything. */
struct taken {
	pid_t grandchild;
	char file[300];
};

static void take_everything(int tell)
{
	struct taken taken = { 0 };
	const char *path;

	setenv("TMPDIR", where, 1);
	undo_install();
	path = file_write_temporary("x", "y", 1);
	if (!path || terminal_raw(STDIN_FILENO))
		_exit(99);
	strncpy(taken.file, path, sizeof(taken.file) - 1);
	taken.grandchild = undo_fork();
	if (!taken.grandchild)
		for (;;)
			pause();
	if (write(tell, &taken, sizeof(taken)) != sizeof(taken))
		_exit(99);
}

/* `how`: the signal to be ended by; 0: exit(7); -1: the time limit. */
static void child(int tell, int how)
{
	take_everything(tell);
	if (!how)
		exit(7);
	if (how < 0)
		time_limit(1, "");
	for (;;)
		pause();
}

static bool is_raw(int terminal)
{
	struct termios mode;

	assert_int_equal(tcgetattr(terminal, &mode), 0);
	return !(mode.c_lflag & (ICANON | ECHO | ISIG));
}

/* Everything that the child took is back. */
static void nothing_is_left(const struct taken *taken, int terminal)
{
	assert_false(is_raw(terminal));
	assert_int_equal(kill(taken->grandchild, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_not_equal(access(taken->file, F_OK), 0);
	/* The directory of the files is gone as well. */
	assert_int_equal(rmdir(where), 0);
	assert_non_null(strcpy(where, "/tmp/undo-test-XXXXXX"));
	assert_non_null(mkdtemp(where));
}

static void end_by(int how, int want)
{
	int tell[2], master, slave, status;
	struct taken taken;
	pid_t pid;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(pipe(tell), 0);
	pid = fork();
	if (!pid) {
		login_tty(dup(slave));
		child(tell[1], how);
	}
	close(tell[1]);
	assert_int_equal(read(tell[0], &taken, sizeof(taken)), sizeof(taken));
	if (how > 0) {
		assert_true(is_raw(slave));
		kill(pid, how);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, want);
	nothing_is_left(&taken, slave);
	close(tell[0]);
	close(master);
	close(slave);
}

static void everything_is_undone_at_exit(void **state)
{
	end_by(0, W_EXITCODE(7, 0));
}

static void everything_is_undone_by_each_ending_signal(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		end_by(signals[i], W_EXITCODE(0, signals[i]));
}

static void everything_is_undone_by_the_time_limit(void **state)
{
	end_by(-1, W_EXITCODE(124, 0));
}

static void output_processing_of_the_terminal_stays(void **state)
{
	struct termios mode;
	int master, slave;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(terminal_raw(slave), 0);
	assert_true(is_raw(slave));
	assert_int_equal(tcgetattr(slave, &mode), 0);
	assert_true(mode.c_oflag & OPOST);
	undo_terminal();
	assert_false(is_raw(slave));
	undo_terminal();
	close(master);
	close(slave);
}

static void what_is_no_terminal_cannot_be_raw(void **state)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(terminal_raw(ends[0]), -ENOTTY);
	close(ends[0]);
	close(ends[1]);
}

static int make_place(void **state)
{
	return mkdtemp(where) ? 0 : -1;
}

static int remove_place(void **state)
{
	return rmdir(where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_undone_at_exit),
		cmocka_unit_test(everything_is_undone_by_each_ending_signal),
		cmocka_unit_test(everything_is_undone_by_the_time_limit),
		cmocka_unit_test(output_processing_of_the_terminal_stays),
		cmocka_unit_test(what_is_no_terminal_cannot_be_raw),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
