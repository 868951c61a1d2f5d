// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2's TLB invalidation by address: by single ones, by ranges where the CPU
 * has them.
 */
#include "arch/armcommon/arm.h"

void stage2_init_vm(struct arm_vm *vm, const struct vm_config *config)
{
	u32 use = stage2_features(&features.stage2, config);
	unsigned int shift = PAGE_SHIFT + vm->vm.granule_order;

	vm->vtcr = stage2_make_vtcr(&vm->vm.s2, shift,
				    features.stage2.vmid_bits);
	vm->port.tlbi = (struct stage2_tlbi){
		.granule_shift = shift,
		.ttl = use & STAGE2_TTL,
		.range = use & STAGE2_TLBIRANGE,
		.ds = vm->vtcr & VTCR_DS,
	};
}

/* What stage 1 combined with the old stage 2 goes too. */
static void flush_stage1(void)
{
	dsb(ish);
	tlbi(vmalle1is);
	dsb(ish);
	isb();
}

static const struct stage2_tlbi *tlbi_of(const struct pgtable *pt)
{
	return &vm_to_arm(pt->env)->port.tlbi;
}

void stage2_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct selected s;

	if (!stage2_select_vmid(pt, &s))
		return;
	tlbi_ipas2e1is(stage2_tlbi_ipa(tlbi_of(pt), ia.v, level));
	flush_stage1();
	stage2_deselect_vmid(&s);
}

/* Past this many operations, one for the whole VMID is cheaper. */
#define FLUSH_IPA_MOST 32

static bool flush_by_address(const struct pgtable *pt, u64 size, int level)
{
	if (tlbi_of(pt)->range)
		return size <= stage2_tlbi_range_most(tlbi_of(pt));
	return level != PGT_LEVEL_ANY &&
	       size / pgtable_leaf_size(pt, level) <= FLUSH_IPA_MOST;
}

static void tlbi_range(const struct stage2_tlbi *t, u64 ipa, u64 size,
		       int level)
{
	u64 operand;

	while (size) {
		if (stage2_tlbi_step(t, &ipa, &size, level, &operand))
			tlbi_ripas2e1is(operand);
		else
			tlbi_ipas2e1is(operand);
	}
}

void stage2_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	const struct stage2_tlbi *t = tlbi_of(pt);
	struct selected s;

	if (!flush_by_address(pt, size, level)) {
		stage2_flush_vmid(pt);
		return;
	}
	if (!stage2_select_vmid(pt, &s))
		return;
	if (t->range) {
		tlbi_range(t, ia.v, size, level);
	} else {
		u64 step = pgtable_leaf_size(pt, level);

		for (u64 at = 0; at < size; at += step)
			tlbi_ipas2e1is(stage2_tlbi_ipa(t, ia.v + at, level));
	}
	flush_stage1();
	stage2_deselect_vmid(&s);
}
