/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated PL011 UART (Arm DDI 0183G), r1p5: 32-entry FIFOs.
 *
 * Locks: each function but pl011_init() takes the model's own lock, which
 * comes before the locks that backend.tx, backend.rx_ready and irq.set take:
 * call with none of those held.
 */
#ifndef DEV_PL011_H
#define DEV_PL011_H

#include "core/mmio.h"
#include "lib/irq_line.h"
#include "lib/lock.h"

/* The other end of the cable. Both are called with the model's lock held and
 * must not call back into the model. */
struct serial_backend {
	/* One byte out. False: no room now; the model's FIFO keeps it and
	 * pl011_tx_room() must be called when there is room again. */
	bool (*tx)(void *arg, u8 c);
	/* The guest has started to listen, or has read enough that
	 * pl011_rx_room() is not 0 any more: more input may be given. Called
	 * with the model's lock held: it may only take note. */
	void (*rx_ready)(void *arg);
	void *arg;
};

#define PL011_FIFO 32

struct pl011 {
	struct mmio_device dev;
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
/*
 * Registers and received bytes. Bytes that the backend has not yet taken are
 * offered to it once more and, if it has no room, still go out when it has:
 * they are what the guest said last. Until then FR says BUSY, and they are never
 * looped back.
 */
void pl011_reset(struct pl011 *p);

/*
 * How many bytes of input the guest can take now. 0 until the guest listens:
 * input that is typed or piped in before that waits instead of being lost (a
 * guest driver empties its receive FIFO when it starts). It listens while it
 * has receive interrupts enabled, or once it polls the flag register for
 * input; bytes already received when it stops listening stay, unseen.
 */
unsigned int pl011_rx_room(struct pl011 *p);
/* A received byte; dropped with an overrun error when there is no room. */
void pl011_rx(struct pl011 *p, u8 c);
/* The backend has room again: bytes that waited are sent. */
void pl011_tx_room(struct pl011 *p);

#endif
