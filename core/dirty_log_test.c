// SPDX-License-Identifier: BSD-2-Clause
// link: core/backing.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/dirty_log.c core/hyp_alloc.c core/memcache.c core/memslot.c
// link: core/mmio.c core/notifier.c core/page_alloc.c core/rwlock.c
// link: core/stage2_tables.c core/vcpu.c core/vm.c core/testing/fake_memory.c
// link: core/testing/fake_sched.c core/testing/fake_stage2.c
// link: core/testing/fake_vcpu.c pgtable/build.c pgtable/collapse.c
// link: pgtable/dirty.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c lib/log.c lib/printf.c
// link: pgtable/flush.c
/*
 * The dirty log (B3), with stage 2 write-protected and with a hardware that
 * marks leaves (FEAT_HAFDBS): every case runs in both. bugs.md 9, 19.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"
#include "lib/string.h"

#define RAM (32 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 28 * CHUNK_SIZE)
#define BLOCK 512UL
#define A 0x40000UL /* the slot: blocks of RAM, and 20 pages */
#define PAGES (6 * BLOCK + 20)
#define IMAGE (4 * BLOCK) /* the fifth and sixth block of it are an image */
#define WORDS BITMAP_WORDS(PAGES)
#define LOG MEMSLOT_LOG_DIRTY

static struct vm *vm;
static struct vcpu *vcpu;
static struct backing *ram;
static bool hw;
static u64 log_words[WORDS];

static int set_up(void **state)
{
	struct vm_config config = { .name = "test" };

	hw = *state != NULL && !format_is_lpae();
	fake_cpus_init(2);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	fake_no_blocks = false;
	fake_features = hw ? PGT_FEAT_HAFDBS : 0;
	fake_on_flush = NULL;
	assert_int_equal(vm_create(&config, &vm), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	ram = backing_ram_create(PAGES, &vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, IMAGE << PAGE_SHIFT,
					       HPA(MODULE), 2 * SZ_2M),
			 0);
	assert_int_equal(memslot_add(vm, GFN(A), PAGES, ram, 0, 0), 0);
	return 0;
}

static int tear_down(void **state)
{
	vm_destroy(vm);
	backing_put_ref(ram);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
	return 0;
}

/* ---- The guest -------------------------------------------------------------------- */

#define VALID BIT64(0)
#define TABLE BIT64(1)
#define S2_WRITE BIT64(7)
#define S2_DBM BIT64(51)

/* The leaf that the hardware finds for `gfn`, or NULL. */
static u64 *find_leaf(u64 gfn)
{
	u64 *table = vm->s2.root;

	/* 40 bits: two tables side by side at level 1. */
	for (int shift = 18;; shift -= 9) {
		u64 *e = &table[shift == 18 ? gfn >> 18 : gfn >> shift & 511];

		if (!(*e & VALID))
			return NULL;
		if (!shift || !(*e & TABLE))
			return e;
		table = arch_phys_to_virt(HPA(*e & GENMASK64(47, 12)));
	}
}

/* What the hardware does: false if it faults. */
static bool try_access(u64 gfn, bool write)
{
	u64 *e = find_leaf(gfn);

	if (!e)
		return false;
	if (write && hw && *e & S2_DBM)
		*e |= S2_WRITE;
	return !write || *e & S2_WRITE;
}

static void touch(u64 gfn, bool write)
{
	struct guest_fault f = {
		.gpa = gfn_to_gpa(GFN(gfn)),
		.write = write,
	};

	while (!try_access(gfn, write)) {
		f.permission = find_leaf(gfn) != NULL;
		assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	}
}

static u64 leaf_size(u64 gfn)
{
	struct pgtable_leaf leaf;

	return pgtable_lookup(&vm->s2, IA(gfn << PAGE_SHIFT), &leaf) ?
		       0 : leaf.size;
}

/* ---- The log ---------------------------------------------------------------------- */

static s64 take_all_of(u64 base)
{
	return dirty_log_take(vm, GFN(base), 0, PAGES, log_words);
}

/* The log holds these frames of the slot, ending with ~0, and no other. */
static void assert_log_of(u64 base, const u64 *frames)
{
	u64 want[WORDS] = { 0 };
	s64 n = 0;

	for (; *frames != ~0UL; frames++, n++)
		bitmap_set(want, *frames);
	assert_int_equal(take_all_of(base), n);
	assert_memory_equal(log_words, want, sizeof(want));
}

#define assert_log(...) assert_log_of(A, (const u64[]){ __VA_ARGS__, ~0UL })
#define assert_log_empty() assert_log_of(A, (const u64[]){ ~0UL })

static void set_flags(u32 flags)
{
	assert_int_equal(memslot_set_flags(vm, GFN(A), flags), 0);
}

static void every_write_is_in_one_log(void **state)
{
	touch(A, true);
	touch(A + 3 * BLOCK, false);
	touch(A + IMAGE, false);
	set_flags(LOG);
	assert_log_empty();
	touch(A, true);
	touch(A + 5, true);
	touch(A + BLOCK - 1, true);
	touch(A + BLOCK, true);      /* not mapped before */
	touch(A + 3 * BLOCK, true);
	touch(A + PAGES - 1, true);
	assert_log(0, 5, BLOCK - 1, BLOCK, 3 * BLOCK, PAGES - 1);
	assert_log_empty();
	/* The same pages anew. */
	touch(A, true);
	touch(A + PAGES - 1, true);
	assert_log(0, PAGES - 1);
}

static void to_read_is_not_to_write(void **state)
{
	touch(A, true);
	set_flags(LOG);
	for (u64 n = 0; n < PAGES; n++)
		touch(A + n, false);
	assert_log_empty();
	touch(A + 2 * BLOCK + 7, true);
	touch(A + 2 * BLOCK + 8, false);
	assert_log(2 * BLOCK + 7);
}

/* One write does not make 2 MiB dirty. */
static void a_logged_slot_is_mapped_in_pages(void **state)
{
	touch(A, true);
	assert_int_equal(leaf_size(A), SZ_2M);
	set_flags(LOG);
	touch(A + 9, true);
	assert_int_equal(leaf_size(A + 9), PAGE_SIZE);
	touch(A + BLOCK + 9, true);
	assert_int_equal(leaf_size(A + BLOCK + 9), PAGE_SIZE);
	assert_log(9, BLOCK + 9);
}

static void a_copy_on_write_is_a_write_to_one_page(void **state)
{
	set_flags(LOG);
	touch(A + IMAGE + 3, false);
	assert_log_empty();
	touch(A + IMAGE + 3, true);
	assert_int_equal(vm_stats(vm).pages_copied, 16);
	assert_log(IMAGE + 3);
	touch(A + IMAGE + 4, true);
	assert_log(IMAGE + 4);
}

static void what_the_hypervisor_writes_is_in_it(void **state)
{
	u64 words[2] = { 1, 2 };

	set_flags(LOG);
	assert_int_equal(guest_write(vm, GPA(((A + 8) << PAGE_SHIFT) - 8),
				     words, 16),
			 0);
	assert_int_equal(guest_read(vm, GPA((A + 20) << PAGE_SHIFT), words, 8),
			 0);
	assert_int_equal(guest_write(vm, GPA((A + IMAGE) << PAGE_SHIFT), words,
				     1),
			 0);
	assert_log(7, 8, IMAGE);
	touch(A + 1, true);
	vm_reset_memory(vm);
	assert_int_equal(take_all_of(A), PAGES);
	assert_log_empty();
}

/* ---- What is unmapped ----------------------------------------------------------- */

static void what_is_unmapped_stays_in_the_log(void **state)
{
	set_flags(LOG);
	touch(A, true);
	touch(A + 1, false);
	touch(A + 2, true);
	notifier_unmap(vm, GFN(A), 2);
	assert_int_equal(leaf_size(A), 0);
	touch(A + 5, true);
	notifier_unmap_steps(vm, GFN(0), ~0UL);
	assert_int_equal(leaf_size(A + 5), 0);
	assert_log(0, 2, 5);
	touch(A, false);
	assert_log_empty();
}

/* While something is invalidated another CPU writes to what it may still. */
static u64 written[WORDS], racing_from, racing_to;
static unsigned int raced;

static void write_what_one_may(void)
{
	for (u64 n = racing_from; n < racing_to; n++) {
		if (try_access(A + n, true)) {
			bitmap_set(written, n);
			raced++;
		}
	}
}

static void no_write_comes_between(void **state)
{
	set_flags(LOG);
	for (u64 n = 0; n < 64; n++)
		touch(A + n, n % 3 == 0);
	racing_from = 16;
	racing_to = 48;
	raced = 0;
	memset(written, 0, sizeof(written));
	for (u64 n = 0; n < 64; n += 3)
		bitmap_set(written, n);
	fake_on_flush = write_what_one_may;
	notifier_unmap(vm, GFN(A), 64);
	fake_on_flush = NULL;
	assert_true(hw ? raced > 0 : true);
	assert_int_equal(leaf_size(A + 20), 0);
	take_all_of(A);
	assert_memory_equal(log_words, written, sizeof(written));
}

static void no_write_is_lost_while_the_log_is_taken(void **state)
{
	static u64 second[WORDS];

	set_flags(LOG);
	for (u64 n = 0; n < 64; n++)
		touch(A + n, true);
	assert_int_equal(take_all_of(A), 64);
	for (u64 n = 0; n < 32; n++)
		touch(A + n, true);
	racing_from = 0;
	racing_to = 64;
	raced = 0;
	memset(written, 0, sizeof(written));
	fake_on_flush = write_what_one_may;
	take_all_of(A);
	fake_on_flush = NULL;
	memcpy(second, log_words, sizeof(second));
	take_all_of(A);
	/* In the one or the other. */
	for (u64 n = 0; n < 64; n++)
		if ((n < 32 || bitmap_test(written, n)) &&
		    !bitmap_test(second, n) && !bitmap_test(log_words, n))
			fail_msg("page %d", (int)n);
}

static void a_page_that_is_changed_stays_in_the_log(void **state)
{
	pfn_t other;

	assert_int_equal(page_alloc(PAGE_GUEST, 0, NULL, &other), 0);
	set_flags(LOG);
	touch(A + 3, true);
	notifier_change(vm, GFN(A + 3), other);
	assert_int_equal(leaf_size(A + 3), PAGE_SIZE);
	assert_false(try_access(A + 3, true));
	assert_log(3);
	notifier_unmap(vm, GFN(A), PAGES);
	page_put(other, 0, NULL);
}

/* ---- Slots that change -------------------------------------------------------------- */

static void the_log_moves_with_its_slot(void **state)
{
	touch(A, true);
	set_flags(LOG);
	touch(A + 2, true);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(A + 64)), 0);
	touch(A + 64 + 3, true);
	assert_log_of(A + 64, (const u64[]){ 2, 3, ~0UL });
	assert_int_equal(take_all_of(A), -ENOENT);
	assert_int_equal(memslot_delete(vm, GFN(A + 64)), 0);
	assert_int_equal(take_all_of(A + 64), -ENOENT);
	assert_int_equal(vm->logs, 0);
	/* One that is logged from the start. */
	assert_int_equal(memslot_add(vm, GFN(A), PAGES, ram, 0, LOG), 0);
	touch(A + 1, true);
	assert_log(1);
	assert_int_equal(memslot_delete(vm, GFN(A)), 0);
}

static void what_becomes_read_only_keeps_its_log(void **state)
{
	set_flags(LOG);
	touch(A + 2, true);
	set_flags(LOG | MEMSLOT_READONLY);
	touch(A + 2, false);
	assert_false(try_access(A + 2, true));
	assert_log(2);
	set_flags(LOG);
	touch(A + 4, true);
	assert_log(4);
}

/* bugs.md 9: no stale entry, no table that is left. */
static void blocks_come_back_when_the_log_ends(void **state)
{
	for (u64 n = 0; n < PAGES; n += 4)
		touch(A + n, n < 4 * BLOCK);
	set_flags(LOG);
	for (u64 n = 0; n < BLOCK; n++)
		touch(A + n, true); /* all of one block, */
	touch(A + BLOCK + 5, true); /* part of another */
	set_flags(0);
	assert_int_equal(vm->logs, 0);
	assert_int_equal(take_all_of(A), -ENOENT);
	assert_int_equal(leaf_size(A), SZ_2M);
	for (u64 n = 0; n < PAGES; n += 4)
		touch(A + n, n < 4 * BLOCK);
	for (u64 n = 0; n < 6; n++)
		assert_int_equal(leaf_size(A + n * BLOCK), SZ_2M);
	assert_int_equal(leaf_size(A + 6 * BLOCK), PAGE_SIZE);
	/* The root's two, one of blocks, and one for the odd end. */
	assert_true(vm->s2.tables <= 4);
}

static void a_gigabyte_block_is_logged_in_pages(void **state)
{
	struct backing *b = backing_static_create(HPA(SZ_1G * 8), BIT64(19),
						  true, true);
	static u64 words[BIT64(19) / 64];
	u64 base = SZ_1G * 4 >> PAGE_SHIFT;

	assert_int_equal(memslot_add(vm, GFN(base), BIT64(19), b, 0, 0), 0);
	backing_put_ref(b);
	touch(base, true);
	assert_int_equal(leaf_size(base), SZ_1G);
	cpus[0].need_resched = true;
	assert_int_equal(memslot_set_flags(vm, GFN(base), LOG), 0);
	assert_int_equal(fake_yields, 1);
	touch(base + 77777, true);
	touch(base + BIT64(18), true);
	cpus[0].need_resched = true;
	assert_int_equal(dirty_log_take(vm, GFN(base), 0, BIT64(19), words),
			 2);
	assert_int_equal(fake_yields, 2);
	assert_true(bitmap_test(words, 77777) && bitmap_test(words, BIT64(18)));
	assert_int_equal(leaf_size(base + 77777), PAGE_SIZE);
	assert_int_equal(memslot_set_flags(vm, GFN(base), 0), 0);
	assert_int_equal(memslot_delete(vm, GFN(base)), 0);
}

/* ---- Errors ---------------------------------------------------------------------------- */

static void bad_ranges_are_refused(void **state)
{
	static const struct {
		u64 base, first, pages;
		s64 result;
	} c[] = {
		{ A + 1, 0, 64, -ENOENT },     { 0, 0, 64, -ENOENT },
		{ A, 1, 64, -EINVAL },         { A, 32, 32, -EINVAL },
		{ A, 0, 63, -EINVAL },         { A, 64, 65, -EINVAL },
		{ A, 0, PAGES + 1, -EINVAL },  { A, 64, PAGES, -EINVAL },
		{ A, ~63UL, 64, -EINVAL },     { A, 0, ~0UL, -EINVAL },
		{ A, 64, ~63UL, -EINVAL },     { A, 0, 0, 0 },
		{ A, PAGES & ~63UL, PAGES % 64, 1 },
		{ A, 0, 64, 1 },
	};

	/* Another slot, without a log. */
	assert_int_equal(memslot_add(vm, GFN(0), 64, ram, 0, 0), 0);
	set_flags(LOG);
	touch(A, true);
	touch(A + PAGES - 1, true);
	memset(log_words, 0xff, sizeof(log_words));
	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		s64 n = dirty_log_take(vm, GFN(c[i].base), c[i].first,
				       c[i].pages, log_words);

		if (n != c[i].result || (n <= 0 && log_words[0] != ~0ULL))
			fail_msg("row %u", i);
		if (n > 0)
			memset(log_words, 0xff, sizeof(log_words));
	}
	assert_log_empty();
}

/* A part of the log is taken; the rest stays. */
/* One unmap over two slots that are logged, and over what is between them. */
static void each_slot_has_what_is_its_own(void **state)
{
	const u64 other = A + 7 * BLOCK;

	assert_int_equal(memslot_add(vm, GFN(other), PAGES, ram, 0, LOG), 0);
	set_flags(LOG);
	touch(A + 3, true);
	touch(A + PAGES - 1, true);
	touch(other, true);
	touch(other + 70, true);
	notifier_unmap(vm, GFN(A), 7 * BLOCK + PAGES);
	assert_log_of(A, (u64[]){ 3, PAGES - 1, ~0ULL });
	assert_log_of(other, (u64[]){ 0, 70, ~0ULL });
}

static void a_log_can_be_taken_in_parts(void **state)
{
	set_flags(LOG);
	touch(A + 63, true);
	touch(A + 64, true);
	touch(A + 200, true);
	assert_int_equal(dirty_log_take(vm, GFN(A), 64, 128, log_words), 1);
	assert_int_equal(log_words[0], 1);
	assert_log(63, 200);
}

static void no_memory_for_a_log_is_an_error(void **state)
{
	u64 used = fake_pages_used();

	for (u64 more = 0; more < 2; more++) {
		vm->table_budget.limit = vm->table_budget.used + more;
		assert_int_equal(memslot_set_flags(vm, GFN(A), LOG), -ENOMEM);
		assert_int_equal(memslot_add(vm, GFN(0), 64, ram, 0, LOG),
				 -ENOMEM);
		assert_int_equal(vm->slot_count, 1);
		assert_int_equal(vm->slots[0].flags, 0);
		assert_int_equal(fake_pages_used(), used);
		assert_int_equal(ram->refs, 2);
	}
	vm->table_budget.limit = 0;
}

/* There is memory for the log, and none to split blocks with. */
static void a_block_that_cannot_be_split_is_unmapped(void **state)
{
	pfn_t pfn;

	touch(A, true);
	pfn = hpa_to_pfn(HPA(*find_leaf(A) & GENMASK64(47, 21)));
	arch_page_unmap(arch_page_map(pfn));
	vm->table_budget.limit = vm->table_budget.used + 2;
	set_flags(LOG);
	assert_true(!try_access(A, true));
	/* Unmapped, if the hardware was to log, and the guest's own (K10). */
	assert_true(!hw || !fake_page_dirty(pfn));
	vm->table_budget.limit = 0;
	touch(A + 1, true);
	assert_log(1);
}

/* ---- Everything, at random -------------------------------------------------------------- */

static u64 seed;

static u64 dice(u64 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static void take_some(u64 base, u64 *want)
{
	u64 first = dice(PAGES / 64) * 64;
	u64 pages = dice(2) ? PAGES - first : min(64 * dice(9), PAGES - first);
	u64 last = first + pages;

	dirty_log_take(vm, GFN(base), first, pages, log_words);
	for (u64 n = first; n < last; n++) {
		if (bitmap_test(log_words, n - first) != bitmap_test(want, n))
			fail_msg("page %d", (int)n);
		bitmap_clear(want, n);
	}
}

static void the_log_is_what_was_written(void **state)
{
	static u64 want[WORDS];
	u64 base = A, to, page;
	bool on = false;

	memset(want, 0, sizeof(want));
	seed = 5;
	for (unsigned int i = 0; i < 6000; i++) {
		page = dice(dice(2) ? PAGES : 100);
		switch (dice(20)) {
		case 0:
			notifier_unmap(vm, GFN(base + page),
				       dice(dice(8) ? 40 : PAGES));
			break;
		case 1:
			notifier_age(vm, GFN(base + page), dice(600));
			break;
		case 2:
			if (on)
				take_some(base, want);
			break;
		case 3:
			to = A + dice(4) * 512 + dice(2) * 3;
			assert_int_equal(
				memslot_move(vm, GFN(base), GFN(to)), 0);
			base = to;
			break;
		case 4:
			if (dice(8))
				break;
			on = !on;
			memset(want, 0, sizeof(want));
			assert_int_equal(memslot_set_flags(vm, GFN(base),
							   on ? LOG : 0),
					 0);
			break;
		case 5:
			assert_int_equal(guest_write(
				vm, GPA((base + page) << PAGE_SHIFT), &i, 4),
				0);
			bitmap_set(want, page);
			break;
		case 6 ... 12:
			touch(base + page, true);
			bitmap_set(want, page);
			break;
		default:
			touch(base + page, false);
		}
	}
}

int main(void)
{
#define CASE(f)                                                                \
	{ #f, f, set_up, tear_down, NULL },                                    \
	{                                                                      \
		#f ", by hardware", f, set_up, tear_down, (void *)"hw"         \
	}
	const struct CMUnitTest tests[] = {
		CASE(every_write_is_in_one_log),
		CASE(to_read_is_not_to_write),
		CASE(a_logged_slot_is_mapped_in_pages),
		CASE(a_copy_on_write_is_a_write_to_one_page),
		CASE(what_the_hypervisor_writes_is_in_it),
		CASE(what_is_unmapped_stays_in_the_log),
		CASE(no_write_comes_between),
		CASE(no_write_is_lost_while_the_log_is_taken),
		CASE(a_page_that_is_changed_stays_in_the_log),
		CASE(the_log_moves_with_its_slot),
		CASE(what_becomes_read_only_keeps_its_log),
		CASE(blocks_come_back_when_the_log_ends),
		CASE(a_gigabyte_block_is_logged_in_pages),
		CASE(bad_ranges_are_refused),
		CASE(each_slot_has_what_is_its_own),
		CASE(a_log_can_be_taken_in_parts),
		CASE(no_memory_for_a_log_is_an_error),
		CASE(a_block_that_cannot_be_split_is_unmapped),
		CASE(the_log_is_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
