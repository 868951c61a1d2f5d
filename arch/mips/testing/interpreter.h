/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: a CPU that executes what asm.h emits. An instruction that is not known,
 * or that a handler has no business with, fails the test. Include after cmocka.h.
 */
#ifndef ARCH_MIPS_TESTING_INTERPRETER_H
#define ARCH_MIPS_TESTING_INTERPRETER_H

#include "arch/mips/asm.h"

struct interpreter {
	u32 gpr[32], cp0[CP0_REGISTERS], hi, lo, pc;
	unsigned int executed;
	bool returned; /* by ERET: pc is where it was */
	bool pending;  /* an MTC0 that no EHB is behind */
	u32 wide[32][4]; /* the FPU's registers, and MSA's */
	bool unread;   /* one of EPC or Status, which ERET reads */
	bool probed;   /* a TLBP */
	/* The test's. */
	u32 (*fetch)(u32 pc);
	u32 *(*at)(u32 va);       /* a word; NULL: exception() is called */
	void (*exception)(u32 va);
	void (*written)(u32 reg); /* a register is about to be */
	void (*tlbwr)(void), (*tlbwi)(void);
	void (*tlbp)(void);       /* it writes Index */
	void (*cache)(u32 op, u32 va);
};

extern struct interpreter cpu;

/* From `pc` until ERET, or until `outside` says that pc is no code: no more than
 * `most` instructions. */
void interpret(u32 pc, bool (*outside)(u32 pc), unsigned int most);

#endif
