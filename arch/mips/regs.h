/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's registers by id (core/vcpu_regs.h), as KVM numbers them for MIPS
 * (arch/mips/include/uapi/asm/kvm.h): bits 31:16 are the set. Those that KVM has
 * with 64 bits are sign-extended here.
 */
#ifndef ARCH_MIPS_REGS_H
#define ARCH_MIPS_REGS_H

#include "core/vcpu_regs.h"

#define REG_GP  (0x0000ULL << 16) /* R0 to R31, HI, LO, PC */
#define REG_CP0 (0x0001ULL << 16) /* by 8 times the number, and the select */
#define REG_KVM (0x0002ULL << 16) /* enum mips_count */

enum mips_count {
	COUNT_CTL,    /* COUNT_CTL_DC */
	COUNT_RESUME, /* nanoseconds: when the time stands still */
	COUNT_HZ,
};

#define COUNT_CTL_DC 1 /* the time stands still for Count and Compare */

/* Ours, under REG_OURS: docs/registers.md. */
#define REG_OURS_CPU (0x0000ULL << 16)
#define REG_OURS_CP0 (0x0004ULL << 16) /* by number and select */
#define REG_OURS_TLB (0x0005ULL << 16) /* struct mips_tlb_entry */
#define REG_OURS_SMP (0x0006ULL << 16) /* by offset in guest_smp.c's block */
#define REG_OURS_LAYOUT (0x0007ULL << 16) /* enum mips_reg_layout */

enum mips_reg_status {
	MIPS_STATUS_ON = 1, /* KVM's MP_STATE */
};

enum mips_reg_layout {
	LAYOUT_DEPRIVILEGED,
	LAYOUT_ARCHITECTURAL, /* where the CPU has segment control */
};

#endif
