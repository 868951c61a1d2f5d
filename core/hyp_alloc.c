// SPDX-License-Identifier: BSD-2-Clause
/*
 * Small objects of the hypervisor's own, in slabs: pages of objects of one
 * size, the header in the page's first 64 bytes. A slab that is wholly free
 * goes back to the page allocator at once, so that what is left in use after
 * a VM has gone can be counted in pages.
 */
#include "core/page_alloc.h"
#include "lib/bitmap.h"
#include "lib/list.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/string.h"

#define SLAB_HEADER 64
/* The last two are what fits three and two times into a page. */
static const u16 class_size[] = { 16, 32, 64, 128, 256, 512, 1344, 1984 };
#define CLASSES ARRAY_SIZE(class_size)
#define SLAB_MAX ((PAGE_SIZE - SLAB_HEADER) / 16)

struct slab {
	struct list node; /* in its class's list, unless full */
	DECLARE_BITMAP(used, SLAB_MAX);
	u16 class, free;
};

_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "the slab header grew");

static struct spinlock lock = SPINLOCK_INIT;
static struct list partial[CLASSES]; /* all zero until first used */

static unsigned int capacity(unsigned int class)
{
	return (PAGE_SIZE - SLAB_HEADER) / class_size[class];
}

static unsigned int class_of(size_t size)
{
	unsigned int class = 0;

	while (class < CLASSES && class_size[class] < size)
		class++;
	return class;
}

static struct slab *slab_new(unsigned int class)
{
	struct slab *s = hyp_alloc_pages(0, NULL);

	if (!s)
		return NULL;
	s->class = class;
	s->free = capacity(class);
	list_add(&partial[class], &s->node);
	return s;
}

static void *slab_take(unsigned int class)
{
	struct slab *s;
	unsigned int n;

	if (!partial[class].next)
		list_init(&partial[class]);
	if (list_empty(&partial[class]))
		s = slab_new(class);
	else
		s = list_first_entry(&partial[class], struct slab, node);
	if (!s)
		return NULL;
	n = bitmap_next_clear(s->used, capacity(class), 0);
	bitmap_set(s->used, n);
	if (!--s->free)
		list_del(&s->node);
	return (char *)s + SLAB_HEADER + n * class_size[class];
}

void *hyp_alloc(size_t size)
{
	unsigned int class = class_of(size);
	void *p;

	if (size > PAGE_SIZE)
		return NULL;
	if (class == CLASSES)
		return hyp_alloc_pages(0, NULL);
	spin_lock(&lock);
	p = slab_take(class);
	spin_unlock(&lock);
	if (p)
		memset(p, 0, class_size[class]);
	return p;
}

static void slab_put(struct slab *s, unsigned int class, size_t offset)
{
	unsigned int n = (offset - SLAB_HEADER) / class_size[class];

	BUG_ON(s->class != class || offset < SLAB_HEADER ||
	       (offset - SLAB_HEADER) % class_size[class] ||
	       !bitmap_test(s->used, n));
	bitmap_clear(s->used, n);
	if (!s->free++)
		list_add(&partial[class], &s->node);
	if (s->free < capacity(class))
		return;
	list_del(&s->node);
	hyp_free_pages(s, 0, NULL);
}

void hyp_free(void *p, size_t size)
{
	unsigned int class = class_of(size);
	size_t offset = (uintptr_t)p % PAGE_SIZE;

	if (!p)
		return;
	if (class == CLASSES) {
		hyp_free_pages(p, 0, NULL);
		return;
	}
	spin_lock(&lock);
	slab_put((struct slab *)((char *)p - offset), class, offset);
	spin_unlock(&lock);
}
