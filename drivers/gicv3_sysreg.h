/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GICv3 CPU interface's system registers (Arm IHI 0069, 12.2), by their
 * encodings: an assembler for ARMv8.0 need not know the names.
 *
 * icc_read(IAR1) and icc_write(PMR, v). A test on a PC is compiled with
 * -DGICV3_SYSREG_MODEL and supplies the two functions.
 */
#ifndef DRIVERS_GICV3_SYSREG_H
#define DRIVERS_GICV3_SYSREG_H

#include "lib/types.h"

#ifdef GICV3_SYSREG_MODEL
u64 icc_model_read(const char *reg);
void icc_model_write(const char *reg, u64 v);
#define icc_read(reg) icc_model_read(#reg)
#define icc_write(reg, v) icc_model_write(#reg, v)
#define icc_sync() ((void)0)
#define icc_complete() ((void)0)
#else
#define ICC_PMR     "S3_0_C4_C6_0"
#define ICC_AP1R0   "S3_0_C12_C9_0"
#define ICC_AP1R1   "S3_0_C12_C9_1"
#define ICC_AP1R2   "S3_0_C12_C9_2"
#define ICC_AP1R3   "S3_0_C12_C9_3"
#define ICC_DIR     "S3_0_C12_C11_1"
#define ICC_SGI1R   "S3_0_C12_C11_5"
#define ICC_IAR1    "S3_0_C12_C12_0"
#define ICC_EOIR1   "S3_0_C12_C12_1"
#define ICC_BPR1    "S3_0_C12_C12_3"
#define ICC_CTLR    "S3_0_C12_C12_4"
#define ICC_IGRPEN1 "S3_0_C12_C12_7"
#define ICC_SRE_EL2 "S3_4_C12_C9_5"

#define icc_read(reg)                                                          \
	({                                                                     \
		u64 icc_v_;                                                    \
		__asm__ volatile("mrs %0, " ICC_##reg                          \
				 : "=r"(icc_v_)::"memory");                    \
		icc_v_;                                                        \
	})
#define icc_write(reg, v)                                                      \
	__asm__ volatile("msr " ICC_##reg ", %x0" ::"rZ"((u64)(v)) : "memory")
/* The write has its effect before the next instruction. */
#define icc_sync() __asm__ volatile("isb" ::: "memory")
/* An acknowledge has reached the redistributor before anything that follows
 * looks at the device (IHI 0069, 4.1.1). */
#define icc_complete() __asm__ volatile("dsb sy" ::: "memory")
#endif

#endif
