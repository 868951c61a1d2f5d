// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's GPA table: where its guest-physical pages are. No TLB holds anything of
 * it; what vCPUs' own tables hold is derived from it (K40).
 */
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "core/memcache.h"
#include "core/page_access.h"
#include "core/page_alloc.h"

static struct vm *vm_of(const struct pgtable *pt)
{
	return pt->env;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	return mc ? memcache_pop(mc) : hyp_alloc_pages(0, &vm_of(pt)->table_budget);
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	/* A tree that is destroyed has not counted its entries down. */
	*hyp_page_count(table) = 1;
	hyp_free_pages(table, 0, &vm_of(pt)->table_budget);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return arch_virt_to_phys(table);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arch_phys_to_virt(pa);
}

static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
}

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
}

static void flush_all(struct pgtable *pt)
{
}

/* The hypervisor alone walks it. */
static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

const struct pgtable_ops arch_stage2_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = flush_addr,
	.tlb_flush_range = flush_range,
	.tlb_flush_all = flush_all,
	.table_sync = table_sync,
};
