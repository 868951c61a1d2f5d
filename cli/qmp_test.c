// SPDX-License-Identifier: BSD-2-Clause
// link: cli/qmp.c cli/file.c cli/undo.c cli/report.c
// flags: -D_GNU_SOURCE
/* QEMU's monitor: what it says is written beforehand, what it is told read after. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/qmp.h"
#include "cli/report.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define DONE "{\"return\": {}}\r\n"

static int ends[2];
static char *said;
static size_t said_size;
static FILE *messages;
static struct qmp q;

static int setup(void **state)
{
	messages = open_memstream(&said, &said_size);
	report_to(messages);
	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static int teardown(void **state)
{
	qmp_close(&q);
	if (ends[1] >= 0)
		close(ends[1]);
	report_to(NULL);
	fclose(messages);
	free(said);
	return 0;
}

static void qemu_says(const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(write(ends[1], text, n), n);
}

static void qemu_goes(void)
{
	shutdown(ends[1], SHUT_WR);
}

static void assert_said(const char *text)
{
	fflush(messages);
	if (!strstr(said, text))
		fail_msg("%s", said);
}

static void commands_are_done_one_after_the_other(void **state)
{
	char told[256];
	ssize_t n;

	qemu_says(GREETING DONE
		  "{\"timestamp\": {}, \"event\": \"STOP\"}\r\n"
		  "{\"return\": {\"running\": true}}\r\n" DONE);
	assert_int_equal(qmp_greet(&q, ends[0]), 0);
	assert_int_equal(qmp_command(&q, "{\"execute\": \"%s\"}", "query"), 0);
	assert_string_equal(q.line, "{\"return\": {\"running\": true}}");
	assert_int_equal(qmp_command(&q, "{}"), 0);
	n = read(ends[1], told, sizeof(told) - 1);
	told[n] = 0;
	assert_string_equal(told, "{\"execute\": \"qmp_capabilities\"}\n"
				  "{\"execute\": \"query\"}\n{}\n");
}

static void what_qemu_refuses_is_said(void **state)
{
	qemu_says(GREETING DONE
		  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no \\u0041\033[2J\"}}\r\n");
	assert_int_equal(qmp_greet(&q, ends[0]), 0);
	assert_int_equal(qmp_command(&q, "{}"), STATUS_FAILED);
	assert_said("QEMU's monitor: no \\u0041?[2J");
}

static void a_board_that_goes_is_said(void **state)
{
	qemu_says(GREETING DONE "{\"ret");
	assert_int_equal(qmp_greet(&q, ends[0]), 0);
	qemu_goes();
	assert_int_equal(qmp_command(&q, "{}"), STATUS_FAILED);
	assert_said("the board has gone");
}

static void what_is_not_qemu_is_refused(void **state)
{
	qemu_says("220 mail.example.org ESMTP\r\n");
	assert_int_equal(qmp_greet(&q, ends[0]), STATUS_FAILED);
	assert_said("what answers is not QEMU's monitor");
}

static void an_endless_answer_is_refused(void **state)
{
	char text[QMP_LINE + 2];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	qemu_says(text);
	assert_int_equal(qmp_greet(&q, ends[0]), STATUS_FAILED);
	assert_said("an answer of more than 4096 bytes");
}

static void nobody_there_is_no_message(void **state)
{
	char path[200];

	assert_int_equal(qmp_open(&q, "/nowhere/1.qmp"), -ENOENT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	assert_false(qmp_path_fits(path));
	assert_int_equal(qmp_open(&q, path), -ENOENT);
	fflush(messages);
	assert_int_equal(said_size, 0);
	close(ends[0]);
	q.fd = -1;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(commands_are_done_one_after_the_other),
		test(what_qemu_refuses_is_said),
		test(a_board_that_goes_is_said),
		test(what_is_not_qemu_is_refused),
		test(an_endless_answer_is_refused),
		test(nobody_there_is_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
