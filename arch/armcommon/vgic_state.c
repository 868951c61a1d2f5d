// SPDX-License-Identifier: BSD-2-Clause
/* What is pending and active, as a guest reads it; whether it is signalled. */
#include "arch/armcommon/vgic_internal.h"

/* What list registers add: the interrupts of bank b that are in `state` there.
 * as_written: what stands for those that another CPU holds. */
static u32 listed_in_state(struct vgic *vgic, struct vcpu *v, unsigned int b,
			   u64 state, u32 as_written)
{
	struct vgic_bank *bank = vgic_bank(vgic, vgic_cpu_of(v), b);
	u32 left, found = 0;

	for (left = bank->listed; left; left &= left - 1) {
		unsigned int i = __builtin_ctz(left);
		struct vcpu *owner = vgic_vcpu(vgic->vm, bank->owner[i]);

		if (!owner)
			continue;
		if (!vgic_is_local(vgic_cpu_of(owner))) {
			found |= as_written & BIT32(i);
			vgic_poke(vgic, owner);
		} else if (vgic_hw.read_lr(bank->lr[i]) & state) {
			found |= BIT32(i);
		}
	}
	return found;
}

u32 vgic_pending_word(struct vgic *vgic, struct vcpu *v, unsigned int b)
{
	struct vgic_cpu *vc = vgic_cpu_of(v);
	struct vgic_bank *bank = vgic_bank(vgic, vc, b);
	u32 in_model;

	/* A hw line says that it came, not that it is high still: look. */
	if (bank->line & bank->hw && vgic_is_local(vc))
		vgic_refresh(vgic, v, vc);
	in_model = bank->latched |
		   (bank->line & ~bank->edge & ~(bank->hw & bank->listed));
	return in_model |
	       listed_in_state(vgic, v, b, LR_PENDING, bank->lr_latched);
}

u32 vgic_active_word(struct vgic *vgic, struct vcpu *v, unsigned int b)
{
	struct vgic_bank *bank = vgic_bank(vgic, vgic_cpu_of(v), b);

	return bank->active |
	       listed_in_state(vgic, v, b, LR_ACTIVE, bank->lr_active);
}

/*
 * Would the CPU interface in this state signal an interrupt of this priority?
 * Priority mask, group enables, and preemption of what is running: its active
 * priorities, a bit for each group priority (IHI 0069 4.8).
 */
static bool is_signalled(const struct vgic_cpu_hw_state *s,
			 unsigned int priority, bool group1)
{
	unsigned int bpr = s->vmcr >> VMCR_BPR0_SHIFT & 7, i;
	u32 group_mask;

	if (!(s->vmcr & (group1 ? VMCR_ENG1 : VMCR_ENG0)) ||
	    priority >= s->vmcr >> VMCR_PMR_SHIFT)
		return false;
	group_mask = ~0U << (bpr + 1);
	if (group1 && !(s->vmcr & VMCR_CBPR))
		group_mask = ~0U << (s->vmcr >> VMCR_BPR1_SHIFT & 7);
	for (i = 0; i < 4; i++) {
		u32 running = s->ap0r[i] | s->ap1r[i];

		if (running)
			return (priority & group_mask) <
			       (i * 32 + __builtin_ctz(running))
				       << (8 - vgic_hw.pre_bits);
	}
	return true;
}

static bool any_lr_signalled(const struct vgic_cpu *vc,
			     const struct vgic_cpu_hw_state *s)
{
	u32 left;

	for (left = vc->lr_used; left; left &= left - 1) {
		u64 lr = vgic_hw.read_lr(__builtin_ctz(left));

		if ((lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
		    is_signalled(s, lr >> LR_PRIORITY_SHIFT & 0xff,
				 lr & LR_GROUP1))
			return true;
	}
	return false;
}

static bool any_ready_signalled(struct vgic *vgic, struct vgic_cpu *vc,
				const struct vgic_cpu_hw_state *s)
{
	unsigned int b;
	u32 left;

	for (b = 0; b < VGIC_BANKS; b++) {
		const struct vgic_bank *bank = vgic_bank(vgic, vc, b);

		for (left = vgic_ready(vgic, vc, b); left; left &= left - 1)
			if (is_signalled(s, bank->priority[__builtin_ctz(left)],
					 bank->group1 & left & -left))
				return true;
	}
	return false;
}

bool vgic_pending(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	struct vgic_cpu_hw_state s = { 0 };
	bool pending = false;

	vgic_lock(vgic);
	if (vgic_is_local(vc) && !vc->hw_reset) {
		if (vc->stale)
			vgic_refresh(vgic, vcpu, vc);
		vgic_hw.save(&s);
		pending = any_lr_signalled(vc, &s);
	} else {
		s = vc->hw;
	}
	pending = pending || any_ready_signalled(vgic, vc, &s);
	vgic_unlock(vgic);
	return pending;
}
