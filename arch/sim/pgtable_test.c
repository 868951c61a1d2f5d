// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/memory.c
// link: arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c arch/sim/tlbi.c
// link: pgtable/build.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/unmap.c
/*
 * The engine on the simulated machine, against a flat oracle: random maps,
 * unmaps, protections and agings, with tables that run out. After each step
 * whatever CPUs access is as the oracle says, and no rule of the architecture
 * is broken (K4, K5, K21; bugs.md 1, 9, 10, 16, 17, 21, 23, 24, 25, 27).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/env.h"
#include "arch/sim/testing/property.h"
#include "lib/errno.h"

/* The last window's pages are as large as a block of the lowest level. */
#define WINDOWS 5
#define BLOCK_WINDOW 4
#define WINDOW_PAGES 1200
#define CPUS 3
#define RAM (64UL << 20)
#define GUESTS 0x6 /* CPUs 1 and 2; 0 is the hypervisor's */

enum age { AGE_UNKNOWN, AGE_YOUNG, AGE_OLD };

struct oracle_page {
	u64 pa;
	u32 attr; /* 0: a hole */
	enum age age;
};

struct shape {
	const struct pgtable_format *format;
	unsigned int granule_shift, ia_bits, oa_bits;
	u32 features;
};

struct property property;

static struct {
	const struct shape *shape;
	u64 granule, base[WINDOWS], unit[WINDOWS], count[WINDOWS];
	struct pgtable pt;
	struct sim_env env;
	struct oracle_page page[WINDOWS][WINDOW_PAGES];
} t;

static u64 address(int w, u64 i)
{
	return t.base[w] + i * t.unit[w];
}

/* ---- What a guest sees --------------------------------------------------------- */

static enum sim_fault_type expected(const struct oracle_page *p,
				    enum sim_access access)
{
	static const u32 need[] = {
		[SIM_READ] = PGT_R, [SIM_WRITE] = PGT_W, [SIM_EXEC] = PGT_RX,
	};

	if (!p->attr)
		return SIM_TRANSLATION_FAULT;
	return (p->attr & need[access]) == need[access] ? SIM_NO_FAULT :
							  SIM_PERMISSION_FAULT;
}

/* What shares a leaf with page i of window w may have aged with it. */
static void age_spreads(int w, u64 i)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&t.pt, IA(address(w, i)), &leaf))
		return;
	for (int v = 0; v < WINDOWS; v++)
		for (u64 n = 0; n < t.count[v]; n++)
			if (ranges_overlap(address(v, n), t.unit[v],
					   leaf.ia.v, leaf.size))
				t.page[v][n].age = AGE_UNKNOWN;
}

static void mark_young(int w, u64 i, u64 ia)
{
	struct oracle_page *p = &t.page[w][i];

	HOLDS(p->age != AGE_YOUNG && !(t.shape->features & SIM_HAF),
	      "0x%llx is young",
	      (unsigned long long)address(w, i));
	HOLDS(!pgtable_mark_young(&t.pt, IA(ia)), "cannot be made young");
	age_spreads(w, i);
}

static void probe(int w, u64 i)
{
	struct oracle_page *p = &t.page[w][i];
	enum sim_access access = dice(3);
	u64 offset = dice(t.unit[w]), ia = address(w, i);
	struct sim_result r;

	sim_be_cpu(1 + dice(CPUS - 1));
	r = sim_access(ia + offset, access);
	if (p->attr && p->age == AGE_OLD && !(t.shape->features & SIM_HAF))
		HOLDS(r.fault == SIM_ACCESS_FLAG_FAULT, "0x%llx is not old",
		      (unsigned long long)ia);
	if (r.fault == SIM_ACCESS_FLAG_FAULT) {
		mark_young(w, i, ia + offset);
		r = sim_access(ia + offset, access);
	} else if (p->age == AGE_OLD && p->attr) {
		age_spreads(w, i);
	}
	HOLDS(r.fault == expected(p, access),
	      "0x%llx: access %d gives fault %d, and 0x%llx is mapped with 0x%x",
	      (unsigned long long)ia, access, r.fault,
	      (unsigned long long)p->pa, p->attr);
	if (!r.fault)
		HOLDS(r.pa == p->pa + offset &&
			      r.device == !!(p->attr & PGT_DEVICE),
		      "0x%llx: is 0x%llx, not 0x%llx", (unsigned long long)ia,
		      (unsigned long long)r.pa, (unsigned long long)p->pa);
	sim_be_cpu(0);
}

static void check(int w, u64 first, u64 n)
{
	sim_quiet();
	HOLDS(!sim_broken_any(), "a rule was broken");
	for (int i = 0; i < 24; i++)
		probe(w, first + dice(n));
	probe(w, first);
	probe(w, first + n - 1);
	if (first)
		probe(w, first - 1);
	if (first + n < t.count[w])
		probe(w, first + n);
	for (int i = 0; i < 24; i++) {
		w = dice(WINDOWS);
		if (t.count[w])
			probe(w, dice(t.count[w]));
	}
	HOLDS(!sim_broken_any(), "a rule was broken by an access");
	HOLDS(sim_pages_used() << PAGE_SHIFT == t.pt.tables * t.granule,
	      "%llu pages for %llu tables", (unsigned long long)sim_pages_used(),
	      (unsigned long long)t.pt.tables);
}

/* Every page, by the tables alone. */
static void check_all(void)
{
	for (int w = 0; w < WINDOWS; w++) {
		for (u64 i = 0; i < t.count[w]; i++) {
			struct oracle_page *p = &t.page[w][i];
			struct sim_result r = sim_translate(
				t.env.vtcr, sim_make_vttbr(t.pt.root_pa.v, 1),
				address(w, i), SIM_READ);

			HOLDS((r.fault == SIM_TRANSLATION_FAULT) == !p->attr,
			      "0x%llx: fault %d, mapped with 0x%x",
			      (unsigned long long)address(w, i), r.fault,
			      p->attr);
			HOLDS(r.fault || r.pa == p->pa, "0x%llx: 0x%llx",
			      (unsigned long long)address(w, i),
			      (unsigned long long)r.pa);
		}
	}
}

/* ---- Operations ------------------------------------------------------------------ */

static void do_map(int w, u64 first, u64 n)
{
	static const u32 kinds[] = {
		PGT_R, PGT_RW, PGT_RWX, PGT_RX, PGT_RW | PGT_DEVICE, PGT_RW,
		PGT_RWX, PGT_RW | PGT_NOCACHE, PGT_RWX | PGT_SW(0), PGT_RWX,
	};
	u64 unit = t.unit[w], ia = address(w, first), size = n * unit, done = 0;
	/* As far from the address as a block is large, or anyhow. */
	u64 shift = t.granule << (t.shape->granule_shift - 3);
	u64 most = BIT64(t.shape->oa_bits), pa;
	u32 attr = kinds[dice(ARRAY_SIZE(kinds))];
	int r;

	if (dice(2))
		shift <<= t.shape->granule_shift - 3;
	pa = (ia + dice(8) * shift) % most;
	if (!dice(3))
		pa = dice(1 << 14) * unit % most;
	/* What is mapped is not there, but for the tables in the arena. */
	if (pa + size > most || ranges_overlap(pa, size, SIM_RAM, RAM))
		pa = most - size;
	r = pgtable_map(&t.pt, IA(ia), size, HPA(pa),
			attr | (dice(2) ? PGT_EXCLUSIVE : 0), NULL, &done);
	HOLDS(!r || r == -EALREADY || (r == -ENOMEM && done < size),
	      "map gives %d, %llu done", r, (unsigned long long)done);
	HOLDS(r == -ENOMEM || done == size, "map has not done all");
	/* No table for the rest of a large page: it is as it was, or half so. */
	HOLDS(!(done % unit) || w == BLOCK_WINDOW, "half a page");
	if (done % unit)
		HOLDS(!pgtable_unmap(&t.pt, IA(address(w, first + done / unit)),
				     unit, NULL),
		      "unmap");
	if (done % unit)
		t.page[w][first + done / unit].attr = 0;
	for (u64 i = 0; i < done / unit; i++)
		t.page[w][first + i] = (struct oracle_page){
			.pa = pa + i * unit, .attr = attr,
			.age = AGE_UNKNOWN,
		};
}

static void do_unmap(int w, u64 first, u64 n)
{
	int r = pgtable_unmap(&t.pt, IA(address(w, first)), n * t.unit[w],
			      NULL);

	HOLDS(!r || r == -ENOMEM, "unmap gives %d", r);
	for (u64 i = first; !r && i < first + n; i++)
		t.page[w][i].attr = 0;
}

/* The whole space: the roots side by side, all of them. */
static void do_unmap_all(int w, u64 first, u64 n)
{
	if (dice(4))
		return;
	HOLDS(!pgtable_unmap(&t.pt, IA(0), t.pt.ia_size, NULL), "unmap");
	HOLDS(t.pt.tables == t.pt.root_tables, "tables left");
	memset(t.page, 0, sizeof(t.page));
}

static void do_protect(int w, u64 first, u64 n)
{
	u32 clear = dice(4) ? PGT_W : PGT_X | PGT_SW(0);
	u32 set = dice(2) ? 0 : dice(2) ? PGT_X | PGT_SW(1) : PGT_W;
	int r = pgtable_protect(&t.pt, IA(address(w, first)),
				n * t.unit[w], clear, set, NULL);

	HOLDS(!r || r == -EALREADY || r == -ENOMEM, "protect gives %d", r);
	for (u64 i = first; r != -ENOMEM && i < first + n; i++) {
		struct oracle_page *p = &t.page[w][i];
		u32 attr = (p->attr & ~clear) | set;

		if (p->attr & PGT_DEVICE)
			attr &= ~PGT_X;
		if (p->attr)
			p->attr = attr;
	}
}

static void do_age(int w, u64 first, u64 n)
{
	u64 ia = address(w, first);

	age_spreads(w, first);
	age_spreads(w, first + n - 1);
	pgtable_test_young(&t.pt, IA(ia), n * t.unit[w], true);
	/* The MMU may foresee an access, and set the flag. */
	HOLDS(t.shape->features & SIM_HAF ||
		      !pgtable_test_young(&t.pt, IA(ia), n * t.unit[w], false),
	      "young after it was made old");
	for (u64 i = first; i < first + n; i++)
		t.page[w][i].age = AGE_OLD;
}

static void step(void)
{
	static void (*const ops[])(int, u64, u64) = {
		do_map, do_map, do_map, do_unmap, do_unmap, do_protect, do_age,
		do_unmap_all,
	};
	int w = dice(WINDOWS);
	u64 first, n = 1 + dice(1ULL << dice(11));

	if (!t.count[w])
		return;
	first = dice(t.count[w]);
	if (!dice(3)) {
		first = ALIGN_DOWN(first, 512);
		n = 512 * (1 + dice(2));
	}
	n = min(n, t.count[w] - first);
	t.env.fail_after = dice(6) ? 0 : 1 + dice(5);
	ops[dice(ARRAY_SIZE(ops))](w, first, n);
	t.env.fail_after = 0;
	check(w, first, n);
}

/* ---- Runs -------------------------------------------------------------------------- */

static void lay_windows(void)
{
	u64 block = t.granule << (t.shape->granule_shift - 3);
	u64 end = BIT64(t.shape->ia_bits);

	for (int w = 0; w < BLOCK_WINDOW; w++) {
		t.unit[w] = t.granule;
		t.count[w] = WINDOW_PAGES;
	}
	t.unit[BLOCK_WINDOW] = block;
	t.count[BLOCK_WINDOW] = t.pt.no_blocks ? 0 :
		min((u64)WINDOW_PAGES, (end / 2 - WINDOW_PAGES * t.granule) /
					       block);
	t.base[BLOCK_WINDOW] = end / 2;
	t.base[0] = 0;
	t.base[1] = 7 * block - 512 * t.granule;
	t.base[2] = ALIGN_DOWN(end / 4 - 512 * t.granule, t.granule);
	t.base[3] = end - WINDOW_PAGES * t.granule;
}

static void run(const struct shape *s, unsigned int steps)
{
	struct sim_config machine = {
		.cpus = CPUS, .ram = RAM, .features = s->features,
		.seed = property.seed, .serial = true,
	};
	struct pgtable_config config = {
		.format = s->format, .ia_bits = s->ia_bits,
		.oa_bits = s->oa_bits,
		.features = (s->features & SIM_FWB ? PGT_FEAT_FWB : 0) |
			    (s->features & SIM_XNX ? PGT_FEAT_XNX : 0) |
			    (s->features & SIM_BBM2 ? PGT_FEAT_BBM2 : 0),
		.no_blocks = !dice(8),
	};

	memset(&t, 0, sizeof(t));
	t.shape = s;
	t.granule = BIT64(s->granule_shift);
	sim_init(&machine);
	HOLDS(!sim_env_init(&t.env, &t.pt, &config, 1 + dice(255), GUESTS),
	      "no tree");
	lay_windows();
	while (steps--)
		step();
	check_all();
	sim_env_exit(&t.env, &t.pt, GUESTS);
	HOLDS(!sim_broken_any(), "a rule was broken at the end");
	HOLDS(!sim_pages_used(), "%llu pages left",
	      (unsigned long long)sim_pages_used());
	sim_exit();
}

/* With the CPU's features as the seed has them. */
static void run_shape(const struct shape *shape)
{
	static const u32 choice[] = {
		SIM_XNX, SIM_FWB, SIM_TTL, SIM_TLBIRANGE, SIM_VMID16, SIM_HAF,
		SIM_NO_SNOOP,
	};
	unsigned long n = 0;

	while (property_next(&n, 10)) {
		struct shape s = *shape;

		for (unsigned int i = 0; i < ARRAY_SIZE(choice); i++)
			if (dice(2))
				s.features |= choice[i];
		/* The MMU's own writes need a walker that snoops. */
		if (s.features & SIM_NO_SNOOP)
			s.features &= ~SIM_HAF;
		run(&s, 120);
	}
}

static void granule_4k(void **state)
{
	run_shape(&(struct shape){ &pgtable_arm64_s2_4k, 12, 40, 40, 0 });
}

static void granule_4k_largest(void **state)
{
	run_shape(&(struct shape){ &pgtable_arm64_s2_4k, 12, 48, 48, 0 });
}

static void granule_4k_concatenated_root(void **state)
{
	run_shape(&(struct shape){ &pgtable_arm64_s2_4k, 12, 32, 36, 0 });
}

static void granule_16k(void **state)
{
	run_shape(&(struct shape){ &pgtable_arm64_s2_16k, 14, 40, 40, 0 });
}

static void granule_64k(void **state)
{
	run_shape(&(struct shape){ &pgtable_arm64_s2_64k, 16, 42, 44, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(granule_4k),
		cmocka_unit_test(granule_4k_largest),
		cmocka_unit_test(granule_4k_concatenated_root),
		cmocka_unit_test(granule_16k),
		cmocka_unit_test(granule_64k),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
