// SPDX-License-Identifier: BSD-2-Clause
/* gzip files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/file.h"
#include "cli/gunzip.h"
#include "cli/report.h"
#include "cli/size.h"
#include "cli/undo.h"

#define CHUNK (256 * 1024)
/* zlib: the largest window, and a gzip header before the data. */
#define GZIP_WINDOW_BITS (15 + 16)

struct gunzip {
	z_stream z;
	const char *what;
	int in;
	int out;     /* -1: only to see that it is sound */
	u64 offset;  /* read from the input */
	u64 written;
	u64 max;
	unsigned char in_buf[CHUNK], out_buf[CHUNK];
};

bool is_gzip(const void *head, size_t size)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 8 };

	return size >= sizeof(magic) && !memcmp(head, magic, sizeof(magic));
}

/* More input when there is none left; z.avail_in stays 0 at the end. */
static int fill(struct gunzip *g)
{
	ssize_t n;

	if (g->z.avail_in)
		return 0;
	n = file_read_at(g->in, g->offset, g->in_buf, CHUNK);
	if (n < 0)
		return refuse("%s: %s", g->what, strerror(-n));
	g->offset += n;
	g->z.next_in = g->in_buf;
	g->z.avail_in = n;
	return 0;
}

static int drain(struct gunzip *g)
{
	size_t n = CHUNK - g->z.avail_out;
	char text[SIZE_TEXT];
	int err;

	g->written += n;
	if (g->written > g->max)
		return refuse("%s: unpacks to more than %s, the memory of its VM",
			      g->what, size_text(g->max, text));
	err = g->out < 0 ? 0 : write_all(g->out, g->out_buf, n);
	return err ? failed("temporary file: %s", strerror(-err)) : 0;
}

/* Does another gzip member follow? gzip files may be concatenated. */
static int next_member(struct gunzip *g, bool *more)
{
	int status = fill(g);

	*more = !status && g->z.avail_in && *g->z.next_in == 0x1f;
	if (*more)
		inflateReset(&g->z);
	return status;
}

static int inflate_all(struct gunzip *g)
{
	bool more = true;
	int status, z;

	while (more) {
		status = fill(g);
		if (status)
			return status;
		if (!g->z.avail_in)
			return refuse("%s: the gzip data ends early; the file is truncated",
				      g->what);
		g->z.next_out = g->out_buf;
		g->z.avail_out = CHUNK;
		z = inflate(&g->z, Z_NO_FLUSH);
		if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
			return refuse("%s: the gzip data is corrupt (%s)",
				      g->what, g->z.msg ? g->z.msg : "zlib");
		status = drain(g);
		if (!status && z == Z_STREAM_END)
			status = next_member(g, &more);
		if (status)
			return status;
	}
	return 0;
}

static int unpack(const char *what, int fd, int out, u64 max)
{
	struct gunzip *g = calloc(1, sizeof(*g));
	int status;

	if (!g)
		return out_of_memory();
	g->what = what;
	g->in = fd;
	g->out = out;
	g->max = max;
	if (inflateInit2(&g->z, GZIP_WINDOW_BITS) != Z_OK) {
		status = out_of_memory();
	} else {
		status = inflate_all(g);
		inflateEnd(&g->z);
	}
	free(g);
	return status;
}

int gunzip_check(const char *what, int fd)
{
	return unpack(what, fd, -1, UINT64_MAX);
}

int gunzip_to_temporary(const char *what, int fd, u64 max, const char **path)
{
	int out, status;

	*path = temporary_path("kernel");
	if (!*path)
		return STATUS_FAILED;
	out = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return failed("%s: %s", *path, strerror(errno));
	status = unpack(what, fd, out, max);
	if (close(out) && !status)
		status = failed("%s: %s", *path, strerror(errno));
	return status;
}
