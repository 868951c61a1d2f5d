/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test guest's first and last resort: entry in Supervisor mode as a zImage or by
 * the ELF convention (r2: device tree, or 0), and the exception vectors. Every
 * exception is handled in Supervisor mode, on its stack.
 */
	.syntax unified
	.arch_extension virt
	.arch_extension sec
	.arm

#define FRAME_SIZE 64 /* struct frame */
#define STACK_SIZE 16384
#define MODE_SVC 0x13

	/* The address of a symbol, wherever the image is. */
	.macro	lea reg, sym
	movw	\reg, #:lower16:(\sym - .Lpc\@)
	movt	\reg, #:upper16:(\sym - .Lpc\@)
	.set	.Lpc\@, . + 8
	add	\reg, \reg, pc
	.endm

	.macro	function name
	.globl	\name
	.balign	4
\name:
	.endm

	.section .head, "ax"
	/* zImage header: magic, start, end. */
	.rept	8
	nop
	.endr
	b	_start
	.long	0x016f2818
	.long	0
	.long	_image_size

	.text
function _start
	cpsid	aif
	mrrc	p15, 1, r8, r9, c14     /* CNTVCT: what `boot` reports */
	mov	r7, r2
	mov	r10, r0
	mov	r11, r1
	lea	r1, __rel_start
	lea	r2, __rel_end
	lea	r3, _head               /* the image is linked at 0 if moved */
1:	cmp	r1, r2
	bhs	2f
	ldm	r1!, {r4, r5}
	cmp	r5, #23                 /* R_ARM_RELATIVE */
	ldreq	r6, [r4, r3]
	addeq	r6, r6, r3
	streq	r6, [r4, r3]
	b	1b
2:	lea	r1, __bss_start
	lea	r2, __bss_end
	mov	r3, #0
3:	cmp	r1, r2
	strlo	r3, [r1], #4
	blo	3b
	lea	r1, boot_registers
	stm	r1, {r10, r11}
	mov	r0, #0
	bl	cpu_setup
	mov	r0, r7
	mov	r2, r8
	mov	r3, r9
	bl	rt_start
	b	.

	/* PSCI CPU_ON comes here, r0: the CPU's index. */
function _secondary_start
	cpsid	aif
	mov	r7, r0
	bl	cpu_setup
	mov	r0, r7
	mov	r1, #0
	bl	rt_secondary
	b	.

	/* A CPU that says in which state it came up, with caches off, and goes. */
function _report_state
	mrs	r2, cpsr
	lea	r1, reported_state
	str	r0, [r1]
	mrc	p15, 0, r0, c1, c0, 0   /* SCTLR */
	str	r0, [r1, #8]
	and	r0, r2, #0x3e0
	str	r0, [r1, #16]
	and	r0, r2, #0x1f
	str	r0, [r1, #24]
	mrc	p15, 0, r0, c0, c0, 5   /* MPIDR */
	str	r0, [r1, #32]
	dmb	sy
	mov	r0, #1
	str	r0, [r1, #56]
	movw	r0, #2                  /* CPU_OFF */
	movt	r0, #0x8400
	hvc	#0
	b	.

	/* r0: index. Stack, vectors, VFP on, MMU and caches off. */
cpu_setup:
	cps	#MODE_SVC
	lea	r1, stacks + STACK_SIZE
	add	sp, r1, r0, lsl #14
	lea	r1, vectors
	mcr	p15, 0, r1, c12, c0, 0  /* VBAR */
	mov	r1, #0xf00000
	mcr	p15, 0, r1, c1, c0, 2   /* CPACR */
	isb
	.fpu	neon-vfpv4
	mov	r1, #(1 << 30)
	vmsr	fpexc, r1
	bx	lr

	.balign	32
function vectors
	b	.
	b	undefined
	b	call
	b	prefetch
	b	data
	b	.
	b	irq
	b	fiq

	.macro	vector name, kind
\name:
	srsdb	sp!, #MODE_SVC
	cps	#MODE_SVC
	push	{r0-r12, lr}
	mov	r1, #\kind
	b	exception
	.endm
	vector	undefined, 1
	vector	call, 2
	vector	prefetch, 3
	vector	data, 4
	vector	irq, 6
	vector	fiq, 7

exception:
	clrex
	mov	r0, sp
	mov	r4, sp
	bic	sp, sp, #7
	bl	rt_exception
	mov	sp, r4
	pop	{r0-r12, lr}
	rfeia	sp!

	/*
	 * For a CPU whose stack is lost: each push faults and comes back here.
	 * SP stays where it is, so that the CPU never wanders off into memory.
	 */
	.balign	32
function stuck_vectors
	.rept	8
	b	stuck
	.endr
stuck:
	cps	#MODE_SVC
	push	{r0, r1}
	add	sp, sp, #8
	b	stuck

	/* void smccc_hvc(u64 regs[8]), smccc_smc: r0 to r7 in and out. */
	.macro	smccc name, insn
function \name
	push	{r4-r9, lr}
	mov	r8, r0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	ldr	r\n, [r8, #8 * \n]
	.endr
	\insn	#0
	mov	r9, #0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	str	r\n, [r8, #8 * \n]
	str	r9, [r8, #8 * \n + 4]
	.endr
	pop	{r4-r9, pc}
	.endm
	smccc	smccc_hvc, hvc
	smccc	smccc_smc, smc

	/* void fp_fill(u64 seed), u64 fp_differ(u64 seed): d0 to d31, FPSCR. */
function fp_fill
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15, \
		16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	adds	r2, r0, #\n
	adc	r3, r1, #0
	vmov	d\n, r2, r3
	.endr
	and	r2, r0, #3
	lsl	r2, r2, #22             /* FPSCR.RMode */
	vmsr	fpscr, r2
	bx	lr

function fp_differ
	push	{r4, r5, r6, lr}
	mov	r6, #0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15, \
		16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	adds	r2, r0, #\n
	adc	r3, r1, #0
	vmov	r4, r5, d\n
	cmp	r4, r2
	cmpeq	r5, r3
	orrne	r6, r6, #(1 << \n)
	.endr
	and	r2, r0, #3
	lsl	r2, r2, #22
	vmrs	r3, fpscr
	eors	r1, r2, r3
	movne	r1, #1
	mov	r0, r6
	pop	{r4, r5, r6, pc}

	.bss
	.balign	64
	.globl	reported_state
reported_state:
	.skip	64
	.globl	boot_registers
boot_registers:
	.skip	8
stacks:
	.skip	STACK_SIZE * 8
