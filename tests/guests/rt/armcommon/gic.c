// SPDX-License-Identifier: BSD-2-Clause
/*
 * The interrupt controller: GICv2 through its memory-mapped CPU interface
 * (IHI 0048B), GICv3 through system registers (IHI 0069). Interrupts are in
 * the group that signals IRQ without a secure side: 0 on GICv2, 1 on GICv3.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

#define GICD_CTLR 0x000
#define GICD_TYPER 0x004
#define GICD_IGROUPR 0x080
#define GICD_ISENABLER 0x100
#define GICD_ICENABLER 0x180
#define GICD_ISPENDR 0x200
#define GICD_ICPENDR 0x280
#define GICD_ISACTIVER 0x300
#define GICD_ICACTIVER 0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR 0x800
#define GICD_ICFGR 0xc00
#define GICD_SGIR 0xf00
#define GICD_IROUTER 0x6000
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_BPR 0x08
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10
#define GICC_DIR 0x1000
#define GICR_WAKER 0x14
#define GICR_SGI_BASE 0x10000
#define GICR_STRIDE 0x20000

static irq_handler handlers[1024];

u64 gic_private_base(void)
{
	if (machine.gic_version == 2)
		return machine.gicd;
	return machine.gicr + this_cpu()->index * GICR_STRIDE + GICR_SGI_BASE;
}

/* Where this interrupt's registers are, for the CPU that asks. */
static u64 base_of(unsigned int intid)
{
	return intid < 32 ? gic_private_base() : machine.gicd;
}

static void write_bit(unsigned int intid, u64 offset)
{
	write32(base_of(intid) + offset + intid / 32 * 4, 1U << intid % 32);
	dsb(sy);
}

static bool read_bit(unsigned int intid, u64 offset)
{
	return read32(base_of(intid) + offset + intid / 32 * 4) >> intid % 32 &
	       1;
}

unsigned int gic_spis(void)
{
	return (read32(machine.gicd + GICD_TYPER) & 31) * 32;
}

static void wait_for_writes(void)
{
	while (machine.gic_version == 3 &&
	       read32(machine.gicd + GICD_CTLR) >> 31)
		cpu_relax();
}

void gic_init(void)
{
	unsigned int i, spis = gic_spis();

	write32(machine.gicd + GICD_CTLR, 0);
	wait_for_writes();
	for (i = 32; i < 32 + spis; i++) {
		write8(machine.gicd + GICD_IPRIORITYR + i, 0xa0);
		if (machine.gic_version == 2)
			write8(machine.gicd + GICD_ITARGETSR + i, 1);
		else
			write64(machine.gicd + GICD_IROUTER + i * 8,
				machine.mpidr[0]);
	}
	for (i = 1; i <= spis / 32; i++) {
		write32(machine.gicd + GICD_ICENABLER + i * 4, ~0U);
		write32(machine.gicd + GICD_ICPENDR + i * 4, ~0U);
		write32(machine.gicd + GICD_ICACTIVER + i * 4, ~0U);
		if (machine.gic_version == 3)
			write32(machine.gicd + GICD_IGROUPR + i * 4, ~0U);
	}
	memset(handlers, 0, sizeof(handlers));
	/* Version 3: affinity routing, group 1. */
	write32(machine.gicd + GICD_CTLR, machine.gic_version == 2 ? 1 : 0x12);
	wait_for_writes();
}

static void init_interface_v2(void)
{
	write32(machine.gicc + GICC_PMR, 0xf0);
	write32(machine.gicc + GICC_BPR, 0);
	write32(machine.gicc + GICC_CTLR, 1);
}

static void init_interface_v3(void)
{
	write_sysreg(icc_sre_el1, read_sysreg(icc_sre_el1) | 1);
	isb();
	write_sysreg(icc_pmr_el1, 0xf0UL);
	write_sysreg(icc_bpr1_el1, 0UL);
	write_sysreg(icc_ctlr_el1, 0UL);
	write_sysreg(icc_igrpen1_el1, 1UL);
	isb();
}

void gic_init_cpu(void)
{
	u64 base = gic_private_base();
	unsigned int i;

	if (machine.gic_version == 3) {
		u64 waker = base - GICR_SGI_BASE + GICR_WAKER;

		write32(waker, read32(waker) & ~2U);
		while (read32(waker) & 4)
			cpu_relax();
		write32(base + GICD_IGROUPR, ~0U);
	}
	write32(base + GICD_ICENABLER, 0xffff0000U);
	write32(base + GICD_ISENABLER, 0xffffU);
	if (machine.gic_version == 3)
		write32(base + GICD_ICPENDR, ~0U);
	write32(base + GICD_ICACTIVER, ~0U);
	for (i = 0; i < 32; i += 4)
		write32(base + GICD_IPRIORITYR + i, 0xa0a0a0a0U);
	if (machine.gic_version == 2)
		init_interface_v2();
	else
		init_interface_v3();
	irq_log_clear();
}

void gic_on(unsigned int intid, irq_handler fn)
{
	handlers[intid] = fn;
}

void gic_enable(unsigned int intid)
{
	write_bit(intid, GICD_ISENABLER);
}

void gic_disable(unsigned int intid)
{
	write_bit(intid, GICD_ICENABLER);
}

bool gic_is_pending(unsigned int intid)
{
	return read_bit(intid, GICD_ISPENDR);
}

bool gic_is_active(unsigned int intid)
{
	return read_bit(intid, GICD_ISACTIVER);
}

void gic_set_pending(unsigned int intid)
{
	write_bit(intid, GICD_ISPENDR);
}

void gic_clear_pending(unsigned int intid)
{
	write_bit(intid, GICD_ICPENDR);
}

void gic_set_active(unsigned int intid, bool active)
{
	write_bit(intid, active ? GICD_ISACTIVER : GICD_ICACTIVER);
}

void gic_set_priority(unsigned int intid, unsigned int priority)
{
	write8(base_of(intid) + GICD_IPRIORITYR + intid, priority);
	dsb(sy);
}

void gic_set_edge(unsigned int intid, bool edge)
{
	u64 reg = base_of(intid) + GICD_ICFGR + intid / 16 * 4;
	u32 bit = 2U << intid % 16 * 2;

	write32(reg, edge ? read32(reg) | bit : read32(reg) & ~bit);
	dsb(sy);
}

void gic_route(unsigned int intid, unsigned int cpu)
{
	if (machine.gic_version == 2)
		write8(machine.gicd + GICD_ITARGETSR + intid, 1U << cpu);
	else
		write64(machine.gicd + GICD_IROUTER + intid * 8,
			machine.mpidr[cpu]);
	dsb(sy);
}

void gic_set_pmr(unsigned int priority)
{
	if (machine.gic_version == 2)
		write32(machine.gicc + GICC_PMR, priority);
	else
		write_sysreg(icc_pmr_el1, (u64)priority);
	dsb(sy);
	isb();
}

u32 gic_ack(void)
{
	u32 iar;

	if (machine.gic_version == 2)
		return read32(machine.gicc + GICC_IAR);
	iar = read_sysreg(icc_iar1_el1);
	dsb(sy);
	return iar;
}

void gic_eoi(u32 iar)
{
	if (machine.gic_version == 2)
		write32(machine.gicc + GICC_EOIR, iar);
	else
		write_sysreg(icc_eoir1_el1, (u64)iar);
	dsb(sy);
	isb();
}

void gic_split_eoi(bool on)
{
	if (machine.gic_version == 2)
		write32(machine.gicc + GICC_CTLR, on ? 0x201 : 1);
	else
		write_sysreg(icc_ctlr_el1, on ? 2UL : 0UL);
	dsb(sy);
	isb();
}

void gic_deactivate(u32 iar)
{
	if (machine.gic_version == 2)
		write32(machine.gicc + GICC_DIR, iar);
	else
		write_sysreg(icc_dir_el1, (u64)iar);
	dsb(sy);
	isb();
}

/* ICC_SGI1R_EL1 wants the affinity apart (IHI 0069, 12.2.20). */
static void send_sgi_v3(u64 mpidr, unsigned int sgi)
{
	u64 v = (u64)sgi << 24 | 1ULL << (mpidr & 15) |
		(mpidr >> 8 & 0xff) << 16 | (mpidr >> 16 & 0xff) << 32 |
		(mpidr >> 32 & 0xff) << 48 | (mpidr >> 4 & 15) << 44;

	write_sysreg(icc_sgi1r_el1, v);
	isb();
}

void gic_send_sgi(unsigned int cpu, unsigned int sgi)
{
	dsb(ishst);
	if (machine.gic_version == 2)
		write32(machine.gicd + GICD_SGIR, 1U << (16 + cpu) | sgi);
	else
		send_sgi_v3(machine.mpidr[cpu], sgi);
}

void gic_send_sgi_others(unsigned int sgi)
{
	dsb(ishst);
	if (machine.gic_version == 2) {
		write32(machine.gicd + GICD_SGIR, 1U << 24 | sgi);
	} else {
		write_sysreg(icc_sgi1r_el1, 1ULL << 40 | (u64)sgi << 24);
		isb();
	}
}

void irq_log_clear(void)
{
	struct cpu *me = this_cpu();

	memset(me->irq_count, 0, sizeof(me->irq_count));
	WRITE_ONCE(me->irq_logged, 0);
}

void gic_irq(void)
{
	struct cpu *me = this_cpu();
	u32 iar = gic_ack();
	unsigned int intid = iar & 0x3ff;

	if (me->irq_logged < ARRAY_SIZE(me->irq_log))
		me->irq_log[me->irq_logged] = iar;
	WRITE_ONCE(me->irq_logged, me->irq_logged + 1);
	if (intid >= 1020) {
		WRITE_ONCE(me->irq_count[intid], me->irq_count[intid] + 1);
		return;
	}
	if (handlers[intid])
		handlers[intid](intid);
	WRITE_ONCE(me->irq_count[intid], me->irq_count[intid] + 1);
	gic_eoi(iar);
}
