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
 * Guest memory faults, access to guest memory, notifiers: K2 to K6, K9 to
 * K11, B2; bugs.md 10, 11, 13, 14, 19, 20.
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
#include "lib/string.h"

#define RAM (24 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 20 * CHUNK_SIZE)
#define BLOCK 512UL
#define GUEST 0x40000000UL /* 16 MiB of RAM */
#define IMAGE (GUEST + 4 * SZ_2M) /* the module, 4 MiB */
#define ROM 0x1000000UL   /* 64 KiB, a read-only slot over RAM */
#define GICC 0x08010000UL /* device registers */
#define ODD 0x20001000UL  /* 4 MiB whose frames are not as aligned */

static struct vm *vm;
static struct vcpu *vcpu, *other;

static void add(u64 gpa, u64 size, struct backing *b, u32 flags)
{
	assert_non_null(b);
	assert_int_equal(memslot_add(vm, gpa_to_gfn(GPA(gpa)),
				     size >> PAGE_SHIFT, b, 0, flags),
			 0);
	backing_put_ref(b);
}

static int set_up(void **state)
{
	struct vm_config config = { .name = "test" };
	struct backing *ram;

	fake_cpus_init(1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	fake_no_blocks = false;
	assert_int_equal(vm_create(&config, &vm), 0);
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	assert_int_equal(vcpu_create(vm, 1, &other), 0);
	ram = backing_ram_create(8 * BLOCK, &vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, IMAGE - GUEST, HPA(MODULE),
					       2 * SZ_2M),
			 0);
	add(GUEST, 8 * SZ_2M, ram, 0);
	add(ROM, SZ_64K, backing_ram_create(16, NULL), MEMSLOT_READONLY);
	add(GICC, SZ_64K, backing_static_create(HPA(0x2c000000), 16, true,
						true),
	    0);
	add(ODD, 2 * SZ_2M, backing_ram_create(2 * BLOCK, NULL), 0);
	fake_flushes_addr = fake_flushes_range = fake_flushes_all = 0;
	return 0;
}

static int tear_down(void **state)
{
	vm_destroy(vm);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
	return 0;
}

static int touch(u64 gpa, bool write)
{
	struct guest_fault f = { .gpa = GPA(gpa), .write = write };

	return fault_handle(vcpu, &f);
}

/* What translates gpa; size 0: nothing. */
static struct pgtable_leaf leaf_at(u64 gpa)
{
	struct pgtable_leaf leaf;

	if (pgtable_lookup(&vm->s2, IA(gpa), &leaf))
		leaf.size = 0;
	return leaf;
}

static u32 prot(u64 gpa)
{
	return leaf_at(gpa).attr & (PGT_PROT_MASK | PGT_DEVICE);
}

/* ---- Kinds of fault ------------------------------------------------------------ */

static void faults_of_every_kind(void **state)
{
	static const struct {
		const char *what;
		u64 gpa;
		bool write, exec, s1ptw, permission;
		int result;
		u32 prot;
	} c[] = {
		{ "RAM read", GUEST, 0, 0, 0, 0, FAULT_HANDLED, PGT_RWX },
		{ "RAM write", GUEST, 1, 0, 0, 0, FAULT_HANDLED, PGT_RWX },
		{ "RAM fetch", GUEST, 0, 1, 0, 0, FAULT_HANDLED, PGT_RWX },
		{ "image read", IMAGE, 0, 0, 0, 0, FAULT_HANDLED, PGT_RX },
		{ "image fetch", IMAGE, 0, 1, 0, 0, FAULT_HANDLED, PGT_RX },
		{ "image write", IMAGE, 1, 0, 0, 0, FAULT_HANDLED, PGT_RWX },
		/* bugs.md 14: what the walk was for is not what it did. */
		{ "walk for a write", IMAGE, 1, 0, 1, 0, FAULT_HANDLED, PGT_RX },
		{ "walk that updates", IMAGE, 0, 0, 1, 1, FAULT_HANDLED,
		  PGT_RWX },
		{ "ROM read", ROM, 0, 0, 0, 0, FAULT_HANDLED, PGT_RX },
		{ "ROM write", ROM, 1, 0, 0, 0, FAULT_ABORT, 0 },
		{ "ROM walk that updates", ROM, 0, 0, 1, 1, FAULT_ABORT, 0 },
		{ "ROM walk for a write", ROM, 1, 0, 1, 0, FAULT_HANDLED,
		  PGT_RX },
		{ "device read", GICC, 0, 0, 0, 0, FAULT_HANDLED,
		  PGT_RW | PGT_DEVICE },
		{ "device write", GICC, 1, 0, 0, 0, FAULT_HANDLED,
		  PGT_RW | PGT_DEVICE },
		{ "device fetch", GICC, 0, 1, 0, 0, FAULT_ABORT, 0 },
		{ "nothing, read", 0x9000000, 0, 0, 0, 0, FAULT_MMIO, 0 },
		{ "nothing, write", 0x9000000, 1, 0, 0, 0, FAULT_MMIO, 0 },
		{ "nothing, fetch", 0x9000000, 0, 1, 0, 0, FAULT_ABORT, 0 },
		{ "nothing, walk", 0x9000000, 1, 0, 1, 0, FAULT_ABORT, 0 },
		{ "behind RAM", GUEST + 8 * SZ_2M, 0, 0, 0, 0, FAULT_MMIO, 0 },
		{ "last address", BIT64(40) - 1, 0, 0, 0, 0, FAULT_MMIO, 0 },
		/* bugs.md 20 */
		{ "beyond", BIT64(40), 0, 0, 0, 0, FAULT_SIZE, 0 },
		{ "beyond, fetch", ~0UL, 0, 1, 0, 0, FAULT_SIZE, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		struct guest_fault f = {
			.gpa = GPA(c[i].gpa),
			.write = c[i].write,
			.exec = c[i].exec,
			.s1ptw = c[i].s1ptw,
			.permission = c[i].permission,
		};

		if (fault_handle(vcpu, &f) != c[i].result ||
		    (c[i].gpa < BIT64(40) && prot(c[i].gpa) != c[i].prot))
			fail_msg("%s", c[i].what);
		if (c[i].gpa < BIT64(40))
			notifier_unmap(vm, gpa_to_gfn(f.gpa), 1);
		vm_reset_memory(vm);
	}
}

static void an_access_flag_fault_makes_young(void **state)
{
	struct guest_fault f = { .gpa = GPA(GUEST), .access_flag = true };

	assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	assert_int_equal(leaf_at(GUEST).size, 0);
	assert_int_equal(touch(GUEST, false), FAULT_HANDLED);
	assert_true(notifier_test_age(vm, GFN(GUEST >> PAGE_SHIFT), 1));
	assert_true(notifier_age(vm, GFN(GUEST >> PAGE_SHIFT), BLOCK));
	assert_false(notifier_age(vm, GFN(GUEST >> PAGE_SHIFT), BLOCK));
	assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	assert_true(notifier_test_age(vm, GFN(GUEST >> PAGE_SHIFT), 1));
	assert_false(notifier_test_age(vm, GFN(BIT64(28)), 1));
	assert_false(notifier_age(vm, GFN(0), 0));
}

/* ---- Sizes ----------------------------------------------------------------------- */

static void ram_is_mapped_in_blocks(void **state)
{
	assert_int_equal(touch(GUEST + 0x123456, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(GUEST).size, SZ_2M);
	assert_int_equal(vm_stats(vm).blocks_mapped, 1);
	assert_int_equal(vm_stats(vm).pages_mapped, 0);
	/* Nothing is invalidated for what was not there. */
	assert_int_equal(fake_flushes(), 0);
	/* bugs.md 11: again, by another vCPU that faulted at the same time. */
	vcpu = other;
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(vm_stats(vm).blocks_mapped, 1);
	assert_int_equal(fake_flushes(), 0);
	assert_int_equal(vm->page_budget.used, BLOCK);
}

/* bugs.md 10: slot and memory are not alike in alignment. */
static void an_odd_slot_is_mapped_in_pages(void **state)
{
	assert_int_equal(touch(ODD + 0x5000, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(ODD + 0x5000).size, PAGE_SIZE);
	assert_int_equal(vm_stats(vm).pages_mapped, 1);
	assert_int_equal(leaf_at(ODD + 0x6000).size, 0);
}

static void a_slot_s_end_bounds_what_is_mapped(void **state)
{
	struct backing *b = backing_ram_create(2 * BLOCK, NULL);

	/* 2 MiB aligned in both, but the slot ends half-way. */
	assert_int_equal(memslot_add(vm, GFN(0x80000), BLOCK / 2, b, 0, 0), 0);
	assert_int_equal(memslot_add(vm, GFN(0x80000 + BLOCK), 24, b, BLOCK, 0),
			 0);
	assert_int_equal(touch(0x80000000, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(0x80000000).size, PAGE_SIZE);
	assert_int_equal(leaf_at(0x8000f000).size, PAGE_SIZE);
	assert_int_equal(leaf_at(0x80010000).size, 0);
	/* 24 pages: the last eight are no run of 16. */
	assert_int_equal(touch(0x80200000 + 20 * PAGE_SIZE, true),
			 FAULT_HANDLED);
	assert_int_equal(leaf_at(0x80200000 + 15 * PAGE_SIZE).size, 0);
	assert_int_equal(leaf_at(0x80200000 + 16 * PAGE_SIZE).size, PAGE_SIZE);
	assert_int_equal(leaf_at(0x80200000 + 23 * PAGE_SIZE).size, PAGE_SIZE);
	assert_int_equal(leaf_at(0x80200000 + 24 * PAGE_SIZE).size, 0);
	backing_put_ref(b);
}

static void a_gigabyte_of_static_memory_is_one_block(void **state)
{
	add(SZ_1G * 4, SZ_1G, backing_static_create(HPA(SZ_1G * 8), BIT64(18),
						    true, true),
	    0);
	assert_int_equal(touch(SZ_1G * 4 + 5, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(SZ_1G * 4).size, SZ_1G);
}

static void without_blocks_2_mib_come_at_once_as_pages(void **state)
{
	tear_down(NULL);
	set_up(NULL);
	vm->s2.no_blocks = true;
	assert_int_equal(touch(GUEST + SZ_64K, true), FAULT_HANDLED);
	assert_int_equal(vm_stats(vm).pages_mapped, 512);
	assert_int_equal(leaf_at(GUEST).size, PAGE_SIZE);
	assert_int_equal(leaf_at(GUEST + 0x1ff000).size, PAGE_SIZE);
	assert_int_equal(leaf_at(GUEST + 0x200000).size, 0);
}

/* ---- Copy on write ---------------------------------------------------------------- */

static void a_write_to_an_image_gets_a_copy_in_its_place(void **state)
{
	struct guest_fault f = {
		.gpa = GPA(IMAGE + 0x23000),
		.write = true,
		.permission = true,
	};
	struct pgtable_leaf leaf;

	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(IMAGE).size, SZ_2M);
	assert_int_equal(leaf_at(IMAGE).pa.v, MODULE);
	assert_int_equal(fault_handle(vcpu, &f), FAULT_HANDLED);
	leaf = leaf_at(f.gpa.v);
	assert_int_equal(leaf.attr & PGT_PROT_MASK, PGT_RWX);
	assert_true(leaf.pa.v < MODULE);
	assert_int_equal(vm_stats(vm).pages_copied, 16);
	/* What was there before was invalidated, once. */
	assert_int_equal(fake_flushes(), 1);
	/* The neighbours came with it, and the next are the image still. */
	assert_int_equal(prot(IMAGE + 0x2f000), PGT_RWX);
	assert_int_equal(touch(IMAGE + 0x30000, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(IMAGE + 0x30000).pa.v, MODULE + 0x30000);
	assert_int_equal(prot(IMAGE + 0x3f000), PGT_RX);
	/* B7: whoever looks at a leaf sees whose page it is. */
	assert_int_equal(leaf_at(IMAGE + 0x30000).attr & PGT_SW_MASK, LEAF_SHARED);
	assert_int_equal(leaf.attr & PGT_SW_MASK, 0);
	/* And the other block was not touched. */
	assert_int_equal(touch(IMAGE + SZ_2M, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(IMAGE + SZ_2M).size, SZ_2M);
}

/* The hypervisor writes: the guest must not go on reading the image. */
static void a_write_by_the_hypervisor_unmaps_the_image(void **state)
{
	u32 word = 1;

	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
	assert_int_equal(guest_write(vm, GPA(IMAGE), &word, 4), 0);
	assert_int_equal(leaf_at(IMAGE).size, 0);
	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
	assert_true(leaf_at(IMAGE).pa.v < MODULE);
}

/* One backing, shown twice: a copy replaces the page in both. */
static void a_copy_is_seen_through_every_slot(void **state)
{
	const struct memslot *s = memslot_find(vm, GFN(GUEST >> PAGE_SHIFT));
	u64 alias = 0x90000000;

	assert_int_equal(memslot_add(vm, GFN(alias >> PAGE_SHIFT), 4 * BLOCK,
				     s->backing, 4 * BLOCK, 0),
			 0);
	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
	assert_int_equal(touch(alias, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(alias).pa.v, MODULE);
	assert_int_equal(touch(IMAGE, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(alias).size, 0);
	assert_int_equal(touch(alias, false), FAULT_HANDLED);
	assert_int_equal(leaf_at(alias).pa.v, leaf_at(IMAGE).pa.v);
}

/* K10: whatever a guest can reach has been cleaned since EL2 wrote it. */
static int check_clean(const struct pgtable_leaf *leaf, void *arg)
{
	if (leaf->attr & PGT_DEVICE)
		return 0;
	for (u64 at = 0; at < leaf->size; at += PAGE_SIZE) {
		pfn_t pfn = hpa_to_pfn(HPA(leaf->pa.v + at));

		if (fake_page_dirty(pfn) || fake_page_icache_stale(pfn))
			return -EIO;
	}
	return 0;
}

static void what_a_guest_sees_is_clean(void **state)
{
	static const u64 at[] = { GUEST, IMAGE, IMAGE + 0x5000, ROM, ODD,
				  IMAGE + SZ_2M };

	/* As the loader left it. */
	for (u64 i = 0; i < 2 * BLOCK; i++)
		arch_page_unmap(arch_page_map(PFN((MODULE >> PAGE_SHIFT) + i)));
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(at); i++) {
		touch(at[i / 2], i % 2);
		assert_int_equal(pgtable_visit(&vm->s2, IA(0), BIT64(40),
					       check_clean, NULL),
				 0);
	}
}

/* ---- Notifiers ---------------------------------------------------------------------- */

static void a_fault_does_not_map_what_is_being_taken_back(void **state)
{
	u64 seq = notifier_begin(vm);

	assert_false(notifier_retry(vm, seq));
	notifier_start(vm);
	assert_true(notifier_retry(vm, seq));
	/* Sampled while it is at work: no better. */
	assert_true(notifier_retry(vm, notifier_begin(vm)));
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(GUEST).size, 0);
	notifier_end(vm);
	assert_true(notifier_retry(vm, seq));
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(GUEST).size, SZ_2M);
}

/*
 * The page is replaced after a fault got it from the backing and before it is
 * mapped, as another CPU would (bugs.md 15).
 */
static const struct backing_ops *real_ops;
static unsigned int replace_at;

static int get_and_replace(struct backing *b, u64 offset, bool write,
			   struct backing_page *out)
{
	int err = real_ops->get(b, offset, write, out);
	u32 word = 0x600d;

	if (replace_at && !--replace_at)
		assert_int_equal(guest_write(vm, GPA(IMAGE), &word, 4), 0);
	return err;
}

static void a_page_replaced_under_a_fault_is_not_mapped(void **state)
{
	struct backing *ram =
		memslot_find(vm, GFN(IMAGE >> PAGE_SHIFT))->backing;
	static struct backing_ops ops;
	u32 word;

	real_ops = ram->ops;
	ops = *real_ops;
	ops.get = get_and_replace;
	ram->ops = &ops;
	replace_at = 1;
	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
	ram->ops = real_ops;
	assert_int_equal(replace_at, 0);
	assert_int_equal(prot(IMAGE), PGT_RWX);
	memcpy(&word, fake_bytes(hpa_to_pfn(leaf_at(IMAGE).pa)), 4);
	assert_int_equal(word, 0x600d);
}

/* As a guest's own write is. */
static void the_hypervisor_does_not_write_what_is_read_only(void **state)
{
	u64 word = 1;

	assert_int_equal(guest_write(vm, GPA(ROM + 8), &word, 8), -EPERM);
	assert_int_equal(guest_read(vm, GPA(ROM + 8), &word, 8), 0);
	assert_int_equal(word, 0);
}

static void unmapping_part_of_a_block_without_tables(void **state)
{
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(touch(GUEST + SZ_2M, true), FAULT_HANDLED);
	assert_int_equal(touch(GUEST + 2 * SZ_2M, true), FAULT_HANDLED);
	/* Half of the first to half of the second: both go, the third stays. */
	notifier_unmap(vm, GFN((GUEST + SZ_1M) >> PAGE_SHIFT), BLOCK);
	assert_int_equal(leaf_at(GUEST + SZ_1M).size, 0);
	assert_int_equal(leaf_at(GUEST + SZ_2M).size, 0);
	assert_int_equal(leaf_at(GUEST + 2 * SZ_2M).size, SZ_2M);
	/* The halves that stay the guest's were write-protected and cleaned. */
	assert_int_equal(fake_flushes(), 3);
	/* Ranges that leave the address space are cut. */
	notifier_unmap(vm, GFN(GUEST >> PAGE_SHIFT), ~0UL);
	assert_int_equal(leaf_at(GUEST + 2 * SZ_2M).size, 0);
	notifier_unmap(vm, GFN(~0UL), ~0UL);
	notifier_unmap(vm, GFN(0), 0);
}

/* K6: the owner has put another page there. */
static void a_page_that_is_changed(void **state)
{
	u64 seq = notifier_begin(vm);
	pfn_t pfn = PFN((MODULE >> PAGE_SHIFT) + 5);

	/* Nothing was mapped, and nothing is; a fault on its way asks again. */
	notifier_change(vm, GFN(GUEST >> PAGE_SHIFT), pfn);
	assert_int_equal(leaf_at(GUEST).size, 0);
	assert_true(notifier_retry(vm, seq));
	/* A page alone: replaced, and invalidated. */
	assert_int_equal(touch(ODD + 0x5000, true), FAULT_HANDLED);
	notifier_change(vm, GFN((ODD + 0x5000) >> PAGE_SHIFT), pfn);
	assert_int_equal(leaf_at(ODD + 0x5000).pa.v, pfn_to_hpa(pfn).v);
	assert_int_equal(prot(ODD + 0x5000), PGT_RX);
	assert_int_equal(fake_flushes(), 1);
	/* The next write asks the backing, which knows better here. */
	assert_int_equal(touch(ODD + 0x5000, true), FAULT_HANDLED);
	assert_int_not_equal(leaf_at(ODD + 0x5000).pa.v, pfn_to_hpa(pfn).v);
	assert_int_equal(prot(ODD + 0x5000), PGT_RWX);
	/* A block goes, and only the block. */
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(touch(GUEST + SZ_2M, true), FAULT_HANDLED);
	notifier_change(vm, GFN((GUEST + 0x3000) >> PAGE_SHIFT), pfn);
	assert_int_equal(leaf_at(GUEST).size, 0);
	assert_int_equal(leaf_at(GUEST + SZ_2M).size, SZ_2M);
	/* A page that stage 2 cannot name; frames that are none. */
	notifier_change(vm, GFN((ODD + 0x5000) >> PAGE_SHIFT),
			PFN(BIT64(50)));
	assert_int_equal(leaf_at(ODD + 0x5000).size, 0);
	notifier_change(vm, GFN(BIT64(40)), pfn);
	notifier_change(vm, GFN(~0UL), pfn);
}

/*
 * Whoever uses a slot may be the owner who takes pages back, as a copy is: a
 * writer of the slots waits meanwhile, and nothing waits for it.
 */
static void *delete_odd(void *arg)
{
	assert_int_equal(memslot_delete(vm, gpa_to_gfn(GPA(ODD))), 0);
	return NULL;
}

static void notifiers_are_called_with_the_slots_held(void **state)
{
	gfn_t gfn = GFN(GUEST >> PAGE_SHIFT);
	pthread_t deleter;
	u64 used;

	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(touch(GUEST + SZ_2M, true), FAULT_HANDLED);
	used = fake_pages_used();
	read_lock(&vm->slots_lock);
	pthread_create(&deleter, NULL, delete_odd, NULL);
	while (!__atomic_load_n(&vm->slots_lock.writer, __ATOMIC_SEQ_CST))
		cpu_relax();
	cpus[0].need_resched = true;
	assert_true(notifier_age(vm, gfn, BLOCK));
	assert_false(notifier_test_age(vm, gfn, BLOCK));
	notifier_change(vm, gfn, PFN(MODULE >> PAGE_SHIFT));
	notifier_unmap(vm, GFN(gfn.v + BLOCK + 1), 5);
	assert_int_equal(leaf_at(GUEST + SZ_2M).size, 0);
	/* Neither slept nor allocated. */
	assert_int_equal(fake_yields, 0);
	assert_true(fake_pages_used() <= used);
	cpus[0].need_resched = false;
	read_unlock(&vm->slots_lock);
	pthread_join(deleter, NULL);
	assert_false(memslot_covers(vm, gpa_to_gfn(GPA(ODD))));
}

/* Pages came one by one; when all of them are wanted, they are a block. */
static void a_block_takes_the_place_of_a_table(void **state)
{
	struct pgtable_leaf leaf;
	u64 tables = vm->s2.tables;

	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	leaf = leaf_at(GUEST);
	notifier_unmap(vm, GFN(GUEST >> PAGE_SHIFT), BLOCK);
	/* As after a log: two pages of it, one not writable. */
	assert_int_equal(memcache_topup(&vcpu->memcache, 4), 0);
	assert_int_equal(pgtable_map(&vm->s2, IA(GUEST), PAGE_SIZE, leaf.pa,
				     PGT_RX, &vcpu->memcache, NULL),
			 0);
	assert_int_equal(pgtable_map(&vm->s2, IA(GUEST + 0x5000), PAGE_SIZE,
				     HPA(leaf.pa.v + 0x5000), PGT_RWX,
				     &vcpu->memcache, NULL),
			 0);
	assert_int_equal(vm->s2.tables, tables + 2);
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(leaf_at(GUEST).size, SZ_2M);
	assert_int_equal(prot(GUEST + 0x5000), PGT_RWX);
	assert_int_equal(vm->s2.tables, tables + 1);
	assert_int_equal(vm_stats(vm).blocks_mapped, 2);
}

/* ---- Out of memory ------------------------------------------------------------------ */

static void a_table_budget_that_is_used_up_is_an_error(void **state)
{
	vm->table_budget.limit = vm->table_budget.used;
	assert_int_equal(touch(GUEST, true), -ENOMEM);
	vm->table_budget.limit = 0;
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
}

static void a_page_budget_that_is_used_up_is_an_error(void **state)
{
	vm->page_budget.limit = BLOCK;
	assert_int_equal(touch(GUEST, true), FAULT_HANDLED);
	assert_int_equal(touch(GUEST + SZ_2M, true), -ENOMEM);
	/* A page that needs no memory of its own is there yet. */
	assert_int_equal(touch(IMAGE, false), FAULT_HANDLED);
}

/* ---- Access from the hypervisor ------------------------------------------------------ */

static void guest_memory_is_written_and_read_across_pages(void **state)
{
	static u8 out[3 * PAGE_SIZE], in[3 * PAGE_SIZE];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	assert_int_equal(guest_write(vm, GPA(GUEST + 4001), out, sizeof(out)),
			 0);
	assert_int_equal(guest_read(vm, GPA(GUEST + 4001), in, sizeof(in)), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(guest_read(vm, GPA(GUEST), in, 0), 0);
	assert_int_equal(guest_read(vm, GPA(GUEST), in, 4001), 0);
	for (size_t i = 0; i < 4001; i++)
		assert_int_equal(in[i], 0);
}

/* K10: and no more than that is published. */
static void what_the_hypervisor_writes_is_published(void **state)
{
	u8 bytes[8] = {1};

	fake_published = 0;
	assert_int_equal(guest_write(vm, GPA(GUEST + PAGE_SIZE - 3), bytes, 8), 0);
	assert_int_equal(fake_published, 8);
	assert_int_equal(guest_read(vm, GPA(GUEST), bytes, 8), 0);
	assert_int_equal(guest_write(vm, GPA(GUEST), bytes, 0), 0);
	assert_int_equal(fake_published, 8);
}

/*
 * Between the backing's answer and the write another VM that shows the same
 * memory throws it away: the page may be anybody's by then.
 */
static bool discarded;

static void throw_away(void *arg)
{
	struct backing *b = arg;

	b->ops->discard(b, 0, BLOCK);
}

static int get_and_discard(struct backing *b, u64 offset, bool write,
			   struct backing_page *out)
{
	int err = real_ops->get(b, offset, write, out);
	pfn_t pfn;

	if (discarded)
		return err;
	discarded = true;
	backing_take_back(b, 0, BLOCK, throw_away, b);
	/* Somebody else's now. */
	assert_int_equal(page_alloc(PAGE_GUEST, CHUNK_ORDER, NULL, &pfn), 0);
	assert_int_equal(pfn.v, out->pfn.v);
	return err;
}

static void a_write_by_the_hypervisor_keeps_out_of_pages_taken_back(void **state)
{
	struct backing *ram =
		memslot_find(vm, GFN(GUEST >> PAGE_SHIFT))->backing;
	static struct backing_ops ops;
	struct backing_page page;
	u32 word = 7, got = 0;

	assert_int_equal(ram->ops->get(ram, 0, true, &page), 0);
	*(u32 *)fake_bytes(page.pfn) = 0xabcd;
	real_ops = ram->ops;
	ops = *real_ops;
	ops.get = get_and_discard;
	ram->ops = &ops;
	discarded = false;
	assert_int_equal(guest_write(vm, GPA(GUEST), &word, 4), 0);
	ram->ops = real_ops;
	assert_int_equal(*(u32 *)fake_bytes(page.pfn), 0xabcd);
	assert_int_equal(guest_read(vm, GPA(GUEST), &got, 4), 0);
	assert_int_equal(got, 7);
	page_put(page.pfn, CHUNK_ORDER, NULL);
}

static void bad_guest_addresses_are_errors(void **state)
{
	u8 buf[64] = { 0 };
	u64 end = GUEST + 8 * SZ_2M;

	assert_int_equal(guest_write(vm, GPA(end - 32), buf, 64), -EFAULT);
	assert_int_equal(guest_read(vm, GPA(end), buf, 1), -EFAULT);
	assert_int_equal(guest_read(vm, GPA(GUEST - 1), buf, 2), -EFAULT);
	assert_int_equal(guest_read(vm, GPA(~0UL), buf, 2), -EFAULT);
	assert_int_equal(guest_read(vm, GPA(BIT64(40)), buf, 2), -EFAULT);
	assert_int_equal(guest_read(vm, GPA(GICC), buf, 4), -EFAULT);
	assert_int_equal(guest_write(vm, GPA(GICC), buf, 4), -EFAULT);
	vm->page_budget.limit = vm->page_budget.used + 1;
	assert_int_equal(guest_write(vm, GPA(GUEST), buf, 64), 0);
	assert_int_equal(guest_write(vm, GPA(GUEST + PAGE_SIZE), buf, 64),
			 -ENOMEM);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(faults_of_every_kind),
		CASE(an_access_flag_fault_makes_young),
		CASE(ram_is_mapped_in_blocks),
		CASE(an_odd_slot_is_mapped_in_pages),
		CASE(a_slot_s_end_bounds_what_is_mapped),
		CASE(a_gigabyte_of_static_memory_is_one_block),
		CASE(without_blocks_2_mib_come_at_once_as_pages),
		CASE(a_write_to_an_image_gets_a_copy_in_its_place),
		CASE(a_write_by_the_hypervisor_unmaps_the_image),
		CASE(a_copy_is_seen_through_every_slot),
		CASE(what_a_guest_sees_is_clean),
		CASE(a_fault_does_not_map_what_is_being_taken_back),
		CASE(a_page_replaced_under_a_fault_is_not_mapped),
		CASE(the_hypervisor_does_not_write_what_is_read_only),
		CASE(unmapping_part_of_a_block_without_tables),
		CASE(a_page_that_is_changed),
		CASE(notifiers_are_called_with_the_slots_held),
		CASE(a_block_takes_the_place_of_a_table),
		CASE(a_table_budget_that_is_used_up_is_an_error),
		CASE(a_page_budget_that_is_used_up_is_an_error),
		CASE(guest_memory_is_written_and_read_across_pages),
		CASE(what_the_hypervisor_writes_is_published),
		CASE(a_write_by_the_hypervisor_keeps_out_of_pages_taken_back),
		CASE(bad_guest_addresses_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
