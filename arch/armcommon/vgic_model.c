// SPDX-License-Identifier: BSD-2-Clause
/* The model of a guest's interrupts: which are to be delivered, and to whom. */
#include "arch/armcommon/vgic_internal.h"

struct vcpu *vgic_vcpu(const struct vm *vm, unsigned int id)
{
	return id < VM_MAX_VCPUS ? vm->vcpus[id] : NULL;
}

static void call_vcpus(struct vm *vm, u32 kicks)
{
	for (; kicks; kicks &= kicks - 1) {
		struct vcpu *v = vgic_vcpu(vm, __builtin_ctz(kicks));

		if (v)
			vcpu_request(v, REQ_IRQ);
	}
}

void vgic_unlock(struct vgic *vgic)
{
	u32 kicks = vgic->kicks;

	vgic->kicks = 0;
	spin_unlock(&vgic->lock);
	if (unlikely(kicks))
		call_vcpus(vgic->vm, kicks);
}

u32 vgic_spilled(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		 unsigned int b)
{
	const struct vgic_bank *bank = vgic_bank(vgic, vc, b);
	u32 all = bank->active & ~bank->listed, left, mine = 0;

	if (b == 0)
		return all;
	for (left = all; left; left &= left - 1)
		if (bank->owner[__builtin_ctz(left)] == v->id)
			mine |= left & -left;
	return mine;
}

struct vcpu *vgic_spi_target(struct vgic *vgic, unsigned int intid)
{
	u32 bit = BIT32(intid % 32);
	unsigned int i;
	struct vcpu *v;

	for (i = 0; i < VM_MAX_VCPUS; i++) {
		v = vgic->vm->vcpus[i];
		if (v && vgic_cpu_of(v)->targeted[intid / 32] & bit)
			return v;
	}
	return NULL;
}

void vgic_retarget(struct vgic *vgic, struct vcpu *v)
{
	struct vgic_cpu *vc = vgic_cpu_of(v);
	u64 affinity = vgic_vcpu_affinity(v);
	unsigned int i;

	vc->targeted[0] = ~0U;
	for (i = 0; i < VGIC_SPIS; i++) {
		u32 *word = &vc->targeted[1 + i / 32];
		bool mine;

		/* Of several targets the first takes it: 1 of N. */
		if (vgic->version == 2)
			mine = (vgic->targets[i] & -vgic->targets[i]) ==
			       BIT32(v->id);
		else
			mine = vgic->route[i] == affinity;
		*word &= ~BIT32(i % 32);
		if (mine)
			*word |= BIT32(i % 32);
	}
}
