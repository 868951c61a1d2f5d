// SPDX-License-Identifier: BSD-2-Clause
/* QEMU's own machine, `virt`: it writes its device tree itself. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/report.h"
#include "cli/undo.h"
#include "lib/util.h"

static const char *cpu_model(const struct settings *s)
{
	return s->cpu_model ? s->cpu_model : s->board->cpu_model;
}

static void virt_machine(const struct board_config *c, struct args *a)
{
	args_add(a, "-M");
	args_addf(a, "virt,virtualization=on,gic-version=%u", c->settings->gic);
	args_add(a, "-cpu");
	args_add(a, cpu_model(c->settings));
	args_add(a, "-smp");
	args_addf(a, "%u", c->cpus);
	args_add(a, "-m");
	args_addf(a, "%lluM", (c->memory / SZ_1M));
}

/* A hypervisor is written for CPUs of 32 bits, or of 64. */
static int refuse_other_width(const struct settings *s, const void *fdt)
{
	static const char *const models[] = { "arm,cortex-a15", "arm,cortex-a7",
					      "arm,cortex-a8", "arm,cortex-a9" };
	int cpus = fdt_path_offset(fdt, "/cpus");
	int cpu = fdt_subnode_offset(fdt, cpus, "cpu@0");
	char because[sizeof(s->kernels.name) + 64];
	bool arm = false;

	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		arm = arm || !fdt_node_check_compatible(fdt, cpu, models[i]);
	if (arm == (s->board->arch == IMAGE_ARM))
		return 0;
	if (s->kernels.known)
		snprintf(because, sizeof(because), "%s is %s", s->kernels.name,
			 kernel_kind_text(s->kernels.arch));
	else
		snprintf(because, sizeof(because), "the board %s has %s ones",
			 s->board->name, arm ? "64-bit" : "32-bit");
	if (arm)
		return refuse("--cpu %s: is a 32-bit CPU, and %s; a 64-bit one is cortex-a53, cortex-a57, neoverse-n1 or max%s",
			      cpu_model(s), because,
			      s->kernels.known ? "" : "; --board virt-arm is for 32 bits");
	return refuse("--cpu %s: is a 64-bit CPU, and %s; cortex-a15 or cortex-a7 is needed",
		      cpu_model(s), because);
}

/* What QEMU said, less the lines that are no complaint. */
static void drop_chatter(char *said)
{
	static const char *const chatter[] = { "qemu: module ", "info: " };
	char *to = said, *line, *rest = said;

	while ((line = strsep(&rest, "\n"))) {
		bool keep = true;
		size_t n = strlen(line);

		for (size_t i = 0; i < ARRAY_SIZE(chatter); i++)
			keep = keep && !strstr(line, chatter[i]);
		if (!keep)
			continue;
		if (to != said)
			*to++ = '\n';
		memmove(to, line, n);
		to += n;
	}
	*to = 0;
}

static int dump(const struct board_config *c, const char *path)
{
	const struct settings *s = c->settings;
	struct args a = { 0 };
	char *escaped = qemu_escaped(path), *said;
	int code, status;

	args_add(&a, s->board->qemu);
	virt_machine(c, &a);
	args_add(&a, "-nic");
	args_add(&a, "none");
	args_add(&a, "-display");
	args_add(&a, "none");
	if (s->icount) {
		args_add(&a, "-seed");
		args_add(&a, "1");
	}
	for (size_t i = 0; i < s->qemu_arg_count; i++)
		args_add(&a, s->qemu_args[i]);
	args_add(&a, "-M");
	args_addf(&a, "dumpdtb=%s", escaped);
	free(escaped);
	status = child_run(&a, &code, &said);
	args_free(&a);
	if (status)
		return status;
	drop_chatter(said);
	if (code || access(path, R_OK))
		status = refuse("QEMU refuses this board (look at --cpu, --gic, --board-cpus, --memory, --board-memory, --qemu-arg):\n%s%s",
				said, s->cpu_model && s->board->arch == IMAGE_ARM ?
					      "\nThe CPUs must have Hyp mode: cortex-a15 or cortex-a7." : "");
	free(said);
	return status;
}

static int virt_device_tree(const struct board_config *c, void **fdt)
{
	const char *path = temporary_path("board.dtb");
	int status;

	if (!path)
		return STATUS_FAILED;
	status = dump(c, path);
	if (!status)
		status = device_tree_read("QEMU's device tree", path, fdt);
	if (status)
		return status;
	return refuse_other_width(c->settings, *fdt);
}

const struct board board_virt = {
	.name = "virt",
	.arch = IMAGE_ARM64,
	.image = "twofold-arm64.bin",
	.qemu = "qemu-system-aarch64",
	.cpu_model = "cortex-a57",
	.ram_base = 0x40000000,
	.image_offset = BOARD_IMAGE_ARM64,
	.max_memory = 255 * SZ_1G,
	.default_gic = 3,
	.device_tree = virt_device_tree,
	.qemu_machine = virt_machine,
};

/* The same with CPUs of ARMv7, which cannot drive a GICv3. */
const struct board board_virt_arm = {
	.name = "virt-arm",
	.arch = IMAGE_ARM,
	.image = "twofold-arm.bin",
	/* qemu-system-arm (7.2) cuts a guest-physical address to 32 bits on its
	 * way to stage 2; this one has the same CPUs, and all 40. */
	.qemu = "qemu-system-aarch64",
	.cpu_model = "cortex-a15",
	.ram_base = 0x40000000,
	.image_offset = BOARD_IMAGE_ARM,
	.max_memory = 255 * SZ_1G,
	.default_gic = 2,
	.gicv2_only = true,
	.device_tree = virt_device_tree,
	.qemu_machine = virt_machine,
};
