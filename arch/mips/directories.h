/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the directories of gva.h come from: the page allocator; or, for the short
 * refill handler (refill.h), a region of 2 MiB of their own, of which the first has
 * 0 in it and is nobody's.
 *
 * There are few in the region. Of every vCPU, one space has its directories in any
 * case, as long as there are any; for its others, half of the region is.
 *
 * No locks: all callers are threads of the only CPU, and nothing in here yields.
 */
#ifndef ARCH_MIPS_DIRECTORIES_H
#define ARCH_MIPS_DIRECTORIES_H

#include "core/page_alloc.h"
#include "lib/types.h"

/* 2 MiB that end at a power of 2, at 4 MiB or above, in physical memory: set aside for
 * good. Its address; NULL: no such memory is free, and all is as before. Once. */
void *directories_reserve(void);
/* Forget it; for tests. */
void directories_exit(void);

/* One of GVA_DIRECTORY_ORDER, its contents undefined; `first`: of a vCPU's first space.
 * `budget` is charged where it is of the page allocator. NULL: there is none. */
u32 *directory_alloc(struct page_budget *budget, bool first);
void directory_free(u32 *directory, struct page_budget *budget);

#endif
