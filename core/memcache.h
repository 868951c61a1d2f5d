/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memcache: tables set aside before the MMU lock is taken, so that nothing
 * allocates under it (K2). One per vCPU; also on the stack of whoever changes a
 * VM's memory from outside. All have one size, a granule of the VM's stage 2.
 */
#ifndef CORE_MEMCACHE_H
#define CORE_MEMCACHE_H

#include "lib/types.h"
#include "core/page_alloc.h"

struct memcache {
	void *head;  /* the tables are linked through their first word */
	u32 count;
	unsigned int order; /* of a table, in pages */
	struct page_budget *budget; /* charged when a table enters the cache */
};

/* Tables of 2^order pages: a VM's granule_order. */
void memcache_init(struct memcache *mc, struct page_budget *budget,
		   unsigned int order);
/* Have at least `target` tables. -ENOMEM leaves what could be had. */
int memcache_topup(struct memcache *mc, u32 target);
/* A zeroed table, or NULL when the cache is empty. */
void *memcache_pop(struct memcache *mc);
/* One that was popped comes back, all of it 0. */
void memcache_push(struct memcache *mc, void *table);
/* Give everything back. Safe on a cache that is all zero. */
void memcache_drain(struct memcache *mc);

#endif
