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

/* ---- What happens meanwhile ----------------------------------------------------------- */

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
	if (!flat.anytime || flat_dice(4))
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
	static const u32 need[] = {
		[SIM_READ] = PGT_R, [SIM_WRITE] = PGT_W, [SIM_EXEC] = PGT_RX,
	};

	return p->attr && (p->attr & need[m->access]) == need[m->access] &&
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
		      (unsigned long long)flat_address(m->w, m->i),
		      (unsigned long long)m->result.pa);
	}
}

/* ---- Map -------------------------------------------------------------------------------- */

/* As far from the address as a block is large, or anyhow. What is mapped is not
 * there, but for the tables in the arena. */
static u64 random_pa(u64 ia, u64 unit, u64 size)
{
	u64 shift = flat.granule << (flat.shape.granule_shift - 3);
	u64 most = BIT64(flat.shape.oa_bits), pa;

	if (dice(2))
		shift <<= flat.shape.granule_shift - 3;
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
	bool happened;
	int r;

	start(w, first, n);
	r = pgtable_map(&flat.pt, IA(ia), size, HPA(pa),
			attr | (dice(2) ? PGT_EXCLUSIVE : 0), NULL, &done);
	happened = anytime_stop();
	HOLDS(!r || r == -EALREADY || (r == -ENOMEM && done < size),
	      "map gives %d, %llu done", r, (unsigned long long)done);
	HOLDS(r == -ENOMEM || done == size, "map has not done all");
	/* No table for the rest of a large page: it is as it was, or half so. */
	HOLDS(!(done % unit) || w == BLOCK_WINDOW, "half a page");
	if (done % unit)
		HOLDS(!pgtable_unmap(&flat.pt,
				     IA(flat_address(w, first + done / unit)),
				     unit, NULL),
		      "unmap");
	if (done % unit)
		flat.page[w][first + done / unit].attr = 0;
	for (u64 i = 0; i < done / unit; i++)
		flat.page[w][first + i] = (struct flat_page){
			.pa = pa + i * unit, .attr = attr,
			.age = AGE_UNKNOWN,
		};
	finish(happened && !(done % unit));
}

/* ---- Unmap ------------------------------------------------------------------------------- */

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
	finish(happened);
}

/* ---- Protect and age ----------------------------------------------------------------------- */

/* Without hardware's help, what may not be written is clean from then on. */
static void forget_writes(int w, u64 first, u64 n, u32 clear, u32 set)
{
	if (clear & ~set & PGT_W)
		sim_dirty_forget(flat.pt.root_pa.v, flat_address(w, first),
				 n * flat.unit[w]);
}

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
	if (r != -ENOMEM)
		forget_writes(w, first, n, clear, set);
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

const struct flat_op flat_ops[] = {
	{ "map", do_map },	   { "map", do_map },
	{ "map", do_map },	   { "unmap", do_unmap },
	{ "unmap", do_unmap },	   { "protect", do_protect },
	{ "age", do_age },	   { "unmap all", do_unmap_all },
};
const unsigned int flat_op_count = ARRAY_SIZE(flat_ops);
