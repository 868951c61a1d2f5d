/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that executes SDBBP: see debug_vector.S. */
#ifndef ARCH_MIPS_DEBUG_H
#define ARCH_MIPS_DEBUG_H

/*
 * Where a guest goes on after a debug exception, and nothing is executed: bit 1 is
 * set and bit 0, which would be the ISA mode of CPUs with MIPS16 or microMIPS, is not,
 * so that the fetch is an address error in every segment, and under any translation
 * (MD00086, "JR"). For the same reason DEPC is never this. The word does not leave its
 * page.
 */
#define DEBUG_RETURN -6

#ifndef __ASSEMBLER__
#include "arch/mips/guest.h"

/* Where YAMON, and what does like it, goes on with a debug exception: of the first
 * page, which nobody else may have. */
#define DEBUG_VECTOR 0x300
#define DEBUG_VECTOR_END 0x380

/* DEPC and Debug, as debug_vector.S leaves them; or DEBUG_RETURN: no exception. */
extern u32 debug_state[2];

/* Puts the handler there, if the CPU has EJTAG. False: SDBBP, and that of a guest, is
 * the firmware's affair. The first page is RAM. The boot CPU, once. */
bool debug_init(void);
/* What debug_trapped() does when it was. */
void debug_take(struct mips_guest *g, u32 *cause);

/*
 * The guest was left: at DEBUG_RETURN, after SDBBP? Then g->pc is where that was, and
 * *cause becomes that of a reserved instruction, as SDBBP is to a CPU without EJTAG.
 * To be asked before another guest may run, whatever the exception is: an interrupt
 * that came meanwhile, before the fetch, is still pending, and comes again. A
 * machine check stays one.
 */
static inline bool debug_trapped(struct mips_guest *g, u32 *cause)
{
	if (likely(READ_ONCE(debug_state[0]) == (u32)DEBUG_RETURN))
		return false;
	debug_take(g, cause);
	return true;
}
#endif

#endif
