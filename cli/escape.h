/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys that the command takes for itself when its input is a terminal:
 * Ctrl-A x quits, Ctrl-A h shows help, Ctrl-A Ctrl-A (or Ctrl-A a) sends one
 * Ctrl-A. Ctrl-A with any other key goes to the guest, both of them.
 */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct escape {
	bool pending; /* Ctrl-A was the last key */
	bool quit, help; /* asked for; the user of this takes help back */
};

/*
 * Take keys; what is for the guest goes to out, which has room for size + 1
 * bytes. Returns how many that are. Nothing after a quit is passed on.
 */
size_t escape_put(struct escape *e, const char *in, size_t size, char *out);

#endif
