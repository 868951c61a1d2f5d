/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SMC calling convention, version 1.1 (DEN0028): what a guest's HVC (and
 * trapped SMC) means.
 */
#ifndef ARMCOMMON_SMCCC_H
#define ARMCOMMON_SMCCC_H

#include "lib/types.h"

struct vcpu;

/* Of a function identifier: the convention of 64 bits. */
#define SMCCC_64 (1U << 30)
#define SMCCC_VERSION 0x80000000U
#define SMCCC_ARCH_FEATURES 0x80000001U
#define SMCCC_ARCH_WORKAROUND_1 0x80008000U
#define SMCCC_ARCH_WORKAROUND_2 0x80007FFFU
#define SMCCC_ARCH_WORKAROUND_3 0x80003FFFU

#define SMCCC_VERSION_1_1 0x10001U
#define SMCCC_NOT_SUPPORTED (-1)

/* What the caller does next; the guest's registers hold the answer. */
enum smccc_result {
	SMCCC_RESUME, /* go on in the guest */
	SMCCC_WAIT,   /* as after WFI: block until an interrupt is pending */
	SMCCC_OFF,    /* vcpu->powered is false now: return 0 from
		       * arch_vcpu_enter() */
	SMCCC_EXIT,   /* vcpu->exit is filled in: return 1 */
};

/*
 * x: the vCPU's general registers from x0 on (r0 on, widened, on a 32-bit
 * port); at least four. Arguments are read from and results written to x[0] to
 * x[3]; registers that the convention preserves stay. The program counter is
 * the caller's affair: after an HVC it stands past the instruction already, a
 * trapped SMC has to be skipped.
 */
enum smccc_result smccc_handle(struct vcpu *vcpu, u64 *x);

/*
 * Supplied by the port. features: the answer to ARCH_FEATURES for one of the
 * ARCH_WORKAROUNDs: 0 the call is needed and there, 1 not needed on this CPU,
 * -1 neither is known. call: do it for this vCPU; only when features said >= 0.
 */
struct smccc_workarounds {
	s32 (*features)(u32 function);
	void (*call)(struct vcpu *vcpu, u32 function, u64 arg);
};
extern const struct smccc_workarounds smccc_workarounds;

#endif
