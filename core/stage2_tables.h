/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of a VM's stage 2: what of struct pgtable_ops is the same for every
 * architecture whose tables lie in the linear map. pt->env is the struct vm, which
 * is charged for them; contracts as in pgtable/pgtable.h.
 */
#ifndef CORE_STAGE2_TABLES_H
#define CORE_STAGE2_TABLES_H

#include "core/arch.h"

struct memcache;

void *stage2_table_alloc(struct pgtable *pt, struct memcache *mc, size_t size);
void stage2_table_free(struct pgtable *pt, void *table, size_t size);
u32 *stage2_table_count(struct pgtable *pt, void *table);
hpa_t stage2_to_phys(struct pgtable *pt, const void *table);
void *stage2_to_virt(struct pgtable *pt, hpa_t pa);

#endif
