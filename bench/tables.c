// SPDX-License-Identifier: BSD-2-Clause
/*
 * The arena is in chunks, the first page of which has their pages' counts. Free
 * tables are linked through their first word, in two lists of which only the
 * first is zeroed, but for that word.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/tables.h"
#include "core/page_alloc.h"

#define CHUNKS	   16u
#define CHUNK	   (u32)(CHUNK_SIZE / SZ_4K)
#define ROOT	   64u /* pages of the arena that come before the root's */
#define ROOT_PAGES 64u /* 16 tables of 16 KiB */
#define ARENA_PA   0x40000000ULL

__thread u64 tables_flushes;
bool tables_shared;

static char *arena;
static size_t table_size; /* what the lists hold */
static void *zeroed, *used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread u64 syncs;

static void *pop(void **list)
{
	void *page = *list;

	if (page) {
		*list = *(void **)page;
		*(void **)page = NULL;
	}
	return page;
}

static void push(void **list, void *page)
{
	*(void **)page = *list;
	*list = page;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *table;

	if (size != table_size) /* a root of several tables */
		return arena + ROOT * SZ_4K;
	if (tables_shared)
		pthread_mutex_lock(&lock);
	table = pop(&zeroed);
	if (tables_shared)
		pthread_mutex_unlock(&lock);
	return table;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	if (size != table_size)
		return;
	if (tables_shared)
		pthread_mutex_lock(&lock);
	push(&used, table);
	if (tables_shared)
		pthread_mutex_unlock(&lock);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return HPA((u64)((const char *)table - arena) + ARENA_PA);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arena + (pa.v - ARENA_PA);
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	tables_flushes++;
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	tables_flushes++;
}

static void tlb_flush_all(struct pgtable *pt)
{
	tables_flushes++;
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	syncs++;
}

const struct pgtable_ops tables_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
};

bool tables_init(void)
{
	arena = aligned_alloc(CHUNK_SIZE, CHUNKS * CHUNK_SIZE);
	return arena != NULL;
}

/* Cut the arena anew: the root's pages and those of counts are left out. */
static void cut(size_t size)
{
	u32 step = size / SZ_4K;

	memset(arena, 0, CHUNKS * CHUNK_SIZE);
	zeroed = used = NULL;
	table_size = size;
	for (u32 i = CHUNKS * CHUNK; i > ROOT + ROOT_PAGES; i -= step)
		if ((i - step) % CHUNK)
			push(&zeroed, arena + (i - step) * SZ_4K);
}

void tables_topup(size_t size)
{
	void *table;

	if (size != table_size)
		cut(size);
	while ((table = pop(&used))) {
		memset(table, 0, size);
		push(&zeroed, table);
	}
	memset(arena + ROOT * SZ_4K, 0, ROOT_PAGES * SZ_4K);
	for (u32 i = 0; i < CHUNKS * CHUNK; i++)
		*hyp_page_count(arena + i * SZ_4K) = 1;
}
