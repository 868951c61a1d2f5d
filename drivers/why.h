/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with a device tree, in words: the text behind a *why.
 */
#ifndef DRIVERS_WHY_H
#define DRIVERS_WHY_H

#include "lib/types.h"

/*
 * "/path/of/node: what" in a static buffer that the next call overwrites: for
 * boot, where one CPU runs and the first error ends it. `what` begins with the
 * property's name.
 */
const char *why_node(const void *fdt, int node, const char *what);
/* The same for entry `index` of the node's `reg`. */
const char *why_reg(const void *fdt, int node, int index, const char *what);

#endif
