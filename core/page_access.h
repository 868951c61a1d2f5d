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

/* Zero 2^order pages; order 0 to 9. */
void arch_page_zero(pfn_t pfn, unsigned int order);

/*
 * Clean to the point of coherency, so that a guest whose caches are off sees
 * what EL2 wrote. 2^order pages. (K10)
 */
void arch_page_clean(pfn_t pfn, unsigned int order);
/* Make what was written visible to instruction fetch on every CPU. (K10) */
void arch_page_sync_icache(pfn_t pfn, unsigned int order);

#endif
