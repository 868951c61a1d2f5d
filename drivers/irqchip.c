// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/irqchip.h"
#include "drivers/gic.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/lock.h"

struct irqchip irqchip;

/* One after the other: `known` is all of them, the others start in it. */
static const char *const known[] = {
	/* GICv1, or GICv2 without a virtual CPU interface */
	"arm,cortex-a9-gic", "arm,cortex-a5-gic", "arm,pl390",
	"arm,arm11mp-gic",
	"arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,gic-400",
	"arm,gic-v3", NULL};
static const char *const *const gicv2 = known + 4;
static const char *const *const gicv3 = known + 7;

/* The maintenance interrupt: the controller's own, a PPI. */
static int read_maintenance(const void *fdt, int node, const char **why)
{
	bool level;
	int irq = irq_of_node(fdt, node, 0, &level);

	if (irq < 16 || irq >= GIC_PRIVATE) {
		*why = why_node(fdt, node,
				"interrupts: no maintenance interrupt (a PPI)");
		return -EINVAL;
	}
	irqchip.maintenance_irq = irq;
	return 0;
}

int irqchip_init(const void *fdt, gic_map_fn map, const char **why)
{
	int node = -1, err;

	while ((node = fdt_next_with(fdt, node, "compatible", known)) >= 0) {
		if (!fdt_getprop(fdt, node, "interrupt-controller", NULL) ||
		    !fdt_enabled(fdt, node))
			continue;
		if (fdt_compatible_any(fdt, node, gicv3))
			err = gicv3_init(fdt, node, map, why);
		else if (fdt_compatible_any(fdt, node, gicv2))
			err = gicv2_init(fdt, node, map, why);
		else {
			*why = why_node(fdt, node,
					"compatible: this interrupt controller "
					"has no virtualization extension");
			err = -EOPNOTSUPP;
		}
		if (!err)
			err = read_maintenance(fdt, node, why);
		return err ? err : irqchip.ops->init_cpu();
	}
	*why = "/: no enabled interrupt-controller is compatible with "
	       "arm,gic-v3, arm,gic-400 or arm,cortex-a15-gic";
	return -ENODEV;
}

/* Interrupt type, number, flags: the binding arm,gic. Extended ranges (types
 * 2 and 3) are beyond what we drive. */
int irq_from_cells(const u32 *cells_be, bool *level)
{
	const fdt32_t *c = (const fdt32_t *)cells_be;
	u32 type = fdt32_ld(c), n = fdt32_ld(c + 1), flags = fdt32_ld(c + 2);

	*level = !(flags & 3);
	if (type == 0 && n <= GIC_LAST_SPI - GIC_PRIVATE)
		return n + GIC_PRIVATE;
	if (type == 1 && n < 16)
		return n + 16;
	return -EINVAL;
}

int irq_of_node(const void *fdt, int node, int index, bool *level)
{
	const u32 *cells = fdt_interrupt(fdt, node, index);

	return cells ? irq_from_cells(cells, level) : -EINVAL;
}

void irq_turn_on(unsigned int irq, bool level)
{
	irqchip.ops->set_level(irq, level);
	irqchip.ops->enable(irq, true);
}

/* ---- What both versions do ------------------------------------------------ */

volatile u8 *gic_map_reg(const void *fdt, int node, int index, u64 least,
			 gic_map_fn map, hpa_t *pa, u64 *size, const char **why)
{
	volatile u8 *regs;

	if (fdt_reg(fdt, node, index, &pa->v, size)) {
		*why = why_reg(fdt, node, index, "is missing or malformed");
		return NULL;
	}
	if (*size < least || pa->v % SZ_4K) {
		*why = why_reg(fdt, node, index,
			       "is too small or not on a page boundary");
		return NULL;
	}
	regs = map(*pa, *size);
	if (!regs)
		*why = why_reg(fdt, node, index, "cannot be mapped");
	return regs;
}

unsigned int gic_lines(u32 typer)
{
	unsigned int lines = ((typer & 0x1f) + 1) * 32;

	return min(lines, GIC_LAST_SPI + 1U);
}

void gic_disable_spis(volatile u8 *dist, unsigned int lines)
{
	unsigned int i;

	for (i = GIC_PRIVATE; i < lines; i += 32)
		writel(~0U, dist + GICD_ICENABLER + i / 8);
}

void gic_reset_spis(volatile u8 *dist, unsigned int lines, u32 group)
{
	unsigned int i;

	for (i = GIC_PRIVATE; i < lines; i += 32) {
		writel(group, dist + GICD_IGROUPR + i / 8);
		writel(~0U, dist + GICD_ICPENDR + i / 8);
		writel(~0U, dist + GICD_ICACTIVER + i / 8);
	}
	for (i = GIC_PRIVATE; i < lines; i += 4)
		writel(GIC_PRIORITY, dist + GICD_IPRIORITYR + i);
	for (i = GIC_PRIVATE; i < lines; i += 16)
		writel(0, dist + GICD_ICFGR + i / 4);
}

void gic_disable_private(volatile u8 *regs)
{
	writel(~0U, regs + GICD_ICENABLER);
}

void gic_reset_private(volatile u8 *regs, u32 group)
{
	unsigned int i;

	writel(group, regs + GICD_IGROUPR);
	writel(~0U, regs + GICD_ICPENDR);
	writel(~0U, regs + GICD_ICACTIVER);
	for (i = 0; i < GIC_PRIVATE; i += 4)
		writel(GIC_PRIORITY, regs + GICD_IPRIORITYR + i);
}

void gic_enable_sgis(volatile u8 *regs)
{
	writel(GIC_SGIS, regs + GICD_ISENABLER);
}

void gic_set_level(volatile u8 *regs, unsigned int intid, bool level)
{
	static struct spinlock lock = SPINLOCK_INIT;
	volatile u8 *reg = regs + GICD_ICFGR + intid / 16 * 4;
	u32 edge = BIT32(intid % 16 * 2 + 1), v;

	/* Sixteen interrupts share the register. */
	spin_lock(&lock);
	v = readl(reg);
	writel(level ? v & ~edge : v | edge, reg);
	spin_unlock(&lock);
}
