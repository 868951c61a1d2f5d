// SPDX-License-Identifier: BSD-2-Clause
/*
 * Out of a guest: what happened, and who answers it.
 *
 * Handlers return 0 to go straight back into the guest, or why the guest is
 * left (enum leave). Each runs on the vCPU's thread with interrupts masked and
 * the vCPU loaded.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/registers.h"
#include "arch/armcommon/smccc.h"
#include "core/arch.h"
#include "core/fault.h"
#include "core/memslot.h"
#include "core/mmio.h"
#include "lib/errno.h"
#include "lib/log.h"

/* The last look before the guest is entered again. */
static inline int reenter(struct arm64_vcpu *v)
{
	u32 requests = READ_ONCE(v->vcpu.requests);

	if (likely(!(requests | this_cpu()->need_resched)))
		return 0;
	if (requests == REQ_IRQ) {
		__atomic_fetch_and(&v->vcpu.requests, ~(u32)REQ_IRQ,
				   __ATOMIC_ACQUIRE);
		vgic_flush(&v->vcpu);
		return this_cpu()->need_resched ? LEAVE_CHECK : 0;
	}
	return LEAVE_CHECK;
}

static int leave_error(struct arm64_vcpu *v, int code, const char *what,
		       const struct guest_fault *f)
{
	v->vcpu.exit.reason = EXIT_ERROR;
	v->vcpu.exit.error.code = code;
	v->vcpu.exit.error.what = what;
	v->vcpu.exit.error.fault = *f;
	return LEAVE_EXIT;
}

/* ---- Memory ---------------------------------------------------------------------- */

/* Device models are little-endian; a guest's data accesses are what its
 * SCTLR_EL1 says: EE for EL1, E0E for EL0. */
static bool big_endian(const struct arm64_vcpu *v)
{
	u64 bit = (v->pstate & 0xf) ? SCTLR_EE : SCTLR_E0E;

	return el1_read(v, EL1_SCTLR) & bit;
}

static u64 swap_bytes(u64 value, unsigned int size)
{
	return __builtin_bswap64(value) >> (64 - 8 * size);
}

static void write_back_load(struct arm64_vcpu *v, u32 iss, u64 value)
{
	unsigned int bits = 8U << (iss >> ISS_SAS_SHIFT & 3);

	if (unlikely(big_endian(v)))
		value = swap_bytes(value, bits / 8);
	if (iss & ISS_SSE) {
		value = (u64)((s64)(value << (64 - bits)) >> (64 - bits));
		if (!(iss & ISS_SF))
			value = (u32)value;
	}
	vcpu_set_x(v, iss >> ISS_SRT_SHIFT & 31, value);
}

void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
	struct arm64_vcpu *v = to_arm64(vcpu);

	if (!a->write)
		write_back_load(v, v->mmio_iss, a->value);
	vcpu_skip_instruction(v);
}

static int emulate_mmio(struct arm64_vcpu *v, const struct guest_fault *f)
{
	u32 iss = f->syndrome;
	struct mmio_access a = {
		.size = 1 << (iss >> ISS_SAS_SHIFT & 3),
		.write = f->write,
	};
	u64 mask = a.size == 8 ? ~0ULL : BIT64(a.size * 8) - 1;
	int r;

	v->vcpu.exits[CAUSE_MMIO]++;
	if (iss & ISS_CM) {
		/* Cache maintenance by address, where there is no cache. */
		vcpu_skip_instruction(v);
		return reenter(v);
	}
	/*
	 * Without a valid syndrome (pairs, write-back forms, SIMD) there is
	 * nothing to emulate with: what the guest gets is what a bus gives
	 * that cannot do the access.
	 */
	if (f->exec || f->s1ptw || !(iss & ISS_ISV) ||
	    !IS_ALIGNED(f->gpa.v, a.size)) {
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, f);
		return reenter(v);
	}
	if (a.write) {
		a.value = vcpu_get_x(v, iss >> ISS_SRT_SHIFT & 31) & mask;
		if (unlikely(big_endian(v)))
			a.value = swap_bytes(a.value, a.size);
	}
	r = mmio_access(&v->vcpu.vm->bus, &v->vcpu, f->gpa, &a);
	v->mmio_iss = iss;
	if (likely(!r)) {
		a.value &= mask;
		arch_vcpu_complete_mmio(&v->vcpu, &a);
		return reenter(v);
	}
	if (r == -ENOENT) {
		v->vcpu.exit.reason = EXIT_MMIO;
		v->vcpu.exit.mmio.gpa = f->gpa;
		v->vcpu.exit.mmio.gva = f->gva;
		v->vcpu.exit.mmio.access = a;
		return LEAVE_EXIT;
	}
	arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, f);
	return reenter(v);
}

static int handle_abort(struct arm64_vcpu *v, u64 esr)
{
	bool exec = (esr >> ESR_EC_SHIFT) == EC_IABT_LOWER;
	struct guest_fault f = {
		.gva = GVA(sysreg_read(far_el2)),
		.exec = exec,
		.write = !exec && (esr & ISS_WNR) && !(esr & ISS_CM),
		.s1ptw = esr & ISS_S1PTW,
		.permission = (esr & FSC_TYPE_MASK) == FSC_PERMISSION,
		.access_flag = (esr & FSC_TYPE_MASK) == FSC_ACCESS,
		.syndrome = esr,
	};
	int r;

	if ((esr & FSC_MASK) > (FSC_PERMISSION | 3) ||
	    !stage2_fault_ipa(esr, f.gva.v, &f.gpa)) {
		/* External, ECC and conflict aborts are the guest's own, as on
		 * hardware; a translation that changed just runs again. */
		v->vcpu.exits[CAUSE_OTHER]++;
		if ((esr & FSC_MASK) > (FSC_PERMISSION | 3))
			arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, &f);
		return reenter(v);
	}
	r = fault_handle(&v->vcpu, &f);
	if (r == FAULT_MMIO)
		return emulate_mmio(v, &f);
	v->vcpu.exits[CAUSE_FAULT]++;
	if (r == FAULT_ABORT)
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, &f);
	else if (r == FAULT_SIZE)
		arch_inject(&v->vcpu, GUEST_ADDRESS_SIZE, &f);
	else if (r < 0)
		return leave_error(v, r, "no memory for a page or table", &f);
	return reenter(v);
}

/* ---- Calls, waiting, traps ------------------------------------------------------ */

static int handle_call(struct arm64_vcpu *v, u64 esr, bool smc)
{
	v->vcpu.exits[smc ? CAUSE_SMC : CAUSE_HVC]++;
	/* HVC returns past itself; a trapped SMC has not been executed. */
	if (smc)
		vcpu_skip_instruction(v);
	/* SMCCC calls have the immediate 0; nothing else is defined. */
	if (esr & 0xffff) {
		v->x[0] = SMCCC_NOT_SUPPORTED;
		return reenter(v);
	}
	switch (smccc_handle(&v->vcpu, v->x)) {
	case SMCCC_WAIT:
		return LEAVE_WAIT;
	case SMCCC_OFF:
		return LEAVE_CHECK;
	case SMCCC_EXIT:
		return LEAVE_EXIT;
	case SMCCC_RESUME:
		break;
	}
	return reenter(v);
}

static int handle_wfx(struct arm64_vcpu *v, u64 esr)
{
	v->vcpu.exits[CAUSE_WFX]++;
	vcpu_skip_instruction(v);
	if (!(esr & 1))
		return LEAVE_WAIT;
	/* WFE: whoever holds the lock may be waiting for this CPU. */
	this_cpu()->need_resched = true;
	return LEAVE_CHECK;
}

static int handle_sysreg(struct arm64_vcpu *v, u64 esr)
{
	v->vcpu.exits[CAUSE_SYSREG]++;
	if (!sysreg_trap(v, esr & ESR_ISS_MASK))
		inject_undefined(v);
	return reenter(v);
}

int guest_exit_sync(struct arm64_vcpu *v, u64 esr)
{
	switch (esr >> ESR_EC_SHIFT) {
	case EC_HVC64:
		return handle_call(v, esr, false);
	case EC_DABT_LOWER:
	case EC_IABT_LOWER:
		return handle_abort(v, esr);
	case EC_SYSREG:
		return handle_sysreg(v, esr);
	case EC_WFX:
		return handle_wfx(v, esr);
	case EC_SMC64:
		return handle_call(v, esr, true);
	default:
		/*
		 * What is left are features that the guest was not told of
		 * (SVE, pointer authentication), and AArch32 traps of its
		 * EL0: undefined, as on a CPU without them.
		 */
		v->vcpu.exits[CAUSE_OTHER]++;
		inject_undefined(v);
		return reenter(v);
	}
}

int guest_exit_irq(struct arm64_vcpu *v)
{
	v->vcpu.exits[CAUSE_IRQ]++;
	irq_handle();
	return reenter(v);
}

/* An SError while the guest ran is the guest's: on hardware it would be. */
int guest_exit_serror(struct arm64_vcpu *v, u64 esr)
{
	v->vcpu.exits[CAUSE_OTHER]++;
	inject_serror(v);
	sysreg_write(hcr_el2, sysreg_read(hcr_el2) | HCR_VSE);
	return reenter(v);
}
