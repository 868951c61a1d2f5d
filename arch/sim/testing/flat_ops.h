/* SPDX-License-Identifier: BSD-2-Clause */
/* Between flat.c and flat_ops.c. */
#ifndef SIM_TESTING_FLAT_OPS_H
#define SIM_TESTING_FLAT_OPS_H

#include "arch/sim/sim.h"
#include "lib/types.h"

struct flat_page;

/* What shares a leaf with page i of window w may have aged with it. */
void flat_age_spreads(int w, u64 i);
/* May a page that is mapped so be accessed so? */
bool flat_allows(const struct flat_page *p, enum sim_access access);

#endif
