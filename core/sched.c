// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads: on each CPU, the one that has used the least of it goes next.
 *
 * `used` counts a thread's time on its CPU, in counter ticks. Nobody saves up
 * more than one slice of it by sleeping (`fair` is where those that run stand),
 * so a thread that mostly waits gets the CPU as soon as it is woken, as an
 * interrupt's receiver should, and one that only pretends to wait gains nothing.
 *
 * A thread is on its CPU's run queue exactly when it is runnable and not the
 * current one. `wake_pending` closes the gap between a thread's last look at
 * its condition and its blocking: it is set, looked at and cleared under the run
 * lock. A blocked thread's is never set: that it is woken is the message.
 */
#include "core/sched.h"
#include "core/cpu.h"
#include "core/page_alloc.h"
#include "core/vcpu.h"
#include "lib/log.h"
#include "lib/printf.h"

#define SLICE_MS 10
/* How far behind the running thread a woken one must be to take its place. */
#define PREEMPT_MS 1

struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;

static struct thread boot_thread;
static struct thread idle_threads[MAX_CPUS];
static struct timer slice_timers[MAX_CPUS];
static unsigned int thread_count[MAX_CPUS]; /* placed there, for balance */
static struct spinlock place_lock = SPINLOCK_INIT;

/*
 * The current thread of `c` is to look at the scheduler. A vCPU's, before it goes
 * back into its guest, looks at its requests and at nothing else.
 */
static void request_sched(struct cpu *c)
{
	struct vcpu *vcpu = c->current->vcpu;

	if (vcpu)
		__atomic_fetch_or(&vcpu->requests, REQ_SCHED, __ATOMIC_SEQ_CST);
}


struct thread *thread_current(void)
{
	return this_cpu()->current;
}

static u64 ticks(unsigned int ms)
{
	return arch_counter_hz() / 1000 * ms;
}

static void account(struct cpu *c)
{
	u64 now = arch_counter();

	c->current->used += now - c->since;
	c->since = now;
}

/* Behind all that have used as much, or less. */
static void enqueue(struct cpu *c, struct thread *t)
{
	struct thread *at;

	list_for_each_entry(at, &c->run_queue, node)
		if (t->used < at->used)
			break;
	list_add_tail(&at->node, &t->node);
	WRITE_ONCE(c->runnable, c->runnable + 1);
}

static struct thread *dequeue(struct cpu *c)
{
	struct thread *t;

	if (list_empty(&c->run_queue))
		return c->idle;
	t = list_first_entry(&c->run_queue, struct thread, node);
	list_del(&t->node);
	WRITE_ONCE(c->runnable, c->runnable - 1);
	c->fair = max(c->fair, t->used);
	return t;
}

/*
 * The slice timer is set when someone waits for the CPU and it does not run yet.
 * It is left to run when threads change: it fires for the one it was set for or
 * for a later one, which has the rest of its slice then.
 */
static bool wants_slice(const struct cpu *c)
{
	return c->current != c->idle && c->runnable && !slice_timers[c->id].cpu;
}

static void set_slice(struct cpu *c, u64 from)
{
	timer_set(&slice_timers[c->id], from + ticks(SLICE_MS));
}

static void slice_over(struct timer *t)
{
	struct cpu *c = this_cpu();

	if (!wants_slice(c))
		return;
	if (arch_counter() - c->since < ticks(SLICE_MS)) {
		set_slice(c, c->since);
	} else {
		c->need_resched = true;
		request_sched(c);
	}
}

/*
 * Give the CPU to the next thread. The run lock is held; it is released by
 * the thread that is switched to, in finish_switch(), once the old one's
 * registers are saved: only then may another CPU free its stack.
 */
static void finish_switch(void)
{
	struct cpu *c = this_cpu();

	spin_unlock(&c->run_lock);
	if (unlikely(wants_slice(c)))
		set_slice(c, c->since);
}

static void switch_away(struct cpu *c)
{
	struct thread *from = c->current, *to;

	account(c);
	to = dequeue(c);
	c->need_resched = false;
	if (to == from) {
		spin_unlock(&c->run_lock);
		return;
	}
	c->current = to;
	to->running = true;
	WRITE_ONCE(from->running, false);
	arch_thread_switch(from, to);
	finish_switch();
}

static void thread_entry(void)
{
	struct thread *t = thread_current();

	finish_switch();
	t->fn(t->arg);
	thread_exit();
}

void thread_block(void)
{
	struct cpu *c = this_cpu();
	struct thread *t = c->current;

	spin_lock(&c->run_lock);
	if (t->wake_pending) {
		t->wake_pending = false;
		spin_unlock(&c->run_lock);
		return;
	}
	t->state = THREAD_BLOCKED;
	switch_away(c);
}

void thread_yield(void)
{
	struct cpu *c = this_cpu();

	spin_lock(&c->run_lock);
	if (list_empty(&c->run_queue)) {
		c->need_resched = false;
		spin_unlock(&c->run_lock);
		return;
	}
	if (c->current != c->idle) {
		struct thread *next = list_first_entry(&c->run_queue,
						       struct thread, node);

		/* It gives way, however little it has used so far. */
		account(c);
		c->current->used = max(c->current->used, next->used);
		enqueue(c, c->current);
	}
	switch_away(c);
}

_Noreturn void thread_exit(void)
{
	struct cpu *c = this_cpu();

	spin_lock(&c->run_lock);
	c->current->state = THREAD_DEAD;
	switch_away(c);
	BUG();
}

/* How long the current thread has run is read without stopping it: `since` is
 * its CPU's, and changes under the run lock. */
static bool goes_before_current(struct cpu *c, const struct thread *t)
{
	if (c->current == c->idle)
		return true;
	return t->used + ticks(PREEMPT_MS) <
	       c->current->used + (arch_counter() - c->since);
}

struct sleeper {
	struct timer timer;
	struct thread *thread;
};

static void end_sleep(struct timer *t)
{
	thread_wake(container_of(t, struct sleeper, timer)->thread);
}

void thread_sleep_until(u64 deadline)
{
	struct sleeper s = {.thread = thread_current()};

	timer_init(&s.timer, end_sleep);
	timer_set(&s.timer, deadline);
	while (arch_counter() < deadline)
		thread_block();
	timer_cancel_sync(&s.timer);
}

void thread_wake(struct thread *t)
{
	struct cpu *c = t->cpu;
	bool kick;

	spin_lock(&c->run_lock);
	kick = t->state == THREAD_BLOCKED;
	if (!kick) {
		t->wake_pending = true;
	} else {
		t->state = THREAD_RUNNABLE;
		if (t->used + ticks(SLICE_MS) < c->fair)
			t->used = c->fair - ticks(SLICE_MS);
		if (goes_before_current(c, t))
			c->need_resched = true;
		enqueue(c, t);
		if (c->need_resched || c->runnable == 1)
			request_sched(c);
	}
	spin_unlock(&c->run_lock);
	if (!kick)
		return;
	if (c == this_cpu())
		sched_tick();
	else
		arch_kick_cpu(c);
}

void sched_tick(void)
{
	struct cpu *c = this_cpu();

	/* The first that waits starts the slice. */
	if (wants_slice(c))
		set_slice(c, arch_counter());
}

void cond_resched(void)
{
	if (this_cpu()->need_resched)
		thread_yield();
}

static void init_cpu(struct cpu *c, struct thread *current)
{
	struct thread *idle = &idle_threads[c->id];

	list_init(&c->run_queue);
	list_init(&c->timers);
	scnprintf(idle->name, sizeof(idle->name), "idle/%u", c->id);
	idle->cpu = c;
	c->idle = idle;
	c->current = current ?: idle;
	c->current->cpu = c;
	c->current->running = true;
	c->since = arch_counter();
	timer_init(&slice_timers[c->id], slice_over);
}

static void idle_loop(void *unused)
{
	for (;;) {
		if (READ_ONCE(this_cpu()->runnable))
			thread_yield();
		else
			arch_wait_for_interrupt();
	}
}

void sched_init(const char *name)
{
	struct cpu *c = this_cpu();
	struct thread *idle = &idle_threads[c->id];
	size_t size;

	scnprintf(boot_thread.name, sizeof(boot_thread.name), "%s", name);
	init_cpu(c, &boot_thread);
	thread_count[c->id]++;
	idle->fn = idle_loop;
	idle->stack = arch_stack_alloc(&size);
	BUG_ON(!idle->stack);
	idle->sp = (char *)idle->stack + size;
	arch_thread_init(idle, thread_entry);
}

_Noreturn void sched_start_cpu(void)
{
	init_cpu(this_cpu(), NULL);
	WRITE_ONCE(this_cpu()->online, true);
	idle_loop(NULL);
	BUG();
}

static struct cpu *least_loaded(void)
{
	struct cpu *c, *best = NULL;

	for_each_cpu (c)
		if (c->online && (!best || thread_count[c->id] <
						   thread_count[best->id]))
			best = c;
	return best;
}

struct thread *thread_create(const char *name, void (*fn)(void *), void *arg,
			     struct cpu *cpu)
{
	struct thread *t = hyp_alloc(sizeof(*t));
	size_t size;

	if (!t)
		return NULL;
	t->stack = arch_stack_alloc(&size);
	if (!t->stack) {
		hyp_free(t, sizeof(*t));
		return NULL;
	}
	spin_lock(&place_lock);
	t->cpu = cpu ?: least_loaded();
	thread_count[t->cpu->id]++;
	spin_unlock(&place_lock);
	t->sp = (char *)t->stack + size;
	spin_lock(&t->cpu->run_lock);
	t->used = t->cpu->fair;
	spin_unlock(&t->cpu->run_lock);
	t->state = THREAD_BLOCKED;
	t->fn = fn;
	t->arg = arg;
	list_init(&t->node);
	scnprintf(t->name, sizeof(t->name), "%s", name);
	arch_thread_init(t, thread_entry);
	return t;
}

void thread_destroy(struct thread *t)
{
	BUG_ON(t->state != THREAD_DEAD);
	/* The run lock is free once its last switch has saved its registers. */
	spin_lock(&t->cpu->run_lock);
	spin_unlock(&t->cpu->run_lock);
	spin_lock(&place_lock);
	thread_count[t->cpu->id]--;
	spin_unlock(&place_lock);
	arch_stack_free(t->stack);
	hyp_free(t, sizeof(*t));
}
