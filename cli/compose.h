/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree that the hypervisor gets: the board's, with the VMs' nodes
 * in /chosen, their modules placed.
 */
#ifndef CLI_COMPOSE_H
#define CLI_COMPOSE_H

#include "cli/plan.h"

/* Letters and digits; a 0. */
#define TOKEN_LENGTH 24
struct token {
	char text[TOKEN_LENGTH + 1];
};

/* A word that no guest can guess. */
int token_make(struct token *t);

/*
 * Compose it from the board's tree and a plan that has been laid out. 0 with
 * a tree to be freed; refused when it grows beyond what QEMU leaves room for.
 */
int compose(const void *board, const struct plan *p, const struct token *token,
	    void **out);

/*
 * What the hypervisor's own parser says of it, in the name of the
 * description or the kernel. `board_memory` bounds the VMs' memory.
 */
int compose_check(const void *fdt, const struct plan *p, u64 board_memory);

/* Print /chosen of a composed tree on standard output, as source. */
int compose_print(const void *fdt);

#endif
