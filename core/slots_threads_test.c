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
// flags: -pthread -fsanitize=thread
/*
 * Slots that are added, moved, deleted, made read-only and logged while vCPUs of
 * two VMs fault in them, each on a thread (K3, K5, K6, B1, B2, B3).
 *
 * A guest's access is made through whatever stage 2 translates it to, under the
 * lock that stands for the TLB invalidation reaching its CPU. What it finds is
 * what the slot of that moment has there. And a third party copies a VM's
 * memory by its dirty log while the VM runs: in the end the copy is the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RAM (40 * CHUNK_SIZE)
#define MODULE (FAKE_RAM + 38 * CHUNK_SIZE)
#define VMS 2
#define VCPUS 2
#define RUNNERS (VMS * VCPUS)
#define CHANGER RUNNERS /* their CPUs */
#define COPIER (RUNNERS + 1)
#define ROUNDS 1500
#define TIMES 6

/* A slot of a VM's own, never moved; */
#define OWN 0x40000UL
#define OWN_PAGES 1200UL
/* one backing shown in both VMs, an image, which the first VM loses at times; */
#define SHARED 0x50000UL
#define SHARED_PAGES 200UL
/* and one that moves about, overlapping where it was. */
#define WINDOW 0x60000UL
#define WINDOW_PAGES 700UL

struct runner {
	struct vm *vm;
	struct vcpu *vcpu;
	unsigned int id, seed;
	u32 own[OWN_PAGES], shared[SHARED_PAGES]; /* what it wrote last */
	pthread_t thread;
};

static struct vm *vms[VMS];
static struct runner runners[RUNNERS];
static struct backing *shared, *window;
static unsigned long errors;
static unsigned int running, times;
static u64 window_at; /* in the first VM, at this moment or one before */

static void error(void)
{
	__atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED);
}

/* ---- Guests ------------------------------------------------------------------------ */

/* Each runner has a word of its own in each page, behind the page's number. */
static u32 *word_in(pfn_t pfn, unsigned int n)
{
	return (u32 *)fake_bytes(pfn) + n;
}

/* The first word of pages of the window: their number in the backing. */
static bool right_page(struct vm *vm, u64 gfn, pfn_t pfn)
{
	const struct memslot *s = memslot_find(vm, GFN(gfn));

	/* Gone, and not yet unmapped. */
	return !s || *word_in(pfn, 0) == gfn - s->base.v;
}

/* The guest's own access: false, if it faults. `expect`: what stands there. */
static bool try_access(struct runner *r, u64 gfn, bool write, u32 *expect)
{
	struct pgtable_leaf leaf;
	pfn_t pfn;
	u32 *word;
	bool ok;

	read_lock(&r->vm->mmu_lock);
	ok = !pgtable_lookup(&r->vm->s2, IA(gfn << PAGE_SHIFT), &leaf) &&
	     (!write || leaf.attr & PGT_W);
	if (ok) {
		pfn = hpa_to_pfn(HPA(leaf.pa.v + (gfn << PAGE_SHIFT) -
				     leaf.ia.v));
		word = word_in(pfn, 1 + r->id);
		if (!expect ? !right_page(r->vm, gfn, pfn) :
			      __atomic_load_n(word, __ATOMIC_RELAXED) !=
				      *expect)
			error();
		if (write)
			__atomic_store_n(word, ++*expect, __ATOMIC_RELAXED);
	}
	read_unlock(&r->vm->mmu_lock);
	return ok;
}

/* Again until it is done; or there is no memory there. */
static void do_access(struct runner *r, u64 gfn, bool write, u32 *expect)
{
	struct guest_fault f = {
		.gpa = gfn_to_gpa(GFN(gfn)),
		.write = write,
	};
	int result = FAULT_HANDLED;

	while (result == FAULT_HANDLED && !try_access(r, gfn, write, expect))
		result = fault_handle(r->vcpu, &f);
	if (result != FAULT_HANDLED && (result != FAULT_MMIO || gfn < SHARED))
		error();
}

static void *run(void *arg)
{
	struct runner *r = arg;

	fake_be_cpu(r->id);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		bool write = rand_r(&r->seed) % 2;
		u64 page = rand_r(&r->seed);

		switch (rand_r(&r->seed) % 4) {
		case 0:
			page %= SHARED_PAGES;
			do_access(r, SHARED + page, write, &r->shared[page]);
			break;
		case 1:
			do_access(r, WINDOW + page % (2 * WINDOW_PAGES), false,
				  NULL);
			break;
		default:
			page %= rand_r(&r->seed) % 2 ? OWN_PAGES : 100;
			do_access(r, OWN + page, write, &r->own[page]);
		}
	}
	__atomic_fetch_sub(&running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* ---- Those who change slots ------------------------------------------------------- */

static int any_leaf(const struct pgtable_leaf *leaf, void *arg)
{
	return 1;
}

static void nothing_mapped(struct vm *vm, u64 gfn, u64 pages)
{
	read_lock(&vm->mmu_lock);
	if (pgtable_visit(&vm->s2, IA(gfn << PAGE_SHIFT), pages << PAGE_SHIFT,
			  any_leaf, NULL))
		error();
	read_unlock(&vm->mmu_lock);
}

static void *run_changer(void *arg)
{
	unsigned int seed = 7;
	struct vm *vm = vms[0];
	u64 at = WINDOW, to;

	fake_be_cpu(CHANGER);
	while (__atomic_load_n(&running, __ATOMIC_ACQUIRE)) {
		to = WINDOW + rand_r(&seed) % WINDOW_PAGES;
		if (memslot_move(vm, GFN(at), GFN(to)) ||
		    memslot_set_flags(vm, GFN(to), rand_r(&seed) % 4) ||
		    memslot_delete(vm, GFN(to)))
			error();
		nothing_mapped(vm, WINDOW, 2 * WINDOW_PAGES);
		if (memslot_delete(vm, GFN(to)) != -ENOENT ||
		    memslot_add(vm, GFN(to), WINDOW_PAGES, window, 0, 0) ||
		    memslot_add(vm, GFN(to + 1), 1, window, 0, 0) != -EEXIST)
			error();
		at = to;
		__atomic_store_n(&window_at, at, __ATOMIC_RELAXED);
		if (memslot_delete(vm, GFN(SHARED)))
			error();
		nothing_mapped(vm, SHARED, SHARED_PAGES);
		if (memslot_add(vm, GFN(SHARED), SHARED_PAGES, shared, 0, 0))
			error();
	}
	return NULL;
}

/* ---- The copy ----------------------------------------------------------------------- */

static u32 copy[OWN_PAGES][RUNNERS];

static void copy_page(struct vm *vm, u64 page, bool check)
{
	const struct memslot *s;
	struct backing_page p;

	read_lock(&vm->slots_lock);
	s = memslot_find(vm, GFN(OWN));
	if (s->backing->ops->get(s->backing, page, false, &p))
		error();
	for (unsigned int n = 0; n < RUNNERS; n++) {
		u32 word = __atomic_load_n(word_in(p.pfn, 1 + n),
					   __ATOMIC_RELAXED);

		if (check && copy[page][n] != word)
			error();
		copy[page][n] = word;
	}
	read_unlock(&vm->slots_lock);
}

/* Of a slot whose log begins and ends at any moment, and which may be gone. */
static void take_other_log(struct vm *vm)
{
	u64 dirty[BITMAP_WORDS(WINDOW_PAGES)];
	u64 at = __atomic_load_n(&window_at, __ATOMIC_RELAXED);
	s64 n = dirty_log_take(vm, GFN(at), 0, WINDOW_PAGES, dirty);

	if (n && n != -ENOENT) /* nobody writes to it */
		error();
}

static void copy_dirty(struct vm *vm)
{
	u64 dirty[BITMAP_WORDS(OWN_PAGES)];

	if (dirty_log_take(vm, GFN(OWN), 0, OWN_PAGES, dirty) < 0)
		error();
	for (u64 page = 0; page < OWN_PAGES; page++)
		if (bitmap_test(dirty, page))
			copy_page(vm, page, false);
}

/* Of the second VM, one log after the other; the last one is compared. */
static void *run_copier(void *arg)
{
	struct vm *vm = vms[1];
	bool done = false;

	fake_be_cpu(COPIER);
	while (!done) {
		if (memslot_set_flags(vm, GFN(OWN), MEMSLOT_LOG_DIRTY))
			error();
		for (u64 page = 0; page < OWN_PAGES; page++)
			copy_page(vm, page, false);
		for (unsigned int i = 0; i < 20 && !done; i++) {
			done = !__atomic_load_n(&running, __ATOMIC_ACQUIRE);
			copy_dirty(vm);
			notifier_unmap(vm, GFN(OWN + 3 * i), 20);
			take_other_log(vms[0]);
		}
		if (done)
			for (u64 page = 0; page < OWN_PAGES; page++)
				copy_page(vm, page, true);
		if (memslot_set_flags(vm, GFN(OWN), 0))
			error();
	}
	return NULL;
}

/* ---- All of it ---------------------------------------------------------------------- */

static struct backing *make_window(void)
{
	struct backing *b = backing_ram_create(WINDOW_PAGES, NULL);
	struct backing_page p;

	for (u64 n = 0; n < WINDOW_PAGES; n++) {
		assert_int_equal(b->ops->get(b, n, true, &p), 0);
		*word_in(p.pfn, 0) = n;
	}
	return b;
}

static void make_vm(unsigned int n)
{
	struct vm_config config = { .name = "test" };
	struct vm *vm;
	struct backing *own;

	assert_int_equal(vm_create(&config, &vm), 0);
	vms[n] = vm;
	own = backing_ram_create(OWN_PAGES, &vm->page_budget);
	assert_int_equal(memslot_add(vm, GFN(OWN), OWN_PAGES, own, 0, 0), 0);
	backing_put_ref(own);
	assert_int_equal(memslot_add(vm, GFN(SHARED), SHARED_PAGES, shared, 0,
				     0),
			 0);
	if (!n)
		assert_int_equal(memslot_add(vm, GFN(WINDOW), WINDOW_PAGES,
					     window, 0, 0),
				 0);
	for (unsigned int i = 0; i < VCPUS; i++) {
		struct runner *r = &runners[n * VCPUS + i];

		*r = (struct runner){
			.vm = vm,
			.id = n * VCPUS + i,
			.seed = 100 * times + n * VCPUS + i,
		};
		assert_int_equal(vcpu_create(vm, i, &r->vcpu), 0);
	}
}

static void run_once(void)
{
	pthread_t changer, copier;

	fake_cpus_init(COPIER + 1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(MODULE), 2 * CHUNK_SIZE);
	window = make_window();
	shared = backing_ram_create(SHARED_PAGES, NULL);
	assert_int_equal(backing_ram_add_image(shared, 0, HPA(MODULE),
					       SHARED_PAGES << PAGE_SHIFT),
			 0);
	for (unsigned int n = 0; n < VMS; n++)
		make_vm(n);
	running = RUNNERS;
	pthread_create(&changer, NULL, run_changer, NULL);
	pthread_create(&copier, NULL, run_copier, NULL);
	for (unsigned int n = 0; n < RUNNERS; n++)
		pthread_create(&runners[n].thread, NULL, run, &runners[n]);
	for (unsigned int n = 0; n < RUNNERS; n++)
		pthread_join(runners[n].thread, NULL);
	pthread_join(changer, NULL);
	pthread_join(copier, NULL);

	fake_be_cpu(0);
	for (unsigned int n = 0; n < VMS; n++) {
		assert_int_equal(vms[n]->logs, 0);
		vm_destroy(vms[n]);
	}
	backing_put_ref(shared);
	backing_put_ref(window);
	assert_int_equal(fake_pages_used(), 0);
	fake_memory_exit();
}

static void slots_change_under_running_guests(void **state)
{
	for (times = 1; times <= TIMES; times++) {
		run_once();
		assert_int_equal(errors, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_change_under_running_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
