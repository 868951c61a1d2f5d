/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own exceptions. It runs with interrupts masked but for the
 * moment in which it waits for one (idle_wait); whatever else it takes is the
 * end.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/registers.h"

#define PANIC_STACK_SIZE 4096
#define IDLE_SIZE 16 /* bytes from idle_begin to where idle_wait returns */

	.set	noreorder
	.set	noat

/* k0: which vector. */
.macro	fatal offset
	.org	vectors + \offset
	j	save_and_stop
	 li	$k0, \offset
.endm

	.section .text.vectors, "ax"
	.balign	4096
	.globl	vectors
vectors:
	fatal	0		/* TLB refill */
	fatal	0x100		/* cache error: in kseg1, where j stays */
	/* Until there is a guest: world_code.h. */
	.org	vectors + 0x180
	j	host_exception
	 nop
	fatal	0x200		/* interrupts, were Cause.IV set */
	fatal	0x280

/* One of the hypervisor's own, in the general vector, until fixup_code.h is in use. */
host_exception:
	mfc0	$k0, $13
	andi	$k0, $k0, 0x7c
	bnez	$k0, host_stop
	 mfc0	$k0, $14
/* If it is the awaited one, idle_wait is over. k0: EPC. */
	.globl	host_interrupt
host_interrupt:
	lui	$k1, %hi(idle_begin)
	addiu	$k1, $k1, %lo(idle_begin)
	subu	$k0, $k0, $k1
	sltiu	$k0, $k0, IDLE_SIZE
	beqz	$k0, host_stop
	 addiu	$k1, $k1, IDLE_SIZE
	mtc0	$k1, $14
	mfc0	$k0, $12
	ins	$k0, $zero, 0, 1
	mtc0	$k0, $12
	ehb
	eret

	.globl	host_stop
host_stop:
	j	save_and_stop
	 li	$k0, 0x180

	.text
/*
 * An interrupt that comes from the first instruction on that finds interrupts
 * enabled, and before they are masked again for sure, ends the wait. It is not
 * handled here: it is still pending when idle_wait returns.
 */
	.globl	idle_wait
idle_wait:
	ei
idle_begin:
	ehb
	wait
	di
	ehb
	jr	$ra
	 nop

/*
 * void thread_switch_sp(void **save_sp, void *sp): what a function has to keep is
 * on the stack of the thread that goes, and comes from that of the other.
 */
	.globl	thread_switch_sp
thread_switch_sp:
	addiu	$sp, $sp, -SWITCH_SIZE
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23
	sw	$\n, SWITCH_S(\n - 16)($sp)
	.endr
	sw	$fp, SWITCH_S(8)($sp)
	sw	$ra, SWITCH_RA($sp)
	sw	$sp, 0($a0)
	move	$sp, $a1
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23
	lw	$\n, SWITCH_S(\n - 16)($sp)
	.endr
	lw	$fp, SWITCH_S(8)($sp)
	lw	$ra, SWITCH_RA($sp)
	jr	$ra
	 addiu	$sp, $sp, SWITCH_SIZE

/*
 * On a stack of its own: the one in use may be the trouble. An exception in here
 * or later overwrites the frame, which has been printed then.
 */
save_and_stop:
	lui	$k1, %hi(panic_stack + PANIC_STACK_SIZE - FRAME_SIZE)
	addiu	$k1, $k1, %lo(panic_stack + PANIC_STACK_SIZE - FRAME_SIZE)
	sw	$k0, FRAME_R(0)($k1)
	sw	$1, FRAME_R(1)($k1)
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	sw	$\n, FRAME_R(\n)($k1)
	.endr
	sw	$zero, FRAME_R(26)($k1)
	sw	$zero, FRAME_R(27)($k1)
	mfhi	$t0
	mflo	$t1
	sw	$t0, FRAME_HI($k1)
	sw	$t1, FRAME_LO($k1)
	mfc0	$t0, $12
	mfc0	$t1, $13
	mfc0	$t2, $14
	mfc0	$t3, $8
	sw	$t0, FRAME_STATUS($k1)
	sw	$t1, FRAME_CAUSE($k1)
	sw	$t2, FRAME_EPC($k1)
	sw	$t3, FRAME_BADVADDR($k1)
	/* Exceptions set EPC again. */
	ins	$t0, $zero, 0, 3
	mtc0	$t0, $12
	ehb
	move	$a0, $k1
	addiu	$sp, $k1, -ARGUMENT_AREA
	jal	exception_fatal
	 nop

	.section .noinit, "aw", @nobits
	.balign	16
panic_stack:
	.space	PANIC_STACK_SIZE
