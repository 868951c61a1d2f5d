/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's vectors, and the way into a guest and out of it.
 *
 * While a guest runs, SP_EL2 points at the struct arm_vcpu pointer that
 * guest_enter() left on top of the thread's stack, above the callee-saved
 * registers of its caller. An exit stores the guest's general registers and
 * calls C at once; EL1's registers, FP/SIMD and list registers stay where they
 * are until another vCPU needs the CPU. So the cheapest exit is 31 registers
 * out, a function, 31 registers in.
 *
 * x18 is never used by C code here (-ffixed-x18): the vectors for faults of
 * our own need one register to begin with.
 */
#include "arch/arm64/asm_offsets.h"

/* The registers that a function leaves as they were, in a frame at sp. */
.macro callee_saved op
	\op	x19, x20, [sp, #16]
	\op	x21, x22, [sp, #32]
	\op	x23, x24, [sp, #48]
	\op	x25, x26, [sp, #64]
	\op	x27, x28, [sp, #80]
.endm

/* Of a guest, or of what is broken: each at 8 times its number from \base. */
.macro x4_to_x29 op, base
	\op	x4, x5, [\base, #32]
	\op	x6, x7, [\base, #48]
	\op	x8, x9, [\base, #64]
	\op	x10, x11, [\base, #80]
	\op	x12, x13, [\base, #96]
	\op	x14, x15, [\base, #112]
	\op	x16, x17, [\base, #128]
	\op	x18, x19, [\base, #144]
	\op	x20, x21, [\base, #160]
	\op	x22, x23, [\base, #176]
	\op	x24, x25, [\base, #192]
	\op	x26, x27, [\base, #208]
	\op	x28, x29, [\base, #224]
.endm
#if VCPU_X
#error "x[] is not where x4_to_x29 has it"
#endif

/* int guest_enter(struct arm_vcpu *v) */
	.section .text.hot, "ax"
	.globl	guest_enter
	.balign	64
guest_enter:
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	callee_saved stp
	str	x0, [sp, #-16]!
guest_resume:
	ldp	x2, x3, [x0, #VCPU_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldp	x2, x3, [x0, #VCPU_X + 16]
	x4_to_x29 ldp, x0
	ldr	x30, [x0, #VCPU_X + 240]
	ldp	x0, x1, [x0, #VCPU_X]
	eret
	/* Nothing is to be speculated past the way into the guest. */
	dsb	nsh
	isb

/* Out of the guest: its registers into *x0 = vcpu. */
.macro guest_save
	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #VCPU_X + 16]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0, #VCPU_X]
	x4_to_x29 stp, x0
	str	x30, [x0, #VCPU_X + 240]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #VCPU_PC]
	/* Backtraces start at guest_enter's caller. */
	add	x29, sp, #16
.endm

guest_sync:
	guest_save
	mrs	x1, esr_el2
	bl	guest_exit_sync
	cbnz	w0, guest_leave
	ldr	x0, [sp]
	b	guest_resume

guest_irq:
	guest_save
	bl	guest_exit_irq
	cbnz	w0, guest_leave
	ldr	x0, [sp]
	b	guest_resume

guest_serror:
	guest_save
	mrs	x1, esr_el2
	bl	guest_exit_serror
	cbnz	w0, guest_leave
	ldr	x0, [sp]
	b	guest_resume

guest_leave:
	add	sp, sp, #16
	callee_saved ldp
	ldp	x29, x30, [sp], #96
	ret

/*
 * An exception taken from EL2 itself: fatal. The stack may be what is broken
 * (a guard page was hit), so the panic runs on one of its own.
 */
.macro fatal name
	.balign	128
	mrs	x18, tpidr_el2
	cbz	x18, .		/* before per-CPU data stand */
	stp	x0, x1, [x18, #CPU_PANIC_REGS]
	mov	x0, sp
	ldr	x1, [x18, #CPU_PANIC_SP]
	mov	sp, x1
	sub	sp, sp, #272
	str	x0, [sp, #248]
	ldp	x0, x1, [x18, #CPU_PANIC_REGS]
	b	fatal_\name
.endm

/* x18 is the way here, and of no use to the panic. */
.macro fatal_tail name
fatal_\name:
	adr	x18, name_\name
	b	fatal_common
name_\name:
	.asciz	"\name"
	.balign	4
.endm

	fatal_tail sync
	fatal_tail irq
	fatal_tail fiq
	fatal_tail serror

fatal_common:
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	x4_to_x29 stp, sp
	str	x30, [sp, #240]
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [sp, #256]
	mov	x0, sp
	mov	x1, x18
	b	panic_exception

	.section .text.vectors, "ax"
	.balign	2048
	.globl	vectors
	.hidden	vectors
vectors:
	/* Current EL with SP_EL0: never used. */
	fatal	sync
	fatal	irq
	fatal	fiq
	fatal	serror
	/* Current EL with SP_EL2. */
	fatal	sync
	fatal	irq
	fatal	fiq
	fatal	serror
	/* A guest in AArch64, then (its EL0 only) in AArch32. */
.rept 2
	.balign	128
	b	guest_sync
	.balign	128
	b	guest_irq
	.balign	128
	b	guest_irq
	.balign	128
	b	guest_serror
.endr
	.balign	128

/* void thread_switch_sp(void **save_sp, void *sp) */
	.text
	.globl	thread_switch_sp
thread_switch_sp:
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	callee_saved stp
	mov	x2, sp
	str	x2, [x0]
	mov	sp, x1
	callee_saved ldp
	ldp	x29, x30, [sp], #96
	ret

/* void fpsimd_save(struct fpsimd_state *), fpsimd_restore(const ...) */
.macro fpsimd op
	\op	q0, q1, [x0, #0]
	\op	q2, q3, [x0, #32]
	\op	q4, q5, [x0, #64]
	\op	q6, q7, [x0, #96]
	\op	q8, q9, [x0, #128]
	\op	q10, q11, [x0, #160]
	\op	q12, q13, [x0, #192]
	\op	q14, q15, [x0, #224]
	\op	q16, q17, [x0, #256]
	\op	q18, q19, [x0, #288]
	\op	q20, q21, [x0, #320]
	\op	q22, q23, [x0, #352]
	\op	q24, q25, [x0, #384]
	\op	q26, q27, [x0, #416]
	\op	q28, q29, [x0, #448]
	\op	q30, q31, [x0, #480]
.endm

	.arch_extension fp
	.arch_extension simd
	.globl	fpsimd_save, fpsimd_restore
fpsimd_save:
	fpsimd	stp
	mrs	x1, fpsr
	mrs	x2, fpcr
	str	w1, [x0, #512]
	str	w2, [x0, #516]
	ret
fpsimd_restore:
	fpsimd	ldp
	ldr	w1, [x0, #512]
	ldr	w2, [x0, #516]
	msr	fpsr, x1
	msr	fpcr, x2
	ret

/* long arch_smc(u64 fn, u64 a, u64 b, u64 c) (SMCCC, DEN0028). */
	.globl	arch_smc
arch_smc:
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	smc	#0
	ret
