// SPDX-License-Identifier: BSD-2-Clause
/*
 * What TLBs could hold that memory says no more.
 *
 * An item is an entry that was valid and changed. It is there for each VMID
 * under which a TLB may have taken it, and goes when the last of those TLBs has
 * been told to forget it. Three things can be held: the leaf, the address of a
 * table that a walk starts from (a walk cache), and a leaf of stage 1 combined
 * with it, which no invalidation by IPA reaches (D8.16: it takes one of stage 1
 * after).
 *
 * What could be fetched again from something that is itself stale is not gone
 * yet: a leaf while the way to its table is held, what is combined while the
 * leaf is.
 *
 * A leaf that is held beside another of its address, of another size, is doubled:
 * an invalidation by address or range need not remove either, one of all does
 * (D8.17.3, R_GRVDR and R_BLRKC).
 *
 * What is held under a VMID that is the VM's no more is dormant. Nobody need
 * invalidate it; but if a CPU enters a guest with that VMID and still has it,
 * that is an invalidation forgotten.
 */
#include <stdlib.h>
#include "arch/sim/internal.h"

static struct item *items;
static unsigned int count, room;

void stale_reset(void)
{
	free(items);
	items = NULL;
	count = room = 0;
}

static void add(const struct item *item)
{
	if (count == room) {
		room = room ? 2 * room : 256;
		items = realloc(items, room * sizeof(*items));
		if (!items)
			abort();
	}
	items[count++] = *item;
}

static void drop(unsigned int n)
{
	items[n] = items[--count];
}

void stale_add(enum item_kind kind, enum sim_rule why, u64 root, int level,
	       u64 ia, u64 size, u64 raw, u64 out)
{
	for (unsigned int n = 0; n < context_count; n++) {
		struct item item = {
			.kind = kind, .why = why, .root = root,
			.vmid = contexts[n].vmid, .cpus = contexts[n].holding,
			.level = level, .ia = ia, .size = size, .raw = raw,
			.out = out,
			.thread = my_thread,
		};

		if (contexts[n].root != root || !item.cpus)
			continue;
		add(&item);
		if (kind == ITEM_LEAF && item.vmid != NO_VMID) {
			item.kind = ITEM_COMBINED;
			add(&item);
		}
	}
}

/* ---- Break before make ------------------------------------------------------------ */

/* FEAT_BBM level 2, where the MMU does not write to tables: it may make such a
 * write to an entry that goes, and mark nothing (D8.17.1, R_RTBRL). */
static bool size_changes_live(const struct regime *r)
{
	return sim_config.features & SIM_BBM2 && !r->ha;
}

static struct desc decode_item(const struct regime *r, const struct item *i)
{
	return desc_decode(r, i->level, i->raw);
}

/* Two leaves: only permissions and the access flag may differ (D8.16.1). */
static const char *leaves_clash(const struct regime *r, const struct item *old,
				int level, u64 ia, const struct desc *new)
{
	struct desc d = decode_item(r, old);
	u64 a = d.out + (max(ia, old->ia) - old->ia);
	u64 b = new->out + (max(ia, old->ia) - ia);

	if (a != b)
		return "output address";
	if (d.memattr != new->memattr || d.sh != new->sh)
		return "memory type";
	if (size_changes_live(r))
		return NULL;
	if (level != old->level || d.contiguous != new->contiguous)
		return "block size";
	return NULL;
}

static const char *clash(const struct regime *r, const struct item *old,
			 int level, u64 ia, u64 size, const struct desc *new)
{
	if (old->kind != ITEM_TABLE && new->kind == DESC_LEAF)
		return leaves_clash(r, old, level, ia, new);
	if (size_changes_live(r))
		return NULL;
	/* A block where a table was, or the other way. */
	if (old->kind == ITEM_TABLE && new->kind == DESC_LEAF &&
	    size >= old->size)
		return "table to block";
	if (old->kind != ITEM_TABLE && new->kind == DESC_TABLE &&
	    size <= old->size)
		return "block to table";
	return NULL;
}

void stale_check_new(const struct regime *r, int level, u64 ia, u64 size,
		     u64 raw)
{
	struct desc new;
	bool said = false;

	if (!count)
		return;
	new = desc_decode(r, level, raw);
	for (unsigned int n = 0; n < count; n++) {
		struct item *i = &items[n];
		const char *what;

		if (i->root != r->root || !context_live(i->root, i->vmid) ||
		    !ranges_overlap(i->ia, i->size, ia, size))
			continue;
		i->doubled |= i->kind == ITEM_LEAF && new.kind == DESC_LEAF &&
			      new.af && i->level != level;
		what = said ? NULL : clash(r, i, level, ia, size, &new);
		if (!what)
			continue;
		said = true;
		broken(SIM_BREAK_BEFORE_MAKE, ia,
		       "%s: 0x%llx at level %d while 0x%llx of level %d is held",
		       what, raw, level,
		       i->raw, i->level);
	}
}

/* ---- Invalidation ------------------------------------------------------------------ */

/* Can a TLB take `i` again from another item of `kind`? */
static bool refetched(const struct item *i, enum item_kind kind)
{
	for (unsigned int n = 0; n < count; n++) {
		const struct item *from = &items[n];

		if (from->kind != kind || from->vmid != i->vmid ||
		    from->root != i->root || !(from->cpus & i->cpus) ||
		    !ranges_overlap(from->ia, from->size, i->ia, i->size))
			continue;
		if (kind == ITEM_TABLE ? from->level < i->level :
					 from->level == i->level)
			return true;
	}
	return false;
}

static bool any_of(enum item_kind kind)
{
	for (unsigned int n = 0; n < count; n++)
		if (items[n].kind == kind)
			return true;
	return false;
}

static void invalidate_kind(const struct span *s, u32 cpus,
			    enum item_kind kind)
{
	/* Tables first: then leaves see what is left of them. */
	enum item_kind source = kind == ITEM_COMBINED ? ITEM_LEAF : ITEM_TABLE;
	bool sources = kind != ITEM_TABLE && any_of(source);

	for (unsigned int n = count; n--;) {
		struct item *i = &items[n];

		if (i->kind != kind || !(i->cpus & cpus) ||
		    !span_hits(s, i->kind, i->vmid, i->level, i->ia, i->size) ||
		    (s->by_address && i->doubled) ||
		    (sources && refetched(i, source)))
			continue;
		i->cpus &= ~cpus;
		if (!i->cpus)
			drop(n);
	}
}

void stale_invalidate(const struct span *s, u32 cpus)
{
	if (s->stage2) {
		invalidate_kind(s, cpus, ITEM_TABLE);
		invalidate_kind(s, cpus, ITEM_LEAF);
	}
	if (s->stage1)
		invalidate_kind(s, cpus, ITEM_COMBINED);
}

void stale_check_hint(const struct span *s)
{
	struct span any = *s;

	if (s->hint < 0)
		return;
	any.hint = -1;
	for (unsigned int n = 0; n < count; n++) {
		const struct item *i = &items[n];

		if (!context_live(i->root, i->vmid) ||
		    !span_hits(&any, i->kind, i->vmid, i->level, i->ia,
			       i->size) ||
		    span_hits(s, i->kind, i->vmid, i->level, i->ia, i->size))
			continue;
		broken(SIM_LEVEL_HINT, i->ia,
		       "hint %d, but a %s of level %d is to go", s->hint,
		       i->kind == ITEM_TABLE ? "table" : "leaf", i->level);
		return;
	}
}

/* ---- Questions --------------------------------------------------------------------- */

/* Does a walk cache lead to this table? It is said once. */
bool stale_table(u64 pa)
{
	bool found = false;

	for (unsigned int n = count; n--;) {
		if (items[n].kind != ITEM_TABLE ||
		    !context_live(items[n].root, items[n].vmid) ||
		    items[n].out != pa)
			continue;
		found = true;
		drop(n);
	}
	return found;
}

/* Does a leaf that a TLB may hold map the page? */
bool stale_page(u64 pa)
{
	for (unsigned int n = 0; n < count; n++) {
		const struct item *i = &items[n];

		if (i->kind != ITEM_TABLE && pa - i->out < i->size &&
		    context_live(i->root, i->vmid))
			return true;
	}
	return false;
}

const struct item *stale_find(u32 vmid, unsigned int cpu, u64 ia)
{
	for (unsigned int n = 0; n < count; n++)
		if (items[n].vmid == vmid && items[n].cpus & BIT32(cpu) &&
		    ia - items[n].ia < items[n].size)
			return &items[n];
	return NULL;
}

static void tell(struct item *i)
{
	i->told = true;
	broken(i->why, i->ia,
	       "%s of level %d, 0x%llx, VMID %u, may be held by CPUs 0x%x",
	       i->kind == ITEM_TABLE	? "table" :
	       i->kind == ITEM_COMBINED ? "combined leaf" :
					  "leaf",
	       i->level, i->raw, i->vmid, i->cpus);
}

void stale_op_end(bool everyone)
{
	for (unsigned int n = 0; n < count; n++) {
		struct item *i = &items[n];

		if (i->overdue || (!everyone && i->thread != my_thread))
			continue;
		i->overdue = true;
		if (context_live(i->root, i->vmid))
			tell(i);
	}
}

void stale_enter(u32 vmid, unsigned int cpu)
{
	for (unsigned int n = 0; n < count; n++) {
		struct item *i = &items[n];

		if (i->vmid == vmid && i->cpus & BIT32(cpu) && i->overdue &&
		    !i->told)
			tell(i);
	}
}

/* Roots are aligned: an odd one is none. */
void stale_forget_root(u64 root)
{
	for (unsigned int n = 0; n < count; n++)
		if (items[n].root == root)
			items[n].root |= 1;
}
