// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: arch/armcommon/exit.c arch/armcommon/set_way.c arch/armcommon/state.c
// link: arch/armcommon/aarch32.c arch/armcommon/fpsimd.c
// link: arch/armcommon/testing/fake_cpu.c
// link: arch/arm64/inject.c arch/arm64/sysreg.c arch/arm64/features.c
// link: arch/arm64/stage2_encode.c arch/arm64/debug.c
// flags: -Iarch/arm64
/* K3, K10, K11, K22, K23: what each exit does to the guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/arm64/registers.h"
#include "arch/armcommon/testing/fake_cpu.h"
#include "arch/armcommon/smccc.h"
#include "core/arch.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"

static struct arm_vcpu v;
static struct arm_vm vm;

#define PC 0xffff000000080000UL
#define VBAR 0xffff000000010000UL
#define ESR(ec, iss) ((u64)(ec) << 26 | ESR_IL | (iss))

static int setup(void **state)
{
	fake_cpu_reset(&v, &vm);
	v.regs.pc = PC;
	v.regs.pstate = SPSR_EL1H;
	fake_set_reg("vbar_el1", VBAR);
	fake_ipa = GPA(0x09000018);
	features = (struct arm_features){.port.breakpoints = 6, .port.watchpoints = 4,
					   .port.gicv3 = true};
	irqchip.version = 3;
	return 0;
}

static void assert_exception(u64 offset, u64 esr)
{
	assert_int_equal(v.regs.pc, VBAR + offset);
	assert_int_equal(fake_reg("elr_el1"), PC);
	assert_int_equal(fake_reg("esr_el1"), esr);
	assert_int_equal(v.regs.pstate & 0x3df, SPSR_EL1H | SPSR_DAIF);
}

/* ---- MMIO ------------------------------------------------------------------------ */

static void mmio_loads_extend_as_the_instruction_says(void **state)
{
	static const struct {
		u32 sas;
		bool sse, sf;
		u64 value, want;
	} row[] = {
		{0, false, false, 0xffffffffffffff81, 0x81},
		{1, false, false, 0xffffffffffff8001, 0x8001},
		{2, false, false, 0xffffffff80000001, 0x80000001},
		{3, false, true, 0x8000000180000001, 0x8000000180000001},
		{0, true, false, 0x81, 0xffffff81},
		{0, true, true, 0x81, 0xffffffffffffff81},
		{1, true, true, 0x8001, 0xffffffffffff8001},
		{2, true, true, 0x80000001, 0xffffffff80000001},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u32 iss = ISS_ISV | row[i].sas << ISS_SAS_SHIFT |
			  (row[i].sse ? ISS_SSE : 0) | 7 << ISS_SRT_SHIFT |
			  (row[i].sf ? ISS_SF : 0) | FSC_TRANSLATION | 3;

		setup(NULL);
		fake_fault_result = FAULT_MMIO;
		fake_mmio_value = row[i].value;
		assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss)),
				 0);
		assert_int_equal(v.regs.x[7], row[i].want);
		assert_int_equal(v.regs.pc, PC + 4);
		assert_int_equal(fake_mmio.size, 1 << row[i].sas);
		assert_false(fake_mmio.write);
	}
}

static void mmio_stores_pass_the_register_and_xzr_is_zero(void **state)
{
	u32 iss = ISS_ISV | 1 << ISS_SAS_SHIFT | 5 << ISS_SRT_SHIFT | ISS_WNR |
		  FSC_TRANSLATION | 3;

	fake_fault_result = FAULT_MMIO;
	v.regs.x[5] = 0x12345678;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss)), 0);
	assert_true(fake_mmio.write);
	assert_int_equal(fake_mmio.value, 0x5678);
	assert_int_equal(fake_mmio.offset, 0x18);

	iss |= 31 << ISS_SRT_SHIFT;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss)), 0);
	assert_int_equal(fake_mmio.value, 0);
}

/* bugs.md 30: no syndrome, no host crash. */
static void mmio_without_syndrome_is_an_external_abort(void **state)
{
	fake_fault_result = FAULT_MMIO;
	fake_set_reg("far_el2", 0xffff800009000018);
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER,
						 FSC_TRANSLATION | 3)), 0);
	assert_exception(0x200, ESR(EC_DABT_SAME, 0x10));
	assert_int_equal(fake_reg("far_el1"), 0xffff800009000018);
}

static void unaligned_mmio_is_an_external_abort(void **state)
{
	fake_fault_result = FAULT_MMIO;
	fake_ipa = GPA(0x09000019);
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, ISS_ISV | 2 << ISS_SAS_SHIFT |
					       FSC_TRANSLATION | 3));
	assert_exception(0x200, ESR(EC_DABT_SAME, 0x10));
}

static void cache_maintenance_of_a_device_is_skipped(void **state)
{
	fake_fault_result = FAULT_MMIO;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, ISS_CM | ISS_WNR |
					       FSC_TRANSLATION | 3));
	assert_int_equal(v.regs.pc, PC + 4);
	/* It is a read as far as permissions go. */
	assert_false(fake_fault.write);
}

static void mmio_that_nobody_answers_leaves_with_the_access(void **state)
{
	fake_fault_result = FAULT_MMIO;
	fake_ipa = GPA(0x0a000018);
	assert_int_equal(guest_exit_sync(&v,
					 ESR(EC_DABT_LOWER,
					     ISS_ISV | 2 << ISS_SAS_SHIFT |
						     3 << ISS_SRT_SHIFT |
						     FSC_TRANSLATION | 3)),
			 LEAVE_EXIT);
	assert_int_equal(v.vcpu.exit.reason, EXIT_MMIO);
	assert_int_equal(v.vcpu.exit.mmio.gpa.v, 0x0a000018);
	assert_int_equal(v.regs.pc, PC);
	arch_vcpu_complete_mmio(&v.vcpu, &(struct mmio_access){.value = 42});
	assert_int_equal(v.regs.x[3], 42);
	assert_int_equal(v.regs.pc, PC + 4);
}

static void mmio_that_a_device_refuses_is_an_external_abort(void **state)
{
	fake_fault_result = FAULT_MMIO;
	fake_mmio_result = -EFAULT;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, ISS_ISV | 2 << ISS_SAS_SHIFT |
					       FSC_TRANSLATION | 3));
	assert_exception(0x200, ESR(EC_DABT_SAME, 0x10));
}

/* The device of the last access: no memslot is looked at. */
static void the_last_device_is_tried_first(void **state)
{
	u64 esr = ESR(EC_DABT_LOWER, ISS_ISV | 2 << ISS_SAS_SHIFT |
				     7 << ISS_SRT_SHIFT | FSC_TRANSLATION | 3);

	vm.vm.bus.dev[0] = &fake_device;
	vm.vm.bus.count = 1;
	fake_set_reg("hpfar_el2", 0x09000000 >> 8);
	fake_set_reg("far_el2", 0xffff800009000044);
	fake_mmio_value = 0x1234;
	assert_int_equal(guest_exit_sync(&v, esr), 0);
	assert_int_equal(fake_faults, 0);
	assert_int_equal(fake_mmio.offset, 0x44);
	assert_int_equal(v.regs.x[7], 0x1234);
	assert_int_equal(v.regs.pc, PC + 4);

	/* Across its end. */
	fake_set_reg("far_el2", 0xffff800009000fff);
	assert_int_equal(guest_exit_sync(&v, esr), 0);
	assert_int_equal(fake_reg("esr_el1"), ESR(EC_DABT_SAME, 0x10));
}

static void big_endian_guests_see_their_order(void **state)
{
	u32 iss = ISS_ISV | 2 << ISS_SAS_SHIFT | 5 << ISS_SRT_SHIFT |
		  FSC_TRANSLATION | 3;

	fake_fault_result = FAULT_MMIO;
	fake_set_reg("sctlr_el1", SCTLR_EE);
	fake_mmio_value = 0x11223344;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss));
	assert_int_equal(v.regs.x[5], 0x44332211);
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss | ISS_WNR));
	assert_int_equal(fake_mmio.value, 0x11223344);
	/* EE is EL1's; EL0 has E0E. */
	v.regs.pstate = 0;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, iss));
	assert_int_equal(v.regs.x[5], 0x11223344);
}

/* ---- Faults ---------------------------------------------------------------------- */

static void faults_are_decoded(void **state)
{
	static const struct {
		u32 ec, iss;
		bool write, exec, s1ptw, permission, access_flag;
	} row[] = {
		{EC_DABT_LOWER, FSC_TRANSLATION | 2, 0, 0, 0, 0, 0},
		{EC_DABT_LOWER, ISS_WNR | FSC_TRANSLATION | 3, 1, 0, 0, 0, 0},
		{EC_DABT_LOWER, ISS_WNR | FSC_PERMISSION | 3, 1, 0, 0, 1, 0},
		{EC_DABT_LOWER, FSC_ACCESS | 3, 0, 0, 0, 0, 1},
		{EC_IABT_LOWER, FSC_TRANSLATION | 1, 0, 1, 0, 0, 0},
		{EC_IABT_LOWER, ISS_S1PTW | FSC_TRANSLATION | 3, 0, 1, 1, 0, 0},
		{EC_DABT_LOWER, ISS_S1PTW | ISS_WNR | FSC_PERMISSION | 3,
		 1, 0, 1, 1, 0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		assert_int_equal(guest_exit_sync(&v, ESR(row[i].ec,
							 row[i].iss)), 0);
		assert_int_equal(fake_faults, 1);
		assert_int_equal(fake_fault.write, row[i].write);
		assert_int_equal(fake_fault.exec, row[i].exec);
		assert_int_equal(fake_fault.s1ptw, row[i].s1ptw);
		assert_int_equal(fake_fault.permission, row[i].permission);
		assert_int_equal(fake_fault.access_flag, row[i].access_flag);
		assert_int_equal(v.regs.pc, PC);
	}
}

static void a_translation_that_changed_runs_again(void **state)
{
	fake_ipa_lost = true;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER,
						 FSC_PERMISSION | 3)), 0);
	assert_int_equal(fake_faults, 0);
	assert_int_equal(v.regs.pc, PC);
}

/* bugs.md 20 */
static void beyond_the_ipa_size_is_an_address_size_fault(void **state)
{
	fake_fault_result = FAULT_SIZE;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, FSC_TRANSLATION | 1));
	assert_exception(0x200, ESR(EC_DABT_SAME, FSC_ADDRESS_SIZE | 1));
}

static void a_fetch_from_a_hole_is_an_instruction_abort(void **state)
{
	fake_fault_result = FAULT_ABORT;
	v.regs.pstate = 0; /* EL0 */
	guest_exit_sync(&v, ESR(EC_IABT_LOWER, FSC_TRANSLATION | 3));
	assert_int_equal(v.regs.pc, VBAR + 0x400);
	assert_int_equal(fake_reg("esr_el1"), ESR(EC_IABT_LOWER, 0x10));
}

static void an_abort_on_a_table_walk_says_so(void **state)
{
	fake_fault_result = FAULT_ABORT;
	guest_exit_sync(&v, ESR(EC_DABT_LOWER,
				ISS_S1PTW | ISS_WNR | FSC_TRANSLATION | 2));
	assert_exception(0x200, ESR(EC_DABT_SAME, 0x16));
}

static void a_page_that_cannot_be_mapped_is_no_lack_of_memory(void **state)
{
	fake_fault_result = -ERANGE;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER,
						 FSC_TRANSLATION | 3)),
			 LEAVE_EXIT);
	assert_int_equal(v.vcpu.exit.error.code, -ERANGE);
	assert_string_equal(v.vcpu.exit.error.what,
			    "memory that stage 2 cannot map");
}

static void no_memory_stops_the_vcpu_with_the_facts(void **state)
{
	fake_fault_result = -ENOMEM;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER,
						 FSC_TRANSLATION | 3)),
			 LEAVE_EXIT);
	assert_int_equal(v.vcpu.exit.reason, EXIT_ERROR);
	assert_int_equal(v.vcpu.exit.error.code, -ENOMEM);
	assert_int_equal(v.vcpu.exit.error.fault.gpa.v, 0x09000018);
}

static void an_external_abort_is_the_guests(void **state)
{
	guest_exit_sync(&v, ESR(EC_DABT_LOWER, FSC_EXTERNAL));
	assert_int_equal(fake_faults, 0);
	assert_exception(0x200, ESR(EC_DABT_SAME, 0x10));
}

/* A block that changed its size live (FEAT_BBM): the TLB, not the guest, errs. */
static void a_conflict_in_the_tlb_is_resolved_unseen(void **state)
{
	assert_int_equal(guest_exit_sync(&v, ESR(EC_DABT_LOWER,
						 FSC_TLB_CONFLICT)), 0);
	assert_int_equal(guest_exit_sync(&v, ESR(EC_IABT_LOWER,
						 FSC_TLB_CONFLICT)), 0);
	assert_int_equal(fake_conflicts, 2);
	assert_int_equal(fake_faults, 0);
	assert_int_equal(v.regs.pc, PC);
}

/* ---- Calls, waiting --------------------------------------------------------------- */

static void calls_go_on_as_the_convention_answers(void **state)
{
	static const struct {
		enum smccc_result r;
		int leave;
	} row[] = {
		{SMCCC_RESUME, 0},
		{SMCCC_WAIT, LEAVE_WAIT},
		{SMCCC_OFF, LEAVE_CHECK},
		{SMCCC_EXIT, LEAVE_EXIT},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		fake_smccc_result = row[i].r;
		assert_int_equal(guest_exit_sync(&v, ESR(EC_HVC64, 0)),
				 row[i].leave);
		assert_int_equal(v.regs.pc, PC);
	}
	fake_smccc_result = SMCCC_RESUME;
	assert_int_equal(guest_exit_sync(&v, ESR(EC_SMC64, 0)), 0);
	assert_int_equal(v.regs.pc, PC + 4);
	assert_int_equal(guest_exit_sync(&v, ESR(EC_HVC64, 0x1234)), 0);
	assert_int_equal((s64)v.regs.x[0], -1);
}

static void wfi_waits_and_wfe_yields(void **state)
{
	assert_int_equal(guest_exit_sync(&v, ESR(EC_WFX, 0)), LEAVE_WAIT);
	assert_int_equal(v.regs.pc, PC + 4);
	assert_int_equal(guest_exit_sync(&v, ESR(EC_WFX, 1)), LEAVE_CHECK);
	assert_true(this_cpu()->need_resched);
}

static void requests_are_seen_before_the_guest_is_entered(void **state)
{
	v.vcpu.requests = REQ_IRQ;
	assert_int_equal(guest_exit_irq(&v), 0);
	assert_int_equal(fake_vgic_flushes, 1);
	assert_int_equal(v.vcpu.requests, 0);
	v.vcpu.requests = REQ_STOP | REQ_IRQ;
	assert_int_equal(guest_exit_irq(&v), LEAVE_CHECK);
	assert_int_equal(v.vcpu.requests, REQ_STOP | REQ_IRQ);
}

/* Every exception class of a guest: an answer, never a crash. */
static void every_class_has_an_answer(void **state)
{
	for (u32 ec = 0; ec < 64; ec++) {
		setup(NULL);
		guest_exit_sync(&v, ESR(ec, 0));
		guest_exit_sync(&v, ESR(ec, ESR_ISS_MASK));
	}
}

/* ---- Exceptions ------------------------------------------------------------------- */

static void vectors_follow_where_the_guest_was(void **state)
{
	static const struct {
		u64 pstate, offset;
	} row[] = {
		{0x0, 0x400},  /* EL0t */
		{0x4, 0x0},    /* EL1t */
		{0x5, 0x200},  /* EL1h */
		{0x10, 0x600}, /* EL0, AArch32 */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		v.regs.pstate = row[i].pstate;
		inject_undefined(&v);
		assert_int_equal(v.regs.pc, VBAR + row[i].offset);
		assert_int_equal(fake_reg("spsr_el1"), row[i].pstate);
	}
}

static void pstate_of_an_exception(void **state)
{
	features.port.pan = features.port.ssbs = true;
	v.regs.pstate = SPSR_EL1H | 0xfUL << 28 | SPSR_SS | SPSR_IL | 3 << 10;
	fake_set_reg("sctlr_el1", BIT64(44));
	inject_undefined(&v);
	/* NZCV kept, PAN set (SPAN is 0), SSBS from DSSBS, the rest cleared */
	assert_int_equal(v.regs.pstate, 0xfUL << 28 | SPSR_PAN | SPSR_SSBS |
					   SPSR_DAIF | SPSR_EL1H);
}

/* ---- System registers ---------------------------------------------------------- */

#define SYS(op0, op1, crn, crm, op2, rt, read)                                 \
	ESR(EC_SYSREG, (op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | \
			       (rt) << 5 | (crm) << 1 | (read))

static void id_registers_show_what_the_guest_gets(void **state)
{
	fake_set_reg("id_aa64pfr0_el1", 0x1111011111112222);
	fake_set_reg("id_aa64dfr0_el1", 0xf000f1f210305119);
	fake_set_reg("id_aa64mmfr0_el1", 0x1000000010011126);
	fake_set_reg("id_aa64isar1_el1", ~0ULL);
	fake_set_reg("id_aa64mmfr1_el1", ~0ULL);
	sysreg_init();
	/* PFR0: no EL2, EL3, RAS, SVE, MPAM, AMU; EL1 in AArch64 only */
	guest_exit_sync(&v, SYS(3, 0, 0, 4, 0, 1, 1));
	assert_int_equal(v.regs.x[1], 0x1101000001110012);
	/* DFR0: debug, no PMU, SPE or trace */
	guest_exit_sync(&v, SYS(3, 0, 0, 5, 0, 2, 1));
	assert_int_equal(v.regs.x[2] >> 8 & 0xf, 0);
	assert_int_equal(v.regs.x[2] & 0xf, 6);
	assert_int_equal(v.regs.x[2] >> 32 & 0xf, 0);
	/* MMFR0: no more than 40 bits */
	guest_exit_sync(&v, SYS(3, 0, 0, 7, 0, 3, 1));
	assert_int_equal(v.regs.x[3] & 0xf, 2);
	/* ISAR1: no pointer authentication */
	guest_exit_sync(&v, SYS(3, 0, 0, 6, 1, 4, 1));
	assert_int_equal(v.regs.x[4] & 0xff000ff0, 0);
	/* MMFR1: no VHE, VMID size or XNX */
	guest_exit_sync(&v, SYS(3, 0, 0, 7, 1, 5, 1));
	assert_int_equal(v.regs.x[5] >> 4 & 0xff, 0);
	/* Unallocated: zero, not undefined. */
	v.regs.x[6] = 1;
	guest_exit_sync(&v, SYS(3, 0, 0, 7, 7, 6, 1));
	assert_int_equal(v.regs.x[6], 0);
	assert_int_equal(v.regs.pc, PC + 6 * 4);
}

static void unknown_registers_are_undefined(void **state)
{
	guest_exit_sync(&v, SYS(3, 7, 15, 15, 7, 0, 1));
	assert_exception(0x200, ESR(EC_UNKNOWN, 0));
}

/* Every encoding, both ways. */
static void every_encoding_has_an_answer(void **state)
{
	for (u32 iss = 0; iss < 1U << 22; iss++) {
		if ((iss >> 5 & 31) > 1)
			continue;
		v.regs.pc = PC;
		v.regs.pstate = SPSR_EL1H;
		guest_exit_sync(&v, ESR(EC_SYSREG, iss));
		assert_true(v.regs.pc == PC + 4 || v.regs.pc == VBAR + 0x200);
	}
}

static void writes_to_read_only_registers_are_undefined(void **state)
{
	guest_exit_sync(&v, SYS(3, 0, 0, 4, 0, 1, 0));
	assert_exception(0x200, ESR(EC_UNKNOWN, 0));
}

static void sgi_registers_reach_the_vgic(void **state)
{
	guest_exit_sync(&v, SYS(3, 0, 12, 11, 5, 1, 0));
	assert_int_equal(fake_sgis, 1);
	assert_int_equal(v.regs.pc, PC + 4);
}

static void breakpoints_stay_below_what_the_cpu_has(void **state)
{
	v.regs.x[1] = 0x5e5 | 7 << 13;
	guest_exit_sync(&v, SYS(2, 0, 0, 5, 5, 1, 0)); /* DBGBCR5 */
	assert_int_equal(v.regs.pc, PC + 4);
	assert_int_equal(fake_reg("dbgbcr5_el1"), 0x5e5 & ~(7 << 13));
	guest_exit_sync(&v, SYS(2, 0, 0, 5, 5, 2, 1));
	assert_int_equal(v.regs.x[2], 0x5e5);
	v.regs.pc = PC;
	guest_exit_sync(&v, SYS(2, 0, 0, 6, 5, 1, 0)); /* there are 6 */
	assert_exception(0x200, ESR(EC_UNKNOWN, 0));
}

/* K10 */
static void set_way_flushes_until_the_caches_are_on(void **state)
{
	guest_exit_sync(&v, SYS(1, 0, 7, 14, 2, 0, 0));
	assert_int_equal(fake_vm_flushes, 1);
	assert_true(fake_reg("hcr_el2") & HCR_TVM);
	guest_exit_sync(&v, SYS(1, 0, 7, 14, 2, 0, 0));
	assert_int_equal(fake_vm_flushes, 1);
	v.regs.x[1] = 0xabc000;
	guest_exit_sync(&v, SYS(3, 0, 2, 0, 0, 1, 0)); /* TTBR0 */
	assert_int_equal(fake_reg("ttbr0_el1"), 0xabc000);
	assert_int_equal(fake_vm_flushes, 1);
	v.regs.x[1] = SCTLR_M | SCTLR_C;
	guest_exit_sync(&v, SYS(3, 0, 1, 0, 0, 1, 0)); /* SCTLR */
	assert_int_equal(fake_vm_flushes, 2);
	assert_false(fake_reg("hcr_el2") & HCR_TVM);
	assert_int_equal(fake_reg("sctlr_el1"), SCTLR_M | SCTLR_C);
}

/* Long work is interrupted, and the instruction executed again. */
static void a_long_flush_goes_on_where_it_was(void **state)
{
	u64 esr = SYS(1, 0, 7, 14, 2, 0, 0);

	fake_flush_steps = 2;
	assert_int_equal(guest_exit_sync(&v, esr), LEAVE_CHECK);
	assert_int_equal(guest_exit_sync(&v, esr), LEAVE_CHECK);
	assert_int_equal(v.regs.pc, PC);
	assert_int_equal(guest_exit_sync(&v, esr), 0);
	assert_int_equal(v.regs.pc, PC + 4);
	assert_int_equal(fake_vm_flushes, 1);
}

/* K23: what a guest is not told of is trapped on every CPU. */
static void traps_of_hidden_features(void **state)
{
	fake_set_reg("id_aa64pfr0_el1", 1ULL << 44 | 1ULL << 40 | 1 << 28);
	fake_set_reg("id_aa64mmfr1_el1", 1ULL << 40);
	fake_set_reg("id_aa64mmfr0_el1", 1ULL << 56);
	fake_set_reg("s3_0_c10_c4_4", BIT64(17));
	fake_set_reg("s3_4_c1_c2_2", ~0ULL);
	fake_set_reg("s3_4_c1_c1_4", ~0ULL);
	fake_set_reg("s3_4_c12_c1_1", ~0ULL);
	features.ras = true;
	traps_init_cpu();
	/* TTA, TAM, TSM, TZ and the RES1 bits; TFP, until FP is used. */
	assert_int_equal(fake_reg("cptr_el2"), 0x401037ff);
	assert_int_equal(fake_reg("s3_4_c1_c2_2"), 0);
	assert_int_equal(fake_reg("s3_4_c1_c1_4"), 0);
	assert_int_equal(fake_reg("s3_4_c12_c1_1"), 0);
	assert_int_equal(fake_reg("s3_4_c10_c5_0"), 3ULL << 48);
	assert_int_equal(fake_reg("s3_4_c10_c4_0"), 1U << 31);
	/* Debug: TDA, TDOSA, TDRA. No PMU here. */
	assert_int_equal(fake_reg("mdcr_el2"), 0xe00);
	/* The guest's counter reads freely, its physical timer traps. */
	assert_int_equal(fake_reg("cnthctl_el2"), 1);
}

/* No walk while VTTBR_EL2 changes, and what is saved is the guest's own. */
static void translation_is_blocked_between_guests(void **state)
{
	struct arm_vcpu *vp = &v;

	fake_set_reg("tcr_el1", 0x1234);
	/* Its MMU is off: EPD alone would stop nothing. */
	fake_set_reg("sctlr_el1", SCTLR_C);
	el1_save(vp);
	el1_block_translation();
	assert_int_equal(fake_reg("tcr_el1"), 0x1234 | 1 << 7 | 1 << 23);
	assert_int_equal(fake_reg("sctlr_el1"), SCTLR_M | SCTLR_C);
	el1_restore(vp);
	/* Put again before it was ever entered. */
	el1_save(vp);
	assert_int_equal(v.el1[EL1_TCR], 0x1234);
	assert_int_equal(el1_read(vp, EL1_TCR), 0x1234);
	assert_int_equal(el1_read(vp, EL1_SCTLR), SCTLR_C);
	el1_write(vp, EL1_SCTLR, SCTLR_I | SCTLR_C);
	assert_int_equal(fake_reg("sctlr_el1"), SCTLR_M | SCTLR_C);
	el1_restore_translation(vp);
	assert_int_equal(fake_reg("tcr_el1"), 0x1234);
	assert_int_equal(fake_reg("sctlr_el1"), SCTLR_I | SCTLR_C);
}

/* ---- AArch32 at EL0 ------------------------------------------------------------- */

#define T32 (SPSR_AARCH32 | SPSR_T32)

static void aarch32_instructions_are_skipped_by_their_size(void **state)
{
	static const struct {
		u64 pstate;
		bool il;
		u64 step;
	} row[] = {
		{SPSR_AARCH32, true, 4}, /* A32 */
		{T32, true, 4},
		{T32, false, 2},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		v.regs.pstate = row[i].pstate;
		/* WFI, condition "always" */
		assert_int_equal(guest_exit_sync(&v, (u64)EC_WFX << 26 |
							     (row[i].il ? ESR_IL : 0) |
							     0x1e << 20),
				 LEAVE_WAIT);
		assert_int_equal(v.regs.pc, PC + row[i].step);
	}
}

static void it_blocks_advance(void **state)
{
	/* ITTE EQ, its first instruction: ITSTATE 0b0000_0110. */
	v.regs.pstate = T32 | BIT64(30) | 1ULL << 10 | 2ULL << 25;
	guest_exit_sync(&v, (u64)EC_WFX << 26);
	/* Then 0b0000_1100. */
	assert_int_equal(v.regs.pstate & (GENMASK64(15, 10) | GENMASK64(26, 25)),
			 3ULL << 10);
	guest_exit_sync(&v, (u64)EC_WFX << 26);
	guest_exit_sync(&v, (u64)EC_WFX << 26);
	assert_int_equal(v.regs.pstate & (GENMASK64(15, 10) | GENMASK64(26, 25)), 0);
}

/* Where the syndrome has no condition, ITSTATE's before it is moved on. */
static void a_wait_in_an_it_block_has_its_own_condition(void **state)
{
	/* "IT NE", its last instruction; Z set, then clear. */
	v.regs.pstate = T32 | BIT64(30) | 3ULL << 11;
	assert_int_equal(guest_exit_sync(&v, (u64)EC_WFX << 26 | 1), 0);
	v.regs.pstate = T32 | 3ULL << 11;
	assert_int_equal(guest_exit_sync(&v, (u64)EC_WFX << 26 | 1),
			 LEAVE_CHECK);
}

static void a_condition_that_fails_makes_a_nop(void **state)
{
	static const struct {
		unsigned int cond;
		u64 flags; /* NZCV */
		bool runs;
	} row[] = {
		{0, 4, true},   {0, 0, false}, /* EQ */
		{1, 0, true},   {2, 2, true},  {3, 2, false}, /* NE, CS, CC */
		{4, 8, true},   {6, 1, true},  {8, 2, true},  /* MI, VS, HI */
		{8, 6, false},  {9, 6, true},  {10, 9, true}, /* HI, LS, GE */
		{10, 8, false}, {11, 8, true}, {12, 0, true}, /* GE, LT, GT */
		{12, 4, false}, {13, 4, true}, {14, 0, true}, /* GT, LE, AL */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u64 esr = ESR(EC_WFX, 1 << 24 | row[i].cond << 20);

		setup(NULL);
		v.regs.pstate = SPSR_AARCH32 | row[i].flags << 28;
		assert_int_equal(guest_exit_sync(&v, esr),
				 row[i].runs ? LEAVE_WAIT : 0);
		assert_int_equal(v.regs.pc, PC + 4);
	}
}

static void an_serror_is_given_to_its_guest_once(void **state)
{
	assert_int_equal(guest_exit_serror(&v, 0), 0);
	assert_true(v.hcr & HCR_VSE);
	v.hcr &= ~(u64)HCR_VSE;
	arm_this_cpu()->serrors_to_drop = 1;
	assert_int_equal(guest_exit_serror(&v, 0), 0);
	assert_false(v.hcr & HCR_VSE);
	assert_int_equal(arm_this_cpu()->serrors_to_drop, 0);
}

static void the_physical_timer_is_emulated(void **state)
{
	v.regs.x[1] = 1234;
	guest_exit_sync(&v, SYS(3, 3, 14, 2, 2, 1, 0));
	guest_exit_sync(&v, SYS(3, 3, 14, 2, 2, 2, 1));
	assert_int_equal(v.regs.x[2], 1234);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(mmio_loads_extend_as_the_instruction_says),
		T(mmio_stores_pass_the_register_and_xzr_is_zero),
		T(mmio_without_syndrome_is_an_external_abort),
		T(unaligned_mmio_is_an_external_abort),
		T(cache_maintenance_of_a_device_is_skipped),
		T(mmio_that_nobody_answers_leaves_with_the_access),
		T(mmio_that_a_device_refuses_is_an_external_abort),
		T(the_last_device_is_tried_first),
		T(big_endian_guests_see_their_order),
		T(faults_are_decoded),
		T(a_translation_that_changed_runs_again),
		T(beyond_the_ipa_size_is_an_address_size_fault),
		T(a_fetch_from_a_hole_is_an_instruction_abort),
		T(an_abort_on_a_table_walk_says_so),
		T(a_page_that_cannot_be_mapped_is_no_lack_of_memory),
		T(no_memory_stops_the_vcpu_with_the_facts),
		T(an_external_abort_is_the_guests),
		T(a_conflict_in_the_tlb_is_resolved_unseen),
		T(calls_go_on_as_the_convention_answers),
		T(wfi_waits_and_wfe_yields),
		T(requests_are_seen_before_the_guest_is_entered),
		T(every_class_has_an_answer),
		T(vectors_follow_where_the_guest_was),
		T(pstate_of_an_exception),
		T(id_registers_show_what_the_guest_gets),
		T(unknown_registers_are_undefined),
		T(every_encoding_has_an_answer),
		T(writes_to_read_only_registers_are_undefined),
		T(sgi_registers_reach_the_vgic),
		T(breakpoints_stay_below_what_the_cpu_has),
		T(set_way_flushes_until_the_caches_are_on),
		T(a_long_flush_goes_on_where_it_was),
		T(traps_of_hidden_features),
		T(translation_is_blocked_between_guests),
		T(aarch32_instructions_are_skipped_by_their_size),
		T(it_blocks_advance),
		T(a_wait_in_an_it_block_has_its_own_condition),
		T(a_condition_that_fails_makes_a_nop),
		T(an_serror_is_given_to_its_guest_once),
		T(the_physical_timer_is_emulated),
	};

	return cmocka_run_group_tests_name("arm64 exits", tests, NULL, NULL);
}
