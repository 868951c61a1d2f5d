/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the quick way (quick.h) and the long one: exits that take more registers, a
 * stack, and the vCPU's trees, but no call of another file's. For the rest, what
 * quick.h says holds.
 */
#ifndef ARCH_MIPS_MIDDLE_H
#define ARCH_MIPS_MIDDLE_H

#include "arch/mips/quick.h"

/* t0 to t7, and sp: the stack is the hypervisor's. */
#define MIDDLE_REGISTERS 0x2000ff00U

/*
 * Behind mips_quick_trap() and mips_quick_exception(), where they went the long way:
 * pc is in g->pc. Where the guest goes on; or MIPS_LONG_WAY: nothing that the long
 * way would not do has been done.
 */
u32 mips_middle_trap(u32 insn);
u32 mips_middle_exception(u32 cause, u32 badvaddr);

#if __STDC_HOSTED__
/* The test's: gva_quick_drop(), gva_quick_enter(), gva_quick_switch() and
 * gva_quick_fetch(), for the guest of quick.h. */
bool mips_middle_drop(u32 asid, u32 va, u32 gone);
bool mips_middle_switch(u32 asid);
bool mips_middle_fetch(u32 va, u32 *word);
bool mips_middle_enter(enum mips_table t, const u32 *lo, u32 va, u32 need);
#endif

#endif
