/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dirty log: which pages of a memslot were written since it was last asked
 * (B3). A bitmap of 4 KiB frames per slot, switched on by MEMSLOT_LOG_DIRTY.
 *
 * Without FEAT_HAFDBS what is clean is write-protected, and the fault of the
 * first write sets the bit. With it the hardware marks the leaf, without a
 * fault, and the marks are collected from stage 2 (pgtable_harvest_dirty())
 * when the log is read, and before anything is unmapped. Writes of the
 * hypervisor itself, guest_write() and devices, are in it as well; so is all that
 * a reset throws away, in the logs of all VMs that show it. It is of addresses:
 * who shows one page in two slots has a write through one of them in that one's
 * log.
 *
 * A slot that is logged is mapped in single pages (of stage 2's granule), so
 * that one write does not make a block dirty; when the log ends, its pages are
 * put together into blocks again, where they are alike, or by the next fault.
 */
#ifndef CORE_DIRTY_LOG_H
#define CORE_DIRTY_LOG_H

#include "lib/types.h"

struct vm;

/*
 * Take what the log of the slot at `base` holds for frames [first, first +
 * pages) of the slot: bit n of `bitmap` (little-endian words of 64 bits; a
 * multiple of 64 frames, or up to the slot's end) is frame first + n. The log
 * of those starts anew: a write after the call is in the next one; no write is
 * in neither. Bounded steps; vCPUs run meanwhile. Thread context, no lock held.
 * Returns the number of dirty frames; -ENOENT: no slot there, or no log;
 * -EINVAL: `first` or `pages` is not as said, or the range leaves the slot.
 */
s64 dirty_log_take(struct vm *vm, gfn_t base, u64 first, u64 pages,
		   u64 *bitmap);

#endif
