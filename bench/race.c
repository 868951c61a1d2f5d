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
/* Turns of one thread that must have come this near to its best: a best that
 * was disturbed as well would make the others look better than they are. */
#define CONFIRM	  3
#define NEAR	  1.03

struct runner {
	pthread_t thread;
	const struct race *race;
	pthread_barrier_t *start;
	u32 me, threads;
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

static void *runner_main(void *arg)
{
	struct runner *r = arg;

	stay_on_cpu(r->me);
	pthread_barrier_wait(r->start);
	r->race->run(r->me, r->threads);
	return NULL;
}

static double time_of(const struct race *race, u32 threads)
{
	struct runner runner[RACE_THREADS];
	pthread_barrier_t start;
	double begin;

	race->prepare();
	pthread_barrier_init(&start, NULL, threads + 1);
	for (u32 i = 0; i < threads; i++) {
		runner[i] = (struct runner){.race = race, .start = &start,
					    .me = i, .threads = threads};
		if (pthread_create(&runner[i].thread, NULL, runner_main,
				   &runner[i])) {
			fputs("race: no thread\n", stderr);
			exit(2);
		}
	}
	begin = now();
	pthread_barrier_wait(&start);
	for (u32 i = 0; i < threads; i++)
		pthread_join(runner[i].thread, NULL);
	begin = now() - begin;
	pthread_barrier_destroy(&start);
	race->finish();
	return begin;
}

static bool confirmed(const double *times, u32 count, double best)
{
	u32 near = 0;

	for (u32 i = 0; i < count; i++)
		near += times[i] <= best * NEAR;
	return count >= TURNS_MIN && near >= CONFIRM;
}

void race_run(const struct race *race)
{
	double times[RACE_TURNS], one = 1e18, four = 1e18;

	for (u32 turn = 0; turn < RACE_TURNS; turn++) {
		if (confirmed(times, turn, one) &&
		    (!race->goal || four <= one * race->goal))
			break;
		times[turn] = time_of(race, 1);
		one = min(one, times[turn]);
		four = min(four, time_of(race, RACE_THREADS));
	}
	printf("%s %u %.0f %.0f %g %s\n", race->name, race->units, one, four,
	       race->goal, race->what);
}
