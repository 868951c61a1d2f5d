// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MMU with one-to-one tables in either format, and cache maintenance (ARM DDI
 * 0406C, B3.5 and B3.6). The first GiB is Device but for its MiBs from MMU_WINDOW
 * on, which are the tests'; User mode may do what Supervisor mode may.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

#define SCTLR_M (1U << 0)
#define SCTLR_C (1U << 2)
#define SCTLR_I (1U << 12)

bool mmu_short;
static bool built;

/* ---- The long format: 1 GiB, 2 MiB, 4 KiB ---------------------------------------- */

#define EAE (1U << 31)
/* T0SZ 0, walks write-back inner shareable. */
#define LONG_TTBCR (EAE | 3 << 12 | 1 << 10 | 1 << 8)
/* 0 Strongly-ordered, 1 Normal write-back, 2 Normal non-cacheable. */
#define LONG_MAIR0 0x44ff00
#define LONG_TABLE 3ULL
#define LONG_BLOCK 1ULL
#define LONG_PAGE 3ULL
#define LONG_USER (1ULL << 6)
#define LONG_READ_ONLY (1ULL << 7)
#define LONG_SHARED (3ULL << 8)
#define LONG_AF (1ULL << 10)
#define LONG_NG (1ULL << 11)
#define LONG_XN (1ULL << 54)

struct long_tables {
	u64 l2[512], window[512], own[512];
	u64 l1[4];
} __attribute__((aligned(4096)));

static u64 long_attributes(enum mem_type type, bool writable, bool exec)
{
	return (u64)type << 2 | LONG_USER | LONG_SHARED | LONG_AF |
	       (writable ? 0 : LONG_READ_ONLY) |
	       (exec && type != MEM_DEVICE ? 0 : LONG_XN);
}

static void build_long(struct long_tables *t)
{
	u64 i;

	for (i = 0; i < MMU_WINDOW >> 21; i++)
		t->l2[i] = i << 21 | LONG_BLOCK |
			   long_attributes(MEM_DEVICE, true, false);
	t->l2[MMU_WINDOW >> 21] = (u64)t->window | LONG_TABLE;
	t->l1[0] = (u64)t->l2 | LONG_TABLE;
	for (i = 1; i < 4; i++)
		t->l1[i] = i << 30 | LONG_BLOCK |
			   long_attributes(MEM_NORMAL, true, true);
}

/* ---- The short format: 1 MiB, 4 KiB --------------------------------------------- */

/* Write-back, shareable. */
#define SHORT_TTBR 0x4a
#define SHORT_DACR 1 /* domain 0 heeds permissions */
#define SHORT_TABLE 1U
#define SHORT_SECTION 2U
#define SHORT_PAGE 2U
#define SHORT_PAGE_XN 1U
#define SHORT_XN (1U << 4)
#define SHORT_SHARED (1U << 10)
#define SHORT_NG (1U << 11)
#define SHORT_READ_ONLY (1U << 9)

struct short_tables {
	u32 l1[4096];
	u32 window[256], own[256];
} __attribute__((aligned(16384)));

/* Of a page. A section has the same from TEX, bit 6, up six bits higher. */
static u32 short_attributes(enum mem_type type, bool writable)
{
	static const u32 memory[] = {
		[MEM_DEVICE] = 0,
		[MEM_NORMAL] = 1 << 6 | 1 << 3 | 1 << 2,
		[MEM_UNCACHED] = 1 << 6,
	};

	return memory[type] | 3 << 4 | SHORT_SHARED |
	       (writable ? 0 : SHORT_READ_ONLY);
}

static u32 section(u32 pa, enum mem_type type)
{
	u32 a = short_attributes(type, true);

	return pa | (a & 0xc) | (a & 0xff0) << 6 | SHORT_SECTION |
	       (type == MEM_DEVICE ? SHORT_XN : 0);
}

static void build_short(struct short_tables *t)
{
	u32 i;

	for (i = 0; i < 4096; i++)
		if (i < MMU_WINDOW >> 20)
			t->l1[i] = section(i << 20, MEM_DEVICE);
		else if (i >= SZ_1G >> 20)
			t->l1[i] = section(i << 20, MEM_NORMAL);
	t->l1[MMU_WINDOW >> 20] = (u32)t->window | SHORT_TABLE;
}

/* ---- Both ------------------------------------------------------------------------ */

/* Everybody's, and each CPU's own. */
static union {
	struct long_tables l;
	struct short_tables s;
} tables[1 + MAX_CPUS] __attribute__((aligned(16384)));

static void build(void)
{
	mmu_short = machine_option("short");
	if (mmu_short)
		build_short(&tables[0].s);
	else
		build_long(&tables[0].l);
	built = true;
	/* Written with caches off: nothing stale may lie above it. */
	dcache_invalidate(&tables[0], sizeof(tables[0]));
	dcache_invalidate(&mmu_short, sizeof(mmu_short));
	dcache_invalidate(&built, sizeof(built));
}

static void flush_tlb(void)
{
	__asm__ volatile("mcr p15, 0, %0, c8, c7, 0\n\tdsb nsh\n\tisb" ::"r"(0)
			 : "memory");
}

static void use_tables(unsigned int n)
{
	dsb(ishst);
	if (mmu_short)
		write_sysreg(ttbr0_el1, (u32)tables[n].s.l1 | SHORT_TTBR);
	else
		write_sysreg(ttbr0_el1, (u32)tables[n].l.l1);
	isb();
	flush_tlb();
}

void mmu_on(void)
{
	if (!built)
		build();
	write_sysreg(tcr_el1, mmu_short ? 0 : LONG_TTBCR);
	write_sysreg(mair0, LONG_MAIR0);
	write_sysreg(dacr, SHORT_DACR);
	isb();
	use_tables(0);
	write_sysreg(sctlr_el1,
		     read_sysreg(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I);
	isb();
	this_cpu()->mmu_on = true;
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

static void flush_page(u64 va)
{
	dsb(ishst);
	/* TLBIMVAAIS */
	__asm__ volatile("mcr p15, 0, %0, c8, c3, 3\n\tdsb ish\n\tisb" ::"r"(
				 (u32)va & ~0xfffU)
			 : "memory");
}

void mmu_map(u64 va, u64 pa, enum mem_type type, bool writable, bool exec)
{
	u32 at = va - MMU_WINDOW;

	mmu_unmap(va);
	if (mmu_short)
		tables[0].s.window[at >> 12 & 255] =
			(u32)pa | short_attributes(type, writable) | SHORT_PAGE |
			(exec && type != MEM_DEVICE ? 0 : SHORT_PAGE_XN);
	else
		tables[0].l.window[at >> 12 & 511] =
			pa | long_attributes(type, writable, exec) | LONG_PAGE;
	dsb(ishst);
	isb();
}

void mmu_unmap(u64 va)
{
	u32 at = va - MMU_WINDOW;

	if (mmu_short)
		tables[0].s.window[at >> 12 & 255] = 0;
	else
		tables[0].l.window[at >> 12 & 511] = 0;
	flush_page(va);
}

static void set_spare(u64 pa)
{
	if (mmu_short)
		tables[0].s.l1[MMU_SPARE >> 20] = pa ? (u32)pa | SHORT_TABLE : 0;
	else
		tables[0].l.l2[MMU_SPARE >> 21] = pa ? pa | LONG_TABLE : 0;
}

void mmu_set_spare(u64 pa)
{
	set_spare(0);
	flush_page(MMU_SPARE);
	set_spare(pa);
	dsb(ishst);
	isb();
}

static void own_long(struct long_tables *t, u64 page)
{
	memcpy(t->l1, tables[0].l.l1, sizeof(t->l1));
	memcpy(t->l2, tables[0].l.l2, sizeof(t->l2));
	t->l1[0] = (u64)t->l2 | LONG_TABLE;
	t->l2[MMU_OWN >> 21] = (u64)t->own | LONG_TABLE;
	t->own[0] = page | LONG_NG | LONG_PAGE |
			     long_attributes(MEM_NORMAL, true, false);
}

static void own_short(struct short_tables *t, u64 page)
{
	memcpy(t->l1, tables[0].s.l1, sizeof(t->l1));
	t->l1[MMU_OWN >> 20] = (u32)t->own | SHORT_TABLE;
	t->own[0] = (u32)page | SHORT_NG | SHORT_PAGE | SHORT_PAGE_XN |
			     short_attributes(MEM_NORMAL, true);
}

void mmu_enter_own(u64 page)
{
	unsigned int n = 1 + this_cpu()->index;

	if (mmu_short)
		own_short(&tables[n].s, page);
	else
		own_long(&tables[n].l, page);
	use_tables(n);
}

void mmu_leave_own(void)
{
	use_tables(0);
}

u64 mmu_translate(u64 va, bool write)
{
	if (write)
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 1" ::"r"((u32)va)
				 : "memory");
	else
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 0" ::"r"((u32)va)
				 : "memory");
	isb();
	return mmu_short ? read_sysreg(par_short) : read_sysreg(par_el1);
}

/* ---- Caches --------------------------------------------------------------------- */

/* `shift`: of CTR's field for this kind of cache. */
#define each_line(op, shift, p, n)                                             \
	do {                                                                   \
		u32 line_ = 4U << (read_sysreg(ctr_el0) >> (shift)&15);        \
		u32 a_ = ALIGN_DOWN((u32)(p), line_), end_ = (u32)(p) + (n);   \
		for (; a_ < end_; a_ += line_)                                 \
			__asm__ volatile("mcr p15, 0, %0, " op ::"r"(a_)       \
					 : "memory");                          \
		dsb(sy);                                                       \
	} while (0)
#define DATA 16
#define CODE 0

void dcache_clean(const void *p, size_t n)
{
	each_line("c7, c10, 1", DATA, p, n);
}

void dcache_clean_invalidate(const void *p, size_t n)
{
	each_line("c7, c14, 1", DATA, p, n);
}

void dcache_invalidate(void *p, size_t n)
{
	each_line("c7, c6, 1", DATA, p, n);
}

void code_changed(const void *p, size_t n)
{
	each_line("c7, c11, 1", DATA, p, n);
	each_line("c7, c5, 1", CODE, p, n);
	/* BPIALLIS */
	__asm__ volatile("mcr p15, 0, %0, c7, c1, 6\n\tdsb sy" ::"r"(0)
			 : "memory");
	isb();
}
