/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: a CPU's first-level caches as MD00090 allows them to be, and the
 * memory behind them. Both are virtually indexed and physically tagged, of ways of
 * any size; the data cache writes back. A line may go at any time, and an
 * instruction may be fetched at any time.
 *
 * The port's sources run on it: CACHE is test_cache(), and built with
 * -Dmemcpy=model_memcpy -Dmemset=model_memset they touch pages where kseg0 and the
 * windows of kseg2 show them, through the data cache.
 */
#ifndef ARCH_MIPS_TESTING_CACHE_MODEL_H
#define ARCH_MIPS_TESTING_CACHE_MODEL_H

#include "arch/mips/mips.h"

#define MODEL_LINE 32U
#define MODEL_WAYS 2
#define MODEL_PAGES 10

struct model_shape {
	u32 dcache_way, icache_way;
	/* Of data there is one place (Config7.AR): as if it were indexed by the
	 * physical address. Of instructions, all are invalidated by address (IAR). */
	bool dcache_physical, icache_finds_all;
};

/* Empty caches of that shape, and `features` that say so; memory of all kinds of
 * contents. */
void model_reset(const struct model_shape *shape);

/* The physical pages that there is memory of: of many colours, below 512 MiB and
 * above. */
extern const u64 model_pfn[MODEL_PAGES];

/* A word, by the virtual and the physical address: a guest's accesses. */
u32 model_load(u32 va, u64 pa);
void model_store(u32 va, u64 pa, u32 value);
u32 model_fetch(u32 va, u64 pa);
void model_synci(u32 va, u64 pa);
/* CACHE at `va`: the data cache's line is written back and dropped, then the
 * instructions'. */
void model_sync_line(u32 va, u64 pa);
/* One line goes, or, of an instruction at `va`, comes. */
void model_evict(u32 random);

void *model_memcpy(void *to, const void *from, size_t n);
void *model_memset(void *to, int c, size_t n);

#endif
