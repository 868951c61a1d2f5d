// SPDX-License-Identifier: BSD-2-Clause
/* Where VM descriptions come from. */
#include <libfdt.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/child.h"
#include "cli/file.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/undo.h"

static int run_dtc(const char *path, const char *out)
{
	struct args a = { 0 };
	char *copy = strdup(path), *said;
	int code, status;

	if (!copy)
		return out_of_memory();
	args_add(&a, "dtc");
	args_add(&a, "-q");
	args_add(&a, "-I");
	args_add(&a, "dts");
	args_add(&a, "-O");
	args_add(&a, "dtb");
	args_add(&a, "-i");
	args_add(&a, dirname(copy));
	args_add(&a, "-o");
	args_add(&a, out);
	args_addf(&a, "%s%s", *path == '-' ? "./" : "", path);
	status = child_run(&a, &code, &said);
	args_free(&a);
	free(copy);
	if (status)
		return status;
	if (code)
		status = refuse("%s: dtc refuses it:\n%s", path, said);
	free(said);
	return status;
}

int source_from_dts(const char *path, void **fdt)
{
	const char *out;
	struct stat st;
	int fd, status;

	status = file_open(path, path, &fd, &st);
	if (status)
		return status;
	close(fd);
	out = temporary_path("vms.dtb");
	if (!out)
		return STATUS_FAILED;
	status = run_dtc(path, out);
	return status ? status : device_tree_read(path, out, fdt);
}

/* A string list property from strings with a 0 between them. */
#define put_strings(fdt, name, strings)                                        \
	fdt_property(fdt, name, strings, sizeof(strings))

/* Errors of the sequential writer stay with it: the last call tells. */
static void put_module(void *fdt, const char *name, const char *file)
{
	fdt_begin_node(fdt, name);
	if (!strcmp(name, "kernel"))
		put_strings(fdt, "compatible",
			    "multiboot,kernel\0multiboot,module");
	else
		put_strings(fdt, "compatible",
			    "multiboot,ramdisk\0multiboot,module");
	fdt_property_string(fdt, "twofold,file", file);
}

static void put_vm(void *fdt, const struct settings *s)
{
	fdt_begin_node(fdt, s->name);
	fdt_property_string(fdt, "compatible", "xen,domain");
	fdt_property_u64(fdt, "memory", s->memory / 1024);
	fdt_property_u32(fdt, "cpus", s->cpus);
	if (s->granule)
		fdt_property_u32(fdt, "twofold,stage2-granule", s->granule);
	put_module(fdt, "kernel", s->operand);
	fdt_property_string(fdt, "bootargs", s->append);
	fdt_end_node(fdt);
	if (s->initrd) {
		put_module(fdt, "ramdisk", s->initrd);
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
}

int source_from_settings(const struct settings *s, void **fdt)
{
	size_t size = 4096 + strlen(s->operand) + strlen(s->append) +
		      (s->initrd ? strlen(s->initrd) : 0);
	int err;

	*fdt = malloc(size);
	if (!*fdt)
		return out_of_memory();
	fdt_create(*fdt, size);
	fdt_finish_reservemap(*fdt);
	fdt_begin_node(*fdt, "");
	fdt_begin_node(*fdt, "chosen");
	put_vm(*fdt, s);
	fdt_end_node(*fdt);
	fdt_end_node(*fdt);
	err = fdt_finish(*fdt);
	if (err)
		return failed("the description cannot be written: %s",
			      fdt_strerror(err));
	return 0;
}
