// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/testing/flat.h"
#include "arch/sim/testing/flat_ops.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"

struct flat flat;
FILE *flat_trace;
struct property property;

/* CPUs that walk the tree; 0 is the one that changes it. */
#define GUESTS 0x6
#define OWN_CPUS 0x7

u64 flat_address(int w, u64 i)
{
	return flat.base[w] + i * flat.unit[w];
}

/* ---- What is accessed -------------------------------------------------------------- */

bool flat_allows(const struct flat_page *p, enum sim_access access)
{
	u32 features = flat.shape.features, need = PGT_R;

	if (access == SIM_WRITE)
		need = PGT_W;
	/* Without RIXI, MIPS executes what it reads. */
	if (access == SIM_EXEC && !(features & SIM_MIPS && !(features & SIM_RIXI)))
		need = PGT_RX;
	return (p->attr & need) == need;
}

static enum sim_fault_type expected(const struct flat_page *p,
				    enum sim_access access)
{
	if (!p->attr)
		return SIM_TRANSLATION_FAULT;
	return flat_allows(p, access) ? SIM_NO_FAULT : SIM_PERMISSION_FAULT;
}

/* What shares a leaf with page i of window w may have aged with it. */
void flat_age_spreads(int w, u64 i)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&flat.pt, IA(flat_address(w, i)), &leaf))
		return;
	for (int v = 0; v < WINDOWS; v++)
		for (u64 n = 0; n < flat.count[v]; n++)
			if (ranges_overlap(flat_address(v, n), flat.unit[v],
					   leaf.ia.v, leaf.size))
				flat.page[v][n].age = AGE_UNKNOWN;
}

static bool hardware_ages(void)
{
	return flat.shape.features & SIM_HAF;
}

static void mark_young(int w, u64 i, u64 ia)
{
	struct flat_page *p = &flat.page[w][i];

	HOLDS(p->age != AGE_YOUNG && !hardware_ages(), "0x%llx is young",
	      flat_address(w, i));
	HOLDS(!pgtable_mark_young(&flat.pt, IA(ia)), "cannot be made young");
	flat_age_spreads(w, i);
}

/* An access; with hardware's help no flag is missed. */
static struct sim_result access_page(int w, u64 i, u64 offset,
				     enum sim_access access)
{
	struct flat_page *p = &flat.page[w][i];
	u64 ia = flat_address(w, i) + offset;
	struct sim_result r = sim_env_access(&flat.env, ia, access);

	if (p->attr && p->age == AGE_OLD && !hardware_ages())
		HOLDS(r.fault == SIM_ACCESS_FLAG_FAULT, "0x%llx is not old",
		      ia);
	if (r.fault == SIM_ACCESS_FLAG_FAULT) {
		mark_young(w, i, ia);
		return sim_env_access(&flat.env, ia, access);
	}
	if (p->age == AGE_OLD && p->attr)
		flat_age_spreads(w, i);
	return r;
}

static void probe(int w, u64 i)
{
	struct flat_page *p = &flat.page[w][i];
	enum sim_access access = flat_dice(3);
	u64 offset = flat_dice(flat.unit[w]);
	struct sim_result r;

	sim_be_cpu(1 + flat_dice(FLAT_CPUS - 1));
	r = access_page(w, i, offset, access);
	HOLDS(r.fault == expected(p, access),
	      "0x%llx: access %d gives fault %d, and 0x%llx is mapped with 0x%x",
	      flat_address(w, i), access, r.fault,
	      p->pa, p->attr);
	if (!r.fault)
		HOLDS(r.pa == p->pa + offset &&
			      r.device == !!(p->attr & PGT_DEVICE),
		      "0x%llx: is 0x%llx, not 0x%llx",
		      flat_address(w, i),
		      r.pa, p->pa);
	sim_be_cpu(0);
}

static void check(int w, u64 first, u64 n)
{
	sim_env_quiet(&flat.env);
	if (flat.defective)
		return;
	HOLDS(!sim_broken_any(), "a rule was broken");
	for (int i = 0; i < 24; i++)
		probe(w, first + flat_dice(n));
	probe(w, first);
	probe(w, first + n - 1);
	if (first)
		probe(w, first - 1);
	if (first + n < flat.count[w])
		probe(w, first + n);
	for (int i = 0; i < 24; i++) {
		w = flat_dice(WINDOWS);
		if (flat.count[w])
			probe(w, flat_dice(flat.count[w]));
	}
	HOLDS(!sim_broken_any(), "a rule was broken by an access");
	HOLDS(sim_pages_used() << PAGE_SHIFT == flat.pt.tables * flat.granule,
	      "%llu pages for %u tables", sim_pages_used(), flat.pt.tables);
}

#define STATE (PGT_YOUNG | PGT_DIRTY)

static void check_lookup(const struct flat_page *p, u64 ia)
{
	struct pgtable_leaf leaf;
	int r = pgtable_lookup(&flat.pt, IA(ia), &leaf);

	HOLDS(r == (p->attr ? 0 : -ENOENT), "lookup of 0x%llx gives %d",
	      ia, r);
	HOLDS(ia - leaf.ia.v < leaf.size, "lookup of 0x%llx is elsewhere",
	      ia);
	if (r)
		return;
	HOLDS((leaf.attr & ~STATE) == p->attr, "0x%llx: 0x%x, not 0x%x",
	      ia, leaf.attr, p->attr);
	HOLDS(leaf.pa.v + (ia - leaf.ia.v) == p->pa, "0x%llx is at 0x%llx",
	      ia, leaf.pa.v);
}

void flat_check_all(void)
{
	for (int w = 0; w < WINDOWS; w++) {
		for (u64 i = 0; i < flat.count[w]; i++) {
			struct flat_page *p = &flat.page[w][i];
			struct sim_result r = sim_env_translate(
				&flat.env, &flat.pt, flat_address(w, i),
				SIM_READ);

			HOLDS((r.fault == SIM_TRANSLATION_FAULT) == !p->attr,
			      "0x%llx: fault %d, mapped with 0x%x",
			      flat_address(w, i), r.fault,
			      p->attr);
			HOLDS(r.fault || r.pa == p->pa, "0x%llx: 0x%llx",
			      flat_address(w, i),
			      r.pa);
			check_lookup(p, flat_address(w, i));
		}
	}
}

/* ---- Steps ---------------------------------------------------------------------------- */

static u64 probe_dice;

u64 flat_dice(u64 below)
{
	probe_dice = probe_dice * 6364136223846793005ULL + 1442695040888963407ULL;
	return (probe_dice >> 33) % below;
}

bool flat_step(unsigned long step, unsigned int fail)
{
	u64 first, n;
	int w;

	if (!property_step(step))
		return false;
	w = dice(WINDOWS);
	n = 1 + dice(1ULL << dice(11));
	if (!flat.count[w])
		return false;
	first = dice(flat.count[w]);
	if (!dice(3)) {
		first = ALIGN_DOWN(first, 512);
		n = 512 * (1 + dice(2));
	}
	n = min(n, flat.count[w] - first);
	flat.env.fail_after = fail;
	flat.env.failures = 0;
	flat_ops[dice(flat_op_count)].fn(w, first, n);
	flat.table_failed = flat.env.failures;
	flat.env.fail_after = 0;
	check(w, first, n);
	return true;
}

/* ---- Runs ----------------------------------------------------------------------------- */

static void lay_windows(void)
{
	u64 block = flat.block;
	u64 end = BIT64(flat.shape.ia_bits);

	for (int w = 0; w < BLOCK_WINDOW; w++) {
		flat.unit[w] = flat.granule;
		flat.count[w] = WINDOW_PAGES;
	}
	flat.unit[BLOCK_WINDOW] = block;
	flat.count[BLOCK_WINDOW] = flat.pt.no_blocks ? 0 :
		min((u64)WINDOW_PAGES,
		    (end / 2 - WINDOW_PAGES * flat.granule) / block);
	flat.base[BLOCK_WINDOW] = end / 2;
	flat.base[0] = 0;
	flat.base[1] = 7 * block - 512 * flat.granule;
	flat.base[2] = ALIGN_DOWN(end / 4 - 512 * flat.granule, flat.granule);
	flat.base[3] = end - WINDOW_PAGES * flat.granule;
}

static u32 engine_features(u32 f)
{
	return (f & SIM_FWB ? PGT_FEAT_FWB : 0) |
	       (f & SIM_XNX ? PGT_FEAT_XNX : 0) |
	       (f & SIM_BBM2 ? PGT_FEAT_BBM2 : 0) |
	       (f & SIM_HDBS ? PGT_FEAT_HAFDBS : 0) |
	       (f & SIM_LPA ? PGT_FEAT_LPA : 0) |
	       (f & SIM_RIXI ? PGT_FEAT_RIXI : 0) |
	       (f & SIM_LPA2 ? PGT_FEAT_LPA2 : 0);
}

static u32 cpus(void)
{
	return flat.shape.own ? OWN_CPUS : GUESTS;
}

void flat_init(const struct flat_shape *s)
{
	struct sim_config machine = {
		.cpus = FLAT_CPUS, .ram = FLAT_RAM, .features = s->features,
		.seed = property.seed, .serial = true, .pa_bits = s->pa_bits,
		.trace = flat_trace, .quiet = flat_trace != NULL,
	};
	struct pgtable_config config = {
		.format = s->format, .ia_bits = s->ia_bits,
		.oa_bits = s->oa_bits,
		.features = engine_features(s->features),
		.no_blocks = !dice(8),
	};

	memset(&flat, 0, sizeof(flat));
	flat.shape = *s;
	flat.granule = BIT64(s->granule_shift);
	/* By entries of 8 bytes in a table, or of 4. */
	flat.block = flat.granule
		     << (s->granule_shift - (s->features & SIM_MIPS ? 2 : 3));
	probe_dice = property.seed;
	sim_init(&machine);
	HOLDS(!sim_env_init(&flat.env, &flat.pt, &config,
			    s->own ? SIM_OWN : 1 + dice(255), cpus()),
	      "no tree");
	lay_windows();
}

void flat_exit(void)
{
	if (!flat.defective)
		flat_check_all();
	sim_env_exit(&flat.env, &flat.pt, cpus());
	HOLDS(!sim_broken_any() || flat.defective, "a rule was broken at the end");
	HOLDS(!sim_pages_used(), "%llu pages left",
	      sim_pages_used());
	sim_exit();
}

u32 flat_features(const struct flat_shape *shape)
{
	static const u32 choice[] = {
		SIM_XNX, SIM_FWB, SIM_TTL, SIM_TLBIRANGE, SIM_VMID16,
		SIM_HAF | SIM_HDBS, SIM_BBM2, SIM_NO_SNOOP,
	};
	u32 features = shape->features;

	if (features & SIM_MIPS)
		return features | (dice(2) ? SIM_RIXI : 0);
	if (features & SIM_ARMV7)
		return features | (dice(2) ? SIM_NO_SNOOP : 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(choice); i++)
		if (dice(2))
			features |= choice[i];
	/* The MMU's own writes need a walker that snoops. */
	if (features & SIM_NO_SNOOP)
		features &= ~(SIM_HAF | SIM_HDBS);
	return features;
}

/* The same on an ARMv7 CPU, as far as it has that. */
static void make_lpae(struct flat_shape *s)
{
	s->format = s->own ? &pgtable_lpae_hyp : &pgtable_lpae_s2;
	s->granule_shift = 12;
	s->ia_bits = s->own ? 32 : min(s->ia_bits, 40U);
	s->oa_bits = 40;
	s->features = SIM_ARMV7;
}

void flat_run(const struct flat_shape *shape, unsigned long runs,
	      unsigned int steps)
{
	unsigned long n = 0;

	while (property_next(&n, runs)) {
		struct flat_shape s = *shape;

		if (format_is_lpae())
			make_lpae(&s);
		s.features = flat_features(&s);
		flat_init(&s);
		flat.anytime = dice(2);
		for (unsigned int step = 0; step < steps; step++)
			flat_step(step, flat_dice(6) ? 0 : 1 + flat_dice(5));
		flat_exit();
	}
}
