/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memslots: which guest-physical ranges are backed by what.
 *
 * They may change while vCPUs run. Whoever uses a slot that memslot_find() gave
 * holds vm->slots_lock for reading, from before the call until he is done with
 * the slot and its backing; those who change them hold it for writing, so
 * that a slot that is gone is in nobody's hands, and only then is its
 * reference to the backing dropped. A fault holds it from the lookup to the
 * mapping. The order of the locks: core/vm.h.
 */
#ifndef CORE_MEMSLOT_H
#define CORE_MEMSLOT_H

#include "lib/types.h"

struct vm;
struct backing;
struct backing_user;
struct dirty_log;

enum memslot_flags {
	MEMSLOT_READONLY = 1 << 0,
	MEMSLOT_LOG_DIRTY = 1 << 1, /* core/dirty_log.h */
};
#define MEMSLOT_FLAGS (MEMSLOT_READONLY | MEMSLOT_LOG_DIRTY)

struct memslot {
	gfn_t base;
	u64 pages;
	u64 backing_offset; /* of the first page, in pages */
	struct backing *backing;
	struct backing_user *user;
	u32 flags;
	struct dirty_log *log; /* with MEMSLOT_LOG_DIRTY */
	bool moving; /* no fault maps from it */
};

#define VM_MAX_MEMSLOTS 32

/*
 * All that change slots: thread context, no lock held, any CPU; among
 * themselves they are serialised here. On an error nothing has changed.
 *
 * Add a slot. Takes a reference to the backing. -EINVAL: empty, wraps, not
 * aligned to stage 2's granule, past the IPA size or past the backing's end,
 * a backing that hands out less than a granule, an unknown flag; -EEXIST:
 * overlaps a slot; -ENOSPC; -ENOMEM: no memory for a dirty log.
 */
int memslot_add(struct vm *vm, gfn_t base, u64 pages, struct backing *backing,
		u64 backing_offset, u32 flags);
/*
 * Remove the slot that starts at `base`, unmapping it in bounded steps. When it
 * returns, no CPU reaches its pages through this VM, and no fault still
 * handles one. -ENOENT.
 */
int memslot_delete(struct vm *vm, gfn_t base);
/*
 * The slot at `base` goes to `to`, with its contents, flags and dirty log; what
 * it mapped is unmapped, and faults in at the new place. While it moves, faults
 * in it are tried again. -ENOENT; -EINVAL,
 * -EEXIST as memslot_add(); it may overlap its own old place.
 */
int memslot_move(struct vm *vm, gfn_t base, gfn_t to);
/*
 * Change a slot's flags: read-only or not, dirty log on or off. A new log is
 * empty, and from the return on every write is in it. -ENOENT; -EINVAL: unknown
 * flag; -ENOMEM.
 */
int memslot_set_flags(struct vm *vm, gfn_t base, u32 flags);
/* The slot that holds `gfn`, or NULL. The slots, or the MMU lock, are held for
 * reading. */
const struct memslot *memslot_find(const struct vm *vm, gfn_t gfn);
/* Is there a slot that holds `gfn`, at this moment? Takes the slots itself. */
bool memslot_covers(struct vm *vm, gfn_t gfn);

#endif
