/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical CPUs. `struct cpu` is what the hypervisor keeps for each of them;
 * arch finds the one it runs on (arm64: TPIDR_EL2).
 */
#ifndef CORE_CPU_H
#define CORE_CPU_H

#include "lib/list.h"
#include "lib/lock.h"
#include "lib/types.h"

#define MAX_CPUS 64

struct thread;
struct timer;
struct vcpu;

struct cpu {
	unsigned int id;      /* 0 is the boot CPU */
	u64 hw_id;            /* as firmware names it: MPIDR affinity */
	bool online;

	/* core/sched.c */
	struct thread *current;
	struct thread *idle;
	struct spinlock run_lock;
	struct list run_queue;     /* runnable, not running */
	unsigned int runnable;     /* their number, read without the lock */
	bool need_resched;
	u64 since;                 /* when current's time was last counted */
	u64 fair;                  /* what those that run have used */

	/*
	 * The vCPU whose guest state is in this CPU's registers: stays after
	 * its thread blocks, until another vCPU needs them.
	 */
	struct vcpu *loaded;

	/* core/timer.c */
	struct spinlock timer_lock;
	struct list timers;        /* by deadline */
	struct timer *firing;      /* its fn runs now, or NULL */
};

extern struct cpu cpus[MAX_CPUS];
extern unsigned int cpu_count; /* present; those online after boot */

struct cpu *this_cpu(void); /* supplied by arch */

#define for_each_cpu(c) for (c = cpus; c < cpus + cpu_count; c++)

#endif
