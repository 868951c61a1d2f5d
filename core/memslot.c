// SPDX-License-Identifier: BSD-2-Clause
#include "core/memslot.h"
#include "core/backing.h"
#include "core/notifier.h"
#include "core/sched.h"
#include "core/slots.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/string.h"

/* ---- Finding ------------------------------------------------------------------ */

static bool holds(const struct memslot *s, gfn_t gfn)
{
	return gfn.v >= s->base.v && gfn.v - s->base.v < s->pages;
}

/* Number of slots whose base is at or below `gfn`. */
static unsigned int slots_below(const struct vm *vm, gfn_t gfn)
{
	unsigned int low = 0, high = vm->slot_count;

	/* Slots under low start at or below gfn, those from high on above. */
	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (vm->slots[mid].base.v <= gfn.v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct memslot *memslot_find(const struct vm *vm, gfn_t gfn)
{
	unsigned int n = slots_below(vm, gfn);

	return n && holds(&vm->slots[n - 1], gfn) ? &vm->slots[n - 1] : NULL;
}

bool memslot_covers(struct vm *vm, gfn_t gfn)
{
	bool covers;

	read_lock(&vm->slots_lock);
	covers = memslot_find(vm, gfn) != NULL;
	read_unlock(&vm->slots_lock);
	return covers;
}

struct memslot *slots_at(struct vm *vm, gfn_t base)
{
	unsigned int n = slots_below(vm, base);

	return n && vm->slots[n - 1].base.v == base.v ? &vm->slots[n - 1] :
							 NULL;
}

/* ---- Changing ----------------------------------------------------------------- */

void slots_begin_change(struct vm *vm)
{
	while (!spin_trylock(&vm->changing)) {
		cpu_relax();
		thread_yield();
	}
}

void slots_end_change(struct vm *vm)
{
	spin_unlock(&vm->changing);
}

void slots_begin_commit(struct vm *vm)
{
	write_lock(&vm->slots_lock);
	write_lock(&vm->mmu_lock);
}

void slots_end_commit(struct vm *vm)
{
	write_unlock(&vm->mmu_lock);
	write_unlock(&vm->slots_lock);
}

/* In pages, for 2^64 bytes are not a number. */
static u64 space(const struct vm *vm)
{
	return vm->s2.ia_size ? vm->s2.ia_size >> PAGE_SHIFT :
				BIT64(64 - PAGE_SHIFT);
}

static bool place_valid(const struct vm *vm, gfn_t base, u64 pages, u64 offset)
{
	u64 granule = BIT64(vm->granule_order);

	return pages && range_fits(base.v, pages, space(vm)) &&
	       IS_ALIGNED(base.v | pages | offset, granule);
}

/* Does any slot but `but` (NULL: none) show any of [base, base + pages)? */
static bool taken(const struct vm *vm, gfn_t base, u64 pages,
		  const struct memslot *but)
{
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		const struct memslot *s = &vm->slots[i];

		if (s != but &&
		    ranges_overlap(s->base.v, s->pages, base.v, pages))
			return true;
	}
	return false;
}

static void insert(struct vm *vm, const struct memslot *slot)
{
	unsigned int n = slots_below(vm, slot->base);
	struct memslot *s = &vm->slots[n];

	memmove(s + 1, s, (vm->slot_count - n) * sizeof(*s));
	*s = *slot;
	vm->slot_count++;
}

static void take_out(struct vm *vm, struct memslot *s)
{
	unsigned int n = s - vm->slots;

	vm->slot_count--;
	memmove(s, s + 1, (vm->slot_count - n) * sizeof(*s));
}

static struct backing_user *free_user(struct vm *vm)
{
	struct backing_user *u = vm->users;

	while (u->vm)
		u++;
	return u;
}

/* The slots are changing, and the slot is as it should be. */
static int add(struct vm *vm, struct memslot *slot)
{
	struct backing_user *u = free_user(vm);

	if (slot->flags & MEMSLOT_LOG_DIRTY) {
		slot->log = dirty_log_create(vm, slot->pages);
		if (!slot->log)
			return -ENOMEM;
	}
	*u = (struct backing_user){
		.vm = vm,
		.base = slot->base,
		.offset = slot->backing_offset,
		.pages = slot->pages,
	};
	slot->user = u;
	backing_get_ref(slot->backing);
	backing_add_user(slot->backing, u);
	slots_begin_commit(vm);
	insert(vm, slot);
	vm->logs += slot->log != NULL;
	slots_end_commit(vm);
	return 0;
}

int memslot_add(struct vm *vm, gfn_t base, u64 pages, struct backing *backing,
		u64 backing_offset, u32 flags)
{
	struct memslot slot = {
		.base = base,
		.pages = pages,
		.backing_offset = backing_offset,
		.backing = backing,
		.flags = flags,
	};
	int err = 0;

	if (!place_valid(vm, base, pages, backing_offset) ||
	    backing->order < vm->granule_order ||
	    !range_fits(backing_offset, pages, backing->pages) ||
	    (flags & ~(u32)MEMSLOT_FLAGS))
		return -EINVAL;
	slots_begin_change(vm);
	if (taken(vm, base, pages, NULL))
		err = -EEXIST;
	else if (vm->slot_count == VM_MAX_MEMSLOTS)
		err = -ENOSPC;
	else
		err = add(vm, &slot);
	slots_end_change(vm);
	return err;
}

/*
 * First the slot is gone, and with it every fault that had found it; then what
 * such faults mapped goes. Its place is free for another when all of that is
 * done, for the slots are changing until then.
 */
static void delete(struct vm *vm, struct memslot *s)
{
	struct memslot gone = *s;

	slots_begin_commit(vm);
	take_out(vm, s);
	vm->logs -= gone.log != NULL;
	slots_end_commit(vm);
	dirty_log_destroy(vm, gone.log);
	/* Has anybody else the pages, who may show them again? */
	if (__atomic_load_n(&gone.backing->refs, __ATOMIC_RELAXED) > 1)
		notifier_unmap_kept(vm, gone.base, gone.pages);
	else
		notifier_unmap_steps(vm, gone.base, gone.pages);
	backing_remove_user(gone.backing, gone.user);
	gone.user->vm = NULL;
	backing_put_ref(gone.backing);
}

int memslot_delete(struct vm *vm, gfn_t base)
{
	struct memslot *s;

	slots_begin_change(vm);
	s = slots_at(vm, base);
	if (s)
		delete(vm, s);
	slots_end_change(vm);
	return s ? 0 : -ENOENT;
}

/*
 * Until the slot has its new place no fault maps from it, so nothing of it is
 * mapped at the moment of the change, in the old place or the new one, and its
 * owner finds all that is mapped where the slot is.
 */
static void move(struct vm *vm, struct memslot *s, gfn_t to)
{
	struct memslot moved = *s;

	moved.base = to;
	slots_begin_commit(vm);
	s->moving = true;
	slots_end_commit(vm);
	notifier_unmap_kept(vm, s->base, s->pages);
	write_lock(&vm->slots_lock);
	spin_lock(&moved.backing->users_lock);
	write_lock(&vm->mmu_lock);
	moved.user->base = to;
	take_out(vm, s);
	insert(vm, &moved);
	write_unlock(&vm->mmu_lock);
	spin_unlock(&moved.backing->users_lock);
	write_unlock(&vm->slots_lock);
}

int memslot_move(struct vm *vm, gfn_t base, gfn_t to)
{
	struct memslot *s;
	int err = 0;

	slots_begin_change(vm);
	s = slots_at(vm, base);
	if (!s)
		err = -ENOENT;
	else if (!place_valid(vm, to, s->pages, s->backing_offset))
		err = -EINVAL;
	else if (taken(vm, to, s->pages, s))
		err = -EEXIST;
	else if (to.v != base.v)
		move(vm, s, to);
	slots_end_change(vm);
	return err;
}

/*
 * From the commit on, faults map as the flags say; then what was mapped before
 * is brought to the same.
 */
static int set_flags(struct vm *vm, struct memslot *s, u32 flags)
{
	bool protect = flags & ~s->flags & MEMSLOT_READONLY;
	struct dirty_log *before = s->log, *log = before;

	if (!(flags & MEMSLOT_LOG_DIRTY))
		log = NULL;
	else if (!log && !(log = dirty_log_create(vm, s->pages)))
		return -ENOMEM;
	slots_begin_commit(vm);
	s->flags = flags;
	s->log = log;
	vm->logs += (log != NULL) - (before != NULL);
	slots_end_commit(vm);
	if (protect)
		notifier_unmap_kept(vm, s->base, s->pages);
	if (before && !log) {
		dirty_log_destroy(vm, before);
		dirty_log_end(vm, s);
	} else if (log && !before) {
		dirty_log_begin(vm, s);
	}
	return 0;
}

int memslot_set_flags(struct vm *vm, gfn_t base, u32 flags)
{
	struct memslot *s;
	int err;

	if (flags & ~(u32)MEMSLOT_FLAGS)
		return -EINVAL;
	slots_begin_change(vm);
	s = slots_at(vm, base);
	err = s ? set_flags(vm, s, flags) : -ENOENT;
	slots_end_change(vm);
	return err;
}
