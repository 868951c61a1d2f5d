// SPDX-License-Identifier: BSD-2-Clause
#include "core/memslot.h"
#include "core/backing.h"
#include "core/notifier.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/string.h"

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
	unsigned int n = __atomic_load_n(&vm->last_slot, __ATOMIC_RELAXED);

	if (likely(n < vm->slot_count && holds(&vm->slots[n], gfn)))
		return &vm->slots[n];
	n = slots_below(vm, gfn);
	if (!n || !holds(&vm->slots[n - 1], gfn))
		return NULL;
	/* A hint, and the one thing here that a reader of the slots writes. */
	__atomic_store_n(&((struct vm *)vm)->last_slot, n - 1,
			 __ATOMIC_RELAXED);
	return &vm->slots[n - 1];
}

static bool range_valid(const struct vm *vm, gfn_t base, u64 pages,
			const struct backing *backing, u64 offset)
{
	u64 end = vm->s2.ia_size ? vm->s2.ia_size >> PAGE_SHIFT :
				   BIT64(64 - PAGE_SHIFT);
	u64 granule = BIT64(vm->granule_order);

	return pages && range_fits(base.v, pages, end) &&
	       backing->order >= vm->granule_order &&
	       range_fits(offset, pages, backing->pages) &&
	       IS_ALIGNED(base.v | pages | offset, granule);
}

static struct backing_user *free_user(struct vm *vm)
{
	struct backing_user *u = vm->users;

	while (u->vm)
		u++;
	return u;
}

int memslot_add(struct vm *vm, gfn_t base, u64 pages, struct backing *backing,
		u64 backing_offset, u32 flags)
{
	unsigned int n = slots_below(vm, base);
	struct memslot *s = &vm->slots[n];
	struct backing_user *u;

	if (!range_valid(vm, base, pages, backing, backing_offset) ||
	    (flags & ~(u32)MEMSLOT_READONLY))
		return -EINVAL;
	if ((n && holds(s - 1, base)) ||
	    (n < vm->slot_count && s->base.v - base.v < pages))
		return -EEXIST;
	if (vm->slot_count == VM_MAX_MEMSLOTS)
		return -ENOSPC;

	u = free_user(vm);
	*u = (struct backing_user){
		.vm = vm,
		.base = base,
		.offset = backing_offset,
		.pages = pages,
	};
	backing_get_ref(backing);
	backing_add_user(backing, u);
	memmove(s + 1, s, (vm->slot_count - n) * sizeof(*s));
	*s = (struct memslot){
		.base = base,
		.pages = pages,
		.backing_offset = backing_offset,
		.backing = backing,
		.user = u,
		.flags = flags,
	};
	vm->slot_count++;
	return 0;
}

int memslot_delete(struct vm *vm, gfn_t base)
{
	unsigned int n = slots_below(vm, base);
	struct memslot *s, gone;

	if (!n || vm->slots[n - 1].base.v != base.v)
		return -ENOENT;
	s = &vm->slots[n - 1];
	gone = *s;
	/* No fault maps from it once it is unmapped: it is not found any more. */
	notifier_start(vm);
	vm->slot_count--;
	memmove(s, s + 1, (vm->slot_count - (n - 1)) * sizeof(*s));
	notifier_end(vm);
	notifier_unmap_steps(vm, gone.base, gone.pages);

	backing_remove_user(gone.backing, gone.user);
	gone.user->vm = NULL;
	backing_put_ref(gone.backing);
	return 0;
}
