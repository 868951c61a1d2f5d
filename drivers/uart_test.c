// SPDX-License-Identifier: BSD-2-Clause
// link: drivers/uart.c drivers/uart_pl011.c drivers/uart_cadence.c
// link: drivers/why.c drivers/irqchip.c drivers/gicv2.c drivers/gicv3.c
// link: dev/pl011.c lib/fdt.c lib/printf.c libfdt
// flags: -DIO_MODEL -DGICV3_SYSREG_MODEL
/*
 * The board's console. The PL011 driver talks to our own PL011 model, the
 * Cadence driver to a small model of what the manual says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/cpu.h"
#include "dev/pl011.h"
#include "drivers/gicv3_sysreg.h"
#include "drivers/io.h"
#include "drivers/irqchip.h"
#include "drivers/uart.h"
#include "lib/errno.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

/* Needed by the interrupt controllers' files, which these tests do not call. */
struct cpu *this_cpu(void)
{
	fail();
	return NULL;
}

u64 icc_model_read(const char *reg)
{
	fail();
	return 0;
}

void icc_model_write(const char *reg, u64 v)
{
	fail();
}

const struct uart_driver *const uart_drivers[] = {&uart_pl011, &uart_cadence,
						   NULL};

/* ---- The UARTs behind the registers ------------------------------------------ */

static struct pl011 pl011;
static u8 pl011_window[0x1000], cadence_window[0x1000];
static char out[256];
static size_t sent, room;
static bool irq;

static bool wire_tx(void *arg, u8 c)
{
	if (!room)
		return false;
	room--;
	out[sent++ % sizeof(out)] = c;
	return true;
}

static void pl011_line(void *arg, unsigned int n, bool level)
{
	irq = level;
}

static struct {
	u32 cr, mr, imr, isr, rxwm, rxtout;
	u8 rx[64], tx[64];
	unsigned int rx_count, tx_count;
} cad;

enum { RTRIG = 1, REMPTY = 2, RFUL = 4, TEMPTY = 8, TFUL = 16, ROVR = 32 };

static u32 cadence_status(void)
{
	return (cad.rxwm && cad.rx_count >= cad.rxwm ? RTRIG : 0) |
	       (cad.rx_count ? 0 : REMPTY) | (cad.rx_count == 64 ? RFUL : 0) |
	       (cad.tx_count ? 0 : TEMPTY) | (cad.tx_count == 64 ? TFUL : 0);
}

/* Status bits stick in ISR; bytes go out while the transmitter is on. */
static void cadence_run(void)
{
	while (cad.tx_count && (cad.cr & 0x30) == 0x10 && room) {
		wire_tx(NULL, cad.tx[0]);
		memmove(cad.tx, cad.tx + 1, --cad.tx_count);
	}
	cad.isr |= cadence_status();
	irq = cad.isr & cad.imr;
}

static void cadence_input(u8 c)
{
	if ((cad.cr & 0xc) != 0x4)
		return;
	if (cad.rx_count == 64)
		cad.isr |= ROVR;
	else
		cad.rx[cad.rx_count++] = c;
	cadence_run();
}

static u32 cadence_read(unsigned int offset)
{
	u8 c;

	switch (offset) {
	case 0x00:
		return cad.cr;
	case 0x04:
		return cad.mr;
	case 0x10:
		return cad.imr;
	case 0x14:
		return cad.isr;
	case 0x2c:
		return cadence_status();
	case 0x30:
		assert_true(cad.rx_count > 0);
		c = cad.rx[0];
		memmove(cad.rx, cad.rx + 1, --cad.rx_count);
		return c;
	}
	fail_msg("no register at %#x is for reading", offset);
	return 0;
}

static void cadence_write(unsigned int offset, u32 v)
{
	switch (offset) {
	case 0x00:
		cad.cr = v & ~3U;
		break;
	case 0x04:
		cad.mr = v;
		break;
	case 0x08:
		cad.imr |= v;
		break;
	case 0x0c:
		cad.imr &= ~v;
		break;
	case 0x14:
		cad.isr &= ~v;
		break;
	case 0x1c:
		cad.rxtout = v;
		break;
	case 0x20:
		cad.rxwm = v;
		break;
	case 0x30:
		assert_true(cad.tx_count < 64);
		cad.tx[cad.tx_count++] = v;
		break;
	default:
		fail_msg("no register at %#x is for writing", offset);
	}
	cadence_run();
}

void io_model_receive(void)
{
}

u64 io_model_read(const volatile void *reg, unsigned int size)
{
	size_t offset = (const volatile u8 *)reg - pl011_window;
	struct mmio_access a = {.offset = offset, .size = size};

	assert_int_equal(size, 4);
	if (offset >= sizeof(pl011_window))
		return cadence_read((const volatile u8 *)reg - cadence_window);
	pl011.serial.dev.ops->access(&pl011.serial.dev, NULL, &a);
	return a.value;
}

void io_model_write(volatile void *reg, u64 v, unsigned int size)
{
	size_t offset = (volatile u8 *)reg - pl011_window;
	struct mmio_access a = {
		.offset = offset, .size = size, .write = true, .value = v};

	assert_int_equal(size, 4);
	if (offset >= sizeof(pl011_window))
		cadence_write((volatile u8 *)reg - cadence_window, v);
	else
		pl011.serial.dev.ops->access(&pl011.serial.dev, NULL, &a);
}

static int fresh(void **state)
{
	static const struct irq_line line = {.set = pl011_line};
	static const struct serial_backend backend = {.tx = wire_tx};

	memset(&cad, 0, sizeof(cad));
	cad.cr = 0x128; /* as reset leaves it: both directions off */
	sent = 0;
	room = ~(size_t)0;
	irq = false;
	pl011_init(&pl011, GPA(0), &line, &backend);
	return 0;
}

static const struct {
	const struct uart_driver *driver;
	u8 *regs;
} uarts[] = {
	{&uart_pl011, pl011_window},
	{&uart_cadence, cadence_window},
};

static void input(int n, u8 c)
{
	if (n == 0)
		serial_rx(&pl011.serial, c);
	else
		cadence_input(c);
}

static void wire_has_room(int n, size_t bytes)
{
	room = bytes;
	if (n == 0)
		serial_tx_room(&pl011.serial);
	else
		cadence_run();
}

#define FOR_EACH_UART(n)                                                       \
	for (n = 0; n < (int)ARRAY_SIZE(uarts) && fresh(NULL) == 0; n++)

/* ---- Drivers ----------------------------------------------------------------- */

static void prints_after_init(void **state)
{
	int n;

	FOR_EACH_UART(n)
	{
		struct uart u = {.driver = uarts[n].driver,
				 .regs = uarts[n].regs};

		u.driver->init(u.regs);
		uart_write(&u, "Twofold\n", 8);
		assert_int_equal(sent, 8);
		assert_memory_equal(out, "Twofold\n", 8);
	}
}

static void second_init_loses_nothing(void **state)
{
	int n;

	FOR_EACH_UART(n)
	{
		const struct uart_driver *d = uarts[n].driver;

		d->init(uarts[n].regs);
		d->rx_interrupt(uarts[n].regs, true);
		input(n, 'k');
		d->init(uarts[n].regs);
		assert_false(irq); /* masked until asked for again */
		d->rx_interrupt(uarts[n].regs, true);
		assert_int_equal(d->rx(uarts[n].regs), 'k');
		assert_int_equal(d->rx(uarts[n].regs), -1);
	}
}

static void receives_by_interrupt(void **state)
{
	int n, i, got;

	FOR_EACH_UART(n)
	{
		const struct uart_driver *d = uarts[n].driver;

		d->init(uarts[n].regs);
		d->rx_interrupt(uarts[n].regs, true);
		assert_false(irq);
		for (i = 0; i < 20; i++)
			input(n, i);
		assert_true(irq);
		d->ack(uarts[n].regs);
		for (i = 0; (got = d->rx(uarts[n].regs)) >= 0; i++)
			assert_int_equal(got, i);
		assert_int_equal(i, 20);
		assert_false(irq); /* no second one for what is read */
		/* The next byte interrupts again. */
		input(n, 'x');
		assert_true(irq);
		d->rx_interrupt(uarts[n].regs, false);
		assert_false(irq);
	}
}

static void transmits_by_interrupt(void **state)
{
	int n, i;

	FOR_EACH_UART(n)
	{
		const struct uart_driver *d = uarts[n].driver;

		d->init(uarts[n].regs);
		room = 0;
		for (i = 0; d->tx_ready(uarts[n].regs); i++)
			d->tx(uarts[n].regs, i);
		assert_true(i == 32 || i == 64);
		d->ack(uarts[n].regs);
		d->tx_interrupt(uarts[n].regs, true);
		assert_false(irq);
		wire_has_room(n, 100);
		assert_true(irq);
		assert_true(d->tx_ready(uarts[n].regs));
		d->tx_interrupt(uarts[n].regs, false);
		assert_false(irq);
		assert_int_equal(sent, i);
	}
}

/* ---- Finding it --------------------------------------------------------------- */

static const char *why;
static struct uart found;

static void add_uart(const char *name, u32 base, const char *compatible,
		     const char *status)
{
	open_node(name);
	assert_int_equal(fdt_property_string(tree, "compatible", compatible),
			 0);
	SET("reg", 0, base, 0, 0x1000);
	SET("interrupts", 0, base >> 12 & 0xff, 4);
	if (status)
		assert_int_equal(fdt_property_string(tree, "status", status),
				 0);
	close_node();
}

/* A board of four UARTs, and this stdout-path, if any. */
static int find_with(const char *stdout_path)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	add_uart("serial@1000", 0x1000, "ns16550a", NULL);
	add_uart("serial@2000", 0x2000, "arm,pl011", "disabled");
	add_uart("serial@3000", 0x3000, "arm,pl011", NULL);
	add_uart("serial@4000", 0x4000, "cdns,uart-r1p12", "okay");
	open_node("aliases");
	SET_STRINGS("serial0", "/serial@4000");
	close_node();
	open_node("chosen");
	if (stdout_path)
		assert_int_equal(fdt_property_string(tree, "stdout-path",
						     stdout_path),
				 0);
	close_node();
	close_node();
	tree_finish();
	why = NULL;
	return uart_find(tree, &found, &why);
}

static void stdout_path_names_the_console(void **state)
{
	static const struct {
		const char *path;
		u64 base;
	} rows[] = {
		{"/serial@4000", 0x4000},
		{"/serial@4000:115200n8", 0x4000},
		{"serial0", 0x4000},
		{"serial0:115200n8", 0x4000},
		{"/serial@3000", 0x3000},
		{"/serial@2000", 0x2000}, /* named: taken though disabled */
		{NULL, 0x3000},           /* first enabled with a driver */
		{"", 0x3000},
		{":", 0x3000},
		{"/serial@1000", 0x3000}, /* no driver for that one */
		{"serial9", 0x3000},      /* no such alias */
		{"/nowhere", 0x3000},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(find_with(rows[i].path), 0);
		assert_int_equal(found.base.v, rows[i].base);
		assert_int_equal(found.size, 0x1000);
		assert_int_equal(found.irq, 32 + (rows[i].base >> 12));
		assert_true(found.level);
		assert_ptr_equal(found.driver, rows[i].base == 0x4000
						       ? &uart_cadence
						       : &uart_pl011);
	}
}

static void no_uart_is_said_with_what_is_missing(void **state)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	add_uart("serial@1000", 0x1000, "ns16550a", NULL);
	open_node("chosen");
	SET_STRINGS("stdout-path", "/serial@1000");
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(uart_find(tree, &found, &why), -ENODEV);
	assert_non_null(strstr(why, "/serial@1000: compatible"));

	tree_start();
	open_node("");
	close_node();
	tree_finish();
	assert_int_equal(uart_find(tree, &found, &why), -ENODEV);
	assert_non_null(strstr(why, "UART that has a driver"));
}

static void a_broken_uart_is_passed_over_or_named(void **state)
{
	int with_a_good_one;

	for (with_a_good_one = 0; with_a_good_one < 2; with_a_good_one++) {
		tree_start();
		open_node("");
		cells_of(2, 2);
		open_node("serial@5000");
		SET_STRINGS("compatible", "arm,pl011");
		SET("reg", 0, 0x5000, 0, 0x100);
		close_node();
		if (with_a_good_one)
			add_uart("serial@3000", 0x3000, "arm,pl011", NULL);
		close_node();
		tree_finish();
		assert_int_equal(uart_find(tree, &found, &why),
				 with_a_good_one ? 0 : -ENODEV);
		if (!with_a_good_one)
			assert_string_equal(why, "/serial@5000: reg: range 0 "
						 "is too small");
	}
}

static void without_an_interrupt_it_can_still_print(void **state)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("serial@5000");
	SET_STRINGS("compatible", "arm,pl011\0arm,primecell");
	SET("reg", 0, 0x5000, 0, 0x1000);
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(uart_find(tree, &found, &why), 0);
	assert_int_equal(found.irq, IRQ_NONE);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
	const struct CMUnitTest tests[] = {
		T(prints_after_init),
		T(second_init_loses_nothing),
		T(receives_by_interrupt),
		T(transmits_by_interrupt),
		T(stdout_path_names_the_console),
		T(no_uart_is_said_with_what_is_missing),
		T(a_broken_uart_is_passed_over_or_named),
		T(without_an_interrupt_it_can_still_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
