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
#include "core/memcache.h"
#include "core/sched.h"
#include "core/slots.h"
#include "core/vm.h"
#include "lib/errno.h"

#define AT_WORK 0xffffULL
#define DONE (AT_WORK + 1)
/* What one step may do, in tables. */
#define STEP_TABLES 64

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

/* Widen [*ia, *ia + *size) to whole leaves. The MMU lock is held. */
static void widen(struct vm *vm, u64 *ia, u64 *size)
{
	struct pgtable_leaf leaf;
	u64 last = *ia + *size - 1;

	if (!pgtable_lookup(&vm->s2, IA(*ia), &leaf))
		*ia = leaf.ia.v;
	if (!pgtable_lookup(&vm->s2, IA(ALIGN_DOWN(last, PAGE_SIZE)), &leaf))
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

void notifier_unmap_steps(struct vm *vm, gfn_t gfn, u64 pages)
{
	u64 ia, size, n;

	if (!clip(vm, gfn, pages, &ia, &size))
		return;
	for (; size; ia += n, size -= n) {
		notifier_start(vm);
		write_lock(&vm->mmu_lock);
		n = pgtable_step(&vm->s2, IA(ia), size, STEP_TABLES);
		unmap(vm, ia, n);
		write_unlock(&vm->mmu_lock);
		notifier_end(vm);
		cond_resched();
	}
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
