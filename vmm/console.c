// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/console.h"

#include "core/timer.h"
#include "drivers/irqchip.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/string.h"
#include "lib/util.h"

#define OUT_SIZE 8192 /* powers of two */
#define IN_SIZE 1024

/* Blocked guests are told when at least this much is free: room for a line. */
#define OUT_LOW_WATER (OUT_SIZE / 2)

/* A guest that has been quiet for so long has written a prompt. */
#define PROMPT_DIVISOR 50 /* of a second: 20 ms */
/*
 * How fast input comes: 16 bytes a millisecond, and not while the guest still
 * prints (the echo, or its answer to the line before), but for a burst each
 * 20 ms: Ctrl-C must come through. On a wire without end a program would be
 * flooded before it can look at the first line; many a buffer is small.
 */
#define INPUT_BURST 16
#define INPUT_DIVISOR 1000
#define INPUT_LATEST_DIVISOR 50
/* How often a UART without an interrupt is looked at. */
#define POLL_DIVISOR 100

struct ring {
	u8 *buf;
	unsigned int size, head, count;
};

static u8 out_buf[OUT_SIZE], in_buf[IN_SIZE];

static struct console {
	struct spinlock lock;
	const struct uart *uart;
	bool started, panicked;
	bool prefix;
	struct ring out, in;
	bool tx_irq, rx_irq;
	unsigned int blocked;       /* ports that were refused a byte */
	struct console_port *ports; /* in the order of the VMs */
	/* The line on the terminal has begun and not ended; `owner` began it
	 * (NULL: nobody who could go on with it). */
	bool mid_line;
	struct console_port *owner;
	bool pumping, pump_again;   /* somebody moves input */
	u64 last_input;             /* counter when input was given last */
	struct timer prompt, kick, poll;
} con = {
	.lock = SPINLOCK_INIT,
	.out = {.buf = out_buf, .size = OUT_SIZE},
	.in = {.buf = in_buf, .size = IN_SIZE},
};

/* ---- Rings; the lock is held -------------------------------------------- */

static unsigned int ring_room(const struct ring *r)
{
	return r->size - r->count;
}

static void ring_put(struct ring *r, u8 c)
{
	r->buf[(r->head + r->count++) & (r->size - 1)] = c;
}

static u8 ring_get(struct ring *r)
{
	u8 c = r->buf[r->head];

	r->head = (r->head + 1) & (r->size - 1);
	r->count--;
	return c;
}

/* ---- Output; the lock is held ------------------------------------------- */

static bool tx_ready(void)
{
	return con.uart->driver->tx_ready(con.uart->regs);
}

static void set_tx_irq(bool on)
{
	if (con.tx_irq == on)
		return;
	con.tx_irq = on;
	con.uart->driver->tx_interrupt(con.uart->regs, on);
}

static void drain(void)
{
	while (con.out.count && tx_ready())
		con.uart->driver->tx(con.uart->regs, ring_get(&con.out));
	set_tx_irq(con.out.count && con.started);
}

/* Call whoever waits for output or input, by `deadline` at the latest. */
static void kick_by(u64 deadline)
{
	if (!READ_ONCE(con.kick.cpu) || con.kick.deadline > deadline)
		timer_set(&con.kick, deadline);
}

/*
 * Outside of the interrupt handler: the ring may run empty here, and no
 * interrupt comes that would tell the guests that were refused.
 */
static void drain_and_kick(void)
{
	drain();
	if (con.blocked && ring_room(&con.out) >= OUT_LOW_WATER)
		kick_by(arch_counter());
}

/* There is room. The interrupt that empties the ring comes after the FIFO has
 * been found full, never before: drivers/uart.h. */
static void put_byte(u8 c)
{
	if (!con.out.count && tx_ready()) {
		con.uart->driver->tx(con.uart->regs, c);
		return;
	}
	ring_put(&con.out, c);
	if (con.started)
		set_tx_irq(true);
}

static void put_bytes(const void *s, size_t n)
{
	const u8 *p = s;

	while (n--)
		put_byte(*p++);
}

static void end_line(void)
{
	if (con.mid_line)
		put_bytes("\r\n", 2);
	con.mid_line = false;
	con.owner = NULL;
}

/* Wait until n bytes fit: for the hypervisor's own messages. */
static void make_room(size_t n)
{
	while (ring_room(&con.out) < n)
		drain_and_kick();
}

static void flush(void)
{
	make_room(OUT_SIZE);
}

/*
 * Put a piece of a guest's line on the terminal. False, and nothing is put:
 * there is no room for all of it.
 */
static bool put_piece(struct console_port *p, const u8 *s, size_t n)
{
	bool goes_on = con.mid_line && con.owner == p;
	size_t name = strlen(p->name);

	if (ring_room(&con.out) < n + (goes_on ? 0 : name + 5))
		return false;
	if (!goes_on) {
		end_line();
		put_byte('[');
		put_bytes(p->name, name);
		put_bytes("] ", 2);
	}
	put_bytes(s, n);
	con.mid_line = s[n - 1] != '\n';
	con.owner = p;
	return true;
}

/* ---- Guests' output ----------------------------------------------------- */

static bool put_held(struct console_port *p)
{
	if (p->len && !put_piece(p, p->line, p->len))
		return false;
	p->len = 0;
	return true;
}

static void set_prompt_timer(u64 now)
{
	if (!con.prompt.cpu)
		timer_set(&con.prompt, now + arch_counter_hz() / PROMPT_DIVISOR);
}

/* With a prefix. The lock is held. */
static bool put_prefixed(struct console_port *p, u8 c)
{
	if (!p->len && con.mid_line && con.owner == p)
		return put_piece(p, &c, 1);
	/* A carriage return at the start would bring the cursor back over
	 * the prefix. */
	if (!p->len && c == '\r')
		return true;
	if (p->len == CONSOLE_LINE && !put_held(p))
		return false;
	p->line[p->len++] = c;
	if (c == '\n') {
		if (put_held(p))
			return true;
		p->len--;
		return false;
	}
	set_prompt_timer(p->last);
	return true;
}

static bool put_plain(u8 c)
{
	if (!ring_room(&con.out))
		return false;
	put_byte(c);
	con.mid_line = c != '\n';
	return true;
}

static void set_blocked(struct console_port *p, bool blocked)
{
	con.blocked += blocked - p->blocked;
	p->blocked = blocked;
}

static bool port_tx(void *arg, u8 c)
{
	struct console_port *p = arg;
	bool done;

	spin_lock(&con.lock);
	p->last = arch_counter();
	drain_and_kick();
	done = con.prefix ? put_prefixed(p, c) : put_plain(c);
	set_blocked(p, !done);
	spin_unlock(&con.lock);
	return done;
}

/* Lines that wait for their end and whose guests have gone quiet. */
static void prompt_timer(struct timer *t)
{
	u64 now = arch_counter(), quiet = arch_counter_hz() / PROMPT_DIVISOR;
	struct console_port *p;
	bool more = false;

	spin_lock(&con.lock);
	for (p = con.ports; p; p = p->next) {
		if (p->len && (now - p->last < quiet || !put_held(p)))
			more = true;
	}
	if (more)
		set_prompt_timer(now);
	spin_unlock(&con.lock);
}

/* Tell the guests that were refused; without the lock, in which each of them
 * may write again. A port that is busy stays in the list. */
static void wake_blocked(void)
{
	struct console_port *p;

	spin_lock(&con.lock);
	for (p = con.ports; p; p = p->next) {
		if (!p->blocked || ring_room(&con.out) < OUT_LOW_WATER)
			continue;
		set_blocked(p, false);
		p->busy++;
		spin_unlock(&con.lock);
		serial_tx_room(p->serial);
		spin_lock(&con.lock);
		p->busy--;
	}
	spin_unlock(&con.lock);
}

/* ---- Input -------------------------------------------------------------- */

/* From the UART into the ring. The UART is read only while there is room, and
 * interrupts only then. The lock is held. */
static void fill_input(void)
{
	const struct uart_driver *d = con.uart->driver;
	volatile void *regs = con.uart->regs;
	int c = 0;

	while (ring_room(&con.in) && (c = d->rx(regs)) >= 0)
		ring_put(&con.in, c);
	if (con.rx_irq != (ring_room(&con.in) > 0)) {
		con.rx_irq = !con.rx_irq;
		d->rx_interrupt(regs, con.rx_irq);
	}
}

/* When the guest may be given more. */
static u64 next_input(const struct console_port *p)
{
	u64 hz = arch_counter_hz(), pause = hz / INPUT_DIVISOR;
	u64 quiet = max(con.last_input, p->last) + pause;

	return min(quiet, con.last_input + hz / INPUT_LATEST_DIVISOR);
}

/* Some of the ring to the first guest. Called with the lock, and without
 * another in here; lets it go in between. */
static void deliver_input(struct console_port *p)
{
	unsigned int room, n;
	u8 c;

	if (arch_counter() < next_input(p)) {
		kick_by(next_input(p));
		return;
	}
	p->busy++;
	spin_unlock(&con.lock);
	room = min(serial_rx_room(p->serial), (unsigned int)INPUT_BURST);
	for (n = 0; n < room; n++) {
		spin_lock(&con.lock);
		if (!con.in.count) {
			spin_unlock(&con.lock);
			break;
		}
		c = ring_get(&con.in);
		spin_unlock(&con.lock);
		serial_rx(p->serial, c);
	}
	spin_lock(&con.lock);
	p->busy--;
	if (!n)
		return;
	con.last_input = arch_counter();
	fill_input();
	if (con.in.count)
		kick_by(next_input(p));
}

/*
 * Move input on. One CPU at a time, so that bytes stay in order; another that
 * comes meanwhile has this one look again.
 */
static void pump_input(void)
{
	spin_lock(&con.lock);
	con.pump_again = true;
	if (con.pumping) {
		spin_unlock(&con.lock);
		return;
	}
	con.pumping = true;
	while (con.pump_again) {
		con.pump_again = false;
		fill_input();
		if (con.in.count && con.ports)
			deliver_input(con.ports);
	}
	con.pumping = false;
	spin_unlock(&con.lock);
}

static void kick_timer(struct timer *t)
{
	wake_blocked();
	pump_input();
}

/*
 * The guest takes input again. The model's lock is held, so the input comes
 * from a timer's interrupt. What the ring does not hold comes with the UART's
 * own interrupt.
 */
static void port_rx_ready(void *arg)
{
	struct console_port *p = arg;

	spin_lock(&con.lock);
	if (con.in.count && p == con.ports)
		kick_by(max(arch_counter(), next_input(p)));
	spin_unlock(&con.lock);
}

void console_interrupt(void)
{
	spin_lock(&con.lock);
	con.uart->driver->ack(con.uart->regs);
	drain();
	spin_unlock(&con.lock);
	wake_blocked();
	pump_input();
}

static void poll_timer(struct timer *t)
{
	console_interrupt();
	timer_set(t, arch_counter() + arch_counter_hz() / POLL_DIVISOR);
}

/* ---- Messages ----------------------------------------------------------- */

/* Without lock and ring: in a panic. */
static void write_polled(const char *s, size_t n)
{
	for (; n--; s++) {
		if (*s == '\n')
			uart_putc(con.uart, '\r');
		uart_putc(con.uart, *s);
	}
}

/* The sink of the log: one whole line with its newline. */
static void console_message(const char *line, size_t len)
{
	if (READ_ONCE(con.panicked)) {
		write_polled(line, len);
		return;
	}
	spin_lock(&con.lock);
	make_room(min(len + 4, (size_t)OUT_SIZE));
	end_line();
	put_bytes(line, len - 1);
	put_bytes("\r\n", 2);
	if (!con.started)
		flush();
	spin_unlock(&con.lock);
}

void console_line(const char *line)
{
	char buf[CONSOLE_LINE];
	size_t n = strnlen(line, sizeof(buf) - 1);

	memcpy(buf, line, n);
	buf[n] = '\n';
	console_message(buf, n + 1);
}

void console_flush(void)
{
	spin_lock(&con.lock);
	flush();
	spin_unlock(&con.lock);
}

void console_panic(void)
{
	unsigned int n = con.out.count;

	if (!con.uart || con.panicked)
		return;
	WRITE_ONCE(con.panicked, true);
	/* Another CPU may be at work on the ring: so no more than a ring. */
	for (n = min(n, (unsigned int)OUT_SIZE); n; n--)
		uart_putc(con.uart, ring_get(&con.out));
	if (con.mid_line)
		write_polled("\n", 1);
	con.mid_line = false;
}

/* ---- Set-up ------------------------------------------------------------- */

void console_init(const struct uart *uart)
{
	con.uart = uart;
	timer_init(&con.prompt, prompt_timer);
	timer_init(&con.kick, kick_timer);
	timer_init(&con.poll, poll_timer);
	log_set_sink(console_message);
}

void console_start(bool prefix)
{
	const struct uart *u = con.uart;

	spin_lock(&con.lock);
	con.prefix = prefix;
	con.started = true;
	spin_unlock(&con.lock);
	if (u->irq == IRQ_NONE) {
		poll_timer(&con.poll);
		return;
	}
	irq_turn_on(u->irq, u->level);
	pump_input();
}

void console_open(struct console_port *port, const char *name,
		  struct serial *serial, struct serial_backend *backend)
{
	struct console_port **at;

	*port = (struct console_port){.name = name, .serial = serial};
	*backend = (struct serial_backend){
		.tx = port_tx, .rx_ready = port_rx_ready, .arg = port};
	spin_lock(&con.lock);
	for (at = &con.ports; *at; at = &(*at)->next)
		;
	*at = port;
	spin_unlock(&con.lock);
}

/* What its model still holds, because there was no room: wait for room. */
static void take_rest(struct console_port *port)
{
	while (port->blocked) {
		flush();
		set_blocked(port, false);
		spin_unlock(&con.lock);
		serial_tx_room(port->serial);
		spin_lock(&con.lock);
	}
	while (!put_held(port))
		drain_and_kick();
}

void console_drain(struct console_port *port)
{
	spin_lock(&con.lock);
	take_rest(port);
	spin_unlock(&con.lock);
}

void console_close(struct console_port *port)
{
	struct console_port **at;

	spin_lock(&con.lock);
	take_rest(port);
	/* What was typed for it is nobody else's. */
	if (port == con.ports)
		con.in.count = 0;
	while (port->busy) {
		spin_unlock(&con.lock);
		cpu_relax();
		spin_lock(&con.lock);
	}
	for (at = &con.ports; *at != port; at = &(*at)->next)
		;
	*at = port->next;
	port->serial = NULL;
	if (con.owner == port)
		con.owner = NULL;
	spin_unlock(&con.lock);
	pump_input();
}
