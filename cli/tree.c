// SPDX-License-Identifier: BSD-2-Clause
/* A page-table tree in a board's memory. */
#include "cli/tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/report.h"
#include "cli/stage2.h"
#include "lib/util.h"

static struct tree *tree_of(const struct pgtable *pt)
{
	return pt->env;
}

static u64 index_of(const struct tree *t, u64 pa)
{
	return (pa - t->origin) / t->granule;
}

/* Is [pa, pa + size) there, at granules' boundaries? */
static bool is_there(const struct tree *t, u64 pa, u64 size)
{
	return pa >= t->origin && size <= t->size &&
	       pa - t->origin <= t->size - size &&
	       IS_ALIGNED(pa, (u64)t->granule);
}

/* The table, with what it holds now. `nothing` if it is not in memory. */
static void *fetch(struct tree *t, u64 pa)
{
	u64 n = index_of(t, pa);
	char *table = t->space + (pa - t->origin);

	if (!is_there(t, pa, t->granule))
		goto missing;
	if (t->fetched[n / 8] & BIT32(n % 8))
		return table;
	if (!memory_read(t->m, pa, table, t->granule))
		goto missing;
	t->fetched[n / 8] |= BIT32(n % 8);
	t->tables++;
	return table;

missing:
	t->missing = true;
	return t->nothing;
}

/* Too many for the tables there are: the walk is to end. */
static bool too_many(const struct tree *t)
{
	return t->asked > 8 * (t->tables + 1) * (t->entries + 1);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	struct tree *t = tree_of(pt);

	t->asked++;
	return too_many(t) ? t->nothing : fetch(t, pa.v);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	struct tree *t = tree_of(pt);

	return HPA((u64)((const char *)table - t->space) + t->origin);
}

/* The engine wants a new root: it gets the one that stands. */
static void *root_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	struct tree *t = tree_of(pt);

	if (!is_there(t, t->root, size))
		return NULL;
	for (u64 at = 0; at < size; at += t->granule)
		fetch(t, t->root + at);
	return t->space + (t->root - t->origin);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

static const struct pgtable_ops tree_ops = {
	.table_alloc = root_alloc,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.table_sync = table_sync,
};

static const struct pgtable_format *format_of(const struct stage2_vm *vm)
{
	bool arm64 = vm->arch == IMAGE_ARM64;

	switch (vm->granule) {
	case 4096:
		return arm64		      ? &pgtable_arm64_s2_4k :
		       vm->arch == IMAGE_MIPS ? &pgtable_mips32 :
						&pgtable_lpae_s2;
	case 16384:
		return arm64 ? &pgtable_arm64_s2_16k : NULL;
	case 65536:
		return arm64 ? &pgtable_arm64_s2_64k : NULL;
	}
	return NULL;
}

static void *reserve(u64 size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int refuse_tree(const struct tree *t, const struct stage2_vm *vm)
{
	if (t->m->status)
		return t->m->status;
	return refuse("%s: its stage 2 (%u-byte granules, %u bits, root at 0x%llx, level %d) makes no sense: this memory is damaged, or of another version",
		      vm->name, vm->granule, vm->ipa_bits,
		      vm->root, vm->start_level);
}

int tree_open(struct tree *t, struct memory *m, const struct stage2_vm *vm)
{
	struct pgtable_config config = {
		.format = format_of(vm),
		.ia_bits = vm->ipa_bits,
		.oa_bits = vm->pa_bits,
		.features = vm->features,
	};

	*t = (struct tree){ .m = m, .root = vm->root, .granule = vm->granule,
			    .entries = stage2_entries(vm) };
	if (!config.format)
		return refuse_tree(t, vm);
	t->origin = ALIGN_DOWN(m->base, (u64)t->granule);
	t->size = ALIGN_UP(m->base + m->size, (u64)t->granule) - t->origin;
	t->space = reserve(t->size);
	t->nothing = calloc(1, t->granule);
	t->fetched = calloc(1, t->size / t->granule / 8 + 1);
	if (!t->space || !t->nothing || !t->fetched) {
		tree_close(t);
		return out_of_memory();
	}
	if (!pgtable_init(&t->pt, &config, &tree_ops, t) && !m->status &&
	    t->pt.start_level == vm->start_level)
		return 0;
	tree_close(t);
	return refuse_tree(t, vm);
}

void tree_close(struct tree *t)
{
	if (t->space)
		munmap(t->space, t->size);
	free(t->nothing);
	free(t->fetched);
	t->space = t->nothing = NULL;
	t->fetched = NULL;
}

bool tree_damaged(const struct tree *t, u64 leaves)
{
	return t->missing || too_many(t) ||
	       leaves > t->tables * t->entries;
}
