// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/testing/fake_gic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arch.h"
#include "core/mmio.h"
#include "lib/log.h"

struct fake_cpu_if fake_if[FAKE_CPUS];
struct cpu cpus[MAX_CPUS];
unsigned int cpu_count = FAKE_CPUS;
struct cpu *fake_this_cpu = cpus;
u64 fake_now;

static struct timer *timers[16];
static struct vcpu *loaded[FAKE_CPUS];

/* ---- What core and the port supply ------------------------------------------ */

struct cpu *this_cpu(void)
{
	return fake_this_cpu;
}

struct fake_vcpu *fake_vcpu(struct vcpu *v)
{
	return container_of(v, struct fake_vcpu, vcpu);
}

static struct fake_vm *to_fake_vm(struct vm *vm)
{
	return container_of(vm, struct fake_vm, vm);
}

struct vgic *vgic_of(struct vm *vm)
{
	return &to_fake_vm(vm)->vgic;
}

struct vgic_cpu *vgic_cpu_of(struct vcpu *v)
{
	return &fake_vcpu(v)->vgic;
}

u64 vgic_vcpu_affinity(const struct vcpu *v)
{
	return container_of(v, struct fake_vcpu, vcpu)->affinity;
}

struct vtimer *vtimer_of(struct vcpu *v)
{
	return &fake_vcpu(v)->vtimer;
}

struct vtimer_vm *vtimer_vm_of(struct vm *vm)
{
	return &to_fake_vm(vm)->vtimer;
}

struct psci_cpu *psci_of(struct vcpu *v)
{
	return &fake_vcpu(v)->psci;
}

void vcpu_request(struct vcpu *v, u32 request)
{
	/* Locks of the scheduler are taken here: none of ours may be held. */
	if (spin_is_locked(&vgic_of(v->vm)->lock))
		panic("vcpu_request with the vGIC's lock held");
	__atomic_fetch_or(&v->requests, request, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&fake_vcpu(v)->requested, 1, __ATOMIC_SEQ_CST);
}

void psci_start_vcpu(struct vcpu *v, u64 entry, u64 context)
{
	struct fake_vcpu *f = fake_vcpu(v);

	f->resets++;
	f->reset_pc = entry;
	f->reset_arg = context;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

u64 arch_counter(void)
{
	return fake_now;
}

void timer_init(struct timer *t, void (*fn)(struct timer *))
{
	t->fn = fn;
	t->cpu = NULL;
}

void timer_cancel(struct timer *t)
{
	unsigned int i;

	t->cpu = NULL;
	for (i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i] == t)
			timers[i] = NULL;
}

void timer_cancel_sync(struct timer *t)
{
	timer_cancel(t);
}

void timer_set(struct timer *t, u64 deadline)
{
	unsigned int i = 0;

	timer_cancel(t);
	t->cpu = this_cpu();
	t->deadline = deadline;
	while (timers[i])
		if (++i == ARRAY_SIZE(timers))
			panic("too many timers");
	timers[i] = t;
}

/* ---- The virtual interface ---------------------------------------------------- */

static struct fake_cpu_if *here(void)
{
	return &fake_if[fake_this_cpu->id];
}

static u64 read_lr(unsigned int n)
{
	if (n >= vgic_hw.lrs)
		panic("list register %u read", n);
	return here()->lr[n];
}

static void write_lr(unsigned int n, u64 v)
{
	if (n >= vgic_hw.lrs)
		panic("list register %u written", n);
	if (v & LR_HW && (v & LR_PENDING) && (v & LR_ACTIVE))
		panic("hw and pending and active: %llx", v);
	here()->lr[n] = v;
	here()->lr_writes++;
}

static bool is_empty(u64 lr)
{
	return !(lr & (LR_PENDING | LR_ACTIVE));
}

static bool wants_eoi(u64 lr)
{
	return is_empty(lr) && lr & LR_EOI && !(lr & LR_HW);
}

static u32 lr_mask(bool (*is)(u64 lr))
{
	u32 mask = 0;
	unsigned int i;

	for (i = 0; i < vgic_hw.lrs; i++)
		if (is(here()->lr[i]))
			mask |= BIT32(i);
	return mask;
}

/* ELRSR: one whose end has to be seen to does not count as empty. */
static bool is_usable(u64 lr)
{
	return is_empty(lr) && !wants_eoi(lr);
}

static u32 empty_lrs(void)
{
	return lr_mask(is_usable);
}

static u32 eoi_lrs(void)
{
	return lr_mask(wants_eoi);
}

static u32 read_hcr(void)
{
	return here()->hcr;
}

static void write_hcr(u32 v)
{
	here()->hcr = v;
}

static bool is_pending(u64 lr)
{
	return (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
}

static u32 read_misr(void)
{
	u32 hcr = here()->hcr, misr = 0;

	if (!(hcr & HCR_EN))
		return 0;
	if (eoi_lrs())
		misr |= BIT32(0);
	if (hcr & HCR_LRENPIE && hcr >> HCR_EOICOUNT_SHIFT)
		misr |= BIT32(2);
	if (hcr & HCR_NPIE && !lr_mask(is_pending))
		misr |= BIT32(3);
	if (here()->s.vmcr & VMCR_ENG0)
		misr |= hcr & HCR_GROUP0_EIE;
	else
		misr |= hcr & HCR_GROUP0_DIE;
	if (here()->s.vmcr & VMCR_ENG1)
		misr |= hcr & HCR_GROUP1_EIE;
	else
		misr |= hcr & HCR_GROUP1_DIE;
	return misr;
}

static void save(struct vgic_cpu_hw_state *s)
{
	*s = here()->s;
}

static void restore(const struct vgic_cpu_hw_state *s)
{
	here()->s = *s;
}

static void set_phys_active(unsigned int intid, bool active)
{
	here()->phys_active[intid] = active;
}

/* ---- The guest's side of it ------------------------------------------------------ */

unsigned int fake_running_priority(void)
{
	const struct vgic_cpu_hw_state *s = &here()->s;
	u32 active = s->ap0r[0] | s->ap1r[0];

	return active ? (unsigned int)__builtin_ctz(active) << 3 :
			FAKE_IDLE_PRIORITY;
}

static unsigned int lr_priority(u64 lr)
{
	return lr >> LR_PRIORITY_SHIFT & 0xff;
}

/* What the architecture calls unpredictable, while a guest runs. */
static void check_unique(const struct fake_cpu_if *f)
{
	unsigned int i, j;

	for (i = 0; i < vgic_hw.lrs; i++)
		for (j = i + 1; j < vgic_hw.lrs; j++)
			if (!is_empty(f->lr[i]) && !is_empty(f->lr[j]) &&
			    (f->lr[i] & 0x3ff) == (f->lr[j] & 0x3ff))
				panic("INTID %u in list registers %u and %u",
				      (unsigned int)f->lr[i] & 0x3ff, i, j);
}

/* The list register that would be acknowledged, or -1. */
static int best_lr(void)
{
	const struct fake_cpu_if *f = here();
	unsigned int i;
	int best = -1;

	check_unique(f);
	if (!(f->hcr & HCR_EN))
		return -1;
	for (i = 0; i < vgic_hw.lrs; i++) {
		u64 lr = f->lr[i];
		u32 enable = lr & LR_GROUP1 ? VMCR_ENG1 : VMCR_ENG0;

		if (is_pending(lr) && f->s.vmcr & enable &&
		    (best < 0 || lr_priority(lr) < lr_priority(f->lr[best])))
			best = i;
	}
	if (best < 0 ||
	    lr_priority(f->lr[best]) >= f->s.vmcr >> VMCR_PMR_SHIFT ||
	    lr_priority(f->lr[best]) >= fake_running_priority())
		return -1;
	return best;
}

bool fake_signalled(void)
{
	return best_lr() >= 0;
}

u32 fake_ack(void)
{
	struct fake_cpu_if *f = here();
	int n = best_lr();
	u64 *lr;

	if (n < 0)
		return FAKE_NONE;
	lr = &f->lr[n];
	*lr = (*lr & ~LR_PENDING) | LR_ACTIVE;
	f->s.ap1r[0] |= BIT32(lr_priority(*lr) >> 3);
	return *lr & 0x1fff;
}

void fake_deactivate(u32 iar)
{
	struct fake_cpu_if *f = here();
	unsigned int i;

	for (i = 0; i < vgic_hw.lrs; i++) {
		u64 *lr = &f->lr[i];

		if (!(*lr & LR_ACTIVE) || (*lr & 0x1fff) != iar)
			continue;
		*lr &= ~LR_ACTIVE;
		if (*lr & LR_HW)
			f->phys_active[*lr >> LR_PHYS_SHIFT & 0x1f] = false;
		return;
	}
	f->hcr += 1U << HCR_EOICOUNT_SHIFT;
}

void fake_eoi(u32 iar)
{
	struct fake_cpu_if *f = here();

	f->s.ap0r[0] &= f->s.ap0r[0] - 1;
	f->s.ap1r[0] &= f->s.ap1r[0] - 1;
	if (!f->eoi_mode)
		fake_deactivate(iar);
}

void fake_set_pmr(u8 pmr)
{
	struct fake_cpu_if *f = here();

	f->s.vmcr &= ~(0xffU << VMCR_PMR_SHIFT);
	f->s.vmcr |= (u32)(pmr & 0xf8) << VMCR_PMR_SHIFT;
}

void fake_enable_groups(bool group0, bool group1)
{
	struct fake_cpu_if *f = here();

	f->s.vmcr &= ~(VMCR_ENG0 | VMCR_ENG1);
	f->s.vmcr |= (group0 ? VMCR_ENG0 : 0) | (group1 ? VMCR_ENG1 : 0);
}

int fake_mmio(struct vcpu *v, u64 gpa, unsigned int size, bool write, u64 *val)
{
	struct mmio_access a = { .size = size, .write = write, .value = *val };
	int err = mmio_access(&v->vm->bus, v, GPA(gpa), &a);

	*val = a.value;
	return err;
}

u64 fake_read(struct vcpu *v, u64 gpa, unsigned int size)
{
	u64 val = 0xdeadbeefdeadbeefULL;

	if (fake_mmio(v, gpa, size, false, &val))
		panic("read at %llx", gpa);
	return val;
}

void fake_write(struct vcpu *v, u64 gpa, unsigned int size, u64 val)
{
	if (fake_mmio(v, gpa, size, true, &val))
		panic("write at %llx", gpa);
}

/* ---- The CPU's virtual timer ------------------------------------------------------ */

static bool cntv_level(const struct fake_cpu_if *f)
{
	return (f->cntv_ctl & 3) == 1 && fake_now - f->cntvoff >= f->cntv_cval;
}

static u32 read_ctl(void)
{
	struct fake_cpu_if *f = here();

	return f->cntv_ctl |
	       (f->cntv_ctl & 1 && fake_now - f->cntvoff >= f->cntv_cval ?
			TIMER_CTL_ISTATUS :
			0);
}

/* It might still fire for the old comparator. */
static void write_ctl(u32 v)
{
	if (v & TIMER_CTL_ENABLE && here()->cntv_unsettled)
		panic("CNTV is enabled with its comparator still on its way");
	here()->cntv_unsettled = false;
	here()->cntv_ctl = v & 3;
}

static u64 read_cval(void)
{
	return here()->cntv_cval;
}

static void write_cval(u64 v)
{
	here()->cntv_cval = v;
	here()->cntv_unsettled = true;
}

static void write_offset(u64 v)
{
	here()->cntvoff = v;
	here()->cntv_unsettled = true;
}

const struct vtimer_ops vtimer_ops = { read_ctl, write_ctl, read_cval,
				       write_cval, write_offset };

/* ---- The machine ------------------------------------------------------------------- */

void fake_machine_init(unsigned int version, unsigned int lrs)
{
	unsigned int i;

	memset(fake_if, 0, sizeof(fake_if));
	memset(loaded, 0, sizeof(loaded));
	memset(timers, 0, sizeof(timers));
	for (i = 0; i < FAKE_CPUS; i++) {
		cpus[i] = (struct cpu){ .id = i };
		memset(fake_if[i].lr, 0xff, sizeof(fake_if[i].lr));
	}
	vgic_hw = (struct vgic_hw){
		.version = version,
		.lrs = lrs,
		.pri_bits = 5,
		.pre_bits = 5,
		.soft_deactivate = version == 2, /* as on QEMU */
		.read_lr = read_lr,
		.write_lr = write_lr,
		.empty_lrs = empty_lrs,
		.ended_lrs = eoi_lrs,
		.read_hcr = read_hcr,
		.write_hcr = write_hcr,
		.save = save,
		.restore = restore,
		.set_phys_active = set_phys_active,
	};
	for (i = 0; i < FAKE_CPUS; i++) {
		memset(fake_if[i].lr, 0, sizeof(fake_if[i].lr));
		fake_on_cpu(i);
		vgic_hw_init_cpu();
	}
	fake_on_cpu(0);
}

struct fake_vm *fake_vm_new(unsigned int n)
{
	struct fake_vm *vm = calloc(1, sizeof(*vm));
	struct vgic_config config = {
		.version = vgic_hw.version,
		.dist_base = GPA(FAKE_GICD),
		.redist_base = GPA(FAKE_GICR),
	};
	unsigned int i;

	vtimer_vm_init(&vm->vm);
	if (vgic_init(&vm->vm, &config))
		panic("vgic_init");
	for (i = 0; i < n; i++) {
		struct fake_vcpu *f = calloc(1, sizeof(*f));

		f->vcpu.vm = &vm->vm;
		f->vcpu.id = i;
		f->vcpu.thread = &f->thread;
		f->thread.vcpu = &f->vcpu;
		f->affinity = i;
		vgic_vcpu_init(&f->vcpu);
		vtimer_vcpu_init(&f->vcpu);
		vm->vm.vcpus[i] = &f->vcpu;
		vm->vm.vcpu_count++;
	}
	return vm;
}

void fake_vm_free(struct fake_vm *vm)
{
	unsigned int i;

	for (i = 0; i < FAKE_CPUS; i++)
		if (loaded[i] && loaded[i]->vm == &vm->vm)
			fake_unload(i);
	for (i = 0; i < vm->vm.vcpu_count; i++) {
		vtimer_vcpu_destroy(vm->vm.vcpus[i]);
		free(fake_vcpu(vm->vm.vcpus[i]));
	}
	free(vm);
}

void fake_on_cpu(unsigned int n)
{
	fake_this_cpu = &cpus[n];
}

void fake_unload(unsigned int n)
{
	struct cpu *was = fake_this_cpu;

	fake_on_cpu(n);
	if (loaded[n]) {
		unsigned int i;

		vgic_put(loaded[n]);
		vtimer_put(loaded[n]);
		if (lr_mask(is_empty) != BIT32(vgic_hw.lrs) - 1 || eoi_lrs())
			panic("list registers left behind");
		for (i = 0; i < 32; i++)
			if (here()->phys_active[i])
				panic("PPI %u left active", i);
	}
	loaded[n] = NULL;
	cpus[n].current = NULL;
	fake_this_cpu = was;
}

void fake_load(struct vcpu *v)
{
	unsigned int n = v->id % FAKE_CPUS;

	fake_on_cpu(n);
	if (loaded[n] == v)
		return;
	fake_unload(n);
	vtimer_load(v);
	vgic_load(v);
	loaded[n] = v;
	cpus[n].current = v->thread;
}

static bool settle_cpu(void)
{
	struct vcpu *v = loaded[fake_this_cpu->id];
	bool busy = false;

	if (!v)
		return false;
	if (cntv_level(here()) && !here()->phys_active[VTIMER_PPI]) {
		here()->phys_active[VTIMER_PPI] = vtimer_interrupt(v);
		busy = true;
	}
	if (read_misr()) {
		here()->maintenances++;
		vgic_maintenance(v);
		busy = true;
	}
	if (__atomic_exchange_n(&v->requests, 0, __ATOMIC_SEQ_CST)) {
		vgic_flush(v);
		busy = true;
	}
	return busy;
}

void fake_settle(void)
{
	struct cpu *was = fake_this_cpu;
	unsigned int i, rounds = 0;
	bool busy;

	do {
		busy = false;
		for (i = 0; i < FAKE_CPUS; i++) {
			fake_on_cpu(i);
			busy |= settle_cpu();
		}
		if (++rounds > 1000)
			panic("the machine does not come to rest");
	} while (busy);
	fake_this_cpu = was;
}

static struct timer *next_timer(u64 before)
{
	struct timer *best = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i] && timers[i]->deadline <= before &&
		    (!best || timers[i]->deadline < best->deadline))
			best = timers[i];
	return best;
}

void fake_advance(u64 to)
{
	struct cpu *was = fake_this_cpu;
	struct timer *t;

	while ((t = next_timer(to))) {
		struct cpu *cpu = t->cpu;

		if (t->deadline > fake_now)
			fake_now = t->deadline;
		timer_cancel(t);
		fake_this_cpu = cpu;
		t->fn(t);
	}
	fake_now = to;
	fake_this_cpu = was;
	fake_settle();
}
