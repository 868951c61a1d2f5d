/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated 16550 UART (National Semiconductor PC16550D; numbers of sections are
 * its datasheet's): 16-byte FIFOs.
 */
#ifndef DEV_NS16550_H
#define DEV_NS16550_H

#include "dev/serial.h"
#include "lib/irq_line.h"
#include "lib/lock.h"

#define NS16550_FIFO 16

struct ns16550 {
	struct serial serial;
	struct spinlock lock;
	struct irq_line irq;
	struct serial_backend backend;
	u8 rx[NS16550_FIFO], tx[NS16550_FIFO];
	u8 rx_head, rx_count, tx_head, tx_count;
	u8 shift;       /* registers are 1 << shift bytes apart */
	u8 ier, fcr, lcr, mcr, scr, dll, dlm;
	u8 polls;       /* LSR reads in a row that found nothing to do */
	bool listening; /* input is shown to the guest */
	bool overrun;   /* not yet seen in LSR */
	bool thre;      /* the transmitter has run empty: not yet told */
	bool level;     /* of the interrupt line, as set last */
};

/* Eight registers from `base` on, as wide apart as the device tree's reg-shift
 * says, 0 to 4. The first byte of a place is the register, in accesses of any
 * width. */
void ns16550_init(struct ns16550 *p, gpa_t base, unsigned int shift,
		  const struct irq_line *irq,
		  const struct serial_backend *backend);

#endif
