/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU for unit tests of an Arm port on a PC: system registers by name,
 * and stand-ins for what exit handlers call.
 */
#ifndef ARMCOMMON_TESTING_FAKE_CPU_H
#define ARMCOMMON_TESTING_FAKE_CPU_H

#include "arch/armcommon/arm.h"

/* Everything back to zero; `v` is the vCPU that is loaded. */
void fake_cpu_reset(struct arm_vcpu *v, struct arm_vm *vm);

u64 fake_reg(const char *name);
void fake_set_reg(const char *name, u64 v);

/* What the next calls answer, and what they were given. */
extern int fake_fault_result;      /* fault_handle() */
extern struct guest_fault fake_fault;
extern unsigned int fake_faults;
extern struct mmio_device fake_device; /* at 0x09000000, 4 KiB */
extern int fake_mmio_result;
extern u64 fake_mmio_value;
extern struct mmio_access fake_mmio;
extern bool fake_ipa_lost;         /* stage2_fault_ipa() */
extern gpa_t fake_ipa;
extern unsigned int fake_flush_steps; /* stage2_flush_vm(): before it is done */
extern unsigned int fake_vm_flushes, fake_sgis, fake_vgic_flushes;
extern unsigned int fake_conflicts; /* stage2_resolve_conflict() */
extern enum smccc_result fake_smccc_result;
extern u64 fake_ptimer[3];
/* What is in the VFP and SIMD registers, and how often they were switched. */
extern struct fpsimd_state fake_fpsimd;
extern unsigned int fake_fpsimd_saves, fake_fpsimd_restores;

#endif
