// SPDX-License-Identifier: BSD-2-Clause
#include "core/stage2_tables.h"

#include "core/memcache.h"
#include "core/page_alloc.h"
#include "core/vm.h"

static unsigned int order_of(size_t size)
{
	return __builtin_ctzl(size >> PAGE_SHIFT);
}

static struct page_budget *budget_of(const struct pgtable *pt)
{
	return &((struct vm *)pt->env)->table_budget;
}

void *stage2_table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	if (mc)
		return size == PAGE_SIZE << mc->order ? memcache_pop(mc) : NULL;
	return hyp_alloc_pages(order_of(size), budget_of(pt));
}

void stage2_table_free(struct pgtable *pt, void *table, size_t size)
{
	/* A tree that is destroyed has not counted its entries down. */
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		*hyp_page_count((char *)table + at) = 1;
	hyp_free_pages(table, order_of(size), budget_of(pt));
}

u32 *stage2_table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

hpa_t stage2_to_phys(struct pgtable *pt, const void *table)
{
	return arch_virt_to_phys(table);
}

void *stage2_to_virt(struct pgtable *pt, hpa_t pa)
{
	return arch_phys_to_virt(pa);
}
