/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM descriptions: what /chosen of the board's device tree asks for.
 *
 * The binding is Xen's for domains that start at boot ("dom0less":
 * docs/misc/arm/device-tree/booting.txt of Xen), as it stands; properties of
 * our own begin with `twofold,`. Reading is pure: nothing is allocated, no VM
 * is touched, and the same code runs on a PC.
 *
 * Whatever is wrong is refused with a message that names the node, the
 * property, what is wrong and what would be right. Nothing is guessed: a VM
 * without `memory` or `cpus` is refused, as is a property that nobody reads.
 */
#ifndef VMM_DESCRIPTION_H
#define VMM_DESCRIPTION_H

#include "core/vm.h"
#include "lib/types.h"

/* More than a board of today can start, few enough to compare all pairs. */
#define DESCRIPTION_MAX_VMS 1024
#define DESCRIPTION_MIN_MEMORY (16 * SZ_1M)
#define DESCRIPTION_WHY_SIZE 224 /* fits a line of the log */

/* Bytes that the boot loader has put into the board's RAM. */
struct description_module {
	int node; /* in the device tree, for messages */
	hpa_t pa;
	u64 size; /* bytes; 0: there is no such module */
};

/* Memory that other VMs have too: vmm/description_shared.h. */
struct description_shared {
	int node;
	const char *id;    /* in the device tree: the same for all VMs */
	u64 address, size; /* guest-physical; bytes, multiples of the granule */
	u32 granule;       /* the largest of the VMs that have the region */
	bool owner, read_only;
};

#define DESCRIPTION_MAX_SHARED 4 /* of one VM */

struct vm_description {
	char name[VM_NAME_LEN];
	int node;
	u64 memory; /* bytes; a multiple of 4 KiB */
	/* What it may use of the board's memory, for its RAM and for tables:
	 * bytes; 0: not said. */
	u64 max_memory, max_table_memory;
	unsigned int cpus;
	const char *bootargs; /* in the device tree; "" when not given */
	u32 granule;          /* of stage 2, bytes; 0: not said */
	unsigned int ipa_bits; /* 0: not said */
	/* CPU features that stage 2 does without: names one behind the other, in
	 * the device tree, and their bytes. */
	const char *features_off;
	unsigned int features_off_size;
	struct description_module kernel, ramdisk;
	unsigned int shared_count;
	struct description_shared shared[DESCRIPTION_MAX_SHARED];
};

struct description {
	bool stats, icount;
	const char *status_token; /* in the device tree; NULL: none */
	unsigned int vm_count;
};

/* How many VMs `fdt` describes, at most DESCRIPTION_MAX_VMS + 1. */
unsigned int description_count(const void *fdt);

/*
 * Read the descriptions. `fdt` has passed fdt_validate() and stays where it
 * is as long as the result is used. `board_memory`: bytes that the VMs may
 * have together. vms[max] gets them in the order of the tree.
 *
 * 0, or -EINVAL with the reason in why[why_size]. *d holds the options of
 * /chosen itself even then, as far as they could be read.
 */
int description_parse(const void *fdt, u64 board_memory, struct description *d,
		      struct vm_description *vms, unsigned int max, char *why,
		      size_t why_size);

/*
 * The VMs' shared memory, where their RAM is from `ram_base` on and devices lie
 * below it: it must be behind their RAM. Their limits on page tables, if any: room
 * for `vcpu_tables` bytes for each vCPU. Also for `twofold`, which has no
 * vmm/machine.h. 0, or -EINVAL as description_parse().
 */
int description_check_machine(const void *fdt, u64 ram_base, u64 vcpu_tables,
			      const struct vm_description *vms,
			      unsigned int count, char *why, size_t why_size);

/*
 * Do a VM's memory, from `ram_base` on, and what it has in common with others
 * lie within its guest-physical addresses? 0, or -EINVAL as above.
 */
int description_check_space(const void *fdt, const struct vm_description *d,
			    u64 ram_base, unsigned int ipa_bits, char *why,
			    size_t size);

/*
 * Are they all below `ram_end`, where devices begin? 0, or -EINVAL as above.
 */
int description_check_below(const void *fdt, const struct vm_description *d,
			    u64 ram_base, u64 ram_end, char *why, size_t size);

/*
 * Call fn for the range of every module that description_parse() may come to
 * use, good or bad: what must not be handed out as free memory. The nodes have
 * no `ranges`, their addresses are the board's all the same (as in Xen).
 */
void description_for_each_module(const void *fdt,
				 void (*fn)(hpa_t pa, u64 size, void *arg),
				 void *arg);

/*
 * Write "<path of node>: <property>: <text>" into why[size] (property NULL:
 * without it). Bytes that a terminal should not see become '?'. Returns
 * -EINVAL, for the caller to return.
 */
int description_refuse(const void *fdt, int node, const char *property,
		       char *why, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* A property whose presence says yes: *out. With a value, even "no", it is
 * refused as above. */
int description_flag(const void *fdt, int node, const char *name, bool *out,
		     char *why, size_t size);

/* "512 MiB", or "100 KiB" or "7 bytes" where that is exact. Returns buf. */
#define DESCRIPTION_SIZE_LEN 32
const char *description_size(char buf[DESCRIPTION_SIZE_LEN], u64 bytes);

#endif
