/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stage 2 maps, for programs: docs/inspect.md has the schema. */
#ifndef CLI_INSPECT_JSON_H
#define CLI_INSPECT_JSON_H

#include <stdio.h>

#include "cli/map.h"

struct json_source {
	int board;        /* process id; 0: a file */
	const char *title; /* of the board, or the file */
};

/* One object, with those VMs of the board whose `chosen` is true. Leaves if
 * asked for. */
void inspect_json(FILE *to, const struct json_source *source,
		  const struct stage2_board *b, const bool *chosen,
		  const struct map_style *style, bool leaves);

#endif
