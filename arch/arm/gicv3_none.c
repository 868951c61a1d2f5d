// SPDX-License-Identifier: BSD-2-Clause
/* No ARMv7 CPU has a GICv3's interface. */
#include "arch/armcommon/arm.h"
#include "drivers/gic.h"
#include "drivers/why.h"
#include "lib/errno.h"

int gicv3_init(const void *fdt, int node, gic_map_fn map, const char **why)
{
	*why = why_node(fdt, node, "compatible: this CPU has no interface of a "
				   "GICv3; the board must have a GICv2");
	return -EOPNOTSUPP;
}

void vgic_hw_v3_init(void (*set_phys_active)(unsigned int intid, bool active))
{
}
