// SPDX-License-Identifier: BSD-2-Clause
#include "core/backing.h"
#include "core/notifier.h"
#include "core/vm.h"

void backing_init(struct backing *b, const struct backing_ops *ops, u64 pages,
		  struct page_budget *budget)
{
	b->ops = ops;
	b->pages = pages;
	b->order = 0;
	b->refs = 1;
	b->budget = budget;
	b->resident = 0;
	b->users_lock = (struct spinlock)SPINLOCK_INIT;
	list_init(&b->users);
}

void backing_put_ref(struct backing *b)
{
	if (!__atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL))
		b->ops->destroy(b);
}

void backing_add_user(struct backing *b, struct backing_user *u)
{
	spin_lock(&b->users_lock);
	list_add(&b->users, &u->node);
	spin_unlock(&b->users_lock);
}

void backing_remove_user(struct backing *b, struct backing_user *u)
{
	spin_lock(&b->users_lock);
	if (u->node.next)
		list_del(&u->node);
	spin_unlock(&b->users_lock);
}

static void unmap_from(const struct backing_user *u, u64 offset, u64 count)
{
	u64 first = max(offset, u->offset);
	u64 end = min(offset + count, u->offset + u->pages);

	if (first < end)
		notifier_unmap(u->vm, GFN(u->base.v + first - u->offset),
			       end - first);
}

void backing_take_back(struct backing *b, u64 offset, u64 count,
		       void (*commit)(void *arg), void *arg)
{
	struct backing_user *u;

	spin_lock(&b->users_lock);
	list_for_each_entry(u, &b->users, node)
		notifier_start(u->vm);
	list_for_each_entry(u, &b->users, node)
		unmap_from(u, offset, count);
	commit(arg);
	list_for_each_entry(u, &b->users, node)
		notifier_end(u->vm);
	spin_unlock(&b->users_lock);
}

unsigned int backing_run_order(u64 offset, pfn_t pfn, u64 first, u64 end,
			       unsigned int most)
{
	/* The lowest bit in which they differ; `most` at most. */
	unsigned int order = __builtin_ctzll((offset ^ pfn.v) | BIT64(most));

	/* The largest mostly fits, so from there downwards. */
	while (order) {
		u64 start = ALIGN_DOWN(offset, BIT64(order));

		if (start >= first && start + BIT64(order) <= end)
			break;
		order--;
	}
	return order;
}
