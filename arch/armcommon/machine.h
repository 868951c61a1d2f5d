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
#define GUEST_GICC_SIZE 0x10000ULL  /* as the device tree says, at the base */
#define GUEST_GICV_SIZE 0x2000ULL   /* what is behind it */
#define GUEST_GICC_ROOM 0x20000ULL  /* what a guest's map has free there */
#define GUEST_GICR_BASE 0x080a0000ULL
#define GUEST_GICR_SIZE 0x20000ULL  /* for each vCPU */

/* PPIs of the architected timers, by number in the device tree (INTID - 16). */
#define GUEST_TIMER_SECURE_PPI 13
#define GUEST_TIMER_PHYS_PPI 14
#define GUEST_TIMER_VIRT_PPI 11
#define GUEST_TIMER_HYP_PPI 10

/* What a guest's device tree says that a CPU is; the port may know better. */
extern const char *machine_cpu;
/* The counter's frequency, of guests' device trees; 0: CNTFRQ says it right. */
extern u32 machine_timer_hz;
/* vCPUs of a cluster, as a power of two: MPIDR's Aff0 counts them, Aff1 clusters. */
extern unsigned int machine_cluster_shift;
/* Of vCPU n: MPIDR's affinity, and `reg` of its node. */
u32 machine_affinity(unsigned int n);

/*
 * The board's virtual CPU interface: GUEST_GICV_SIZE bytes of registers, in a
 * region that is all its own. The port fills it in where there is a GICv2.
 */
extern struct machine_gicv {
	hpa_t regs;
	hpa_t region;
	u64 size; /* of the region */
} machine_gicv;

/*
 * A GICv2 guest drives the virtual CPU interface itself (K9): show it the
 * board's as its GICC. With granules above 4 KiB, all of the
 * granules that it lies in, from GUEST_GICC_BASE on; the guest's device tree
 * says where in them. Of arch_vm_init(); -ENOMEM. What it adds goes with the
 * VM's other slots.
 */
int machine_add_gicv(struct vm *vm);
/* Do those granules (0: 4 KiB) hold nothing that is not the interface's own? */
bool machine_gicv_fits(u64 granule);

#endif
