// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
/*
 * Random operations against a flat oracle: after each one every page of the
 * windows translates as the oracle says, every page whose translation changed
 * was invalidated, nothing was replaced live that needs break-before-make, and
 * the tree's counts are right. In every format, with roots of all kinds (K4, K5,
 * K20, K21, K30; bugs.md 1, 9, 10, 16, 21, 23, 27).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/sim/testing/property.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"
#include "pgtable/testing/host.h"

/* Some pages around places where something ends or begins. */
#define WINDOWS      4
#define WINDOW_PAGES 1536

struct oracle_page {
	u64 pa;
	u32 attr; /* 0: not mapped */
	bool cached; /* the access flag was set: a TLB may hold it */
};

static struct test {
	u64 granule;
	u64 oa_size;
	struct host host;
	struct pgtable pt;
	u64 base[WINDOWS];
	struct oracle_page page[WINDOWS][WINDOW_PAGES];
	struct oracle_page before[WINDOWS][WINDOW_PAGES];
} t;

struct property property;

static u32 visible(u32 attr)
{
	return attr & ~(PGT_YOUNG | PGT_DIRTY);
}

/* May `a` become `b` without being broken first? */
static bool same_but_permissions(const struct oracle_page *a,
				 const struct oracle_page *b)
{
	u32 type = PGT_DEVICE | PGT_NOCACHE;

	return a->attr && b->attr && a->pa == b->pa &&
	       (a->attr & type) == (b->attr & type);
}

/* At a flush, what is going to be something else is not there any more. */
static void check_broken(struct pgtable *pt, const struct host_flush *f)
{
	int level;

	for (int w = 0; w < WINDOWS; w++) {
		for (int i = 0; i < WINDOW_PAGES; i++) {
			u64 ia = t.base[w] + i * t.granule;
			struct oracle_page *old = &t.before[w][i];

			if (!old->attr ||
			    same_but_permissions(old, &t.page[w][i]))
				continue;
			if (f->size && (ia < f->ia || ia - f->ia >= f->size))
				continue;
			u64 d = host_walk(pt, ia, &level);
			u64 pa = host_output(pt, d);

			/* A second flush of a call may find the new leaf. */
			if (d && level == 3)
				assert_true(pa == t.page[w][i].pa &&
					    t.page[w][i].attr);
		}
	}
}

static void check_page(int w, int i)
{
	u64 ia = t.base[w] + i * t.granule;
	struct oracle_page *now = &t.page[w][i], *old = &t.before[w][i];
	struct pgtable_leaf leaf;
	int r = pgtable_lookup(&t.pt, IA(ia), &leaf), level;
	u64 d = host_walk(&t.pt, ia, &level);

	assert_int_equal(r, now->attr ? 0 : -ENOENT);
	assert_int_equal(!!d, !!now->attr);
	if (now->attr) {
		assert_int_equal(leaf.pa.v + (ia - leaf.ia.v), now->pa);
		assert_int_equal(visible(leaf.attr), now->attr);
		assert_int_equal(level, leaf.level);
	}
	assert_true(ia >= leaf.ia.v && ia - leaf.ia.v < leaf.size);
	if (old->cached &&
	    (old->pa != now->pa || ((old->attr ^ now->attr) & ~PGT_SW_MASK)))
		assert_true(host_flushed(&t.host, ia, t.granule));
	now->cached = host_young(&t.pt, d);
}

static void check(void)
{
	for (int w = 0; w < WINDOWS; w++)
		for (int i = 0; i < WINDOW_PAGES; i++)
			check_page(w, i);
	assert_int_equal(host_check_tree(&t.pt), t.host.used);
	memcpy(t.before, t.page, sizeof(t.page));
	host_forget_flushes(&t.host);
}

static u32 random_attr(void)
{
	static const u32 kinds[] = {
		PGT_R,
		PGT_RW,
		PGT_RWX,
		PGT_RX,
		PGT_RW | PGT_DEVICE,
		PGT_RW,
		PGT_RWX,
		PGT_RW | PGT_NOCACHE,
		PGT_RWX | PGT_SW(0),
		PGT_RW | PGT_SW(3),
	};

	return kinds[dice(ARRAY_SIZE(kinds))];
}

/* A range in window w: page by page, or aligned, or large. */
static void random_range(int w, u64 *first, u64 *n)
{
	u64 max = 1ULL << dice(11);

	*first = dice(WINDOW_PAGES);
	*n = 1 + dice(max);
	if (dice(3) == 0) {
		/* Whole leaf tables, if the granule's are small enough. */
		*first = ALIGN_DOWN(*first, 512);
		*n = 512 * (1 + dice(2));
	}
	if (*first + *n > WINDOW_PAGES)
		*n = WINDOW_PAGES - *first;
}

/*
 * Aligned as the input is, or anywhere low; or about the top, or where bits
 * that a descriptor has in two places change together.
 */
static u64 random_pa(u64 ia, u64 size)
{
	static const unsigned int edges[] = {47, 48, 49, 50, 51};
	u64 pa = dice(1 << 14) * t.granule;

	switch (dice(4)) {
	case 0:
		pa = t.oa_size - size - dice(2) * t.granule;
		break;
	case 1:
		pa = BIT64(edges[dice(ARRAY_SIZE(edges))]) +
		     (ia & 0x1ffffff) - dice(size / t.granule) * t.granule;
		break;
	case 2:
		pa = ia & 0x3fffffff;
		break;
	}
	return pa <= t.oa_size - size ? pa : ia & 0x3fffffff;
}

static void do_map(int w, u64 first, u64 n)
{
	u64 ia = t.base[w] + first * t.granule, done, size = n * t.granule;
	u64 pa = random_pa(ia, size);
	u32 attr = random_attr();
	bool same = true;
	int r;

	for (u64 i = 0; i < n; i++) {
		struct oracle_page *p = &t.page[w][first + i];
		u64 at = pa + i * t.granule;

		same &= p->attr == attr && p->pa == at;
		*p = (struct oracle_page){.pa = at, .attr = attr};
	}
	r = pgtable_map(&t.pt, IA(ia), size, HPA(pa),
			attr | (dice(2) ? PGT_EXCLUSIVE : 0), NULL, &done);
	assert_int_equal(done, size);
	if (same && r == 0)
		/* Old leaves, or pages that became a block again. */
		return;
	assert_int_equal(r, same ? -EALREADY : 0);
}

static void do_protect(int w, u64 first, u64 n)
{
	u32 clear = dice(4) ? PGT_W : PGT_X | PGT_SW(0);
	u32 set = dice(2) ? 0 : dice(2) ? PGT_X | PGT_SW(1) : PGT_W;
	bool same = true;
	int r;

	for (u64 i = 0; i < n; i++) {
		struct oracle_page *p = &t.page[w][first + i];
		u32 attr = (p->attr & ~clear) | set;

		if (p->attr & PGT_DEVICE)
			attr &= ~PGT_X;
		if (!p->attr)
			continue;
		same &= attr == p->attr;
		p->attr = attr;
	}
	r = pgtable_protect(&t.pt, IA(t.base[w] + first * t.granule),
			    n * t.granule, clear, set, NULL);
	assert_int_equal(r, same ? -EALREADY : 0);
	assert_true(t.host.flushes <= 1);
}

static void do_unmap(int w, u64 first, u64 n)
{
	bool any = false;

	for (u64 i = 0; i < n; i++) {
		any |= !!t.page[w][first + i].attr;
		t.page[w][first + i].attr = 0;
	}
	assert_int_equal(pgtable_unmap(&t.pt, IA(t.base[w] + first * t.granule),
				       n * t.granule, NULL),
			 0);
	assert_int_equal(t.host.flushes, any);
}

static void do_age(int w, u64 first, u64 n)
{
	u64 ia = t.base[w] + first * t.granule;
	bool young = pgtable_test_young(&t.pt, IA(ia), n * t.granule, false);
	struct pgtable_leaf leaf;

	assert_int_equal(pgtable_test_young(&t.pt, IA(ia), n * t.granule, true),
			 young);
	assert_int_equal(t.host.flushes, young);
	assert_false(pgtable_test_young(&t.pt, IA(ia), n * t.granule, false));
	if (pgtable_lookup(&t.pt, IA(ia), &leaf)) {
		assert_int_equal(pgtable_mark_young(&t.pt, IA(ia)), -ENOENT);
		return;
	}
	assert_int_equal(pgtable_mark_young(&t.pt, IA(ia)), 0);
	assert_int_equal(pgtable_mark_young(&t.pt, IA(ia)), -EALREADY);
	assert_true(pgtable_test_young(&t.pt, IA(ia), t.granule, false));
}

#ifndef STEPS
#define STEPS 120
#endif

/* Larger or smaller leaves: nothing translates otherwise. */
static void do_reshape(int w, u64 first, u64 n)
{
	ia_t ia = IA(t.base[w] + first * t.granule);
	u64 done, size = n * t.granule, most = pgtable_leaf_size(&t.pt, 2);
	int r;

	if (dice(2)) {
		r = pgtable_split(&t.pt, ia, size, t.granule, NULL, &done);
		assert_int_equal(done, size);
	} else {
		r = pgtable_collapse(&t.pt, ia, size, most ? most : t.granule);
	}
	assert_true(r == 0 || r == -EALREADY);
	assert_int_equal(!!t.host.flushes, r == 0);
}

/* What is reported is clean, which is read-only, a block as a whole. */
static void note_dirty(void *arg, ia_t ia, u64 size)
{
	u64 *next = arg;

	assert_true(ia.v >= *next);
	*next = ia.v + size;
	for (int w = 0; w < WINDOWS; w++)
		for (int i = 0; i < WINDOW_PAGES; i++)
			if (t.base[w] + i * t.granule - ia.v < size) {
				assert_true(t.page[w][i].attr & PGT_W);
				t.page[w][i].attr &= ~PGT_W;
			}
}

static void do_harvest(int w, u64 first, u64 n)
{
	u64 ia = t.base[w] + first * t.granule, size = n * t.granule, next = 0;
	int r = pgtable_harvest_dirty(&t.pt, IA(ia), size, note_dirty, &next);

	assert_int_equal(r, next ? 0 : -EALREADY);
	for (u64 i = first; i < first + n; i++)
		assert_false(t.page[w][i].attr & PGT_W);
}

/* A regime, and where its tables lie. */
struct regime {
	const char *name;
	const struct pgtable_format *format;
	unsigned int granule_shift, ia_bits, oa_bits;
	u32 features;
	int start_level; /* and how many tables the root has: what is tried */
	unsigned int root_tables;
};

#define HIGH_BASE 0xa5a5000000000ULL

static void setup(const struct regime *r)
{
	struct pgtable_config config = {.format = r->format,
					.ia_bits = r->ia_bits,
					.oa_bits = r->oa_bits,
					.features = r->features};
	bool mips = r->format == &pgtable_mips32;
	u64 table = 1ULL << (2 * r->granule_shift - (mips ? 2 : 3));

	t.granule = 1ULL << r->granule_shift;
	t.oa_size = 1ULL << r->oa_bits;
	host_init(&t.host, t.granule, 256);
	t.host.on_flush = check_broken;
	t.host.watch = true;
	if (mips) {
		t.host.entries = HOST_MIPS;
		t.host.phys_base = 0x1a400000;
	} else if (r->features) {
		t.host.entries = HOST_VMSA_52;
		t.host.phys_base = HIGH_BASE;
	}
	assert_int_equal(pgtable_init(&t.pt, &config, &host_ops, &t.host), 0);
	assert_int_equal(t.pt.start_level, r->start_level);
	assert_int_equal(t.pt.root_tables, r->root_tables);
	memset(t.page, 0, sizeof(t.page));
	memset(t.before, 0, sizeof(t.before));
	t.base[0] = 0;
	t.base[1] = table * 7 - 2 * 512 * t.granule;
	t.base[2] = (1ULL << (r->ia_bits - 2)) - 512 * t.granule;
	t.base[3] = (1ULL << r->ia_bits) - WINDOW_PAGES * t.granule;
}

static void run(const struct regime *r, unsigned int steps)
{
	print_message("%s\n", r->name);
	setup(r);
	for (unsigned int n = 0; n < steps; n++) {
		int w = dice(WINDOWS);
		u64 first, count;

		random_range(w, &first, &count);
		switch (dice(9)) {
		case 0 ... 2:
			do_map(w, first, count);
			break;
		case 3:
			do_protect(w, first, count);
			break;
		case 4:
			do_age(w, first, count);
			break;
		case 5:
			do_reshape(w, first, count);
			break;
		case 6:
			do_harvest(w, first, count);
			break;
		default:
			do_unmap(w, first, count);
			break;
		}
		check();
	}
	t.host.on_flush = NULL;
	pgtable_destroy(&t.pt);
	host_fini(&t.host);
}

#define S2_4K	&pgtable_arm64_s2_4k, 12
#define S2_16K	&pgtable_arm64_s2_16k, 14
#define S2_64K	&pgtable_arm64_s2_64k, 16
#define EL2_4K	&pgtable_arm64_el2_4k, 12
#define EL2_16K &pgtable_arm64_el2_16k, 14
#define EL2_64K &pgtable_arm64_el2_64k, 16

static const struct regime stage2[] = {
	{"4K, 40 bits, two roots", S2_4K, 40, 40, 0, 1, 2},
	{"4K, 32 bits, four roots", S2_4K, 32, 40, 0, 2, 4},
	{"4K, 34 bits, 16 roots", S2_4K, 34, 40, 0, 2, 16},
	{"4K, 42 bits, eight roots", S2_4K, 42, 44, 0, 1, 8},
	{"4K, 48 bits", S2_4K, 48, 48, 0, 0, 1},
	{"16K, 32 bits", S2_16K, 32, 40, 0, 2, 1},
	{"16K, 40 bits, 16 roots", S2_16K, 40, 40, 0, 2, 16},
	{"16K, 48 bits, two roots", S2_16K, 48, 48, 0, 1, 2},
	{"64K, 32 bits, pages alone", S2_64K, 32, 40, 0, 3, 8},
	{"64K, 42 bits", S2_64K, 42, 42, 0, 2, 1},
	{"64K, 46 bits, 16 roots", S2_64K, 46, 48, 0, 2, 16},
	{"64K, 48 bits", S2_64K, 48, 48, 0, 1, 1},
};

static const struct regime stage2_52[] = {
	{"LPA2, 4K, 40 bits", S2_4K, 40, 52, PGT_FEAT_LPA2, 1, 2},
	{"LPA2, 4K, 50 bits", S2_4K, 50, 52, PGT_FEAT_LPA2, 0, 4},
	{"LPA2, 4K, 52 bits", S2_4K, 52, 52, PGT_FEAT_LPA2, 0, 16},
	{"LPA2, 16K, 51 bits", S2_16K, 51, 52, PGT_FEAT_LPA2, 1, 16},
	{"LPA2, 16K, 52 bits", S2_16K, 52, 52, PGT_FEAT_LPA2, 0, 1},
	{"LPA, 64K, 40 bits", S2_64K, 40, 52, PGT_FEAT_LPA, 2, 1},
	{"LPA, 64K, 52 bits", S2_64K, 52, 52, PGT_FEAT_LPA, 1, 1},
};

static const struct regime el2[] = {
	{"EL2, 4K, 39 bits", EL2_4K, 39, 40, 0, 1, 1},
	{"EL2, 4K, 48 bits", EL2_4K, 48, 48, 0, 0, 1},
	{"EL2, 16K, 47 bits", EL2_16K, 47, 48, 0, 1, 1},
	{"EL2, 16K, 48 bits", EL2_16K, 48, 48, 0, 0, 1},
	{"EL2, 64K, 42 bits", EL2_64K, 42, 48, 0, 2, 1},
	{"EL2, LPA2, 4K, 52 bits", EL2_4K, 52, 52, PGT_FEAT_LPA2, -1, 1},
	{"EL2, LPA2, 16K, 52 bits", EL2_16K, 52, 52, PGT_FEAT_LPA2, 0, 1},
	{"EL2, LPA, 64K, 52 bits", EL2_64K, 52, 52, PGT_FEAT_LPA, 1, 1},
};

static const struct regime others[] = {
	{"ARMv7 stage 2, 40 bits", &pgtable_lpae_s2, 12, 40, 40, 0, 1, 2},
	{"ARMv7 stage 2, 32 bits", &pgtable_lpae_s2, 12, 32, 40, 0, 2, 4},
	{"ARMv7 Hyp", &pgtable_lpae_hyp, 12, 32, 40, 0, 1, 1},
	{"MIPS", &pgtable_mips32, 12, 32, 32, 0, 2, 1},
};

static bool is_lpae(const struct regime *r)
{
	return r->format == &pgtable_lpae_s2 || r->format == &pgtable_lpae_hyp;
}

static void run_all(const struct regime *r, unsigned int regimes)
{
	unsigned long n = 0;

	while (property_next(&n, 1))
		for (unsigned int i = 0; i < regimes; i++)
			if (!format_is_lpae() || is_lpae(&r[i]))
				run(&r[i], STEPS);
}

static void arm64_stage2(void **state)
{
	run_all(stage2, ARRAY_SIZE(stage2));
}

static void arm64_stage2_of_52_bits(void **state)
{
	run_all(stage2_52, ARRAY_SIZE(stage2_52));
}

static void arm64_el2(void **state)
{
	run_all(el2, ARRAY_SIZE(el2));
}

static void armv7_and_mips(void **state)
{
	run_all(others, ARRAY_SIZE(others));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arm64_stage2),
		cmocka_unit_test(arm64_stage2_of_52_bits),
		cmocka_unit_test(arm64_el2),
		cmocka_unit_test(armv7_and_mips),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
