// SPDX-License-Identifier: BSD-2-Clause
/* Cortex-A15 (ARM DDI 0438). */
#include "arch/armcommon/arm.h"

const struct arm_target target_cortex_a15 = {
	.midr = 0x410fc0f0,
	.name = "Cortex-A15",
	.compatible = "arm,cortex-a15",
	.core = &target_cortex,
};
