/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifiers: a backing's owner takes pages back (K6).
 *
 * Each bumps the VM's notifier sequence before it touches stage 2 and keeps it
 * odd while at work, so that a fault that asked the backing earlier retries.
 * None sleeps or allocates. gfn ranges are half-open, in 4 KiB frames. The MMU
 * lock is taken inside; when a call returns, no CPU can reach the old pages.
 */
#ifndef CORE_NOTIFIER_H
#define CORE_NOTIFIER_H

#include "lib/types.h"

struct vm;

void notifier_unmap(struct vm *vm, gfn_t gfn, u64 pages);
/* Sampled before the backing is asked (acquire). */
u64 notifier_begin(const struct vm *vm);
/* Under the MMU lock: has anything been taken back since? */
bool notifier_retry(const struct vm *vm, u64 seq);
/* Make old, and report whether it was young; or only report. */
bool notifier_age(struct vm *vm, gfn_t gfn, u64 pages);
bool notifier_test_age(struct vm *vm, gfn_t gfn, u64 pages);

#endif
