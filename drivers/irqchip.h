/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical interrupt controller (GICv2, GICv3), for the hypervisor's own
 * use. Interrupts are named by INTID: SGI 0-15, PPI 16-31, SPI 32 and up.
 * Priority drop and deactivation are split (EOImode 1), so that a guest's end
 * of interrupt can deactivate a hardware interrupt.
 */
#ifndef DRIVERS_IRQCHIP_H
#define DRIVERS_IRQCHIP_H

#include "lib/types.h"

struct cpu;

struct irqchip_ops {
	/* This CPU's interface and banked interrupts; called on every CPU. */
	void (*init_cpu)(void);
	/* Acknowledge: the INTID of the highest pending interrupt, with the
	 * bits that eoi wants back (GICv2: the SGI's source). 1023: none. */
	u32 (*ack)(void);
	void (*drop)(u32 iar);        /* priority drop */
	void (*deactivate)(u32 iar);
	void (*send_sgi)(const struct cpu *cpu, unsigned int sgi);
	void (*enable)(unsigned int intid, bool on); /* SPI: to the boot CPU */
	void (*set_level)(unsigned int intid, bool level_triggered);
	/* The active state of one of this CPU's PPIs. */
	void (*set_active)(unsigned int intid, bool active);
};

/* Where things are, for the virtual side; hpa 0 and size 0: not there. */
struct irqchip {
	const struct irqchip_ops *ops;
	unsigned int version;          /* 2 or 3 */
	hpa_t gicv, gich;              /* GICv2 virtual and control interfaces */
	u64 gicv_size, gich_size;
	volatile void *gich_regs;
	unsigned int maintenance_irq;  /* PPI */
	unsigned int spis;             /* SPIs implemented */
};

extern struct irqchip irqchip;

/*
 * Find and initialise the distributor from the device tree, then this CPU.
 * `map` maps registers at EL2 (device). -ENODEV: no controller we drive;
 * -EINVAL: its node is broken; -EOPNOTSUPP: it lacks the virtualization
 * extension; *why names node and property.
 */
int irqchip_init(const void *fdt, volatile void *(*map)(hpa_t pa, u64 size),
		 const char **why);

/* An `interrupts` specifier of three cells: its INTID, or -EINVAL. */
int irq_from_cells(const u32 *cells_be, bool *level);

#define IRQ_NONE 1023
#define SGI_KICK 0   /* leave the guest, look at requests */
#define SGI_STOP 1   /* panic elsewhere: stop this CPU */

#endif
