/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: opened with every wrong kind refused by name; read; written. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "lib/types.h"

/*
 * Open a regular file that is not empty. `what` is how messages call it:
 * "--initrd initrd.gz", "two.dts: /chosen/debian/kernel: vmlinuz". 0 with an
 * open descriptor, or a status.
 */
int file_open(const char *what, const char *path, int *fd, struct stat *st);

/* The path of `file` as the file `from` names it: relative to that one. To be
 * freed; NULL: out of memory. */
char *path_beside(const char *from, const char *file);

/* Read [offset, offset + size) or what the file has of it. The number of
 * bytes read, or -errno. */
ssize_t file_read_at(int fd, u64 offset, void *buf, size_t size);

/* The whole file, at most `max` bytes, in memory of its own; NULL after an
 * error. */
int file_read_all(const char *what, const char *path, size_t max, void **data,
		  size_t *size);

/* Write all of it. 0 or -errno. */
int write_all(int fd, const void *data, size_t size);

/* A temporary file with this in it (cli/undo.h); its path, or NULL with a
 * message. */
const char *file_write_temporary(const char *name, const void *data,
				 size_t size);

#endif
