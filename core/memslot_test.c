// SPDX-License-Identifier: BSD-2-Clause
// link: core/backing.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/hyp_alloc.c core/memcache.c core/memslot.c core/mmio.c
// link: core/notifier.c core/page_alloc.c core/vcpu.c core/vm.c
// link: core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_stage2.c core/testing/fake_vcpu.c pgtable/build.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/unmap.c lib/log.c
// link: lib/printf.c core/rwlock.c core/stage2_tables.c core/dirty_log.c
// link: pgtable/dirty.c pgtable/split.c pgtable/collapse.c pgtable/step.c
// link: pgtable/flush.c
// flags: -pthread
/*
 * Memslots: what they refuse, with nothing changed; and what is left of one
 * that goes, moves or becomes read-only (K3, K5, K6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/backing.h"
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (24 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 20 * CHUNK_SIZE)
#define BLOCK 512UL
#define IPA_PAGES BIT64(40 - PAGE_SHIFT)
#define A 0x40000UL /* the slot: 8 blocks of RAM, the last two an image */
#define PAGES (8 * BLOCK)
#define B 0x50000UL /* another one, of two blocks */

static struct vm *vm;
static struct vcpu *vcpu;
static struct backing *ram;

static int set_up(void **state)
{
	struct vm_config config = { .name = "test" };

	fake_cpus_init(2);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	fake_no_blocks = false;
	assert_int_equal(vm_create(&config, &vm), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	ram = backing_ram_create(PAGES, &vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, 6 * SZ_2M, HPA(MODULE),
					       2 * SZ_2M),
			 0);
	assert_int_equal(memslot_add(vm, GFN(A), PAGES, ram, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(B), 2 * BLOCK, ram, BLOCK, 0), 0);
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

static int touch(u64 gfn, bool write)
{
	struct guest_fault f = { .gpa = gfn_to_gpa(GFN(gfn)), .write = write };

	return fault_handle(vcpu, &f);
}

/* What translates gfn; size 0: nothing. */
static struct pgtable_leaf leaf_at(u64 gfn)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&vm->s2, IA(gfn << PAGE_SHIFT), &leaf))
		leaf.size = 0;
	return leaf;
}

static int any_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	return 1;
}

static bool mapped(u64 gfn, u64 pages)
{
	return pgtable_visit(&vm->s2, IA(gfn << PAGE_SHIFT),
			     pages << PAGE_SHIFT, any_leaf, NULL);
}

/* ---- What is refused ------------------------------------------------------------ */

struct snapshot {
	struct memslot slots[VM_MAX_MEMSLOTS];
	unsigned int count;
	u32 refs;
	u64 pages;
};

static struct snapshot look(void)
{
	struct snapshot s = {
		.count = vm->slot_count,
		.refs = ram->refs,
		.pages = fake_pages_used(),
	};

	memcpy(s.slots, vm->slots, sizeof(s.slots[0]) * s.count);
	return s;
}

static void nothing_has_changed(const struct snapshot *before,
				const char *what)
{
	struct snapshot now = look();

	if (memcmp(before, &now, sizeof(now)))
		fail_msg("%s", what);
}

static void bad_slots_are_refused(void **state)
{
	static const struct {
		const char *what;
		u64 base, pages, offset;
		u32 flags;
		int result;
	} c[] = {
		{ "empty", 0, 0, 0, 0, -EINVAL },
		{ "empty, in a slot", A, 0, 0, 0, -EINVAL },
		{ "wraps", ~0UL, 2, 0, 0, -EINVAL },
		{ "wraps in bytes", BIT64(52) - 1, 2, 0, 0, -EINVAL },
		{ "larger than everything", 0, ~0UL, 0, 0, -EINVAL },
		{ "past the IPA size", IPA_PAGES - 1, 2, 0, 0, -EINVAL },
		{ "behind the IPA size", IPA_PAGES, 1, 0, 0, -EINVAL },
		{ "past the backing", 0, PAGES + 1, 0, 0, -EINVAL },
		{ "past it from an offset", 0, 2, PAGES - 1, 0, -EINVAL },
		{ "behind the backing", 0, 1, PAGES, 0, -EINVAL },
		{ "an offset that wraps", 0, 2, ~0UL, 0, -EINVAL },
		{ "an unknown flag", 0, 1, 0, BIT32(7), -EINVAL },
		{ "an unknown flag besides", 0, 1, 0,
		  MEMSLOT_READONLY | BIT32(31), -EINVAL },
		{ "the same place", A, PAGES, 0, 0, -EEXIST },
		{ "the same start", A, 1, 0, 0, -EEXIST },
		{ "begins in a slot", A + PAGES - 1, 2, 0, 0, -EEXIST },
		{ "ends in a slot", A - 1, 2, 0, 0, -EEXIST },
		{ "within a slot", A + 5, 2, 0, 0, -EEXIST },
		{ "around a slot", B - 1, 2 * BLOCK + 2, 0, 0, -EEXIST },
	};

	touch(A, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct snapshot before = look();

		if (memslot_add(vm, GFN(c[i].base), c[i].pages, ram,
				c[i].offset, c[i].flags) != c[i].result)
			fail_msg("%s", c[i].what);
		nothing_has_changed(&before, c[i].what);
	}
}

static void slots_may_touch_each_other_and_the_end(void **state)
{
	assert_int_equal(memslot_add(vm, GFN(A - 4), 4, ram, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(A + PAGES), 4, ram, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(IPA_PAGES - 1), 1, ram, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(0), 1, ram, 0, 0), 0);
	for (unsigned int i = 1; i < vm->slot_count; i++)
		assert_true(vm->slots[i - 1].base.v < vm->slots[i].base.v);
	assert_int_equal(touch(IPA_PAGES - 1, true), FAULT_HANDLED);
	assert_int_equal(memslot_find(vm, GFN(A - 1))->base.v, A - 4);
	assert_int_equal(memslot_find(vm, GFN(A))->base.v, A);
	assert_null(memslot_find(vm, GFN(A - 5)));
	assert_null(memslot_find(vm, GFN(A + PAGES + 4)));
	assert_true(memslot_covers(vm, GFN(0)));
	assert_false(memslot_covers(vm, GFN(1)));
}

static void there_are_only_so_many(void **state)
{
	struct snapshot before;

	for (u64 n = 2; n < VM_MAX_MEMSLOTS; n++)
		assert_int_equal(memslot_add(vm, GFN(n * 2), 1, ram, 0, 0), 0);
	before = look();
	assert_int_equal(memslot_add(vm, GFN(0), 1, ram, 0, 0), -ENOSPC);
	nothing_has_changed(&before, "one too many");
	/* One that goes makes room for one. */
	assert_int_equal(memslot_delete(vm, GFN(20)), 0);
	assert_int_equal(memslot_add(vm, GFN(0), 1, ram, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(20), 1, ram, 0, 0), -ENOSPC);
}

static void bad_changes_are_refused(void **state)
{
	struct snapshot before = look();

	assert_int_equal(memslot_delete(vm, GFN(A + 1)), -ENOENT);
	assert_int_equal(memslot_delete(vm, GFN(0)), -ENOENT);
	assert_int_equal(memslot_delete(vm, GFN(~0UL)), -ENOENT);
	assert_int_equal(memslot_set_flags(vm, GFN(A + 1), 0), -ENOENT);
	assert_int_equal(memslot_set_flags(vm, GFN(A), BIT32(9)), -EINVAL);
	assert_int_equal(memslot_move(vm, GFN(A + 1), GFN(0)), -ENOENT);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(B - 1)), -EEXIST);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(B + 1)), -EEXIST);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(B - PAGES + 1)),
			 -EEXIST);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(IPA_PAGES - PAGES + 1)),
			 -EINVAL);
	assert_int_equal(memslot_move(vm, GFN(A), GFN(~0UL)), -EINVAL);
	nothing_has_changed(&before, "a bad change");
}

/* ---- Deleting ---------------------------------------------------------------------- */

static void a_slot_that_is_deleted_is_gone(void **state)
{
	u32 word;

	assert_int_equal(touch(A, true), FAULT_HANDLED);
	assert_int_equal(touch(A + 7 * BLOCK, false), FAULT_HANDLED);
	assert_int_equal(touch(B, true), FAULT_HANDLED);
	assert_int_equal(memslot_delete(vm, GFN(A)), 0);
	assert_false(mapped(A, PAGES));
	assert_int_equal(leaf_at(B).size, SZ_2M);
	assert_int_equal(touch(A, true), FAULT_MMIO);
	assert_int_equal(guest_read(vm, GPA(A << PAGE_SHIFT), &word, 4),
			 -EFAULT);
	assert_int_equal(memslot_delete(vm, GFN(A)), -ENOENT);
	assert_int_equal(ram->refs, 2);
	/* Its owner does not look for it there any more. */
	assert_int_equal(memslot_add(vm, GFN(A), PAGES, ram, 0, 0), 0);
	assert_int_equal(touch(A, true), FAULT_HANDLED);
}

/* The last reference goes with the slot. */
static void a_slot_takes_its_memory_with_it(void **state)
{
	struct backing *own = backing_ram_create(BLOCK, NULL);
	u64 before = fake_pages_used();

	assert_int_equal(memslot_add(vm, GFN(0), BLOCK, own, 0, 0), 0);
	backing_put_ref(own);
	assert_int_equal(touch(0, true), FAULT_HANDLED);
	assert_true(fake_pages_used() >= before + BLOCK);
	assert_int_equal(memslot_delete(vm, GFN(0)), 0);
	assert_true(fake_pages_used() < before + BLOCK);
}

/*
 * A fault has its page from the slot when another CPU deletes the slot: the
 * other one waits until it is mapped, and then unmaps it.
 */
static const struct backing_ops *real_ops;
static struct backing_ops slow_ops;
static pthread_t deleter;
static bool deleted;

static void *delete_slot(void *arg)
{
	fake_be_cpu(1);
	assert_int_equal(memslot_delete(vm, GFN(A)), 0);
	__atomic_store_n(&deleted, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static int get_while_deleted(struct backing *b, u64 offset, bool write,
			     struct backing_page *out)
{
	pthread_create(&deleter, NULL, delete_slot, NULL);
	while (!__atomic_load_n(&vm->slots_lock.writer, __ATOMIC_SEQ_CST))
		cpu_relax();
	for (unsigned int i = 0; i < 100; i++)
		cpu_relax();
	assert_false(__atomic_load_n(&deleted, __ATOMIC_SEQ_CST));
	return real_ops->get(b, offset, write, out);
}

static void a_delete_waits_for_the_faults_in_the_slot(void **state)
{
	real_ops = ram->ops;
	slow_ops = *real_ops;
	slow_ops.get = get_while_deleted;
	ram->ops = &slow_ops;
	deleted = false;
	assert_int_equal(touch(A, true), FAULT_HANDLED);
	pthread_join(deleter, NULL);
	ram->ops = real_ops;
	assert_false(mapped(A, PAGES));
	assert_int_equal(touch(A, true), FAULT_MMIO);
}

/* Two who change the slots: the second waits, and lets others run meanwhile. */
static void first_change_is_over(void)
{
	spin_unlock(&vm->changing);
}

static void changes_wait_for_each_other(void **state)
{
	spin_lock(&vm->changing);
	fake_on_yield = first_change_is_over;
	assert_int_equal(memslot_delete(vm, GFN(A)), 0);
	assert_int_equal(fake_yields, 1);
}

/* ---- Moving ---------------------------------------------------------------------- */

static void a_slot_moves_with_its_contents(void **state)
{
	static const u64 to[] = {
		0x80000,       A,
		A + 3,         /* over its own place, as aligned no more */
		A - 2 * BLOCK, 0,
		B + 2 * BLOCK, IPA_PAGES - PAGES,
	};
	u64 at = A, value = 0x1234567;

	assert_int_equal(guest_write(vm, GPA((A + 5) << PAGE_SHIFT), &value, 8),
			 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(to); i++) {
		u64 got = 0;

		assert_int_equal(touch(at, true), FAULT_HANDLED);
		assert_int_equal(touch(at + 6 * BLOCK, false), FAULT_HANDLED);
		assert_int_equal(memslot_move(vm, GFN(at), GFN(to[i])), 0);
		assert_false(mapped(at, PAGES));
		assert_false(mapped(to[i], PAGES));
		if (to[i] < at - PAGES || to[i] > at + PAGES)
			assert_int_equal(touch(at, true), FAULT_MMIO);
		at = to[i];
		assert_int_equal(guest_read(vm, GPA((at + 5) << PAGE_SHIFT),
					    &got, 8),
				 0);
		assert_int_equal(got, value);
		for (unsigned int n = 1; n < vm->slot_count; n++)
			assert_true(vm->slots[n - 1].base.v <
				    vm->slots[n].base.v);
	}
	assert_int_equal(memslot_delete(vm, GFN(at)), 0);
}

static void a_move_to_where_it_is_changes_nothing(void **state)
{
	struct snapshot before;

	assert_int_equal(touch(A, true), FAULT_HANDLED);
	before = look();
	assert_int_equal(memslot_move(vm, GFN(A), GFN(A)), 0);
	nothing_has_changed(&before, "a move to the same place");
	assert_true(mapped(A, PAGES));
}

/* What takes pages back finds the slot where it is now. */
static void an_owner_finds_a_slot_that_has_moved(void **state)
{
	u64 image = 6 * BLOCK;
	u32 word = 1;

	assert_int_equal(memslot_move(vm, GFN(A), GFN(0)), 0);
	assert_int_equal(touch(image, false), FAULT_HANDLED);
	assert_true(mapped(image, 16));
	assert_int_equal(guest_write(vm, GPA(image << PAGE_SHIFT), &word, 4),
			 0);
	assert_false(mapped(image, 16));
}

/* No fault maps from a slot while it moves: where would it be? */
static u64 moving_from;

static void fault_meanwhile(void)
{
	assert_int_equal(touch(moving_from, true), FAULT_HANDLED);
	assert_false(mapped(moving_from, 16));
}

static void faults_wait_while_a_slot_moves(void **state)
{
	moving_from = A;
	assert_int_equal(touch(A + BLOCK, true), FAULT_HANDLED);
	cpus[0].need_resched = true;
	fake_on_yield = fault_meanwhile;
	assert_int_equal(memslot_move(vm, GFN(A), GFN(0)), 0);
	assert_int_equal(fake_yields, 1);
	assert_false(mapped(A, PAGES));
	fake_on_yield = NULL;
	assert_int_equal(touch(A, true), FAULT_MMIO);
	assert_int_equal(touch(0, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(0).size, SZ_2M);
}

/* ---- Flags ------------------------------------------------------------------------ */

static int writable_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	return !!(leaf->attr & PGT_W);
}

static void a_slot_becomes_read_only_and_back(void **state)
{
	assert_int_equal(touch(A, true), FAULT_HANDLED);
	assert_int_equal(touch(A + 6 * BLOCK, true), FAULT_HANDLED);
	assert_int_equal(memslot_set_flags(vm, GFN(A), MEMSLOT_READONLY), 0);
	assert_int_equal(pgtable_visit(&vm->s2, IA(A << PAGE_SHIFT),
				       PAGES << PAGE_SHIFT, writable_leaf,
				       NULL),
			 0);
	assert_int_equal(touch(A, true), FAULT_ABORT);
	assert_int_equal(touch(A, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(A).attr & PGT_PROT_MASK, PGT_RX);
	assert_int_equal(memslot_set_flags(vm, GFN(A), 0), 0);
	assert_int_equal(touch(A, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(A).attr & PGT_PROT_MASK, PGT_RWX);
	assert_int_equal(leaf_at(A).size, SZ_2M);
}

/* ---- Pages that are unmapped and stay (K10) --------------------------------------- */

#define C 0x60000UL

/* What a guest has just written to, and a CPU that goes on with it until its TLB
 * forgets. */
static struct {
	pfn_t pfn;
	bool in_tlb;
} written;

static void write_on(void)
{
	if (written.in_tlb)
		arch_page_unmap(arch_page_map(written.pfn));
	written.in_tlb = false;
}

static void write_to(u64 gfn)
{
	struct pgtable_leaf leaf;

	assert_int_equal(touch(gfn, true), FAULT_HANDLED);
	leaf = leaf_at(gfn);
	written.pfn = hpa_to_pfn(HPA(leaf.pa.v + (gfn << PAGE_SHIFT) -
				     leaf.ia.v));
	arch_page_unmap(arch_page_map(written.pfn));
	written.in_tlb = true;
}

static void move_it(void)
{
	assert_int_equal(memslot_move(vm, GFN(A), GFN(C)), 0);
}

static void write_protect_it(void)
{
	assert_int_equal(memslot_set_flags(vm, GFN(A), MEMSLOT_READONLY), 0);
}

static void delete_it(void)
{
	assert_int_equal(memslot_delete(vm, GFN(A)), 0);
}

static void take_its_neighbours_in_front(void)
{
	notifier_unmap(vm, GFN(A), 5);
}

static void take_its_neighbours_behind(void)
{
	notifier_unmap(vm, GFN(A + 6), BLOCK);
}

static void take_the_page_itself(void)
{
	notifier_unmap(vm, GFN(A), BLOCK);
}

/* Is the page that the guest wrote to still in the caches? */
static bool dirty_after(u64 gfn, void (*way)(void))
{
	write_to(gfn);
	fake_on_flush = write_on;
	way();
	fake_on_flush = NULL;
	assert_false(mapped(gfn, 1));
	assert_false(written.in_tlb);
	return fake_page_dirty(written.pfn);
}

/*
 * Who turns the guest's caches off has what is mapped cleaned: what is not must
 * have been before, and be so to the last write.
 */
static void what_is_unmapped_and_stays_is_cleaned(void **state)
{
	static void (*const ways[])(void) = {
		take_its_neighbours_in_front, take_its_neighbours_behind,
		move_it, write_protect_it, delete_it,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		if (dirty_after(A + 5, ways[i]))
			fail_msg("way %u", i);
		tear_down(state);
		set_up(state);
	}
}

static void memory_that_a_reset_leaves_is_cleaned(void **state)
{
	struct backing *b = backing_shared_create(BLOCK, 0, NULL);

	assert_int_equal(memslot_add(vm, GFN(C), BLOCK, b, 0, 0), 0);
	backing_put_ref(b);
	write_to(C + 7);
	fake_on_flush = write_on;
	vm_reset_memory(vm);
	fake_on_flush = NULL;
	assert_false(mapped(C, BLOCK));
	assert_false(written.in_tlb || fake_page_dirty(written.pfn));
}

/* Nobody pays for what is given away, nor where no cache is to be cleaned. */
static void what_is_given_away_or_coherent_is_not_cleaned(void **state)
{
	assert_true(dirty_after(A + 5, take_the_page_itself));
	/* A copy is made: the image's block, which goes, cannot be dirty. */
	assert_int_equal(touch(A + 6 * BLOCK, false), FAULT_HANDLED);
	arch_page_unmap(arch_page_map(hpa_to_pfn(HPA(MODULE + SZ_1M))));
	assert_int_equal(touch(A + 6 * BLOCK, true), FAULT_HANDLED);
	assert_true(fake_page_dirty(hpa_to_pfn(HPA(MODULE + SZ_1M))));
	tear_down(state);
	fake_features = PGT_FEAT_FWB;
	set_up(state);
	fake_features = 0;
	assert_true(dirty_after(A + 5, take_its_neighbours_behind));
	assert_true(dirty_after(A + 5, move_it));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(bad_slots_are_refused),
		CASE(slots_may_touch_each_other_and_the_end),
		CASE(there_are_only_so_many),
		CASE(bad_changes_are_refused),
		CASE(a_slot_that_is_deleted_is_gone),
		CASE(a_slot_takes_its_memory_with_it),
		CASE(a_delete_waits_for_the_faults_in_the_slot),
		CASE(changes_wait_for_each_other),
		CASE(a_slot_moves_with_its_contents),
		CASE(a_move_to_where_it_is_changes_nothing),
		CASE(an_owner_finds_a_slot_that_has_moved),
		CASE(faults_wait_while_a_slot_moves),
		CASE(a_slot_becomes_read_only_and_back),
		CASE(what_is_unmapped_and_stays_is_cleaned),
		CASE(memory_that_a_reset_leaves_is_cleaned),
		CASE(what_is_given_away_or_coherent_is_not_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
