// SPDX-License-Identifier: BSD-2-Clause
/*
 * Xilinx' ZCU102: QEMU emulates the board but writes no device tree for it.
 * Linux's is built beside this executable (scripts/cli.mk).
 */
#include "cli/board.h"
#include "lib/util.h"

static void zcu102_machine(const struct board_config *c, struct args *a)
{
	real_board_machine(c, "xlnx-zcu102,virtualization=on", a);
}

static int zcu102_device_tree(const struct board_config *c, void **fdt)
{
	return real_board_tree(c, "boards/zcu102.dtb", 0, fdt);
}

const struct board board_zcu102 = {
	.name = "zcu102",
	.arch = IMAGE_ARM64,
	.image = "twofold-arm64.bin",
	.qemu = "qemu-system-aarch64",
	.cpu_model = "cortex-a53",
	.fixed_model = true,
	.ram_base = 0,
	.image_offset = BOARD_IMAGE_ARM64,
	.max_memory = 2 * SZ_1G,
	.fixed_cpus = 4,
	.default_gic = 2,
	.gicv2_only = true,
	.device_tree = zcu102_device_tree,
	.qemu_machine = zcu102_machine,
};
