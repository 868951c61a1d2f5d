/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest with several CPUs. An exception calls C on the stack that is in use, and goes
 * on where C says.
 */
	.set	noreorder
	.set	noat

#define FRAME 112

	/* Registers that C may change, above the room for its arguments. */
	.macro	each op
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	$\n, 16 + 4 * \n($sp)
	.endr
	\op	$24, 80($sp)
	\op	$25, 84($sp)
	\op	$31, 88($sp)
	.endm

	.text
	.globl	handle
handle:
	addiu	$sp, $sp, -FRAME
	each	sw
	mfhi	$t0
	mflo	$t1
	sw	$t0, 92($sp)
	sw	$t1, 96($sp)
	mfc0	$a0, $13
	mfc0	$a1, $14
	jal	guest_exception
	 nop
	mtc0	$v0, $14
	lw	$t0, 92($sp)
	lw	$t1, 96($sp)
	mthi	$t0
	mtlo	$t1
	each	lw
	addiu	$sp, $sp, FRAME
	ehb
	eret

/* Where a CPU starts that was told its stack, and one argument. */
	.globl	secondary_start
secondary_start:
	lui	$t9, %hi(guest_secondary)
	b	bare_call
	 addiu	$t9, $t9, %lo(guest_secondary)

/*
 * void add_NAME(volatile u32 *word, u32 va): one more, by LL and SC, with something
 * between that traps.
 */
	.macro	add name, before:vararg
	.globl	add_\name
add_\name:
1:	ll	$t0, 0($a0)
	\before
	addiu	$t0, $t0, 1
	sc	$t0, 0($a0)
	beqz	$t0, 1b
	 nop
	jr	$ra
	 nop
	.endm

	add	plain
	add	rdhwr, rdhwr $t1, $2
	add	tlbp, tlbp
	add	count, mfc0 $t1, $9
	add	translated, mfc0 $t1, $14
	/* A load from `va` that misses now and then. */
	add	miss, lw $t1, 0($a1)

	.globl	add_after
add_after:
1:	ll	$t0, 0($a0)
	addiu	$t0, $t0, 1
	rdhwr	$t1, $0
	sc	$t0, 0($a0)
	beqz	$t0, 1b
	 nop
	jr	$ra
	 nop

	/* What traps in the delay slot of a branch; twice. */
	.globl	add_slot
add_slot:
1:	ll	$t0, 0($a0)
	bltz	$t0, 2f
	 rdhwr	$t1, $0
	tlbp
	addiu	$t0, $t0, 1
	sc	$t0, 0($a0)
	beqz	$t0, 1b
	 nop
2:	jr	$ra
	 nop

/* u32 read_epc(void): becomes a load from each CPU's own commpage. */
	.globl	read_epc
read_epc:
	jr	$ra
	 mfc0	$v0, $14
