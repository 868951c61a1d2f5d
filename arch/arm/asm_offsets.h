/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets that assembly uses; vcpu.c asserts each against its C structure.
 */
#ifndef ARM_ASM_OFFSETS_H
#define ARM_ASM_OFFSETS_H

#define VCPU_R 0        /* struct arm_vcpu: regs.r */
#define VCPU_LR 56
#define VCPU_PC 60      /* regs.pc, regs.pstate */
#define CPU_PANIC_SP 4  /* struct arm_cpu */
#define CPU_PANIC_REGS 8

#endif
