/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's command line, and its run. */
#ifndef CLI_QEMU_H
#define CLI_QEMU_H

#include "cli/board.h"
#include "cli/child.h"
#include "cli/compose.h"
#include "cli/plan.h"

/*
 * The command line that starts the board: the hypervisor's image as the
 * kernel, the composed device tree, every payload at its address, the serial
 * port on standard input and output; a monitor on the socket `monitor`, unless
 * that is NULL.
 */
void qemu_command(const struct board_config *c, const struct plan *p,
		  const char *image, const char *dtb, const char *monitor,
		  struct args *out);

/* Run it, with our standard input and output as the console. The exit status
 * of the whole command. `note`: to be said at the time limit. */
int qemu_run(const struct args *command, const struct token *token,
	     unsigned int timeout, const char *note);

#endif
