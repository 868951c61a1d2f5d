// SPDX-License-Identifier: BSD-2-Clause
/*
 * Arm's Versatile Express: the system registers of the motherboard (Arm DUI
 * 0447, "Register descriptions").
 *
 * The boot monitor leaves every CPU but the first waiting for an interrupt in a
 * loop, and in it each looks at SYS_FLAGS: it goes to where that points as soon
 * as it is not zero. All that are woken read the same register.
 */
#include "core/cpu.h"
#include "drivers/io.h"
#include "drivers/irqchip.h"
#include "drivers/power.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/util.h"

#define SYS_FLAGSSET 0x30 /* read: SYS_FLAGS */
#define SYS_FLAGSCLR 0x34
#define SYS_CFGDATA  0xa0
#define SYS_CFGCTRL  0xa4
#define SYSREG_SIZE  SZ_4K

/* Start, write, function "shut down"; of site 0, the motherboard. */
#define CFGCTRL_SHUTDOWN (BIT32(31) | BIT32(30) | 8U << 20)

static volatile u8 *regs;

static int vexpress_init(const void *fdt, power_map_fn map, const char **why)
{
	static const char *const board[] = {"arm,vexpress", NULL};
	static const char *const sysreg[] = {"arm,vexpress-sysreg", NULL};
	int node = fdt_next_with(fdt, -1, "compatible", sysreg);
	u64 base, size;

	*why = "/: no enabled node is compatible with arm,psci-0.2 or "
	       "arm,psci-1.0, and the board is not an arm,vexpress";
	if (!fdt_compatible_any(fdt, 0, board))
		return -ENODEV;
	*why = "/: arm,vexpress without a node that is compatible with "
	       "arm,vexpress-sysreg";
	if (node < 0)
		return -EINVAL;
	if (fdt_reg(fdt, node, 0, &base, &size) || size < SYSREG_SIZE) {
		*why = why_reg(fdt, node, 0,
			       "is missing, malformed or smaller than 4 KiB");
		return -EINVAL;
	}
	regs = map(HPA(base), SYSREG_SIZE);
	if (!regs) {
		*why = why_reg(fdt, node, 0, "cannot be mapped");
		return -EINVAL;
	}
	return 0;
}

static int vexpress_cpu_on(const struct cpu *cpu, hpa_t entry, u64 context)
{
	if (entry.v >> 32)
		return -EINVAL;
	writel(~0U, regs + SYS_FLAGSCLR);
	writel(entry.v, regs + SYS_FLAGSSET);
	/* No order is kept between two devices: it has arrived once it is read
	 * back. */
	if (readl(regs + SYS_FLAGSSET) != entry.v)
		return -EIO;
	irqchip.ops->send_sgi(cpu, SGI_KICK);
	return 0;
}

static void vexpress_off(void)
{
	writel(0, regs + SYS_CFGDATA);
	writel(CFGCTRL_SHUTDOWN, regs + SYS_CFGCTRL);
}

const struct power_driver power_vexpress = {
	.init = vexpress_init,
	.cpu_on = vexpress_cpu_on,
	.off = vexpress_off,
};
