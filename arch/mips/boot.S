/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's entry: kernel mode, in kseg0, interrupts off. What the boot loader
 * left in a0 to a2 says what it is (early.c).
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/registers.h"

#define BOOT_STACK_SIZE 16384

	.set	noreorder
	.set	noat

	.section .head, "ax"
	.globl	_start
_start:
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

	/* Firmware that has caches has set them up (UHI, YAMON); where kseg0 is
	 * uncached still, they are made empty before it becomes cached. */
	lui	$sp, %hi(boot_stack + BOOT_STACK_SIZE - ARGUMENT_AREA)
	addiu	$sp, $sp, %lo(boot_stack + BOOT_STACK_SIZE - ARGUMENT_AREA)
	move	$gp, $zero
	move	$s0, $a0
	move	$s1, $a1
	move	$s2, $a2
	mfc0	$t0, $16
	andi	$t0, $t0, CONFIG_K0
	li	$t1, CCA_UNCACHED
	bne	$t0, $t1, clear
	 nop
	jal	cache_init
	 nop
	/* Config.K0 changes where kseg0 is not executed from. */
	lui	$t0, %hi(1f)
	addiu	$t0, $t0, %lo(1f)
	lui	$t1, KSEG1 >> 16
	or	$t0, $t0, $t1
	jr.hb	$t0
	 nop
1:	mfc0	$t0, $16
	ins	$t0, $zero, 0, 3
	ori	$t0, $t0, CCA_CACHED
	mtc0	$t0, $16
	ehb
	lui	$t0, %hi(clear)
	addiu	$t0, $t0, %lo(clear)
	jr.hb	$t0
	 nop

clear:
	lui	$t0, %hi(bss_start)
	addiu	$t0, $t0, %lo(bss_start)
	lui	$t1, %hi(bss_end)
	addiu	$t1, $t1, %lo(bss_end)
2:	sltu	$t2, $t0, $t1
	beqz	$t2, 3f
	 nop
	sw	$zero, 0($t0)
	b	2b
	 addiu	$t0, $t0, 4
3:	move	$a0, $s0
	move	$a1, $s1
	move	$a2, $s2
	move	$ra, $zero
	j	early_main
	 nop

	.section .noinit, "aw", @nobits
	.balign	16
	.globl	boot_stack
boot_stack:
	.space	BOOT_STACK_SIZE
