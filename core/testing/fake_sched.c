// SPDX-License-Identifier: BSD-2-Clause
#include "core/testing/fake_arch.h"
#include "lib/string.h"

struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;
unsigned long fake_kicks[MAX_CPUS], fake_yields;
void (*fake_on_yield)(void);

static __thread struct cpu *me = &cpus[0];
static __thread struct fake_thread *current;

void fake_cpus_init(unsigned int count)
{
	memset(cpus, 0, sizeof(cpus));
	memset(fake_kicks, 0, sizeof(fake_kicks));
	for (unsigned int i = 0; i < count; i++)
		cpus[i].id = i;
	cpu_count = count;
	fake_yields = 0;
	fake_on_yield = NULL;
	fake_be_cpu(0);
}

void fake_be_cpu(unsigned int n)
{
	me = &cpus[n];
}

struct cpu *this_cpu(void)
{
	return me;
}

void fake_thread_init(struct fake_thread *t, unsigned int cpu)
{
	memset(t, 0, sizeof(*t));
	t->t.cpu = &cpus[cpu];
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->woken, NULL);
}

void fake_be_thread(struct fake_thread *t)
{
	current = t;
	me = t->t.cpu;
}

struct thread *thread_current(void)
{
	return &current->t;
}

void thread_wake(struct thread *thread)
{
	struct fake_thread *t = container_of(thread, struct fake_thread, t);

	pthread_mutex_lock(&t->lock);
	t->wake = true;
	pthread_cond_signal(&t->woken);
	pthread_mutex_unlock(&t->lock);
}

void thread_block(void)
{
	struct fake_thread *t = current;

	pthread_mutex_lock(&t->lock);
	t->blocks++;
	while (!t->wake)
		pthread_cond_wait(&t->woken, &t->lock);
	t->wake = false;
	pthread_mutex_unlock(&t->lock);
}

void thread_yield(void)
{
	__atomic_fetch_add(&fake_yields, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&me->need_resched, false, __ATOMIC_RELAXED);
	if (fake_on_yield)
		fake_on_yield();
}

void cond_resched(void)
{
	if (__atomic_load_n(&me->need_resched, __ATOMIC_RELAXED))
		thread_yield();
}

void arch_kick_cpu(struct cpu *cpu)
{
	__atomic_fetch_add(&fake_kicks[cpu->id], 1, __ATOMIC_RELAXED);
}
