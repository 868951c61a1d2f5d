// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: arch/armcommon/exit.c arch/armcommon/set_way.c arch/armcommon/state.c
// link: arch/armcommon/aarch32.c arch/armcommon/fpsimd.c
// link: arch/armcommon/testing/fake_cpu.c
// link: arch/arm/inject.c arch/arm/cp15.c arch/arm/features.c arch/arm/banked.c
// link: arch/arm/target_cortex.c arch/arm/target_cortex_a15.c
// link: arch/arm/target_cortex_a7.c arch/arm/vcpu.c
// link: lib/log.c
// link: lib/printf.c
// flags: -Iarch/arm
/* K10, K11, K13, K31, K32: what each exit does to a 32-bit guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/armcommon/machine.h"
#include "arch/armcommon/smccc.h"
#include "arch/armcommon/testing/fake_cpu.h"
#include "core/arch.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"

static struct arm_vcpu v;
static struct arm_vm vm;

const char *machine_cpu;
unsigned int machine_cluster_shift;

#define PC 0xc0008000U
#define VBAR 0xc0100000U
#define CPSR (0x60000000 | MODE_SVC)
#define ESR(ec, iss) ((u64)(ec) << 26 | ESR_IL | (iss))
#define ALWAYS (1 << 24 | 14 << 20) /* CV, COND */

u32 vfp_id(unsigned int n)
{
	return 0x100 + n;
}

static unsigned int vfp_enables;

void vfp_enable(void)
{
	assert_false(fake_reg("cptr_el2") & CPTR_TFP);
	vfp_enables++;
}

static int setup(void **state)
{
	fake_cpu_reset(&v, &vm);
	v.regs.pc = PC;
	v.regs.pstate = CPSR;
	vm.vm.vcpu_count = 2;
	fake_set_reg("vbar_el1", VBAR);
	fake_set_reg("midr_el1", 0x412fc0f1);
	fake_set_reg("id_mmfr3_el1", 0x02102211);
	fake_set_reg("id_pfr1_el1", 0x00011011);
	fake_set_reg("id_dfr0_el1", 0x02010555);
	fake_set_reg("id_isar0_el1", 0x02101110);
	fake_set_reg("id_pfr0_el1", 0x00001131);
	fake_set_reg("id_isar4_el1", 0x10011142);
	features_detect();
	sysreg_init();
	fake_ipa = GPA(0x09000018);
	return 0;
}

void arch_vcpu_reset(struct vcpu *vcpu, gva_t entry, u64 arg)
{
}

static u32 sp_of(const char *name)
{
	return fake_reg(name);
}

/* ---- Registers of modes (K31) ---------------------------------------------------- */

static void registers_are_those_of_the_mode(void **state)
{
	static const struct {
		u32 mode;
		const char *sp, *lr;
	} row[] = {
		{MODE_SVC, "sp_svc", "lr_svc"}, {MODE_ABT, "sp_abt", "lr_abt"},
		{MODE_UND, "sp_und", "lr_und"}, {MODE_IRQ, "sp_irq", "lr_irq"},
		{MODE_FIQ, "sp_fiq", "lr_fiq"}, {MODE_USR, "sp_usr", NULL},
		{MODE_SYS, "sp_usr", NULL},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		v.regs.pstate = row[i].mode;
		v.regs.r[14] = 5;
		vcpu_set_x(&v, 13, 0x1000);
		vcpu_set_x(&v, 14, 0x2000);
		assert_int_equal(sp_of(row[i].sp), 0x1000);
		assert_int_equal(row[i].lr ? sp_of(row[i].lr) : v.regs.r[14],
				 0x2000);
		assert_int_equal(v.regs.r[14], row[i].lr ? 5 : 0x2000);
		assert_int_equal(vcpu_get_x(&v, 13), 0x1000);
		assert_int_equal(vcpu_get_x(&v, 14), 0x2000);
	}
}

static void fiq_has_r8_to_r12_of_its_own(void **state)
{
	for (unsigned int n = 0; n < 13; n++)
		v.regs.r[n] = n;
	v.regs.pstate = MODE_FIQ;
	for (unsigned int n = 0; n < 13; n++)
		vcpu_set_x(&v, n, 100 + n);
	for (unsigned int n = 0; n < 13; n++) {
		assert_int_equal(v.regs.r[n], n < 8 ? 100 + n : n);
		assert_int_equal(vcpu_get_x(&v, n), 100 + n);
	}
	assert_int_equal(fake_reg("r8_fiq"), 108);
	assert_int_equal(fake_reg("r12_fiq"), 112);
}

static void a_mode_that_there_is_not_has_user_registers(void **state)
{
	for (u32 mode = 0; mode < 32; mode++) {
		setup(NULL);
		v.regs.pstate = mode;
		vcpu_set_x(&v, 13, mode + 1);
		vcpu_set_x(&v, 14, mode + 2);
		vcpu_set_x(&v, 15, 3);
		vcpu_set_x(&v, 31, 3);
		assert_int_equal(vcpu_get_x(&v, 13), mode + 1);
		assert_int_equal(vcpu_get_x(&v, 14), mode + 2);
		assert_int_equal(vcpu_get_x(&v, 15), 0);
		assert_int_equal(vcpu_get_x(&v, 31), 0);
	}
}

/* ---- Exceptions (K11) -------------------------------------------------------------- */

static void abort_at(u64 esr)
{
	fake_fault_result = FAULT_ABORT;
	fake_set_reg("far_el2", 0x1234);
	fake_set_reg("hifar", 0x5678);
	guest_exit_sync(&v, esr);
}

static void a_data_abort_is_taken_to_abort_mode(void **state)
{
	abort_at(ESR(EC_DABT_LOWER, FSC_TRANSLATION | 2 | ISS_WNR));
	assert_int_equal(v.regs.pc, VBAR + 0x10);
	assert_int_equal(v.regs.pstate, 0x60000000 | MODE_ABT | SPSR_I | SPSR_A);
	assert_int_equal(fake_reg("lr_abt"), PC + 8);
	assert_int_equal(fake_reg("spsr_abt"), CPSR);
	assert_int_equal(fake_reg("dfar"), 0x1234);
	/* The short format: 8, a write. */
	assert_int_equal(fake_reg("dfsr"), 0x808);
}

static void a_prefetch_abort_has_its_own_registers(void **state)
{
	fake_set_reg("tcr_el1", TTBCR_EAE);
	abort_at(ESR(EC_IABT_LOWER, FSC_TRANSLATION | 2));
	assert_int_equal(v.regs.pc, VBAR + 0x0c);
	assert_int_equal(fake_reg("lr_abt"), PC + 4);
	assert_int_equal(fake_reg("ifar"), 0x5678);
	assert_int_equal(fake_reg("ifsr"), 0x210);
	assert_int_equal(fake_reg("dfsr"), 0);
}

/* B4.1.52 */
static void an_abort_of_maintenance_says_so(void **state)
{
	abort_at(ESR(EC_DABT_LOWER, FSC_TRANSLATION | 2 | ISS_CM));
	assert_int_equal(fake_reg("dfsr"), 0x808);
	fake_set_reg("tcr_el1", TTBCR_EAE);
	abort_at(ESR(EC_DABT_LOWER, FSC_TRANSLATION | 2 | ISS_CM));
	assert_int_equal(fake_reg("dfsr"), 0x2a10);
}

/* bugs.md 14: a walk is no write of the guest's. */
static void an_abort_of_a_walk_says_so(void **state)
{
	fake_set_reg("tcr_el1", TTBCR_EAE);
	abort_at(ESR(EC_DABT_LOWER,
		     FSC_TRANSLATION | 2 | ISS_WNR | ISS_S1PTW));
	assert_int_equal(fake_reg("dfsr"), 0x216);
}

/* A short descriptor of the first level stands in the table that TTBR0 or TTBR1
 * points to; any other walk is of the second. The level of stage 2's own walk, which
 * the syndrome has, says nothing. */
static void an_abort_of_a_short_walk_has_its_level(void **state)
{
	static const struct {
		u32 ttbcr, gva;
		u64 gpa;
		u32 dfsr;
	} row[] = {
		{0, 0x00000000, 0x48004000, 0x00c}, /* TTBR0's first word */
		{0, 0xfff00000, 0x48007000, 0x00c}, /* its last page */
		{0, 0x00000000, 0x48005000, 0x00e}, /* a page, but another's */
		{0, 0x00000000, 0x148004000, 0x00e},
		{7, 0x01f00000, 0x48004000, 0x00c}, /* 32 MiB by TTBR0 */
		{7, 0x02000000, 0x48004000, 0x00e},
		{7, 0x02000000, 0x4c000000, 0x00c}, /* the rest by TTBR1 */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		fake_set_reg("tcr_el1", row[i].ttbcr);
		fake_set_reg("ttbr0_el1", 0x4800404a);
		fake_set_reg("ttbr1_el1", 0x4c00004a);
		fake_fault_result = FAULT_ABORT;
		fake_set_reg("far_el2", row[i].gva);
		fake_ipa = GPA(row[i].gpa);
		guest_exit_sync(&v, ESR(EC_DABT_LOWER, FSC_TRANSLATION | 3 |
							       ISS_S1PTW));
		assert_int_equal(fake_reg("dfsr"), row[i].dfsr);
	}
}

/* It comes where a guest's other aborts do (B1.8.1). What its address says is of no
 * use, when the guest takes it is for its CPSR.A to say, and it may be another's. */
static void an_asynchronous_abort_is_given_to_its_guest_once(void **state)
{
	static const u32 dfsc[] = {0x11, 0x19}; /* external, parity */

	for (unsigned int i = 0; i < ARRAY_SIZE(dfsc); i++) {
		setup(NULL);
		abort_at(ESR(EC_DABT_LOWER, dfsc[i]));
		assert_true(v.hcr & HCR_VSE);
		assert_true(fake_reg("hcr_el2") & HCR_VSE);
		assert_int_equal(v.regs.pc, PC);
		assert_int_equal(v.regs.pstate, CPSR);
		assert_int_equal(fake_reg("dfar"), 0);
		assert_int_equal(fake_reg("dfsr"), 0);

		setup(NULL);
		arm_this_cpu()->serrors_to_drop = 1;
		abort_at(ESR(EC_DABT_LOWER, dfsc[i]));
		assert_false(v.hcr & HCR_VSE);
		assert_false(fake_reg("hcr_el2") & HCR_VSE);
		assert_int_equal(v.regs.pc, PC);
		assert_int_equal(arm_this_cpu()->serrors_to_drop, 0);
	}
	/* The fetch of an instruction has none. */
	setup(NULL);
	abort_at(ESR(EC_IABT_LOWER, 0x11));
	assert_false(v.hcr & HCR_VSE);
	assert_int_equal(v.regs.pc, VBAR + 0x0c);
}

static void undefined_is_taken_in_the_guests_own_way(void **state)
{
	/* Thumb state, in an IT block; high vectors, Thumb, big-endian. */
	v.regs.pstate = MODE_USR | SPSR_T32 | 0x06000c00 | SPSR_F;
	fake_set_reg("sctlr_el1", SCTLR_V | SCTLR_TE | SCTLR_EE);
	inject_undefined(&v);
	assert_int_equal(v.regs.pc, 0xffff0004);
	assert_int_equal(fake_reg("lr_und"), PC + 2);
	assert_int_equal(v.regs.pstate, MODE_UND | SPSR_I | SPSR_F | SPSR_T32 |
						SPSR_AARCH32_E);
}

/* ---- Instructions -------------------------------------------------------------------- */

static void loads_extend_to_the_register(void **state)
{
	u32 iss = ISS_ISV | ISS_SSE | 13 << ISS_SRT_SHIFT | FSC_TRANSLATION | 3;

	fake_fault_result = FAULT_MMIO;
	fake_mmio_value = 0x81;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss)), 0);
	assert_int_equal(fake_reg("sp_svc"), 0xffffff81);
	assert_int_equal(v.regs.pc, PC + 4);
}

/* bugs.md 30 */
static void a_narrow_load_has_nothing_above(void **state)
{
	fake_fault_result = FAULT_MMIO;
	fake_mmio_value = 0xffffffffffffff81;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, ISS_ISV | 3 << ISS_SRT_SHIFT |
						       FSC_TRANSLATION | 3));
	assert_int_equal(v.regs.r[3], 0x81);
}

/* LDM, LDRD, write-back: bugs.md 30. */
static void an_access_that_is_not_described_is_an_abort(void **state)
{
	fake_fault_result = FAULT_MMIO;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, FSC_TRANSLATION | 3));
	assert_int_equal(v.regs.pc, VBAR + 0x10);
}

static void a_big_endian_guest_sees_devices_its_way(void **state)
{
	u32 iss = ISS_ISV | 2 << ISS_SAS_SHIFT | 1 << ISS_SRT_SHIFT | ISS_WNR |
		  FSC_TRANSLATION | 3;

	fake_fault_result = FAULT_MMIO;
	v.regs.pstate |= SPSR_AARCH32_E;
	v.regs.r[1] = 0x11223344;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss)), 0);
	assert_int_equal(fake_mmio.value, 0x44332211);
}

/* A T16 load in an IT block: two bytes on, one condition further. */
static void what_is_skipped_moves_the_it_block_on(void **state)
{
	u32 iss = ISS_ISV | FSC_TRANSLATION | 3;

	fake_fault_result = FAULT_MMIO;
	/* ITSTATE 0b00000110: "ITTE EQ", second of it. */
	v.regs.pstate |= SPSR_T32 | 1 << 10 | 2U << 25;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss) & ~(u64)ESR_IL);
	assert_int_equal(v.regs.pc, PC + 2);
	assert_int_equal(v.regs.pstate & 0x0600fc00, 3U << 10);
}

static void a_trap_whose_condition_fails_is_no_instruction(void **state)
{
	/* EQ, with Z clear: nothing happens but that it is over. */
	v.regs.pstate = MODE_SVC;
	guest_exit_sync(&v, ESR(EC_SMC32, 1 << 24));
	assert_int_equal(v.regs.pc, PC + 4);
	guest_exit_sync(&v, ESR(EC_CP15_32, 1 << 24 | 7 << 14));
	assert_int_equal(v.regs.pc, PC + 8);
	assert_int_equal(v.regs.pstate, MODE_SVC);
	/* The same by the IT block, where the syndrome has none: "IT EQ". */
	v.regs.pstate = MODE_SVC | SPSR_T32 | 1 << 11;
	guest_exit_sync(&v, ESR(EC_CP15_32, 7 << 14));
	assert_int_equal(v.regs.pc, PC + 12);
	assert_int_equal(v.regs.pstate, MODE_SVC | SPSR_T32);
}

/* A wait too: its own condition counts, not that of what follows it. In Thumb state
 * a CPU need not put it into the syndrome (B3.13.6). */
static void a_wait_whose_condition_fails_waits_for_nothing(void **state)
{
	static const struct {
		u32 pstate;
		int leave;
	} row[] = {
		{1 << 30 | 3 << 11, 0},              /* "IT NE", with Z set */
		{3 << 11, LEAVE_WAIT},               /* with Z clear */
		{1 << 11 | 3 << 25, 0},              /* "ITETE EQ": NE follows */
		{1 << 30 | 1 << 11 | 3 << 25, LEAVE_WAIT},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		v.regs.pstate = MODE_SVC | SPSR_T32 | row[i].pstate;
		assert_int_equal(guest_exit_sync(&v, (u64)EC_WFX << 26),
				 row[i].leave);
		assert_int_equal(v.regs.pc, PC + 2);
	}
}

/* A syndrome that describes no access does not say how long the instruction is
 * either; those that maintain caches have four bytes in Thumb state too. */
static void maintenance_of_a_cache_is_skipped_whole(void **state)
{
	u64 esr = ESR(EC_DABT_LOWER, ISS_CM | ISS_WNR | FSC_TRANSLATION | 2) &
		  ~(u64)ESR_IL;

	fake_fault_result = FAULT_MMIO;
	guest_exit_sync(&v, esr);
	assert_int_equal(v.regs.pc, PC + 4);
	v.regs.pstate |= SPSR_T32;
	guest_exit_sync(&v, esr);
	assert_int_equal(v.regs.pc, PC + 8);
}

static void calls_of_64_bits_are_not_there(void **state)
{
	static const u32 call[][2] = {
		{PSCI_CPU_ON64}, {PSCI_AFFINITY_INFO64}, {0xc0000000},
		{PSCI_FEATURES, PSCI_CPU_ON64},
	};

	fake_smccc_result = SMCCC_EXIT;
	for (unsigned int i = 0; i < ARRAY_SIZE(call); i++) {
		v.regs.r[0] = call[i][0];
		v.regs.r[1] = call[i][1];
		assert_int_equal(guest_exit_sync(&v, ESR(EC_HVC32, 0)), 0);
		assert_int_equal((s32)v.regs.r[0], SMCCC_NOT_SUPPORTED);
	}
	v.regs.r[0] = PSCI_CPU_ON;
	v.regs.r[1] = 1U << 30;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_HVC32, 0)), LEAVE_EXIT);
}

/* ---- VFP and Advanced SIMD ----------------------------------------------------------- */

/* HCPTR's trap: of a coprocessor, or (TA) of Advanced SIMD. */
static void vfp_is_the_guests_once_it_is_used(void **state)
{
	static const u32 iss[] = {ALWAYS | 10, ALWAYS | 11, ALWAYS | ISS_TA,
				  /* Its condition fails: executed anyway. */
				  1 << 24 | 10};

	for (unsigned int i = 0; i < ARRAY_SIZE(iss); i++) {
		setup(NULL);
		vfp_enables = 0;
		traps_init_cpu();
		assert_int_equal(vfp_enables, 1);
		v.fpsimd.d[31] = 7;
		v.fpsimd.fpexc = 0x40000000;
		assert_int_equal(guest_exit_sync(&v, ESR(EC_FP, iss[i])), 0);
		assert_int_equal(v.regs.pc, PC);
		assert_int_equal(fake_fpsimd_restores, 1);
		assert_memory_equal(&fake_fpsimd, &v.fpsimd, sizeof(v.fpsimd));
		assert_int_equal(fake_reg("cptr_el2") & CPTR_TFP, 0);
		assert_int_equal(fake_reg("cptr_el2") & 0x3ff, 0x3ff);
	}
}

static void other_coprocessors_are_undefined(void **state)
{
	for (u32 cp = 0; cp < 16; cp++) {
		if (cp == 10 || cp == 11)
			continue;
		setup(NULL);
		traps_init_cpu();
		guest_exit_sync(&v, ESR(EC_FP, ALWAYS | cp));
		assert_int_equal(v.regs.pc, VBAR + 4);
		assert_int_equal(fake_fpsimd_restores, 0);
		assert_int_equal(fake_reg("cptr_el2") & CPTR_TFP, CPTR_TFP);
	}
}

/* ---- Coprocessor registers (K32) --------------------------------------------------------- */

#define MRC(op1, crn, crm, op2, rt)                                            \
	ESR(EC_CP15_32, ALWAYS | (op2) << 17 | (op1) << 14 | (crn) << 10 |     \
				(rt) << 5 | (crm) << 1 | 1)
#define MCR(op1, crn, crm, op2, rt) (MRC(op1, crn, crm, op2, rt) & ~1ULL)
#define MRRC(op1, crm)                                                         \
	ESR(EC_CP15_64, ALWAYS | (op1) << 16 | 3 << 10 | 2 << 5 | (crm) << 1 | 1)
#define MCRR(op1, crm) (MRRC(op1, crm) & ~1ULL)

static u32 read_cp15(u64 esr)
{
	v.regs.pc = PC;
	v.regs.r[4] = 0xdead;
	assert_int_equal(guest_exit_sync(&v, esr), 0);
	assert_int_equal(v.regs.pc, PC + 4);
	return v.regs.r[4];
}

static void assert_undefined(u64 esr)
{
	setup(NULL);
	assert_int_equal(guest_exit_sync(&v, esr), 0);
	assert_int_equal(v.regs.pc, VBAR + 4);
	assert_int_equal(v.regs.pstate & SPSR_MODE_MASK, MODE_UND);
}

static void id_registers_tell_what_guests_get(void **state)
{
	/* No Jazelle, neither Security nor Virtualization Extensions; no SMC, no
	 * debug, no PMU. */
	assert_int_equal(read_cp15(MRC(0, 0, 1, 0, 4)), 0x00001031);
	assert_int_equal(read_cp15(MRC(0, 0, 2, 4, 4)), 0x10010142);
	assert_int_equal(read_cp15(MRC(0, 0, 1, 1, 4)), 0x00010001);
	assert_int_equal(read_cp15(MRC(0, 0, 1, 2, 4)), 0);
	assert_int_equal(read_cp15(MRC(0, 0, 2, 0, 4)), 0x02101110);
	assert_int_equal(read_cp15(MRC(0, 0, 7, 7, 4)), 0);
	assert_int_equal(read_cp15(ESR(EC_CP10_ID, ALWAYS | 7 << 14 | 7 << 10 |
							    4 << 5 | 1)),
			 0x100);
	assert_int_equal(read_cp15(ESR(EC_CP10_ID, ALWAYS | 7 << 14 | 6 << 10 |
							    4 << 5 | 1)),
			 0x101);
	/* DBGDIDR: no debugger. */
	assert_int_equal(read_cp15(ESR(EC_CP14_32, ALWAYS | 4 << 5 | 1)), 0);
}

static void a_targets_registers_are_its_own(void **state)
{
	assert_ptr_equal(features.port.target, &target_cortex_a15);
	assert_string_equal(machine_cpu, "arm,cortex-a15");
	assert_int_equal(read_cp15(MRC(0, 1, 0, 1, 4)), 1 << 6);
	assert_int_equal(read_cp15(MRC(1, 9, 0, 2, 4)), 1 << 24);
	guest_exit_sync(&v, MCR(0, 1, 0, 1, 0));
	assert_int_equal(read_cp15(MRC(0, 1, 0, 1, 4)), 1 << 6);
	fake_set_reg("midr_el1", 0x410fc075);
	features_detect();
	assert_ptr_equal(features.port.target, &target_cortex_a7);
	fake_set_reg("midr_el1", 0x410fc090);
	features_detect();
	assert_null(features.port.target);
}

static const char *said;
static char said_text[256];

static void sink(const char *line, size_t len)
{
	scnprintf(said_text, sizeof(said_text), "%.*s", (int)len, line);
	said = said_text;
}

static bool warns_of(bool by_firmware)
{
	said = NULL;
	log_set_sink(sink);
	port_check_smp(by_firmware);
	log_set_sink(NULL);
	return said;
}

static bool warns(void)
{
	return warns_of(false);
}

/* boot.S sets it where the Secure state lets it. */
static void cpus_that_are_not_coherent_are_warned_of(void **state)
{
	fake_set_reg("midr_el1", 0x414fc0f0);
	features_detect();
	assert_true(warns());
	assert_non_null(strstr(said, "ACTLR.SMP"));
	assert_false(warns_of(true));
	/* One has it, another has not. */
	assert_true(features_same());
	fake_set_reg("actlr_el1", 1 << 6);
	assert_false(features_same());
	features_detect();
	assert_true(features_same());
	assert_false(warns());
	/* Another's bit 6 is something else. */
	fake_set_reg("actlr_el1", 0);
	fake_set_reg("midr_el1", 0x410fc090);
	features_detect();
	assert_false(warns());
}

static void an_erratum_of_several_cpus_is_warned_of(void **state)
{
	static const struct {
		u32 midr, revidr;
		bool warned;
	} row[] = {
		{0x410fc0f0, 0, true}, {0x412fc0f1, 0x200, true},
		{0x412fc0f3, 0x10, true}, {0x412fc0f4, 0x10, true},
		{0x412fc0f4, 0x200, false}, {0x413fc0f2, 0x010, true},
		{0x413fc0f2, 0x210, false}, {0x413fc0f3, 0, true},
		{0x413fc0f3, 0x200, false}, {0x414fc0f0, 0, false},
		{0x410fc075, 0, false}, /* Cortex-A7 */
	};

	fake_set_reg("actlr_el1", 1 << 6);
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		fake_set_reg("midr_el1", row[i].midr);
		fake_set_reg("revidr_el1", row[i].revidr);
		features_detect();
		assert_int_equal(warns(), row[i].warned);
		assert_true(!row[i].warned || strstr(said, "798181"));
	}
	fake_set_reg("midr_el1", 0x412fc0f1);
	features_detect();
	assert_true(warns());
	assert_non_null(strstr(said, "r2p1"));
}

static void what_there_is_not_is_undefined(void **state)
{
	assert_undefined(MRC(0, 9, 12, 0, 4));  /* PMCR */
	assert_undefined(MCR(0, 9, 12, 0, 4));
	assert_undefined(MRC(0, 15, 0, 0, 4));
	assert_undefined(MRC(7, 15, 15, 7, 15));
	assert_undefined(MRC(0, 7, 10, 2, 4));  /* DCCSW is written */
	assert_undefined(MCR(0, 0, 1, 0, 4));   /* ID_PFR0 is not */
	assert_undefined(MRRC(3, 14));
	assert_undefined(MCRR(9, 9));
	assert_undefined(ESR(EC_CP14_32, ALWAYS | 1 << 1 | 1));
	assert_undefined(ESR(EC_CP14_32, ALWAYS));
	assert_undefined(ESR(EC_CP10_ID, ALWAYS | 5 << 10 | 1));
	assert_undefined(ESR(EC_UNKNOWN, 0));
	assert_undefined(ESR(0x07, ALWAYS | 11));
	assert_undefined(ESR(0x3f, 0));
}

/* From User mode too a CPU may trap what is its maker's (HCR.TIDCP). The timer,
 * which CNTKCTL opens to it, is another matter. */
static void user_mode_has_no_registers_of_the_makers(void **state)
{
	static const u64 esr[] = {MRC(1, 9, 0, 2, 4), MRC(1, 9, 0, 3, 4),
				  MCR(1, 9, 0, 2, 4), MRC(0, 1, 0, 1, 4),
				  MRC(0, 0, 1, 0, 4), MCR(0, 7, 14, 2, 4)};

	for (unsigned int i = 0; i < ARRAY_SIZE(esr); i++) {
		setup(NULL);
		v.regs.pstate = MODE_USR;
		guest_exit_sync(&v, esr[i]);
		assert_int_equal(v.regs.pc, VBAR + 4);
		assert_int_equal(fake_reg("spsr_und"), MODE_USR);
		assert_int_equal(fake_vm_flushes, 0);
	}
	setup(NULL);
	v.regs.pstate = MODE_USR;
	fake_ptimer[PTIMER_CTL] = 5;
	assert_int_equal(read_cp15(MRC(0, 14, 2, 1, 4)), 5);
}

/* Where the CPUs' own RAM and their second ACTLR are. */
static void c15_is_trapped(void **state)
{
	traps_init_cpu();
	assert_int_equal(fake_reg("hstr_el2") & 1 << 15, 1 << 15);
	assert_undefined(MRC(4, 15, 0, 0, 4));
	assert_undefined(MCR(1, 15, 0, 4, 4));
}

/* BXJ; JIDR, JOSCR, JMCR. */
static void jazelle_is_undefined(void **state)
{
	traps_init_cpu();
	assert_int_equal(fake_reg("hstr_el2") >> 17 & 1, 1);
	assert_undefined(ESR(0x0a, ALWAYS | 14));
	for (u32 crn = 0; crn < 3; crn++)
		assert_undefined(ESR(EC_CP14_32, ALWAYS | 7 << 14 | crn << 10 | 1));
}

static void the_physical_timer_is_emulated(void **state)
{
	fake_ptimer[PTIMER_CVAL] = 0x1122334455667788;
	guest_exit_sync(&v, MRRC(2, 14));
	assert_int_equal(v.regs.r[2], 0x55667788);
	assert_int_equal(v.regs.r[3], 0x11223344);
	v.regs.r[3] = 1;
	guest_exit_sync(&v, MCRR(2, 14));
	assert_int_equal(fake_ptimer[PTIMER_CVAL], 0x155667788);
	fake_ptimer[PTIMER_CTL] = 5;
	assert_int_equal(read_cp15(MRC(0, 14, 2, 1, 4)), 5);
	v.regs.r[4] = 77;
	guest_exit_sync(&v, MCR(0, 14, 2, 0, 4));
	assert_int_equal(fake_ptimer[PTIMER_TVAL], 77);
}

/* K10 */
static void set_way_empties_the_caches_once_and_watches_the_switch(void **state)
{
	guest_exit_sync(&v, MCR(0, 7, 14, 2, 0));
	assert_int_equal(fake_vm_flushes, 1);
	assert_true(v.hcr & HCR_TVM);
	guest_exit_sync(&v, MCR(0, 7, 14, 2, 0));
	assert_int_equal(fake_vm_flushes, 1);

	/* Tables are set up while the caches are off; half a register too. */
	fake_set_reg("ttbr0_el1", 0xff12345678);
	v.regs.r[4] = 0x40004000;
	guest_exit_sync(&v, MCR(0, 2, 0, 0, 4));
	assert_int_equal(fake_reg("ttbr0_el1"), 0xff40004000);
	v.regs.r[2] = 0x80000000;
	v.regs.r[3] = 0x12;
	guest_exit_sync(&v, MCRR(1, 2));
	assert_int_equal(fake_reg("ttbr1_el1"), 0x1280000000);
	assert_int_equal(fake_vm_flushes, 1);

	v.regs.r[4] = SCTLR_M | SCTLR_C;
	guest_exit_sync(&v, MCR(0, 1, 0, 0, 4));
	assert_int_equal(fake_reg("sctlr_el1"), SCTLR_M | SCTLR_C);
	assert_int_equal(fake_vm_flushes, 2);
	assert_false(v.hcr & HCR_TVM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(registers_are_those_of_the_mode),
		CASE(fiq_has_r8_to_r12_of_its_own),
		CASE(a_mode_that_there_is_not_has_user_registers),
		CASE(a_data_abort_is_taken_to_abort_mode),
		CASE(a_prefetch_abort_has_its_own_registers),
		CASE(an_abort_of_maintenance_says_so),
		CASE(an_abort_of_a_walk_says_so),
		CASE(an_abort_of_a_short_walk_has_its_level),
		CASE(an_asynchronous_abort_is_given_to_its_guest_once),
		CASE(undefined_is_taken_in_the_guests_own_way),
		CASE(loads_extend_to_the_register),
		CASE(a_narrow_load_has_nothing_above),
		CASE(an_access_that_is_not_described_is_an_abort),
		CASE(a_big_endian_guest_sees_devices_its_way),
		CASE(what_is_skipped_moves_the_it_block_on),
		CASE(a_trap_whose_condition_fails_is_no_instruction),
		CASE(a_wait_whose_condition_fails_waits_for_nothing),
		CASE(calls_of_64_bits_are_not_there),
		CASE(vfp_is_the_guests_once_it_is_used),
		CASE(other_coprocessors_are_undefined),
		CASE(id_registers_tell_what_guests_get),
		CASE(a_targets_registers_are_its_own),
		CASE(cpus_that_are_not_coherent_are_warned_of),
		CASE(an_erratum_of_several_cpus_is_warned_of),
		CASE(what_there_is_not_is_undefined),
		CASE(maintenance_of_a_cache_is_skipped_whole),
		CASE(user_mode_has_no_registers_of_the_makers),
		CASE(c15_is_trapped),
		CASE(jazelle_is_undefined),
		CASE(the_physical_timer_is_emulated),
		CASE(set_way_empties_the_caches_once_and_watches_the_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
