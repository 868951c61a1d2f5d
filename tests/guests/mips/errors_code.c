// SPDX-License-Identifier: BSD-2-Clause
/* Code that changes, and pairs of LL and SC with what does not belong there. */
#include "tests/guests/mips/errors.h"

#define MFC0_V0(rd) CP0_MOVE(0, 2, rd, 0)
#define JR_RA 0x03e00008U

static u32 call(u32 at)
{
	return ((u32(*)(void))at)();
}

/* One word of a page in which others are being translated. */
static void code_that_is_translated_meanwhile(void)
{
	u32 prid = MFC0(15, 0), v;

	for (u32 n = 0; n < 200; n++) {
		code[0] = JR_RA;
		code[1] = n & 1 ? MFC0_V0(15) : I(9, 0, 2, n);
		code_changed(code, 8);
		v = call((u32)code);
		check(v == (n & 1 ? prid : n), "round %u: %#x", n, v);
		v = call((u32)code);
		check(v == (n & 1 ? prid : n), "round %u, again: %#x", n, v);
	}
}

/* It writes the instruction that comes next, with SYNCI and without: without, either
 * of both may be executed. */
static void code_that_writes_itself(void)
{
	for (u32 n = 0; n < 100; n++) {
		bool sync = n & 1;

		registers_to_scratch();
		run.r[2] = 0;
		run.r[4] = (u32)code + 16;
		run.r[5] = I(9, 0, 2, 77);
		run_kernel(I(43, 4, 5, 0), sync ? I(1, 4, 31, 0) : INSN_NOP, 15,
			   INSN_EHB, MFC0_V0(15));
		check(run.r[2] == 77 || (!sync && run.r[2] == MFC0(15, 0)),
		      "round %u: %#x", n, run.r[2]);
	}
}

/* Over the end of a page of a mapping, into one that shows the same. */
static void code_over_pages(void)
{
	u32 va = 0x20000000, prid = MFC0(15, 0);

	tlb_clear();
	tlb_write(1, va, 0, LO(code, 7), LO(code, 7));
	for (u32 n = 0; n < 50; n++) {
		code[1022] = INSN_NOP;
		code[1023] = JR_RA;
		code[0] = n & 1 ? MFC0_V0(15) : I(9, 0, 2, n);
		code_changed(&code[1020], 16);
		code_changed(code, 16);
		check(call(va + 1022 * 4) == (n & 1 ? prid : n), "round %u", n);
	}
	tlb_clear();
}

/* In kseg2, where it is translated, and read-only. */
static void code_in_kseg2(void)
{
	u32 va = 0x60000000, v;

	tlb_write(1, va, 0, LO(code, LO_V | LO_G), LO_G);
	for (u32 n = 0; n < 20; n++) {
		code[0] = n & 1 ? CP0_MOVE(4, 0, 30, 0) : MFC0_V0(15);
		code[1] = JR_RA;
		code[2] = CP0_MOVE(0, 2, 30, 0);
		code_changed(code, 12);
		MTC0(5, 30, 0);
		v = call(va);
		check(v == (n & 1 ? 0 : 5), "round %u: %u", n, v);
	}
	tlb_clear();
}

#define LL(rt, base, o) I(48, base, rt, o)
#define SC(rt, base, o) I(56, base, rt, o)

static u32 pair(u32 word, const u32 *between, unsigned int n, u32 sc)
{
	u32 words[16];

	registers_to_scratch();
	run.r[4] = (u32)scratch;
	write32((u32)scratch, word);
	words[0] = LL(2, 4, 0);
	for (unsigned int i = 0; i < n; i++)
		words[1 + i] = between[i];
	words[1 + n] = sc;
	run_words(0, words, n + 2);
	return run.r[2];
}

#define BRANCH 9

static void nonsense_between_ll_and_sc(void)
{
	static const u32 between[] = {
		CP0_CO(8),		 CP0_CO(1),
		CP0_MOVE(0, 3, 9, 0),	 CP0_MOVE(4, 3, 30, 0),
		0x41606000 | 3 << 16,	 CP0_CO(6),
		I(43, 4, 3, 0),		 LL(3, 4, 64),
		SC(3, 4, 64),		 INSN_B(1),
		0x0000000f,		 I(35, 4, 3, 0),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(between); i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(between); k++) {
			u32 both[] = {between[i], between[k], I(9, 2, 2, 1)};
			u32 v, now;

			/* A branch in a branch's slot may do anything. */
			if (i == BRANCH && k == BRANCH)
				continue;
			v = pair(41, both, 3, SC(2, 4, 0));
			now = read32((u32)scratch);
			check(v <= 1, "%#x, %#x: SC gives %#x", between[i],
			      between[k], v);
			/* What it says is what it did; but for a store between. */
			check(i == 6 || k == 6 || now == (v ? 42 : 41),
			      "%#x, %#x: SC gives %u, the word is %u", between[i],
			      between[k], v, now);
		}
	/* SC alone, of another word, of a device, and of nothing. */
	pair(1, between, 1, SC(2, 4, 4));
	registers_to_scratch();
	run.r[4] = 0xbf000900 + 7 * 8;
	run_kernel(LL(2, 4, 0), CP0_CO(8), SC(2, 4, 0));
	run.r[4] = HOLE;
	check(run_kernel(SC(2, 4, 0)) == EXC_DBE || run.r[2] <= 1, "%#x", run.cause);
}

const struct test errors_code[] = {
	{"K44.code-that-is-translated-meanwhile", code_that_is_translated_meanwhile},
	{"K44.code-that-writes-itself", code_that_writes_itself},
	{"K44.code-over-pages", code_over_pages},
	{"K44.code-in-kseg2", code_in_kseg2},
	{"K45.nonsense-between-LL-and-SC", nonsense_between_ll_and_sc},
	{NULL},
};
