// SPDX-License-Identifier: BSD-2-Clause
/*
 * Out of a guest: what happened, and who answers it.
 *
 * Handlers return 0 to go straight back into the guest, or why the guest is
 * left (enum leave). Each runs on the vCPU's thread with interrupts masked and
 * the vCPU loaded.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/smccc.h"
#include "core/arch.h"
#include "core/fault.h"
#include "core/memslot.h"
#include "core/mmio.h"
#include "lib/errno.h"
#include "lib/log.h"

/* The last look before the guest is entered again. */
static __attribute__((noinline)) int see_requests(struct arm_vcpu *v)
{
	do {
		if (READ_ONCE(v->vcpu.requests) != REQ_IRQ)
			return LEAVE_CHECK;
		__atomic_fetch_and(&v->vcpu.requests, ~(u32)REQ_IRQ,
				   __ATOMIC_ACQUIRE);
		vgic_flush(&v->vcpu);
	} while (READ_ONCE(v->vcpu.requests));
	return 0;
}

static inline int reenter(struct arm_vcpu *v)
{
	return likely(!READ_ONCE(v->vcpu.requests)) ? 0 : see_requests(v);
}

static int leave_error(struct arm_vcpu *v, int code, const char *what,
		       const struct guest_fault *f)
{
	v->vcpu.exit.reason = EXIT_ERROR;
	v->vcpu.exit.error.code = code;
	v->vcpu.exit.error.what = what;
	v->vcpu.exit.error.fault = *f;
	return LEAVE_EXIT;
}

/* ---- Devices --------------------------------------------------------------------- */

/* Device models are little-endian; a guest may not be. */
static u64 swap_bytes(u64 value, unsigned int size)
{
	return __builtin_bswap64(value) >> (64 - 8 * size);
}

static inline unsigned int access_size(u32 iss)
{
	return 1U << (iss >> ISS_SAS_SHIFT & 3);
}

static inline unsigned int access_register(u32 iss)
{
	return iss >> ISS_SRT_SHIFT & 31;
}

/* `value` has no bits above the access's size. */
static inline u64 extend(u64 value, u32 iss)
{
	unsigned int unused = 64 - 8 * access_size(iss);

	if (likely(!(iss & ISS_SSE)))
		return value;
	value = (s64)(value << unused) >> unused;
	return iss & ISS_SF ? value : (u32)value;
}

/* Most accesses are of a word or less, and a 32-bit CPU's all are. */
static inline u64 truncate(u64 value, unsigned int size)
{
	return unlikely(size == 8) ? value :
				     (u32)value & ~0U >> (32 - 8 * size);
}

void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
	struct arm_vcpu *v = to_arm(vcpu);
	u64 value = a->value;

	if (!a->write) {
		if (v->mmio_swap)
			value = swap_bytes(value, a->size);
		vcpu_set_x(v, access_register(v->mmio_iss),
			   extend(truncate(value, access_size(v->mmio_iss)),
				  v->mmio_iss));
	}
	vcpu_skip_instruction(v);
}

/* A load or store that the syndrome describes; `dev` may be NULL. */
static int access_device(struct arm_vcpu *v, struct mmio_device *dev,
			 gpa_t gpa, u64 far, u32 iss)
{
	struct vcpu *vcpu = &v->vcpu;
	struct mmio_access a = {
		.size = access_size(iss),
		.write = iss & ISS_WNR,
	};
	struct guest_fault f;
	int r = -ENOENT;

	vcpu_count_exit(vcpu, CAUSE_MMIO);
	v->mmio_swap = vcpu_is_big_endian(v);
	v->mmio_iss = iss;
	if (a.write) {
		a.value = truncate(vcpu_get_x(v, access_register(iss)), a.size);
		if (v->mmio_swap)
			a.value = swap_bytes(a.value, a.size);
	}
	if (likely(dev)) {
		a.offset = gpa.v - dev->base.v;
		r = a.size > dev->size - a.offset || (gpa.v & (a.size - 1)) ?
			-EFAULT : dev->ops->access(dev, vcpu, &a);
	}
	if (likely(!r)) {
		arch_vcpu_complete_mmio(vcpu, &a);
		return reenter(v);
	}
	if (r == -ENOENT && !(gpa.v & (a.size - 1))) {
		vcpu->exit.reason = EXIT_MMIO;
		vcpu->exit.mmio.gpa = gpa;
		vcpu->exit.mmio.gva = GVA(far);
		vcpu->exit.mmio.access = a;
		return LEAVE_EXIT;
	}
	f = (struct guest_fault){.gva = GVA(far), .write = a.write};
	arch_inject(vcpu, GUEST_EXTERNAL_ABORT, &f);
	return reenter(v);
}

/* No memslot: a device, or nothing. */
static int handle_mmio(struct arm_vcpu *v, const struct guest_fault *f)
{
	u32 iss = f->syndrome;

	if (iss & ISS_CM) {
		/* Cache maintenance by address, where there is no cache. */
		vcpu_count_exit(&v->vcpu, CAUSE_MMIO);
		vcpu_skip_maintenance(v);
		return reenter(v);
	}
	/*
	 * Without a valid syndrome (pairs, write-back forms, SIMD) there is
	 * nothing to emulate with: what the guest gets is what a bus gives
	 * that cannot do the access.
	 */
	if (f->exec || f->s1ptw || !(iss & ISS_ISV)) {
		vcpu_count_exit(&v->vcpu, CAUSE_MMIO);
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, f);
		return reenter(v);
	}
	return access_device(v, mmio_find(&v->vcpu.vm->bus, f->gpa), f->gpa,
			     f->gva.v, iss);
}

/* ---- Memory ---------------------------------------------------------------------- */

static int handle_memory_fault(struct arm_vcpu *v, const struct guest_fault *f)
{
	int r = fault_handle(&v->vcpu, f);

	if (r == FAULT_MMIO)
		return handle_mmio(v, f);
	vcpu_count_exit(&v->vcpu, CAUSE_FAULT);
	if (r == FAULT_ABORT)
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, f);
	else if (r == FAULT_SIZE)
		arch_inject(&v->vcpu, GUEST_ADDRESS_SIZE, f);
	else if (r < 0)
		return leave_error(v, r,
				   r == -ENOMEM ? "no memory for a page or table" :
						  "memory that stage 2 cannot map",
				   f);
	return reenter(v);
}

/* External and parity aborts are the guest's own, as on hardware. */
static bool is_external(unsigned long esr)
{
	return (esr & FSC_MASK) > (FSC_PERMISSION | 3);
}

static int handle_abort(struct arm_vcpu *v, unsigned long esr)
{
	bool exec = (esr >> ESR_EC_SHIFT) == EC_IABT_LOWER;
	struct guest_fault f = {
		.gva = GVA(port_fault_address(exec)),
		.exec = exec,
		.write = !exec && (esr & ISS_WNR) && !(esr & ISS_CM),
		.s1ptw = esr & ISS_S1PTW,
		.permission = (esr & FSC_TYPE_MASK) == FSC_PERMISSION,
		.access_flag = (esr & FSC_TYPE_MASK) == FSC_ACCESS,
		.syndrome = esr,
	};

	/* From a live change of size, or from what the guest did to its own
	 * stage 1: all that this CPU's TLB has of the VM goes, of both stages,
	 * and the guest tries again. */
	if (unlikely((esr & FSC_MASK) == FSC_TLB_CONFLICT)) {
		vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
		stage2_resolve_conflict();
		return reenter(v);
	}
	if (unlikely(is_external(esr))) {
		if (!exec && port_is_serror(esr))
			return guest_exit_serror(v, esr);
		vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
		arch_inject(&v->vcpu, GUEST_EXTERNAL_ABORT, &f);
		return reenter(v);
	}
	/* A translation that changed meanwhile: the guest just runs again. */
	if (unlikely(!stage2_fault_ipa(esr, f.gva.v, &f.gpa))) {
		vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
		return reenter(v);
	}
	return handle_memory_fault(v, &f);
}

#define DESCRIBED_ACCESS_MASK (ISS_ISV | ISS_S1PTW | FSC_TYPE_MASK)
#define DESCRIBED_ACCESS (ISS_ISV | FSC_TRANSLATION)

/*
 * Most data aborts are loads and stores of the device that was accessed last:
 * those do not go through the memslots. A device and a memslot never overlap.
 */
static int handle_data_abort(struct arm_vcpu *v, unsigned long esr)
{
	struct mmio_device *dev;
	u64 far;
	gpa_t gpa;

	if (unlikely((esr & DESCRIBED_ACCESS_MASK) != DESCRIBED_ACCESS))
		return handle_abort(v, esr);
	far = port_fault_address(false);
	gpa = hpfar_to_gpa(far);
	dev = mmio_last(&v->vcpu.vm->bus, gpa);
	if (unlikely(!dev))
		return handle_abort(v, esr);
	return access_device(v, dev, gpa, far, esr);
}

/* ---- Calls, waiting, traps ------------------------------------------------------ */

static int handle_call(struct arm_vcpu *v, unsigned long esr, bool smc)
{
	vcpu_count_exit(&v->vcpu, smc ? CAUSE_SMC : CAUSE_HVC);
	/* HVC returns past itself; a trapped SMC has not been executed. */
	if (smc) {
		bool skipped = port_smc_is_skipped(v, esr);

		vcpu_skip_instruction(v);
		if (unlikely(skipped))
			return reenter(v);
	}
	/* SMCCC calls have the immediate 0; nothing else is defined. */
	if (esr & 0xffff) {
		vcpu_set_x(v, 0, SMCCC_NOT_SUPPORTED);
		return reenter(v);
	}
	switch (vcpu_smccc(v)) {
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

static int handle_wfx(struct arm_vcpu *v, unsigned long esr)
{
	bool skipped = aarch32_condition_fails(v, esr);

	vcpu_count_exit(&v->vcpu, CAUSE_WFX);
	vcpu_skip_instruction(v);
	if (unlikely(skipped))
		return reenter(v);
	if (!(esr & 1))
		return LEAVE_WAIT;
	/* WFE: whoever holds the lock may be waiting for this CPU. */
	this_cpu()->need_resched = true;
	return LEAVE_CHECK;
}

/*
 * A trapped register; or a feature that the guest was not told of (SVE, pointer
 * authentication, coprocessors), which is undefined, as on a CPU without it,
 * unless the instruction's condition fails.
 */
static int handle_trap(struct arm_vcpu *v, unsigned long esr)
{
	enum trap_result r;

	/* Executed again, its condition is looked at too. */
	if (port_is_fpsimd(esr) && fpsimd_trap(v)) {
		vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
		return reenter(v);
	}
	if (unlikely(aarch32_condition_fails(v, esr))) {
		vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
		vcpu_skip_instruction(v);
		return reenter(v);
	}
	r = port_trap(v, esr);
	vcpu_count_exit(&v->vcpu, r == TRAP_UNKNOWN ? CAUSE_OTHER : CAUSE_SYSREG);
	if (r == TRAP_AGAIN)
		return LEAVE_CHECK;
	if (r == TRAP_DONE)
		vcpu_skip_instruction(v);
	else
		inject_undefined(v);
	return reenter(v);
}

int guest_exit_sync(struct arm_vcpu *v, unsigned long esr)
{
	v->esr = esr;
	switch (esr >> ESR_EC_SHIFT) {
	case PORT_EC_HVC:
		return handle_call(v, esr, false);
	case EC_DABT_LOWER:
		return handle_data_abort(v, esr);
	case EC_IABT_LOWER:
		return handle_abort(v, esr);
	case EC_WFX:
		return handle_wfx(v, esr);
	case PORT_EC_SMC:
		return handle_call(v, esr, true);
	default:
		return handle_trap(v, esr);
	}
}

int guest_exit_irq(struct arm_vcpu *v)
{
	vcpu_count_exit(&v->vcpu, CAUSE_IRQ);
	irq_handle();
	return reenter(v);
}

/* An SError while the guest ran is the guest's: on hardware it would be. But
 * one that came from the guest before was given to that one: keep_serror(). */
int guest_exit_serror(struct arm_vcpu *v, unsigned long esr)
{
	vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
	if (arm_this_cpu()->serrors_to_drop) {
		arm_this_cpu()->serrors_to_drop = 0;
		return reenter(v);
	}
	inject_serror(v);
	sysreg_write(hcr_el2, sysreg_read(hcr_el2) | HCR_VSE);
	return reenter(v);
}
