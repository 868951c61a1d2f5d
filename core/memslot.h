/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memslots: which guest-physical ranges are backed by what.
 */
#ifndef CORE_MEMSLOT_H
#define CORE_MEMSLOT_H

#include "lib/types.h"

struct vm;
struct backing;
struct backing_user;

enum memslot_flags {
	MEMSLOT_READONLY = 1 << 0,
};

struct memslot {
	gfn_t base;
	u64 pages;
	u64 backing_offset; /* of the first page, in pages */
	struct backing *backing;
	struct backing_user *user;
	u32 flags;
};

#define VM_MAX_MEMSLOTS 32

/*
 * Add a slot. Takes a reference to the backing. -EINVAL: empty, wraps, not
 * aligned to stage 2's granule, past the IPA size or past the backing's end,
 * an unknown flag; -EEXIST: overlaps a slot; -ENOSPC.
 */
int memslot_add(struct vm *vm, gfn_t base, u64 pages, struct backing *backing,
		u64 backing_offset, u32 flags);
/* Remove the slot that starts at `base`, unmapping it first. -ENOENT. */
int memslot_delete(struct vm *vm, gfn_t base);
/* The slot that holds `gfn`, or NULL. Slots do not change while a VM runs
 * unless every vCPU is out of the guest. */
const struct memslot *memslot_find(const struct vm *vm, gfn_t gfn);

#endif
