// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/console.c lib/log.c lib/printf.c
/*
 * The console, between a UART, timers and PL011 models that the test plays.
 *
 * There is one console, so the tests follow each other on it: the first runs
 * before it is started, the last one panics, and each closes what it opens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/timer.h"
#include "drivers/irqchip.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vmm/console.h"

#define UART_IRQ 33
#define HZ 4000

/* ---- The board: a UART with a transmit FIFO ----------------------------- */

static struct {
	char out[65536]; /* all that was sent */
	size_t sent;
	unsigned int room; /* of the FIFO; FAST: it never fills */
	const char *typed; /* what it has received */
	bool rx_irq, tx_irq;
	unsigned int acks;
} board;

#define FAST 1000000

static void board_init(volatile void *regs)
{
}

static bool board_tx_ready(volatile void *regs)
{
	return board.room;
}

static void board_tx(volatile void *regs, u8 c)
{
	assert_true(board.room);
	if (board.room != FAST)
		board.room--;
	assert_true(board.sent < sizeof(board.out) - 1);
	board.out[board.sent++] = c;
	board.out[board.sent] = '\0';
}

static int board_rx(volatile void *regs)
{
	return board.typed && *board.typed ? (u8)*board.typed++ : -1;
}

static void board_rx_interrupt(volatile void *regs, bool on)
{
	board.rx_irq = on;
}

static void board_tx_interrupt(volatile void *regs, bool on)
{
	board.tx_irq = on;
}

static void board_ack(volatile void *regs)
{
	board.acks++;
}

static const struct uart_driver driver = {
	.init = board_init,
	.tx_ready = board_tx_ready,
	.tx = board_tx,
	.rx = board_rx,
	.rx_interrupt = board_rx_interrupt,
	.tx_interrupt = board_tx_interrupt,
	.ack = board_ack,
};

static struct uart uart = {.driver = &driver, .irq = UART_IRQ, .level = true};

void uart_putc(const struct uart *u, u8 c)
{
	if (!board.room)
		board.room = 1; /* waited */
	board_tx(NULL, c);
}

static bool irq_enabled;

void irq_turn_on(unsigned int irq, bool level)
{
	assert_int_equal(irq, UART_IRQ);
	assert_true(level);
	irq_enabled = true;
}

/* Has the board sent just this since it was last asked? */
static void sent(const char *want)
{
	if (strcmp(board.out, want))
		fail_msg("sent \"%s\" in place of \"%s\"", board.out, want);
	board.sent = 0;
	board.out[0] = '\0';
}

/* The FIFO has emptied, with room for n now. */
static void fifo_empties(unsigned int n)
{
	board.room = n;
	if (board.tx_irq)
		console_interrupt();
}

static void type(const char *s)
{
	board.typed = s;
	if (board.rx_irq)
		console_interrupt();
}

/* ---- Time --------------------------------------------------------------- */

static u64 now = 1000;
static struct timer *queued[8];
static struct cpu *const some_cpu = (struct cpu *)&now;

u64 arch_counter(void)
{
	return now;
}

u64 arch_counter_hz(void)
{
	return HZ;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->cpu = NULL;
	t->fn = fn;
}

void timer_set(struct timer *t, u64 deadline)
{
	unsigned int i;

	t->deadline = deadline;
	for (i = 0; i < ARRAY_SIZE(queued) && t->cpu; i++)
		if (queued[i] == t)
			return;
	t->cpu = some_cpu;
	for (i = 0; queued[i]; i++)
		;
	queued[i] = t;
}

static void wait_ticks(u64 ticks)
{
	unsigned int i;

	now += ticks;
	for (i = 0; i < ARRAY_SIZE(queued); i++) {
		struct timer *t = queued[i];

		if (!t || t->deadline > now)
			continue;
		queued[i] = NULL;
		t->cpu = NULL;
		t->fn(t);
	}
}

static void wait_ms(u64 ms)
{
	wait_ticks(ms * (HZ / 1000));
}

/* ---- A guest with a UART ----------------------------------------------- */

struct guest {
	struct serial serial;
	struct console_port port;
	struct serial_backend backend;
	char tx[4096]; /* its transmit FIFO, as large as a test needs */
	size_t queued;
	char got[4096];
	unsigned int count, room; /* room: for input */
};

static struct guest a, b;

static struct guest *of(struct serial *s)
{
	return container_of(s, struct guest, serial);
}

static unsigned int rx_room(struct serial *s)
{
	return of(s)->room;
}

static void rx(struct serial *s, u8 c)
{
	struct guest *g = of(s);

	assert_true(g->room);
	g->room--;
	g->got[g->count++] = c;
	g->got[g->count] = '\0';
}

static void tx_room(struct serial *s)
{
	struct guest *g = of(s);

	while (g->queued && g->backend.tx(g->backend.arg, g->tx[0]))
		memmove(g->tx, g->tx + 1, --g->queued);
}

static const struct serial_ops serial_ops = {
	.rx_room = rx_room,
	.rx = rx,
	.tx_room = tx_room,
};

/* The guest's program writes; what is not taken stays in its FIFO. */
static void writes(struct guest *g, const char *s)
{
	for (; *s; s++) {
		if (g->queued || !g->backend.tx(g->backend.arg, *s)) {
			assert_true(g->queued < sizeof(g->tx));
			g->tx[g->queued++] = *s;
		}
	}
}

static void listens(struct guest *g, unsigned int room)
{
	bool tell = !g->room && room;

	g->room = room;
	if (tell)
		g->backend.rx_ready(g->backend.arg);
}

static void got(struct guest *g, const char *want)
{
	assert_string_equal(g->got, want);
	g->count = 0;
	g->got[0] = '\0';
}

static void start(bool prefix)
{
	board.room = FAST;
	board.typed = NULL;
	now += HZ;
	console_start(prefix);
	a = (struct guest){.serial.ops = &serial_ops};
	console_open(&a.port, "a", &a.serial, &a.backend);
	if (prefix) {
		b = (struct guest){.serial.ops = &serial_ops};
		console_open(&b.port, "bert", &b.serial, &b.backend);
	}
	board.sent = 0;
	board.out[0] = '\0';
}

static void stop(bool prefix)
{
	board.room = FAST;
	console_flush();
	console_close(&a.port);
	if (prefix)
		console_close(&b.port);
	assert_null(a.port.serial);
	console_line("end");
}

static void start_one(void)
{
	start(false);
}

static void start_two(void)
{
	start(true);
}

static void stop_one(void)
{
	stop(false);
}

static void stop_two(void)
{
	stop(true);
}

/* ---- Before the start --------------------------------------------------- */

static void messages_are_printed_before_the_console_is_started(void **state)
{
	console_init(&uart);
	board.room = FAST;
	log_info("hello %d", 1);
	sent("twofold: hello 1\r\n");
	assert_false(board.tx_irq);
}

/* ---- One VM ------------------------------------------------------------- */

static void one_vms_bytes_pass_through_as_they_are(void **state)
{
	start_one();
	assert_true(irq_enabled);
	writes(&a, "x\r\n\033[2J~ # \xff");
	sent("x\r\n\033[2J~ # \xff");
	stop_one();
}

static void a_message_never_starts_in_the_middle_of_a_line(void **state)
{
	start_one();
	writes(&a, "~ # ");
	log_info("one");
	log_info("two");
	writes(&a, "ls\r\n");
	log_warn("three");
	sent("~ # \r\ntwofold: one\r\ntwofold: two\r\nls\r\n"
	     "twofold: warning: three\r\n");
	stop_one();
}

static void what_the_uart_does_not_take_follows_by_interrupt_in_order(
	void **state)
{
	start_one();
	board.room = 3;
	writes(&a, "abcdefgh");
	sent("abc");
	assert_true(board.tx_irq);
	fifo_empties(4);
	sent("defg");
	assert_true(board.tx_irq);
	fifo_empties(4);
	sent("h");
	assert_false(board.tx_irq);
	writes(&a, "i");
	sent("i");
	stop_one();
}

static void a_guest_faster_than_the_uart_waits_and_loses_nothing(void **state)
{
	static char all[12000];
	size_t i, n = 0;

	start_one();
	for (i = 0; i < sizeof(all) - 1; i++)
		all[i] = 'a' + i % 26;
	board.room = 0;
	/* As much as the ring takes, then until the FIFO holds some. */
	while (!a.queued) {
		char c[2] = {all[n++]};

		writes(&a, c);
	}
	assert_in_range(n, 8000, 9000);
	while (a.queued) {
		fifo_empties(64);
		if (!a.queued && n < sizeof(all) - 1) {
			char c[2] = {all[n++]};

			writes(&a, c);
		}
	}
	board.room = FAST;
	console_flush();
	all[n] = '\0';
	sent(all);
	stop_one();
}

static void a_message_waits_for_room_and_is_whole(void **state)
{
	unsigned int i;

	start_one();
	board.room = 0;
	for (i = 0; i < 8000; i++)
		writes(&a, "x");
	board.room = FAST; /* from now on it takes everything */
	log_info("whole");
	console_flush();
	assert_non_null(strstr(board.out, "x\r\ntwofold: whole\r\n"));
	assert_int_equal(board.sent, 8000 + strlen("\r\ntwofold: whole\r\n"));
	sent(board.out);
	stop_one();
}

/* The ring was emptied by somebody else's output, so no interrupt comes. */
static void a_waiting_guest_is_told_even_without_an_interrupt(void **state)
{
	start_one();
	board.room = 0;
	while (!a.queued)
		writes(&a, "x");
	board.room = FAST;
	log_info("drains the ring");
	assert_int_equal(a.queued, 1);
	wait_ms(0);
	assert_int_equal(a.queued, 0);
	stop_one();
}

static void the_last_words_of_a_guest_are_printed_at_its_end(void **state)
{
	start_one();
	board.room = 0;
	while (a.queued < 5)
		writes(&a, "x");
	writes(&a, "bye");
	board.room = FAST;
	console_close(&a.port);
	assert_int_equal(a.queued, 0);
	assert_string_equal(board.out + board.sent - 3, "bye");
	console_line("done");
	assert_string_equal(board.out + board.sent - 6, "done\r\n");
}

/* ---- Several VMs -------------------------------------------------------- */

static void lines_of_several_vms_are_prefixed_and_whole(void **state)
{
	start_two();
	writes(&a, "from ");
	writes(&b, "hello\r\n");
	writes(&a, "a\n");
	log_info("and me");
	writes(&b, "\r\n");
	sent("[bert] hello\r\n[a] from a\ntwofold: and me\r\n[bert] \n");
	stop_two();
}

static void a_prompt_appears_after_a_moment_and_its_line_goes_on(void **state)
{
	start_two();
	writes(&a, "~ # ");
	sent("");
	wait_ms(10);
	writes(&a, "$");
	wait_ms(15);
	sent("");
	wait_ms(30);
	sent("[a] ~ # $");
	/* What is typed is echoed at once. */
	writes(&a, "l");
	sent("l");
	writes(&a, "s\r\n");
	sent("s\r\n");
	/* The next line is held again. */
	writes(&a, "file");
	sent("");
	wait_ms(30);
	sent("[a] file");
	stop_two();
}

static void another_vm_ends_an_open_line_and_its_rest_is_prefixed(void **state)
{
	start_two();
	writes(&a, "~ # ");
	wait_ms(30);
	writes(&b, "tick\r\n");
	writes(&a, "ls\r\n");
	sent("[a] ~ # \r\n[bert] tick\r\n[a] ls\r\n");
	writes(&a, "~ # ");
	wait_ms(30);
	log_info("hi");
	writes(&a, "x");
	wait_ms(30);
	sent("[a] ~ # \r\ntwofold: hi\r\n[a] x");
	stop_two();
}

static void a_line_longer_than_the_buffer_is_one_line_all_the_same(void **state)
{
	char line[3 * CONSOLE_LINE], want[sizeof(line) + 8];

	start_two();
	memset(line, 'x', sizeof(line) - 2);
	strcpy(line + sizeof(line) - 2, "\n");
	writes(&a, line);
	strcpy(want, "[a] ");
	strcat(want, line);
	sent(want);
	stop_two();
}

static void a_line_that_finds_no_room_comes_whole_later(void **state)
{
	unsigned int i;

	start_two();
	board.room = 0;
	for (i = 0; !a.queued; i++)
		writes(&a, "0123456789\n");
	writes(&b, "waits too\n");
	assert_true(b.queued || b.port.len);
	while (a.queued || b.queued || board.tx_irq)
		fifo_empties(1000);
	/* Every line has its prefix and its end. */
	for (char *s = board.out; *s; s = strchr(s, '\n') + 1)
		assert_true(!strncmp(s, "[a] 0123456789\n", 15) ||
			    !strncmp(s, "[bert] waits too\n", 17));
	assert_non_null(strstr(board.out, "[bert] waits too\n"));
	sent(board.out);
	stop_two();
}

static void the_open_line_of_a_vm_that_ends_is_ended(void **state)
{
	start_two();
	writes(&a, "half");
	console_close(&a.port);
	writes(&b, "on\n");
	sent("[a] half\r\n[bert] on\n");
	console_close(&b.port);
	console_line("end");
}

/* ---- Input -------------------------------------------------------------- */

static void input_waits_until_the_guest_listens(void **state)
{
	start_one();
	type("ls\n");
	got(&a, "");
	listens(&a, 2);
	got(&a, ""); /* the model's lock is held: not now */
	wait_ms(0);
	got(&a, "ls");
	listens(&a, 2);
	wait_ms(1);
	got(&a, "\n");
	wait_ms(1);
	type("x");
	got(&a, "x");
	stop_one();
}

static void input_comes_at_the_pace_of_a_wire(void **state)
{
	start_one();
	listens(&a, 1000);
	type("0123456789abcdef0123456789abcdefxyz");
	got(&a, "0123456789abcdef");
	wait_ms(0);
	got(&a, "");
	wait_ms(1);
	got(&a, "0123456789abcdef");
	wait_ms(1);
	got(&a, "xyz");
	stop_one();
}

static void input_waits_while_the_guest_prints_but_not_for_ever(void **state)
{
	unsigned int i;

	start_one();
	listens(&a, 1000);
	type("0123456789abcdefxyz");
	got(&a, "0123456789abcdef");
	for (i = 0; i < 79; i++) {
		writes(&a, "answer\n");
		wait_ticks(1);
		got(&a, "");
	}
	writes(&a, "answer\n");
	wait_ticks(1);
	got(&a, "xyz");
	wait_ms(20);
	writes(&a, "answer\n");
	type("1");
	wait_ms(1);
	got(&a, "1");
	stop_one();
}

static void input_beyond_the_ring_stays_in_the_uart(void **state)
{
	static char all[3000];
	const char *rest;
	size_t i;

	start_one();
	for (i = 0; i < sizeof(all) - 1; i++)
		all[i] = 'a' + i % 23;
	type(all);
	rest = board.typed;
	assert_in_range(rest - all, 512, 2048);
	assert_false(board.rx_irq);
	while (a.count < sizeof(all) - 1) {
		listens(&a, 16);
		wait_ms(1);
	}
	assert_true(board.rx_irq);
	got(&a, all);
	stop_one();
}

static void input_goes_to_the_first_vm_that_runs(void **state)
{
	start_two();
	listens(&a, 10);
	listens(&b, 10);
	type("one");
	got(&a, "one");
	got(&b, "");
	a.room = 0;
	wait_ms(1);
	type("for a");
	console_close(&a.port);
	type("two");
	got(&b, "two");
	console_close(&b.port);
	console_line("end");
}

static void an_unlistened_second_vm_gets_nothing_when_it_listens(void **state)
{
	start_two();
	type("x");
	listens(&b, 10);
	wait_ms(0);
	got(&b, "");
	stop_two();
}

/* ---- Without an interrupt; panic ---------------------------------------- */

static void a_uart_without_an_interrupt_is_polled(void **state)
{
	uart.irq = IRQ_NONE;
	start_one();
	listens(&a, 10);
	board.typed = "hi";
	wait_ms(10);
	got(&a, "hi");
	board.room = 1;
	writes(&a, "ab");
	sent("a");
	board.room = FAST;
	wait_ms(10);
	sent("b");
	stop_one();
	uart.irq = UART_IRQ;
}

static void a_panic_prints_what_was_waiting_and_goes_on_alone(void **state)
{
	start_one();
	board.room = 1;
	writes(&a, "abc");
	console_panic();
	log_err("broken");
	sent("abc\r\ntwofold: error: broken\r\n");
	console_panic();
	console_line("end");
	sent("end\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			messages_are_printed_before_the_console_is_started),
		cmocka_unit_test(one_vms_bytes_pass_through_as_they_are),
		cmocka_unit_test(
			a_message_never_starts_in_the_middle_of_a_line),
		cmocka_unit_test(
			what_the_uart_does_not_take_follows_by_interrupt_in_order),
		cmocka_unit_test(
			a_guest_faster_than_the_uart_waits_and_loses_nothing),
		cmocka_unit_test(a_message_waits_for_room_and_is_whole),
		cmocka_unit_test(
			a_waiting_guest_is_told_even_without_an_interrupt),
		cmocka_unit_test(
			the_last_words_of_a_guest_are_printed_at_its_end),
		cmocka_unit_test(lines_of_several_vms_are_prefixed_and_whole),
		cmocka_unit_test(
			a_prompt_appears_after_a_moment_and_its_line_goes_on),
		cmocka_unit_test(
			another_vm_ends_an_open_line_and_its_rest_is_prefixed),
		cmocka_unit_test(
			a_line_longer_than_the_buffer_is_one_line_all_the_same),
		cmocka_unit_test(a_line_that_finds_no_room_comes_whole_later),
		cmocka_unit_test(the_open_line_of_a_vm_that_ends_is_ended),
		cmocka_unit_test(input_waits_until_the_guest_listens),
		cmocka_unit_test(input_comes_at_the_pace_of_a_wire),
		cmocka_unit_test(
			input_waits_while_the_guest_prints_but_not_for_ever),
		cmocka_unit_test(input_beyond_the_ring_stays_in_the_uart),
		cmocka_unit_test(input_goes_to_the_first_vm_that_runs),
		cmocka_unit_test(
			an_unlistened_second_vm_gets_nothing_when_it_listens),
		cmocka_unit_test(a_uart_without_an_interrupt_is_polled),
		cmocka_unit_test(
			a_panic_prints_what_was_waiting_and_goes_on_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
