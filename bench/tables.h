/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's environment on the PC, as a monitor has it: physical addresses
 * that are not pointers; table pages from a cache that was topped up with zeroed
 * ones before, and given back to a list that is zeroed before it is used again;
 * reference counts where core/page_alloc.h has them; hooks that count. There is
 * no TLB and no cache to maintain here, so those hooks do no more than count.
 */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

#include "pgtable/pgtable.h"

extern const struct pgtable_ops tables_ops;
/* TLB invalidations of this thread. */
extern __thread u64 tables_flushes;
/* Threads take and give back tables at the same time. */
extern bool tables_shared;

/* Once. False: no memory. */
bool tables_init(void);
/*
 * All of them are free, zeroed and of `size` bytes from here on: one tree's, and
 * the last one is gone. What ran before does not matter to what is measured.
 */
void tables_topup(size_t size);

#endif
