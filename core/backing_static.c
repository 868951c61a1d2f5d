// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host memory or registers at a fixed place. Nothing is owned: the owner sees
 * to it that what is shown stays as long as the backing.
 */
#include "core/backing.h"
#include "lib/errno.h"

#define STATIC_ORDER_MAX 18 /* 1 GiB */

struct static_backing {
	struct backing b;
	pfn_t first;
	bool writable, device;
};

static int static_get(struct backing *b, u64 offset, bool write,
		      struct backing_page *out)
{
	const struct static_backing *s =
		container_of(b, struct static_backing, b);

	if (offset >= b->pages)
		return -EFAULT;
	if (write && !s->writable)
		return -EPERM;
	out->pfn = PFN(s->first.v + offset);
	out->order = backing_run_order(offset, out->pfn, 0, b->pages,
				       STATIC_ORDER_MAX);
	out->writable = s->writable;
	out->device = s->device;
	/* Nobody here knows who wrote it last. */
	out->fresh = !s->device;
	out->copied = 0;
	return 0;
}

static void static_destroy(struct backing *b)
{
	struct static_backing *s = container_of(b, struct static_backing, b);

	hyp_free(s, sizeof(*s));
}

static const struct backing_ops static_ops = {
	.name = "static",
	.get = static_get,
	.destroy = static_destroy,
};

struct backing *backing_static_create(hpa_t pa, u64 pages, bool writable,
				      bool device)
{
	struct static_backing *s;

	if (!pages || !IS_ALIGNED(pa.v, PAGE_SIZE) ||
	    !range_fits(hpa_to_pfn(pa).v, pages, ~0ULL >> PAGE_SHIFT))
		return NULL;
	s = hyp_alloc(sizeof(*s));
	if (!s)
		return NULL;
	backing_init(&s->b, &static_ops, pages, NULL);
	s->first = hpa_to_pfn(pa);
	s->b.order = __builtin_ctzll(s->first.v | pages |
				     BIT64(STATIC_ORDER_MAX));
	s->writable = writable;
	s->device = device;
	return &s->b;
}
