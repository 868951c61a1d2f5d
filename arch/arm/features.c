// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the CPU can do, from its ID registers, and the traps that follow.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "lib/log.h"
#include "lib/string.h"

struct arm_features features;

static const struct arm_target *const targets[] = {
	&target_cortex_a15, &target_cortex_a7,
};

static const struct arm_target *find_target(void)
{
	u32 midr = sysreg_read(midr_el1);

	for (unsigned int i = 0; i < ARRAY_SIZE(targets); i++)
		if ((midr & MIDR_TARGET) == targets[i]->midr)
			return targets[i];
	return NULL;
}

/*
 * CPACR's fields of coprocessors 10 and 11 read as zero where there is no VFP,
 * and where firmware keeps it to the Secure state (ARM DDI 0406C, B4.1.40,
 * B4.1.111). They are a guest's: no matter to Hyp mode.
 */
static bool has_vfp(void)
{
	sysreg_write(cpacr_el1, CPACR_VFP);
	isb();
	return (sysreg_read(cpacr_el1) & CPACR_VFP) == CPACR_VFP;
}

static struct arm_features detect(void)
{
	/* ID_MMFR3, bits 27:24: physical addresses of 32, 36, 40 bits. */
	unsigned int cached = sysreg_read(id_mmfr3_el1) >> 24 & 0xf;
	const struct arm_target *target = find_target();

	return (struct arm_features){
		.stage2 = {
			.pa_bits = cached >= 2 ? 40 : cached ? 36 : 32,
			.vmid_bits = 8,
			.granules = SZ_4K,
			.features = STAGE2_LPAE,
		},
		.port = {
			.target = target,
			.vfp = has_vfp(),
			.smp = target && sysreg_read(actlr_el1) & ACTLR_SMP,
		},
	};
}

void features_detect(void)
{
	features = detect();
	if (!features.port.vfp)
		panic("CPU: it has no VFP, or firmware keeps VFP to the Secure state");
	if (features.port.target) {
		machine_cpu = features.port.target->compatible;
		machine_cluster_shift = features.port.target->core->cluster_shift;
	} else {
		log_warn("CPU: MIDR %#x is of no kind that guests can have",
			 (u32)sysreg_read(midr_el1));
	}
}

bool features_same(void)
{
	struct arm_features here = detect();

	return here.port.target == features.port.target &&
	       here.port.vfp == features.port.vfp &&
	       here.port.smp == features.port.smp &&
	       here.stage2.pa_bits == features.stage2.pa_bits &&
	       sysreg_ids_same();
}

/* boot.S has tried to set it. An emulated CPU is coherent without; and so are
 * CPUs that firmware turns on: it has seen to it. */
void port_check_smp(bool by_firmware)
{
	const struct arm_target *t = features.port.target;
	u32 midr = sysreg_read(midr_el1);
	const char *erratum = t && t->erratum ?
				      t->erratum(midr, sysreg_read(revidr_el1)) :
				      NULL;

	if (erratum)
		log_warn("CPUs: %s r%up%u has erratum %s: VMs must trust each other "
			 "(docs/security.md)",
			 t->name, midr >> 20 & 0xf, midr & 0xf, erratum);
	if (t && !features.port.smp && !by_firmware)
		log_warn("CPUs: ACTLR.SMP is clear and cannot be set (NSACR.NS_SMP), as on "
			 "an emulator: on hardware they are not coherent");
}

/* PMU and debug registers trapped. HPMN keeps its reset value: the number of
 * counters. */
static u32 mdcr_value(void)
{
	return MDCR_TDRA | MDCR_TDOSA | MDCR_TDA | MDCR_TPM | MDCR_TPMCR |
	       (sysreg_read(mdcr_el2) & 0x1f);
}

void traps_init_cpu(void)
{
	vfp_enable();
	sysreg_write(cptr_el2, CPTR_RES1 | CPTR_TTA | CPTR_TFP);
	sysreg_write(hstr_el2, HSTR_T15 | HSTR_TJDBX);
	sysreg_write(mdcr_el2, mdcr_value());
	sysreg_write(vtcr_el2, VTCR_RES1);
	el1_init_cpu();
	isb();
}
