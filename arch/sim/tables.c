// SPDX-License-Identifier: BSD-2-Clause
/*
 * Translation tables as walkers see them.
 *
 * Each table has a copy of its entries: what every walker sees since the last
 * sim_table_sync(). A store after that is seen by some and not by others, until
 * it is synchronised; that is when a change is judged.
 *
 * A table counts when it is linked: reached from a root that a CPU has had in
 * its VTTBR_EL2. Before, it is private to whoever fills it.
 */
#include <stdlib.h>
#include <string.h>
#include "arch/sim/internal.h"

/* What a new table's memory may hold until its zeroes are written back: an
 * entry that looks valid. */
#define OLD_MEMORY 0xdeadbeefdeadb003ULL

/* Bits 58:55 are software's, 63:59 ignored: no TLB has them. */
#define UNCACHED_BITS GENMASK64(63, 55)
#define AF_BIT BIT64(10)
#define WRITE_BIT BIT64(7)

static struct table **by_page, *all;
static u64 page_count;

void tables_init(u64 ram_size)
{
	page_count = ALIGN_UP(ram_size, SZ_2M) >> PAGE_SHIFT;
	by_page = calloc(page_count, sizeof(struct table *));
	if (!by_page)
		abort();
}

static void forget(struct table *t)
{
	struct table **at = &all;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	for (u64 i = 0; i < t->size >> PAGE_SHIFT; i++)
		by_page[((t->pa - SIM_RAM) >> PAGE_SHIFT) + i] = NULL;
	free(t->seen);
	free(t);
}

void tables_exit(void)
{
	while (all)
		forget(all);
	free(by_page);
}

struct table *table_at(u64 pa)
{
	u64 n = (pa - SIM_RAM) >> PAGE_SHIFT;

	return pa >= SIM_RAM && n < page_count ? by_page[n] : NULL;
}

static u64 in_memory(u64 pa)
{
	return __atomic_load_n((u64 *)sim_virt(pa), __ATOMIC_ACQUIRE);
}

u64 entry_load(u64 pa)
{
	struct table *t = table_at(pa);
	u64 now, seen;

	if (!t) {
		broken(SIM_TABLE_FREED, pa, "a walk reads what is no table");
		return 0;
	}
	now = in_memory(pa);
	seen = t->seen[(pa - t->pa) / 8];
	/* A cache may have written it back, or not. */
	if (sim_config.features & SIM_NO_SNOOP && now != seen && rnd(2))
		return seen;
	return now;
}

/* ---- Entries come and go --------------------------------------------------------- */

static const struct regime *regime_of(const struct table *t)
{
	return &table_at(t->root)->regime;
}

static void link_table(const struct regime *r, u64 pa, int level, u64 ia);

static void appear(const struct regime *r, struct table *t, u64 i)
{
	u64 size = 1ULL << level_bits(r, t->level);
	u64 ia = t->ia + i * size, raw = t->seen[i];
	struct desc d = desc_decode(r, t->level, raw);

	if (!(raw & 1))
		return;
	if (!d.bad && r->oa_bits < 64 && d.out >> r->oa_bits)
		d.bad = "output address beyond VTCR_EL2.PS";
	if (d.bad)
		broken(SIM_DESCRIPTOR, t->pa + i * 8,
		       "level %d, 0x%llx: %s", t->level,
		       raw, d.bad);
	if (d.kind == DESC_INVALID)
		return;
	stale_check_new(r, t->level, ia, size, raw);
	if (d.kind == DESC_TABLE) {
		link_table(r, d.out, t->level + 1, ia);
	} else {
		memory_map(d.out, size, 1);
		memory_check_shown(&d, d.out, size);
	}
}

/* Stores before the one that links a table are seen with it, if the walker
 * snoops; else only what has been synchronised. */
static void take_in(struct table *t)
{
	bool late = false;

	for (u64 i = 0; i < t->size / 8; i++) {
		u64 now = in_memory(t->pa + i * 8);

		late |= now != t->seen[i];
		t->seen[i] = now;
	}
	if (late && sim_config.features & SIM_NO_SNOOP)
		broken(SIM_TABLE_SYNC, t->pa,
		       "linked before all of it was synchronised");
}

static void link_table(const struct regime *r, u64 pa, int level, u64 ia)
{
	struct table *t = table_at(pa);

	if (!t || t->pa != pa) {
		broken(SIM_TABLE_FREED, pa, "an entry leads to what is no table");
		return;
	}
	if (t->linked) {
		broken(SIM_TABLE_FREED, pa, "a table linked twice");
		return;
	}
	t->linked = true;
	t->level = level;
	t->ia = ia;
	t->root = r->root;
	take_in(t);
	trace("table", pa, ia | (level & 0xf));
	for (u64 i = 0; i < t->size / 8; i++) {
		if (!(t->seen[i] & 1))
			continue;
		trace("entry", pa + i * 8, t->seen[i]);
		appear(r, t, i);
	}
}

static void unlink_table(const struct regime *r, u64 pa);

/* `raw` was there: what it led to is not reached from memory any more. */
static void vanish(const struct regime *r, struct table *t, u64 i, u64 raw,
		   enum sim_rule why)
{
	u64 size = 1ULL << level_bits(r, t->level), ia = t->ia + i * size;
	struct desc d = desc_decode(r, t->level, raw);

	if (d.kind == DESC_INVALID)
		return;
	if (d.kind == DESC_TABLE) {
		stale_add(ITEM_TABLE, why, t->root, t->level, ia, size, raw,
			  d.out);
		unlink_table(r, d.out);
		return;
	}
	memory_map(d.out, size, -1);
	/* With the flag clear it is in no TLB (D8.5.1). */
	if (d.af)
		stale_add(ITEM_LEAF, why, t->root, t->level, ia, size, raw,
			  d.out);
}

static void unlink_table(const struct regime *r, u64 pa)
{
	struct table *t = table_at(pa);

	if (!t || !t->linked)
		return;
	for (u64 i = 0; i < t->size / 8; i++)
		if (t->seen[i] & 1)
			vanish(r, t, i, t->seen[i], SIM_STALE_ENTRY);
	t->linked = false;
}

/* By what a TLB that has `old` would go wrong, or SIM_RULES: by nothing. */
static enum sim_rule harm(const struct regime *r, const struct table *t,
			  u64 old, u64 new)
{
	struct desc a = desc_decode(r, t->level, old);
	struct desc b = desc_decode(r, t->level, new);
	u64 diff = (old ^ new) & ~UNCACHED_BITS;

	if (a.kind != b.kind)
		return SIM_STALE_ENTRY;
	if (!diff || (a.kind == DESC_LEAF && !a.af && diff == AF_BIT))
		return SIM_RULES;
	if (a.kind == DESC_LEAF && diff == AF_BIT)
		return SIM_ACCESS_FLAG;
	if (a.kind == DESC_LEAF && diff == WRITE_BIT && a.write && b.dbm)
		return SIM_DIRTY_STATE;
	return SIM_STALE_ENTRY;
}

static void change(struct table *t, u64 i, u64 old, u64 new)
{
	const struct regime *r = regime_of(t);
	enum sim_rule why = harm(r, t, old, new);

	remember_address(t->ia + (i << level_bits(r, t->level)));
	if (why == SIM_RULES) {
		struct desc d = desc_decode(r, t->level, new);

		if (d.bad)
			broken(SIM_DESCRIPTOR, t->pa + i * 8, "%s", d.bad);
		return;
	}
	if (old & 1)
		vanish(r, t, i, old, why);
	if (new & 1)
		appear(r, t, i);
}

/* ---- From outside ---------------------------------------------------------------- */

void tables_know_root(const struct regime *r)
{
	struct table *t = table_at(r->root);

	if (!t || t->pa != r->root || !r->valid)
		return;
	t->latest = r->vmid;
	if (t->linked && t->root == r->root && t->level == r->start)
		return;
	t->regime = *r;
	link_table(r, r->root, r->start, 0);
}

void sim_table_alloc(const void *table, u64 size)
{
	struct table *t;
	u64 first;

	sim_lock();
	t = calloc(1, sizeof(*t));
	if (!t || !(t->seen = malloc(size)))
		abort();
	t->pa = sim_phys(table);
	t->size = size;
	first = (t->pa - SIM_RAM) >> PAGE_SHIFT;
	trace("alloc", t->pa, size);
	for (u64 i = 0; i < size / 8; i++)
		t->seen[i] = sim_config.features & SIM_NO_SNOOP ? OLD_MEMORY : 0;
	for (u64 i = 0; i < size >> PAGE_SHIFT; i++) {
		if (by_page[first + i])
			broken(SIM_TABLE_FREED, t->pa, "a table taken twice");
		if (sim_page_maps(t->pa + (i << PAGE_SHIFT)) ||
		    stale_page(t->pa + (i << PAGE_SHIFT)))
			broken(SIM_PAGE_REUSED, t->pa,
			       "a table where a guest reaches memory");
		by_page[first + i] = t;
	}
	t->next = all;
	all = t;
	sim_unlock();
}

void sim_table_free(const void *table, u64 size)
{
	u64 pa = sim_phys(table);
	struct table *t;

	sim_lock();
	trace("free", pa, size);
	t = table_at(pa);
	if (!t || t->pa != pa || t->size != size) {
		broken(SIM_TABLE_FREED, pa, "freed what is no table");
		sim_unlock();
		return;
	}
	if (stale_table(pa))
		broken(SIM_TABLE_FREED, pa, "before its invalidation");
	else if (t->linked && root_holding(t->root))
		broken(SIM_TABLE_FREED, pa, "while walkers reach it");
	if (t->linked) {
		const struct regime *r = regime_of(t);

		for (u64 i = 0; i < size / 8; i++) {
			struct desc d = desc_decode(r, t->level, t->seen[i]);

			if (d.kind == DESC_LEAF)
				memory_map(d.out, 1ULL << level_bits(r, t->level),
					   -1);
		}
	}
	if (t->latest) {
		contexts_forget_root(pa);
		stale_forget_root(pa);
		dirty_forget_root(pa);
	}
	forget(t);
	sim_unlock();
}

void sim_table_sync(const void *entry, u64 size)
{
	u64 pa = sim_phys(entry), end = pa + size;
	struct table *t;

	sim_lock();
	t = table_at(pa);
	if (!t) {
		broken(SIM_TABLE_SYNC, pa, "synchronised what is no table");
		sim_unlock();
		return;
	}
	for (; pa < end; pa += 8) {
		u64 i = (pa - t->pa) / 8, old = t->seen[i], new = in_memory(pa);

		if (new == old)
			continue;
		t->seen[i] = new;
		if (!t->linked)
			continue;
		trace("entry", pa, new);
		change(t, i, old, new);
	}
	speculate();
	sim_unlock();
}

void tables_check_synced(void)
{
	for (struct table *t = all; t; t = t->next) {
		if (!t->linked)
			continue;
		for (u64 i = 0; i < t->size / 8; i++)
			if (in_memory(t->pa + i * 8) != t->seen[i])
				broken(SIM_TABLE_SYNC, t->pa + i * 8,
				       "0x%llx was never synchronised",
				       in_memory(t->pa +
								     i * 8));
	}
}
