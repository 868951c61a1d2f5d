/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory faults, and access to guest memory from the hypervisor.
 */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#include "lib/types.h"
#include "pgtable/pgtable.h"

struct vcpu;
struct vm;

/* A stage-2 fault, as the port's exit decoder found it. */
struct guest_fault {
	gpa_t gpa;
	gva_t gva;
	bool write;
	bool exec;        /* an instruction fetch */
	bool s1ptw;       /* on the guest's own table walk: `write` does not
			   * say what the guest wanted (bugs.md 14) */
	bool permission;  /* permission fault; otherwise translation */
	bool access_flag; /* access-flag fault */
	u64 syndrome;     /* the port's own, for messages */
};

/* In a stage-2 leaf: the page is not the VM's own but an image's, shown until
 * the VM writes to it: a copy then. */
#define LEAF_SHARED PGT_SW(0)

enum fault_result {
	FAULT_HANDLED,   /* run the guest again */
	FAULT_MMIO,      /* no memslot: emulate the access */
	FAULT_ABORT,     /* no memory can be there: inject an external abort */
	FAULT_SIZE,      /* beyond the IPA size: inject an address size fault */
};

/*
 * Resolve a fault in guest memory (K3). Called in the vCPU's thread with no
 * lock held; tops the vCPU's memcache up, asks the backing, takes the MMU lock,
 * checks the notifier sequence and maps. Returns an enum fault_result, or
 * -ENOMEM: no memory for a table or page, within the VM's limits; -EINVAL: the
 * backing's page is not aligned as stage 2 needs it; -ERANGE: it lies beyond the
 * host-physical addresses that stage 2 has. The VM cannot go on then.
 */
int fault_handle(struct vcpu *vcpu, const struct guest_fault *f);

/*
 * Copy to or from guest-physical memory, faulting pages in as a guest access
 * would (but not into stage 2). Written pages are made visible to a guest
 * whose caches are off. No lock held. -EFAULT: not RAM; -EPERM: a slot, or memory,
 * that is read-only; -ENOMEM; a prefix may have been written then.
 */
int guest_write(struct vm *vm, gpa_t gpa, const void *buf, size_t len);
int guest_read(struct vm *vm, gpa_t gpa, void *buf, size_t len);

#endif
