// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/sim/testing/core_property.h"
#include "core/dirty_log.h"
#include "core/notifier.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "pgtable/testing/format.h"

#define RAM (96UL << 20)
#define MODULES (4UL << 20)
#define CPUS 3
#define VMS 2
#define VCPUS 4 /* of each VM; two of them on one CPU */
#define WORDS 4 /* of each page, that are used */

/* In pages. */
#define PRIVATE 1504UL
#define SHARED 704UL
#define PRIVATE_BASE 0x40000UL /* and a few places more: see do_move() */
#define SHARED_BASE t.shape.shared_base
#define READONLY_BASE 0x90000UL
#define IMAGE t.shape.image
#define STEPS 12
#define VMIDS_MOST 400U

struct words {
	u64 page[PRIVATE][WORDS];
};

/* Frames of a slot that were written, and not taken from its log yet. */
struct log {
	bool on;
	bool want[PRIVATE];
};

struct guest {
	struct vm *vm;
	struct vcpu *vcpu[VCPUS];
	struct fake_thread thread[VCPUS];
	struct backing *ram;
	struct words words;
	u64 base;	       /* of the private slot */
	bool shared, readonly; /* the slots are there */
	struct log private_log, shared_log;
};

struct property property;

static struct {
	struct core_shape shape;
	struct guest guest[VMS];
	struct backing *shared;
	struct words words;
	struct page_budget budget; /* of `shared` */
	u64 value;
	struct vm *other;
	unsigned int vmids; /* that it has had */
	struct vcpu *other_vcpu[CPUS];
	struct fake_thread other_thread[CPUS];
} t;

/* ---- The oracle -------------------------------------------------------------------- */

static u64 image_word(u64 page, u64 word)
{
	return page < IMAGE ? 0x1000000 + page * WORDS + word : 0;
}

static void forget_private(struct guest *g)
{
	for (u64 page = 0; page < PRIVATE; page++)
		for (u64 word = 0; word < WORDS; word++)
			g->words.page[page][word] = image_word(page, word);
}

static void make_image(void)
{
	u64 pa = sim_machine_modules();

	for (u64 page = 0; page < IMAGE; page++)
		for (u64 word = 0; word < WORDS; word++)
			((u64 *)sim_virt(pa + page * PAGE_SIZE))[word * 128] =
				image_word(page, word);
	/* A loader need not clean what it loads. */
	sim_page_dirty(pa, IMAGE, true);
}

/* Where a guest-physical page's words are; NULL: no memory is there. */
static u64 *words_at(struct guest *g, u64 gfn, bool *writable)
{
	*writable = true;
	if (gfn - g->base < PRIVATE)
		return g->words.page[gfn - g->base];
	if (g->shared && gfn - SHARED_BASE < SHARED)
		return t.words.page[gfn - SHARED_BASE];
	*writable = false;
	if (g->readonly && gfn - READONLY_BASE < SHARED)
		return t.words.page[gfn - READONLY_BASE];
	return NULL;
}

/* A frame was written: which log is it in? */
static void note_write(struct guest *g, u64 gfn)
{
	if (gfn - g->base < PRIVATE)
		g->private_log.want[gfn - g->base] = true;
	else if (gfn - SHARED_BASE < SHARED)
		g->shared_log.want[gfn - SHARED_BASE] = true;
}

static u64 random_gfn(const struct guest *g)
{
	u64 hot = dice(3) ? 100 : SHARED;

	switch (dice(4)) {
	case 0:
		return SHARED_BASE + dice(hot);
	case 1:
		return READONLY_BASE + dice(hot);
	default:
		return g->base + dice(dice(3) ? 100 : PRIVATE);
	}
}

/* ---- Guests ---------------------------------------------------------------------------- */

static void add_shared(struct guest *g)
{
	g->shared = !memslot_add(g->vm, GFN(SHARED_BASE), SHARED, t.shared, 0,
				 0);
	HOLDS(g->shared, "no shared slot");
}

static void add_readonly(struct guest *g)
{
	g->readonly = !memslot_add(g->vm, GFN(READONLY_BASE), SHARED, t.shared,
				   0, MEMSLOT_READONLY);
	HOLDS(g->readonly, "no read-only slot");
}

static void create(struct guest *g)
{
	struct vm_config config = { .name = "guest",
				    .granule = t.shape.granule,
				    .ipa_bits = t.shape.ipa_bits };

	HOLDS(!vm_create(&config, &g->vm), "no VM");
	for (unsigned int i = 0; i < VCPUS; i++) {
		HOLDS(!vcpu_create(g->vm, i, &g->vcpu[i]), "no vCPU");
		fake_thread_init(&g->thread[i], i % CPUS);
		g->vcpu[i]->thread = &g->thread[i].t;
		g->vcpu[i]->powered = true;
	}
	g->ram = backing_ram_create_runs(PRIVATE, g->vm->granule_order,
					 &g->vm->page_budget);
	HOLDS(!backing_ram_add_image(g->ram, 0, HPA(sim_machine_modules()),
				     IMAGE << PAGE_SHIFT),
	      "no image");
	if (dice(2))
		backing_ram_make_whole(g->ram, IMAGE << PAGE_SHIFT);
	g->base = PRIVATE_BASE;
	g->private_log.on = g->shared_log.on = false;
	HOLDS(!memslot_add(g->vm, GFN(g->base), PRIVATE, g->ram, 0, 0),
	      "no slot");
	backing_put_ref(g->ram);
	forget_private(g);
	g->shared = g->readonly = false;
	add_shared(g);
	if (dice(2))
		add_readonly(g);
}

static void destroy(struct guest *g)
{
	for (unsigned int i = 0; i < VCPUS; i++) {
		fake_be_thread(&g->thread[i]);
		vcpu_destroy(g->vcpu[i]);
	}
	fake_be_cpu(0);
	vm_destroy(g->vm);
	sim_quiet();
}

/* Tables or pages run out; or are there again. */
static void limit(struct guest *g)
{
	if (dice(8) || !t.shape.limits)
		return;
	g->vm->table_budget.limit = g->vm->table_budget.used + dice(3);
	g->vm->page_budget.limit = g->vm->page_budget.used + dice(40);
	g->vm->table_budget.limit += !g->vm->table_budget.limit;
	g->vm->page_budget.limit += !g->vm->page_budget.limit;
}

static bool limited(struct guest *g)
{
	return g->vm->table_budget.limit || g->vm->page_budget.limit;
}

static void unlimit(struct guest *g)
{
	g->vm->table_budget.limit = g->vm->page_budget.limit = 0;
}

/* ---- A vCPU runs ------------------------------------------------------------------------ */

static unsigned int ipa_bits(void)
{
	return t.shape.ipa_bits ? t.shape.ipa_bits : 40;
}

static void check_step(struct guest *g, const struct sim_step *s)
{
	bool writable, in_slot;
	u64 *words = words_at(g, s->gpa >> PAGE_SHIFT, &writable), *word = NULL;
	u64 gpa = s->gpa;

	in_slot = words;
	if (in_slot)
		word = &words[s->gpa % PAGE_SIZE / 1024];
	if (gpa >> ipa_bits()) {
		HOLDS(s->aborted && s->exception == GUEST_ADDRESS_SIZE,
		      "no address size fault at 0x%llx",
		      gpa);
		return;
	}
	HOLDS(s->aborted == ((!in_slot && s->op == SIM_OP_EXEC) ||
			     (in_slot && !writable && s->op == SIM_OP_WRITE)),
	      "access %d to 0x%llx: aborted %d", s->op,
	      gpa, s->aborted);
	if (s->aborted || !in_slot)
		return;
	if (s->op == SIM_OP_WRITE) {
		*word = s->value;
		note_write(g, gpa >> PAGE_SHIFT);
	}
	HOLDS(*word == s->value, "access %d to 0x%llx gives 0x%llx, not 0x%llx",
	      s->op, gpa, s->value,
	      *word);
}

static void random_step(struct guest *g, struct sim_step *s)
{
	*s = (struct sim_step){
		.op = dice(3),
		.gpa = (random_gfn(g) << PAGE_SHIFT) + dice(WORDS) * 1024,
	};
	if (!dice(40))
		s->gpa |= BIT64(ipa_bits() + dice(8));
	if (s->op == SIM_OP_WRITE)
		s->value = ++t.value;
}

/* Devices read as 0x77. */
static void run_script(struct guest *g, unsigned int n, struct sim_step *steps,
		       unsigned int count)
{
	struct vcpu *vcpu = g->vcpu[n];
	const struct vcpu_exit *e;

	fake_be_thread(&g->thread[n]);
	sim_vcpu_script(vcpu, steps, count);
	for (;;) {
		e = vcpu_run(vcpu);
		if (e->reason == EXIT_SYSTEM_EVENT)
			break;
		if (e->reason == EXIT_MMIO) {
			if (!e->mmio.access.write)
				vcpu->exit.mmio.access.value = 0x77;
			continue;
		}
		HOLDS(e->reason == EXIT_ERROR && e->error.code == -ENOMEM &&
			      limited(g),
		      "exit %d, %d", e->reason, e->error.code);
		unlimit(g);
	}
	fake_be_cpu(0);
	for (unsigned int i = 0; i < count; i++)
		check_step(g, &steps[i]);
}

static void do_run(struct guest *g)
{
	struct sim_step steps[STEPS];
	unsigned int count = 1 + dice(STEPS);

	for (unsigned int i = 0; i < count; i++)
		random_step(g, &steps[i]);
	limit(g);
	run_script(g, dice(VCPUS), steps, count);
	unlimit(g);
}

/* ---- Everybody else ------------------------------------------------------------------------ */

static void do_unmap(struct guest *g)
{
	limit(g);
	notifier_unmap(g->vm, GFN(random_gfn(g)), 1 + dice(1UL << dice(11)));
	unlimit(g);
}

static void do_age(struct guest *g)
{
	u64 gfn = random_gfn(g), n = 1 + dice(1UL << dice(11));

	notifier_age(g->vm, GFN(gfn), n);
	HOLDS(sim_features() & SIM_HAF || !notifier_test_age(g->vm, GFN(gfn), n),
	      "young again");
}

static void do_hypervisor_access(struct guest *g)
{
	u64 gfn = random_gfn(g), word = dice(WORDS), value = 0;
	gpa_t gpa = GPA((gfn << PAGE_SHIFT) + word * 1024);
	bool writable;
	u64 *words = words_at(g, gfn, &writable);
	int r = guest_read(g->vm, gpa, &value, 8);

	HOLDS(r == (words ? 0 : -EFAULT), "guest_read gives %d", r);
	HOLDS(!words || words[word] == value, "guest_read of 0x%llx: 0x%llx",
	      gpa.v, value);
	if (!words || !writable)
		return;
	value = ++t.value;
	HOLDS(!guest_write(g->vm, gpa, &value, 8), "guest_write");
	words[word] = value;
	note_write(g, gfn);
}

static void do_slots(struct guest *g)
{
	if (dice(2)) {
		if (g->shared)
			HOLDS(!memslot_delete(g->vm, GFN(SHARED_BASE)),
			      "delete");
		g->shared = !g->shared;
		g->shared_log.on = false;
		if (g->shared)
			add_shared(g);
		return;
	}
	if (g->readonly)
		HOLDS(!memslot_delete(g->vm, GFN(READONLY_BASE)), "delete");
	g->readonly = !g->readonly;
	if (g->readonly)
		add_readonly(g);
}

/* Guest memory starts afresh. Not what others share: see shared_test.c. */
static void do_reset(struct guest *g)
{
	if (dice(4) || g->shared || g->readonly || g->private_log.on)
		return;
	vm_reset_memory(g->vm);
	forget_private(g);
}

/* The slot goes elsewhere, over its own old place too, or nowhere. */
static void do_move(struct guest *g)
{
	u64 to = PRIVATE_BASE + dice(3) * 2048 + dice(2) * 48;

	HOLDS(memslot_move(g->vm, GFN(g->base), GFN(SHARED_BASE)) ==
		      (g->shared ? -EEXIST : 0),
	      "moved onto another");
	if (!g->shared)
		HOLDS(!memslot_move(g->vm, GFN(SHARED_BASE), GFN(g->base)),
		      "moved back");
	HOLDS(!memslot_move(g->vm, GFN(g->base), GFN(to)), "moved");
	g->base = to;
}

static u64 granule_pages(void)
{
	return 1ULL << t.guest[0].vm->granule_order;
}

/* A log has every frame that was written, and of the others those alone that
 * share a granule with one. */
static void check_log(const struct log *log, u64 first, u64 pages,
		      const u64 *bitmap)
{
	u64 granule = granule_pages();

	for (u64 i = first; i < first + pages; i++) {
		bool bit = bitmap[(i - first) / 64] >> (i - first) % 64 & 1;
		bool near = false;

		HOLDS(bit || !log->want[i], "frame %llu is not in the log",
		      i);
		for (u64 k = 0; k < granule; k++)
			near |= log->want[ALIGN_DOWN(i, granule) + k];
		HOLDS(near || !bit, "frame %llu is in the log, and clean",
		      i);
	}
}

static void take(struct guest *g, struct log *log, u64 base, u64 size)
{
	u64 bitmap[PRIVATE / 64 + 1], first = dice(size / 64) * 64;
	u64 pages = dice(2) ? size - first : min(64 * (1 + dice(9)),
						 size - first);
	s64 n, dirty = 0;

	if (!log->on) {
		HOLDS(dirty_log_take(g->vm, GFN(base), first, pages, bitmap) ==
			      -ENOENT,
		      "a log of nothing");
		return;
	}
	n = dirty_log_take(g->vm, GFN(base), first, pages, bitmap);
	check_log(log, first, pages, bitmap);
	for (u64 i = 0; i < pages; i++)
		dirty += bitmap[i / 64] >> i % 64 & 1;
	HOLDS(n == dirty, "%lld dirty frames, not %lld", (long long)n,
	      (long long)dirty);
	memset(&log->want[first], 0, pages);
}

static void do_take(struct guest *g)
{
	if (dice(2))
		take(g, &g->private_log, g->base, PRIVATE);
	else if (g->shared)
		take(g, &g->shared_log, SHARED_BASE, SHARED);
}

static void set_log(struct guest *g, struct log *log, u64 base)
{
	/* On again is no change. */
	bool on = dice(4) ? !log->on : log->on;

	HOLDS(!memslot_set_flags(g->vm, GFN(base), on ? MEMSLOT_LOG_DIRTY : 0),
	      "set flags");
	if (on && !log->on)
		memset(log->want, 0, sizeof(log->want));
	log->on = on;
}

static void do_log(struct guest *g)
{
	if (dice(2))
		set_log(g, &g->private_log, g->base);
	else if (g->shared)
		set_log(g, &g->shared_log, SHARED_BASE);
}

static void do_rebirth(struct guest *g)
{
	if (dice(6))
		return;
	destroy(g);
	create(g);
}

/*
 * Other VMs come and go, until the VMIDs are used up. One stands for all of
 * them: it forgets what VMID it had, each time, and has one vCPU for each CPU.
 */
static void create_other(void)
{
	struct vm_config config = { .name = "other" };

	HOLDS(!vm_create(&config, &t.other), "no VM");
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		HOLDS(!vcpu_create(t.other, cpu, &t.other_vcpu[cpu]), "no vCPU");
		fake_thread_init(&t.other_thread[cpu], cpu);
		t.other_vcpu[cpu]->thread = &t.other_thread[cpu].t;
		t.other_vcpu[cpu]->powered = true;
	}
}

static void use_vmid(unsigned int cpu)
{
	fake_be_thread(&t.other_thread[cpu]);
	t.other->vmid.id = 0;
	sim_vcpu_script(t.other_vcpu[cpu], NULL, 0);
	vcpu_run(t.other_vcpu[cpu]);
}

static void do_vmids(struct guest *g)
{
	unsigned int n = dice(300);

	/* Those of 16 bits are never used up here, but need more than 8. */
	if (sim_features() & SIM_VMID16)
		n = min(n, VMIDS_MOST - t.vmids);
	t.vmids += n;
	while (n--)
		use_vmid(dice(CPUS));
	sim_be_cpu(0);
	fake_be_cpu(0);
}

static void step(void)
{
	static void (*const ops[])(struct guest *) = {
		do_run, do_run, do_run, do_run, do_run, do_unmap, do_unmap,
		do_age, do_hypervisor_access, do_slots, do_reset, do_rebirth,
		do_vmids, do_move, do_log, do_take, do_take,
	};

	ops[dice(ARRAY_SIZE(ops))](&t.guest[dice(VMS)]);
	sim_quiet();
	HOLDS(!sim_broken_any(), "a rule was broken");
}

/* log2 of a granule in pages. */
static unsigned int run_order(const struct core_shape *shape)
{
	return shape->granule ? __builtin_ctz(shape->granule) - PAGE_SHIFT : 0;
}

static void run(const struct core_shape *shape, u32 features, unsigned int steps)
{
	struct sim_machine_config config = {
		.sim = { .cpus = CPUS, .ram = RAM, .features = features,
			 .seed = property.seed, .serial = true,
			 .pa_bits = shape->oa_bits },
		.modules = MODULES,
		.oa_bits = shape->oa_bits,
		.format = shape->format,
		.no_blocks = !dice(6),
	};

	memset(&t, 0, sizeof(t));
	t.shape = *shape;
	sim_machine_init(&config);
	make_image();
	create_other();
	t.shared = backing_ram_create_runs(SHARED, run_order(shape), &t.budget);
	for (int i = 0; i < VMS; i++)
		create(&t.guest[i]);
	for (unsigned int n = 0; n < steps; n++)
		if (property_step(n))
			step();
	for (int i = 0; i < VMS; i++)
		destroy(&t.guest[i]);
	vm_destroy(t.other);
	backing_put_ref(t.shared);
	HOLDS(!sim_broken_any(), "a rule was broken at the end");
	HOLDS(!sim_machine_pages_used(), "%llu pages left",
	      sim_machine_pages_used());
	sim_machine_exit();
}

static u32 random_features(u32 always)
{
	static const u32 choice[] = {
		SIM_NO_SNOOP, SIM_VIPT_BY_VMID, SIM_XNX, SIM_FWB, SIM_TTL,
		SIM_TLBIRANGE, SIM_VMID16, SIM_HAF | SIM_HDBS, SIM_BBM2,
	};
	unsigned int n = always & SIM_ARMV7 ? 2 : ARRAY_SIZE(choice);
	u32 features = always;

	while (n--)
		if (dice(2))
			features |= choice[n];
	/* The MMU's own writes need a walker that snoops. */
	if (features & SIM_NO_SNOOP)
		features &= ~(SIM_HAF | SIM_HDBS);
	return features;
}

void core_property_run(const struct core_shape *shape, unsigned long runs)
{
	struct core_shape s = *shape;
	unsigned long n = 0;

	if (format_is_lpae())
		s = (struct core_shape){ .format = &pgtable_lpae_s2,
					 .shared_base = 0x80003, .image = 70,
					 .limits = shape->limits,
					 .features = SIM_ARMV7 };
	while (property_next(&n, runs))
		run(&s, random_features(s.features), 150);
}
