// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pages of guests as the hypervisor touches them. Below 512 MiB kseg0 shows them;
 * above, one of two windows in kseg2 does, by a TLB entry that is wired: the
 * board has such RAM, or no entry is given away for it.
 *
 * Where a data cache has aliases, guests may have a page in it in any colour, and be
 * wrong about it. Before a page is touched here, all that is in the cache is written
 * back and dropped, so that memory is what was stored last; and of what was touched
 * nothing is left in it, so that the guest finds memory, in whatever colour. A
 * page is at the place in a window that has its own colour: where kseg0 would
 * show it.
 */
#include "core/page_access.h"
#include "arch/mips/mips.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

#define WINDOWS 2
#define WINDOW_SIZE SZ_64K
#define WINDOW_PAGES (WINDOW_SIZE >> PAGE_SHIFT)
#define WINDOW_MASK (2 * WINDOW_SIZE - 2 * PAGE_SIZE) /* PageMask */

static uintptr_t window(unsigned int n)
{
	return KSEG2 + n * 2 * WINDOW_SIZE;
}

static bool in_linear(hpa_t pa)
{
	return pa.v < KSEG_SIZE;
}

/* ---- Windows -------------------------------------------------------------------- */

/*
 * Entry `n` of the TLB holds pages `even` and `odd` at `va` and behind, of the size
 * that `mask` says; or, both 0, nothing: by ASID 0, which no guest has, kseg0 is never
 * looked for. Guests with segment control have pages of their own at all of these
 * addresses (segments.h): so an entry is not global, and EntryHi is that of ASID 0, and
 * the CPU's walker off, while a window is open.
 */
static void write_entry(unsigned int n, uintptr_t va, u32 even, u32 odd, u32 mask)
{
	u32 hi = cp0_read(entryhi);

	cp0_write(index, n);
	cp0_write(entryhi, va & ~0x1fffU);
	cp0_write(entrylo0, even);
	cp0_write(entrylo1, odd);
	cp0_write(pagemask, mask);
	ehb();
	tlb_op(tlbwi);
	cp0_write(entryhi, hi);
	cp0_write(pagemask, 0);
	ehb();
}

static void close_entry(unsigned int n)
{
	write_entry(n, KSEG0 + n * 2 * PAGE_SIZE, 0, 0, 0);
}

/* Where what firmware left in entry `i` ends, if a pair at `at` would be in it too;
 * else 0. Read, and not looked for: an address may be in the TLB twice. */
static u64 end_of_overlap(unsigned int i, u64 at)
{
	u64 size, va;

	cp0_write(index, i);
	ehb();
	tlb_op(tlbr);
	ehb();
	size = (cp0_read(pagemask) | 0x1fff) + 1;
	va = ALIGN_DOWN((u64)cp0_read(entryhi), size);
	return ranges_overlap(va, size, at, 2 * PAGE_SIZE) ? va + size : 0;
}

/* From `at` on, in kseg0 or kseg1: a place that no entry but `n` has. */
static u64 free_place(unsigned int n, u64 at)
{
	unsigned int i = 0;

	while (i < features.tlb_entries) {
		u64 end = i == n ? 0 : end_of_overlap(i, at);

		if (end)
			at = end;
		i = end ? 0 : i + 1;
	}
	if (at >= KSEG2)
		panic("CPU: its TLB has entries for all of kseg0 and kseg1");
	return at;
}

/*
 * What firmware left goes. It may have left it in any order, where it is to be: so
 * all entries are moved away from there first.
 */
static void clear_tlb(void)
{
	u64 at = KSEG0 + features.tlb_entries * 2 * PAGE_SIZE;

	for (unsigned int n = 0; n < features.tlb_entries; n++) {
		at = free_place(n, at);
		write_entry(n, at, 0, 0, 0);
		at += 2 * PAGE_SIZE;
	}
	for (unsigned int n = 0; n < features.tlb_entries; n++)
		close_entry(n);
}

/* Before the first page above is touched. */
void page_access_init(bool above)
{
	clear_tlb();
	cp0_write(entryhi, 0);
	cp0_write(wired, above ? WINDOWS : 0);
	ehb();
}

/* What goes into EntryLo beside the frame. */
#define WINDOW_LO (LO_C(CCA_CACHED) | LO_D | LO_V)

/* Of `count` pages from `pfn` on, so many can be opened at once. */
static u64 at_once(pfn_t pfn, u64 count)
{
	if (in_linear(pfn_to_hpa(pfn)))
		return count;
	return count >= WINDOW_PAGES && IS_ALIGNED(pfn.v, WINDOW_PAGES) ?
		       WINDOW_PAGES :
		       1;
}

/* As many as at_once() says: above 512 MiB, one, or all that a window has. No others:
 * what is mapped may be read ahead. */
static void *open_pages(pfn_t pfn, u64 count)
{
	hpa_t pa = pfn_to_hpa(pfn);
	unsigned int n = mips_cpu.windows;
	uintptr_t va = window(n) + pa.v % WINDOW_SIZE;
	u32 lo = LO_PFN(pa.v) | WINDOW_LO;
	bool odd = va & PAGE_SIZE;

	if (in_linear(pa))
		return arch_phys_to_virt(pa);
	BUG_ON(n == WINDOWS);
	if (!mips_cpu.windows++) {
		mips_cpu.entryhi = cp0_read(entryhi);
		mips_cpu.pwctl = walker_stop();
		cp0_write(entryhi, 0);
		ehb();
	}
	write_entry(n, va, odd ? 0 : lo, odd ? lo : 0, count > 1 ? WINDOW_MASK : 0);
	return (void *)va;
}

static void *open_page(pfn_t pfn)
{
	return open_pages(pfn, 1);
}

static void close_page(void *p)
{
	uintptr_t va = (uintptr_t)p;

	if (va < KSEG2)
		return;
	close_entry(--mips_cpu.windows);
	if (!mips_cpu.windows) {
		cp0_write(entryhi, mips_cpu.entryhi);
		walker_start(mips_cpu.pwctl);
		ehb();
	}
}

/* ---- What core asks for ------------------------------------------------------------ */

/* What guests stored is in memory from here on. */
static void settle(void)
{
	if (features.aliases)
		cache_drop_data();
}

void *arch_page_map(pfn_t pfn)
{
	settle();
	return open_page(pfn);
}

void arch_page_unmap(void *p)
{
	if (features.aliases)
		cache_drop_data_at((uintptr_t)p & PAGE_MASK, PAGE_SIZE);
	close_page(p);
}

/* Does neither cache hold so much? All of both is less work then. */
static bool more_than_caches(u64 size)
{
	return size > max(features.dcache.size, features.icache.size);
}

void arch_page_publish(pfn_t pfn, u64 count)
{
	u64 step;
	void *p;

	if (features.aliases || more_than_caches(count << PAGE_SHIFT)) {
		cache_sync_instructions();
		return;
	}
	for (; count; count -= step, pfn.v += step) {
		step = at_once(pfn, count);
		p = open_pages(pfn, step);
		cache_publish((uintptr_t)p, step << PAGE_SHIFT);
		close_page(p);
	}
}

/* arch_page_unmap() drops from caches with aliases what is written back here. */
void arch_page_publish_part(void *p, size_t size)
{
	cache_publish((uintptr_t)p, size);
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	u64 count = BIT64(order), step = at_once(pfn, count);

	settle();
	for (u64 i = 0; i < count; i += step) {
		void *p = open_pages(PFN(pfn.v + i), step);

		memset(p, 0, step << PAGE_SHIFT);
		close_page(p);
	}
	arch_page_publish(pfn, count);
}

/* `size` bytes, from wherever they are. */
static void copy_from(u8 *to, hpa_t from, size_t size)
{
	while (size) {
		size_t offset = from.v % PAGE_SIZE;
		size_t n = in_linear(HPA(from.v + size)) ?
				   size :
				   min(size, PAGE_SIZE - offset);
		u8 *p = open_page(hpa_to_pfn(from));

		memcpy(to, p + offset, n);
		close_page(p);
		to += n;
		from.v += n;
		size -= n;
	}
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 size)
{
	u64 count = BIT64(order), step = at_once(to, count);
	size_t most = step << PAGE_SHIFT;

	settle();
	for (u64 i = 0; i < count; i += step) {
		size_t n = min(size, (u64)most);
		u8 *p = open_pages(PFN(to.v + i), step);

		copy_from(p, from, n);
		memset(p + n, 0, most - n);
		close_page(p);
		from.v += n;
		size -= n;
	}
	arch_page_publish(to, count);
}

/* ---- The linear map: kseg0, which is there ------------------------------------------ */

void *arch_phys_to_virt(hpa_t pa)
{
	return (void *)(uintptr_t)(KSEG0 + (u32)pa.v);
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((uintptr_t)p - KSEG0);
}

/* What guests left of it in the cache is not written back over what comes now. */
int arch_linear_map_chunk(hpa_t pa)
{
	if (!in_linear(pa))
		return -ENOMEM;
	settle();
	return 0;
}

void arch_linear_unmap_chunk(hpa_t pa)
{
}
