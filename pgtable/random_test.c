// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/*
 * Random operations against a flat oracle: after each one every page of the
 * windows translates as the oracle says, every page whose translation changed
 * was invalidated, nothing was replaced live that needs break-before-make, and
 * the tree's counts are right (K4, K5; bugs.md 1, 9, 10, 16, 21, 23, 27).
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
	const struct pgtable_format *format;
	unsigned int ia_bits;
	u64 granule;
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
			u64 pa = (d & 0xfffffffff000) & ~(t.granule - 1);

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
	now->cached = d & BIT64(10);
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

static void do_map(int w, u64 first, u64 n)
{
	u64 ia = t.base[w] + first * t.granule, done, size = n * t.granule;
	u64 pa = dice(2) ? ia & 0x3fffffffff : dice(1 << 20) * t.granule;
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

static void run(const struct pgtable_format *format, unsigned int ia_bits,
		unsigned int granule_shift, unsigned int steps)
{
	struct pgtable_config config = {
		.format = format, .ia_bits = ia_bits, .oa_bits = 40};
	u64 table = 1ULL << (2 * granule_shift - 3), w_size;

	t.granule = 1ULL << granule_shift;
	w_size = WINDOW_PAGES * t.granule;
	host_init(&t.host, t.granule, 256);
	t.host.on_flush = check_broken;
	t.host.watch = true;
	assert_int_equal(pgtable_init(&t.pt, &config, &host_ops, &t.host), 0);
	memset(t.page, 0, sizeof(t.page));
	memset(t.before, 0, sizeof(t.before));
	t.base[0] = 0;
	t.base[1] = table * 7 - 2 * 512 * t.granule;
	t.base[2] = (1ULL << (ia_bits - 2)) - 512 * t.granule;
	t.base[3] = (1ULL << ia_bits) - w_size;
	for (unsigned int n = 0; n < steps; n++) {
		int w = dice(WINDOWS);
		u64 first, count;

		random_range(w, &first, &count);
		switch (dice(7)) {
		case 0 ... 2:
			do_map(w, first, count);
			break;
		case 3:
			do_protect(w, first, count);
			break;
		case 4:
			do_age(w, first, count);
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

static void stage2_4k(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 1)) {
		run(&pgtable_arm64_s2_4k, 40, 12, 700);
		run(&pgtable_arm64_s2_4k, 32, 12, 300);
		run(&pgtable_arm64_s2_4k, 48, 12, 300);
	}
}

static void stage2_16k(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 1))
		run(&pgtable_arm64_s2_16k, 40, 14, 300);
}

static void stage2_64k(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 1))
		run(&pgtable_arm64_s2_64k, 42, 16, 200);
}

static void el2_4k(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 1)) {
		run(&pgtable_arm64_el2_4k, 39, 12, 300);
		run(&pgtable_arm64_el2_4k, 48, 12, 300);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage2_4k),
		cmocka_unit_test(stage2_16k),
		cmocka_unit_test(stage2_64k),
		cmocka_unit_test(el2_4k),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
