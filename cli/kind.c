// SPDX-License-Identifier: BSD-2-Clause
/* What CPUs kernels are for. */
#include <fcntl.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/file.h"
#include "cli/kind.h"
#include "cli/report.h"

const char *kernel_kind_text(enum image_arch arch)
{
	static const char *const texts[] = {
		[IMAGE_ARM64] = "an arm64 kernel",
		[IMAGE_ARM] = "a 32-bit Arm kernel",
		[IMAGE_MIPS] = "a MIPS kernel",
	};

	return texts[arch];
}

/* zlib reads files that are not packed as they are. */
static int read_head(const char *path, u8 head[IMAGE_HEAD])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), n = -1;
	gzFile file = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		file = gzdopen(fd, "rb");
	if (file) {
		n = gzread(file, head, IMAGE_HEAD);
		gzclose(file);
	} else if (fd >= 0) {
		close(fd);
	}
	return n;
}

void kernel_kind_of_file(const char *path, struct kernel_kind *out)
{
	u8 head[IMAGE_HEAD];
	int n = read_head(path, head);

	*out = (struct kernel_kind){ 0 };
	out->known = n > 0 && image_names_arch(head, n, &out->arch);
	snprintf(out->name, sizeof(out->name), "%s", path);
}

/* ---- Descriptions -------------------------------------------------------- */

/* "two.dts: /chosen/debian/kernel: FILE" */
static void name_module(const void *fdt, int node, const char *dts,
			const char *file, struct kernel_kind *out)
{
	char path[256];

	if (fdt_get_path(fdt, node, path, sizeof(path)))
		snprintf(path, sizeof(path), "(a deep node)");
	snprintf(out->name, sizeof(out->name), "%s: %s: %s", dts, path, file);
}

/* What is wrong with a module is said when all is read (cli/plan.h). */
static void kind_of_module(const void *fdt, int node, const char *dts,
			   struct kernel_kind *out)
{
	int len;
	const char *file = fdt_getprop(fdt, node, "twofold,file", &len);
	char *path;

	*out = (struct kernel_kind){ 0 };
	if (fdt_node_check_compatible(fdt, node, "multiboot,kernel") || !file ||
	    len < 2 || strnlen(file, len) != (size_t)len - 1)
		return;
	path = path_beside(dts, file);
	if (!path)
		return;
	kernel_kind_of_file(path, out);
	free(path);
	name_module(fdt, node, dts, file, out);
}

int kernel_kind_of_description(const void *fdt, const char *dts,
			       struct kernel_kind *out)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), vm, node;
	struct kernel_kind k;

	*out = (struct kernel_kind){ 0 };
	if (chosen < 0)
		return 0;
	fdt_for_each_subnode(vm, fdt, chosen) {
		fdt_for_each_subnode(node, fdt, vm) {
			kind_of_module(fdt, node, dts, &k);
			if (k.known && !out->known)
				*out = k;
			if (k.known && k.arch != out->arch)
				return refuse("%s: is %s, and %s is %s; a board has CPUs for one of them: describe them in two files, for two boards",
					      k.name, kernel_kind_text(k.arch),
					      out->name,
					      kernel_kind_text(out->arch));
		}
	}
	return 0;
}
