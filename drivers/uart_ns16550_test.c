// SPDX-License-Identifier: BSD-2-Clause
// link: drivers/uart.c drivers/uart_ns16550.c
// link: drivers/irqchip_mips.c drivers/power.c drivers/power_syscon.c
// link: drivers/why.c
// link: dev/ns16550.c lib/fdt.c lib/printf.c libfdt
// flags: -DIO_MODEL
/*
 * What a board with a MIPS CPU has: its UART, which talks to our own model of a
 * 16550, how its interrupt is named, and how it is turned off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dev/ns16550.h"
#include "drivers/io.h"
#include "drivers/irqchip.h"
#include "drivers/power.h"
#include "drivers/uart.h"
#include "lib/errno.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

const struct uart_driver *const uart_drivers[] = {&uart_ns16550, NULL};
const struct power_driver *const power_drivers[] = {&power_syscon, NULL};

/* ---- The registers ---------------------------------------------------------------- */

static struct ns16550 model;
static u8 window[0x100];
static u32 fpga[16];
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

static void line(void *arg, unsigned int n, bool level)
{
	irq = level;
}

static u64 uart_access(size_t offset, unsigned int size, bool write, u64 v)
{
	struct mmio_device *dev = &model.serial.dev;
	struct mmio_access a = {
		.offset = offset, .size = size, .write = write, .value = v};

	assert_true(offset < dev->size);
	assert_int_equal(dev->ops->access(dev, NULL, &a), 0);
	return a.value;
}

static bool is_uart(const volatile void *reg)
{
	return (const volatile u8 *)reg >= window &&
	       (const volatile u8 *)reg < window + sizeof(window);
}

u64 io_model_read(const volatile void *reg, unsigned int size)
{
	if (!is_uart(reg))
		return *(const volatile u32 *)reg;
	return uart_access((const volatile u8 *)reg - window, size, false, 0);
}

void io_model_write(volatile void *reg, u64 v, unsigned int size)
{
	if (!is_uart(reg))
		*(volatile u32 *)reg = v;
	else
		uart_access((volatile u8 *)reg - window, size, true, v);
}

/* ---- The device tree --------------------------------------------------------------- */

enum { INTC = 1, FPGA = 2 };

static struct uart found;
static const char *why;

/* shift, width: of the UART's registers, 0: not said. */
static void board(u32 shift, u32 width, u32 interrupt, u64 size)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("cpu-intc");
	SET_STRINGS("compatible", "mti,cpu-interrupt-controller");
	SET("#interrupt-cells", 1);
	SET("phandle", INTC);
	close_node();
	open_node("uart");
	SET_STRINGS("compatible", "ns16550a");
	SET("reg", 0, 0x1f000900, 0, size);
	if (shift)
		SET("reg-shift", shift);
	if (width)
		SET("reg-io-width", width);
	SET("interrupt-parent", INTC);
	SET("interrupts", interrupt);
	close_node();
}

static void end(void)
{
	close_node();
	tree_finish();
}

static void find(u32 shift, u32 width)
{
	static const struct irq_line irq_line = {.set = line};
	static const struct serial_backend backend = {.tx = wire_tx};

	board(shift, width, 4, 0x40);
	end();
	assert_int_equal(uart_find(tree, &found, &why), 0);
	assert_int_equal(found.base.v, 0x1f000900);
	assert_ptr_equal(found.driver, &uart_ns16550);
	found.regs = window;
	ns16550_init(&model, GPA(0), shift, &irq_line, &backend);
	sent = 0;
	room = ~(size_t)0;
	found.driver->init(found.regs);
}

/* ---- Tests -------------------------------------------------------------------------- */

static void it_prints(void **state)
{
	static const u32 layouts[][2] = {{0, 0}, {3, 0}, {2, 4}, {2, 1}};

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		find(layouts[i][0], layouts[i][1]);
		uart_write(&found, "a line that is longer than its FIFO\n", 36);
		assert_memory_equal(out, "a line that is longer than its FIFO\n",
				    36);
		assert_int_equal(sent, 36);
	}
}

/* No byte is lost when the wire is slow: it waits for the FIFO to be empty, and
 * then writes as many as that holds. */
static void it_writes_no_more_than_the_fifo_takes(void **state)
{
	const struct uart_driver *d;
	int n = 0;

	find(3, 0);
	d = found.driver;
	room = 0;
	while (d->tx_ready(found.regs))
		d->tx(found.regs, 'a' + n++);
	assert_int_equal(n, NS16550_FIFO);
	room = NS16550_FIFO - 1;
	serial_tx_room(&model.serial);
	assert_false(d->tx_ready(found.regs));
	d->tx_interrupt(found.regs, true);
	assert_false(irq);
	room = 1;
	serial_tx_room(&model.serial);
	assert_true(irq);
	assert_true(d->tx_ready(found.regs));
	d->tx_interrupt(found.regs, false);
	assert_false(irq);
	assert_memory_equal(out, "abcdefghijklmnop", 16);
}

static void it_receives(void **state)
{
	const struct uart_driver *d;

	find(3, 0);
	d = found.driver;
	assert_int_equal(d->rx(found.regs), -1);
	d->rx_interrupt(found.regs, true);
	serial_rx(&model.serial, 0xe9);
	assert_true(irq);
	d->ack(found.regs);
	assert_int_equal(d->rx(found.regs), 0xe9);
	assert_int_equal(d->rx(found.regs), -1);
	assert_false(irq);
}

static void its_interrupt_is_one_of_eight(void **state)
{
	board(0, 0, 4, 8);
	end();
	assert_int_equal(uart_find(tree, &found, &why), 0);
	assert_int_equal(found.irq, 4);
	board(0, 0, 8, 8);
	end();
	assert_int_equal(uart_find(tree, &found, &why), 0);
	assert_int_equal(found.irq, IRQ_NONE);
	board(0, 0, 4, 7);
	end();
	assert_int_equal(uart_find(tree, &found, &why), -ENODEV);
}

static volatile void *map(hpa_t pa, u64 size)
{
	return pa.v == 0x1f000000 ? fpga : NULL;
}

static void syscon(const char *kind, u32 offset, u32 value, u32 mask, u64 base)
{
	board(0, 0, 4, 8);
	open_node("fpga");
	SET("reg", 0, base, 0, sizeof(fpga));
	SET("phandle", FPGA);
	close_node();
	open_node("off");
	assert_int_equal(fdt_property(tree, "compatible", kind,
				      strlen(kind) + 1),
			 0);
	SET("regmap", FPGA);
	SET("offset", offset);
	if (value)
		SET("value", value);
	if (mask)
		SET("mask", mask);
	close_node();
	end();
	memset(fpga, 0xff, sizeof(fpga));
}

static void a_register_turns_it_off(void **state)
{
	syscon("syscon-poweroff", 0x20, 0x42, 0, 0x1f000000);
	assert_int_equal(power_init(tree, map, &why), 0);
	power_off();
	assert_int_equal(fpga[8], 0x42);
	syscon("syscon-reboot", 0x3c, 0, 0x42, 0x1f000000);
	fpga[15] = 0x100;
	assert_int_equal(power_init(tree, map, &why), 0);
	power_off();
	assert_int_equal(fpga[15], 0x142);
	syscon("syscon-poweroff", 0x20, 0x40, 0x60, 0x1f000000);
	assert_int_equal(power_init(tree, map, &why), 0);
	power_off();
	assert_int_equal(fpga[8], 0xffffffdf);
}

static void a_broken_one_is_named(void **state)
{
	syscon("syscon-poweroff", 0x40, 1, 1, 0x1f000000);
	assert_int_equal(power_init(tree, map, &why), -EINVAL);
	assert_non_null(strstr(why, "/off: offset"));
	syscon("syscon-poweroff", 0x22, 1, 1, 0x1f000000);
	assert_int_equal(power_init(tree, map, &why), -EINVAL);
	syscon("syscon-poweroff", 0x20, 1, 1, 0x20000000);
	assert_int_equal(power_init(tree, map, &why), -EINVAL);
	assert_non_null(strstr(why, "/off: regmap"));
	syscon("something-else", 0x20, 1, 1, 0x1f000000);
	assert_int_equal(power_init(tree, map, &why), -ENODEV);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_prints),
		cmocka_unit_test(it_writes_no_more_than_the_fifo_takes),
		cmocka_unit_test(it_receives),
		cmocka_unit_test(its_interrupt_is_one_of_eight),
		cmocka_unit_test(a_register_turns_it_off),
		cmocka_unit_test(a_broken_one_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
