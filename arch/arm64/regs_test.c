// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: core/vcpu_regs.c arch/armcommon/regs.c arch/armcommon/state.c
// link: arch/armcommon/fpsimd.c arch/armcommon/set_way.c arch/armcommon/testing/fake_cpu.c
// link: arch/armcommon/testing/fake_regs.c arch/arm64/regs.c
// link: arch/arm64/target_generic.c arch/arm64/sysreg.c arch/arm64/features.c
// link: arch/arm64/stage2_encode.c arch/arm64/debug.c arch/arm64/inject.c
// link: arch/armcommon/aarch32.c lib/printf.c
// flags: -Iarch/arm64
/* K12, K13: registers by KVM's ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/arm64/regs.h"
#include "arch/armcommon/testing/fake_regs.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct arm_vcpu v, twin;
static struct arm_vm vm;
static struct fake_snapshot a, b;

#define X(n) (0x6030000000100000ULL + 2 * (n))
#define PC 0x6030000000100040ULL
#define PSTATE 0x6030000000100042ULL
#define V(n) (0x6040000000100054ULL + 4 * (n))
#define STATUS (REG_OURS | REG_U32)

static int setup(void **state)
{
	fake_cpu_reset(&v, &vm);
	fake_set_reg("midr_el1", 0x411fd070);
	fake_set_reg("id_aa64pfr0_el1", 0x2000000000000012);
	fake_set_reg("id_aa64dfr0_el1", 0x305106); /* 6 and 4 */
	fake_set_reg("clidr_el1", 0x0a200023);
	fake_set_reg("ccsidr_el1", 0x700fe01a);
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

/* As Linux's uapi and its api.rst have them. */
static void ids_are_kvms(void **state)
{
	static const struct {
		u64 id;
		const void *at;
	} row[] = {
		{0x6030000000100000, &v.regs.x[0]},
		{0x6030000000100002, &v.regs.x[1]},
		{0x603000000010003c, &v.regs.x[30]},
		{0x603000000010003e, &v.el1[EL1_SP_EL0]},
		{0x6030000000100040, &v.regs.pc},
		{0x6030000000100042, &v.regs.pstate},
		{0x6030000000100044, &v.el1[EL1_SP_EL1]},
		{0x6030000000100046, &v.el1[EL1_ELR]},
		{0x6030000000100048, &v.el1[EL1_SPSR]},
		{0x6040000000100054, &v.fpsimd.v[0]},
		{0x60400000001000d0, &v.fpsimd.v[62]},
		{0x60200000001000d4, &v.fpsimd.fpsr},
		{0x60200000001000d5, &v.fpsimd.fpcr},
		{0x603000000013c080, &v.el1[EL1_SCTLR]},
		{0x603000000013c082, &v.el1[EL1_CPACR]},
		{0x603000000013c100, &v.el1[EL1_TTBR0]},
		{0x603000000013c101, &v.el1[EL1_TTBR1]},
		{0x603000000013c102, &v.el1[EL1_TCR]},
		{0x603000000013c290, &v.el1[EL1_ESR]},
		{0x603000000013c300, &v.el1[EL1_FAR]},
		{0x603000000013c3a0, &v.el1[EL1_PAR]},
		{0x603000000013c510, &v.el1[EL1_MAIR]},
		{0x603000000013c600, &v.el1[EL1_VBAR]},
		{0x603000000013c681, &v.el1[EL1_CONTEXTIDR]},
		{0x603000000013c684, &v.el1[EL1_TPIDR_EL1]},
		{0x603000000013c708, &v.el1[EL1_CNTKCTL]},
		{0x603000000013d000, &v.el1[EL1_CSSELR]},
		{0x603000000013de82, &v.el1[EL1_TPIDR_EL0]},
		{0x603000000013de83, &v.el1[EL1_TPIDRRO_EL0]},
		{0x603000000013df02, &fake_vtimer[0][VTIMER_CVAL]},
		{0x603000000013df11, &fake_vtimer[0][VTIMER_PHYS_CTL]},
		{0x603000000013df12, &fake_vtimer[0][VTIMER_PHYS_CVAL]},
		{0x603000000013df19, &fake_vtimer[0][VTIMER_CTL]},
		{0x603000000013df1a, &fake_vtimer[0][VTIMER_CNT]},
		{0x6030000000138012, &v.el1[EL1_MDSCR]},
		{0x603000000013800c, &v.port.debug.bvr[1]},
		{0x603000000013801d, &v.port.debug.bcr[3]},
		{0x603000000013801f, &v.port.debug.wcr[3]},
	};
	u8 got[16];

	fake_regs_scribble(&v, 1);
	memset(&v.port.debug, 0x81, sizeof(v.port.debug));
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(vcpu_get_reg(&v.vcpu, row[i].id, got), 0);
		if (memcmp(got, row[i].at, reg_size(row[i].id)))
			fail_msg("%#llx is another register", row[i].id);
	}
}

static void all_set_is_as_all_got(void **state)
{
	for (unsigned int seed = 0; seed < 50; seed++) {
		setup(NULL);
		if (seed)
			fake_regs_scribble(&v, seed);
		v.regs.pstate = (v.regs.pstate & ~0x1fULL) | SPSR_EL1H;
		v.el1[EL1_MDSCR] = 0;
		features.ras = seed & 1;
		fake_regs_get_all(&v, &a);
		fake_regs_set_all(&v, &a);
		fake_regs_get_all(&v, &b);
		fake_regs_assert_same(&a, &b);
	}
}

/* B4: but for who it is, a vCPU is what its registers are. */
static void a_vcpu_with_the_same_registers_is_a_clone(void **state)
{
	fake_regs_scribble(&v, 7);
	v.regs.pstate = SPSR_EL1H | SPSR_DAIF;
	v.el1[EL1_MDSCR] = BIT64(15);
	features.ras = true;
	fake_regs_set(&v, 0x603000000013800d, 0x1e5); /* DBGBCR1_EL1 */
	fake_regs_get_all(&v, &a);
	fake_regs_set_all(&twin, &a);
	assert_memory_equal(&v.regs, &twin.regs, sizeof(v.regs));
	assert_memory_equal(v.el1, twin.el1, sizeof(v.el1));
	assert_memory_equal(v.fpsimd.v, twin.fpsimd.v, sizeof(v.fpsimd.v));
	assert_int_equal(v.fpsimd.fpsr, twin.fpsimd.fpsr);
	assert_int_equal(v.fpsimd.fpcr, twin.fpsimd.fpcr);
	assert_memory_equal(&v.port, &twin.port, sizeof(v.port));
	assert_true(twin.port.debug_used);
	assert_int_equal(v.vgic.hw.vmcr, twin.vgic.hw.vmcr);
	assert_memory_equal(fake_vtimer[0], fake_vtimer[1],
			    sizeof(fake_vtimer[0]));
	assert_int_equal(v.vcpu.powered, twin.vcpu.powered);
	assert_int_equal(v.hcr & HCR_VSE, twin.hcr & HCR_VSE);
}

static void what_is_loaded_is_read_from_the_cpu(void **state)
{
	this_cpu()->loaded = &v.vcpu;
	v.el1[EL1_VBAR] = 1;
	fake_set_reg("vbar_el1", 0x1800);
	assert_int_equal(fake_regs_get(&v, 0x603000000013c600), 0x1800);
	assert_int_equal(fake_unloads, 1);
	assert_int_equal(fake_regs_set(&v, 0x603000000013c600, 0x2000), 0);
	assert_int_equal(v.el1[EL1_VBAR], 0x2000);
}

/* VFP and SIMD are in the CPU only once the vCPU used them. */
static void fpsimd_is_read_from_where_it_is(void **state)
{
	v.fpsimd.v[2] = 5;
	fake_fpsimd.v[2] = 6;
	for (int used = 0; used < 2; used++) {
		union reg_value val;

		this_cpu()->loaded = &v.vcpu;
		fake_set_reg("cptr_el2", used ? 0 : CPTR_TFP);
		assert_int_equal(vcpu_get_reg(&v.vcpu, 0x6040000000100058, &val),
				 0);
		assert_int_equal(val.d, used ? 6 : 5);
		assert_true(fake_reg("cptr_el2") & CPTR_TFP);
	}
}

static void no_value_of_pstate_leads_above_el1(void **state)
{
	for (u64 mode = 0; mode < 32; mode++) {
		bool fits = mode == 0 || mode == 4 || mode == 5 || mode == 0x10;

		v.regs.pstate = 0x3c5;
		assert_int_equal(fake_regs_set(&v, PSTATE, mode | 0x80000000),
				 fits ? 0 : -EINVAL);
		assert_int_equal(v.regs.pstate,
				 fits ? mode | 0x80000000 : 0x3c5);
	}
	/* No AArch32 at EL0. */
	fake_set_reg("id_aa64pfr0_el1", 0x11);
	sysreg_init();
	assert_int_equal(fake_regs_set(&v, PSTATE, 0x10), -EINVAL);
}

static void identification_does_not_change(void **state)
{
	static const u64 ids[] = {
		0x603000000013c000, /* MIDR */
		0x603000000013c005, /* MPIDR */
		0x603000000013c006, /* REVIDR */
		0x603000000013c020, /* ID_AA64PFR0 */
		0x603000000013c03f,
		0x603000000013c081, /* ACTLR */
		0x603000000013c801, /* CLIDR */
		0x603000000013c807, /* AIDR */
		0x603000000013d801, /* CTR */
		0x6020000000110000, /* CCSIDR of level 1's data cache */
		0x603000000010004a, /* SPSR_abt */
		0x6030000000140000, /* PSCI_VERSION */
		0x6030000000140003,
	};

	v.vmpidr = 0x80000003;
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		u64 now = fake_regs_get(&v, ids[i]);

		assert_int_equal(fake_regs_set(&v, ids[i], now), 0);
		assert_int_equal(fake_regs_set(&v, ids[i], now ^ 1), -EINVAL);
		assert_int_equal(fake_regs_get(&v, ids[i]), now);
	}
	assert_int_equal(fake_regs_get(&v, ids[0]), 0x411fd070);
	assert_int_equal(fake_regs_get(&v, ids[1]), 0x80000003);
	assert_int_equal(fake_regs_get(&v, 0x6030000000140000), 0x10001);
	assert_int_equal(fake_regs_get(&v, 0x6030000000140001), 1);
	assert_int_equal(fake_regs_get(&v, 0x6030000000140002), 0);
	assert_int_equal(fake_regs_get(&v, 0x6030000000140003), 2);
}

static void caches_are_those_that_the_cpu_has(void **state)
{
	u32 val;

	/* Level 1: both; level 2: unified. */
	fake_set_reg("csselr_el1", 9);
	for (unsigned int n = 0; n < 14; n++) {
		int err = vcpu_get_reg(&v.vcpu, 0x6020000000110000 + n, &val);

		assert_int_equal(err, n < 3 ? 0 : -ENOENT);
		if (!err)
			assert_int_equal(val, 0x700fe01a);
	}
	assert_int_equal(fake_reg("csselr_el1"), 9);
	assert_int_equal(vcpu_get_reg(&v.vcpu, 0x602000000011000e, &val),
			 -ENOENT);
}

static void debug_registers_are_as_many_as_there_are(void **state)
{
	u64 val;

	for (unsigned int n = 0; n < 16; n++) {
		assert_int_equal(vcpu_get_reg(&v.vcpu, 0x6030000000138004 + 8 * n,
					      &val), n < 6 ? 0 : -ENOENT);
		assert_int_equal(vcpu_get_reg(&v.vcpu, 0x6030000000138007 + 8 * n,
					      &val), n < 4 ? 0 : -ENOENT);
	}
	/* HMC and a match by VMID are not for guests. */
	assert_int_equal(fake_regs_set(&v, 0x6030000000138005, 0x9021e5), 0);
	assert_int_equal(v.port.debug.bcr[0], 0x1e5);
	assert_int_equal(fake_regs_set(&v, 0x6030000000138012, 1 << 14),
			 -EINVAL);
	assert_int_equal(fake_regs_set(&v, 0x6030000000138075, 1), -ENOENT);
}

static void status_is_power_and_a_pending_serror(void **state)
{
	assert_int_equal(fake_regs_get(&v, STATUS), 0);
	assert_int_equal(fake_regs_set(&v, STATUS, 3), 0);
	assert_true(v.vcpu.powered);
	assert_true(v.hcr & HCR_VSE);
	assert_int_equal(v.vcpu.requests, REQ_IRQ);
	assert_int_equal(fake_regs_get(&v, STATUS), 3);
	assert_int_equal(fake_regs_set(&v, STATUS, 4), -EINVAL);
	assert_int_equal(fake_regs_set(&v, STATUS, 0), 0);
	assert_false(v.vcpu.powered);
	assert_int_equal(v.hcr, GUEST_HCR);
}

static void a_start_that_is_under_way_comes_first(void **state)
{
	v.psci.turn_on = PSCI_READY;
	fake_regs_get(&v, PC);
	assert_int_equal(fake_starts, 0);
	v.vcpu.powered = true;
	fake_regs_get(&v, PC);
	assert_int_equal(fake_starts, 1);
}

static void registers_have_names_for_people(void **state)
{
	unsigned int next = 0;
	char line[160];

	v.regs.x[0] = 0x123;
	assert_true(vcpu_format_regs(&v.vcpu, &next, line, sizeof(line)));
	assert_memory_equal(line, "x0 0x123, x1 0x0, ", 18);
}

/* K13 */
static void a_cpu_that_its_id_registers_do_not_describe_is_unknown(void **state)
{
	assert_true(target_is_known());
	fake_set_reg("midr_el1", 0x4107b362);
	assert_false(target_is_known());
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
		CASE(no_value_of_pstate_leads_above_el1),
		CASE(identification_does_not_change),
		CASE(caches_are_those_that_the_cpu_has),
		CASE(debug_registers_are_as_many_as_there_are),
		CASE(status_is_power_and_a_pending_serror),
		CASE(a_start_that_is_under_way_comes_first),
		CASE(registers_have_names_for_people),
		CASE(a_cpu_that_its_id_registers_do_not_describe_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
