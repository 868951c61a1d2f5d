/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets that assembly uses; vcpu.c and smp.c assert each against its C
 * structure.
 */
#ifndef ARM64_ASM_OFFSETS_H
#define ARM64_ASM_OFFSETS_H

#define VCPU_X 0        /* struct arm_vcpu: x */
#define VCPU_PC 248     /* pc, pstate */
#define CPU_PANIC_SP 8  /* struct arm_cpu */
#define CPU_PANIC_REGS 16

#endif
