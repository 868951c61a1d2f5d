// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

#define STATE_DIRTY 1
#define STATE_ICACHE_STALE 2

int fake_linear_map_error;
unsigned long fake_linear_maps;
__thread jmp_buf *fake_panic_to;

static u64 lowest, size;
static u8 *reserved;   /* what linear lies in, for its alignment */
static u8 *linear;     /* the linear map of lowest */
static u8 *window;     /* what arch_page_map() gives out */
static u8 *state;      /* of each page */
static void *meta;
static size_t meta_size;
static __thread struct {
	void *p;
	pfn_t pfn;
	bool clean; /* before it was opened */
} open_page[2];
static __thread unsigned int open_pages;

_Noreturn void panic(const char *fmt, ...)
{
	va_list ap;

	if (fake_panic_to)
		longjmp(*fake_panic_to, 1);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

static void *must_map(size_t len, int prot, int flags, int fd)
{
	void *p = mmap(NULL, len, prot, flags | MAP_NORESERVE, fd, 0);

	if (p == MAP_FAILED)
		panic("fake memory: cannot map 0x%zx bytes", len);
	return p;
}

void fake_memory_open(u64 low, u64 high)
{
	int fd = memfd_create("board", MFD_CLOEXEC);

	lowest = ALIGN_DOWN(low, CHUNK_SIZE);
	size = ALIGN_UP(high, CHUNK_SIZE) - lowest;
	if (fd < 0 || ftruncate(fd, size))
		panic("fake memory: no memory file");
	window = must_map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	reserved = must_map(size + CHUNK_SIZE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1);
	linear = (u8 *)ALIGN_UP((uintptr_t)reserved, CHUNK_SIZE);
	if (mmap(linear, size, PROT_NONE, MAP_SHARED | MAP_FIXED, fd, 0) ==
	    MAP_FAILED)
		panic("fake memory: no linear map");
	close(fd);
	state = must_map(size >> PAGE_SHIFT, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fake_linear_map_error = 0;
	fake_linear_maps = 0;
}

void fake_memory_init(u64 ram)
{
	fake_memory_open(FAKE_RAM, FAKE_RAM + ram);
	meta_size = page_alloc_meta_size(HPA(FAKE_RAM), HPA(FAKE_RAM + ram));
	meta = malloc(meta_size);
	page_alloc_init(meta, HPA(FAKE_RAM), HPA(FAKE_RAM + ram));
	page_alloc_add(HPA(FAKE_RAM), ram);
}

void fake_memory_exit(void)
{
	if (open_pages)
		panic("fake memory: %u pages still open", open_pages);
	munmap(window, size);
	munmap(reserved, size + CHUNK_SIZE);
	munmap(state, size >> PAGE_SHIFT);
	free(meta);
	meta = NULL;
}

u64 fake_pages_used(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	return st.used[PAGE_HYP] + st.used[PAGE_GUEST];
}

static u64 offset_of(u64 pa, u64 len)
{
	if (pa < lowest || !range_fits(pa - lowest, len, size))
		panic("fake memory: 0x%llx is no RAM", pa);
	return pa - lowest;
}

u8 *fake_bytes(pfn_t pfn)
{
	return window + offset_of(pfn_to_hpa(pfn).v, PAGE_SIZE);
}

/* ---- The linear map ------------------------------------------------------------ */

void *arch_phys_to_virt(hpa_t pa)
{
	return linear + (pa.v - lowest);
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((const u8 *)p - linear + lowest);
}

int arch_linear_map_chunk(hpa_t pa)
{
	if (fake_linear_map_error)
		return fake_linear_map_error;
	if (mprotect(linear + offset_of(pa.v, CHUNK_SIZE), CHUNK_SIZE,
		     PROT_READ | PROT_WRITE))
		panic("fake memory: mprotect");
	fake_linear_maps++;
	return 0;
}

void arch_linear_unmap_chunk(hpa_t pa)
{
	if (mprotect(linear + offset_of(pa.v, CHUNK_SIZE), CHUNK_SIZE,
		     PROT_NONE))
		panic("fake memory: mprotect");
	fake_linear_maps--;
}

/* ---- Page access ---------------------------------------------------------------- */

/*
 * Pages are marked one by one and atomically, for two CPUs may clean the same
 * image page at once, which is allowed.
 */
static void mark(pfn_t pfn, unsigned int order, u8 set, u8 clear)
{
	u64 n = offset_of(pfn_to_hpa(pfn).v, PAGE_SIZE << order) >> PAGE_SHIFT;

	for (u64 i = n; i < n + BIT64(order); i++) {
		__atomic_fetch_or(&state[i], set, __ATOMIC_RELAXED);
		__atomic_fetch_and(&state[i], (u8)~clear, __ATOMIC_RELAXED);
	}
}

static bool marked(pfn_t pfn, u8 flag)
{
	u64 n = offset_of(pfn_to_hpa(pfn).v, PAGE_SIZE) >> PAGE_SHIFT;

	return __atomic_load_n(&state[n], __ATOMIC_RELAXED) & flag;
}

bool fake_page_dirty(pfn_t pfn)
{
	return marked(pfn, STATE_DIRTY);
}

void fake_page_clean(pfn_t pfn)
{
	mark(pfn, 0, 0, STATE_DIRTY);
}

bool fake_page_icache_stale(pfn_t pfn)
{
	return marked(pfn, STATE_ICACHE_STALE);
}

void *arch_page_map(pfn_t pfn)
{
	if (open_pages == ARRAY_SIZE(open_page))
		panic("fake memory: a third page opened");
	open_page[open_pages].pfn = pfn;
	open_page[open_pages].clean = !marked(pfn, STATE_DIRTY | STATE_ICACHE_STALE);
	mark(pfn, 0, STATE_DIRTY | STATE_ICACHE_STALE, 0);
	return open_page[open_pages++].p = fake_bytes(pfn);
}

void arch_page_unmap(void *p)
{
	if (!open_pages || open_page[--open_pages].p != p)
		panic("fake memory: pages closed out of order");
}

void arch_page_publish(pfn_t pfn, u64 count)
{
	for (u64 i = 0; i < count; i++)
		mark(PFN(pfn.v + i), 0, 0, STATE_DIRTY | STATE_ICACHE_STALE);
}

u64 fake_published;

void arch_page_publish_part(void *p, size_t n)
{
	u8 *page = open_pages ? open_page[open_pages - 1].p : NULL;
	size_t at = (u8 *)p - page;

	if (!page || at >= PAGE_SIZE || !n || n > PAGE_SIZE - at)
		panic("fake memory: %llu bytes published of no page that is open",
		      (u64)n);
	__atomic_fetch_add(&fake_published, n, __ATOMIC_RELAXED);
	if (open_page[open_pages - 1].clean)
		mark(open_page[open_pages - 1].pfn, 0, 0,
		     STATE_DIRTY | STATE_ICACHE_STALE);
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	offset_of(pfn_to_hpa(pfn).v, PAGE_SIZE << order);
	memset(fake_bytes(pfn), 0, PAGE_SIZE << order);
	arch_page_publish(pfn, BIT64(order));
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 bytes)
{
	u8 *dst = fake_bytes(to);
	const u8 *src = (u8 *)fake_bytes(hpa_to_pfn(from)) + from.v % PAGE_SIZE;

	offset_of(from.v, bytes);
	if (order > PAGE_COPY_ORDER_MAX || bytes > PAGE_SIZE << order)
		panic("fake memory: a copy of %u pages", 1U << order);
	memcpy(dst, src, bytes);
	memset(dst + bytes, 0, (PAGE_SIZE << order) - bytes);
	arch_page_publish(to, BIT64(order));
}
