// SPDX-License-Identifier: BSD-2-Clause
/* vCPUs that run scripts of accesses. */
#include <string.h>
#include "arch/sim/machine.h"
#include "core/fault.h"
#include "core/mmio.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* An access that is resolved needs a fault for each thing that it lacks, and
 * more only when others take it away again. */
#define FAULTS_ALONE 8
#define FAULTS_MOST 100000

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct sim_vcpu *v = hyp_alloc(sizeof(*v));

	return v ? &v->vcpu : NULL;
}

void arch_vcpu_free(struct vcpu *vcpu)
{
	hyp_free(sim_vcpu(vcpu), sizeof(struct sim_vcpu));
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return VM_MAX_VCPUS;
}

int arch_vcpu_init(struct vcpu *vcpu)
{
	return 0;
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	sim_vcpu(vcpu)->pc = 0;
}

void arch_vcpu_load(struct vcpu *vcpu)
{
}

void arch_vcpu_put(struct vcpu *vcpu)
{
}

void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
}

bool arch_vcpu_interrupt_pending(struct vcpu *vcpu)
{
	return false;
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	scnprintf(buf, size, "step %u", container_of(vcpu, struct sim_vcpu,
						     vcpu)->pc);
}

void sim_vcpu_script(struct vcpu *vcpu, struct sim_step *steps,
		     unsigned int count)
{
	struct sim_vcpu *v = sim_vcpu(vcpu);

	v->script = steps;
	v->steps = count;
	v->pc = 0;
}

/* ---- In and out ------------------------------------------------------------------- */

static void next(struct sim_vcpu *v)
{
	v->pc++;
}

void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
	struct sim_vcpu *v = sim_vcpu(vcpu);

	v->script[v->pc].aborted = true;
	v->script[v->pc].exception = what;
	next(v);
}

void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
	struct sim_vcpu *v = sim_vcpu(vcpu);

	if (!a->write)
		v->script[v->pc].value = a->value;
	next(v);
}

/* No memslot: a device of the bus, or an exit. */
static int mmio(struct sim_vcpu *v, struct sim_step *s)
{
	struct mmio_access a = { .size = 8, .write = s->op == SIM_OP_WRITE,
				 .value = s->value };
	struct guest_fault f = { .gpa = GPA(s->gpa) };
	int r = mmio_access(&v->vcpu.vm->bus, &v->vcpu, GPA(s->gpa), &a);

	if (!r) {
		arch_vcpu_complete_mmio(&v->vcpu, &a);
		return 0;
	}
	if (r != -ENOENT) {
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, &f);
		return 0;
	}
	v->vcpu.exit.reason = EXIT_MMIO;
	v->vcpu.exit.mmio.gpa = GPA(s->gpa);
	v->vcpu.exit.mmio.gva = GVA(s->gpa);
	v->vcpu.exit.mmio.access = a;
	return 1;
}

static void watch_refaults(struct sim_vcpu *v, struct sim_step *s, bool serial)
{
	v->faults++;
	if (++s->faults == (serial ? FAULTS_ALONE : FAULTS_MOST))
		sim_report(SIM_REFAULT, s->gpa, "the same access, once more");
}

/* The fault of the step: as arch_vcpu_enter(). */
static int handle(struct sim_vcpu *v, struct sim_step *s,
		  const struct sim_result *r)
{
	struct guest_fault f = {
		.gpa = GPA(s->gpa), .gva = GVA(s->gpa),
		.write = s->op == SIM_OP_WRITE, .exec = s->op == SIM_OP_EXEC,
		.permission = r->fault == SIM_PERMISSION_FAULT,
		.access_flag = r->fault == SIM_ACCESS_FLAG_FAULT,
	};
	int result;

	if (r->fault == SIM_TLB_CONFLICT) {
		sim_stage2_conflict();
		return 0;
	}
	result = fault_handle(&v->vcpu, &f);
	watch_refaults(v, s, sim_is_serial());
	switch (result) {
	case FAULT_HANDLED:
		return 0;
	case FAULT_MMIO:
		return mmio(v, s);
	case FAULT_ABORT:
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, &f);
		return 0;
	case FAULT_SIZE:
		arch_inject(&v->vcpu, GUEST_ADDRESS_SIZE, &f);
		return 0;
	}
	v->vcpu.exit.reason = EXIT_ERROR;
	v->vcpu.exit.error.code = result;
	v->vcpu.exit.error.what = "stage-2 fault";
	v->vcpu.exit.error.fault = f;
	return 1;
}

static bool must_leave(const struct vcpu *vcpu)
{
	return __atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&this_cpu()->need_resched, __ATOMIC_RELAXED);
}

/* In the guest: steps, until one faults. NULL: none does. */
static struct sim_step *run(struct sim_vcpu *v, struct sim_result *r)
{
	static const enum sim_access access[] = {
		[SIM_OP_READ] = SIM_READ, [SIM_OP_WRITE] = SIM_WRITE,
		[SIM_OP_EXEC] = SIM_EXEC,
	};

	while (v->pc < v->steps && !must_leave(&v->vcpu)) {
		struct sim_step *s = &v->script[v->pc];

		*r = sim_access_data(s->gpa, access[s->op], &s->value);
		if (r->fault)
			return s;
		next(v);
	}
	return NULL;
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	struct sim_vcpu *v = sim_vcpu(vcpu);
	struct sim_result r;
	struct sim_step *faulted;

	sim_be_cpu(this_cpu()->id);
	for (;;) {
		sim_stage2_load(vcpu);
		/* Whatever this thread did before, it is done. */
		sim_op_end();
		sim_enter(vcpu->vm, vcpu->vm->s2.root_pa.v, vcpu->id);
		faulted = run(v, &r);
		sim_leave();
		if (!faulted)
			break;
		if (handle(v, faulted, &r))
			return 1;
		if (must_leave(vcpu))
			return 0;
	}
	if (v->pc < v->steps)
		return 0;
	vcpu->exit.reason = EXIT_SYSTEM_EVENT;
	vcpu->exit.event = SYSTEM_EVENT_OFF;
	return 1;
}
