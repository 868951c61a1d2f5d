// SPDX-License-Identifier: BSD-2-Clause
/* What Arm's boards have, from the device tree. */
#include <libfdt.h>
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

static void find_gic(void)
{
	int node = fdt_node_offset_by_compatible(machine.fdt, -1,
						 "arm,gic-v3");

	machine.gic_version = 3;
	if (node < 0) {
		node = fdt_node_offset_by_compatible(machine.fdt, -1,
						     "arm,cortex-a15-gic");
		machine.gic_version = 2;
	}
	if (node < 0)
		node = fdt_node_offset_by_compatible(machine.fdt, -1,
						     "arm,gic-400");
	if (node < 0) {
		machine.gic_version = 0;
		return;
	}
	machine.gicd = machine_reg(node, 0, NULL);
	machine.gicc = machine.gicr = machine_reg(node, 1, NULL);
}

static void find_uart(void)
{
	int node = fdt_node_offset_by_compatible(machine.fdt, -1, "arm,pl011");
	const fdt32_t *irq;
	int len;

	if (node < 0)
		return;
	machine.uart = machine_reg(node, 0, NULL);
	irq = fdt_getprop(machine.fdt, node, "interrupts", &len);
	if (irq && len >= 12)
		machine.uart_intid = fdt32_to_cpu(irq[1]) + 32;
}

void print_interrupt_controller(void)
{
	print("  GIC      version %u at %#llx, %u SPIs\n", machine.gic_version,
	      machine.gicd, gic_spis());
}

void machine_default(void)
{
	machine.uart = 0x09000000;
	machine.uart_intid = 33;
	machine.hvc = true;
}

/* QEMU gives an ELF no x0, but leaves the tree at the start of RAM. */
const void *machine_find_fdt(void)
{
	return (const void *)0x40000000;
}

void machine_find_devices(void)
{
	find_gic();
	find_uart();
	machine.hvc = strcmp(machine_string("/psci", "method"), "smc");
}
