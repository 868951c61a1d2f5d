// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/machine.c
// link: arch/sim/memory.c arch/sim/mips.c arch/sim/mmu.c arch/sim/page.c
// link: arch/sim/regime.c arch/sim/sim.c arch/sim/stage2.c arch/sim/stale.c
// link: arch/sim/tables.c arch/sim/tlb.c arch/sim/tlbi.c arch/sim/vcpu.c
// link: core/backing.c core/backing_ram.c core/backing_static.c
// link: core/dirty_log.c core/fault.c core/hyp_alloc.c core/memcache.c
// link: core/memslot.c core/mmio.c core/notifier.c core/page_alloc.c
// link: core/rwlock.c core/stage2_tables.c core/testing/fake_sched.c
// link: core/vcpu.c core/vm.c core/vmid.c lib/log.c lib/printf.c
// link: pgtable/build.c pgtable/collapse.c pgtable/dirty.c pgtable/flush.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/split.c pgtable/step.c
// link: pgtable/unmap.c
// flags: -pthread -fsanitize=thread
/*
 * vCPUs of two VMs, each on a thread and a CPU, while an owner takes pages
 * back, ages them and writes to them, moves their slots, and copies what the
 * dirty log says (K3, K6, K7, B1, B2, B3; bugs.md 3, 15, 26). Each vCPU has a word
 * of its own in each page, and finds in it what it wrote; and in the owner's word
 * nothing older than what stood there before. When all is over, the copy is what
 * the memory is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/machine.h"
#include "arch/sim/testing/property.h"
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "core/vmid.h"
#include "lib/errno.h"

#define RAM (64UL << 20)
#define MODULES CHUNK_SIZE
#define VMS 2
#define VCPUS 2
#define OWNER (VMS * VCPUS) /* its CPU */
#define PAGES 1300UL
#define IMAGE 480UL
#define BASE 0x40000UL
#define ELSEWHERE 0x80030UL /* where a slot is moved for a moment */
#define STEPS 8
#define ROUNDS 120
#define OWNERS_WORD 64 /* its offset in each page */

struct property property;

struct runner {
	struct vm *vm;
	struct vcpu *vcpu;
	struct fake_thread thread;
	unsigned int word;
	u64 dice;
	u64 expect[PAGES];
	pthread_t pthread;
};

static struct runner runners[VMS * VCPUS];
static struct vm *vms[VMS];
/* What the owner has written for sure; it counts up. */
static u64 least[VMS][PAGES];
static unsigned long wrong;
static bool done;

static u64 roll(u64 *state, u64 below)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 33) % below;
}

static void error(void)
{
	__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

/* The backing, with other CPUs often coming in between its answer and the
 * map. */
static const struct backing_ops *real_ops;
static struct backing_ops slow_ops;

static int get_slowly(struct backing *b, u64 offset, bool write,
		      struct backing_page *out)
{
	int err = real_ops->get(b, offset, write, out);

	for (u64 i = offset % 64; i; i--)
		cpu_relax();
	return err;
}

static bool owners(const struct sim_step *s)
{
	return s->gpa % PAGE_SIZE == OWNERS_WORD;
}

/* Words that are copied of each page: each vCPU's, and the owner's. */
#define COPIED (VCPUS + 1)
static u64 copy[VMS][PAGES][COPIED];
static bool logged[VMS];

static u64 word_offset(unsigned int word)
{
	return word < VCPUS ? word * 8 : OWNERS_WORD;
}

static u64 read_word(unsigned int vm, u64 page, unsigned int word)
{
	u64 value = 0;

	if (guest_read(vms[vm],
		       GPA(((BASE + page) << PAGE_SHIFT) + word_offset(word)),
		       &value, 8))
		error();
	return value;
}

static void copy_page(unsigned int vm, u64 page)
{
	for (unsigned int word = 0; word < COPIED; word++)
		copy[vm][page][word] = read_word(vm, page, word);
}

/* As who migrates a VM does: all once, and then what was written. */
static void take_log(unsigned int vm)
{
	u64 bitmap[PAGES / 64 + 1];

	if (!logged[vm]) {
		if (memslot_set_flags(vms[vm], GFN(BASE), MEMSLOT_LOG_DIRTY))
			error();
		for (u64 page = 0; page < PAGES; page++)
			copy_page(vm, page);
		logged[vm] = true;
		return;
	}
	if (dirty_log_take(vms[vm], GFN(BASE), 0, PAGES, bitmap) < 0)
		error();
	for (u64 page = 0; page < PAGES; page++)
		if (bitmap[page / 64] >> page % 64 & 1)
			copy_page(vm, page);
}

static void stop_log(unsigned int vm)
{
	if (memslot_set_flags(vms[vm], GFN(BASE), 0))
		error();
	logged[vm] = false;
}

static void check_copy(unsigned int vm)
{
	if (!logged[vm])
		return;
	take_log(vm);
	for (u64 page = 0; page < PAGES; page++)
		for (unsigned int word = 0; word < COPIED; word++)
			HOLDS(copy[vm][page][word] == read_word(vm, page, word),
			      "VM %u, page %llu, word %u: was not copied", vm,
			      page, word);
}

/* Away and back again. What comes meanwhile finds no memory. */
static void move_slot(unsigned int vm, u64 n)
{
	if (memslot_move(vms[vm], GFN(BASE), GFN(ELSEWHERE)))
		error();
	while (n--)
		cpu_relax();
	if (memslot_move(vms[vm], GFN(ELSEWHERE), GFN(BASE)))
		error();
}

static void check_steps(struct runner *r, const struct sim_step *steps,
			const u64 *at_least, const bool *missed)
{
	for (unsigned int i = 0; i < STEPS; i++) {
		u64 page = (steps[i].gpa >> PAGE_SHIFT) - BASE;

		/* The slot was elsewhere: code is not fetched from nowhere. */
		if (missed[i] ||
		    (steps[i].aborted && steps[i].op == SIM_OP_EXEC))
			continue;
		if (steps[i].aborted)
			error();
		if (owners(&steps[i])) {
			if (steps[i].value < at_least[i])
				error();
			continue;
		}
		if (steps[i].op == SIM_OP_WRITE)
			r->expect[page] = steps[i].value;
		if (steps[i].value != r->expect[page])
			error();
	}
}

static void random_step(struct runner *r, u64 value, struct sim_step *s,
			u64 *at_least)
{
	u64 page = roll(&r->dice, roll(&r->dice, 3) ? IMAGE : PAGES);
	u64 vm = r->vm == vms[1];

	*s = (struct sim_step){
		.op = roll(&r->dice, 3),
		.gpa = ((BASE + page) << PAGE_SHIFT) + r->word * 8,
		.value = value,
	};
	if (s->op == SIM_OP_WRITE || roll(&r->dice, 2))
		return;
	s->gpa = ((BASE + page) << PAGE_SHIFT) + OWNERS_WORD;
	*at_least = __atomic_load_n(&least[vm][page], __ATOMIC_ACQUIRE);
}

/* To the script's end. Where no slot was, it was a device's access: which? */
static void run_script(struct runner *r, bool *missed)
{
	const struct vcpu_exit *e;

	for (;;) {
		e = vcpu_run(r->vcpu);
		if (e->reason == EXIT_SYSTEM_EVENT)
			return;
		if (e->reason != EXIT_MMIO) {
			error();
			return;
		}
		missed[sim_vcpu(r->vcpu)->pc] = true;
	}
}

static void *run_vcpu(void *arg)
{
	struct runner *r = arg;

	fake_be_thread(&r->thread);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct sim_step steps[STEPS];
		u64 at_least[STEPS];
		bool missed[STEPS] = { false };

		for (unsigned int i = 0; i < STEPS; i++)
			random_step(r, round * STEPS + i + 1, &steps[i],
				    &at_least[i]);
		sim_vcpu_script(r->vcpu, steps, STEPS);
		run_script(r, missed);
		check_steps(r, steps, at_least, missed);
	}
	return NULL;
}

/* Other VMs that run for a moment: VMIDs run out, again and again. */
static void use_vmids(unsigned int n)
{
	while (n--) {
		struct vmid other = { 0 };
		bool flush;

		vmid_use(&other, OWNER, &flush);
		if (flush) {
			sim_be_cpu(OWNER);
			sim_tlbi(SIM_ALLE1, 0);
			sim_dsb();
			sim_isb();
		}
	}
}

/* A word that no vCPU writes; an image's page is copied for it. */
static void write_word(unsigned int vm, u64 page)
{
	u64 value = least[vm][page] + 1;

	if (guest_write(vms[vm],
			GPA(((BASE + page) << PAGE_SHIFT) + OWNERS_WORD),
			&value, 8))
		error();
	__atomic_store_n(&least[vm][page], value, __ATOMIC_RELEASE);
}

static void *run_owner(void *arg)
{
	u64 state = property.seed;

	fake_be_cpu(OWNER);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		unsigned int vm = roll(&state, VMS);
		u64 page = roll(&state, roll(&state, 3) ? IMAGE : PAGES);

		switch (roll(&state, 9)) {
		case 6:
			take_log(vm);
			break;
		case 7:
			if (!roll(&state, 8) && logged[vm])
				stop_log(vm);
			break;
		case 8:
			move_slot(vm, roll(&state, 100));
			break;
		case 0:
			use_vmids(roll(&state, 40));
			break;
		case 1:
			notifier_age(vms[vm], GFN(BASE + page),
				     roll(&state, 64));
			break;
		case 2 ... 3:
			write_word(vm, page);
			break;
		default:
			notifier_unmap(vms[vm], GFN(BASE + page),
				       roll(&state, roll(&state, 8) ? 32 :
								      PAGES));
		}
		sim_op_end();
	}
	return NULL;
}

static void set_up(u32 features)
{
	struct sim_machine_config config = {
		.sim = { .cpus = OWNER + 1, .ram = RAM, .features = features,
			 .seed = property.seed },
		.modules = MODULES,
	};
	struct vm_config vm_config = { .name = "guest" };

	sim_machine_init(&config);
	for (unsigned int v = 0; v < VMS; v++) {
		struct backing *ram;

		HOLDS(!vm_create(&vm_config, &vms[v]), "no VM");
		ram = backing_ram_create(PAGES, &vms[v]->page_budget);
		HOLDS(!backing_ram_add_image(ram, 0, HPA(sim_machine_modules()),
					     IMAGE << PAGE_SHIFT),
		      "no image");
		HOLDS(!memslot_add(vms[v], GFN(BASE), PAGES, ram, 0, 0),
		      "no slot");
		real_ops = ram->ops;
		slow_ops = *real_ops;
		slow_ops.get = get_slowly;
		ram->ops = &slow_ops;
		backing_put_ref(ram);
	}
	memset(runners, 0, sizeof(runners));
	memset(logged, 0, sizeof(logged));
	for (unsigned int i = 0; i < ARRAY_SIZE(runners); i++) {
		struct runner *r = &runners[i];

		r->vm = vms[i / VCPUS];
		r->word = i % VCPUS;
		r->dice = dice(1ULL << 30);
		HOLDS(!vcpu_create(r->vm, r->word, &r->vcpu), "no vCPU");
		fake_thread_init(&r->thread, i);
		r->vcpu->thread = &r->thread.t;
		r->vcpu->powered = true;
	}
}

static void run(u32 features)
{
	pthread_t owner;

	set_up(features);
	memset(least, 0, sizeof(least));
	wrong = 0;
	done = false;
	pthread_create(&owner, NULL, run_owner, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(runners); i++)
		pthread_create(&runners[i].pthread, NULL, run_vcpu, &runners[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(runners); i++)
		pthread_join(runners[i].pthread, NULL);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	pthread_join(owner, NULL);
	fake_be_cpu(0);
	sim_be_cpu(0);
	sim_quiet();
	for (unsigned int v = 0; v < VMS; v++)
		check_copy(v);
	HOLDS(!wrong, "%lu accesses went wrong", wrong);
	HOLDS(!sim_broken_any(), "a rule was broken");
	for (unsigned int i = 0; i < ARRAY_SIZE(runners); i++) {
		fake_be_thread(&runners[i].thread);
		vcpu_unload(runners[i].vcpu);
	}
	fake_be_cpu(0);
	for (unsigned int v = 0; v < VMS; v++)
		vm_destroy(vms[v]);
	HOLDS(!sim_broken_any(), "a rule was broken at the end");
	HOLDS(!sim_machine_pages_used(), "pages left");
	sim_machine_exit();
}

static void threads_find_what_they_wrote(void **state)
{
	static const u32 choice[] = {
		SIM_FWB, SIM_TTL, SIM_TLBIRANGE, SIM_HAF | SIM_HDBS,
		SIM_VIPT_BY_VMID, SIM_BBM2,
	};
	unsigned long n = 0;

	while (property_next(&n, 12)) {
		u32 features = 0;

		for (unsigned int i = 0; i < ARRAY_SIZE(choice); i++)
			if (dice(2))
				features |= choice[i];
		run(features);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_find_what_they_wrote),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
