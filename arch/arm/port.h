/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arm port (ARMv7-A, Hyp mode), for the files that both Arm ports share: see
 * arch/armcommon/arm.h.
 */
#ifndef ARM_PORT_H
#define ARM_PORT_H

#include "arch/arm/asm_offsets.h"
#include "arch/arm/registers.h"
#include "lib/types.h"

struct arm_vcpu;
struct vcpu;
struct reg_range;

#define PORT_NAME "arm"
#define PORT_MODE "Hyp mode"
/* CPSR.M as the image is entered. */
#define PORT_ENTRY_MODE MODE_HYP
#define PORT_ENTRY_REFUSED                                                     \
	"in mode %#x (0x13 is SVC), not in Hyp mode; the boot loader must "     \
	"switch to it (U-Boot: bootm_boot_mode=nonsec; QEMU: "                  \
	"-M ...,virtualization=on, for vexpress-a15 secure=off too)"

/*
 * A guest's registers that every exit stores: those of User mode, but r13. The
 * other modes' stay in the CPU, as el1 registers do (banked.c).
 */
struct port_regs {
	u32 r[15];
	u32 pc, pstate;
};

/* X(enum el1_register name, register) */
#define EL1_CONTEXT(X)                                                         \
	EL1_COMMON(X)                                                          \
	X(DACR, dacr)                                                          \
	X(DFSR, dfsr)                                                          \
	X(IFSR, ifsr)                                                          \
	X(ADFSR, adfsr)                                                        \
	X(AIFSR, aifsr)                                                        \
	X(DFAR, dfar)                                                          \
	X(IFAR, ifar)                                                          \
	X(MAIR0, mair0)                                                        \
	X(MAIR1, mair1)                                                        \
	X(AMAIR0, amair0)                                                      \
	X(AMAIR1, amair1)                                                      \
	X(TEECR, teecr)                                                        \
	X(TEEHBR, teehbr)                                                      \
	X(SP_USR, sp_usr)                                                      \
	X(SP_SVC, sp_svc)                                                      \
	X(LR_SVC, lr_svc)                                                      \
	X(SPSR_SVC, spsr_svc)                                                  \
	X(SP_ABT, sp_abt)                                                      \
	X(LR_ABT, lr_abt)                                                      \
	X(SPSR_ABT, spsr_abt)                                                  \
	X(SP_UND, sp_und)                                                      \
	X(LR_UND, lr_und)                                                      \
	X(SPSR_UND, spsr_und)                                                  \
	X(SP_IRQ, sp_irq)                                                      \
	X(LR_IRQ, lr_irq)                                                      \
	X(SPSR_IRQ, spsr_irq)                                                  \
	X(R8_FIQ, r8_fiq)                                                      \
	X(R9_FIQ, r9_fiq)                                                      \
	X(R10_FIQ, r10_fiq)                                                    \
	X(R11_FIQ, r11_fiq)                                                    \
	X(R12_FIQ, r12_fiq)                                                    \
	X(SP_FIQ, sp_fiq)                                                      \
	X(LR_FIQ, lr_fiq)                                                      \
	X(SPSR_FIQ, spsr_fiq)

#define EL1_RAS(X)

/* What thread_switch_sp() pops (vectors.S): r3 to r11, r14. */
struct switch_frame {
	u32 r3_r11[9], lr;
};

struct fpsimd_state {
	u64 d[32];
	u32 fpscr, fpexc;
};

struct port_vcpu {
};

struct port_vm {
};

struct port_features {
	const struct arm_target *target;
	bool vfp; /* which all CPUs that go on have */
	bool smp; /* ACTLR.SMP, of a target */
};

#define GUEST_HCR HCR_COMMON

#define PORT_EC_HVC EC_HVC32
#define PORT_EC_SMC EC_SMC32

/* Hyp mode's own stage 1. */
#define PORT_EL2_FORMAT pgtable_lpae_hyp
#define PORT_TIMER_PPI 26

/*
 * What is to be known of a kind of CPU that guests are shown as it is (K13,
 * K32): target_*.c, each in a file of its own.
 */
struct arm_target {
	u32 midr; /* implementer and part, MIDR_TARGET of it */
	const char *name;
	const char *compatible; /* in a guest's device tree */
	/* Which erratum, that the port does not work around, several CPUs with
	 * these MIDR and REVIDR have; NULL: none, or no function: none is known. */
	const char *(*erratum)(u32 midr, u32 revidr);
	const struct arm_core *core;
};
#define MIDR_TARGET 0xff0ffff0

/* What several kinds have alike. */
struct arm_core {
	unsigned int max_vcpus;
	unsigned int cluster_shift; /* CPUs of a cluster, as a power of two */
	/* What ACTLR and L2CTLR have from reset on: guests do not change them. */
	u32 (*actlr)(const struct vcpu *vcpu);
	u32 (*l2ctlr)(const struct vcpu *vcpu);
	/* Implementation-specific registers by id. */
	const struct reg_range *regs;
	unsigned int reg_count;
};
/* What guests are told: ID_* by CRm (1, 2) and opc2, MVFR0 and MVFR1. */
typedef u32 id_register;
struct id_registers {
	id_register r[2][8];
	id_register mvfr[2];
};
u32 sysreg_id(unsigned int crm, unsigned int op2);
u32 sysreg_mvfr(unsigned int n);
/* vectors.S, while HCPTR does not trap it. MVFR0 or MVFR1. */
u32 vfp_id(unsigned int n);
/* FPEXC.EN, or a guest's VFP instruction may be undefined before it traps. */
void vfp_enable(void);

extern const struct arm_core target_cortex;
extern const struct arm_target target_cortex_a15, target_cortex_a7;

#endif
