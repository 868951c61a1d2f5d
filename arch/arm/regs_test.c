// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: core/vcpu_regs.c arch/armcommon/regs.c arch/armcommon/state.c
// link: arch/armcommon/fpsimd.c arch/armcommon/set_way.c arch/armcommon/aarch32.c
// link: arch/armcommon/testing/fake_cpu.c arch/armcommon/testing/fake_regs.c
// link: arch/arm/regs.c arch/arm/cp15.c arch/arm/features.c arch/arm/banked.c
// link: arch/arm/inject.c arch/arm/target_cortex.c arch/arm/target_cortex_a15.c
// link: arch/arm/target_cortex_a7.c lib/log.c lib/printf.c
// flags: -Iarch/arm
/* K12, K13: registers by KVM's ids of 32-bit Arm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/arm/regs.h"
#include "arch/armcommon/testing/fake_regs.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct arm_vcpu v, twin;
static struct arm_vm vm;
static struct fake_snapshot a, b;

const char *machine_cpu;
unsigned int machine_cluster_shift;

#define CPSR 0x4020000000100010ULL

u32 vfp_id(unsigned int n)
{
	return 0x100 + n;
}

void vfp_enable(void)
{
}

static int setup(void **state)
{
	fake_cpu_reset(&v, &vm);
	fake_set_reg("midr_el1", 0x412fc0f1);
	fake_set_reg("id_pfr0_el1", 0x1131);
	fake_set_reg("id_isar5_el1", 0x77);
	fake_set_reg("clidr_el1", 0x0a200023);
	fake_set_reg("ccsidr_el1", 0x701fe00a);
	features_detect();
	sysreg_init();
	fake_regs_add(&v, 0);
	memset(&twin, 0, sizeof(twin));
	twin.vcpu.vm = &vm.vm;
	fake_regs_add(&twin, 1);
	this_cpu()->loaded = NULL;
	memset(fake_vtimer, 0, sizeof(fake_vtimer));
	fake_unloads = fake_requests = fake_starts = 0;
	return 0;
}

/* As api.rst has them, and struct kvm_regs had its words. */
static void ids_are_kvms(void **state)
{
	static const struct {
		u64 id;
		const void *at;
	} row[] = {
		{0x4020000000100000, &v.regs.r[0]},
		{0x402000000010000c, &v.regs.r[12]},
		{0x402000000010000d, &v.el1[EL1_SP_USR]},
		{0x402000000010000e, &v.regs.r[14]},
		{0x402000000010000f, &v.regs.pc},
		{0x4020000000100010, &v.regs.pstate},
		{0x4020000000100012, &v.el1[EL1_SP_SVC]},
		{0x4020000000100014, &v.el1[EL1_SPSR_SVC]},
		{0x4020000000100016, &v.el1[EL1_LR_ABT]},
		{0x4020000000100018, &v.el1[EL1_SP_UND]},
		{0x402000000010001d, &v.el1[EL1_SPSR_IRQ]},
		{0x402000000010001e, &v.el1[EL1_R8_FIQ]},
		{0x4020000000100023, &v.el1[EL1_SP_FIQ]},
		{0x4020000000100025, &v.el1[EL1_SPSR_FIQ]},
		{0x40200000000f0800, &v.el1[EL1_SCTLR]},
		{0x40200000000f0802, &v.el1[EL1_CPACR]},
		{0x40200000000f1002, &v.el1[EL1_TCR]},
		{0x40200000000f1800, &v.el1[EL1_DACR]},
		{0x40200000000f2801, &v.el1[EL1_IFSR]},
		{0x40200000000f2880, &v.el1[EL1_ADFSR]},
		{0x40200000000f3002, &v.el1[EL1_IFAR]},
		{0x40200000000f5181, &v.el1[EL1_AMAIR1]},
		{0x40200000000f6000, &v.el1[EL1_VBAR]},
		{0x40200000000f6801, &v.el1[EL1_CONTEXTIDR]},
		{0x40200000000f6804, &v.el1[EL1_TPIDR_EL1]},
		{0x40200000000f0010, &v.el1[EL1_CSSELR]},
		{0x40300000000f0100, &v.el1[EL1_TTBR0]},
		{0x40300000000f0108, &v.el1[EL1_TTBR1]},
		{0x40300000000f0380, &v.el1[EL1_PAR]},
		{0x40200000000f7181, &fake_vtimer[0][VTIMER_CTL]},
		{0x40200000000f7101, &fake_vtimer[0][VTIMER_PHYS_CTL]},
		{0x40300000000f0708, &fake_vtimer[0][VTIMER_CNT]},
		{0x40300000000f0710, &fake_vtimer[0][VTIMER_PHYS_CVAL]},
		{0x40300000000f0718, &fake_vtimer[0][VTIMER_CVAL]},
		{0x4030000000120000, &v.fpsimd.d[0]},
		{0x403000000012001f, &v.fpsimd.d[31]},
		{0x4020000000121001, &v.fpsimd.fpscr},
		{0x4020000000121008, &v.fpsimd.fpexc},
	};
	u8 got[16];

	fake_regs_scribble(&v, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(vcpu_get_reg(&v.vcpu, row[i].id, got), 0);
		if (memcmp(got, row[i].at, reg_size(row[i].id)))
			fail_msg("%#llx is another register", row[i].id);
	}
}

/* A word of a register of 32 bits is all that there is of it. */
static void narrow(struct arm_vcpu *p)
{
	for (unsigned int i = 0; i < EL1_REGISTERS; i++)
		if (i != EL1_TTBR0 && i != EL1_TTBR1 && i != EL1_PAR)
			p->el1[i] = (u32)p->el1[i];
	p->regs.r[13] = 0; /* which is banked in all modes */
	p->regs.pstate = (p->regs.pstate & ~SPSR_MODE_MASK) | MODE_IRQ;
}

static void all_set_is_as_all_got(void **state)
{
	for (unsigned int seed = 0; seed < 50; seed++) {
		setup(NULL);
		if (seed)
			fake_regs_scribble(&v, seed);
		narrow(&v);
		fake_regs_get_all(&v, &a);
		fake_regs_set_all(&v, &a);
		fake_regs_get_all(&v, &b);
		fake_regs_assert_same(&a, &b);
	}
}

static void a_vcpu_with_the_same_registers_is_a_clone(void **state)
{
	fake_regs_scribble(&v, 9);
	narrow(&v);
	fake_regs_get_all(&v, &a);
	fake_regs_set_all(&twin, &a);
	assert_memory_equal(&v.regs, &twin.regs, sizeof(v.regs));
	assert_memory_equal(v.el1, twin.el1, sizeof(v.el1));
	assert_memory_equal(&v.fpsimd, &twin.fpsimd, sizeof(v.fpsimd));
	assert_int_equal(v.vgic.hw.vmcr, twin.vgic.hw.vmcr);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(i == VTIMER_CTL || i == VTIMER_PHYS_CTL ?
					 (u32)fake_vtimer[0][i] :
					 fake_vtimer[0][i],
				 fake_vtimer[1][i]);
	assert_int_equal(v.vcpu.powered, twin.vcpu.powered);
	assert_int_equal(v.hcr & HCR_VSE, twin.hcr & HCR_VSE);
}

static void what_is_loaded_is_read_from_the_cpu(void **state)
{
	this_cpu()->loaded = &v.vcpu;
	fake_set_reg("sp_abt", 0xc1000000);
	assert_int_equal(fake_regs_get(&v, 0x4020000000100015), 0xc1000000);
	assert_int_equal(fake_unloads, 1);
}

/* VFP and SIMD are in the CPU only once the vCPU used them. */
static void fpsimd_is_read_from_where_it_is(void **state)
{
	v.fpsimd.d[1] = 5;
	fake_fpsimd.d[1] = 6;
	for (int used = 0; used < 2; used++) {
		union reg_value val;

		this_cpu()->loaded = &v.vcpu;
		fake_set_reg("cptr_el2", used ? 0 : CPTR_TFP);
		assert_int_equal(vcpu_get_reg(&v.vcpu, 0x4030000000120001, &val),
				 0);
		assert_int_equal(val.d, used ? 6 : 5);
		assert_true(fake_reg("cptr_el2") & CPTR_TFP);
	}
}

/* K31 */
static void no_value_of_cpsr_leads_into_hyp_mode(void **state)
{
	static const u32 fits = BIT32(MODE_USR) | BIT32(MODE_FIQ) |
				BIT32(MODE_IRQ) | BIT32(MODE_SVC) |
				BIT32(MODE_ABT) | BIT32(MODE_UND) |
				BIT32(MODE_SYS);

	for (u32 mode = 0; mode < 32; mode++) {
		bool ok = fits & BIT32(mode);

		v.regs.pstate = 0x1d3;
		assert_int_equal(fake_regs_set(&v, CPSR, 0x60000000 | mode),
				 ok ? 0 : -EINVAL);
		assert_int_equal(v.regs.pstate, ok ? 0x60000000 | mode : 0x1d3);
	}
}

static void identification_does_not_change(void **state)
{
	static const struct {
		u64 id;
		u32 val;
	} row[] = {
		{0x40200000000f0000, 0x412fc0f1}, /* MIDR */
		{0x40200000000f0005, 0x80000002}, /* MPIDR */
		{0x40200000000f0009, 0x0a200023}, /* CLIDR */
		{0x40200000000f0080, 0x1031},     /* ID_PFR0 */
		{0x40200000000f0105, 0x77},       /* ID_ISAR5 */
		{0x40200000000f0801, 1 << 6},     /* ACTLR */
		{0x40200000000f480a, 1 << 24},    /* L2CTLR */
		{0x40200000000f480b, 0},          /* L2ECTLR */
		{0x4020000000110000, 0x701fe00a}, /* CCSIDR */
		{0x4020000000121006, 0x101},      /* MVFR1 */
		{0x4020000000121007, 0x100},
		{0x4030000000140000, 0x10001},    /* PSCI_VERSION */
	};

	v.vmpidr = 0x80000002;
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u64 now = fake_regs_get(&v, row[i].id);

		assert_int_equal(now, row[i].val);
		assert_int_equal(fake_regs_set(&v, row[i].id, now), 0);
		assert_int_equal(fake_regs_set(&v, row[i].id, now ^ 2), -EINVAL);
	}
}

/* K32: as MPIDR's Aff1 and Aff0 divide them. */
static void l2ctlr_counts_the_cpus_of_ones_own_cluster(void **state)
{
	static const u8 cluster[] = {4, 4, 4, 4, 2, 2};

	vm.vm.vcpu_count = ARRAY_SIZE(cluster);
	for (unsigned int id = 0; id < ARRAY_SIZE(cluster); id++) {
		v.vcpu.id = id;
		assert_int_equal(fake_regs_get(&v, 0x40200000000f480a),
				 (cluster[id] - 1) << 24);
	}
	assert_int_equal(1 << machine_cluster_shift, 4);
	v.vcpu.id = 0;
	vm.vm.vcpu_count = 2;
}

static void implementation_specific_registers_are_the_targets(void **state)
{
	struct fake_snapshot *s = &a;

	fake_regs_get_all(&v, s);
	features.port.target = NULL;
	fake_regs_get_all(&v, &b);
	assert_int_equal(s->count - b.count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(ids_are_kvms),
		CASE(all_set_is_as_all_got),
		CASE(a_vcpu_with_the_same_registers_is_a_clone),
		CASE(what_is_loaded_is_read_from_the_cpu),
		CASE(fpsimd_is_read_from_where_it_is),
		CASE(no_value_of_cpsr_leads_into_hyp_mode),
		CASE(identification_does_not_change),
		CASE(l2ctlr_counts_the_cpus_of_ones_own_cluster),
		CASE(implementation_specific_registers_are_the_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
