// SPDX-License-Identifier: BSD-2-Clause
/* The operations, and what each does to the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/testing/anytime.h"
#include "arch/sim/testing/flat.h"
#include "arch/sim/testing/flat_ops.h"
#include "lib/errno.h"

/* ---- What happens meanwhile --------------------------------------------- */

/*
 * In the middle of an operation another CPU accesses pages. Each of them is as it
 * was, or as it will be.
 */
#define MEANWHILE 6
static struct meanwhile {
	int w;
	u64 i, offset;
	enum sim_access access;
	struct sim_result result;
	struct flat_page before;
} meanwhile[MEANWHILE];
static int window;
static u64 window_first, window_pages;

static void access_meanwhile(void)
{
	unsigned int cpu = sim_cpu_now();

	sim_be_cpu(1 + flat_dice(FLAT_CPUS - 1));
	for (unsigned int n = 0; n < MEANWHILE; n++) {
		struct meanwhile *m = &meanwhile[n];

		m->result = sim_env_access(&flat.env,
					   flat_address(m->w, m->i) + m->offset,
					   m->access);
	}
	sim_be_cpu(cpu);
}

static void start(int w, u64 first, u64 n)
{
	window = w;
	window_first = first;
	window_pages = n;
	if (!flat.anytime || flat_dice(8))
		return;
	for (unsigned int k = 0; k < MEANWHILE; k++) {
		struct meanwhile *m = &meanwhile[k];

		*m = (struct meanwhile){
			.w = w, .i = first + flat_dice(k ? n : 1),
			.offset = flat_dice(flat.unit[w]),
			.access = flat_dice(3),
		};
		m->before = flat.page[w][m->i];
	}
	anytime_start(flat_dice(3) ? flat_dice(40) : flat_dice(4),
		      flat_dice(1ULL << (1 + flat_dice(9))), access_meanwhile);
}

static bool allows(const struct flat_page *p, const struct meanwhile *m)
{
	return p->attr && flat_allows(p, m->access) &&
	       p->pa + m->offset == m->result.pa;
}

/* A fault may always be had: what is being changed is not there for a while. */
static void finish(bool happened)
{
	for (unsigned int n = 0; happened && n < MEANWHILE; n++) {
		struct meanwhile *m = &meanwhile[n];
		struct flat_page *after = &flat.page[m->w][m->i];

		after->age = AGE_UNKNOWN;
		flat_age_spreads(m->w, m->i);
		if (m->result.fault)
			continue;
		HOLDS(allows(&m->before, m) || allows(after, m),
		      "0x%llx: an access in between gives 0x%llx",
		      flat_address(m->w, m->i),
		      m->result.pa);
	}
}

/* Nobody will ask any more what was written there. */
static void forget_writes(int w, u64 first, u64 n)
{
	sim_dirty_forget(flat.pt.root_pa.v, flat_address(w, first),
			 n * flat.unit[w]);
}

/* Nor what went to a page that another one has taken the place of, even if it
 * should come back. */
static void forget_replaced(int w, u64 i, u64 pa)
{
	const struct flat_page *old = &flat.page[w][i];

	if (old->attr && old->pa != pa)
		sim_dirty_replaced(flat.pt.root_pa.v, flat_address(w, i),
				   flat.unit[w], old->pa);
}

/* ---- Map ---------------------------------------------------------------- */

/* As far from the address as a block is large, or anyhow. What is mapped is not
 * there, but for the tables in the arena. */
static u64 random_pa(u64 ia, u64 unit, u64 size)
{
	u64 shift = flat.block;
	u64 most = BIT64(flat.shape.oa_bits), pa;

	if (dice(2))
		shift <<= flat.shape.granule_shift - 3; /* the next level's */
	pa = (ia + dice(8) * shift) % most;
	if (!dice(3))
		pa = dice(1 << 14) * unit % most;
	if (pa + size > most || ranges_overlap(pa, size, SIM_RAM, FLAT_RAM))
		pa = most - size;
	return pa;
}

static void do_map(int w, u64 first, u64 n)
{
	static const u32 kinds[] = {
		PGT_R, PGT_RW, PGT_RWX, PGT_RX, PGT_RW | PGT_DEVICE, PGT_RW,
		PGT_RWX, PGT_RW | PGT_NOCACHE, PGT_RWX | PGT_SW(0), PGT_RWX,
	};
	u64 unit = flat.unit[w], ia = flat_address(w, first), size = n * unit;
	u64 pa = random_pa(ia, unit, size), done = 0;
	u32 attr = kinds[dice(ARRAY_SIZE(kinds))];
	u32 how = (dice(2) ? PGT_EXCLUSIVE : 0) | (dice(2) ? PGT_CLEAN : 0);
	bool happened;
	int r;

	if (!(attr & PGT_W) || !flat.pt.dbm)
		how &= ~PGT_CLEAN;
	start(w, first, n);
	r = pgtable_map(&flat.pt, IA(ia), size, HPA(pa), attr | how, NULL,
			&done);
	happened = anytime_stop();
	HOLDS(!r || r == -EALREADY || (r == -ENOMEM && done < size),
	      "map gives %d, %llu done", r, done);
	HOLDS(r == -ENOMEM || done == size, "map has not done all");
	/* No table for the rest of a large page: it is as it was, or half so. */
	HOLDS(!(done % unit) || w == BLOCK_WINDOW, "half a page");
	if (done % unit)
		HOLDS(!pgtable_unmap(&flat.pt,
				     IA(flat_address(w, first + done / unit)),
				     unit, NULL),
		      "unmap");
	if (done % unit) {
		flat.page[w][first + done / unit].attr = 0;
		forget_writes(w, first + done / unit, 1);
	}
	if (!(attr & PGT_W))
		forget_writes(w, first, done / unit);
	for (u64 i = 0; i < done / unit; i++)
		forget_replaced(w, first + i, pa + i * unit);
	for (u64 i = 0; i < done / unit; i++)
		flat.page[w][first + i] = (struct flat_page){
			.pa = pa + i * unit, .attr = attr,
			.age = AGE_UNKNOWN,
		};
	finish(happened && !(done % unit));
}

/* ---- Unmap -------------------------------------------------------------- */

static void do_unmap(int w, u64 first, u64 n)
{
	bool happened;
	int r;

	start(w, first, n);
	r = pgtable_unmap(&flat.pt, IA(flat_address(w, first)),
			  n * flat.unit[w], NULL);
	happened = anytime_stop();
	HOLDS(!r || r == -ENOMEM, "unmap gives %d", r);
	for (u64 i = first; !r && i < first + n; i++)
		flat.page[w][i].attr = 0;
	if (!r)
		forget_writes(w, first, n);
	finish(happened);
}

/* The whole space: the roots side by side, all of them. */
static void do_unmap_all(int w, u64 first, u64 n)
{
	bool happened;

	if (dice(4))
		return;
	start(w, first, n);
	HOLDS(!pgtable_unmap(&flat.pt, IA(0), flat.pt.ia_size, NULL), "unmap");
	happened = anytime_stop();
	HOLDS(flat.pt.tables == flat.pt.root_tables, "tables left");
	memset(flat.page, 0, sizeof(flat.page));
	sim_dirty_forget(flat.pt.root_pa.v, 0, ~0ULL);
	finish(happened);
}

/* ---- Protect and age ---------------------------------------------------- */

static void do_protect(int w, u64 first, u64 n)
{
	u32 clear = dice(4) ? PGT_W : PGT_X | PGT_SW(0);
	u32 set = dice(2) ? 0 : dice(2) ? PGT_X | PGT_SW(1) : PGT_W;
	bool happened;
	int r;

	start(w, first, n);
	r = pgtable_protect(&flat.pt, IA(flat_address(w, first)),
			    n * flat.unit[w], clear, set, NULL);
	happened = anytime_stop();
	HOLDS(!r || r == -EALREADY || r == -ENOMEM, "protect gives %d", r);
	for (u64 i = first; r != -ENOMEM && i < first + n; i++) {
		struct flat_page *p = &flat.page[w][i];
		u32 attr = (p->attr & ~clear) | set;

		if (p->attr & PGT_DEVICE)
			attr &= ~PGT_X;
		if (p->attr)
			p->attr = attr;
	}
	/* What may not be written is clean from then on. */
	if (r != -ENOMEM && clear & ~set & PGT_W)
		forget_writes(w, first, n);
	finish(happened);
}

static void do_age(int w, u64 first, u64 n)
{
	ia_t ia = IA(flat_address(w, first));
	u64 size = n * flat.unit[w];
	bool happened;

	flat_age_spreads(w, first);
	flat_age_spreads(w, first + n - 1);
	start(w, first, n);
	pgtable_test_young(&flat.pt, ia, size, true);
	happened = anytime_stop();
	/* The MMU may foresee an access, and set the flag. */
	HOLDS(flat.shape.features & SIM_HAF ||
		      !pgtable_test_young(&flat.pt, ia, size, false),
	      "young after it was made old");
	for (u64 i = first; i < first + n; i++)
		flat.page[w][i].age = AGE_OLD;
	finish(happened);
}

/* ---- Dirty state -------------------------------------------------------- */

static u64 reported_end; /* of the run before */

static void protected(u64 ia, u64 size)
{
	for (int w = 0; w < WINDOWS; w++)
		for (u64 i = 0; i < flat.count[w]; i++)
			if (ranges_overlap(flat_address(w, i), flat.unit[w], ia,
					   size))
				flat.page[w][i].attr &= ~PGT_W;
}

static void reported(void *arg, ia_t ia, u64 size)
{
	HOLDS(size && ia.v >= reported_end, "runs out of order");
	reported_end = ia.v + size;
	sim_harvest_report(flat.pt.root_pa.v, ia.v, size);
	if (!flat.pt.dbm)
		protected(ia.v, size);
}

static void nothing_reported(void *arg, ia_t ia, u64 size)
{
	HOLDS(false, "0x%llx is dirty once more", ia.v);
}

/* That every write is in one harvest is judged by the machine. */
static void do_harvest(int w, u64 first, u64 n)
{
	ia_t ia = IA(flat_address(w, first));
	u64 size = n * flat.unit[w], since = sim_harvest_start();
	bool happened;
	int r;

	reported_end = 0;
	start(w, first, n);
	r = pgtable_harvest_dirty(&flat.pt, ia, size, reported, NULL);
	happened = anytime_stop();
	HOLDS(r == (reported_end ? 0 : -EALREADY), "harvest gives %d", r);
	sim_harvest_end(flat.pt.root_pa.v, ia.v, size, since);
	if (!happened)
		HOLDS(pgtable_harvest_dirty(&flat.pt, ia, size,
					    nothing_reported,
					    NULL) == -EALREADY,
		      "dirty after the harvest");
	finish(happened);
}

/* ---- Sizes -------------------------------------------------------------- */

static u64 random_leaf_size(void)
{
	u64 size;

	do {
		size = pgtable_leaf_size(&flat.pt, dice(4));
	} while (!size);
	return size;
}

static int no_larger(const struct pgtable_leaf *leaf, void *arg)
{
	return leaf->size > *(const u64 *)arg;
}

static void do_split(int w, u64 first, u64 n)
{
	u64 ia = flat_address(w, first), size = n * flat.unit[w];
	u64 most = random_leaf_size(), done = 0;
	bool happened;
	int r;

	/* A terabyte of pages is more than the machine has tables for. */
	if (size / most > 4096)
		n = 1;
	size = n * flat.unit[w];
	start(w, first, n);
	r = pgtable_split(&flat.pt, IA(ia), size, most, NULL, &done);
	happened = anytime_stop();
	HOLDS(!r || r == -EALREADY || (r == -ENOMEM && done < size),
	      "split gives %d, %llu done", r, done);
	HOLDS(r == -ENOMEM || done == size, "split has not done all");
	HOLDS(!done || !pgtable_visit(&flat.pt, IA(ia), done, no_larger, &most),
	      "a leaf is too large still");
	finish(happened);
}

static void do_collapse(int w, u64 first, u64 n)
{
	ia_t ia = IA(flat_address(w, first));
	u64 size = n * flat.unit[w], most = random_leaf_size();
	bool happened;
	int r;

	start(w, first, n);
	r = pgtable_collapse(&flat.pt, ia, size, most);
	happened = anytime_stop();
	HOLDS(!r || r == -EALREADY, "collapse gives %d", r);
	/* The MMU's updates are no reason: states may differ. */
	HOLDS(pgtable_collapse(&flat.pt, ia, size, most) == -EALREADY,
	      "there is more to collapse");
	/* A block is young if one of its leaves was. */
	for (u64 i = first; i < first + n; i++)
		flat.page[w][i].age = AGE_UNKNOWN;
	finish(happened);
}

/* ---- In steps ----------------------------------------------------------- */

static void do_unmap_in_steps(int w, u64 first, u64 n)
{
	u64 ia = flat_address(w, first), left = n * flat.unit[w], span;
	unsigned int tables = 1 + dice(8);
	int r = 0;

	for (; left && !r; ia += span, left -= span) {
		span = pgtable_step(&flat.pt, IA(ia), left, tables);
		HOLDS(span && span <= left && !(span % flat.granule),
		      "a step of 0x%llx", span);
		r = pgtable_unmap(&flat.pt, IA(ia), span, NULL);
		HOLDS(!r || r == -ENOMEM, "unmap gives %d", r);
		if (r)
			break;
	}
	/* What is left of a large page goes as well. */
	if (left % flat.unit[w]) {
		flat.env.fail_after = 0;
		HOLDS(!pgtable_unmap(&flat.pt, IA(ia), left % flat.unit[w],
				     NULL),
		      "unmap");
		left -= left % flat.unit[w];
	}
	n -= left / flat.unit[w];
	for (u64 i = first; i < first + n; i++)
		flat.page[w][i].attr = 0;
	forget_writes(w, first, n);
}

/* ---- Caches ------------------------------------------------------------- */

static void do_flush(int w, u64 first, u64 n)
{
	u64 cached = 0;

	for (u64 i = first; i < first + n; i++)
		if (flat.page[w][i].attr &&
		    !(flat.page[w][i].attr & (PGT_DEVICE | PGT_NOCACHE)))
			cached += flat.unit[w];
	/* It makes every access of a guest cacheable. */
	if (flat.shape.features & SIM_FWB && !flat.shape.own)
		cached = 0;
	flat.env.cleaned = 0;
	HOLDS(!pgtable_flush(&flat.pt, IA(flat_address(w, first)),
			     n * flat.unit[w]),
	      "flush");
	HOLDS(flat.env.cleaned == cached, "0x%llx bytes cleaned, not 0x%llx",
	      flat.env.cleaned,
	      cached);
}

const struct flat_op flat_ops[] = {
	{ "map", do_map },	     { "map", do_map },
	{ "map", do_map },	     { "map", do_map },
	{ "unmap", do_unmap },	     { "unmap in steps", do_unmap_in_steps },
	{ "protect", do_protect },   { "age", do_age },
	{ "harvest", do_harvest },   { "harvest", do_harvest },
	{ "split", do_split },	     { "collapse", do_collapse },
	{ "collapse", do_collapse }, { "flush", do_flush },
	{ "unmap all", do_unmap_all },
};
const unsigned int flat_op_count = ARRAY_SIZE(flat_ops);
