/* SPDX-License-Identifier: BSD-2-Clause */
/* K11, K42, K44: the guest `errors` of the mips port is errors*.c here. */
#ifndef TESTS_GUESTS_MIPS_ERRORS_H
#define TESTS_GUESTS_MIPS_ERRORS_H

#include "tests/guests/rt/rt.h"

/* Code that errs: how it is run, and what came of it. run_now() alone knows of the
 * members in this order. */
struct run {
	u32 r[32];      /* all but k1; afterwards as they were, but k0 and k1 */
	u32 hi, lo;
	u32 pc, status; /* EXL is set by itself, and cleared by ERET */
	/* What came: always one exception. */
	u32 cause, epc, badvaddr, entryhi, context, after; /* Status */
	u32 unused;
	u32 vector;
	u32 saved[16];  /* the caller's */
};
extern struct run run;
void run_now(void);

/* The code to be run, in words, and then a `syscall`, whose exception says that
 * nothing else came. In kernel mode; in user mode at USER_CODE. */
#define CODE_WORDS 64
extern u32 code[1024];
#define USER_CODE 0x00410000U
void put_code(const u32 *words, unsigned int n);
#define run_kernel(...) run_words(0, (const u32[]){__VA_ARGS__},               \
		sizeof((u32[]){__VA_ARGS__}) / 4)
#define run_user(...) run_words(STATUS_UM, (const u32[]){__VA_ARGS__},         \
		sizeof((u32[]){__VA_ARGS__}) / 4)
/* Which exception, by ExcCode, or NOTHING: the syscall behind it. Registers are what
 * run.r says. */
#define NOTHING 99
unsigned int run_words(u32 status, const u32 *words, unsigned int n);

/* Where the registers of code point that loads and stores anywhere: 32 KiB before
 * and behind. */
extern u8 scratch[1 << 17];
void registers_to_scratch(void);

/* An entry of the guest's TLB, with pages of 4 KiB. */
void tlb_write(u32 index, u32 hi, u32 mask, u32 lo0, u32 lo1);
void tlb_clear(void);

#define STATUS_IE 1U
#define STATUS_EXL 2U
#define STATUS_ERL 4U
#define STATUS_UM 0x10U
#define STATUS_BEV 0x400000U
#define STATUS_CU0 0x10000000U
#define CAUSE_BD (1U << 31)
#define CAUSE_CE(cause) ((cause) >> 28 & 3)
#define LO_G 1U
#define LO_V 2U
#define LO_D 4U
#define LO(va, flags) (((u32)(va) & 0x1fffffff) >> 12 << 6 | 3 << 3 | (flags))

/* Instructions. */
#define I(op, rs, rt, imm)                                                     \
	((u32)(op) << 26 | (u32)(rs) << 21 | (u32)(rt) << 16 | ((imm)&0xffffU))
#define R(op, rs, rt, rd, sa, f)                                               \
	((u32)(op) << 26 | (u32)(rs) << 21 | (u32)(rt) << 16 |                 \
	 (u32)(rd) << 11 | (u32)(sa) << 6 | (u32)(f))
#define CP0_MOVE(rs, rt, rd, sel) R(16, rs, rt, rd, 0, sel)
#define CP0_CO(f) (0x42000000U | (f))
#define INSN_SYSCALL 0x0000000cU
#define INSN_SDBBP R(28, 0, 0, 0, 0, 63)
#define INSN_NOP 0U
#define INSN_EHB 0xc0U
#define INSN_B(n) I(4, 0, 0, n)

extern const struct test errors_encodings[], errors_tlb[], errors_code[];

#endif
