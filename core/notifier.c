// SPDX-License-Identifier: BSD-2-Clause
/*
 * The sequence counts notifiers at work in its lower 16 bits and those that
 * are done above them. A fault samples it, asks the backing, and maps under
 * the MMU lock only if it stands as it did and nobody was at work:
 *
 *   fault                         notifier
 *   seq = notifier_begin()        notifier_start(): seq changes
 *   backing->get()                write lock; unmap; unlock
 *   read lock                     the owner reuses the page
 *   notifier_retry()?             notifier_end(): seq changes
 *   map
 *   unlock
 *
 * If the fault gets the lock first, the notifier's unmap takes away what it
 * mapped; if the notifier does, the fault sees the change (bugs.md 15).
 */
#include "core/notifier.h"
#include "core/fault.h"
#include "core/memcache.h"
#include "core/sched.h"
#include "core/slots.h"
#include "core/vm.h"
#include "lib/errno.h"

#define AT_WORK 0xffffULL
#define DONE (AT_WORK + 1)
/* What one step may do, in tables; and in bytes that are cleaned. */
#define STEP_TABLES 64
#define STEP_CLEAN (32 * SZ_1M)

u64 notifier_begin(const struct vm *vm)
{
	return __atomic_load_n(&vm->notifier_seq, __ATOMIC_ACQUIRE);
}

bool notifier_retry(const struct vm *vm, u64 seq)
{
	return (seq & AT_WORK) ||
	       __atomic_load_n(&vm->notifier_seq, __ATOMIC_ACQUIRE) != seq;
}

void notifier_start(struct vm *vm)
{
	__atomic_fetch_add(&vm->notifier_seq, 1, __ATOMIC_SEQ_CST);
}

void notifier_end(struct vm *vm)
{
	__atomic_fetch_add(&vm->notifier_seq, DONE - 1, __ATOMIC_SEQ_CST);
}

/* In bytes, of whole granules, cut to the input-address space. False: nothing is
 * left. */
static bool clip(const struct vm *vm, gfn_t gfn, u64 pages, u64 *ia, u64 *size)
{
	/* In pages, for 2^64 bytes are not a number. */
	u64 end = vm->s2.ia_size ? vm->s2.ia_size >> PAGE_SHIFT :
				   BIT64(64 - PAGE_SHIFT);

	if (gfn.v >= end || !pages)
		return false;
	if (pages < end - gfn.v)
		end = ALIGN_UP(gfn.v + pages, BIT64(vm->granule_order));
	gfn.v = ALIGN_DOWN(gfn.v, BIT64(vm->granule_order));
	*ia = gfn.v << PAGE_SHIFT;
	*size = (end - gfn.v) << PAGE_SHIFT;
	return true;
}

static void nothing(void *arg, ia_t ia, u64 size)
{
}

/*
 * What is going to be unmapped, and comes back as it is. Nobody finds it to
 * clean it meanwhile: not the flush on behalf of a guest that turns its caches
 * off, which then, in the new mapping, reads memory past what it wrote into the
 * caches. So that is written back, and nothing may be written any more: a CPU
 * goes on until the unmap has been invalidated. The MMU lock is held for writing.
 */
static void clean_kept(struct vm *vm, u64 ia, u64 size)
{
	if (vm->s2.features & PGT_FEAT_FWB)
		return;
	pgtable_harvest_last(&vm->s2, IA(ia), size, nothing, NULL);
	pgtable_flush(&vm->s2, IA(ia), size);
}

/* The leaf at `ia`, of which a part goes, and so all of it; false: none. What an
 * image's block shows nobody has written. */
static bool take_leaf(struct vm *vm, u64 ia, struct pgtable_leaf *leaf)
{
	if (pgtable_lookup(&vm->s2, IA(ALIGN_DOWN(ia, PAGE_SIZE)), leaf))
		return false;
	if (!(leaf->attr & LEAF_SHARED))
		clean_kept(vm, leaf->ia.v, leaf->size);
	return true;
}

/* Widen [*ia, *ia + *size) to whole leaves, those that it cuts cleaned. */
static void widen(struct vm *vm, u64 *ia, u64 *size)
{
	struct pgtable_leaf leaf;
	u64 last = *ia + *size - 1;

	if (take_leaf(vm, *ia, &leaf)) {
		*ia = leaf.ia.v;
		last = max(last, leaf.ia.v + leaf.size - 1);
	}
	if (take_leaf(vm, last, &leaf))
		last = leaf.ia.v + leaf.size - 1;
	*size = last - *ia + 1;
}

/* The MMU lock is held for writing. */
static void unmap(struct vm *vm, u64 ia, u64 size)
{
	struct memcache none = { .budget = &vm->table_budget };

	dirty_log_collect(vm, ia, size);
	if (pgtable_unmap(&vm->s2, IA(ia), size, &none) == -ENOMEM) {
		widen(vm, &ia, &size);
		pgtable_unmap(&vm->s2, IA(ia), size, &none);
	}
}

void notifier_unmap(struct vm *vm, gfn_t gfn, u64 pages)
{
	u64 ia, size;

	if (!clip(vm, gfn, pages, &ia, &size))
		return;
	notifier_start(vm);
	write_lock(&vm->mmu_lock);
	unmap(vm, ia, size);
	write_unlock(&vm->mmu_lock);
	notifier_end(vm);
}

static void unmap_steps(struct vm *vm, gfn_t gfn, u64 pages,
			u64 (*step)(struct vm *vm, u64 ia, u64 size))
{
	u64 ia, size, n;

	if (!clip(vm, gfn, pages, &ia, &size))
		return;
	for (; size; ia += n, size -= n) {
		notifier_start(vm);
		write_lock(&vm->mmu_lock);
		n = step(vm, ia, size);
		unmap(vm, ia, n);
		write_unlock(&vm->mmu_lock);
		notifier_end(vm);
		cond_resched();
	}
}

static u64 step_in_tables(struct vm *vm, u64 ia, u64 size)
{
	return pgtable_step(&vm->s2, IA(ia), size, STEP_TABLES);
}

void notifier_unmap_steps(struct vm *vm, gfn_t gfn, u64 pages)
{
	unmap_steps(vm, gfn, pages, step_in_tables);
}

/* A hole at once, for there is nothing to clean. */
static u64 step_cleaned(struct vm *vm, u64 ia, u64 size)
{
	struct pgtable_leaf leaf;

	size = step_in_tables(vm, ia, size);
	if (pgtable_lookup(&vm->s2, IA(ia), &leaf))
		return min(size, leaf.ia.v + leaf.size - ia);
	size = min(size, STEP_CLEAN - ia % STEP_CLEAN);
	dirty_log_collect(vm, ia, size);
	clean_kept(vm, ia, size);
	return size;
}

void notifier_unmap_kept(struct vm *vm, gfn_t gfn, u64 pages)
{
	bool coherent = vm->s2.features & PGT_FEAT_FWB;

	unmap_steps(vm, gfn, pages, coherent ? step_in_tables : step_cleaned);
}

/* The same leaf with the other page in it, if it is as small as the frame. */
static bool replace(struct vm *vm, u64 ia, pfn_t pfn)
{
	struct pgtable_leaf leaf;
	u32 attr = PGT_PROT_MASK | PGT_DEVICE | PGT_NOCACHE | PGT_SW_MASK;
	int err;

	if (pgtable_lookup(&vm->s2, IA(ia), &leaf))
		return true;
	if (leaf.size != PAGE_SIZE)
		return false;
	attr &= leaf.attr & ~(u32)PGT_W;
	err = pgtable_map(&vm->s2, IA(ia), PAGE_SIZE, pfn_to_hpa(pfn), attr,
			  NULL, NULL);
	return !err || err == -EALREADY;
}

void notifier_change(struct vm *vm, gfn_t gfn, pfn_t pfn)
{
	u64 ia, size;

	if (!clip(vm, gfn, 1, &ia, &size))
		return;
	notifier_start(vm);
	write_lock(&vm->mmu_lock);
	dirty_log_collect(vm, ia, size);
	if (!replace(vm, ia, pfn))
		unmap(vm, ia, size);
	write_unlock(&vm->mmu_lock);
	notifier_end(vm);
}

bool notifier_age(struct vm *vm, gfn_t gfn, u64 pages)
{
	u64 ia, size;
	bool young;

	if (!clip(vm, gfn, pages, &ia, &size))
		return false;
	write_lock(&vm->mmu_lock);
	young = pgtable_test_young(&vm->s2, IA(ia), size, true);
	write_unlock(&vm->mmu_lock);
	return young;
}

bool notifier_test_age(struct vm *vm, gfn_t gfn, u64 pages)
{
	u64 ia, size;
	bool young;

	if (!clip(vm, gfn, pages, &ia, &size))
		return false;
	read_lock(&vm->mmu_lock);
	young = pgtable_test_young(&vm->s2, IA(ia), size, false);
	read_unlock(&vm->mmu_lock);
	return young;
}
