/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's entry: kernel mode, in kseg0, interrupts off. What the boot loader
 * left in a0 to a2 says what it is (loader.h).
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/loader.h"
#include "arch/mips/registers.h"

#define BOOT_STACK_SIZE 16384
#define BOOT_STACK_TOP (boot_stack + BOOT_STACK_SIZE - ARGUMENT_AREA)

	.set	noreorder
	.set	noat

	.section .head, "ax"
	.globl	_start
_start:
	b	begin
	 nop
	.balign	8
	.space	48
	.ascii	"MIPS\0\0\0\0"		/* vmm/inspect.h */
	.asciz	"TWOFOLD"
	.word	inspect_record - _start
begin:
	mfc0	$t0, $16
	srl	$t0, $t0, 10		/* CONFIG_AR() */
	andi	$t0, $t0, 7
	li	$t1, 1
	bne	$t0, $t1, another_release
	 nop
	/* The vectors are the boot loader's for two more instructions. */
	li	$t0, ST_BEV
	mtc0	$t0, $12
	ehb
	lui	$t0, %hi(vectors)
	addiu	$t0, $t0, %lo(vectors)
	mtc0	$t0, $15, 1
	mtc0	$zero, $13
	mtc0	$zero, $7
	ehb
	mtc0	$zero, $12
	ehb

	/* Other threads of this core would share its caches and TLB: of a CPU
	 * with the MT module (MD00378), this one goes on alone. */
	mfc0	$t0, $16
	bgez	$t0, alone
	 nop
	mfc0	$t0, $16, 1
	bgez	$t0, alone
	 nop
	mfc0	$t0, $16, 2
	bgez	$t0, alone
	 nop
	mfc0	$t0, $16, 3
	andi	$t0, $t0, CONFIG3_MT
	beqz	$t0, alone
	 nop
	.set	push
	.set	mt
	dvpe
	dmt
	.set	pop
	ehb

	/* All is accessed as guests' pages are: cached, and written back. Firmware
	 * that has left kseg0 so has set the caches up (UHI, YAMON). Config.K0
	 * changes where kseg0 is neither executed from nor accessed. */
alone:	move	$gp, $zero
	move	$s0, $a0
	move	$s1, $a1
	move	$s2, $a2
	mfc0	$a0, $16
	andi	$a0, $a0, CONFIG_K0
	li	$t1, CCA_CACHED
	beq	$a0, $t1, clear
	 nop
	lui	$t0, %hi(1f)
	addiu	$t0, $t0, %lo(1f)
	lui	$t1, KSEG1 >> 16
	lui	$sp, %hi(BOOT_STACK_TOP)
	addiu	$sp, $sp, %lo(BOOT_STACK_TOP)
	or	$sp, $sp, $t1
	or	$t0, $t0, $t1
	jr.hb	$t0
	 nop
1:	jal	cache_start
	 nop
	mfc0	$t0, $16
	ins	$t0, $zero, 0, 3
	ori	$t0, $t0, CCA_CACHED
	mtc0	$t0, $16
	ehb
	lui	$t0, %hi(clear)
	addiu	$t0, $t0, %lo(clear)
	jr.hb	$t0
	 nop

clear:	lui	$sp, %hi(BOOT_STACK_TOP)
	addiu	$sp, $sp, %lo(BOOT_STACK_TOP)
	lui	$t0, %hi(bss_start)
	addiu	$t0, $t0, %lo(bss_start)
	lui	$t1, %hi(bss_end)
	addiu	$t1, $t1, %lo(bss_end)
	/* Both are multiples of 16, and not the same. */
2:	sw	$zero, 0($t0)
	sw	$zero, 4($t0)
	sw	$zero, 8($t0)
	addiu	$t0, $t0, 16
	bne	$t0, $t1, 2b
	 sw	$zero, -4($t0)
	move	$a0, $s0
	move	$a1, $s1
	move	$a2, $s2
	move	$ra, $zero
	j	early_main
	 nop

/*
 * Release 1 lacks instructions that the image has, and release 6 has given the
 * encodings of some to others. Up to here, and from here on, there are none but
 * those that all have alike (JR is not). YAMON prints; by UHI nobody is there who
 * would.
 */
another_release:
	li	$t1, LOADER_UHI
	beq	$a0, $t1, 4f
	 lui	$t2, YAMON_PRINT_COUNT >> 16
	lw	$t2, YAMON_PRINT_COUNT & 0x7fff($t2)
	lui	$a1, %hi(words)
	addiu	$a1, $a1, %lo(words)
	li	$a2, words_end - words
	jalr	$t2
	 li	$a0, 0
4:	b	4b
	 nop
words:	.ascii	"twofold: error: cannot start: the CPU is not of MIPS32 release 2 to 5\r\n"
words_end:

	.section .noinit, "aw", @nobits
	.balign	16
	.globl	boot_stack
boot_stack:
	.space	BOOT_STACK_SIZE
