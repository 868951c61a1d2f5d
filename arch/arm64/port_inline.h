/* SPDX-License-Identifier: BSD-2-Clause */
/* Of arch/armcommon/arm.h, at its end. */
#ifndef ARM64_PORT_INLINE_H
#define ARM64_PORT_INLINE_H

/* Register number of an instruction; 31 reads as zero and is not written. */
static inline u64 vcpu_get_x(const struct arm_vcpu *v, unsigned int n)
{
	return n < 31 ? v->regs.x[n] : 0;
}

static inline void vcpu_set_x(struct arm_vcpu *v, unsigned int n, u64 val)
{
	if (n < 31)
		v->regs.x[n] = val;
}

static inline enum smccc_result vcpu_smccc(struct arm_vcpu *v)
{
	return smccc_handle(&v->vcpu, v->regs.x);
}

/* PSTATE.SS and PSTATE.BTYPE are cleared by an instruction that completes. */
#define SPSR_SS_BTYPE ((1UL << 21) | (3UL << 10))

static inline bool vcpu_is_aarch32(const struct arm_vcpu *v)
{
	return v->regs.pstate & SPSR_AARCH32;
}

static inline void vcpu_skip_instruction(struct arm_vcpu *v)
{
	if (unlikely(vcpu_is_aarch32(v)))
		return aarch32_skip_instruction(v);
	v->regs.pc += 4;
	v->regs.pstate &= ~(u64)SPSR_SS_BTYPE;
}

static inline void vcpu_skip_maintenance(struct arm_vcpu *v)
{
	vcpu_skip_instruction(v);
}

/* A guest's data accesses are what its SCTLR_EL1 says, EE for EL1, E0E for EL0,
 * or PSTATE.E in AArch32. */
static inline bool vcpu_is_big_endian(const struct arm_vcpu *v)
{
	if (unlikely(vcpu_is_aarch32(v)))
		return v->regs.pstate & SPSR_AARCH32_E;
	return unlikely(sysreg_read(sctlr_el1) &
			((v->regs.pstate & 0xf) ? SCTLR_EE : SCTLR_E0E));
}

/* Only EL1 can execute SMC, and it is in AArch64. */
static inline bool port_smc_is_skipped(const struct arm_vcpu *v, unsigned long esr)
{
	return false;
}

/* CPTR_EL2.TFP's trap. CPACR_EL1's goes to EL1, and comes before it. */
static inline bool port_is_fpsimd(unsigned long esr)
{
	return esr >> ESR_EC_SHIFT == EC_FP;
}

/* SErrors have a vector of their own. */
static inline bool port_is_serror(unsigned long esr)
{
	return false;
}

/* ARMv8's branch predictors are not visible (DDI 0487, D7.5). */
static inline void port_flush_predictor(void)
{
}

static inline void port_flush_predictors_all(void)
{
}

static inline void port_check_smp(bool by_firmware)
{
}

/* The virtual address of the abort that was taken last. */
static inline u64 port_fault_address(bool exec)
{
	return sysreg_read(far_el2);
}

#endif
