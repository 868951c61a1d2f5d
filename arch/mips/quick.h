/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exits of which there are most, carried out with few of the guest's registers
 * saved (world_code.h). What mips_guest_trap() and mips_guest_before_entry() would do, or
 * nothing at all: whatever is not simple, or may let an interrupt through, is for
 * them.
 *
 * quick.c is compiled to use no register but QUICK_REGISTERS, and calls nothing
 * outside of it. No exception comes while it runs.
 */
#ifndef ARCH_MIPS_QUICK_H
#define ARCH_MIPS_QUICK_H

#include "arch/mips/guest.h"

/* v0, v1, a0 to a3, ra. Where the compiler cannot be told so, all that a function
 * may change, and its stack. */
#ifdef __clang__
#define QUICK_REGISTERS 0xa300fffeU
#else
#define QUICK_REGISTERS 0x800000fcU
#endif

#define MIPS_LONG_WAY 0

/*
 * The guest is in k1, and pc, where the exception was, in k0 (on a PC, variables).
 * `insn` of coprocessor 0, not in a delay slot. Where the guest goes on; or
 * MIPS_LONG_WAY: nothing has changed, but that `insn` is in g->insn, pc in g->pc, and
 * g->trapped set. (Without that, the guest goes on at an address that happens to be
 * MIPS_LONG_WAY.) Of gpr, what QUICK_REGISTERS has is right; the others are in the
 * CPU.
 *
 * Where the layout has calls (call.h), one in MIPS_CALL_AFTER of what may be DI or EI goes
 * the long way, though it is simple: there it becomes a call, if it can.
 */
u32 mips_quick_trap(u32 insn);
/* The same in the delay slot of `branch`, which is at pc: `insn` is what trapped, and
 * `after` comes behind it. */
u32 mips_quick_slot(u32 branch, u32 insn, u32 after);
/* Any other exception. */
u32 mips_quick_exception(u32 cause);

#if __STDC_HOSTED__
extern struct mips_guest *mips_quick_guest;
extern u32 mips_quick_pc;
extern struct mips_walk mips_quick_walk; /* what the CPU was told last */
#endif

#endif
