// SPDX-License-Identifier: BSD-2-Clause
/*
 * Off by a value in a register of the board's system controller: the device-tree
 * bindings syscon-poweroff, and, where there is none, syscon-reboot, which at
 * least ends what ran. It turns no CPU on.
 */
#include "drivers/io.h"
#include "drivers/power.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/util.h"

static volatile u8 *reg;
static u32 mask, value;

static const char *const known[] = {"syscon-poweroff", "syscon-reboot", NULL};

/* Both kinds have the same properties; `value` may be left out, and is all of
 * `mask` then. */
static int read_node(const void *fdt, int node, power_map_fn map,
		     const char **why)
{
	u32 phandle = fdt_u32(fdt, node, "regmap", 0);
	u32 offset = fdt_u32(fdt, node, "offset", ~0U);
	int regmap = phandle ? fdt_node_offset_by_phandle(fdt, phandle) : -1;
	volatile u8 *regs;
	u64 base, size;

	if (regmap < 0 || fdt_reg(fdt, regmap, 0, &base, &size)) {
		*why = why_node(fdt, node, "regmap: must name a node with reg");
		return -EINVAL;
	}
	if (offset % 4 || !range_fits(offset, 4, size)) {
		*why = why_node(fdt, node, "offset: must be in regmap's reg");
		return -EINVAL;
	}
	mask = fdt_u32(fdt, node, "mask", ~0U);
	value = fdt_u32(fdt, node, "value", mask);
	regs = map(HPA(base), size);
	if (!regs) {
		*why = why_node(fdt, node, "regmap: cannot be mapped");
		return -EINVAL;
	}
	reg = regs + offset;
	return 0;
}

static int syscon_init(const void *fdt, power_map_fn map, const char **why)
{
	for (int kind = 0; known[kind]; kind++) {
		const char *const compatible[] = {known[kind], NULL};
		int node = -1;

		while ((node = fdt_next_with(fdt, node, "compatible",
					     compatible)) >= 0)
			if (fdt_enabled(fdt, node))
				return read_node(fdt, node, map, why);
	}
	*why = "/: no enabled node is compatible with syscon-poweroff or "
	       "syscon-reboot";
	return -ENODEV;
}

static int syscon_cpu_on(const struct cpu *cpu, hpa_t entry, u64 context)
{
	return -EOPNOTSUPP;
}

static void syscon_off(void)
{
	writel((readl(reg) & ~mask) | value, reg);
}

const struct power_driver power_syscon = {
	.init = syscon_init,
	.cpu_on = syscon_cpu_on,
	.off = syscon_off,
};
