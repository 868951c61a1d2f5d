// SPDX-License-Identifier: BSD-2-Clause
/*
 * The Arm guest machine, as its guests see it.
 */
#include "vmm/machine.h"

#include "arch/armcommon/machine.h"
#include "arch/armcommon/vgic.h"
#include "core/backing.h"
#include "core/memslot.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

/* Interrupt specifiers: Documentation/devicetree/bindings/interrupt-controller/
 * arm,gic.yaml of Linux. */
#define IRQ_SPI 0
#define IRQ_PPI 1
#define IRQ_LEVEL_HIGH 4

const char *machine_cpu = "arm,armv8";
u32 machine_timer_hz;
unsigned int machine_cluster_shift = 4; /* what a GICv3's SGIs can name at once */

u32 machine_affinity(unsigned int n)
{
	return n >> machine_cluster_shift << 8 |
	       (n & (BIT32(machine_cluster_shift) - 1));
}

enum phandle { PHANDLE_INTC = 1, PHANDLE_CLOCK };

static void write_cpus(struct fdt_writer *w, unsigned int cpus)
{
	unsigned int i;

	fdtw_begin(w, "cpus");
	fdtw_cell(w, "#address-cells", 1);
	fdtw_cell(w, "#size-cells", 0);
	for (i = 0; i < cpus; i++) {
		fdtw_begin_at(w, "cpu", machine_affinity(i));
		fdtw_string(w, "device_type", "cpu");
		fdtw_string(w, "compatible", machine_cpu);
		fdtw_cell(w, "reg", machine_affinity(i));
		fdtw_string(w, "enable-method", "psci");
		fdtw_end(w);
	}
	fdtw_end(w);
	fdtw_begin(w, "psci");
	fdtw_strings(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	fdtw_string(w, "method", "hvc");
	fdtw_end(w);
}

static void write_intc(struct fdt_writer *w, unsigned int cpus, u64 granule)
{
	u64 gicc = machine_gicv.regs.v % granule;

	fdtw_begin_at(w, "intc", GUEST_GICD_BASE);
	fdtw_cell(w, "phandle", PHANDLE_INTC);
	fdtw_cell(w, "#interrupt-cells", 3);
	fdtw_empty(w, "interrupt-controller");
	if (vgic_hw.version == 3) {
		fdtw_string(w, "compatible", "arm,gic-v3");
		fdtw_reg2(w, GUEST_GICD_BASE, GUEST_GICD_SIZE, GUEST_GICR_BASE,
			  cpus * GUEST_GICR_SIZE);
	} else {
		fdtw_string(w, "compatible", "arm,cortex-a15-gic");
		fdtw_reg2(w, GUEST_GICD_BASE, GUEST_GICD_SIZE,
			  GUEST_GICC_BASE + gicc,
			  gicc ? GUEST_GICV_SIZE : GUEST_GICC_SIZE);
	}
	fdtw_end(w);
}

static void write_timer(struct fdt_writer *w, unsigned int cpus)
{
	/* Bits 15 to 8 of a GICv2 PPI: the CPUs that it is wired to. */
	u32 flags = IRQ_LEVEL_HIGH |
		    (vgic_hw.version == 2 ? ((1U << cpus) - 1) << 8 : 0);
	u32 v[] = {
		IRQ_PPI, GUEST_TIMER_SECURE_PPI, flags,
		IRQ_PPI, GUEST_TIMER_PHYS_PPI,   flags,
		IRQ_PPI, GUEST_TIMER_VIRT_PPI,   flags,
		IRQ_PPI, GUEST_TIMER_HYP_PPI,    flags,
	};

	fdtw_begin(w, "timer");
	fdtw_strings(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	fdtw_cells(w, "interrupts", v, ARRAY_SIZE(v));
	if (machine_timer_hz)
		fdtw_cell(w, "clock-frequency", machine_timer_hz);
	fdtw_empty(w, "always-on");
	fdtw_end(w);
}

static void write_uart(struct fdt_writer *w)
{
	static const u32 irq[] = {IRQ_SPI, GUEST_UART_SPI, IRQ_LEVEL_HIGH};
	static const u32 clocks[] = {PHANDLE_CLOCK, PHANDLE_CLOCK};

	fdtw_begin(w, "apb-pclk");
	fdtw_cell(w, "phandle", PHANDLE_CLOCK);
	fdtw_string(w, "compatible", "fixed-clock");
	fdtw_cell(w, "#clock-cells", 0);
	fdtw_cell(w, "clock-frequency", GUEST_UART_CLOCK);
	fdtw_string(w, "clock-output-names", "clk24mhz");
	fdtw_end(w);

	fdtw_begin_at(w, "pl011", GUEST_UART_BASE);
	fdtw_strings(w, "compatible", "arm,pl011\0arm,primecell");
	fdtw_reg(w, GUEST_UART_BASE, GUEST_UART_SIZE);
	fdtw_cells(w, "interrupts", irq, ARRAY_SIZE(irq));
	fdtw_cells(w, "clocks", clocks, ARRAY_SIZE(clocks));
	fdtw_strings(w, "clock-names", "uartclk\0apb_pclk");
	fdtw_end(w);
}

static void write_nodes(struct fdt_writer *w, unsigned int cpus, u64 granule)
{
	write_cpus(w, cpus);
	write_intc(w, cpus, granule);
	write_timer(w, cpus);
	write_uart(w);
}

static void init_uart(union machine_uart *uart, const struct irq_line *irq,
		      const struct serial_backend *backend)
{
	pl011_init(&uart->pl011, GPA(GUEST_UART_BASE), irq, backend);
}

const struct machine machine = {
	/* A guest is as wide as the hypervisor. */
	.image_arch = sizeof(uintptr_t) == 8 ? IMAGE_ARM64 : IMAGE_ARM,
	.compatible = "linux,dummy-virt",
	.intc_phandle = PHANDLE_INTC,
	.ram_base = GUEST_RAM_BASE,
	.init_uart = init_uart,
	.uart_irq = VGIC_PRIVATE + GUEST_UART_SPI,
	.uart_path = "/pl011@9000000",
	.write_nodes = write_nodes,
};

struct machine_gicv machine_gicv;

/* The granules that the virtual CPU interface lies in. */
static u64 gicv_granules(u64 granule, u64 *size)
{
	u64 base = ALIGN_DOWN(machine_gicv.regs.v, granule);

	*size = ALIGN_UP(machine_gicv.regs.v + GUEST_GICV_SIZE, granule) - base;
	return base;
}

bool machine_gicv_fits(u64 granule)
{
	u64 region = machine_gicv.region.v, size;
	u64 base = gicv_granules(granule ? granule : SZ_4K, &size);

	return base >= region && size <= GUEST_GICC_ROOM &&
	       range_fits(base - region, size, machine_gicv.size);
}

int machine_add_gicv(struct vm *vm)
{
	u64 size, base = gicv_granules(SZ_4K << vm->granule_order, &size);
	struct backing *b = backing_static_create(HPA(base), size >> PAGE_SHIFT,
						  true, true);
	int err;

	if (!b)
		return -ENOMEM;
	err = memslot_add(vm, gpa_to_gfn(GPA(GUEST_GICC_BASE)),
			  size >> PAGE_SHIFT, b, 0, 0);
	backing_put_ref(b);
	return err;
}
