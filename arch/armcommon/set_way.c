// SPDX-License-Identifier: BSD-2-Clause
/*
 * Caches by set and way (K10).
 */
#include "arch/armcommon/arm.h"

#define SCTLR_CACHES_ON (SCTLR_M | SCTLR_C)

static bool caches_on(struct arm_vcpu *v)
{
	return (el1_read(v, EL1_SCTLR) & SCTLR_CACHES_ON) == SCTLR_CACHES_ON;
}

static void set_hcr(struct arm_vcpu *v, u64 clear, u64 set)
{
	v->hcr = (v->hcr & ~clear) | set;
	sysreg_write(hcr_el2, (sysreg_read(hcr_el2) & ~clear) | set);
}

/*
 * Set/way operations reach one CPU's caches only, and stop at none of what
 * lies behind it; a guest uses them to empty "the" cache around turning it on
 * or off. So the first one empties it for all of the VM's memory, and from
 * then on each switch of the guest's caches does, until they are on; the
 * guest's further operations in between have nothing left to do.
 */
enum trap_result set_way(struct arm_vcpu *v)
{
	if (v->hcr & HCR_TVM)
		return TRAP_DONE;
	if (!stage2_flush_vm(&v->vcpu, &v->flush_next))
		return TRAP_AGAIN;
	set_hcr(v, 0, HCR_TVM);
	return TRAP_DONE;
}

enum trap_result vm_register(struct arm_vcpu *v, enum el1_register r, u64 val)
{
	bool on = r == EL1_SCTLR ?
			  (val & SCTLR_CACHES_ON) == SCTLR_CACHES_ON :
			  caches_on(v);

	/* Nothing runs in between: the write may as well come after. */
	if (on != caches_on(v) && !stage2_flush_vm(&v->vcpu, &v->flush_next))
		return TRAP_AGAIN;
	el1_write(v, r, val);
	isb();
	if (on)
		set_hcr(v, HCR_TVM, 0);
	return TRAP_DONE;
}
