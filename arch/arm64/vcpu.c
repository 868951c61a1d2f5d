// SPDX-License-Identifier: BSD-2-Clause
/*
 * What of a vCPU is this port's alone.
 */
#include "arch/armcommon/arm.h"
#include "arch/arm64/regs.h"
#include "core/arch.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

_Static_assert(offsetof(struct arm_vcpu, regs.x) == VCPU_X, "asm_offsets.h");
_Static_assert(offsetof(struct arm_vcpu, regs.pc) == VCPU_PC, "asm_offsets.h");
_Static_assert(offsetof(struct arm_vcpu, regs.pstate) == VCPU_PC + 8,
	       "asm_offsets.h");

int port_vcpu_init(struct arm_vcpu *v)
{
	return target_is_known() ? 0 : -ENODEV;
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return VM_MAX_VCPUS;
}

void port_vcpu_reset(struct arm_vcpu *v, gva_t pc, u64 arg)
{
	v->regs.pc = pc.v;
	v->regs.x[0] = arg;
	v->regs.pstate = SPSR_EL1H | SPSR_DAIF;
	if (this_cpu()->loaded == &v->vcpu && v->port.debug_used)
		debug_restore(NULL);
	memset(&v->port, 0, sizeof(v->port));
}

void psci_start_vcpu(struct vcpu *vcpu, u64 entry, u64 context)
{
	arch_vcpu_reset(vcpu, GVA(entry), context);
}

void port_vcpu_load(struct arm_vcpu *v)
{
	if (v->port.debug_used)
		debug_restore(&v->port.debug);
}

void port_vcpu_put(struct arm_vcpu *v)
{
	if (v->port.debug_used)
		debug_restore(NULL);
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	const struct arm_vcpu *v = to_arm(vcpu);

	scnprintf(buf, size, "pc %#llx, EL%u, pstate %#llx, x30 %#llx",
		  v->regs.pc,
		  (unsigned int)(v->regs.pstate >> 2 & 3),
		  v->regs.pstate, v->regs.x[30]);
}
