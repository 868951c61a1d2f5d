// SPDX-License-Identifier: BSD-2-Clause
/* The option parser. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/report.h"
#include "lib/util.h"

#define WORD_MAX 32

/*
 * Edits (insert, delete, replace, swap two neighbours) from one word to the
 * other. Row i of the table is the distance of a's first i letters to each
 * beginning of b. Words longer than WORD_MAX are far from everything.
 */
static unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return 2 * WORD_MAX;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			unsigned int change = a[i - 1] != b[j - 1];
			unsigned int best = min(d[i - 1][j], d[i][j - 1]) + 1;

			best = min(best, d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				best = min(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	}
	return d[n][m];
}

const char *nearest(const char *word, const void *candidates, size_t count,
		    size_t stride)
{
	unsigned int best = 1 + strlen(word) / 3;
	const char *found = NULL;

	if (strlen(word) < 2)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *c = *(const char *const *)((const char *)candidates +
						       i * stride);
		unsigned int distance = edit_distance(word, c);

		/* "--mem" means "--memory", and "--time" "--timeout". */
		if (!strncmp(c, word, strlen(word)))
			distance = min(distance, 1U);
		if (distance < best || (distance == best && !found)) {
			best = distance;
			found = c;
		}
	}
	return found;
}

static size_t spec_index(const struct options *o, const char *name,
			 size_t length)
{
	size_t i;

	for (i = 0; i < o->spec_count; i++)
		if (strlen(o->specs[i].name) == length &&
		    !strncmp(o->specs[i].name, name, length))
			break;
	return i;
}

static int refuse_unknown(const struct options *o, const char *arg,
			  size_t length)
{
	char name[WORD_MAX * 2];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)length, arg);
	near = nearest(name + strspn(name, "-"), o->specs, o->spec_count,
		       sizeof(o->specs[0]));
	if (near)
		return refuse("%s: unknown option %s; did you mean --%s?",
			      o->command, name, near);
	return refuse("%s: unknown option %s; `twofold help %s` lists them",
		      o->command, name, o->command);
}

/*
 * One option at argv[at]; *used says how many arguments it took.
 */
static int parse_one(struct options *o, int argc, char **argv, int at,
		     int *used)
{
	const char *arg = argv[at], *name = arg + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	size_t i = spec_index(o, name, length);
	const struct option_spec *spec = &o->specs[i];

	*used = 1;
	if (arg[1] != '-' || i == o->spec_count)
		return refuse_unknown(o, arg, length + 2);
	if (o->counts[i] && !spec->repeatable)
		return refuse("%s: --%s is given twice", o->command,
			      spec->name);
	if (!spec->argument && value)
		return refuse("%s: --%s takes no value", o->command,
			      spec->name);
	if (spec->argument && !value) {
		if (at + 1 >= argc)
			return refuse("%s: --%s needs a value: --%s %s",
				      o->command, spec->name, spec->name,
				      spec->argument);
		value = argv[at + 1];
		*used = 2;
	}
	if (!o->values[i])
		o->values[i] = calloc(argc, sizeof(char *));
	if (!o->values[i])
		return out_of_memory();
	o->values[i][o->counts[i]++] = value;
	return 0;
}

int options_parse(const char *command, const struct option_spec *specs,
		  size_t spec_count, int argc, char **argv,
		  struct options *out)
{
	bool options_over = false;
	int used, status;

	assert(spec_count <= OPTIONS_MAX);
	*out = (struct options){ .command = command,
				 .specs = specs,
				 .spec_count = spec_count };
	out->operands = calloc(argc + 1, sizeof(char *));
	if (!out->operands)
		return out_of_memory();
	for (int at = 0; at < argc; at += used) {
		const char *arg = argv[at];

		used = 1;
		if (!options_over && !strcmp(arg, "--")) {
			options_over = true;
		} else if (!options_over && arg[0] == '-' && arg[1]) {
			status = parse_one(out, argc, argv, at, &used);
			if (status)
				return status;
		} else {
			out->operands[out->operand_count++] = arg;
		}
	}
	return 0;
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < o->spec_count; i++)
		free(o->values[i]);
	free(o->operands);
}

static size_t known_index(const struct options *o, const char *name)
{
	size_t i = spec_index(o, name, strlen(name));

	assert(i < o->spec_count);
	return i;
}

bool option_given(const struct options *o, const char *name)
{
	return o->counts[known_index(o, name)];
}

const char *option_value(const struct options *o, const char *name)
{
	size_t i = known_index(o, name);

	return o->counts[i] ? o->values[i][0] : NULL;
}

const char **option_values(const struct options *o, const char *name,
			   size_t *count)
{
	size_t i = known_index(o, name);

	*count = o->counts[i];
	return o->values[i];
}
