// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pages of guests as the hypervisor touches them. Below 512 MiB kseg0 shows them;
 * above, one of two windows in kseg2 does, by a TLB entry that is wired: the
 * board has such RAM, or no entry is given away for it.
 *
 * A window is as large as a data cache may have colours, and a page is at the
 * place in it that has the page's own colour: where kseg0 would show it.
 */
#include "core/page_access.h"
#include "arch/mips/mips.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

#define WINDOWS 2
#define WINDOW_SIZE SZ_64K

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
 * Entry `n` of the TLB holds pages `even` and `odd` at `va` and behind, or, both
 * 0, nothing: an address in kseg0 is never looked for. Whatever EntryHi held of
 * the ASID, it holds then; entries are global.
 */
static void write_entry(unsigned int n, uintptr_t va, u32 even, u32 odd)
{
	u32 hi = cp0_read(entryhi);

	cp0_write(index, n);
	cp0_write(entryhi, (va & ~0x1fffU) | (hi & HI_ASID));
	cp0_write(entrylo0, even | LO_G);
	cp0_write(entrylo1, odd | LO_G);
	cp0_write(pagemask, 0);
	ehb();
	tlb_op(tlbwi);
	cp0_write(entryhi, hi);
	ehb();
}

static void close_entry(unsigned int n)
{
	write_entry(n, KSEG0 + n * 2 * PAGE_SIZE, 0, 0);
}

/* Before the first page above is touched. */
void page_access_init(bool above)
{
	for (unsigned int n = 0; n < features.tlb_entries; n++)
		close_entry(n);
	cp0_write(wired, above ? WINDOWS : 0);
	ehb();
}

/* What goes into EntryLo beside the frame. */
#define WINDOW_LO (LO_C(CCA_CACHED) | LO_D | LO_V)

void *arch_page_map(pfn_t pfn)
{
	hpa_t pa = pfn_to_hpa(pfn);
	unsigned int n = mips_cpu.windows;
	uintptr_t va = window(n) + pa.v % WINDOW_SIZE;
	u32 lo = LO_PFN(pa.v) | WINDOW_LO;
	bool odd = va & PAGE_SIZE;

	if (in_linear(pa))
		return arch_phys_to_virt(pa);
	BUG_ON(n == WINDOWS);
	mips_cpu.windows++;
	write_entry(n, va, odd ? 0 : lo, odd ? lo : 0);
	return (void *)va;
}

void arch_page_unmap(void *p)
{
	uintptr_t va = (uintptr_t)p;

	if (va < KSEG2)
		return;
	close_entry(--mips_cpu.windows);
}

/* ---- What core asks for ------------------------------------------------------------ */

/* The colour that a guest sees a page in need not be that of kseg0: what is
 * published is in memory, and in no data cache. */
static void publish(void *p, size_t size)
{
	if (features.aliases)
		cache_forget((uintptr_t)p, size);
	else
		cache_publish((uintptr_t)p, size);
}

/* Below 512 MiB all at once, else page by page. */
void arch_page_publish(pfn_t pfn, u64 count)
{
	u64 step = in_linear(pfn_to_hpa(pfn)) ? count : 1;

	for (u64 done = 0; done < count; done += step) {
		void *p = arch_page_map(PFN(pfn.v + done));

		publish(p, step << PAGE_SHIFT);
		arch_page_unmap(p);
	}
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	for (u64 i = 0; i < 1ULL << order; i++) {
		void *p = arch_page_map(PFN(pfn.v + i));

		memset(p, 0, PAGE_SIZE);
		arch_page_unmap(p);
	}
	arch_page_publish(pfn, 1ULL << order);
}

/* `size` bytes of one page or less, from wherever they are. */
static void copy_from(u8 *to, hpa_t from, size_t size)
{
	while (size) {
		size_t offset = from.v % PAGE_SIZE;
		size_t n = min(size, PAGE_SIZE - offset);
		u8 *p = arch_page_map(hpa_to_pfn(from));

		memcpy(to, p + offset, n);
		arch_page_unmap(p);
		to += n;
		from.v += n;
		size -= n;
	}
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 size)
{
	for (u64 i = 0; i < 1ULL << order; i++) {
		size_t n = min(size, (u64)PAGE_SIZE);
		u8 *p = arch_page_map(PFN(to.v + i));

		copy_from(p, from, n);
		memset(p + n, 0, PAGE_SIZE - n);
		arch_page_unmap(p);
		from.v += n;
		size -= n;
	}
	arch_page_publish(to, 1ULL << order);
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

int arch_linear_map_chunk(hpa_t pa)
{
	return in_linear(pa) ? 0 : -ENOMEM;
}

void arch_linear_unmap_chunk(hpa_t pa)
{
}
