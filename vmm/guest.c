// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/guest.h"

#include "core/arch.h"
#include "core/backing.h"
#include "core/cpu.h"
#include "core/page_access.h"
#include "core/sched.h"
#include "core/timer.h"
#include "core/vcpu.h"
#include "core/vcpu_regs.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "vmm/guest_fdt.h"
#include "vmm/machine.h"
#include "vmm/shared.h"

/* ---- Modules ------------------------------------------------------------ */

/* Copy out of a boot module, page by page: EL2 maps it only for that. */
static void module_read(void *arg, u64 offset, void *buf, size_t len)
{
	const struct description_module *m = arg;
	u8 *to = buf;

	while (len) {
		u64 pa = m->pa.v + offset;
		size_t n = min(len, (size_t)(PAGE_SIZE - (pa & ~PAGE_MASK)));
		u8 *page = arch_page_map(hpa_to_pfn(HPA(pa)));

		memcpy(to, page + (pa & ~PAGE_MASK), n);
		arch_page_unmap(page);
		to += n;
		offset += n;
		len -= n;
	}
}

static void vm_config_of(const struct vm_description *d, struct vm_config *c)
{
	*c = (struct vm_config){
		.name = d->name,
		.ipa_bits = d->ipa_bits,
		.granule = d->granule,
		.features_off = d->features_off,
		.features_off_size = d->features_off_size,
	};
}

/* Can the board do this stage 2, and does the VM's RAM lie within it? */
static int plan_stage2(struct guest *g, const void *board_fdt, char *why,
		       size_t size)
{
	static const char *const property[] = {
		[STAGE2_IPA_BITS] = "twofold,ipa-bits",
		[STAGE2_GRANULE] = "twofold,stage2-granule",
		[STAGE2_FEATURES_OFF] = "twofold,cpu-features-off",
		[STAGE2_ANY] = NULL,
	};
	const struct vm_description *d = g->description;
	struct stage2_refusal no;
	struct pgtable_config s2;
	struct vm_config config;

	vm_config_of(d, &config);
	if (arch_stage2_config(&config, &s2, &no))
		return description_refuse(board_fdt, d->node, property[no.what],
					  why, size, "%s", no.why);
	if (machine.ram_end &&
	    description_check_below(board_fdt, d, machine.ram_base,
				    machine.ram_end, why, size))
		return -EINVAL;
	return description_check_space(board_fdt, d, machine.ram_base,
				       s2.ia_bits, why, size);
}

int guest_plan(struct guest *g, const void *board_fdt,
	       const struct vm_description *d, char *why, size_t size)
{
	struct image_source src = {
		.arch = machine.image_arch,
		.read = module_read,
		.arg = (void *)&d->kernel,
		.size = d->kernel.size,
	};
	char what[DESCRIPTION_WHY_SIZE], memory[DESCRIPTION_SIZE_LEN];

	g->description = d;
	if (d->cpus > arch_max_vcpus(NULL))
		return description_refuse(
			board_fdt, d->node, "cpus", why, size,
			"%u: on a board with CPUs of this kind a VM has at most %u",
			d->cpus, arch_max_vcpus(NULL));
	if (plan_stage2(g, board_fdt, why, size))
		return -EINVAL;
	if (image_plan(&src, machine.ram_base, d->memory, &g->image, what,
		       sizeof(what)))
		return description_refuse(board_fdt, d->kernel.node, NULL, why,
					  size, "%s", what);
	if (machine.check_entry && machine.check_entry(g->image.entry))
		return description_refuse(board_fdt, d->kernel.node, NULL, why,
					  size, "%s",
					  machine.check_entry(g->image.entry));
	if (image_place(&g->image, machine.ram_base, d->memory, d->ramdisk.pa,
			d->ramdisk.size, &g->layout))
		return description_refuse(
			board_fdt, d->node, "memory", why, size,
			"%s: kernel, ramdisk and device tree do not fit",
			description_size(memory, d->memory));
	return 0;
}

/* ---- Filling memory ----------------------------------------------------- */

/* The part of a segment in front of its first page boundary. */
static u64 segment_head(const struct image_segment *s)
{
	return min(s->file, (PAGE_SIZE - s->gpa % PAGE_SIZE) % PAGE_SIZE);
}

/*
 * Show the kernel's segments and the ramdisk in the VM's RAM, once: a reset
 * brings them back by itself. Heads of segments, which may share a page with
 * the segment before, are copied in fill_memory().
 */
static int add_images(struct guest *g, struct backing *ram)
{
	const struct vm_description *d = g->description;
	const struct image_segment *s = g->image.segment;
	unsigned int i;
	int err = 0;

	for (i = 0; i < g->image.segment_count && !err; i++, s++) {
		u64 head = segment_head(s);

		if (s->file > head)
			err = backing_ram_add_image(
				ram, s->gpa + head - machine.ram_base,
				HPA(d->kernel.pa.v + s->offset + head),
				s->file - head);
	}
	if (!err && d->ramdisk.size)
		err = backing_ram_add_image(ram,
					    g->layout.ramdisk - machine.ram_base,
					    d->ramdisk.pa, d->ramdisk.size);
	return err;
}

static int write_head(struct guest *g, const struct image_segment *s)
{
	u64 head = segment_head(s), done, n;
	u8 buf[256];
	int err = 0;

	for (done = 0; done < head && !err; done += n) {
		n = min(head - done, (u64)sizeof(buf));
		module_read((void *)&g->description->kernel, s->offset + done,
			    buf, n);
		err = guest_write(g->vm, GPA(s->gpa + done), buf, n);
	}
	return err;
}

static int write_fdt(struct guest *g)
{
	const struct vm_description *d = g->description;
	struct guest_fdt_config config = {
		.ram_size = d->memory,
		.cpus = d->cpus,
		.granule = PAGE_SIZE << g->vm->granule_order,
		.bootargs = d->bootargs,
		.ramdisk = g->layout.ramdisk,
		.ramdisk_size = d->ramdisk.size,
		.shared = d->shared,
		.shared_count = d->shared_count,
	};
	unsigned int order = 1;
	void *buf = hyp_alloc_pages(order, NULL);
	int n;

	_Static_assert(GUEST_FDT_MAX <= 2 * PAGE_SIZE, "order");
	_Static_assert(GUEST_FDT_MAX <= IMAGE_FDT_SIZE, "room in the guest");
	if (!buf)
		return -ENOMEM;
	n = guest_fdt_write(&config, buf, GUEST_FDT_MAX);
	if (n > 0)
		n = guest_write(g->vm, GPA(g->layout.fdt), buf, n);
	hyp_free_pages(buf, order, NULL);
	return n;
}

/* What stands in memory when the guest starts, beside the images. */
static int fill_memory(struct guest *g)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < g->image.segment_count && !err; i++)
		err = write_head(g, &g->image.segment[i]);
	return err ? err : write_fdt(g);
}

/* ---- The machine -------------------------------------------------------- */

/* Tables of every level that it takes to map these bytes in single granules. */
static u64 tables_to_map(u64 address, u64 size, u64 granule)
{
	u64 entries = granule / sizeof(u64), last = address + size - 1;
	u64 tables = 0;

	for (u64 span = granule * entries; span < BIT64(48); span *= entries)
		tables += last / span - address / span + 1;
	return tables;
}

/*
 * Limits (B6). Tables: for all of its memory, its own and that it has with
 * others, in single granules; the device mappings, and what lies in the vCPUs'
 * memcaches, and what the port has for them beside.
 */
static u64 most_table_pages(const struct vm_description *d)
{
	u64 granule = d->granule ? d->granule : PAGE_SIZE;
	u64 tables = tables_to_map(machine.ram_base, d->memory, granule) + 16 +
		     (16 + machine.vcpu_table_pages) * d->cpus;

	for (unsigned int i = 0; i < d->shared_count; i++)
		tables += tables_to_map(d->shared[i].address, d->shared[i].size,
					granule);
	return tables * (granule / PAGE_SIZE);
}

static int create_vm(struct guest *g)
{
	const struct vm_description *d = g->description;
	struct vm_config config;
	int err;

	vm_config_of(d, &config);
	config.max_table_pages = d->max_table_memory ?
					 d->max_table_memory / PAGE_SIZE :
					 most_table_pages(d);
	config.max_guest_pages =
		(d->max_memory ? d->max_memory : d->memory) / PAGE_SIZE;
	err = vm_create(&config, &g->vm);
	if (!err)
		g->granule = pgtable_leaf_size(&g->vm->s2, 3);
	return err;
}

static int add_ram(struct guest *g)
{
	u64 pages = g->description->memory / PAGE_SIZE;
	struct backing *ram = backing_ram_create_runs(
		pages, g->vm->granule_order, &g->vm->page_budget);
	int err;

	if (!ram)
		return -ENOMEM;
	err = add_images(g, ram);
	if (machine.whole_kernel)
		backing_ram_make_whole(ram, g->image.end - machine.ram_base);
	if (!err)
		err = memslot_add(g->vm, gpa_to_gfn(GPA(machine.ram_base)),
				  pages, ram, 0, 0);
	/* The slot keeps it, and with the slots it goes before the VM does,
	 * whose budget its pages are charged to. */
	backing_put_ref(ram);
	return err;
}

static int add_shared(struct guest *g, unsigned int i)
{
	const struct description_shared *s = &g->description->shared[i];

	g->shared[i] = shared_get(s);
	if (!g->shared[i])
		return -ENOMEM;
	return memslot_add(g->vm, gpa_to_gfn(GPA(s->address)),
			   s->size / PAGE_SIZE, shared_backing(g->shared[i]), 0,
			   s->read_only ? MEMSLOT_READONLY : 0);
}

static int add_memory(struct guest *g)
{
	unsigned int i;
	int err = add_ram(g);

	for (i = 0; i < g->description->shared_count && !err; i++)
		err = add_shared(g, i);
	return err;
}

static void set_irq(void *arg, unsigned int irq, bool level)
{
	arch_vm_set_irq(arg, irq, level);
}

static int add_uart(struct guest *g)
{
	struct irq_line irq = {
		.set = set_irq, .arg = g->vm, .irq = machine.uart_irq};
	struct serial_backend backend;
	struct serial *uart = &g->uart.serial;

	console_open(&g->port, g->description->name, uart, &backend);
	machine.init_uart(&g->uart, &irq, &backend);
	return mmio_register(&g->vm->bus, &uart->dev);
}

/* ---- The vCPUs' threads ------------------------------------------------- */

/* The run ends, for this reason unless there was one before. */
static void end_run(struct guest *g, enum guest_end why)
{
	u64 now = arch_counter();
	u32 runs = GUEST_RUNS;

	if (__atomic_compare_exchange_n(&g->end, &runs, why, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		g->ended_at = now;
	vm_stop(g->vm);
}

/* Which level of stage 2 the fault's address ends at. */
static int fault_level(struct vm *vm, gpa_t gpa)
{
	struct pgtable_leaf leaf = {.level = -1};

	read_lock(&vm->mmu_lock);
	pgtable_lookup(&vm->s2, gpa_to_ia(gpa), &leaf);
	read_unlock(&vm->mmu_lock);
	return leaf.level;
}

/*
 * It got no memory for a page, or for tables: is that its own limit? What it has by
 * now does not tell: who got no more may have given back the rest.
 */
static void report_memory(const struct guest *g)
{
	const struct vm *vm = g->vm;
	const char *name = g->description->name;
	char size[DESCRIPTION_SIZE_LEN];

	if (vm && vm->page_budget.refused)
		log_err("%s: its memory is used up: all of %s; "
			"twofold,max-memory or memory raises the limit",
			name, description_size(size, vm->page_budget.limit *
							     PAGE_SIZE));
	else if (vm && vm->table_budget.refused)
		log_err("%s: its memory for page tables is used up: all of %s; "
			"twofold,max-table-memory in a .dts description raises the limit",
			name, description_size(size, vm->table_budget.limit *
							     PAGE_SIZE));
	else
		log_err("%s: the board has no memory left", name);
}

static void report_error(struct guest *g, struct vcpu *vcpu,
			 const struct vcpu_exit *e)
{
	const struct guest_fault *f = &e->error.fault;
	const char *name = g->description->name;
	unsigned int next = 0;
	char state[160];

	if (e->error.code == -ENOMEM)
		report_memory(g);
	arch_vcpu_describe(vcpu, state, sizeof(state));
	log_err("%s: vCPU %u is stopped: %s (error %d)", name, vcpu->id,
		e->error.what ? e->error.what : "it cannot go on",
		-e->error.code);
	log_err("%s: vCPU %u: %s", name, vcpu->id, state);
	log_err("%s: vCPU %u: %s of guest-physical %#llx (stage 2 level %d), "
		"guest-virtual %#llx, syndrome %#llx",
		name, vcpu->id,
		f->exec ? "fetch" : f->write ? "write" : "read",
		f->gpa.v, fault_level(g->vm, f->gpa),
		f->gva.v, f->syndrome);
	while (vcpu_format_regs(vcpu, &next, state, sizeof(state)))
		log_err("%s: vCPU %u: %s", name, vcpu->id, state);
}

/*
 * An access where nothing is: the guest gets an external abort, as on a bus.
 * A guest may do it all day long, so the message comes with the first few and
 * then ever more seldom.
 */
static void refuse_mmio(struct guest *g, struct vcpu *vcpu,
			const struct vcpu_exit *e)
{
	u32 n = __atomic_add_fetch(&g->unanswered, 1, __ATOMIC_RELAXED);

	if (n <= 8 || !(n & (n - 1)))
		log_debug("%s: vCPU %u: %s of %u bytes at guest-physical "
			  "%#llx: nothing is there (%u so far)",
			  g->description->name, vcpu->id,
			  e->mmio.access.write ? "write" : "read",
			  e->mmio.access.size,
			  e->mmio.gpa.v, n);
	vcpu_abort_mmio(vcpu);
}

/* False: the vCPU is out for this run. */
static bool handle_exit(struct guest *g, struct vcpu *vcpu,
			const struct vcpu_exit *e)
{
	switch (e->reason) {
	case EXIT_MMIO:
		refuse_mmio(g, vcpu, e);
		return true;
	case EXIT_SYSTEM_EVENT:
		end_run(g, e->event == SYSTEM_EVENT_RESET ? GUEST_RESET :
							    GUEST_OFF);
		return false;
	case EXIT_ERROR:
		report_error(g, vcpu, e);
		end_run(g, GUEST_ERROR);
		return false;
	case EXIT_STOPPED:
		return false;
	}
	return true;
}

/* Wait for the run of this number. False: there will be none. */
static bool wait_for_round(struct guest *g, u32 round)
{
	u32 now;

	while ((now = __atomic_load_n(&g->round, __ATOMIC_ACQUIRE)) < round)
		thread_block();
	return now != GUEST_QUIT;
}

/*
 * Each run begins and ends with a reset of the vCPU, by its own thread: what
 * belongs to it, timers above all, may only be touched on its CPU. After the
 * second one nothing of it fires any more.
 */
static void vcpu_thread(void *arg)
{
	struct guest_vcpu *v = arg;
	struct guest *g = v->guest;
	u32 round;

	for (round = 1; wait_for_round(g, round); round++) {
		if (v->vcpu->id == 0)
			arch_vcpu_reset(v->vcpu, GVA(g->image.entry),
					g->layout.fdt);
		while (handle_exit(g, v->vcpu, vcpu_run(v->vcpu)))
			;
		arch_vcpu_reset(v->vcpu, GVA(0), 0);
		if (!__atomic_sub_fetch(&g->live, 1, __ATOMIC_ACQ_REL))
			thread_wake(g->monitor);
	}
}

/* ---- Building and taking apart ------------------------------------------ */

static int add_vcpu(struct guest *g, unsigned int id)
{
	struct guest_vcpu *v = &g->vcpus[id];
	char name[VM_NAME_LEN + 8];
	int err = vcpu_create(g->vm, id, &v->vcpu);

	if (err)
		return err;
	v->guest = g;
	scnprintf(name, sizeof(name), "%s/%u", g->description->name, id);
	v->thread = thread_create(name, vcpu_thread, v, NULL);
	if (!v->thread)
		return -ENOMEM;
	v->thread->vcpu = v->vcpu;
	v->vcpu->thread = v->thread;
	return 0;
}

static int add_vcpus(struct guest *g)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < g->description->cpus && !err; i++)
		err = add_vcpu(g, i);
	return err;
}

int guest_build(struct guest *g)
{
	int err = create_vm(g);

	if (!err)
		err = add_memory(g);
	if (!err)
		err = add_uart(g);
	if (!err)
		err = add_vcpus(g);
	if (!err)
		err = fill_memory(g);
	if (err == -ENOMEM)
		report_memory(g);
	if (err)
		guest_destroy(g);
	return err;
}

/* Its vCPUs are in no run. Nobody but us knows the threads by now. */
static void end_threads(struct guest *g)
{
	struct thread *t;
	unsigned int i;

	__atomic_store_n(&g->round, GUEST_QUIT, __ATOMIC_RELEASE);
	for (i = 0; i < VM_MAX_VCPUS; i++) {
		t = g->vcpus[i].thread;
		if (!t)
			continue;
		thread_wake(t);
		while (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE) !=
		       THREAD_DEAD)
			thread_yield();
		/* A stray request finds no thread, and not one that was. */
		if (g->vcpus[i].vcpu)
			g->vcpus[i].vcpu->thread = NULL;
		thread_destroy(t);
		g->vcpus[i].thread = NULL;
	}
}

void guest_destroy(struct guest *g)
{
	unsigned int i;

	if (g->port.serial)
		console_close(&g->port);
	end_threads(g);
	if (g->vm)
		vm_destroy(g->vm);
	g->vm = NULL;
	for (i = 0; i < DESCRIPTION_MAX_SHARED; i++) {
		shared_put(g->shared[i]);
		g->shared[i] = NULL;
	}
}

/* ---- Runs --------------------------------------------------------------- */

void guest_start(struct guest *g)
{
	unsigned int i;

	g->monitor = thread_current();
	g->end = GUEST_RUNS;
	g->live = g->description->cpus;
	WRITE_ONCE(g->vcpus[0].vcpu->powered, true);
	__atomic_add_fetch(&g->round, 1, __ATOMIC_RELEASE);
	for (i = 0; i < g->description->cpus; i++)
		thread_wake(g->vcpus[i].thread);
}

/*
 * As after power-on: memory, devices, and what a vCPU that was still running
 * may have left with one that was already out.
 */
static int reset(struct guest *g)
{
	unsigned int i;

	vm_reset_memory(g->vm);
	arch_vm_reset(g->vm);
	/* What was printed before is not to meet the next run's settings. */
	console_drain(&g->port);
	serial_reset(&g->uart.serial);
	for (i = 0; i < g->description->cpus; i++) {
		struct vcpu *vcpu = g->vcpus[i].vcpu;

		WRITE_ONCE(vcpu->powered, false);
		WRITE_ONCE(vcpu->requests, 0);
	}
	WRITE_ONCE(g->vm->stopping, false);
	return fill_memory(g);
}

static bool restart(struct guest *g)
{
	int err = reset(g);

	if (err) {
		log_err("%s: cannot be reset (error %d)", g->description->name,
			-err);
		g->end = GUEST_ERROR;
		return false;
	}
	log_info("%s: reset", g->description->name);
	guest_start(g);
	return true;
}

bool guest_service(struct guest *g)
{
	if (g->done)
		return false;
	if (__atomic_load_n(&g->live, __ATOMIC_ACQUIRE))
		return true;
	if (g->end == GUEST_RESET && restart(g))
		return true;
	console_close(&g->port);
	g->done = true;
	return false;
}
