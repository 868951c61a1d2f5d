/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Something that happens between any two instructions of this thread, as what
 * another CPU or its MMU does may: the thread is stepped through, instruction by
 * instruction, and interrupted after so many. On processors whose step mode this
 * does not know (all but x86-64), it never happens.
 */
#ifndef SIM_TESTING_ANYTIME_H
#define SIM_TESTING_ANYTIME_H

#include "lib/types.h"

/*
 * From now, and until anytime_stop(): `event` is called once, when this thread
 * has called the machine so often and after that has made this many
 * instructions, or as soon after as the machine is not busy for it. It runs in a
 * signal handler: it may call the machine, and nothing that allocates. Each
 * instruction takes microseconds; the calls before them take no longer than ever.
 */
void anytime_start(unsigned long calls, unsigned long instructions,
		   void (*event)(void));
/* False: it has not happened. */
bool anytime_stop(void);

#endif
