// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/refill.c arch/sim/dirty.c arch/sim/memory.c
// link: arch/sim/mips.c arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c arch/sim/tlbi.c
/*
 * K41, K45: the refill handler for each kind of CPU: what binutils reads in it; and
 * what it does, executed here, to the TLB: the same as arch/sim's handler, which is
 * written from pgtable/mips32.h, on random tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/refill.h"
#include "arch/sim/mips.h"
#include "arch/sim/testing/property.h"

#define VECTOR 0x80001000U
#define GENERAL 0x80001180U
#define WORD 0x80002ffcU /* where the directory's address is: MIPS_LO is negative
			  * for its neighbour, and not for it */

static u32 words[MIPS_REFILL_WORDS];
static struct mips_asm a;

static void make(const struct mips_refill_cpu *cpu)
{
	mips_asm_start(&a, words, ARRAY_SIZE(words), VECTOR);
	mips_refill_emit(&a, cpu);
	assert_int_equal(mips_asm_finish(&a), 0);
}

/* ---- By disassembly --------------------------------------------------------- */

static void reads_as(const char *const *expected, unsigned int n)
{
	static char text[MIPS_REFILL_WORDS][64];

	disassemble(words, a.count, VECTOR, text);
	for (unsigned int i = 0; i < a.count && i < n; i++)
		assert_string_equal(text[i], expected[i]);
	assert_int_equal(a.count, n);
}

#define READS_AS(...)                                                          \
	do {                                                                   \
		static const char *const expected_[] = { __VA_ARGS__ };        \
		reads_as(expected_, ARRAY_SIZE(expected_));                    \
	} while (0)

/* 24K, 34K: nothing to keep registers in but DDataLo and ErrorEPC. */
static void without_kscratch(void **state)
{
	struct mips_refill_cpu cpu = { .hazards = true, .large = true,
				       .general = GENERAL };

	mips_refill_places(&cpu, 0, 0x80012344);
	make(&cpu);
	READS_AS("mtc0 k0,c0_datalo1", "mtc0 k1,c0_errorepc", "mfc0 k0,c0_badvaddr",
		 "lui k1,0x8001", "lw k1,9028(k1)", "ror k0,k0,0x16",
		 "ins k1,k0,0x2,0xa", "lw k1,0(k1)", "bgez k1,0x80001058",
		 "srl k0,k0,0x17", "ins k1,k0,0x3,0x9", "lw k0,0(k1)",
		 "lw k1,4(k1)", "srl k0,k0,0x6", "mtc0 k0,c0_entrylo0",
		 "srl k1,k1,0x6", "mtc0 k1,c0_entrylo1", "sll zero,zero,0x3",
		 "tlbwr", "mfc0 k0,c0_datalo1", "mfc0 k1,c0_errorepc", "eret",
		 /* large */
		 "srl k0,k0,0x8", "ins k1,k0,0x15,0x1", "andi k0,k1,0x80",
		 "beq k0,zero,0x8000109c", "srl k1,k1,0x6",
		 "mtc0 k1,c0_entrylo0", "addiu k1,k1,16384",
		 "mtc0 k1,c0_entrylo1", "lui k0,0x1f", "ori k0,k0,0xe000",
		 "mtc0 k0,c0_pagemask", "sll zero,zero,0x3", "tlbwr",
		 "mtc0 zero,c0_pagemask", "mfc0 k0,c0_datalo1",
		 "mfc0 k1,c0_errorepc", "eret",
		 /* none */
		 "mfc0 k0,c0_datalo1", "j 0x80001180", "mfc0 k1,c0_errorepc");
}

/* P5600: three KScratch registers, RI and XI. */
static void with_kscratch_and_rixi(void **state)
{
	struct mips_refill_cpu cpu = { .rixi = true, .general = GENERAL };

	mips_refill_places(&cpu, 0x1c, WORD);
	make(&cpu);
	READS_AS("mtc0 k0,$31,2", "mtc0 k1,$31,3", "mfc0 k0,c0_badvaddr",
		 "mfc0 k1,$31,4", "ror k0,k0,0x16", "ins k1,k0,0x2,0xa",
		 "lw k1,0(k1)", "srl k0,k0,0x17", "ins k1,k0,0x3,0x9",
		 "lw k0,0(k1)", "lw k1,4(k1)", "ror k0,k0,0x6",
		 "mtc0 k0,c0_entrylo0", "ror k1,k1,0x6",
		 "mtc0 k1,c0_entrylo1", "tlbwr", "mfc0 k0,$31,2",
		 "mfc0 k1,$31,3", "eret");
}

/* A directory in the code; entries that keep software bits. */
static void a_handler_for_one_directory(void **state)
{
	struct mips_refill_cpu cpu = {
		.save = { CP0_DDATALO, CP0_ERROREPC },
		.place = MIPS_DIRECTORY_FIXED,
		.directory = 0x8034f000,
		.rixi = true,
		.software_bits = true,
		.general = GENERAL,
	};

	make(&cpu);
	READS_AS("mtc0 k0,c0_datalo1", "mtc0 k1,c0_errorepc", "mfc0 k0,c0_badvaddr",
		 "lui k1,0x8035", "ror k0,k0,0x16", "ins k1,k0,0x2,0xa",
		 "lw k1,-4096(k1)", "srl k0,k0,0x17", "ins k1,k0,0x3,0x9",
		 "lw k0,0(k1)", "lw k1,4(k1)", "srl k0,k0,0x4",
		 "ror k0,k0,0x2", "mtc0 k0,c0_entrylo0", "srl k1,k1,0x4",
		 "ror k1,k1,0x2", "mtc0 k1,c0_entrylo1", "tlbwr",
		 "mfc0 k0,c0_datalo1", "mfc0 k1,c0_errorepc", "eret");
}

static void places_by_how_many_kscratch_there_are(void **state)
{
	static const struct {
		u32 kscratch, save0, save1, place, directory;
	} row[] = {
		{0, CP0_DDATALO, CP0_ERROREPC, MIPS_DIRECTORY_MEMORY, WORD},
		/* Select 0 and 1 are the debugger's and none. */
		{0x03, CP0_DDATALO, CP0_ERROREPC, MIPS_DIRECTORY_MEMORY, WORD},
		{0x10, CP0_DDATALO, CP0_ERROREPC, MIPS_DIRECTORY_CP0,
		 CP0_KSCRATCH(4)},
		{0x0c, CP0_KSCRATCH(2), CP0_KSCRATCH(3), MIPS_DIRECTORY_MEMORY,
		 WORD},
		{0x98, CP0_KSCRATCH(3), CP0_KSCRATCH(4), MIPS_DIRECTORY_CP0,
		 CP0_KSCRATCH(7)},
		{0xfc, CP0_KSCRATCH(2), CP0_KSCRATCH(3), MIPS_DIRECTORY_CP0,
		 CP0_KSCRATCH(4)},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct mips_refill_cpu cpu = { .large = true };

		mips_refill_places(&cpu, row[i].kscratch, WORD);
		assert_int_equal(cpu.save[0], row[i].save0);
		assert_int_equal(cpu.save[1], row[i].save1);
		assert_int_equal(cpu.place, row[i].place);
		assert_int_equal(cpu.directory, row[i].directory);
	}
}

/* ---- A CPU that executes it ---------------------------------------------------- */

static struct {
	u32 gpr[32], cp0[CP0_REGISTERS], pc;
	unsigned int executed;
	bool wrote, returned;
	u32 mask, lo[2]; /* of TLBWR */
} cpu;

static u32 *at(u32 va)
{
	static u32 directory_word;

	if (va == WORD)
		return &directory_word;
	/* Nothing is touched that is mapped. */
	assert_true(va >= 0x80000000 && va < 0xa0000000 && !(va & 3));
	assert_non_null(sim_virt(va - 0x80000000 + SIM_RAM));
	return sim_virt(va - 0x80000000 + SIM_RAM);
}

static void write_gpr(u32 n, u32 v)
{
	/* Registers of the guest's, but for those that are restored. */
	assert_true(n == K0 || n == K1);
	cpu.gpr[n] = v;
}

static void coprocessor(u32 insn)
{
	u32 reg = CP0(INSN_RD(insn), INSN_SEL(insn));

	if (insn == INSN_CO(CO_ERET)) {
		cpu.returned = true;
	} else if (insn == INSN_CO(CO_TLBWR)) {
		assert_false(cpu.wrote);
		cpu.wrote = true;
		cpu.mask = cpu.cp0[CP0_PAGEMASK];
		cpu.lo[0] = cpu.cp0[CP0_ENTRYLO0];
		cpu.lo[1] = cpu.cp0[CP0_ENTRYLO1];
	} else if (INSN_RS(insn) == COP0_MFC0) {
		write_gpr(INSN_RT(insn), cpu.cp0[reg]);
	} else {
		assert_int_equal(INSN_RS(insn), COP0_MTC0);
		cpu.cp0[reg] = cpu.gpr[INSN_RT(insn)];
	}
}

static void compute(u32 insn)
{
	u32 s = cpu.gpr[INSN_RS(insn)], t = cpu.gpr[INSN_RT(insn)];
	u32 low = INSN_SA(insn), mask;

	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		if (!INSN_RD(insn))
			return; /* ehb */
		assert_int_equal(INSN_FUNCT(insn), F_SRL);
		t = INSN_RS(insn) ? (u32)(((u64)t << 32 | t) >> low) : t >> low;
		write_gpr(INSN_RD(insn), t);
		return;
	case OP_SPECIAL3:
		assert_int_equal(INSN_FUNCT(insn), F3_INS);
		mask = (2U << INSN_RD(insn)) - (1U << low);
		write_gpr(INSN_RT(insn), (t & ~mask) | (s << low & mask));
		return;
	case OP_LUI:
		write_gpr(INSN_RT(insn), insn << 16);
		return;
	case OP_ORI:
		write_gpr(INSN_RT(insn), s | INSN_UIMM(insn));
		return;
	case OP_ANDI:
		write_gpr(INSN_RT(insn), s & INSN_UIMM(insn));
		return;
	case OP_ADDIU:
		write_gpr(INSN_RT(insn), s + INSN_IMM(insn));
		return;
	case OP_LW:
		write_gpr(INSN_RT(insn), *at(s + INSN_IMM(insn)));
		return;
	case OP_COP0:
		coprocessor(insn);
		return;
	}
	fail_msg("instruction 0x%x", insn);
}

static u32 fetch(u32 pc)
{
	assert_true(pc >= VECTOR && pc < VECTOR + 4 * a.count);
	return words[(pc - VECTOR) / 4];
}

static bool branches(u32 insn, u32 *to)
{
	u32 target = cpu.pc + 4 + (INSN_IMM(insn) << 2);
	s32 s = cpu.gpr[INSN_RS(insn)];

	switch (INSN_OP(insn)) {
	case OP_J:
		*to = (cpu.pc & 0xf0000000) | insn << 6 >> 4;
		return true;
	case OP_BEQ:
		*to = s == (s32)cpu.gpr[INSN_RT(insn)] ? target : cpu.pc + 8;
		return true;
	case OP_REGIMM:
		assert_int_equal(INSN_RT(insn), RI_BGEZ);
		*to = s >= 0 ? target : cpu.pc + 8;
		return true;
	}
	return false;
}

/* The exception at `va`: until ERET, or the general vector. */
static void run(u32 va)
{
	cpu.pc = VECTOR;
	cpu.cp0[CP0_BADVADDR] = va;
	cpu.executed = 0;
	cpu.wrote = cpu.returned = false;
	while (!cpu.returned && cpu.pc != GENERAL) {
		u32 insn = fetch(cpu.pc), to;

		assert_true(cpu.executed < 60);
		cpu.executed++;
		if (branches(insn, &to)) {
			cpu.executed++;
			compute(fetch(cpu.pc + 4));
			cpu.pc = to;
		} else {
			compute(insn);
			cpu.pc += 4;
		}
	}
	assert_int_equal(cpu.cp0[CP0_PAGEMASK], 0);
}

/* ---- On random tables ------------------------------------------------------------- */

static u32 *directory, *tables[4], *empty;

static u32 some_leaf(bool software_bits)
{
	u32 e = PGT_MIPS32_C(3U) | (u32)dice(0x4000) << 12;

	e |= dice(4) ? PGT_MIPS32_V : 0;
	e |= dice(2) ? PGT_MIPS32_D : 0;
	e |= dice(2) ? PGT_MIPS32_XI : 0;
	return software_bits ? e | dice(16) : e;
}

static u32 in_kseg0(const void *table)
{
	return 0x80000000 + (u32)(sim_phys(table) - SIM_RAM);
}

/* Two of the directory for two readers: the simulation's, by physical addresses,
 * and the handler's. */
static void fill(const struct mips_refill_cpu *c, u32 *sim_directory)
{
	for (u32 i = 0; i < 512; i++) {
		u32 *table = tables[i % ARRAY_SIZE(tables)], entry = 0;

		if (dice(2)) {
			sim_directory[i] = (u32)sim_phys(table) +
					   PGT_MIPS32_TABLE_TYPE;
			entry = in_kseg0(table) + PGT_MIPS32_TABLE_TYPE;
		} else {
			if (c->large && dice(2))
				entry = some_leaf(c->software_bits) & ~0x3ff000U;
			sim_directory[i] = entry;
		}
		directory[i] = c->large ? entry
					: mips_table_entry(entry, in_kseg0(empty));
	}
	for (unsigned int t = 0; t < ARRAY_SIZE(tables); t++)
		for (unsigned int i = 0; i < 1024; i++)
			tables[t][i] = dice(3) ? some_leaf(c->software_bits) : 0;
}

static void check_half(u32 va, u32 lo, u32 page)
{
	struct sim_result r = sim_mips_translate(va, SIM_WRITE);

	/* V is young: what is there and old is a fault too. */
	HOLDS(!!(lo & LO_V) == (r.fault != SIM_TRANSLATION_FAULT &&
				r.fault != SIM_ACCESS_FLAG_FAULT),
	      "0x%x: 0x%x, and fault %u", va, lo, r.fault);
	if (!(lo & LO_V))
		return;
	HOLDS(!!(lo & LO_D) == !r.fault, "0x%x can be written", va);
	r = sim_mips_translate(va, SIM_READ);
	HOLDS(r.pa == (u64)LO_PFN_OF(lo & LO_MASK) * 4096 + va % page,
	      "0x%x: 0x%x", va, lo);
	r = sim_mips_translate(va, SIM_EXEC);
	HOLDS(!!r.fault == !!(lo >> 30 & 1), "0x%x is executed", va);
	HOLDS(!(lo & LO_G) && (lo >> 3 & 7) == 3 && !(lo >> 31), "0x%x", lo);
}

static void check(const struct mips_refill_cpu *c, u32 va, unsigned int length)
{
	bool table = directory[va >> 22] >> 31;
	u32 page = table ? 4096 : 0x100000, pair = va & ~(2 * page - 1);

	cpu.gpr[K0] = 0x1234;
	cpu.gpr[K1] = 0x5678;
	run(va);
	HOLDS(cpu.gpr[K0] == 0x1234 && cpu.gpr[K1] == 0x5678, "k0, k1");
	if (table)
		HOLDS(cpu.executed == length, "%u instructions", cpu.executed);
	if (!table && !(directory[va >> 22] & PGT_MIPS32_V)) {
		HOLDS(!cpu.wrote && cpu.pc == GENERAL, "nothing at 0x%x", va);
		return;
	}
	HOLDS(cpu.wrote && cpu.returned, "0x%x is not refilled", va);
	HOLDS(cpu.mask == (table ? 0 : 0x1fe000), "PageMask 0x%x", cpu.mask);
	check_half(pair + va % page, cpu.lo[0], page);
	check_half(pair + page + va % page, cpu.lo[1], page);
}

static u32 *new_page(void)
{
	u32 *page = sim_pages_alloc(PAGE_SIZE);

	memset(page, 0, PAGE_SIZE);
	return page;
}

static void one_run(struct mips_refill_cpu *c, unsigned int length)
{
	struct sim_config config = {
		.cpus = 1,
		.ram = 4 << 20,
		.seed = property.seed,
		.features = SIM_MIPS | (c->rixi ? SIM_RIXI : 0),
	};
	u32 *sim_directory;

	sim_init(&config);
	sim_directory = new_page();
	directory = new_page();
	empty = new_page();
	for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++)
		tables[i] = new_page();
	if (c->place == MIPS_DIRECTORY_FIXED)
		c->directory = in_kseg0(directory);
	else if (c->place == MIPS_DIRECTORY_MEMORY)
		*at(WORD) = in_kseg0(directory);
	else
		cpu.cp0[c->directory] = in_kseg0(directory);
	make(c);
	fill(c, sim_directory);
	sim_mips_use(sim_phys(sim_directory));
	for (unsigned long i = 0; i < 2000; i++)
		if (property_step(i))
			check(c, (u32)dice(0x80000000), length);
	assert_int_equal(sim_broken_any(), 0);
	sim_exit();
}

/* Every kind of CPU; and how many instructions each takes (K41). */
static void it_refills_what_the_tables_say(void **state)
{
	static const struct {
		u32 kscratch;
		bool fixed, rixi, software_bits, hazards, large;
		unsigned int length;
	} row[] = {
		{0x1c, false, true, false, false, false, 19},
		{0x1c, false, true, false, false, true, 20},
		{0x1c, false, false, true, true, true, 21},
		{0x1c, false, true, true, false, true, 22},
		{0x00, true, false, true, false, true, 20},
		{0x00, true, false, true, true, false, 20},
		{0x00, false, false, true, false, false, 20},
		{0x00, false, false, true, true, true, 22},
		{0x04, false, true, false, false, true, 20},
	};
	unsigned long n = 0;

	while (property_next(&n, 2)) {
		for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
			struct mips_refill_cpu c = {
				.rixi = row[i].rixi,
				.software_bits = row[i].software_bits,
				.hazards = row[i].hazards,
				.large = row[i].large,
				.general = GENERAL,
			};

			mips_refill_places(&c, row[i].kscratch, WORD);
			if (row[i].fixed)
				c.place = MIPS_DIRECTORY_FIXED;
			one_run(&c, row[i].length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_kscratch),
		cmocka_unit_test(with_kscratch_and_rixi),
		cmocka_unit_test(a_handler_for_one_directory),
		cmocka_unit_test(places_by_how_many_kscratch_there_are),
		cmocka_unit_test(it_refills_what_the_tables_say),
	};

	property_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;
