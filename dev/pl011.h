/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated PL011 UART (Arm DDI 0183G), r1p5: 32-entry FIFOs.
 */
#ifndef DEV_PL011_H
#define DEV_PL011_H

#include "dev/serial.h"
#include "lib/irq_line.h"
#include "lib/lock.h"

#define PL011_FIFO 32

struct pl011 {
	struct serial serial;
	struct spinlock lock;
	struct irq_line irq;
	struct serial_backend backend;
	u8 rx[PL011_FIFO], tx[PL011_FIFO];
	u8 rx_head, rx_count, tx_head, tx_count;
	u32 lcr, cr, ifls, imsc, ris, ibrd, fbrd, ilpr, dmacr;
	u32 rsr;        /* receive errors, as RSR shows them */
	u32 fr;         /* the flag register, kept up to date: it is what guests
			 * read most, and it is read without the lock */
	u32 polls;      /* FR reads in a row that found nothing to do */
	bool listening; /* input is shown to the guest */
	bool overrun;   /* not yet seen in DR */
	bool level;     /* of the interrupt line, as set last */
};

#define PL011_SIZE 0x1000

void pl011_init(struct pl011 *p, gpa_t base, const struct irq_line *irq,
		const struct serial_backend *backend);

#endif
