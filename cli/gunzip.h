/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip files, with zlib. */
#ifndef CLI_GUNZIP_H
#define CLI_GUNZIP_H

#include "lib/types.h"

bool is_gzip(const void *head, size_t size);

/*
 * Unpack `fd` (a gzip file, from its start) into a temporary file, whose path
 * is returned in *out. More than `max` bytes, a file that ends early, and one
 * that is corrupt are refused; `what` names it. What follows the last gzip
 * member is ignored, as gunzip does with zeroes.
 */
int gunzip_to_temporary(const char *what, int fd, u64 max, const char **out);

/* Unpack it to nowhere: is it whole and sound? 0 or a status. */
int gunzip_check(const char *what, int fd);

#endif
