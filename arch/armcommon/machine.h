/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Arm guest machine, on both Arm ports: what an Arm guest has beside what
 * vmm/guest_machine.h places. From QEMU's `virt`, as that.
 */
#ifndef ARMCOMMON_MACHINE_H
#define ARMCOMMON_MACHINE_H

#include "lib/types.h"

struct vm;

#define GUEST_GICD_BASE 0x08000000ULL
#define GUEST_GICD_SIZE 0x10000ULL
#define GUEST_GICC_BASE 0x08010000ULL
#define GUEST_GICC_SIZE 0x10000ULL  /* as the device tree says */
#define GUEST_GICV_PAGES 2          /* what is behind it: 8 KiB of registers */
#define GUEST_GICR_BASE 0x080a0000ULL
#define GUEST_GICR_SIZE 0x20000ULL  /* for each vCPU */

/* PPIs of the architected timers, by number in the device tree (INTID - 16). */
#define GUEST_TIMER_SECURE_PPI 13
#define GUEST_TIMER_PHYS_PPI 14
#define GUEST_TIMER_VIRT_PPI 11
#define GUEST_TIMER_HYP_PPI 10

/*
 * A GICv2 guest drives the virtual CPU interface itself (K9): show it the
 * board's, at `gicv`, as its GICC. Of arch_vm_init(); -ENOMEM. What it adds
 * goes with the VM's other slots.
 */
int machine_add_gicv(struct vm *vm, hpa_t gicv);

#endif
