// SPDX-License-Identifier: BSD-2-Clause
/*
 * Changes to interrupts while their vCPUs run: taken back from a list register,
 * changed, and listed again, or where that will do, written into a free one.
 */
#include "arch/armcommon/vgic_internal.h"
#include "core/sched.h"

#define NOT_LISTED (-1)
#define LISTED_ELSEWHERE (-2)

/* The vCPU is loaded here, but it is not its thread that runs: it waits. */
static void wake_if_waiting(struct vgic *vgic, struct vcpu *v)
{
	if (this_cpu()->current != v->thread)
		vgic->kicks |= BIT32(v->id);
}

/* A newly ready interrupt of `v`, loaded here: a free list register will do,
 * unless others wait that may be more urgent. */
static void place_new(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		      unsigned int intid)
{
	u32 lrs = BIT32(vgic_hw.lrs) - 1, unused = ~vc->lr_used & lrs;
	unsigned int n;

	wake_if_waiting(vgic, v);
	if (vc->hcr & HCR_WAITING) {
		vgic_refresh(vgic, v, vc);
		return;
	}
	if (!unused) {
		unsigned int old;

		unused = vgic_hw.empty_lrs() & lrs;
		if (!unused) {
			vgic_refresh(vgic, v, vc);
			return;
		}
		/* Overwriting it takes its EOI back: see to it now. */
		old = vc->lr_intid[__builtin_ctz(unused)];
		vgic_absorb(vgic, v, vc, __builtin_ctz(unused));
		if (vgic_ready(vgic, vc, old / 32) & BIT32(old % 32)) {
			vgic_refresh(vgic, v, vc);
			return;
		}
	}
	n = __builtin_ctz(unused);
	vgic_place(vgic, v, vc, intid, n);
}

/* The list register in which an idle private interrupt can be made pending: its
 * own of last time, if that has run empty, or an unused one. -1: none. */
static int find_idle_lr(struct vgic_cpu *vc, unsigned int intid)
{
	struct vgic_bank *bank = &vc->private;
	u32 bit = BIT32(intid), unused;
	unsigned int n = bank->lr[intid];

	if (bank->listed & bit)
		return vgic_hw.read_lr(n) & (LR_PENDING | LR_ACTIVE) ? -1 :
								       (int)n;
	unused = ~vc->lr_used & (BIT32(vgic_hw.lrs) - 1);
	return unused ? __builtin_ctz(unused) : -1;
}

bool vgic_deliver_at_once(struct vgic *vgic, struct vcpu *v,
			  unsigned int intid, u64 lr)
{
	struct vgic_cpu *vc = vgic_cpu_of(v);
	struct vgic_bank *bank = &vc->private;
	const struct cpu *cpu = this_cpu();
	u32 bit = BIT32(intid);
	bool group1 = bank->group1 & bit;
	int n;

	if (vc->cpu != cpu || cpu->current != v->thread ||
	    vc->hcr & HCR_WAITING || !(bank->enabled & bit) ||
	    !(vgic->ctlr & (group1 ? CTLR_GROUP1 : CTLR_GROUP0)) ||
	    (bank->latched | bank->active) & bit)
		return false;
	n = find_idle_lr(vc, intid);
	if (n < 0)
		return false;
	bank->listed |= bit;
	bank->lr_active &= ~bit;
	bank->drop_active &= ~bit;
	if (bank->hw & bit)
		bank->lr_latched &= ~bit;
	else
		bank->lr_latched |= bit;
	bank->lr[intid] = n;
	bank->owner[intid] = v->id;
	vc->lr_intid[n] = intid;
	vc->lr_used |= BIT32(n);
	if (group1)
		lr |= LR_GROUP1;
	vgic_hw.write_lr(n, lr | intid | LR_PENDING |
				    (u64)bank->priority[intid]
					    << LR_PRIORITY_SHIFT);
	return true;
}

/* ---- Changing one interrupt, or several ------------------------------------ */

int vgic_recall(struct vgic *vgic, struct vcpu *v, unsigned int intid)
{
	unsigned int i = intid % 32;
	struct vgic_bank *bank;
	struct vgic_cpu *vc;

	if (intid >= VGIC_PRIVATE) {
		bank = &vgic->spi[intid / 32 - 1];
		if (!(bank->listed & BIT32(i)))
			return NOT_LISTED;
		v = vgic_vcpu(vgic->vm, bank->owner[i]);
		if (!v)
			return LISTED_ELSEWHERE; /* it is being destroyed */
		vc = vgic_cpu_of(v);
	} else {
		vc = vgic_cpu_of(v);
		bank = &vc->private;
		if (!(bank->listed & BIT32(i)))
			return NOT_LISTED;
	}
	if (!vgic_is_local(vc)) {
		vgic_poke(vgic, v);
		return LISTED_ELSEWHERE;
	}
	vgic_absorb(vgic, v, vc, bank->lr[i]);
	return bank->lr[i];
}

/* Recalled from list register n of `v`: does it go back there? */
static void settle_listed(struct vgic *vgic, struct vcpu *v,
			  struct vgic_cpu *vc, unsigned int intid,
			  unsigned int n)
{
	u32 bit = BIT32(intid % 32);
	unsigned int b = intid / 32;

	wake_if_waiting(vgic, v);
	if (vc->hcr & HCR_WAITING) {
		vgic_refresh(vgic, v, vc);
	} else if (vgic_bank(vgic, vc, b)->active & bit ||
		   vgic_ready(vgic, vc, b) & bit) {
		vgic_place(vgic, v, vc, intid, n);
	} else {
		vc->lr_used &= ~BIT32(n);
		vgic_hw.write_lr(n, 0);
	}
}

bool vgic_settle_ended(struct vgic *vgic, struct vcpu *v)
{
	struct vgic_cpu *vc = vgic_cpu_of(v);
	u32 left = vgic_hw.ended_lrs() & vc->lr_used;

	if (vc->hcr & HCR_WAITING || !left)
		return false;
	for (; left; left &= left - 1) {
		unsigned int n = __builtin_ctz(left);

		vgic_absorb(vgic, v, vc, n);
		settle_listed(vgic, v, vc, vc->lr_intid[n], n);
	}
	return true;
}

void vgic_settle(struct vgic *vgic, struct vcpu *v, unsigned int intid,
		 int recalled)
{
	u32 bit = BIT32(intid % 32);
	struct vgic_cpu *vc;
	struct vgic_bank *bank;

	if (recalled == LISTED_ELSEWHERE)
		return;
	if (recalled >= 0) {
		struct vcpu *owner = v;

		if (intid >= VGIC_PRIVATE)
			owner = vgic_vcpu(vgic->vm, vgic->spi[intid / 32 - 1]
							    .owner[intid % 32]);
		settle_listed(vgic, owner, vgic_cpu_of(owner), intid, recalled);
	}
	if (intid >= VGIC_PRIVATE)
		v = vgic_spi_target(vgic, intid);
	if (!v)
		return;
	vc = vgic_cpu_of(v);
	bank = vgic_bank(vgic, vc, intid / 32);
	if (bank->listed & bit || !(vgic_ready(vgic, vc, intid / 32) & bit))
		return;
	if (vgic_is_local(vc))
		place_new(vgic, v, vc, intid);
	else
		vgic_poke(vgic, v);
}

bool vgic_recall_word(struct vgic *vgic, struct vcpu *v, unsigned int b,
		      u32 mask)
{
	u32 left = mask & vgic_bank(vgic, vgic_cpu_of(v), b)->listed;
	bool recalled = false;

	for (; left; left &= left - 1)
		if (vgic_recall(vgic, v, b * 32 + __builtin_ctz(left)) >= 0)
			recalled = true;
	return recalled;
}

void vgic_settle_word(struct vgic *vgic, struct vcpu *by, struct vcpu *v,
		      unsigned int b, u32 mask, bool recalled)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *t = b ? vgic->vm->vcpus[i] : v;
		struct vgic_cpu *vc;
		bool phys;
		u32 todo;

		if (!t)
			continue;
		vc = vgic_cpu_of(t);
		phys = b == 0 && mask & vc->private.hw;
		todo = mask & (vgic_ready(vgic, vc, b) |
			       vgic_spilled(vgic, t, vc, b));
		if (todo || phys || (recalled && t == by)) {
			vc->phys_stale |= phys;
			if (!vgic_is_local(vc)) {
				vgic_poke(vgic, t);
			} else {
				vgic_refresh(vgic, t, vc);
				if (vc->phys_stale)
					vgic_sync_phys(vc);
			}
		}
		if (b == 0)
			break;
	}
}

void vgic_settle_all(struct vgic *vgic)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *v = vgic->vm->vcpus[i];

		if (!v)
			continue;
		if (vgic_is_local(vgic_cpu_of(v)))
			vgic_refresh(vgic, v, vgic_cpu_of(v));
		else
			vgic_poke(vgic, v);
	}
}
