// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/fixup_code.c
// link: arch/mips/testing/interpreter.c
/*
 * K43: which of the hypervisor's own exceptions it survives, and where it goes on: by
 * the code that is emitted for it, executed here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/testing/interpreter.h"
#include "arch/mips/fixup_code.h"

#define CODE      0x80012f80U
#define INTERRUPT 0x80101000U
#define STOP      0x80102000U

static u32 words[MIPS_FIXUP_WORDS];
static struct mips_asm a;

static u32 fetch(u32 pc)
{
	assert_true(pc - CODE < 4 * a.count);
	return words[(pc - CODE) / 4];
}

static bool outside(u32 pc)
{
	return pc == INTERRUPT || pc == STOP;
}

static void make(const struct mips_fixup *f, unsigned int n)
{
	mips_asm_start(&a, words, MIPS_FIXUP_WORDS, CODE);
	mips_fixup_emit(&a, f, n, INTERRUPT, STOP);
	assert_int_equal(mips_asm_finish(&a), 0);
	cpu = (struct interpreter){.fetch = fetch};
}

/* An exception: where it goes on. All registers but k0 and k1 are kept. */
static u32 exception(u32 cause, u32 epc)
{
	u32 gpr[32];

	for (u32 n = 1; n < 32; n++)
		cpu.gpr[n] = gpr[n] = n * 0x01010101U;
	cpu.cp0[CP0_CAUSE] = cause;
	cpu.cp0[CP0_EPC] = epc;
	interpret(CODE, outside, 40);
	for (u32 n = 1; n < 32; n++)
		assert_true(n == K0 || n == K1 || cpu.gpr[n] == gpr[n]);
	assert_false(cpu.pending);
	if (cpu.returned)
		return cpu.cp0[CP0_EPC];
	assert_int_equal(cpu.cp0[CP0_EPC], epc);
	if (cpu.pc == INTERRUPT)
		assert_int_equal(cpu.gpr[K0], epc);
	return cpu.pc;
}

/* Halves of addresses of both signs, ranges that touch, and one that is not there. */
static const struct mips_fixup some[MIPS_FIXUPS] = {
	{0x80017ff0, 0x120, 0x80018110},
	{0x80020000, 12, 0x80013ffc},
	{0x8002000c, 28, 0x80014004},
	{0, 0, 0x80015000},
};

static u32 goes_on(u32 epc)
{
	for (unsigned int i = 0; i < MIPS_FIXUPS; i++)
		if (epc >= some[i].begin && epc < some[i].begin + some[i].size)
			return some[i].to;
	return STOP;
}

/* Misses, invalid pages and such that are not to be written, addresses that are not
 * aligned, or that nothing answers at. */
static void what_a_guest_has_not_mapped_is_no_end(void **state)
{
	static const u32 code[] = {EXC_MOD, EXC_TLBL, EXC_TLBS, EXC_ADEL, EXC_ADES,
				   EXC_IBE, EXC_DBE};

	make(some, MIPS_FIXUPS);
	for (unsigned int i = 0; i < MIPS_FIXUPS; i++)
		for (u32 k = 0; k < ARRAY_SIZE(code); k++)
			for (u32 epc = some[i].begin - 8;
			     epc != some[i].begin + some[i].size + 8; epc += 4)
				assert_int_equal(exception(CAUSE_EXC(code[k]) | 0x8000,
							   epc), goes_on(epc));
}

static void all_else_is_the_end(void **state)
{
	static const u32 epc[] = {0, 4, 0x7fffffff, 0x80000000, 0x80018110,
				  0x80013ffc, 0xa0018000, 0xfffffffc};

	make(some, MIPS_FIXUPS);
	for (unsigned int i = 0; i < ARRAY_SIZE(epc); i++)
		assert_int_equal(exception(CAUSE_EXC(EXC_TLBL), epc[i]), STOP);
	make(some, 0);
	assert_int_equal(exception(CAUSE_EXC(EXC_TLBL), some[0].begin), STOP);
}

/* A machine check above all: an address is in the TLB twice, and stays so. */
static void what_is_no_access_is_the_end_there_too(void **state)
{
	make(some, MIPS_FIXUPS);
	for (u32 code = EXC_DBE + 1; code < 32; code++)
		for (u32 i = 0; i < MIPS_FIXUPS; i++)
			assert_int_equal(exception(CAUSE_EXC(code) | CAUSE_BD | 0xff00 | 3,
						   some[i].begin), STOP);
}

/* Wherever it comes: in a delay slot, and with bits beside the code. */
static void an_interrupt_is_none_of_them(void **state)
{
	make(some, MIPS_FIXUPS);
	assert_int_equal(exception(CAUSE_EXC(EXC_INT) | CAUSE_BD | 0xff00 | 3,
				   some[0].begin), INTERRUPT);
	assert_int_equal(exception(0, 0x80100000), INTERRUPT);
}

static void what_is_too_large_for_it_is_refused(void **state)
{
	struct mips_fixup f = {0x80010000, 0x8000, 0x80020000};

	mips_asm_start(&a, words, MIPS_FIXUP_WORDS, CODE);
	mips_fixup_emit(&a, &f, 1, INTERRUPT, STOP);
	assert_true(mips_asm_finish(&a));
}

static void binutils_reads_every_word(void **state)
{
	static char text[MIPS_FIXUP_WORDS][64];

	make(some, MIPS_FIXUPS);
	disassemble(words, a.count, CODE, text);
	for (unsigned int i = 0; i < a.count; i++)
		assert_in_range(text[i][0], 'a', 'z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_guest_has_not_mapped_is_no_end),
		cmocka_unit_test(all_else_is_the_end),
		cmocka_unit_test(what_is_no_access_is_the_end_there_too),
		cmocka_unit_test(an_interrupt_is_none_of_them),
		cmocka_unit_test(what_is_too_large_for_it_is_refused),
		cmocka_unit_test(binutils_reads_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
