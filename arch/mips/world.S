/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world switch. A guest is left with all of its registers in its struct
 * mips_guest, and goes on when mips_exit() says so.
 *
 * Hazards (MD00090, "Hazards"): what MTC0 wrote counts from EHB on. The guest's
 * interrupts are enabled from the ERET on: EXL is set before IE and the mode are.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/registers.h"

#define GUEST_STATUS (ST_UM | ST_EXL | ST_IE)

	.set	noreorder
	.set	noat

	.macro	each op
	\op	$1, GUEST_R(1)($k1)
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
		19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	\op	$\n, GUEST_R(\n)($k1)
	.endr
	.endm

	.section .text.hot.world, "ax"
/* void mips_enter(struct mips_guest *g) */
	.globl	mips_enter
mips_enter:
	addiu	$sp, $sp, -(SWITCH_SIZE + ARGUMENT_AREA)
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23
	sw	$\n, ARGUMENT_AREA + SWITCH_S(\n - 16)($sp)
	.endr
	sw	$fp, ARGUMENT_AREA + SWITCH_S(8)($sp)
	sw	$ra, ARGUMENT_AREA + SWITCH_RA($sp)
	lui	$t0, %hi(guest_now)
	sw	$a0, %lo(guest_now)($t0)
	lui	$t0, %hi(host_stack)
	sw	$sp, %lo(host_stack)($t0)
	move	$k1, $a0

again:	mfc0	$t0, $12
	ori	$t0, $t0, GUEST_STATUS
	mtc0	$t0, $12
	ehb
	lw	$t0, GUEST_PC($k1)
	lw	$t1, GUEST_HI($k1)
	lw	$t2, GUEST_LO($k1)
	mtc0	$t0, $14
	mthi	$t1
	mtlo	$t2
	each	lw
	lw	$k0, GUEST_R(26)($k1)
	lw	$k1, GUEST_R(27)($k1)
	ehb
	eret

/* From the general vector: EXL is set; k0 and k1 in DDataLo and ErrorEPC. */
	.globl	guest_exit
guest_exit:
	lui	$k1, %hi(guest_now)
	lw	$k1, %lo(guest_now)($k1)
	each	sw
	mfc0	$t0, $12
	ins	$t0, $zero, 0, 5
	mtc0	$t0, $12
	ehb
	mfc0	$t0, $28, 3
	mfc0	$t1, $30
	mfc0	$t2, $14
	mfhi	$t3
	mflo	$t4
	sw	$t0, GUEST_R(26)($k1)
	sw	$t1, GUEST_R(27)($k1)
	sw	$t2, GUEST_PC($k1)
	sw	$t3, GUEST_HI($k1)
	sw	$t4, GUEST_LO($k1)
	lui	$sp, %hi(host_stack)
	lw	$sp, %lo(host_stack)($sp)
	move	$gp, $zero
	jal	mips_exit
	 move	$a0, $k1
	lui	$k1, %hi(guest_now)
	beqz	$v0, again
	 lw	$k1, %lo(guest_now)($k1)

	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23
	lw	$\n, ARGUMENT_AREA + SWITCH_S(\n - 16)($sp)
	.endr
	lw	$fp, ARGUMENT_AREA + SWITCH_S(8)($sp)
	lw	$ra, ARGUMENT_AREA + SWITCH_RA($sp)
	jr	$ra
	 addiu	$sp, $sp, SWITCH_SIZE + ARGUMENT_AREA

	.section .bss.world, "aw", @nobits
	.balign	4
guest_now:	.space	4
host_stack:	.space	4
