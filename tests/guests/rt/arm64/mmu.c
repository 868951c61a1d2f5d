// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MMU with one-to-one tables, and cache maintenance. 4K granule, 39-bit
 * addresses: level 1 blocks of 1 GiB, and one window of 4K pages.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

#define DESC_TABLE 3UL
#define DESC_BLOCK 1UL
#define DESC_PAGE 3UL
#define ATTR(n) ((u64)(n) << 2)
#define AP_RO (1UL << 7)
#define SH_INNER (3UL << 8)
#define AF (1UL << 10)
#define NG (1UL << 11)
#define PXN (1UL << 53)
#define UXN (1UL << 54)

/* MAIR: 0 Device-nGnRnE, 1 Normal write-back, 2 Normal non-cacheable. */
#define MAIR 0x44ff00UL

#define SCTLR_M (1UL << 0)
#define SCTLR_C (1UL << 2)
#define SCTLR_I (1UL << 12)

static u64 l1[512] __attribute__((aligned(4096)));
static u64 window_l2[512] __attribute__((aligned(4096)));
static u64 window_l3[512] __attribute__((aligned(4096)));
static bool built;

static u64 attributes(enum mem_type type, bool writable, bool exec)
{
	u64 v = AF | SH_INNER | UXN | ATTR(type);

	if (!writable)
		v |= AP_RO;
	if (!exec || type == MEM_DEVICE)
		v |= PXN;
	return v;
}

static void build(void)
{
	unsigned int i;

	l1[0] = attributes(MEM_DEVICE, true, false) | DESC_BLOCK;
	for (i = 1; i < MMU_WINDOW >> 30; i++)
		l1[i] = ((u64)i << 30) |
			attributes(MEM_NORMAL, true, true) | DESC_BLOCK;
	l1[MMU_WINDOW >> 30] = (u64)window_l2 | DESC_TABLE;
	window_l2[0] = (u64)window_l3 | DESC_TABLE;
	/* Written with caches off: nothing stale may lie above it. */
	dcache_invalidate(l1, sizeof(l1));
	dcache_invalidate(window_l2, sizeof(window_l2));
	dcache_invalidate(window_l3, sizeof(window_l3));
	built = true;
	dcache_invalidate(&built, sizeof(built));
}

void mmu_on(void)
{
	u64 parange = read_sysreg(id_aa64mmfr0_el1) & 15;
	struct cpu *me = this_cpu();

	if (!built)
		build();
	write_sysreg(mair_el1, MAIR);
	/* T0SZ 25, walks write-back inner shareable, TTBR1 off; IPS: at most
	 * 48 bits, which the 4K tables can say. */
	write_sysreg(tcr_el1, 25UL | 1UL << 8 | 1UL << 10 | 3UL << 12 |
				      1UL << 23 |
				      min(parange, (u64)5) << 32);
	write_sysreg(ttbr0_el1, (u64)l1);
	dsb(sy);
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
	write_sysreg(sctlr_el1,
		     read_sysreg(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I);
	isb();
	me->mmu_on = true;
}

void mmu_off(void)
{
	struct cpu *me = this_cpu();

	if (!me->mmu_on)
		return;
	me->mmu_on = false;
	dcache_clean_invalidate(_head, _image_end - _head);
	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) &
					~(SCTLR_M | SCTLR_C | SCTLR_I));
	isb();
}

static u64 *window_entry(u64 va)
{
	return &window_l3[(va - MMU_WINDOW) >> 12 & 511];
}

static void window_set(u64 va, u64 desc)
{
	u64 *e = window_entry(va);

	*e = 0;
	dsb(ishst);
	__asm__ volatile("tlbi vaae1is, %0\n\tdsb ish\n\tisb" ::"r"(va >> 12)
			 : "memory");
	*e = desc;
	dsb(ishst);
	isb();
}

void mmu_map(u64 va, u64 pa, enum mem_type type, bool writable, bool exec)
{
	window_set(va, pa | attributes(type, writable, exec) | DESC_PAGE);
}

void mmu_unmap(u64 va)
{
	window_set(va, 0);
}

void mmu_set_spare(u64 pa)
{
	u64 *e = &l1[MMU_SPARE >> 30];

	*e = 0;
	dsb(ishst);
	__asm__ volatile("tlbi vmalle1is\n\tdsb ish\n\tisb" ::: "memory");
	*e = pa ? pa | DESC_TABLE : 0;
	dsb(ishst);
	isb();
}

static u64 own[MAX_CPUS][3][512] __attribute__((aligned(4096)));

static void use_tables(const u64 *top)
{
	dsb(ishst);
	write_sysreg(ttbr0_el1, (u64)top);
	isb();
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}

void mmu_enter_own(u64 page)
{
	u64(*t)[512] = own[this_cpu()->index];

	memcpy(t[0], l1, sizeof(l1));
	t[0][MMU_OWN >> 30] = (u64)t[1] | DESC_TABLE;
	t[1][0] = (u64)t[2] | DESC_TABLE;
	t[2][0] = page | attributes(MEM_NORMAL, true, false) | NG | DESC_PAGE;
	use_tables(t[0]);
}

void mmu_leave_own(void)
{
	use_tables(l1);
}

u64 mmu_translate(u64 va, bool write)
{
	if (write)
		__asm__ volatile("at s1e1w, %0" ::"r"(va) : "memory");
	else
		__asm__ volatile("at s1e1r, %0" ::"r"(va) : "memory");
	isb();
	return read_sysreg(par_el1);
}

/* `shift`: of CTR's field for this kind of cache. */
#define each_line(op, shift, p, n)                                             \
	do {                                                                   \
		u64 line_ = 4UL << (read_sysreg(ctr_el0) >> (shift)&15);       \
		u64 a_ = ALIGN_DOWN((u64)(p), line_);                          \
		for (; a_ < (u64)(p) + (n); a_ += line_)                       \
			__asm__ volatile(op ", %0" ::"r"(a_) : "memory");      \
		dsb(sy);                                                       \
	} while (0)
#define DATA 16
#define CODE 0

void dcache_clean(const void *p, size_t n)
{
	each_line("dc cvac", DATA, p, n);
}

void dcache_clean_invalidate(const void *p, size_t n)
{
	each_line("dc civac", DATA, p, n);
}

void dcache_invalidate(void *p, size_t n)
{
	each_line("dc ivac", DATA, p, n);
}

void code_changed(const void *p, size_t n)
{
	each_line("dc cvau", DATA, p, n);
	each_line("ic ivau", CODE, p, n);
	isb();
}
