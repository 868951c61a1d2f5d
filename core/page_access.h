/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Touching guest memory from EL2, which maps it only for that moment, in a
 * slot of the CPU's own. Supplied by arch. A mapping is valid on this CPU
 * until unmapped; two may be open at a time, closed in reverse order; the
 * thread may not yield between.
 */
#ifndef CORE_PAGE_ACCESS_H
#define CORE_PAGE_ACCESS_H

#include "lib/types.h"

/* Map the 4 KiB page at `pfn`, cacheable, read-write, never executable. */
void *arch_page_map(pfn_t pfn);
void arch_page_unmap(void *p);

/*
 * To publish is to make what EL2 wrote visible to a guest whose caches are off
 * (clean to the point of coherency) and to instruction fetch on every CPU; a
 * guest may reach a page only after that (K10). `count` pages, 1 to 512.
 */
void arch_page_publish(pfn_t pfn, u64 count);
/* `size` bytes, 1 or more, at `p`, of a page that is mapped: what is to be published of
 * one that is published but for them. */
void arch_page_publish_part(void *p, size_t size);
/* Zero 2^order pages, aligned to their size, order 0 to 9; and publish them. */
void arch_page_zero(pfn_t pfn, unsigned int order);
/*
 * Fill 2^order pages, aligned to their size, order 0 to 4, with `size` bytes
 * from host-physical `from`, which may have any alignment, and zeroes behind
 * them; and publish them.
 */
void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 size);

#define PAGE_COPY_ORDER_MAX 4

#endif
