// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VM's GPA table: where its guest-physical pages are. No TLB holds anything of
 * it; what vCPUs' own tables hold is derived from it (K40).
 */
#include "arch/mips/gpa_choose.h"
#include "arch/mips/gva.h"
#include "core/arch.h"
#include "core/stage2_tables.h"

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	gva_drop_physical(pt->env, ia.v, size);
}

/* A table entry that goes has 4 MiB behind it. */
static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	u64 size = level == PGT_LEVEL_ANY ? 4 * SZ_1M :
					    pgtable_leaf_size(pt, level);

	flush_range(pt, IA(ALIGN_DOWN(ia.v, size)), size, level);
}

static void flush_all(struct pgtable *pt)
{
	flush_range(pt, IA(0), BIT64(GPA_BITS), PGT_LEVEL_ANY);
}

/* The hypervisor alone walks it. */
static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

const struct pgtable_ops arch_stage2_ops = {
	.table_alloc = stage2_table_alloc,
	.table_free = stage2_table_free,
	.table_count = stage2_table_count,
	.to_phys = stage2_to_phys,
	.to_virt = stage2_to_virt,
	.tlb_flush_addr = flush_addr,
	.tlb_flush_range = flush_range,
	.tlb_flush_all = flush_all,
	.table_sync = table_sync,
};
