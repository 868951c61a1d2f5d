/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test guest's first and last resort: entry at EL1 by the Linux Image or the
 * ELF convention (x0: device tree, or 0), and the exception vectors.
 */
#define FRAME_SIZE 288 /* struct frame, rounded to the stack's alignment */
#define FRAME_ELR 248
#define FRAME_ESR 264
#define STACK_SIZE 16384

	.section .head, "ax"
	/* Linux arm64 Image header (Documentation/arch/arm64/booting.rst). */
	b	_start
	.long	0
	.quad	0                       /* text_offset */
	.quad	_image_size
	.quad	0xa                     /* little endian, 4K, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
	.globl	_start
_start:
	mrs	x28, cntvct_el0         /* what `boot` reports */
	mov	x19, x0
	msr	daifset, #0xf
	adrp	x1, __rela_start
	add	x1, x1, :lo12:__rela_start
	adrp	x2, __rela_end
	add	x2, x2, :lo12:__rela_end
	adrp	x3, _head               /* the image is linked at 0 if moved */
1:	cmp	x1, x2
	b.hs	2f
	ldp	x4, x5, [x1], #16
	ldr	x6, [x1], #8
	cmp	w5, #1027               /* R_AARCH64_RELATIVE */
	b.ne	1b
	add	x6, x6, x3
	str	x6, [x4, x3]
	b	1b
2:	adrp	x1, __bss_start
	add	x1, x1, :lo12:__bss_start
	adrp	x2, __bss_end
	add	x2, x2, :lo12:__bss_end
3:	cmp	x1, x2
	b.hs	4f
	stp	xzr, xzr, [x1], #16
	b	3b
4:	mov	x0, #0
	bl	cpu_setup
	mov	x0, x19
	mov	x1, x28
	bl	rt_start
	b	.

	/* PSCI CPU_ON comes here, x0: the CPU's index. */
	.globl	_secondary_start
_secondary_start:
	msr	daifset, #0xf
	mov	x19, x0
	bl	cpu_setup
	mov	x0, x19
	bl	rt_secondary
	b	.

	/* A CPU that says in which state it came up, with caches off, and goes:
	 * x0, SCTLR, DAIF, CurrentEL, MPIDR, and last a 1. */
	.globl	_report_state
_report_state:
	adrp	x9, reported_state
	add	x9, x9, :lo12:reported_state
	mrs	x1, sctlr_el1
	stp	x0, x1, [x9]
	mrs	x0, daif
	mrs	x1, currentel
	stp	x0, x1, [x9, #16]
	mrs	x0, mpidr_el1
	str	x0, [x9, #32]
	dmb	sy
	mov	x0, #1
	str	x0, [x9, #56]
	mov	w0, #2
	movk	w0, #0x8400, lsl #16    /* CPU_OFF */
	hvc	#0
	b	.

	/* x0: index. Stack, vectors, FP on, MMU and caches off. */
cpu_setup:
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	mov	x2, #STACK_SIZE
	madd	x1, x0, x2, x1
	add	x1, x1, x2
	msr	spsel, #1
	mov	sp, x1
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	mov	x1, #(3 << 20)
	msr	cpacr_el1, x1
	mov	x1, #0x0800             /* SCTLR_EL1's RES1 bits of ARMv8.0 */
	movk	x1, #0x30d0, lsl #16
	msr	sctlr_el1, x1
	isb
	ret

	.macro	vector kind
	.balign	0x80
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	exception
	.endm

	.balign	2048
	.globl	vectors
vectors:
	.irp	kind, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\kind
	.endr

	/*
	 * For a CPU whose stack is lost: each push faults and comes back here.
	 * SP stays where it is, so that the CPU never wanders off into memory.
	 */
	.balign	2048
	.globl	stuck_vectors
stuck_vectors:
	.rept	16
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	add	sp, sp, #16
	eret
	.endr

exception:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, esr_el1
	mrs	x5, far_el1
	str	x30, [sp, #240]
	stp	x2, x3, [sp, #FRAME_ELR]
	stp	x4, x5, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	rt_exception
	ldp	x2, x3, [sp, #FRAME_ELR]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_SIZE
	eret

	/* u64 smccc_hvc(u64 regs[18]), smccc_smc: x0 to x17 in and out. */
	.macro	smccc name, insn
	.globl	\name
\name:
	stp	x29, x30, [sp, #-32]!
	str	x0, [sp, #16]
	mov	x30, x0
	ldp	x0, x1, [x30]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	\insn	#0
	ldr	x30, [sp, #16]
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	ldp	x29, x30, [sp], #32
	ret
	.endm
	smccc	smccc_hvc, hvc
	smccc	smccc_smc, smc

	/*
	 * void fp_fill(u64 seed): every FP/SIMD register from the seed.
	 * u64 fp_differ(u64 seed): which of v0 to v31 do not hold what
	 * fp_fill(seed) wrote.
	 */
	.arch_extension fp
	.arch_extension simd
	.globl	fp_fill
fp_fill:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15, \
		16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	add	x1, x0, #\n
	mvn	x2, x1
	fmov	d\n, x1
	mov	v\n\().d[1], x2
	.endr
	msr	fpcr, xzr
	and	x1, x0, #3
	lsl	x1, x1, #22             /* FPCR.RMode */
	msr	fpcr, x1
	ret

	.globl	fp_differ
fp_differ:
	mov	x3, #0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15, \
		16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	add	x1, x0, #\n
	mvn	x2, x1
	fmov	x4, d\n
	mov	x5, v\n\().d[1]
	eor	x4, x4, x1
	eor	x5, x5, x2
	orr	x4, x4, x5
	cmp	x4, #0
	cset	x4, ne
	orr	x3, x3, x4, lsl #\n
	.endr
	and	x1, x0, #3
	lsl	x1, x1, #22
	mrs	x2, fpcr
	cmp	x1, x2
	cset	x4, ne
	orr	x0, x3, x4, lsl #32
	ret

	.bss
	.balign	64
	.globl	reported_state
reported_state:
	.skip	64
stacks:
	.skip	STACK_SIZE * 8
