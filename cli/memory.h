/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A board's physical memory, to be read: that of a board that runs, or a dump
 * of one in a file.
 */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include "lib/types.h"

struct qmp;

struct memory {
	u64 base, size; /* what there is: [base, base + size) */
	int fd;         /* a file; -1: qmp */
	struct qmp *qmp;
	char *page;     /* the file by which QEMU hands out memory */
	const char *title; /* "FILE@ADDRESS", for messages */
	int status;     /* reading failed, and it was said why */
};

/*
 * Copy [pa, pa + n). False: some of it is not there, or reading failed
 * (m->status).
 */
bool memory_read(struct memory *m, u64 pa, void *buf, size_t n);

/* "FILE@ADDRESS": the memory from ADDRESS on, byte by byte. 0 or a status. */
int memory_open_file(const char *text, struct memory *out);
/* A board's, through its monitor, which stays the caller's. `page` is the name
 * of a file that QEMU may write; it is removed by memory_close(). */
int memory_open_board(struct qmp *q, u64 base, u64 size, const char *page,
		      struct memory *out);
/* Harmless on one that is all zero. */
void memory_close(struct memory *m);

#endif
