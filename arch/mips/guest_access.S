/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K43: direct access to what a guest has mapped, at its own addresses, through its
 * table in use and the TLB. What is not there is refilled as for the guest itself,
 * and an exception in here ends the function with -EFAULT: fixup_code.c leads it to
 * guest_access_failed. So nothing between guest_access_begin and guest_access_end
 * touches memory of the hypervisor's.
 *
 * Each is there twice: with plain instructions, and with those that access what user
 * mode has at the address (EVA; MD00086: LWE, SWE, CACHEE), which differs from what
 * kernel mode has where segment control is in use. Either is written as a word: not
 * every assembler knows them.
 */
#include "arch/mips/registers.h"

#define EAGAIN 11
#define EFAULT 14

#define V0 2
#define V1 3
#define A0 4
#define A2 6

	.set	noreorder
	.set	noat

	/* With base a0. */
	.macro	lw_ rt, at=0
	.word	0x23 << 26 | A0 << 21 | \rt << 16 | \at
	.endm
	.macro	sw_ rt
	.word	0x2b << 26 | A0 << 21 | \rt << 16
	.endm
	.macro	cache_ op
	.word	0x2f << 26 | A0 << 21 | \op << 16
	.endm
	.macro	lwe_ rt, at=0
	.word	0x1f << 26 | A0 << 21 | \rt << 16 | \at << 7 | 0x2f
	.endm
	.macro	swe_ rt
	.word	0x1f << 26 | A0 << 21 | \rt << 16 | 0x1f
	.endm
	.macro	cachee_ op
	.word	0x1f << 26 | A0 << 21 | \op << 16 | 0x1b
	.endm

	.macro	accessors how, load, store, cache
	/* int (u32 va, u32 *word) */
	.globl	guest_load_word_\how
guest_load_word_\how:
	\load	V1
	j	loaded
	 move	$v0, $zero

	/* int (u32 va, u32 *words): into t0 to t7. */
	.globl	guest_load_words_\how
guest_load_words_\how:
	\load	8, 0
	\load	9, 4
	\load	10, 8
	\load	11, 12
	\load	12, 16
	\load	13, 20
	\load	14, 24
	\load	15, 28
	j	loaded_words
	 move	$v0, $zero

	/* int (u32 va, u32 old, u32 new) */
	.globl	guest_exchange_word_\how
guest_exchange_word_\how:
	sync
	\load	V1
	bne	$v1, $a1, 1f
	 li	$v0, -EAGAIN
	\store	A2
	move	$v0, $zero
1:	jr	$ra
	 sync

	/* int (u32 va, u32 old, u32 new). Of a line of the data cache, in the
	 * colour that `va` has, nothing is left before and after: whoever has
	 * the word in another colour finds memory. */
	.globl	guest_patch_word_\how
guest_patch_word_\how:
	\cache	HIT_WRITEBACK_INVALIDATE_D
	\load	V1
	bne	$v1, $a1, 1f
	 li	$v0, -EAGAIN
	\store	A2
	move	$v0, $zero
1:	\cache	HIT_WRITEBACK_INVALIDATE_D
	sync
	\cache	HIT_INVALIDATE_I
	sync
	jr.hb	$ra
	 nop

	/* int (u32 va). CACHE need not look for the page (QEMU's does not). */
	.globl	guest_sync_line_\how
guest_sync_line_\how:
	\load	V1
	\cache	HIT_WRITEBACK_INVALIDATE_D
	sync
	\cache	HIT_INVALIDATE_I
	sync
	jr.hb	$ra
	 move	$v0, $zero
	.endm

	.text
	.globl	guest_access_begin
guest_access_begin:
	accessors plain, lw_, sw_, cache_
	accessors eva, lwe_, swe_, cachee_
	.globl	guest_access_end
guest_access_end:

loaded:	jr	$ra
	 sw	$v1, 0($a1)

loaded_words:
	sw	$8, 0($a1)
	sw	$9, 4($a1)
	sw	$10, 8($a1)
	sw	$11, 12($a1)
	sw	$12, 16($a1)
	sw	$13, 20($a1)
	sw	$14, 24($a1)
	jr	$ra
	 sw	$15, 28($a1)

	.globl	guest_access_failed
guest_access_failed:
	jr	$ra
	 li	$v0, -EFAULT
