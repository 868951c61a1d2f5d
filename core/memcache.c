// SPDX-License-Identifier: BSD-2-Clause
#include "core/memcache.h"
#include "lib/errno.h"

void memcache_init(struct memcache *mc, struct page_budget *budget)
{
	mc->head = NULL;
	mc->count = 0;
	mc->budget = budget;
}

int memcache_topup(struct memcache *mc, u32 target)
{
	while (mc->count < target) {
		void *page = hyp_alloc_pages(0, mc->budget);

		if (!page)
			return -ENOMEM;
		*(void **)page = mc->head;
		mc->head = page;
		mc->count++;
	}
	return 0;
}

void *memcache_pop(struct memcache *mc)
{
	void *page = mc->head;

	if (!page)
		return NULL;
	mc->head = *(void **)page;
	*(void **)page = NULL;
	mc->count--;
	return page;
}

void memcache_drain(struct memcache *mc)
{
	void *page;

	while ((page = memcache_pop(mc)))
		hyp_free_pages(page, 0, mc->budget);
}
