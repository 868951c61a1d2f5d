/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch, made for the CPU that is found: the general vector, the way
 * into the guest, and three ways out of it. The quick one saves the few registers that
 * quick.c is compiled to use, and is back in the guest when that has done all there
 * was to do. Else some more follow, for middle.c; and at last the rest of the registers,
 * and mips_exit() does it.
 *
 * Exceptions of the hypervisor's own are told from the guest's by Status.UM, which
 * is set while a guest runs, and on the quick way too but for one load: where the
 * CPU has no BadInstr, the instruction that trapped is read through the guest's
 * mapping. What that needs of the exception (Cause, EPC, the guest's k0 and k1) has
 * been put away by then, EXL is clear, so that a miss is refilled as ever, and if
 * there is no page, or the address is odd, it goes on at `fetch_failed`.
 */
#ifndef ARCH_MIPS_WORLD_CODE_H
#define ARCH_MIPS_WORLD_CODE_H

#include "arch/mips/refill.h"

struct mips_world_cpu {
	u8 save[2];     /* CP0 registers, as CP0() makes them, for k0 and k1 */
	bool bad_instr; /* there is BadInstr */
	bool eva;       /* there is LWE */
	bool aliases;   /* of the data cache: the fetch leaves no line there */
	u32 changed;    /* bit n: quick.c may use register n */
	u32 middle;     /* and middle.c */
	/* Where the refill handler has the directory from (refill.h). */
	enum mips_directory_place place;
	u32 directory;
	u32 blocks;     /* of the short refill handler (refill.h), or 0 */
	bool walker;    /* the CPU's own, with PWBase, is in use */
	/* Addresses. Of words: the guest that runs, and the stack to return to
	 * from mips_enter(). */
	u32 guest, stack;
	/* Of code: of the hypervisor's own exceptions, in a vector's state; and
	 * of C functions: mips_quick_trap(), mips_quick_slot(),
	 * mips_quick_exception(), mips_middle_trap(), mips_middle_exception(),
	 * mips_exit(). */
	u32 host, quick_trap, quick_slot, quick_exception, middle_trap,
		middle_exception, exit;
	u32 calls; /* of the code for calls: a multiple of MIPS_CALLS_ALIGN */
};

/* Where parts are of what mips_world_emit() made. */
struct mips_world {
	u32 enter;        /* mips_enter() */
	u32 left;         /* the general vector's for a guest */
	u32 host;         /* and for the hypervisor's own exceptions */
	u32 fetch;        /* QUICK_FETCH_SIZE bytes; 0: none */
	u32 fetch_slot;   /* QUICK_FETCH_SLOT_SIZE bytes */
	u32 fetch_failed;
};

#define MIPS_WORLD_WORDS 640
#define MIPS_VECTOR_WORDS 32

/* At its start: 32 accessors of 2 words to read a guest's register into v0, and 32
 * to write it, for the quick way alone. They return to v1. */
#define MIPS_WORLD_GPR(n)     ((n) * 8)
#define MIPS_WORLD_SET_GPR(n) (256 + (n) * 8)
/* And one that has the CPU walk the directory in a0 by the ASID in v0, and goes on
 * with its own walker, if that is on. It changes v0 and k0. */
#define MIPS_WORLD_WALK 512

/* The code for calls, one by one, and what some of them share: each with its place. */
#define MIPS_CALL_SIZE   128 /* bytes */
#define MIPS_CALL_WORDS  (MIPS_CALL_SIZE / 4)
#define MIPS_CALLS_ALIGN 8192
#define MIPS_CALLS_WORDS (66 * MIPS_CALL_WORDS)

void mips_world_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		     struct mips_world *w);
/* At the general vector. */
void mips_vector_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		      const struct mips_world *w);
/* What the code at `left` finds in k0, k1 being the guest. */
void mips_other_emit(struct mips_asm *a);
/* Call `n`, at cpu->calls + n * MIPS_CALL_SIZE; MIPS_CALLS: what they share. */
void mips_call_emit(struct mips_asm *a, const struct mips_world_cpu *cpu,
		    const struct mips_world *w, u32 n);

#endif
