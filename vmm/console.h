/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: one physical UART for the hypervisor's messages and every
 * guest's own.
 *
 * Output. With one VM its bytes pass through as they are. With several, each
 * line gets the prefix "[name] "; a line is held back until it is whole, or
 * until the guest has been quiet for a moment (a prompt), after which the rest
 * of it appears at once. Another's line never starts in the middle of one: the
 * open line is ended first, and its rest gets the prefix again. Messages of
 * the hypervisor are whole lines.
 *
 * Nothing waits for the UART: what it does not take stays in a ring, which the
 * UART's interrupt empties. When the ring is full the guest sees its own
 * transmit FIFO full. Only messages of the hypervisor wait.
 *
 * Input goes to the first VM that still runs. It is held until that guest
 * listens: first in a ring, then by not reading the UART. It comes no faster
 * than on a wire, and slower while the guest prints.
 *
 * Locks: console lock after a UART model's and after the log's; only the
 * timers' lock is taken inside. No model is called with it held.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include "core/vm.h"
#include "dev/serial.h"
#include "drivers/uart.h"
#include "lib/types.h"

#define CONSOLE_LINE 256

/* A VM's end of the console. Its owner's memory; the rest is the console's. */
struct console_port {
	struct console_port *next;
	const char *name;
	struct serial *serial;
	bool blocked;      /* a byte was refused: the guest wants to know */
	unsigned int busy; /* serial is in use outside of the lock */
	u64 last;          /* counter when the last byte came */
	unsigned int len;
	u8 line[CONSOLE_LINE]; /* held back */
};

/*
 * The board's UART, mapped and initialised; from now on the log goes there.
 * Polled until console_start(). `uart` may be written again by its owner
 * (mapped elsewhere) until then.
 */
void console_init(const struct uart *uart);

/* The interrupt controller is up: turn to interrupts. `prefix`: there are
 * several VMs. */
void console_start(bool prefix);

/*
 * Give a VM its end. *backend is what to hand to the model. The name and
 * the model must stay until console_close(). Ports are opened in the order of
 * the VMs, before any of them runs.
 */
void console_open(struct console_port *port, const char *name,
		  struct serial *serial, struct serial_backend *backend);
/* The VM is not in a run: print what it wrote last. Waits for the UART. */
void console_drain(struct console_port *port);
/* The VM does not run any more. What it wrote last is printed; when this
 * returns, the console has forgotten port and model (port->serial is NULL). */
void console_close(struct console_port *port);

/* arch: the UART's interrupt has come. Interrupts masked, no lock held. */
void console_interrupt(void);

/* One line for programs that read us: as it stands, no prefix, whole. */
void console_line(const char *line);
/* Wait until everything has left for the UART. */
void console_flush(void);

/*
 * arch: panic. Every message from now on is written at once, polled, with no
 * lock and no ring; what is in the ring is written first. Other CPUs may still
 * run.
 */
void console_panic(void);

#endif
