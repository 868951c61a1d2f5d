// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/armcommon/testing/fake_regs.h"
#include "arch/armcommon/regs.h"
#include "lib/errno.h"
#include "lib/string.h"

u64 fake_vtimer[2][5];
unsigned int fake_unloads, fake_requests, fake_starts;
struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;

/* ---- What the rooms supply --------------------------------------------------- */

/* To see that it is asked: the tables are tested in vgic_by_id_test.c. */
const struct reg_range vgic_ranges[] = {
	{REG_OURS | REG_U32 | REG_OURS_GICC, .count = 1, .step = 1,
	 .kind = ARM_REG_GICC},
};
const unsigned int vgic_range_count = 1;

int vgic_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	val->w = vcpu->id < 2 ? to_arm(vcpu)->vgic.hw.vmcr : 0;
	return 0;
}

int vgic_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	to_arm(vcpu)->vgic.hw.vmcr = val->w;
	return 0;
}

u64 vtimer_get(struct vcpu *vcpu, enum vtimer_register reg)
{
	return fake_vtimer[vcpu->id][reg];
}

int vtimer_set(struct vcpu *vcpu, enum vtimer_register reg, u64 value)
{
	fake_vtimer[vcpu->id][reg] = value;
	return 0;
}

struct psci_cpu *psci_of(struct vcpu *vcpu)
{
	return &to_arm(vcpu)->psci;
}

void psci_vcpu_start(struct vcpu *vcpu)
{
	fake_starts++;
	psci_of(vcpu)->turn_on = PSCI_IDLE;
}

static s32 workaround(u32 function)
{
	return function == SMCCC_ARCH_WORKAROUND_1 ? 0 :
	       function == SMCCC_ARCH_WORKAROUND_3 ? 1 : -1;
}

const struct smccc_workarounds smccc_workarounds = {.features = workaround};

void vcpu_request(struct vcpu *vcpu, u32 request)
{
	vcpu->requests |= request;
	fake_requests++;
}

void vcpu_unload(struct vcpu *vcpu)
{
	if (this_cpu()->loaded != vcpu)
		return;
	fake_unloads++;
	el1_save(to_arm(vcpu));
	fpsimd_put(to_arm(vcpu));
	this_cpu()->loaded = NULL;
}

/* ---- Properties ------------------------------------------------------------------ */

void fake_regs_add(struct arm_vcpu *v, unsigned int id)
{
	struct vm *vm = v->vcpu.vm;

	v->vcpu.id = id;
	vm->vcpus[id] = &v->vcpu;
	vm->vcpu_count = max(vm->vcpu_count, id + 1);
}

void fake_regs_get_all(struct arm_vcpu *v, struct fake_snapshot *s)
{
	memset(s, 0, sizeof(*s));
	s->count = FAKE_REGS_MAX;
	assert_int_equal(vcpu_list_regs(&v->vcpu, s->id, &s->count), 0);
	for (unsigned int i = 0; i < s->count; i++) {
		assert_int_equal(vcpu_get_reg(&v->vcpu, s->id[i], &s->val[i]), 0);
		for (unsigned int j = 0; j < i; j++)
			assert_true(s->id[i] != s->id[j]);
	}
}

void fake_regs_set_all(struct arm_vcpu *v, const struct fake_snapshot *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		int err = vcpu_set_reg(&v->vcpu, s->id[i], &s->val[i]);

		if (err)
			fail_msg("%#llx: error %d", s->id[i], -err);
	}
}

void fake_regs_assert_same(const struct fake_snapshot *a,
			   const struct fake_snapshot *b)
{
	assert_int_equal(a->count, b->count);
	for (unsigned int i = 0; i < a->count; i++) {
		assert_true(a->id[i] == b->id[i]);
		if (memcmp(&a->val[i], &b->val[i], sizeof(a->val[i])))
			fail_msg("%#llx: %#llx and %#llx", a->id[i],
				 a->val[i].d, b->val[i].d);
	}
}

static void fill(void *p, size_t size, unsigned int *seed)
{
	u8 *b = p;

	for (size_t i = 0; i < size; i++)
		b[i] = (*seed = *seed * 1103515245 + 12345) >> 16;
}

void fake_regs_scribble(struct arm_vcpu *v, unsigned int seed)
{
	unsigned int n = seed + 1;

	fill(&v->regs, sizeof(v->regs), &n);
	fill(v->el1, sizeof(v->el1), &n);
	fill(&v->fpsimd, sizeof(v->fpsimd), &n);
	fill(&v->vgic.hw.vmcr, sizeof(u32), &n);
	fill(fake_vtimer[v->vcpu.id], sizeof(fake_vtimer[0]), &n);
	v->vcpu.powered = n & 1;
	v->hcr = GUEST_HCR | (n & 2 ? HCR_VSE : 0);
}

u64 fake_regs_get(struct arm_vcpu *v, u64 id)
{
	union reg_value val = {0};
	int err = vcpu_get_reg(&v->vcpu, id, &val);

	if (err)
		fail_msg("%#llx: error %d", id, -err);
	return val.d;
}

int fake_regs_set(struct arm_vcpu *v, u64 id, u64 val)
{
	union reg_value value = {.d = val};

	return vcpu_set_reg(&v->vcpu, id, &value);
}
