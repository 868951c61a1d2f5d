// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pages of the TLB's, in entries of their own from 0 on that are wired; the rest of
 * what a guest uses is not mapped. Each half of an entry is a page of 4 KiB.
 */
#include "tests/guests/rt/rt.h"

#define LO_G 1U
#define LO_V 2U
#define LO_D 4U
#define CCA_UNCACHED 2U
#define CCA_CACHED 3U
#define INDEX_P (1U << 31)
#define OWN_ASID 0x77

#define TLB(op) __asm__ volatile("ehb\n\t" #op "\n\tehb" ::: "memory")

/* It is always on. */
void mmu_on(void)
{
	this_cpu()->mmu_on = true;
}

void mmu_off(void)
{
}

/* The entry for `va`, in the registers; a new one if there is none. */
static void find_entry(u32 va)
{
	u32 n;

	MTC0(va & ~0x1fffU, 10, 0);
	TLB(tlbp);
	if (!(MFC0(0, 0) & INDEX_P)) {
		TLB(tlbr);
		return;
	}
	n = MFC0(6, 0);
	MTC0(n + 1, 6, 0);
	MTC0(n, 0, 0);
	MTC0(0, 5, 0);
	MTC0(LO_G, 2, 0);
	MTC0(LO_G, 3, 0);
}

static void set_page(u32 va, u32 lo)
{
	find_entry(va);
	if (va & SZ_4K)
		MTC0(lo, 3, 0);
	else
		MTC0(lo, 2, 0);
	TLB(tlbwi);
	MTC0(0, 10, 0);
}

void mmu_map(u64 va, u64 pa, enum mem_type type, bool writable, bool exec)
{
	/* Tests know pages by where they see them. */
	u32 at = pa >= KSEG1 ? pa - KSEG1 : pa - KSEG0;

	set_page(va, at >> 12 << 6 |
			     (type == MEM_NORMAL ? CCA_CACHED : CCA_UNCACHED) << 3 |
			     (writable ? LO_D : 0) | LO_V | LO_G);
}

void mmu_unmap(u64 va)
{
	set_page(va, LO_G);
}

/* What is in the unmapped segment is there. */
u64 mmu_translate(u64 va, bool write)
{
	return va & ~(u64)(SZ_4K - 1);
}

void mmu_enter_own(u64 page)
{
	u32 lo = ((u32)page - KSEG0) >> 12 << 6 | CCA_CACHED << 3 | LO_D | LO_V;

	MTC0(MMU_OWN | OWN_ASID, 10, 0);
	MTC0(MFC0(6, 0), 0, 0);
	MTC0(0, 5, 0);
	MTC0(lo, 2, 0);
	MTC0(0, 3, 0);
	TLB(tlbwi);
}

void mmu_leave_own(void)
{
	MTC0(0, 10, 0);
}

/* ---- Caches --------------------------------------------------------------------- */

#define each_line(op, p, n)                                                    \
	do {                                                                   \
		u32 line_ = 16;                                                \
		u32 a_ = ALIGN_DOWN((u32)(p), line_), end_ = (u32)(p) + (n);   \
		for (; a_ < end_; a_ += line_)                                 \
			__asm__ volatile("cache " #op ", 0(%0)" ::"r"(a_)      \
					 : "memory");                          \
		dsb(sy);                                                       \
	} while (0)

void dcache_clean(const void *p, size_t n)
{
	each_line(0x19, p, n);
}

void dcache_clean_invalidate(const void *p, size_t n)
{
	each_line(0x15, p, n);
}

void dcache_invalidate(void *p, size_t n)
{
	each_line(0x11, p, n);
}

void code_changed(const void *p, size_t n)
{
	u32 a = ALIGN_DOWN((u32)p, 16);

	for (; a < (u32)p + n; a += 16)
		__asm__ volatile("synci 0(%0)" ::"r"(a) : "memory");
	__asm__ volatile("sync\n\tehb" ::: "memory");
}
