/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Find the hypervisor's last line, "<token> <code>\n", in what the console
 * says, and keep it from the user.
 *
 * The filter holds back only what may be the beginning of that line. Whoever
 * uses it lets go of that after a moment without more
 * (status_filter_release()), so that a prompt which happens to begin like
 * the token is seen; the line is still recognised when the rest comes.
 */
#ifndef CLI_STATUS_FILTER_H
#define CLI_STATUS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define STATUS_LINE_MAX 80

struct status_filter {
	const char *token;
	char line[STATUS_LINE_MAX]; /* what may be the status line so far */
	size_t length;
	size_t released;            /* of which so much has been shown */
	bool found;
	unsigned int code;          /* 0 to 255, when found */
};

/* The token has 1 to 64 characters and stays where it is. */
void status_filter_init(struct status_filter *f, const char *token);

/*
 * Take `size` bytes; what is to be shown goes to out, which has room for
 * size + STATUS_LINE_MAX bytes. Returns how many that are.
 */
size_t status_filter_put(struct status_filter *f, const char *in, size_t size,
			 char *out);

/* Is something held back? */
bool status_filter_holds(const struct status_filter *f);

/* Is so much of the token there that it is no prompt which begins like it? */
bool status_filter_is_sure(const struct status_filter *f);

/* Show what is held back. Returns the number of bytes, at most
 * STATUS_LINE_MAX. */
size_t status_filter_release(struct status_filter *f, char *out);

#endif
