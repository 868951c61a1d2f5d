/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same work by one thread and by four, in one run of a program.
 *
 * Each thread stands for a physical CPU with one vCPU: it stays on one of the
 * PC's CPUs, as a thread of the hypervisor does. One thread and four take turns,
 * so that whatever else the PC does meets both. A turn is in RACE_PARTS, each of
 * which all threads begin together, and the best time of each part counts: a
 * part is short enough to run undisturbed now and then on a PC that has other
 * work. Turns are taken until the time of one thread is certain and the goal is
 * reached, RACE_TURNS at most: that four threads can do it shows what the code
 * is able to, and no number of turns shows more.
 */
#ifndef BENCH_RACE_H
#define BENCH_RACE_H

#include "lib/types.h"

#define RACE_THREADS 4
#define RACE_PARTS   32
#define RACE_TURNS   200

/* What a thread is to do in a part: units first, first + step... below end. */
struct race_share {
	u32 first, end, step;
};

struct race {
	const char *name, *what;
	u32 units;   /* of work in all: a multiple of RACE_THREADS * RACE_PARTS */
	bool mixed;  /* threads take units in turn; else each has its own run */
	double goal; /* four threads' time in one's, or 0 */
	void (*prepare)(void);
	/* On the CPU of thread `me`. */
	void (*run)(u32 me, const struct race_share *share);
	void (*finish)(void); /* not timed; ends the program if it was done wrong */
};

/* Run it and print a line: NAME UNITS ONE FOUR GOAL WHAT, times in ns. */
void race_run(const struct race *race);

#endif
