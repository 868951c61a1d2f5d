// SPDX-License-Identifier: BSD-2-Clause
/* Cortex-A15 (ARM DDI 0438). */
#include "arch/armcommon/arm.h"

/*
 * 798181: a DSB behind a broadcast TLB invalidation does not wait for what the other
 * CPUs do by the old translation; for that each of them must execute a DMB. Nobody
 * can ask it of a CPU in an exit, which may wait for a lock with interrupts masked.
 * Up to r3p3; from r2p4, REVIDR bit 9 says that it was mended.
 */
#define REVISION(midr) (((midr) >> 16 & 0xf0) | ((midr)&0xf))
#define REVIDR_798181 (1 << 9)

static const char *erratum(u32 midr, u32 revidr)
{
	if (REVISION(midr) > 0x33 ||
	    (REVISION(midr) >= 0x24 && revidr & REVIDR_798181))
		return NULL;
	return "798181 (a page that is taken from a VM may be accessed for a moment more)";
}

const struct arm_target target_cortex_a15 = {
	.midr = 0x410fc0f0,
	.name = "Cortex-A15",
	.compatible = "arm,cortex-a15",
	.erratum = erratum,
	.core = &target_cortex,
};
