// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the CPU can do, from its ID registers, and the traps that follow.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/layout.h"
#include "arch/arm64/registers.h"
#include "drivers/irqchip.h"

struct arm64_features features;

static unsigned int field(u64 reg, unsigned int bit)
{
	return reg >> bit & 0xf;
}

void features_detect(void)
{
	u64 pfr0 = sysreg_read(id_aa64pfr0_el1);
	u64 pfr1 = sysreg_read(id_aa64pfr1_el1);
	u64 mmfr1 = sysreg_read(id_aa64mmfr1_el1);
	u64 mmfr2 = sysreg_read(s3_0_c0_c7_2);
	u64 dfr0 = sysreg_read(id_aa64dfr0_el1);
	u64 ctr = sysreg_read(ctr_el0);

	features = (struct arm64_features){
		.vmid_bits = field(mmfr1, 4) == 2 ? 16 : 8,
		.pa_bits = layout.pa_bits,
		.fwb = field(mmfr2, 40),
		.xnx = field(mmfr1, 28),
		.ras = field(pfr0, 28),
		.pan = field(mmfr1, 20),
		.ssbs = field(pfr1, 4),
		.sve = field(pfr0, 32),
		.gicv3 = irqchip.version >= 3,
		.idc = ctr & BIT64(28),
		.dic = ctr & BIT64(29),
		.breakpoints = field(dfr0, 12) + 1,
		.watchpoints = field(dfr0, 20) + 1,
	};
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
	sysreg_write(cptr_el2, CPTR_EL2_VALUE | CPTR_TTA);
	sysreg_write(hstr_el2, 0);
	sysreg_write(mdcr_el2, mdcr_value());
	sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN);
	sysreg_write(cntvoff_el2, 0);
	/* Nobody's, until a vCPU is loaded. */
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	sysreg_write(vttbr_el2, 0);
	debug_restore(NULL);
	isb();
}
