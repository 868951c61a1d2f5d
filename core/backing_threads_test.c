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
 * A RAM backing that several CPUs ask for pages, without its lock where they are
 * there, while its owner throws pages away, whole tables of its index among
 * them: what is found is the page asked for, or the notifier sequence says that
 * it was taken back (B1, B2, K6). Every page says in its first word which one it
 * is: it is the image's, or a copy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/notifier.h"
#include "core/testing/fake_arch.h"

#define RAM (24 * CHUNK_SIZE)
#define AREAS 4UL
#define MODULE (FAKE_RAM + RAM - AREAS * CHUNK_SIZE)
#define AREA_PAGES (CHUNK_SIZE >> PAGE_SHIFT)
#define PAGES (AREAS * AREA_PAGES)
#define GUEST 0x40000000UL
#define ASKERS 3
#define ROUNDS 4000

static struct vm *vm;
static struct backing *ram;
static unsigned long wrong, seen;
static bool done;

static u64 *first_word(pfn_t pfn)
{
	return (u64 *)fake_bytes(pfn);
}

static void set_up(void)
{
	struct vm_config config = { .name = "test" };

	fake_cpus_init(ASKERS + 1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), AREAS * CHUNK_SIZE);
	for (u64 i = 0; i < PAGES; i++)
		*first_word(PFN((MODULE >> PAGE_SHIFT) + i)) = i;
	assert_int_equal(vm_create(&config, &vm), 0);
	ram = backing_ram_create(PAGES, &vm->page_budget);
	assert_int_equal(backing_ram_add_image(ram, 0, HPA(MODULE),
					       PAGES << PAGE_SHIFT),
			 0);
	assert_int_equal(memslot_add(vm, GFN(GUEST >> PAGE_SHIFT), PAGES, ram,
				     0, 0),
			 0);
	backing_put_ref(ram);
}

/* As a fault does, but that it looks at the page instead of mapping it. */
static void ask(u64 offset, bool write)
{
	u64 seq = notifier_begin(vm);
	struct backing_page page;

	if (ram->ops->get(ram, offset, write, &page)) {
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		return;
	}
	read_lock(&vm->mmu_lock);
	if (!notifier_retry(vm, seq)) {
		__atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
		if (*first_word(page.pfn) != offset ||
		    (write && !page.writable))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
	read_unlock(&vm->mmu_lock);
}

static void *run_asker(void *arg)
{
	unsigned int me = (uintptr_t)arg, seed = me;

	fake_be_cpu(me);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* Some where pages are made, most where they are there. */
		u64 offset = rand_r(&seed) % PAGES;

		ask(offset, rand_r(&seed) % 2);
		for (u64 n = 0; n < 8; n++)
			ask(ALIGN_DOWN(offset, 16) + rand_r(&seed) % 16, false);
	}
	return NULL;
}

struct range {
	u64 offset, count;
};

static void discard(void *arg)
{
	struct range *r = arg;

	ram->ops->discard(ram, r->offset, r->count);
}

static void *run_owner(void *arg)
{
	unsigned int seed = 99;

	fake_be_cpu(ASKERS);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		struct range r = {
			.offset = rand_r(&seed) % AREAS * AREA_PAGES,
			.count = AREA_PAGES,
		};

		if (rand_r(&seed) % 4 == 0) {
			r.offset += rand_r(&seed) % AREA_PAGES;
			r.count = 1 + rand_r(&seed) %
					      (PAGES - r.offset);
		}
		backing_take_back(ram, r.offset, r.count, discard, &r);
		for (unsigned int i = rand_r(&seed) % 64; i; i--)
			cpu_relax();
	}
	return NULL;
}

static void what_is_found_without_the_lock_is_the_page_asked_for(void **state)
{
	pthread_t thread[ASKERS], owner;

	set_up();
	pthread_create(&owner, NULL, run_owner, NULL);
	for (uintptr_t i = 0; i < ASKERS; i++)
		pthread_create(&thread[i], NULL, run_asker, (void *)i);
	for (unsigned int i = 0; i < ASKERS; i++)
		pthread_join(thread[i], NULL);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	pthread_join(owner, NULL);

	fake_be_cpu(0);
	assert_int_equal(wrong, 0);
	assert_true(seen > 0);
	assert_int_equal(vm->page_budget.used, ram->resident);
	vm_destroy(vm);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
}

/* ---- A copy and the owner wait for each other ------------------------------- */

static pthread_t copier;

static void *ask_once(void *arg)
{
	fake_be_cpu(0);
	ask(5, true);
	return NULL;
}

/* Called with the users' lock held, for which the copy waits. */
static void discard_when_copied(void *arg)
{
	struct page_stats st;

	pthread_create(&copier, NULL, ask_once, NULL);
	/* Its page is taken: the area is busy. */
	do {
		cpu_relax();
		page_alloc_stats(&st);
	} while (!st.used[PAGE_GUEST]);
	discard(arg);
}

static void pages_are_thrown_away_while_one_is_copied(void **state)
{
	struct range r = { .offset = 0, .count = PAGES };

	set_up();
	fake_be_cpu(1);
	alarm(60); /* each waits for the other for ever? */
	backing_take_back(ram, 0, PAGES, discard_when_copied, &r);
	pthread_join(copier, NULL);
	alarm(0);

	/* The copy came after: it is there, and as good as new. */
	assert_int_equal(ram->resident, 16);
	assert_int_equal(vm->page_budget.used, 16);
	ask(5, false);
	assert_int_equal(wrong, 0);
	vm_destroy(vm);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_thrown_away_while_one_is_copied),
		cmocka_unit_test(
			what_is_found_without_the_lock_is_the_page_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
