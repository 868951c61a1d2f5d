// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/refill.c arch/mips/testing/interpreter.c
/*
 * K41: the refill handler for each kind of CPU: what binutils reads in it; and what
 * it does, executed here, to the TLB, on random tables as gva.h has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/testing/interpreter.h"
#include "arch/mips/gva.h"
#include "arch/mips/refill.h"
#include "arch/sim/testing/property.h"

#define VECTOR 0x80001000U
#define WORD 0x80002ffcU /* where the directory's address is: MIPS_LO is negative
			  * for its neighbour, and not for it */

static u32 words[MIPS_REFILL_WORDS];
static struct mips_asm a;
struct gva_form gva_form;

static void make(const struct mips_refill_cpu *c)
{
	mips_asm_start(&a, words, ARRAY_SIZE(words), VECTOR);
	mips_refill_emit(&a, c);
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
	struct mips_refill_cpu kind = { .hazards = true };

	mips_refill_places(&kind, 0, 0x80012344);
	make(&kind);
	READS_AS("mtc0 k0,c0_datalo1", "mtc0 k1,c0_errorepc", "mfc0 k0,c0_badvaddr",
		 "lui k1,0x8001", "lw k1,9028(k1)", "ror k0,k0,0x15",
		 "ins k1,k0,0x2,0xb", "lw k1,0(k1)", "bgez k1,0x80001050",
		 "srl k0,k0,0x18", "ins k1,k0,0x3,0x8", "lw k0,0(k1)",
		 "lw k1,4(k1)", "mtc0 k0,c0_entrylo0", "mtc0 k1,c0_entrylo1",
		 "sll zero,zero,0x3", "tlbwr", "mfc0 k0,c0_datalo1",
		 "mfc0 k1,c0_errorepc", "eret",
		 /* a block */
		 "mtc0 k1,c0_entrylo0", "addiu k1,k1,16384",
		 "mtc0 k1,c0_entrylo1", "lui k0,0x1f", "ori k0,k0,0xe000",
		 "mtc0 k0,c0_pagemask", "sll zero,zero,0x3", "tlbwr",
		 "mtc0 zero,c0_pagemask", "mfc0 k0,c0_datalo1",
		 "mfc0 k1,c0_errorepc", "eret");
}

/* P5600: three KScratch registers, and no hazards. */
static void with_kscratch(void **state)
{
	struct mips_refill_cpu kind = {0};

	mips_refill_places(&kind, 0x1c, WORD);
	make(&kind);
	READS_AS("mtc0 k0,$31,2", "mtc0 k1,$31,3", "mfc0 k0,c0_badvaddr",
		 "mfc0 k1,$31,4", "ror k0,k0,0x15", "ins k1,k0,0x2,0xb",
		 "lw k1,0(k1)", "bgez k1,0x80001048", "srl k0,k0,0x18",
		 "ins k1,k0,0x3,0x8", "lw k0,0(k1)", "lw k1,4(k1)",
		 "mtc0 k0,c0_entrylo0", "mtc0 k1,c0_entrylo1", "tlbwr",
		 "mfc0 k0,$31,2", "mfc0 k1,$31,3", "eret",
		 "mtc0 k1,c0_entrylo0", "addiu k1,k1,16384",
		 "mtc0 k1,c0_entrylo1", "lui k0,0x1f", "ori k0,k0,0xe000",
		 "mtc0 k0,c0_pagemask", "tlbwr", "mtc0 zero,c0_pagemask",
		 "mfc0 k0,$31,2", "mfc0 k1,$31,3", "eret");
}

/* The same by Context: no test for blocks, which are mips_block_emit()'s. */
static void by_context(void **state)
{
	struct mips_refill_cpu kind = {0};

	mips_refill_places(&kind, 0x1c, WORD);
	mips_refill_shorten(&kind, 0x80600000);
	assert_int_equal(kind.place, MIPS_DIRECTORY_CP0);
	assert_int_equal(kind.directory, CP0_CONTEXT);
	make(&kind);
	READS_AS("mtc0 k0,$31,2", "mtc0 k1,$31,3", "mfc0 k0,c0_context",
		 "sra k1,k0,0xa", "ins k1,zero,0x0,0x2", "ins k1,zero,0x17,0x8",
		 "lw k1,0(k1)", "ins k1,k0,0x0,0xc", "lw k0,0(k1)", "lw k1,4(k1)",
		 "mtc0 k0,c0_entrylo0", "mtc0 k1,c0_entrylo1", "tlbwr",
		 "mfc0 k0,$31,2", "mfc0 k1,$31,3", "eret");
}

/* Entries as the hardware's walker has them. */
static void entries_that_are_shifted(void **state)
{
	struct mips_refill_cpu kind = {
		.save = { CP0_DDATALO, CP0_ERROREPC },
		.place = MIPS_DIRECTORY_MEMORY,
		.directory = 0x8034e000,
		.shift = 6,
	};

	make(&kind);
	READS_AS("mtc0 k0,c0_datalo1", "mtc0 k1,c0_errorepc", "mfc0 k0,c0_badvaddr",
		 "lui k1,0x8035", "lw k1,-8192(k1)", "ror k0,k0,0x15",
		 "ins k1,k0,0x2,0xb", "lw k1,0(k1)", "bgez k1,0x80001054", "srl k0,k0,0x18",
		 "ins k1,k0,0x3,0x8", "lw k0,0(k1)", "lw k1,4(k1)",
		 "srl k0,k0,0x6", "mtc0 k0,c0_entrylo0", "srl k1,k1,0x6",
		 "mtc0 k1,c0_entrylo1", "tlbwr", "mfc0 k0,c0_datalo1",
		 "mfc0 k1,c0_errorepc", "eret",
		 "srl k1,k1,0x6", "mtc0 k1,c0_entrylo0", "addiu k1,k1,16384",
		 "mtc0 k1,c0_entrylo1", "lui k0,0x1f", "ori k0,k0,0xe000",
		 "mtc0 k0,c0_pagemask", "tlbwr", "mtc0 zero,c0_pagemask",
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
		struct mips_refill_cpu kind = {0};

		mips_refill_places(&kind, row[i].kscratch, WORD);
		assert_int_equal(kind.save[0], row[i].save0);
		assert_int_equal(kind.save[1], row[i].save1);
		assert_int_equal(kind.place, row[i].place);
		assert_int_equal(kind.directory, row[i].directory);
	}
}

/* ---- A CPU that executes it ---------------------------------------------------- */

static bool wrote;
static u32 written_mask, written_lo[2]; /* of TLBWR */

/* All of kseg0 that there is: a word, a directory, and tables, each in a page of its
 * own; and the first page of a region. */
#define TABLES 4
#define TABLE(n) (0x80100000U + (n) * PAGE_SIZE)

static u32 directory[GVA_BLOCKS], table[TABLES * PAGE_SIZE / 4], word;
static u32 directory_at, blocks_at, nothing;

static u32 *at(u32 va)
{
	assert_int_equal(va & 3, 0);
	if (va == WORD)
		return &word;
	if (va - directory_at < sizeof(directory))
		return &directory[(va - directory_at) / 4];
	if (blocks_at && va - blocks_at < PAGE_SIZE)
		return &nothing;
	/* Nothing is touched that is mapped. */
	assert_true(va >= TABLE(0) && va < TABLE(TABLES));
	return &table[(va - TABLE(0)) / 4];
}

static bool pair_is_there;

static void tlbp(void)
{
	cpu.cp0[CP0_INDEX] = pair_is_there ? 5 : INDEX_P | (u32)dice(64);
}

/* Registers of the guest's, but for those that are restored. */
static void may_be_written(u32 n)
{
	assert_true(n == K0 || n == K1);
}

static void tlbwr(void)
{
	assert_false(wrote);
	wrote = true;
	written_mask = cpu.cp0[CP0_PAGEMASK];
	written_lo[0] = cpu.cp0[CP0_ENTRYLO0];
	written_lo[1] = cpu.cp0[CP0_ENTRYLO1];
}

static u32 fetch(u32 pc)
{
	assert_true(pc >= VECTOR && pc < VECTOR + 4 * a.count);
	return words[(pc - VECTOR) / 4];
}

/* The exception at `va`: until ERET. */
static void run(u32 va)
{
	cpu.fetch = fetch;
	cpu.at = at;
	cpu.written = may_be_written;
	cpu.tlbwr = cpu.tlbwi = tlbwr;
	cpu.tlbp = tlbp;
	cpu.cp0[CP0_BADVADDR] = va;
	cpu.cp0[CP0_CONTEXT] = (cpu.cp0[CP0_CONTEXT] & CONTEXT_BASE) |
			       CONTEXT_BADVPN2(va);
	wrote = false;
	interpret(VECTOR, NULL, 60);
	assert_int_equal(cpu.cp0[CP0_PAGEMASK], 0);
}

/* ---- On random tables ------------------------------------------------------------- */

/* What is behind each block, as EntryLo. */
static u32 behind[GVA_BLOCKS];

/* What an address has: EntryLo of its page, and the page's size. */
static u32 expected(const struct mips_refill_cpu *c, u32 va, u32 *page)
{
	u32 n = va / GVA_BLOCK, pair = va % GVA_BLOCK / 8192;

	*page = 4096;
	if (!behind[n])
		return *at(directory[n] + pair * (c->blocks ? 16 : 8) +
			   va / 4096 % 2 * 4) >> c->shift;
	*page = 0x100000;
	return behind[n] + (va & 0x100000 ? 0x100000 >> 6 : 0);
}

static u32 some_page(void)
{
	return (u32)dice(0x40000) << 6 | 3 << 3 | (dice(2) ? LO_D : 0) |
	       (dice(4) ? LO_V : 0);
}

static void fill(const struct mips_refill_cpu *c)
{
	gva_form.blocks = c->blocks;
	for (u32 i = 0; i < GVA_BLOCKS; i++) {
		behind[i] = dice(3) ? 0 :
				      (u32)dice(c->shift ? 512 : 2048) << 15 |
					      LO_C(CCA_CACHED) | LO_V |
					      (dice(2) ? LO_D : 0);
		directory[i] = behind[i] ? gva_block_entry(behind[i] << c->shift) :
					   TABLE(dice(TABLES));
		assert_int_equal(gva_is_block(directory[i]), !!behind[i]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(table); i++)
		table[i] = dice(3) ? some_page() << c->shift : 0;
}

/* The exception that comes of a block that the handler left out; of a page that is not
 * valid, with some Cause. False: it is another's. */
enum { OTHERWISE };

static bool invalid(const struct mips_refill_cpu *c, u32 va, u32 code)
{
	struct mips_asm handler = a;
	bool done;

	mips_asm_start(&a, words, ARRAY_SIZE(words), VECTOR);
	mips_asm_mfc0(&a, K0, CP0_CAUSE);
	mips_block_emit(&a, c->blocks, K0, K0, K1, OTHERWISE);
	mips_asm_eret(&a);
	mips_asm_label(&a, OTHERWISE);
	mips_asm_mtc0(&a, ZERO, CP0_CAUSE);
	mips_asm_eret(&a);
	assert_int_equal(mips_asm_finish(&a), 0);
	cpu.cp0[CP0_CAUSE] = CAUSE_EXC(code) | CAUSE_BD;
	run(va);
	done = cpu.cp0[CP0_CAUSE];
	HOLDS(done == wrote, "code %u: %s", code, done ? "nothing" : "something");
	a = handler;
	make(c);
	return done;
}

static void check_invalid(const struct mips_refill_cpu *c, u32 va)
{
	u32 code = dice(4) ? EXC_TLBL + (u32)dice(2) : (u32)dice(32);
	bool ours = behind[va / GVA_BLOCK] && (code == EXC_TLBL || code == EXC_TLBS);

	HOLDS(!behind[va / GVA_BLOCK] || !(written_lo[0] | written_lo[1]),
	      "0x%x is refilled", va);
	pair_is_there = dice(8);
	HOLDS(invalid(c, va, code) == (ours && pair_is_there),
	      "code %u at 0x%x", code, va);
	if (ours && !pair_is_there) {
		pair_is_there = true;
		HOLDS(invalid(c, va, EXC_TLBL), "0x%x", va);
	}
}

static void check(const struct mips_refill_cpu *c, u32 va, unsigned int length)
{
	u32 page, lo[2], pair;

	expected(c, va, &page);
	pair = va & ~(2 * page - 1);
	lo[0] = expected(c, pair, &page);
	lo[1] = expected(c, pair + page, &page);
	cpu.gpr[K0] = 0x1234;
	cpu.gpr[K1] = 0x5678;
	run(va);
	HOLDS(cpu.gpr[K0] == 0x1234 && cpu.gpr[K1] == 0x5678, "k0, k1");
	HOLDS(page != 4096 || cpu.executed == length, "%u instructions",
	      cpu.executed);
	if (c->blocks) {
		check_invalid(c, va);
		if (!wrote)
			return;
	}
	HOLDS(wrote && written_mask == 2 * page - 0x2000, "PageMask 0x%x",
	      written_mask);
	HOLDS(written_lo[0] == lo[0] && written_lo[1] == lo[1],
	      "0x%x: 0x%x, 0x%x, not 0x%x, 0x%x", va, written_lo[0], written_lo[1],
	      lo[0], lo[1]);
}

static void one_run(struct mips_refill_cpu *c, unsigned int length)
{
	blocks_at = c->blocks;
	directory_at = blocks_at ? blocks_at + 8192 * (u32)(1 + dice(255)) :
				   0x80200000;
	gva_form.blocks = c->blocks;
	if (c->place == MIPS_DIRECTORY_MEMORY)
		word = directory_at;
	else
		cpu.cp0[c->directory] = gva_walked(directory_at);
	make(c);
	fill(c);
	for (unsigned long i = 0; i < 2000; i++)
		if (property_step(i))
			check(c, (u32)dice(0x100000000), length);
}

/* Every kind of CPU; and how many instructions each takes (K41). */
static void it_refills_what_the_tables_say(void **state)
{
	static const struct {
		u32 kscratch, shift;
		bool hazards;
		unsigned int length;
	} row[] = {
		{0x1c, 0, false, 18},
		{0x1c, 0, true, 19},
		{0x1c, 6, false, 20},
		{0x00, 0, false, 19}, /* 74K */
		{0x00, 0, true, 20},  /* 24K, 34K */
		{0x04, 0, false, 18},
	};
	unsigned long n = 0;

	while (property_next(&n, 2)) {
		for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
			struct mips_refill_cpu c = {
				.hazards = row[i].hazards,
				.shift = row[i].shift,
			};

			mips_refill_places(&c, row[i].kscratch, WORD);
			one_run(&c, row[i].length);
		}
	}
}

/* The short form: below each power of 2 that kseg0 has. */
static void wherever_the_region_is(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 2)) {
		for (u32 p = 22; p <= 29; p++) {
			struct mips_refill_cpu c = {.hazards = n & 1};

			mips_refill_places(&c, 0x0c, WORD);
			mips_refill_shorten(&c, 0x80000000 + BIT32(p) - 0x200000);
			one_run(&c, 16 + (n & 1));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_kscratch),
		cmocka_unit_test(with_kscratch),
		cmocka_unit_test(by_context),
		cmocka_unit_test(entries_that_are_shifted),
		cmocka_unit_test(places_by_how_many_kscratch_there_are),
		cmocka_unit_test(it_refills_what_the_tables_say),
		cmocka_unit_test(wherever_the_region_is),
	};

	property_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;
