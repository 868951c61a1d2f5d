// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual interrupt controller's state by id (docs/registers.md): what KVM has
 * on its VGIC device. All vCPUs in question are unloaded, so the model is the
 * truth, and no list register has anything.
 *
 * Pending is what was latched: an edge, or a write of the guest's. The level of
 * a line is its device's to say, of a timer's the timer's registers.
 */
#include "arch/armcommon/regs.h"
#include "arch/armcommon/vgic_internal.h"
#include "lib/errno.h"
#include "lib/string.h"

/* GICD_IROUTER: affinity alone, no 1-of-N. */
#define ROUTE_MASK 0xff00ffffffULL

#define CPU_REG(index, member, n, apart, ...)                                  \
	{REG_OURS | REG_U32 | REG_OURS_GICC | (index),                         \
	 .where = offsetof(struct vgic_cpu, member), .stride = 4,              \
	 .count = (n), .step = (apart), .kind = ARM_REG_GICC, __VA_ARGS__}
#define DIST_REG(index, member, apart, n)                                      \
	{REG_OURS | REG_U32 | REG_OURS_GICD | (index),                         \
	 .where = offsetof(struct vgic, member), .stride = (apart),            \
	 .count = (n), .step = 4, .kind = ARM_REG_GICD, .flags = REG_VM}
/* A word of each bank; eight of the bytes of one bank. */
#define DIST_BITS(index, member)                                               \
	DIST_REG(index, spi[0].member, sizeof(struct vgic_bank), VGIC_BANKS - 1)
#define DIST_BYTES(index, bank) DIST_REG(index, spi[bank].priority, 4, 8)

/* Indices are offsets in the frame where the architecture has the register. */
const struct reg_range vgic_ranges[] = {
	CPU_REG(0x000, hw.vmcr, 1, 1),
	CPU_REG(0x001, hw.ap0r, 4, 1),
	CPU_REG(0x005, hw.ap1r, 4, 1),
	CPU_REG(0x014, waker_sleep, 1, 1, .flags = REG_GIC3),
	CPU_REG(0x080, private.group1, 1, 1),
	CPU_REG(0x100, private.enabled, 1, 1),
	CPU_REG(0x200, private.latched, 1, 1),
	CPU_REG(0x300, private.active, 1, 1),
	CPU_REG(0x400, private.priority, 8, 4),
	CPU_REG(0xf10, sgi_active_source, 4, 4, .flags = REG_GIC2),
	CPU_REG(0xf20, sgi_sources, 4, 4, .flags = REG_GIC2),

	DIST_REG(0x000, ctlr, 0, 1),
	DIST_BITS(0x084, group1),
	DIST_BITS(0x104, enabled),
	DIST_BITS(0x204, latched),
	{REG_OURS | REG_U32 | REG_OURS_GICD | 0x304, .count = VGIC_BANKS - 1,
	 .step = 4, .kind = ARM_REG_ACTIVE, .flags = REG_VM},
	DIST_BYTES(0x420, 0),
	DIST_BYTES(0x440, 1),
	DIST_BYTES(0x460, 2),
	{REG_OURS | REG_U32 | REG_OURS_GICD | 0x820,
	 .where = offsetof(struct vgic, targets), .stride = 4,
	 .count = VGIC_SPIS / 4, .step = 4, .kind = ARM_REG_GICD,
	 .flags = REG_VM | REG_GIC2},
	DIST_BITS(0xc04, edge),

	{REG_OURS | REG_U64 | REG_OURS_GICD | 0x6100,
	 .where = offsetof(struct vgic, route), .stride = 8,
	 .count = VGIC_SPIS, .step = 8, .kind = ARM_REG_GICD,
	 .flags = REG_VM | REG_GIC3},
};
const unsigned int vgic_range_count = ARRAY_SIZE(vgic_ranges);
_Static_assert(VGIC_BANKS == 4, "DIST_BYTES() of each bank of SPIs");

static bool is_there(const struct vgic *vgic, const struct reg_range *r)
{
	if (r->flags & REG_GIC2)
		return vgic->version == 2;
	return !(r->flags & REG_GIC3) || vgic->version == 3;
}

static void *at(struct vcpu *vcpu, const struct reg_range *r, unsigned int n)
{
	char *base = r->kind == ARM_REG_GICC ? (char *)vgic_cpu_of(vcpu) :
					       (char *)vgic_of(vcpu->vm);

	return base + r->where + n * r->stride;
}

/* Of one bank of SPIs, those that the vCPU has taken and not ended. */
static u32 active_here(const struct vgic_bank *bank, const struct vcpu *vcpu)
{
	u32 left, here = 0;

	for (left = bank->active; left; left &= left - 1)
		if (bank->owner[__builtin_ctz(left)] == vcpu->id)
			here |= left & -left;
	return here;
}

static void set_active_here(struct vgic_bank *bank, const struct vcpu *vcpu,
			    u32 val)
{
	bank->active &= ~active_here(bank, vcpu);
	bank->active |= val;
	for (; val; val &= val - 1)
		bank->owner[__builtin_ctz(val)] = vcpu->id;
}

/* ---- What cannot be, after a set ------------------------------------------------- */

static void keep_priorities(struct vgic_bank *bank)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		bank->priority[i] &= ~(0xffU >> vgic_hw.pri_bits);
}

/* GICv2's SGIs are enabled, and pending from a source that there is. */
static void keep_sgis(struct vgic *vgic, struct vgic_cpu *vc)
{
	u8 all = (1U << vgic->vm->vcpu_count) - 1;
	unsigned int i;

	if (vgic->version != 2)
		return;
	vc->private.enabled |= ALL_SGIS;
	vc->private.latched &= ~ALL_SGIS;
	for (i = 0; i < VGIC_SGIS; i++) {
		vc->sgi_sources[i] &= all;
		vc->sgi_active_source[i] &= VM_MAX_VCPUS - 1;
		vc->private.latched |= (u32)!!vc->sgi_sources[i] << i;
	}
}

static void keep_possible(struct vgic *vgic, struct vcpu *vcpu)
{
	struct vgic_cpu *vc = vgic_cpu_of(vcpu);
	struct vcpu *v;
	unsigned int i;

	vc->waker_sleep &= 1;
	vgic->ctlr &= CTLR_GROUP0 | CTLR_GROUP1;
	keep_priorities(&vc->private);
	for (i = 0; i < VGIC_BANKS - 1; i++)
		keep_priorities(&vgic->spi[i]);
	keep_sgis(vgic, vc);
	for_each_vcpu(i, v, vgic->vm)
		vgic_retarget(vgic, v);
}

/* ---- Get and set -------------------------------------------------------------------- */

int vgic_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	struct vgic *vgic = vgic_of(vcpu->vm);

	if (!is_there(vgic, r))
		return -ENOENT;
	vgic_lock(vgic);
	if (r->kind == ARM_REG_ACTIVE)
		val->w = active_here(&vgic->spi[n], vcpu);
	else
		memcpy(val, at(vcpu, r, n), reg_size(r->id));
	vgic_unlock(vgic);
	return 0;
}

int vgic_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	struct vgic *vgic = vgic_of(vcpu->vm);

	if (!is_there(vgic, r))
		return -ENOENT;
	if (reg_size(r->id) == 8 && val->d & ~ROUTE_MASK)
		return -EINVAL;
	vgic_lock(vgic);
	if (r->kind == ARM_REG_ACTIVE)
		set_active_here(&vgic->spi[n], vcpu, val->w);
	else
		memcpy(at(vcpu, r, n), val, reg_size(r->id));
	keep_possible(vgic, vcpu);
	vgic_settle_all(vgic);
	vgic_unlock(vgic);
	return 0;
}
