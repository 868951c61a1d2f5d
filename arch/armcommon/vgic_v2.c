// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is GICv2's own in the distributor: targets, SGIs with a source, and the
 * identification (IHI 0048B 4.3). The CPU interface that the guest sees is the
 * hardware's GICV, mapped through stage 2 by the port.
 */
#include "arch/armcommon/vgic_internal.h"

#define GICD_CTLR 0x000
#define GICD_TYPER 0x004
#define GICD_IIDR 0x008
#define GICD_SGIR 0xf00
#define GICD_CPENDSGIR 0xf10
#define GICD_SPENDSGIR 0xf20
#define GICD_PIDR2 0xfe8
#define GICD_CIDR0 0xff0

/* GICD_SGIR */
#define SGIR_FILTER GENMASK64(25, 24)
#define SGIR_TARGETS GENMASK64(23, 16)
#define SGIR_INTID GENMASK64(3, 0)
enum sgi_filter { SGI_TO_LIST, SGI_TO_OTHERS, SGI_TO_SELF };

static u64 read_control(const struct vgic_access *a)
{
	switch (a->offset) {
	case GICD_TYPER:
		return (VGIC_BANKS - 1) | (a->vgic->vm->vcpu_count - 1) << 5;
	case GICD_CTLR:
		return READ_ONCE(a->vgic->ctlr);
	case GICD_IIDR:
		return VGIC_IIDR;
	default:
		return 0;
	}
}

static void write_control(const struct vgic_access *a, u64 val)
{
	if (a->offset == GICD_CTLR)
		vgic_write_ctlr(a->vgic, val);
}

static u64 read_id(const struct vgic_access *a)
{
	if (a->offset == GICD_PIDR2)
		return VGIC_PIDR2(2);
	if (a->offset >= GICD_CIDR0)
		return vgic_component_id((a->offset - GICD_CIDR0) / 4);
	return 0;
}

/* ---- GICD_ITARGETSR ------------------------------------------------------------ */

static u8 existing_cpus(const struct vm *vm)
{
	u8 mask = 0;
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vm->vcpus[i])
			mask |= 1 << vm->vcpus[i]->id;
	return mask;
}

/* Of a private interrupt: the reader itself. */
static u64 read_targets(const struct vgic_access *a)
{
	unsigned int intid = a->offset % 0x400, i;
	u64 val = 0;

	for (i = 0; i < a->size && intid + i < VGIC_INTIDS; i++) {
		u8 target = BIT32(a->v->id);

		if (intid + i >= VGIC_PRIVATE)
			target = a->vgic->targets[intid + i - VGIC_PRIVATE];
		val |= (u64)target << (8 * i);
	}
	return val;
}

static void retarget_all(struct vgic *vgic)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vgic->vm->vcpus[i])
			vgic_retarget(vgic, vgic->vm->vcpus[i]);
}

static void write_targets(const struct vgic_access *a, u64 val)
{
	unsigned int intid = a->offset % 0x400, b = intid / 32, i;
	u32 mask = ((1U << a->size) - 1) << intid % 32;
	struct vgic *vgic = a->vgic;
	bool recalled;

	if (intid < VGIC_PRIVATE || intid >= VGIC_INTIDS)
		return;
	vgic_lock(vgic);
	recalled = vgic_recall_word(vgic, a->v, b, mask);
	for (i = 0; i < a->size; i++)
		vgic->targets[intid + i - VGIC_PRIVATE] =
			(val >> (8 * i)) & existing_cpus(vgic->vm);
	retarget_all(vgic);
	vgic_settle_word(vgic, a->by, a->v, b, mask, recalled);
	vgic_unlock(vgic);
}

/* ---- SGIs ---------------------------------------------------------------------- */

/* Sources to add to, or take from, what is pending of an SGI at `v`. */
static void change_sources(struct vgic *vgic, struct vcpu *v, unsigned int sgi,
			   u8 set, u8 clear)
{
	struct vgic_cpu *vc = vgic_cpu_of(v);
	int recalled = vgic_recall(vgic, v, sgi);
	u8 *sources = &vc->sgi_sources[sgi];

	*sources = (*sources & ~clear) | set;
	if (*sources)
		vc->private.latched |= BIT32(sgi);
	else
		vc->private.latched &= ~BIT32(sgi);
	vgic_settle(vgic, v, sgi, recalled);
}

/* Some of them may not exist. */
static u8 sgi_targets(const struct vgic_access *a, u32 sgir)
{
	u8 self = BIT32(a->v->id);

	switch (FIELD_GET(SGIR_FILTER, sgir)) {
	case SGI_TO_LIST:
		return FIELD_GET(SGIR_TARGETS, sgir);
	case SGI_TO_OTHERS:
		return ~self;
	case SGI_TO_SELF:
		return self;
	default:
		return 0; /* reserved */
	}
}

static void write_sgir(const struct vgic_access *a, u32 sgir)
{
	unsigned int left = sgi_targets(a, sgir), me = a->v->id;
	unsigned int sgi = FIELD_GET(SGIR_INTID, sgir);

	vgic_lock(a->vgic);
	for (; left; left &= left - 1) {
		struct vcpu *t = vgic_vcpu(a->vgic->vm, __builtin_ctz(left));

		if (t && !vgic_deliver_at_once(a->vgic, t, sgi,
					       (u64)me << LR_CPUID_SHIFT))
			change_sources(a->vgic, t, sgi, BIT32(me), 0);
	}
	vgic_unlock(a->vgic);
}

/* GICD_CPENDSGIR and SPENDSGIR: of the reader's own; a byte an SGI. */
static u64 read_sources(const struct vgic_access *a)
{
	const struct vgic_cpu *vc = vgic_cpu_of(a->v);
	unsigned int sgi = a->offset % 16, i;
	u64 val = 0;

	vgic_lock(a->vgic);
	for (i = 0; i < a->size; i++) {
		int recalled = vgic_recall(a->vgic, a->v, sgi + i);

		val |= (u64)vc->sgi_sources[sgi + i] << (8 * i);
		vgic_settle(a->vgic, a->v, sgi + i, recalled);
	}
	vgic_unlock(a->vgic);
	return val;
}

static void write_sources(const struct vgic_access *a, u64 val)
{
	unsigned int sgi = a->offset % 16, i;
	bool set = a->offset >= GICD_SPENDSGIR;

	vgic_lock(a->vgic);
	for (i = 0; i < a->size; i++) {
		u8 bits = (val >> (8 * i)) & existing_cpus(a->vgic->vm);

		change_sources(a->vgic, a->v, sgi + i, set ? bits : 0,
			       set ? 0 : bits);
	}
	vgic_unlock(a->vgic);
}

static bool is_sources(const struct vgic_access *a)
{
	return a->offset >= GICD_CPENDSGIR && a->offset < GICD_SPENDSGIR + 16;
}

static u64 read_sgi_block(const struct vgic_access *a)
{
	return is_sources(a) ? read_sources(a) : 0;
}

static void write_sgi_block(const struct vgic_access *a, u64 val)
{
	if (is_sources(a))
		write_sources(a, val);
	else if (a->offset == GICD_SGIR && a->size == SIZE_32)
		write_sgir(a, val);
}

/* ---- The frame ------------------------------------------------------------------ */

#define BYTES (SIZE_8 | SIZE_16 | SIZE_32)

static const struct vgic_regs dist_regs[VGIC_REGS] = {
	[0x000 >> VGIC_REGS_SHIFT] = { read_control, write_control, SIZE_32 },
	VGIC_REGS_BANKED,
	[0x800 >> VGIC_REGS_SHIFT] = { read_targets, write_targets, BYTES },
	[0xf00 >> VGIC_REGS_SHIFT] = { read_sgi_block, write_sgi_block, BYTES },
	[0xf80 >> VGIC_REGS_SHIFT] = { read_id, NULL, SIZE_32 },
};

static int dist_access(struct mmio_device *dev, struct vcpu *vcpu,
		       struct mmio_access *m)
{
	struct vgic_access a = {
		.vgic = container_of(dev, struct vgic, dist),
		.by = vcpu,
		.v = vcpu,
		.offset = m->offset,
		.size = m->size,
		.end_bank = VGIC_BANKS,
	};

	vgic_regs_access(dist_regs, &a, m);
	return 0;
}

const struct mmio_ops vgic_v2_dist_ops = { .access = dist_access };
