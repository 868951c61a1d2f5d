/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit test guest: entry by the boot protocol (r2: the device tree), vectors
 * that record what came, and instructions that C cannot say. MMU and caches are
 * off throughout.
 */
	.syntax unified
	.arch_extension virt
	.arch_extension sec
	.arm
	.section .head, "ax"
	.globl	_start
_start:
	cpsid	aif
	mov	r10, r0
	mov	r11, r1
	movw	r0, #:lower16:vectors
	movt	r0, #:upper16:vectors
	mcr	p15, 0, r0, c12, c0, 0	/* VBAR */
	isb
	/* A stack for each mode that exceptions come to. */
	.irp	mode, 0x17, 0x1b, 0x11, 0x13
	cps	#\mode
	movw	sp, #:lower16:stack_top - (\mode & 3) * 1024
	movt	sp, #:upper16:stack_top
	.endr
	movw	r0, #:lower16:__bss_start
	movt	r0, #:upper16:__bss_start
	movw	r1, #:lower16:__bss_end
	movt	r1, #:upper16:__bss_end
	mov	r3, #0
1:	cmp	r0, r1
	strlo	r3, [r0], #4
	blo	1b
	mov	r0, r10
	mov	r1, r11
	bl	guest_main
	b	.

	.balign	32
vectors:
	b	.
	b	undefined
	b	.
	b	prefetch
	b	data
	b	.
	b	.
	b	.

/*
 * struct taken: which, lr, spsr. Goes on at `resume`, in the mode and state of
 * before: whoever expects an exception sets it.
 */
.macro record name, which
\name:
	push	{r0, r1}
	movw	r0, #:lower16:taken
	movt	r0, #:upper16:taken
	mov	r1, #\which
	str	r1, [r0]
	str	lr, [r0, #4]
	mrs	r1, spsr
	str	r1, [r0, #8]
	mrs	r1, cpsr
	str	r1, [r0, #12]
	ldr	lr, [r0, #16]
	pop	{r0, r1}
	movs	pc, lr
.endm
	record	undefined, 1
	record	prefetch, 2
	record	data, 3

/* The instruction at 8: below raises an exception; go on at 9:. */
.macro expect
	movw	r12, #:lower16:taken
	movt	r12, #:upper16:taken
	adr	r3, 9f
	str	r3, [r12, #16]
	adr	r3, 8f
	str	r3, [r12, #20]
	mov	r3, #0
	str	r3, [r12]
.endm

.macro function name
	.globl	\name
	.balign	4
\name:
.endm

/* Of a PMU, which guests do not have. */
function read_pmcr
	expect
8:	mrc	p15, 0, r0, c9, c12, 0
9:	bx	lr

function read_at		/* (u32 address) */
	expect
8:	ldr	r0, [r0]
9:	bx	lr

/* A store that a syndrome cannot describe. */
function write_pair_at
	expect
8:	strd	r0, r1, [r0]
9:	bx	lr

function write_at		/* (u32 address, u32 value) */
	expect
8:	str	r1, [r0]
9:	bx	lr

function jump_to
	expect
	mov	r2, lr
8:	bx	r0
9:	bx	r2

/* The same read in Thumb state, in an IT block: 9: is where it goes on. */
function read_thumb
	movw	r12, #:lower16:taken
	movt	r12, #:upper16:taken
	adr	r3, 9f
	orr	r3, r3, #1
	str	r3, [r12, #16]
	adr	r3, 8f
	str	r3, [r12, #20]
	mov	r3, #0
	str	r3, [r12]
	adr	r3, 1f
	orr	r3, r3, #1
	bx	r3
	.thumb
	.balign	4
1:	cmp	r0, r0
	it	eq
8:	ldreq	r0, [r0]
	nop
	.balign	4
9:	bx	lr
	.arm

/* u32 device_in_fiq(u32 address): a device's register, read to r8 of FIQ mode;
 * r8 of the others keeps what it was. 0 if it did not. */
function device_in_fiq
	push	{r8, lr}
	movw	r8, #0x1234
	mov	r2, r0
	cps	#0x11
	mov	r8, #0
	ldr	r8, [r2]
	mov	r0, r8
	cps	#0x13
	movw	r1, #0x1234
	cmp	r8, r1
	movne	r0, #0
	pop	{r8, pc}

/* u32 device_to_sp(u32 address): to r13, and from there to a device. */
function device_to_sp
	mov	r3, sp
	ldr	sp, [r0]
	mov	r1, sp
	mov	sp, r3
	mov	r0, r1
	bx	lr

/* void in_mode(u32 mode, u32 address): a device's access in whatever mode that
 * number selects, if any. */
function in_mode
	mrs	r2, cpsr
	mov	r12, lr
	bic	r3, r2, #0x1f
	orr	r3, r3, r0
	msr	cpsr_c, r3
	ldr	r0, [r1]
	msr	cpsr_c, r2
	mov	lr, r12
	bx	r12

function read_actlr
	mrc	p15, 0, r0, c1, c0, 1
	bx	lr
function read_l2ctlr
	mrc	p15, 1, r0, c9, c0, 2
	bx	lr
function clean_by_set_way
	mov	r0, #0
	mcr	p15, 0, r0, c7, c14, 2
	dsb
	bx	lr
/* u32 call_hvc(u32 fn, u32 a, u32 b, u32 c), call_smc */
function call_hvc
	hvc	#0
	bx	lr
function call_smc
	smc	#0
	bx	lr
/* An SMC whose condition fails: r0 stays. */
function call_smc_not
	cmp	r0, r0
	smcne	#0
	bx	lr
function read_dfsr
	mrc	p15, 0, r0, c5, c0, 0
	bx	lr
function read_ifsr
	mrc	p15, 0, r0, c5, c0, 1
	bx	lr
function read_dfar
	mrc	p15, 0, r0, c6, c0, 0
	bx	lr
function read_ifar
	mrc	p15, 0, r0, c6, c0, 2
	bx	lr

	.bss
	.balign	4096
	.globl	taken
taken:	.space	32
	.balign	4096
	.space	8192
stack_top:
