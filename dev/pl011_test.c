// SPDX-License-Identifier: BSD-2-Clause
// link: dev/pl011.c
/* The emulated PL011, as guests' drivers use it. Rows: K22 (interrupts), K11
 * (whatever a guest does), issue rows on input that is piped in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dev/pl011.h"
#include "lib/util.h"

enum {
	DR = 0x00,
	RSR = 0x04,
	FR = 0x18,
	ILPR = 0x20,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	DMACR = 0x48,
};

enum {
	BUSY = 1 << 3,
	RXFE = 1 << 4,
	TXFF = 1 << 5,
	RXFF = 1 << 6,
	TXFE = 1 << 7,
};

enum { RX = 1 << 4, TX = 1 << 5, RT = 1 << 6, OE = 1 << 10 };
enum { FEN = 1 << 4, WLEN8 = 3 << 5 };

static struct {
	struct pl011 p;
	char out[4096]; /* what the backend took */
	size_t sent, room;
	unsigned int ready; /* rx_ready calls */
	bool line;
	unsigned int line_changes;
} t;

static bool backend_tx(void *arg, u8 c)
{
	if (t.room == 0)
		return false;
	t.room--;
	t.out[t.sent++ % sizeof(t.out)] = c;
	return true;
}

static void backend_rx_ready(void *arg)
{
	t.ready++;
}

static void set_line(void *arg, unsigned int irq, bool level)
{
	assert_int_equal(irq, 33);
	assert_int_not_equal(level, t.line);
	t.line = level;
	t.line_changes++;
}

static u64 access_of(u64 offset, unsigned int size, bool write, u64 v)
{
	struct mmio_access a = {
		.offset = offset, .size = size, .write = write, .value = v};

	assert_int_equal(t.p.serial.dev.ops->access(&t.p.serial.dev, NULL, &a), 0);
	return a.value;
}

static u32 rd(u64 offset)
{
	return access_of(offset, 4, false, 0xdeadbeefcafef00d);
}

static void wr(u64 offset, u32 v)
{
	access_of(offset, 4, true, v);
}

static int fresh(void **state)
{
	static const struct irq_line irq = {.set = set_line, .irq = 33};
	static const struct serial_backend backend = {
		.tx = backend_tx, .rx_ready = backend_rx_ready};

	memset(&t, 0, sizeof(t));
	t.room = ~(size_t)0;
	pl011_init(&t.p, GPA(0x09000000), &irq, &backend);
	return 0;
}

static void listen_by_interrupt(void)
{
	wr(LCR_H, WLEN8 | FEN);
	wr(IMSC, RX | RT);
}

/* As the other end does: no more than there is room for. */
static size_t give(const char *s)
{
	size_t n = 0;

	while (s[n] && serial_rx_room(&t.p.serial))
		serial_rx(&t.p.serial, s[n++]);
	return n;
}

/* Read what there is; how many bytes. */
static size_t take(char *buf)
{
	size_t n = 0;

	while (!(rd(FR) & RXFE))
		buf[n++] = rd(DR);
	buf[n] = 0;
	return n;
}

/* ---- Registers ------------------------------------------------------------- */

static void identifies_as_r1p5_primecell(void **state)
{
	u32 periph = 0, cell = 0, i;

	for (i = 0; i < 4; i++) {
		periph |= rd(0xfe0 + 4 * i) << 8 * i;
		cell |= rd(0xff0 + 4 * i) << 8 * i;
	}
	assert_int_equal(periph, 0x00341011);
	assert_int_equal(cell, 0xb105f00d);
}

static void registers_have_reset_values(void **state)
{
	static const struct {
		u64 offset;
		u32 value;
	} reset[] = {
		{RSR, 0}, {ILPR, 0}, {IBRD, 0}, {FBRD, 0},
		{LCR_H, 0}, {CR, 0x300}, {IFLS, 0x12}, {IMSC, 0},
		{RIS, 0}, {MIS, 0}, {DMACR, 0}, {ICR, 0},
		{FR, TXFE | RXFE | 7},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reset); i++)
		assert_int_equal(rd(reset[i].offset), reset[i].value);
	for (i = 0; i <= DMACR; i += 4)
		wr(i, 0xffffffff);
	serial_reset(&t.p.serial);
	for (i = 0; i < ARRAY_SIZE(reset); i++)
		assert_int_equal(rd(reset[i].offset), reset[i].value);
}

static void registers_keep_only_the_bits_they_have(void **state)
{
	static const struct {
		u64 offset;
		u32 mask;
	} rw[] = {
		{ILPR, 0xff}, {IBRD, 0xffff}, {FBRD, 0x3f}, {LCR_H, 0xff},
		{CR, 0xff87}, {IFLS, 0x3f}, {IMSC, 0x7ff}, {DMACR, 7},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rw); i++) {
		wr(rw[i].offset, 0xffffffff);
		assert_int_equal(rd(rw[i].offset), rw[i].mask);
		wr(rw[i].offset, 0);
		assert_int_equal(rd(rw[i].offset), 0);
	}
}

/* K11, bugs.md 30: every offset in every size, and nothing happens. */
static void any_access_is_answered(void **state)
{
	unsigned int offset, size;

	listen_by_interrupt();
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= PL011_SIZE; offset++) {
			u64 v = access_of(offset, size, false, ~0ULL);

			if (size < 8)
				assert_int_equal(v >> size * 8, 0);
			if (offset > DMACR + 3 && offset < 0xfe0)
				assert_int_equal(v, 0);
			access_of(offset, size, true, ~0ULL);
		}
	}
}

static void narrow_accesses_get_their_part(void **state)
{
	wr(IBRD, 0x1234);
	assert_int_equal(access_of(IBRD, 1, false, 0), 0x34);
	assert_int_equal(access_of(IBRD + 1, 1, false, 0), 0x12);
	assert_int_equal(access_of(IBRD, 2, false, 0), 0x1234);
	assert_int_equal(access_of(IBRD + 2, 2, false, 0), 0);
	assert_int_equal(access_of(IBRD, 8, false, ~0ULL), 0);
	access_of(IBRD, 2, true, 0x5678);
	assert_int_equal(rd(IBRD), 0x5678);
	access_of(IBRD + 1, 1, true, 0xff); /* not at the register's start */
	assert_int_equal(rd(IBRD), 0x5678);
	access_of(DR, 1, true, 'x');
	assert_int_equal(t.sent, 1);
	assert_int_equal(t.out[0], 'x');
	assert_int_equal(access_of(FR, 1, false, 0), TXFE | RXFE | 7);
	assert_int_equal(access_of(FR, 2, false, 0), TXFE | RXFE | 7);
}

/* ---- Transmit -------------------------------------------------------------- */

static void sends_at_once_while_there_is_room(void **state)
{
	const char *s = "hello";

	for (; *s; s++) {
		assert_int_equal(rd(FR) & (TXFF | BUSY), 0);
		wr(DR, *s);
	}
	assert_int_equal(t.sent, 5);
	assert_memory_equal(t.out, "hello", 5);
	assert_int_equal(rd(FR) & TXFE, TXFE);
	assert_true(rd(RIS) & TX);
	assert_false(t.line);
}

static void keeps_bytes_in_order_when_the_backend_is_full(void **state)
{
	unsigned int i;

	wr(LCR_H, FEN);
	t.room = 0;
	for (i = 0; i < 32; i++) {
		assert_int_equal(rd(FR) & TXFF, 0);
		wr(DR, 'a' + i);
		assert_int_equal(rd(FR) & (BUSY | TXFE), BUSY);
	}
	assert_int_equal(rd(FR) & TXFF, TXFF);
	wr(DR, '!'); /* no room: lost */
	t.room = 3;
	serial_tx_room(&t.p.serial);
	assert_int_equal(t.sent, 3);
	assert_int_equal(rd(FR) & TXFF, 0);
	wr(DR, 'z'); /* behind the others */
	t.room = 1000;
	serial_tx_room(&t.p.serial);
	assert_int_equal(t.sent, 33);
	for (i = 0; i < 32; i++)
		assert_int_equal((u8)t.out[i], 'a' + i);
	assert_int_equal(t.out[32], 'z');
	assert_int_equal(rd(FR) & (BUSY | TXFE), TXFE);
}

static void without_fifos_one_byte_waits(void **state)
{
	t.room = 0;
	wr(DR, 'a');
	assert_int_equal(rd(FR) & TXFF, TXFF);
	assert_false(rd(RIS) & TX);
	wr(DR, 'b');
	t.room = 10;
	serial_tx_room(&t.p.serial);
	assert_int_equal(t.sent, 1);
	assert_int_equal(t.out[0], 'a');
	assert_true(rd(RIS) & TX);
}

static void transmit_interrupt_comes_at_the_trigger_level(void **state)
{
	static const u8 level[] = {4, 8, 16, 24, 28};
	unsigned int i, n;

	wr(LCR_H, FEN);
	for (i = 0; i < ARRAY_SIZE(level); i++) {
		wr(IFLS, 0x10 | i);
		t.room = 0;
		for (n = 0; n < 32; n++)
			wr(DR, n);
		wr(IMSC, TX);
		assert_false(t.line);
		t.room = 32 - level[i] - 1;
		serial_tx_room(&t.p.serial);
		assert_false(t.line);
		t.room = 1;
		serial_tx_room(&t.p.serial);
		assert_true(t.line);
		assert_int_equal(rd(MIS), TX);
		wr(ICR, TX); /* cleared until the next byte goes */
		assert_false(t.line);
		t.room = 100;
		serial_tx_room(&t.p.serial);
		assert_true(t.line);
		wr(IMSC, 0);
	}
}

static void no_transmit_interrupt_before_the_first_byte(void **state)
{
	wr(LCR_H, FEN);
	wr(IMSC, TX);
	assert_false(t.line);
	serial_tx_room(&t.p.serial);
	assert_false(t.line);
	wr(DR, 'a');
	assert_true(t.line);
}

static void reset_still_sends_what_was_written(void **state)
{
	t.room = 0;
	wr(LCR_H, FEN);
	wr(DR, 'o');
	wr(DR, 'k');
	serial_reset(&t.p.serial);
	assert_int_equal(rd(FR) & BUSY, BUSY);
	t.room = 5;
	serial_tx_room(&t.p.serial);
	assert_memory_equal(t.out, "ok", 2);
	assert_int_equal(rd(FR) & (BUSY | TXFE), TXFE);
}

static void reset_sends_at_once_what_there_is_room_for(void **state)
{
	t.room = 0;
	wr(LCR_H, FEN);
	wr(DR, 'o');
	wr(DR, 'k');
	t.room = 5;
	serial_reset(&t.p.serial);
	assert_int_equal(t.sent, 2);
	assert_memory_equal(t.out, "ok", 2);
	assert_int_equal(rd(FR) & (BUSY | TXFE), TXFE);
	assert_int_equal(rd(RIS), 0);
}

/* The last words of one run are not the first input of the next. */
static void what_waits_for_room_is_not_looped_back(void **state)
{
	t.room = 0;
	wr(LCR_H, FEN);
	wr(DR, 'o');
	wr(DR, 'k');
	serial_reset(&t.p.serial);
	wr(LCR_H, FEN);
	wr(CR, 0x381);
	wr(DR, 'l');
	assert_int_equal(rd(DR), 'l');
	assert_int_equal(rd(FR) & (BUSY | RXFE), BUSY | RXFE);
	t.room = 5;
	serial_tx_room(&t.p.serial);
	assert_int_equal(t.sent, 2);
	assert_memory_equal(t.out, "ok", 2);
	assert_int_equal(rd(FR) & (BUSY | RXFE), RXFE);
}

/* ---- Receive --------------------------------------------------------------- */

static void received_bytes_come_in_order(void **state)
{
	char buf[64];

	listen_by_interrupt();
	assert_int_equal(give("hello"), 5);
	assert_int_equal(rd(FR) & RXFE, 0);
	assert_int_equal(take(buf), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(rd(DR), 0);
}

static void receive_timeout_comes_with_one_byte_and_goes_with_it(void **state)
{
	listen_by_interrupt();
	assert_false(t.line);
	serial_rx(&t.p.serial, 'a');
	assert_true(t.line);
	assert_int_equal(rd(MIS), RT);
	serial_rx(&t.p.serial, 'b');
	rd(DR);
	assert_true(t.line);
	rd(DR);
	assert_false(t.line);
	assert_int_equal(rd(RIS), 0);
}

static void receive_interrupt_comes_at_the_trigger_level(void **state)
{
	static const u8 level[] = {4, 8, 16, 24, 28};
	unsigned int i, n;

	wr(LCR_H, FEN);
	wr(IMSC, RX);
	for (i = 0; i < ARRAY_SIZE(level); i++) {
		wr(IFLS, i << 3);
		for (n = 1; n <= level[i]; n++) {
			assert_false(t.line);
			serial_rx(&t.p.serial, n);
		}
		assert_true(t.line);
		rd(DR);
		assert_false(t.line);
		while (!(rd(FR) & RXFE))
			rd(DR);
	}
}

static void interrupt_clear_lasts_until_something_happens(void **state)
{
	listen_by_interrupt();
	serial_rx(&t.p.serial, 'a');
	serial_rx(&t.p.serial, 'b');
	wr(ICR, 0x7ff);
	assert_false(t.line);
	serial_rx(&t.p.serial, 'c');
	assert_true(t.line);
	wr(ICR, 0x7ff);
	/* A handler that reads one byte is called again for the rest. */
	assert_int_equal(rd(DR), 'a');
	assert_true(t.line);
}

static void without_fifos_each_byte_interrupts(void **state)
{
	wr(IMSC, RX);
	assert_int_equal(serial_rx_room(&t.p.serial), 1);
	serial_rx(&t.p.serial, 'a');
	assert_int_equal(rd(RIS), RX);
	assert_int_equal(rd(FR) & (RXFF | RXFE), RXFF);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	assert_true(t.line);
	assert_int_equal(rd(DR), 'a');
	assert_false(t.line);
	assert_int_equal(serial_rx_room(&t.p.serial), 1);
}

static void overrun_is_reported_and_keeps_what_was_there(void **state)
{
	unsigned int i;

	listen_by_interrupt();
	wr(IMSC, RX | RT | OE);
	for (i = 0; i < 32; i++)
		serial_rx(&t.p.serial, i);
	assert_int_equal(rd(FR) & RXFF, RXFF);
	serial_rx(&t.p.serial, 'x');
	serial_rx(&t.p.serial, 'y');
	assert_int_equal(rd(MIS), RX | RT | OE);
	assert_int_equal(rd(RSR), 8);
	assert_int_equal(rd(DR), 1 << 11); /* byte 0, with the overrun */
	for (i = 1; i < 32; i++)
		assert_int_equal(rd(DR), i);
	assert_int_equal(rd(FR) & RXFE, RXFE);
	assert_int_equal(rd(MIS), OE);
	wr(ICR, OE);
	assert_false(t.line);
	wr(RSR, 0);
	assert_int_equal(rd(RSR), 0);
}

static void backend_is_told_when_there_is_room_again(void **state)
{
	char buf[64];
	unsigned int told;

	listen_by_interrupt();
	told = t.ready;
	assert_int_equal(give("0123456789abcdef0123456789abcdefXYZ"), 32);
	assert_int_equal(t.ready, told);
	rd(DR);
	assert_int_equal(t.ready, told + 1);
	rd(DR); /* there was room already: no need to say so again */
	assert_int_equal(t.ready, told + 1);
	assert_int_equal(take(buf), 30);
	assert_int_equal(t.ready, told + 1);
}

static void turning_fifos_off_and_on_loses_nothing(void **state)
{
	char buf[64];

	listen_by_interrupt();
	assert_int_equal(give("abc"), 3);
	wr(LCR_H, WLEN8);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	assert_int_equal(rd(FR) & (RXFE | RXFF), RXFF);
	wr(LCR_H, WLEN8 | FEN);
	assert_int_equal(serial_rx_room(&t.p.serial), 29);
	assert_true(t.line);
	assert_int_equal(take(buf), 3);
	assert_string_equal(buf, "abc");
}

static void reset_forgets_input_and_lowers_the_line(void **state)
{
	listen_by_interrupt();
	give("abc");
	assert_true(t.line);
	serial_reset(&t.p.serial);
	assert_false(t.line);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	listen_by_interrupt();
	assert_int_equal(rd(FR) & RXFE, RXFE);
	assert_false(t.line);
}

static void loopback_receives_what_is_sent(void **state)
{
	wr(LCR_H, FEN);
	wr(CR, 0x381);
	wr(DR, 'l');
	assert_int_equal(t.sent, 0);
	assert_int_equal(rd(FR) & RXFE, 0);
	assert_int_equal(rd(DR), 'l');
	assert_int_equal(rd(FR) & RXFE, RXFE);
}

/* ---- Listening ------------------------------------------------------------- */

static void nothing_is_taken_before_the_guest_listens(void **state)
{
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	wr(LCR_H, WLEN8 | FEN);
	wr(CR, 0x301);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	assert_int_equal(t.ready, 0);
	wr(IMSC, RX | RT);
	assert_int_equal(t.ready, 1);
	assert_int_equal(serial_rx_room(&t.p.serial), 32);
}

static void other_interrupts_do_not_mean_listening(void **state)
{
	wr(IMSC, TX | OE);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
}

static void printing_does_not_mean_listening(void **state)
{
	unsigned int i;

	/* A console that waits for room before and for idle after each byte. */
	for (i = 0; i < 2000; i++) {
		while (rd(FR) & TXFF)
			;
		wr(DR, 'x');
		while (rd(FR) & BUSY)
			;
	}
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
}

static void waiting_for_a_slow_backend_does_not_mean_listening(void **state)
{
	unsigned int i;

	wr(LCR_H, FEN);
	t.room = 0;
	wr(DR, 'x');
	for (i = 0; i < 1000; i++)
		assert_true(rd(FR) & BUSY);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
}

static void polling_for_input_means_listening(void **state)
{
	unsigned int i;
	char buf[64];

	wr(LCR_H, FEN);
	for (i = 0; i < 16; i++) {
		rd(FR);
		assert_int_equal(serial_rx_room(&t.p.serial), 0);
	}
	rd(FR);
	assert_int_equal(serial_rx_room(&t.p.serial), 32);
	assert_int_equal(t.ready, 1);
	assert_int_equal(give("key"), 3);
	assert_false(t.line);
	wr(DR, '>'); /* an echo does not end it */
	assert_int_equal(take(buf), 3);
	assert_string_equal(buf, "key");
	assert_int_equal(serial_rx_room(&t.p.serial), 32);
}

static void a_program_that_never_set_anything_up_can_poll(void **state)
{
	unsigned int i;

	for (i = 0; i < 20; i++)
		rd(FR);
	assert_int_equal(give("ab"), 1);
	assert_int_equal(rd(DR), 'a');
}

/* The Linux driver's start (6.1), register by register: interrupts enabled
 * for an instant, then the FIFO read empty, then enabled for good. */
static void linux_probe(void)
{
	wr(IMSC, 0);
	wr(ICR, 0xffff);
}

static size_t linux_startup(bool backend_is_quick, const char *input)
{
	size_t drained = 0, given = 0;
	unsigned int i;

	wr(ICR, 0x7d0);
	rd(IMSC);
	wr(IMSC, RT | RX);
	if (backend_is_quick)
		given = give(input);
	wr(IMSC, 0);
	wr(IFLS, 0x12);
	wr(CR, (rd(CR) & 0xc00) | 0x301);
	rd(FR);
	wr(ICR, RT | RX);
	for (i = 0; i < 64 && !(rd(FR) & RXFE); i++, drained++)
		rd(DR);
	wr(IMSC, RT | RX);
	assert_int_equal(drained, 0);
	return given;
}

static void linux_start_loses_no_input(void **state)
{
	char buf[64];
	int quick;
	size_t n;

	for (quick = 0; quick < 2; quick++) {
		fresh(NULL);
		linux_probe();
		wr(LCR_H, WLEN8 | FEN);
		assert_int_equal(give("cat\n"), 0);
		n = linux_startup(quick, "cat\n");
		n += give(&"cat\n"[n]);
		assert_int_equal(n, 4);
		assert_true(t.line);
		take(buf);
		assert_string_equal(buf, "cat\n");
		assert_false(t.line);
	}
}

static void linux_after_firmware_loses_no_input(void **state)
{
	unsigned int i;
	char buf[64];

	wr(LCR_H, WLEN8 | FEN);
	wr(CR, 0x301);
	for (i = 0; i < 100; i++)
		rd(FR);
	assert_int_equal(give("boot\n"), 5); /* typed ahead, never read there */
	linux_probe();
	assert_int_equal(rd(FR) & RXFE, RXFE);
	linux_startup(true, "ls\n");
	give("");
	take(buf);
	assert_true(strncmp(buf, "boot\n", 5) == 0);
}

static void masking_the_interrupt_holds_input(void **state)
{
	char buf[64];

	listen_by_interrupt();
	give("abc");
	wr(IMSC, 0); /* a driver whose own buffer is full */
	assert_false(t.line);
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	wr(IMSC, RX | RT);
	assert_true(t.line);
	assert_int_equal(take(buf), 3);
	assert_string_equal(buf, "abc");
}

/* The transmit side of the Linux driver: fill until full, then by interrupt,
 * half a FIFO at a time, until its buffer is empty. */
static void linux_transmit_with_a_backend_that_stops(void **state)
{
	char text[500];
	size_t next = 0, i;
	unsigned int rounds = 0, burst;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 'A' + i % 26;
	listen_by_interrupt();
	t.room = 10;
	while (next < sizeof(text) && !(rd(FR) & TXFF))
		wr(DR, text[next++]);
	assert_int_equal(next, 42);
	wr(IMSC, RX | RT | TX);
	while (next < sizeof(text)) {
		assert_true(rounds++ < 1000);
		if (!t.line) {
			t.room = 7;
			serial_tx_room(&t.p.serial);
			continue;
		}
		assert_true(rd(RIS) & TX);
		for (burst = 0; burst < 16 && next < sizeof(text) &&
				!(rd(FR) & TXFF); burst++)
			wr(DR, text[next++]);
	}
	wr(IMSC, RX | RT);
	t.room = 100;
	serial_tx_room(&t.p.serial);
	assert_int_equal(t.sent, sizeof(text));
	assert_memory_equal(t.out, text, sizeof(text));
}

static void the_line_is_set_only_when_it_changes(void **state)
{
	listen_by_interrupt();
	give("abcdefgh");
	assert_int_equal(t.line_changes, 1);
	wr(IMSC, RX | RT | OE);
	rd(DR);
	assert_int_equal(t.line_changes, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
	const struct CMUnitTest tests[] = {
		T(identifies_as_r1p5_primecell),
		T(registers_have_reset_values),
		T(registers_keep_only_the_bits_they_have),
		T(any_access_is_answered),
		T(narrow_accesses_get_their_part),
		T(sends_at_once_while_there_is_room),
		T(keeps_bytes_in_order_when_the_backend_is_full),
		T(without_fifos_one_byte_waits),
		T(transmit_interrupt_comes_at_the_trigger_level),
		T(no_transmit_interrupt_before_the_first_byte),
		T(reset_still_sends_what_was_written),
		T(reset_sends_at_once_what_there_is_room_for),
		T(what_waits_for_room_is_not_looped_back),
		T(received_bytes_come_in_order),
		T(receive_timeout_comes_with_one_byte_and_goes_with_it),
		T(receive_interrupt_comes_at_the_trigger_level),
		T(interrupt_clear_lasts_until_something_happens),
		T(without_fifos_each_byte_interrupts),
		T(overrun_is_reported_and_keeps_what_was_there),
		T(backend_is_told_when_there_is_room_again),
		T(turning_fifos_off_and_on_loses_nothing),
		T(reset_forgets_input_and_lowers_the_line),
		T(loopback_receives_what_is_sent),
		T(nothing_is_taken_before_the_guest_listens),
		T(other_interrupts_do_not_mean_listening),
		T(printing_does_not_mean_listening),
		T(waiting_for_a_slow_backend_does_not_mean_listening),
		T(polling_for_input_means_listening),
		T(a_program_that_never_set_anything_up_can_poll),
		T(linux_start_loses_no_input),
		T(linux_after_firmware_loses_no_input),
		T(masking_the_interrupt_holds_input),
		T(linux_transmit_with_a_backend_that_stops),
		T(the_line_is_set_only_when_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
