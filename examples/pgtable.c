// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page-table engine in a program of its own: a guest's stage 2, on a PC.
 *
 *   cc pgtable.c $(pkg-config --cflags --libs twofold-pgtable) -o pgtable
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pgtable/pgtable.h>

#define TABLES	 16
#define ARENA_PA 0x80000000ULL /* where the machine would have the tables */
#define GIB	 0x40000000ULL

static char *arena;
static u32 counts[TABLES];
static unsigned int used;

/* The environment: a hypervisor's allocator, and its TLB instructions. */
static void *alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *table = arena + used * SZ_4K;

	if (used + size / SZ_4K > TABLES)
		return NULL;
	counts[used] = 1;
	used += size / SZ_4K;
	return memset(table, 0, size);
}

static void release(struct pgtable *pt, void *table, size_t size)
{
	printf("    table %d is freed\n", (int)(((char *)table - arena) / SZ_4K));
}

static u32 *count(struct pgtable *pt, void *table)
{
	return &counts[((char *)table - arena) / SZ_4K];
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return HPA(ARENA_PA + ((const char *)table - arena));
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arena + (pa.v - ARENA_PA);
}

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	printf("    TLB: invalidate %#llx, %#llx bytes\n",
	       (unsigned long long)ia.v, (unsigned long long)size);
}

static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	flush_range(pt, ia, pgtable_leaf_size(pt, level), level);
}

static void flush_all(struct pgtable *pt)
{
	printf("    TLB: invalidate everything\n");
}

static void sync(struct pgtable *pt, void *entry, size_t size)
{
	/* A barrier on Arm. Nobody walks a PC's memory. */
}

static const struct pgtable_ops ops = {
	.table_alloc = alloc, .table_free = release, .table_count = count,
	.to_phys = to_phys, .to_virt = to_virt, .tlb_flush_addr = flush_addr,
	.tlb_flush_range = flush_range, .tlb_flush_all = flush_all,
	.table_sync = sync,
};

/* A line for each leaf that is not just one more of the same. */
static int show(const struct pgtable_leaf *leaf, void *last)
{
	if (*(u64 *)last != leaf->size)
		printf("    %#llx -> %#llx, leaves of %llu KiB, %s\n",
		       (unsigned long long)leaf->ia.v,
		       (unsigned long long)leaf->pa.v,
		       (unsigned long long)leaf->size / 1024,
		       leaf->attr & PGT_W ? "writable" : "read-only");
	*(u64 *)last = leaf->size;
	return 0;
}

static void step(struct pgtable *pt, const char *what, int result)
{
	u64 last = 0;

	printf("%s: %s\n", what, result ? "failed" : "done");
	pgtable_visit(pt, IA(0), pt->ia_size, show, &last);
	if (result)
		exit(1);
}

/* What a hypervisor does when a guest's access is not translated. */
static int fault(struct pgtable *pt, u64 ia)
{
	struct pgtable_leaf hole;

	if (pgtable_lookup(pt, IA(ia), &hole) != -ENOENT)
		return -1;
	return pgtable_map(pt, IA(ia & ~(SZ_4K - 1)), SZ_4K, HPA(16 * GIB),
			   PGT_RW, NULL, NULL);
}

int main(void)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40};
	struct pgtable pt;
	int r;

	arena = aligned_alloc(TABLES * SZ_4K, TABLES * SZ_4K);
	if (!arena || pgtable_init(&pt, &config, &ops, NULL))
		return 1;
	r = pgtable_map(&pt, IA(GIB), 2 * GIB, HPA(4 * GIB),
			PGT_RWX | PGT_EXCLUSIVE, NULL, NULL);
	step(&pt, "map 2 GiB", r);
	step(&pt, "fault at 8 GiB", fault(&pt, 8 * GIB + 123));
	r = pgtable_protect(&pt, IA(GIB + SZ_2M), SZ_4K, PGT_W, 0, NULL);
	step(&pt, "write-protect a page, which splits its block", r);
	step(&pt, "unmap all", pgtable_unmap(&pt, IA(0), pt.ia_size, NULL));
	pgtable_destroy(&pt);
	free(arena);
	return 0;
}
