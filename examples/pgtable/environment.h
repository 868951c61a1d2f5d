/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine needs of its surroundings, on a PC: table pages from an
 * arena, which pretends to be physical memory from ARENA_PA up, and TLB
 * invalidations that are printed. A hypervisor has its allocator and its
 * CPU's instructions here.
 */
#ifndef EXAMPLE_ENVIRONMENT_H
#define EXAMPLE_ENVIRONMENT_H

#include <stdio.h>
#include <string.h>
#include <pgtable/pgtable.h>

#define TABLES	 16
#define ARENA_PA 0x80000000ULL

static _Alignas(TABLES * SZ_4K) char arena[TABLES * SZ_4K];
static u32 counts[TABLES];
static unsigned int used;

static inline void *table_alloc(struct pgtable *pt, struct memcache *mc,
				size_t size)
{
	void *table = arena + used * SZ_4K;

	(void)pt, (void)mc;
	if (used + size / SZ_4K > TABLES)
		return NULL;
	counts[used] = 1;
	used += size / SZ_4K;
	return memset(table, 0, size);
}

static inline void table_free(struct pgtable *pt, void *table, size_t size)
{
	(void)pt, (void)size;
	printf("    table %d is freed\n",
	       (int)(((char *)table - arena) / SZ_4K));
}

static inline u32 *table_count(struct pgtable *pt, void *table)
{
	(void)pt;
	return &counts[((char *)table - arena) / SZ_4K];
}

static inline hpa_t to_phys(struct pgtable *pt, const void *table)
{
	(void)pt;
	return HPA(ARENA_PA + ((const char *)table - arena));
}

static inline void *to_virt(struct pgtable *pt, hpa_t pa)
{
	(void)pt;
	return arena + (pa.v - ARENA_PA);
}

static inline void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size,
				   int level)
{
	(void)pt, (void)level;
	printf("    TLB: invalidate %#llx, %#llx bytes\n",
	       ia.v, size);
}

static inline void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	tlb_flush_range(pt, ia, pgtable_leaf_size(pt, level), level);
}

static inline void tlb_flush_all(struct pgtable *pt)
{
	(void)pt;
	printf("    TLB: invalidate everything\n");
}

static inline void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	/* A barrier on Arm. Nobody walks a PC's memory. */
	(void)pt, (void)entry, (void)size;
}

static const struct pgtable_ops environment = {
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

#endif
