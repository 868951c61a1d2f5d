// SPDX-License-Identifier: BSD-2-Clause
/* CPUs that wait for work. */
#include "tests/guests/rt/rt.h"

void delay(u64 milliseconds)
{
	u64 end = now() + ms(milliseconds);

	while (now() < end)
		cpu_relax();
}

_Noreturn void rt_secondary(u64 index)
{
	struct cpu *me = &cpus[index];

	write_sysreg(tpidr_el1, (u64)me);
	me->mmu_on = false;
	mmu_on();
	__atomic_store_n(&me->up, true, __ATOMIC_RELEASE);
	for (;;) {
		if (__atomic_load_n(&me->asked, __ATOMIC_ACQUIRE) == me->done) {
			cpu_relax();
			continue;
		}
		me->fn(me->arg);
		__atomic_store_n(&me->done, me->done + 1, __ATOMIC_RELEASE);
	}
}

static bool start_cpu(unsigned int i)
{
	cpus[i].index = i;
	cpus[i].asked = cpus[i].done = 0;
	/* It runs with caches off at first and reads the image so. */
	dcache_clean_invalidate(_head, _image_end - _head);
	return cpu_start(i) &&
	       wait_for(__atomic_load_n(&cpus[i].up, __ATOMIC_ACQUIRE), 20000);
}

bool smp_start(unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n; i++)
		if (!READ_ONCE(cpus[i].up) && !start_cpu(i))
			return false;
	return true;
}

void smp_run(unsigned int cpu, void (*fn)(void *), void *arg)
{
	struct cpu *c = &cpus[cpu];

	c->fn = fn;
	c->arg = arg;
	__atomic_store_n(&c->asked, c->asked + 1, __ATOMIC_RELEASE);
}

bool smp_wait(unsigned int cpu, u64 milliseconds)
{
	struct cpu *c = &cpus[cpu];

	return wait_for(__atomic_load_n(&c->done, __ATOMIC_ACQUIRE) == c->asked,
			milliseconds);
}
