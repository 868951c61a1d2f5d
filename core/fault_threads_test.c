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
// flags: -pthread -fsanitize=thread
/*
 * vCPUs that fault, write and are taken memory from at the same time, each on
 * a thread. K3 (two faults on one page map it once), K6 (a notifier against
 * faults in flight, bugs.md 15), B1 (faults in parallel), B2. The guest's
 * write is made through whatever stage 2 translates it to, under the lock that
 * stands for the TLB invalidation reaching this CPU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (24 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 20 * CHUNK_SIZE)
#define BLOCK 512UL
#define GUEST 0x40000000UL
#define BLOCKS 8
#define IMAGE_PAGES 64UL /* the first, where most accesses go */
#define PAGES (BLOCKS * BLOCK)
#define VCPUS 3
#define ROUNDS 150
#define VMS 40

static struct vm *vm;
static struct vcpu *vcpus[VCPUS];
static unsigned long errors;
static bool done;
static unsigned int vm_number;
/* Each vCPU counts in a word of its own in each page. */
static u32 expect[VCPUS][PAGES];

static void error(void)
{
	__atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED);
}

/* The backing, with other CPUs often coming in between its answer and the
 * map. */
static const struct backing_ops *real_ops;
static struct backing_ops slow_ops;

static int get_slowly(struct backing *b, u64 offset, bool write,
		      struct backing_page *out)
{
	int err = real_ops->get(b, offset, write, out);

	for (u64 i = offset % 8; i; i--)
		cpu_relax();
	return err;
}

static void set_up(void)
{
	struct vm_config config = { .name = "test" };
	struct backing *ram;

	fake_cpus_init(VCPUS + 1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 4 * CHUNK_SIZE);
	assert_int_equal(vm_create(&config, &vm), 0);
	for (unsigned int i = 0; i < VCPUS; i++)
		assert_int_equal(vcpu_create(vm, i, &vcpus[i]), 0);
	ram = backing_ram_create(PAGES, &vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, 0, HPA(MODULE),
					       IMAGE_PAGES << PAGE_SHIFT),
			 0);
	assert_int_equal(memslot_add(vm, GFN(GUEST >> PAGE_SHIFT), PAGES, ram,
				     0, 0),
			 0);
	backing_put_ref(ram);
	real_ops = ram->ops;
	slow_ops = *real_ops;
	slow_ops.get = get_slowly;
	ram->ops = &slow_ops;
}

/* The guest's own access: false, if it faults. */
static bool access_word(unsigned int me, u64 page, bool write)
{
	struct pgtable_leaf leaf;
	u32 *word;
	bool ok;

	read_lock(&vm->mmu_lock);
	ok = !pgtable_lookup(&vm->s2, IA(GUEST + (page << PAGE_SHIFT)),
			     &leaf) &&
	     (!write || leaf.attr & PGT_W);
	if (ok) {
		u64 pa = leaf.pa.v + (GUEST + (page << PAGE_SHIFT) - leaf.ia.v);

		word = (u32 *)fake_bytes(hpa_to_pfn(HPA(pa))) + me;
		if (*word != expect[me][page])
			error();
		if (write)
			*word = ++expect[me][page];
	}
	read_unlock(&vm->mmu_lock);
	return ok;
}

static void *run_vcpu(void *arg)
{
	unsigned int me = (uintptr_t)arg, seed = me + vm_number * VCPUS;

	fake_be_cpu(me);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* Often where the others are as well, and in the image. */
		u64 page = rand_r(&seed) % (i % 8 ? IMAGE_PAGES : PAGES);
		bool write = rand_r(&seed) % 3 == 0;
		struct guest_fault f = {
			.gpa = GPA(GUEST + (page << PAGE_SHIFT)),
			.write = write,
		};

		while (!access_word(me, page, write))
			if (fault_handle(vcpus[me], &f) != FAULT_HANDLED)
				error();
	}
	return NULL;
}

/* The owner takes mappings back, and the hypervisor reads and writes. */
static void *run_owner(void *arg)
{
	unsigned int seed = 99;

	fake_be_cpu(VCPUS);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		u64 page = rand_r(&seed) % PAGES;
		u64 count = rand_r(&seed) % (rand_r(&seed) % 8 ? 32 : PAGES);
		u32 zero = 0;

		notifier_unmap(vm, GFN((GUEST >> PAGE_SHIFT) + page), count);
		/* Last word: nobody else's. Copies an image's page. */
		if (guest_write(vm, GPA(GUEST + (page << PAGE_SHIFT) + 4092),
				&zero, 4))
			error();
		notifier_age(vm, GFN((GUEST >> PAGE_SHIFT) + page), 64);
	}
	return NULL;
}

static int count_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	const struct memslot *s = &vm->slots[0];
	struct backing_page p;

	/* Stage 2 says what the backing says. */
	if (s->backing->ops->get(s->backing, (leaf->ia.v - GUEST) >> PAGE_SHIFT,
				 false, &p) ||
	    p.pfn.v != leaf->pa.v >> PAGE_SHIFT ||
	    (leaf->attr & PGT_W && !p.writable))
		error();
	return 0;
}

/* A VM is new, and its image not yet copied, for a short time only. */
static void run_vm(void)
{
	pthread_t thread[VCPUS], owner;

	set_up();
	memset(expect, 0, sizeof(expect));
	done = false;
	pthread_create(&owner, NULL, run_owner, NULL);
	for (uintptr_t i = 0; i < VCPUS; i++)
		pthread_create(&thread[i], NULL, run_vcpu, (void *)i);
	for (unsigned int i = 0; i < VCPUS; i++)
		pthread_join(thread[i], NULL);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	pthread_join(owner, NULL);

	fake_be_cpu(0);
	assert_int_equal(errors, 0);
	assert_int_equal(pgtable_visit(&vm->s2, IA(0), BIT64(40), count_leaf,
				       NULL),
			 0);
	assert_int_equal(errors, 0);
	/* Whoever copied: a vCPU's fault, or the owner's write. */
	assert_true(vm->slots[0].backing->resident > 0);
	/* What is charged is what the backing has: nothing was taken twice. */
	assert_int_equal(vm->page_budget.used, vm->slots[0].backing->resident);
	vm_destroy(vm);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
}

static void stage_2_is_what_the_backing_says_throughout(void **state)
{
	for (vm_number = 0; vm_number < VMS; vm_number++)
		run_vm();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage_2_is_what_the_backing_says_throughout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
