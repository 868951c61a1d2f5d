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

#include "lib/types.h"
#include "core/page_alloc.h"

struct backing;

/* What stands behind an offset. */
struct backing_page {
	pfn_t pfn;          /* of the page asked for */
	unsigned int order; /* largest naturally aligned run around it (in
			     * both offset and pfn) that may be mapped alike;
			     * 0 to 18 */
	bool writable;
	bool device;        /* map with device attributes, never executable */
	bool fresh;         /* contents were just written by EL2: needs the
			     * cache work of K10 before a guest looks */
};

struct backing_ops {
	const char *name;
	/*
	 * Find, or make, the page at `offset` (4 KiB pages from the start).
	 * With `write`, a page that may be written: a copy where it was
	 * shared. Called with no lock held; may allocate. When it replaces a
	 * page that may be mapped, it has called the notifiers.
	 * -ENOMEM; -EFAULT: nothing there; -EPERM: never writable.
	 */
	int (*get)(struct backing *b, u64 offset, bool write,
		   struct backing_page *out);
	/* Throw the pages of [offset, offset + count) away; the next get starts
	 * afresh. The caller has unmapped them. */
	void (*discard)(struct backing *b, u64 offset, u64 count);
	void (*destroy)(struct backing *b);
};

struct backing {
	const struct backing_ops *ops;
	u64 pages; /* size in 4 KiB pages */
	u32 refs;
	struct page_budget *budget; /* guest pages are charged here */
	u64 resident;               /* pages that the backing itself owns */
};

static inline void backing_get_ref(struct backing *b)
{
	__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
}
/* Drop a reference; the last one destroys the backing and its pages. */
void backing_put_ref(struct backing *b);

/*
 * RAM that is zero until written: pages and 2 MiB blocks are allocated when
 * first asked for. On top of it, images: runs of host memory (a loaded boot
 * module, which must stay as it is while the backing lives) shown read-only at
 * an offset, copied page by page when written, never written themselves (B2).
 */
struct backing *backing_ram_create(u64 pages, struct page_budget *budget);

/*
 * Show `size` bytes of host memory from `pa` at byte offset `at`. `at` is page
 * aligned. A page is shared where the module's page frame has it whole and `pa`
 * is page aligned too; other pages are copied (the tail of the last one
 * zeroed). -EINVAL: unaligned, outside, or over another image. -ENOMEM.
 */
int backing_ram_add_image(struct backing *b, u64 at, hpa_t pa, u64 size);

/* Host memory or registers at a fixed place, such as the GIC's virtual CPU
 * interface. `device`: device attributes. */
struct backing *backing_static_create(hpa_t pa, u64 pages, bool writable,
				      bool device);

#endif
