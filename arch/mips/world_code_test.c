// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/refill.c arch/mips/world_code.c
// link: arch/mips/call_code.c
// link: arch/mips/testing/interpreter.c
/*
 * K44: the world switch for each kind of CPU, executed here: into a guest, the quick way
 * and the long one, and a fetch that fails. What the guest has in its registers is
 * all that it finds there, and C functions get what their contracts say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/asm_offsets.h"
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/testing/interpreter.h"
#include "arch/mips/world_code.h"
#include "arch/sim/testing/property.h"

/* Where things are. The halves of their addresses are of both signs. */
#define VECTOR    0x80000180U
#define CODE      0x80012f80U
#define HOST      0x80040000U
#define TRAP      0x80041000U
#define EXCEPTION 0x80042000U
#define EXIT      0x80043000U
#define SLOT      0x80044000U
#define MIDDLE_TRAP      0x80045000U
#define MIDDLE_EXCEPTION 0x80046000U
#define CALLER    0x80047000U
#define GUEST     0x8010f000U
#define GUEST_NOW 0x80207ffcU
#define STACK_AT  0x80208000U
#define DIRECTORY 0x80209004U
#define STACK     0x80301000U /* its end */
#define STACK_WORDS 64U
#define BLOCKS    0x80600000U

#define MODE (ST_UM | ST_EXL | ST_ERL | ST_IE)
#define PRIVILEGED CAUSE_EXC(EXC_CPU)
#define GCC_REGISTERS 0x800000fcU
#define CLANG_REGISTERS 0xa300fffeU
#define MORE_REGISTERS 0x2000ff00U
/* What a function keeps. */
#define KEPT 0x60ff0000U

static u32 code[MIPS_WORLD_WORDS], vector[MIPS_VECTOR_WORDS];
static unsigned int code_words, vector_words;
static struct mips_world_cpu kind;
static struct mips_world world;
static u32 guest[GUEST_READING / 4 + 1], now, stack_at, directory, stack[STACK_WORDS];

/* The words from the guest's pc on, and whether there are. */
static u32 page_va, page_word[3];
static bool page_there[3];
static unsigned int forgotten;
static bool fetch_failed;

/* The short refill handler: what the directory in use has of any address, and whether
 * the TLB has the pair that is not valid. */
static u32 directory_entry;
static bool pair_there, block_written;

static u32 bits(void)
{
	return (u32)dice(1 << 16) << 16 | (u32)dice(1 << 16);
}

/* ---- The CPU ------------------------------------------------------------------------ */

static u32 fetch(u32 pc)
{
	if (pc >= VECTOR && pc < VECTOR + 4 * vector_words)
		return vector[(pc - VECTOR) / 4];
	assert_true(pc >= CODE && pc < CODE + 4 * code_words);
	return code[(pc - CODE) / 4];
}

/* Refill handlers keep registers where the vector does. */
static void refilled(void)
{
	cpu.cp0[kind.save[0]] = cpu.gpr[K0];
	cpu.cp0[kind.save[1]] = cpu.gpr[K1];
}

static u32 *at(u32 va)
{
	if (va < KSEG0) {
		u32 n = (va - page_va) / 4;

		assert_true(n < ARRAY_SIZE(page_word));
		/* In the hypervisor's mode, where exceptions can come. */
		assert_int_equal(cpu.cp0[CP0_STATUS] & MODE, 0);
		assert_false(cpu.pending);
		if (dice(2))
			refilled();
		return page_there[n] && !(va & 3) ? &page_word[n] : NULL;
	}
	assert_int_equal(va & 3, 0);
	if (va == GUEST_NOW)
		return &now;
	if (va == STACK_AT)
		return &stack_at;
	if (va == DIRECTORY)
		return &directory;
	if (kind.blocks && va - BLOCKS < 0x200000)
		return &directory_entry;
	if (va >= GUEST && va < GUEST + sizeof(guest))
		return &guest[(va - GUEST) / 4];
	assert_true(va < STACK && va >= STACK - 4 * STACK_WORDS);
	return &stack[STACK_WORDS - (STACK - va) / 4];
}

static void take(u32 pc, u32 code_, u32 badvaddr)
{
	assert_false(cpu.cp0[CP0_STATUS] & ST_EXL);
	cpu.cp0[CP0_EPC] = pc;
	cpu.cp0[CP0_CAUSE] = code_ | (bits() & 0xff00);
	cpu.cp0[CP0_BADVADDR] = badvaddr;
	cpu.cp0[CP0_STATUS] |= ST_EXL;
	cpu.pc = VECTOR;
}

/* One that the fetch raises. */
static void no_page(u32 va)
{
	fetch_failed = true;
	take(cpu.pc, CAUSE_EXC(va & 3 ? EXC_ADEL : EXC_TLBL), va);
}

static void cache(u32 op, u32 va)
{
	assert_true(kind.aliases);
	assert_true(va == page_va || va == page_va + 8);
	forgotten++;
}

static void tlbp(void)
{
	cpu.cp0[CP0_INDEX] = pair_there ? (u32)dice(64) : INDEX_P;
}

/* refill_test says what of it is right. */
static void tlbwi(void)
{
	HOLDS(pair_there && directory_entry - BLOCKS < PAGE_SIZE, "an entry");
	HOLDS(cpu.cp0[CP0_PAGEMASK] == 0x1fe000, "PageMask");
	block_written = true;
	fetch_failed = false;
	for (unsigned int n = 0; n < ARRAY_SIZE(page_there); n++)
		page_there[n] = true;
}

/* ---- C functions, and the hypervisor's own exceptions ----------------------------------- */

static bool in_c(u32 pc)
{
	return pc >= HOST && pc <= CALLER;
}

static void spoil(u32 set)
{
	for (u32 n = 1; n < 32; n++)
		if (set & BIT32(n))
			cpu.gpr[n] = bits();
}

/* As fixup_code.c does. */
static void host_exception(void)
{
	u32 epc = cpu.cp0[CP0_EPC];

	HOLDS((world.fetch && epc - world.fetch < QUICK_FETCH_SIZE) ||
		      epc - world.fetch_slot < QUICK_FETCH_SLOT_SIZE,
	      "an exception at 0x%x", epc);
	cpu.gpr[K0] = bits();
	cpu.gpr[K1] = bits();
	cpu.cp0[CP0_STATUS] &= ~(u32)ST_EXL;
	interpret(world.fetch_failed, in_c, 200);
}

/* Until C is called, or the guest goes on. */
static void run(u32 pc)
{
	interpret(pc, in_c, 200);
	/* An exception of the hypervisor's own, which goes on. */
	while (cpu.returned && !(cpu.cp0[CP0_STATUS] & ST_UM)) {
		HOLDS(block_written, "ERET for nothing");
		cpu.cp0[CP0_STATUS] &= ~(u32)ST_EXL;
		interpret(cpu.cp0[CP0_EPC], in_c, 200);
	}
	if (!cpu.returned && cpu.pc == HOST)
		host_exception();
}

/* Calls one of the accessors, as quick.c does. */
static void accessor(u32 offset)
{
	u32 ra = cpu.gpr[RA];

	cpu.gpr[V1] = CALLER;
	interpret(CODE + offset, in_c, 12);
	assert_int_equal(cpu.pc, CALLER);
	assert_int_equal(cpu.gpr[RA], ra);
}

/* ---- The guest ------------------------------------------------------------------------- */

/* What it has, as it would see it. */
static struct {
	u32 gpr[32], hi, lo, pc;
} its;

static void is_the_guests(void)
{
	HOLDS(cpu.returned, "no ERET, but 0x%x", cpu.pc);
	HOLDS(!cpu.unread, "MTC0 before ERET");
	for (u32 n = 0; n < 32; n++)
		HOLDS(cpu.gpr[n] == its.gpr[n], "register %u: 0x%x, not 0x%x", n,
		      cpu.gpr[n], its.gpr[n]);
	HOLDS(cpu.hi == its.hi && cpu.lo == its.lo, "hi, lo");
	HOLDS(cpu.cp0[CP0_EPC] == its.pc, "EPC 0x%x, not 0x%x", cpu.cp0[CP0_EPC],
	      its.pc);
	HOLDS((cpu.cp0[CP0_STATUS] & MODE) == (ST_UM | ST_EXL | ST_IE),
	      "Status 0x%x", cpu.cp0[CP0_STATUS]);
}

/* All is in memory, as C sees it. */
static void is_saved(u32 pc)
{
	for (u32 n = 1; n < 32; n++)
		HOLDS(guest[n] == its.gpr[n], "register %u: 0x%x, not 0x%x", n,
		      guest[n], its.gpr[n]);
	HOLDS(guest[0] == 0, "register 0");
	HOLDS(guest[GUEST_HI / 4] == its.hi && guest[GUEST_LO / 4] == its.lo,
	      "hi, lo");
	HOLDS(guest[GUEST_PC / 4] == pc, "pc 0x%x, not 0x%x", guest[GUEST_PC / 4],
	      pc);
}

/* mips_exit(), or before mips_enter(): it becomes another. */
static void change_in_memory(void)
{
	for (u32 n = 1; n < 32; n++)
		if (dice(2))
			guest[n] = bits();
	guest[GUEST_HI / 4] = bits();
	guest[GUEST_LO / 4] = bits();
	guest[GUEST_PC / 4] = bits();
	memcpy(its.gpr, guest, sizeof(its.gpr));
	its.hi = guest[GUEST_HI / 4];
	its.lo = guest[GUEST_LO / 4];
	its.pc = guest[GUEST_PC / 4];
}

/* It runs, and is left at `pc`. */
static void guest_runs(u32 pc, u32 cause)
{
	cpu.cp0[CP0_STATUS] &= ~(u32)ST_EXL;
	for (u32 n = 1; n < 32; n++)
		its.gpr[n] = cpu.gpr[n] = bits();
	its.hi = cpu.hi = bits();
	its.lo = cpu.lo = bits();
	page_va = pc;
	for (unsigned int n = 0; n < ARRAY_SIZE(page_word); n++) {
		page_word[n] = bits();
		page_there[n] = dice(8);
	}
	cpu.cp0[CP0_BADINSTR] = page_word[!!(cause & CAUSE_BD)];
	forgotten = 0;
	fetch_failed = block_written = false;
	directory_entry = dice(2) ? BLOCKS + (u32)dice(PAGE_SIZE) :
				    0x80300000 + (u32)dice(16) * PAGE_SIZE;
	pair_there = dice(8);
	cpu.cp0[CP0_CONTEXT] = BIT32(31) | bits();
	take(pc, cause, bits());
	cpu.pending = cpu.unread = false;
}

/* ---- All of it ---------------------------------------------------------------------------- */

static u32 kept[32];

static void enter(void)
{
	spoil(~1U);
	cpu.gpr[A0] = GUEST;
	cpu.gpr[SP] = STACK - 4 * ARGUMENT_AREA;
	cpu.gpr[RA] = CALLER;
	memcpy(kept, cpu.gpr, sizeof(kept));
	change_in_memory();
	cpu.cp0[CP0_STATUS] = 0x8000;
	run(world.enter);
	is_the_guests();
	HOLDS(now == GUEST, "the guest that runs");
}

/* Into mips_exit(), and from there on; true: into the guest. */
static bool the_long_way(u32 pc, u32 cause, bool insn)
{
	u32 badvaddr = cpu.cp0[CP0_BADVADDR];

	HOLDS(!cpu.returned && cpu.pc == EXIT, "0x%x is no mips_exit()", cpu.pc);
	is_saved(pc);
	HOLDS(cpu.gpr[A0] == GUEST, "not the guest");
	HOLDS(!((cpu.gpr[A1] ^ cause) & (CAUSE_BD | CAUSE_CE_MASK | CAUSE_EXC_MASK)),
	      "Cause 0x%x", cpu.gpr[A1]);
	HOLDS(insn || fetch_failed || cpu.gpr[A2] == badvaddr, "BadVAddr");
	HOLDS(cpu.gpr[A3] == (insn ? GUEST + GUEST_INSN : 0), "insn 0x%x",
	      cpu.gpr[A3]);
	HOLDS(cpu.gpr[SP] == stack_at && !cpu.gpr[GP], "sp, gp");
	HOLDS(!(cpu.cp0[CP0_STATUS] & MODE) && !cpu.pending, "Status 0x%x",
	      cpu.cp0[CP0_STATUS]);
	change_in_memory();
	spoil(~(KEPT | BIT32(ZERO) | BIT32(RA)));
	cpu.hi = bits();
	cpu.lo = bits();
	cpu.gpr[V0] = !dice(3);
	if (cpu.gpr[V0]) {
		run(cpu.gpr[RA]);
		HOLDS(cpu.pc == CALLER, "back at 0x%x", cpu.pc);
		for (u32 n = 0; n < 32; n++)
			HOLDS(!(KEPT & BIT32(n)) || cpu.gpr[n] == kept[n],
			      "register %u of the caller's", n);
		return false;
	}
	run(cpu.gpr[RA]);
	is_the_guests();
	return true;
}

static void some_walk(void)
{
	u32 asid = bits() & 0xff, to = bits() | BIT32(31);
	u32 ra = cpu.gpr[RA];

	cpu.gpr[V0] = asid;
	cpu.gpr[A0] = to;
	/* As while a guest runs. */
	cpu.cp0[CP0_PWCTL] = MIPS_PWCTL;
	accessor(MIPS_WORLD_WALK);
	HOLDS(cpu.cp0[CP0_ENTRYHI] == asid, "ASID");
	HOLDS((kind.place == MIPS_DIRECTORY_CP0 ? cpu.cp0[kind.directory] :
						  directory) == to,
	      "the directory");
	HOLDS(!kind.walker || (cpu.cp0[CP0_PWBASE] == to &&
			       cpu.cp0[CP0_PWCTL] == MIPS_PWCTL),
	      "the walker");
	assert_int_equal(cpu.gpr[RA], ra);
}

/* The registers that middle.c may use are in memory, and it goes on, or does not. */
static bool in_middle(u32 pc, u32 cause, bool trap)
{
	u32 ra = cpu.gpr[RA], set = kind.changed | kind.middle;

	HOLDS(cpu.pc == (trap ? MIDDLE_TRAP : MIDDLE_EXCEPTION), "0x%x", cpu.pc);
	HOLDS(cpu.gpr[K1] == GUEST && guest[GUEST_PC / 4] == pc, "k1, pc");
	if (trap)
		HOLDS(cpu.gpr[A0] == guest[GUEST_INSN / 4], "a0 0x%x", cpu.gpr[A0]);
	else
		HOLDS(cpu.gpr[A0] == cpu.cp0[CP0_CAUSE] &&
			      cpu.gpr[A1] == cpu.cp0[CP0_BADVADDR],
		      "a0 0x%x, a1 0x%x", cpu.gpr[A0], cpu.gpr[A1]);
	for (u32 n = 1; n < 32; n++)
		HOLDS(!(set & BIT32(n)) || guest[n] == its.gpr[n],
		      "register %u: 0x%x, not 0x%x", n, guest[n], its.gpr[n]);
	HOLDS(cpu.gpr[SP] == stack_at, "sp 0x%x", cpu.gpr[SP]);
	HOLDS((cpu.cp0[CP0_STATUS] & MODE) == (ST_UM | ST_EXL | ST_IE),
	      "Status 0x%x", cpu.cp0[CP0_STATUS]);
	if (dice(2))
		some_walk();
	spoil(set & ~(u32)BIT32(SP));
	if (dice(2)) {
		its.pc = bits() | 4;
		cpu.gpr[V0] = its.pc;
		run(ra);
		is_the_guests();
		return true;
	}
	cpu.gpr[V0] = 0; /* MIPS_LONG_WAY */
	run(ra);
	return the_long_way(pc, cause, trap);
}

/* Of a register that quick.c reads and writes. */
static void some_access(void)
{
	u32 n = (u32)dice(32), value = bits();

	accessor(MIPS_WORLD_GPR(n));
	HOLDS(cpu.gpr[V0] == its.gpr[n], "%u reads as 0x%x, not 0x%x", n,
	      cpu.gpr[V0], its.gpr[n]);
	if (!n)
		return; /* quick.c asks for none */
	cpu.gpr[V0] = value;
	accessor(MIPS_WORLD_SET_GPR(n));
	its.gpr[n] = value;
	accessor(MIPS_WORLD_GPR(n));
	HOLDS(cpu.gpr[V0] == value, "%u is not written", n);
}

/* Behind mips_quick_exception(): into mips_quick_slot(), and what comes of that; or
 * its words are not there. */
static bool in_slot(u32 pc, u32 cause)
{
	if (pc & 3 || !page_there[0] || !page_there[1] || !page_there[2]) {
		HOLDS(fetch_failed, "it was fetched");
		HOLDS(!kind.bad_instr || (guest[GUEST_INSN / 4] == page_word[1] &&
					  guest[GUEST_TRAPPED / 4] & 0xff),
		      "BadInstr is lost");
		return the_long_way(pc, cause, kind.bad_instr);
	}
	HOLDS(cpu.pc == SLOT && !fetch_failed, "0x%x", cpu.pc);
	HOLDS(cpu.gpr[K1] == GUEST && cpu.gpr[K0] == pc, "k0, k1");
	HOLDS(!memcmp(&cpu.gpr[A0], page_word, sizeof(page_word)), "the words");
	HOLDS((cpu.cp0[CP0_STATUS] & MODE) == (ST_UM | ST_EXL | ST_IE),
	      "Status 0x%x", cpu.cp0[CP0_STATUS]);
	HOLDS(forgotten == (kind.aliases ? 4 : 0), "%u lines", forgotten);
	spoil(kind.changed & ~(u32)BIT32(SP) & ~(u32)BIT32(RA));
	its.pc = bits() | 4;
	cpu.gpr[V0] = dice(2) ? its.pc : 0;
	if (!cpu.gpr[V0]) {
		run(cpu.gpr[RA]);
		return the_long_way(pc, cause, true);
	}
	run(cpu.gpr[RA]);
	is_the_guests();
	return true;
}

/* One of the C functions of the quick way has been called: what it does, and what comes
 * of that. True: the guest goes on. */
static bool quickly(u32 pc, u32 cause, bool trap)
{
	u32 ra = cpu.gpr[RA];

	HOLDS(cpu.gpr[K1] == GUEST && cpu.gpr[K0] == pc, "k0, k1");
	HOLDS(trap ? cpu.gpr[A0] == page_word[0] : cpu.gpr[A0] == cpu.cp0[CP0_CAUSE],
	      "a0 0x%x", cpu.gpr[A0]);
	HOLDS(cpu.cp0[CP0_STATUS] & ST_EXL && cpu.cp0[CP0_STATUS] & ST_UM,
	      "Status 0x%x", cpu.cp0[CP0_STATUS]);
	HOLDS(forgotten == (trap && kind.aliases && !kind.bad_instr ? 2 : 0),
	      "%u lines", forgotten);
	if (trap) {
		some_access();
		some_access();
	}
	if (dice(2))
		some_walk();
	spoil(kind.changed & ~(u32)BIT32(SP));
	its.pc = bits() | 4;
	cpu.gpr[V0] = its.pc;
	if (dice(2)) {
		run(ra);
		is_the_guests();
		return true;
	}
	guest[GUEST_PC / 4] = pc;
	cpu.gpr[V0] = 0; /* MIPS_LONG_WAY */
	run(ra);
	return !trap && cause == (CAUSE_BD | PRIVILEGED) ?
		       in_slot(pc, cause) :
		       in_middle(pc, cause, trap);
}

/* It was in a call, which has put registers away to read the guest's words. */
static void in_a_call(void)
{
	guest[GUEST_READING / 4] = GUEST;
	for (unsigned int i = 0; i < 2; i++)
		guest[GUEST_KEPT(i) / 4] = its.gpr[K0 + i];
	guest[GUEST_KEPT(2) / 4] = its.gpr[V0];
	spoil(BIT32(K0) | BIT32(K1) | BIT32(V0));
}

/* The block is all that it takes: no C. */
static bool is_block(bool invalid)
{
	return kind.blocks && invalid && pair_there &&
	       directory_entry - BLOCKS < PAGE_SIZE;
}

static bool leave(void)
{
	static const u32 codes[] = {EXC_CPU, EXC_CPU, EXC_CPU, EXC_SYS, EXC_INT,
				    EXC_TLBL, EXC_TLBS, EXC_MOD, EXC_ADEL};
	u32 cause = CAUSE_EXC(codes[dice(ARRAY_SIZE(codes))]);
	u32 pc = bits() >> 1 & ~3U;
	bool trap, invalid = !((cause ^ CAUSE_EXC(EXC_TLBL)) & CAUSE_EXC(30));

	cause |= dice(4) ? 0 : CAUSE_BD;
	cause |= dice(4) ? 0 : CAUSE_CE(dice(4));
	if (!dice(4))
		pc |= dice(4);
	trap = cause == PRIVILEGED;
	guest_runs(pc, cause);
	guest[GUEST_PC / 4] = bits();
	if (is_block(invalid) && !dice(4))
		in_a_call();
	run(VECTOR);
	if (is_block(invalid)) {
		HOLDS(block_written, "the block is left out");
		HOLDS(!guest[GUEST_READING / 4], "in a call still");
		its.pc = pc;
		is_the_guests();
		return true;
	}
	if (!trap) {
		HOLDS(cpu.pc == EXCEPTION, "0x%x, of Cause 0x%x", cpu.pc, cause);
		return quickly(pc, cause, false);
	}
	if (pc & 3 || (!kind.bad_instr && !page_there[0])) {
		HOLDS(kind.bad_instr || fetch_failed, "it was fetched");
		return kind.bad_instr ? in_middle(pc, cause, false) :
					the_long_way(pc, cause, false);
	}
	HOLDS(cpu.pc == TRAP && !fetch_failed, "0x%x", cpu.pc);
	return quickly(pc, cause, true);
}

/* Each kind of CPU: what its registers are, and what it needs. */
static const struct {
	u32 kscratch;
	bool bad_instr, aliases, walker, eva, blocks;
} row[] = {
	{0x00, false, false, false, false, false}, /* 24K, 34K */
	{0x00, false, true, false, false, false},  /* 74K */
	{0x1c, true, false, true, true, false},    /* P5600 */
	{0x1c, true, false, false, true, true}, /* the same, without its walker */
	{0x1c, false, true, false, false, true}, /* interAptiv */
	{0x1c, true, true, false, false, false},
	{0x04, true, false, true, false, false},
	{0x0c, false, false, true, false, false},
};

static void make(unsigned int i, u32 changed)
{
	struct mips_refill_cpu refill = {0};
	struct mips_asm a;

	mips_refill_places(&refill, row[i].kscratch, DIRECTORY);
	if (row[i].blocks)
		mips_refill_shorten(&refill, BLOCKS);
	kind = (struct mips_world_cpu){
		.save = {refill.save[0], refill.save[1]},
		.bad_instr = row[i].bad_instr,
		.eva = row[i].eva,
		.aliases = row[i].aliases,
		.walker = row[i].walker,
		.changed = changed,
		.middle = MORE_REGISTERS,
		.place = refill.place,
		.directory = refill.directory,
		.blocks = refill.blocks,
		.guest = GUEST_NOW,
		.stack = STACK_AT,
		.host = HOST,
		.quick_trap = TRAP,
		.quick_slot = SLOT,
		.quick_exception = EXCEPTION,
		.middle_trap = MIDDLE_TRAP,
		.middle_exception = MIDDLE_EXCEPTION,
		.exit = EXIT,
	};
	mips_asm_start(&a, code, MIPS_WORLD_WORDS, CODE);
	mips_world_emit(&a, &kind, &world);
	assert_int_equal(mips_asm_finish(&a), 0);
	code_words = a.count;
	mips_asm_start(&a, vector, MIPS_VECTOR_WORDS, VECTOR);
	mips_vector_emit(&a, &kind, &world);
	assert_int_equal(mips_asm_finish(&a), 0);
	vector_words = a.count;
}

static void of_one_kind(void)
{
	memset(guest, 0, sizeof(guest));
	cpu = (struct interpreter){.fetch = fetch, .at = at, .exception = no_page,
				   .cache = cache, .tlbp = tlbp, .tlbwi = tlbwi};
	for (unsigned int n = 0; n < 400; n++) {
		if (!property_step(n))
			continue;
		enter();
		for (unsigned int k = 0; k < 20 && leave(); k++)
			;
	}
}

static void guests_keep_all_that_they_have(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 2))
		for (unsigned int i = 0; i < 2 * ARRAY_SIZE(row); i++) {
			make(i / 2, i & 1 ? CLANG_REGISTERS : GCC_REGISTERS);
			of_one_kind();
		}
}

static void binutils_reads_every_word(void **state)
{
	static char text[MIPS_WORLD_WORDS][64];

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(row); i++) {
		make(i / 2, i & 1 ? CLANG_REGISTERS : GCC_REGISTERS);
		disassemble(code, code_words, CODE, text);
		for (unsigned int k = 0; k < code_words; k++)
			assert_in_range(text[k][0], 'a', 'z');
		disassemble(vector, vector_words, VECTOR, text);
		for (unsigned int k = 0; k < vector_words; k++)
			assert_in_range(text[k][0], 'a', 'z');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binutils_reads_every_word),
		cmocka_unit_test(guests_keep_all_that_they_have),
	};

	property_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;
