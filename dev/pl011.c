// SPDX-License-Identifier: BSD-2-Clause
/*
 * Emulated PL011 (Arm DDI 0183G; section numbers below are its).
 *
 * The wire is infinitely fast: a byte that is written to the data register is
 * with the backend before the write returns, unless that has no room. Then the
 * transmit FIFO fills, and its interrupt comes when it has drained to its
 * trigger level. A received byte counts as followed by silence, so it raises
 * the receive timeout at once.
 *
 * Listening. Real terminals have people at them, who wait for a prompt. Ours
 * also have pipes: all the input may be there before the guest's first
 * instruction. A driver that starts throws away what it finds in the FIFO
 * (Linux reads it empty just before it enables the interrupt, and has the
 * interrupt enabled for an instant long before that). So input is for the guest
 * only while it listens:
 *
 *   - while the receive or the receive-timeout interrupt is enabled in IMSC, or
 *   - once it has read the flag register more than POLLS times in a row, with
 *     nothing received and nothing left to send, as a program does that waits
 *     for input; until it writes a control register, as a driver does that
 *     takes over.
 *
 * While it does not listen the FIFO looks empty, serial_rx_room() is 0, and
 * what is in the FIFO stays in it.
 *
 * As on QEMU's model, which guests are made for, UARTEN, TXE and RXE in CR need
 * not be set.
 */
#include "dev/pl011.h"
#include "lib/util.h"

#define DR        0x000
#define RSR       0x004 /* written: ECR, clears it */
#define FR        0x018
#define ILPR      0x020
#define IBRD      0x024
#define FBRD      0x028
#define LCR_H     0x02c
#define CR        0x030
#define IFLS      0x034
#define IMSC      0x038
#define RIS       0x03c
#define MIS       0x040
#define ICR       0x044
#define DMACR     0x048
#define ID        0xfe0 /* eight bytes of identification, one a word */

#define DR_OE     BIT32(11)
#define RSR_OE    BIT32(3)
#define FR_MODEM  (BIT32(0) | BIT32(1) | BIT32(2)) /* CTS, DSR, DCD: present */
#define FR_BUSY   BIT32(3)
#define FR_RXFE   BIT32(4)
#define FR_TXFF   BIT32(5)
#define FR_RXFF   BIT32(6)
#define FR_TXFE   BIT32(7)
#define LCR_FEN   BIT32(4)
#define CR_LBE    BIT32(7)
#define CR_RESET  0x300U /* TXE, RXE */
#define IFLS_RESET 0x12U /* both at one half */
#define INT_RX    BIT32(4)
#define INT_TX    BIT32(5)
#define INT_RT    BIT32(6)
#define INT_OE    BIT32(10)
#define INT_ALL   0x7ffU

#define POLLS     16

/* ---- State ----------------------------------------------------------------- */

/* fr, polls and listening are read without the lock: see flag_register(). */
#define GET(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define SET(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/* Entries that a FIFO has: one when FIFOs are disabled (3.3.7). */
static unsigned int fifo_size(const struct pl011 *p)
{
	return p->lcr & LCR_FEN ? PL011_FIFO : 1;
}

/* IFLS selects 1/8, 1/4, 1/2, 3/4 or 7/8 of the FIFO (3.3.9); the values that
 * are reserved act as 7/8. Without FIFOs: the one entry, full or empty. */
static unsigned int rx_trigger(const struct pl011 *p)
{
	static const u8 level[8] = {4, 8, 16, 24, 28, 28, 28, 28};

	return p->lcr & LCR_FEN ? level[p->ifls >> 3 & 7] : 1;
}

static unsigned int tx_trigger(const struct pl011 *p)
{
	static const u8 level[8] = {4, 8, 16, 24, 28, 28, 28, 28};

	return p->lcr & LCR_FEN ? level[p->ifls & 7] : 0;
}

static unsigned int rx_visible(const struct pl011 *p)
{
	return p->listening || p->cr & CR_LBE ? p->rx_count : 0;
}

/* After every change: the flag register and the interrupt line follow. */
static void update(struct pl011 *p)
{
	u32 fr = FR_MODEM;
	bool level = p->ris & p->imsc;

	if (rx_visible(p) == 0)
		fr |= FR_RXFE;
	else if (p->rx_count >= fifo_size(p))
		fr |= FR_RXFF;
	if (p->tx_count == 0)
		fr |= FR_TXFE;
	else
		fr |= FR_BUSY;
	if (p->tx_count >= fifo_size(p))
		fr |= FR_TXFF;
	SET(p->fr, fr);
	if (level != p->level) {
		p->level = level;
		irq_line_set(&p->irq, level);
	}
}

/* Bytes are there that the guest has not been told of, or not all read. */
static void raise_rx(struct pl011 *p)
{
	if (rx_visible(p) == 0)
		return;
	if (p->rx_count >= rx_trigger(p))
		p->ris |= INT_RX;
	if (p->lcr & LCR_FEN)
		p->ris |= INT_RT;
}

static unsigned int rx_room(const struct pl011 *p)
{
	unsigned int size = fifo_size(p);

	return p->listening && p->rx_count < size ? size - p->rx_count : 0;
}

static void tell_backend(struct pl011 *p, unsigned int room_before)
{
	if (!room_before && rx_room(p) && p->backend.rx_ready)
		p->backend.rx_ready(p->backend.arg);
}

static void set_listening(struct pl011 *p, bool listening)
{
	unsigned int room = rx_room(p);

	if (p->listening == listening)
		return;
	SET(p->listening, listening);
	if (listening)
		raise_rx(p);
	else
		p->ris &= ~(INT_RX | INT_RT);
	tell_backend(p, room);
}

/* A control register was written: whoever polled before may be gone. */
static void stop_polling(struct pl011 *p)
{
	SET(p->polls, 0);
	set_listening(p, p->imsc & (INT_RX | INT_RT));
}

/* ---- Data ------------------------------------------------------------------ */

static void receive(struct pl011 *p, u8 c)
{
	if (p->rx_count >= fifo_size(p)) {
		p->overrun = true;
		p->rsr |= RSR_OE;
		p->ris |= INT_OE;
		return;
	}
	p->rx[(p->rx_head + p->rx_count++) % PL011_FIFO] = c;
	raise_rx(p);
}

static u32 read_data(struct pl011 *p)
{
	unsigned int room = rx_room(p);
	u32 v;

	if (rx_visible(p) == 0)
		return 0;
	v = p->rx[p->rx_head];
	/* Once for each overrun, where a driver that counts them looks. */
	if (p->overrun)
		v |= DR_OE;
	p->overrun = false;
	p->rx_head = (p->rx_head + 1) % PL011_FIFO;
	p->rx_count--;
	if (p->rx_count < rx_trigger(p))
		p->ris &= ~INT_RX;
	if (p->rx_count == 0)
		p->ris &= ~INT_RT;
	else if (p->lcr & LCR_FEN)
		p->ris |= INT_RT; /* silence again, after this read */
	tell_backend(p, room);
	return v;
}

/* As much as the backend takes; the interrupt when that brings the FIFO to
 * its trigger level or leaves it there. What is in the FIFO was written for
 * the wire, and goes there even if loop back was turned on since. */
static void drain(struct pl011 *p)
{
	while (p->tx_count &&
	       p->backend.tx(p->backend.arg, p->tx[p->tx_head])) {
		p->tx_head = (p->tx_head + 1) % PL011_FIFO;
		p->tx_count--;
	}
	if (p->tx_count <= tx_trigger(p))
		p->ris |= INT_TX;
	else
		p->ris &= ~INT_TX;
}

static void write_data(struct pl011 *p, u8 c)
{
	SET(p->polls, 0);
	if (p->cr & CR_LBE) {
		receive(p, c);
		drain(p);
		return;
	}
	if (p->tx_count >= fifo_size(p))
		return; /* lost, as on the hardware */
	p->tx[(p->tx_head + p->tx_count++) % PL011_FIFO] = c;
	drain(p);
}

/* ---- Registers ------------------------------------------------------------- */

static u32 read_id(u64 offset)
{
	/* PeriphID 0x00341011: PL011, Arm, revision r1p5; PrimeCell ID. */
	static const u8 id[8] = {0x11, 0x10, 0x34, 0x00,
				 0x0d, 0xf0, 0x05, 0xb1};

	return id[(offset - ID) / 4];
}

static u32 read_register(struct pl011 *p, u64 offset)
{
	switch (offset) {
	case DR:
		return read_data(p);
	case RSR:
		return p->rsr;
	case FR:
		return p->fr;
	case ILPR:
		return p->ilpr;
	case IBRD:
		return p->ibrd;
	case FBRD:
		return p->fbrd;
	case LCR_H:
		return p->lcr;
	case CR:
		return p->cr;
	case IFLS:
		return p->ifls;
	case IMSC:
		return p->imsc;
	case RIS:
		return p->ris;
	case MIS:
		return p->ris & p->imsc;
	case DMACR:
		return p->dmacr;
	}
	return offset >= ID && offset < PL011_SIZE ? read_id(offset) : 0;
}

/* False: it is no control register. */
static bool write_control(struct pl011 *p, u64 offset, u32 v)
{
	switch (offset) {
	case ILPR:
		p->ilpr = v & 0xff;
		break;
	case IBRD:
		p->ibrd = v & 0xffff;
		break;
	case FBRD:
		p->fbrd = v & 0x3f;
		break;
	case LCR_H:
		p->lcr = v & 0xff;
		break;
	case CR:
		p->cr = v & 0xff87;
		break;
	case IFLS:
		p->ifls = v & 0x3f;
		break;
	case IMSC:
		p->imsc = v & INT_ALL;
		break;
	case ICR:
		p->ris &= ~v;
		break;
	case DMACR:
		p->dmacr = v & 7;
		break;
	default:
		return false;
	}
	return true;
}

static void write_register(struct pl011 *p, u64 offset, u32 v)
{
	unsigned int room = rx_room(p);
	u32 lcr = p->lcr;

	if (offset == DR) {
		write_data(p, v);
	} else if (offset == RSR) {
		p->rsr = 0;
	} else if (write_control(p, offset, v)) {
		stop_polling(p);
		/* FIFOs turned on or off: other levels, other room. What is in
		 * them stays. */
		if ((lcr ^ p->lcr) & LCR_FEN) {
			p->ris &= ~(INT_RX | INT_RT);
			raise_rx(p);
			tell_backend(p, room);
		}
	}
}

/* The flag register was read, nothing received, nothing to send. */
static void count_poll(struct pl011 *p)
{
	u32 polls = GET(p->polls) + 1;

	/* A vCPU that reads at the same time may make us lose one: no harm. */
	SET(p->polls, polls);
	if (likely(polls <= POLLS))
		return;
	spin_lock(&p->lock);
	set_listening(p, true);
	update(p);
	spin_unlock(&p->lock);
}

#define FR_IDLE (FR_RXFE | FR_TXFE)

/* Without the lock: one word, always as some update() left it. */
static inline u32 flag_register(struct pl011 *p)
{
	u32 fr = GET(p->fr);

	if ((fr & FR_IDLE) == FR_IDLE && !GET(p->listening))
		count_poll(p);
	return fr;
}

/*
 * Registers are a word each. A narrower read gets its part of the word; a
 * narrower write, and any that is not at the start of a word, writes what it
 * has there. A 64-bit access meets no register.
 */
static int pl011_access(struct mmio_device *dev, struct vcpu *vcpu,
			struct mmio_access *a)
{
	struct pl011 *p = container_of(dev, struct pl011, serial.dev);
	unsigned int shift = a->offset % 4 * 8;
	u64 offset = a->offset & ~3ULL;

	if (likely(a->offset == FR && !a->write && a->size <= 4)) {
		a->value = flag_register(p);
		return 0;
	}
	if (a->size > 4 || shift + a->size * 8 > 32) {
		a->value = 0;
		return 0;
	}
	spin_lock(&p->lock);
	if (!a->write)
		a->value = read_register(p, offset) >> shift &
			   GENMASK64(a->size * 8 - 1, 0);
	else if (shift == 0)
		write_register(p, offset, a->value);
	update(p);
	spin_unlock(&p->lock);
	return 0;
}

static const struct mmio_ops pl011_ops = {
	.access = pl011_access,
};

/* ---- For its owner ----------------------------------------------------------- */

static struct pl011 *of(struct serial *s)
{
	return container_of(s, struct pl011, serial);
}

/*
 * The transmit FIFO is not emptied but sent, now or when there is room: it holds
 * the last words of the run that has ended, which say why. The new run finds a
 * UART that is busy until then.
 */
static void reset(struct serial *s)
{
	struct pl011 *p = of(s);

	spin_lock(&p->lock);
	drain(p);
	p->rx_head = p->rx_count = 0;
	p->lcr = p->imsc = p->ris = p->rsr = 0;
	p->overrun = false;
	p->ibrd = p->fbrd = p->ilpr = p->dmacr = 0;
	p->cr = CR_RESET;
	p->ifls = IFLS_RESET;
	stop_polling(p);
	update(p);
	spin_unlock(&p->lock);
}

static unsigned int room_now(struct serial *s)
{
	struct pl011 *p = of(s);
	unsigned int room;

	spin_lock(&p->lock);
	room = rx_room(p);
	spin_unlock(&p->lock);
	return room;
}

static void rx(struct serial *s, u8 c)
{
	struct pl011 *p = of(s);

	spin_lock(&p->lock);
	receive(p, c);
	update(p);
	spin_unlock(&p->lock);
}

static void tx_room(struct serial *s)
{
	struct pl011 *p = of(s);

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

void pl011_init(struct pl011 *p, gpa_t base, const struct irq_line *irq,
		const struct serial_backend *backend)
{
	*p = (struct pl011){
		.serial = {
			.dev = {.ops = &pl011_ops,
				.name = "pl011",
				.base = base,
				.size = PL011_SIZE},
			.ops = &serial_ops,
		},
		.irq = *irq,
		.backend = *backend,
	};
	reset(&p->serial);
}
