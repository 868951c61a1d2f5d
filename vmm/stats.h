/* SPDX-License-Identifier: BSD-2-Clause */
/* The statistics report (twofold,stats; twofold,icount). */
#ifndef VMM_STATS_H
#define VMM_STATS_H

#include "lib/types.h"

struct guest;

/* A guest that is done, before it is destroyed: a few lines of the log. */
void stats_guest(const struct guest *g);
/* Instructions from the board's reset until the guest ended its run, if the
 * counter counts them: one tick is 1e9 / frequency instructions. */
void stats_instructions(const struct guest *g);
/* What the hypervisor itself has in use. */
void stats_hypervisor(void);

#endif
