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
	/*
	 * This CPU's interface and banked interrupts; called on every CPU, on
	 * the boot CPU by irqchip_init(). -ENODEV: the controller has nothing
	 * for a CPU of this affinity, or it does not answer: the CPU cannot
	 * take interrupts and must not be used.
	 */
	int (*init_cpu)(void);
	/* Acknowledge: the INTID of the highest pending interrupt, with the
	 * bits that eoi wants back (GICv2: the SGI's source). 1023: none. */
	u32 (*ack)(void);
	void (*drop)(u32 iar);        /* priority drop */
	void (*deactivate)(u32 iar);
	/* A CPU that has not been through init_cpu() yet may be woken together
	 * with all others. */
	void (*send_sgi)(const struct cpu *cpu, unsigned int sgi);
	/* An INTID that the controller does not have is ignored by both. A
	 * shared one goes to the boot CPU, a private one is this CPU's. */
	void (*enable)(unsigned int intid, bool on);
	void (*set_level)(unsigned int intid, bool level_triggered);
	/* The active state of one of this CPU's PPIs. */
	void (*set_active)(unsigned int intid, bool active);
};

/*
 * Where things are, for the virtual side; hpa 0 and size 0: not there.
 *
 * gicv: the two 4 KiB pages of the virtual CPU interface, side by side: what a
 * guest sees as its GICC, GICV_DIR at offset 0x1000. On a board that repeats
 * each page over 64 KiB (GIC-400 on the Zynq UltraScale+) this is not where the
 * device tree's range starts but 60 KiB into it, so map [gicv, gicv + 0x2000)
 * in 4 KiB pages, not a block.
 */
struct irqchip {
	const struct irqchip_ops *ops;
	unsigned int version;          /* 2 or 3 */
	hpa_t gicv, gich;              /* GICv2 virtual and control interfaces */
	u64 gicv_size, gich_size;      /* gicv_size is 0x2000 */
	hpa_t gicv_region;             /* all that the device tree gives it */
	u64 gicv_region_size;
	volatile void *gich_regs;
	unsigned int maintenance_irq;  /* PPI */
	unsigned int spis;             /* SPIs implemented */
	u32 iidr;                      /* GICv2: GICD_IIDR, what it is */
};

extern struct irqchip irqchip;

/*
 * Find and initialise the distributor from the device tree, then this CPU.
 * `map` maps registers at EL2 (device); NULL: it cannot. this_cpu() works and
 * has its hw_id. -ENODEV: no controller we drive; -EINVAL: its node is broken;
 * -EOPNOTSUPP: it lacks the virtualization extension; *why names node and
 * property. Nothing is undone on an error: there is no going on without.
 */
int irqchip_init(const void *fdt, volatile void *(*map)(hpa_t pa, u64 size),
		 const char **why);

/* Interrupt number `index` of a device, as the controller names it, or -EINVAL. */
int irq_of_node(const void *fdt, int node, int index, bool *level);
/* That one comes from now on, to the boot CPU. */
void irq_turn_on(unsigned int irq, bool level);
/* An `interrupts` specifier of three cells (fdt_interrupt()): its INTID, or
 * -EINVAL. */
int irq_from_cells(const u32 *cells_be, bool *level);

#define IRQ_NONE 1023
#define SGI_KICK 0   /* leave the guest, look at requests */
#define SGI_STOP 1   /* panic elsewhere: stop this CPU */

#endif
