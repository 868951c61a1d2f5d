/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the guest `errors` for ARMv7: their tests follow one another. */
#ifndef TESTS_GUESTS_ARM_ERRORS_H
#define TESTS_GUESTS_ARM_ERRORS_H

#include "tests/guests/errors.h"

extern const struct test errors_of_access[];    /* errors_access.c */
extern const struct test errors_of_thumb[];     /* errors_thumb.c */
extern const struct test errors_of_modes[];     /* errors_modes.c */
extern const struct test errors_of_encodings[]; /* errors_encodings.c */

#define UART_ID0 (machine.uart + 0xfe0)   /* 0x11 on every PL011 */
#define UART_CELL3 (machine.uart + 0xffc) /* 0xb1 */

/* ---- Instructions by their encoding (errors_run.c) ------------------------------------ */

struct registers {
	u32 r[10];
};

#define A32_NOP 0xe1a00000U
#define A32_RETURN 0xe12fff1eU
#define T16_RETURN 0x4770

/* Copy code to where it can be run; its address. `T16`: halfwords, run in Thumb
 * state. What comes last must return. */
u32 put_a32(const u32 *code, unsigned int words);
u32 put_t16(const u16 *code, unsigned int halfwords);

/*
 * Run it with these registers, which it changes; r10 to r12 and r14 are not its
 * own. The same in User mode, without a stack; inside TRAP() alone, since that
 * ends with an SVC.
 */
void run(u32 code, struct registers *r);
void run_user(u32 code, struct registers *r);

/* One instruction. */
#define RUN_A32(insn, regs)                                                    \
	run(put_a32((u32[]){(insn), A32_RETURN}, 2), regs)
#define RUN_T16(regs, ...)                                                     \
	run(put_t16((u16[]){__VA_ARGS__, T16_RETURN},                          \
		    sizeof((u16[]){__VA_ARGS__, T16_RETURN}) / 2),             \
	    regs)

#endif
