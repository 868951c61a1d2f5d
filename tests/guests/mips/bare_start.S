/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectors and start of the guests that have exceptions of their own: bare.h. All go to
 * `handle`, a guest's own, with the vector's offset in k0.
 */
	.set	noreorder
	.set	noat

	.macro	vector offset
	.org	vectors + \offset
	j	handle
	 li	$k0, \offset
	.endm

	.section .vectors, "ax"
	.balign	4096
	.globl	vectors
vectors:
	vector	0
	vector	0x180
	vector	0x200

	.text
	.globl	_start
_start:
	lui	$sp, %hi(stack + 16384 - 16)
	addiu	$sp, $sp, %lo(stack + 16384 - 16)
	lui	$t9, %hi(guest_main)
	addiu	$t9, $t9, %lo(guest_main)
/* Calls t9, with its arguments and a stack. Status.BEV goes last: EBase is written
 * under it. */
	.globl	bare_call
bare_call:
	lui	$t0, %hi(vectors)
	addiu	$t0, $t0, %lo(vectors)
	mtc0	$t0, $15, 1
	ehb
	mtc0	$zero, $12
	ehb
	jalr	$t9
	 nop
1:	b	1b
	 nop

	.bss
	.balign	16
stack:	.space	16384
