// SPDX-License-Identifier: BSD-2-Clause
/* GICv3 and GICv4 without LPIs (Arm IHI 0069). */
#include "core/cpu.h"
#include "drivers/gic.h"
#include "drivers/gicv3_sysreg.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/lock.h"

#define GICD_SIZE         0x10000
#define GICD_IROUTER      0x6000
#define GICD_PIDR2        0xffe8
#define PIDR2_ARCH        0xf0U
#define GICD_CTLR_ON      (BIT32(0) | BIT32(1)) /* Group 1, either view */
#define GICD_CTLR_ARE     BIT32(4)
#define GICD_CTLR_RWP     BIT32(31)

/* A redistributor: two frames of 64 KiB, four with virtual LPIs (GICv4). */
#define GICR_FRAME        0x10000
#define GICR_CTLR         0x0000
#define GICR_CTLR_RWP     BIT32(3)
#define GICR_TYPER        0x0008
#define TYPER_VLPIS       BIT64(1)
#define TYPER_LAST        BIT64(4)
#define GICR_WAKER        0x0014
#define WAKER_PROC_SLEEP  BIT32(1)
#define WAKER_CHILD_SLEEP BIT32(2)
#define GICR_SGI          GICR_FRAME /* the second frame */
#define GICR_IGRPMODR0    (GICR_SGI + 0x0d00)

#define SRE_SYSREGS       BIT64(0)
#define SRE_NO_BYPASS     (BIT64(1) | BIT64(2))
#define SRE_LOWER_EL      BIT64(3)
#define CTLR_EOIMODE      BIT64(1)
#define CTLR_PRIBITS      GENMASK64(10, 8)

#define MAX_REGIONS 32

static struct {
	volatile u8 *dist;
	struct {
		volatile u8 *regs;
		u64 size;
	} region[MAX_REGIONS];
	unsigned int regions;
	u64 stride;                    /* redistributor-stride, or 0 */
	volatile u8 *redist[MAX_CPUS]; /* by cpu->id */
} gic;

/* Hardware that never answers must not hang the boot: some 100 ms at the speed
 * of a device access, where it needs microseconds. */
#define PATIENCE 1000000

static bool wait_clear(volatile u8 *reg, u32 bits)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (!(readl(reg) & bits))
			return true;
		cpu_relax();
	}
	return false;
}

/* GICR_TYPER has the affinity as Aff3.Aff2.Aff1.Aff0 in one word. */
static u32 packed_affinity(u64 hw_id)
{
	return (hw_id >> 32 & 0xff) << 24 | (hw_id & 0xffffff);
}

static volatile u8 *find_in_region(volatile u8 *regs, u64 size, u32 affinity)
{
	u64 at = 0, typer, step;

	while (size - at >= 2 * GICR_FRAME) {
		typer = readq(regs + at + GICR_TYPER);
		if (typer >> 32 == affinity)
			return regs + at;
		step = typer & TYPER_VLPIS ? 4 * GICR_FRAME : 2 * GICR_FRAME;
		step = max(step, gic.stride);
		if (typer & TYPER_LAST || size - at < step)
			break;
		at += step;
	}
	return NULL;
}

static volatile u8 *find_redistributor(u64 hw_id)
{
	unsigned int i;
	volatile u8 *r = NULL;

	for (i = 0; i < gic.regions && !r; i++)
		r = find_in_region(gic.region[i].regs, gic.region[i].size,
				   packed_affinity(hw_id));
	return r;
}

static int init_redistributor(void)
{
	volatile u8 *r = find_redistributor(this_cpu()->hw_id);

	if (!r)
		return -ENODEV;
	gic.redist[this_cpu()->id] = r;
	writel(readl(r + GICR_WAKER) & ~WAKER_PROC_SLEEP, r + GICR_WAKER);
	if (!wait_clear(r + GICR_WAKER, WAKER_CHILD_SLEEP))
		return -ENODEV;
	gic_disable_private(r + GICR_SGI);
	if (!wait_clear(r + GICR_CTLR, GICR_CTLR_RWP))
		return -ENODEV;
	gic_reset_private(r + GICR_SGI, ~0U);
	writel(0, r + GICR_IGRPMODR0);
	gic_enable_sgis(r + GICR_SGI);
	return 0;
}

/* Active priorities that firmware left would mask everything. How many
 * registers there are follows from the priority bits (12.2.4). */
static void clear_active_priorities(void)
{
	unsigned int bits = FIELD_GET(CTLR_PRIBITS, icc_read(CTLR)) + 1;

	if (bits >= 7) {
		icc_write(AP1R3, 0);
		icc_write(AP1R2, 0);
	}
	if (bits >= 6)
		icc_write(AP1R1, 0);
	icc_write(AP1R0, 0);
}

static int init_interface(void)
{
	icc_write(SRE_EL2, icc_read(SRE_EL2) | SRE_SYSREGS | SRE_NO_BYPASS |
				   SRE_LOWER_EL);
	icc_sync();
	if (!(icc_read(SRE_EL2) & SRE_SYSREGS))
		return -ENODEV;
	icc_write(PMR, 0xff);
	icc_write(BPR1, 0);
	icc_write(CTLR, CTLR_EOIMODE);
	clear_active_priorities();
	icc_write(IGRPEN1, 1);
	icc_sync();
	return 0;
}

static int gicv3_init_cpu(void)
{
	int err = init_redistributor();

	return err ? err : init_interface();
}

static u32 gicv3_ack(void)
{
	u32 iar = icc_read(IAR1) & 0xffffff;

	icc_complete();
	return iar > GIC_LAST_SPI ? IRQ_NONE : iar;
}

static void gicv3_drop(u32 iar)
{
	icc_write(EOIR1, iar);
	icc_sync();
}

static void gicv3_deactivate(u32 iar)
{
	icc_write(DIR, iar);
	icc_sync();
}

/* ICC_SGI1R_EL1: Aff3.Aff2.Aff1 and one bit of sixteen for Aff0, the range
 * selector saying which sixteen. */
static u64 sgi1r(u64 hw_id, unsigned int sgi)
{
	return (hw_id >> 32 & 0xff) << 48 | (hw_id >> 4 & 0xf) << 44 |
	       (hw_id >> 16 & 0xff) << 32 | (u64)sgi << 24 |
	       (hw_id >> 8 & 0xff) << 16 | BIT64(hw_id & 0xf);
}

static void gicv3_send_sgi(const struct cpu *cpu, unsigned int sgi)
{
	io_publish();
	icc_write(SGI1R, sgi1r(cpu->hw_id, sgi));
	icc_sync();
}

/* Where an interrupt's bits are: this CPU's redistributor or the distributor. */
static volatile u8 *bits_of(unsigned int intid)
{
	return intid < GIC_PRIVATE ? gic.redist[this_cpu()->id] + GICR_SGI
				   : gic.dist;
}

static void gicv3_enable(unsigned int intid, bool on)
{
	if (gic_has(intid))
		gic_write_bit(bits_of(intid),
			      on ? GICD_ISENABLER : GICD_ICENABLER, intid);
}

static void gicv3_set_level(unsigned int intid, bool level)
{
	if (gic_has(intid))
		gic_set_level(bits_of(intid), intid, level);
}

static void gicv3_set_active(unsigned int intid, bool active)
{
	gic_write_bit(bits_of(intid), active ? GICD_ISACTIVER : GICD_ICACTIVER,
		      intid);
}

static const struct irqchip_ops gicv3_ops = {
	.init_cpu = gicv3_init_cpu,
	.ack = gicv3_ack,
	.drop = gicv3_drop,
	.deactivate = gicv3_deactivate,
	.send_sgi = gicv3_send_sgi,
	.enable = gicv3_enable,
	.set_level = gicv3_set_level,
	.set_active = gicv3_set_active,
};

static int map_regions(const void *fdt, int node, gic_map_fn map,
		       const char **why)
{
	u32 i, n = fdt_u32(fdt, node, "#redistributor-regions", 1);
	hpa_t pa;
	u64 size;

	if (n == 0 || n > MAX_REGIONS) {
		*why = why_node(fdt, node, "#redistributor-regions: "
					   "must be 1 to 32");
		return -EINVAL;
	}
	for (i = 0; i < n; i++) {
		gic.region[i].regs = gic_map_reg(fdt, node, 1 + i,
						 2 * GICR_FRAME, map, &pa,
						 &size, why);
		if (!gic.region[i].regs)
			return -EINVAL;
		gic.region[i].size = size;
	}
	gic.regions = n;
	return 0;
}

static int read_stride(const void *fdt, int node, const char **why)
{
	int err = fdt_number(fdt, node, "redistributor-stride", &gic.stride);

	if (err == -ENOENT) {
		gic.stride = 0;
		return 0;
	}
	if (err || gic.stride < 2 * GICR_FRAME || gic.stride % GICR_FRAME) {
		*why = why_node(fdt, node, "redistributor-stride: must be a "
					   "multiple of 64 KiB, 128 KiB or more");
		return -EINVAL;
	}
	return 0;
}

static int reset_distributor(const void *fdt, int node, const char **why)
{
	unsigned int i, lines;

	lines = gic_lines(readl(gic.dist + GICD_TYPER));
	irqchip.spis = lines - GIC_PRIVATE;
	writel(0, gic.dist + GICD_CTLR);
	gic_disable_spis(gic.dist, lines);
	if (!wait_clear(gic.dist + GICD_CTLR, GICD_CTLR_RWP)) {
		*why = why_reg(fdt, node, 0, "is no GIC: it stays busy");
		return -EINVAL;
	}
	gic_reset_spis(gic.dist, lines, ~0U);
	/* Routing by affinity takes effect only with ARE set. */
	writel(GICD_CTLR_ARE, gic.dist + GICD_CTLR);
	wait_clear(gic.dist + GICD_CTLR, GICD_CTLR_RWP);
	for (i = GIC_PRIVATE; i < lines; i++)
		writeq(this_cpu()->hw_id, gic.dist + GICD_IROUTER + i * 8);
	writel(GICD_CTLR_ARE | GICD_CTLR_ON, gic.dist + GICD_CTLR);
	wait_clear(gic.dist + GICD_CTLR, GICD_CTLR_RWP);
	return 0;
}

int gicv3_init(const void *fdt, int node, gic_map_fn map, const char **why)
{
	hpa_t pa;
	u64 size;
	u32 arch;
	int err;

	gic.dist = gic_map_reg(fdt, node, 0, GICD_SIZE, map, &pa, &size, why);
	if (!gic.dist)
		return -EINVAL;
	arch = FIELD_GET(PIDR2_ARCH, readl(gic.dist + GICD_PIDR2));
	if (arch != 3 && arch != 4) {
		*why = why_reg(fdt, node, 0, "is no GICv3 distributor");
		return -EINVAL;
	}
	err = read_stride(fdt, node, why);
	if (!err)
		err = map_regions(fdt, node, map, why);
	if (!err)
		err = reset_distributor(fdt, node, why);
	if (err)
		return err;
	irqchip.version = 3;
	irqchip.ops = &gicv3_ops;
	return 0;
}
