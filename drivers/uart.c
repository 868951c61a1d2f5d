// SPDX-License-Identifier: BSD-2-Clause
/*
 * Find the console. This runs with the MMU off as well, on memory that is
 * Device then: nothing here keeps a pointer or touches a byte unaligned.
 */
#include "drivers/uart.h"
#include "drivers/irqchip.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/lock.h"
#include "lib/string.h"

static const struct uart_driver *driver_of(const void *fdt, int node)
{
	const struct uart_driver *const *d = uart_drivers;

	while (*d && !fdt_compatible_any(fdt, node, (*d)->compatible))
		d++;
	return *d;
}

/* A UART without a usable interrupt is still one to print on. */
static void read_interrupt(const void *fdt, int node, struct uart *out)
{
	int irq = irq_of_node(fdt, node, 0, &out->level);

	out->irq = irq < 0 ? IRQ_NONE : irq;
}

static int read_node(const void *fdt, int node, const struct uart_driver *driver,
		     struct uart *out, const char **why)
{
	u64 base, size;

	if (fdt_reg(fdt, node, 0, &base, &size)) {
		*why = why_reg(fdt, node, 0, "is missing or malformed");
		return -ENODEV;
	}
	if (size < driver->size) {
		*why = why_reg(fdt, node, 0, "is too small");
		return -ENODEV;
	}
	*out = (struct uart){
		.driver = driver,
		.base = HPA(base),
		.size = size,
		.level = true,
		.regs = (volatile void *)(uintptr_t)base,
	};
	read_interrupt(fdt, node, out);
	if (driver->configure)
		driver->configure(fdt, node);
	return 0;
}

/* The node that /chosen stdout-path names, by path or by alias, without the
 * options that follow a ':'. */
static int stdout_node(const void *fdt)
{
	int chosen = fdt_node_at(fdt, "/chosen"), len, node;
	const char *path, *colon;

	if (chosen < 0)
		return chosen;
	path = fdt_getprop(fdt, chosen, "stdout-path", &len);
	if (!path)
		path = fdt_getprop(fdt, chosen, "linux,stdout-path", &len);
	if (!path || len < 1)
		return -FDT_ERR_NOTFOUND;
	/* A full path is the quick way; the property ends with a 0, or not. */
	node = memchr(path, 0, len) ? fdt_node_at(fdt, path) : -ENOENT;
	if (node >= 0)
		return node;
	len = strnlen(path, len);
	colon = memchr(path, ':', len);
	return fdt_path_offset_namelen(fdt, path, colon ? colon - path : len);
}

int uart_find(const void *fdt, struct uart *out, const char **why)
{
	const struct uart_driver *driver;
	int node = stdout_node(fdt);

	*why = "/: no enabled node is compatible with a UART that has a driver";
	if (node >= 0) {
		driver = driver_of(fdt, node);
		if (driver && read_node(fdt, node, driver, out, why) == 0)
			return 0;
		if (!driver)
			*why = why_node(fdt, node,
					"compatible: /chosen stdout-path names "
					"it, but there is no driver for it");
	}
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		driver = driver_of(fdt, node);
		if (driver && fdt_enabled(fdt, node) &&
		    read_node(fdt, node, driver, out, why) == 0)
			return 0;
	}
	return -ENODEV;
}

void uart_putc(const struct uart *u, u8 c)
{
	while (!u->driver->tx_ready(u->regs))
		cpu_relax();
	u->driver->tx(u->regs, c);
}

void uart_write(const struct uart *u, const char *s, size_t len)
{
	while (len--)
		uart_putc(u, *s++);
}
