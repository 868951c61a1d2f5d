// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/shared.h"

#include "lib/string.h"
#include "vmm/description.h"

struct shared {
	struct list node;
	const char *id;
	struct backing *backing;
	struct page_budget budget; /* outlives the backing, as it must */
	unsigned int users;
};

static struct list all = LIST_INIT(all);

static struct shared *make(const struct description_shared *d)
{
	struct shared *s = hyp_alloc(sizeof(*s));
	u64 pages = d->size / PAGE_SIZE;
	/* What the largest granule of its VMs needs; others do not mind. */
	unsigned int order = d->granule ? __builtin_ctz(d->granule) -
						  PAGE_SHIFT : 0;

	if (!s)
		return NULL;
	s->id = d->id;
	s->budget.limit = pages;
	s->backing = backing_shared_create(pages, order, &s->budget);
	if (!s->backing) {
		hyp_free(s, sizeof(*s));
		return NULL;
	}
	list_add(&all, &s->node);
	return s;
}

struct shared *shared_get(const struct description_shared *d)
{
	struct shared *s;

	list_for_each_entry(s, &all, node) {
		if (!strcmp(s->id, d->id)) {
			s->users++;
			return s;
		}
	}
	s = make(d);
	if (s)
		s->users = 1;
	return s;
}

void shared_put(struct shared *s)
{
	if (!s || --s->users)
		return;
	list_del(&s->node);
	backing_put_ref(s->backing);
	hyp_free(s, sizeof(*s));
}

struct backing *shared_backing(struct shared *s)
{
	return s->backing;
}
