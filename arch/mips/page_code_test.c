// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/page_code.c arch/mips/testing/interpreter.c
/*
 * K44, K10: what zeroes and copies pages, executed here for each kind of CPU. It
 * writes what it is told to and nothing else; the FPU and MSA are enabled in it alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/page_code.h"
#include "arch/mips/testing/interpreter.h"
#include "arch/sim/testing/property.h"

#define CODE   0x80012f80U
#define CALLER 0x80045000U
#define MEMORY 0x90001000U
#define PAGES  4U
/* What a function keeps, and what is the hypervisor's. */
#define KEPT (0x00ff0000U | BIT32(K0) | BIT32(K1) | 0xf0000000U)

static u32 code[MIPS_PAGE_WORDS_MAX], memory[PAGES * PAGE_SIZE / 4];
static unsigned int code_words;
static struct mips_page_code at_;

static u32 bits(void)
{
	return (u32)dice(1 << 16) << 16 | (u32)dice(1 << 16);
}

static u32 fetch(u32 pc)
{
	assert_true(pc >= CODE && pc < CODE + 4 * code_words);
	return code[(pc - CODE) / 4];
}

static u32 *at(u32 va)
{
	assert_int_equal(va % 4, 0);
	assert_true(va >= MEMORY && va < MEMORY + sizeof(memory));
	return &memory[(va - MEMORY) / 4];
}

static bool returned(u32 pc)
{
	return pc == CALLER;
}

static void make(enum mips_page_by by)
{
	struct mips_asm a;

	mips_asm_start(&a, code, ARRAY_SIZE(code), CODE);
	mips_page_emit(&a, by, &at_);
	assert_int_equal(mips_asm_finish(&a), 0);
	code_words = a.count;
}

/* Instructions that it took. Status and Config5 are as before, and count. */
static unsigned int call(u32 function, u32 to, u32 size, u32 from)
{
	u32 gpr[32], status = (bits() & ~(ST_CU1 | ST_IE)), config5 = bits();

	memset(&cpu, 0, sizeof(cpu));
	cpu.fetch = fetch;
	cpu.at = at;
	config5 &= ~CONFIG5_MSAEN;
	cpu.cp0[CP0_STATUS] = status;
	cpu.cp0[CP0_CONFIG5] = config5;
	for (u32 n = 1; n < 32; n++)
		cpu.gpr[n] = bits();
	for (u32 n = 0; n < 32; n++)
		for (u32 i = 0; i < 4; i++)
			cpu.wide[n][i] = bits();
	cpu.gpr[A0] = to;
	cpu.gpr[A1] = to + size - MIPS_PAGE_BLOCK;
	cpu.gpr[A2] = from;
	cpu.gpr[RA] = CALLER;
	memcpy(gpr, cpu.gpr, sizeof(gpr));
	interpret(function, returned, 3000);
	assert_int_equal(cpu.cp0[CP0_STATUS], status);
	assert_int_equal(cpu.cp0[CP0_CONFIG5], config5);
	assert_false(cpu.pending);
	for (u32 n = 0; n < 32; n++)
		if (KEPT & BIT32(n))
			assert_int_equal(cpu.gpr[n], gpr[n]);
	return cpu.executed;
}

static void fill(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(memory); i++)
		memory[i] = bits();
}

/* ---- Tests ------------------------------------------------------------------------- */

static void that_and_nothing_else_is_written(void **state)
{
	static u32 want[ARRAY_SIZE(memory)];

	for (int by = MIPS_PAGE_WORDS; by <= MIPS_PAGE_MSA; by++) {
		make(by);
		for (int i = 0; i < 100; i++) {
			u32 size = (1 + dice(PAGE_SIZE / MIPS_PAGE_BLOCK)) *
				   MIPS_PAGE_BLOCK;
			u32 to = dice(PAGE_SIZE / MIPS_PAGE_ALIGN) *
				 MIPS_PAGE_ALIGN;
			u32 from = 2 * PAGE_SIZE + dice(PAGE_SIZE / MIPS_PAGE_ALIGN) *
							   MIPS_PAGE_ALIGN;
			bool copies = dice(2);

			fill();
			memcpy(want, memory, sizeof(want));
			if (copies)
				memcpy(&want[to / 4], &want[from / 4], size);
			else
				memset(&want[to / 4], 0, size);
			call(copies ? at_.copy : at_.zero, MEMORY + to, size,
			     MEMORY + from);
			assert_memory_equal(memory, want, sizeof(want));
		}
	}
}

static void a_page_takes_as_many_instructions_as_it_should(void **state)
{
	static const struct {
		unsigned int zero, copy;
	} most[] = {
		[MIPS_PAGE_WORDS] = {1042, 2074},
		[MIPS_PAGE_FPU] = {540, 1057},
		[MIPS_PAGE_MSA] = {286, 545},
	};

	for (int by = MIPS_PAGE_WORDS; by <= MIPS_PAGE_MSA; by++) {
		make(by);
		assert_true(call(at_.zero, MEMORY, PAGE_SIZE, 0) <= most[by].zero);
		assert_true(call(at_.copy, MEMORY, PAGE_SIZE, MEMORY + PAGE_SIZE) <=
			    most[by].copy);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_and_nothing_else_is_written),
		cmocka_unit_test(a_page_takes_as_many_instructions_as_it_should),
	};

	property_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;
