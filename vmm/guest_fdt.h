/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree that a guest gets, for the machine of vmm/machine.h.
 */
#ifndef VMM_GUEST_FDT_H
#define VMM_GUEST_FDT_H

#include "lib/types.h"

struct description_shared;

struct guest_fdt_config {
	u64 ram_size;
	unsigned int cpus; /* 1 to 8 */
	u64 granule;       /* of stage 2, bytes */
	const char *bootargs;
	u64 ramdisk, ramdisk_size; /* size 0: none */
	const struct description_shared *shared;
	unsigned int shared_count;
};

/* What any configuration needs at most: the fixed part, eight CPUs and 2 KiB
 * of bootargs. */
#define GUEST_FDT_MAX 8192

/*
 * Write the tree into buf[size], aligned to 8 bytes. Returns its length in
 * bytes, or -ENOSPC.
 */
int guest_fdt_write(const struct guest_fdt_config *config, void *buf,
		    size_t size);

#endif
