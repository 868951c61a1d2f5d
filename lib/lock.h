/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks; those with readers are in core/rwlock.h. Nothing sleeps at EL2,
 * and EL2 runs with interrupts masked, so there is no interrupt-saving form. On
 * a PC the same code spins between threads.
 */
#ifndef LIB_LOCK_H
#define LIB_LOCK_H

#include "lib/types.h"
#include "lib/util.h"

/* cpu_relax(): this CPU waits for another. The port's own: drivers/io.h. */
#if __STDC_HOSTED__
#include <sched.h>
#define cpu_relax() sched_yield()
#else
#include <port_io.h>
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

#endif
