// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host-physical memory, in chunks of 2 MiB.
 *
 * A chunk's descriptor has 16 bytes, so that an array over all of RAM, gaps
 * included, stays small. Its states:
 *
 *   UNTOUCHED  never used since boot, or no RAM at all. Regions say which; each
 *              hands its own out in order, so that set-up does not visit them
 *   FREE       was in use; on the free list
 *   WHOLE      handed out as one; `refs` is its reference count
 *   SPLIT      in 4 KiB pages; a `struct split` counts them
 *   EDGE       free, but partly missing or reserved; on the edge list
 *   RESERVED   never handed out
 *
 *   UNTOUCHED, FREE -> WHOLE -> FREE            page_alloc(), page_put()
 *   UNTOUCHED, FREE -> SPLIT -> FREE            the same, smaller orders
 *   WHOLE           -> SPLIT                    page_split()
 *   EDGE            -> SPLIT -> EDGE            PAGE_GUEST only
 *   UNTOUCHED       -> EDGE, RESERVED           set-up
 *
 * The `struct split` of a PAGE_HYP chunk is its own first page, so a split for
 * the hypervisor needs no memory from elsewhere, and the recursion of
 * a PAGE_GUEST split, which takes a PAGE_HYP page, ends there.
 *
 * Edges are never PAGE_HYP: the linear map maps whole chunks, and what lies in
 * the missing part may be another's, or a device's registers.
 */
#include "core/page_alloc.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/string.h"

#define CHUNK_PAGES (1U << CHUNK_ORDER)
#define USED_WORDS BITMAP_WORDS(CHUNK_PAGES)
#define MAX_EDGES 64
#define MAX_REGIONS 64
/* Split chunks looked at for an aligned run before a new chunk is split. */
#define RUN_TRIES 16

enum chunk_state {
	CHUNK_UNTOUCHED,
	CHUNK_FREE,
	CHUNK_WHOLE,
	CHUNK_SPLIT,
	CHUNK_EDGE,
	CHUNK_RESERVED,
};

struct chunk {
	u32 next, prev; /* in a list: index + 1; 0 ends it */
	union {
		u32 refs;   /* WHOLE */
		u32 record; /* SPLIT: page of its struct split, from lowest */
	};
	u16 free;  /* pages; SPLIT and EDGE */
	u8 edge;   /* index + 1 of its struct edge, or 0 */
	u8 state : 4;
	u8 use : 4; /* WHOLE and SPLIT */
};

/* In a page of its own; refs first, where hyp_page_count() looks. */
struct split {
	u32 refs[CHUNK_PAGES]; /* of page n: page_count_slot(n) */
	u64 used[USED_WORDS]; /* in use, reserved or missing */
	u32 first;            /* words of it before this one are full */
};

_Static_assert(sizeof(struct chunk) == 16, "descriptors are to stay small");
_Static_assert(sizeof(struct split) <= PAGE_SIZE, "a split fits in a page");

struct edge {
	u64 used[USED_WORDS]; /* reserved or missing */
	u16 pages;            /* that can be handed out */
	bool taken;
};

struct region {
	u64 first, end;   /* pages */
	u64 cursor, last; /* whole chunks not handed out: half-open */
};

static struct {
	struct spinlock lock;
	struct chunk *chunk;
	u64 lowest;  /* page number of chunk 0's first page */
	u64 chunks;
	struct region region[MAX_REGIONS];
	unsigned int regions;
	struct edge edge[MAX_EDGES];
	bool reserving;           /* page_alloc_reserve() was called */
	u64 reach;                /* page: the linear map ends before it */
	u32 free_list[2];         /* index + 1 of the first chunk; [1]: of those
				   * that the linear map does not reach */
	u32 edge_list;
	u32 partial[PAGE_USES];   /* split, with free pages */
	u64 total, used[PAGE_USES];
} pa;

/* ---- Chunks ---------------------------------------------------------------- */

static struct chunk *chunk_of(u64 page)
{
	u64 n = (page - pa.lowest) >> CHUNK_ORDER;

	BUG_ON(page < pa.lowest || n >= pa.chunks);
	return &pa.chunk[n];
}

static u64 chunk_page(const struct chunk *c)
{
	return pa.lowest + ((u64)(c - pa.chunk) << CHUNK_ORDER);
}

static hpa_t chunk_pa(const struct chunk *c)
{
	return pfn_to_hpa(PFN(chunk_page(c)));
}

static struct split *split_of(const struct chunk *c)
{
	return arch_phys_to_virt(pfn_to_hpa(PFN(pa.lowest + c->record)));
}

static u32 *refs_of(struct split *s, unsigned int n)
{
	return &s->refs[page_count_slot(n)];
}

static void push(u32 *list, struct chunk *c)
{
	u32 me = c - pa.chunk + 1;

	c->prev = 0;
	c->next = *list;
	if (*list)
		pa.chunk[*list - 1].prev = me;
	*list = me;
}

static void take_out(u32 *list, struct chunk *c)
{
	if (c->prev)
		pa.chunk[c->prev - 1].next = c->next;
	else
		*list = c->next;
	if (c->next)
		pa.chunk[c->next - 1].prev = c->prev;
	c->next = c->prev = 0;
}

/* Free pages of a split chunk that nobody uses. */
static unsigned int capacity(const struct chunk *c)
{
	if (c->edge)
		return pa.edge[c->edge - 1].pages;
	return c->use == PAGE_HYP ? CHUNK_PAGES - 1 : CHUNK_PAGES;
}

static bool is_beyond(u64 page)
{
	return page >= pa.reach;
}

static void make_free(struct chunk *c)
{
	if (c->use == PAGE_HYP)
		arch_linear_unmap_chunk(chunk_pa(c));
	c->state = CHUNK_FREE;
	push(&pa.free_list[is_beyond(chunk_page(c))], c);
}

/* A chunk that the linear map reaches, or one that it does not. */
static struct chunk *find_chunk(bool beyond)
{
	u32 n = pa.free_list[beyond];

	if (n) {
		take_out(&pa.free_list[beyond], &pa.chunk[n - 1]);
		return &pa.chunk[n - 1];
	}
	for (unsigned int i = 0; i < pa.regions; i++) {
		struct region *r = &pa.region[i];

		if (is_beyond(r->first) != beyond)
			continue;
		while (r->cursor < r->last) {
			struct chunk *c = &pa.chunk[r->cursor++];

			if (c->state == CHUNK_UNTOUCHED)
				return c;
		}
	}
	return NULL;
}

/* A chunk of which nothing is in use, its use set, mapped if PAGE_HYP. */
static struct chunk *take_chunk(enum page_use use)
{
	struct chunk *c = use == PAGE_GUEST ? find_chunk(true) : NULL;

	if (!c)
		c = find_chunk(false);
	if (!c)
		return NULL;
	c->use = use;
	if (use == PAGE_HYP && arch_linear_map_chunk(chunk_pa(c))) {
		c->state = CHUNK_FREE;
		push(&pa.free_list[0], c);
		return NULL;
	}
	return c;
}

/* ---- Split chunks ------------------------------------------------------------ */

/*
 * First run of 2^order clear bits, aligned to its size, or CHUNK_PAGES. In
 * words: halving `w` onto itself order times leaves bit n set where n to
 * n + 2^order - 1 were all clear; `starts` has the aligned ones.
 */
static unsigned int find_run(const u64 *used, unsigned int order)
{
	static const u64 starts[] = {
		~0ULL, 0x5555555555555555, 0x1111111111111111,
		0x0101010101010101, 0x0001000100010001, 0x0000000100000001, 1,
	};
	unsigned int words = order > 6 ? 1U << (order - 6) : 1;

	for (unsigned int i = 0; i < USED_WORDS; i += words) {
		u64 w = ~used[i];

		for (unsigned int k = 1; k < words; k++)
			w &= ~used[i + k];
		if (!w)
			continue;
		for (unsigned int k = 0; k < min(order, 6U); k++)
			w &= w >> (1U << k);
		w &= starts[min(order, 6U)];
		if (w)
			return i * 64 + __builtin_ctzll(w);
	}
	return CHUNK_PAGES;
}

/* Pages first to first + 2^order - 1 of a split chunk come into use. */
static void take_run(struct chunk *c, struct split *s, unsigned int first,
		     unsigned int order)
{
	for (unsigned int i = first; i < first + (1U << order); i++) {
		bitmap_set(s->used, i);
		*refs_of(s, i) = 1;
	}
	c->free -= 1U << order;
	if (!c->free)
		take_out(&pa.partial[c->use], c);
}

static int take_pages(enum page_use use, unsigned int order, bool search,
		      u64 *page);

/* A chunk that take_chunk() gave, or an edge, becomes split, all of it free. */
static int make_split(struct chunk *c)
{
	u64 page = chunk_page(c);
	struct split *s;

	if (c->use == PAGE_GUEST && take_pages(PAGE_HYP, 0, true, &page))
		return -ENOMEM;
	c->record = page - pa.lowest;
	s = split_of(c);
	memset(s, 0, sizeof(*s));
	if (c->edge)
		memcpy(s->used, pa.edge[c->edge - 1].used, sizeof(s->used));
	if (c->use == PAGE_HYP) {
		*refs_of(s, 0) = 1;
		bitmap_set(s->used, 0);
		pa.used[PAGE_HYP]++;
	}
	c->state = CHUNK_SPLIT;
	c->free = capacity(c);
	return 0;
}

static void put_pages(struct chunk *c, u64 page, unsigned int order,
		      struct page_budget *budget);

/* The last page in use of a split chunk has gone. */
static void unsplit(struct chunk *c)
{
	u64 record = pa.lowest + c->record;

	take_out(&pa.partial[c->use], c);
	if (c->use == PAGE_HYP) {
		pa.used[PAGE_HYP]--;
		make_free(c);
		return;
	}
	if (c->edge) {
		c->state = CHUNK_EDGE;
		push(&pa.edge_list, c);
	} else {
		make_free(c);
	}
	put_pages(chunk_of(record), record, 0, NULL);
}

/* An edge that has such a run becomes a split chunk of guests' pages. */
static struct chunk *split_edge(unsigned int order)
{
	for (u32 n = pa.edge_list; n; n = pa.chunk[n - 1].next) {
		struct chunk *c = &pa.chunk[n - 1];

		if (find_run(pa.edge[c->edge - 1].used, order) == CHUNK_PAGES)
			continue;
		c->use = PAGE_GUEST;
		if (make_split(c))
			return NULL;
		take_out(&pa.edge_list, c);
		push(&pa.partial[PAGE_GUEST], c);
		return c;
	}
	return NULL;
}

static struct chunk *split_new(enum page_use use)
{
	struct chunk *c = take_chunk(use);

	if (!c)
		return NULL;
	if (make_split(c)) {
		make_free(c);
		return NULL;
	}
	push(&pa.partial[use], c);
	return c;
}

/* Of at most `tries` partly free chunks, one with such a run. */
static struct chunk *find_partial(enum page_use use, unsigned int order,
				  unsigned int tries, unsigned int *first)
{
	for (u32 n = pa.partial[use]; n && tries--; n = pa.chunk[n - 1].next) {
		struct chunk *c = &pa.chunk[n - 1];

		*first = find_run(split_of(c)->used, order);
		if (*first < CHUNK_PAGES)
			return c;
	}
	return NULL;
}

/* 2^order pages, order < CHUNK_ORDER. When there are no whole chunks any more:
 * `search` through all that are in part. */
static int take_pages(enum page_use use, unsigned int order, bool search,
		      u64 *page)
{
	unsigned int first;
	struct chunk *c = find_partial(use, order, RUN_TRIES, &first);

	if (unlikely(!c)) {
		if (use == PAGE_GUEST)
			c = split_edge(order);
		if (!c)
			c = split_new(use);
		if (c)
			first = find_run(split_of(c)->used, order);
		else if (search)
			c = find_partial(use, order, ~0U, &first);
		if (!c)
			return -ENOMEM;
	}
	take_run(c, split_of(c), first, order);
	pa.used[use] += 1U << order;
	*page = chunk_page(c) + first;
	return 0;
}

/*
 * One page of the first partly free chunk: what a page-table page takes, as
 * short as it can be. -ENOMEM: there is no such chunk.
 */
static inline int take_one(enum page_use use, u64 *page)
{
	u32 n = pa.partial[use];
	unsigned int word, bit;
	struct chunk *c;
	struct split *s;

	if (unlikely(!n))
		return -ENOMEM;
	c = &pa.chunk[n - 1];
	s = split_of(c);
	/* It has a free page, so this ends. */
	for (word = s->first; !~s->used[word]; word++)
		;
	s->first = word;
	bit = __builtin_ctzll(~s->used[word]);
	s->used[word] |= BIT64(bit);
	*refs_of(s, word * 64 + bit) = 1;
	if (unlikely(!--c->free))
		take_out(&pa.partial[use], c);
	pa.used[use]++;
	*page = chunk_page(c) + word * 64 + bit;
	return 0;
}

/* ---- Pages ------------------------------------------------------------------- */

static int take_whole(enum page_use use, u64 *page)
{
	struct chunk *c = take_chunk(use);

	if (!c)
		return -ENOMEM;
	c->state = CHUNK_WHOLE;
	c->refs = 1;
	pa.used[use] += CHUNK_PAGES;
	*page = chunk_page(c);
	return 0;
}

static int alloc(enum page_use use, unsigned int order, bool search,
		 struct page_budget *budget, pfn_t *out)
{
	u64 n = 1UL << order;
	bool over = false;
	int err = -ENOMEM;

	if (order > CHUNK_ORDER)
		return -ENOMEM;
	spin_lock(&pa.lock);
	if (budget) {
		over = budget->limit && !range_fits(budget->used, n, budget->limit);
		budget->refused = over;
	}
	if (!over) {
		if (likely(!order))
			err = take_one(use, &out->v);
		if (unlikely(err))
			err = order == CHUNK_ORDER ?
				      take_whole(use, &out->v) :
				      take_pages(use, order, search, &out->v);
		if (!err && budget)
			budget->used += n;
	}
	spin_unlock(&pa.lock);
	return err;
}

int page_alloc(enum page_use use, unsigned int order,
	       struct page_budget *budget, pfn_t *out)
{
	return alloc(use, order, true, budget, out);
}

int page_alloc_unsearched(enum page_use use, unsigned int order,
			  struct page_budget *budget, pfn_t *out)
{
	return alloc(use, order, false, budget, out);
}

static void uncharge(struct page_budget *budget, u64 n)
{
	if (!budget)
		return;
	BUG_ON(budget->used < n);
	budget->used -= n;
}

static void put_whole(struct chunk *c, struct page_budget *budget)
{
	BUG_ON(!c->refs);
	if (--c->refs)
		return;
	pa.used[c->use] -= CHUNK_PAGES;
	uncharge(budget, CHUNK_PAGES);
	make_free(c);
}

/* The allocator's lock is held. */
static void put_pages(struct chunk *c, u64 page, unsigned int order,
		      struct page_budget *budget)
{
	unsigned int first = (page - pa.lowest) % CHUNK_PAGES, gone = 0;
	struct split *s;

	if (c->state == CHUNK_WHOLE) {
		BUG_ON(order != CHUNK_ORDER || first);
		put_whole(c, budget);
		return;
	}
	BUG_ON(c->state != CHUNK_SPLIT || first + (1U << order) > CHUNK_PAGES);
	s = split_of(c);
	for (unsigned int i = first; i < first + (1U << order); i++) {
		u32 *refs = refs_of(s, i);

		BUG_ON(!*refs);
		if (--*refs)
			continue;
		bitmap_clear(s->used, i);
		s->first = min(s->first, i / 64);
		gone++;
	}
	if (!gone)
		return;
	if (!c->free)
		push(&pa.partial[c->use], c);
	c->free += gone;
	pa.used[c->use] -= gone;
	uncharge(budget, gone);
	if (c->free == capacity(c))
		unsplit(c);
}

void page_put(pfn_t pfn, unsigned int order, struct page_budget *budget)
{
	struct chunk *c = chunk_of(pfn.v);

	BUG_ON(order > CHUNK_ORDER);
	spin_lock(&pa.lock);
	put_pages(c, pfn.v, order, budget);
	spin_unlock(&pa.lock);
}

int page_split(pfn_t pfn)
{
	struct chunk *c = chunk_of(pfn.v);
	u32 refs;
	int err = 0;

	spin_lock(&pa.lock);
	refs = c->refs; /* shares its place with `record` */
	if (c->state == CHUNK_WHOLE) {
		BUG_ON(c->use != PAGE_GUEST);
		err = make_split(c);
		if (!err) {
			struct split *s = split_of(c);

			c->free = 0;
			memset(s->used, 0xff, sizeof(s->used));
			for (unsigned int i = 0; i < CHUNK_PAGES; i++)
				s->refs[i] = refs;
		}
	} else {
		BUG_ON(c->state != CHUNK_SPLIT);
	}
	spin_unlock(&pa.lock);
	return err;
}

void page_get(pfn_t pfn, unsigned int order)
{
	struct chunk *c = chunk_of(pfn.v);
	unsigned int first = (pfn.v - pa.lowest) % CHUNK_PAGES;

	BUG_ON(order > CHUNK_ORDER || first + (1U << order) > CHUNK_PAGES);
	spin_lock(&pa.lock);
	if (c->state == CHUNK_WHOLE) {
		BUG_ON(order != CHUNK_ORDER);
		c->refs++;
	} else {
		BUG_ON(c->state != CHUNK_SPLIT);
		for (unsigned int i = first; i < first + (1U << order); i++) {
			u32 *count = refs_of(split_of(c), i);

			BUG_ON(!*count);
			++*count;
		}
	}
	spin_unlock(&pa.lock);
}

unsigned int page_refs(pfn_t pfn)
{
	struct chunk *c = chunk_of(pfn.v);
	unsigned int refs = 0;

	spin_lock(&pa.lock);
	if (c->state == CHUNK_WHOLE)
		refs = c->refs;
	else if (c->state == CHUNK_SPLIT)
		refs = *refs_of(split_of(c),
				(pfn.v - pa.lowest) % CHUNK_PAGES);
	spin_unlock(&pa.lock);
	return refs;
}

void page_alloc_stats(struct page_stats *st)
{
	spin_lock(&pa.lock);
	st->total = pa.total;
	st->free = pa.total;
	for (unsigned int i = 0; i < PAGE_USES; i++) {
		st->used[i] = pa.used[i];
		st->free -= pa.used[i];
	}
	spin_unlock(&pa.lock);
}

void *hyp_alloc_pages(unsigned int order, struct page_budget *budget)
{
	pfn_t pfn;
	void *p;

	if (page_alloc(PAGE_HYP, order, budget, &pfn))
		return NULL;
	p = arch_phys_to_virt(pfn_to_hpa(pfn));
	memset(p, 0, PAGE_SIZE << order);
	return p;
}

void hyp_free_pages(void *p, unsigned int order, struct page_budget *budget)
{
	page_put(hpa_to_pfn(arch_virt_to_phys(p)), order, budget);
}

/* ---- Set-up ------------------------------------------------------------------- */

static u64 span_chunks(hpa_t lowest, hpa_t highest)
{
	u64 first = lowest.v >> CHUNK_SHIFT;
	u64 last = highest.v >> CHUNK_SHIFT;

	return last - first + !IS_ALIGNED(highest.v, CHUNK_SIZE);
}

size_t page_alloc_meta_size(hpa_t lowest, hpa_t highest)
{
	return span_chunks(lowest, highest) * sizeof(struct chunk);
}

void page_alloc_init(void *meta, hpa_t lowest, hpa_t highest)
{
	memset(&pa, 0, sizeof(pa));
	pa.chunk = meta;
	pa.lowest = ALIGN_DOWN(lowest.v, CHUNK_SIZE) >> PAGE_SHIFT;
	pa.chunks = span_chunks(lowest, highest);
	pa.reach = ~0ULL;
	memset(meta, 0, page_alloc_meta_size(lowest, highest));
}

void page_alloc_reach(hpa_t end)
{
	pa.reach = end.v >> PAGE_SHIFT;
}

/* The chunk becomes an edge, `pages` of it there; NULL: no room for one more. */
static struct edge *make_edge(struct chunk *c, bool there)
{
	for (unsigned int i = 0; i < MAX_EDGES; i++) {
		struct edge *e = &pa.edge[i];

		if (e->taken)
			continue;
		memset(e->used, there ? 0 : 0xff, sizeof(e->used));
		e->pages = there ? CHUNK_PAGES : 0;
		e->taken = true;
		c->edge = i + 1;
		c->state = CHUNK_EDGE;
		push(&pa.edge_list, c);
		return e;
	}
	log_warn("memory: too many holes, 2 MiB at 0x%llx not used",
		 chunk_pa(c).v);
	c->state = CHUNK_RESERVED;
	return NULL;
}

/* Pages [first, end) of an edge come, or go for good. */
static void edge_change(struct chunk *c, unsigned int first, unsigned int end,
			bool there)
{
	struct edge *e = &pa.edge[c->edge - 1];

	for (unsigned int i = first; i < end; i++) {
		if (bitmap_test(e->used, i) != there)
			continue;
		bitmap_assign(e->used, i, !there);
		e->pages += there ? 1 : -1;
		pa.total += there ? 1 : -1;
	}
	if (!e->pages) {
		take_out(&pa.edge_list, c);
		e->taken = false;
		c->edge = 0;
		c->state = CHUNK_RESERVED;
	}
}

/* RAM within one chunk. */
static void add_edge(u64 first, u64 end)
{
	struct chunk *c = chunk_of(first);
	u64 base = chunk_page(c);

	if (c->state == CHUNK_UNTOUCHED)
		make_edge(c, false);
	if (c->state == CHUNK_EDGE)
		edge_change(c, first - base, end - base, true);
}

/* RAM in pages [first, end) that overlaps no region. */
static void add_region(u64 first, u64 end)
{
	struct region *r = &pa.region[pa.regions];
	u64 whole = ALIGN_UP(first, CHUNK_PAGES);
	u64 last = ALIGN_DOWN(end, CHUNK_PAGES);

	if (pa.regions == MAX_REGIONS) {
		log_warn("memory: too many regions, RAM at 0x%llx not used",
			 first << PAGE_SHIFT);
		return;
	}
	pa.regions++;
	r->first = first;
	r->end = end;
	if (whole > last) {
		add_edge(first, end);
		return;
	}
	if (first < whole)
		add_edge(first, whole);
	if (last < end)
		add_edge(last, end);
	r->cursor = (whole - pa.lowest) >> CHUNK_ORDER;
	r->last = (last - pa.lowest) >> CHUNK_ORDER;
	pa.total += last - whole;
}

/* The parts of [first, end) that no region from number `n` on has yet. */
static void add_new(u64 first, u64 end, unsigned int n)
{
	for (; n < pa.regions; n++) {
		const struct region *r = &pa.region[n];

		if (end <= r->first || r->end <= first)
			continue;
		if (first < r->first)
			add_new(first, r->first, n + 1);
		first = r->end;
		if (first >= end)
			return;
	}
	add_region(first, end);
}

void page_alloc_add(hpa_t base, u64 size)
{
	u64 top = pa.lowest + (pa.chunks << CHUNK_ORDER);
	u64 first, end;

	/* What was reserved must not come back by being added later. */
	BUG_ON(pa.reserving);
	if (base.v + size < base.v)
		size = ~base.v;
	first = (base.v >> PAGE_SHIFT) + !IS_ALIGNED(base.v, PAGE_SIZE);
	end = min((base.v + size) >> PAGE_SHIFT, top);
	first = max(first, pa.lowest);
	/* A region is one or the other. */
	if (first < min(end, pa.reach))
		add_new(first, min(end, pa.reach), 0);
	if (max(first, pa.reach) < end)
		add_new(max(first, pa.reach), end, 0);
}

static bool is_ram(u64 page)
{
	for (unsigned int i = 0; i < pa.regions; i++)
		if (page >= pa.region[i].first && page < pa.region[i].end)
			return true;
	return false;
}

/* Pages [first, end), all in one chunk. */
static void reserve_in_chunk(u64 first, u64 end)
{
	struct chunk *c = chunk_of(first);
	u64 base = chunk_page(c);

	if (c->state == CHUNK_UNTOUCHED) {
		if (!is_ram(first))
			return;
		if (end - first == CHUNK_PAGES) {
			c->state = CHUNK_RESERVED;
			pa.total -= CHUNK_PAGES;
			return;
		}
		if (!make_edge(c, true)) {
			pa.total -= CHUNK_PAGES;
			return;
		}
	}
	if (c->state == CHUNK_EDGE)
		edge_change(c, first - base, end - base, false);
	else
		BUG_ON(c->state != CHUNK_RESERVED);
}

void page_alloc_reserve(hpa_t base, u64 size)
{
	u64 top = pa.lowest + (pa.chunks << CHUNK_ORDER);
	u64 first = max(base.v >> PAGE_SHIFT, pa.lowest), end;

	pa.reserving = true;
	if (!size)
		return;
	if (base.v + size < base.v)
		size = -base.v;
	end = min(((base.v + size - 1) >> PAGE_SHIFT) + 1, top);
	while (first < end) {
		u64 next = min((first | (CHUNK_PAGES - 1)) + 1, end);

		reserve_in_chunk(first, next);
		first = next;
	}
}

/* Chunks from `n` on that are there, were never used and follow each other. */
static u64 untouched_run(u64 n, u64 end, u64 most)
{
	u64 run = 0;

	while (run < most && n + run < end &&
	       pa.chunk[n + run].state == CHUNK_UNTOUCHED)
		run++;
	return run;
}

/* Map and mark `count` chunks, or none. */
static int take_contiguous(u64 n, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		struct chunk *c = &pa.chunk[n + i];

		if (arch_linear_map_chunk(chunk_pa(c))) {
			while (i--)
				arch_linear_unmap_chunk(
					chunk_pa(&pa.chunk[n + i]));
			return -ENOMEM;
		}
	}
	for (u64 i = 0; i < count; i++) {
		pa.chunk[n + i].state = CHUNK_WHOLE;
		pa.chunk[n + i].use = PAGE_HYP;
		pa.chunk[n + i].refs = 1;
	}
	pa.used[PAGE_HYP] += count << CHUNK_ORDER;
	return 0;
}

int page_alloc_contiguous(u64 size, hpa_t *out)
{
	u64 count = (size >> CHUNK_SHIFT) + !IS_ALIGNED(size, CHUNK_SIZE);
	int err = -ENOMEM;

	spin_lock(&pa.lock);
	for (unsigned int i = 0; err && count && i < pa.regions; i++) {
		const struct region *r = &pa.region[i];

		if (is_beyond(r->first))
			continue;
		for (u64 n = r->cursor, run; err && n < r->last; n += run + 1) {
			run = untouched_run(n, r->last, count);
			if (run < count)
				continue;
			err = take_contiguous(n, count);
			*out = chunk_pa(&pa.chunk[n]);
			break;
		}
	}
	spin_unlock(&pa.lock);
	return err;
}
