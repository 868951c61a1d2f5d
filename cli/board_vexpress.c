// SPDX-License-Identifier: BSD-2-Clause
/*
 * Arm's Versatile Express with the daughterboard V2P-CA15 (TC1): QEMU emulates
 * it but writes no device tree for it. Linux's is built beside this executable
 * (scripts/cli.mk).
 */
#include <libfdt.h>

#include "cli/board.h"
#include "cli/report.h"
#include "lib/fdt.h"
#include "lib/util.h"

/* The real board's, which its device tree has; QEMU's has up to four. */
#define REAL_CPUS 2
#define MAX_BOARD_CPUS 4
#define CPU_ROOM 128 /* for the node of one CPU */

/* With the secure state that it comes up in by default it would start the
 * hypervisor in SVC mode. */
static void vexpress_machine(const struct board_config *c, struct args *a)
{
	real_board_machine(c, "vexpress-a15,secure=off,virtualization=on", a);
}

/* CPUs of one cluster are numbered in order. */
static int add_cpu(void *fdt, int cpus, unsigned int n)
{
	char name[] = "cpu@0";
	int node, err;

	name[4] += n;
	node = fdt_add_subnode(fdt, cpus, name);
	if (node < 0)
		return node;
	err = fdt_setprop_string(fdt, node, "device_type", "cpu");
	if (!err)
		err = fdt_setprop_string(fdt, node, "compatible",
					 "arm,cortex-a15");
	return err ? err : fdt_setprop_u32(fdt, node, "reg", n);
}

static int set_cpus(void *fdt, unsigned int count)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), err = min(cpus, 0);

	for (unsigned int n = REAL_CPUS; n < count && !err; n++)
		err = add_cpu(fdt, cpus, n);
	if (count < REAL_CPUS && !err)
		err = fdt_del_node(fdt, fdt_subnode_offset(fdt, cpus, "cpu@1"));
	return err;
}

static int vexpress_device_tree(const struct board_config *c, void **fdt)
{
	int status = real_board_tree(c, "boards/vexpress-a15.dtb",
				     CPU_ROOM * MAX_BOARD_CPUS, fdt);
	int err;

	if (status)
		return status;
	err = set_cpus(*fdt, c->cpus);
	return err ? refuse("boards/vexpress-a15.dtb: /cpus: %s",
			    fdt_strerror(err)) :
		     0;
}

const struct board board_vexpress = {
	.name = "vexpress-a15",
	.arch = IMAGE_ARM,
	.image = "twofold-arm.bin",
	/* For all 40 bits of guest-physical addresses, as virt-arm. */
	.qemu = "qemu-system-aarch64",
	.cpu_model = "cortex-a15",
	.fixed_model = true,
	.ram_base = 0x80000000,
	.image_offset = BOARD_IMAGE_ARM,
	.max_memory = 30 * SZ_1G,
	.max_cpus = MAX_BOARD_CPUS,
	.default_gic = 2,
	.gicv2_only = true,
	.device_tree = vexpress_device_tree,
	.qemu_machine = vexpress_machine,
};
