// SPDX-License-Identifier: BSD-2-Clause
/* What the boards have in common. */
#include <libgen.h>
#include <libfdt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/file.h"
#include "cli/report.h"
#include "core/cpu.h"
#include "lib/fdt.h"
#include "lib/util.h"

#define DEVICE_TREE_MAX (16 * SZ_1M)
#define GICV2_CPUS 8

/* The first of an architecture's is what its kernels get. */
static const struct board *const boards[] = { &board_virt, &board_virt_arm,
					    &board_zcu102, &board_vexpress,
					    &board_malta };

bool model_in(const char *models, const char *model)
{
	size_t n = strcspn(model, ",");

	while (models) {
		if (strcspn(models, " ") == n && !strncmp(models, model, n))
			return true;
		models = strchr(models, ' ');
		if (models)
			models++;
	}
	return false;
}

const struct board *board_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(boards); i++)
		if (!strcmp(boards[i]->name, name))
			return boards[i];
	return NULL;
}

const struct board *board_for(enum image_arch arch)
{
	size_t i = 0;

	while (boards[i]->arch != arch)
		i++;
	return boards[i];
}

unsigned int board_max_cpus(const struct board *b, unsigned int gic)
{
	if (b->fixed_cpus)
		return b->fixed_cpus;
	if (b->max_cpus)
		return b->max_cpus;
	return gic == 2 ? GICV2_CPUS : MAX_CPUS;
}

char *beside_executable(const char *name)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		n = 0;
	self[n] = 0;
	if (asprintf(&path, "%s/%s", dirname(self), name) < 0)
		exit(out_of_memory());
	return path;
}

int device_tree_read(const char *what, const char *path, void **fdt)
{
	size_t size;
	int status = file_read_all(what, path, DEVICE_TREE_MAX, fdt, &size);
	int err;

	if (status)
		return status;
	err = fdt_validate(*fdt, size);
	if (err) {
		free(*fdt);
		*fdt = NULL;
		return refuse("%s: is no sound device tree (%s)", what,
			      fdt_strerror(err));
	}
	return 0;
}

/* The real board's RAM is as large as it is; QEMU's has what -m says. */
static int set_memory(void *fdt, u64 base, u64 size)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };
	int node, len;

	for (node = fdt_first_subnode(fdt, 0); node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		const char *type = fdt_getprop(fdt, node, "device_type", &len);

		if (type && fdt_stringlist_contains(type, len, "memory"))
			return fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
	}
	return node;
}

void real_board_machine(const struct board_config *c, const char *machine,
			struct args *a)
{
	args_add(a, "-M");
	args_add(a, machine);
	args_add(a, "-smp");
	args_addf(a, "%u", c->cpus);
	args_add(a, "-m");
	args_addf(a, "%lluM", c->memory / SZ_1M);
	args_add(a, "-audiodev");
	args_add(a, "none,id=none");
}

int real_board_tree(const struct board_config *c, const char *name,
		    size_t room, void **fdt)
{
	char *path = beside_executable(name);
	int status = device_tree_read(path, path, fdt);
	size_t size;
	void *larger;
	int err;

	if (!status && room) {
		size = fdt_totalsize(*fdt) + room;
		larger = realloc(*fdt, size);
		if (!larger)
			exit(out_of_memory());
		*fdt = larger;
		fdt_set_totalsize(*fdt, size);
	}
	if (!status) {
		err = set_memory(*fdt, c->settings->board->ram_base, c->memory);
		if (err)
			status = refuse("%s: the memory node: %s", path,
					fdt_strerror(err));
	}
	free(path);
	return status;
}
