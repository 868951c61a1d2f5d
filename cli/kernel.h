/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel files. What they are and where their parts go is judged by the
 * hypervisor's own code (vmm/image.h); here it is asked of a file, before
 * anything is started.
 */
#ifndef CLI_KERNEL_H
#define CLI_KERNEL_H

#include "lib/types.h"
#include "vmm/image.h"

/*
 * Recognise an open, unpacked kernel of `size` bytes for `arch` and plan it into a guest
 * with as much RAM as a guest can have. Refused, naming `what`: kernels of other
 * architectures, files that are certainly no kernel, damaged headers, an Image
 * that ends before the sections of its EFI header do, and a zImage of Linux that
 * ends before its header says.
 */
int kernel_recognise(const char *what, int fd, u64 size, enum image_arch arch,
		     struct image *out);

/*
 * Plan a kernel that was recognised, the file at `path`, into a guest with this
 * much RAM, as the hypervisor will. False: it does not fit.
 */
bool kernel_fits(const char *path, u64 size, enum image_arch arch, u64 memory,
		 struct image *out);

/*
 * Where in a 2 MiB block the file should start in host memory, so that most
 * of it is at the same place in its block as in the guest's memory.
 */
u64 kernel_block_offset(const struct image *image);

#endif
