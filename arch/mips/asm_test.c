// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c
/*
 * K41: the run-time assembler. What it emits is what binutils reads; what does not
 * fit is an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/asm.h"
#include "lib/errno.h"

#define VA 0x80001000U

static u32 words[256];
static struct mips_asm a;

static int setup(void **state)
{
	mips_asm_start(&a, words, ARRAY_SIZE(words), VA);
	return 0;
}

static void reads_as(const char *const *expected, unsigned int n)
{
	static char text[256][64];

	assert_int_equal(mips_asm_finish(&a), 0);
	assert_int_equal(a.count, n);
	disassemble(words, n, VA, text);
	for (unsigned int i = 0; i < n; i++)
		assert_string_equal(text[i], expected[i]);
}

#define READS_AS(...)                                                          \
	do {                                                                   \
		static const char *const expected_[] = { __VA_ARGS__ };        \
		reads_as(expected_, ARRAY_SIZE(expected_));                    \
	} while (0)

static void every_instruction_is_what_its_name_says(void **state)
{
	mips_asm_and(&a, S0, S1, S2);
	mips_asm_or(&a, S0, S1, S2);
	mips_asm_subu(&a, S0, S1, S2);
	mips_asm_xor(&a, S0, S1, S2);
	mips_asm_srl(&a, K0, K1, 6);
	mips_asm_rotr(&a, K0, K1, 22);
	mips_asm_sra(&a, K0, K1, 10);
	mips_asm_addiu(&a, SP, SP, -32768);
	mips_asm_sltiu(&a, T0, T1, 32767);
	mips_asm_andi(&a, T0, T1, 0xffff);
	mips_asm_ori(&a, T0, T1, 0x8000);
	mips_asm_xori(&a, T0, T1, 1);
	mips_asm_lw(&a, K0, -4, K1);
	mips_asm_sw(&a, RA, 124, SP);
	mips_asm_sb(&a, GP, 3, FP);
	mips_asm_lwe(&a, A0, -256, K0);
	mips_asm_lwe(&a, A0, 255, K0);
	mips_asm_cache(&a, 0x15, 8, K0);
	mips_asm_lui(&a, AT, 0x8012);
	mips_asm_ins(&a, T0, T1, 3, 9);
	mips_asm_ins(&a, T0, T1, 31, 1);
	mips_asm_mfc0(&a, K0, CP0_BADVADDR);
	mips_asm_mfc0(&a, K0, CP0_KSCRATCH(4));
	mips_asm_mtc0(&a, ZERO, CP0_PAGEMASK);
	mips_asm_mtc0(&a, K1, CP0_DDATALO);
	mips_asm_ins(&a, T0, T1, 0, 32);
	mips_asm_ldc1(&a, 2, 8, A1);
	mips_asm_sdc1(&a, 30, -8, A0);
	mips_asm_ld_d(&a, 31, 4088, A1);
	mips_asm_st_d(&a, 2, -4096, RA);
	READS_AS("and s0,s1,s2", "or s0,s1,s2", "subu s0,s1,s2", "xor s0,s1,s2",
		 "srl k0,k1,0x6", "ror k0,k1,0x16", "sra k0,k1,0xa",
		 "addiu sp,sp,-32768", "sltiu t0,t1,32767", "andi t0,t1,0xffff",
		 "ori t0,t1,0x8000", "xori t0,t1,0x1", "lw k0,-4(k1)",
		 "sw ra,124(sp)", "sb gp,3(s8)", "lwe a0,-256(k0)", "lwe a0,255(k0)",
		 "cache 0x15,8(k0)", "lui at,0x8012", "ins t0,t1,0x3,0x9",
		 "ins t0,t1,0x1f,0x1", "mfc0 k0,c0_badvaddr", "mfc0 k0,$31,4",
		 "mtc0 zero,c0_pagemask", "mtc0 k1,c0_datalo1",
		 "ins t0,t1,0x0,0x20", "ldc1 $f2,8(a1)", "sdc1 $f30,-8(a0)",
		 "ld.d $w31,4088(a1)", "st.d $w2,-4096(ra)");
}

static void instructions_without_operands(void **state)
{
	mips_asm_nop(&a);
	mips_asm_barrier(&a);
	mips_asm_tlbp(&a);
	mips_asm_tlbwi(&a);
	mips_asm_tlbwr(&a);
	mips_asm_eret(&a);
	mips_asm_mfhi(&a, T0);
	mips_asm_mflo(&a, T1);
	mips_asm_mthi(&a, T2);
	mips_asm_mtlo(&a, T3);
	mips_asm_jr(&a, RA);
	READS_AS("sll zero,zero,0x0", "sll zero,zero,0x3", "tlbp", "tlbwi",
		 "tlbwr", "eret", "mfhi t0", "mflo t1", "mthi t2", "mtlo t3", "jr ra");
}

static void constants_take_one_or_two(void **state)
{
	mips_asm_li(&a, T0, 0);
	mips_asm_li(&a, T0, 0xffff8000);
	mips_asm_li(&a, T0, 0x8000);
	mips_asm_li(&a, T0, 0x80000000);
	mips_asm_li(&a, T0, 0x001fe000);
	READS_AS("addiu t0,zero,0", "addiu t0,zero,-32768",
		 "ori t0,zero,0x8000", "lui t0,0x8000", "lui t0,0x1f",
		 "ori t0,t0,0xe000");
}

static void branches_and_jumps_find_their_labels(void **state)
{
	mips_asm_label(&a, 0);
	mips_asm_beq(&a, T0, ZERO, 1);
	mips_asm_bne(&a, T0, T1, 0);
	mips_asm_bgez(&a, T0, 1);
	mips_asm_label(&a, 1);
	mips_asm_j(&a, VA + 0x180);
	mips_asm_jal(&a, 0x8ffffffc);
	READS_AS("beq t0,zero,0x8000100c", "bne t0,t1,0x80001000",
		 "bgez t0,0x8000100c", "j 0x80001180", "jal 0x8ffffffc");
}

static void halves_of_an_address_make_it(void **state)
{
	static const u32 address[] = { 0x80000000, 0x80007fff, 0x80008000,
				       0x8000ffff, 0xffffffff, 0x12345678 };

	for (unsigned int i = 0; i < ARRAY_SIZE(address); i++)
		assert_int_equal((MIPS_HI(address[i]) << 16) +
					 (u32)MIPS_LO(address[i]),
				 address[i]);
}

/* ---- What does not fit ----------------------------------------------------------- */

static void operands_are_in_range(void **state)
{
#define REFUSED(call)                                                          \
	do {                                                                   \
		setup(NULL);                                                   \
		call;                                                          \
		assert_int_equal(mips_asm_finish(&a), -ERANGE);                \
	} while (0)
	REFUSED(mips_asm_and(&a, 32, 0, 0));
	REFUSED(mips_asm_and(&a, 0, 32, 0));
	REFUSED(mips_asm_and(&a, 0, 0, 32));
	REFUSED(mips_asm_srl(&a, 0, 0, 32));
	REFUSED(mips_asm_addiu(&a, 0, 0, 32768));
	REFUSED(mips_asm_addiu(&a, 0, 0, -32769));
	REFUSED(mips_asm_sltiu(&a, 0, 0, 32768));
	REFUSED(mips_asm_lw(&a, 0, 0x8000, 0));
	REFUSED(mips_asm_lw(&a, 32, 0, 0));
	REFUSED(mips_asm_lwe(&a, 0, 256, 0));
	REFUSED(mips_asm_lwe(&a, 0, -257, 0));
	REFUSED(mips_asm_lwe(&a, 32, 0, 0));
	REFUSED(mips_asm_lwe(&a, 0, 0, 32));
	REFUSED(mips_asm_sw(&a, 0, -0x8001, 0));
	REFUSED(mips_asm_sb(&a, 0, 0, 32));
	REFUSED(mips_asm_cache(&a, 32, 0, 0));
	REFUSED(mips_asm_ori(&a, 0, 32, 0));
	REFUSED(mips_asm_xori(&a, 0, 0, -1U));
	REFUSED(mips_asm_li(&a, 32, 0));
	REFUSED(mips_asm_rotr(&a, 0, 0, 32));
	REFUSED(mips_asm_mthi(&a, 32));
	REFUSED(mips_asm_jr(&a, 32));
	REFUSED(mips_asm_bgez(&a, 32, 0));
	REFUSED(mips_asm_branch(&a, 64, 0, 0, 0));
	REFUSED(mips_asm_jump(&a, 64, VA));
	REFUSED(mips_asm_andi(&a, 0, 0, 0x10000));
	REFUSED(mips_asm_lui(&a, 0, 0x10000));
	REFUSED(mips_asm_ins(&a, 0, 0, 32, 1));
	REFUSED(mips_asm_ins(&a, 0, 0, 0, 0));
	REFUSED(mips_asm_ins(&a, 0, 0, 1, 32));
	REFUSED(mips_asm_ins(&a, 0, 0, 24, 9));
	REFUSED(mips_asm_ld_d(&a, 0, 4, 0));
	REFUSED(mips_asm_ld_d(&a, 0, 4096, 0));
	REFUSED(mips_asm_st_d(&a, 0, -4104, 0));
	REFUSED(mips_asm_st_d(&a, 32, 0, 0));
	REFUSED(mips_asm_st_d(&a, 0, 0, 32));
	REFUSED(mips_asm_mfc0(&a, 0, 256));
	REFUSED(mips_asm_mtc0(&a, 32, 0));
	REFUSED(mips_asm_j(&a, 0x90000000));
	REFUSED(mips_asm_j(&a, VA + 2));
	REFUSED(mips_asm_label(&a, MIPS_ASM_LABELS));
	REFUSED(mips_asm_beq(&a, 0, 0, MIPS_ASM_LABELS));
	REFUSED(mips_asm_start(&a, words, 1, VA + 2));
}

static void labels_are_somewhere_and_once(void **state)
{
	mips_asm_beq(&a, 0, 0, 3);
	assert_int_equal(mips_asm_finish(&a), -EINVAL);
	setup(NULL);
	mips_asm_label(&a, 3);
	mips_asm_label(&a, 3);
	assert_int_equal(mips_asm_finish(&a), -EINVAL);
}

static void the_buffer_ends(void **state)
{
	mips_asm_start(&a, words, 2, VA);
	words[2] = 77;
	for (unsigned int i = 0; i < 3; i++)
		mips_asm_nop(&a);
	assert_int_equal(mips_asm_finish(&a), -ENOSPC);
	assert_int_equal(words[2], 77);
	setup(NULL);
	mips_asm_label(&a, 0);
	for (unsigned int i = 0; i <= MIPS_ASM_FIXUPS; i++)
		mips_asm_beq(&a, 0, 0, 0);
	assert_int_equal(mips_asm_finish(&a), -ENOSPC);
}

/* 128 KiB: how far a branch reaches. */
static void a_branch_reaches_so_far(void **state)
{
	static u32 many[0x8002];

	for (unsigned int over = 0; over < 2; over++) {
		mips_asm_start(&a, many, ARRAY_SIZE(many), VA);
		mips_asm_beq(&a, 0, 0, 0);
		for (unsigned int i = 0; i < 0x7fff + over; i++)
			mips_asm_nop(&a);
		mips_asm_label(&a, 0);
		assert_int_equal(mips_asm_finish(&a), over ? -ERANGE : 0);
	}
}

/* Where labels are is in 16 bits. */
static void so_many_words_have_labels(void **state)
{
	static u32 many[0x10001];

	for (unsigned int over = 0; over < 3; over++) {
		mips_asm_start(&a, many, ARRAY_SIZE(many), VA);
		for (unsigned int i = 0; i < 0xfffe + over; i++)
			mips_asm_nop(&a);
		mips_asm_label(&a, 0);
		mips_asm_beq(&a, 0, 0, 0);
		assert_int_equal(mips_asm_finish(&a), over ? -ENOSPC : 0);
	}
}

/* 256 MiB, the ones where its delay slot is. */
static void a_jump_reaches_so_far(void **state)
{
	mips_asm_start(&a, words, 4, 0x8ffffff8);
	mips_asm_j(&a, 0x80000000);
	assert_int_equal(mips_asm_finish(&a), 0);
	mips_asm_j(&a, 0x80000000);
	assert_int_equal(mips_asm_finish(&a), -ERANGE);
}

/* ---- Installing (bugs.md 38) -------------------------------------------------------- */

static u32 published_va, published_size, code[8];

static void publish(uintptr_t va, size_t size)
{
	/* Everything is there by then. */
	assert_int_equal(code[0], INSN_CO(CO_ERET));
	assert_int_equal(code[1], INSN_NOP);
	published_va = va;
	published_size = size;
}

static int install_at(u32 va)
{
	mips_asm_start(&a, words, 8, va);
	mips_asm_eret(&a);
	mips_asm_nop(&a);
	code[0] = code[1] = 77;
	published_size = 0;
	assert_int_equal(mips_asm_finish(&a), 0);
	return mips_asm_install(&a, code, publish);
}

static void code_is_published_to_every_icache(void **state)
{
	assert_int_equal(install_at(VA), 0);
	assert_int_equal(published_va, VA);
	assert_int_equal(published_size, 8);
	assert_int_equal(install_at(0xbffffff8), 0);
}

static void code_is_never_in_mapped_memory(void **state)
{
	static const u32 va[] = { 0, 0x40000000, 0x7ffffffc, 0xbffffffc,
				  0xc0000000, 0xfffffff8 };

	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++) {
		assert_int_equal(install_at(va[i]), -EINVAL);
		assert_int_equal(published_size, 0);
		assert_int_equal(code[0], 77);
	}
}

static void what_is_wrong_is_not_installed(void **state)
{
	mips_asm_and(&a, 32, 0, 0);
	mips_asm_finish(&a);
	assert_int_equal(mips_asm_install(&a, code, publish), -EINVAL);
	setup(NULL);
	mips_asm_label(&a, 0);
	mips_asm_beq(&a, 0, 0, 0); /* and not finished */
	assert_int_equal(mips_asm_install(&a, code, publish), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(every_instruction_is_what_its_name_says),
		T(instructions_without_operands),
		T(constants_take_one_or_two),
		T(branches_and_jumps_find_their_labels),
		T(halves_of_an_address_make_it),
		T(operands_are_in_range),
		T(labels_are_somewhere_and_once),
		T(the_buffer_ends),
		T(a_branch_reaches_so_far),
		T(so_many_words_have_labels),
		T(a_jump_reaches_so_far),
		T(code_is_published_to_every_icache),
		T(code_is_never_in_mapped_memory),
		T(what_is_wrong_is_not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
