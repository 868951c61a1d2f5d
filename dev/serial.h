/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the models of UARTs have in common, for whoever is at the other end of the
 * cable: dev/pl011.h, dev/ns16550.h.
 *
 * Locks: each of the functions below takes the model's own lock, which comes
 * before the locks that backend.tx, backend.rx_ready and irq.set take: call with
 * none of those held.
 */
#ifndef DEV_SERIAL_H
#define DEV_SERIAL_H

#include "core/mmio.h"

/* The other end of the cable. Both are called with the model's lock held and
 * must not call back into the model. */
struct serial_backend {
	/* One byte out. False: no room now; the model's FIFO keeps it and
	 * serial_tx_room() must be called when there is room again. */
	bool (*tx)(void *arg, u8 c);
	/* The guest has started to listen, or has read enough that
	 * serial_rx_room() is not 0 any more: more input may be given. Called
	 * with the model's lock held: it may only take note. */
	void (*rx_ready)(void *arg);
	void *arg;
};

struct serial;

struct serial_ops {
	void (*reset)(struct serial *s);
	unsigned int (*rx_room)(struct serial *s);
	void (*rx)(struct serial *s, u8 c);
	void (*tx_room)(struct serial *s);
};

/* The first in a model. */
struct serial {
	struct mmio_device dev;
	const struct serial_ops *ops;
};

/*
 * Registers and received bytes. Bytes that the backend has not yet taken are
 * offered to it once more and, if it has no room, still go out when it has:
 * they are what the guest said last. Until then the UART is busy, and they are
 * never looped back.
 */
static inline void serial_reset(struct serial *s)
{
	s->ops->reset(s);
}

/*
 * How many bytes of input the guest can take now. 0 until the guest listens:
 * input that is typed or piped in before that waits instead of being lost (a
 * guest driver empties its receive FIFO when it starts). It listens while it
 * has receive interrupts enabled, or once it polls the status register for
 * input; bytes already received when it stops listening stay, unseen.
 */
static inline unsigned int serial_rx_room(struct serial *s)
{
	return s->ops->rx_room(s);
}

/* A received byte; dropped with an overrun error when there is no room. */
static inline void serial_rx(struct serial *s, u8 c)
{
	s->ops->rx(s, c);
}

/* The backend has room again: bytes that waited are sent. */
static inline void serial_tx_room(struct serial *s)
{
	s->ops->tx_room(s);
}

#endif
