/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two GIC drivers share. The distributor's registers have the same
 * layout in both (IHI 0048B 4.1.2, IHI 0069 12.8), one bit, byte or two bits
 * for each INTID; a GICv3 redistributor's SGI frame repeats the first 32.
 */
#ifndef DRIVERS_GIC_H
#define DRIVERS_GIC_H

#include "drivers/io.h"
#include "drivers/irqchip.h"
#include "lib/util.h"

#define GICD_CTLR        0x0000
#define GICD_TYPER       0x0004
#define GICD_IIDR        0x0008
#define GICD_IGROUPR     0x0080
#define GICD_ISENABLER   0x0100
#define GICD_ICENABLER   0x0180
#define GICD_ICPENDR     0x0280
#define GICD_ISACTIVER   0x0300
#define GICD_ICACTIVER   0x0380
#define GICD_IPRIORITYR  0x0400
#define GICD_ITARGETSR   0x0800
#define GICD_ICFGR       0x0c00

#define GIC_SGIS         0x0000ffffU /* INTIDs 0-15 of a word of bits */
#define GIC_PRIVATE      32
#define GIC_LAST_SPI     1019
/* Everything has one priority, in the half that Non-secure software may use. */
#define GIC_PRIORITY     0xa0a0a0a0U

typedef volatile void *(*gic_map_fn)(hpa_t pa, u64 size);

/* As irqchip_init(): the node is of this kind, fill in `irqchip`. */
int gicv2_init(const void *fdt, int node, gic_map_fn map, const char **why);
int gicv3_init(const void *fdt, int node, gic_map_fn map, const char **why);

/* A range of the node's reg, at least `least` bytes, mapped. The mapped
 * address, or NULL with *why. */
volatile u8 *gic_map_reg(const void *fdt, int node, int index, u64 least,
			 gic_map_fn map, hpa_t *pa, u64 *size,
			 const char **why);

/* GICD_TYPER.ITLinesNumber: how many INTIDs, private ones included. */
unsigned int gic_lines(u32 typer);

/*
 * Shared interrupts [32, lines), the distributor being off: disabled, then, once
 * that has taken effect (GICv3: RWP), idle, level, one priority. What is enabled
 * must not be configured (IHI 0069 12.9).
 */
void gic_disable_spis(volatile u8 *dist, unsigned int lines);
void gic_reset_spis(volatile u8 *dist, unsigned int lines, u32 group);
/* The same for one CPU's 32 private ones. `regs` is the banked part of a GICv2
 * distributor, or a GICv3 SGI frame. The SGIs are what is enabled in the end. */
void gic_disable_private(volatile u8 *regs);
void gic_reset_private(volatile u8 *regs, u32 group);
void gic_enable_sgis(volatile u8 *regs);

/* Device trees may name interrupts that this controller does not implement. */
static inline bool gic_has(unsigned int intid)
{
	return intid < GIC_PRIVATE + irqchip.spis;
}

/* One interrupt's bit in a register of the kind that ignores zeros. */
static inline void gic_write_bit(volatile u8 *regs, unsigned int offset,
				 unsigned int intid)
{
	writel(BIT32(intid % 32), regs + offset + intid / 32 * 4);
}

void gic_set_level(volatile u8 *regs, unsigned int intid, bool level);

#endif
