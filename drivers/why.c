// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/why.h"
#include "lib/fdt.h"
#include "lib/printf.h"

static char text[192];

static size_t put_path(const void *fdt, int node)
{
	if (fdt_get_path(fdt, node, text, sizeof(text) / 2) == 0)
		return strlen(text);
	/* Too deep to print whole: its own name, then. */
	return scnprintf(text, sizeof(text) / 2, "%s",
			 fdt_get_name(fdt, node, NULL));
}

const char *why_node(const void *fdt, int node, const char *what)
{
	size_t n = put_path(fdt, node);

	scnprintf(text + n, sizeof(text) - n, ": %s", what);
	return text;
}

const char *why_reg(const void *fdt, int node, int index, const char *what)
{
	size_t n = put_path(fdt, node);

	scnprintf(text + n, sizeof(text) - n, ": reg: range %d %s", index,
		  what);
	return text;
}
