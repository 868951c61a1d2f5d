// SPDX-License-Identifier: BSD-2-Clause
/* Find the hypervisor's last line in what the console says. */
#include <ctype.h>
#include <string.h>

#include "cli/status_filter.h"

/* The token is random: nothing else begins with more of its characters. */
#define SURE_AFTER 4

enum match { MATCH_NO, MATCH_SO_FAR, MATCH_WHOLE };

void status_filter_init(struct status_filter *f, const char *token)
{
	*f = (struct status_filter){ .token = token };
}

/*
 * Is the line a beginning of "<token> <code>[\r]\n", with a code of one to
 * three digits? The line is whole with its newline.
 */
static enum match match(struct status_filter *f)
{
	size_t n = strlen(f->token), digits = 0;
	const char *at = f->line + n, *end = f->line + f->length;
	unsigned int code = 0;

	if (f->length <= n)
		return memcmp(f->line, f->token, f->length) ? MATCH_NO :
							      MATCH_SO_FAR;
	if (*at++ != ' ')
		return MATCH_NO;
	for (; at < end && isdigit((unsigned char)*at); at++, digits++)
		code = code * 10 + *at - '0';
	if (digits > 3 || code > 255 || (at < end && !digits))
		return MATCH_NO;
	if (at < end && *at == '\r')
		at++;
	if (at == end)
		return MATCH_SO_FAR;
	if (*at != '\n')
		return MATCH_NO;
	f->code = code;
	return MATCH_WHOLE;
}

/* Drop the first byte of the line; it is shown unless it has been. */
static size_t give_first(struct status_filter *f, char *out)
{
	size_t shown = f->released ? 0 : 1;

	if (shown)
		*out = f->line[0];
	else
		f->released--;
	memmove(f->line, f->line + 1, --f->length);
	return shown;
}

size_t status_filter_put(struct status_filter *f, const char *in, size_t size,
			 char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		enum match m = MATCH_NO;

		f->line[f->length++] = in[i];
		while (f->length && (m = match(f)) == MATCH_NO)
			n += give_first(f, out + n);
		if (f->length && m == MATCH_WHOLE) {
			f->found = true;
			f->length = 0;
			f->released = 0;
		}
	}
	return n;
}

bool status_filter_holds(const struct status_filter *f)
{
	return f->length > f->released;
}

bool status_filter_is_sure(const struct status_filter *f)
{
	return f->length > SURE_AFTER;
}

size_t status_filter_release(struct status_filter *f, char *out)
{
	size_t n = f->length - f->released;

	memcpy(out, f->line + f->released, n);
	f->released = f->length;
	return n;
}
