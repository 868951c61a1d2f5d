// SPDX-License-Identifier: BSD-2-Clause
/* QEMU's monitor. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/qmp.h"
#include "cli/report.h"

bool qmp_path_fits(const char *path)
{
	return strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

static int no_answer(int err)
{
	if (err == EAGAIN || err == EWOULDBLOCK)
		return failed("QEMU's monitor does not answer; is another `twofold inspect` at work, or the `twofold run` stopped (Ctrl-Z)?");
	return failed("QEMU's monitor: %s",
		      err ? strerror(err) : "the board has gone");
}

/* The next line, without its end. Each of QEMU's messages is one. */
static int read_line(struct qmp *q)
{
	char *end;
	ssize_t n;

	while (!(end = memchr(q->have, '\n', q->length))) {
		if (q->length == sizeof(q->have))
			return failed("QEMU's monitor: an answer of more than %d bytes",
				      QMP_LINE);
		n = recv(q->fd, q->have + q->length,
			 sizeof(q->have) - q->length, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return no_answer(n ? errno : 0);
		q->length += n;
	}
	n = end - q->have;
	memcpy(q->line, q->have, n);
	if (n && q->line[n - 1] == '\r')
		q->line[n - 1] = 0;
	q->line[n] = 0;
	q->length -= n + 1;
	memmove(q->have, end + 1, q->length);
	return 0;
}

static bool is(const struct qmp *q, const char *key)
{
	size_t n = strlen(key);

	return !strncmp(q->line, "{\"", 2) && !strncmp(q->line + 2, key, n) &&
	       q->line[2 + n] == '"';
}

/* What an error says: {"error": {"class": ..., "desc": "TEXT"}}. */
static int explain(const char *line)
{
	static const char key[] = "\"desc\": \"";
	const char *text = strstr(line, key);

	text = text ? text + sizeof(key) - 1 : line;
	return failed("QEMU's monitor: %.*s", (int)strcspn(text, "\""), text);
}

/* Up to the answer; events come in between. */
static int await(struct qmp *q)
{
	int status;

	do
		status = read_line(q);
	while (!status && !is(q, "return") && !is(q, "error"));
	if (!status && is(q, "error"))
		status = explain(q->line);
	return status;
}

int qmp_command(struct qmp *q, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n, err;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		return out_of_memory();
	err = write_all(q->fd, text, n);
	free(text);
	if (!err)
		err = write_all(q->fd, "\n", 1);
	return err ? no_answer(-err) : await(q);
}

int qmp_greet(struct qmp *q, int fd)
{
	struct timeval patience = { .tv_sec = QMP_PATIENCE_S };
	int status;

	q->fd = fd;
	q->length = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	status = read_line(q);
	if (!status && !is(q, "QMP"))
		status = failed("what answers is not QEMU's monitor");
	if (!status)
		status = qmp_command(q, "{\"execute\": \"qmp_capabilities\"}");
	return status;
}

int qmp_open(struct qmp *q, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err, status;

	if (!qmp_path_fits(path))
		return -ENOENT;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed("socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = errno;
		close(fd);
		if (err == ECONNREFUSED || err == ENOENT)
			return -err;
		return failed("%s: %s", path, strerror(err));
	}
	status = qmp_greet(q, fd);
	if (status)
		qmp_close(q);
	return status;
}

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
}
