// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/*
 * Random operations and random accesses by the hardware, against an oracle that
 * knows the state of each page exactly: what it is mapped to, as what, whether
 * it is young and whether it is dirty. What a TLB may hold of it is invalidated
 * before it changes its meaning; a leaf's size changes live with FEAT_BBM level
 * 2 alone (K4, B3; bugs.md 1, 9, 10, 11, 16, 23, 27).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/sim/testing/property.h"
#include "pgtable/testing/kinds.h"

#define PAGES 4096
#define STEPS 600

struct property property;

struct state {
	u64 pa;
	u32 attr; /* but for the two; 0: nothing is mapped */
	bool young, dirty;
};

static struct state now[PAGES], before[PAGES];
static int level_before[PAGES]; /* of the leaf, or -1 */
static u64 base, size_of_block, pages_of_block;
static bool hw, bbm;

#define PROT (PGT_RWX | PGT_NOCACHE | PGT_DEVICE)

static u64 ia_of(u64 i)
{
	return base + i * page;
}

/* The pages of the leaf that translates page `i`, as the tree has them. */
static void leaf_pages(u64 i, u64 *first, u64 *end)
{
	struct pgtable_leaf leaf = leaf_at_ia(ia_of(i));

	*first = (leaf.ia.v - base) / page;
	*end = *first + leaf.size / page;
	assert_true(leaf.ia.v >= base && *end <= PAGES);
}

/* ---- The hardware ----------------------------------------------------------- */

/* A load or a store; what the MMU makes of the leaf, all its pages share. */
static void access_page(u64 i, bool store)
{
	u64 *d, first, end;

	if (!now[i].attr || (store && !(now[i].attr & PGT_W)))
		return;
	d = descriptor(ia_of(i));
	if (!hw && !(*d & D_AF))
		assert_int_equal(pgtable_mark_young(&pt, IA(ia_of(i))), 0);
	else
		*d |= D_AF | (store ? D_WRITE : 0);
	leaf_pages(i, &first, &end);
	for (; first < end; first++) {
		now[first].young = true;
		now[first].dirty |= store;
	}
}

/* ---- What holds after each operation ------------------------------------------- */

/* May what a TLB holds of `a` be used for `b`? */
static bool harmless(const struct state *a, const struct state *b)
{
	return a->pa == b->pa && !((a->attr ^ b->attr) & PROT) &&
	       b->young && (b->dirty || !a->dirty);
}

static void check_page(u64 i, struct pgtable_leaf *leaf)
{
	u64 ia = ia_of(i);

	if (ia < leaf->ia.v || ia - leaf->ia.v >= leaf->size)
		(void)pgtable_lookup(&pt, IA(ia), leaf);
	if (before[i].young && !harmless(&before[i], &now[i]) &&
	    !host_flushed(&host, ia, page))
		fail_msg("page %u is not invalidated", (unsigned int)i);
	level_before[i] = leaf->attr ? leaf->level : -1;
	if (!now[i].attr) {
		assert_int_equal(leaf->attr, 0);
		return;
	}
	if (leaf->pa.v + (ia - leaf->ia.v) != now[i].pa ||
	    leaf->attr != (now[i].attr | (now[i].young ? PGT_YOUNG : 0) |
			   (now[i].dirty ? PGT_DIRTY : 0)))
		fail_msg("page %u: 0x%x to 0x%llx, not 0x%x %d %d to 0x%llx",
			 (unsigned int)i, leaf->attr,
			 leaf->pa.v, now[i].attr,
			 now[i].young, now[i].dirty,
			 now[i].pa);
}

static void check(void)
{
	struct pgtable_leaf leaf = {.size = 0};

	for (u64 i = 0; i < PAGES; i++)
		check_page(i, &leaf);
	assert_int_equal(host_check_tree(&pt), host.used);
	memcpy(before, now, sizeof(now));
	host_forget_flushes(&host);
}

/* At the first invalidation of a page, its leaf is what it was, or gone; or of
 * another size, where that may be, and then all is invalidated. */
static void look_at_flush(struct pgtable *p, const struct host_flush *f)
{
	for (u64 i = 0; i < PAGES; i++) {
		u64 ia = ia_of(i);
		int level;

		if (level_before[i] < 0 || (f->size && ia - f->ia >= f->size) ||
		    host_flushed(&host, ia, page) ||
		    !host_walk(p, ia, &level))
			continue;
		if (level != level_before[i])
			assert_true(bbm && !f->size);
	}
}

/* ---- Operations -------------------------------------------------------------------- */

/* All pages of a leaf have the state of any: after leaves were put together. */
static void share_state(u64 first, u64 end)
{
	while (first < end) {
		u64 from, to;
		bool young = false, dirty = false;

		if (!now[first].attr) {
			first++;
			continue;
		}
		leaf_pages(first, &from, &to);
		for (u64 i = from; i < to; i++) {
			young |= now[i].young;
			dirty |= now[i].dirty;
		}
		for (u64 i = from; i < to; i++) {
			now[i].young = young;
			now[i].dirty = dirty;
		}
		first = to;
	}
}

static void do_map(u64 first, u64 n)
{
	static const u32 kinds_of[] = {PGT_R, PGT_RW, PGT_RW, PGT_RWX,
				       PGT_RW | PGT_NOCACHE, PGT_RX | PGT_SW(2)};
	u32 attr = kinds_of[dice(ARRAY_SIZE(kinds_of))];
	u64 pa = dice(3) ? ia_of(first) % SZ_1G : dice(4096) * page;
	bool clean = hw && dice(2);
	u64 done;
	int r = pgtable_map(&pt, IA(ia_of(first)), n * page, HPA(pa),
			    attr | (clean ? PGT_CLEAN : 0) |
				    (dice(2) ? PGT_EXCLUSIVE : 0),
			    NULL, &done);

	assert_true(r == 0 || r == -EALREADY);
	assert_int_equal(done, n * page);
	for (u64 i = first; i < first + n; i++) {
		struct state *s = &now[i];
		u64 to = pa + (i - first) * page;
		bool was = s->attr && s->pa == to && s->dirty;

		*s = (struct state){.pa = to, .attr = attr, .young = true};
		s->dirty = (attr & PGT_W) && (!clean || was);
	}
	share_state(first, first + n);
	if (r)
		assert_memory_equal(now, before, sizeof(now));
}

static void do_unmap(u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++)
		now[i] = (struct state){.attr = 0};
	assert_int_equal(
		pgtable_unmap(&pt, IA(ia_of(first)), n * page, NULL), 0);
}

static void do_protect(u64 first, u64 n)
{
	static const struct {
		u32 clear, set;
	} changes[] = {{PGT_W, 0}, {0, PGT_W}, {PGT_X, PGT_SW(1)},
		       {PGT_SW(1), PGT_X}};
	u32 clear, set, k = dice(ARRAY_SIZE(changes));
	int r;

	clear = changes[k].clear;
	set = changes[k].set;
	for (u64 i = first; i < first + n; i++) {
		struct state *s = &now[i];

		if (!s->attr)
			continue;
		s->attr = (s->attr & ~clear) | set;
		if (clear & PGT_W)
			s->dirty = false;
		if (set & PGT_W)
			s->dirty = true;
	}
	r = pgtable_protect(&pt, IA(ia_of(first)), n * page, clear, set, NULL);
	assert_int_equal(r, memcmp(now, before, sizeof(now)) ? 0 : -EALREADY);
	assert_true(host.flushes <= 1);
}

static void do_age(u64 first, u64 n)
{
	bool any = false;

	for (u64 i = first; i < first + n; i++) {
		u64 from, to;

		if (!now[i].attr)
			continue;
		leaf_pages(i, &from, &to);
		for (i = to - 1; from < to; from++) {
			any |= now[from].young;
			now[from].young = false;
		}
	}
	assert_int_equal(
		pgtable_test_young(&pt, IA(ia_of(first)), n * page, true), any);
	assert_int_equal(host.flushes, any);
}

/* Each page that is dirty, in order, once; then it is not. */
static void note(void *arg, ia_t ia, u64 size)
{
	u64 *next = arg;

	assert_true(ia.v >= *next && size);
	*next = ia.v + size;
	for (u64 i = (ia.v - base) / page; size; i++, size -= page) {
		assert_true(i < PAGES && now[i].dirty);
		now[i].dirty = false;
		if (!hw)
			now[i].attr &= ~PGT_W;
	}
}

static void do_harvest(u64 first, u64 n)
{
	u64 next = 0;
	int r = pgtable_harvest_dirty(&pt, IA(ia_of(first)), n * page, note,
				      &next);

	assert_int_equal(r, next ? 0 : -EALREADY);
	assert_int_equal(host.flushes, next != 0);
	for (u64 i = first; i < first + n; i++)
		assert_false(now[i].dirty);
}

static void do_reshape(u64 first, u64 n)
{
	ia_t ia = IA(ia_of(first));
	u64 done;
	int r;

	if (dice(2)) {
		r = pgtable_collapse(&pt, ia, n * page, size_of_block);
		share_state(first, first + n);
	} else {
		r = pgtable_split(&pt, ia, n * page, page, NULL, &done);
		assert_int_equal(done, n * page);
	}
	assert_int_equal(r, host.flushes ? 0 : -EALREADY);
}

/* ---- All of them ---------------------------------------------------------------------- */

static void random_range(u64 *first, u64 *n)
{
	*first = dice(PAGES);
	*n = 1 + dice(1u << dice(10));
	if (dice(3)) {
		*first = ALIGN_DOWN(*first, pages_of_block);
		*n = pages_of_block * (1 + !dice(4));
	}
	if (*first + *n > PAGES)
		*n = PAGES - *first;
}

static void step(void)
{
	static void (*const ops[])(u64 first, u64 n) = {
		do_map, do_map, do_map, do_unmap, do_protect, do_age, do_age,
		do_harvest, do_reshape, do_reshape, do_reshape, do_reshape,
	};
	u64 first, n;

	for (int i = dice(8); i > 0; i--)
		access_page(dice(PAGES), dice(2));
	/* What the hardware has made of leaves is no change of the tree's. */
	memcpy(before, now, sizeof(now));
	host_forget_flushes(&host);
	random_range(&first, &n);
	ops[dice(ARRAY_SIZE(ops))](first, n);
	check();
}

static void run(const struct kind *kind, u32 features)
{
	hw = features & PGT_FEAT_HAFDBS;
	bbm = features & PGT_FEAT_BBM2 && !hw;
	tree_make(kind, features, false);
	size_of_block = block_size(2);
	pages_of_block = size_of_block / page;
	/* Over the end of one table of blocks, and what is next to it. */
	base = 4 * SZ_1G - 2 * size_of_block;
	memset(now, 0, sizeof(now));
	memset(before, 0, sizeof(before));
	memset(level_before, -1, sizeof(level_before));
	host.on_flush = look_at_flush;
	for (int i = 0; i < STEPS; i++)
		step();
	tree_drop();
}

static void run_all(u32 features)
{
	unsigned long n = 0;

	while (property_next(&n, 1)) {
		run(KIND_S2_4K, features);
		run(KIND_S2_16K, features);
	}
}

static void by_write_protection(void **state)
{
	run_all(0);
}

static void by_the_hardware(void **state)
{
	run_all(PGT_FEAT_HAFDBS);
}

static void by_write_protection_with_bbm(void **state)
{
	run_all(PGT_FEAT_BBM2);
}

static void by_the_hardware_with_bbm(void **state)
{
	run_all(PGT_FEAT_HAFDBS | PGT_FEAT_BBM2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_write_protection),
		cmocka_unit_test(by_the_hardware),
		cmocka_unit_test(by_write_protection_with_bbm),
		cmocka_unit_test(by_the_hardware_with_bbm),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
