/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What CPUs kernels are for. They say it themselves, and the board follows from
 * it unless the user chose one.
 */
#ifndef CLI_KIND_H
#define CLI_KIND_H

#include "lib/types.h"
#include "vmm/image.h"

struct kernel_kind {
	bool known; /* false: none says it, as a raw binary does not */
	enum image_arch arch;
	char name[512]; /* the first kernel that says it, for messages */
};

/* "an arm64 kernel" */
const char *kernel_kind_text(enum image_arch arch);

/*
 * Of one kernel, which may be packed with gzip. What is wrong with the file is
 * not said here: not known, then.
 */
void kernel_kind_of_file(const char *path, struct kernel_kind *out);

/*
 * Of all kernels of the VMs in a description, which came from the file `dts`.
 * 0, or refused: they are for different CPUs, and a board has those of one kind.
 */
int kernel_kind_of_description(const void *fdt, const char *dts,
			       struct kernel_kind *out);

#endif
