/* SPDX-License-Identifier: BSD-2-Clause */
/* Between flat.c and flat_ops.c. */
#ifndef SIM_TESTING_FLAT_OPS_H
#define SIM_TESTING_FLAT_OPS_H

#include "lib/types.h"

/* What shares a leaf with page i of window w may have aged with it. */
void flat_age_spreads(int w, u64 i);

#endif
