/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VM's stage 2 maps, read from a board's physical memory: the record of
 * vmm/inspect.h says where, and the page-table engine itself walks the tables.
 * Memory may hold anything: what does not make sense is refused, or ends a
 * walk, and nothing outside of it is read.
 */
#ifndef CLI_STAGE2_H
#define CLI_STAGE2_H

#include "cli/memory.h"
#include "core/vm.h"
#include "vmm/image.h"

/* Leaves side by side, alike, in guest-physical and host-physical order. */
struct stage2_run {
	u64 address, size; /* guest-physical */
	u64 host;
	u64 leaf; /* bytes of each */
	u32 attr; /* PGT_*, LEAF_SHARED */
	s8 level;
};

struct stage2_slot {
	u64 address, size;
	u32 flags;          /* enum memslot_flags */
	u64 backing;        /* which it is: other slots may show the same */
	u64 offset;         /* bytes, in the backing */
	u64 resident;       /* bytes of pages that the backing itself owns */
	char kind[VM_NAME_LEN];
};

struct stage2_vm {
	char name[VM_NAME_LEN];
	u64 root;
	enum image_arch arch; /* which CPUs' format, of those of a granule */
	unsigned int granule, ipa_bits, pa_bits, features;
	int start_level;
	struct stage2_slot *slots;
	size_t slot_count;
	struct stage2_run *runs; /* in order */
	size_t run_count;
	u64 tables;  /* table pages that the walk found, the root's included */
	bool damaged; /* a table is outside of memory, or in the tree twice */
	/* As the hypervisor counts; pages of 4 KiB. */
	u64 table_limit, table_used, page_limit, page_used;
};

struct stage2_board {
	u64 hypervisor; /* where the image is */
	struct stage2_vm *vms;
	size_t vm_count;
};

/*
 * Find the hypervisor, the VMs that run, and their memslots. 0 or a status.
 * stage2_free() frees what `out` holds, after an error too. `image`: where to
 * look first, and a hypervisor there is believed to be the one.
 */
int stage2_open(struct memory *m, u64 image, struct stage2_board *out);
/* Walk [address, address + size) of the VM's stage 2, widened to its granule
 * and cut to its address space: runs, tables and damaged. */
int stage2_walk(struct memory *m, struct stage2_vm *vm, u64 address, u64 size);
void stage2_free(struct stage2_board *b);

/* Entries of a table. */
static inline unsigned int stage2_entries(const struct stage2_vm *vm)
{
	return vm->granule / (vm->arch == IMAGE_MIPS ? sizeof(u32) : sizeof(u64));
}

/* Is the slot's memory another VM's as well? */
bool stage2_slot_shared(const struct stage2_board *b,
			const struct stage2_vm *vm,
			const struct stage2_slot *s, size_t other);

#endif
