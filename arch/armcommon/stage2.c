// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2 on this CPU: shape, environment of the engine, TLB invalidation,
 * faults' addresses.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "core/arch.h"
#include "core/page_access.h"
#include "core/stage2_tables.h"
#include "core/vmid.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/log.h"

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	int err = stage2_choose(&features.stage2, config, s2, no);

	if (err || irqchip.version >= 3 || machine_gicv_fits(config->granule))
		return err;
	if (no)
		*no = (struct stage2_refusal){
			STAGE2_GRANULE,
			"the board has more than its GICv2's virtual CPU "
			"interface in a granule"};
	return -EINVAL;
}

/* ---- The engine's environment ----------------------------------------------- */

static struct vm *vm_of(const struct pgtable *pt)
{
	return pt->env;
}

/* Stage-2 walks are inner-shareable write-back: the walker snoops. */
static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	dsb(ishst);
}

static void write_vttbr(u64 vtcr, u64 vttbr)
{
	sysreg_write(vtcr_el2, vtcr);
	sysreg_write(vttbr_el2, vttbr);
	isb();
}

bool stage2_select_vmid(const struct pgtable *pt, struct selected *s)
{
	u16 vmid = vmid_value(&vm_of(pt)->vmid);
	u64 vttbr = stage2_make_vttbr(pt->root_pa, vmid);
	u64 vtcr = vm_to_arm(vm_of(pt))->vtcr;

	if (!vmid)
		return false;
	/* The whole of ish: loads and walks before must finish too. */
	dsb(ish);
	s->vttbr = sysreg_read(vttbr_el2);
	s->vtcr = sysreg_read(vtcr_el2);
	s->switched = s->vttbr != vttbr || s->vtcr != vtcr;
	if (s->switched) {
		s->tcr = sysreg_read(tcr_el1);
		s->sctlr = sysreg_read(sctlr_el1);
		el1_stop_walks();
		write_vttbr(vtcr, vttbr);
	}
	return true;
}

void stage2_deselect_vmid(const struct selected *s)
{
	if (s->switched) {
		write_vttbr(s->vtcr, s->vttbr);
		sysreg_write(sctlr_el1, s->sctlr);
		isb();
		sysreg_write(tcr_el1, s->tcr);
		isb();
	}
}

void stage2_flush_vmid(struct pgtable *pt)
{
	struct selected s;

	if (!stage2_select_vmid(pt, &s))
		return;
	tlbi(vmalls12e1is);
	port_flush_predictors_all();
	dsb(ish);
	isb();
	stage2_deselect_vmid(&s);
}

/* In pieces that one window holds. */
static void page_clean(struct pgtable *pt, hpa_t pa, u64 size)
{
	while (size) {
		u64 n = min(size, SZ_2M - pa.v % SZ_2M);

		arch_page_publish(hpa_to_pfn(pa), n >> PAGE_SHIFT);
		pa.v += n;
		size -= n;
	}
}

const struct pgtable_ops arch_stage2_ops = {
	.table_alloc = stage2_table_alloc,
	.table_free = stage2_table_free,
	.table_count = stage2_table_count,
	.to_phys = stage2_to_phys,
	.to_virt = stage2_to_virt,
	.tlb_flush_addr = stage2_flush_addr,
	.tlb_flush_range = stage2_flush_range,
	.tlb_flush_all = stage2_flush_vmid,
	.table_sync = table_sync,
	.page_clean = page_clean,
};

/* ---- On a CPU ------------------------------------------------------------------- */

static void flush_icache_if_vmid_tagged(void)
{
	/* CTR_EL0.L1Ip: 0 VPIPT (not in ARMv7), 1 AIVIVT hold lines by VMID or VA. */
	if (FIELD_GET(GENMASK64(15, 14), sysreg_read(ctr_el0)) < 2)
		ic(iallu);
}

void stage2_load(struct arm_vcpu *v)
{
	struct arm_vm *vm = vm_to_arm(v->vcpu.vm);
	unsigned int cpu = this_cpu()->id;
	bool flush = false, others = false;
	u16 vmid = vmid_use(&vm->vm.vmid, cpu, &flush);
	u64 vttbr = stage2_make_vttbr(vm->vm.s2.root_pa, vmid);

	if (sysreg_read(vttbr_el2) != vttbr ||
	    sysreg_read(vtcr_el2) != vm->vtcr) {
		/* Whoever invalidates by VMID sees this one from now on. */
		dsb(ish);
		write_vttbr(vm->vtcr, vttbr);
		others = true;
	}
	if (unlikely(flush)) {
		tlbi(alle1);
		flush_icache_if_vmid_tagged();
		others = true;
		dsb(nsh);
		isb();
	}
	/*
	 * Two vCPUs of a VM share its VMID, but not their ASIDs: what the one
	 * left in this CPU's TLB is not the other's (K8).
	 */
	if (unlikely(vm->last_vcpu[cpu] != (s8)v->vcpu.id)) {
		if (vm->last_vcpu[cpu] >= 0) {
			tlbi(vmalle1);
			flush_icache_if_vmid_tagged();
			others = true;
			dsb(nsh);
			isb();
		}
		vm->last_vcpu[cpu] = v->vcpu.id;
	}
	if (unlikely(others))
		port_flush_predictor();
}

/*
 * Where sizes change live (pgtable/pte.h: FEAT_BBM level 2, no FEAT_HAFDBS), a
 * block and its parts may be in the TLB side by side until the change is
 * invalidated. A CPU that cannot bear it takes a conflict abort, and drops what
 * it has of the VM, all of it: by address, neither need go (D8.17.3, RGRVDR).
 */
void stage2_resolve_conflict(void)
{
	tlbi(vmalls12e1);
	dsb(nsh);
	isb();
}

/*
 * HPFAR_EL2 holds the page of a translation, access-flag or address-size
 * fault, and of any fault on a stage-1 walk. A permission fault leaves it
 * unknown (DDI 0487, HPFAR_EL2): the guest's own tables are asked then, which
 * another vCPU may have changed meanwhile.
 */
bool stage2_fault_ipa(unsigned long esr, u64 far, gpa_t *out)
{
	u64 par, saved;

	if ((esr & FSC_TYPE_MASK) != FSC_PERMISSION || (esr & ISS_S1PTW)) {
		*out = hpfar_to_gpa(far);
		return true;
	}
	saved = sysreg_read(par_el1);
	at_s1e1r(far);
	isb();
	par = sysreg_read(par_el1);
	sysreg_write(par_el1, saved);
	if (par & 1)
		return false;
	*out = GPA((par & GENMASK64(51, 12)) | (far & (PAGE_SIZE - 1)));
	return true;
}

/* ---- Cache maintenance of a whole VM (K10) ------------------------------------ */

/* Guest-physical memory of one step, however large the leaf that it lies in: a
 * few milliseconds' work at the most. */
#define FLUSH_STEP (32 * SZ_1M)

/* The start of the first memory at or above `gpa`, or ~0. */
static u64 next_memory(struct vm *vm, u64 gpa)
{
	u64 next = ~0ULL;

	read_lock(&vm->slots_lock);
	for (unsigned int i = 0; i < vm->slot_count; i++) {
		u64 base = gfn_to_gpa(vm->slots[i].base).v;

		if (gpa < base + (vm->slots[i].pages << PAGE_SHIFT)) {
			next = max(gpa, base);
			break;
		}
	}
	read_unlock(&vm->slots_lock);
	return next;
}

static void flush_step(struct vm *vm, u64 from)
{
	u64 end = BIT64(vm->s2.ia_bits);

	read_lock(&vm->mmu_lock);
	pgtable_flush(&vm->s2, IA(from),
		      min(FLUSH_STEP - from % FLUSH_STEP, end - from));
	read_unlock(&vm->mmu_lock);
}

bool stage2_flush_vm(struct vcpu *vcpu, u64 *next)
{
	struct vm *vm = vcpu->vm;
	u64 at;

	while (!(vm->s2.features & PGT_FEAT_FWB) && (at = next_memory(vm, *next)) != ~0ULL) {
		flush_step(vm, at);
		*next = ALIGN_DOWN(at, FLUSH_STEP) + FLUSH_STEP;
		if (READ_ONCE(vcpu->requests))
			return false;
	}
	*next = 0;
	return true;
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	ic(ialluis);
	dsb(ish);
	isb();
}
