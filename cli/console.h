/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standard input and output as the board's console.
 *
 * A terminal becomes raw, and Ctrl-A is the escape key (cli/escape.h). With
 * pipes and files every byte goes through as it is, and the end of the input
 * just ends the input. Bytes are relayed as they come, but input only once the
 * board has spoken: before that, its UART may not be on. A full pipe on either
 * side holds the other side up; nothing is dropped but keys that nobody reads.
 */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include <stdbool.h>

struct console_result {
	bool has_code;     /* the hypervisor's status line came */
	unsigned int code;
	bool quit;         /* Ctrl-A x */
	bool output_gone;  /* nobody reads our standard output any more */
	bool spoke;        /* the board said anything at all */
	bool board_closed; /* QEMU has ended, or is about to */
};

/*
 * Relay until the board's side closes, the user quits, the output is gone, or
 * some seconds after the status line. `board` is a socket to its serial
 * port, `errors` what QEMU says on standard error. `terminal`: is standard
 * input one?
 */
void console_relay(int board, int errors, const char *token, bool terminal,
		   struct console_result *result);

#endif
