/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that executes SDBBP: see debug_vector.S. */
#ifndef ARCH_MIPS_DEBUG_H
#define ARCH_MIPS_DEBUG_H

/* Where user mode cannot fetch from, and goes on after a debug exception. */
#define DEBUG_RETURN -4

#ifndef __ASSEMBLER__
#include "arch/mips/guest.h"

/* Where YAMON, and what does like it, goes on with a debug exception: of the first
 * page, which nobody else may have. */
#define DEBUG_VECTOR 0x300
#define DEBUG_VECTOR_END 0x380

/* Puts the handler there. The boot CPU, once. */
void debug_init(void);
/*
 * The guest was left by an address error of a fetch: was it by SDBBP? Then *cause
 * becomes that of a reserved instruction, as SDBBP is to a CPU without EJTAG, and
 * g->pc is where it was.
 */
bool debug_trapped(struct mips_guest *g, u32 *cause);
#endif

#endif
