// SPDX-License-Identifier: BSD-2-Clause
#include "core/memcache.h"
#include "lib/errno.h"

void memcache_init(struct memcache *mc, struct page_budget *budget,
		   unsigned int order)
{
	mc->head = NULL;
	mc->count = 0;
	mc->order = order;
	mc->budget = budget;
}

void memcache_push(struct memcache *mc, void *table)
{
	*(void **)table = mc->head;
	mc->head = table;
	mc->count++;
}

int memcache_topup(struct memcache *mc, u32 target)
{
	while (mc->count < target) {
		void *table = hyp_alloc_pages(mc->order, mc->budget);

		if (!table)
			return -ENOMEM;
		memcache_push(mc, table);
	}
	return 0;
}

void *memcache_pop(struct memcache *mc)
{
	void *table = mc->head;

	if (!table)
		return NULL;
	mc->head = *(void **)table;
	*(void **)table = NULL;
	mc->count--;
	return table;
}

void memcache_drain(struct memcache *mc)
{
	void *table;

	while ((table = memcache_pop(mc)))
		hyp_free_pages(table, mc->order, mc->budget);
}
