// SPDX-License-Identifier: BSD-2-Clause
/*
 * VMs and vCPUs: made, reset, loaded, entered.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "arch/armcommon/psci.h"
#include "core/arch.h"
#include "core/sched.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/string.h"

_Static_assert(!offsetof(struct arm_vcpu, regs), "vectors.S");

#define VM_ORDER 1 /* struct arm_vm fits two pages */
#define VCPU_ORDER 1
_Static_assert(sizeof(struct arm_vm) <= PAGE_SIZE << VM_ORDER, "VM_ORDER");
_Static_assert(sizeof(struct arm_vcpu) <= PAGE_SIZE << VCPU_ORDER,
	       "VCPU_ORDER");

/* ---- VMs ---------------------------------------------------------------------- */

struct vm *arch_vm_alloc(void)
{
	struct arm_vm *vm = hyp_alloc_pages(VM_ORDER, NULL);

	return vm ? &vm->vm : NULL;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(vm_to_arm(vm), VM_ORDER, NULL);
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	struct arm_vm *a = vm_to_arm(vm);
	struct vgic_config gic = {
		.version = irqchip.version,
		.dist_base = GPA(GUEST_GICD_BASE),
		.redist_base = GPA(GUEST_GICR_BASE),
	};
	int err;

	stage2_init_vm(a, config);
	memset(a->last_vcpu, -1, sizeof(a->last_vcpu));
	vtimer_vm_init(vm);
	err = vgic_init(vm, &gic);
	if (!err && gic.version == 2)
		err = machine_add_gicv(vm);
	return err;
}

void arch_vm_destroy(struct vm *vm)
{
}

struct vgic *vgic_of(struct vm *vm)
{
	return &vm_to_arm(vm)->vgic;
}

struct vgic_cpu *vgic_cpu_of(struct vcpu *vcpu)
{
	return &to_arm(vcpu)->vgic;
}

struct vtimer *vtimer_of(struct vcpu *vcpu)
{
	return &to_arm(vcpu)->vtimer;
}

struct vtimer_vm *vtimer_vm_of(struct vm *vm)
{
	return &vm_to_arm(vm)->vtimer;
}

u64 vgic_vcpu_affinity(const struct vcpu *vcpu)
{
	return machine_affinity(vcpu->id);
}

struct psci_cpu *psci_of(struct vcpu *vcpu)
{
	return &to_arm(vcpu)->psci;
}

/* ---- What armcommon needs of this CPU ---- */

static u32 read_cntv_ctl(void)
{
	return sysreg_read(cntv_ctl_el0);
}

static void write_cntv_ctl(u32 v)
{
	sysreg_write(cntv_ctl_el0, v);
	isb();
}

static u64 read_cntv_cval(void)
{
	return sysreg_read(cntv_cval_el0);
}

static void write_cntv_cval(u64 v)
{
	sysreg_write(cntv_cval_el0, v);
}

static void write_cntvoff(u64 v)
{
	sysreg_write(cntvoff_el2, v);
}

const struct vtimer_ops vtimer_ops = {
	.read_ctl = read_cntv_ctl,
	.write_ctl = write_cntv_ctl,
	.read_cval = read_cntv_cval,
	.write_cval = write_cntv_cval,
	.write_offset = write_cntvoff,
};

/* ---- vCPUs -------------------------------------------------------------------- */

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct arm_vcpu *v = hyp_alloc_pages(VCPU_ORDER, NULL);

	return v ? &v->vcpu : NULL;
}

void arch_vcpu_free(struct vcpu *vcpu)
{
	vtimer_vcpu_destroy(vcpu);
	hyp_free_pages(to_arm(vcpu), VCPU_ORDER, NULL);
}

int arch_vcpu_init(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	v->hcr = GUEST_HCR | (features.ras ? HCR_TERR : 0) |
		 (vcpu->vm->s2.features & PGT_FEAT_FWB ? HCR_FWB : 0);
	v->vmpidr = BIT64(31) | vgic_vcpu_affinity(vcpu);
	vgic_vcpu_init(vcpu);
	vtimer_vcpu_init(vcpu);
	return port_vcpu_init(v);
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	struct arm_vcpu *v = to_arm(vcpu);

	if (this_cpu()->loaded == vcpu)
		fpsimd_put(v);
	memset(&v->regs, 0, sizeof(v->regs));
	memset(v->el1, 0, sizeof(v->el1));
	memset(&v->fpsimd, 0, sizeof(v->fpsimd));
	v->el1[EL1_SCTLR] = SCTLR_EL1_RESET;
	v->hcr &= ~(u64)(HCR_VSE | HCR_TVM);
	v->flush_next = 0;
	port_vcpu_reset(v, pc, arg);
	if (this_cpu()->loaded == vcpu) {
		el1_block_translation();
		el1_restore(v);
	}
	vgic_vcpu_reset(vcpu);
	vtimer_vcpu_reset(vcpu);
	isb();
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	sysreg_write(vpidr_el2, sysreg_read(midr_el1));
	sysreg_write(vmpidr_el2, v->vmpidr);
	el1_restore(v);
	port_vcpu_load(v);
	vgic_load(vcpu);
	vtimer_load(vcpu);
	isb();
}

/*
 * An SError that this guest caused and that has not been taken is not the next
 * guest's: it is made pending for this one, and this CPU's next is dropped.
 */
static void keep_serror(struct arm_vcpu *v)
{
	dsb(sy);
	isb();
	if (unlikely(sysreg_read(isr_el1) & ISR_A)) {
		inject_serror(v);
		arm_this_cpu()->serrors_to_drop = 1;
	}
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	/* The timer first: its line has fallen when its physical interrupt is
	 * made inactive. */
	vtimer_put(vcpu);
	vgic_put(vcpu);
	el1_save(v);
	el1_block_translation();
	fpsimd_put(v);
	port_vcpu_put(v);
	keep_serror(v);
}

/*
 * WFI and WFE are trapped only while another thread waits for this CPU:
 * otherwise the guest may as well sleep in the CPU's own way, and the interrupt
 * that ends it costs no more than any other.
 */
static u64 hcr_now(const struct arm_vcpu *v)
{
	return this_cpu()->runnable ? v->hcr | HCR_TWI | HCR_TWE : v->hcr;
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);
	int leave;

	psci_vcpu_enter(vcpu, &v->psci);
	stage2_load(v);
	el1_restore_translation(v);
	sysreg_write(hcr_el2, hcr_now(v));
	leave = guest_enter(v);
	if (sysreg_read(hcr_el2) & HCR_VSE)
		v->hcr |= HCR_VSE;
	else
		v->hcr &= ~(u64)HCR_VSE;
	if (leave == LEAVE_WAIT)
		vcpu_wait(vcpu);
	return leave == LEAVE_EXIT;
}

bool arch_vcpu_interrupt_pending(struct vcpu *vcpu)
{
	return vgic_pending(vcpu) || (to_arm(vcpu)->hcr & HCR_VSE);
}

/* Where it is not loaded there is nothing to do: loading looks at all. */
void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
	if (this_cpu()->loaded == vcpu)
		vgic_flush(vcpu);
}

void arch_vm_set_irq(struct vm *vm, unsigned int irq, bool level)
{
	vgic_set_line(vm, NULL, irq, level);
}

void arch_vm_reset(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	vgic_reset(vm);
	for_each_vcpu(i, vcpu, vm)
		psci_vcpu_reset(vcpu);
}
