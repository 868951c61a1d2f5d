/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory zeroed and copied by the widest loads and stores that the CPU has: code made
 * for it at run time. Guests have no FPU and no MSA, and the hypervisor is compiled
 * without: their registers are nobody's. Nobody but this code uses them, for it runs
 * with interrupts masked, and takes no exception: its addresses are mapped. It enables
 * the unit at its start, and disables it at its end: guests, and their user mode, which
 * run with the hypervisor's Status and Config5 but for the mode, find it disabled.
 */
#ifndef ARCH_MIPS_PAGE_CODE_H
#define ARCH_MIPS_PAGE_CODE_H

#include "arch/mips/asm.h"

enum mips_page_by {
	MIPS_PAGE_WORDS, /* on every CPU */
	/* Config1.FP: 64 bits, whatever Status.FR is. */
	MIPS_PAGE_FPU,
	/* Config3.MSAP: 128 bits. Status.CU1 is 0: were it 1, FR would count. */
	MIPS_PAGE_MSA,
};

/* What is zeroed or copied, and its addresses, are multiples of these. */
#define MIPS_PAGE_BLOCK 512
#define MIPS_PAGE_ALIGN 16

/*
 * Addresses: void (*zero)(void *first, void *last), and
 * void (*copy)(void *first, void *last, const void *from), where `first` and `last`
 * are the first block that is written and the last, which may be the same. What is
 * copied may not overlap what it is copied to: many loads come before their stores.
 */
struct mips_page_code {
	u32 zero, copy;
};

#define MIPS_PAGE_WORDS_MAX 512

void mips_page_emit(struct mips_asm *a, enum mips_page_by by,
		    struct mips_page_code *c);

#endif
