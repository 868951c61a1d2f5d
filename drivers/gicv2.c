// SPDX-License-Identifier: BSD-2-Clause
/* GICv2 with its virtualization extension (Arm IHI 0048B). */
#include "core/cpu.h"
#include "drivers/gic.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"

#define GICD_SGIR       0xf00
#define GICD_CPENDSGIR  0xf10

#define GICC_CTLR       0x0000
#define GICC_PMR        0x0004
#define GICC_BPR        0x0008
#define GICC_IAR        0x000c
#define GICC_EOIR       0x0010
#define GICC_APR        0x00d0
#define GICC_IIDR       0x00fc
#define GICC_DIR        0x1000
#define CTLR_ENABLE     BIT32(0)
#define CTLR_BYPASS     0x1e0U   /* how firmware wants the legacy lines */
#define CTLR_EOIMODE    BIT32(9)

#define GICH_SIZE       0x200
#define CPU_SIZE        0x2000   /* GICC and GICV: two 4 KiB pages */

enum { REG_DIST, REG_CPU, REG_GICH, REG_GICV };

static struct {
	volatile u8 *dist, *cpu;
	u8 target[MAX_CPUS]; /* cpu->id: its bit in GICD_ITARGETSR and SGIR */
} gic;

/* GICD_ITARGETSR0 to 7 are banked and read as the reading CPU's own bit in
 * every byte; as zero where there is only one CPU (4.3.12). */
static u8 read_own_target(void)
{
	u32 v = 0;
	int i;

	for (i = 0; i < GIC_PRIVATE; i += 4)
		v |= readl(gic.dist + GICD_ITARGETSR + i);
	v |= v >> 16;
	v |= v >> 8;
	return v & 0xff ? v & 0xff : 1;
}

static int gicv2_init_cpu(void)
{
	int i;

	gic.target[this_cpu()->id] = read_own_target();
	gic_disable_private(gic.dist);
	gic_reset_private(gic.dist, 0);
	for (i = 0; i < 16; i += 4)
		writel(~0U, gic.dist + GICD_CPENDSGIR + i);
	gic_enable_sgis(gic.dist);
	writel(0xff, gic.cpu + GICC_PMR);
	writel(0, gic.cpu + GICC_BPR);
	for (i = 0; i < 16; i += 4)
		writel(0, gic.cpu + GICC_APR + i);
	writel((readl(gic.cpu + GICC_CTLR) & CTLR_BYPASS) | CTLR_EOIMODE |
		       CTLR_ENABLE,
	       gic.cpu + GICC_CTLR);
	return 0;
}

static u32 gicv2_ack(void)
{
	u32 iar = readl(gic.cpu + GICC_IAR);

	/* What the sender of an SGI wrote before, this CPU has not read before. */
	io_receive();
	/* 1022 means none for us either: it is for the Secure side. */
	return (iar & 0x3ff) > GIC_LAST_SPI ? IRQ_NONE : iar;
}

static void gicv2_drop(u32 iar)
{
	writel(iar, gic.cpu + GICC_EOIR);
}

static void gicv2_deactivate(u32 iar)
{
	writel(iar, gic.cpu + GICC_DIR);
}

static void gicv2_send_sgi(const struct cpu *cpu, unsigned int sgi)
{
	/* Of a CPU that has not been here yet the number is not known. */
	u32 target = gic.target[cpu->id] ?: 0xff;

	io_publish();
	writel(target << 16 | sgi, gic.dist + GICD_SGIR);
}

static void gicv2_enable(unsigned int intid, bool on)
{
	if (gic_has(intid))
		gic_write_bit(gic.dist, on ? GICD_ISENABLER : GICD_ICENABLER,
			      intid);
}

static void gicv2_set_level(unsigned int intid, bool level)
{
	if (gic_has(intid))
		gic_set_level(gic.dist, intid, level);
}

static void gicv2_set_active(unsigned int intid, bool active)
{
	gic_write_bit(gic.dist, active ? GICD_ISACTIVER : GICD_ICACTIVER,
		      intid);
}

static const struct irqchip_ops gicv2_ops = {
	.init_cpu = gicv2_init_cpu,
	.ack = gicv2_ack,
	.drop = gicv2_drop,
	.deactivate = gicv2_deactivate,
	.send_sgi = gicv2_send_sgi,
	.enable = gicv2_enable,
	.set_level = gicv2_set_level,
	.set_active = gicv2_set_active,
};

/*
 * Where the two pages of a CPU interface (GICC or GICV) meet. A board that
 * wants them in different 64 KiB pages repeats the first 4 KiB all over the
 * first 64 KiB, and the second over the next: 128 KiB, and the pages stand side
 * by side at its middle. Then the first page's identification register is
 * found in the last 4 KiB of the first half as well. (Cortex-A57's manual and
 * the Zynq UltraScale+ are like that.)
 */
static u64 pages_offset(volatile u8 *regs, u64 size)
{
	u32 id;

	if (size != 2 * SZ_64K)
		return 0;
	id = readl(regs + GICC_IIDR);
	if ((id >> 16 & 0xf) == 2 && readl(regs + 0xf000 + GICC_IIDR) == id)
		return 0xf000;
	return 0;
}

static void reset_distributor(void)
{
	unsigned int i, lines = gic_lines(readl(gic.dist + GICD_TYPER));
	u32 all_here = read_own_target() * 0x01010101U;

	irqchip.spis = lines - GIC_PRIVATE;
	writel(0, gic.dist + GICD_CTLR);
	/* Group 0 where that is ours to say; a Non-secure write does nothing
	 * and firmware has put them into Group 1. Enable bit 0 is the one that
	 * counts in both cases (4.3.1). */
	gic_disable_spis(gic.dist, lines);
	gic_reset_spis(gic.dist, lines, 0);
	for (i = GIC_PRIVATE; i < lines; i += 4)
		writel(all_here, gic.dist + GICD_ITARGETSR + i);
	writel(1, gic.dist + GICD_CTLR);
}

int gicv2_init(const void *fdt, int node, gic_map_fn map, const char **why)
{
	volatile u8 *gicv, *gich;
	hpa_t pa;
	u64 size;

	if (fdt_reg(fdt, node, REG_GICV, &pa.v, &size) == -ENOENT) {
		*why = why_reg(fdt, node, REG_GICH,
			       "and 3 are missing: no virtual CPU interface");
		return -EOPNOTSUPP;
	}
	gic.dist = gic_map_reg(fdt, node, REG_DIST, SZ_4K, map, &pa, &size, why);
	if (!gic.dist)
		return -EINVAL;
	gic.cpu = gic_map_reg(fdt, node, REG_CPU, CPU_SIZE, map, &pa, &size,
			      why);
	if (!gic.cpu)
		return -EINVAL;
	gic.cpu += pages_offset(gic.cpu, size);
	gich = gic_map_reg(fdt, node, REG_GICH, GICH_SIZE, map, &irqchip.gich,
			   &irqchip.gich_size, why);
	if (!gich)
		return -EINVAL;
	gicv = gic_map_reg(fdt, node, REG_GICV, CPU_SIZE, map, &pa, &size, why);
	if (!gicv)
		return -EINVAL;
	irqchip.gicv = HPA(pa.v + pages_offset(gicv, size));
	irqchip.gicv_size = CPU_SIZE;
	irqchip.gicv_region = pa;
	irqchip.gicv_region_size = size;
	irqchip.gich_regs = gich;
	irqchip.iidr = readl(gic.dist + GICD_IIDR);
	irqchip.version = 2;
	irqchip.ops = &gicv2_ops;
	reset_distributor();
	return 0;
}
