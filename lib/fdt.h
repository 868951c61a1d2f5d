/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device-tree access on top of libfdt: what several rooms need.
 */
#ifndef LIB_FDT_H
#define LIB_FDT_H

#include <libfdt.h>
#include "lib/types.h"

/* A whole tree that is sane to read: magic, version, sizes within `max`.
 * 0 or a -FDT_ERR_*. */
int fdt_validate(const void *fdt, size_t max);

/*
 * Range number `index` of `reg`, with the parent's #address-cells and
 * #size-cells, translated through every `ranges` up to the root.
 * -ENOENT: no such index or no reg; -EINVAL: malformed.
 */
int fdt_reg(const void *fdt, int node, int index, u64 *base, u64 *size);
/* The same without translation: for nodes that are not on a bus, such as the
 * boot modules under /chosen, whose addresses are the CPU's own. */
int fdt_reg_local(const void *fdt, int node, int index, u64 *base, u64 *size);

/*
 * The next node behind `from` (-1: from the root on) whose `property`, a list
 * of strings such as compatible or device_type, has any of the NULL-terminated
 * `values`. -ENOENT.
 */
int fdt_next_with(const void *fdt, int from, const char *property,
		  const char *const *values);

/* The node at an absolute path, each name in full, unit address included.
 * -ENOENT. Does not stand in for libfdt's search where aliases or abbreviated
 * names are wanted. */
int fdt_node_at(const void *fdt, const char *path);

/* One u32 property; `def` when it is missing or not 4 bytes. */
u32 fdt_u32(const void *fdt, int node, const char *name, u32 def);
/* A number of one or two cells. -ENOENT, -EINVAL. */
int fdt_number(const void *fdt, int node, const char *name, u64 *out);
/* "okay", "ok" or no status. */
bool fdt_enabled(const void *fdt, int node);
/* Is the node compatible with any string of the NULL-terminated list? */
bool fdt_compatible_any(const void *fdt, int node, const char *const *list);
/* First interrupt specifier of three cells (big-endian), looking at
 * `interrupts` then; NULL if there is none at `index`. */
const u32 *fdt_interrupt(const void *fdt, int node, int index);

#endif
