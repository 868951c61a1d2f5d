// SPDX-License-Identifier: BSD-2-Clause
/*
 * Directories and tables (gva.h), and what the CPU's TLB has of them.
 *
 * What the TLB may hold by a host's ASID, at any time: of a table, any of its pairs
 * as it stands, with the halves that are not valid; of a block, its one pair; of
 * gva_nothing, any pair that is not valid. So:
 *
 *   a page comes     its pair may be held, not valid; whoever enters it sees to
 *                    what the CPU stumbled on, and the CPU stumbles on the rest
 *   a page goes      its pair is looked for
 *   a block comes    pairs within it would be the same address twice (MD00090,
 *                    "TLB Initialization": a machine check, or undefined): the
 *                    space goes on with another ASID
 *   a block goes     its pair is looked for
 *
 * With the short handler, the TLB has a pair of a block that is not valid from TLBWR
 * until the guest accesses it again. Then the block takes its place (refill.h); or an
 * interrupt comes first, and gva_interrupted() looks for it, before the guest accesses
 * anything else: another of the block's pairs would be the same address twice.
 *
 * An ASID that is given up is given to nobody before the whole TLB has been emptied
 * (core/vmid.h).
 */
#include "arch/mips/directories.h"
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/string.h"

struct gva_form gva_form = {.pair = 1};
u32 gva_nothing[PAGE_SIZE / sizeof(u32)] __attribute__((aligned(PAGE_SIZE)));

static u32 nothing(void)
{
	return gva_address(gva_nothing);
}

static bool is_table(u32 entry)
{
	return !gva_is_block(entry) && entry != nothing();
}

static unsigned int chunk_of(u32 va)
{
	return va / GVA_CHUNK;
}

/* All spaces have it alike. */
static bool is_common(const struct mips_vcpu *v, u32 va)
{
	return va >= v->guest.layout.kseg0;
}

/* The modes have it apart. */
static bool is_apart(const struct mips_vcpu *v, u32 va)
{
	return chunk_of(va) == chunk_of(v->guest.layout.commpage) &&
	       !is_common(v, va);
}

/* ---- Whose is it -------------------------------------------------------------- */

/* The directories that have the same at an address, and their ASIDs. */
struct views {
	unsigned int n;
	u32 *directory[GVA_SPACES];
	struct vmid *asid[GVA_SPACES];
};

static void add_view(struct views *w, struct gva_space *s, enum mips_table t)
{
	w->directory[w->n] = s->directory[t];
	w->asid[w->n++] = &s->asid[t];
}

static void find_views(struct mips_vcpu *v, struct gva_space *s,
		       enum mips_table t, u32 va, struct views *w)
{
	w->n = 0;
	if (is_common(v, va)) {
		for (s = v->gva.space; s < v->gva.space + GVA_SPACES; s++)
			if (s->directory[MIPS_KERNEL])
				add_view(w, s, MIPS_KERNEL);
	} else if (is_apart(v, va)) {
		add_view(w, s, t);
	} else {
		add_view(w, s, MIPS_KERNEL);
		add_view(w, s, MIPS_USER);
	}
}

static u32 get(const struct views *w, u32 va)
{
	return w->directory[0][va >> GVA_BLOCK_SHIFT];
}

static void put(const struct views *w, u32 va, u32 entry)
{
	for (unsigned int i = 0; i < w->n; i++)
		w->directory[i][va >> GVA_BLOCK_SHIFT] = entry;
}

static void mark_live(struct mips_vcpu *v, struct gva_space *s, u32 va)
{
	u32 *live = is_common(v, va) ? v->gva.live : s->live;

	live[chunk_of(va) / 32] |= BIT32(chunk_of(va) % 32);
}

/* ---- The TLB ------------------------------------------------------------------- */

static void new_asids(struct mips_vcpu *v, const struct views *w)
{
	for (unsigned int i = 0; i < w->n; i++)
		w->asid[i]->id = 0;
	v->stale = true;
	gva_forget_walks(v);
}

/* No walk begins any more with what went from the tables before. */
static void forget(const struct views *w, u32 va, u32 size)
{
	sync();
	for (unsigned int i = 0; i < w->n; i++)
		if (w->asid[i]->id)
			host_tlb_drop(va, size, vmid_value(w->asid[i]));
}

void gva_interrupted(void)
{
	if (gva_form.blocks)
		host_tlb_drop_invalid();
}

/* ---- Tables --------------------------------------------------------------------- */

static struct page_budget *budget(struct mips_vcpu *v)
{
	return &v->vcpu.vm->table_budget;
}

static u32 table_size(void)
{
	return GVA_PAGES / 2 * sizeof(u32) << gva_form.pair;
}

/* A page has both tables of a chunk. */
static bool shares_pages(void)
{
	return table_size() < PAGE_SIZE;
}

/* The table that is there, or a new one; 0: no memory. Pages of tables in which
 * nothing is left are all 0. */
static u32 make_table(struct mips_vcpu *v, const struct views *w, u32 va)
{
	u32 entry = get(w, va), other = get(w, va ^ GVA_BLOCK), page;
	void *p;

	if (is_table(entry))
		return entry;
	if (is_table(other) && shares_pages()) {
		page = ALIGN_DOWN(other, (u32)PAGE_SIZE);
	} else {
		p = memcache_pop(&v->gva.cache);
		if (!p)
			return 0;
		v->gva.tables++;
		page = gva_address(p);
	}
	return page + (va & GVA_BLOCK ? PAGE_SIZE - table_size() : 0);
}

/* It is in no directory any more, and in no TLB. `other`: the chunk's other half. */
static void free_table(struct mips_vcpu *v, u32 table, u32 other)
{
	void *page = gva_pointer(ALIGN_DOWN(table, (u32)PAGE_SIZE));

	if (is_table(other) && shares_pages()) {
		memset(gva_pointer(table), 0, table_size());
		return;
	}
	v->gva.tables--;
	if (v->gva.cache.count < GVA_LEAST_TABLES) {
		memset(page, 0, PAGE_SIZE);
		memcache_push(&v->gva.cache, page);
	} else {
		hyp_free_pages(page, 0, budget(v));
	}
}

/* A whole block becomes `entry`: no table. */
static void replace(struct mips_vcpu *v, const struct views *w, u32 va, u32 entry)
{
	u32 old = get(w, va);

	put(w, va, entry);
	if (gva_is_block(entry) || is_table(old))
		new_asids(v, w);
	else if (gva_is_block(old))
		forget(w, va & ~(GVA_BLOCK - 1), PAGE_SIZE);
	if (is_table(old))
		free_table(v, old, get(w, va ^ GVA_BLOCK));
}

/* From one half of a pair on. */
static void fill(u32 *p, unsigned int half, const u32 *entries, unsigned int n)
{
	const u32 *end = entries + n;

	if (n == 1) {
		if (*entries)
			p[half] = *entries;
		return;
	}
	for (; entries < end; entries += 2, p += 1U << gva_form.pair) {
		if (entries[0])
			p[0] = entries[0];
		if (entries[1])
			p[1] = entries[1];
	}
}

int gva_set_pages(struct mips_vcpu *v, u32 va, const u32 *entries, unsigned int n)
{
	struct gva_space *s = v->gva.now;
	struct views w;
	u32 table, old;

	find_views(v, s, v->guest.table, va, &w);
	old = get(&w, va);
	table = make_table(v, &w, va);
	if (!table)
		return -ENOMEM;
	fill(gva_pair_in(table, va), va >> PAGE_SHIFT & 1, entries, n);
	/* The CPU's walker finds what the refill handler would, and a table that
	 * is new filled. */
	sync();
	if (table == old)
		return 0;
	mark_live(v, s, va);
	put(&w, va, table);
	if (gva_is_block(old))
		forget(&w, va & ~(GVA_BLOCK - 1), PAGE_SIZE);
	return 0;
}

u32 gva_get_block(struct mips_vcpu *v, u32 va)
{
	return v->gva.now->directory[v->guest.table][va >> GVA_BLOCK_SHIFT];
}

void gva_set_block(struct mips_vcpu *v, u32 va, u32 entry)
{
	struct views w;

	find_views(v, v->gva.now, v->guest.table, va, &w);
	mark_live(v, v->gva.now, va);
	replace(v, &w, va, gva_block_entry(entry));
}

/* ---- What goes ------------------------------------------------------------------ */

/* Entries of a table, but one. Is there one less than there was? */
static bool clear_entries(u32 table, u32 va, u32 end, u32 spared)
{
	u32 *p = gva_pair_in(table, va) + (va >> PAGE_SHIFT & 1), any = 0;
	u32 to_next[] = {1, (1U << gva_form.pair) - 1};

	for (; va != end; p += to_next[va >> PAGE_SHIFT & 1], va += PAGE_SIZE) {
		if (va == spared)
			continue;
		any |= *p;
		*p = 0;
	}
	return any;
}

/* [va, end), within a block (end may be 0: 2^32). All of a table goes if all of the
 * block does, and the commpage is not in it. */
static void drop_in_block(struct mips_vcpu *v, struct gva_space *s,
			  enum mips_table t, u32 va, u32 end)
{
	/* Of user mode, none: that is no page's address. */
	u32 spared = t == MIPS_KERNEL ? v->guest.layout.commpage : ~0U;
	struct views w;
	u32 entry;

	find_views(v, s, t, va, &w);
	entry = get(&w, va);
	if (entry == nothing())
		return;
	if (gva_is_block(entry) ||
	    (end - va == GVA_BLOCK && (va ^ spared) >> GVA_BLOCK_SHIFT)) {
		replace(v, &w, va, nothing());
		return;
	}
	if (clear_entries(entry, va, end, spared))
		forget(&w, va, end - va);
}

/* The part of it below kseg0, of one space; or that from kseg0 on, of all. */
static void drop_range(struct mips_vcpu *v, struct gva_space *s, u64 va, u64 end)
{
	const u32 *live = is_common(v, va) ? v->gva.live : s->live;
	u64 next;

	for (; va < end; va = next) {
		next = min(end, ALIGN_DOWN(va, (u64)GVA_BLOCK) + GVA_BLOCK);
		if (!(live[chunk_of(va) / 32] >> chunk_of(va) % 32 & 1))
			continue;
		drop_in_block(v, s, MIPS_KERNEL, va, next);
		if (is_apart(v, va))
			drop_in_block(v, s, MIPS_USER, va, next);
	}
}

void gva_drop(struct mips_vcpu *v, u32 asid, u32 va, u32 size)
{
	struct mips_gva *a = &v->gva;
	u64 end = (u64)va + size, kseg0 = v->guest.layout.kseg0;
	u64 mapped = min(end, kseg0);

	/* What TLBWR replaces is mostly one pair. */
	if (end <= kseg0 && !((va ^ (va + size - 1)) & HI_VPN2) &&
	    asid != MIPS_SPACE_ANY && gva_pair_is_absent(a, asid, va))
		return;
	if (va < mapped)
		for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
			if (s->used && (asid == MIPS_SPACE_ANY || s->key == asid))
				drop_range(v, s, va, mapped);
	if (end > kseg0)
		drop_range(v, a->space, max((u64)va, kseg0), end);
}

/* Tables of a chunk go, from what has it alike; in no TLB are they found again,
 * once the ASIDs are new. */
static void clear_chunk(struct mips_vcpu *v, const struct views *w, u32 va)
{
	u32 first = get(w, va), second = get(w, va + GVA_BLOCK);

	put(w, va, nothing());
	put(w, va + GVA_BLOCK, nothing());
	if (is_table(first))
		free_table(v, first, nothing());
	if (is_table(second) && !(is_table(first) && shares_pages()))
		free_table(v, second, nothing());
}

static void clear_live(struct mips_vcpu *v, struct gva_space *s, u32 *live)
{
	struct views w;

	for (u32 n = 0; n < GVA_CHUNKS; n++) {
		u32 va = n * GVA_CHUNK;

		if (!live[n / 32])
			n |= 31;
		if (!(live[n / 32] >> n % 32 & 1))
			continue;
		live[n / 32] &= ~BIT32(n % 32);
		find_views(v, s, MIPS_KERNEL, va, &w);
		clear_chunk(v, &w, va);
		if (!is_apart(v, va))
			continue;
		find_views(v, s, MIPS_USER, va, &w);
		clear_chunk(v, &w, va);
	}
}

void gva_clear_space(struct mips_vcpu *v, struct gva_space *s)
{
	s->asid[MIPS_KERNEL].id = s->asid[MIPS_USER].id = 0;
	v->stale = true;
	gva_forget_walks(v);
	clear_live(v, s, s->live);
}

void gva_drop_all(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;

	for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
		if (s->directory[MIPS_KERNEL])
			gva_clear_space(v, s);
	clear_live(v, a->space, a->live);
	a->local = false;
}

void gva_clear_from(struct mips_vcpu *v, u32 va)
{
	drop_range(v, v->gva.space, va, BIT64(32));
}

/* ---- Spaces --------------------------------------------------------------------- */

/* The rest is copied from these. */
#define FIRST_BLOCKS (GVA_BLOCKS / 32)

static u32 *make_directory(struct mips_vcpu *v, const struct gva_space *s)
{
	u32 *d = directory_alloc(budget(v), s == v->gva.space);

	if (!d)
		return NULL;
	for (u32 i = 0; i < FIRST_BLOCKS; i++)
		d[i] = nothing();
	for (u32 n = FIRST_BLOCKS; n < GVA_BLOCKS; n *= 2)
		memcpy(d + n, d, n * sizeof(*d));
	return d;
}

/* With what all spaces have: the first is always there. */
static int make_space(struct mips_vcpu *v, struct gva_space *s)
{
	const u32 *other = v->gva.space[0].directory[MIPS_KERNEL];
	u32 *kernel = make_directory(v, s), *user = make_directory(v, s);
	u32 first = v->guest.layout.kseg0 >> GVA_BLOCK_SHIFT;

	if (!kernel || !user) {
		if (kernel)
			directory_free(kernel, budget(v));
		return -ENOMEM;
	}
	if (other)
		memcpy(kernel + first, other + first,
		       (GVA_BLOCKS - first) * sizeof(u32));
	s->directory[MIPS_KERNEL] = kernel;
	s->directory[MIPS_USER] = user;
	return 0;
}

/* Nobody has it, and there is nothing in it. */
static void release_space(struct mips_vcpu *v, struct gva_space *s)
{
	gva_clear_space(v, s);
	for (int t = 0; t < MIPS_TABLES; t++) {
		directory_free(s->directory[t], budget(v));
		s->directory[t] = NULL;
	}
	s->used = 0;
}

/* Of one that goes before others do. The first has what all have. */
static bool may_go(const struct mips_gva *a, const struct gva_space *s)
{
	return s != a->space && s != a->now && s->directory[MIPS_KERNEL];
}

bool gva_release_oldest(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;
	struct gva_space *oldest = NULL;

	for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
		if (may_go(a, s) && (!oldest || s->used < oldest->used))
			oldest = s;
	if (oldest)
		release_space(v, oldest);
	return oldest;
}

unsigned int gva_spare_pages(const struct mips_vcpu *v)
{
	const struct mips_gva *a = &v->gva;
	unsigned int n = a->tables;

	for (const struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
		if (may_go(a, s) && !gva_form.blocks) /* else they are the region's */
			n += MIPS_TABLES << GVA_DIRECTORY_ORDER;
	return n;
}

/* One that is nobody's, or will be: the one that was in use the longest ago. */
static struct gva_space *find_oldest(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;
	struct gva_space *oldest = a->space, *s;

	for (s = a->space; s < a->space + a->spaces; s++) {
		if (!s->directory[MIPS_KERNEL] && make_space(v, s))
			continue;
		if (!s->used)
			return s;
		if (s->used < oldest->used)
			oldest = s;
	}
	gva_clear_space(v, oldest);
	return oldest;
}

struct gva_space *gva_take_space(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;
	u32 key = v->guest.space;
	struct gva_space *s = gva_find(a, key);

	if (!s) {
		s = find_oldest(v);
		s->key = key;
	}
	s->used = ++a->clock;
	return s;
}

int gva_create(struct mips_vcpu *v)
{
	memcache_init(&v->gva.cache, budget(v), 0);
	v->gva.spaces = 1 + directories_set_aside();
	return make_space(v, v->gva.space) ?:
	       memcache_topup(&v->gva.cache, GVA_LEAST_TABLES);
}

void gva_destroy(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;

	if (a->space[0].directory[MIPS_KERNEL])
		gva_drop_all(v);
	for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++) {
		for (int t = 0; t < MIPS_TABLES; t++) {
			if (s->directory[t])
				directory_free(s->directory[t], budget(v));
			s->directory[t] = NULL;
		}
		s->used = 0;
	}
	if (a->spaces)
		directories_give_back(a->spaces - 1);
	a->spaces = 0;
	memcache_drain(&a->cache);
}
