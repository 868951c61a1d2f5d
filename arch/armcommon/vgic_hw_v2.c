// SPDX-License-Identifier: BSD-2-Clause
/*
 * GICv2's virtual interface control registers, GICH (IHI 0048B 5.3).
 *
 * The HW bit of list registers is used, but not where the distributor may be
 * QEMU's. Observed with QEMU 7.2: the guest's end of interrupt deactivates the
 * physical interrupt, but if its line is high by then (a timer whose next
 * deadline has passed) it is not signalled until something else happens in the
 * distributor, and a guest that sleeps sleeps for ever. The same guest comes
 * through where we deactivate the interrupt ourselves, in a maintenance
 * interrupt at the guest's end. QEMU's GICD_IIDR is that of the Cortex-A15's and
 * A7's own controllers, which then go the longer way for nothing; a GIC-400's
 * is another.
 */
#include "arch/armcommon/vgic_internal.h"
#include "drivers/io.h"

#define GICH_HCR 0x000
#define GICH_VTR 0x004
#define GICH_VMCR 0x008
#define GICH_EISR0 0x020
#define GICH_ELRSR0 0x030
#define GICH_APR 0x0f0
#define GICH_LR(n) (0x100 + 4 * (n))

/* GICH_LR. Without HW, bit 19 is EOI and bits 12:10 the source CPU. */
#define GICH_LR_VINTID GENMASK64(9, 0)
#define GICH_LR_CPUID GENMASK64(12, 10)
#define GICH_LR_PHYS GENMASK64(19, 10)
#define GICH_LR_EOI BIT32(19)
#define GICH_LR_PRIORITY GENMASK64(27, 23) /* the upper five bits */
#define GICH_LR_PENDING BIT32(28)
#define GICH_LR_ACTIVE BIT32(29)
#define GICH_LR_GROUP1 BIT32(30)
#define GICH_LR_HW BIT32(31)

#define IIDR_QEMU 0x0000043b /* GICD_IIDR; Cortex-A15 and A7, too */

static volatile u8 *gich;

static u32 read_reg(unsigned int offset)
{
	return readl(gich + offset);
}

static void write_reg(unsigned int offset, u32 val)
{
	writel(val, gich + offset);
}

static u64 read_lr(unsigned int n)
{
	u32 v = read_reg(GICH_LR(n));
	u64 lr = v & GICH_LR_VINTID;

	if (v & GICH_LR_HW) {
		lr |= LR_HW | FIELD_GET(GICH_LR_PHYS, v) << LR_PHYS_SHIFT;
	} else {
		lr |= v & GICH_LR_CPUID;
		if (v & GICH_LR_EOI)
			lr |= LR_EOI;
	}
	lr |= FIELD_GET(GICH_LR_PRIORITY, v) << (LR_PRIORITY_SHIFT + 3);
	if (v & GICH_LR_PENDING)
		lr |= LR_PENDING;
	if (v & GICH_LR_ACTIVE)
		lr |= LR_ACTIVE;
	if (v & GICH_LR_GROUP1)
		lr |= LR_GROUP1;
	return lr;
}

static void write_lr(unsigned int n, u64 lr)
{
	u32 v = lr & GICH_LR_VINTID;

	if (lr & LR_HW) {
		v |= GICH_LR_HW | FIELD_PREP(GICH_LR_PHYS, lr >> LR_PHYS_SHIFT);
	} else {
		v |= lr & GICH_LR_CPUID;
		if (lr & LR_EOI)
			v |= GICH_LR_EOI;
	}
	v |= FIELD_PREP(GICH_LR_PRIORITY, lr >> (LR_PRIORITY_SHIFT + 3));
	if (lr & LR_PENDING)
		v |= GICH_LR_PENDING;
	if (lr & LR_ACTIVE)
		v |= GICH_LR_ACTIVE;
	if (lr & LR_GROUP1)
		v |= GICH_LR_GROUP1;
	write_reg(GICH_LR(n), v);
}

static u32 empty_lrs(void)
{
	return read_reg(GICH_ELRSR0);
}

static u32 ended_lrs(void)
{
	return read_reg(GICH_EISR0);
}

static u32 read_hcr(void)
{
	return read_reg(GICH_HCR);
}

static void write_hcr(u32 v)
{
	write_reg(GICH_HCR, v);
}

static void save(struct vgic_cpu_hw_state *s)
{
	s->vmcr = read_reg(GICH_VMCR);
	s->ap1r[0] = read_reg(GICH_APR);
}

static void restore(const struct vgic_cpu_hw_state *s)
{
	write_reg(GICH_VMCR, s->vmcr);
	write_reg(GICH_APR, s->ap1r[0]);
}

void vgic_hw_v2_init(volatile void *gich_regs, u32 iidr,
		     void (*set_phys_active)(unsigned int intid, bool active))
{
	u32 vtr;

	gich = gich_regs;
	vtr = read_reg(GICH_VTR);
	vgic_hw = VGIC_HW(2, vtr, set_phys_active);
	vgic_hw.soft_deactivate = iidr == IIDR_QEMU;
}
