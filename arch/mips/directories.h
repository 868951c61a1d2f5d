/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the directories of gva.h come from: the page allocator; or, for the short
 * refill handler (refill.h), a region of 2 MiB of their own, of which the first has
 * 0 in it and is nobody's.
 *
 * There are few in the region, 256, and no VM is charged with them. So one half is for
 * the first space of every vCPU: there can be 63 vCPUs. Of the other half, each has so
 * many spaces set aside when it is made, for as long as it is there: whatever guests
 * do, they take nothing from others. They are GVA_SPACES - 1 at first, and fewer as more
 * are set aside; 21 vCPUs have 1 at least.
 *
 * No lock is taken: there is one CPU, and the hypervisor is interrupted in idle alone.
 */
#ifndef ARCH_MIPS_DIRECTORIES_H
#define ARCH_MIPS_DIRECTORIES_H

#include "core/page_alloc.h"
#include "lib/types.h"

/* 2 MiB that end at a power of 2, at 4 MiB or above, in physical memory: set aside for
 * good. Its address; NULL: no such memory is free, and all is as before. Once. */
void *directories_reserve(void);
/* Forget it; for tests. */
void directories_exit(void);

/* A vCPU is made: how many spaces it may have beside its first, until they are given
 * back. Of the page allocator, GVA_SPACES - 1. */
unsigned int directories_set_aside(void);
void directories_give_back(unsigned int spaces);

/* One of GVA_DIRECTORY_ORDER, its contents undefined; `first`: of a vCPU's first space;
 * else of one that is set aside. `budget` is charged where it is of the page
 * allocator. NULL: there is none. */
u32 *directory_alloc(struct page_budget *budget, bool first);
void directory_free(u32 *directory, struct page_budget *budget);

#endif
