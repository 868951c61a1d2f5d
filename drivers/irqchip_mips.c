// SPDX-License-Identifier: BSD-2-Clause
/*
 * The interrupts of a MIPS CPU itself: eight, named by their bits in Cause.IP
 * (binding mti,cpu-interrupt-controller: one cell).
 */
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/fdt.h"

static const char *const compatible[] = {"mti,cpu-interrupt-controller", NULL};

/* What the nearest interrupt-parent names, from the node itself up. */
static int parent_of(const void *fdt, int node)
{
	for (; node >= 0; node = fdt_parent_offset(fdt, node)) {
		u32 phandle = fdt_u32(fdt, node, "interrupt-parent", 0);

		if (phandle)
			return fdt_node_offset_by_phandle(fdt, phandle);
	}
	return node;
}

int irq_of_node(const void *fdt, int node, int index, bool *level)
{
	int parent = parent_of(fdt, node), len;
	const fdt32_t *p = fdt_getprop(fdt, node, "interrupts", &len);

	*level = true;
	if (parent < 0 || !fdt_compatible_any(fdt, parent, compatible) || !p ||
	    index < 0 || index >= len / (int)sizeof(*p) ||
	    fdt32_to_cpu(p[index]) > 7)
		return -EINVAL;
	return fdt32_to_cpu(p[index]);
}
