// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c

/*
 * K44: privileged instructions, one by one, and what traps in delay slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/call.h"
#include "arch/mips/testing/fake_guest.h"

#define EBASE 0x40002000U

static int setup(void **state)
{
	fake_reset();
	CP0_OF(CP0_EBASE) = EBASE;
	fake_unpatched = true;
	return 0;
}

static u32 code(void)
{
	return CAUSE_EXC_OF(CP0_OF(CP0_CAUSE));
}

/* It was emulated, and the guest is behind it. */
static void emulate(u32 insn)
{
	u32 pc = guest.pc;

	assert_int_equal(fake_trap(insn), MIPS_RUN);
	assert_int_equal(guest.pc, pc + 4);
}

static void refused(u32 insn, u32 why)
{
	setup(NULL);
	assert_int_equal(fake_trap(insn), MIPS_RUN);
	assert_int_equal(code(), why);
	assert_int_equal(CP0_OF(CP0_EPC), FAKE_CODE);
	assert_int_equal(guest.pc, EBASE + 0x180);
}

static u32 written(u32 reg, u32 value)
{
	guest.gpr[4] = value;
	emulate(MTC0(4, reg));
	emulate(MFC0(5, reg));
	return guest.gpr[5];
}

/* ---- MFC0, MTC0 ---------------------------------------------------------- */

static void registers_have_the_bits_that_they_have(void **state)
{
	static const struct {
		u32 reg, zero, ones; /* what stands after 0 and ~0 */
	} row[] = {
		{CP0_INDEX, 0, 63},
		{CP0_ENTRYLO0, 0, 0x3fffffff},
		{CP0_ENTRYLO1, 0, 0x3fffffff},
		{CP0_CONTEXT, 0, 0xff800000},
		{CP0_USERLOCAL, 0, 0xffffffff},
		{CP0_PAGEMASK, 0, 0x1fffe000},
		{CP0_PAGEGRAIN, 0, 0},
		{CP0_WIRED, 0, 63},
		{CP0_HWRENA, 0, 0x2000000f},
		{CP0_BADVADDR, 0, 0},
		{CP0_COUNT, 0, 0xffffffff},
		{CP0_ENTRYHI, 0, 0xffffe0ff},
		{CP0_COMPARE, 0, 0xffffffff},
		{CP0_STATUS, 0, 0x1040ff17},
		{CP0_INTCTL, 0xe0000000, 0xe0000000},
		{CP0_SRSCTL, 0, 0},
		{CP0_CAUSE, 0, 0x08800300},
		{CP0_EPC, 0, 0xffffffff},
		{CP0_PRID, 0x19300, 0x19300},
		{CP0_EBASE, 0x40000000, 0x5ffff000},
		{CP0_CONFIG, 0x80000480, 0x80000487},
		{CP0_CONFIG2, 0x80000000, 0x80000000},
		{CP0_CONFIG3, 0x80002000, 0x80002000},
		{CP0_CONFIG4, 0x80000000, 0x80000000},
		{CP0_CONFIG5, 0, 0},
		{CP0_LLADDR, 0, 0},
		{CP0(18, 0), 0, 0},
		{CP0(25, 1), 0, 0},
		{CP0_ERRCTL, 0, 0xffffffff},
		{CP0_TAGLO, 0, 0xffffffff},
		{CP0_ERROREPC, 0, 0xffffffff},
		{CP0_KSCRATCH(2), 0, 0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(written(row[i].reg, ~0U), row[i].ones);
		assert_int_equal(written(row[i].reg, 0), row[i].zero);
		setup(NULL);
	}
	guest.asid_mask = 0x3ff;
	assert_int_equal(written(CP0_ENTRYHI, ~0U), 0xffffe3ff);
}

/* A hostile guest reads and writes all there is, and asks for all encodings. */
static void every_encoding_of_cop0_ends(void **state)
{
	for (u32 i = 0; i < BIT32(15); i++) {
		u32 insn = (u32)OP_COP0 << 26 | (i >> 10) << 21 | 4 << 16 |
			   (i >> 5 & 31) << 11 | (i & 31);

		setup(NULL);
		guest.gpr[4] = i * 0x9e3779b9U;
		assert_true(fake_trap(insn) <= MIPS_HYPERCALL);
		mips_guest_before_entry(&guest);
		assert_int_equal(guest.gpr[0], 0);
		setup(NULL);
		fake_trap(insn | 0x20);
	}
}

static void random_stays_above_wired(void **state)
{
	for (u32 wired = 0; wired < 64; wired += 9) {
		guest.gpr[4] = wired;
		emulate(MTC0(4, CP0_WIRED));
		for (unsigned int i = 0; i < 200; i++) {
			guest.pc = FAKE_CODE;
			emulate(MFC0(5, CP0_RANDOM));
			assert_in_range(guest.gpr[5], wired, 63);
		}
	}
	/* What the guest put there itself, without mtc0. */
	CP0_OF(CP0_WIRED) = 0xffffffff;
	guest.pc = FAKE_CODE;
	emulate(MFC0(5, CP0_RANDOM));
	assert_int_equal(guest.gpr[5], 63);
}

static void register_0_stays_0(void **state)
{
	emulate(MFC0(0, CP0_PRID));
	emulate(RDHWR(0, 0));
	assert_int_equal(guest.gpr[0], 0);
}

static void di_and_ei_return_what_status_was(void **state)
{
	CP0_OF(CP0_STATUS) = 0x400;
	emulate(0x41626020); /* ei v0 */
	assert_int_equal(guest.gpr[2], 0x400);
	assert_int_equal(CP0_OF(CP0_STATUS), 0x401);
	emulate(0x41626000); /* di v0 */
	assert_int_equal(guest.gpr[2], 0x401);
	assert_int_equal(CP0_OF(CP0_STATUS), 0x400);
	refused(0x41600bc1, EXC_RI); /* dmt */
	refused(0x41600be1, EXC_RI); /* emt */
}

/* ---- ERET, WAIT and others ----------------------------------------------- */

static void eret_goes_to_epc(void **state)
{
	CP0_OF(CP0_STATUS) = ST_EXL | ST_UM;
	CP0_OF(CP0_EPC) = 0x1000;
	guest.ll = true;
	fake_trap(INSN_CO(CO_ERET));
	assert_int_equal(guest.pc, 0x1000);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_UM);
	assert_false(guest.ll);
	mips_guest_before_entry(&guest);
	assert_int_equal(guest.table, MIPS_USER);
}

static void eret_from_an_error_goes_to_errorepc(void **state)
{
	CP0_OF(CP0_STATUS) = ST_EXL | ST_ERL;
	CP0_OF(CP0_EPC) = 0x1000;
	CP0_OF(CP0_ERROREPC) = 0x2000;
	fake_trap(INSN_CO(CO_ERET));
	assert_int_equal(guest.pc, 0x2000);
	assert_int_equal(CP0_OF(CP0_STATUS), ST_EXL);
}

static void wait_waits_behind_itself(void **state)
{
	assert_int_equal(fake_trap(INSN_CO(CO_WAIT)), MIPS_WAIT);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

static void a_hypercall_has_its_number(void **state)
{
	assert_int_equal(fake_trap(INSN_CO(CO_HYPCALL) | 0x155 << 11),
			 MIPS_HYPERCALL);
	assert_int_equal(guest.hypercall, 0x155);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

static void there_is_one_set_of_registers(void **state)
{
	guest.gpr[4] = 77;
	emulate(INSN_R(OP_COP0, COP0_RDPGPR, 4, 5, 0, 0));
	assert_int_equal(guest.gpr[5], 77);
	emulate(INSN_R(OP_COP0, COP0_WRPGPR, 5, 6, 0, 0));
	assert_int_equal(guest.gpr[6], 77);
}

static void what_release_2_has_not_is_reserved(void **state)
{
	refused(INSN_CO(CO_DERET), EXC_RI); /* not in debug mode */
	refused(INSN_CO(3), EXC_RI); /* tlbinv */
	refused(INSN_R(OP_COP0, 1, 4, 12, 0, 0), EXC_RI); /* dmfc0 */
	refused(INSN_R(OP_COP0, 2, 4, 2, 0, 0), EXC_RI); /* mfhc0 */
	refused(INSN_R(OP_COP0, 3, 4, 12, 0, 0), EXC_RI); /* mfgc0 */
	setup(NULL);
	/* lwe: coprocessor 0 unusable, where the host has it */
	fake_put(guest.pc, INSN_I(OP_SPECIAL3, 4, 5, 0x2f));
	fake_exception(EXC_CPU, 0);
	assert_int_equal(code(), EXC_RI);
}

static void user_mode_has_no_cp0(void **state)
{
	static const u32 insn[] = {
		MFC0(2, CP0_STATUS), MTC0(2, CP0_STATUS), INSN_CO(CO_ERET),
		INSN_CO(CO_TLBWI),   INSN_CO(CO_WAIT),    INSN_CO(CO_HYPCALL),
		CACHE(0, 4, 0),      0x41606000,          INSN_CO(CO_DERET),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++) {
		setup(NULL);
		fake_user_mode();
		guest.pc = 0x1000;
		assert_int_equal(fake_trap(insn[i]), MIPS_RUN);
		assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_EXC(EXC_CPU));
		assert_int_equal(CP0_OF(CP0_EPC), 0x1000);
		assert_int_equal(CP0_OF(CP0_STATUS), ST_UM | ST_EXL);
	}
}

static void user_mode_has_cp0_where_its_kernel_says_so(void **state)
{
	CP0_OF(CP0_STATUS) = ST_CU0;
	fake_user_mode();
	guest.pc = 0x1000;
	emulate(MFC0(2, CP0_PRID));
	assert_int_equal(guest.gpr[2], 0x19300);
	assert_int_equal(guest.table, MIPS_USER);
}

static void rdhwr_reads_what_hwrena_allows(void **state)
{
	static const struct {
		u32 reg, value;
	} row[] = {{0, 2}, {1, 32}, {2, 123}, {3, 2}, {29, 0xabcd}};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u32 insn = RDHWR(3, row[i].reg);

		setup(NULL);
		guest.id = 2;
		fake_time += 123;
		CP0_OF(CP0_USERLOCAL) = 0xabcd;
		emulate(insn);
		assert_int_equal(guest.gpr[3], row[i].value);
		fake_user_mode();
		guest.pc = 0x1000;
		CP0_OF(CP0_HWRENA) = ~BIT32(row[i].reg);
		fake_trap(insn);
		assert_int_equal(code(), EXC_RI);
		CP0_OF(CP0_STATUS) = ST_UM;
		guest.pc = 0x1000;
		guest.gpr[3] = 0;
		CP0_OF(CP0_HWRENA) = BIT32(row[i].reg);
		emulate(insn);
		assert_int_equal(guest.gpr[3], row[i].value);
	}
	refused(RDHWR(3, 4), EXC_RI);
	refused(RDHWR(3, 30), EXC_RI);
	refused(RDHWR(3, 2) | 1 << 6, EXC_RI);
}

/* ---- Delay slots --------------------------------------------------------- */

static void emulated_behind(u32 branch, u32 target)
{
	u32 pc = guest.pc;

	assert_int_equal(fake_trap_in_slot(branch, MFC0(9, CP0_PRID)),
			 MIPS_RUN);
	assert_int_equal(guest.pc, target);
	assert_int_equal(guest.gpr[9], 0x19300);
	guest.pc = pc;
	guest.gpr[9] = 0;
}

#define TARGET         (FAKE_CODE + 4 + 0x100)
#define BEHIND         (FAKE_CODE + 8)
#define BR(op, rs, rt) INSN_I(op, rs, rt, 0x40)

/* Every branch that there is, taken and not; not of a likely one, whose delay
 * slot is not executed then. */
static void branches_are_carried_out(void **state)
{
	static const struct {
		u32 insn;
		s32 a, b; /* registers 4 and 5 */
		bool taken;
	} row[] = {
		{BR(OP_BEQ, 4, 5), 7, 7, true},
		{BR(OP_BEQ, 4, 5), 7, 8, false},
		{BR(OP_BEQL, 4, 5), 7, 7, true},
		{BR(OP_BNE, 4, 5), 7, 8, true},
		{BR(OP_BNE, 4, 5), 7, 7, false},
		{BR(OP_BNEL, 4, 5), 7, 8, true},
		{BR(OP_BLEZ, 4, 0), 0, 0, true},
		{BR(OP_BLEZ, 4, 0), -1, 0, true},
		{BR(OP_BLEZ, 4, 0), 1, 0, false},
		{BR(OP_BLEZL, 4, 0), -1, 0, true},
		{BR(OP_BGTZ, 4, 0), 1, 0, true},
		{BR(OP_BGTZ, 4, 0), 0, 0, false},
		{BR(OP_BGTZL, 4, 0), 1, 0, true},
		{BR(OP_REGIMM, 4, RI_BLTZ), -1, 0, true},
		{BR(OP_REGIMM, 4, RI_BLTZ), 0, 0, false},
		{BR(OP_REGIMM, 4, RI_BGEZ), 0, 0, true},
		{BR(OP_REGIMM, 4, RI_BGEZ), -1, 0, false},
		{BR(OP_REGIMM, 4, RI_BLTZL), -1, 0, true},
		{BR(OP_REGIMM, 4, RI_BGEZL), 0, 0, true},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		guest.gpr[4] = row[i].a;
		guest.gpr[5] = row[i].b;
		emulated_behind(row[i].insn, row[i].taken ? TARGET : BEHIND);
		assert_int_equal(guest.gpr[31], 0);
	}
	emulated_behind(INSN_I(OP_BEQ, 0, 0, 0xfff0), FAKE_CODE + 4 - 0x40);
}

static void links_are_written_taken_or_not(void **state)
{
	static const u32 insn[] = {RI_BLTZAL, RI_BGEZAL, RI_BLTZALL,
				   RI_BGEZALL};

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++) {
		guest.gpr[4] = i & 1 ? 0 : -1;
		guest.gpr[31] = 0;
		emulated_behind(BR(OP_REGIMM, 4, insn[i]), TARGET);
		assert_int_equal(guest.gpr[31], BEHIND);
	}
	guest.gpr[4] = 0;
	guest.gpr[31] = 0;
	emulated_behind(BR(OP_REGIMM, 4, RI_BLTZAL), BEHIND);
	assert_int_equal(guest.gpr[31], BEHIND);
}

static void jumps_are_carried_out(void **state)
{
	guest.gpr[4] = 0x40012340;
	emulated_behind(INSN_R(OP_SPECIAL, 4, 0, 0, 0, F_JR), 0x40012340);
	emulated_behind(INSN_R(OP_SPECIAL, 4, 0, 0, 16, F_JR), 0x40012340);
	emulated_behind(INSN_R(OP_SPECIAL, 4, 0, 31, 0, F_JALR), 0x40012340);
	assert_int_equal(guest.gpr[31], BEHIND);
	emulated_behind(INSN_R(OP_SPECIAL, 4, 0, 8, 16, F_JALR), 0x40012340);
	assert_int_equal(guest.gpr[8], BEHIND);
	emulated_behind((u32)OP_J << 26 | 0x123, 0x4000048c);
	guest.gpr[31] = 0;
	emulated_behind((u32)OP_JAL << 26 | 0x123, 0x4000048c);
	assert_int_equal(guest.gpr[31], BEHIND);
}

static void the_branch_goes_by_what_stood_before_its_delay_slot(void **state)
{
	guest.gpr[4] = 0;
	assert_int_equal(fake_trap_in_slot(BR(OP_BEQ, 4, 0), MFC0(4, CP0_PRID)),
			 MIPS_RUN);
	assert_int_equal(guest.pc, TARGET);
	assert_int_equal(guest.gpr[4], 0x19300);
}

static void no_delay_slot_behind_a_likely_branch_that_is_not_taken(void **state)
{
	guest.gpr[4] = 1;
	assert_int_equal(fake_trap_in_slot(BR(OP_BEQL, 4, 0),
					   MFC0(9, CP0_PRID)),
			 MIPS_RUN);
	assert_int_equal(guest.pc, BEHIND);
	assert_int_equal(guest.gpr[9], 0);
}

static void what_is_no_branch_any_more_is_executed(void **state)
{
	static const u32 insn[] = {
		INSN_NOP,
		INSN_I(OP_REGIMM, 4, 8, 1),
		INSN_I(OP_LW, 4, 5, 0),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++) {
		assert_int_equal(fake_trap_in_slot(insn[i], MFC0(9, CP0_PRID)),
				 MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE);
		assert_int_equal(guest.gpr[9], 0);
		/* And not what an I-cache still has. */
		assert_int_equal(fake_syncs, i + 1);
	}
}

/* The host has them, so it would come back for ever. */
static void branches_that_the_guest_has_not_are_reserved(void **state)
{
	static const u32 insn[] = {
		INSN_I(OP_JALX, 0, 0, 0x40),     INSN_I(OP_JALX, 31, 31, 0xffff),
		INSN_I(OP_BLEZ, 4, 1, 0x40),     INSN_I(OP_BGTZ, 4, 31, 0x40),
		INSN_I(OP_BLEZL, 4, 2, 0x40),    INSN_I(OP_BGTZL, 4, 16, 0x40),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++) {
		setup(NULL);
		guest.gpr[31] = 5;
		assert_int_equal(fake_trap_in_slot(insn[i], MFC0(9, CP0_PRID)),
				 MIPS_RUN);
		assert_int_equal(code(), EXC_RI);
		assert_int_equal(CP0_OF(CP0_EPC), FAKE_CODE);
		assert_false(CP0_OF(CP0_CAUSE) & CAUSE_BD);
		assert_int_equal(guest.pc, EBASE + 0x180);
		assert_int_equal(guest.gpr[9], 0);
		assert_int_equal(guest.gpr[31], 5);
	}
}

/* The plain case of what is executed most has a way of its own. */
static void both_ways_do_the_same(void **state)
{
	static const u32 insn[] = {
		MTC0(4, CP0_ENTRYHI), MTC0(0, CP0_ENTRYHI), INSN_CO(CO_TLBWI),
		INSN_CO(CO_TLBWR), 0x41626000, 0x41606020, 0x41606000,
	};
	static struct mips_guest quick;
	static u32 cp0[CP0_REGISTERS];

	for (unsigned int i = 0; i < ARRAY_SIZE(insn); i++) {
		for (unsigned int slow = 0; slow < 2; slow++) {
			setup(NULL);
			CP0_OF(CP0_INDEX) = 0xfffffff7;
			CP0_OF(CP0_STATUS) = i & 1 ? 0xff01 : 0xff00;
			CP0_OF(CP0_ENTRYLO0) = ~0U;
			CP0_OF(CP0_ENTRYLO1) = 0xffffff2e;
			CP0_OF(CP0_ENTRYHI) = 0x12345678;
			guest.gpr[4] = 0x87654321;
			if (slow)
				fake_trap_in_slot(BEQ(0, 0, 1), insn[i]);
			else
				fake_trap(insn[i]);
			guest.pc -= slow ? 4 : 0;
			guest.bd = false;
			guest.next = 0;
			if (!slow) {
				quick = guest;
				memcpy(cp0, fake_commpage, sizeof(cp0));
			}
		}
		assert_memory_equal(&guest, &quick, sizeof(guest));
		assert_memory_equal(cp0, fake_commpage, sizeof(cp0));
	}
}

static void eret_needs_no_branch(void **state)
{
	CP0_OF(CP0_STATUS) = ST_EXL;
	CP0_OF(CP0_EPC) = 0x40005000;
	fake_trap_in_slot(BR(OP_BEQ, 0, 0), INSN_CO(CO_ERET));
	assert_int_equal(guest.pc, 0x40005000);
}

/* ---- Races, and other instruction sets ----------------------------------- */

/* K43; bugs.md 36: the page went while its instruction was being read. */
static void an_instruction_that_cannot_be_read_is_fetched_again(void **state)
{
	fake_unmapped = true;
	assert_int_equal(fake_trap(MFC0(4, CP0_PRID)), MIPS_MAP);
	assert_int_equal(guest.map.access, MIPS_FETCH);
	assert_int_equal(guest.map.fault, FAKE_CODE);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(guest.gpr[4], 0);
	/* In a delay slot; and the branch, on the page before. */
	assert_int_equal(fake_trap_in_slot(BR(OP_BEQ, 0, 0), MFC0(4, CP0_PRID)),
			 MIPS_MAP);
	assert_int_equal(guest.map.fault, FAKE_CODE + 4);
	/* The guest has it mapped no more: its own exception. */
	guest.pc = 0x60001000;
	assert_int_equal(mips_guest_trap(&guest, CAUSE_EXC(EXC_CPU), 0, NULL),
			 MIPS_RUN);
	assert_int_equal(code(), EXC_TLBL);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x60001000);
	assert_int_equal(guest.pc, EBASE);
}

/* K43: what the host has above the guest's segments is never read for it; the fake
 * refuses to. */
static void nothing_is_fetched_above_the_guests_segments(void **state)
{
	guest.pc = 0x80001000;
	assert_int_equal(fake_exception(EXC_RI, 0), MIPS_RUN);
	assert_int_equal(code(), EXC_ADEL);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x80001000);
	setup(NULL);
	guest.pc = 0x7ffffffc;
	assert_int_equal(mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_CPU), 0,
					 NULL),
			 MIPS_RUN);
	assert_int_equal(CP0_OF(CP0_BADVADDR), 0x80000000);
}

static void badinstr_saves_the_fetch(void **state)
{
	u32 insn = MFC0(4, CP0_PRID);

	fake_unmapped = true;
	assert_int_equal(mips_guest_trap(&guest, CAUSE_EXC(EXC_CPU), 0, &insn),
			 MIPS_RUN);
	assert_int_equal(guest.gpr[4], 0x19300);
	guest.pc = FAKE_CODE;
	/* But not that of the branch, which is a fetch without a delay slot. */
	assert_int_equal(mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_CPU),
					 0, &insn),
			 MIPS_MAP);
	assert_int_equal(guest.map.fault, FAKE_CODE);
	assert_false(guest.bd);
}

static void another_instruction_is_executed(void **state)
{
	assert_int_equal(fake_trap(MFC0(4, CP0_PRID)), MIPS_RUN);
	guest.pc = FAKE_CODE;
	fake_put(FAKE_CODE, INSN_NOP);
	assert_int_equal(fake_exception(EXC_CPU, 0), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(CP0_OF(CP0_CAUSE), 0);
}

/* The host may have it, the guest has not: it jumps to where no instruction is. */
static void mips16_is_an_address_error(void **state)
{
	static const u32 codes[] = { EXC_RI, EXC_BP, EXC_CPU, EXC_TLBL,
				     EXC_ADEL, EXC_DBE, EXC_OV };

	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		setup(NULL);
		guest.pc = 0x1001;
		assert_int_equal(mips_guest_trap(&guest,
						 CAUSE_BD | CAUSE_EXC(codes[i]),
						 0x1000, NULL),
				 MIPS_RUN);
		assert_int_equal(CP0_OF(CP0_CAUSE), CAUSE_EXC(EXC_ADEL));
		assert_int_equal(CP0_OF(CP0_BADVADDR), 0x1001);
		assert_int_equal(CP0_OF(CP0_EPC), 0x1001);
	}
	setup(NULL);
	guest.map.access = MIPS_LOAD;
	guest.pc = 0x1003;
	assert_int_equal(mips_guest_access_device(&guest), MIPS_RUN);
	assert_int_equal(code(), EXC_ADEL);
}

/* MD00090, "Exception Priority": whatever of the coprocessor's it would be. */
static void a_coprocessor_that_is_not_there_comes_before_what_it_has_not(void **state)
{
	static const struct {
		u32 insn, ce;
	} row[] = {
		{0x470bd5d9, 1}, {0x4c00003f, 1}, {0xc4800000, 1},
		{0xd4800000, 1}, {0xe4800000, 1}, {0xf4800000, 1},
		{0x4a000001, 2}, {0xc8800000, 2}, {0xd8800000, 2},
		{0xe8800000, 2}, {0xf8800000, 2},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		fake_put(FAKE_CODE, row[i].insn);
		/* 21: MSA's, of which some are coprocessor 1's. */
		assert_int_equal(fake_exception(i & 1 ? 21 : EXC_RI, 0), MIPS_RUN);
		assert_int_equal(CP0_OF(CP0_CAUSE),
				 CAUSE_EXC(EXC_CPU) | CAUSE_CE(row[i].ce));
	}
}

/* ---- Calls ------------------------------------------------------------------- */

#define DI INSN_DI
#define EI (INSN_DI | INSN_EI)
#define RS 9
#define RESTORE MIPS_CALL_RESTORE(RS)

static u32 call_va(u32 n)
{
	return fake_layout.calls + 4 * n;
}

static void put_call(u32 n, u32 slot, u32 after)
{
	setup(NULL);
	fake_unpatched = false;
	CP0_OF(CP0_STATUS) = 0x400;
	fake_put(FAKE_CODE, mips_call_word(&fake_layout, n));
	fake_put(FAKE_CODE + 4, slot);
	fake_put(FAKE_CODE + 8, after);
}

/* To the guest, of which no register has changed. */
static void is_delivered(u32 cause, u32 va, u32 why)
{
	u32 gpr[32], pc = guest.pc;

	memcpy(gpr, guest.gpr, sizeof(gpr));
	assert_int_equal(mips_guest_trap(&guest, cause, va, NULL), MIPS_RUN);
	assert_int_equal(code(), why);
	assert_int_equal(CP0_OF(CP0_BADVADDR), va);
	assert_int_equal(CP0_OF(CP0_EPC), pc);
	assert_int_equal(guest.pc, EBASE + 0x180);
	assert_memory_equal(gpr, guest.gpr, sizeof(gpr));
	assert_false(CP0_OF(CP0_STATUS) & ST_IE);
}

static void a_call_is_what_it_stands_for(void **state)
{
	for (u32 n = 0; n <= MIPS_CALL_EI; n++) {
		if (!mips_call_exists(n))
			continue;
		for (u32 ie = 0; ie < 2; ie++) {
			put_call(n, 0, 0);
			CP0_OF(CP0_STATUS) |= ie;
			assert_int_equal(fake_exception(EXC_ADES, call_va(n)), MIPS_RUN);
			assert_int_equal(guest.pc, FAKE_CODE + 4);
			assert_int_equal(CP0_OF(CP0_STATUS),
					 0x400 | (n == MIPS_CALL_EI));
			assert_int_equal(guest.gpr[n % 32], n % 32 ? 0x400 | ie : 0);
			assert_int_equal(fake_patches, 0);
		}
	}
}

static void a_sequence_restores_interrupts(void **state)
{
	for (u32 n = 0; n < 4; n++) {
		put_call(RESTORE, DI, EI);
		CP0_OF(CP0_STATUS) |= n & 1;
		guest.gpr[RS] = n & 2 ? 0x8000 : 0;
		assert_int_equal(fake_exception(EXC_ADES, call_va(RESTORE)), MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE + MIPS_RESTORE_SIZE);
		assert_int_equal(CP0_OF(CP0_STATUS), 0x400 | n >> 1);
		assert_int_equal(guest.gpr[0], 0);
		assert_int_equal(fake_patches, 0);
	}
}

static void a_sequence_that_has_changed_is_a_branch_again(void **state)
{
	static const struct {
		u32 slot, after;
	} row[] = {{INSN_NOP, EI}, {DI, INSN_NOP}, {DI, DI}, {EI, EI}, {DI | 2 << 16, EI}};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		put_call(RESTORE, row[i].slot, row[i].after);
		assert_int_equal(fake_exception(EXC_ADES, call_va(RESTORE)), MIPS_RUN);
		assert_int_equal(guest.pc, FAKE_CODE);
		assert_int_equal(CP0_OF(CP0_STATUS), 0x400);
		assert_int_equal(fake_get(FAKE_CODE), BEQ(RS, 0, 2));
	}
	/* In a delay slot it has none of its own. */
	put_call(RESTORE, DI, EI);
	fake_put(FAKE_CODE + 4, mips_call_word(&fake_layout, RESTORE));
	fake_put(FAKE_CODE, BEQ(0, 0, 7));
	assert_int_equal(mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(EXC_ADES),
					 call_va(RESTORE), NULL), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(fake_get(FAKE_CODE + 4), BEQ(RS, 0, 2));
}

static void what_cannot_be_a_branch_again(void **state)
{
	/* There is no page that could be written. */
	put_call(RESTORE, INSN_NOP, EI);
	fake_unpatched = true;
	assert_int_equal(fake_exception(EXC_ADES, call_va(RESTORE)), MIPS_MAP);
	assert_int_equal(guest.map.fault, FAKE_CODE);
	assert_int_equal(guest.map.access, MIPS_FETCH);
	/* It has been another instruction for long, but in the I-cache. */
	put_call(RESTORE, INSN_NOP, EI);
	fake_put(FAKE_CODE, INSN_NOP);
	assert_int_equal(fake_exception(EXC_ADES, call_va(RESTORE)), MIPS_RUN);
	assert_int_equal(guest.pc, FAKE_CODE);
	assert_int_equal(fake_syncs, 1);
	/* Or is another store, by a register. */
	put_call(RESTORE, INSN_NOP, EI);
	fake_put(FAKE_CODE, INSN_I(OP_SW, 4, 2, -4));
	guest.gpr[4] = call_va(RESTORE) + 4;
	is_delivered(CAUSE_EXC(EXC_ADES), call_va(RESTORE), EXC_ADES);
	assert_int_equal(fake_syncs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(registers_have_the_bits_that_they_have),
		T(every_encoding_of_cop0_ends),
		T(random_stays_above_wired),
		T(register_0_stays_0),
		T(di_and_ei_return_what_status_was),
		T(eret_goes_to_epc),
		T(eret_from_an_error_goes_to_errorepc),
		T(wait_waits_behind_itself),
		T(a_hypercall_has_its_number),
		T(there_is_one_set_of_registers),
		T(what_release_2_has_not_is_reserved),
		T(user_mode_has_no_cp0),
		T(user_mode_has_cp0_where_its_kernel_says_so),
		T(rdhwr_reads_what_hwrena_allows),
		T(branches_are_carried_out),
		T(links_are_written_taken_or_not),
		T(jumps_are_carried_out),
		T(the_branch_goes_by_what_stood_before_its_delay_slot),
		T(no_delay_slot_behind_a_likely_branch_that_is_not_taken),
		T(branches_that_the_guest_has_not_are_reserved),
		T(what_is_no_branch_any_more_is_executed),
		T(both_ways_do_the_same),
		T(eret_needs_no_branch),
		T(an_instruction_that_cannot_be_read_is_fetched_again),
		T(nothing_is_fetched_above_the_guests_segments),
		T(badinstr_saves_the_fetch),
		T(another_instruction_is_executed),
		T(mips16_is_an_address_error),
		T(a_coprocessor_that_is_not_there_comes_before_what_it_has_not),
		T(a_call_is_what_it_stands_for),
		T(a_sequence_restores_interrupts),
		T(a_sequence_that_has_changed_is_a_branch_again),
		T(what_cannot_be_a_branch_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
