// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/middle.c arch/mips/quick.c arch/mips/simple.c
// link: arch/mips/translate.c arch/mips/testing/fake_guest.c
/*
 * K44: the quick way does what the long one does, or nothing; and so does the middle
 * one, where the quick one has done nothing: on random states of a guest, all are tried,
 * and what they leave is compared, all of it. What the middle way does to the trees
 * stands in gva_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/middle.h"
#include "arch/mips/mips.h"
#include "arch/mips/testing/fake_guest.h"
#include "arch/sim/testing/property.h"

#define STATES 10000
#define KERNEL_ASID 11 /* of the host's */
#define USER_ASID 12

static struct state {
	struct mips_guest guest;
	u32 cp0[CP0_REGISTERS];
	unsigned int drops;
} before, quickly, slowly;

struct mips_cpu mips_cpu;

/* Of Count alone. */
u32 test_cp0_read(const char *name)
{
	assert_string_equal(name, "count");
	return (u32)fake_time;
}

/* What the middle way has told the tree. */
static struct entered {
	unsigned int n;
	enum mips_table table;
	u32 lo[2], va, need;
	bool there;
} entered;

bool mips_middle_drop(u32 asid, u32 va, u32 gone)
{
	assert_in_range(gone, 1, 3);
	assert_int_equal(va & 0x1fff, 0);
	if (va >= MIPS_KSEG0 || !dice(8))
		return false;
	guest.ops->drop(&guest, asid, va + (gone & 1 ? 0 : PAGE_SIZE),
			gone == 3 ? 2 * PAGE_SIZE : PAGE_SIZE);
	return true;
}

bool mips_middle_enter(enum mips_table t, const u32 *lo, u32 va, u32 need)
{
	entered = (struct entered){entered.n + 1, t, {lo[0], lo[1]}, va, need,
				   dice(4)};
	return entered.there;
}

static bool switched;

bool mips_middle_switch(u32 asid)
{
	assert_int_equal(asid & ~guest.asid_mask, 0);
	return switched = dice(2);
}

/* In user mode, that has the kernel's page too. */
static u32 user_insn;
static bool user_insn_there;

bool mips_middle_fetch(u32 va, u32 *word)
{
	assert_int_equal(va, guest.pc);
	*word = user_insn;
	return user_insn_there;
}

/* Of other functions of the hypervisor's that middle.c would call. */
void test_cp0_write(const char *name, u32 v)
{
	fail();
}

static void save(struct state *s)
{
	s->guest = guest;
	memcpy(s->cp0, fake_commpage, sizeof(s->cp0));
	s->drops = fake_drops;
}

static void restore(const struct state *s)
{
	guest = s->guest;
	memcpy(fake_commpage, s->cp0, sizeof(s->cp0));
	fake_drops = s->drops;
}

/* What only one of the ways uses. */
static void forget_notes(struct state *s)
{
	s->guest.insn = 0;
	s->guest.trapped = false;
	s->guest.no_calls = 0;
	s->guest.bd = false;
	s->guest.next = 0;
	memset(s->guest.quick, 0, sizeof(s->guest.quick));
	memset(&s->guest.map, 0, sizeof(s->guest.map));
}

static void same(struct state *a, struct state *b)
{
	forget_notes(a);
	forget_notes(b);
	for (unsigned int i = 0; i < CP0_REGISTERS; i++)
		HOLDS(a->cp0[i] == b->cp0[i], "CP0 register %u, %u: 0x%x, 0x%x",
		      i / 8, i % 8, a->cp0[i], b->cp0[i]);
	for (unsigned int i = 0; i < 32; i++)
		HOLDS(a->guest.gpr[i] == b->guest.gpr[i],
		      "register %u: 0x%x, 0x%x", i, a->guest.gpr[i],
		      b->guest.gpr[i]);
	HOLDS(a->guest.pc == b->guest.pc, "pc: 0x%x, 0x%x", a->guest.pc,
	      b->guest.pc);
	HOLDS(a->guest.settled == b->guest.settled, "settled: 0x%x, 0x%x",
	      a->guest.settled, b->guest.settled);
	HOLDS(a->drops == b->drops, "pages went");
	for (size_t i = 0; i < sizeof(a->guest); i++)
		HOLDS(((u8 *)&a->guest)[i] == ((u8 *)&b->guest)[i],
		      "byte %zu of struct mips_guest", i);
}

/* ---- States ------------------------------------------------------------------------- */

static u32 bits(void)
{
	return (u32)dice(1 << 16) << 16 | (u32)dice(1 << 16);
}

static u32 some_status(void)
{
	u32 s = dice(2) ? ST_IM_OF(dice(8)) : 0;

	/* What a store to the commpage leaves, though no mtc0 does. */
	if (!dice(40))
		return MIPS_UNSETTLED;
	s |= dice(2) ? ST_IE : 0;
	s |= dice(3) ? 0 : ST_EXL;
	s |= dice(20) ? 0 : ST_ERL;
	s |= dice(2) ? ST_UM : 0;
	s |= dice(20) ? 0 : ST_BEV;
	return s | (dice(4) ? 0 : ST_CU0);
}

/* Entries of 4 KiB mostly, and as often as not without a valid page. */
static void some_tlb(void)
{
	u32 pages;

	mips_tlb_reset(&guest);
	for (unsigned int i = 0; i < MIPS_TLB_ENTRIES; i++) {
		pages = dice(2) ? LO_MASK : LO_MASK & ~LO_V;
		if (dice(2))
			mips_tlb_put(&guest, i,
				     &(struct mips_tlb_entry){
					     .hi = bits(),
					     .mask = dice(4) ? 0 : bits(),
					     .lo = {bits() & pages, bits() & pages},
				     });
	}
}

/* The registers as a handler has them that writes the entry it has just read. */
static void write_in_place(void)
{
	u32 n = CP0_OF(CP0_INDEX) % MIPS_TLB_ENTRIES;

	CP0_OF(CP0_PAGEMASK) = 0;
	mips_write_cp0(&guest, CP0_ENTRYHI, guest.tlb[n].hi ^ (bits() & 0xff));
}

static void some_state(void)
{
	static const u32 reg[] = {CP0_INDEX, CP0_ENTRYLO0, CP0_ENTRYLO1,
				  CP0_CONTEXT, CP0_PAGEMASK, CP0_WIRED,
				  CP0_BADVADDR, CP0_EPC, CP0_ERROREPC};

	fake_reset();
	fake_unpatched = true;
	for (unsigned int i = 1; i < 32; i++)
		guest.gpr[i] = bits();
	for (unsigned int i = 0; i < ARRAY_SIZE(reg); i++)
		CP0_OF(reg[i]) = bits();
	if (dice(4))
		CP0_OF(CP0_PAGEMASK) = 0;
	some_tlb();
	if (dice(2))
		mips_write_cp0(&guest, CP0_ENTRYHI, bits());
	else
		write_in_place();
	mips_write_cp0(&guest, CP0_EBASE, bits());
	if (dice(2))
		mips_write_cp0(&guest, CP0_COMPARE, dice(2) ? bits() : dice(5000));
	fake_time += dice(5000);
	mips_write_cp0(&guest, CP0_CAUSE, dice(2) ? bits() & ~CAUSE_DC : 0);
	if (!dice(3))
		mips_guest_set_line(&guest, 2 + dice(5), true);
	guest.ll = dice(2);
	CP0_OF(CP0_STATUS) = some_status();
	mips_guest_before_entry(&guest);
	/* What may have changed since. */
	if (!dice(10))
		mips_guest_set_line(&guest, 2 + dice(5), dice(2));
	if (!dice(10))
		CP0_OF(CP0_STATUS) = some_status();
	guest.walk[MIPS_KERNEL] = (struct mips_walk){
		.asid = dice(8) ? KERNEL_ASID : 0, .directory = 1};
	guest.walk[MIPS_USER] = (struct mips_walk){
		.asid = dice(8) ? USER_ASID : 0, .directory = 2};
	/* When somebody asked last. */
	mips_cpu.counter = fake_time - (u64)dice((int)min(fake_time, 5000ULL) + 1);
	guest.pc = FAKE_CODE + 4 * dice(16);
	for (unsigned int i = 0; i < MIPS_ALONE; i++) {
		guest.alone[i].va = dice(4) ? guest.pc : 0;
		guest.alone[i].times = dice(5);
	}
}

/* ---- Both ways ------------------------------------------------------------------------- */

/* The CPU was told of the table that is in use, if it was another. */
static void check_walk(void)
{
	const struct mips_walk *w = &guest.walk[guest.table];

	if (switched)
		HOLDS(guest.table == MIPS_KERNEL && mips_quick_walk.asid == w->asid &&
			      mips_quick_walk.directory == w->directory,
		      "the space in use is not walked");
	else if (guest.table == before.guest.table)
		HOLDS(!mips_quick_walk.asid, "told of no other table");
	else
		HOLDS(w->asid && mips_quick_walk.asid == w->asid &&
			      mips_quick_walk.directory == w->directory,
		      "the table in use is not walked");
}

/* It was left to another way. */
static bool is_left(u32 to, const u32 *insn)
{
	if (to != MIPS_LONG_WAY || (insn && !guest.trapped))
		return false;
	HOLDS(!insn || guest.insn == *insn, "the instruction is lost");
	save(&quickly);
	same(&quickly, &before);
	return true;
}

/* The page of `va` is one that the guest has. */
static void check_entered(u32 va)
{
	HOLDS(guest.map.fault == va && guest.map.size == PAGE_SIZE &&
		      !guest.map.commpage && entered.va == va &&
		      entered.table == guest.table &&
		      entered.need == (guest.map.access == MIPS_STORE ? LO_D : LO_V) &&
		      LO_PFN_OF(entered.lo[va >> PAGE_SHIFT & 1]) ==
			      guest.map.gpa >> PAGE_SHIFT,
	      "entered another page than that of 0x%x", va);
}

/* What BadInstr has of other exceptions than those of coprocessor 0. */
static const u32 *badinstr;

/* False: it was left to the long way. */
static bool both(u32 cause, const u32 *insn, u32 badvaddr)
{
	enum mips_next next;
	u32 to;

	save(&before);
	mips_quick_guest = &guest;
	mips_quick_pc = guest.pc;
	mips_quick_walk = (struct mips_walk){0};
	entered = (struct entered){0};
	switched = false;
	to = insn ? mips_quick_trap(*insn) : mips_quick_exception(cause);
	if (is_left(to, insn)) {
		to = insn ? mips_middle_trap(*insn) :
			    mips_middle_exception(cause, badvaddr);
		if (is_left(to, insn))
			return false;
	}
	guest.pc = to;
	HOLDS(guest.quick[0] + guest.quick[1] + guest.quick[2] == 1, "not counted");
	check_walk();
	save(&quickly);
	restore(&before);
	next = mips_guest_trap(&guest, cause, badvaddr, insn ? insn : badinstr);
	HOLDS(next == (quickly.guest.quick[2] ? MIPS_MAP : MIPS_RUN),
	      "there was something else to do");
	if (next == MIPS_MAP)
		check_entered(badvaddr);
	mips_guest_before_entry(&guest);
	save(&slowly);
	same(&quickly, &slowly);
	return true;
}

/* What there are quick ways for; and the rest, each of which is long. */
enum { DI, EI, ENTRYHI, TLBWI, ERET, STATUS, COUNT, TLBP, TLBWR, OTHER_TRAP };
enum { SYSCALL, BREAK, OVERFLOW, TRAP, COPROCESSOR, MISS, READ_HARDWARE,
       OTHER_EXCEPTION };
#define KINDS_MOST 10

static u32 some_trap(unsigned int kind)
{
	u32 rt = (u32)dice(32) << 16;

	switch (kind) {
	case DI:
		return INSN_DI | rt;
	case EI:
		return INSN_DI | INSN_EI | rt;
	case ENTRYHI:
		if (dice(2))
			guest.gpr[INSN_RT(rt)] = (bits() & HI_VPN2) | guest.asid;
		guest.gpr[0] = 0;
		return INSN_MTC0(0, CP0_ENTRYHI) | rt;
	case TLBWI:
		return INSN_CO(CO_TLBWI);
	case ERET:
		return INSN_CO(CO_ERET);
	case STATUS:
		if (dice(2))
			guest.gpr[INSN_RT(rt)] = some_status();
		guest.gpr[0] = 0;
		return INSN_MTC0(0, CP0_STATUS) | rt;
	case COUNT:
		return INSN_MFC0(0, CP0_COUNT) | rt;
	case TLBP:
		if (dice(2))
			CP0_OF(CP0_ENTRYHI) = guest.tlb[dice(MIPS_TLB_ENTRIES)].hi;
		return INSN_CO(CO_TLBP);
	case TLBWR:
		return INSN_CO(CO_TLBWR);
	}
	if (!dice(3))
		return INSN_CO(CO_TLBR);
	/* RS is none of theirs. */
	return INSN_R(OP_COP0, dice(2) ? COP0_MFC0 : COP0_RDPGPR, dice(32),
		      10 + dice(22), 0, dice(8));
}

static bool one_instruction(unsigned int kind)
{
	u32 insn;

	some_state();
	insn = some_trap(kind);
	/* Where it is read again. */
	fake_put(guest.pc, insn);
	return both(CAUSE_EXC(EXC_CPU), &insn, 0);
}

/* Of an address that the guest's TLB has, or of another, in any segment. */
static bool one_miss(void)
{
	static const u8 codes[] = {EXC_MOD, EXC_TLBL, EXC_TLBS};
	struct mips_tlb_entry e = {.hi = bits() % MIPS_KSEG0 & ~0x1fffU};
	u32 va = bits(), cause = CAUSE_EXC(codes[dice(3)]) | (dice(2) ? CAUSE_BD : 0);

	some_state();
	if (dice(4)) {
		e.hi |= dice(4) ? guest.asid : bits() & 0xff;
		e.mask = dice(8) ? 0 : 0x6000;
		e.hi &= ~e.mask;
		e.lo[0] = bits() & LO_MASK;
		e.lo[1] = bits() & LO_MASK;
		mips_tlb_put(&guest, (unsigned int)dice(MIPS_TLB_ENTRIES), &e);
		va = (e.hi & HI_VPN2) | (va & 0x1fff);
	} else if (!dice(4)) {
		va = MIPS_COMMPAGE + va % 0x2000;
	} else if (dice(2)) {
		va %= MIPS_KSEG0;
	}
	return both(cause, NULL, va);
}

/* The word is as BadInstr has it for the long way. */
static bool one_rdhwr(void)
{
	u32 cause = CAUSE_EXC(EXC_RI) | (dice(8) ? 0 : CAUSE_BD);

	some_state();
	if (dice(2)) {
		CP0_OF(CP0_STATUS) = ST_UM;
		mips_guest_before_entry(&guest);
	}
	CP0_OF(CP0_HWRENA) = dice(4) ? BIT32(29) : bits();
	CP0_OF(CP0_USERLOCAL) = bits();
	user_insn = INSN_R(OP_SPECIAL3, 0, dice(32), dice(4) ? 29 : dice(32), 0,
			   dice(8) ? F3_RDHWR : dice(64));
	user_insn_there = dice(8);
	badinstr = &user_insn;
	fake_put(guest.pc, user_insn);
	return both(cause, NULL, 0);
}

static bool one_exception(unsigned int kind)
{
	static const u8 codes[] = {EXC_SYS, EXC_BP, EXC_OV, EXC_TR, EXC_CPU, 0, 0};
	static const u8 others[] = {EXC_ADEL, EXC_DBE};
	u32 code = kind == OTHER_EXCEPTION ? others[dice(ARRAY_SIZE(others))]
					   : codes[kind];
	u32 cause = CAUSE_EXC(code) | CAUSE_CE(dice(4)) | (dice(2) ? CAUSE_BD : 0) |
		    (bits() & 0xff00);

	badinstr = NULL;
	if (kind == MISS)
		return one_miss();
	if (kind == READ_HARDWARE)
		return one_rdhwr();
	some_state();
	/* An odd address is MIPS16's, or microMIPS's. */
	if (code != EXC_SYS)
		guest.pc |= dice(2);
	return both(cause, NULL, FAKE_CODE);
}

/* Each kind has its share of the quick ones; but the last, that has none. */
static void on_random_states(bool (*one)(unsigned int kind), unsigned int kinds)
{
	unsigned long n = 0;

	while (property_next(&n, 3)) {
		unsigned int done[KINDS_MOST] = {0};

		for (unsigned int i = 0; i < STATES; i++)
			done[i % kinds] += property_step(i) && one(i % kinds);
		for (unsigned int k = 0; k < kinds - 1; k++)
			HOLDS(getenv("SKIP") || done[k] > STATES / kinds / 40,
			      "of kind %u, %u were quick", k, done[k]);
		HOLDS(!done[kinds - 1], "%u others were quick", done[kinds - 1]);
	}
}

static void privileged_instructions(void **state)
{
	on_random_states(one_instruction, OTHER_TRAP + 1);
}

static void exceptions(void **state)
{
	on_random_states(one_exception, OTHER_EXCEPTION + 1);
}

/* ---- By example --------------------------------------------------------------------------- */

static void user_mode(void)
{
	fake_reset();
	mips_write_cp0(&guest, CP0_EBASE, FAKE_CODE & ~0xfffU);
	fake_user_mode();
	guest.walk[MIPS_KERNEL] = (struct mips_walk){KERNEL_ASID, 1};
	guest.walk[MIPS_USER] = (struct mips_walk){USER_ASID, 2};
	guest.pc = 0x400000;
}

static void a_system_call_and_back(void **state)
{
	u32 insn = INSN_CO(CO_ERET);

	user_mode();
	assert_true(both(CAUSE_EXC(EXC_SYS), NULL, 0));
	assert_int_equal(guest.pc, (FAKE_CODE & ~0xfffU) + 0x180);
	assert_int_equal(guest.table, MIPS_KERNEL);
	assert_int_equal(CP0_OF(CP0_EPC), 0x400000);
	guest.walk[MIPS_KERNEL] = (struct mips_walk){KERNEL_ASID, 1};
	guest.walk[MIPS_USER] = (struct mips_walk){USER_ASID, 2};
	assert_true(both(CAUSE_EXC(EXC_CPU), &insn, 0));
	assert_int_equal(guest.pc, 0x400000);
	assert_int_equal(guest.table, MIPS_USER);
}

/* Where the long way is asked for by 0, the guest may go on all the same. */
static void an_eret_to_address_0(void **state)
{
	u32 insn = INSN_CO(CO_ERET), random;

	fake_reset();
	CP0_OF(CP0_STATUS) = ST_EXL;
	mips_guest_before_entry(&guest);
	CP0_OF(CP0_EPC) = 0;
	mips_quick_guest = &guest;
	assert_int_equal(mips_quick_trap(insn), MIPS_LONG_WAY);
	assert_false(guest.trapped);
	assert_int_equal(CP0_OF(CP0_STATUS), 0);
	/* The middle way has nothing to do, whatever trapped last. */
	guest.insn = INSN_CO(CO_TLBWR);
	random = guest.random;
	assert_int_equal(mips_middle_trap(guest.insn), MIPS_LONG_WAY);
	assert_int_equal(guest.random, random);
}

/* An interrupt that EI or ERET would let through is the long way's. */
static void interrupts_are_not_let_through(void **state)
{
	u32 ei = INSN_DI | INSN_EI;

	fake_reset();
	CP0_OF(CP0_STATUS) = ST_IM_OF(2);
	mips_guest_set_line(&guest, 2, true);
	mips_guest_before_entry(&guest);
	assert_false(both(CAUSE_EXC(EXC_CPU), &ei, 0));
	CP0_OF(CP0_STATUS) = ST_IM_OF(3);
	mips_guest_before_entry(&guest);
	assert_true(both(CAUSE_EXC(EXC_CPU), &ei, 0));
}

/* Where there are calls: one in a few goes to where it becomes one. */
static void masks_become_calls_in_the_end(void **state)
{
	unsigned int quick = 0;

	fake_reset();
	mips_quick_guest = &guest;
	for (unsigned int i = 0; i < 4 * MIPS_CALL_AFTER; i++)
		quick += mips_quick_trap(INSN_DI) != MIPS_LONG_WAY;
	assert_int_equal(quick, 4 * (MIPS_CALL_AFTER - !!guest.layout.calls));
}

/* A Status that an mtc0 does not leave, and that says what MIPS_UNSETTLED does. */
static void what_is_not_settled_goes_the_long_way(void **state)
{
	static const u32 insns[] = {INSN_DI, INSN_DI | INSN_EI,
				    INSN_MTC0(0, CP0_ENTRYHI), INSN_CO(CO_TLBWI),
				    INSN_CO(CO_ERET)};

	for (unsigned int i = 0; i < ARRAY_SIZE(insns); i++) {
		fake_reset();
		CP0_OF(CP0_STATUS) = MIPS_UNSETTLED;
		mips_guest_before_entry(&guest);
		mips_guest_set_line(&guest, 2, true);
		fake_put(guest.pc, insns[i]);
		assert_false(both(CAUSE_EXC(EXC_CPU), &insns[i], 0));
	}
	assert_false(both(CAUSE_EXC(EXC_SYS), NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(privileged_instructions),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(a_system_call_and_back),
		cmocka_unit_test(an_eret_to_address_0),
		cmocka_unit_test(interrupts_are_not_let_through),
		cmocka_unit_test(masks_become_calls_in_the_end),
		cmocka_unit_test(what_is_not_settled_goes_the_long_way),
	};

	property_init(2);
	return fake_run_with_both_layouts(tests);
}

struct property property;
