// SPDX-License-Identifier: BSD-2-Clause
#include "pgtable/testing/host.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Bits 39 to 12 set somewhere: an address taken for a pointer fails. */
#define PHYS_BASE 0x7a40000000ULL
#define POISON    0xdb

static struct host *host_of(struct pgtable *pt)
{
	return pt->env;
}

static void lock(struct host *h)
{
	while (__atomic_exchange_n(&h->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock(struct host *h)
{
	__atomic_store_n(&h->lock, 0, __ATOMIC_RELEASE);
}

void host_init(struct host *h, size_t granule, unsigned int pages)
{
	memset(h, 0, sizeof(*h));
	h->granule = granule;
	h->pages = pages;
	h->phys_base = PHYS_BASE;
	/* The largest root is 16 tables. */
	h->arena = aligned_alloc(16 * granule, pages * granule);
	h->counts = calloc(pages, sizeof(*h->counts));
	h->sizes = calloc(pages, sizeof(*h->sizes));
	h->fail_after = -1;
	h->linked = calloc(pages, sizeof(*h->linked));
	assert(h->arena && h->counts && h->sizes && h->linked);
	memset(h->arena, POISON, pages * granule);
}

void host_fini(struct host *h)
{
	assert(h->used == 0);
	free(h->arena);
	free(h->counts);
	free(h->sizes);
	free(h->linked);
}

static unsigned int page_of(struct host *h, const void *table)
{
	size_t offset = (const char *)table - h->arena;

	assert(offset < h->pages * h->granule && offset % h->granule == 0);
	return offset / h->granule;
}

static bool run_free(struct host *h, unsigned int first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (first + i >= h->pages || h->counts[first + i])
			return false;
	return true;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	struct host *h = host_of(pt);
	unsigned int n = size / h->granule, i;
	void *table = NULL;

	assert(size % h->granule == 0 && n && n <= 16);
	lock(h);
	if (h->fail_after == 0)
		goto out;
	if (h->fail_after > 0)
		h->fail_after--;
	h->next = n > 1 ? 0 : h->next;
	for (i = 0; i < h->pages; i += n) {
		unsigned int at = (h->next + i) % h->pages;

		if (at % n || !run_free(h, at, n))
			continue;
		for (unsigned int k = 0; k < n; k++)
			h->counts[at + k] = 1;
		h->sizes[at] = n;
		h->used += n;
		h->next = at + n;
		table = h->arena + at * h->granule;
		memset(table, 0, size);
		break;
	}
out:
	unlock(h);
	return table;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	struct host *h = host_of(pt);
	unsigned int n = size / h->granule, at = page_of(h, table);

	lock(h);
	assert(h->sizes[at] == n);
	for (unsigned int k = 0; k < n; k++) {
		assert(h->counts[at + k] == 1);
		assert(!h->linked[at + k]);
		h->counts[at + k] = 0;
	}
	h->sizes[at] = 0;
	h->used -= n;
	memset(table, POISON, size);
	unlock(h);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	struct host *h = host_of(pt);
	unsigned int at = page_of(h, table);

	return &h->counts[at];
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	struct host *h = host_of(pt);

	return HPA(page_of(h, table) * h->granule + h->phys_base);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	struct host *h = host_of(pt);
	u64 offset = pa.v - h->phys_base;

	assert(offset < h->pages * h->granule && offset % h->granule == 0);
	return h->arena + offset;
}

static void note_linked(struct pgtable *pt, void *table, int level);

static void flush(struct pgtable *pt, u64 ia, u64 size, int level)
{
	struct host *h = host_of(pt);
	struct host_flush f = {.ia = ia, .size = size, .level = level};

	if (h->on_flush)
		h->on_flush(pt, &f);
	/* Everything goes: of a tree that is about to be destroyed, too. */
	if (!size || (h->watch && level == PGT_LEVEL_ANY))
		memset(h->linked, 0, h->pages * sizeof(*h->linked));
	if (size && h->watch && level == PGT_LEVEL_ANY)
		note_linked(pt, pt->root, pt->start_level);
	lock(h);
	h->log[h->flushes++ % HOST_FLUSHES] = f;
	unlock(h);
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	u64 size = pgtable_leaf_size(pt, level);

	assert(size && ia.v % size == 0);
	flush(pt, ia.v, size, level);
	__atomic_fetch_add(&host_of(pt)->flushes_addr, 1, __ATOMIC_RELAXED);
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	u64 step = level == PGT_LEVEL_ANY ? host_of(pt)->granule
					  : pgtable_leaf_size(pt, level);

	assert(step && size && ia.v % step == 0 && size % step == 0);
	flush(pt, ia.v, size, level);
	__atomic_fetch_add(&host_of(pt)->flushes_range, 1, __ATOMIC_RELAXED);
}

static void tlb_flush_all(struct pgtable *pt)
{
	flush(pt, 0, 0, PGT_LEVEL_ANY);
	__atomic_fetch_add(&host_of(pt)->flushes_all, 1, __ATOMIC_RELAXED);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	struct host *h = host_of(pt);
	size_t offset = (char *)entry - h->arena;

	assert(size && offset + size <= h->pages * h->granule);
}

const struct pgtable_ops host_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
};

void host_forget_flushes(struct host *h)
{
	h->flushes = h->flushes_addr = h->flushes_range = h->flushes_all = 0;
}

bool host_flushed(const struct host *h, u64 ia, u64 size)
{
	assert(h->flushes <= HOST_FLUSHES);
	for (unsigned int i = 0; i < h->flushes; i++) {
		const struct host_flush *f = &h->log[i];

		if (!f->size ||
		    (ia >= f->ia && ia + size - 1 <= f->ia + f->size - 1))
			return true;
	}
	return false;
}

/* ---- The architecture's walk ------------------------------------------- */

static unsigned int granule_shift(struct pgtable *pt)
{
	return __builtin_ctzl(host_of(pt)->granule);
}

static bool is_mips(struct pgtable *pt)
{
	return host_of(pt)->entries == HOST_MIPS;
}

/* Address bits that one level resolves. */
static unsigned int level_bits(struct pgtable *pt)
{
	return granule_shift(pt) - (is_mips(pt) ? 2 : 3);
}

static u64 read_entry(struct pgtable *pt, void *table, u64 index)
{
	return is_mips(pt) ? ((u32 *)table)[index] : ((u64 *)table)[index];
}

/* DDI 0487, D8.2: each level resolves so many bits, and the first one those
 * that are left. */
static u64 entry_of(struct pgtable *pt, void *table, u64 ia, int level)
{
	unsigned int low = granule_shift(pt) + (3 - level) * level_bits(pt);
	u64 index = ia >> low;

	if (level != pt->start_level)
		index %= 1ULL << level_bits(pt);
	return read_entry(pt, table, index);
}

static unsigned int entries_of(struct pgtable *pt, int level)
{
	unsigned int n = 1U << level_bits(pt);

	return level == pt->start_level ? n * pt->root_tables : n;
}

static u64 field(u64 word, int high, int low)
{
	return (word >> low) & ((2ULL << (high - low)) - 1);
}

/* D8.3.1: the figures of the descriptors. */
u64 host_output(struct pgtable *pt, u64 d)
{
	unsigned int g = granule_shift(pt);

	if (is_mips(pt))
		return d & 0xfffff000;
	if (host_of(pt)->entries == HOST_VMSA)
		return field(d, 47, g) << g;
	if (g == 16)
		return field(d, 15, 12) << 48 | field(d, 47, g) << g;
	return field(d, 9, 8) << 50 | field(d, 49, g) << g;
}

bool host_young(struct pgtable *pt, u64 d)
{
	return is_mips(pt) ? field(d, 7, 7) : field(d, 10, 10);
}

enum kind { NOTHING, LEAF, TABLE };

static enum kind kind_of(struct pgtable *pt, u64 d, int level)
{
	if (is_mips(pt)) {
		if (!field(d, 10, 10))
			return NOTHING;
		if (!field(d, 6, 6))
			return LEAF;
		assert(level == 2 && (d & 0xfff) == 0x440);
		return TABLE;
	}
	if (!(d & 1))
		return NOTHING;
	if (level < 3)
		return d & 2 ? TABLE : LEAF;
	assert(d & 2);
	return LEAF;
}

u64 host_walk(struct pgtable *pt, u64 ia, int *level)
{
	void *table = to_virt(pt, pt->root_pa);

	for (*level = pt->start_level;; ++*level) {
		u64 d = entry_of(pt, table, ia, *level);

		switch (kind_of(pt, d, *level)) {
		case NOTHING:
			return 0;
		case LEAF:
			return d;
		case TABLE:
			table = to_virt(pt, HPA(host_output(pt, d)));
		}
	}
}

static void note_linked(struct pgtable *pt, void *table, int level)
{
	struct host *h = host_of(pt);

	h->linked[page_of(h, table)] = true;
	for (unsigned int i = 0; level < 3 && i < entries_of(pt, level); i++) {
		u64 d = read_entry(pt, table, i);

		if (kind_of(pt, d, level) == TABLE)
			note_linked(pt, to_virt(pt, HPA(host_output(pt, d))),
				    level + 1);
	}
}

static unsigned int check_table(struct pgtable *pt, void *table, int level,
				u64 *leaves)
{
	unsigned int live = 0, tables = 1;

	for (unsigned int i = 0; i < entries_of(pt, level); i++) {
		u64 d = read_entry(pt, table, i);

		switch (kind_of(pt, d, level)) {
		case NOTHING:
			assert(d == 0);
			continue;
		case LEAF:
			assert(pgtable_leaf_size(pt, level));
			leaves[level]++;
			break;
		case TABLE:
			tables += check_table(
				pt, to_virt(pt, HPA(host_output(pt, d))),
				level + 1, leaves);
			break;
		}
		live++;
	}
	if (level != pt->start_level) {
		assert(live);
		assert(*table_count(pt, table) == live + 1);
	}
	return tables;
}

static unsigned int check_root(struct pgtable *pt, u64 *leaves)
{
	return check_table(pt, to_virt(pt, pt->root_pa), pt->start_level,
			   leaves);
}

static int count_off(const struct pgtable_leaf *leaf, void *arg)
{
	((u64 *)arg)[leaf->level]--;
	return 0;
}

u64 host_leaves(struct pgtable *pt, int level)
{
	u64 leaves[4] = {0};

	check_root(pt, leaves);
	return leaves[level];
}

unsigned int host_check_tree(struct pgtable *pt)
{
	u64 leaves[4] = {0};
	unsigned int tables = check_root(pt, leaves);

	if (host_of(pt)->watch)
		note_linked(pt, pt->root, pt->start_level);
	tables += pt->root_tables - 1;
	assert(pt->tables == tables);
	assert(!pgtable_visit(pt, IA(0), pt->ia_size, count_off, leaves));
	for (int level = 0; level <= 3; level++)
		assert(leaves[level] == 0);
	return tables;
}
