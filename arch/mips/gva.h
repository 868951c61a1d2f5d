/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K40: a vCPU's tables of guest-virtual addresses, one for each mode of the guest,
 * as the refill handler walks them. What stands there is what the guest's TLB and
 * segments say, and the VM's GPA table; it may go at any time, and faults in again.
 *
 * A table is the hypervisor's to change with the VM's MMU lock held, or in the
 * vCPU's own thread.
 */
#ifndef ARCH_MIPS_GVA_H
#define ARCH_MIPS_GVA_H

#include "arch/mips/guest.h"
#include "core/memcache.h"
#include "core/vmid.h"
#include "pgtable/pgtable.h"

struct mips_vcpu;
struct vm;

struct mips_gva {
	struct pgtable pt;   /* its tables are named by their address in kseg0 */
	struct vmid asid;    /* of the host's; id 0: take a new one */
	struct mips_vcpu *vcpu;
};

/* The refill handler's own: made for this CPU, and put in its place. Once. */
void gva_init(void);

/* Two empty tables. -ENOMEM. */
int gva_create(struct mips_vcpu *v);
/* Harmless on what is all zero. */
void gva_destroy(struct mips_vcpu *v);

/* The CPU walks the vCPU's table in use, by its ASID. Interrupts are masked. */
void gva_activate(struct mips_vcpu *v);
/* The CPU walks nothing: no address below kseg0 is mapped. */
void gva_deactivate(void);

/*
 * Enter what guest.map says, as far as the VM's GPA table has it; pages that it has
 * not are faulted into it. MIPS_RUN, or what the guest has to do instead; or -1:
 * the vCPU cannot go on, and vcpu.exit says why.
 */
int gva_fault(struct mips_vcpu *v);

/* Pages of one table go: [va, va + size), a multiple of 4 KiB; everything. */
void gva_drop(struct mips_gva *t, u32 va, u32 size);
void gva_drop_all(struct mips_gva *t);
/* All but kseg0. */
void gva_drop_mapped(struct mips_gva *t);

/* The VM's pages in [gpa, gpa + size) change: whatever shows them goes. The VM's
 * MMU lock is held. */
void gva_drop_physical(struct vm *vm, u64 gpa, u64 size);

#endif
