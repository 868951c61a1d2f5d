/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What code that runs with the MMU off hands to the code that turns it on.
 * Offsets are known to boot.S.
 */
#ifndef ARMCOMMON_BOOT_INFO_H
#define ARMCOMMON_BOOT_INFO_H

#define BOOT_MAIR 0
#define BOOT_TCR 8
#define BOOT_TTBR 16
#define BOOT_SCTLR 24
#define BOOT_IMAGE_VA 32
#define BOOT_TRAMPOLINE 40
#define BOOT_RUN_TTBR 48
#define BOOT_IMAGE_PA 56

#ifndef __ASSEMBLER__
#include "lib/types.h"

struct boot_info {
	u64 mair, tcr;
	u64 ttbr;          /* boot tables: identity page, trampoline, image */
	u64 sctlr;
	u64 image_va;
	u64 trampoline;    /* VA */
	u64 run_ttbr;      /* run-time tables; 0 until they stand */
	u64 image_pa;
};

extern struct boot_info boot_info;

/* The port's: what the registers of EL2's stage 1 are to have, from layout. */
void port_boot_registers(struct boot_info *b);
#endif

#endif
