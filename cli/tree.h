/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page-table tree in a board's memory, made readable for the engine. Its
 * environment (struct pgtable_ops) fetches each table when the walker first
 * asks for it. Nothing is ever changed: only pgtable_visit() may be used.
 */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli/memory.h"
#include "pgtable/pgtable.h"

struct stage2_vm;

struct tree {
	struct pgtable pt;
	struct memory *m;
	u64 root;
	size_t granule;
	unsigned int entries; /* of a table */
	u64 origin, size; /* the board's memory, widened to granules */
	char *space;      /* as large, filled as needed */
	u8 *fetched;   /* a bit for each granule of it */
	void *nothing; /* stands for a table that is not there */
	u64 tables, asked;
	bool missing;
};

/* 0 or a status: the shape makes no sense, or no memory. */
int tree_open(struct tree *t, struct memory *m, const struct stage2_vm *vm);
void tree_close(struct tree *t);

/* After so many leaves: a table was missing, or there is more in the tree than
 * its tables can hold, so that one of them is in it twice. */
bool tree_damaged(const struct tree *t, u64 leaves);

#endif
