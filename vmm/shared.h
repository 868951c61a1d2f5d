/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that VMs have in common: one backing for each region of the
 * descriptions, from the first VM that is built with it to the end of the last.
 * It is no VM's own: a VM that is reset, or ends, leaves it as it is. Called by
 * the monitor's thread.
 */
#ifndef VMM_SHARED_H
#define VMM_SHARED_H

#include "core/backing.h"

struct vm;
struct description_shared;
struct shared;

/* The region, for a VM's memslot; it goes with shared_put(). NULL: no memory. */
struct shared *shared_get(const struct description_shared *s);
/* The VM's slots have gone. NULL is harmless. */
void shared_put(struct shared *s);
struct backing *shared_backing(struct shared *s);

#endif
