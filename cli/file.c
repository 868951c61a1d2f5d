// SPDX-License-Identifier: BSD-2-Clause
/* Files. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/report.h"
#include "cli/undo.h"

static int refuse_kind(const char *what, mode_t mode)
{
	if (S_ISDIR(mode))
		return refuse("%s: is a directory, not a file", what);
	return refuse("%s: is not a regular file", what);
}

int file_open(const char *what, const char *path, int *fd, struct stat *st)
{
	/* Not to hang on a pipe without a writer. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status = 0;

	if (file < 0)
		return refuse("%s: %s", what, strerror(errno));
	if (fstat(file, st))
		status = refuse("%s: %s", what, strerror(errno));
	else if (!S_ISREG(st->st_mode))
		status = refuse_kind(what, st->st_mode);
	else if (!st->st_size)
		status = refuse("%s: is empty", what);
	if (status)
		close(file);
	else
		*fd = file;
	return status;
}

char *path_beside(const char *from, const char *file)
{
	char *copy, *path = NULL;

	if (*file == '/')
		return strdup(file);
	copy = strdup(from);
	if (copy && asprintf(&path, "%s/%s", dirname(copy), file) < 0)
		path = NULL;
	free(copy);
	return path;
}

ssize_t file_read_at(int fd, u64 offset, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)buf + done, size - done,
				  offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += n;
	}
	return done;
}

int file_read_all(const char *what, const char *path, size_t max, void **data,
		  size_t *size)
{
	struct stat st;
	ssize_t n;
	int fd, status = file_open(what, path, &fd, &st);

	if (status)
		return status;
	*data = st.st_size <= max ? malloc(st.st_size) : NULL;
	if (st.st_size > max) {
		status = refuse("%s: is larger than %zu bytes", what, max);
	} else if (!*data) {
		status = out_of_memory();
	} else {
		n = file_read_at(fd, 0, *data, st.st_size);
		if (n < 0)
			status = refuse("%s: %s", what, strerror(-n));
		else
			*size = n;
	}
	if (status) {
		free(*data);
		*data = NULL;
	}
	close(fd);
	return status;
}

int write_all(int fd, const void *data, size_t size)
{
	const char *from = data;

	while (size) {
		ssize_t n = write(fd, from, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		from += n;
		size -= n;
	}
	return 0;
}

const char *file_write_temporary(const char *name, const void *data,
				 size_t size)
{
	const char *path = temporary_path(name);
	int fd, err;

	if (!path)
		return NULL;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		failed("%s: %s", path, strerror(errno));
		return NULL;
	}
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	if (err) {
		failed("%s: %s", path, strerror(-err));
		return NULL;
	}
	return path;
}
