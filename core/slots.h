/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What those files of core/ share that change a VM's slots, rest on their staying
 * as they are, or log what is written: memslot.c, dirty_log.c, fault.c,
 * notifier.c, vm.c.
 */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "core/memslot.h"

/*
 * Whoever holds the slots changing may look at them, and yield, and others
 * wait: it is no spin lock. Thread context, no lock held.
 */
void slots_begin_change(struct vm *vm);
void slots_end_change(struct vm *vm);

/* The moment of the change: no fault is at work in a slot, and no CPU in stage
 * 2. The slots are changing; neither sleeps nor yields until it has ended. */
void slots_begin_commit(struct vm *vm);
void slots_end_commit(struct vm *vm);

/* The slot that starts at `base`, or NULL. The slots are changing. */
struct memslot *slots_at(struct vm *vm, gfn_t base);

/* ---- Dirty logs (core/dirty_log.h) ---------------------------------------------- */

/* An empty one. Charged to the VM's budget of tables. NULL: no memory. Both may
 * yield. */
struct dirty_log *dirty_log_create(struct vm *vm, u64 pages);
void dirty_log_destroy(struct vm *vm, struct dirty_log *log); /* or NULL */

/* These frames of the slot were written. Something keeps the log where it is: the
 * slots are held or changing, or the MMU lock is held. */
void dirty_log_mark(struct dirty_log *log, u64 first, u64 count);
/*
 * What to map for a fault in a slot that is logged, instead of `attr`, and
 * instead of up to *most bytes. If it is writable and not PGT_CLEAN, it is
 * marked while the MMU lock is held for the map.
 */
u32 dirty_log_attr(const struct vm *vm, u32 attr, bool write, u64 *most);
/* [ia, ia + size) is about to be unmapped or replaced: log what was written in
 * it, and let nothing be written after. The MMU lock is held for writing. */
void dirty_log_collect(struct vm *vm, u64 ia, u64 size);

/* The slot has a log as of now: whatever was mapped before shows no write any
 * more unless it is in the log. Or its log is gone: blocks come back. The slots
 * are changing. */
void dirty_log_begin(struct vm *vm, const struct memslot *s);
void dirty_log_end(struct vm *vm, const struct memslot *s);

#endif
