// SPDX-License-Identifier: BSD-2-Clause
#include "core/testing/fake_arch.h"

int (*fake_enter)(struct vcpu *vcpu);
int (*fake_vcpu_init)(struct vcpu *vcpu);
int fake_vm_init_error, fake_vcpu_init_error;
unsigned int fake_max_vcpus = VM_MAX_VCPUS;

struct vm *arch_vm_alloc(void)
{
	/* Larger than a page, as a port's structure may be. */
	struct fake_vm *f = hyp_alloc_pages(1, NULL);

	_Static_assert(sizeof(*f) <= 2 * PAGE_SIZE, "a fake VM has two pages");
	return f ? &f->vm : NULL;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(fake_vm(vm), 1, NULL);
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	fake_vm(vm)->initialised = !fake_vm_init_error;
	return fake_vm_init_error;
}

void arch_vm_destroy(struct vm *vm)
{
	fake_vm(vm)->initialised = false;
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	fake_vm(vm)->icache_invalidations++;
}

void arch_vm_set_irq(struct vm *vm, unsigned int irq, bool level)
{
	u32 *lines = &fake_vm(vm)->irq_lines;

	if (level)
		__atomic_fetch_or(lines, BIT32(irq), __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(lines, ~BIT32(irq), __ATOMIC_RELAXED);
}

void arch_vm_reset(struct vm *vm)
{
	fake_vm(vm)->resets++;
	fake_vm(vm)->irq_lines = 0;
}

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct fake_vcpu *f = hyp_alloc(sizeof(*f));

	return f ? &f->vcpu : NULL;
}

void arch_vcpu_free(struct vcpu *vcpu)
{
	hyp_free(fake_vcpu(vcpu), sizeof(struct fake_vcpu));
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return fake_max_vcpus;
}

int arch_vcpu_init(struct vcpu *vcpu)
{
	return fake_vcpu_init ? fake_vcpu_init(vcpu) : fake_vcpu_init_error;
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->loads++;
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->puts++;
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->enters++;
	return fake_enter(vcpu);
}

void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
	fake_vcpu(vcpu)->completions++;
	fake_vcpu(vcpu)->completed = a->value;
}

bool arch_vcpu_interrupt_pending(struct vcpu *vcpu)
{
	return __atomic_load_n(&fake_vcpu(vcpu)->irq_pending, __ATOMIC_ACQUIRE);
}

void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->irq_requests++;
}

void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
	fake_vcpu(vcpu)->injections++;
	fake_vcpu(vcpu)->injected = what;
	if (f)
		fake_vcpu(vcpu)->injected_at = *f;
}
