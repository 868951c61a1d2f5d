// SPDX-License-Identifier: BSD-2-Clause
#include "core/vm.h"
#include "core/arch.h"
#include "core/backing.h"
#include "core/cpu.h"
#include "core/notifier.h"
#include "core/sched.h"
#include "core/slots.h"
#include "core/vcpu.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* In steps, however much is mapped: what is left of stage 2 is the root. */
static void delete_slots(struct vm *vm)
{
	while (vm->slot_count)
		memslot_delete(vm, vm->slots[vm->slot_count - 1].base);
}

static void free_vm(struct vm *vm)
{
	hyp_free(vm->cpus, cpu_count * sizeof(struct vm_cpu));
	arch_vm_free(vm);
}

int vm_create(const struct vm_config *config, struct vm **out)
{
	struct pgtable_config s2;
	struct vm *vm;
	int err = arch_stage2_config(config, &s2, NULL);

	if (err)
		return err;
	vm = arch_vm_alloc();
	if (!vm)
		return -ENOMEM;
	scnprintf(vm->name, sizeof(vm->name), "%s", config->name);
	vm->cpus = hyp_alloc(cpu_count * sizeof(struct vm_cpu));
	if (!vm->cpus) {
		arch_vm_free(vm);
		return -ENOMEM;
	}
	rwlock_init(&vm->mmu_lock, &vm->cpus->mmu_readers);
	rwlock_init(&vm->slots_lock, &vm->cpus->slots_readers);
	vm->table_budget.limit = config->max_table_pages;
	vm->page_budget.limit = config->max_guest_pages;

	err = pgtable_init(&vm->s2, &s2, &arch_stage2_ops, vm);
	if (err)
		goto free;
	vm->tables_max = pgtable_tables_max(&vm->s2);
	vm->granule_order = __builtin_ctzll(pgtable_leaf_size(&vm->s2, 3)) -
			    PAGE_SHIFT;
	err = arch_vm_init(vm, config);
	if (err)
		goto destroy;
	*out = vm;
	return 0;

destroy:
	delete_slots(vm);
	arch_vm_destroy(vm);
	pgtable_destroy(&vm->s2);
free:
	free_vm(vm);
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
	free_vm(vm);
}

void vm_stop(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	__atomic_store_n(&vm->stopping, true, __ATOMIC_SEQ_CST);
	for_each_vcpu(i, vcpu, vm)
		vcpu_request(vcpu, REQ_STOP);
}

struct vcpu_stats vm_stats(const struct vm *vm)
{
	struct vcpu_stats sum = {0};
	const struct vcpu *vcpu;
	unsigned int i;

	for_each_vcpu(i, vcpu, vm) {
		const struct vcpu_stats *s = &vcpu->stats;

		sum.pages_mapped += __atomic_load_n(&s->pages_mapped,
						    __ATOMIC_RELAXED);
		sum.blocks_mapped += __atomic_load_n(&s->blocks_mapped,
						     __ATOMIC_RELAXED);
		sum.pages_copied += __atomic_load_n(&s->pages_copied,
						    __ATOMIC_RELAXED);
	}
	return sum;
}

struct discard {
	struct backing *backing;
	u64 offset, count;
};

/* What the user shows of it is as good as written to, for whoever copies the VM
 * by its log. The user stays where it is, for users_lock is held. */
static void log_discard(const struct backing_user *u, const struct discard *d)
{
	u64 first = max(d->offset, u->offset);
	u64 end = min(d->offset + d->count, u->offset + u->pages);
	const struct memslot *s;

	if (first >= end)
		return;
	read_lock(&u->vm->mmu_lock);
	s = memslot_find(u->vm, u->base);
	if (s && s->user == u && s->log)
		dirty_log_mark(s->log, first - u->offset, end - first);
	read_unlock(&u->vm->mmu_lock);
}

static void discard(void *arg)
{
	const struct discard *d = arg;
	const struct backing_user *u;

	d->backing->ops->discard(d->backing, d->offset, d->count);
	list_for_each_entry(u, &d->backing->users, node)
		log_discard(u, d);
}

/* Unmapped wherever the backing is shown, and nobody faults in between. */
static void reset_slot(const struct memslot *s)
{
	struct discard d = { .backing = s->backing };
	u64 end = s->backing_offset + s->pages;

	for (d.offset = s->backing_offset; d.offset < end;
	     d.offset += d.count) {
		d.count = min(end - d.offset,
			      BACKING_STEP - d.offset % BACKING_STEP);
		backing_take_back(s->backing, d.offset, d.count, discard, &d);
		cond_resched();
	}
}

void vm_reset_memory(struct vm *vm)
{
	slots_begin_change(vm);
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		const struct memslot *s = &vm->slots[i];

		if (s->backing->ops->discard)
			reset_slot(s);
		else
			notifier_unmap_kept(vm, s->base, s->pages);
	}
	slots_end_change(vm);
	arch_vm_invalidate_icache(vm);
}
