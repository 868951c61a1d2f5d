// SPDX-License-Identifier: BSD-2-Clause
/*
 * K11, K42, K44: a guest kernel that errs finds what MD00090 and MD00086 say; where
 * they leave it open, it goes on. tests/boot/run.sh runs it beside a neighbour that
 * must not notice.
 */
#include "tests/guests/mips/errors.h"
#include "lib/string.h"

const char guest_name[] = "errors";

void guest_hello(void)
{
}

/* ---- Running ----------------------------------------------------------------- */

u32 code[1024] __attribute__((aligned(4096)));
u8 scratch[1 << 17] __attribute__((aligned(65536)));

#define USER_ENTRY 0

void put_code(const u32 *words, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		code[i] = words[i];
	code[n] = code[n + 1] = INSN_SYSCALL;
	code_changed(code, (n + 2) * 4);
}

unsigned int run_words(u32 status, const u32 *words, unsigned int n)
{
	u32 at = status & STATUS_UM ? USER_CODE : (u32)code, got;

	put_code(words, n);
	if (status & STATUS_UM)
		tlb_write(USER_ENTRY, USER_CODE, 0, LO(code, LO_V | LO_G), LO_G);
	run.pc = at;
	run.status = status;
	run_now();
	got = run.cause >> 2 & 31;
	return got == EXC_SYS && run.epc == at + n * 4 ? NOTHING : got;
}

void registers_to_scratch(void)
{
	for (unsigned int i = 1; i < 32; i++)
		run.r[i] = (u32)scratch + sizeof(scratch) / 2;
}

void tlb_write(u32 index, u32 hi, u32 mask, u32 lo0, u32 lo1)
{
	MTC0(hi, 10, 0);
	MTC0(lo0, 2, 0);
	MTC0(lo1, 3, 0);
	MTC0(mask, 5, 0);
	MTC0(index, 0, 0);
	__asm__ volatile("tlbwi\n\tehb" ::: "memory");
	MTC0(0, 5, 0);
	MTC0(0, 10, 0);
}

void tlb_clear(void)
{
	for (u32 n = 0; n < 64; n++)
		tlb_write(n, 0x80000000 + n * 0x2000, 0, 0, 0);
}

const struct test guest_tests[] = {
	{.more = errors_encodings},
};
