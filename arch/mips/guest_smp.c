// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest machine's CPUs: turned on and off, and interrupted by each other. A
 * block of registers for each, CPU after CPU as EBase.CPUNum counts them. Words,
 * accessed as such; what is written to one that is not there is forgotten, and it
 * reads as 0.
 *
 * docs/architecture.md has a table of them. There is one physical CPU, and nothing
 * here yields: what is done in one access is atomic.
 */
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "core/cpu.h"

#define BLOCK_SIZE (MIPS_GUEST_SMP_SIZE / VM_MAX_VCPUS)

enum {
	STATUS = 0x00,  /* read: STATUS_* */
	COMMAND = 0x04, /* write: COMMAND_*, to this CPU; read: what came of the
			 * last one that this CPU has given */
	PC = 0x08,      /* where it starts, and with what in sp, gp and a0: as it
			 * is when COMMAND_START is given */
	SP = 0x0c,
	GP = 0x10,
	ARG = 0x14,
	RAISE = 0x18,   /* bits of IPIs: of Cause.IP3 and IP4; read: are raised */
	CLEAR = 0x1c,
};

#define STATUS_THERE 1
#define STATUS_ON    2

enum { COMMAND_START = 1, COMMAND_STOP };

enum { DONE, NO_SUCH_CPU, IS_ON, INVALID };
_Static_assert(INVALID == GUEST_SMP_RESULT_LAST, "registers by id have it");

#define IPIS (((1U << MIPS_GUEST_IPIS) - 1) << MIPS_GUEST_IPI_IP)

static bool is_on(const struct vcpu *v)
{
	return __atomic_load_n(&v->powered, __ATOMIC_ACQUIRE);
}

static void set_lines(struct mips_vcpu *v, u32 ipis, bool level)
{
	for (unsigned int ip = MIPS_GUEST_IPI_IP;
	     ip < MIPS_GUEST_IPI_IP + MIPS_GUEST_IPIS; ip++)
		if (ipis & BIT32(ip))
			mips_guest_set_line(&v->guest, ip, level);
}

/* ---- On and off --------------------------------------------------------------- */

static u32 start(struct mips_vcpu *v, struct mips_vcpu *by)
{
	if (is_on(&v->vcpu))
		return IS_ON;
	set_lines(v, IPIS, false);
	v->cpu.start = v->cpu.given;
	v->cpu.ahead = mips_guest_count_ahead(&by->guest);
	v->cpu.starting = true;
	__atomic_store_n(&v->vcpu.powered, true, __ATOMIC_RELEASE);
	vcpu_request(&v->vcpu, REQ_IRQ);
	return DONE;
}

/* It leaves its guest because of the request, and waits to be turned on. */
static u32 stop(struct mips_vcpu *v, struct mips_vcpu *by)
{
	if (v != by)
		return INVALID;
	__atomic_store_n(&v->vcpu.powered, false, __ATOMIC_RELEASE);
	vcpu_request(&v->vcpu, REQ_IRQ);
	return DONE;
}

static u32 command(struct mips_vcpu *v, struct mips_vcpu *by, u32 what)
{
	if (!v)
		return NO_SUCH_CPU;
	switch (what) {
	case COMMAND_START:
		return start(v, by);
	case COMMAND_STOP:
		return stop(v, by);
	}
	return INVALID;
}

/* All of a guest's CPUs have one time, as long as it leaves Count alone. */
void guest_smp_settle(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);
	const struct guest_start *start = &v->cpu.start;
	struct mips_guest *g = &v->guest;

	if (likely(!v->cpu.starting))
		return;
	v->cpu.starting = false;
	arch_vcpu_reset(vcpu, GVA(start->pc), 0);
	g->gpr[4] = start->arg;
	g->gpr[5] = 0;
	g->gpr[28] = start->gp;
	g->gpr[29] = start->sp;
	mips_guest_set_count_ahead(g, v->cpu.ahead);
}

/* ---- Interrupts between CPUs ---------------------------------------------------- */

/* Who sends one often waits for what comes of it, and where it waits it keeps the
 * other from its only CPU: so it gives way. */
static void raise_ipis(struct mips_vcpu *v, struct mips_vcpu *by, u32 ipis)
{
	if (!(ipis & IPIS) || !is_on(&v->vcpu))
		return;
	set_lines(v, ipis, true);
	vcpu_request(&v->vcpu, REQ_IRQ);
	if (v == by)
		return;
	this_cpu()->need_resched = true;
	vcpu_request(&by->vcpu, REQ_SCHED);
}

/* ---- Registers ----------------------------------------------------------------- */

/* Of the block's own, one that keeps what is written. */
static u32 *kept(struct mips_vcpu *v, u64 reg)
{
	switch (reg) {
	case PC:
		return &v->cpu.given.pc;
	case SP:
		return &v->cpu.given.sp;
	case GP:
		return &v->cpu.given.gp;
	case ARG:
		return &v->cpu.given.arg;
	}
	return NULL;
}

static u32 read_register(struct mips_vcpu *v, u64 reg)
{
	const u32 *word = kept(v, reg);

	if (word)
		return *word;
	switch (reg) {
	case STATUS:
		return STATUS_THERE | (is_on(&v->vcpu) ? STATUS_ON : 0);
	case COMMAND:
		return v->cpu.result;
	case RAISE:
		return __atomic_load_n(&v->guest.lines, __ATOMIC_RELAXED) / CAUSE_IP(0) &
		       IPIS;
	}
	return 0;
}

static void write_register(struct mips_vcpu *v, struct mips_vcpu *by, u64 reg,
			   u32 value)
{
	u32 *word = kept(v, reg);

	if (word)
		*word = value;
	else if (reg == RAISE)
		raise_ipis(v, by, value);
	else if (reg == CLEAR)
		set_lines(v, value, false);
}

static int access(struct mmio_device *dev, struct vcpu *vcpu,
		  struct mmio_access *a)
{
	u64 reg = a->offset % BLOCK_SIZE;
	struct vcpu *target = vcpu->vm->vcpus[a->offset / BLOCK_SIZE];
	struct mips_vcpu *v = target ? to_mips(target) : NULL;
	bool word = a->size == 4 && !(reg & 3);

	if (!a->write)
		a->value = v && word ? read_register(v, reg) : 0;
	else if (word && reg == COMMAND)
		to_mips(vcpu)->cpu.result = command(v, to_mips(vcpu), a->value);
	else if (word && v)
		write_register(v, to_mips(vcpu), reg, a->value);
	return 0;
}

int guest_smp_init(struct vm *vm)
{
	static const struct mmio_ops ops = {.access = access};
	struct mmio_device *dev = &vm_to_mips(vm)->smp;

	*dev = (struct mmio_device){
		.ops = &ops,
		.name = "smp",
		.base = GPA(MIPS_GUEST_SMP_BASE),
		.size = MIPS_GUEST_SMP_SIZE,
	};
	return mmio_register(&vm->bus, dev);
}

void guest_smp_reset(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for_each_vcpu(i, vcpu, vm)
		to_mips(vcpu)->cpu = (struct guest_cpu){0};
}
