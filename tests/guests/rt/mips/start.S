/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test guest's first and last resort: entry as boot loaders leave it (UHI: a0 is
 * -2, a1 the device tree), and the exception vectors.
 */
	.set	noreorder
	.set	noat

#define STACK_SIZE 16384
#define FRAME_SIZE 160		/* struct frame */
#define FRAME_R(n) ((n) * 4)
#define FRAME_HI 128
#define FRAME_LO 132
#define FRAME_PC 136
#define FRAME_STATUS 140
#define FRAME_CAUSE 144
#define FRAME_BADVADDR 148
#define FRAME_VECTOR 152
#define ARGUMENTS 16

	.macro	lea reg, sym
	lui	\reg, %hi(\sym)
	addiu	\reg, \reg, %lo(\sym)
	.endm

	.macro	function name
	.globl	\name
	.balign	4
\name:
	.endm

	.macro	vector offset
	.org	vectors + \offset
	j	exception
	 li	$k1, \offset
	.endm

	.section .head, "ax"
	.balign	4096
	.globl	vectors
vectors:
	vector	0		/* TLB refill */
	vector	0x180
	vector	0x200		/* interrupts with Cause.IV */
	.org	vectors + 0x280

	/* On the stack in use, or, from user mode, on that which user_mode() left. */
exception:
	mfc0	$k0, $12
	andi	$k0, $k0, 0x10
	beqz	$k0, 1f
	 move	$k0, $sp
	lea	$k0, user_stack
	lw	$k0, 0($k0)
1:	addiu	$k0, $k0, -FRAME_SIZE
	sw	$k1, FRAME_VECTOR($k0)
	sw	$1, FRAME_R(1)($k0)
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	sw	$\n, FRAME_R(\n)($k0)
	.endr
	mfhi	$t0
	mflo	$t1
	mfc0	$t2, $14
	mfc0	$t3, $12
	mfc0	$t4, $13
	mfc0	$t5, $8
	sw	$t0, FRAME_HI($k0)
	sw	$t1, FRAME_LO($k0)
	sw	$t2, FRAME_PC($k0)
	sw	$t3, FRAME_STATUS($k0)
	sw	$t4, FRAME_CAUSE($k0)
	sw	$t5, FRAME_BADVADDR($k0)
	move	$a0, $k0
	jal	rt_exception
	 addiu	$sp, $k0, -ARGUMENTS
	addiu	$k0, $sp, ARGUMENTS
	lw	$t0, FRAME_HI($k0)
	lw	$t1, FRAME_LO($k0)
	lw	$t2, FRAME_PC($k0)
	lw	$t3, FRAME_STATUS($k0)
	mthi	$t0
	mtlo	$t1
	mtc0	$t2, $14
	mtc0	$t3, $12
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	lw	$\n, FRAME_R(\n)($k0)
	.endr
	lw	$1, FRAME_R(1)($k0)
	ehb
	eret

	.text
function _start
	mfc0	$s1, $9			/* what `boot` reports */
	lea	$t0, __bss_start
	lea	$t1, __bss_end
1:	sw	$zero, 0($t0)
	addiu	$t0, $t0, 4
	bne	$t0, $t1, 1b
	 nop
	move	$s0, $a1
	jal	cpu_setup
	 move	$a0, $zero
	move	$a0, $s0
	move	$a2, $s1
	jal	rt_start
	 move	$a3, $zero
	b	.
	 nop

	/* a0: the CPU's index. */
function _secondary_start
	jal	cpu_setup
	 move	$s0, $a0
	move	$a0, $s0
	jal	rt_secondary
	 move	$a1, $zero
	b	.
	 nop

	/* a0: index. Stack and vectors; Status.BEV goes behind EBase, which is
	 * written under it. */
cpu_setup:
	lea	$sp, stacks + STACK_SIZE - ARGUMENTS
	sll	$t0, $a0, 14
	addu	$sp, $sp, $t0
	move	$gp, $zero
	lea	$t0, vectors
	mtc0	$t0, $15, 1
	ehb
	mtc0	$zero, $12
	mtc0	$zero, $13
	mtc0	$zero, $6		/* Wired */
	ehb
	jr	$ra
	 nop

	/* What a CPU whose stack is lost does for ever: sp stays where it is. */
	.balign	4096
	.globl	stuck_vectors
stuck_vectors:
	.rept	3
	.balign	128
	sw	$zero, -4($sp)
	b	.
	 nop
	.endr
	.org	stuck_vectors + 0x180
	sw	$zero, -4($sp)
	b	.
	 nop
	.org	stuck_vectors + 0x200
	sw	$zero, -4($sp)
	b	.
	 nop

	.bss
	.balign	16
	.globl	user_stack
user_stack:
	.space	4
	.balign	16
stacks:
	.space	STACK_SIZE * 8
