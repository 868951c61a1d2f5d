/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Backings: what supplies a memslot's pages (the third seam).
 *
 * A backing owns its pages and says which host page stands behind an offset.
 * Stage 2 only caches what the backing says: it may be unmapped at any time
 * and be faulted in again. core/ never assumes that a page came from its own
 * allocator: a later backing is a Linux control VM's address space.
 *
 * An owner that takes pages back, or replaces them, says so through the
 * notifiers (core/notifier.h) before it reuses them.
 */
#ifndef CORE_BACKING_H
#define CORE_BACKING_H

#include "lib/list.h"
#include "lib/lock.h"
#include "lib/types.h"
#include "core/page_alloc.h"

struct backing;
struct vm;

/* What one step of throwing pages away takes: 32 MiB, a part of 1 GiB. */
#define BACKING_STEP ((32 * SZ_1M) >> PAGE_SHIFT)

/* What stands behind an offset. */
struct backing_page {
	pfn_t pfn;          /* of the page asked for */
	unsigned int order; /* largest naturally aligned run around it (in
			     * both offset and pfn) that may be mapped alike;
			     * 0 to 18 */
	bool writable;
	bool device;        /* map with device attributes, never executable */
	bool fresh;         /* may not have been cleaned since it was written:
			     * whoever shows it to a guest does the cache work
			     * of K10 for what it shows. A backing that says so
			     * says so on every get: were it the first alone,
			     * a second CPU could show the page while the first
			     * still cleans */
	unsigned int copied; /* pages that this get copied (copy-on-write) */
};

struct backing_ops {
	const char *name;
	/*
	 * Find, or make, the page at `offset` (4 KiB pages from the start).
	 * With `write`, a page that may be written: a copy where it was
	 * shared. Called with no lock held; may allocate. When it replaces a
	 * page that may be mapped, it has unmapped it wherever the backing is
	 * shown (backing_take_back()), and faults that asked before try again.
	 * -ENOMEM; -EFAULT: nothing there; -EPERM: never writable.
	 */
	int (*get)(struct backing *b, u64 offset, bool write,
		   struct backing_page *out);
	/* Throw the pages of [offset, offset + count) away; the next get starts
	 * afresh. The caller has unmapped them, and keeps faults off: it is the
	 * commit of a backing_take_back(). Does not yield: long ranges are the
	 * caller's to cut. Of a run of the smallest size that the range cuts, the
	 * pages stay, with the contents that a new get would give. NULL: there is
	 * nothing to throw away. */
	void (*discard)(struct backing *b, u64 offset, u64 count);
	void (*destroy)(struct backing *b);
};

struct backing {
	const struct backing_ops *ops;
	u64 pages; /* size in 4 KiB pages */
	/* Of the smallest run that it hands out: as any run, aligned in both offset
	 * and pfn. At least granule_order of every VM that it is shown in. */
	unsigned int order;
	u32 refs;
	struct page_budget *budget; /* guest pages are charged here */
	u64 resident;               /* pages that the backing itself owns */
	struct spinlock users_lock; /* before a VM's mmu_lock */
	struct list users;          /* struct backing_user */
};

/* Where a memslot shows part of a backing; kept by core/memslot.c. */
struct backing_user {
	struct list node;
	struct vm *vm;
	gfn_t base;
	u64 offset, pages;
};

/* For those who make backings: no references but the caller's, no users, runs
 * of order 0. */
void backing_init(struct backing *b, const struct backing_ops *ops, u64 pages,
		  struct page_budget *budget);
void backing_add_user(struct backing *b, struct backing_user *u);
/* Harmless on one that is all zero. */
void backing_remove_user(struct backing *b, struct backing_user *u);

/*
 * Unmap [offset, offset + count) wherever it is shown, then call commit(arg),
 * which puts other pages there. Faults that asked the backing before commit
 * returned see that they must ask again. Neither sleeps nor allocates, nor does
 * commit, which is called with users_lock held and no MMU lock.
 */
void backing_take_back(struct backing *b, u64 offset, u64 count,
		       void (*commit)(void *arg), void *arg);

/*
 * The largest order <= `most` of a naturally aligned run around `offset` that
 * lies in [first, end) and is as aligned in host frames, `pfn` being the page
 * at `offset`.
 */
unsigned int backing_run_order(u64 offset, pfn_t pfn, u64 first, u64 end,
			       unsigned int most);

static inline void backing_get_ref(struct backing *b)
{
	__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
}
/* Drop a reference; the last one destroys the backing and its pages. No lock
 * held; long work is cut into steps with cond_resched(). */
void backing_put_ref(struct backing *b);

/*
 * RAM that is zero until written: pages and 2 MiB blocks are allocated when
 * first asked for. On top of it, images: runs of host memory (a loaded boot
 * module, which must stay as it is while the backing lives) shown read-only at
 * an offset, copied when written, never written themselves (B2).
 *
 * What EL2 zeroed or copied is cleaned before any get can see it. NULL: no
 * memory, or `pages` is 0 or more than 2^36 (256 TiB).
 */
struct backing *backing_ram_create(u64 pages, struct page_budget *budget);
/*
 * The same, with runs of 2^order pages at least, 0 to BACKING_ORDER_MAX; NULL
 * too if `pages` is no multiple of that. What is not zero as a whole, nor an
 * image's as a whole and as aligned there, is a copy from the start. -ENOMEM
 * from get when there are pages but no such run.
 */
#define BACKING_ORDER_MAX 4
struct backing *backing_ram_create_runs(u64 pages, unsigned int order,
					struct page_budget *budget);

/*
 * The same, but what is written stays when a VM is reset: there is no discard.
 * For memory that several VMs have. It takes no images.
 */
struct backing *backing_shared_create(u64 pages, unsigned int order,
				      struct page_budget *budget);

/*
 * Show `size` bytes of host memory from `pa` at byte offset `at`. `at` is page
 * aligned. A page, or run of the smallest size, is shared where the module's
 * page frames have it whole and are aligned as it is; other pages are copied
 * (the tail of the last one zeroed). Before a VM runs; pages written there earlier are thrown away.
 * -EINVAL: empty, unaligned, outside, or over another image. -ENOMEM.
 */
int backing_ram_add_image(struct backing *b, u64 at, hpa_t pa, u64 size);

/*
 * Of each 2 MiB that begin before byte `end`, the first page that is asked for brings
 * all, as one block, with copies of what images show there. Where there is no such
 * block, that page is a copy, and the others are as ever. For guests whose TLB misses
 * cost more than to copy what is never used. Before a VM runs.
 */
void backing_ram_make_whole(struct backing *b, u64 end);

/* Host memory or registers at a fixed place, such as the GIC's virtual CPU
 * interface. `device`: device attributes. `order` is as large as place and size
 * are aligned. NULL: no memory, or `pa` is not page aligned, `pages` is 0, or the
 * range wraps. */
struct backing *backing_static_create(hpa_t pa, u64 pages, bool writable,
				      bool device);

#endif
