// SPDX-License-Identifier: BSD-2-Clause
/*
 * The model of a guest's interrupts, and the list registers.
 *
 * An interrupt is in the model or it is listed. What is listed belongs to the
 * hardware of one CPU; absorb() brings it back. Which of the pending and active
 * interrupts of a vCPU are listed:
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
#include "core/sched.h"
#include "lib/errno.h"

#define NOT_LISTED (-1)
#define LISTED_ELSEWHERE (-2)

struct vgic_hw vgic_hw;

void vgic_hw_init_cpu(void)
{
	unsigned int n;

	for (n = 0; n < vgic_hw.lrs; n++)
		vgic_hw.write_lr(n, 0);
	vgic_hw.write_hcr(0);
}

struct vcpu *vgic_vcpu(const struct vm *vm, unsigned int id)
{
	unsigned int i;

	if (id < VM_MAX_VCPUS && vm->vcpus[id] && vm->vcpus[id]->id == id)
		return vm->vcpus[id];
	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vm->vcpus[i] && vm->vcpus[i]->id == id)
			return vm->vcpus[i];
	return NULL;
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

/* Have the vCPU redo its list registers, and look whether to go on. */
static void poke(struct vgic *vgic, struct vcpu *v)
{
	vgic_cpu_of(v)->stale = true;
	vgic->kicks |= BIT32(v->id);
}

/* ---- What is to be delivered --------------------------------------------- */

static u32 pending_bits(const struct vgic_bank *bank)
{
	return bank->latched | (bank->line & ~bank->edge);
}

static u32 wanted_bits(const struct vgic *vgic, const struct vgic_bank *bank)
{
	u32 groups = 0;

	if (vgic->ctlr & CTLR_GROUP0)
		groups |= ~bank->group1;
	if (vgic->ctlr & CTLR_GROUP1)
		groups |= bank->group1;
	return pending_bits(bank) & bank->enabled & groups;
}

/* Pending interrupts of bank b that should be in a list register of vc. */
static u32 ready_bits(struct vgic *vgic, struct vgic_cpu *vc, unsigned int b)
{
	const struct vgic_bank *bank = vgic_bank(vgic, vc, b);

	return wanted_bits(vgic, bank) & vc->targeted[b] &
	       ~(bank->listed | bank->active);
}

/* Active ones that should. */
static u32 spilled_bits(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
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

static bool is_sgi_with_sources(const struct vgic *vgic, unsigned int intid)
{
	return vgic->version == 2 && intid < VGIC_SGIS;
}

/* The vCPU that a pending SPI would go to now, or NULL. */
static struct vcpu *spi_target(struct vgic *vgic, unsigned int intid)
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

/* ---- Between model and list registers ------------------------------------- */

static void set_phys_active(struct vgic_cpu *vc, unsigned int intid, bool on)
{
	vgic_hw.set_phys_active(vc->phys[intid], on);
}

/* What makes a list register's interrupt a hw one: the hardware deactivates the
 * physical interrupt at its end, or we do. */
static u64 hw_bits(const struct vgic_cpu *vc, unsigned int intid)
{
	if (vgic_hw.soft_deactivate)
		return LR_EOI;
	return LR_HW | (u64)vc->phys[intid] << LR_PHYS_SHIFT;
}

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
		set_phys_active(vc, intid, false);
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

	if (!(wanted_bits(vgic, bank) & ~bank->active & bit) ||
	    vc->targeted[intid / 32] & bit)
		return;
	other = spi_target(vgic, intid);
	if (other)
		poke(vgic, other);
}

/*
 * The interrupt in list register n of `v`, loaded here, goes back into the
 * model. The register keeps its old contents: the caller overwrites it. An
 * interrupt that was taken from us by a reset is not there any more.
 */
static void absorb(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
		   unsigned int n)
{
	unsigned int intid = vc->lr_intid[n], i = intid % 32;
	struct vgic_bank *bank = vgic_bank(vgic, vc, intid / 32);
	u32 bit = BIT32(i);
	bool sources = is_sgi_with_sources(vgic, intid);
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

	if (is_sgi_with_sources(vgic, intid)) {
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
	bool sources = is_sgi_with_sources(vgic, intid);
	u64 lr = LR_ACTIVE;

	bank->active &= ~bit;
	bank->lr_active |= bit;
	if (sources)
		lr |= (u64)vc->sgi_active_source[intid] << LR_CPUID_SHIFT;
	if (!(wanted_bits(vgic, bank) & bit) || bank->hw & bit)
		return lr;
	if (sources || !(bank->edge & vc->targeted[intid / 32] & bit))
		return lr | LR_EOI;
	bank->latched &= ~bit;
	bank->lr_latched |= bit;
	return lr | LR_PENDING;
}

/* Put an interrupt that is ready or active into list register n. */
static void place(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc,
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
		lr |= hw_bits(vc, intid);
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

	c->actives = c->readies = 0;
	for (b = 0; b < VGIC_BANKS; b++) {
		c->active[b] = spilled_bits(vgic, v, vc, b);
		c->ready[b] = ready_bits(vgic, vc, b);
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

/* No interrupt of the vCPU is listed: choose those that are, from LR 0 on. */
static void fill(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	struct candidates c;
	unsigned int n = 0, room, lrs = vgic_hw.lrs;
	u32 hcr = HCR_EN;

	find_candidates(vgic, v, vc, &c);
	if (c.actives + c.readies > lrs)
		hcr |= leave_out_disabled_groups(vgic, vc, &c);
	room = c.actives + c.readies > lrs && c.readies ? lrs - 1 : lrs;
	for (; c.actives && n < room; c.actives--)
		place(vgic, v, vc, take_best(vgic, vc, c.active), n++);
	for (; c.readies && n < lrs; c.readies--)
		place(vgic, v, vc, take_best(vgic, vc, c.ready), n++);
	if (c.readies)
		hcr |= HCR_NPIE;
	if (c.actives)
		hcr |= HCR_LRENPIE;
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
			set_phys_active(vc, intid, false);
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
			set_phys_active(vc, intid, false);
	}
}

/* All list registers of a loaded vCPU back into the model; contents stay. */
static void absorb_all(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	u32 left;

	count_ends(vgic, v, vc);
	for (left = vc->lr_used; left; left &= left - 1)
		absorb(vgic, v, vc, __builtin_ctz(left));
	vc->lr_used = 0;
}

static void clear_lrs(u32 set)
{
	for (; set; set &= set - 1)
		vgic_hw.write_lr(__builtin_ctz(set), 0);
}

/* The long way: read everything back, choose anew. `v` is loaded here. */
static void refresh(struct vgic *vgic, struct vcpu *v, struct vgic_cpu *vc)
{
	u32 old = vc->lr_used;

	vc->stale = false;
	absorb_all(vgic, v, vc);
	resample_hw(v, vc);
	fill(vgic, v, vc);
	clear_lrs(old & ~vc->lr_used);
}

/*
 * Physical active state follows the model: a physical interrupt whose virtual
 * one is pending or active must not fire again. Right after refresh(), when
 * `listed` is the truth.
 */
static void sync_phys(struct vgic_cpu *vc)
{
	struct vgic_bank *bank = &vc->private;
	u32 on = bank->listed | bank->latched | bank->line | bank->active;
	u32 left;

	vc->phys_stale = false;
	for (left = bank->hw; left; left &= left - 1)
		set_phys_active(vc, __builtin_ctz(left), on & left & -left);
}

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
		refresh(vgic, v, vc);
		return;
	}
	if (!unused) {
		unsigned int old;

		unused = vgic_hw.empty_lrs() & lrs;
		if (!unused) {
			refresh(vgic, v, vc);
			return;
		}
		/* Overwriting it takes its EOI back: see to it now. */
		old = vc->lr_intid[__builtin_ctz(unused)];
		absorb(vgic, v, vc, __builtin_ctz(unused));
		if (ready_bits(vgic, vc, old / 32) & BIT32(old % 32)) {
			refresh(vgic, v, vc);
			return;
		}
	}
	n = __builtin_ctz(unused);
	place(vgic, v, vc, intid, n);
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
		poke(vgic, v);
		return LISTED_ELSEWHERE;
	}
	absorb(vgic, v, vc, bank->lr[i]);
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
		refresh(vgic, v, vc);
	} else if (vgic_bank(vgic, vc, b)->active & bit ||
		   ready_bits(vgic, vc, b) & bit) {
		place(vgic, v, vc, intid, n);
	} else {
		vc->lr_used &= ~BIT32(n);
		vgic_hw.write_lr(n, 0);
	}
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
		v = spi_target(vgic, intid);
	if (!v)
		return;
	vc = vgic_cpu_of(v);
	bank = vgic_bank(vgic, vc, intid / 32);
	if (bank->listed & bit || !(ready_bits(vgic, vc, intid / 32) & bit))
		return;
	if (vgic_is_local(vc))
		place_new(vgic, v, vc, intid);
	else
		poke(vgic, v);
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
		todo = mask & (ready_bits(vgic, vc, b) |
			       spilled_bits(vgic, t, vc, b));
		if (todo || phys || (recalled && t == by)) {
			vc->phys_stale |= phys;
			if (!vgic_is_local(vc)) {
				poke(vgic, t);
			} else {
				refresh(vgic, t, vc);
				if (vc->phys_stale)
					sync_phys(vc);
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
			refresh(vgic, v, vgic_cpu_of(v));
		else
			poke(vgic, v);
	}
}

/* ---- Reading state ----------------------------------------------------------- */

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
			poke(vgic, owner);
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
		refresh(vgic, v, vc);
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

		for (left = ready_bits(vgic, vc, b); left; left &= left - 1)
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
			refresh(vgic, vcpu, vc);
		vgic_hw.save(&s);
		pending = any_lr_signalled(vc, &s);
	} else {
		s = vc->hw;
	}
	pending = pending || any_ready_signalled(vgic, vc, &s);
	vgic_unlock(vgic);
	return pending;
}

/* ---- The vCPU's comings and goings -------------------------------------------- */

void vgic_load(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);

	vgic_lock(vgic);
	vc->cpu = this_cpu();
	vc->loaded = true;
	vc->hcr = 0;
	vgic_hw.restore(&vc->hw);
	refresh(vgic, vcpu, vc);
	if (vc->private.hw & (vc->private.listed | vc->private.line |
			      vc->private.latched | vc->private.active))
		sync_phys(vc);
	vgic_unlock(vgic);
}

void vgic_put(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	struct vgic_bank *bank = &vc->private;
	u32 used = vc->lr_used, left;

	vgic_lock(vgic);
	absorb_all(vgic, vcpu, vc);
	clear_lrs(used);
	if (!vc->hw_reset)
		vgic_hw.save(&vc->hw);
	vc->hw_reset = false;
	vgic_hw.write_hcr(0);
	left = bank->hw & (bank->line | bank->latched | bank->active);
	if (vc->phys_stale)
		left = bank->hw;
	for (; left; left &= left - 1)
		set_phys_active(vc, __builtin_ctz(left), false);
	vc->phys_stale = false;
	vc->cpu = NULL;
	vc->loaded = false;
	vgic_unlock(vgic);
}

void vgic_flush(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	struct vgic *vgic;

	if (!READ_ONCE(vc->stale))
		return;
	vgic = vgic_of(vcpu->vm);
	vgic_lock(vgic);
	if (vc->hw_reset)
		vgic_hw.restore(&vc->hw);
	vc->hw_reset = false;
	refresh(vgic, vcpu, vc);
	if (vc->phys_stale)
		sync_phys(vc);
	vgic_unlock(vgic);
}

void vgic_maintenance(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);

	vgic_lock(vgic);
	refresh(vgic, vcpu, vgic_cpu_of(vcpu));
	vgic_unlock(vgic);
}

/* ---- Interrupts come ------------------------------------------------------------ */

/* An ordinary line: true when there is something to do. */
static bool line_changes(const struct vgic_bank *bank, u32 bit, bool level)
{
	return !(READ_ONCE(bank->line) & bit) == level;
}

/* What was listed of the last one comes back first: its `line` goes with it. */
void vgic_raise_hw(struct vcpu *vcpu, unsigned int intid)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	int recalled;

	vgic_lock(vgic);
	if (likely(vgic_deliver_at_once(vgic, vcpu, intid,
					hw_bits(vc, intid)))) {
		vc->private.line |= BIT32(intid);
	} else {
		recalled = vgic_recall(vgic, vcpu, intid);
		vc->private.line |= BIT32(intid);
		vgic_settle(vgic, vcpu, intid, recalled);
	}
	vgic_unlock(vgic);
}

void vgic_set_line(struct vm *vm, struct vcpu *vcpu, unsigned int intid,
		   bool level)
{
	struct vgic *vgic = vgic_of(vm);
	u32 bit = BIT32(intid % 32);
	struct vgic_bank *bank;
	int recalled;

	if (intid >= VGIC_INTIDS || intid < VGIC_SGIS ||
	    (intid < VGIC_PRIVATE && !vcpu))
		return;
	bank = intid < VGIC_PRIVATE ? &vgic_cpu_of(vcpu)->private
				    : &vgic->spi[intid / 32 - 1];
	if (intid < VGIC_PRIVATE && bank->hw & bit) {
		if (level)
			vgic_raise_hw(vcpu, intid);
		return;
	}
	if (!line_changes(bank, bit, level))
		return;
	vgic_lock(vgic);
	recalled = vgic_recall(vgic, vcpu, intid);
	if (level) {
		bank->line |= bit;
		bank->latched |= bit & bank->edge;
	} else {
		bank->line &= ~bit;
	}
	vgic_settle(vgic, vcpu, intid, recalled);
	vgic_unlock(vgic);
}

void vgic_map_hw(struct vcpu *vcpu, unsigned int intid, unsigned int phys)
{
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);

	if (intid < VGIC_SGIS || intid >= VGIC_PRIVATE)
		return;
	vc->phys[intid] = phys;
	vc->private.hw |= BIT32(intid);
}

void vgic_set_hw_level(struct vcpu *vcpu,
		       bool (*level)(struct vcpu *vcpu, unsigned int intid))
{
	vgic_cpu_of(vcpu)->hw_level = level;
}

/* ---- Creation and reset ------------------------------------------------------------ */

int vgic_init(struct vm *vm, const struct vgic_config *config)
{
	struct vgic *vgic = vgic_of(vm);
	int err;

	if (config->version != vgic_hw.version)
		return -EOPNOTSUPP;
	vgic->vm = vm;
	vgic->version = config->version;
	vgic_reset(vm);
	vgic->dist.ops = config->version == 2 ? &vgic_v2_dist_ops
					      : &vgic_v3_dist_ops;
	vgic->dist.name = "gic distributor";
	vgic->dist.base = config->dist_base;
	vgic->dist.size = VGIC_DIST_SIZE;
	err = mmio_register(&vm->bus, &vgic->dist);
	if (err || config->version == 2)
		return err;
	vgic->redist.ops = &vgic_v3_redist_ops;
	vgic->redist.name = "gic redistributors";
	vgic->redist.base = config->redist_base;
	vgic->redist.size = VM_MAX_VCPUS * VGIC_REDIST_SIZE;
	return mmio_register(&vm->bus, &vgic->redist);
}

/*
 * Everything but the lines, which are their devices' to move, and what is tied
 * to hardware. Groups: GICv3 guests of a single security state expect what
 * secure firmware leaves, group 1. GICv2's: 0 (IHI 0048B 4.3.4).
 */
static void reset_bank(const struct vgic *vgic, struct vgic_bank *bank)
{
	unsigned int i;

	bank->enabled = bank->edge = bank->latched = bank->active = 0;
	bank->listed = bank->lr_latched = bank->lr_active = 0;
	bank->drop_active = 0;
	bank->group1 = vgic->version == 3 ? ~0U : 0;
	bank->line &= ~bank->hw;
	for (i = 0; i < 32; i++)
		bank->priority[i] = 0;
}

void vgic_reset(struct vm *vm)
{
	struct vgic *vgic = vgic_of(vm);
	unsigned int i;

	vgic_lock(vgic);
	vgic->ctlr = 0;
	for (i = 0; i < VGIC_BANKS - 1; i++)
		reset_bank(vgic, &vgic->spi[i]);
	for (i = 0; i < VGIC_SPIS; i++) {
		vgic->targets[i] = 0;
		vgic->route[i] = 0;
	}
	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vm->vcpus[i])
			vgic_retarget(vgic, vm->vcpus[i]);
	vgic_settle_all(vgic);
	vgic_unlock(vgic);
}

/* The CPU interface: everything off, the smallest binary points. */
static void reset_hw_state(struct vgic_cpu *vc)
{
	u32 bpr = 7 - vgic_hw.pre_bits;

	vc->hw = (struct vgic_cpu_hw_state){ 0 };
	vc->hw.vmcr = bpr << VMCR_BPR0_SHIFT |
		      min(bpr + 1, 7U) << VMCR_BPR1_SHIFT;
	if (vgic_hw.version == 3) {
		vc->hw.vmcr |= VMCR_FIQEN; /* fixed, with system registers */
		vc->hw.sre = 7;            /* SRE, and no bypass */
	}
}

static void reset_private(struct vgic *vgic, struct vgic_cpu *vc)
{
	unsigned int i;

	reset_bank(vgic, &vc->private);
	vc->private.edge = ALL_SGIS;
	if (vgic->version == 2)
		vc->private.enabled = ALL_SGIS; /* for good, as in GIC-400 */
	for (i = 0; i < VGIC_SGIS; i++)
		vc->sgi_sources[i] = 0;
	vc->waker_sleep = true;
}

void vgic_vcpu_init(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);

	vgic_lock(vgic);
	vc->private.hw = 0;
	reset_private(vgic, vc);
	reset_hw_state(vc);
	vgic_retarget(vgic, vcpu);
	vgic_unlock(vgic);
}

/*
 * Where the vCPU is loaded its list registers still hold interrupts. Private
 * ones are no longer listed, and so will be ignored when absorbed; SPIs are the
 * distributor's, and are absorbed as ever.
 */
void vgic_vcpu_reset(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);

	vgic_lock(vgic);
	reset_private(vgic, vc);
	reset_hw_state(vc);
	vgic_retarget(vgic, vcpu);
	if (vgic_is_local(vc)) {
		vgic_hw.restore(&vc->hw);
		vc->hw_reset = false;
		refresh(vgic, vcpu, vc);
		sync_phys(vc);
	} else if (vc->cpu) {
		vc->hw_reset = true;
		vc->phys_stale = true;
		poke(vgic, vcpu);
	}
	vgic_unlock(vgic);
}
