// SPDX-License-Identifier: BSD-2-Clause
/*
 * Xilinx' ZCU102: QEMU emulates the board but writes no device tree for it.
 * Linux's is built beside this executable (scripts/cli.mk).
 */
#include <libfdt.h>
#include <stdlib.h>

#include "cli/board.h"
#include "cli/report.h"
#include "lib/util.h"

static void zcu102_machine(const struct board_config *c, struct args *a)
{
	args_add(a, "-M");
	args_add(a, "xlnx-zcu102,virtualization=on");
	args_add(a, "-smp");
	args_addf(a, "%u", c->cpus);
	args_add(a, "-m");
	args_addf(a, "%lluM", (c->memory / SZ_1M));
	/* Its DisplayPort has sound, and QEMU would look for a sound card. */
	args_add(a, "-audiodev");
	args_add(a, "none,id=none");
}

/* The real board has 4 GiB in two ranges; QEMU's has what -m says, in one. */
static int set_memory(void *fdt, u64 size)
{
	const fdt64_t reg[2] = { 0, cpu_to_fdt64(size) };
	int node, len;

	for (node = fdt_first_subnode(fdt, 0); node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		const char *type = fdt_getprop(fdt, node, "device_type", &len);

		if (type && fdt_stringlist_contains(type, len, "memory"))
			return fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
	}
	return node;
}

static int zcu102_device_tree(const struct board_config *c, void **fdt)
{
	char *path = beside_executable("boards/zcu102.dtb");
	int status = device_tree_read(path, path, fdt);
	int err;

	if (!status) {
		err = set_memory(*fdt, c->memory);
		if (err)
			status = refuse("%s: the memory node: %s", path,
					fdt_strerror(err));
	}
	free(path);
	return status;
}

const struct board board_zcu102 = {
	.name = "zcu102",
	.arch = IMAGE_ARM64,
	.image = "twofold-arm64.bin",
	.qemu = "qemu-system-aarch64",
	.ram_base = 0,
	.max_memory = 2 * SZ_1G,
	.fixed_cpus = 4,
	.default_gic = 2,
	.gicv2_only = true,
	.device_tree = zcu102_device_tree,
	.qemu_machine = zcu102_machine,
};
