/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug exceptions (MIPS EJTAG, MD00047: "Debug Exceptions"). SDBBP raises one in any
 * mode, and its vector is the firmware's, which goes on where debug.c has put this.
 *
 * A guest's is made an exception of the usual kind: back in user mode, it fetches
 * from an address where no instruction can be. DESAVE, and ErrorEPC, which nothing needs
 * while a guest runs, keep the registers meanwhile.
 */
#include "arch/mips/debug.h"

	.set	noreorder
	.set	noat

	.text
	.globl	debug_vector, debug_vector_end
debug_vector:
	mtc0	$k0, $31
	mtc0	$k1, $30
	lui	$k1, %hi(debug_state)
	mfc0	$k0, $24		/* DEPC */
	sw	$k0, %lo(debug_state)($k1)
	mfc0	$k0, $23		/* Debug */
	sw	$k0, %lo(debug_state + 4)($k1)
	li	$k0, DEBUG_RETURN
	mtc0	$k0, $24
	mfc0	$k1, $30
	mfc0	$k0, $31
	ehb
	deret
debug_vector_end:
