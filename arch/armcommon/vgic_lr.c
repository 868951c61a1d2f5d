// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between the model and the list registers.
 *
 * An interrupt is in the model or it is listed. What is listed belongs to the
 * hardware of one CPU; vgic_absorb() brings it back. Which of the pending and
 * active interrupts of a vCPU are listed:
 *
 *   all of them, while they fit. Otherwise
 *   - active ones first, so that the guest's end of interrupt finds them, the
 *     most urgent first, since that one ends first; the least urgent spill;
 *   - but the last list register is left to a pending one;
 *   - pending ones by priority, without those of a group that the guest's CPU
 *     interface has disabled: they would keep others out. We are told when the
 *     guest enables or disables a group (VGrp0EIE and so on).
 *
 * A pending interrupt left over asks for a maintenance interrupt when no listed
 * one is pending any more (NPIE). Not when list registers run empty (UIE):
 * active interrupts that the guest keeps for long would hold that off. A
 * spilled active one asks for it when the guest ends an interrupt that is not
 * listed (LRENPIE): the hardware counts them, and the most urgent spilled one
 * is the one that ended. A guest that separates priority drop and deactivation
 * and has more active interrupts than list registers could mean another; the
 * count does not tell.
 *
 * Level. A listed level interrupt whose line is high has the EOI bit: at the
 * guest's end of interrupt it is absorbed and, the line being high still, is
 * pending again. When the line falls, on the vCPU's own CPU, the list register
 * is corrected at once: it is withdrawn if the guest has not taken it, and if it
 * has, loses the EOI bit. So the usual case, a device that is served by its
 * handler, takes no maintenance interrupt.
 *
 * GICv2 SGIs. Each source CPU's is an interrupt of its own; one of them is
 * listed at a time, with the EOI bit if there are more.
 */
#include "arch/armcommon/vgic_internal.h"

/* A hw interrupt's list register is read back. */
static void absorb_hw(struct vgic_cpu *vc, unsigned int intid, u64 lr)
{
	struct vgic_bank *bank = &vc->private;
	u32 bit = BIT32(intid);
	bool ended = vgic_hw.soft_deactivate &&
		     !(lr & (LR_PENDING | LR_ACTIVE));

	if (!(lr & LR_PENDING))
		bank->line &= ~bit; /* it was taken */
	if (ended || (lr & LR_ACTIVE && bank->drop_active & bit))
		vgic_set_phys_active(vc, intid, false);
}

/*
 * An SPI that was listed for vc and is not any more: if it now waits for
 * another vCPU, tell that one. Only then: two vCPUs that each handle what comes
 * to the other next would poke each other for ever.
 */
static void hand_over(struct vgic *vgic, struct vgic_cpu *vc,
		      unsigned int intid)
{
	const struct vgic_bank *bank = vgic_bank(vgic, vc, intid / 32);
	u32 bit = BIT32(intid % 32);
	struct vcpu *other;

	if (!(vgic_wanted(vgic, bank) & ~bank->active & bit) ||
	    vc->targeted[intid / 32] & bit)
		return;
	other = vgic_spi_target(vgic, intid);
	if (other)
		vgic_poke(vgic, other);
}

void vgic_absorb(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		 unsigned int n)
{
	unsigned int intid = vc->lr_intid[n], i = intid % 32;
	struct vgic_bank *bank = vgic_bank(vgic, vc, intid / 32);
	u32 bit = BIT32(i);
	bool sources = vgic_has_sources(vgic, intid);
	u64 lr;

	if (!(bank->listed & bit) || bank->lr[i] != n ||
	    bank->owner[i] != v->id)
		return;
	lr = vgic_hw.read_lr(n);
	bank->listed &= ~bit;
	if (lr & LR_ACTIVE && !(bank->drop_active & bit)) {
		bank->active |= bit;
		if (sources)
			vc->sgi_active_source[i] = lr >> LR_CPUID_SHIFT & 7;
	}
	if (lr & LR_PENDING && bank->lr_latched & bit) {
		bank->latched |= bit;
		if (sources)
			vc->sgi_sources[i] |= 1 << (lr >> LR_CPUID_SHIFT & 7);
	}
	bank->lr_latched &= ~bit;
	bank->lr_active &= ~bit;
	if (bank->hw & bit)
		absorb_hw(vc, intid, lr);
	bank->drop_active &= ~bit;
	if (intid >= VGIC_PRIVATE)
		hand_over(vgic, vc, intid);
}

/* The pending part of a list register for an interrupt that is not active. */
static u64 place_pending(struct vgic *vgic, struct vgic_cpu *vc,
			 struct vgic_bank *bank, unsigned int intid)
{
	u32 bit = BIT32(intid % 32);
	u64 lr = LR_PENDING;

	if (vgic_has_sources(vgic, intid)) {
		u8 *sources = &vc->sgi_sources[intid];

		lr |= (u64)__builtin_ctz(*sources) << LR_CPUID_SHIFT;
		*sources &= *sources - 1;
		bank->lr_latched |= bit;
		if (*sources)
			lr |= LR_EOI;
		else
			bank->latched &= ~bit;
		return lr;
	}
	bank->lr_latched |= bank->latched & bit;
	bank->latched &= ~bit;
	if (bank->line & bit & ~bank->edge & ~bank->hw)
		lr |= LR_EOI;
	return lr;
}

/*
 * The same for one that is active. Pending as well, in the register, it can
 * only be when it is an edge and comes to this vCPU again; otherwise we look
 * again at its end. With HW there is no EOI bit: what software made pending
 * while the guest handled it waits for the next reading.
 */
static u64 place_active(struct vgic *vgic, struct vgic_cpu *vc,
			struct vgic_bank *bank, unsigned int intid)
{
	u32 bit = BIT32(intid % 32);
	bool sources = vgic_has_sources(vgic, intid);
	u64 lr = LR_ACTIVE;

	bank->active &= ~bit;
	bank->lr_active |= bit;
	if (sources)
		lr |= (u64)vc->sgi_active_source[intid] << LR_CPUID_SHIFT;
	if (!(vgic_wanted(vgic, bank) & bit) || bank->hw & bit)
		return lr;
	if (sources || !(bank->edge & vc->targeted[intid / 32] & bit))
		return lr | LR_EOI;
	bank->latched &= ~bit;
	bank->lr_latched |= bit;
	return lr | LR_PENDING;
}

void vgic_place(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		unsigned int intid, unsigned int n)
{
	unsigned int i = intid % 32;
	struct vgic_bank *bank = vgic_bank(vgic, vc, intid / 32);
	u64 lr = intid | (u64)bank->priority[i] << LR_PRIORITY_SHIFT;

	if (bank->active & BIT32(i))
		lr |= place_active(vgic, vc, bank, intid);
	else
		lr |= place_pending(vgic, vc, bank, intid);
	if (bank->group1 & BIT32(i))
		lr |= LR_GROUP1;
	if (bank->hw & BIT32(i))
		lr |= vgic_hw_bits(vc, intid);
	bank->listed |= BIT32(i);
	bank->lr[i] = n;
	bank->owner[i] = v->id;
	vc->lr_intid[n] = intid;
	vc->lr_used |= BIT32(n);
	vgic_hw.write_lr(n, lr);
}

/* Take the most urgent out of a set: its INTID. The set is not empty. */
static unsigned int take_best(struct vgic *vgic, struct vgic_cpu *vc,
			      u32 set[VGIC_BANKS])
{
	unsigned int b, best = 0, best_priority = 256;
	u32 left;

	for (b = 0; b < VGIC_BANKS; b++) {
		const struct vgic_bank *bank = vgic_bank(vgic, vc, b);

		for (left = set[b]; left; left &= left - 1) {
			unsigned int i = __builtin_ctz(left);

			if (bank->priority[i] < best_priority) {
				best_priority = bank->priority[i];
				best = b * 32 + i;
			}
		}
	}
	set[best / 32] &= ~BIT32(best % 32);
	return best;
}

static unsigned int count_bits(u32 w)
{
	unsigned int n = 0;

	for (; w; w &= w - 1)
		n++;
	return n;
}

struct candidates {
	u32 active[VGIC_BANKS], ready[VGIC_BANKS];
	unsigned int actives, readies;
};

static void find_candidates(struct vgic *vgic, struct vcpu *v,
			    struct vgic_cpu *vc, struct candidates *c)
{
	unsigned int b;

	*c = (struct candidates){0};
	for (b = 0; b < VGIC_BANKS; b++) {
		if (vgic_is_idle(vgic_bank(vgic, vc, b)))
			continue;
		c->active[b] = vgic_spilled(vgic, v, vc, b);
		c->ready[b] = vgic_ready(vgic, vc, b);
		c->actives += count_bits(c->active[b]);
		c->readies += count_bits(c->ready[b]);
	}
}

/*
 * Not all fit: those of a group that VMCR disables need not. Returns the bits
 * of HCR that tell when that changes.
 */
static u32 leave_out_disabled_groups(struct vgic *vgic, struct vgic_cpu *vc,
				     struct candidates *c)
{
	struct vgic_cpu_hw_state s = { 0 };
	bool on0, on1;
	unsigned int b;

	vgic_hw.save(&s);
	on0 = s.vmcr & VMCR_ENG0;
	on1 = s.vmcr & VMCR_ENG1;
	c->readies = 0;
	for (b = 0; b < VGIC_BANKS; b++) {
		u32 group1 = vgic_bank(vgic, vc, b)->group1;

		c->ready[b] &= (on0 ? ~group1 : 0) | (on1 ? group1 : 0);
		c->readies += count_bits(c->ready[b]);
	}
	return (on0 ? HCR_GROUP0_DIE : HCR_GROUP0_EIE) |
	       (on1 ? HCR_GROUP1_DIE : HCR_GROUP1_EIE);
}

/* They all fit: which is where does not matter, the hardware goes by priority. */
static void place_all(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		      const struct candidates *c)
{
	unsigned int b, n = 0;
	u32 left;

	for (b = 0; b < VGIC_BANKS; b++)
		for (left = c->active[b] | c->ready[b]; left; left &= left - 1)
			vgic_place(vgic, v, vc, b * 32 + __builtin_ctz(left),
				   n++);
}

/* They may not. Returns what HCR is to tell us of. */
static u32 place_best(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		      struct candidates *c)
{
	u32 hcr = leave_out_disabled_groups(vgic, vc, c);
	unsigned int n = 0, room, lrs = vgic_hw.lrs;

	room = c->actives + c->readies > lrs && c->readies ? lrs - 1 : lrs;
	for (; c->actives && n < room; c->actives--)
		vgic_place(vgic, v, vc, take_best(vgic, vc, c->active), n++);
	for (; c->readies && n < lrs; c->readies--)
		vgic_place(vgic, v, vc, take_best(vgic, vc, c->ready), n++);
	if (c->readies)
		hcr |= HCR_NPIE;
	if (c->actives)
		hcr |= HCR_LRENPIE;
	return hcr;
}

/* No interrupt of the vCPU is listed: choose those that are, from LR 0 on. */
static void fill(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	struct candidates c;
	u32 hcr = HCR_EN;

	find_candidates(vgic, v, vc, &c);
	if (likely(c.actives + c.readies <= vgic_hw.lrs))
		place_all(vgic, v, vc, &c);
	else
		hcr |= place_best(vgic, v, vc, &c);
	/* Writing it also clears the count of ends. */
	if (hcr != vc->hcr || hcr & HCR_LRENPIE) {
		vc->hcr = hcr;
		vgic_hw.write_hcr(hcr);
	}
}

/* The guest ended interrupts that were active and not listed. */
static void count_ends(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	struct candidates c;
	unsigned int ends, intid;

	if (!(vc->hcr & HCR_LRENPIE))
		return;
	find_candidates(vgic, v, vc, &c);
	ends = vgic_hw.read_hcr() >> HCR_EOICOUNT_SHIFT;
	for (; ends && c.actives; ends--, c.actives--) {
		struct vgic_bank *bank;

		intid = take_best(vgic, vc, c.active);
		bank = vgic_bank(vgic, vc, intid / 32);
		bank->active &= ~BIT32(intid % 32);
		if (bank->hw & BIT32(intid % 32))
			vgic_set_phys_active(vc, intid, false);
	}
}

/* hw interrupts that came, were not taken, and whose line has fallen. */
static void resample_hw(struct vcpu *v, struct vgic_cpu *vc)
{
	struct vgic_bank *bank = &vc->private;
	u32 left = bank->hw & bank->line & ~(bank->listed | bank->active);

	if (!vc->hw_level)
		return;
	for (; left; left &= left - 1) {
		unsigned int intid = __builtin_ctz(left);

		if (vc->hw_level(v, intid))
			continue;
		bank->line &= ~BIT32(intid);
		if (!(bank->latched & BIT32(intid)))
			vgic_set_phys_active(vc, intid, false);
	}
}

/* All list registers of a loaded vCPU back into the model; contents stay. */
static void absorb_all(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	u32 left;

	count_ends(vgic, v, vc);
	for (left = vc->lr_used; left; left &= left - 1)
		vgic_absorb(vgic, v, vc, __builtin_ctz(left));
	vc->lr_used = 0;
}

static void clear_lrs(u32 set)
{
	for (; set; set &= set - 1)
		vgic_hw.write_lr(__builtin_ctz(set), 0);
}

void vgic_unlist_all(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	u32 used = vc->lr_used;

	absorb_all(vgic, v, vc);
	clear_lrs(used);
}

void vgic_refresh(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	u32 old = vc->lr_used;

	vc->stale = false;
	absorb_all(vgic, v, vc);
	resample_hw(v, vc);
	fill(vgic, v, vc);
	clear_lrs(old & ~vc->lr_used);
}

void vgic_sync_phys(struct vgic_cpu *vc)
{
	struct vgic_bank *bank = &vc->private;
	u32 on = bank->listed | bank->latched | bank->line | bank->active;
	u32 left;

	vc->phys_stale = false;
	for (left = bank->hw; left; left &= left - 1)
		vgic_set_phys_active(vc, __builtin_ctz(left),
				     on & left & -left);
}
