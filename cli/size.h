/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and sizes as a user writes them. */
#ifndef CLI_SIZE_H
#define CLI_SIZE_H

#include "lib/types.h"

/*
 * A size in bytes: digits with K, M, G or T (powers of 1024, either case,
 * "iB" or "B" after it allowed), a plain decimal number of MiB as QEMU's -m
 * has it, or a hexadecimal number (0x...) of bytes. 0, or -EINVAL for
 * anything else, -ERANGE for what does not fit in 64 bits.
 */
int size_parse(const char *text, u64 *bytes);

/* A decimal number and nothing else. 0, -EINVAL or -ERANGE. */
int number_parse(const char *text, u64 *number);

/* "512M", "20480K", "12345 bytes": the largest unit that is exact. */
#define SIZE_TEXT 32
const char *size_text(u64 bytes, char buf[SIZE_TEXT]);

#endif
