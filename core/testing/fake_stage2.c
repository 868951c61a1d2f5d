// SPDX-License-Identifier: BSD-2-Clause
#include "core/stage2_tables.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"

unsigned long fake_flushes_addr, fake_flushes_range, fake_flushes_all;
bool fake_no_blocks;
u32 fake_features;
void (*fake_on_flush)(void);

unsigned long fake_flushes(void)
{
	return fake_flushes_addr + fake_flushes_range + fake_flushes_all;
}

static void flushed(unsigned long *count)
{
	__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	if (fake_on_flush)
		fake_on_flush();
}

static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	flushed(&fake_flushes_addr);
}

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	flushed(&fake_flushes_range);
}

static void flush_all(struct pgtable *pt)
{
	flushed(&fake_flushes_all);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

static void page_clean(struct pgtable *pt, hpa_t pa, u64 size)
{
	for (u64 at = 0; at < size; at += PAGE_SIZE)
		fake_page_clean(hpa_to_pfn(HPA(pa.v + at)));
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
	.page_clean = page_clean,
};

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	unsigned int ipa_bits = config->ipa_bits;

	if (ipa_bits > 48)
		return -EINVAL;
	*s2 = (struct pgtable_config){
		.format = format_stage2(),
		.ia_bits = ipa_bits ? ipa_bits : 40,
		.oa_bits = 40,
		.no_blocks = fake_no_blocks,
		.features = fake_features,
	};
	return 0;
}
