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

#define SECONDARY_PER_CPU 0
#define SECONDARY_STACK 8
#define SECONDARY_HW_ID 16
#define SECONDARY_SIZE 32
#define SECONDARY_COUNT 64

#ifndef __ASSEMBLER__
#include "core/cpu.h"
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

/*
 * What a CPU starts with, read at secondary_entry with the MMU off: one for
 * each, for one that is late still reads its own. It is the one of its number
 * (MPIDR affinity), and may be used once `stack`, which is written last, is not
 * zero: in one cache line, or a part of it could reach memory before another.
 */
struct secondary {
	u64 per_cpu, stack;
	u64 hw_id;
} __attribute__((aligned(SECONDARY_SIZE)));

extern struct secondary secondaries[MAX_CPUS];

/* The port's: what the registers of EL2's stage 1 are to have, from layout. */
void port_boot_registers(struct boot_info *b);
#endif

#endif
