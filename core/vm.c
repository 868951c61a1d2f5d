// SPDX-License-Identifier: BSD-2-Clause
#include "core/vm.h"
#include "core/arch.h"
#include "core/backing.h"
#include "core/notifier.h"
#include "core/vcpu.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* In steps, however much is mapped: what is left of stage 2 is the root. */
static void delete_slots(struct vm *vm)
{
	while (vm->slot_count)
		memslot_delete(vm, vm->slots[vm->slot_count - 1].base);
}

int vm_create(const struct vm_config *config, struct vm **out)
{
	struct pgtable_config s2;
	struct vm *vm;
	int err = arch_stage2_config(config->ipa_bits, &s2);

	if (err)
		return err;
	vm = arch_vm_alloc();
	if (!vm)
		return -ENOMEM;
	scnprintf(vm->name, sizeof(vm->name), "%s", config->name);
	vm->mmu_lock = (struct rwlock)RWLOCK_INIT;
	vm->table_budget.limit = config->max_table_pages;
	vm->page_budget.limit = config->max_guest_pages;

	err = pgtable_init(&vm->s2, &s2, &arch_stage2_ops, vm);
	if (err)
		goto free;
	err = arch_vm_init(vm);
	if (err)
		goto destroy;
	*out = vm;
	return 0;

destroy:
	delete_slots(vm);
	arch_vm_destroy(vm);
	pgtable_destroy(&vm->s2);
free:
	arch_vm_free(vm);
	return err;
}

void vm_destroy(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for_each_vcpu(i, vcpu, vm)
		vcpu_destroy(vcpu);
	delete_slots(vm);
	arch_vm_destroy(vm);
	pgtable_destroy(&vm->s2);
	arch_vm_free(vm);
}

void vm_stop(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	__atomic_store_n(&vm->stopping, true, __ATOMIC_SEQ_CST);
	for_each_vcpu(i, vcpu, vm)
		vcpu_request(vcpu, REQ_STOP);
}

void vm_reset_memory(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		const struct memslot *s = &vm->slots[i];

		notifier_unmap_steps(vm, s->base, s->pages);
		if (s->backing->ops->discard)
			s->backing->ops->discard(s->backing, s->backing_offset,
						 s->pages);
	}
	arch_vm_invalidate_icache(vm);
}
