// SPDX-License-Identifier: BSD-2-Clause
/*
 * VMs and vCPUs.
 */
#include "arch/mips/gpa_choose.h"
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "core/page_alloc.h"
#include "core/vcpu_regs.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/printf.h"

#define VM_ORDER 1
#define VCPU_ORDER 1
_Static_assert(sizeof(struct mips_vm) <= PAGE_SIZE << VM_ORDER, "VM_ORDER");
_Static_assert(sizeof(struct mips_vcpu) <= PAGE_SIZE << VCPU_ORDER,
	       "VCPU_ORDER");

/* ---- VMs ---------------------------------------------------------------------- */

struct vm *arch_vm_alloc(void)
{
	struct mips_vm *vm = hyp_alloc_pages(VM_ORDER, NULL);

	return vm ? &vm->vm : NULL;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(vm_to_mips(vm), VM_ORDER, NULL);
}

/* No VM can be made: guests are not entered by this port yet. */
int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	int err = gpa_choose(config, s2, no);

	if (err)
		return err;
	if (no)
		*no = (struct stage2_refusal){
			STAGE2_ANY,
			"the mips port does not run guests: its world switch is missing"};
	return -EOPNOTSUPP;
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	return -EOPNOTSUPP;
}

void arch_vm_destroy(struct vm *vm)
{
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	cache_invalidate_instructions();
}

void arch_vm_reset(struct vm *vm)
{
}

void arch_vm_set_irq(struct vm *vm, unsigned int irq, bool level)
{
}

/* ---- vCPUs: none is ever made -------------------------------------------------- */

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct mips_vcpu *v = hyp_alloc_pages(VCPU_ORDER, NULL);

	return v ? &v->vcpu : NULL;
}

void arch_vcpu_free(struct vcpu *vcpu)
{
	hyp_free_pages(to_mips(vcpu), VCPU_ORDER, NULL);
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return VM_MAX_VCPUS;
}

int arch_vcpu_init(struct vcpu *vcpu)
{
	return -EOPNOTSUPP;
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
}

void arch_vcpu_load(struct vcpu *vcpu)
{
}

void arch_vcpu_put(struct vcpu *vcpu)
{
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	BUG();
}

void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
}

bool arch_vcpu_interrupt_pending(struct vcpu *vcpu)
{
	return false;
}

void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
}

void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
}

/* ---- Registers by id: a vCPU has none yet -------------------------------------- */

const struct reg_range *arch_reg_table(const struct vcpu *vcpu, unsigned int n,
				       unsigned int *count)
{
	return NULL;
}

void arch_regs_settle(struct vcpu *vcpu)
{
}

int arch_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	return -ENOENT;
}

int arch_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	return -ENOENT;
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	const struct mips_guest *g = &to_mips(vcpu)->guest;

	scnprintf(buf, size, "pc %#x, ra %#x, status %#x", g->pc, g->gpr[31],
		  g->cp0 ? g->cp0[CP0_STATUS] : 0);
}
