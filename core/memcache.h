/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memcache: table pages set aside before the MMU lock is taken, so that
 * nothing allocates under it (K2). One per vCPU; also on the stack of whoever
 * changes a VM's memory from outside.
 */
#ifndef CORE_MEMCACHE_H
#define CORE_MEMCACHE_H

#include "lib/types.h"
#include "core/page_alloc.h"

struct memcache {
	void *head;  /* the pages are linked through their first word */
	u32 count;
	struct page_budget *budget; /* charged when a page enters the cache */
};

void memcache_init(struct memcache *mc, struct page_budget *budget);
/* Have at least `target` pages. -ENOMEM leaves what could be had. */
int memcache_topup(struct memcache *mc, u32 target);
/* A zeroed page, or NULL when the cache is empty. */
void *memcache_pop(struct memcache *mc);
/* Give everything back. Safe on a cache that is all zero. */
void memcache_drain(struct memcache *mc);

#endif
