// SPDX-License-Identifier: BSD-2-Clause
/*
 * A reader counts itself, then looks for a writer; a writer says that it is
 * there, then looks at the counts; all sequentially consistent. So one of the
 * two sees the other, and then the reader steps back.
 */
#include "core/rwlock.h"
#include "core/cpu.h"

static u32 *count_of(const struct rwlock *l, unsigned int cpu)
{
	return (u32 *)((char *)l->readers + cpu * RWLOCK_STRIDE);
}

void read_lock(struct rwlock *l)
{
	u32 *count = count_of(l, this_cpu()->id);

	for (;;) {
		__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
		if (likely(!__atomic_load_n(&l->writer, __ATOMIC_SEQ_CST)))
			return;
		__atomic_fetch_sub(count, 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&l->writer, __ATOMIC_RELAXED))
			cpu_relax();
	}
}

void read_unlock(struct rwlock *l)
{
	__atomic_fetch_sub(count_of(l, this_cpu()->id), 1, __ATOMIC_RELEASE);
}

void write_lock(struct rwlock *l)
{
	spin_lock(&l->writers);
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
