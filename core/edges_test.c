// SPDX-License-Identifier: BSD-2-Clause
// link: core/backing.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/hyp_alloc.c core/memcache.c core/memslot.c core/mmio.c
// link: core/notifier.c core/page_alloc.c core/rwlock.c core/stage2_tables.c
// link: core/vcpu.c core/vm.c core/dirty_log.c core/testing/fake_memory.c
// link: core/testing/fake_sched.c core/testing/fake_stage2.c
// link: core/testing/fake_vcpu.c pgtable/build.c pgtable/collapse.c
// link: pgtable/dirty.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c lib/log.c lib/printf.c
// link: pgtable/flush.c
/*
 * What is left of a VM whose memory others share; and faults that find no table
 * set aside, or lose a page meanwhile (K2, K6, K10; bugs.md 5, 8, 12, 15, 19,
 * 22, 28).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"

#define RAM (24 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 20 * CHUNK_SIZE)
#define BASE 0x40000UL
#define BLOCK 512UL

static struct vm *one, *other;
static struct backing *image;

static void show(struct vm *vm)
{
	assert_int_equal(memslot_add(vm, GFN(BASE), 2 * BLOCK, image, 0, 0), 0);
}

static int set_up(void **state)
{
	struct vm_config config = { .name = "test" };

	fake_cpus_init(1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	fake_no_blocks = false;
	assert_int_equal(vm_create(&config, &one), 0);
	assert_int_equal(vm_create(&config, &other), 0);
	image = backing_ram_create(2 * BLOCK, NULL);
	assert_int_equal(backing_ram_add_image(image, 0, HPA(MODULE), SZ_2M), 0);
	show(one);
	show(other);
	return 0;
}

static int tear_down(void **state)
{
	vm_destroy(other);
	backing_put_ref(image);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
	return 0;
}

/* Its owner takes pages back from those that show them, and from nobody else. */
static void a_slot_that_is_gone_is_no_user(void **state)
{
	u64 others = other->notifier_seq, word = 1, seq;

	assert_int_equal(memslot_delete(one, GFN(BASE)), 0);
	seq = one->notifier_seq;
	assert_int_equal(guest_write(other, GPA(BASE << PAGE_SHIFT), &word, 8),
			 0);
	assert_int_equal(one->notifier_seq, seq);
	assert_int_not_equal(other->notifier_seq, others);
	vm_destroy(one);
	vm_reset_memory(other);
}

static int touch(struct vcpu *vcpu, bool write, bool permission)
{
	struct guest_fault f = { .gpa = GPA(BASE << PAGE_SHIFT),
				 .write = write, .permission = permission };

	return fault_handle(vcpu, &f);
}

static void nothing_maps_it(void *arg)
{
	struct pgtable_leaf leaf;

	++*(unsigned int *)arg;
	for (u64 i = 0; i < 2 * BLOCK; i += 7) {
		ia_t ia = IA((BASE + i) << PAGE_SHIFT);

		assert_int_equal(pgtable_lookup(&one->s2, ia, &leaf), -ENOENT);
		assert_int_equal(pgtable_lookup(&other->s2, ia, &leaf), -ENOENT);
	}
}

/* When its owner puts something else there, no VM reaches the old page. */
static void pages_are_taken_back_before_they_go(void **state)
{
	struct vm *vms[] = { one, other };
	unsigned int commits = 0;
	struct vcpu *vcpu;

	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(vcpu_create(vms[i], 0, &vcpu), 0);
		assert_int_equal(touch(vcpu, false, false), FAULT_HANDLED);
	}
	backing_take_back(image, 0, 2 * BLOCK, nothing_maps_it, &commits);
	assert_int_equal(commits, 1);
	vm_destroy(one);
}

/* ---- Faults and what comes in between ------------------------------------------- */

static const struct backing_ops *real_ops;
static struct backing_ops test_ops;
static unsigned int gets;

static void put_nothing(void *arg)
{
}

/* Between the backing's first answer and the map, the page is taken back. */
static int get_and_lose(struct backing *b, u64 offset, bool write,
			struct backing_page *out)
{
	int err = real_ops->get(b, offset, write, out);

	if (!gets++)
		backing_take_back(b, 0, 2 * BLOCK, put_nothing, NULL);
	return err;
}

static void a_page_taken_back_meanwhile_is_asked_for_again(void **state)
{
	struct vcpu *vcpu;

	real_ops = image->ops;
	test_ops = *real_ops;
	test_ops.get = get_and_lose;
	gets = 0;
	image->ops = &test_ops;
	assert_int_equal(vcpu_create(one, 0, &vcpu), 0);
	assert_int_equal(touch(vcpu, false, false), FAULT_HANDLED);
	assert_int_equal(gets, 2);
	image->ops = real_ops;
	vm_destroy(one);
}

static unsigned int syncs;

/* The engine shows walkers what it has written. */
static void sync_in_lock(struct pgtable *pt, void *entry, size_t size)
{
	syncs++;
	assert_int_equal(one->cpus[0].mmu_readers, 1);
	assert_int_equal(one->mmu_lock.writer, 0);
}

static void a_fault_maps_with_the_lock_held(void **state)
{
	struct pgtable_ops ops = *one->s2.ops;
	const struct pgtable_ops *old = one->s2.ops;
	struct vcpu *vcpu;

	assert_int_equal(vcpu_create(one, 0, &vcpu), 0);
	ops.table_sync = sync_in_lock;
	syncs = 0;
	one->s2.ops = &ops;
	assert_int_equal(touch(vcpu, false, false), FAULT_HANDLED);
	one->s2.ops = old;
	assert_true(syncs > 0);
	vm_destroy(one);
}

/* Nobody knows who wrote it last: it may be in a cache alone. */
static void memory_at_a_fixed_place_is_cleaned_before_it_is_mapped(void **state)
{
	pfn_t pfn = hpa_to_pfn(HPA(MODULE + SZ_2M));
	u64 at = BASE + 4 * BLOCK;
	struct guest_fault f = { .gpa = GPA(at << PAGE_SHIFT) };
	struct backing *b = backing_static_create(HPA(MODULE + SZ_2M), BLOCK,
						  true, false);
	struct vcpu *vcpu;
	void *p;

	assert_int_equal(memslot_add(one, GFN(at), BLOCK, b, 0, 0), 0);
	backing_put_ref(b);
	assert_int_equal(vcpu_create(one, 0, &vcpu), 0);
	p = arch_page_map(pfn);
	arch_page_unmap(p);
	assert_true(fake_page_dirty(pfn) && fake_page_icache_stale(pfn));
	assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	assert_false(fake_page_dirty(pfn) || fake_page_icache_stale(pfn));
	vm_destroy(one);
}

/* The first write to an image that is mapped by a block: the page that takes its
 * place needs tables. */
static void a_permission_fault_finds_tables(void **state)
{
	struct pgtable_leaf leaf;
	struct vcpu *vcpu;

	assert_int_equal(vcpu_create(one, 0, &vcpu), 0);
	assert_int_equal(touch(vcpu, false, false), FAULT_HANDLED);
	assert_int_equal(pgtable_lookup(&one->s2, IA(BASE << PAGE_SHIFT), &leaf),
			 0);
	assert_int_equal(leaf.size, SZ_2M);
	memcache_drain(&vcpu->memcache);
	assert_int_equal(touch(vcpu, true, true), FAULT_HANDLED);
	assert_int_equal(pgtable_lookup(&one->s2, IA(BASE << PAGE_SHIFT), &leaf),
			 0);
	assert_int_equal(leaf.size, PAGE_SIZE);
	assert_true(leaf.attr & PGT_W);
	vm_destroy(one);
}

/* ---- Long work ------------------------------------------------------------------ */

static unsigned int yields;

static void others_want_the_cpu(void)
{
	yields++;
	this_cpu()->need_resched = true;
}

/* 300 tables of one page each, spread over a terabyte. */
static void a_terabyte_goes_in_steps(void **state)
{
	struct pgtable_leaf leaf;

	for (u64 i = 0; i < 300; i++)
		assert_int_equal(pgtable_map(&one->s2, IA(i * SZ_1G), PAGE_SIZE,
					     HPA(MODULE), PGT_R, NULL, NULL),
				 0);
	yields = 0;
	fake_on_yield = others_want_the_cpu;
	this_cpu()->need_resched = true;
	notifier_unmap_steps(one, GFN(0), BIT64(40 - PAGE_SHIFT));
	fake_on_yield = NULL;
	assert_true(yields >= 4);
	for (u64 i = 0; i < 300; i++)
		assert_int_equal(pgtable_lookup(&one->s2, IA(i * SZ_1G), &leaf),
				 -ENOENT);
	vm_destroy(one);
}

/* The block of 1 GiB at IA(SZ_1G) stands again when the log has ended. */
static void log_and_end(struct vm *vm)
{
	gfn_t base = GFN(SZ_1G >> PAGE_SHIFT);
	struct pgtable_leaf leaf;

	assert_int_equal(memslot_set_flags(vm, base, MEMSLOT_LOG_DIRTY), 0);
	pgtable_lookup(&vm->s2, IA(SZ_1G), &leaf);
	assert_int_equal(leaf.size, PAGE_SIZE);
	assert_int_equal(memslot_set_flags(vm, base, 0), 0);
	assert_int_equal(pgtable_lookup(&vm->s2, IA(SZ_1G), &leaf), 0);
	assert_int_equal(leaf.size, SZ_1G);
}

/* A block of 1 GiB, whose pages are cleaned 2 MiB at a time, all of them. */
static void the_whole_of_a_large_block_is_cleaned(void **state)
{
	struct vm_config config = { .name = "large" };
	hpa_t pa = HPA(2 * SZ_1G);
	struct guest_fault f = { .gpa = GPA(SZ_1G) };
	struct pgtable_leaf leaf;
	struct backing *b;
	struct vcpu *vcpu;
	struct vm *vm;

	fake_cpus_init(1);
	fake_memory_init(2 * SZ_1G);
	page_alloc_reserve(pa, SZ_1G);
	fake_features = format_is_lpae() ? 0 : PGT_FEAT_HAFDBS;
	fake_no_blocks = false;
	assert_int_equal(vm_create(&config, &vm), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	b = backing_static_create(pa, SZ_1G >> PAGE_SHIFT, true, false);
	assert_int_equal(memslot_add(vm, GFN(SZ_1G >> PAGE_SHIFT),
				     SZ_1G >> PAGE_SHIFT, b, 0, 0),
			 0);
	backing_put_ref(b);
	for (u64 at = 0; at < SZ_1G; at += 64 * SZ_1M)
		arch_page_unmap(arch_page_map(hpa_to_pfn(HPA(pa.v + at))));
	assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	assert_int_equal(pgtable_lookup(&vm->s2, IA(SZ_1G), &leaf), 0);
	assert_int_equal(leaf.size, SZ_1G);
	for (u64 at = 0; at < SZ_1G; at += 64 * SZ_1M)
		assert_false(fake_page_dirty(hpa_to_pfn(HPA(pa.v + at))));
	/* Logging cuts no block where it write-protects. */
	if (!format_is_lpae())
		log_and_end(vm);
	vm_destroy(vm);
	fake_features = 0;
	fake_memory_exit();
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_slot_that_is_gone_is_no_user),
		CASE(pages_are_taken_back_before_they_go),
		CASE(a_page_taken_back_meanwhile_is_asked_for_again),
		CASE(a_fault_maps_with_the_lock_held),
		CASE(memory_at_a_fixed_place_is_cleaned_before_it_is_mapped),
		CASE(a_permission_fault_finds_tables),
		CASE(a_terabyte_goes_in_steps),
		cmocka_unit_test(the_whole_of_a_large_block_is_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
