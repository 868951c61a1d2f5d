/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifiers: a backing's owner takes pages back (K6).
 *
 * Each changes the VM's notifier sequence before it touches stage 2, and keeps
 * itself counted in it while at work, so that a fault that asked the backing
 * earlier retries. None sleeps or allocates. gfn ranges are half-open, in 4 KiB
 * frames; what lies beyond the IPA size is ignored. The MMU lock is taken
 * inside; when a call returns, no CPU can reach the old pages.
 */
#ifndef CORE_NOTIFIER_H
#define CORE_NOTIFIER_H

#include "lib/types.h"

struct vm;

/*
 * Where part of a block is to go the whole block goes, for there is no table to
 * split it with: stage 2 may lose more than asked for, it faults in again. What
 * was written is in the dirty log of its slot first.
 */
void notifier_unmap(struct vm *vm, gfn_t gfn, u64 pages);
/*
 * The same in two halves, with something between that must not be seen half
 * done: from notifier_start() to notifier_end() no fault maps anything, and the
 * hypervisor's own accesses to guest memory wait. Nobody yields in between.
 */
void notifier_start(struct vm *vm);
void notifier_end(struct vm *vm);

/*
 * The owner has put another page, `pfn`, behind one frame, published (K10):
 * stage 2 maps it instead of the old one, not writable (the next write faults
 * and asks the backing), or nothing if nothing was mapped. A larger leaf that
 * held the frame goes as a whole, as above.
 */
void notifier_change(struct vm *vm, gfn_t gfn, pfn_t pfn);

/* A range of any size in bounded steps, with cond_resched() between. Thread
 * context, no lock held. */
void notifier_unmap_steps(struct vm *vm, gfn_t gfn, u64 pages);
/*
 * The same, where the pages stay what they are and may be mapped again: without
 * PGT_FEAT_FWB what the guest wrote is cleaned from the data caches first, for
 * nobody finds it to clean it when the guest has turned its caches off (K10).
 * What else goes because a block is cut, here and in notifier_unmap(), is too.
 */
void notifier_unmap_kept(struct vm *vm, gfn_t gfn, u64 pages);

/* Sampled before the backing is asked (acquire). */
u64 notifier_begin(const struct vm *vm);
/* Under the MMU lock: has anything been taken back since, or is being? */
bool notifier_retry(const struct vm *vm, u64 seq);
/* Make old, and report whether it was young; or only report. */
bool notifier_age(struct vm *vm, gfn_t gfn, u64 pages);
bool notifier_test_age(struct vm *vm, gfn_t gfn, u64 pages);

#endif
