/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 for guests (DEN0022): power of vCPUs and of the machine.
 *
 * Turning a vCPU on is split. The caller of CPU_ON claims the target, leaves
 * entry point and context with it, sets vcpu->powered and wakes it; the target
 * resets itself, in its own thread and on its own CPU, where its old state may
 * still be in registers: psci_vcpu_enter(). Until then AFFINITY_INFO says
 * ON_PENDING, and a second CPU_ON is refused.
 */
#ifndef ARMCOMMON_PSCI_H
#define ARMCOMMON_PSCI_H

#include "arch/armcommon/smccc.h"
#include "lib/types.h"
#include "lib/util.h"

struct vcpu;

/* Function identifiers; SMC64 forms have bit 30 set as well. */
#define PSCI_VERSION 0x84000000U
#define PSCI_CPU_SUSPEND 0x84000001U
#define PSCI_CPU_OFF 0x84000002U
#define PSCI_CPU_ON 0x84000003U
#define PSCI_AFFINITY_INFO 0x84000004U
#define PSCI_MIGRATE_INFO_TYPE 0x84000006U
#define PSCI_SYSTEM_OFF 0x84000008U
#define PSCI_SYSTEM_RESET 0x84000009U
#define PSCI_FEATURES 0x8400000AU
#define PSCI_SYSTEM_RESET2 0x84000012U
#define PSCI_CPU_SUSPEND64 0xC4000001U
#define PSCI_CPU_ON64 0xC4000003U
#define PSCI_AFFINITY_INFO64 0xC4000004U
#define PSCI_SYSTEM_RESET2_64 0xC4000012U

#define PSCI_VERSION_1_1 0x00010001U

/* Return codes. */
#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED (-3)
#define PSCI_ALREADY_ON (-4)
#define PSCI_ON_PENDING (-5)
#define PSCI_INVALID_ADDRESS (-9)

/* AFFINITY_INFO. */
#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_AFFINITY_ON_PENDING 2

enum psci_turn_on {
	PSCI_IDLE,    /* nobody is turning the vCPU on */
	PSCI_CLAIMED, /* a CPU_ON is at work on it */
	PSCI_READY,   /* entry and context stand; the vCPU has yet to look */
};

/* In each vCPU, zeroed: port's structure. */
struct psci_cpu {
	u32 turn_on; /* enum psci_turn_on; atomic */
	u64 entry;
	u64 context;
};

/* Supplied by the port: arch_vcpu_reset(), with the context in the register
 * that PSCI wants it in. */
void psci_start_vcpu(struct vcpu *vcpu, u64 entry, u64 context);
/* Supplied by the port. */
struct psci_cpu *psci_of(struct vcpu *vcpu);

/*
 * The port calls this first in arch_vcpu_enter(), in the vCPU's thread with
 * the vCPU loaded: if a CPU_ON turned it on, psci_start_vcpu(vcpu, entry,
 * context) is called, and has to deal with state that is in registers.
 */
void psci_vcpu_start(struct vcpu *vcpu);
static inline void psci_vcpu_enter(struct vcpu *vcpu, struct psci_cpu *p)
{
	/* Pairs with the release of vcpu->powered, which the caller saw. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (unlikely(READ_ONCE(p->turn_on) == PSCI_READY))
		psci_vcpu_start(vcpu);
}

/* The VM is reset, its vCPUs are out: forget what was under way. */
void psci_vcpu_reset(struct vcpu *vcpu);

/* A call whose identifier is in PSCI's range; as smccc_handle(). */
enum smccc_result psci_handle(struct vcpu *vcpu, u64 *x);

#endif
