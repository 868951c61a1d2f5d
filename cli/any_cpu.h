/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would there be a CPU that can do a VM's stage 2? What the board's CPUs can do
 * is known when the hypervisor runs on them; much is wrong on every CPU.
 */
#ifndef CLI_ANY_CPU_H
#define CLI_ANY_CPU_H

#include "vmm/description.h"
#include "vmm/image.h"

/* 0, or -EINVAL with the node, property and reason in why[size], in the
 * hypervisor's own words. */
int any_cpu_check(const void *fdt, const struct vm_description *d,
		  enum image_arch arch, char *why, size_t size);

#endif
