/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's address space. Its size follows from the CPU's physical address size,
 * and everything in it from its size (K20):
 *
 *   the half that the identity-mapped page does not lie in, in quarters:
 *     1      windows: page-access slots of each CPU in its first half, then I/O
 *            and stacks with guard pages; its last page is the trampoline
 *     2      the image
 *     3, 4   linear map: the hypervisor's own RAM, at a constant offset
 *
 * Where that half is the lower one, no pointer to the hypervisor's memory is
 * NULL for that.
 */
#ifndef ARMCOMMON_LAYOUT_H
#define ARMCOMMON_LAYOUT_H

#include "lib/types.h"

struct el2_layout {
	unsigned int va_bits, pa_bits;
	u64 linear;        /* VA of linear_pa */
	u64 linear_pa;     /* lowest RAM, a multiple of 1 GiB */
	u64 linear_size;
	u64 image;         /* VA of the image's first byte */
	u64 image_pa;
	u64 io, io_size;
	u64 stacks;
	u64 slots;         /* SLOT_STRIDE for each CPU */
	u64 fdt;           /* the board's device tree */
	u64 fdt_pa;
	u64 trampoline;    /* one page */
};

/* Of each CPU: one 2 MiB block, then single pages. */
#define SLOT_STRIDE (2 * SZ_2M)

extern struct el2_layout layout;

/* The port's: va_bits and pa_bits of this CPU's. */
void port_address_sizes(struct el2_layout *l);

#endif
