// SPDX-License-Identifier: BSD-2-Clause
/* The machine as a whole: its lock, its dice, its rules and its trace. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "arch/sim/internal.h"

const char *const sim_rule_name[SIM_RULES] = {
	[SIM_STALE_ENTRY] = "stale-entry",
	[SIM_STALE_USE] = "stale-use",
	[SIM_BREAK_BEFORE_MAKE] = "break-before-make",
	[SIM_TABLE_FREED] = "table-freed-while-reachable",
	[SIM_TABLE_SYNC] = "table-not-synchronised",
	[SIM_LEVEL_HINT] = "level-hint-wrong",
	[SIM_VMID_ZERO] = "vmid-zero",
	[SIM_VMID_SIZE] = "vmid-too-large",
	[SIM_VMID_TWO] = "vm-with-two-vmids",
	[SIM_VMID_SHARED] = "vmid-reused-without-invalidation",
	[SIM_VCPU_SHARED] = "vcpus-share-entries",
	[SIM_WRONG_ROOT] = "wrong-root",
	[SIM_NOT_CLEANED] = "page-not-cleaned",
	[SIM_ICACHE_STALE] = "icache-stale",
	[SIM_PAGE_REUSED] = "page-reused-while-reachable",
	[SIM_ACCESS_FLAG] = "access-flag-lost",
	[SIM_DIRTY_STATE] = "dirty-state-lost",
	[SIM_DESCRIPTOR] = "ill-formed-descriptor",
	[SIM_REGISTER] = "registers-do-not-fit",
	[SIM_REFAULT] = "fault-without-end",
	[SIM_CONTEXT] = "registers-not-synchronised",
	[SIM_WALKS] = "walks-under-way",
	[SIM_INCOMPLETE] = "invalidation-not-complete",
};

struct sim_config sim_config;
__thread unsigned int me;
__thread unsigned long my_thread;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static u64 dice;
static unsigned long sequence, threads;
static unsigned long counts[SIM_RULES];

/* Read by signal handlers of this thread, at any time. */
static __thread volatile unsigned int inside;

bool sim_busy(void)
{
	return inside;
}

static __thread unsigned long calls_left;
static __thread void (*call_hook)(void);

void sim_after_calls(unsigned long calls, void (*hook)(void))
{
	call_hook = hook;
	calls_left = calls;
}

/* Each thread has a number, given when it first comes here. */
void sim_lock(void)
{
	inside = 1;
	pthread_mutex_lock(&lock);
	if (!my_thread)
		my_thread = ++threads;
}

void sim_unlock(void)
{
	void (*hook)(void) = NULL;

	if (calls_left && !--calls_left)
		hook = call_hook;
	pthread_mutex_unlock(&lock);
	inside = 0;
	if (hook)
		hook();
}

/* splitmix64: any seed will do. */
u64 rnd(u64 below)
{
	u64 z = (dice += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) % below;
}

u64 sim_random(u64 below)
{
	u64 n;

	sim_lock();
	n = rnd(below);
	sim_unlock();
	return n;
}

void trace(const char *op, u64 address, u64 value)
{
	sequence++;
	if (sim_config.trace)
		fprintf(sim_config.trace, "%lu %u %s %llx %llx\n", sequence, me,
			op, address,
			value);
}

void broken(enum sim_rule rule, u64 at, const char *fmt, ...)
{
	va_list ap;

	trace("broken", at, rule);
	counts[rule]++;
	/* The first of a kind tell all. */
	if (sim_config.quiet || counts[rule] > 8)
		return;
	va_start(ap, fmt);
	fprintf(stderr, "sim: %lu: cpu %u: %s at 0x%llx: ", sequence, me,
		sim_rule_name[rule], at);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void sim_report(enum sim_rule rule, u64 at, const char *what)
{
	sim_lock();
	broken(rule, at, "%s", what);
	sim_unlock();
}

unsigned long sim_broken(enum sim_rule rule)
{
	unsigned long n;

	sim_lock();
	n = counts[rule];
	counts[rule] = 0;
	sim_unlock();
	return n;
}

unsigned long sim_broken_any(void)
{
	unsigned long n = 0;

	for (int rule = 0; rule < SIM_RULES; rule++)
		n += sim_broken(rule);
	return n;
}

static bool running;

void sim_init(const struct sim_config *config)
{
	/* A test that failed has left its machine behind. */
	if (running)
		sim_exit();
	running = true;
	sim_config = *config;
	if (!sim_config.pa_bits)
		sim_config.pa_bits = 48;
	dice = config->seed;
	sequence = 0;
	memset(counts, 0, sizeof(counts));
	me = 0;
	stale_reset();
	dirty_reset();
	cpus_reset();
	memory_init(config->ram);
	tables_init(config->ram);
}

void sim_exit(void)
{
	running = false;
	tables_exit();
	stale_reset();
	dirty_reset();
	cpus_reset();
	memory_exit();
}

u32 sim_features(void)
{
	return sim_config.features;
}

bool sim_is_serial(void)
{
	return sim_config.serial;
}

unsigned int sim_cpu_count(void)
{
	return sim_config.cpus;
}

void sim_be_cpu(unsigned int cpu)
{
	me = cpu;
}

unsigned int sim_cpu_now(void)
{
	return me;
}

void sim_op_end(void)
{
	sim_lock();
	memory_op_end();
	stale_op_end(false);
	sim_unlock();
}

void sim_quiet(void)
{
	sim_lock();
	trace("quiet", 0, 0);
	memory_op_end();
	stale_op_end(true);
	tables_check_synced();
	sim_unlock();
}
