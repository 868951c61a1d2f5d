/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What C cannot do. Every exception leaves what it was in `seen`, and goes on where
 * seen.resume says, or behind the instruction.
 */
	.set	noreorder
	.set	noat

#define SEEN_COUNT 0
#define SEEN_CAUSE 4
#define SEEN_EPC 8
#define SEEN_BADVADDR 12
#define SEEN_ENTRYHI 16
#define SEEN_CONTEXT 20
#define SEEN_VECTOR 24
#define SEEN_RESUME 28
#define SEEN_STATUS 32

	/* What a function keeps, below 40($sp). */
	.macro	kept op
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23
	\op	$\n, (\n - 16) * 4($sp)
	.endr
	\op	$30, 32($sp)
	\op	$31, 36($sp)
	.endm

	.text
	.globl	handle
handle:
	lui	$k1, %hi(seen)
	addiu	$k1, $k1, %lo(seen)
	sw	$k0, SEEN_VECTOR($k1)
	lw	$k0, SEEN_COUNT($k1)
	addiu	$k0, $k0, 1
	sw	$k0, SEEN_COUNT($k1)
	mfc0	$k0, $8
	sw	$k0, SEEN_BADVADDR($k1)
	mfc0	$k0, $10
	sw	$k0, SEEN_ENTRYHI($k1)
	mfc0	$k0, $4
	sw	$k0, SEEN_CONTEXT($k1)
	mfc0	$k0, $12
	sw	$k0, SEEN_STATUS($k1)
	/* Back in kernel mode, with interrupts off. */
	srl	$k0, $k0, 5
	sll	$k0, $k0, 5
	ori	$k0, $k0, 2
	mtc0	$k0, $12
	mfc0	$k0, $13
	sw	$k0, SEEN_CAUSE($k1)
	mfc0	$k0, $14
	sw	$k0, SEEN_EPC($k1)
	addiu	$k0, $k0, 4
	lw	$k1, SEEN_RESUME($k1)
	movn	$k0, $k1, $k1
	mtc0	$k0, $14
	ehb
	eret

/*
 * u32 keeps_registers(u32 va): all registers have values of their own while three
 * kinds of exits happen: an instruction that is emulated (and patched the first
 * time), one that is not, and a load that misses. 0, or which did not keep it.
 */
	.globl	keeps_registers
keeps_registers:
	addiu	$sp, $sp, -48
	kept	sw
	sw	$28, 40($sp)
	move	$2, $4
	.irp	n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \
		20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 31
	li	$\n, 0x1111 * \n
	.endr
	mthi	$21
	mtlo	$22
	mfc0	$3, $9		/* Count: always traps */
	tlbp
	lw	$3, 0($2)
	mfc0	$3, $14		/* EPC: a load, the second time */
	li	$3, 0x3333
	.irp	n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \
		20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 31
	xori	$2, $\n, (0x1111 * \n) & 0xffff
	.if	\n > 15
	lui	$1, (0x1111 * \n) >> 16
	xor	$2, $2, $1
	.endif
	bnez	$2, 1f
	 li	$2, \n
	.endr
	mfhi	$2
	xor	$2, $2, $21
	bnez	$2, 1f
	 li	$2, 32
	mflo	$2
	xor	$2, $2, $22
	bnez	$2, 1f
	 li	$2, 33
	li	$2, 0
1:
	kept	lw
	lw	$28, 40($sp)
	jr	$31
	 addiu	$sp, $sp, 48

/* void in_user_mode(u32 pc): by ERET; the next exception comes back. */
	.globl	in_user_mode
in_user_mode:
	addiu	$sp, $sp, -48
	kept	sw
	lui	$t0, %hi(seen)
	addiu	$t0, $t0, %lo(seen)
	lui	$t1, %hi(1f)
	addiu	$t1, $t1, %lo(1f)
	sw	$t1, SEEN_RESUME($t0)
	li	$t0, 0x12	/* user mode, EXL */
	mtc0	$t0, $12
	mtc0	$a0, $14
	ehb
	eret
1:	lui	$t0, %hi(seen)
	addiu	$t0, $t0, %lo(seen)
	sw	$zero, SEEN_RESUME($t0)
	kept	lw
	jr	$31
	 addiu	$sp, $sp, 48

/* bool pair_with_probe(u32 *word): LL and SC with a TLBP between, until it works or
 * has failed often. */
	.globl	pair_with_probe
pair_with_probe:
	li	$t1, 100
1:	ll	$t0, 0($a0)
	tlbp
	addiu	$t0, $t0, 1
	sc	$t0, 0($a0)
	bnez	$t0, 2f
	 li	$v0, 1
	bnez	$t1, 1b
	 addiu	$t1, $t1, -1
	li	$v0, 0
2:	jr	$ra
	 nop
