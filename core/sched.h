/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads of the hypervisor and their scheduler: one thread a vCPU, one idle
 * thread a CPU, and the machine monitor's own.
 *
 * EL2 runs with interrupts masked, so a thread gives the CPU up only where it
 * says so: when it blocks, when it yields, and when a vCPU's exit finds
 * cpu->need_resched. Whoever has used its CPU least goes next; a thread stays on
 * its CPU.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include "core/timer.h"
#include "lib/list.h"
#include "lib/types.h"
#include "lib/util.h"

struct cpu;
struct vcpu;

enum thread_state { THREAD_RUNNABLE, THREAD_BLOCKED, THREAD_DEAD };

struct thread {
	void *sp;             /* saved stack pointer; arch_thread_switch() */
	void *stack;          /* lowest address; guard page below */
	struct list node;     /* in the CPU's run queue */
	enum thread_state state;
	bool running;         /* on a CPU, its registers not saved */
	bool wake_pending;    /* woken since it last looked */
	u64 used;             /* time on its CPU, see core/sched.c */
	struct cpu *cpu;
	struct vcpu *vcpu;    /* or NULL */
	void (*fn)(void *arg);
	void *arg;
	char name[24];
};

/* Once, on the boot CPU, whose flow becomes a thread called `name`. */
void sched_init(const char *name);
/* On each secondary CPU: its flow becomes the idle thread. Never returns. */
_Noreturn void sched_start_cpu(void);

/*
 * Make a thread on `cpu` (NULL: the CPU with the fewest threads), blocked until
 * thread_wake(). NULL: no memory.
 */
struct thread *thread_create(const char *name, void (*fn)(void *), void *arg,
			     struct cpu *cpu);
/* Free a thread that has returned from its fn (state THREAD_DEAD), waiting
 * until it is off its CPU. */
void thread_destroy(struct thread *t);

struct thread *thread_current(void);

/* Make runnable, on whatever CPU it lives; any CPU, any time. Never lost: a
 * thread about to block sees it. */
void thread_wake(struct thread *t);
/*
 * Block until thread_wake(). Returns at once if it was woken since the last
 * thread_block() returned. Callers loop on their condition.
 */
void thread_block(void);
/* Block until arch_counter() has reached `deadline`. Wakes that come meanwhile
 * are used up: callers look at their condition afterwards. */
void thread_sleep_until(u64 deadline);
/* Let others of this CPU run. */
void thread_yield(void);
/*
 * The calling CPU's current thread, `t`, is behind `other` when it gives the CPU up, and
 * behind all that are before that one. `other` is of the same CPU: what threads have
 * used of different ones does not compare. That CPU's run lock is held.
 */
static inline void thread_go_behind_locked(struct thread *t, const struct thread *other)
{
	t->used = max(t->used, other->used);
}
_Noreturn void thread_exit(void);

/* Between bounded steps of long work: yield if it is time. */
void cond_resched(void);

/* An interrupt says so (timer slice over, thread woken from another CPU). */
void sched_tick(void);

/* Supplied by arch. */
void arch_thread_init(struct thread *t, void (*entry)(void));
void arch_thread_switch(struct thread *from, struct thread *to);
/* A stack of *size bytes with a guard page below it. NULL: no memory. */
void *arch_stack_alloc(size_t *size);
void arch_stack_free(void *stack);
void arch_kick_cpu(struct cpu *cpu); /* make it leave the guest or wake up */
void arch_wait_for_interrupt(void);  /* idle: sleep, then handle what came */

#endif
