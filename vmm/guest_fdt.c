// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/guest_fdt.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

/* Interrupt specifiers: Documentation/devicetree/bindings/interrupt-controller/
 * arm,gic.yaml of Linux. */
#define IRQ_SPI 0
#define IRQ_PPI 1
#define IRQ_LEVEL_HIGH 4

enum phandle { PHANDLE_INTC = 1, PHANDLE_CLOCK };

/*
 * libfdt's sequential writer, and the first error that it gave: once one has
 * happened, nothing more is written. (Its own error state does not cover the
 * call that failed.)
 */
struct writer {
	void *fdt;
	int err;
};

static void begin(struct writer *w, const char *name)
{
	if (!w->err)
		w->err = fdt_begin_node(w->fdt, name);
}

static void begin_at(struct writer *w, const char *name, u64 at)
{
	char buf[40];

	scnprintf(buf, sizeof(buf), "%s@%llx", name, (unsigned long long)at);
	begin(w, buf);
}

static void end(struct writer *w)
{
	if (!w->err)
		w->err = fdt_end_node(w->fdt);
}

static void bytes(struct writer *w, const char *name, const void *v, size_t len)
{
	if (!w->err)
		w->err = fdt_property(w->fdt, name, v, (int)len);
}

static void empty(struct writer *w, const char *name)
{
	bytes(w, name, "", 0);
}

static void cell(struct writer *w, const char *name, u32 v)
{
	if (!w->err)
		w->err = fdt_property_u32(w->fdt, name, v);
}

static void number(struct writer *w, const char *name, u64 v)
{
	if (!w->err)
		w->err = fdt_property_u64(w->fdt, name, v);
}

static void string(struct writer *w, const char *name, const char *s)
{
	bytes(w, name, s, strlen(s) + 1);
}

/* Several strings: the literal has a 0 between them, the compiler adds the
 * last one. */
#define strings(w, name, literal) bytes(w, name, literal, sizeof(literal))

static void cells(struct writer *w, const char *name, const u32 *v,
		  unsigned int n)
{
	fdt32_t be[16];
	unsigned int i;

	for (i = 0; i < n; i++)
		be[i] = cpu_to_fdt32(v[i]);
	bytes(w, name, be, n * sizeof(be[0]));
}

/* Address and size, two cells each. */
static void reg(struct writer *w, u64 base, u64 size)
{
	u32 v[] = {base >> 32, (u32)base, size >> 32, (u32)size};

	cells(w, "reg", v, ARRAY_SIZE(v));
}

static void reg2(struct writer *w, u64 base, u64 size, u64 base2, u64 size2)
{
	u32 v[] = {base >> 32,  (u32)base,  size >> 32,  (u32)size,
		   base2 >> 32, (u32)base2, size2 >> 32, (u32)size2};

	cells(w, "reg", v, ARRAY_SIZE(v));
}

static void write_chosen(struct writer *w, const struct guest_fdt_config *c)
{
	begin(w, "chosen");
	string(w, "bootargs", c->bootargs);
	string(w, "stdout-path", "/pl011@9000000");
	if (c->ramdisk_size) {
		number(w, "linux,initrd-start", c->ramdisk);
		number(w, "linux,initrd-end", c->ramdisk + c->ramdisk_size);
	}
	end(w);
}

static void write_memory(struct writer *w, const struct guest_fdt_config *c)
{
	begin_at(w, "memory", GUEST_RAM_BASE);
	string(w, "device_type", "memory");
	reg(w, GUEST_RAM_BASE, c->ram_size);
	end(w);
}

static void write_cpus(struct writer *w, const struct guest_fdt_config *c)
{
	unsigned int i;

	begin(w, "cpus");
	cell(w, "#address-cells", 1);
	cell(w, "#size-cells", 0);
	for (i = 0; i < c->cpus; i++) {
		begin_at(w, "cpu", i);
		string(w, "device_type", "cpu");
		string(w, "compatible", "arm,armv8");
		cell(w, "reg", i);
		string(w, "enable-method", "psci");
		end(w);
	}
	end(w);
	begin(w, "psci");
	strings(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	string(w, "method", "hvc");
	end(w);
}

static void write_intc(struct writer *w, const struct guest_fdt_config *c)
{
	begin_at(w, "intc", GUEST_GICD_BASE);
	cell(w, "phandle", PHANDLE_INTC);
	cell(w, "#interrupt-cells", 3);
	empty(w, "interrupt-controller");
	if (c->gic_version == 3) {
		string(w, "compatible", "arm,gic-v3");
		reg2(w, GUEST_GICD_BASE, GUEST_GICD_SIZE, GUEST_GICR_BASE,
		     c->cpus * GUEST_GICR_SIZE);
	} else {
		string(w, "compatible", "arm,cortex-a15-gic");
		reg2(w, GUEST_GICD_BASE, GUEST_GICD_SIZE, GUEST_GICC_BASE,
		     GUEST_GICC_SIZE);
	}
	end(w);
}

static void write_timer(struct writer *w, const struct guest_fdt_config *c)
{
	/* Bits 15 to 8 of a GICv2 PPI: the CPUs that it is wired to. */
	u32 flags = IRQ_LEVEL_HIGH |
		    (c->gic_version == 2 ? ((1U << c->cpus) - 1) << 8 : 0);
	u32 v[] = {
		IRQ_PPI, GUEST_TIMER_SECURE_PPI, flags,
		IRQ_PPI, GUEST_TIMER_PHYS_PPI,   flags,
		IRQ_PPI, GUEST_TIMER_VIRT_PPI,   flags,
		IRQ_PPI, GUEST_TIMER_HYP_PPI,    flags,
	};

	begin(w, "timer");
	strings(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	cells(w, "interrupts", v, ARRAY_SIZE(v));
	empty(w, "always-on");
	end(w);
}

static void write_uart(struct writer *w)
{
	static const u32 irq[] = {IRQ_SPI, GUEST_UART_SPI, IRQ_LEVEL_HIGH};
	static const u32 clocks[] = {PHANDLE_CLOCK, PHANDLE_CLOCK};

	begin(w, "apb-pclk");
	cell(w, "phandle", PHANDLE_CLOCK);
	string(w, "compatible", "fixed-clock");
	cell(w, "#clock-cells", 0);
	cell(w, "clock-frequency", GUEST_UART_CLOCK);
	string(w, "clock-output-names", "clk24mhz");
	end(w);

	begin_at(w, "pl011", GUEST_UART_BASE);
	strings(w, "compatible", "arm,pl011\0arm,primecell");
	reg(w, GUEST_UART_BASE, GUEST_UART_SIZE);
	cells(w, "interrupts", irq, ARRAY_SIZE(irq));
	cells(w, "clocks", clocks, ARRAY_SIZE(clocks));
	strings(w, "clock-names", "uartclk\0apb_pclk");
	end(w);
}

static void write_root(struct writer *w, const struct guest_fdt_config *c)
{
	begin(w, "");
	cell(w, "interrupt-parent", PHANDLE_INTC);
	cell(w, "#address-cells", 2);
	cell(w, "#size-cells", 2);
	string(w, "compatible", "linux,dummy-virt");
	string(w, "model", "linux,dummy-virt");
	write_chosen(w, c);
	write_memory(w, c);
	write_cpus(w, c);
	write_intc(w, c);
	write_timer(w, c);
	write_uart(w);
	end(w);
}

int guest_fdt_write(const struct guest_fdt_config *config, void *buf,
		    size_t size)
{
	struct writer w = {.fdt = buf};

	/* Looking for a property's name among those written costs more than
	 * the few bytes that it saves. */
	w.err = fdt_create_with_flags(buf, (int)size,
				      FDT_CREATE_FLAG_NO_NAME_DEDUP);
	if (!w.err)
		w.err = fdt_finish_reservemap(buf);
	write_root(&w, config);
	if (!w.err)
		w.err = fdt_finish(buf);
	return w.err ? -ENOSPC : (int)fdt_totalsize(buf);
}
