// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writes that a dirty log has to tell of.
 *
 * Every write of a guest is noted, by the page of its tree, until a harvest has
 * reported that page. A write that was over when a harvest of its page began,
 * and that neither this harvest nor one before it reported, is lost: whoever
 * copies what is dirty will never copy it.
 *
 * What is written while a harvest runs may be in it or in the next one. It is
 * not in the next one if it went through an entry of a TLB that was dirty still
 * (D8.5.2: with S2AP[1] set no update of the table is made). The page was
 * reported, and its contents are looked at only when the harvest is over: so a
 * report counts for all that is written until then.
 */
#include <stdlib.h>
#include "arch/sim/internal.h"

struct write {
	u64 root, ia, pa; /* of the page */
	unsigned long when;
	struct write *next;
};

struct report {
	u64 root, ia, size;
};

#define BUCKETS 1024
static struct write *writes[BUCKETS];
static struct report *reports;
static unsigned int report_count, report_room;
static unsigned long moment;

static struct write **bucket_of(u64 root, u64 ia)
{
	u64 z = (root ^ ia >> PAGE_SHIFT) * 0x9e3779b97f4a7c15ULL;

	return &writes[z >> 54];
}

static void for_each(bool (*goes)(const struct write *w, const void *arg),
		     const void *arg)
{
	for (unsigned int n = 0; n < BUCKETS; n++) {
		struct write **at = &writes[n];

		while (*at) {
			struct write *w = *at;

			if (!goes(w, arg)) {
				at = &w->next;
				continue;
			}
			*at = w->next;
			free(w);
		}
	}
}

static bool always(const struct write *w, const void *arg)
{
	return true;
}

void dirty_reset(void)
{
	for_each(always, NULL);
	free(reports);
	reports = NULL;
	report_count = report_room = 0;
	moment = 0;
}

static bool of_root(const struct write *w, const void *arg)
{
	return w->root == *(const u64 *)arg;
}

void dirty_forget_root(u64 root)
{
	for_each(of_root, &root);
}

void dirty_note(const struct regime *r, u64 ia, u64 pa)
{
	u64 mask = ~((1ULL << r->granule_shift) - 1);
	struct write **bucket = bucket_of(r->root, ia & mask), *w = *bucket;

	while (w && (w->root != r->root || w->ia != (ia & mask)))
		w = w->next;
	if (!w) {
		w = malloc(sizeof(*w));
		if (!w)
			abort();
		*w = (struct write){ .root = r->root, .ia = ia & mask,
				     .next = *bucket };
		*bucket = w;
	}
	w->pa = pa & mask;
	w->when = ++moment;
}

/* ---- Harvests ------------------------------------------------------------------ */

u64 sim_harvest_start(void)
{
	u64 now;

	sim_lock();
	now = moment;
	sim_unlock();
	return now;
}

void sim_harvest_report(u64 root, u64 ia, u64 size)
{
	sim_lock();
	trace("harvest", ia, size);
	if (report_count == report_room) {
		report_room = report_room ? 2 * report_room : 64;
		reports = realloc(reports, report_room * sizeof(*reports));
		if (!reports)
			abort();
	}
	reports[report_count++] = (struct report){ root, ia, size };
	sim_unlock();
}

static bool is_reported(const struct write *w, const void *arg)
{
	for (unsigned int n = 0; n < report_count; n++)
		if (reports[n].root == w->root &&
		    w->ia - reports[n].ia < reports[n].size)
			return true;
	return false;
}

struct harvest {
	struct report range;
	u64 since;
};

/* Unmapped since, or another page there: nobody asked for what it held. */
static bool still_mapped(const struct write *w)
{
	struct table *t = table_at(w->root);
	struct walk walk;

	if (!t)
		return false;
	walk = walk_from(&t->regime, w->ia, FROM_ROOT, 0, NULL, NULL);
	return !walk.fault && walk.desc.kind == DESC_LEAF &&
	       walk.desc.out + (w->ia - walk.ia) == w->pa;
}

static bool is_lost(const struct write *w, const void *arg)
{
	const struct harvest *h = arg;

	if (w->root != h->range.root || w->when > h->since ||
	    w->ia - h->range.ia >= h->range.size)
		return false;
	if (still_mapped(w))
		broken(SIM_DIRTY_STATE, w->ia,
		       "written, and no harvest has reported it");
	return true;
}

void sim_harvest_end(u64 root, u64 ia, u64 size, u64 since)
{
	struct harvest h = { { root, ia, size }, since };
	unsigned int kept = 0;

	sim_lock();
	for_each(is_reported, NULL);
	for_each(is_lost, &h);
	for (unsigned int n = 0; n < report_count; n++)
		if (reports[n].root != root)
			reports[kept++] = reports[n];
	report_count = kept;
	sim_unlock();
}

static bool within(const struct write *w, const void *arg)
{
	const struct report *r = arg;

	return w->root == r->root && w->ia - r->ia < r->size;
}

struct output {
	struct report range;
	u64 pa;
};

static bool went_to(const struct write *w, const void *arg)
{
	const struct output *o = arg;

	return within(w, &o->range) && w->pa - o->pa == w->ia - o->range.ia;
}

void sim_dirty_replaced(u64 root, u64 ia, u64 size, u64 pa)
{
	sim_lock();
	for_each(went_to, &(struct output){ { root, ia, size }, pa });
	sim_unlock();
}

void sim_dirty_forget(u64 root, u64 ia, u64 size)
{
	sim_lock();
	for_each(within, &(struct report){ root, ia, size });
	sim_unlock();
}
