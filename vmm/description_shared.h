/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that several VMs have in common: Xen's binding for static shared
 * memory ("xen,domain-shared-memory-v1", docs/misc/arm/device-tree/booting.txt
 * of Xen). A node within each VM names the region, and where the VM sees it;
 * where it is in the board's memory is ours to choose.
 */
#ifndef VMM_DESCRIPTION_SHARED_H
#define VMM_DESCRIPTION_SHARED_H

#include "vmm/description.h"

/*
 * Read the region of `node`, a child of the VM's, into the VM's next place;
 * cells: of the VM's children. 0, or -EINVAL with the reason in why.
 */
int description_read_shared(const void *fdt, int node, int address_cells,
			    int size_cells, struct vm_description *vm,
			    char *why, size_t size);

/* Two VMs' uses of one region, or two regions of one VM: do they go together?
 * 0, or -EINVAL with the reason in why. */
int description_check_shared(const void *fdt, const struct vm_description *vm,
			     const struct vm_description *other, char *why,
			     size_t size);

/* Find the largest granule of each region's VMs, when all have been read. */
void description_join_shared(struct vm_description *vms, unsigned int count);

/* Does no VM before it in vms[] have the region? Then it is what the board's
 * memory is counted for. */
bool description_shared_is_new(const struct vm_description *vms,
			       const struct vm_description *vm,
			       const struct description_shared *s);

#endif
