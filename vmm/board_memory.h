/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The board's RAM, from its device tree to the page allocator.
 */
#ifndef VMM_BOARD_MEMORY_H
#define VMM_BOARD_MEMORY_H

#include "lib/types.h"

/* What the port knows of it; host-physical addresses, bytes. */
struct board_memory {
	u64 image, image_size; /* the hypervisor's own */
	u64 firmware, firmware_size; /* what the firmware goes by */
	u64 fdt;
	u64 lowest; /* where the linear map starts; no RAM is below */
	u64 reach;  /* where it ends */
	u64 end;    /* nothing above can be mapped at all */
	u64 unsaid; /* RAM from `lowest` on, of a tree that has no memory node */
};

/*
 * Tell the page allocator of all RAM that the tree has, but for what must not be
 * handed out: image, tree, reserved memory, modules. The tree has passed
 * fdt_validate(); one that cannot be used is a panic(). The boot CPU, once;
 * mapping chunks (core/page_alloc.h) works. Returns where RAM ends.
 */
u64 board_memory_init(const void *fdt, const struct board_memory *b);

#endif
