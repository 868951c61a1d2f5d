// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: arch/armcommon/vcpu.c arch/armcommon/fpsimd.c arch/armcommon/exit.c
// link: arch/armcommon/set_way.c arch/armcommon/state.c arch/armcommon/aarch32.c
// link: arch/armcommon/testing/fake_cpu.c arch/arm64/vcpu.c
// link: arch/arm64/target_generic.c arch/arm64/inject.c
// link: arch/arm64/sysreg.c arch/arm64/features.c arch/arm64/stage2_encode.c
// link: arch/arm64/debug.c lib/printf.c
// flags: -Iarch/arm64
/* VFP and SIMD registers, switched when they are used: whose they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/armcommon/machine.h"
#include "arch/armcommon/testing/fake_cpu.h"
#include "core/arch.h"
#include "core/sched.h"
#include "drivers/irqchip.h"
#include "lib/string.h"

#define VCPUS 3
#define CPUS 2
#define FP_TRAP ((u64)EC_FP << ESR_EC_SHIFT | ESR_IL | 1 << 24 | 14 << 20)

static struct arm_vcpu v[VCPUS];
static struct arm_vm vm;
/* What each vCPU's program has put there. */
static struct fpsimd_state written[VCPUS];
/* A CPU's, while the test is on the other. */
static struct {
	u64 cptr;
	struct fpsimd_state fpsimd;
	struct vcpu *loaded;
} cpu[CPUS];
static unsigned int cpu_now;

/* ---- What arch/armcommon/vcpu.c calls, and is not looked at here --------------- */

#define STUB(call) void call { }
STUB(vgic_load(struct vcpu *x))
STUB(vgic_put(struct vcpu *x))
STUB(vgic_vcpu_init(struct vcpu *x))
STUB(vgic_vcpu_reset(struct vcpu *x))
STUB(vgic_reset(struct vm *x))
STUB(vgic_set_line(struct vm *m, struct vcpu *x, unsigned int i, bool l))
STUB(vtimer_load(struct vcpu *x))
STUB(vtimer_put(struct vcpu *x))
STUB(vtimer_vm_init(struct vm *x))
STUB(vtimer_vcpu_init(struct vcpu *x))
STUB(vtimer_vcpu_reset(struct vcpu *x))
STUB(vtimer_vcpu_destroy(struct vcpu *x))
STUB(psci_vcpu_start(struct vcpu *x))
STUB(psci_vcpu_reset(struct vcpu *x))
STUB(stage2_init_vm(struct arm_vm *a, const struct vm_config *c))
STUB(stage2_load(struct arm_vcpu *x))
STUB(vcpu_wait(struct vcpu *x))
STUB(hyp_free_pages(void *p, unsigned int order, struct page_budget *b))

void *hyp_alloc_pages(unsigned int order, struct page_budget *b)
{
	return NULL;
}

int vgic_init(struct vm *m, const struct vgic_config *c)
{
	return 0;
}

u32 machine_affinity(unsigned int n)
{
	return n;
}

int machine_add_gicv(struct vm *m)
{
	return 0;
}

bool vgic_pending(struct vcpu *x)
{
	return false;
}

int guest_enter(struct arm_vcpu *x)
{
	return LEAVE_CHECK;
}

/* ---- Two CPUs, three vCPUs ------------------------------------------------------- */

static void go_to(unsigned int n)
{
	cpu[cpu_now].cptr = fake_reg("cptr_el2");
	cpu[cpu_now].fpsimd = fake_fpsimd;
	cpu[cpu_now].loaded = this_cpu()->loaded;
	cpu_now = n;
	fake_set_reg("cptr_el2", cpu[n].cptr);
	fake_fpsimd = cpu[n].fpsimd;
	this_cpu()->loaded = cpu[n].loaded;
}

static void put(void)
{
	if (this_cpu()->loaded)
		arch_vcpu_put(this_cpu()->loaded);
	this_cpu()->loaded = NULL;
}

/* As core does: a vCPU is loaded on one CPU at the most. */
static void load(unsigned int n)
{
	unsigned int here = cpu_now;

	if (this_cpu()->loaded == &v[n].vcpu)
		return;
	for (unsigned int c = 0; c < CPUS; c++) {
		go_to(c);
		if (this_cpu()->loaded == &v[n].vcpu)
			put();
	}
	go_to(here);
	put();
	this_cpu()->loaded = &v[n].vcpu;
	arch_vcpu_load(&v[n].vcpu);
}

/* The loaded vCPU reads all of it, and writes all of it. */
static void use(unsigned int value)
{
	unsigned int n = to_arm(this_cpu()->loaded) - v;

	if (fake_reg("cptr_el2") & CPTR_TFP) {
		u64 pc = v[n].regs.pc;

		assert_int_equal(guest_exit_sync(&v[n], FP_TRAP), 0);
		assert_int_equal(v[n].regs.pc, pc);
		assert_false(fake_reg("cptr_el2") & CPTR_TFP);
	}
	assert_memory_equal(&fake_fpsimd, &written[n], sizeof(written[n]));
	memset(&written[n], value, sizeof(written[n]));
	memset(&fake_fpsimd, value, sizeof(fake_fpsimd));
}

static void reset(unsigned int n)
{
	arch_vcpu_reset(&v[n].vcpu, GVA(0x40000000), 0);
	memset(&written[n], 0, sizeof(written[n]));
}

static int setup(void **state)
{
	fake_cpu_reset(&v[0], &vm);
	memset(v, 0, sizeof(v));
	memset(written, 0, sizeof(written));
	for (unsigned int n = 0; n < VCPUS; n++)
		v[n].vcpu.vm = &vm.vm;
	features_detect();
	this_cpu()->loaded = NULL;
	cpu_now = 0;
	/* What firmware left there is no guest's either. */
	memset(&fake_fpsimd, 0xee, sizeof(fake_fpsimd));
	for (unsigned int c = 0; c < CPUS; c++) {
		cpu[c].loaded = NULL;
		cpu[c].fpsimd = fake_fpsimd;
		traps_init_cpu();
		cpu[c].cptr = fake_reg("cptr_el2");
	}
	return 0;
}

static void what_was_left_there_is_not_seen(void **state)
{
	load(0);
	use(1);
	load(1);
	use(2);
	load(0);
	use(3);
	load(1);
	use(4);
}

static void one_that_uses_none_costs_none(void **state)
{
	load(0);
	use(1);
	for (unsigned int i = 0; i < 3; i++) {
		load(1);
		load(2);
	}
	assert_int_equal(fake_fpsimd_saves, 1);
	assert_int_equal(fake_fpsimd_restores, 1);
}

static void what_is_used_again_is_no_trap(void **state)
{
	load(0);
	use(1);
	use(2);
	use(3);
	assert_int_equal(fake_fpsimd_restores, 1);
	assert_int_equal(v[0].vcpu.exits[CAUSE_OTHER], 1);
}

static void a_vcpu_that_moves_finds_its_state(void **state)
{
	load(0);
	use(1);
	go_to(1);
	load(0);
	use(2);
	/* The first CPU still has in it what vCPU 0 had there. */
	go_to(0);
	load(0);
	use(3);
}

static void a_reset_vcpu_has_zeroes(void **state)
{
	load(0);
	use(1);
	reset(0);
	use(2);
	load(1);
	reset(0);
	use(3);
	load(0);
	use(4);
}

/* Not ours, or it would be executed for ever. */
static void a_trap_while_there_is_none_is_undefined(void **state)
{
	load(0);
	use(1);
	fake_set_reg("vbar_el1", 0x8000);
	v[0].regs.pstate = SPSR_EL1H;
	assert_int_equal(guest_exit_sync(&v[0], FP_TRAP), 0);
	assert_int_equal(v[0].regs.pc, 0x8200);
	assert_int_equal(fake_fpsimd_restores, 1);
}

/* In AArch32 at EL0, trapped though its condition fails: the same. */
static void a_failed_condition_is_for_the_cpu_to_see(void **state)
{
	load(0);
	v[0].regs.pstate = SPSR_AARCH32;
	v[0].regs.pc = 0x8000;
	assert_int_equal(guest_exit_sync(&v[0], FP_TRAP & ~(15ULL << 20)), 0);
	assert_int_equal(v[0].regs.pc, 0x8000);
	use(1);
	assert_int_equal(fake_fpsimd_restores, 1);
}

static void in_any_order(void **state)
{
	u32 seed = 1;

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int what, n;

		seed = seed * 1664525 + 1013904223;
		what = seed >> 24 & 7;
		n = (seed >> 16 & 0xff) % VCPUS;
		if (what == 0)
			go_to(n % CPUS);
		else if (what == 1 && this_cpu()->loaded)
			reset(to_arm(this_cpu()->loaded) - v);
		else if (what < 5)
			load(n);
		else if (this_cpu()->loaded)
			use(i & 0xff);
	}
	/* All three things happened. */
	assert_true(fake_fpsimd_saves > 1000);
	assert_true(fake_fpsimd_restores > 1000);
	assert_true(v[0].vcpu.exits[CAUSE_OTHER] > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(what_was_left_there_is_not_seen),
		CASE(one_that_uses_none_costs_none),
		CASE(what_is_used_again_is_no_trap),
		CASE(a_vcpu_that_moves_finds_its_state),
		CASE(a_reset_vcpu_has_zeroes),
		CASE(a_trap_while_there_is_none_is_undefined),
		CASE(a_failed_condition_is_for_the_cpu_to_see),
		CASE(in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
