/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs, given out in the order in which VMs run (K7).
 *
 * A VM holds a VMID for a generation. When they run out, a new generation
 * starts: those in use on some CPU at that moment are kept, every other is
 * free again, and each CPU invalidates its TLBs before it next enters a guest.
 * VMID 0 is never given out: it is the host's.
 */
#ifndef CORE_VMID_H
#define CORE_VMID_H

#include "lib/types.h"
#include "lib/util.h"

struct vmid {
	u64 id; /* generation << 16 | VMID; 0: never had one */
};

/* Once, before any VM runs. bits: 8 or 16, as the CPU says; ncpus <= 64. */
void vmid_init(unsigned int bits, unsigned int ncpus);
/* Forget everything; for tests. */
void vmid_exit(void);

/*
 * On CPU `cpu`, right before it enters a guest of this VM, with interrupts
 * masked: make the VM's VMID current. Returns it, 1 to 2^bits - 1. *flush is
 * set when this CPU must invalidate all guest TLB entries (and, where virtually
 * tagged, the instruction cache) before it enters.
 */
u16 vmid_use(struct vmid *v, unsigned int cpu, bool *flush);
static inline u16 vmid_value(const struct vmid *v)
{
	return __atomic_load_n(&v->id, __ATOMIC_RELAXED) & 0xffff;
}

#endif
