/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host-physical memory: who owns which page.
 *
 * RAM is managed in 2 MiB chunks. A chunk is free, handed out whole, or split
 * into 4 KiB pages, and then has a reference count per page. Each chunk in use
 * serves one purpose only:
 *
 *   PAGE_HYP    the hypervisor's own: mapped in the linear map while in use, so
 *               page_to_virt() works
 *   PAGE_GUEST  guest RAM: not mapped at EL2; core/page_access.h maps it for
 *               the moment in which it is read, written or zeroed
 *
 * All functions may be called on any CPU, take the allocator's own lock, and
 * never sleep.
 */
#ifndef CORE_PAGE_ALLOC_H
#define CORE_PAGE_ALLOC_H

#include "lib/types.h"

#define CHUNK_SHIFT 21
#define CHUNK_SIZE (1UL << CHUNK_SHIFT)
#define CHUNK_ORDER (CHUNK_SHIFT - PAGE_SHIFT) /* 9: 512 pages */

enum page_use { PAGE_HYP, PAGE_GUEST, PAGE_USES };

/* A limit on pages, such as one VM's tables (B6). limit 0: none. */
struct page_budget {
	u64 limit; /* pages */
	u64 used;
	bool refused; /* that for which it was charged last: over the limit */
};

/*
 * Tell the allocator of RAM [base, base + size); rounded inwards to pages.
 * `meta` is where the chunk descriptors of all RAM live: see
 * page_alloc_meta_size(). Set-up only, one CPU.
 */
size_t page_alloc_meta_size(hpa_t lowest, hpa_t highest);
void page_alloc_init(void *meta, hpa_t lowest, hpa_t highest);
/*
 * Where the linear map ends, if before the RAM does: PAGE_HYP memory is below
 * it, and PAGE_GUEST memory too only when there is no other. Before the first
 * page_alloc_add().
 */
void page_alloc_reach(hpa_t end);
void page_alloc_add(hpa_t base, u64 size);
/* Never hand out [base, base + size); rounded outwards. After the last
 * page_alloc_add() and before first use. */
void page_alloc_reserve(hpa_t base, u64 size);

/*
 * 2^order pages, aligned to their size; order 0 to CHUNK_ORDER, reference
 * count 1, contents undefined. `budget` may be NULL; it is charged 2^order.
 * -ENOMEM: no such run, or over the budget. Budgets change under the
 * allocator's lock only: any CPU may charge the same one.
 */
int page_alloc(enum page_use use, unsigned int order,
	       struct page_budget *budget, pfn_t *out);
/*
 * The same, for who can do with single pages instead: when no chunk is free, of
 * those that are in part a few are looked at, and not every one, with every other
 * CPU waiting. -ENOMEM: there may be a run all the same.
 */
int page_alloc_unsearched(enum page_use use, unsigned int order,
			  struct page_budget *budget, pfn_t *out);

/* Contiguous PAGE_HYP memory larger than a chunk, never freed. Set-up only. */
int page_alloc_contiguous(u64 size, hpa_t *out);

/*
 * Drop one reference to each of the 2^order pages; those that reach 0 are
 * free, and are uncharged from `budget`. A whole chunk is put whole; to put it
 * page by page, page_split() it first. A split one may be put at once.
 */
void page_put(pfn_t pfn, unsigned int order, struct page_budget *budget);
/*
 * Give each page of a whole PAGE_GUEST chunk a reference count of its own, the
 * one the chunk had. 0 when it is split already. -ENOMEM; nothing has changed.
 */
int page_split(pfn_t pfn);
/* Take one more reference to each page; a whole chunk's are taken at once. */
void page_get(pfn_t pfn, unsigned int order);
unsigned int page_refs(pfn_t pfn);

struct page_stats {
	u64 total, free;        /* pages */
	u64 used[PAGE_USES];    /* pages handed out, by use */
};
void page_alloc_stats(struct page_stats *st);

/* Zeroed PAGE_HYP memory: 2^order pages, mapped. NULL when there is none. */
void *hyp_alloc_pages(unsigned int order, struct page_budget *budget);
void hyp_free_pages(void *p, unsigned int order, struct page_budget *budget);

/*
 * Where the count of a chunk's page `n` stands among those of all. Pages side by
 * side, be they of 4, 16 or 64 KiB, have theirs in different cache lines: tables
 * that were taken one after another are often those in which several CPUs map
 * pages at this moment, and each of them counts.
 */
static inline unsigned int page_count_slot(unsigned int n)
{
	return n % 32 * 16 + n / 32;
}

/*
 * The reference count of a page that hyp_alloc_pages() gave with an order below
 * CHUNK_ORDER: 1 until its owner uses it for something. A page-table page
 * counts its live entries in it; it is to be 1 again when the page is freed.
 *
 * PAGE_HYP pages are accounted for in the first page of their chunk, so this
 * is arithmetic alone; it rests on arch_phys_to_virt() keeping the address
 * modulo CHUNK_SIZE.
 */
static inline u32 *hyp_page_count(const void *p)
{
	uintptr_t va = (uintptr_t)p;

	return (u32 *)(va & ~(uintptr_t)(CHUNK_SIZE - 1)) +
	       page_count_slot(va % CHUNK_SIZE >> PAGE_SHIFT);
}

/* Small zeroed objects, any size up to a page, aligned to 16 (64 when the size
 * is 64 or more). NULL when there is no memory. hyp_free() takes the size that
 * was asked for; NULL is harmless. */
void *hyp_alloc(size_t size);
void hyp_free(void *p, size_t size);

/* PAGE_HYP memory only. Supplied by arch: a constant offset that is a multiple
 * of CHUNK_SIZE. */
void *arch_phys_to_virt(hpa_t pa);
hpa_t arch_virt_to_phys(const void *p);
/*
 * Map and unmap one chunk in the linear map, read-write, never executable.
 * Supplied by arch; called with the allocator's lock held. -ENOMEM.
 */
int arch_linear_map_chunk(hpa_t pa);
void arch_linear_unmap_chunk(hpa_t pa);

#endif
