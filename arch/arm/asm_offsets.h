/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets that assembly uses, each asserted against its C structure: vcpu.c, panic.c,
 * arch/armcommon/smp.c.
 */
#ifndef ARM_ASM_OFFSETS_H
#define ARM_ASM_OFFSETS_H

#define VCPU_R 0        /* struct arm_vcpu: regs.r */
#define VCPU_LR 56
#define VCPU_PC 60      /* regs.pc, regs.pstate */
#define CPU_PANIC_SP 4  /* struct arm_cpu */
#define CPU_PANIC_REGS 8
#define FPSIMD_FPSCR 256 /* struct fpsimd_state; fpexc behind it, d at 0 */
#define FRAME_R 0        /* struct exception_frame (panic.c) */
#define FRAME_PC 60
#define FRAME_CPSR 64
#define FRAME_SIZE 72    /* a multiple of 8 */
#define SWITCH_SIZE 40   /* struct switch_frame */

#endif
