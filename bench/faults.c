// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole way of a fault, on the PC: a VM of four vCPUs, each on a thread,
 * touches 1 GiB; and the same by one vCPU. bench/pgtable.sh makes a table of
 * what this prints (bench/race.h).
 *
 * fault_handle() and all that it calls are the sources that ship, with nothing
 * left out: memslots, the RAM backing, memcaches that are topped up from the
 * page allocator within the VM's budget, the VM's locks, the notifier sequence,
 * statistics, the engine. The architecture beneath them is core/testing's, but
 * for memory, which is as on a board: a linear map of it all, pages really
 * zeroed, and no cache to clean.
 *
 * What a thread does between two faults is left out: the exit, and the guest.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/race.h"
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/log.h"

#define PAGES	  (u32)(SZ_1G >> PAGE_SHIFT)
#define RUN_PAGES 16u /* that core/fault.c maps at once */
#define GUEST	  (4 * SZ_1G)
#define COUNT	  (1U << 25)
#define RAM	  (SZ_1G + 64 * SZ_1M)

/* ---- Memory ------------------------------------------------------------- */

static char *ram;

_Noreturn void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("faults: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	exit(2);
}

void *arch_phys_to_virt(hpa_t pa)
{
	return ram + (pa.v - FAKE_RAM);
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((const char *)p - ram + FAKE_RAM);
}

int arch_linear_map_chunk(hpa_t pa)
{
	return 0;
}

void arch_linear_unmap_chunk(hpa_t pa)
{
}

void *arch_page_map(pfn_t pfn)
{
	return arch_phys_to_virt(pfn_to_hpa(pfn));
}

void arch_page_unmap(void *p)
{
}

void arch_page_publish(pfn_t pfn, u64 count)
{
}

void arch_page_publish_part(void *p, size_t size)
{
}

void fake_page_clean(pfn_t pfn)
{
}

void arch_page_zero(pfn_t pfn, unsigned int order)
{
	memset(arch_page_map(pfn), 0, PAGE_SIZE << order);
}

void arch_page_copy(pfn_t to, unsigned int order, hpa_t from, u64 size)
{
	panic("nothing is copied here");
}

static void memory_init(void)
{
	size_t meta = page_alloc_meta_size(HPA(FAKE_RAM), HPA(FAKE_RAM + RAM));
	char *p = mmap(NULL, RAM + CHUNK_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		panic("no memory");
	ram = (char *)ALIGN_UP((uintptr_t)p, CHUNK_SIZE);
	/* So that the PC's own faults are over before the clock runs. */
	madvise(ram, RAM, MADV_HUGEPAGE);
	memset(ram, 0, RAM);
	page_alloc_init(malloc(meta), HPA(FAKE_RAM), HPA(FAKE_RAM + RAM));
	page_alloc_add(HPA(FAKE_RAM), RAM);
}

/* ---- The VM --------------------------------------------------------------- */

static struct vm *vm;
static struct vcpu *vcpus[RACE_THREADS];
static u64 base; /* where its memory is, guest-physical */
static u64 mapped_before;

static u64 pages_mapped(void)
{
	struct vcpu_stats sum = vm_stats(vm);

	return sum.pages_mapped + 512 * sum.blocks_mapped;
}

/*
 * `base_page`: pages that guest-physical addresses are off from the alignment
 * of the host's: 1, and no two pages can be mapped at once.
 */
static void vm_init(u64 base_page, bool no_blocks)
{
	struct vm_config config = {.name = "bench", .max_table_pages = 4096,
				   .max_guest_pages = PAGES};
	struct backing *b;

	fake_no_blocks = no_blocks;
	base = GUEST + (base_page << PAGE_SHIFT);
	if (vm_create(&config, &vm))
		panic("no VM");
	for (unsigned int i = 0; i < RACE_THREADS; i++)
		if (vcpu_create(vm, i, &vcpus[i]))
			panic("no vCPU");
	b = backing_ram_create(PAGES, &vm->page_budget);
	if (!b || memslot_add(vm, GFN(base >> PAGE_SHIFT), PAGES, b, 0, 0))
		panic("no memory for the VM");
	backing_put_ref(b);
}

static void touch(struct vcpu *vcpu, u32 page)
{
	struct guest_fault f = {
		.gpa = GPA(base + ((u64)page << PAGE_SHIFT)),
		.write = true,
	};

	if (fault_handle(vcpu, &f) != FAULT_HANDLED)
		panic("a fault at page %u was not handled", page);
}

/* All memory is the backing's; nothing is mapped. */
static void make_resident(void)
{
	static const char zero;

	for (u32 page = 0; page < PAGES; page++)
		if (guest_write(vm, GPA(base + ((u64)page << PAGE_SHIFT)),
				&zero, 1))
			panic("no memory for page %u", page);
}

static void mapped_from_here(void)
{
	mapped_before = pages_mapped();
}

static int sum_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	*(u64 *)arg += leaf->size >> PAGE_SHIFT;
	return 0;
}

/* Everything was mapped, and counted, once; then all of it is unmapped. */
static void all_mapped(void)
{
	u64 sum = 0;

	pgtable_visit(&vm->s2, IA(0), BIT64(40), sum_leaf, &sum);
	if (sum != PAGES || pages_mapped() - mapped_before != PAGES)
		panic("%llu pages mapped, %llu counted, of %u",
		      sum,
		      (pages_mapped() - mapped_before),
		      PAGES);
	notifier_unmap_steps(vm, GFN(base >> PAGE_SHIFT), PAGES);
}

/* ---- The races -------------------------------------------------------------- */

/* Each fault maps `step` pages. */
static void touch_share(u32 me, const struct race_share *s, u32 step)
{
	fake_be_cpu(me);
	for (u32 i = s->first; i < s->end; i += s->step)
		touch(vcpus[me], i * step);
}

static void touch_pages(u32 me, const struct race_share *s)
{
	touch_share(me, s, 1);
}

static void touch_runs(u32 me, const struct race_share *s)
{
	touch_share(me, s, RUN_PAGES);
}

static void touch_blocks(u32 me, const struct race_share *s)
{
	touch_share(me, s, CHUNK_SIZE >> PAGE_SHIFT);
}

/* A new VM each time: its memory is made, and zeroed, as it is touched. */
static void new_vm(void)
{
	vm_init(0, false);
	mapped_from_here();
}

static void end_vm(void)
{
	all_mapped();
	vm_destroy(vm);
}

/* What this PC gives to four threads that share nothing. */
static void count(u32 me, const struct race_share *s)
{
	for (u32 i = s->first; i < s->end; i += s->step)
		__asm__ volatile("" : "+r"(me));
}

static void nothing(void)
{
}

static const struct race pages[] = {
	{.name = "fault_pages", .units = PAGES, .goal = 0.6,
	 .prepare = mapped_from_here, .run = touch_pages, .finish = all_mapped,
	 .what = "faults: a page; each has its part"},
	{.name = "fault_mixed", .units = PAGES, .mixed = true,
	 .prepare = mapped_from_here, .run = touch_pages, .finish = all_mapped,
	 .what = "faults: a page; page by page in turn"},
}, runs = {
	.name = "fault_runs", .units = PAGES / RUN_PAGES,
	.prepare = mapped_from_here, .run = touch_runs, .finish = all_mapped,
	.what = "faults: 16 pages; each has its part",
}, alone = {
	.name = "alone", .units = COUNT,
	.prepare = nothing, .run = count, .finish = nothing,
	.what = "a loop that shares nothing, to compare",
}, blocks = {
	.name = "fault_blocks", .units = PAGES / 512,
	.prepare = new_vm, .run = touch_blocks, .finish = end_vm,
	.what = "faults: 2 MiB, zeroed; each has its part",
};

int main(void)
{
	struct page_stats left;

	memory_init();
	fake_cpus_init(RACE_THREADS);

	race_run(&alone);

	vm_init(1, false);
	make_resident();
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		race_run(&pages[i]);
	vm_destroy(vm);

	vm_init(0, true);
	make_resident();
	race_run(&runs);
	vm_destroy(vm);

	race_run(&blocks);
	page_alloc_stats(&left);
	return left.free != left.total;
}
