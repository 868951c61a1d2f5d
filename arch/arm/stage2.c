// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2 of ARMv7 (ARM DDI 0406C, B3.6): one granule, up to 40 bits of IPA, no
 * invalidation by address.
 */
#include "arch/armcommon/arm.h"

/* T0SZ is a number of four bits with a sign, which S repeats; SL0: 0 starts at
 * level 2, 1 at level 1. */
void stage2_init_vm(struct arm_vm *vm, const struct vm_config *config)
{
	u32 t0sz = (32 - vm->vm.s2.ia_bits) & 0xf;

	vm->vtcr = VTCR_RES1 | TCR_WALK | t0sz | (t0sz & 8 ? VTCR_S : 0) |
		   (u32)(2 - vm->vm.s2.start_level) << VTCR_SL0_SHIFT;
}

void stage2_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	stage2_flush_vmid(pt);
}

void stage2_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	stage2_flush_vmid(pt);
}
