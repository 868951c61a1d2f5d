// SPDX-License-Identifier: BSD-2-Clause
/*
 * RAM that is zero until written, with copy-on-write images on top.
 *
 * What the backing owns stands in an index of areas of 2 MiB: nothing, a whole
 * block, or a table of single pages. The index itself is in parts of 1 GiB
 * that are made when first needed. A guest of 512 MiB all in blocks costs 2 KiB
 * of it; each area that is not a block, one page. An entry of a table holds a
 * whole 64-bit address: boards put RAM at addresses of 46 bits and more, which
 * leaves no room for flags in 32.
 *
 * What is not owned is an image's, if there is one, and else zero. The smallest
 * run, backing.order, is a single page, or more for a VM whose stage 2 has larger
 * granules: then what is owned, and what an image shows, is whole runs of it, and
 * what mixes images and zeroes is a copy.
 *
 * To get a page that is not there, its area is marked BUSY and the lock
 * dropped; pages are taken, filled and cleaned; then the lock is taken again
 * and the pages put in. Others that need a new page in the area wait, so no
 * memory is taken twice; it is bounded by the filling of one block.
 *
 * Who finds its page there neither waits nor takes the lock: faults of many CPUs
 * in memory that is there are what a VM does most. So what the index holds is
 * read and written with single loads and stores. A table that has gone is not
 * given back while the backing lives, but kept for the next area that needs one:
 * somebody may be reading it, who then finds that `gone` has moved:
 *
 *   the area lets go of the table        gone, acquire
 *   gone + 1, release                    the area, acquire: the table
 *   the table gets other entries,        an entry of it, acquire
 *   release                              gone
 *
 * Who reads an entry that is another's reads the new `gone` after it. And who
 * read the new `gone` first finds the area without the table.
 */
#include "core/backing.h"
#include "core/page_access.h"
#include "core/sched.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

#define AREA_PAGES (1U << CHUNK_ORDER)
#define PART_AREAS 512U /* 1 GiB: a page of index */
#define MOST_PAGES BIT64(36)

/*
 * How much to copy, or zero, at once where no block can be had: 64 KiB. A
 * kernel that boots and writes one page of its image writes the neighbours
 * next (it patches its text, then initialises its data), and the fault path
 * maps such a run with one exit. Copying 16 pages costs about as much as the
 * exit and the fault that each of them would take.
 */
#define RUN_ORDER 4
#define RUN_PAGES (1U << RUN_ORDER)

/* An area's entry: 0, or an address and one of the first two; or BUSY, too. */
#define AREA_BLOCK BIT64(0) /* host-physical address of 2 MiB */
#define AREA_TABLE BIT64(1) /* pointer to a table of AREA_PAGES entries */
#define AREA_BUSY BIT64(2)
#define AREA_FLAGS (AREA_BLOCK | AREA_TABLE | AREA_BUSY)

/* A page's entry: 0, or its host-physical address and the first. */
#define PAGE_OWNED BIT64(0)
#define PAGE_IN_RUN BIT64(1) /* of RUN_PAGES, aligned, all here */

struct image {
	struct image *next;
	u64 first, pages; /* in the backing */
	hpa_t pa;
	u64 size;
	u64 whole; /* pages from the first that can be shared as they are */
	u64 *published; /* a bit for each area that it reaches into; atomic */
};

static size_t published_size(u64 first, u64 pages)
{
	u64 areas = DIV_ROUND_UP(first % AREA_PAGES + pages, AREA_PAGES);

	return BITMAP_WORDS(areas) * sizeof(u64);
}

struct ram {
	struct backing b;
	struct spinlock lock; /* the index; before the page allocator's */
	struct image *images;
	u64 whole_before; /* areas before it are made as a whole */
	u64 parts;
	u64 **part;
	u64 gone; /* tables that have left the index, ever */
	void *spare; /* those of them that are not in it again: a list */
};

/* ---- The index ------------------------------------------------------------------ */

/* An entry, of an area or of a page, without the lock: what it refers to was
 * written before it. */
static u64 read_entry(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/* The lock is held. */
static void write_entry(u64 *entry, u64 value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static u64 part_areas(const struct ram *r, u64 part)
{
	u64 areas = DIV_ROUND_UP(r->b.pages, AREA_PAGES);

	return min(areas - part * PART_AREAS, (u64)PART_AREAS);
}

/* NULL: its part of the index is not there. */
static u64 *find_area(const struct ram *r, u64 offset)
{
	u64 area = offset / AREA_PAGES;
	u64 *part = __atomic_load_n(&r->part[area / PART_AREAS],
				    __ATOMIC_ACQUIRE);

	return part ? &part[area % PART_AREAS] : NULL;
}

static u64 *make_area(struct ram *r, u64 offset)
{
	u64 n = offset / AREA_PAGES / PART_AREAS;

	if (!r->part[n])
		__atomic_store_n(&r->part[n],
				 hyp_alloc(part_areas(r, n) * sizeof(u64)),
				 __ATOMIC_RELEASE);
	return find_area(r, offset);
}

static u64 *table_of(u64 area)
{
	return (u64 *)(uintptr_t)(area & ~AREA_FLAGS);
}

static u64 area_entry(u64 *table)
{
	return (uintptr_t)table | AREA_TABLE;
}

static pfn_t entry_pfn(u64 entry)
{
	return PFN(entry >> PAGE_SHIFT);
}

/* A table with nothing in it that was used before, or NULL. The lock is held. */
static u64 *take_spare(struct ram *r)
{
	u64 *table = r->spare;

	if (table) {
		r->spare = (void *)(uintptr_t)table[0];
		write_entry(&table[0], 0);
	}
	return table;
}

/* It has nothing in it, and no area refers to it any more. */
static void keep_spare(struct ram *r, u64 *table)
{
	__atomic_store_n(&r->gone, r->gone + 1, __ATOMIC_RELEASE);
	write_entry(&table[0], (uintptr_t)r->spare);
	r->spare = table;
}

/* Pages of the area, if it is a table, that are owned in [first, + count). */
static unsigned int owned_in(u64 area, u64 first, unsigned int count)
{
	const u64 *table = table_of(area);
	unsigned int owned = 0;

	if (!(area & AREA_TABLE))
		return 0;
	for (unsigned int i = 0; i < count; i++)
		owned += !!read_entry(&table[first % AREA_PAGES + i]);
	return owned;
}

/* ---- Images ---------------------------------------------------------------------- */

/* The image that shows any of [offset, offset + count). */
static struct image *find_image(const struct ram *r, u64 offset, u64 count)
{
	struct image *i = r->images;

	while (i && !ranges_overlap(i->first, i->pages, offset, count))
		i = i->next;
	return i;
}

static pfn_t image_pfn(const struct image *i, u64 offset)
{
	return PFN(hpa_to_pfn(i->pa).v + offset - i->first);
}

/* Does the page at `offset`, with the smallest run around it, stand in the
 * image's memory as a guest sees it? */
static bool shareable(const struct ram *r, const struct image *i, u64 offset)
{
	u64 pages = BIT64(r->b.order);

	if (likely(!r->b.order))
		return offset - i->first < i->whole;
	offset = ALIGN_DOWN(offset, pages);
	return offset >= i->first && i->whole >= pages &&
	       offset - i->first <= i->whole - pages &&
	       IS_ALIGNED(image_pfn(i, offset).v, pages);
}

static void show_image(const struct image *i, u64 offset, u64 area,
		       struct backing_page *out)
{
	unsigned int most = area & AREA_TABLE ? RUN_ORDER : CHUNK_ORDER;
	unsigned int order;

	out->pfn = image_pfn(i, offset);
	order = backing_run_order(offset, out->pfn, i->first,
				  i->first + i->whole, most);
	while (order && owned_in(area, ALIGN_DOWN(offset, BIT64(order)),
				 1U << order))
		order--;
	out->order = order;
	out->writable = false;
}

/* Copy what the image shows at `offset`, zero behind its end. */
static void copy_pages(const struct image *i, u64 offset, pfn_t to,
		       unsigned int order)
{
	u64 at = (offset - i->first) << PAGE_SHIFT;
	u64 size = at < i->size ? min(i->size - at, (u64)PAGE_SIZE << order) : 0;

	_Static_assert(RUN_ORDER <= PAGE_COPY_ORDER_MAX, "one copy");
	arch_page_copy(to, order, HPA(i->pa.v + at), size);
}

/*
 * A loader need not have cleaned what it loaded. That is done for what lies in an
 * area, and so for any run that is shown, when the first of its pages is.
 * Whoever finds the area not yet published publishes it himself, so that nobody
 * shows a page before its area is; twice does no harm. No lock held.
 */
static void publish_image(struct image *i, u64 offset)
{
	u64 area = offset / AREA_PAGES, n = area - i->first / AREA_PAGES;
	u64 first = max(area * AREA_PAGES, i->first);
	u64 end = min((area + 1) * AREA_PAGES, i->first + i->whole);
	u64 *word = &i->published[n / 64];

	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) & BIT64(n % 64))
		return;
	arch_page_publish(image_pfn(i, first), end - first);
	__atomic_fetch_or(word, BIT64(n % 64), __ATOMIC_RELEASE);
}

/* ---- Filling ---------------------------------------------------------------------- */

/* What is to come where: the result of the first half of making a page. */
struct fill {
	struct ram *r;
	const struct image *image; /* copied from; NULL: zero */
	u64 *area;
	u64 *table;         /* new, for an area that has none yet */
	bool mixed;         /* not all of `image`, or not all zero */
	u64 offset;         /* of the first page */
	unsigned int order; /* of how many */
	pfn_t pfn;
};

/* Might [f->offset aligned, + 2^order) be filled at once? */
static bool can_fill(const struct fill *f, unsigned int order)
{
	u64 first = ALIGN_DOWN(f->offset, BIT64(order)), count = BIT64(order);
	const struct image *i = f->image;

	if (!range_fits(first, count, f->r->b.pages))
		return false;
	if (order == CHUNK_ORDER ? *f->area & AREA_TABLE :
				   owned_in(*f->area, first, count))
		return false;
	if (!i)
		return !find_image(f->r, first, count);
	return first >= i->first && first + count <= i->first + i->pages;
}

/* Is its area to come at once, whatever images show of it? */
static bool comes_whole(const struct ram *r, u64 offset, u64 area)
{
	return offset < r->whole_before && !(area & AREA_TABLE);
}

/* `search`: there is nothing to fall back to. */
static bool take_run(struct fill *f, unsigned int order, bool search)
{
	if ((search ? page_alloc : page_alloc_unsearched)(
		    PAGE_GUEST, order, f->r->b.budget, &f->pfn))
		return false;
	f->order = order;
	f->offset = ALIGN_DOWN(f->offset, BIT64(order));
	return true;
}

/* Pages for it, of the largest size that fits and can be had. */
static int take_pages(struct fill *f)
{
	unsigned int least = f->r->b.order;

	if (!f->image && can_fill(f, CHUNK_ORDER) &&
	    take_run(f, CHUNK_ORDER, false))
		return 0;
	f->mixed = comes_whole(f->r, f->offset, *f->area) &&
		   take_run(f, CHUNK_ORDER, false);
	if (f->mixed)
		return 0;
	if (can_fill(f, RUN_ORDER) && take_run(f, RUN_ORDER, false))
		return 0;
	f->mixed = !can_fill(f, least);
	return take_run(f, least, true) ? 0 : -ENOMEM;
}

/* What stands at each of the pages when nobody has written to them. */
static void fill_each(const struct ram *r, u64 offset, pfn_t pfn, u64 count)
{
	unsigned int order;

	for (; count; count -= 1U << order) {
		const struct image *i = find_image(r, offset, 1);

		/* A run is the image's, or no image's; or its pages come one by one. */
		order = count % RUN_PAGES ||
			(i ? offset + RUN_PAGES > i->first + i->pages :
			     !!find_image(r, offset, RUN_PAGES)) ? 0 : RUN_ORDER;
		if (i)
			copy_pages(i, offset, pfn, order);
		else
			arch_page_zero(pfn, order);
		offset += 1U << order;
		pfn.v += 1U << order;
	}
}

/* The area is BUSY, and so nobody else's. No lock held. */
static int prepare(struct fill *f)
{
	if (take_pages(f))
		return -ENOMEM;
	if (f->order < CHUNK_ORDER && !(*f->area & AREA_TABLE)) {
		spin_lock(&f->r->lock);
		f->table = take_spare(f->r);
		spin_unlock(&f->r->lock);
		if (!f->table)
			f->table = hyp_alloc_pages(0, NULL);
		if (!f->table) {
			page_put(f->pfn, f->order, f->r->b.budget);
			return -ENOMEM;
		}
	}
	if (f->mixed)
		fill_each(f->r, f->offset, f->pfn, BIT64(f->order));
	else if (f->image)
		copy_pages(f->image, f->offset, f->pfn, f->order);
	else
		arch_page_zero(f->pfn, f->order);
	return 0;
}

/* Everybody sees the new pages from here on. */
static void commit(void *arg)
{
	struct fill *f = arg;
	u64 entry = pfn_to_hpa(f->pfn).v | PAGE_OWNED |
		    (f->order == RUN_ORDER ? PAGE_IN_RUN : 0);

	spin_lock(&f->r->lock);
	f->r->b.resident += BIT64(f->order);
	if (f->order == CHUNK_ORDER) {
		write_entry(f->area, pfn_to_hpa(f->pfn).v | AREA_BLOCK);
	} else {
		u64 *table = f->table ? f->table : table_of(*f->area);

		for (u64 i = 0; i < BIT64(f->order); i++)
			write_entry(&table[f->offset % AREA_PAGES + i],
				    entry + (i << PAGE_SHIFT));
		write_entry(f->area, area_entry(table));
	}
	spin_unlock(&f->r->lock);
}

static void give_up(struct fill *f)
{
	spin_lock(&f->r->lock);
	write_entry(f->area, *f->area & ~AREA_BUSY);
	spin_unlock(&f->r->lock);
}

/* The index is locked, the area not busy, the page not owned; returns with the
 * lock dropped, and the page owned if 0. */
static int make_page(struct ram *r, u64 offset, const struct image *image,
		     struct backing_page *out)
{
	struct fill f = { .r = r, .image = image, .offset = offset };

	f.area = make_area(r, offset);
	if (!f.area) {
		spin_unlock(&r->lock);
		return -ENOMEM;
	}
	write_entry(f.area, *f.area | AREA_BUSY);
	spin_unlock(&r->lock);

	if (prepare(&f)) {
		give_up(&f);
		return -ENOMEM;
	}
	/* A guest may have pages of images mapped; zero pages nobody has. */
	if (image || f.mixed)
		backing_take_back(&r->b, f.offset, BIT64(f.order), commit, &f);
	else
		commit(&f);
	out->pfn = PFN(f.pfn.v + offset - f.offset);
	out->order = f.order;
	out->copied = image || f.mixed ? 1U << f.order : 0;
	return 0;
}

/* The page as it is owned, if it is; `least`: order of the smallest run. */
static bool owned_page(u64 area, u64 offset, unsigned int least,
		       struct backing_page *out)
{
	u64 n = offset % AREA_PAGES, entry;

	if (area & AREA_BLOCK) {
		out->pfn = PFN(entry_pfn(area).v + n);
		out->order = CHUNK_ORDER;
		return true;
	}
	entry = area & AREA_TABLE ? read_entry(&table_of(area)[n]) : 0;
	if (!entry)
		return false;
	out->pfn = entry_pfn(entry);
	out->order = entry & PAGE_IN_RUN ? RUN_ORDER : least;
	return true;
}

/* Without the lock. False if there is no such page, or nobody knows. */
static bool find_owned(const struct ram *r, u64 offset,
		       struct backing_page *out)
{
	u64 gone = __atomic_load_n(&r->gone, __ATOMIC_ACQUIRE);
	const u64 *area = find_area(r, offset);

	return area && owned_page(read_entry(area), offset, r->b.order, out) &&
	       likely(__atomic_load_n(&r->gone, __ATOMIC_RELAXED) == gone);
}

static int ram_get(struct backing *b, u64 offset, bool write,
		   struct backing_page *out)
{
	struct ram *r = container_of(b, struct ram, b);
	bool whole = true, shown;
	struct image *image;
	const u64 *area;

	if (offset >= b->pages)
		return -EFAULT;
	*out = (struct backing_page){ .writable = true };
	if (likely(find_owned(r, offset, out)))
		return 0;
	for (;;) {
		spin_lock(&r->lock);
		area = find_area(r, offset);
		if (area && owned_page(*area, offset, b->order, out))
			break;
		image = r->images ? find_image(r, offset, 1) : NULL;
		shown = image && !write && shareable(r, image, offset);
		if (shown && !(whole && comes_whole(r, offset, area ? *area : 0))) {
			show_image(image, offset, area ? *area : 0, out);
			spin_unlock(&r->lock);
			publish_image(image, offset);
			return 0;
		}
		if (!area || !(*area & AREA_BUSY)) {
			if (!make_page(r, offset, image, out))
				return 0;
			if (!shown)
				return -ENOMEM;
			whole = false;
			continue;
		}
		spin_unlock(&r->lock);
		cpu_relax();
	}
	spin_unlock(&r->lock);
	return 0;
}

/* ---- Throwing away ---------------------------------------------------------------- */

/* An area's block becomes a table of its pages, each with its own count. */
static int split_block(struct ram *r, u64 *area)
{
	pfn_t pfn = entry_pfn(*area);
	u64 *table = take_spare(r);

	if (!table)
		table = hyp_alloc_pages(0, NULL);
	if (!table)
		return -ENOMEM;
	if (page_split(pfn)) {
		keep_spare(r, table);
		return -ENOMEM;
	}
	for (u64 i = 0; i < AREA_PAGES; i++)
		write_entry(&table[i],
			    pfn_to_hpa(PFN(pfn.v + i)).v | PAGE_OWNED);
	write_entry(area, area_entry(table));
	return 0;
}

/* A run goes with its first page, if all of it does; what is left of the runs at both
 * ends is none any more. */
static void free_pages(struct ram *r, u64 *area, unsigned int first,
		       unsigned int count)
{
	unsigned int i = ALIGN_DOWN(first, RUN_PAGES), end = first + count;
	u64 *table = table_of(*area);
	bool whole = false;

	for (; i < ALIGN_UP(end, RUN_PAGES); i++) {
		u64 entry = table[i];

		if (!(i % RUN_PAGES))
			whole = entry & PAGE_IN_RUN && i >= first &&
				end - i >= RUN_PAGES;
		if (!entry)
			continue;
		if (i - first < count) {
			if (!whole || !(i % RUN_PAGES))
				page_put(entry_pfn(entry), whole ? RUN_ORDER : 0,
					 r->b.budget);
			r->b.resident--;
			entry = 0;
		}
		write_entry(&table[i], entry & ~PAGE_IN_RUN);
	}
	/* A page that is being made may be about to go into the table. */
	if (!(*area & AREA_BUSY) && !owned_in(*area, 0, AREA_PAGES)) {
		write_entry(area, 0);
		keep_spare(r, table);
	}
}

/* The pages stay, as far as they are owned, and their contents go. */
static void refill(const struct ram *r, u64 area, u64 offset, u64 count)
{
	struct backing_page page;

	for (; count; count--, offset++)
		if (owned_page(area, offset, 0, &page))
			fill_each(r, offset, page.pfn, 1);
}

/* The ends of the range that are no whole run: they stay. */
static void refill_ends(const struct ram *r, u64 area, u64 *offset, u64 *count)
{
	u64 run = BIT64(r->b.order), end = *offset + *count;
	u64 first = min(ALIGN_UP(*offset, run), end);
	u64 last = max(ALIGN_DOWN(end, run), first);

	refill(r, area, *offset, first - *offset);
	refill(r, area, last, end - last);
	*offset = first;
	*count = last - first;
}

/*
 * [offset, offset + count) within one area. The lock is held. The area may be
 * busy: whoever makes a page in it may be waiting for the caller, who takes
 * pages back (backing_take_back()), so there is no waiting for him. What he puts
 * in is new, and so as it should be after a discard.
 *
 * Out of line, and cold, for size alone: inlined it makes the image 300 bytes larger.
 */
static __attribute__((noinline, cold)) void
discard_in_area(struct ram *r, u64 *area, u64 offset, u64 count)
{
	u64 first;

	refill_ends(r, *area, &offset, &count);
	first = offset % AREA_PAGES;
	if (!count)
		return;
	if (*area & AREA_BLOCK && count == AREA_PAGES) {
		page_put(entry_pfn(*area), CHUNK_ORDER, r->b.budget);
		r->b.resident -= AREA_PAGES;
		write_entry(area, 0);
		return;
	}
	/* No memory to split with: the pages stay too. */
	if (*area & AREA_BLOCK && split_block(r, area)) {
		refill(r, *area, offset, count);
		return;
	}
	if (*area & AREA_TABLE)
		free_pages(r, area, first, count);
}

static void ram_discard(struct backing *b, u64 offset, u64 count)
{
	struct ram *r = container_of(b, struct ram, b);
	u64 part_pages = (u64)PART_AREAS * AREA_PAGES;

	if (offset >= b->pages)
		return;
	count = min(count, b->pages - offset);
	while (count) {
		u64 n = min(count, AREA_PAGES - offset % AREA_PAGES);
		u64 *area;

		spin_lock(&r->lock);
		area = find_area(r, offset);
		if (!area)
			n = min(count, part_pages - offset % part_pages);
		else
			discard_in_area(r, area, offset, n);
		spin_unlock(&r->lock);
		offset += n;
		count -= n;
	}
}

static void free_index(struct ram *r)
{
	unsigned int order = 0;

	for (u64 n = 0; n < r->parts; n++)
		hyp_free(r->part[n], part_areas(r, n) * sizeof(u64));
	while ((PAGE_SIZE << order) < r->parts * sizeof(u64 *))
		order++;
	if (order)
		hyp_free_pages(r->part, order, NULL);
	else
		hyp_free(r->part, r->parts * sizeof(u64 *));
}

static void ram_destroy(struct backing *b)
{
	struct ram *r = container_of(b, struct ram, b);
	u64 part_pages = (u64)PART_AREAS * AREA_PAGES, at, n;
	u64 *table;

	for (at = 0; at < b->pages; at += n) {
		n = find_area(r, at) ? BACKING_STEP : part_pages;
		ram_discard(b, at, n);
		cond_resched();
	}
	while ((table = take_spare(r))) {
		hyp_free_pages(table, 0, NULL);
		cond_resched();
	}
	free_index(r);
	while (r->images) {
		struct image *i = r->images;

		r->images = i->next;
		hyp_free(i->published, published_size(i->first, i->pages));
		hyp_free(i, sizeof(*i));
	}
	hyp_free(r, sizeof(*r));
}

/* ---- Making ------------------------------------------------------------------------ */

static const struct backing_ops ram_ops = {
	.name = "ram",
	.get = ram_get,
	.discard = ram_discard,
	.destroy = ram_destroy,
};

static const struct backing_ops shared_ops = {
	.name = "shared",
	.get = ram_get,
	.destroy = ram_destroy,
};

static u64 **alloc_parts(u64 parts)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < parts * sizeof(u64 *))
		order++;
	return order ? hyp_alloc_pages(order, NULL) :
		       hyp_alloc(parts * sizeof(u64 *));
}

struct backing *backing_ram_create(u64 pages, struct page_budget *budget)
{
	return backing_ram_create_runs(pages, 0, budget);
}

struct backing *backing_ram_create_runs(u64 pages, unsigned int order,
					struct page_budget *budget)
{
	struct ram *r;

	_Static_assert(RUN_ORDER == BACKING_ORDER_MAX, "a run is the most");
	if (!pages || pages > MOST_PAGES || order > BACKING_ORDER_MAX ||
	    !IS_ALIGNED(pages, BIT64(order)))
		return NULL;
	r = hyp_alloc(sizeof(*r));
	if (!r)
		return NULL;
	r->parts = DIV_ROUND_UP(pages, (u64)PART_AREAS * AREA_PAGES);
	r->part = alloc_parts(r->parts);
	if (!r->part) {
		hyp_free(r, sizeof(*r));
		return NULL;
	}
	backing_init(&r->b, &ram_ops, pages, budget);
	r->b.order = order;
	return &r->b;
}

struct backing *backing_shared_create(u64 pages, unsigned int order,
				      struct page_budget *budget)
{
	struct backing *b = backing_ram_create_runs(pages, order, budget);

	if (b)
		b->ops = &shared_ops;
	return b;
}

void backing_ram_make_whole(struct backing *b, u64 end)
{
	u64 pages = ALIGN_UP(end, CHUNK_SIZE) >> PAGE_SHIFT;

	container_of(b, struct ram, b)->whole_before =
		min(pages, ALIGN_DOWN(b->pages, (u64)AREA_PAGES));
}

static void nothing(void *arg)
{
}

int backing_ram_add_image(struct backing *b, u64 at, hpa_t pa, u64 size)
{
	struct ram *r = container_of(b, struct ram, b);
	u64 pages = (size >> PAGE_SHIFT) + !IS_ALIGNED(size, PAGE_SIZE);
	u64 first = at >> PAGE_SHIFT, *published;
	struct image *i;

	if (b->ops != &ram_ops || !size || !IS_ALIGNED(at, PAGE_SIZE) ||
	    !range_fits(first, pages, b->pages) || pa.v + size < pa.v ||
	    find_image(r, first, pages))
		return -EINVAL;
	i = hyp_alloc(sizeof(*i));
	published = hyp_alloc(published_size(first, pages));
	if (!i || !published) {
		hyp_free(i, sizeof(*i));
		hyp_free(published, published_size(first, pages));
		return -ENOMEM;
	}
	*i = (struct image){
		.first = first,
		.pages = pages,
		.pa = pa,
		.size = size,
		.whole = IS_ALIGNED(pa.v, PAGE_SIZE) ? size >> PAGE_SHIFT : 0,
		.published = published,
	};
	spin_lock(&r->lock);
	i->next = r->images;
	r->images = i;
	spin_unlock(&r->lock);
	/* Pages that were made here before would hide the image. */
	backing_take_back(b, first, pages, nothing, NULL);
	ram_discard(b, first, pages);
	return 0;
}
