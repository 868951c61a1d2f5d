// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is GICv3's own: routing by affinity, redistributors, and SGIs from a
 * system register. The guest sees a GIC with a single security state
 * (GICD_CTLR.DS) and affinity routing always on (ARE), without LPIs and without
 * 1-of-N routing (IHI 0069 12.9 to 12.11).
 */
#include "arch/armcommon/vgic_internal.h"
#include "lib/errno.h"

#define GICD_CTLR 0x0000
#define GICD_TYPER 0x0004
#define GICD_IIDR 0x0008
#define GICD_IROUTER 0x6000
#define GICD_IROUTER_END (GICD_IROUTER + 8 * VGIC_INTIDS)

#define GICR_CTLR 0x0000
#define GICR_IIDR 0x0004
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014

#define GIC_PIDR2 0xffe8
#define GIC_CIDR0 0xfff0

#define CTLR_ARE BIT32(4)
#define CTLR_DS BIT32(6)

#define TYPER_ID_BITS (9U << 19) /* INTIDs of 10 bits */
#define TYPER_A3V BIT32(24)
#define TYPER_NO_1_OF_N BIT32(25)

#define GICR_TYPER_LAST BIT64(4)
#define GICR_TYPER_NUMBER_SHIFT 8
#define GICR_TYPER_AFFINITY_SHIFT 32

#define WAKER_PROCESSOR_SLEEP BIT32(1)
#define WAKER_CHILDREN_ASLEEP BIT32(2)

/* Affinity as MPIDR and GICD_IROUTER have it, without other bits. */
#define AFFINITY_MASK 0xff00ffffffULL

/* Affinity packed to 32 bits, Aff3 on top. */
static u32 packed_affinity(const struct vcpu *v)
{
	u64 a = vgic_vcpu_affinity(v);

	return (a & 0xffffff) | (a >> 32 & 0xff) << 24;
}

static u64 read_id(u32 offset)
{
	if (offset == GIC_PIDR2)
		return VGIC_PIDR2(3);
	if (offset >= GIC_CIDR0)
		return vgic_component_id((offset - GIC_CIDR0) / 4);
	return 0;
}

/* ---- Distributor ------------------------------------------------------------- */

static u64 read_control(const struct vgic_access *a)
{
	switch (a->offset) {
	case GICD_TYPER:
		return (VGIC_BANKS - 1) | TYPER_ID_BITS | TYPER_A3V |
		       TYPER_NO_1_OF_N;
	case GICD_CTLR:
		return READ_ONCE(a->vgic->ctlr) | CTLR_ARE | CTLR_DS;
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

static const struct vgic_regs dist_regs[VGIC_REGS] = {
	[0x000 >> VGIC_REGS_SHIFT] = { read_control, write_control, SIZE_32 },
	VGIC_REGS_BANKED,
};

static void write_route(struct vgic *vgic, const struct vgic_access *a,
			unsigned int intid, u64 route)
{
	unsigned int b = intid / 32, i;
	u32 bit = BIT32(intid % 32);
	bool recalled = vgic_recall_word(vgic, a->v, b, bit);

	vgic->route[intid - VGIC_PRIVATE] = route;
	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *v = vgic->vm->vcpus[i];
		u32 *word;

		if (!v)
			continue;
		word = &vgic_cpu_of(v)->targeted[b];
		*word &= ~bit;
		if (route == vgic_vcpu_affinity(v))
			*word |= bit;
	}
	vgic_settle_word(vgic, a->by, a->v, b, bit, recalled);
}

/* GICD_IROUTER<n>: as a whole, or its halves. */
static void access_route(const struct vgic_access *a, struct mmio_access *m)
{
	unsigned int intid = (a->offset - GICD_IROUTER) / 8;
	unsigned int shift = a->offset % 8 * 8;
	u64 mask = a->size == SIZE_64 ? ~0ULL : GENMASK64(31, 0) << shift;
	u64 route;

	if (!m->write)
		m->value = 0;
	if (a->size < SIZE_32 || !IS_ALIGNED(a->offset, (u32)a->size) ||
	    intid < VGIC_PRIVATE)
		return;
	vgic_lock(a->vgic);
	route = a->vgic->route[intid - VGIC_PRIVATE];
	if (!m->write) {
		m->value = (route & mask) >> shift;
	} else {
		route = (route & ~mask) | (m->value << shift & mask);
		write_route(a->vgic, a, intid, route & AFFINITY_MASK);
	}
	vgic_unlock(a->vgic);
}

/* Identification, at the end of each 64 KiB frame. */
static bool access_id(const struct vgic_access *a, struct mmio_access *m)
{
	if (a->offset < 0xffd0)
		return false;
	if (!m->write)
		m->value = a->size == SIZE_32 && IS_ALIGNED(a->offset, 4U) ?
				   read_id(a->offset) :
				   0;
	return true;
}

static int dist_access(struct mmio_device *dev, struct vcpu *vcpu,
		       struct mmio_access *m)
{
	struct vgic_access a = {
		.vgic = container_of(dev, struct vgic, dist),
		.by = vcpu,
		.v = vcpu,
		.offset = m->offset,
		.size = m->size,
		.first_bank = 1,
		.end_bank = VGIC_BANKS,
	};

	if (a.offset >= GICD_IROUTER && a.offset < GICD_IROUTER_END)
		access_route(&a, m);
	else if (!access_id(&a, m))
		vgic_regs_access(dist_regs, &a, m);
	return 0;
}

const struct mmio_ops vgic_v3_dist_ops = { .access = dist_access };

/* ---- Redistributors ------------------------------------------------------------- */

static bool is_last(const struct vcpu *v)
{
	unsigned int i;

	for (i = v->id + 1; i < VM_MAX_VCPUS; i++)
		if (vgic_vcpu(v->vm, i))
			return false;
	return true;
}

static u64 redist_typer(const struct vcpu *v)
{
	return (u64)packed_affinity(v) << GICR_TYPER_AFFINITY_SHIFT |
	       (u64)v->id << GICR_TYPER_NUMBER_SHIFT |
	       (is_last(v) ? GICR_TYPER_LAST : 0);
}

/*
 * WAKER shows what was written, the children following at once. Delivery does
 * not depend on it: how interrupts behave for a sleeping PE is the
 * implementation's choice (IHI 0069 11.1).
 */
static u32 read_waker(const struct vgic_access *a)
{
	return READ_ONCE(vgic_cpu_of(a->v)->waker_sleep) ?
		       WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP :
		       0;
}

static u64 read_redist(const struct vgic_access *a)
{
	u64 typer;

	if (a->offset == GICR_TYPER || a->offset == GICR_TYPER + 4) {
		typer = redist_typer(a->v);
		return a->size == SIZE_64 ? typer :
					    (u32)(typer >> a->offset % 8 * 8);
	}
	if (a->size != SIZE_32)
		return 0;
	switch (a->offset) {
	case GICR_IIDR:
		return VGIC_IIDR;
	case GICR_WAKER:
		return read_waker(a);
	default: /* GICR_CTLR too: no LPIs, no write is ever pending */
		return 0;
	}
}

static void write_redist(const struct vgic_access *a, u64 val)
{
	if (a->offset == GICR_WAKER && a->size == SIZE_32)
		WRITE_ONCE(vgic_cpu_of(a->v)->waker_sleep,
			   (val & WAKER_PROCESSOR_SLEEP) != 0);
}

static const struct vgic_regs rd_regs[VGIC_REGS] = {
	[0x000 >> VGIC_REGS_SHIFT] = { read_redist, write_redist,
				       SIZE_32 | SIZE_64 },
};

static const struct vgic_regs sgi_regs[VGIC_REGS] = { VGIC_REGS_BANKED };

static int redist_access(struct mmio_device *dev, struct vcpu *vcpu,
			 struct mmio_access *m)
{
	struct vcpu *v = vgic_vcpu(vcpu->vm, m->offset / VGIC_REDIST_SIZE);
	struct vgic_access a = {
		.vgic = container_of(dev, struct vgic, redist),
		.by = vcpu,
		.v = v,
		.offset = m->offset % SZ_64K,
		.size = m->size,
		.end_bank = 1,
	};

	if (!v)
		return -EFAULT; /* nothing there */
	if (m->offset % VGIC_REDIST_SIZE >= SZ_64K)
		vgic_regs_access(sgi_regs, &a, m);
	else if (!access_id(&a, m))
		vgic_regs_access(rd_regs, &a, m);
	return 0;
}

const struct mmio_ops vgic_v3_redist_ops = { .access = redist_access };

/* ---- ICC_SGI1R_EL1 and its kin (IHI 0069 12.2.18) ------------------------------- */

#define SGI1R_TARGETS GENMASK64(15, 0)
#define SGI1R_AFF1 GENMASK64(23, 16)
#define SGI1R_INTID GENMASK64(27, 24)
#define SGI1R_AFF2 GENMASK64(39, 32)
#define SGI1R_IRM BIT64(40)
#define SGI1R_RS GENMASK64(47, 44)
#define SGI1R_AFF3 GENMASK64(55, 48)

static bool sgi_is_for(u64 sgi1r, const struct vcpu *from,
		       const struct vcpu *v)
{
	u32 affinity = packed_affinity(v), aff0 = affinity & 0xff;
	u32 cluster = FIELD_GET(SGI1R_AFF3, sgi1r) << 24 |
		      FIELD_GET(SGI1R_AFF2, sgi1r) << 16 |
		      FIELD_GET(SGI1R_AFF1, sgi1r) << 8;

	if (sgi1r & SGI1R_IRM)
		return v != from;
	return (affinity & ~0xffU) == cluster &&
	       aff0 / 16 == FIELD_GET(SGI1R_RS, sgi1r) &&
	       FIELD_GET(SGI1R_TARGETS, sgi1r) >> aff0 % 16 & 1;
}

void vgic_send_sgi_reg(struct vcpu *vcpu, u64 sgi1r, bool group1)
{
	struct vgic *vgic = vgic_of(vcpu->vm);
	unsigned int sgi = FIELD_GET(SGI1R_INTID, sgi1r), i;
	struct vcpu *v;

	vgic_lock(vgic);
	for_each_vcpu (i, v, vcpu->vm) {
		struct vgic_bank *bank;
		int recalled;

		if (!sgi_is_for(sgi1r, vcpu, v))
			continue;
		bank = &vgic_cpu_of(v)->private;
		/* Only where the SGI is of that group. */
		if ((bank->group1 >> sgi & 1) != group1)
			continue;
		if (vgic_deliver_at_once(vgic, v, sgi, 0))
			continue;
		recalled = vgic_recall(vgic, v, sgi);
		bank->latched |= BIT32(sgi);
		vgic_settle(vgic, v, sgi, recalled);
	}
	vgic_unlock(vgic);
}
