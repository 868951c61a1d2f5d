// SPDX-License-Identifier: BSD-2-Clause
/* The keys that the command takes for itself. */
#include "cli/escape.h"

#define CTRL_A 1

static size_t after_ctrl_a(struct escape *e, char key, char *out)
{
	switch (key) {
	case 'x':
	case 'X':
		e->quit = true;
		return 0;
	case 'h':
	case 'H':
	case '?':
		e->help = true;
		return 0;
	case CTRL_A:
	case 'a':
		out[0] = CTRL_A;
		return 1;
	}
	out[0] = CTRL_A;
	out[1] = key;
	return 2;
}

size_t escape_put(struct escape *e, const char *in, size_t size, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < size && !e->quit; i++) {
		if (e->pending) {
			e->pending = false;
			n += after_ctrl_a(e, in[i], out + n);
		} else if (in[i] == CTRL_A) {
			e->pending = true;
		} else {
			out[n++] = in[i];
		}
	}
	return n;
}
