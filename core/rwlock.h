/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read-write spin locks whose readers do not write to each other's cache
 * lines: each CPU counts its own readers in a line of its own, so that faults
 * of one VM on many CPUs do not wait for a line to come round. A reader costs one
 * atomic addition to a line that is here already, a writer a look at every
 * CPU's line.
 *
 * A writer, waiting or inside, holds off new readers: a stream of faults cannot
 * starve an unmap. So readers of one lock do not nest: the inner one would wait
 * for a writer that waits for the outer one. Readers who wait get in before the
 * next writer does: a long operation in steps, each of which locks, cannot starve
 * a fault, which waits for two steps at the most.
 *
 * A reader does not yield, and unlocks on the CPU on which it locked. Two
 * threads may be the same CPU (those of a test on a PC): counts are atomic.
 */
#ifndef CORE_RWLOCK_H
#define CORE_RWLOCK_H

#include "lib/lock.h"
#include "lib/types.h"

/* From one CPU's count to the next: a cache line. */
#define RWLOCK_STRIDE 64

struct rwlock {
	u32 *readers; /* CPU 0's count */
	u32 writer;   /* one waits or is inside */
	u32 waiting;  /* readers that found one; atomic */
	struct spinlock writers; /* one at a time */
};

/*
 * `readers`: where CPU 0 counts, 0 now; CPU n does RWLOCK_STRIDE * n bytes
 * behind it, for all cpu_count of them. What else lies in those lines is the
 * owner's: the counts of other locks, and what else a CPU has of its own.
 */
static inline void rwlock_init(struct rwlock *l, u32 *readers)
{
	*l = (struct rwlock){.readers = readers};
}

void read_lock(struct rwlock *l);
void read_unlock(struct rwlock *l);
void write_lock(struct rwlock *l);
void write_unlock(struct rwlock *l);

#endif
