// SPDX-License-Identifier: BSD-2-Clause
#include "cli/testing/dump.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/util.h"

#define RECORD_AT 0x3000

static char *memory;
static u64 next; /* free, as an offset */
static unsigned int made;
static int file = -1;
static u64 image;
static enum image_arch arch;

/* ---- The hypervisor's memory ---------------------------------------------- */

static void *take(size_t size, size_t align)
{
	void *p;

	next = ALIGN_UP(next, (u64)align);
	p = memory + next;
	next += size;
	assert(next <= DUMP_SIZE);
	return p;
}

hpa_t arch_virt_to_phys(const void *p)
{
	return HPA((const char *)p - memory + DUMP_BASE);
}

void *dump_at(u64 pa)
{
	return memory + (pa - DUMP_BASE);
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	return take(size, size);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	static u32 counts[DUMP_SIZE / SZ_4K];

	return &counts[((char *)table - memory) / SZ_4K];
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return arch_virt_to_phys(table);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return dump_at(pa.v);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
}

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
}

static void flush_all(struct pgtable *pt)
{
}

static const struct pgtable_ops ops = {
	.table_alloc = table_alloc,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = flush_addr,
	.tlb_flush_range = flush_range,
	.tlb_flush_all = flush_all,
	.table_sync = table_sync,
};

/* ---- The dump -------------------------------------------------------------- */

struct inspect_record *dump_record(void)
{
	return dump_at(image + RECORD_AT);
}

struct guest **dump_guests(void)
{
	return dump_at(dump_record()->guests);
}

static void make(unsigned int vms)
{
	u32 at = RECORD_AT;
	struct guest **guests;

	memory = aligned_alloc(SZ_2M, DUMP_SIZE);
	memset(memory, 0, DUMP_SIZE);
	memcpy(dump_at(image + INSPECT_MAGIC_AT), INSPECT_MAGIC, 8);
	memcpy(dump_at(image + INSPECT_MAGIC_AT + 8), &at, 4);
	next = image - DUMP_BASE + 0x10000;
	made = 0;
	guests = take(vms * sizeof(*guests), 64);
	inspect_open(guests, vms);
	memcpy(dump_record(), &inspect_record, sizeof(inspect_record));
	dump_record()->self = (uintptr_t)dump_record();
}

void dump_make(unsigned int vms)
{
	arch = IMAGE_ARM64;
	image = DUMP_IMAGE;
	make(vms);
	memcpy(dump_at(image + 56), "ARM\x64", 4);
}

void dump_make_arm(unsigned int vms)
{
	arch = IMAGE_ARM;
	image = DUMP_ZIMAGE;
	make(vms);
	memcpy(dump_at(image + 0x24), "\x18\x28\x6f\x01", 4);
}

void dump_make_mips(unsigned int vms)
{
	arch = IMAGE_MIPS;
	image = DUMP_BASE + SZ_1M;
	make(vms);
	memcpy(dump_at(image + INSPECT_MIPS_AT), INSPECT_MIPS, 8);
}

static const struct pgtable_format *arm64_format(unsigned int granule)
{
	return granule == SZ_4K	 ? &pgtable_arm64_s2_4k :
	       granule == SZ_64K ? &pgtable_arm64_s2_64k :
				   &pgtable_arm64_s2_16k;
}

struct vm *dump_vm(const char *name, unsigned int granule)
{
	struct pgtable_config configs[] = {
		[IMAGE_ARM64] = {.format = arm64_format(granule),
				 .ia_bits = 40,
				 .oa_bits = 44},
		[IMAGE_ARM] = {.format = &pgtable_lpae_s2,
			       .ia_bits = 40,
			       .oa_bits = 40},
		[IMAGE_MIPS] = {.format = &pgtable_mips32,
				.ia_bits = 29,
				.oa_bits = 32},
	};
	struct guest *g = take(sizeof(*g), 64);

	g->vm = take(sizeof(*g->vm), 64);
	g->granule = granule;
	snprintf(g->vm->name, sizeof(g->vm->name), "%s", name);
	assert(!pgtable_init(&g->vm->s2, &configs[arch], &ops, NULL));
	dump_guests()[made++] = g;
	return g->vm;
}

struct backing *dump_backing(const char *kind)
{
	struct backing *b = take(sizeof(*b), 64);
	struct backing_ops *o = take(sizeof(*o), 64);
	char *name = take(32, 64);

	snprintf(name, 32, "%s", kind);
	o->name = name;
	b->ops = o;
	return b;
}

void dump_slot(struct vm *vm, u64 address, u64 size, struct backing *b,
	       u32 flags)
{
	vm->slots[vm->slot_count++] = (struct memslot){
		.base = GFN(address >> PAGE_SHIFT),
		.pages = size >> PAGE_SHIFT,
		.backing = b,
		.flags = flags,
	};
}

void dump_map(struct vm *vm, u64 address, u64 size, u64 pa, u32 attr)
{
	assert(!pgtable_map(&vm->s2, IA(address), size, HPA(pa), attr, NULL,
			    NULL));
}

void dump_open(struct memory *m)
{
	char name[64];

	file = memfd_create("dump", 0);
	assert(file >= 0 && write(file, memory, DUMP_SIZE) == DUMP_SIZE);
	snprintf(name, sizeof(name), "/proc/self/fd/%d@0x%lx", file,
		 DUMP_BASE);
	assert(!memory_open_file(name, m));
}

void dump_free(void)
{
	free(memory);
	close(file);
	file = -1;
}
