// SPDX-License-Identifier: BSD-2-Clause
/* A virtual interrupt controller's life: creation, loading, inputs, reset. */
#include "arch/armcommon/vgic_internal.h"
#include "lib/errno.h"

struct vgic_hw vgic_hw;

void vgic_hw_init_cpu(void)
{
	unsigned int n;

	for (n = 0; n < vgic_hw.lrs; n++)
		vgic_hw.write_lr(n, 0);
	vgic_hw.write_hcr(0);
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
	vgic_refresh(vgic, vcpu, vc);
	if (vc->private.hw & (vc->private.listed | vc->private.line |
			      vc->private.latched | vc->private.active))
		vgic_sync_phys(vc);
	vgic_unlock(vgic);
}

void vgic_put(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	struct vgic_bank *bank = &vc->private;
	u32 left;

	vgic_lock(vgic);
	vgic_unlist_all(vgic, vcpu, vc);
	if (!vc->hw_reset)
		vgic_hw.save(&vc->hw);
	vc->hw_reset = false;
	vgic_hw.write_hcr(0);
	left = bank->hw & (bank->line | bank->latched | bank->active);
	if (vc->phys_stale)
		left = bank->hw;
	for (; left; left &= left - 1)
		vgic_set_phys_active(vc, __builtin_ctz(left), false);
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
	vgic_refresh(vgic, vcpu, vc);
	if (vc->phys_stale)
		vgic_sync_phys(vc);
	vgic_unlock(vgic);
}

void vgic_maintenance(struct vcpu *vcpu)
{
	struct vgic *vgic = vgic_of(vcpu->vm);

	vgic_lock(vgic);
	if (!vgic_settle_ended(vgic, vcpu))
		vgic_refresh(vgic, vcpu, vgic_cpu_of(vcpu));
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
					vgic_hw_bits(vc, intid)))) {
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
		vgic_refresh(vgic, vcpu, vc);
		vgic_sync_phys(vc);
	} else if (vc->cpu) {
		vc->hw_reset = true;
		vc->phys_stale = true;
		vgic_poke(vgic, vcpu);
	}
	vgic_unlock(vgic);
}
