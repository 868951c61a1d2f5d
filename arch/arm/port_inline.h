/* SPDX-License-Identifier: BSD-2-Clause */
/* Of arch/armcommon/arm.h, at its end. */
#ifndef ARM_PORT_INLINE_H
#define ARM_PORT_INLINE_H

/* banked.c: register 0 to 14 as the guest's present mode sees it. */
u64 vcpu_get_banked(const struct arm_vcpu *v, unsigned int n);
void vcpu_set_banked(struct arm_vcpu *v, unsigned int n, u64 val);

/* r15 is no data register of an access that is described: reads as zero. */
static inline u64 vcpu_get_x(const struct arm_vcpu *v, unsigned int n)
{
	return likely(n < 8) ? v->regs.r[n] : vcpu_get_banked(v, n);
}

static inline void vcpu_set_x(struct arm_vcpu *v, unsigned int n, u64 val)
{
	if (likely(n < 8))
		v->regs.r[n] = val;
	else
		vcpu_set_banked(v, n, val);
}

/* There is no SMC64 convention for callers in AArch32 (DEN0028): the call is not
 * there, nor has it features. */
static inline bool is_smc64(const struct arm_vcpu *v)
{
	u32 fn = v->regs.r[0] == PSCI_FEATURES ? v->regs.r[1] : v->regs.r[0];

	return fn & SMCCC_64;
}

static inline enum smccc_result vcpu_smccc(struct arm_vcpu *v)
{
	u64 x[4] = {v->regs.r[0], v->regs.r[1], v->regs.r[2], v->regs.r[3]};
	enum smccc_result r;

	if (unlikely(is_smc64(v))) {
		v->regs.r[0] = SMCCC_NOT_SUPPORTED;
		return SMCCC_RESUME;
	}
	r = smccc_handle(&v->vcpu, x);

	for (int i = 0; i < 4; i++)
		v->regs.r[i] = x[i];
	return r;
}

static inline bool vcpu_is_aarch32(const struct arm_vcpu *v)
{
	return true;
}

static inline void vcpu_skip_instruction(struct arm_vcpu *v)
{
	if (unlikely(v->regs.pstate & (SPSR_IT | SPSR_T32)))
		return aarch32_skip_instruction(v);
	v->regs.pc += 4;
}

/* HSR.IL is not valid for an abort that is not described (ARM DDI 0406C, B3.13.6). */
static inline void vcpu_skip_maintenance(struct arm_vcpu *v)
{
	v->esr |= ESR_IL;
	vcpu_skip_instruction(v);
}

static inline bool vcpu_is_big_endian(const struct arm_vcpu *v)
{
	return v->regs.pstate & SPSR_AARCH32_E;
}

static inline bool port_smc_is_skipped(const struct arm_vcpu *v, unsigned long esr)
{
	return aarch32_condition_fails(v, esr);
}

/* CPACR's is an Undefined Instruction exception in the guest, before HCPTR's trap
 * (B1.14.2). */
static inline bool port_is_fpsimd(unsigned long esr)
{
	return esr >> ESR_EC_SHIFT == EC_FP &&
	       (esr & ISS_TA || (esr & ISS_COPROC_MASK & ~1U) == 10);
}

/* Of a guest's data abort: is it an asynchronous one? It has the vector of all that
 * is taken from a guest, not that of Hyp mode's own (ARM DDI 0406C, B1.8.1). */
static inline bool port_is_serror(unsigned long esr)
{
	return (esr & FSC_MASK) == FSC_ASYNC_EXTERNAL ||
	       (esr & FSC_MASK) == FSC_ASYNC_PARITY;
}

/*
 * ID_MMFR1.BPred, 1 to 3: branch predictions outlive the translations that they were
 * made with (ARM DDI 0406C, B2.2.9 and B4.1.90). 0: there are none; 4: they are no
 * more than predictions.
 */
static inline bool predictions_are_visible(void)
{
	return (sysreg_read(id_mmfr1_el1) >> 28) - 1 < 3U;
}

/* This CPU's, of whoever ran: they are gone when it returns. */
static inline void port_flush_predictor(void)
{
	if (predictions_are_visible()) {
		bp_invalidate_local();
		dsb(nsh);
		isb();
	}
}

/* Every CPU's, with the TLB invalidation before; the caller's DSB awaits both. */
static inline void port_flush_predictors_all(void)
{
	if (predictions_are_visible())
		bp_invalidate();
}

/* Once there are several CPUs: warn of what they cannot do together. */
void port_check_smp(bool by_firmware);

/* The virtual address of the abort that was taken last. */
static inline u64 port_fault_address(bool exec)
{
	return exec ? sysreg_read(hifar) : sysreg_read(far_el2);
}

#endif
