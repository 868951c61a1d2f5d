/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks and read-write spin locks. Nothing sleeps at EL2, and EL2 runs
 * with interrupts masked, so there is no interrupt-saving form. On a PC the
 * same code spins between threads.
 */
#ifndef LIB_LOCK_H
#define LIB_LOCK_H

#include "lib/types.h"
#include "lib/util.h"

#if defined(__aarch64__) || defined(__arm__)
#define cpu_relax() __asm__ volatile("yield" ::: "memory")
#elif __STDC_HOSTED__
#include <sched.h>
#define cpu_relax() sched_yield()
#else
#define cpu_relax() __asm__ volatile("" ::: "memory")
#endif

/*
 * Whoever finds it free has it. Not first come, first served: what it guards
 * is always short, and where CPUs are themselves scheduled by somebody else (an
 * emulated board on a busy machine) a queue would pass the lock on to one that
 * does not run.
 */
struct spinlock {
	u32 locked;
};

#define SPINLOCK_INIT                                                          \
	{                                                                      \
		0                                                              \
	}

static inline bool spin_trylock(struct spinlock *l)
{
	return !__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(struct spinlock *l)
{
	while (unlikely(!spin_trylock(l)))
		while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED))
			cpu_relax();
}

static inline void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static inline bool spin_is_locked(struct spinlock *l)
{
	return __atomic_load_n(&l->locked, __ATOMIC_RELAXED);
}

/*
 * Many readers or one writer. A waiting writer holds off new readers, so a
 * stream of faults cannot starve an unmap.
 */
struct rwlock {
	u32 state;          /* readers inside, or RW_WRITER */
	struct spinlock wr; /* one writer at a time; holds off readers */
};

#define RW_WRITER 0x80000000U
#define RWLOCK_INIT                                                            \
	{                                                                      \
		0, SPINLOCK_INIT                                               \
	}

static inline void read_lock(struct rwlock *l)
{
	for (;;) {
		u32 s = __atomic_load_n(&l->state, __ATOMIC_RELAXED);

		if (likely(!spin_is_locked(&l->wr) && !(s & RW_WRITER)) &&
		    __atomic_compare_exchange_n(&l->state, &s, s + 1, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		cpu_relax();
	}
}

static inline void read_unlock(struct rwlock *l)
{
	__atomic_fetch_sub(&l->state, 1, __ATOMIC_RELEASE);
}

static inline void write_lock(struct rwlock *l)
{
	u32 none;

	spin_lock(&l->wr);
	do {
		none = 0;
		cpu_relax();
	} while (!__atomic_compare_exchange_n(&l->state, &none, RW_WRITER,
					      false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
}

static inline void write_unlock(struct rwlock *l)
{
	__atomic_store_n(&l->state, 0, __ATOMIC_RELEASE);
	spin_unlock(&l->wr);
}

#endif
