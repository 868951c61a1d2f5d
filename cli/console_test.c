// SPDX-License-Identifier: BSD-2-Clause
// link: cli/console.c cli/escape.c cli/status_filter.c cli/file.c cli/undo.c
// link: cli/report.c
// flags: -D_GNU_SOURCE
/*
 * The relay runs in a child; this process is the user at one end and the
 * board at the other. Nothing here waits longer than WAIT_MS.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/console.h"
#include "lib/types.h"

#define TOKEN "tOkEnOfTheTest"
#define WAIT_MS 20000

static struct {
	pid_t pid;
	int keys, screen; /* the user's */
	int board, errors;
	int said;         /* standard error of the relay */
	int result;
} t;

static void relay_child(int keys, int screen, int board, int errors, int said,
			int result, bool terminal)
{
	struct console_result r;

	dup2(keys, STDIN_FILENO);
	dup2(screen, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	for (int fd = 3; fd < 64; fd++)
		if (fd != board && fd != errors && fd != result)
			close(fd);
	signal(SIGPIPE, SIG_IGN);
	fcntl(board, F_SETFL, O_NONBLOCK);
	console_relay(board, errors, TOKEN, terminal, &r);
	if (write(result, &r, sizeof(r)) != sizeof(r))
		_exit(1);
	_exit(0);
}

static void start_silent(bool terminal)
{
	int keys[2], screen[2], board[2], errors[2], said[2], result[2];

	assert_int_equal(pipe(keys) | pipe(screen) | pipe(errors) | pipe(said) |
				 pipe(result), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, board), 0);
	t.pid = fork();
	if (!t.pid)
		relay_child(keys[0], screen[1], board[1], errors[0], said[1],
			    result[1], terminal);
	close(keys[0]);
	close(screen[1]);
	close(board[1]);
	close(errors[0]);
	close(said[1]);
	close(result[1]);
	t.keys = keys[1];
	t.screen = screen[0];
	t.board = board[0];
	t.errors = errors[1];
	t.said = said[0];
	t.result = result[0];
	signal(SIGPIPE, SIG_IGN);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int stop(void **state)
{
	kill(t.pid, SIGKILL);
	waitpid(t.pid, NULL, 0);
	close_one(&t.keys);
	close_one(&t.screen);
	close_one(&t.board);
	close_one(&t.errors);
	close_one(&t.said);
	close_one(&t.result);
	return 0;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, ms) == 1;
}

/* Exactly this comes, however it is cut. */
static void expect(int fd, const char *text)
{
	char got[256];
	size_t have = 0;
	ssize_t n;

	while (have < strlen(text)) {
		if (!readable(fd, WAIT_MS))
			fail_msg("'%s' did not come", text + have);
		n = read(fd, got + have, strlen(text) - have);
		if (n <= 0)
			fail_msg("the end came before '%s'", text + have);
		have += n;
	}
	assert_memory_equal(got, text, have);
}

/* The board has said something, as the hypervisor does first of all. */
static void start(bool terminal)
{
	start_silent(terminal);
	send_text(t.board, "!");
	expect(t.screen, "!");
}

static struct console_result result(void)
{
	struct console_result r;

	assert_true(readable(t.result, WAIT_MS));
	assert_int_equal(read(t.result, &r, sizeof(r)), sizeof(r));
	return r;
}

static void bytes_are_relayed_as_they_come(void **state)
{
	start(false);
	send_text(t.board, "# ");
	expect(t.screen, "# ");
	send_text(t.keys, "l");
	expect(t.board, "l");
	send_text(t.board, "l");
	expect(t.screen, "l");
}

static void keys_wait_until_the_board_has_spoken(void **state)
{
	start_silent(false);
	send_text(t.keys, "early");
	assert_false(readable(t.board, 300));
	send_text(t.board, "hello\n");
	expect(t.board, "early");
}

static void a_prompt_like_the_token_is_held_back_a_moment_only(void **state)
{
	start(false);
	send_text(t.board, "\ntOk");
	expect(t.screen, "\ntOk");
	send_text(t.board, "ens\n");
	expect(t.screen, "ens\n");
}

static void more_of_the_token_is_held_back_for_long(void **state)
{
	struct console_result r;

	start(false);
	send_text(t.board, "tOkEnOfThe");
	assert_false(readable(t.screen, 600));
	send_text(t.board, "Test 3\n");
	close_one(&t.board);
	close_one(&t.errors);
	r = result();
	assert_true(r.has_code && r.code == 3);
	assert_false(readable(t.screen, 0) && read(t.screen, &r, 1) > 0);
}

static void a_piece_of_the_token_at_the_end_is_dropped(void **state)
{
	char c;

	start(false);
	send_text(t.board, "tOkEnOf");
	close_one(&t.board);
	close_one(&t.errors);
	assert_false(result().has_code);
	assert_false(readable(t.screen, 0) && read(t.screen, &c, 1) > 0);
}

static void the_end_of_the_input_does_not_end_the_console(void **state)
{
	struct console_result r;

	start(false);
	send_text(t.keys, "\001x");
	close_one(&t.keys);
	expect(t.board, "\001x");
	send_text(t.board, "still here\n" TOKEN " 1\n");
	expect(t.screen, "still here\n");
	close_one(&t.board);
	close_one(&t.errors);
	r = result();
	assert_true(r.has_code && r.board_closed && r.spoke && !r.quit);
	assert_int_equal(r.code, 1);
}

static void ctrl_a_x_quits_a_terminal(void **state)
{
	struct console_result r;

	start(true);
	send_text(t.keys, "a\001");
	expect(t.board, "a");
	send_text(t.keys, "x");
	r = result();
	assert_true(r.quit && !r.has_code);
}

static void ctrl_a_x_quits_while_nobody_reads_the_keys(void **state)
{
	static char many[4096];

	start(true);
	memset(many, 'k', sizeof(many));
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(t.keys, many, sizeof(many)),
				 sizeof(many));
	send_text(t.keys, "\001x");
	assert_true(result().quit);
}

static void help_is_shown_to_the_user_alone(void **state)
{
	start(true);
	send_text(t.keys, "\001hz");
	expect(t.board, "z");
	expect(t.said, "\r\ntwofold: Ctrl-A x");
}

/* Output that nobody reads must not keep the keys from the board. */
static void a_full_screen_does_not_hold_up_the_keys(void **state)
{
	static char many[4096];
	ssize_t sent = 0, n;

	start(false);
	fcntl(t.board, F_SETFL, O_NONBLOCK);
	memset(many, 'o', sizeof(many));
	while (sent < (1 << 20)) {
		struct pollfd p = { t.board, POLLOUT, 0 };

		if (poll(&p, 1, 200) != 1)
			break;
		n = write(t.board, many, sizeof(many));
		assert_true(n > 0);
		sent += n;
	}
	assert_true(sent < (1 << 20));
	send_text(t.keys, "k");
	expect(t.board, "k");
	/* And nothing of it is lost. */
	close_one(&t.board);
	close_one(&t.errors);
	while (sent > 0) {
		assert_true(readable(t.screen, WAIT_MS));
		n = read(t.screen, many, sizeof(many));
		assert_true(n > 0);
		sent -= n;
	}
	assert_int_equal(sent, 0);
	assert_true(result().board_closed);
}

static void a_screen_that_goes_away_is_noticed(void **state)
{
	start(false);
	close_one(&t.screen);
	send_text(t.board, "anybody?\n");
	assert_true(result().output_gone);
}

static void what_qemu_says_is_marked(void **state)
{
	start_silent(false);
	send_text(t.errors, "qemu-system-aarch64: no such th");
	send_text(t.errors, "ing\nqemu: warning: nic x has no peer\nlast");
	close_one(&t.errors);
	expect(t.said, "twofold: QEMU: no such thing\ntwofold: QEMU: last\n");
	close_one(&t.board);
	assert_false(result().spoke);
}

static void a_long_line_of_qemu_overruns_nothing(void **state)
{
	char line[2000];

	start(false);
	memset(line, 'e', sizeof(line));
	assert_int_equal(write(t.errors, line, sizeof(line)), sizeof(line));
	close_one(&t.errors);
	expect(t.said, "twofold: QEMU: eeee");
	close_one(&t.board);
	result();
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_are_relayed_as_they_come),
		TEST(keys_wait_until_the_board_has_spoken),
		TEST(a_prompt_like_the_token_is_held_back_a_moment_only),
		TEST(more_of_the_token_is_held_back_for_long),
		TEST(a_piece_of_the_token_at_the_end_is_dropped),
		TEST(the_end_of_the_input_does_not_end_the_console),
		TEST(ctrl_a_x_quits_a_terminal),
		TEST(ctrl_a_x_quits_while_nobody_reads_the_keys),
		TEST(help_is_shown_to_the_user_alone),
		TEST(a_full_screen_does_not_hold_up_the_keys),
		TEST(a_screen_that_goes_away_is_noticed),
		TEST(what_qemu_says_is_marked),
		TEST(a_long_line_of_qemu_overruns_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
