/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical UART: the hypervisor's console. Two lives: before the MMU is on
 * (registers at their physical address, polled output only), and afterwards.
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include "lib/types.h"

struct uart_driver {
	const char *const *compatible; /* ends with NULL */
	u32 size; /* of its registers, bytes: at least that much in reg */
	/* May be NULL: how the registers lie, from its node. */
	void (*configure)(const void *fdt, int node);
	/* Make sure it can transmit; firmware or QEMU may not have. */
	void (*init)(volatile void *regs);
	/* Room for one more byte to send. */
	bool (*tx_ready)(volatile void *regs);
	void (*tx)(volatile void *regs, u8 c);
	/* A received byte, or -1. */
	int (*rx)(volatile void *regs);
	void (*rx_interrupt)(volatile void *regs, bool on);
	/* Interrupt when tx_ready() becomes true. */
	void (*tx_interrupt)(volatile void *regs, bool on);
	/* Clear what can be cleared, in the interrupt handler, before rx/tx. */
	void (*ack)(volatile void *regs);
};

extern const struct uart_driver uart_pl011, uart_cadence, uart_ns16550;
/* Supplied by arch: which there are for its boards; NULL ends them. */
extern const struct uart_driver *const uart_drivers[];

/* A UART found in the device tree. */
struct uart {
	const struct uart_driver *driver;
	hpa_t base;
	u64 size;
	unsigned int irq;      /* irq_of_node(); IRQ_NONE: cannot be had, poll */
	bool level;
	volatile void *regs;   /* where it is mapped now */
};

/*
 * The UART that /chosen stdout-path names (a path or an alias, options after
 * ':' ignored), else the first enabled one with a driver. Runs with the MMU off
 * and on, once the image's relocations are applied; out->driver points into
 * the image as it is addressed at the time. out->regs is the physical address.
 * -ENODEV: none, with the property or compatible at fault in *why.
 */
int uart_find(const void *fdt, struct uart *out, const char **why);
/* Polled, waits for room. Bytes go out as they are: no '\r' before '\n'. */
void uart_putc(const struct uart *u, u8 c);
void uart_write(const struct uart *u, const char *s, size_t len);

#endif
