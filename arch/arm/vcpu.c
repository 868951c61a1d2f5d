// SPDX-License-Identifier: BSD-2-Clause
/*
 * What of a vCPU is this port's alone.
 */
#include "arch/armcommon/arm.h"
#include "core/arch.h"
#include "lib/errno.h"
#include "lib/printf.h"

_Static_assert(offsetof(struct arm_vcpu, regs.r) == VCPU_R, "asm_offsets.h");
_Static_assert(offsetof(struct arm_vcpu, regs.r[14]) == VCPU_LR, "asm_offsets.h");
_Static_assert(offsetof(struct arm_vcpu, regs.pc) == VCPU_PC, "asm_offsets.h");
_Static_assert(offsetof(struct arm_vcpu, regs.pstate) == VCPU_PC + 4,
	       "asm_offsets.h");

_Static_assert(!offsetof(struct fpsimd_state, d) &&
		       offsetof(struct fpsimd_state, fpscr) == FPSIMD_FPSCR &&
		       offsetof(struct fpsimd_state, fpexc) == FPSIMD_FPSCR + 4,
	       "asm_offsets.h");
/* thread_switch_sp() pops r3 to r11, and pc from where r14 was. */
_Static_assert(!offsetof(struct switch_frame, r3_r11) &&
		       offsetof(struct switch_frame, lr) == SWITCH_SIZE - 4 &&
		       sizeof(struct switch_frame) == SWITCH_SIZE,
	       "asm_offsets.h");

int port_vcpu_init(struct arm_vcpu *v)
{
	return features.port.target ? 0 : -ENODEV;
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return features.port.target ? features.port.target->core->max_vcpus :
				      VM_MAX_VCPUS;
}

/*
 * The boot protocol of Linux: r0 is 0, r1 all ones (no machine number), r2 the
 * device tree. PSCI wants its context in r0, and leaves the others open.
 */
void port_vcpu_reset(struct arm_vcpu *v, gva_t pc, u64 arg)
{
	v->regs.pc = pc.v & ~1ULL;
	v->regs.r[1] = ~0U;
	v->regs.r[2] = arg;
	v->regs.pstate = MODE_SVC | SPSR_A | SPSR_I | SPSR_F |
			 (pc.v & 1 ? SPSR_T32 : 0);
}

void psci_start_vcpu(struct vcpu *vcpu, u64 entry, u64 context)
{
	arch_vcpu_reset(vcpu, GVA(entry), context);
	to_arm(vcpu)->regs.r[0] = context;
}

void port_vcpu_load(struct arm_vcpu *v)
{
}

void port_vcpu_put(struct arm_vcpu *v)
{
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	const struct arm_vcpu *v = to_arm(vcpu);

	scnprintf(buf, size, "pc %#x, cpsr %#x, r14 %#x", v->regs.pc,
		  v->regs.pstate, (u32)vcpu_get_x(v, 14));
}
