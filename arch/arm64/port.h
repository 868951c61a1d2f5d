/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arm64 port, for the files that both Arm ports share: see
 * arch/armcommon/arm.h.
 */
#ifndef ARM64_PORT_H
#define ARM64_PORT_H

#include "arch/arm64/asm_offsets.h"
#include "arch/arm64/registers.h"
#include "arch/arm64/stage2_encode.h"
#include "lib/types.h"

struct arm_vcpu;

#define PORT_NAME "arm64"
#define PORT_MODE "EL2"
/* CurrentEL as the image is entered. */
#define PORT_ENTRY_MODE (2 << 2)
#define PORT_ENTRY_REFUSED "below EL2 (CurrentEL %#x); the board must start it there"

/* A guest's registers that every exit stores. */
struct port_regs {
	u64 x[31];
	u64 pc, pstate;
};

/* X(enum el1_register name, system register) */
#define EL1_CONTEXT(X)                                                         \
	EL1_COMMON(X)                                                          \
	X(ESR, esr_el1)                                                        \
	X(AFSR0, afsr0_el1)                                                    \
	X(AFSR1, afsr1_el1)                                                    \
	X(FAR, far_el1)                                                        \
	X(MAIR, mair_el1)                                                      \
	X(AMAIR, amair_el1)                                                    \
	X(ELR, elr_el1)                                                        \
	X(SPSR, spsr_el1)                                                      \
	X(SP_EL0, sp_el0)                                                      \
	X(SP_EL1, sp_el1)                                                      \
	X(MDSCR, mdscr_el1)

/* With FEAT_RAS, EL1's accesses to DISR_EL1 are to VDISR_EL2. */
#define EL1_RAS(X) X(VDISR, s3_4_c12_c1_1)

/* What thread_switch_sp() pops (vectors.S): x29, x30, x19 to x28. */
struct switch_frame {
	u64 x29, lr, x19_x28[10];
};

struct fpsimd_state {
	u64 v[64] __attribute__((aligned(16)));
	u32 fpsr, fpcr;
};

/* Hardware debug registers, as many as the CPU has. */
struct debug_state {
	u64 bvr[16], bcr[16], wvr[16], wcr[16];
};

struct port_vcpu {
	bool debug_used; /* debug registers are the guest's */
	struct debug_state debug;
};

struct port_vm {
	struct stage2_tlbi tlbi;
};

struct port_features {
	bool pan, ssbs, gicv3;
	unsigned int breakpoints, watchpoints;
};

/* With limited-ordering registers trapped, as they are not told of. */
#define GUEST_HCR (HCR_COMMON | HCR_TLOR | (u64)HCR_RW)

#define PORT_EC_HVC EC_HVC64
#define PORT_EC_SMC EC_SMC64

/* EL2's own stage 1. */
#define PORT_EL2_FORMAT pgtable_arm64_el2_4k
#define PORT_TIMER_PPI 26 /* BSA 1.0, 3.8 */

/* debug.c: all off when `d` is NULL. */
void debug_restore(const struct debug_state *d);
/* DBGBVR, DBGBCR, DBGWVR, DBGWCR: kind 0 to 3. NULL: this CPU has not so many. To
 * write one that it has; the vCPU is loaded here, or nowhere. */
u64 *debug_register(struct arm_vcpu *v, unsigned int kind, unsigned int n);
void debug_write(struct arm_vcpu *v, unsigned int kind, unsigned int n, u64 val);
/* What guests may have in MDSCR_EL1: SS, TDCC, KDE, MDE. */
#define MDSCR_GUEST_MASK (BIT64(0) | BIT64(12) | BIT64(13) | BIT64(15))
/* What guests are told: ID_*_EL1 by CRm and op2. */
typedef u64 id_register;
struct id_registers {
	id_register r[8][8];
};
u64 sysreg_id(unsigned int crm, unsigned int op2);

#endif
