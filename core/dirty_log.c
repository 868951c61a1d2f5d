// SPDX-License-Identifier: BSD-2-Clause
/*
 * A log is an index of parts, each a page of bits, all there from the start, so
 * that whoever marks a page needs no memory. Bits are set and taken atomically.
 *
 *                    stage 2 without HAFDBS         stage 2 with HAFDBS
 *   log begins       write-protected                split to pages, made clean
 *   a read faults    mapped, not writable           mapped writable and clean
 *   first write      faults: mapped writable,       the hardware marks the leaf
 *                    the bit is set
 *   log is taken     what is writable is            what is dirty is reported
 *                    write-protected                and made clean
 *   unmapped         (the bit is set)               what is dirty is reported
 *   log ends         what is alike becomes a block; the rest at the next fault
 *
 * A write cannot be lost between two logs: in the first case a page is
 * writable only while its bit is set, for the fault sets the bit under the
 * MMU lock before anybody can take it; in the second the engine gives it to the
 * one or the other.
 */
#include "core/dirty_log.h"
#include "core/memcache.h"
#include "core/notifier.h"
#include "core/sched.h"
#include "core/slots.h"
#include "core/vm.h"
#include "lib/errno.h"

/* Of a page of bits: 128 MiB of guest memory, as much as a step does. */
#define PART_FRAMES (PAGE_SIZE * 8)
#define STEP_TABLES 64
/* Smaller than any block: what may be mapped at once, and not yet written. */
#define RUN ((u64)SZ_64K)

struct dirty_log {
	u64 frames, parts;
	u64 *part[]; /* up to 2 MiB of index: 32 TiB of guest memory */
};

static unsigned int index_order(u64 parts)
{
	unsigned int order = 0;

	while (order <= CHUNK_ORDER &&
	       PAGE_SIZE << order < sizeof(struct dirty_log) +
					    parts * sizeof(u64 *))
		order++;
	return order;
}

struct dirty_log *dirty_log_create(struct vm *vm, u64 pages)
{
	u64 parts = DIV_ROUND_UP(pages, PART_FRAMES);
	unsigned int order = index_order(parts);
	struct dirty_log *log = NULL;

	if (order <= CHUNK_ORDER)
		log = hyp_alloc_pages(order, &vm->table_budget);
	if (!log)
		return NULL;
	log->frames = pages;
	for (; log->parts < parts; log->parts++) {
		log->part[log->parts] = hyp_alloc_pages(0, &vm->table_budget);
		if (!log->part[log->parts]) {
			dirty_log_destroy(vm, log);
			return NULL;
		}
		cond_resched();
	}
	return log;
}

void dirty_log_destroy(struct vm *vm, struct dirty_log *log)
{
	unsigned int order;

	if (!log)
		return;
	order = index_order(DIV_ROUND_UP(log->frames, PART_FRAMES));
	while (log->parts) {
		hyp_free_pages(log->part[--log->parts], 0, &vm->table_budget);
		cond_resched();
	}
	hyp_free_pages(log, order, &vm->table_budget);
}

static u64 *word_of(struct dirty_log *log, u64 frame)
{
	return &log->part[frame / PART_FRAMES][frame % PART_FRAMES / 64];
}

/* What was written before is there for whoever takes the bit. */
void dirty_log_mark(struct dirty_log *log, u64 first, u64 count)
{
	while (count) {
		u64 n = min(count, 64 - first % 64);
		u64 bits = n == 64 ? ~0ULL : (BIT64(n) - 1) << first % 64;

		__atomic_fetch_or(word_of(log, first), bits, __ATOMIC_RELEASE);
		first += n;
		count -= n;
	}
}

/* ---- What stage 2 knows -------------------------------------------------------- */

static bool by_hardware(const struct vm *vm)
{
	return vm->s2.features & PGT_FEAT_HAFDBS;
}

u32 dirty_log_attr(const struct vm *vm, u32 attr, bool write, u64 *most)
{
	*most = min(*most, RUN);
	if (!(attr & PGT_W))
		return attr;
	if (by_hardware(vm))
		return attr | PGT_CLEAN;
	*most = PAGE_SIZE << vm->granule_order;
	return write ? attr : attr & ~(u32)PGT_W;
}

/* Into the log of the slot, what of [ia, ia + size) is the slot's. */
static void mark_leaves(void *arg, ia_t ia, u64 size)
{
	const struct memslot *s = arg;
	u64 first = max(ia.v >> PAGE_SHIFT, s->base.v);
	u64 end = min((ia.v + size) >> PAGE_SHIFT, s->base.v + s->pages);

	if (first < end)
		dirty_log_mark(s->log, first - s->base.v, end - first);
}

static void mark_nothing(void *arg, ia_t ia, u64 size)
{
}

void dirty_log_collect(struct vm *vm, u64 ia, u64 size)
{
	u64 first = ia >> PAGE_SHIFT, end = (ia + size) >> PAGE_SHIFT;

	if (likely(!vm->logs) || !by_hardware(vm))
		return;
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		struct memslot *s = &vm->slots[i];
		u64 from = max(first, s->base.v);
		u64 to = min(end, s->base.v + s->pages);

		/* Its own part: what is reported to one is not to another. */
		if (s->log && from < to)
			pgtable_harvest_last(&vm->s2, IA(from << PAGE_SHIFT),
					     (to - from) << PAGE_SHIFT,
					     mark_leaves, s);
	}
}

/* ---- Taking --------------------------------------------------------------------- */

/* Stage 2 has nothing to say about frames that have no bit, without hardware
 * that marks it: [*first, *first + *count) shrinks to what has. */
static void skip_clean(struct dirty_log *log, u64 *first, u64 *count)
{
	u64 end = *first + *count;

	while (*first < end &&
	       !__atomic_load_n(word_of(log, *first), __ATOMIC_RELAXED))
		*first += min(64ULL, end - *first);
	while (*first < end &&
	       !__atomic_load_n(word_of(log, end - 1), __ATOMIC_RELAXED))
		end = ALIGN_DOWN(end - 1, 64);
	*count = end - *first;
}

static void clean(struct vm *vm, struct memslot *s, u64 first, u64 count)
{
	if (!by_hardware(vm))
		skip_clean(s->log, &first, &count);
	if (count)
		pgtable_harvest_dirty(&vm->s2,
				      IA((s->base.v + first) << PAGE_SHIFT),
				      count << PAGE_SHIFT, mark_leaves, s);
}

/* Within one part of the log. */
static u64 take_step(struct vm *vm, struct memslot *s, u64 first, u64 count,
		     u64 *bitmap)
{
	u64 dirty = 0;

	write_lock(&vm->mmu_lock);
	clean(vm, s, first, count);
	for (u64 n = 0; n < count; n += 64, bitmap++) {
		*bitmap = __atomic_exchange_n(word_of(s->log, first + n), 0,
					      __ATOMIC_ACQUIRE);
		for (u64 bits = *bitmap; bits; bits &= bits - 1)
			dirty++;
	}
	write_unlock(&vm->mmu_lock);
	return dirty;
}

static s64 take(struct vm *vm, struct memslot *s, u64 first, u64 pages,
		u64 *bitmap)
{
	s64 dirty = 0;
	u64 n;

	if (!range_fits(first, pages, s->pages) || first % 64 ||
	    (pages % 64 && first + pages != s->pages))
		return -EINVAL;
	for (; pages; first += n, pages -= n, bitmap += n / 64) {
		n = min(pages, PART_FRAMES - first % PART_FRAMES);
		dirty += take_step(vm, s, first, n, bitmap);
		cond_resched();
	}
	return dirty;
}

s64 dirty_log_take(struct vm *vm, gfn_t base, u64 first, u64 pages, u64 *bitmap)
{
	struct memslot *s;
	s64 dirty;

	slots_begin_change(vm);
	s = slots_at(vm, base);
	dirty = s && s->log ? take(vm, s, first, pages, bitmap) : -ENOENT;
	slots_end_change(vm);
	return dirty;
}

/* ---- Beginning and ending -------------------------------------------------------- */

/* Make what is mapped of it clean; no more than a step's work. */
static void protect(struct vm *vm, u64 ia, u64 size)
{
	write_lock(&vm->mmu_lock);
	pgtable_harvest_dirty(&vm->s2, IA(ia), size, mark_nothing, NULL);
	write_unlock(&vm->mmu_lock);
}

/* What there is no memory to split: it faults in again, in pages. */
static void drop(struct vm *vm, u64 ia, u64 size)
{
	protect(vm, ia, size);
	notifier_unmap_kept(vm, GFN(ia >> PAGE_SHIFT), size >> PAGE_SHIFT);
}

/* Into single pages first. */
static void split(struct vm *vm, u64 ia, u64 size)
{
	u64 page = PAGE_SIZE << vm->granule_order, done;
	struct memcache mc;
	int err = -ENOMEM;

	memcache_init(&mc, &vm->table_budget, vm->granule_order);
	while (err == -ENOMEM) {
		memcache_topup(&mc, STEP_TABLES);
		if (!mc.count) {
			drop(vm, ia, size);
			break;
		}
		write_lock(&vm->mmu_lock);
		err = pgtable_split(&vm->s2, IA(ia), size, page, &mc, &done);
		write_unlock(&vm->mmu_lock);
		ia += done;
		size -= done;
		cond_resched();
	}
	memcache_drain(&mc);
}

/* Call `step` for all of the slot, in parts of it. */
static void in_steps(struct vm *vm, const struct memslot *s, u64 bytes,
		     void (*step)(struct vm *vm, u64 ia, u64 size))
{
	u64 ia = s->base.v << PAGE_SHIFT, left = s->pages << PAGE_SHIFT, n;

	for (; left; ia += n, left -= n) {
		n = min(left, bytes - ia % bytes);
		step(vm, ia, n);
		cond_resched();
	}
}

void dirty_log_begin(struct vm *vm, const struct memslot *s)
{
	u64 step = PART_FRAMES << PAGE_SHIFT;

	if (by_hardware(vm))
		in_steps(vm, s, step, split);
	in_steps(vm, s, step, protect);
}

static void join(struct vm *vm, u64 ia, u64 size)
{
	write_lock(&vm->mmu_lock);
	pgtable_collapse(&vm->s2, IA(ia), size, SZ_1G);
	write_unlock(&vm->mmu_lock);
}

/* 1 GiB that is in blocks by now, or not worth looking at. */
static void join_blocks(struct vm *vm, u64 ia, u64 size)
{
	struct pgtable_leaf leaf;

	write_lock(&vm->mmu_lock);
	if (!pgtable_lookup(&vm->s2, IA(ia), &leaf) &&
	    leaf.size == pgtable_leaf_size(&vm->s2, 2))
		pgtable_collapse(&vm->s2, IA(ia), size, SZ_1G);
	write_unlock(&vm->mmu_lock);
}

/* Steps of whole blocks, for no block is put together across two. */
void dirty_log_end(struct vm *vm, const struct memslot *s)
{
	in_steps(vm, s, max(pgtable_leaf_size(&vm->s2, 2),
			    (u64)PART_FRAMES << PAGE_SHIFT), join);
	/* The most that a backing has in one piece. */
	if (pgtable_leaf_size(&vm->s2, 1) == SZ_1G)
		in_steps(vm, s, SZ_1G, join_blocks);
}
