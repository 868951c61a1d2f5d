/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What those files of core/ share that change a VM's slots, or rest on their
 * staying as they are: memslot.c, dirty_log.c, notifier.c, vm.c.
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

#endif
