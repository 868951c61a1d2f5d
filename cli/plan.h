/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is to be loaded for a description: its VMs, the modules in their
 * nodes, and the files behind those. Several modules may name one file; it is
 * loaded once, and the VMs share its pages.
 *
 * Only what has to be known before anything is loaded is read and checked
 * here. The rest is checked on the composed tree, by the hypervisor's own
 * parser (vmm/description.h), so that both say the same.
 */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include <sys/types.h>

#include "lib/types.h"
#include "vmm/image.h"

struct settings;

enum role { ROLE_KERNEL, ROLE_RAMDISK };

struct payload {
	enum role role;
	dev_t device; /* which file it is, by whatever name */
	ino_t inode;
	char *file;   /* the file to load: the user's, or unpacked from it */
	u64 size;     /* of that file */
	u64 offset;   /* its address is congruent to this modulo 2 MiB */
	struct image image; /* of a kernel */
	u64 address;  /* in the board's RAM: cli/layout.h */
};

struct plan_module {
	int node; /* in the description */
	unsigned int vm, payload;
};

struct plan_vm {
	int node;
	u64 memory; /* bytes; 0: not readable, which the parser will say */
	u64 most;   /* of the board's memory that it may use */
	unsigned int cpus;
	struct image kernel; /* in so much memory; of a VM that has one */
	bool has_kernel;
};

struct plan {
	const void *description;
	const struct settings *settings;
	struct plan_vm *vms;
	unsigned int vm_count;
	struct plan_module *modules;
	unsigned int module_count;
	const char **shared_ids; /* regions of shared memory */
	unsigned int shared_count;
	u64 shared; /* bytes of them all */
	struct payload *payloads;
	unsigned int payload_count;
};

/*
 * Read the description and look at every file. What is wrong is refused with
 * the option, or the description, node and property, that it came from.
 * plan_free() frees what `out` holds, after an error too.
 */
int plan_read(const void *description, const struct settings *s,
	      struct plan *out);
void plan_free(struct plan *p);

/* Sum of the memory that the VMs may use, shared once, and the most CPUs that one of them has. */
u64 plan_memory(const struct plan *p);
unsigned int plan_cpus(const struct plan *p);

#endif
