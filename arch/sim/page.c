// SPDX-License-Identifier: BSD-2-Clause
/*
 * The machine's memory as core/ wants it: the linear map, and access to guest
 * pages. What is written through the latter lies in a cache until published.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "arch/sim/machine.h"
#include "core/page_access.h"
#include "lib/log.h"

_Noreturn void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

/* One place for both: the arena is aligned as the linear map must be. */
void *arch_phys_to_virt(hpa_t pa)
{
	return sim_virt(pa.v);
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA(sim_phys(p));
}

int arch_linear_map_chunk(hpa_t pa)
{
	return 0;
}

void arch_linear_unmap_chunk(hpa_t pa)
{
}

static void *bytes(u64 pa, u64 size)
{
	if (!sim_is_ram(pa, size))
		panic("sim: 0x%llx is no RAM", pa);
	return sim_virt(pa);
}

/*
 * A mapping is a copy, and what has been changed in it goes back when it is
 * closed: so it is known what was written, and a guest that writes other words
 * of the page meanwhile loses nothing.
 */
static __thread struct {
	u64 pa;
	u64 before[PAGE_SIZE / 8], now[PAGE_SIZE / 8];
	bool published[PAGE_SIZE]; /* bytes, as they are in now[] */
} open_page[2];
static __thread unsigned int open_pages;

void *arch_page_map(pfn_t pfn)
{
	__typeof__(open_page[0]) *o = &open_page[open_pages];
	const u64 *page = bytes(pfn_to_hpa(pfn).v, PAGE_SIZE);

	if (open_pages++ == ARRAY_SIZE(open_page))
		panic("sim: a third page opened");
	o->pa = pfn_to_hpa(pfn).v;
	memset(o->published, false, sizeof(o->published));
	for (unsigned int i = 0; i < ARRAY_SIZE(o->now); i++)
		o->now[i] = o->before[i] =
			__atomic_load_n(&page[i], __ATOMIC_RELAXED);
	return o->now;
}

/* Every byte of word `i` that has been changed? */
static bool is_published(const __typeof__(open_page[0]) *o, unsigned int i)
{
	const u8 *now = (const u8 *)&o->now[i], *before = (const u8 *)&o->before[i];

	for (unsigned int k = 0; k < 8; k++)
		if (now[k] != before[k] && !o->published[8 * i + k])
			return false;
	return true;
}

void arch_page_unmap(void *p)
{
	__typeof__(open_page[0]) *o = &open_page[open_pages - 1];
	u64 *page;
	bool written = false;

	if (!open_pages-- || o->now != p)
		panic("sim: pages closed out of order");
	page = bytes(o->pa, PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(o->now); i++) {
		if (o->now[i] == o->before[i])
			continue;
		written |= !is_published(o, i);
		__atomic_store_n(&page[i], o->now[i], __ATOMIC_RELAXED);
	}
	if (written)
		sim_page_written(o->pa);
}

void arch_page_publish(pfn_t pfn, u64 count)
{
	if (!sim_machine_faults.no_publish)
		sim_page_publish(pfn_to_hpa(pfn).v, count);
}

void arch_page_publish_part(void *p, size_t size)
{
	__typeof__(open_page[0]) *o = &open_page[open_pages - 1];
	size_t at = (u8 *)p - (u8 *)o->now;

	if (!open_pages || at >= PAGE_SIZE || !size || size > PAGE_SIZE - at)
		panic("sim: %llu bytes published of no page that is open",
		      (u64)size);
	if (!sim_machine_faults.no_publish)
		memset(o->published + at, true, size);
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	u64 pa = pfn_to_hpa(pfn).v, size = PAGE_SIZE << order;

	sim_page_dirty(pa, BIT64(order), true);
	memset(bytes(pa, size), 0, size);
	arch_page_publish(pfn, BIT64(order));
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 size)
{
	u64 pa = pfn_to_hpa(to).v, all = PAGE_SIZE << order;
	u8 *dst = bytes(pa, all);

	if (order > PAGE_COPY_ORDER_MAX || size > all)
		panic("sim: a copy of %u pages", 1U << order);
	sim_page_dirty(pa, BIT64(order), true);
	if (size)
		memcpy(dst, bytes(from.v, size), size);
	memset(dst + size, 0, all - size);
	arch_page_publish(to, BIT64(order));
}
