/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An environment of the page-table engine on a PC, for tests: an arena whose
 * physical addresses are not its virtual ones, tables that are counted,
 * poisoned and guarded, allocation that fails on demand, and flushes that are
 * recorded.
 *
 * Not for threads, but for the allocator, the counts and the flush counter.
 */
#ifndef PGTABLE_TESTING_HOST_H
#define PGTABLE_TESTING_HOST_H

#include "lib/util.h"
#include "pgtable/pgtable.h"

#define HOST_FLUSHES 4096

struct host_flush {
	u64 ia, size; /* size 0: all */
	int level;
};

struct host {
	char *arena;
	size_t granule;
	unsigned int pages;
	/*
	 * Before pgtable_init(): where the arena is, in physical memory; and
	 * what entries the tree has.
	 */
	u64 phys_base;
	enum { HOST_VMSA, HOST_VMSA_52, HOST_MIPS } entries;
	u32 *counts; /* of each page: 0 is free */
	u32 *sizes; /* granules of an allocation, at its first */
	/*
	 * With `watch`: a table that was in the tree is not freed before an
	 * invalidation, of entries of every level, that finds it unlinked.
	 * host_check_tree() notes what is in the tree.
	 */
	bool watch;
	bool *linked;
	u32 lock;
	unsigned int used; /* granules allocated */
	unsigned int next; /* where to look first */
	int fail_after; /* allocations that still succeed; -1: all */
	unsigned int flushes, flushes_addr, flushes_range, flushes_all;
	struct host_flush log[HOST_FLUSHES];
	/* Called at the start of each flush, before it counts; may be NULL. */
	void (*on_flush)(struct pgtable *pt, const struct host_flush *flush);
	void *arg;
};

extern const struct pgtable_ops host_ops;

void host_init(struct host *host, size_t granule, unsigned int pages);
void host_fini(struct host *host);
void host_forget_flushes(struct host *host);
/* Was [ia, ia + size) invalidated as a whole since flushes were forgotten? */
bool host_flushed(const struct host *host, u64 ia, u64 size);

/*
 * Translate as the architecture says, written apart from the engine's walker:
 * the leaf's descriptor and level, or 0.
 */
u64 host_walk(struct pgtable *pt, u64 ia, int *level);
/* What a leaf's descriptor says: output address, and accessed or not. */
u64 host_output(struct pgtable *pt, u64 descriptor);
bool host_young(struct pgtable *pt, u64 descriptor);
/*
 * Walk the whole tree: counts, that no table but the root is empty, and that
 * pgtable_visit() sees the same. Returns the number of granules that it takes.
 */
unsigned int host_check_tree(struct pgtable *pt);
/* How many leaves there are at `level`. */
u64 host_leaves(struct pgtable *pt, int level);

#endif
