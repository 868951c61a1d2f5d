// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the CPU can do, from its ID registers, and the traps that follow.
 */
#include "arch/armcommon/arm.h"
#include "drivers/irqchip.h"
#include "lib/string.h"

struct arm_features features;

static unsigned int field(u64 reg, unsigned int bit)
{
	return reg >> bit & 0xf;
}

static struct arm_features detect(void)
{
	struct stage2_ids s2 = {
		.isar0 = sysreg_read(id_aa64isar0_el1),
		.mmfr0 = sysreg_read(id_aa64mmfr0_el1),
		.mmfr1 = sysreg_read(id_aa64mmfr1_el1),
		.mmfr2 = sysreg_read(s3_0_c0_c7_2),
	};
	u64 pfr0 = sysreg_read(id_aa64pfr0_el1);
	u64 pfr1 = sysreg_read(id_aa64pfr1_el1);
	u64 dfr0 = sysreg_read(id_aa64dfr0_el1);
	u64 ctr = sysreg_read(ctr_el0);

	return (struct arm_features){
		.stage2 = stage2_cpu_decode(&s2),
		.fwb = field(s2.mmfr2, 40),
		.ras = field(pfr0, 28),
		.idc = ctr & BIT64(28),
		.dic = ctr & BIT64(29),
		.port = {
			.pan = field(s2.mmfr1, 20),
			.ssbs = field(pfr1, 4),
			.gicv3 = irqchip.version >= 3,
			.breakpoints = field(dfr0, 12) + 1,
			.watchpoints = field(dfr0, 20) + 1,
		},
	};
}

void features_detect(void)
{
	features = detect();
}

bool features_same(void)
{
	struct arm_features here = detect();

	return !memcmp(&here.stage2, &features.stage2, sizeof(here.stage2)) &&
	       here.fwb == features.fwb && here.ras == features.ras &&
	       here.port.pan == features.port.pan && here.port.ssbs == features.port.ssbs &&
	       here.idc == features.idc && here.dic == features.dic &&
	       here.port.breakpoints == features.port.breakpoints &&
	       here.port.watchpoints == features.port.watchpoints && sysreg_ids_same();
}

/*
 * Traps of later extensions, unknown after reset: on for all that guests are
 * not told of. Encoded registers, for the assembler may be older than they.
 */
static void later_traps_init(u64 pfr0)
{
	u64 mmfr0 = sysreg_read(id_aa64mmfr0_el1);
	u64 mmfr1 = sysreg_read(id_aa64mmfr1_el1);

	if (features.ras) {
		sysreg_write(s3_4_c5_c2_3, 0);  /* VSESR_EL2 */
		sysreg_write(s3_4_c12_c1_1, 0); /* VDISR_EL2 */
	}
	if (field(mmfr1, 40))
		sysreg_write(s3_4_c1_c2_2, 0); /* HCRX_EL2 */
	if (field(mmfr0, 56)) {
		/* "n" fields trap when they are 0, the others when 1: those
		 * guard what guests have. */
		sysreg_write(s3_4_c1_c1_4, 0); /* HFGRTR_EL2 */
		sysreg_write(s3_4_c1_c1_5, 0); /* HFGWTR_EL2 */
		sysreg_write(s3_4_c1_c1_6, 0); /* HFGITR_EL2 */
		sysreg_write(s3_4_c3_c1_4, 0); /* HDFGRTR_EL2 */
		sysreg_write(s3_4_c3_c1_5, 0); /* HDFGWTR_EL2 */
	}
	if (field(pfr0, 40)) {
		/* MPAM2_EL2: TRAPMPAM0EL1, TRAPMPAM1EL1; MPAMHCR_EL2: TRAP_MPAMIDR */
		sysreg_write(s3_4_c10_c5_0, BIT64(49) | BIT64(48));
		if (sysreg_read(s3_0_c10_c4_4) & BIT64(17))
			sysreg_write(s3_4_c10_c4_0, BIT64(31));
	}
}

/*
 * PMU, trace, statistical profiling and debug registers trapped. HPMN keeps
 * its reset value: the number of counters.
 */
static u64 mdcr_value(void)
{
	u64 dfr0 = sysreg_read(id_aa64dfr0_el1), v;
	bool pmu = field(dfr0, 8) && field(dfr0, 8) != 0xf;

	v = MDCR_TDRA | MDCR_TDOSA | MDCR_TDA;
	if (pmu)
		v |= MDCR_TPM | MDCR_TPMCR |
		     (sysreg_read(pmcr_el0) >> 11 & 0x1f);
	if (field(dfr0, 32))
		v |= MDCR_TPMS;
	if (field(dfr0, 40))
		v |= MDCR_TTRF;
	return v;
}

void traps_init_cpu(void)
{
	u64 pfr0 = sysreg_read(id_aa64pfr0_el1);

	sysreg_write(cptr_el2, CPTR_RES1 | CPTR_TTA | CPTR_TFP |
				       (field(pfr0, 44) ? CPTR_TAM : 0));
	later_traps_init(pfr0);
	sysreg_write(hstr_el2, 0);
	sysreg_write(mdcr_el2, mdcr_value());
	/* The size of VMIDs, for invalidations before any guest was here. */
	sysreg_write(vtcr_el2, VTCR_RES1 |
				       (features.stage2.vmid_bits == 16 ? VTCR_VS : 0));
	el1_init_cpu();
	debug_restore(NULL);
	isb();
}
