// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/psci.h"
#include "arch/armcommon/vgic.h"
#include "core/arch.h"
#include "core/memslot.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "core/vm.h"

#define SMC64 BIT32(30)
#define AFFINITY_MASK 0xff00ffffffULL
#define MIGRATION_NOT_REQUIRED 2

/* power_state of CPU_SUSPEND, original format (DEN0022 5.4.2). */
#define POWER_STATE_RESERVED 0xfcfe0000U

static bool is_powered(const struct vcpu *v)
{
	return __atomic_load_n(&v->powered, __ATOMIC_ACQUIRE);
}

static struct vcpu *find_vcpu(struct vm *vm, u64 affinity)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *v = vm->vcpus[i];

		if (v && (vgic_vcpu_affinity(v) & AFFINITY_MASK) == affinity)
			return v;
	}
	return NULL;
}

/* ---- A vCPU's power ----------------------------------------------------------- */

/* Somewhere in RAM, where an instruction can be. Bit 0 of a 32-bit caller's
 * entry point selects Thumb. */
static bool is_entry(struct vm *vm, u64 entry, bool from_aarch32)
{
	u64 address = from_aarch32 ? entry & ~1ULL : entry;

	if (!from_aarch32 && entry & 3)
		return false;
	return memslot_covers(vm, gpa_to_gfn(GPA(address)));
}

/*
 * Any number of vCPUs may try to turn one on: the one that takes turn_on from
 * PSCI_IDLE to PSCI_CLAIMED does it. It looks at `powered` only then, because a
 * vCPU is on before it leaves PSCI_READY. The vCPU itself, which may turn
 * itself off meanwhile, never writes turn_on while it is on: a CPU_OFF is one
 * store to `powered`, before or after that look.
 */
static s32 cpu_on(struct vcpu *vcpu, const u64 *x)
{
	bool aarch32 = !((u32)x[0] & SMC64);
	u64 mask = aarch32 ? ~0U : ~0ULL;
	struct vcpu *target = find_vcpu(vcpu->vm, x[1] & mask);
	u32 idle = PSCI_IDLE;
	struct psci_cpu *p;

	if (!target)
		return PSCI_INVALID_PARAMETERS;
	if (!is_entry(vcpu->vm, x[2] & mask, aarch32))
		return PSCI_INVALID_ADDRESS;
	p = psci_of(target);
	if (!__atomic_compare_exchange_n(&p->turn_on, &idle, PSCI_CLAIMED,
					 false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return PSCI_ON_PENDING;
	if (is_powered(target)) {
		__atomic_store_n(&p->turn_on, PSCI_IDLE, __ATOMIC_RELEASE);
		return PSCI_ALREADY_ON;
	}
	p->entry = x[2] & mask;
	p->context = x[3] & mask;
	__atomic_store_n(&p->turn_on, PSCI_READY, __ATOMIC_RELEASE);
	__atomic_store_n(&target->powered, true, __ATOMIC_RELEASE);
	vcpu_request(target, REQ_IRQ);
	return PSCI_SUCCESS;
}

void psci_vcpu_start(struct vcpu *vcpu)
{
	struct psci_cpu *p = psci_of(vcpu);

	psci_start_vcpu(vcpu, p->entry, p->context);
	__atomic_store_n(&p->turn_on, PSCI_IDLE, __ATOMIC_RELEASE);
}

void psci_vcpu_reset(struct vcpu *vcpu)
{
	__atomic_store_n(&psci_of(vcpu)->turn_on, PSCI_IDLE, __ATOMIC_RELEASE);
}

static enum smccc_result cpu_off(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->powered, false, __ATOMIC_RELEASE);
	return SMCCC_OFF;
}

static s32 cpu_state(struct vcpu *v)
{
	/* turn_on first: once it is idle again `powered` has long been set. */
	u32 turn_on = __atomic_load_n(&psci_of(v)->turn_on, __ATOMIC_ACQUIRE);

	if (turn_on == PSCI_READY)
		return PSCI_AFFINITY_ON_PENDING;
	return is_powered(v) ? PSCI_AFFINITY_ON : PSCI_AFFINITY_OFF;
}

/* Of all vCPUs below an affinity level: on if one is, else pending if one is. */
static s32 affinity_info(struct vcpu *vcpu, const u64 *x)
{
	static const u64 level_mask[] = { AFFINITY_MASK, 0xff00ffff00ULL,
					  0xff00ff0000ULL, 0xff00000000ULL };
	u64 arg = (u32)x[0] & SMC64 ? ~0ULL : ~0U;
	u64 affinity = x[1] & arg, level = x[2] & arg, mask;
	s32 state = PSCI_INVALID_PARAMETERS;
	unsigned int i;

	if (level >= ARRAY_SIZE(level_mask) || affinity & ~AFFINITY_MASK)
		return PSCI_INVALID_PARAMETERS;
	mask = level_mask[level];
	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *v = vcpu->vm->vcpus[i];
		s32 one;

		if (!v || (vgic_vcpu_affinity(v) & mask) != (affinity & mask))
			continue;
		one = cpu_state(v);
		if (one == PSCI_AFFINITY_ON)
			return one;
		if (state != PSCI_AFFINITY_ON_PENDING)
			state = one;
	}
	return state;
}

/* Every state is a standby: DEN0022 lets a power-down wake up at once. */
static enum smccc_result cpu_suspend(u64 *x)
{
	if (x[1] & POWER_STATE_RESERVED) {
		x[0] = (s64)PSCI_INVALID_PARAMETERS;
		return SMCCC_RESUME;
	}
	x[0] = PSCI_SUCCESS;
	return SMCCC_WAIT;
}

/* ---- The machine's power -------------------------------------------------------- */

static enum smccc_result system_event(struct vcpu *vcpu,
				      enum system_event event)
{
	vcpu->exit.reason = EXIT_SYSTEM_EVENT;
	vcpu->exit.event = event;
	return SMCCC_EXIT;
}

/* reset_type 0 is SYSTEM_WARM_RESET; vendors' begin at bit 31. */
static enum smccc_result system_reset2(struct vcpu *vcpu, u64 *x)
{
	if ((u32)x[1] != 0) {
		x[0] = (s64)((u32)x[1] & BIT32(31) ? PSCI_NOT_SUPPORTED :
						     PSCI_INVALID_PARAMETERS);
		return SMCCC_RESUME;
	}
	return system_event(vcpu, SYSTEM_EVENT_RESET);
}

static s32 psci_features(u32 function)
{
	switch (function) {
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND: /* original power_state format, no OS initiated */
	case PSCI_CPU_SUSPEND64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON64:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_64:
	case PSCI_FEATURES:
	case SMCCC_VERSION:
		return 0;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* Calls that return with a number. */
static s64 simple_call(struct vcpu *vcpu, const u64 *x)
{
	switch ((u32)x[0]) {
	case PSCI_VERSION:
		return PSCI_VERSION_1_1;
	case PSCI_CPU_ON:
	case PSCI_CPU_ON64:
		return cpu_on(vcpu, x);
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO64:
		return affinity_info(vcpu, x);
	case PSCI_MIGRATE_INFO_TYPE:
		return MIGRATION_NOT_REQUIRED;
	case PSCI_FEATURES:
		return psci_features(x[1]);
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

enum smccc_result psci_handle(struct vcpu *vcpu, u64 *x)
{
	switch ((u32)x[0]) {
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND64:
		return cpu_suspend(x);
	case PSCI_CPU_OFF:
		return cpu_off(vcpu);
	case PSCI_SYSTEM_OFF:
		return system_event(vcpu, SYSTEM_EVENT_OFF);
	case PSCI_SYSTEM_RESET:
		return system_event(vcpu, SYSTEM_EVENT_RESET);
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_64:
		return system_reset2(vcpu, x);
	default:
		x[0] = simple_call(vcpu, x);
		return SMCCC_RESUME;
	}
}
