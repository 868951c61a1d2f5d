// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2 on this CPU: shape, environment of the engine, TLB invalidation,
 * faults' addresses.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/registers.h"
#include "core/arch.h"
#include "core/memcache.h"
#include "core/page_access.h"
#include "core/page_alloc.h"
#include "core/vmid.h"
#include "lib/errno.h"
#include "lib/log.h"

#define IPA_BITS_DEFAULT 40

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	unsigned int ipa_bits = config->ipa_bits;

	if (!ipa_bits)
		ipa_bits = min(IPA_BITS_DEFAULT, (int)features.pa_bits);
	if (ipa_bits < 32 || ipa_bits > features.pa_bits)
		return -EINVAL;
	*s2 = (struct pgtable_config){
		.format = &pgtable_arm64_s2_4k,
		.ia_bits = ipa_bits,
		.oa_bits = features.pa_bits,
		.features = (features.xnx ? PGT_FEAT_XNX : 0) |
			    (features.fwb ? PGT_FEAT_FWB : 0),
	};
	return 0;
}

/* SL0 for the 4 KiB granule: 2 starts at level 0, 1 at level 1, 0 at 2. */
u64 stage2_vtcr(const struct pgtable *s2)
{
	u64 ps = min(sysreg_read(id_aa64mmfr0_el1) & 7, 5UL);

	return VTCR_RES1 | VTCR_WALK | (64 - s2->ia_bits) |
	       ((2UL - s2->start_level) << 6) | (ps << VTCR_PS_SHIFT) |
	       (features.vmid_bits == 16 ? VTCR_VS : 0);
}

/* ---- The engine's environment ----------------------------------------------- */

static struct vm *vm_of(const struct pgtable *pt)
{
	return pt->env;
}

static unsigned int order_of(size_t size)
{
	return __builtin_ctzl(size >> PAGE_SHIFT);
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	if (mc)
		return size == PAGE_SIZE << mc->order ? memcache_pop(mc) : NULL;
	return hyp_alloc_pages(order_of(size), &vm_of(pt)->table_budget);
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	/* A tree that is destroyed has not counted its entries down. */
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		*hyp_page_count((char *)table + at) = 1;
	hyp_free_pages(table, order_of(size), &vm_of(pt)->table_budget);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return arch_virt_to_phys(table);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arch_phys_to_virt(pa);
}

/* Stage-2 walks are inner-shareable write-back: the walker snoops. */
static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	dsb(ishst);
}

/*
 * Invalidation by VMID works on the VMID in VTTBR_EL2, so the VM's own is
 * selected first, and base address and VMID of whoever was there are put back
 * (bugs.md 26). False: the VM never had a VMID, so no TLB knows it.
 */
struct selected {
	u64 vttbr, tcr;
	bool switched;
};

static bool select_vmid(const struct pgtable *pt, struct selected *s)
{
	u16 vmid = vmid_value(&vm_of(pt)->vmid);
	u64 want = pt->root_pa.v | ((u64)vmid << 48);

	if (!vmid)
		return false;
	/* The whole of ish: loads and walks before must finish too. */
	dsb(ish);
	s->vttbr = sysreg_read(vttbr_el2);
	s->switched = s->vttbr != want;
	if (s->switched) {
		/* No walk of EL1's tables under a foreign VMID: arm64.h. */
		s->tcr = sysreg_read(tcr_el1);
		sysreg_write(tcr_el1, s->tcr | TCR_EPD);
		isb();
		sysreg_write(vttbr_el2, want);
		isb();
	}
	return true;
}

static void deselect_vmid(const struct selected *s)
{
	if (s->switched) {
		sysreg_write(vttbr_el2, s->vttbr);
		isb();
		sysreg_write(tcr_el1, s->tcr);
		isb();
	}
}

/* What stage 1 combined with the old stage 2 goes too. */
static void flush_stage1(void)
{
	dsb(ish);
	__asm__ volatile("tlbi vmalle1is");
	dsb(ish);
	isb();
}

static void flush_ipa(ia_t ia)
{
	__asm__ volatile("tlbi ipas2e1is, %0" : : "r"(ia.v >> 12));
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct selected s;

	if (!select_vmid(pt, &s))
		return;
	flush_ipa(ia);
	flush_stage1();
	deselect_vmid(&s);
}

static void tlb_flush_all(struct pgtable *pt)
{
	struct selected s;

	if (!select_vmid(pt, &s))
		return;
	__asm__ volatile("tlbi vmalls12e1is");
	dsb(ish);
	isb();
	deselect_vmid(&s);
}

/* Past this many operations, one for the whole VMID is cheaper. */
#define FLUSH_IPA_MOST 32

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	u64 step = level == PGT_LEVEL_ANY ? 0 : pgtable_leaf_size(pt, level);
	struct selected s;

	if (!step || size / step > FLUSH_IPA_MOST) {
		tlb_flush_all(pt);
		return;
	}
	if (!select_vmid(pt, &s))
		return;
	for (u64 at = 0; at < size; at += step)
		flush_ipa(IA(ia.v + at));
	flush_stage1();
	deselect_vmid(&s);
}

const struct pgtable_ops arch_stage2_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
};

/* ---- On a CPU ------------------------------------------------------------------- */

static void flush_icache_if_vmid_tagged(void)
{
	/* CTR_EL0.L1Ip: 0 VPIPT, 1 AIVIVT hold lines by VMID or VA. */
	if (FIELD_GET(GENMASK64(15, 14), sysreg_read(ctr_el0)) < 2)
		__asm__ volatile("ic iallu" ::: "memory");
}

void stage2_load(struct arm64_vcpu *v)
{
	struct arm64_vm *vm = vm_to_arm64(v->vcpu.vm);
	unsigned int cpu = this_cpu()->id;
	bool flush = false;
	u16 vmid = vmid_use(&vm->vm.vmid, cpu, &flush);
	u64 vttbr = vm->vm.s2.root_pa.v | ((u64)vmid << 48);

	if (sysreg_read(vttbr_el2) != vttbr ||
	    sysreg_read(vtcr_el2) != vm->vtcr) {
		/* Whoever invalidates by VMID sees this one from now on. */
		dsb(ish);
		sysreg_write(vtcr_el2, vm->vtcr);
		sysreg_write(vttbr_el2, vttbr);
		isb();
	}
	if (unlikely(flush)) {
		__asm__ volatile("tlbi alle1");
		flush_icache_if_vmid_tagged();
		dsb(nsh);
		isb();
	}
	/*
	 * Two vCPUs of a VM share its VMID, but not their ASIDs: what the one
	 * left in this CPU's TLB is not the other's (K8).
	 */
	if (unlikely(vm->last_vcpu[cpu] != (s8)v->vcpu.id)) {
		if (vm->last_vcpu[cpu] >= 0) {
			__asm__ volatile("tlbi vmalle1");
			flush_icache_if_vmid_tagged();
			dsb(nsh);
			isb();
		}
		vm->last_vcpu[cpu] = v->vcpu.id;
	}
}

/*
 * HPFAR_EL2 holds the page of a translation, access-flag or address-size
 * fault, and of any fault on a stage-1 walk. A permission fault leaves it
 * unknown (DDI 0487, HPFAR_EL2): the guest's own tables are asked then, which
 * another vCPU may have changed meanwhile.
 */
bool stage2_fault_ipa(u64 esr, u64 far, gpa_t *out)
{
	u64 par, saved;

	if ((esr & FSC_TYPE_MASK) != FSC_PERMISSION || (esr & ISS_S1PTW)) {
		*out = hpfar_to_gpa(far);
		return true;
	}
	saved = sysreg_read(par_el1);
	__asm__ volatile("at s1e1r, %0" : : "r"(far));
	isb();
	par = sysreg_read(par_el1);
	sysreg_write(par_el1, saved);
	if (par & 1)
		return false;
	*out = GPA((par & GENMASK64(51, 12)) | (far & (PAGE_SIZE - 1)));
	return true;
}

/* ---- Cache maintenance of a whole VM (K10) ------------------------------------ */

static int flush_leaf(const struct pgtable_leaf *leaf, void *unused)
{
	if (leaf->attr & PGT_DEVICE)
		return 0;
	for (u64 at = 0; at < leaf->size; at += SZ_2M)
		arch_page_publish(hpa_to_pfn(HPA(leaf->pa.v + at)),
				  min(leaf->size, SZ_2M) >> PAGE_SHIFT);
	return 0;
}

/* Guest-physical memory of one step: a few milliseconds' work at the most. */
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
	pgtable_visit(&vm->s2, IA(from),
		      min(FLUSH_STEP - from % FLUSH_STEP, end - from),
		      flush_leaf, NULL);
	read_unlock(&vm->mmu_lock);
}

bool stage2_flush_vm(struct vcpu *vcpu, u64 *next)
{
	struct vm *vm = vcpu->vm;
	u64 at;

	while (!features.fwb && (at = next_memory(vm, *next)) != ~0ULL) {
		flush_step(vm, at);
		*next = ALIGN_DOWN(at, FLUSH_STEP) + FLUSH_STEP;
		if (READ_ONCE(vcpu->requests) || this_cpu()->need_resched)
			return false;
	}
	*next = 0;
	return true;
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	__asm__ volatile("ic ialluis" ::: "memory");
	dsb(ish);
	isb();
}
