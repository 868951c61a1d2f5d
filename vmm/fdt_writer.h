/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a device tree from its beginning to its end, with libfdt's sequential
 * writer. An error is kept, and whoever began the tree looks at it when it is
 * done: once one has happened, nothing more is written.
 */
#ifndef VMM_FDT_WRITER_H
#define VMM_FDT_WRITER_H

#include "lib/types.h"

struct fdt_writer {
	void *fdt;
	int err; /* libfdt's; its own state does not cover the call that failed */
};

/* A node; properties come before the nodes in it. */
void fdtw_begin(struct fdt_writer *w, const char *name);
void fdtw_begin_at(struct fdt_writer *w, const char *name, u64 at);
void fdtw_end(struct fdt_writer *w);

void fdtw_bytes(struct fdt_writer *w, const char *name, const void *v,
		size_t len);
void fdtw_empty(struct fdt_writer *w, const char *name);
void fdtw_cell(struct fdt_writer *w, const char *name, u32 v);
void fdtw_number(struct fdt_writer *w, const char *name, u64 v); /* two cells */
void fdtw_string(struct fdt_writer *w, const char *name, const char *s);
/* At most 16. */
void fdtw_cells(struct fdt_writer *w, const char *name, const u32 *v,
		unsigned int n);
/* "reg": one or two addresses and sizes, two cells each. */
void fdtw_reg(struct fdt_writer *w, u64 base, u64 size);
void fdtw_reg2(struct fdt_writer *w, u64 base, u64 size, u64 base2, u64 size2);

/* Several strings: the literal has a 0 between them, the compiler adds the
 * last one. */
#define fdtw_strings(w, name, literal)                                         \
	fdtw_bytes(w, name, literal, sizeof(literal))

#endif
