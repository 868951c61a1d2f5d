// SPDX-License-Identifier: BSD-2-Clause
/*
 * Emulated 16550.
 *
 * The wire is infinitely fast, and input waits until the guest listens, both as
 * dev/pl011.c explains. It listens
 *
 *   - while the received-data interrupt is enabled in IER, or
 *   - once it has read LSR more than POLLS times in a row, with nothing received
 *     and nothing left to send, until it writes a control register.
 *
 * A received byte counts as followed by silence: the character time-out of 8.4.2,
 * which without its level of the FIFO raises the same interrupt, is at once.
 */
#include "dev/ns16550.h"
#include "lib/util.h"

#define DATA 0 /* RBR, THR; DLL while LCR.DLAB */
#define IER 1  /* DLM */
#define IIR 2  /* read; FCR written */
#define LCR 3
#define MCR 4
#define LSR 5
#define MSR 6
#define SCR 7

#define IER_RX BIT32(0)
#define IER_TX BIT32(1)
#define IER_LINE BIT32(2)
#define IIR_NONE 0x01
#define IIR_TX 0x02
#define IIR_RX 0x04
#define IIR_LINE 0x06
#define IIR_TIMEOUT 0x0c
#define IIR_FIFOS 0xc0
#define FCR_ON BIT32(0)
#define FCR_RX_RESET BIT32(1)
#define FCR_TX_RESET BIT32(2)
#define LCR_DLAB BIT32(7)
#define MCR_LOOP BIT32(4)
#define LSR_DR BIT32(0)
#define LSR_OE BIT32(1)
#define LSR_THRE BIT32(5)
#define LSR_TEMT BIT32(6)
#define MSR_PRESENT 0xb0 /* CTS, DSR, DCD */

#define POLLS 16

static unsigned int fifo_size(const struct ns16550 *p)
{
	return p->fcr & FCR_ON ? NS16550_FIFO : 1;
}

/* Bits 7 and 6 of FCR: 1, 4, 8 or 14 bytes. */
static unsigned int rx_trigger(const struct ns16550 *p)
{
	static const u8 level[] = {1, 4, 8, 14};

	return p->fcr & FCR_ON ? level[p->fcr >> 6] : 1;
}

static unsigned int rx_visible(const struct ns16550 *p)
{
	return p->listening || p->mcr & MCR_LOOP ? p->rx_count : 0;
}

static unsigned int rx_room(const struct ns16550 *p)
{
	unsigned int size = fifo_size(p);

	return p->listening && p->rx_count < size ? size - p->rx_count : 0;
}

/* The highest interrupt that is enabled and pending (table V). */
static u8 pending(const struct ns16550 *p)
{
	if (p->ier & IER_LINE && p->overrun)
		return IIR_LINE;
	if (p->ier & IER_RX && rx_visible(p))
		return rx_visible(p) >= rx_trigger(p) ? IIR_RX : IIR_TIMEOUT;
	if (p->ier & IER_TX && p->thre)
		return IIR_TX;
	return IIR_NONE;
}

/* After every change: the interrupt line follows. */
static void update(struct ns16550 *p)
{
	bool level = pending(p) != IIR_NONE;

	if (level != p->level) {
		p->level = level;
		irq_line_set(&p->irq, level);
	}
}

static void tell_backend(struct ns16550 *p, unsigned int room_before)
{
	if (!room_before && rx_room(p) && p->backend.rx_ready)
		p->backend.rx_ready(p->backend.arg);
}

static void set_listening(struct ns16550 *p, bool listening)
{
	unsigned int room = rx_room(p);

	p->listening = listening;
	tell_backend(p, room);
}

/* A control register was written: whoever polled before may be gone. */
static void stop_polling(struct ns16550 *p)
{
	p->polls = 0;
	set_listening(p, p->ier & IER_RX);
}

/* ---- Data ------------------------------------------------------------------ */

static void receive(struct ns16550 *p, u8 c)
{
	if (p->rx_count >= fifo_size(p)) {
		p->overrun = true;
		return;
	}
	p->rx[(p->rx_head + p->rx_count++) % NS16550_FIFO] = c;
}

static u8 read_data(struct ns16550 *p)
{
	unsigned int room = rx_room(p);
	u8 c;

	p->polls = 0;
	if (!rx_visible(p))
		return 0;
	c = p->rx[p->rx_head];
	p->rx_head = (p->rx_head + 1) % NS16550_FIFO;
	p->rx_count--;
	tell_backend(p, room);
	return c;
}

/* As much as the backend takes. */
static void drain(struct ns16550 *p)
{
	while (p->tx_count &&
	       p->backend.tx(p->backend.arg, p->tx[p->tx_head])) {
		p->tx_head = (p->tx_head + 1) % NS16550_FIFO;
		p->tx_count--;
	}
	if (!p->tx_count)
		p->thre = true;
}

static void write_data(struct ns16550 *p, u8 c)
{
	p->polls = 0;
	p->thre = false;
	if (p->mcr & MCR_LOOP)
		receive(p, c);
	else if (p->tx_count < fifo_size(p)) /* else lost, as on the hardware */
		p->tx[(p->tx_head + p->tx_count++) % NS16550_FIFO] = c;
	drain(p);
}

/* ---- Registers ------------------------------------------------------------- */

static u8 read_lsr(struct ns16550 *p)
{
	u8 v = (rx_visible(p) ? LSR_DR : 0) | (p->overrun ? LSR_OE : 0) |
	       (p->tx_count ? 0 : LSR_THRE | LSR_TEMT);

	p->overrun = false;
	if (v & LSR_DR || p->tx_count || p->listening)
		p->polls = 0;
	else if (p->polls++ >= POLLS)
		set_listening(p, true);
	return v;
}

static u8 read_iir(struct ns16550 *p)
{
	u8 v = pending(p);

	/* Reading it, where it says so, is an answer to that one alone. */
	if (v == IIR_TX)
		p->thre = false;
	return v | (p->fcr & FCR_ON ? IIR_FIFOS : 0);
}

/* In loop-back mode, MCR's outputs are MSR's inputs (8.8). */
static u8 read_msr(const struct ns16550 *p)
{
	if (!(p->mcr & MCR_LOOP))
		return MSR_PRESENT;
	return (p->mcr & 0x0c) << 4 | (p->mcr & 0x02) << 3 | (p->mcr & 0x01) << 5;
}

static u8 read_register(struct ns16550 *p, unsigned int reg)
{
	bool dlab = p->lcr & LCR_DLAB;

	switch (reg) {
	case DATA:
		return dlab ? p->dll : read_data(p);
	case IER:
		return dlab ? p->dlm : p->ier;
	case IIR:
		return read_iir(p);
	case LCR:
		return p->lcr;
	case MCR:
		return p->mcr;
	case LSR:
		return read_lsr(p);
	case MSR:
		return read_msr(p);
	default:
		return p->scr;
	}
}

/*
 * FIFOs that are turned on or off are empty after it (8.4). Not so here of what came
 * by the wire: Linux enables the interrupt first and the FIFOs then, and between
 * the two a pipe is faster than any person. What is to be sent goes all the same.
 */
static void write_fcr(struct ns16550 *p, u8 v)
{
	unsigned int room = rx_room(p);
	bool toggled = (v ^ p->fcr) & FCR_ON;

	if (v & FCR_RX_RESET || (toggled && p->mcr & MCR_LOOP))
		p->rx_count = p->rx_head = 0;
	p->fcr = v & FCR_ON ? v & 0xc9 : 0;
	tell_backend(p, room);
}

static void write_ier(struct ns16550 *p, u8 v)
{
	/* Enabled while the transmitter is empty: it says so once more. */
	if (v & ~p->ier & IER_TX && !p->tx_count)
		p->thre = true;
	p->ier = v & 0x0f;
}

static void write_register(struct ns16550 *p, unsigned int reg, u8 v)
{
	bool dlab = p->lcr & LCR_DLAB;

	if (reg == SCR)
		p->scr = v;
	if (reg == DATA && !dlab)
		write_data(p, v);
	if (reg == SCR || reg == LSR || reg == MSR || (reg == DATA && !dlab))
		return;
	if (reg == DATA)
		p->dll = v;
	else if (reg == IER && dlab)
		p->dlm = v;
	else if (reg == IER)
		write_ier(p, v);
	else if (reg == IIR)
		write_fcr(p, v);
	else if (reg == LCR)
		p->lcr = v;
	else
		p->mcr = v & 0x1f;
	stop_polling(p);
}

/* A register is the byte at its place; what is between two reads as zero, and
 * ignores writes. */
static int ns16550_access(struct mmio_device *dev, struct vcpu *vcpu,
			  struct mmio_access *a)
{
	struct ns16550 *p = container_of(dev, struct ns16550, serial.dev);
	unsigned int offset = a->offset, reg = offset >> p->shift; /* of 128 bytes */

	if (!a->write)
		a->value = 0;
	if (reg << p->shift != offset)
		return 0;
	spin_lock(&p->lock);
	if (a->write)
		write_register(p, reg, a->value);
	else
		a->value = read_register(p, reg);
	update(p);
	spin_unlock(&p->lock);
	return 0;
}

static const struct mmio_ops ns16550_ops = {
	.access = ns16550_access,
};

/* ---- For its owner ----------------------------------------------------------- */

static struct ns16550 *of(struct serial *s)
{
	return container_of(s, struct ns16550, serial);
}

static void reset(struct serial *s)
{
	struct ns16550 *p = of(s);

	spin_lock(&p->lock);
	drain(p);
	p->rx_head = p->rx_count = 0;
	p->ier = p->fcr = p->lcr = p->mcr = p->scr = p->dll = p->dlm = 0;
	p->overrun = false;
	p->thre = !p->tx_count;
	stop_polling(p);
	update(p);
	spin_unlock(&p->lock);
}

static unsigned int room_now(struct serial *s)
{
	struct ns16550 *p = of(s);
	unsigned int room;

	spin_lock(&p->lock);
	room = rx_room(p);
	spin_unlock(&p->lock);
	return room;
}

static void rx(struct serial *s, u8 c)
{
	struct ns16550 *p = of(s);

	spin_lock(&p->lock);
	receive(p, c);
	update(p);
	spin_unlock(&p->lock);
}

static void tx_room(struct serial *s)
{
	struct ns16550 *p = of(s);

	spin_lock(&p->lock);
	if (p->tx_count)
		drain(p);
	update(p);
	spin_unlock(&p->lock);
}

static const struct serial_ops serial_ops = {
	.reset = reset,
	.rx_room = room_now,
	.rx = rx,
	.tx_room = tx_room,
};

void ns16550_init(struct ns16550 *p, gpa_t base, unsigned int shift,
		  const struct irq_line *irq,
		  const struct serial_backend *backend)
{
	*p = (struct ns16550){
		.serial = {
			.dev = {.ops = &ns16550_ops,
				.name = "ns16550",
				.base = base,
				.size = 8ULL << shift},
			.ops = &serial_ops,
		},
		.irq = *irq,
		.backend = *backend,
		.shift = shift,
	};
	reset(&p->serial);
}
