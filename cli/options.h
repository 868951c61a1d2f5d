/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command-line options: a table of what a command takes, and one parser.
 * Options and operands may come in any order; "--name value" and
 * "--name=value" are the same; "--" ends the options.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_spec {
	const char *name;     /* without "--" */
	const char *argument; /* what the help calls it; NULL: a flag */
	bool repeatable;
};

#define OPTIONS_MAX 32

/*
 * What was given. values[i] belongs to specs[i] and holds counts[i] values
 * (pointers into argv; NULL for a flag). Operands point into argv too.
 */
struct options {
	const char *command;
	const struct option_spec *specs;
	size_t spec_count;
	const char **values[OPTIONS_MAX];
	size_t counts[OPTIONS_MAX];
	const char **operands;
	size_t operand_count;
};

/*
 * Parse argv[0..argc) (the command's name is not among them). A wrong option
 * is refused by name, with the nearest right one where one is near. On any
 * return options_free() frees what `out` holds.
 */
int options_parse(const char *command, const struct option_spec *specs,
		  size_t spec_count, int argc, char **argv,
		  struct options *out);
void options_free(struct options *o);

/* Was it given, and its (first) value, or NULL. The name is one of the table. */
bool option_given(const struct options *o, const char *name);
const char *option_value(const struct options *o, const char *name);
const char **option_values(const struct options *o, const char *name,
			   size_t *count);

/*
 * The candidate that a mistyped word most likely meant, or NULL when none is
 * near. Candidates are `stride` bytes apart, each starting with a char *.
 */
const char *nearest(const char *word, const void *candidates, size_t count,
		    size_t stride);

#endif
