/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same work by one thread and by four, in one run of a program.
 *
 * Each thread stands for a physical CPU with one vCPU: it stays on one of the
 * PC's CPUs, as a thread of the hypervisor does. One thread and four take turns,
 * so that whatever else the PC does meets both, and the best time of each
 * counts. Turns are taken until the time of one thread is certain and the goal is
 * reached, RACE_TURNS at most: one turn of four that nothing disturbed is
 * enough to show what the code can do, and none shows more.
 */
#ifndef BENCH_RACE_H
#define BENCH_RACE_H

#include "lib/types.h"

#define RACE_THREADS 4
#define RACE_TURNS   200

struct race {
	const char *name, *what;
	u32 units;   /* of work in all, for the time of one */
	double goal; /* four threads' time in one's, or 0 */
	void (*prepare)(void);
	/* The share of thread `me` of `threads`; on that CPU. */
	void (*run)(u32 me, u32 threads);
	void (*finish)(void); /* not timed; ends the program if it was done wrong */
};

/* Run it and print a line: NAME UNITS ONE FOUR GOAL WHAT, times in ns. */
void race_run(const struct race *race);

#endif
