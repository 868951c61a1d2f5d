// SPDX-License-Identifier: BSD-2-Clause
// link: dev/ns16550.c
/* The emulated 16550, as guests' drivers use it. Rows: K22 (interrupts), K11
 * (whatever a guest does). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dev/ns16550.h"
#include "lib/util.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };
enum { FCR = IIR };
enum { DR = 0x01, OE = 0x02, THRE = 0x20, TEMT = 0x40 };
enum { NONE = 1, TX = 2, RX = 4, LINE = 6, TIMEOUT = 12, FIFOS = 0xc0 };

#define SHIFT 3

static struct {
	struct ns16550 p;
	char out[256]; /* what the backend took */
	size_t sent, room;
	unsigned int ready; /* rx_ready calls */
	bool line;
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
	assert_int_equal(irq, 2);
	assert_int_not_equal(level, t.line);
	t.line = level;
}

static u64 access_of(u64 offset, unsigned int size, bool write, u64 v)
{
	struct mmio_access a = {
		.offset = offset, .size = size, .write = write, .value = v};
	struct mmio_device *dev = &t.p.serial.dev;

	assert_int_equal(dev->ops->access(dev, NULL, &a), 0);
	return a.value;
}

static u8 rd(unsigned int reg)
{
	return access_of(reg << SHIFT, 1, false, ~0ULL);
}

static void wr(unsigned int reg, u8 v)
{
	access_of(reg << SHIFT, 1, true, v);
}

static int fresh(void **state)
{
	static const struct irq_line irq = {.set = set_line, .irq = 2};
	static const struct serial_backend backend = {
		.tx = backend_tx, .rx_ready = backend_rx_ready};

	memset(&t, 0, sizeof(t));
	t.room = ~(size_t)0;
	ns16550_init(&t.p, GPA(0x1f000900), SHIFT, &irq, &backend);
	return 0;
}

static size_t give(const char *s)
{
	size_t n = 0;

	while (s[n] && serial_rx_room(&t.p.serial))
		serial_rx(&t.p.serial, s[n++]);
	return n;
}

static void says(const char *s)
{
	t.out[t.sent] = '\0';
	assert_string_equal(t.out, s);
	t.sent = 0;
}

/* ---- Output ------------------------------------------------------------------- */

static void bytes_go_out_and_it_is_empty_again(void **state)
{
	for (const char *s = "hello"; *s; s++) {
		assert_int_equal(rd(LSR), THRE | TEMT);
		wr(DATA, *s);
	}
	says("hello");
	assert_false(t.line);
}

static void what_the_backend_does_not_take_waits(void **state)
{
	wr(FCR, 1);
	t.room = 2;
	for (int i = 0; i < NS16550_FIFO + 4; i++)
		wr(DATA, 'a' + i); /* the last two are lost */
	assert_int_equal(rd(LSR) & (THRE | TEMT), 0);
	says("ab");
	t.room = 100;
	serial_tx_room(&t.p.serial);
	says("cdefghijklmnopqr");
	assert_int_equal(rd(LSR), THRE | TEMT);
}

/* 8.5: it comes when the FIFO is empty, and goes when IIR has said so. */
static void the_transmit_interrupt_is_told_once(void **state)
{
	wr(FCR, 1);
	wr(IER, 2);
	assert_true(t.line);
	assert_int_equal(rd(IIR), TX | FIFOS);
	assert_false(t.line);
	assert_int_equal(rd(IIR), NONE | FIFOS);
	t.room = 0;
	wr(DATA, 'x');
	assert_false(t.line);
	t.room = 1;
	serial_tx_room(&t.p.serial);
	assert_true(t.line);
	wr(IER, 0);
	assert_false(t.line);
	wr(IER, 2);
	assert_true(t.line);
}

/* ---- Input -------------------------------------------------------------------- */

static void input_waits_until_the_guest_listens(void **state)
{
	assert_int_equal(give("x"), 0);
	wr(FCR, 1);
	assert_int_equal(t.ready, 0);
	wr(IER, 1);
	assert_int_equal(t.ready, 1);
	assert_int_equal(give("hello"), 5);
	assert_true(t.line);
	assert_int_equal(rd(LSR), DR | THRE | TEMT);
	for (const char *s = "hello"; *s; s++)
		assert_int_equal(rd(DATA), *s);
	assert_false(t.line);
	assert_int_equal(rd(DATA), 0);
}

/* Linux enables the interrupt, and then the FIFOs (serial8250_do_set_termios()): what
 * a pipe had for it in between is its input all the same. */
static void fifos_that_are_turned_on_lose_nothing(void **state)
{
	wr(FCR, 7);
	wr(FCR, 0);
	rd(LSR);
	rd(DATA);
	wr(IER, 5);
	assert_int_equal(give("cat"), 1);
	wr(LCR, 0x93);
	wr(DATA, 1);
	wr(LCR, 0x13);
	wr(FCR, 1);
	wr(FCR, 0x81);
	assert_int_equal(give("at"), 2);
	for (const char *s = "cat"; *s; s++) {
		assert_int_equal(rd(LSR) & DR, DR);
		assert_int_equal(rd(DATA), *s);
	}
	/* Nor those that are turned off. */
	assert_int_equal(give("two"), 3);
	wr(FCR, 0);
	assert_int_equal(give("x"), 0);
	assert_int_equal(rd(IIR), RX);
	assert_int_equal(rd(DATA), 't');
	assert_int_equal(rd(DATA), 'w');
	assert_int_equal(rd(DATA), 'o');
	assert_int_equal(rd(LSR) & (DR | OE), 0);
	/* What a driver says to itself, as the datasheet has it (8.4). */
	wr(MCR, 0x10);
	wr(DATA, 'l');
	wr(FCR, 1);
	assert_int_equal(rd(LSR) & DR, 0);
}

static void who_polls_listens(void **state)
{
	for (int i = 0; i < 17; i++) {
		assert_int_equal(serial_rx_room(&t.p.serial), 0);
		rd(LSR);
	}
	assert_int_equal(give("ab"), 1); /* no FIFO: one byte */
	assert_int_equal(rd(LSR) & DR, DR);
	assert_int_equal(rd(DATA), 'a');
	/* A driver takes over. */
	wr(LCR, 3);
	assert_int_equal(give("b"), 0);
}

/* FCR's trigger levels, and the time-out below them. */
static void the_interrupt_names_its_reason(void **state)
{
	wr(FCR, 0x81);
	wr(IER, 5);
	give("1234567");
	assert_int_equal(rd(IIR), TIMEOUT | FIFOS);
	give("8");
	assert_int_equal(rd(IIR), RX | FIFOS);
	give("90123456");
	assert_int_equal(serial_rx_room(&t.p.serial), 0);
	serial_rx(&t.p.serial, 'x');
	assert_int_equal(rd(IIR), LINE | FIFOS);
	assert_int_equal(rd(LSR) & (OE | DR), OE | DR);
	assert_int_equal(rd(LSR) & OE, 0);
	assert_int_equal(rd(IIR), RX | FIFOS);
	wr(FCR, 0x83);
	assert_false(t.line);
	assert_int_equal(rd(LSR) & DR, 0);
}

/* As drivers find out whether there is a UART, and which. */
static void a_driver_can_tell_what_it_is(void **state)
{
	wr(MCR, 0x1a);
	assert_int_equal(rd(MSR) & 0xf0, 0x90);
	wr(DATA, 'l');
	assert_int_equal(rd(LSR) & DR, DR);
	assert_int_equal(rd(DATA), 'l');
	wr(MCR, 0);
	assert_int_equal(rd(MSR), 0xb0);
	says("");
	wr(SCR, 0xa5);
	assert_int_equal(rd(SCR), 0xa5);
	wr(LCR, 0x83);
	wr(DATA, 0x12);
	wr(IER, 0x34);
	assert_int_equal(rd(DATA) | rd(IER) << 8, 0x3412);
	wr(LCR, 3);
	assert_int_equal(rd(IER), 0);
	wr(IER, 0xff);
	assert_int_equal(rd(IER), 0x0f);
}

static void a_reset_leaves_nothing_but_what_was_said(void **state)
{
	wr(FCR, 1);
	wr(IER, 3);
	give("input");
	t.room = 0;
	wr(DATA, 'y');
	serial_reset(&t.p.serial);
	assert_false(t.line);
	assert_int_equal(rd(IER), 0);
	assert_int_equal(rd(LSR), 0); /* busy with the last word */
	t.room = 1;
	serial_tx_room(&t.p.serial);
	says("y");
	assert_int_equal(rd(LSR), THRE | TEMT);
}

/* ---- Whatever a guest does ------------------------------------------------------ */

static void between_registers_there_is_nothing(void **state)
{
	access_of((SCR << SHIFT) + 1, 1, true, 0x77);
	assert_int_equal(rd(SCR), 0);
	wr(SCR, 0x66);
	assert_int_equal(access_of((SCR << SHIFT) + 4, 4, false, ~0ULL), 0);
	assert_int_equal(access_of(SCR << SHIFT, 4, false, ~0ULL), 0x66);
}

static void anything_may_be_written_and_read(void **state)
{
	u32 seed = 1;

	for (int i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		t.room = seed >> 16 & 3;
		access_of(seed >> 8 & 0x3f, 1 << (seed >> 14 & 3), seed >> 31,
			  seed >> 20);
		if (seed >> 28 == 7)
			serial_rx(&t.p.serial, seed);
		if (seed >> 28 == 8)
			serial_tx_room(&t.p.serial);
		assert_true(t.p.rx_count <= NS16550_FIFO);
		assert_true(t.p.tx_count <= NS16550_FIFO);
		assert_true(serial_rx_room(&t.p.serial) <= NS16550_FIFO);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
	static const struct CMUnitTest tests[] = {
		T(bytes_go_out_and_it_is_empty_again),
		T(what_the_backend_does_not_take_waits),
		T(the_transmit_interrupt_is_told_once),
		T(input_waits_until_the_guest_listens),
		T(fifos_that_are_turned_on_lose_nothing),
		T(who_polls_listens),
		T(the_interrupt_names_its_reason),
		T(a_driver_can_tell_what_it_is),
		T(a_reset_leaves_nothing_but_what_was_said),
		T(between_registers_there_is_nothing),
		T(anything_may_be_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
