/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A board's memory as a hypervisor leaves it, for tests: the image's header and
 * record, VMs with their structures, and stage-2 tables that the engine made.
 */
#ifndef CLI_TESTING_DUMP_H
#define CLI_TESTING_DUMP_H

#include "cli/memory.h"
#include "core/vm.h"
#include "vmm/guest.h"
#include "vmm/inspect.h"

#define DUMP_BASE 0x80000000UL
#define DUMP_SIZE (8 * SZ_1M)
#define DUMP_IMAGE (DUMP_BASE + SZ_2M)
/* Of a zImage, which may be at any page. */
#define DUMP_ZIMAGE (DUMP_IMAGE + 0x13000)

/* An empty one, with room for `vms` VMs. */
void dump_make(unsigned int vms);
/* The same of the arm hypervisor, but that pointers are as long as the PC's. */
void dump_make_arm(unsigned int vms);
/* Of the mips hypervisor: of its VMs, tables are of the MIPS format. */
void dump_make_mips(unsigned int vms);
/* A VM without memslots, its stage 2 of `granule` bytes. */
struct vm *dump_vm(const char *name, unsigned int granule);
struct backing *dump_backing(const char *kind);
void dump_slot(struct vm *vm, u64 address, u64 size, struct backing *b,
	       u32 flags);
void dump_map(struct vm *vm, u64 address, u64 size, u64 pa, u32 attr);

/* The record, and any part of it, to be spoiled. */
struct inspect_record *dump_record(void);
void *dump_at(u64 pa);
struct guest **dump_guests(void);

/* As a file, to be read. */
void dump_open(struct memory *m);
void dump_free(void);

#endif
