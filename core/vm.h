/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual machines.
 */
#ifndef CORE_VM_H
#define CORE_VM_H

#include "core/backing.h"
#include "core/memslot.h"
#include "core/mmio.h"
#include "core/page_alloc.h"
#include "core/rwlock.h"
#include "core/vmid.h"
#include "lib/lock.h"
#include "lib/types.h"
#include "pgtable/pgtable.h"

#define VM_MAX_VCPUS 8
#define VM_NAME_LEN 32

struct vcpu;
struct vcpu_stats;

/* What one CPU has of a VM to itself: a cache line. */
struct vm_cpu {
	u32 slots_readers, mmu_readers; /* core/rwlock.h */
} __attribute__((aligned(RWLOCK_STRIDE)));

/*
 * Allocated by arch_vm_alloc() inside the port's own structure.
 *
 * Locks, in this order: `changing`, held by whoever changes slots, who may yield
 * meanwhile; slots_lock; a backing's users_lock; mmu_lock; the page allocator's.
 *
 * mmu_lock guards s2: read for faults, write for everything that takes mappings
 * away. slots_lock is held for reading by whoever uses a slot. The slots change
 * only with both of them held for writing, so that either is enough to look at
 * them: a notifier, which may be called with slots_lock held, has mmu_lock.
 */
struct vm {
	char name[VM_NAME_LEN];
	struct pgtable s2;
	u8 granule_order;   /* log2 of stage 2's granule, in 4 KiB pages */
	u8 tables_max;      /* pgtable_tables_max(): what a memcache holds */
	struct vm_cpu *cpus; /* cpu_count of them */
	struct rwlock mmu_lock, slots_lock;
	struct spinlock changing;
	u64 notifier_seq;   /* notifiers at work (lower 16 bits), and done */
	struct vmid vmid;

	struct memslot slots[VM_MAX_MEMSLOTS]; /* sorted by base */
	unsigned int slot_count;
	unsigned int logs; /* slots with a dirty log */
	/* What the slots show of their backings; slots[].user points here. */
	struct backing_user users[VM_MAX_MEMSLOTS];

	struct mmio_bus bus;
	struct vcpu *vcpus[VM_MAX_VCPUS];
	unsigned int vcpu_count; /* highest id + 1; ids may be left out */

	struct page_budget table_budget; /* stage-2 tables and memcaches */
	struct page_budget page_budget;  /* guest RAM */
	bool stopping;      /* every vCPU leaves vcpu_run() with EXIT_STOPPED */
};

struct vm_config {
	const char *name;
	unsigned int ipa_bits;   /* 0: the port's default (Arm: 40) */
	u32 granule;             /* of stage 2, bytes; 0: 4 KiB */
	/* CPU features that stage 2 is to do without, by the port's names: strings
	 * one behind the other, that many bytes with their zeroes. */
	const char *features_off;
	size_t features_off_size;
	u64 max_table_pages;     /* 0: no limit (B6) */
	u64 max_guest_pages;     /* 0: no limit */
};

/*
 * A VM with an empty stage 2, no memslots, no vCPUs. On an error nothing is
 * left behind (K1). -EINVAL: an IPA size or a granule that the CPU or the board
 * cannot do (arch_stage2_config() says why); -ENOMEM.
 */
int vm_create(const struct vm_config *config, struct vm **out);
/* Every vCPU's thread has left vcpu_run() for good. */
void vm_destroy(struct vm *vm);

/* Make every vCPU return EXIT_STOPPED from vcpu_run(), from wherever. */
void vm_stop(struct vm *vm);

/* What its vCPUs' faults did, together; approximate while they run. */
struct vcpu_stats vm_stats(const struct vm *vm);

/* Throw the VM's RAM away, for a reset: everything is unmapped, backings start
 * afresh, and instruction caches are invalidated (bugs.md 13). vCPUs are out. */
void vm_reset_memory(struct vm *vm);

#define for_each_vcpu(i, v, vm)                                                \
	for (i = 0; i < (vm)->vcpu_count; i++)                                 \
		if (!((v) = (vm)->vcpus[i]))                                   \
			;                                                      \
		else

#endif
