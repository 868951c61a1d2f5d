// SPDX-License-Identifier: BSD-2-Clause
/*
 * MIPS Technologies' Malta: QEMU emulates it but writes no device tree for it, and
 * Linux' has neither memory nor the console that we use, the UART of the board's
 * controller (CBUS). It has one CPU here, of whatever kind its core card has.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board.h"
#include "cli/report.h"
#include "lib/util.h"
#include "vmm/fdt_writer.h"

#define LOW_MEMORY (256 * SZ_1M)
/* All of the RAM, the lower part once more, is from here on. */
#define ALL_MEMORY 0x80000000U
#define TREE_SIZE SZ_4K

/* Of the CPU in the ROM: cli/malta_rom.S goes there. */
#define DEBUG_VECTOR 0x1fc00480

#define CPU_CLOCK 320000000
#define FPGA_BASE 0x1f000000U
#define FPGA_SIZE 0x1000
#define SOFTRES 0x500
#define SOFTRES_GO 0x42
#define UART_BASE 0x1f000900U
#define UART_SIZE 0x40
#define UART_SHIFT 3
#define UART_IP 4

/* A guest's kernel is linked for here as on hardware if the CPU has segment control. */
#define NATIVE_KERNELS 0x80000000U
#define SEGMENT_CONTROL "P5600"

enum phandle { PHANDLE_INTC = 1, PHANDLE_FPGA };

static void malta_machine(const struct board_config *c, struct args *a)
{
	const struct settings *s = c->settings;
	char *rom = beside_executable("boards/malta-rom.bin");
	char *name = qemu_escaped(rom);

	args_add(a, "-M");
	args_add(a, "malta");
	args_add(a, "-cpu");
	args_add(a, s->cpu_model ? s->cpu_model : s->board->cpu_model);
	args_add(a, "-m");
	args_addf(a, "%lluM", (c->memory / SZ_1M));
	args_add(a, "-vga");
	args_add(a, "none");
	args_add(a, "-device");
	args_addf(a, "loader,file=%s,addr=0x%x,force-raw=on", name, DEBUG_VECTOR);
	free(name);
	free(rom);
}

static void write_memory(struct fdt_writer *w, u64 size)
{
	fdtw_begin(w, "memory@0");
	fdtw_string(w, "device_type", "memory");
	if (size > LOW_MEMORY)
		fdtw_reg2(w, 0, LOW_MEMORY, ALL_MEMORY + LOW_MEMORY,
			  size - LOW_MEMORY);
	else
		fdtw_reg(w, 0, size);
	fdtw_end(w);
}

static void write_cpus(struct fdt_writer *w)
{
	fdtw_begin(w, "cpus");
	fdtw_cell(w, "#address-cells", 1);
	fdtw_cell(w, "#size-cells", 0);
	fdtw_begin_at(w, "cpu", 0);
	fdtw_string(w, "device_type", "cpu");
	fdtw_string(w, "compatible", "img,mips");
	fdtw_cell(w, "reg", 0);
	fdtw_cell(w, "clock-frequency", CPU_CLOCK);
	fdtw_end(w);
	fdtw_end(w);
	fdtw_begin(w, "interrupt-controller");
	fdtw_cell(w, "phandle", PHANDLE_INTC);
	fdtw_string(w, "compatible", "mti,cpu-interrupt-controller");
	fdtw_cell(w, "#interrupt-cells", 1);
	fdtw_empty(w, "interrupt-controller");
	fdtw_end(w);
}

static void write_uart(struct fdt_writer *w)
{
	fdtw_begin_at(w, "uart", UART_BASE);
	fdtw_string(w, "compatible", "ns16550a");
	fdtw_reg(w, UART_BASE, UART_SIZE);
	fdtw_cell(w, "reg-shift", UART_SHIFT);
	fdtw_cell(w, "interrupt-parent", PHANDLE_INTC);
	fdtw_cell(w, "interrupts", UART_IP);
	fdtw_end(w);
}

/* Malta's power is its supply's; a reset ends QEMU, which is run with -no-reboot. */
static void write_fpga(struct fdt_writer *w)
{
	fdtw_begin_at(w, "system-controller", FPGA_BASE);
	fdtw_cell(w, "phandle", PHANDLE_FPGA);
	fdtw_strings(w, "compatible", "mti,malta-fpga\0syscon");
	fdtw_reg(w, FPGA_BASE, FPGA_SIZE);
	fdtw_end(w);
	fdtw_begin(w, "reboot");
	fdtw_string(w, "compatible", "syscon-reboot");
	fdtw_cell(w, "regmap", PHANDLE_FPGA);
	fdtw_cell(w, "offset", SOFTRES);
	fdtw_cell(w, "value", SOFTRES_GO);
	fdtw_end(w);
}

/* The hypervisor would say so too, but when it has booted. */
static int malta_check_entry(const struct settings *s, const char *what, u64 entry)
{
	const char *model = s->cpu_model ? s->cpu_model : s->board->cpu_model;

	if (entry < NATIVE_KERNELS)
		return 0;
	if (s->any_cpu)
		note("%s: is linked for 0x80000000 and up: it needs a CPU with segment "
		     "control, --cpu " SEGMENT_CONTROL,
		     what);
	if (s->any_cpu || model_in(SEGMENT_CONTROL, model))
		return 0;
	return refuse("%s: is linked for 0x80000000 and up, as for hardware, which the CPU %.*s cannot give a guest: --cpu " SEGMENT_CONTROL " can, if the kernel takes a device tree, as those of Linux for its generic machine do (of the kernels of `make linux-mips`, vmlinux runs on every CPU)",
		      what, (int)strcspn(model, ","), model);
}

static int malta_device_tree(const struct board_config *c, void **fdt)
{
	struct fdt_writer w = { .fdt = calloc(1, TREE_SIZE) };

	if (!w.fdt)
		return out_of_memory();
	*fdt = w.fdt;
	w.err = fdt_create(w.fdt, TREE_SIZE);
	if (!w.err)
		w.err = fdt_finish_reservemap(w.fdt);
	fdtw_begin(&w, "");
	fdtw_cell(&w, "#address-cells", 2);
	fdtw_cell(&w, "#size-cells", 2);
	fdtw_string(&w, "compatible", "mti,malta");
	fdtw_string(&w, "model", "MIPS Malta");
	fdtw_begin(&w, "chosen");
	fdtw_string(&w, "stdout-path", "/uart@1f000900");
	fdtw_end(&w);
	write_memory(&w, c->memory);
	write_cpus(&w);
	write_uart(&w);
	write_fpga(&w);
	fdtw_end(&w);
	if (!w.err)
		w.err = fdt_finish(w.fdt);
	return w.err ? failed("the device tree of the board malta: %s",
			      fdt_strerror(w.err)) :
		       0;
}

const struct board board_malta = {
	.name = "malta",
	.arch = IMAGE_MIPS,
	.image = "twofold-mips.elf",
	.qemu = "qemu-system-mipsel",
	.cpu_model = "24Kf",
	/* MIPS32 of releases 2 to 5, with a TLB: on others, the hypervisor does not
	 * come so far as to say so. */
	.models = "24Kc 24Kf 34Kf 74Kf P5600",
	.untested_models = "4KEc 24KEc M14Kc",
	.ram_base = 0,
	.image_offset = BOARD_IMAGE_MIPS,
	.max_memory = 2 * SZ_1G,
	.low_memory = LOW_MEMORY,
	.tree_by_name = true,
	.console = 2, /* the first two are the PCI bridge's */
	/* Linux waits for Count to be above Compare within an instruction or two. */
	.icount_shift = 3,
	.fixed_cpus = 1,
	.device_tree = malta_device_tree,
	.check_entry = malta_check_entry,
	.qemu_machine = malta_machine,
};
