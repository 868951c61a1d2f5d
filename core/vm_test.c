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
// flags: -Wl,--wrap=hyp_alloc -Wl,--wrap=hyp_alloc_pages -Wl,--wrap=page_alloc
// flags: -Wl,--wrap=page_alloc_unsearched
/*
 * VMs, memslots and what they leave behind. K1: on every error path the page
 * allocator's count is where it was (bugs.md 6, 7: nothing freed twice or
 * leaked); memslots of every shape; K5, K6 through them; K10 on a reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (24 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 20 * CHUNK_SIZE)
#define BLOCK 512UL

/* ---- Allocations that fail on request ----------------------------------------- */

static long fail_at = -1; /* this many more succeed; < 0: all */

static bool fails(void)
{
	return fail_at >= 0 && fail_at-- == 0;
}

void *__real_hyp_alloc(size_t size);
void *__wrap_hyp_alloc(size_t size);
void *__wrap_hyp_alloc(size_t size)
{
	return fails() ? NULL : __real_hyp_alloc(size);
}

void *__real_hyp_alloc_pages(unsigned int order, struct page_budget *budget);
void *__wrap_hyp_alloc_pages(unsigned int order, struct page_budget *budget);
void *__wrap_hyp_alloc_pages(unsigned int order, struct page_budget *budget)
{
	return fails() ? NULL : __real_hyp_alloc_pages(order, budget);
}

int __real_page_alloc(enum page_use use, unsigned int order,
		      struct page_budget *budget, pfn_t *out);
int __wrap_page_alloc(enum page_use use, unsigned int order,
		      struct page_budget *budget, pfn_t *out);
int __wrap_page_alloc(enum page_use use, unsigned int order,
		      struct page_budget *budget, pfn_t *out)
{
	return fails() ? -ENOMEM : __real_page_alloc(use, order, budget, out);
}

int __real_page_alloc_unsearched(enum page_use use, unsigned int order,
				 struct page_budget *budget, pfn_t *out);
int __wrap_page_alloc_unsearched(enum page_use use, unsigned int order,
				 struct page_budget *budget, pfn_t *out);
int __wrap_page_alloc_unsearched(enum page_use use, unsigned int order,
				 struct page_budget *budget, pfn_t *out)
{
	return fails() ? -ENOMEM :
			 __real_page_alloc_unsearched(use, order, budget, out);
}

/* ---- Set-up -------------------------------------------------------------------- */

static const struct vm_config config = { .name = "test" };

static int set_up(void **state)
{
	fake_cpus_init(2);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	fake_vm_init_error = fake_vcpu_init_error = 0;
	fake_max_vcpus = VM_MAX_VCPUS;
	fail_at = -1;
	return 0;
}

static int tear_down(void **state)
{
	assert_int_equal(fake_pages_used(), 0);
	assert_int_equal(fake_linear_maps, 0);
	fake_memory_exit();
	return 0;
}

static struct vm *make_vm(void)
{
	struct vm *vm;

	assert_int_equal(vm_create(&config, &vm), 0);
	return vm;
}

/* A backing whose one reference is the slot's. */
static int add_ram(struct vm *vm, u64 gfn, u64 pages, u32 flags)
{
	struct backing *b = backing_ram_create(pages, &vm->page_budget);
	int err;

	if (!b)
		return -ENOMEM;
	err = memslot_add(vm, GFN(gfn), pages, b, 0, flags);
	backing_put_ref(b);
	return err;
}

static int touch(struct vcpu *vcpu, u64 gpa, bool write)
{
	struct guest_fault f = { .gpa = GPA(gpa), .write = write };

	return fault_handle(vcpu, &f);
}

/* ---- Creation and destruction -------------------------------------------------- */

static void a_vm_leaves_nothing_behind(void **state)
{
	struct vm *vm = make_vm();
	struct vcpu *vcpu;

	assert_string_equal(vm->name, "test");
	assert_int_equal(vm->table_budget.used, 2); /* concatenated root */
	assert_int_equal(add_ram(vm, 0x40000, 4 * BLOCK, 0), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	assert_int_equal(touch(vcpu, 0x40000000, true), FAULT_HANDLED);
	assert_int_equal(touch(vcpu, 0x40600000, false), FAULT_HANDLED);
	assert_true(vm->table_budget.used > 2);
	assert_int_equal(vm->page_budget.used, 2 * BLOCK);
	vm_destroy(vm);
}

static void bad_configurations_are_refused(void **state)
{
	struct vm_config bad = { .name = "bad", .ipa_bits = 60 };
	struct vm *vm;

	assert_int_equal(vm_create(&bad, &vm), -EINVAL);
	bad = (struct vm_config){ .name = "poor", .max_table_pages = 1 };
	assert_int_equal(vm_create(&bad, &vm), -ENOMEM);
	fake_vm_init_error = -ENODEV;
	assert_int_equal(vm_create(&config, &vm), -ENODEV);
	fake_vm_init_error = 0;
	bad = (struct vm_config){
		.name = "a name that is longer than a virtual machine's may be",
	};
	assert_int_equal(vm_create(&bad, &vm), 0);
	assert_int_equal(strlen(vm->name), VM_NAME_LEN - 1);
	vm_destroy(vm);
}

/* Everything a VM does once; stops at the first failure and takes all down. */
static int live(void)
{
	struct backing *b = NULL;
	struct vcpu *vcpu;
	struct vm *vm;
	u32 word = 42;
	int err = vm_create(&config, &vm);

	if (err)
		return err;
	err = -ENOMEM;
	b = backing_ram_create(4 * BLOCK, &vm->page_budget);
	if (!b)
		goto out;
	err = backing_ram_add_image(b, SZ_2M, HPA(MODULE), 100 * PAGE_SIZE);
	err = err ? err : memslot_add(vm, GFN(0x40000), 4 * BLOCK, b, 0, 0);
	err = err ? err : vcpu_create(vm, 3, &vcpu);
	err = err ? err : guest_write(vm, GPA(0x40000ffe), &word, 4);
	err = err ? err : touch(vcpu, 0x40000000, false);
	err = err ? err : touch(vcpu, 0x40200000, false);
	err = err ? err : touch(vcpu, 0x40210000, true);
	if (!err) {
		vm_reset_memory(vm);
		err = touch(vcpu, 0x40210000, true);
	}
	err = err ? err : memslot_delete(vm, GFN(0x40000));
out:
	if (b)
		backing_put_ref(b);
	vm_destroy(vm);
	return err;
}

static void every_allocation_may_fail_and_nothing_is_left(void **state)
{
	unsigned int failed = 0;

	for (long n = 0; n < 200; n++) {
		int err;

		fail_at = n;
		err = live();
		/* Some are made up for: a page in place of a block. */
		assert_true(!err || err == -ENOMEM);
		failed += !!err;
		assert_int_equal(fake_pages_used(), 0);
		assert_int_equal(fake_linear_maps, 0);
		if (fail_at >= 0) /* not that many */
			break;
	}
	assert_int_equal(fail_at >= 0, 1);
	assert_true(failed > 10);
	fail_at = -1;
	assert_int_equal(live(), 0);
}

/* ---- Memslots ------------------------------------------------------------------- */

static const struct slot_row {
	u64 base, pages, offset;
	u32 flags;
	int result;
} shapes[] = {
	{ 100, 100, 0, 0, 0 },
	{ 300, 100, 24, MEMSLOT_READONLY, 0 },
	{ 200, 100, 0, 0, 0 },           /* between, touching both */
	{ 0, 100, 0, 0, 0 },
	{ 99, 1, 0, 0, -EEXIST },
	{ 399, 2, 0, 0, -EEXIST },
	{ 0, 500, 0, 0, -EEXIST },
	{ 390, 5, 0, 0, -EEXIST },
	{ 400, 0, 0, 0, -EINVAL },
	{ 400, 513, 0, 0, -EINVAL },     /* past the backing */
	{ 400, 2, 511, 0, -EINVAL },
	{ 400, 2, ~0UL, 0, -EINVAL },
	{ ~0UL, 2, 0, 0, -EINVAL },      /* wraps */
	{ BIT64(28) - 1, 2, 0, 0, -EINVAL }, /* past 40 bits */
	{ BIT64(28), 1, 0, 0, -EINVAL },
	{ 400, 1, 0, 1 << 7, -EINVAL },
	{ BIT64(28) - 2, 2, 0, 0, 0 },   /* at the very top */
	{ 400, 1, 511, 0, 0 },
};

/* From its first page to its last. */
static void finds(const struct vm *vm, const struct slot_row *row)
{
	for (u64 k = 0; k < row->pages; k += max(row->pages - 1, 1ULL)) {
		const struct memslot *s = memslot_find(vm, GFN(row->base + k));

		assert_non_null(s);
		assert_int_equal(s->base.v, row->base);
		assert_int_equal(s->backing_offset, row->offset);
		assert_int_equal(s->flags, row->flags);
	}
}

static void slots_of_every_shape(void **state)
{
	struct vm *vm = make_vm();
	struct backing *b = backing_ram_create(512, NULL);
	unsigned int count = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++) {
		assert_int_equal(memslot_add(vm, GFN(shapes[i].base), shapes[i].pages,
					     b, shapes[i].offset, shapes[i].flags),
				 shapes[i].result);
		count += !shapes[i].result;
		assert_int_equal(vm->slot_count, count);
		assert_int_equal(b->refs, 1 + count);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!shapes[i].result)
			finds(vm, &shapes[i]);
	assert_null(memslot_find(vm, GFN(401)));
	assert_null(memslot_find(vm, GFN(BIT64(28))));
	assert_null(memslot_find(vm, GFN(~0UL)));

	assert_int_equal(memslot_delete(vm, GFN(101)), -ENOENT);
	assert_int_equal(memslot_delete(vm, GFN(200)), 0);
	assert_null(memslot_find(vm, GFN(200)));
	assert_int_equal(memslot_find(vm, GFN(199))->base.v, 100);
	assert_int_equal(memslot_find(vm, GFN(300))->base.v, 300);
	assert_int_equal(memslot_add(vm, GFN(200), 1, b, 0, 0), 0);
	vm_destroy(vm);
	assert_int_equal(b->refs, 1);
	backing_put_ref(b);
}

static void a_vm_has_so_many_slots_and_no_more(void **state)
{
	struct vm *vm = make_vm();

	assert_int_equal(memslot_delete(vm, GFN(0)), -ENOENT);
	for (u64 n = 0; n < VM_MAX_MEMSLOTS; n++)
		assert_int_equal(add_ram(vm, 1000 - 2 * n, 1, 0), 0);
	assert_int_equal(add_ram(vm, 2000, 1, 0), -ENOSPC);
	assert_int_equal(memslot_delete(vm, GFN(990)), 0);
	assert_int_equal(add_ram(vm, 2000, 1, 0), 0);
	vm_destroy(vm);
}

static void a_deleted_slot_is_unmapped(void **state)
{
	struct vm *vm = make_vm();
	struct pgtable_leaf leaf;
	struct vcpu *vcpu;

	assert_int_equal(add_ram(vm, 0x40000, 4 * BLOCK, 0), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	assert_int_equal(touch(vcpu, 0x40000000, true), FAULT_HANDLED);
	assert_int_equal(pgtable_lookup(&vm->s2, IA(0x40000000), &leaf), 0);
	assert_int_equal(memslot_delete(vm, GFN(0x40000)), 0);
	assert_int_equal(pgtable_lookup(&vm->s2, IA(0x40000000), &leaf),
			 -ENOENT);
	assert_int_equal(vm->page_budget.used, 0);
	assert_int_equal(touch(vcpu, 0x40000000, true), FAULT_MMIO);
	vm_destroy(vm);
}

/* ---- Reset and stop -------------------------------------------------------------- */

static int any_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	return -EEXIST;
}

static void a_reset_throws_contents_away_and_shows_images_again(void **state)
{
	struct vm *vm = make_vm();
	struct backing *b = backing_ram_create(4 * BLOCK, &vm->page_budget);
	struct vcpu *vcpu;
	u64 word = 1, was, now;

	fake_bytes(hpa_to_pfn(HPA(MODULE)))[0] = 0x77;
	assert_int_equal(backing_ram_add_image(b, 0, HPA(MODULE), SZ_64K), 0);
	assert_int_equal(memslot_add(vm, GFN(0x40000), 4 * BLOCK, b, 0, 0), 0);
	backing_put_ref(b);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	assert_int_equal(guest_read(vm, GPA(0x40000000), &was, 8), 0);
	assert_int_equal(guest_write(vm, GPA(0x40000000), &word, 8), 0);
	assert_int_equal(guest_write(vm, GPA(0x40400000), &word, 8), 0);
	assert_int_equal(touch(vcpu, 0x40000000, false), FAULT_HANDLED);

	vm_reset_memory(vm);
	assert_int_equal(vm->page_budget.used, 0);
	assert_int_equal(pgtable_visit(&vm->s2, IA(0), vm->s2.ia_size, any_leaf,
				       NULL),
			 0);
	assert_int_equal(fake_vm(vm)->icache_invalidations, 1);
	assert_int_equal(guest_read(vm, GPA(0x40000000), &now, 8), 0);
	assert_true(now == was);
	assert_int_equal(guest_read(vm, GPA(0x40400000), &now, 8), 0);
	assert_int_equal(now, 0);
	vm_destroy(vm);
}

static struct vm *with_log(struct backing *b, u64 offset)
{
	struct vm *vm = make_vm();

	assert_int_equal(memslot_add(vm, GFN(0x40000), 2 * BLOCK, b, offset,
				     MEMSLOT_LOG_DIRTY),
			 0);
	return vm;
}

/* Its memory is another's too, who copies a VM by its log, and sees a part of
 * what is thrown away. */
static void a_reset_is_in_the_log_of_whoever_shows_the_memory(void **state)
{
	struct backing *b = backing_ram_create(4 * BLOCK, NULL);
	struct vm *vm = with_log(b, BLOCK), *front = with_log(b, 0),
		  *behind = with_log(b, 2 * BLOCK), *same = with_log(b, BLOCK),
		  *unlogged = make_vm();
	u64 words[2 * BLOCK / 64], half = BLOCK / 64;

	assert_int_equal(memslot_add(unlogged, GFN(0), BLOCK, b, BLOCK, 0), 0);
	backing_put_ref(b);
	vm_reset_memory(vm);
	assert_int_equal(dirty_log_take(vm, GFN(0x40000), 0, 2 * BLOCK, words),
			 2 * BLOCK);
	assert_int_equal(dirty_log_take(same, GFN(0x40000), 0, 2 * BLOCK, words),
			 2 * BLOCK);
	assert_int_equal(dirty_log_take(front, GFN(0x40000), 0, 2 * BLOCK,
					words),
			 BLOCK);
	assert_true(!words[half - 1] && !~words[half] && !~words[2 * half - 1]);
	assert_int_equal(dirty_log_take(behind, GFN(0x40000), 0, 2 * BLOCK,
					words),
			 BLOCK);
	assert_true(!~words[0] && !~words[half - 1] && !words[half]);
	vm_destroy(front);
	vm_destroy(behind);
	vm_destroy(same);
	vm_destroy(unlogged);
	vm_destroy(vm);
}

static void vcpus_are_numbered_as_asked(void **state)
{
	struct vm *vm = make_vm();
	struct vcpu *a, *b, *v;
	unsigned int i, seen = 0;

	fake_max_vcpus = 5;
	assert_int_equal(vcpu_create(vm, 4, &a), 0);
	assert_int_equal(vcpu_create(vm, 1, &b), 0);
	assert_int_equal(vcpu_create(vm, 1, &v), -EINVAL); /* K13 */
	assert_int_equal(vcpu_create(vm, 5, &v), -EINVAL);
	assert_int_equal(vcpu_create(vm, VM_MAX_VCPUS, &v), -EINVAL);
	fake_vcpu_init_error = -ENODEV;
	assert_int_equal(vcpu_create(vm, 0, &v), -ENODEV);
	for_each_vcpu(i, v, vm)
		seen |= 1U << v->id;
	assert_int_equal(seen, 1 << 4 | 1 << 1);
	vcpu_destroy(a);
	assert_int_equal(vm->vcpu_count, 2);
	vm_stop(vm);
	assert_int_equal(b->requests, REQ_STOP);
	vm_destroy(vm);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_vm_leaves_nothing_behind),
		CASE(bad_configurations_are_refused),
		CASE(every_allocation_may_fail_and_nothing_is_left),
		CASE(slots_of_every_shape),
		CASE(a_vm_has_so_many_slots_and_no_more),
		CASE(a_deleted_slot_is_unmapped),
		CASE(a_reset_throws_contents_away_and_shows_images_again),
		CASE(a_reset_is_in_the_log_of_whoever_shows_the_memory),
		CASE(vcpus_are_numbered_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
