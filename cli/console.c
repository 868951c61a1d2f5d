// SPDX-License-Identifier: BSD-2-Clause
/* Standard input and output as the board's console. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/escape.h"
#include "cli/file.h"
#include "cli/status_filter.h"
#include "lib/util.h"

#define CHUNK 4096
/*
 * A blocking write must not keep the time limit or the other direction
 * waiting: a pipe that poll() calls writable takes this much at once.
 */
#define WRITE_AT_ONCE 512
#define HOLD_BACK_MS 100
/* What can only be the status line, from a board that has to wait for its PC. */
#define HOLD_STATUS_MS 2000
/* From the status line to the end of QEMU. */
#define POWER_OFF_MS 5000

static const char help_text[] =
	"\r\ntwofold: Ctrl-A x       stop the guests and quit\r\n"
	"twofold: Ctrl-A h       this help\r\n"
	"twofold: Ctrl-A Ctrl-A  send Ctrl-A to the guest\r\n";

struct buffer {
	char data[2 * CHUNK + STATUS_LINE_MAX];
	size_t length;
};

struct relay {
	int board, errors;
	int input; /* -1: at its end */
	bool terminal;
	struct status_filter filter;
	struct escape escape;
	struct buffer to_board, to_user;
	char error_line[256]; /* a line of QEMU's that is not yet whole */
	size_t error_length;
	s64 status_time; /* ms; when the status line came */
	struct console_result *result;
};

static s64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void consume(struct buffer *b, size_t n)
{
	memmove(b->data, b->data + n, b->length - n);
	b->length -= n;
}

/* read(2), with what a signal or an empty socket gives as "nothing yet". */
static ssize_t read_some(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -EAGAIN;
	return n < 0 ? 0 : n;
}

/* write(2) from a buffer. False when the other side is gone. */
static bool write_some(int fd, struct buffer *b)
{
	ssize_t n = write(fd, b->data, min(b->length, (size_t)WRITE_AT_ONCE));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	consume(b, n);
	return true;
}

static void read_input(struct relay *r)
{
	char keys[CHUNK];
	ssize_t n = read_some(r->input, keys, sizeof(keys));
	struct buffer *b = &r->to_board;

	if (n == -EAGAIN)
		return;
	if (!n) {
		r->input = -1;
	} else if (!r->terminal) {
		memcpy(b->data + b->length, keys, n);
		b->length += n;
	} else {
		/* Keys are always read, for Ctrl-A x; a guest that does not
		 * listen loses the oldest. */
		if (b->length > CHUNK)
			b->length = 0;
		b->length += escape_put(&r->escape, keys, n,
					b->data + b->length);
	}
	r->result->quit = r->escape.quit;
}

static void read_board(struct relay *r)
{
	char bytes[CHUNK];
	ssize_t n = read_some(r->board, bytes, sizeof(bytes));
	struct buffer *b = &r->to_user;
	bool had_status = r->filter.found;

	if (n == -EAGAIN)
		return;
	if (!n) {
		r->result->board_closed = true;
		if (!status_filter_is_sure(&r->filter))
			b->length += status_filter_release(&r->filter,
							   b->data + b->length);
		return;
	}
	r->result->spoke = true;
	b->length += status_filter_put(&r->filter, bytes, n,
				       b->data + b->length);
	if (r->filter.found && !had_status)
		r->status_time = now_ms();
}

/* What QEMU warns of although it is as it should be. */
static bool chatter(const char *line)
{
	static const char *const known[] = {
		"has no peer", /* -nic none, on a board with network ports */
		"audiodev default parameter is deprecated", /* it has no other */
		"icount sleep disabled and no active timers",
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(line, known[i]))
			return true;
	return false;
}

static void say_error_line(struct relay *r)
{
	static const char prefix[] = "qemu-system-aarch64: ";
	const char *line = r->error_line;

	r->error_line[r->error_length] = 0;
	r->error_length = 0;
	if (chatter(line))
		return;
	if (!strncmp(line, prefix, sizeof(prefix) - 1))
		line += sizeof(prefix) - 1;
	fprintf(stderr, "twofold: QEMU: %s\n", line);
}

static void read_errors(struct relay *r)
{
	char bytes[CHUNK];
	ssize_t n = read_some(r->errors, bytes, sizeof(bytes));

	if (!n) {
		r->errors = -1;
		if (r->error_length)
			say_error_line(r);
	}
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] != '\n')
			r->error_line[r->error_length++] = bytes[i];
		if (bytes[i] == '\n' ||
		    r->error_length == sizeof(r->error_line) - 1)
			say_error_line(r);
	}
}

enum { INPUT, BOARD, ERRORS, OUTPUT, POLLED };

/* What each descriptor is waited for; -1 for those that have to wait. */
static void prepare(const struct relay *r, struct pollfd p[POLLED])
{
	bool room = r->terminal || !r->to_board.length;

	p[INPUT] = (struct pollfd){ room ? r->input : -1, POLLIN, 0 };
	p[BOARD] = (struct pollfd){ -1, 0, 0 };
	if (!r->result->board_closed && !r->to_user.length)
		p[BOARD].events |= POLLIN;
	/* A UART that has not been turned on yet drops what comes: Twofold
	 * has turned it on when it says its first words. */
	if (!r->result->board_closed && r->to_board.length && r->result->spoke)
		p[BOARD].events |= POLLOUT;
	if (p[BOARD].events)
		p[BOARD].fd = r->board;
	p[ERRORS] = (struct pollfd){ r->errors, POLLIN, 0 };
	p[OUTPUT] = (struct pollfd){ r->to_user.length ? STDOUT_FILENO : -1,
				     POLLOUT, 0 };
}

static int timeout_ms(const struct relay *r)
{
	s64 left;

	if (r->filter.found) {
		left = r->status_time + POWER_OFF_MS - now_ms();
		return left > 0 ? left : 0;
	}
	if (!status_filter_holds(&r->filter))
		return -1;
	return status_filter_is_sure(&r->filter) ? HOLD_STATUS_MS : HOLD_BACK_MS;
}

static void serve(struct relay *r, const struct pollfd p[POLLED])
{
	const short readable = POLLIN | POLLHUP | POLLERR | POLLNVAL;

	if (p[OUTPUT].revents && !write_some(STDOUT_FILENO, &r->to_user))
		r->result->output_gone = true;
	if (p[BOARD].revents & POLLOUT && !write_some(r->board, &r->to_board))
		r->to_board.length = 0;
	if (p[BOARD].events & POLLIN && p[BOARD].revents & readable)
		read_board(r);
	if (p[ERRORS].revents & readable)
		read_errors(r);
	if (p[INPUT].revents & readable)
		read_input(r);
	if (r->escape.help) {
		r->escape.help = false;
		write_all(STDERR_FILENO, help_text, sizeof(help_text) - 1);
	}
}

static bool over(const struct relay *r)
{
	bool silent = !r->to_user.length && r->result->board_closed && r->errors < 0;
	bool late = r->filter.found && !r->to_user.length &&
		    now_ms() - r->status_time >= POWER_OFF_MS;

	return silent || late || r->result->quit || r->result->output_gone;
}

void console_relay(int board, int errors, const char *token, bool terminal,
		   struct console_result *result)
{
	struct relay r = {
		.board = board,
		.errors = errors,
		.input = STDIN_FILENO,
		.terminal = terminal,
		.result = result,
	};
	struct pollfd p[POLLED];
	int n;

	*result = (struct console_result){ 0 };
	status_filter_init(&r.filter, token);
	while (!over(&r)) {
		prepare(&r, p);
		n = poll(p, POLLED, timeout_ms(&r));
		if (n > 0)
			serve(&r, p);
		else if (!n && !r.to_user.length)
			r.to_user.length = status_filter_release(
				&r.filter, r.to_user.data);
	}
	result->has_code = r.filter.found;
	result->code = r.filter.code;
}
