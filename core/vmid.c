// SPDX-License-Identifier: BSD-2-Clause
/*
 * VMIDs with generations.
 *
 * Each CPU publishes in `active` the id (generation and VMID) that it entered
 * a guest with last. Entering again with a current id takes one exchange and
 * no lock. When the VMIDs of a generation have all been given out, whoever
 * needs one starts the next: every CPU's `active` is taken away, and kept in
 * `reserved`, because that CPU may be in the guest at this moment and goes on
 * using that VMID. So no other VM gets it, and its own VM keeps it, whichever
 * CPU asks first: two VMIDs for one VM would be two sets of TLB entries of which
 * an invalidation reaches one (bugs.md 3).
 *
 * The fast path races with the new generation through `active` alone. Either
 * its compare-and-exchange comes first, and its id is the one reserved; or it
 * finds 0 there and takes the lock.
 */
#include "core/vmid.h"
#include "core/cpu.h"
#include "lib/bitmap.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/string.h"

#define VMID_BITS_MAX 16
#define GENERATION_ONE BIT64(VMID_BITS_MAX)
#define VMID_MASK (GENERATION_ONE - 1)

static struct {
	struct spinlock lock;
	unsigned int bits, ncpus;
	u64 generation;     /* in the id's upper bits */
	unsigned int next;  /* where to look for a free one */
	u64 active[MAX_CPUS];
	u64 reserved[MAX_CPUS];
	u64 flush_pending;  /* CPUs that have not invalidated since */
	DECLARE_BITMAP(used, 1U << VMID_BITS_MAX);
} vmids;

void vmid_init(unsigned int bits, unsigned int ncpus)
{
	BUG_ON((bits != 8 && bits != 16) || ncpus > MAX_CPUS);
	vmids.bits = bits;
	vmids.ncpus = ncpus;
	vmids.generation = GENERATION_ONE;
	vmids.next = 1;
	/* What the loader left in the TLBs goes too. */
	vmids.flush_pending = ~0ULL;
}

void vmid_exit(void)
{
	memset(&vmids, 0, sizeof(vmids));
}

static void new_generation(void)
{
	__atomic_store_n(&vmids.generation, vmids.generation + GENERATION_ONE,
			 __ATOMIC_SEQ_CST);
	memset(vmids.used, 0, BIT64(vmids.bits) / 8);
	for (unsigned int cpu = 0; cpu < vmids.ncpus; cpu++) {
		u64 id = __atomic_exchange_n(&vmids.active[cpu], 0,
					     __ATOMIC_SEQ_CST);

		/* 0: it has not entered since the last new generation, and
		 * may still be in the guest that it was in then. */
		if (id)
			vmids.reserved[cpu] = id;
		if (vmids.reserved[cpu])
			bitmap_set(vmids.used, vmids.reserved[cpu] & VMID_MASK);
	}
	vmids.flush_pending = ~0ULL;
	vmids.next = 1;
}

/* Is `old` reserved? Then it is `fresh` from now on, on every CPU. */
static bool renew_reserved(u64 old, u64 fresh)
{
	bool hit = false;

	for (unsigned int cpu = 0; cpu < vmids.ncpus; cpu++) {
		if (vmids.reserved[cpu] != old)
			continue;
		vmids.reserved[cpu] = fresh;
		hit = true;
	}
	return hit;
}

/* An id of this generation for a VM that has `old`. The lock is held. */
static u64 new_id(u64 old)
{
	unsigned int n, end = 1U << vmids.bits;

	if (old) {
		u64 same = vmids.generation | (old & VMID_MASK);

		if (renew_reserved(old, same))
			return same;
		if (!bitmap_test(vmids.used, old & VMID_MASK)) {
			bitmap_set(vmids.used, old & VMID_MASK);
			return same;
		}
	}
	n = bitmap_next_clear(vmids.used, end, vmids.next);
	if (n == end) {
		/* No CPU runs this VM: `old` would have been reserved above. */
		new_generation();
		n = bitmap_next_clear(vmids.used, end, 1);
	}
	/* 255 or more VMIDs, 64 CPUs at most that reserve one each. */
	BUG_ON(n >= end);
	bitmap_set(vmids.used, n);
	vmids.next = n + 1;
	return vmids.generation | n;
}

static bool current_generation(u64 id)
{
	return !((id ^ __atomic_load_n(&vmids.generation, __ATOMIC_SEQ_CST)) >>
		 VMID_BITS_MAX);
}

static u16 use_slowly(struct vmid *v, unsigned int cpu, bool *flush)
{
	u64 id;

	spin_lock(&vmids.lock);
	id = __atomic_load_n(&v->id, __ATOMIC_RELAXED);
	if (!current_generation(id)) {
		id = new_id(id);
		__atomic_store_n(&v->id, id, __ATOMIC_SEQ_CST);
	}
	*flush = vmids.flush_pending & BIT64(cpu);
	vmids.flush_pending &= ~BIT64(cpu);
	__atomic_store_n(&vmids.active[cpu], id, __ATOMIC_SEQ_CST);
	spin_unlock(&vmids.lock);
	return id & VMID_MASK;
}

u16 vmid_use(struct vmid *v, unsigned int cpu, bool *flush)
{
	u64 active = __atomic_load_n(&vmids.active[cpu], __ATOMIC_RELAXED);
	u64 id = __atomic_load_n(&v->id, __ATOMIC_RELAXED);

	if (likely(active && current_generation(id)) &&
	    (active == id ||
	     __atomic_compare_exchange_n(&vmids.active[cpu], &active, id, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))) {
		*flush = false;
		return id & VMID_MASK;
	}
	return use_slowly(v, cpu, flush);
}
