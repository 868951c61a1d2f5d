// SPDX-License-Identifier: BSD-2-Clause
/*
 * A reader counts itself, then looks for a writer; a writer says that it is
 * there, then looks at the counts; all sequentially consistent. So one of the
 * two sees the other, and then the reader steps back.
 *
 * Between two writers, or two steps of one, the lock is free for a few
 * instructions only, which a CPU that polls may never see. So a reader that has
 * stepped back counts itself as waiting, and the next writer, before it says
 * that it is there, lets those in who wait: they see no writer, so there are
 * soon none of them, and nobody comes to them but those who saw the last one.
 */
#include "core/rwlock.h"
#include "core/cpu.h"

static u32 *count_of(const struct rwlock *l, unsigned int cpu)
{
	return (u32 *)((char *)l->readers + cpu * RWLOCK_STRIDE);
}

/* There is one: the reader has counted itself in vain. */
static __attribute__((noinline, cold)) void wait_for_writer(struct rwlock *l,
							    u32 *count)
{
	__atomic_fetch_add(&l->waiting, 1, __ATOMIC_RELAXED);
	do {
		__atomic_fetch_sub(count, 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&l->writer, __ATOMIC_RELAXED))
			cpu_relax();
		__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
	} while (__atomic_load_n(&l->writer, __ATOMIC_SEQ_CST));
	__atomic_fetch_sub(&l->waiting, 1, __ATOMIC_RELAXED);
}

void read_lock(struct rwlock *l)
{
	u32 *count = count_of(l, this_cpu()->id);

	__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&l->writer, __ATOMIC_SEQ_CST)))
		wait_for_writer(l, count);
}

void read_unlock(struct rwlock *l)
{
	__atomic_fetch_sub(count_of(l, this_cpu()->id), 1, __ATOMIC_RELEASE);
}

void write_lock(struct rwlock *l)
{
	spin_lock(&l->writers);
	while (__atomic_load_n(&l->waiting, __ATOMIC_RELAXED))
		cpu_relax();
	__atomic_store_n(&l->writer, 1, __ATOMIC_SEQ_CST);
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++)
		while (__atomic_load_n(count_of(l, cpu), __ATOMIC_SEQ_CST))
			cpu_relax();
}

void write_unlock(struct rwlock *l)
{
	__atomic_store_n(&l->writer, 0, __ATOMIC_RELEASE);
	spin_unlock(&l->writers);
}
