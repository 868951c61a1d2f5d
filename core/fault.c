// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guest memory faults.
 *
 * Normal RAM is mapped read, write and execute at once. The I-cache work that
 * must precede the first execution is done before the first map, not on an
 * execute fault: the backing, or this file for a page that it calls fresh,
 * cleans and synchronises before any CPU can reach the page through stage 2.
 * What a guest writes later it makes executable itself, as on hardware, so
 * there is nothing that a second, execute-permission fault could add (K10;
 * bugs.md 12 cannot arise, for no mapping waits for that work). A new owner's
 * page is always a filled one.
 *
 * A page that is not writable, an image's, is mapped read and execute. Writing
 * to it is a permission fault, for which the backing supplies a copy; it has
 * unmapped the old page when it returns, so the copy comes in as a new mapping.
 */
#include "core/fault.h"
#include "core/backing.h"
#include "core/memslot.h"
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/slots.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

/*
 * Single pages are mapped in runs of up to this many, as far as the backing has
 * them alike: within one last-level table of any format. Where the backing has
 * more, and blocks are larger than what RAM comes in (granules above 4 KiB; tables
 * of MIPS), it is 2 MiB.
 */
#define MAP_RUN_ORDER 4

/* How often a lost race is run again here; then the guest does. */
#define FAULT_TRIES 8

/*
 * Does the guest want to write? On a walk of the guest's own tables the
 * syndrome's write bit says what the walk was for, not what it did: it reads,
 * unless the entry could be read but not written, when the hardware was about
 * to update it (bugs.md 14).
 */
static bool wants_write(const struct guest_fault *f)
{
	return f->s1ptw ? f->permission : f->write;
}

/* No memslot. A fetch, or a table walk, of a device cannot be emulated. */
static int outside(const struct guest_fault *f)
{
	return f->exec || f->s1ptw ? FAULT_ABORT : FAULT_MMIO;
}

/* The most that one leaf, or one run of pages, around gfn may map. */
static unsigned int map_order(const struct memslot *slot, gfn_t gfn,
			      const struct backing_page *page)
{
	return backing_run_order(gfn.v, page->pfn, slot->base.v,
				 slot->base.v + slot->pages, page->order);
}

/* The vCPU's own thread alone adds; others may look. */
static void count(u64 *counter, u64 n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static void count_mapped(struct vcpu *vcpu, u64 size, u64 leaf)
{
	unsigned int granule_shift = PAGE_SHIFT + vcpu->vm->granule_order;

	if (leaf >> granule_shift > 1)
		count(&vcpu->stats.blocks_mapped, 1);
	else
		count(&vcpu->stats.pages_mapped, size >> granule_shift);
}

static void make_visible(pfn_t pfn, u64 size)
{
	u64 count;

	for (size >>= PAGE_SHIFT; size; size -= count, pfn.v += count) {
		count = min(size, (u64)BIT64(CHUNK_ORDER));
		arch_page_publish(pfn, count);
	}
}

static u32 attributes(const struct memslot *slot,
		      const struct backing_page *page)
{
	bool writable = page->writable && !(slot->flags & MEMSLOT_READONLY);

	if (page->device)
		return (writable ? PGT_RW : PGT_R) | PGT_DEVICE;
	return (writable ? PGT_RWX : PGT_RX) |
	       (page->writable ? 0 : LEAF_SHARED);
}

/* What is to be entered into stage 2: `size` bytes, in leaves of `leaf`. */
struct mapping {
	u64 gpa, pa, size, leaf;
	u32 attr;
};

/* The page, and as much around it as goes in one step. False: stage 2 has no
 * leaf for it. */
static bool plan(const struct vm *vm, const struct memslot *slot, gfn_t gfn,
		 const struct backing_page *page, bool write,
		 struct mapping *m)
{
	u64 granule = PAGE_SIZE << vm->granule_order;
	u64 most = PAGE_SIZE << map_order(slot, gfn, page);
	u64 run = PAGE_SIZE << (vm->granule_order ? CHUNK_ORDER :
						    MAP_RUN_ORDER);
	u64 gpa = gfn_to_gpa(gfn).v, pa = pfn_to_hpa(page->pfn).v;

	m->attr = attributes(slot, page);
	if (unlikely(slot->log))
		m->attr = dirty_log_attr(vm, m->attr, write, &most);
	/* No block is as small as a run. */
	m->leaf = granule;
	if (unlikely(most > run)) {
		m->leaf = pgtable_best_leaf(&vm->s2, IA(ALIGN_DOWN(gpa, most)),
					    HPA(ALIGN_DOWN(pa, most)), most);
		if (most >= CHUNK_SIZE)
			run = CHUNK_SIZE;
	}
	m->size = m->leaf > granule ? m->leaf : min(most, run);
	m->gpa = ALIGN_DOWN(gpa, m->size);
	m->pa = ALIGN_DOWN(pa, m->size);
	return m->leaf && most >= granule;
}

static int map(struct vcpu *vcpu, const struct mapping *m, u32 how)
{
	return pgtable_map(&vcpu->vm->s2, IA(m->gpa), m->size, HPA(m->pa),
			   m->attr | how, &vcpu->memcache, NULL);
}

/*
 * Where a block belongs a table may stand, of a time when the pages in it were
 * not alike: that they were logged, or came one by one. It gives way, so that
 * what is whole again is mapped as a whole.
 */
static bool table_stands(const struct vm *vm, const struct mapping *m)
{
	struct pgtable_leaf leaf;

	if (m->leaf <= PAGE_SIZE << vm->granule_order)
		return false;
	pgtable_lookup(&vm->s2, IA(m->gpa), &leaf);
	return leaf.size < m->leaf;
}

static int replace_table(struct vcpu *vcpu, const struct mapping *m, u64 seq)
{
	struct vm *vm = vcpu->vm;
	int err;

	write_lock(&vm->mmu_lock);
	err = notifier_retry(vm, seq) ? -EAGAIN : map(vcpu, m, PGT_EXCLUSIVE);
	write_unlock(&vm->mmu_lock);
	return err;
}

/* Map it, unless something was taken back since `seq`. */
static int enter(struct vcpu *vcpu, const struct memslot *slot,
		 const struct mapping *m, u64 seq)
{
	struct vm *vm = vcpu->vm;
	bool table;
	int err = -EAGAIN;

	read_lock(&vm->mmu_lock);
	table = unlikely(table_stands(vm, m));
	if (!table && likely(!notifier_retry(vm, seq)))
		err = map(vcpu, m, 0);
	if (unlikely(slot->log) && (!err || err == -EALREADY) &&
	    (m->attr & (PGT_W | PGT_CLEAN)) == PGT_W)
		dirty_log_mark(slot->log,
			       (m->gpa >> PAGE_SHIFT) - slot->base.v,
			       m->size >> PAGE_SHIFT);
	read_unlock(&vm->mmu_lock);
	return table ? replace_table(vcpu, m, seq) : err;
}

static int map_page(struct vcpu *vcpu, const struct memslot *slot, gfn_t gfn,
		    const struct backing_page *page, bool write, u64 seq)
{
	struct mapping m;
	int err;

	if (unlikely(!plan(vcpu->vm, slot, gfn, page, write, &m)))
		return -EINVAL;
	if (page->fresh)
		make_visible(hpa_to_pfn(HPA(m.pa)), m.size);
	err = enter(vcpu, slot, &m, seq);
	if (!err)
		count_mapped(vcpu, m.size, m.leaf);
	return err;
}

static int mark_young(struct vm *vm, gpa_t gpa)
{
	read_lock(&vm->mmu_lock);
	pgtable_mark_young(&vm->s2, gpa_to_ia(gpa));
	read_unlock(&vm->mmu_lock);
	/* If the page has gone meanwhile, the next fault brings it back. */
	return FAULT_HANDLED;
}

/* The slots are held. FAULT_*, or what fault_handle() returns, or -EAGAIN: lost a
 * race. */
static int resolve(struct vcpu *vcpu, const struct guest_fault *f, bool write)
{
	struct vm *vm = vcpu->vm;
	u64 seq = notifier_begin(vm);
	gfn_t gfn = gpa_to_gfn(f->gpa);
	const struct memslot *slot = memslot_find(vm, gfn);
	struct backing *backing;
	struct backing_page page;
	int err;

	if (!slot)
		return outside(f);
	if (write && slot->flags & MEMSLOT_READONLY)
		return FAULT_ABORT;
	if (unlikely(slot->moving))
		return FAULT_HANDLED;
	backing = slot->backing;
	err = backing->ops->get(backing,
				slot->backing_offset + gfn.v - slot->base.v,
				write, &page);
	if (unlikely(err))
		return err == -ENOMEM ? err : FAULT_ABORT;
	if (unlikely(page.copied))
		count(&vcpu->stats.pages_copied, page.copied);
	if (page.device && f->exec)
		return FAULT_ABORT;
	err = map_page(vcpu, slot, gfn, &page, write, seq);
	return err == -EALREADY ? FAULT_HANDLED : err;
}

int fault_handle(struct vcpu *vcpu, const struct guest_fault *f)
{
	struct vm *vm = vcpu->vm;
	u32 tables = vm->tables_max;
	bool write = wants_write(f);
	int err = -EAGAIN;

	if (unlikely(vm->s2.ia_size && f->gpa.v >= vm->s2.ia_size))
		return FAULT_SIZE;
	if (unlikely(f->access_flag))
		return mark_young(vm, f->gpa);
	for (unsigned int i = 0; i < FAULT_TRIES && err == -EAGAIN; i++) {
		if (vcpu->memcache.count < tables &&
		    memcache_topup(&vcpu->memcache, tables))
			return -ENOMEM;
		read_lock(&vm->slots_lock);
		err = resolve(vcpu, f, write);
		read_unlock(&vm->slots_lock);
	}
	return err == -EAGAIN ? FAULT_HANDLED : err;
}

/* ---- Guest memory, from the hypervisor -------------------------------------- */

/* Part of a page; nobody takes it back meanwhile. */
static void copy(pfn_t pfn, size_t offset, void *buf, size_t len, bool write)
{
	char *p = arch_page_map(pfn);

	if (write) {
		memcpy(p + offset, buf, len);
		arch_page_publish_part(p + offset, len);
	} else {
		memcpy(buf, p + offset, len);
	}
	arch_page_unmap(p);
}

/* Part of a page. The slots are held. -EAGAIN: it is being taken back; whoever
 * does it does not yield before he is done. */
static int access_page(struct vm *vm, gpa_t gpa, void *buf, size_t len,
		       bool write)
{
	u64 seq = notifier_begin(vm);
	gfn_t gfn = gpa_to_gfn(gpa);
	const struct memslot *slot = memslot_find(vm, gfn);
	struct backing_page page;
	int err;

	if (!slot)
		return -EFAULT;
	if (write && slot->flags & MEMSLOT_READONLY)
		return -EPERM;
	err = slot->backing->ops->get(slot->backing, slot->backing_offset +
				      gfn.v - slot->base.v, write, &page);
	if (err)
		return err;
	if (page.device)
		return -EFAULT;
	read_lock(&vm->mmu_lock);
	err = notifier_retry(vm, seq) ? -EAGAIN : 0;
	if (!err)
		copy(page.pfn, gpa.v % PAGE_SIZE, buf, len, write);
	if (!err && write && slot->log)
		dirty_log_mark(slot->log, gfn.v - slot->base.v, 1);
	read_unlock(&vm->mmu_lock);
	return err;
}

static int access_memory(struct vm *vm, gpa_t gpa, void *buf, size_t len,
			 bool write)
{
	char *at = buf;

	if (gpa.v + len < gpa.v)
		return -EFAULT;
	while (len) {
		size_t n = min(len, (size_t)(PAGE_SIZE - gpa.v % PAGE_SIZE));
		int err;

		read_lock(&vm->slots_lock);
		err = access_page(vm, gpa, at, n, write);
		read_unlock(&vm->slots_lock);
		if (err == -EAGAIN) {
			cpu_relax();
			continue;
		}
		if (err)
			return err;
		gpa.v += n;
		at += n;
		len -= n;
	}
	return 0;
}

int guest_write(struct vm *vm, gpa_t gpa, const void *buf, size_t len)
{
	return access_memory(vm, gpa, (void *)buf, len, true);
}

int guest_read(struct vm *vm, gpa_t gpa, void *buf, size_t len)
{
	return access_memory(vm, gpa, buf, len, false);
}
