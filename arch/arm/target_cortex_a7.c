// SPDX-License-Identifier: BSD-2-Clause
/* Cortex-A7 (ARM DDI 0464). */
#include "arch/armcommon/arm.h"

const struct arm_target target_cortex_a7 = {
	.midr = 0x410fc070,
	.name = "Cortex-A7",
	.compatible = "arm,cortex-a7",
	.core = &target_cortex,
};
