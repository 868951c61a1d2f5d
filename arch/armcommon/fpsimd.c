// SPDX-License-Identifier: BSD-2-Clause
/*
 * VFP, Advanced SIMD: switched when they are used.
 *
 * CPTR_EL2.TFP says whose state this CPU's registers hold: clear, the loaded
 * vCPU's; set, nobody's. A vCPU is loaded with it set, so its first use traps,
 * and gets its state; it goes back to memory when the vCPU is put. So a vCPU
 * that uses none between the two costs nothing, a vCPU that moves finds its
 * state in memory, and no vCPU ever reads what another left.
 */
#include "arch/armcommon/arm.h"

bool fpsimd_trap(struct arm_vcpu *v)
{
	u64 cptr = sysreg_read(cptr_el2);

	if (!(cptr & CPTR_TFP))
		return false;
	sysreg_write(cptr_el2, cptr & ~(u64)CPTR_TFP);
	isb();
	fpsimd_restore(&v->fpsimd);
	return true;
}

void fpsimd_put(struct arm_vcpu *v)
{
	u64 cptr = sysreg_read(cptr_el2);

	if (cptr & CPTR_TFP)
		return;
	fpsimd_save(&v->fpsimd);
	sysreg_write(cptr_el2, cptr | CPTR_TFP);
	isb();
}
