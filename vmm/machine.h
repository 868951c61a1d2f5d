/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that guests see: what a port supplies of it (on Arm,
 * arch/armcommon/machine.c), and what of it the monitor has to know. The
 * processor's own devices, interrupt controller and timers, are the port's
 * altogether: core/arch.h.
 */
#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include "dev/ns16550.h"
#include "dev/pl011.h"
#include "lib/irq_line.h"
#include "lib/types.h"
#include "vmm/fdt_writer.h"
#include "vmm/image.h"

/* Room for the model of its UART. */
union machine_uart {
	struct serial serial;
	struct pl011 pl011;
	struct ns16550 ns16550;
};

struct machine {
	enum image_arch image_arch; /* of the kernels that are its guests */
	/* NULL: kernels are entered anywhere. What is wrong with one that is entered
	 * at `entry` (struct image), on this CPU; or NULL. */
	const char *(*check_entry)(u64 entry);
	const char *compatible;    /* of the device tree's root, and its model */
	u32 intc_phandle;          /* what interrupts are wired to */
	u64 ram_base;              /* guest-physical, 2 MiB aligned */
	u64 ram_end;               /* where devices begin; 0: below ram_base */
	/* Pages of tables that a vCPU takes beside stage 2 and its memcache: for the
	 * limit that a VM has if none is set (B6). */
	unsigned int vcpu_table_pages;
	/* Bytes for each vCPU without which such a limit is refused. */
	u64 vcpu_least_tables;
	/* Blocks for the kernel, be it that they are copied (core/backing.h). */
	bool whole_kernel;
	void (*init_uart)(union machine_uart *uart, const struct irq_line *irq,
			  const struct serial_backend *backend);
	unsigned int uart_irq;     /* as arch_vm_set_irq() counts */
	const char *uart_path;     /* in the device tree */
	/* The nodes of the device tree that stand for CPUs and devices: all but
	 * /chosen and the memory. Two cells each of address and size. Where
	 * devices are may depend on the granule of stage 2 (bytes). */
	void (*write_nodes)(struct fdt_writer *w, unsigned int cpus,
			    u64 granule);
};

/* Supplied by the port. */
extern const struct machine machine;

#endif
