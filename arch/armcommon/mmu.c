// SPDX-License-Identifier: BSD-2-Clause
/*
 * EL2's own address space: text read-execute, everything else never
 * executable, a guard page below every stack, guest RAM not mapped but for the
 * moment in which it is used (K20).
 */
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/boot_info.h"
#include "arch/armcommon/layout.h"
#include "core/memcache.h"
#include "core/page_access.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/string.h"
#include "pgtable/pgtable.h"

/* boot.S */
void switch_tables(u64 ttbr, uintptr_t trampoline);

#define STACK_PAGES_ORDER 2 /* 16 KiB */
#define STACK_SLOT (8 * PAGE_SIZE)
#define MAX_STACKS 1024UL

/*
 * Tables come from a pool of the image's own: mapping a chunk must not need
 * the allocator that asks for it. Each CPU's windows take one, each 2 MiB of
 * stacks one, each 1 GiB of linear map that holds memory of the hypervisor's own
 * one.
 */
#define EL2_TABLES (MAX_CPUS + MAX_STACKS * STACK_SLOT / SZ_2M + 48)
static u8 pool[EL2_TABLES][PAGE_SIZE]
	__attribute__((aligned(4096), section(".noinit")));
static u32 pool_count[EL2_TABLES];
static DECLARE_BITMAP(pool_used, EL2_TABLES);

static struct pgtable el2;
static struct spinlock el2_lock = SPINLOCK_INIT;
static u64 io_next;

static void *pool_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	unsigned int n = bitmap_next_clear(pool_used, EL2_TABLES, 0);

	if (n == EL2_TABLES || size != PAGE_SIZE)
		return NULL;
	bitmap_set(pool_used, n);
	pool_count[n] = 1;
	memset(pool[n], 0, PAGE_SIZE);
	return pool[n];
}

static unsigned int pool_index(const void *table)
{
	return ((const u8 *)table - pool[0]) / PAGE_SIZE;
}

static void pool_free(struct pgtable *pt, void *table, size_t size)
{
	bitmap_clear(pool_used, pool_index(table));
}

static u32 *pool_refs(struct pgtable *pt, void *table)
{
	return &pool_count[pool_index(table)];
}

static hpa_t pool_phys(struct pgtable *pt, const void *table)
{
	return HPA((uintptr_t)table - layout.image + layout.image_pa);
}

static void *pool_virt(struct pgtable *pt, hpa_t pa)
{
	return (void *)(uintptr_t)(pa.v - layout.image_pa + layout.image);
}

/*
 * One address: "TLBI VAE2IS", any level of it (DDI 0487 D8.14). The window
 * slots are used by their own CPU alone, but TLBs may have been filled by
 * speculation on any.
 */
static void el2_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	dsb(ishst);
	tlbi_vae2is(ia.v);
	dsb(ish);
	isb();
}

static void el2_flush_all(struct pgtable *pt)
{
	dsb(ishst);
	tlbi(alle2is);
	dsb(ish);
	isb();
}

#define FLUSH_ADDR_MOST 64

static void el2_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	u64 step = level == 2 ? SZ_2M : PAGE_SIZE;

	if (level == PGT_LEVEL_ANY || size / step > FLUSH_ADDR_MOST) {
		el2_flush_all(pt);
		return;
	}
	dsb(ishst);
	for (u64 at = 0; at < size; at += step)
		tlbi_vae2is(ia.v + at);
	dsb(ish);
	isb();
}

/* EL2 walks are inner-shareable write-back: the walker snoops. */
static void el2_table_sync(struct pgtable *pt, void *entry, size_t size)
{
	dsb(ishst);
}

static const struct pgtable_ops el2_ops = {
	.table_alloc = pool_alloc,
	.table_free = pool_free,
	.table_count = pool_refs,
	.to_phys = pool_phys,
	.to_virt = pool_virt,
	.tlb_flush_addr = el2_flush_addr,
	.tlb_flush_range = el2_flush_range,
	.tlb_flush_all = el2_flush_all,
	.table_sync = el2_table_sync,
};

static int map(u64 va, u64 pa, u64 size, u32 attr)
{
	int r;

	spin_lock(&el2_lock);
	r = pgtable_map(&el2, IA(va), size, HPA(pa), attr, NULL, NULL);
	spin_unlock(&el2_lock);
	/* A new translation is visible to this CPU's next instruction. */
	isb();
	return r == -EALREADY ? 0 : r;
}

static void unmap(u64 va, u64 size)
{
	spin_lock(&el2_lock);
	BUG_ON(pgtable_unmap(&el2, IA(va), size, NULL));
	spin_unlock(&el2_lock);
}

static void map_image_part(const char *from, const char *to, u32 attr)
{
	u64 va = (uintptr_t)from, pa = va - layout.image + layout.image_pa;

	BUG_ON(map(va, pa, to - from, attr));
}

void mmu_init(void)
{
	struct pgtable_config config = {
		.format = &PORT_EL2_FORMAT,
		.ia_bits = layout.va_bits,
		.oa_bits = layout.pa_bits,
	};
	u64 fdt_size = ALIGN_UP((layout.fdt_pa & ~PAGE_MASK) +
				fdt_totalsize((void *)(uintptr_t)layout.fdt), PAGE_SIZE);

	BUG_ON(pgtable_init(&el2, &config, &el2_ops, NULL));
	map_image_part(image_start, text_end, PGT_RX);
	map_image_part(text_end, rodata_end, PGT_R);
	map_image_part(rodata_end, boot_stack_guard, PGT_RW);
	map_image_part(boot_stack_guard + PAGE_SIZE, image_end, PGT_RW);
	BUG_ON(map(layout.trampoline,
		   (uintptr_t)idmap_start - layout.image + layout.image_pa,
		   PAGE_SIZE, PGT_RX));
	/* The pages that it lies in, which are reserved, and no more: what is
	 * behind them may be a guest's, or no memory at all. */
	BUG_ON(map(ALIGN_DOWN(layout.fdt, PAGE_SIZE),
		   ALIGN_DOWN(layout.fdt_pa, PAGE_SIZE), fdt_size, PGT_R));
	io_next = layout.io;
	console_uart.regs = mmu_map_io(console_uart.base, PAGE_SIZE);

	boot_info.run_ttbr = el2.root_pa.v;
	switch_tables(el2.root_pa.v, layout.trampoline);
}

volatile void *mmu_map_io(hpa_t pa, u64 size)
{
	u64 offset = pa.v & (PAGE_SIZE - 1), va = io_next;
	u64 end = layout.io + layout.io_size;

	/* After a window that reaches to the end, va is past it. */
	if (!size || size > layout.io_size || va > end)
		return NULL;
	size = ALIGN_UP(size + offset, PAGE_SIZE);
	if (size > end - va)
		return NULL;
	if (map(va, pa.v - offset, size, PGT_RW | PGT_DEVICE))
		return NULL;
	/* A page between windows catches a register access gone astray. */
	io_next = va + size + PAGE_SIZE;
	return (volatile void *)(uintptr_t)(va + offset);
}

bool mmu_is_mapped(uintptr_t va)
{
	struct pgtable_leaf leaf;
	bool mapped;

	/* Whoever asks has panicked, and may hold the lock itself. */
	if (!el2.root || !spin_trylock(&el2_lock))
		return false;
	mapped = !pgtable_lookup(&el2, IA(va), &leaf) &&
		 !(leaf.attr & PGT_DEVICE);
	spin_unlock(&el2_lock);
	return mapped;
}

/* ---- The linear map ------------------------------------------------------- */

void *arch_phys_to_virt(hpa_t pa)
{
	return (void *)(uintptr_t)(pa.v - layout.linear_pa + layout.linear);
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((uintptr_t)p - layout.linear + layout.linear_pa);
}

int arch_linear_map_chunk(hpa_t pa)
{
	if (pa.v - layout.linear_pa >= layout.linear_size)
		return -ENOMEM;
	return map((uintptr_t)arch_phys_to_virt(pa), pa.v, CHUNK_SIZE, PGT_RW);
}

void arch_linear_unmap_chunk(hpa_t pa)
{
	unmap((uintptr_t)arch_phys_to_virt(pa), CHUNK_SIZE);
}

/* ---- Guest pages, for a moment ----------------------------------------- */

/*
 * Each CPU's windows: one 2 MiB block, then, in one table, the single pages of
 * arch_page_map() and two runs for copying.
 */
#define WINDOW_BLOCK 0
#define WINDOW_PAGES SZ_2M
#define WINDOW_TO (WINDOW_PAGES + 64 * PAGE_SIZE)
#define WINDOW_FROM (WINDOW_PAGES + 128 * PAGE_SIZE)
#define WINDOW_ANCHOR (WINDOW_PAGES + 511 * PAGE_SIZE)
#define SINGLE_PAGES 2

static uintptr_t window(u64 which)
{
	return layout.slots + this_cpu()->id * SLOT_STRIDE + which;
}

/* Single pages in use on each CPU: opened and closed in stack order. */
static u8 pages_open[MAX_CPUS];

int mmu_init_cpu(unsigned int cpu)
{
	/* Keeps the pages' table there, so that mapping one cannot fail. */
	return map(layout.slots + cpu * SLOT_STRIDE + WINDOW_ANCHOR,
		   (uintptr_t)image_start - layout.image + layout.image_pa, PAGE_SIZE,
		   PGT_R);
}

void *arch_page_map(pfn_t pfn)
{
	unsigned int n = pages_open[this_cpu()->id]++;
	uintptr_t va = window(WINDOW_PAGES) + n * PAGE_SIZE;

	BUG_ON(n >= SINGLE_PAGES);
	BUG_ON(map(va, pfn_to_hpa(pfn).v, PAGE_SIZE, PGT_RW));
	return (void *)va;
}

void arch_page_unmap(void *p)
{
	unsigned int n = --pages_open[this_cpu()->id];

	BUG_ON((uintptr_t)p != window(WINDOW_PAGES) + n * PAGE_SIZE);
	unmap((uintptr_t)p, PAGE_SIZE);
}

/* Whole runs at a time: 2 MiB blocks through the block's window. */
#define RUN_MAX 32UL

static void with_pages(pfn_t pfn, u64 count, void (*fn)(uintptr_t va, size_t size))
{
	while (count) {
		bool block = count >= BIT64(CHUNK_ORDER) &&
			     IS_ALIGNED(pfn.v, BIT64(CHUNK_ORDER));
		u64 n = block ? BIT64(CHUNK_ORDER) : min(count, RUN_MAX);
		uintptr_t va = window(block ? WINDOW_BLOCK : WINDOW_TO);

		BUG_ON(map(va, pfn_to_hpa(pfn).v, n << PAGE_SHIFT, PGT_RW));
		fn(va, n << PAGE_SHIFT);
		unmap(va, n << PAGE_SHIFT);
		pfn.v += n;
		count -= n;
	}
}

void arch_page_publish(pfn_t pfn, u64 count)
{
	with_pages(pfn, count, cache_publish);
}

void arch_page_publish_part(void *p, size_t size)
{
	cache_publish((uintptr_t)p, size);
}

static void zero_and_publish(uintptr_t va, size_t size)
{
	zero_range(va, size);
	cache_publish(va, size);
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	with_pages(pfn, BIT64(order), zero_and_publish);
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 count)
{
	size_t size = count, bytes = PAGE_SIZE << order, in_page = from.v % PAGE_SIZE;
	size_t source = ALIGN_UP(in_page + size, PAGE_SIZE);
	uintptr_t dst = window(WINDOW_TO), src = window(WINDOW_FROM);

	BUG_ON(order > PAGE_COPY_ORDER_MAX || count > bytes);
	BUG_ON(map(dst, pfn_to_hpa(to).v, bytes, PGT_RW));
	if (size) {
		BUG_ON(map(src, from.v - in_page, source, PGT_R));
		memcpy((void *)dst, (void *)(src + in_page), size);
		unmap(src, source);
	}
	memset((void *)(dst + size), 0, bytes - size);
	cache_publish(dst, bytes);
	unmap(dst, bytes);
}

/* ---- Stacks ----------------------------------------------------------------- */

static DECLARE_BITMAP(stacks_used, MAX_STACKS);

static uintptr_t stack_va(unsigned int n)
{
	/* The lower half of a slot is the guard. */
	return layout.stacks + n * STACK_SLOT + STACK_SLOT / 2;
}

void *arch_stack_alloc(size_t *size)
{
	unsigned int n;
	pfn_t pfn;

	spin_lock(&el2_lock);
	n = bitmap_next_clear(stacks_used, MAX_STACKS, 0);
	if (n < MAX_STACKS)
		bitmap_set(stacks_used, n);
	spin_unlock(&el2_lock);
	if (n == MAX_STACKS)
		return NULL;

	*size = PAGE_SIZE << STACK_PAGES_ORDER;
	if (!page_alloc(PAGE_HYP, STACK_PAGES_ORDER, NULL, &pfn)) {
		if (!map(stack_va(n), pfn_to_hpa(pfn).v, *size, PGT_RW))
			return (void *)stack_va(n);
		page_put(pfn, STACK_PAGES_ORDER, NULL);
	}
	spin_lock(&el2_lock);
	bitmap_clear(stacks_used, n);
	spin_unlock(&el2_lock);
	return NULL;
}

void arch_stack_free(void *stack)
{
	unsigned int n = ((uintptr_t)stack - layout.stacks) / STACK_SLOT;
	struct pgtable_leaf leaf;

	spin_lock(&el2_lock);
	BUG_ON(pgtable_lookup(&el2, IA((uintptr_t)stack), &leaf));
	spin_unlock(&el2_lock);
	unmap((uintptr_t)stack, PAGE_SIZE << STACK_PAGES_ORDER);
	page_put(hpa_to_pfn(leaf.pa), STACK_PAGES_ORDER, NULL);
	spin_lock(&el2_lock);
	bitmap_clear(stacks_used, n);
	spin_unlock(&el2_lock);
}
