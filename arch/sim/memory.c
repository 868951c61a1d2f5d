// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical memory, and what of each page is where: only in a cache, in
 * instruction caches from before, in translation tables.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "arch/sim/internal.h"

/* All of a board's RAM may be one block of the largest size that it holds. */
#define ALIGNMENT (2UL << 20)
#define PAGE_DIRTY 1  /* written, not cleaned to the point of coherency */
#define PAGE_STALE 2  /* instruction caches may hold what was there before */
#define PAGE_CACHED 4 /* written by a guest, by way of its data cache */

struct page {
	u8 state;
	bool used;     /* by the machine's own allocator */
	u32 maps;      /* leaves that walkers can reach */
};

static struct {
	u8 *reserved, *base;
	u64 size;
	struct page *page;
	u64 used, hint;
} ram;

void memory_init(u64 size)
{
	ram.size = ALIGN_UP(size, ALIGNMENT);
	ram.reserved = mmap(NULL, ram.size + ALIGNMENT, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ram.page = calloc(ram.size >> PAGE_SHIFT, sizeof(*ram.page));
	if (ram.reserved == MAP_FAILED || !ram.page)
		abort();
	ram.base = (u8 *)ALIGN_UP((uintptr_t)ram.reserved, ALIGNMENT);
	ram.used = ram.hint = 0;
}

void memory_exit(void)
{
	munmap(ram.reserved, ram.size + ALIGNMENT);
	free(ram.page);
	memset(&ram, 0, sizeof(ram));
}

bool sim_is_ram(u64 pa, u64 size)
{
	return pa >= SIM_RAM && range_fits(pa - SIM_RAM, size, ram.size);
}

void *sim_virt(u64 pa)
{
	return sim_is_ram(pa, 1) ? ram.base + (pa - SIM_RAM) : NULL;
}

u64 sim_phys(const void *p)
{
	return (u64)((const u8 *)p - ram.base) + SIM_RAM;
}

/* ---- Pages for tables -------------------------------------------------------- */

static bool all_free(u64 first, u64 count)
{
	for (u64 i = first; i < first + count; i++)
		if (ram.page[i].used)
			return false;
	return true;
}

void *sim_pages_alloc(u64 size)
{
	u64 count = size >> PAGE_SHIFT, pages = ram.size >> PAGE_SHIFT, at;
	void *p = NULL;

	sim_lock();
	/* From where the last one was found: a page is reused late. */
	for (u64 n = 0; n < pages && !p; n += count) {
		at = ALIGN_DOWN((ram.hint + n) % pages, count);
		if (at + count > pages || !all_free(at, count))
			continue;
		for (u64 i = at; i < at + count; i++)
			ram.page[i].used = true;
		ram.used += count;
		ram.hint = at + count;
		p = ram.base + (at << PAGE_SHIFT);
	}
	sim_unlock();
	return p;
}

void sim_pages_free(void *p, u64 size)
{
	u64 first = (sim_phys(p) - SIM_RAM) >> PAGE_SHIFT;
	u64 count = size >> PAGE_SHIFT;

	sim_lock();
	for (u64 i = first; i < first + count; i++) {
		if (!ram.page[i].used)
			abort();
		ram.page[i].used = false;
	}
	ram.used -= count;
	sim_unlock();
}

u64 sim_pages_used(void)
{
	return ram.used;
}

/* ---- Pages of data ------------------------------------------------------------- */

/* Cut [pa, pa + size) to RAM, as page numbers. */
static bool pages_of(u64 pa, u64 size, u64 *first, u64 *end)
{
	u64 last = pa + size - 1, ram_last = SIM_RAM + ram.size - 1;

	if (!size || last < SIM_RAM || pa > ram_last)
		return false;
	*first = (max(pa, SIM_RAM) - SIM_RAM) >> PAGE_SHIFT;
	*end = ((min(last, ram_last) - SIM_RAM) >> PAGE_SHIFT) + 1;
	return true;
}

static u64 page_pa(u64 n)
{
	return SIM_RAM + (n << PAGE_SHIFT);
}

void memory_map(u64 pa, u64 size, int by)
{
	u64 i, end;

	if (!pages_of(pa, size, &i, &end))
		return;
	for (; i < end; i++)
		ram.page[i].maps += by;
}

/* With FWB every access is cacheable, and sees what the caches hold. */
static bool seen_uncached(void)
{
	return !(sim_config.features & SIM_FWB);
}

/* A leaf with these attributes shows [pa, pa + size) to a guest. */
void memory_check_shown(const struct desc *d, u64 pa, u64 size)
{
	u64 i, end;

	if (d->device || !pages_of(pa, size, &i, &end))
		return;
	for (; i < end; i++) {
		u8 state = ram.page[i].state;

		if (state & PAGE_DIRTY && d->read && seen_uncached())
			broken(SIM_NOT_CLEANED, page_pa(i),
			       "mapped, and not cleaned since it was written");
		if (state & PAGE_STALE && d->exec)
			broken(SIM_ICACHE_STALE, page_pa(i),
			       "mapped executable, I-caches not invalidated");
	}
}

void memory_check_access(const struct desc *d, u64 pa, enum sim_access access)
{
	struct desc one = *d;

	one.exec = access == SIM_EXEC;
	memory_check_shown(&one, pa, 1);
}

/*
 * A guest whose caches are off reads memory itself: not what it wrote before
 * into a cache, until that is cleaned (B2.8; FEAT_S2FWB makes every access
 * cacheable). What is written past the cache is in no cache.
 */
void memory_guest_access(const struct desc *d, u64 pa, enum sim_access access,
			 bool caches_off)
{
	u64 i, end;
	u8 *state;

	if (d->device || !pages_of(pa, 1, &i, &end))
		return;
	state = &ram.page[i].state;
	if (!d->cached || (caches_off && seen_uncached())) {
		if (*state & PAGE_CACHED)
			broken(SIM_NOT_CLEANED, pa,
			       "what the guest wrote lies in a cache");
	} else if (access == SIM_WRITE) {
		*state |= PAGE_CACHED;
	}
}

void sim_page_clean(u64 pa, u64 size)
{
	u64 i, end;

	sim_lock();
	trace("clean", pa, size);
	if (!sim_is_ram(pa, size))
		broken(SIM_NOT_CLEANED, pa, "cleaned what is no memory");
	if (pages_of(pa, size, &i, &end))
		for (; i < end; i++)
			ram.page[i].state &= ~(PAGE_DIRTY | PAGE_CACHED);
	sim_unlock();
}

void sim_page_dirty(u64 pa, u64 pages, bool anew)
{
	u64 i, end;

	sim_lock();
	trace("dirty", pa, pages);
	if (pages_of(pa, pages << PAGE_SHIFT, &i, &end)) {
		for (; i < end; i++) {
			ram.page[i].state |= PAGE_DIRTY | PAGE_STALE;
			if (anew)
				ram.page[i].state &= ~PAGE_CACHED;
			if (anew && (ram.page[i].maps || stale_page(page_pa(i))))
				broken(SIM_PAGE_REUSED, page_pa(i),
				       "written anew, and a guest reaches it");
		}
	}
	sim_unlock();
}

/*
 * What this thread has written and may still publish: between the two, another
 * CPU may well map the page. It is judged when the operation ends.
 */
#define WRITTEN 32
static __thread u64 written[WRITTEN];
static __thread unsigned int written_count;

void sim_page_written(u64 pa)
{
	if (written_count == WRITTEN)
		sim_op_end();
	written[written_count++] = pa;
}

static void forget_written(u64 pa, u64 size)
{
	for (unsigned int n = written_count; n--;)
		if (written[n] - pa < size)
			written[n] = written[--written_count];
}

void memory_op_end(void)
{
	while (written_count) {
		u64 pa = written[--written_count];
		struct page *p = &ram.page[(pa - SIM_RAM) >> PAGE_SHIFT];

		trace("dirty", pa, 1);
		p->state |= PAGE_DIRTY | PAGE_STALE;
		if (p->maps)
			broken(SIM_NOT_CLEANED, pa,
			       "written while mapped, and not published");
	}
}

void sim_page_publish(u64 pa, u64 pages)
{
	u64 i, end;

	forget_written(pa, pages << PAGE_SHIFT);
	sim_lock();
	trace("publish", pa, pages);
	if (pages_of(pa, pages << PAGE_SHIFT, &i, &end))
		for (; i < end; i++)
			ram.page[i].state &=
				~(PAGE_DIRTY | PAGE_STALE | PAGE_CACHED);
	sim_unlock();
}

bool sim_page_is_dirty(u64 pa)
{
	return ram.page[(pa - SIM_RAM) >> PAGE_SHIFT].state & PAGE_DIRTY;
}

unsigned int sim_page_maps(u64 pa)
{
	return ram.page[(pa - SIM_RAM) >> PAGE_SHIFT].maps;
}
