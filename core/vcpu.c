// SPDX-License-Identifier: BSD-2-Clause
#include "core/vcpu.h"
#include "core/arch.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/log.h"

const char *const exit_cause_name[CAUSES] = {
	[CAUSE_IRQ] = "irq",   [CAUSE_FAULT] = "fault",
	[CAUSE_MMIO] = "mmio", [CAUSE_HVC] = "hvc",
	[CAUSE_SMC] = "smc",   [CAUSE_SYSREG] = "sysreg",
	[CAUSE_WFX] = "wfx",
	[CAUSE_OTHER] = "other",
};

/* ---- Making and ending ------------------------------------------------------ */

int vcpu_create(struct vm *vm, unsigned int id, struct vcpu **out)
{
	struct vcpu *vcpu;
	int err;

	if (id >= VM_MAX_VCPUS || id >= arch_max_vcpus(vm) || vm->vcpus[id])
		return -EINVAL;
	vcpu = arch_vcpu_alloc(vm, id);
	if (!vcpu)
		return -ENOMEM;
	vcpu->vm = vm;
	vcpu->id = id;
	memcache_init(&vcpu->memcache, &vm->table_budget, vm->granule_order);
	err = arch_vcpu_init(vcpu);
	if (err) {
		arch_vcpu_free(vcpu);
		return err;
	}
	vm->vcpus[id] = vcpu;
	vm->vcpu_count = max(vm->vcpu_count, id + 1);
	*out = vcpu;
	return 0;
}

void vcpu_unload(struct vcpu *vcpu)
{
	struct cpu *cpu = this_cpu();

	if (cpu->loaded != vcpu)
		return;
	arch_vcpu_put(vcpu);
	__atomic_store_n(&cpu->loaded, NULL, __ATOMIC_RELEASE);
}

void vcpu_destroy(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct cpu *cpu;

	vcpu_unload(vcpu);
	for_each_cpu(cpu)
		BUG_ON(__atomic_load_n(&cpu->loaded, __ATOMIC_ACQUIRE) == vcpu);
	vm->vcpus[vcpu->id] = NULL;
	while (vm->vcpu_count && !vm->vcpus[vm->vcpu_count - 1])
		vm->vcpu_count--;
	memcache_drain(&vcpu->memcache);
	arch_vcpu_free(vcpu);
}

/* ---- Requests ------------------------------------------------------------------ */

void vcpu_request(struct vcpu *vcpu, u32 request)
{
	__atomic_fetch_or(&vcpu->requests, request, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&vcpu->in_guest, __ATOMIC_SEQ_CST)) {
		if (vcpu->thread)
			thread_wake(vcpu->thread);
		return;
	}
	/* On this CPU it is not the guest that runs, but we: it looks at its
	 * requests before it goes back. */
	if (vcpu->thread->cpu != this_cpu())
		arch_kick_cpu(vcpu->thread->cpu);
}

/* Ordered before has_request(): both are sequentially consistent. */
static void set_in_guest(struct vcpu *vcpu, bool in)
{
	__atomic_store_n(&vcpu->in_guest, in, __ATOMIC_SEQ_CST);
}

static bool has_request(const struct vcpu *vcpu)
{
	return __atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST);
}

static bool is_powered(const struct vcpu *vcpu)
{
	return __atomic_load_n(&vcpu->powered, __ATOMIC_ACQUIRE);
}

static bool need_resched(void)
{
	return __atomic_load_n(&this_cpu()->need_resched, __ATOMIC_RELAXED);
}

/* Returns true if the vCPU is to leave vcpu_run(). */
static bool take_requests(struct vcpu *vcpu)
{
	u32 requests = 0;

	if (has_request(vcpu))
		requests = __atomic_exchange_n(&vcpu->requests, 0,
					       __ATOMIC_SEQ_CST);
	if (requests & REQ_STOP ||
	    __atomic_load_n(&vcpu->vm->stopping, __ATOMIC_SEQ_CST))
		return true;
	if (requests & REQ_IRQ)
		arch_vcpu_handle_irq_request(vcpu);
	return false;
}

void vcpu_wait(struct vcpu *vcpu)
{
	bool powered = is_powered(vcpu);

	set_in_guest(vcpu, false);
	while (!has_request(vcpu) && is_powered(vcpu) == powered &&
	       !(powered && arch_vcpu_interrupt_pending(vcpu)))
		thread_block();
}

/* ---- Running ------------------------------------------------------------------- */

/* Each time before entering: other threads of this CPU may have run since. */
static void load(struct vcpu *vcpu)
{
	struct cpu *cpu = this_cpu();

	if (likely(cpu->loaded == vcpu))
		return;
	if (cpu->loaded)
		vcpu_unload(cpu->loaded);
	__atomic_store_n(&cpu->loaded, vcpu, __ATOMIC_RELEASE);
	arch_vcpu_load(vcpu);
}

/* Once into the guest, unless something came in between. As arch_vcpu_enter. */
static int enter(struct vcpu *vcpu)
{
	int done = 0;

	load(vcpu);
	set_in_guest(vcpu, true);
	if (likely(!has_request(vcpu) && !need_resched()))
		done = arch_vcpu_enter(vcpu);
	set_in_guest(vcpu, false);
	return done;
}

static void complete_mmio(struct vcpu *vcpu)
{
	if (!vcpu->mmio_pending)
		return;
	vcpu->mmio_pending = false;
	arch_vcpu_complete_mmio(vcpu, &vcpu->exit.mmio.access);
}

void vcpu_abort_mmio(struct vcpu *vcpu)
{
	struct guest_fault f = {
		.gpa = vcpu->exit.mmio.gpa,
		.gva = vcpu->exit.mmio.gva,
		.write = vcpu->exit.mmio.access.write,
	};

	if (!vcpu->mmio_pending)
		return;
	vcpu->mmio_pending = false;
	arch_inject(vcpu, GUEST_EXTERNAL_ABORT, &f);
}

/* The caller gets vcpu->exit. Only an MMIO exit is soon back here. */
static const struct vcpu_exit *leave(struct vcpu *vcpu)
{
	vcpu->mmio_pending = vcpu->exit.reason == EXIT_MMIO;
	if (!vcpu->mmio_pending)
		vcpu_unload(vcpu);
	return &vcpu->exit;
}

const struct vcpu_exit *vcpu_run(struct vcpu *vcpu)
{
	complete_mmio(vcpu);
	for (;;) {
		if (take_requests(vcpu)) {
			vcpu->exit.reason = EXIT_STOPPED;
			return leave(vcpu);
		}
		if (unlikely(!is_powered(vcpu)))
			vcpu_wait(vcpu);
		else if (enter(vcpu))
			return leave(vcpu);
		if (need_resched())
			thread_yield();
	}
}
