// SPDX-License-Identifier: BSD-2-Clause
/* The MIPS guest machine, as its guests see it. */
#include "vmm/machine.h"

#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

enum phandle { PHANDLE_INTC = 1, PHANDLE_CLOCK, PHANDLE_POWER };

static void write_cpus(struct fdt_writer *w, unsigned int count)
{
	fdtw_begin(w, "cpus");
	fdtw_cell(w, "#address-cells", 1);
	fdtw_cell(w, "#size-cells", 0);
	for (unsigned int i = 0; i < count; i++) {
		fdtw_begin_at(w, "cpu", i);
		fdtw_string(w, "device_type", "cpu");
		fdtw_string(w, "compatible", "img,mips");
		fdtw_cell(w, "reg", i);
		fdtw_string(w, "enable-method", "twofold,smp");
		fdtw_cell(w, "clocks", PHANDLE_CLOCK);
		fdtw_end(w);
	}
	fdtw_end(w);
	fdtw_begin(w, "clock");
	fdtw_cell(w, "phandle", PHANDLE_CLOCK);
	fdtw_string(w, "compatible", "fixed-clock");
	fdtw_cell(w, "#clock-cells", 0);
	/* Linux takes Count to run at half of it. */
	fdtw_cell(w, "clock-frequency", 2 * features.count_hz);
	fdtw_end(w);
}

static void write_intc(struct fdt_writer *w)
{
	fdtw_begin(w, "interrupt-controller");
	fdtw_cell(w, "phandle", PHANDLE_INTC);
	fdtw_string(w, "compatible", "mti,cpu-interrupt-controller");
	fdtw_cell(w, "#interrupt-cells", 1);
	fdtw_empty(w, "interrupt-controller");
	fdtw_end(w);
}

static void write_uart(struct fdt_writer *w)
{
	fdtw_begin_at(w, "uart", MIPS_GUEST_UART_BASE);
	fdtw_string(w, "compatible", "ns16550a");
	fdtw_reg(w, MIPS_GUEST_UART_BASE, MIPS_GUEST_UART_SIZE);
	fdtw_cell(w, "reg-shift", MIPS_GUEST_UART_SHIFT);
	fdtw_cell(w, "clock-frequency", MIPS_GUEST_UART_CLOCK);
	fdtw_cell(w, "interrupts", MIPS_GUEST_UART_IP);
	fdtw_end(w);
}

static void write_smp(struct fdt_writer *w)
{
	static const u32 lines[] = {MIPS_GUEST_IPI_IP, MIPS_GUEST_IPI_IP + 1};

	fdtw_begin_at(w, "smp", MIPS_GUEST_SMP_BASE);
	fdtw_string(w, "compatible", "twofold,smp");
	fdtw_reg(w, MIPS_GUEST_SMP_BASE, MIPS_GUEST_SMP_SIZE);
	fdtw_cells(w, "interrupts", lines, ARRAY_SIZE(lines));
	fdtw_end(w);
}

static void write_power_way(struct fdt_writer *w, const char *name,
			    const char *compatible, u32 value)
{
	fdtw_begin(w, name);
	fdtw_string(w, "compatible", compatible);
	fdtw_cell(w, "regmap", PHANDLE_POWER);
	fdtw_cell(w, "offset", 0);
	fdtw_cell(w, "value", value);
	fdtw_end(w);
}

static void write_power(struct fdt_writer *w)
{
	fdtw_begin_at(w, "power", MIPS_GUEST_POWER_BASE);
	fdtw_cell(w, "phandle", PHANDLE_POWER);
	fdtw_strings(w, "compatible", "twofold,power\0syscon");
	fdtw_reg(w, MIPS_GUEST_POWER_BASE, MIPS_GUEST_POWER_SIZE);
	fdtw_end(w);
	write_power_way(w, "poweroff", "syscon-poweroff", MIPS_GUEST_POWER_OFF);
	write_power_way(w, "reboot", "syscon-reboot", MIPS_GUEST_POWER_RESET);
}

static void write_nodes(struct fdt_writer *w, unsigned int count, u64 granule)
{
	write_cpus(w, count);
	write_intc(w);
	write_uart(w);
	write_smp(w);
	write_power(w);
}

static void init_uart(union machine_uart *uart, const struct irq_line *irq,
		      const struct serial_backend *backend)
{
	ns16550_init(&uart->ns16550, GPA(MIPS_GUEST_UART_BASE), MIPS_GUEST_UART_SHIFT, irq,
		     backend);
}

const struct machine machine = {
	.image_arch = IMAGE_MIPS,
	.check_entry = segments_check_entry,
	.compatible = "twofold,mips",
	.intc_phandle = PHANDLE_INTC,
	.ram_base = MIPS_GUEST_RAM_BASE,
	.ram_end = MIPS_GUEST_RAM_END,
	.vcpu_table_pages = GVA_USUAL_PAGES + GVA_LEAST_TABLES,
	.vcpu_least_tables = MIPS_GUEST_VCPU_TABLES,
	.whole_kernel = true,
	.init_uart = init_uart,
	.uart_irq = MIPS_GUEST_UART_IP,
	.uart_path = "/uart@1f000900",
	.write_nodes = write_nodes,
};

/* ---- The end of a run ----------------------------------------------------------- */

/*
 * How a guest turns its machine off or resets it: a register of 32 bits, which the
 * device tree has as a syscon. What is written otherwise is forgotten.
 */
static int power_access(struct mmio_device *dev, struct vcpu *vcpu,
			struct mmio_access *a)
{
	struct guest_power *p = container_of(dev, struct guest_power, dev);

	if (!a->write) {
		a->value = 0;
		return 0;
	}
	if (!a->offset)
		p->value = a->value;
	return 0;
}

int guest_power_init(struct vm *vm)
{
	static const struct mmio_ops ops = {.access = power_access};
	struct guest_power *p = &vm_to_mips(vm)->power;

	p->dev = (struct mmio_device){
		.ops = &ops,
		.name = "power",
		.base = GPA(MIPS_GUEST_POWER_BASE),
		.size = MIPS_GUEST_POWER_SIZE,
	};
	return mmio_register(&vm->bus, &p->dev);
}

bool guest_power_asked(struct vm *vm, enum system_event *event)
{
	struct guest_power *p = &vm_to_mips(vm)->power;
	u32 value = p->value;

	if (likely(!value))
		return false;
	p->value = 0;
	*event = value == MIPS_GUEST_POWER_RESET ? SYSTEM_EVENT_RESET
						 : SYSTEM_EVENT_OFF;
	return value == MIPS_GUEST_POWER_RESET || value == MIPS_GUEST_POWER_OFF;
}
