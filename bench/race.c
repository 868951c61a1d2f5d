// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/race.h"
#include "lib/util.h"

#define TURNS_MIN 7
/* Turns of one thread that must have come this near to its best, in most parts:
 * a best that was disturbed as well would flatter the others. */
#define CONFIRM	  3
#define NEAR	  1.03

/* The time of each part, the best so far, and how often it was nearly as good. */
struct times {
	double best[RACE_PARTS];
	u32 near[RACE_PARTS];
};

/* Where all threads wait for each other. The last notes the time. */
struct gate {
	u32 threads, arrived, number;
	double passed[RACE_PARTS + 1];
};

struct runner {
	pthread_t thread;
	const struct race *race;
	struct gate *gate;
	u32 me;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* The n-th of the CPUs that this program may use, modulo their number. A PC
 * that does not let us choose chooses itself. */
static void stay_on_cpu(u32 n)
{
	cpu_set_t may, one;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(may), &may))
		return;
	for (n %= CPU_COUNT(&may), n++; n; n -= CPU_ISSET(cpu, &may))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
}

/* Two threads may share a CPU: whoever waits lets the other go on. */
static void pass(struct gate *g)
{
	u32 number = __atomic_load_n(&g->number, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&g->arrived, 1, __ATOMIC_ACQ_REL) == g->threads) {
		g->arrived = 0;
		g->passed[number] = now();
		__atomic_store_n(&g->number, number + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&g->number, __ATOMIC_ACQUIRE) == number)
		sched_yield();
}

static struct race_share share_of(const struct race *race, u32 me, u32 threads,
				  u32 part)
{
	u32 all = race->units / RACE_PARTS, mine = all / threads;
	struct race_share s = {.step = 1};

	if (race->mixed) {
		s.first = all * part + me;
		s.end = all * (part + 1);
		s.step = threads;
	} else {
		s.first = race->units / threads * me + mine * part;
		s.end = s.first + mine;
	}
	return s;
}

static void *runner_main(void *arg)
{
	struct runner *r = arg;

	stay_on_cpu(r->me);
	pass(r->gate);
	for (u32 part = 0; part < RACE_PARTS; part++) {
		struct race_share s = share_of(r->race, r->me,
					       r->gate->threads, part);

		r->race->run(r->me, &s);
		pass(r->gate);
	}
	return NULL;
}

static void take_turn(const struct race *race, u32 threads, struct times *times)
{
	struct runner runner[RACE_THREADS];
	struct gate gate = {.threads = threads};

	race->prepare();
	for (u32 i = 0; i < threads; i++) {
		runner[i] = (struct runner){
			.race = race, .gate = &gate, .me = i};
		if (pthread_create(&runner[i].thread, NULL, runner_main,
				   &runner[i])) {
			fputs("race: no thread\n", stderr);
			exit(2);
		}
	}
	for (u32 i = 0; i < threads; i++)
		pthread_join(runner[i].thread, NULL);
	race->finish();
	for (u32 i = 0; i < RACE_PARTS; i++) {
		double t = gate.passed[i + 1] - gate.passed[i];

		if (t * NEAR < times->best[i])
			times->near[i] = 0;
		times->near[i] += t <= times->best[i] * NEAR;
		times->best[i] = min(times->best[i], t);
	}
}

static double total(const struct times *times)
{
	double sum = 0;

	for (u32 i = 0; i < RACE_PARTS; i++)
		sum += times->best[i];
	return sum;
}

static bool confirmed(const struct times *times)
{
	u32 parts = 0;

	for (u32 i = 0; i < RACE_PARTS; i++)
		parts += times->near[i] >= CONFIRM;
	return parts >= RACE_PARTS * 3 / 4;
}

void race_run(const struct race *race)
{
	struct times one, four;

	for (u32 i = 0; i < RACE_PARTS; i++) {
		one.best[i] = four.best[i] = 1e18;
		one.near[i] = four.near[i] = 0;
	}
	for (u32 turn = 0; turn < RACE_TURNS; turn++) {
		if (turn >= TURNS_MIN && confirmed(&one) &&
		    (race->goal ? total(&four) <= total(&one) * race->goal :
				  confirmed(&four)))
			break;
		take_turn(race, 1, &one);
		take_turn(race, RACE_THREADS, &four);
	}
	printf("%s %u %.0f %.0f %g %s\n", race->name, race->units, total(&one),
	       total(&four), race->goal, race->what);
	fflush(stdout);
}
