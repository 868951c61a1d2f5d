// SPDX-License-Identifier: BSD-2-Clause
/* A board's physical memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/memory.h"
#include "cli/qmp.h"
#include "cli/report.h"
#include "lib/util.h"

/* QEMU writes what is asked for into a file, and nowhere else. */
static int read_board(struct memory *m, u64 pa, void *buf, size_t n)
{
	ssize_t got = -EIO;
	int fd, status;

	status = qmp_command(m->qmp,
			     "{\"execute\": \"pmemsave\", \"arguments\": {"
			     "\"val\": %llu, \"size\": %zu, "
			     "\"filename\": \"%s\"}}",
			     pa, n, m->page);
	if (status)
		return status;
	fd = open(m->page, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		got = file_read_at(fd, 0, buf, n);
		close(fd);
	}
	if (got != (ssize_t)n)
		return failed("%s: QEMU did not write the memory there",
			      m->page);
	return 0;
}

static int read_file(struct memory *m, u64 pa, void *buf, size_t n)
{
	ssize_t got = file_read_at(m->fd, pa - m->base, buf, n);

	if (got < 0)
		return failed("the memory's file: %s", strerror(-got));
	return got == (ssize_t)n ? 0 : failed("the memory's file got shorter");
}

bool memory_read(struct memory *m, u64 pa, void *buf, size_t n)
{
	if (m->status || n > m->size || pa < m->base ||
	    pa - m->base > m->size - n)
		return false;
	m->status = m->fd >= 0 ? read_file(m, pa, buf, n) :
				 read_board(m, pa, buf, n);
	return !m->status;
}

int memory_open_file(const char *text, struct memory *out)
{
	const char *at = strrchr(text, '@');
	struct stat st;
	char *file, *end, *what = NULL;
	int status;

	*out = (struct memory){ .fd = -1, .title = text };
	errno = 0;
	if (at)
		out->base = strtoull(at + 1, &end, 0);
	if (!at || at == text || at[1] < '0' || at[1] > '9' || *end || errno)
		return refuse("--memory: '%s' is not FILE@ADDRESS, such as ram.bin@0x40000000; ADDRESS is where the file's first byte was",
			      text);
	file = strndup(text, at - text);
	if (!file)
		return out_of_memory();
	status = asprintf(&what, "--memory %s", file) < 0 ?
			 out_of_memory() :
			 file_open(what, file, &out->fd, &st);
	free(file);
	free(what);
	if (status) {
		out->fd = -1;
		return status;
	}
	out->size = st.st_size;
	if (out->base + out->size < out->base)
		return refuse("--memory: %s: the address space ends before the file does",
			      text);
	return 0;
}

int memory_open_board(struct qmp *q, u64 base, u64 size, const char *page,
		      struct memory *out)
{
	*out = (struct memory){ .base = base, .size = size, .fd = -1,
				.qmp = q, .page = strdup(page) };
	return out->page ? 0 : out_of_memory();
}

void memory_close(struct memory *m)
{
	if (m->page)
		unlink(m->page);
	else if (m->size)
		close(m->fd);
	free(m->page);
	*m = (struct memory){ .fd = -1 };
}
