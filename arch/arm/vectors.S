/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyp mode's vectors, and the way into a guest and out of it.
 *
 * While a guest runs, SP_hyp points at the struct arm_vcpu pointer that
 * guest_enter() left on top of the thread's stack, above the callee-saved
 * registers of its caller. An exit stores User mode's r0 to r12 and r14, which
 * Hyp mode shares, and calls C at once; other modes' registers, the system
 * registers, VFP and list registers stay where they are until another vCPU
 * needs the CPU.
 */
#include "arch/arm/asm_offsets.h"
#include "arch/arm/registers.h"

	.arch_extension virt
	.arch_extension sec
	.syntax unified
	.arm
	.hidden	guest_exit_sync, guest_exit_irq
	.hidden	panic_exception

/* int guest_enter(struct arm_vcpu *v) */
	.section .text.hot, "ax"
	.globl	guest_enter
	.hidden	guest_enter
	.balign	64
guest_enter:
	push	{r3-r11, lr}
	push	{r0, r1}
guest_resume:
	ldr	r2, [r0, #VCPU_PC]
	ldr	r3, [r0, #VCPU_PC + 4]
	msr	elr_hyp, r2
	msr	spsr_cxsf, r3
	/* A compare-and-exchange that failed has left an LDREX; ERET does not
	 * end it, as in ARMv8 (ARM DDI 0406C, A3.4.4 and A3.4.5). */
	clrex
	ldr	lr, [r0, #VCPU_LR]
	ldm	r0, {r0-r12}
	eret
	/* Nothing is to be speculated past the way into the guest. */
	dsb	nsh
	isb

/* Out of the guest: its registers into *r0 = vcpu. */
.macro guest_save
	push	{r0, r1}
	ldr	r0, [sp, #8]
	str	lr, [r0, #VCPU_LR]
	add	lr, r0, #VCPU_R + 8
	stm	lr, {r2-r12}
	pop	{r2, r3}
	strd	r2, r3, [r0, #VCPU_R]
	mrs	r2, elr_hyp
	mrs	r3, spsr
	str	r2, [r0, #VCPU_PC]
	str	r3, [r0, #VCPU_PC + 4]
	/* Backtraces start anew. */
	mov	fp, #0
.endm

guest_trap:
	guest_save
	mrc	p15, 4, r1, c5, c2, 0	/* HSR */
	bl	guest_exit_sync
	cmp	r0, #0
	bne	guest_leave
	ldr	r0, [sp]
	b	guest_resume

guest_irq:
	guest_save
	bl	guest_exit_irq
	cmp	r0, #0
	bne	guest_leave
	ldr	r0, [sp]
	b	guest_resume

guest_leave:
	add	sp, sp, #8
	pop	{r3-r11, pc}

	.section .text.vectors, "ax"
/* What is taken from a guest, asynchronous aborts too, comes to the sixth; the
 * others are Hyp mode's own (ARM DDI 0406C, B1.8.1). */
	.balign	32
	.globl	vectors
	.hidden	vectors
vectors:
	b	fatal_reset
	b	fatal_undefined
	b	fatal_call
	b	fatal_prefetch
	b	fatal_data_abort
	b	guest_trap
	b	guest_irq
	b	guest_irq

/*
 * An exception taken from Hyp mode itself: fatal. The stack may be what is broken
 * (a guard page was hit), so the panic runs on one of its own. One register is
 * needed to begin with: a fault address that says nothing of this exception
 * makes room for it.
 */
.macro fatal name, crm, op2
fatal_\name:
	mcr	p15, 4, r0, c6, \crm, \op2
	mrc	p15, 4, r0, c13, c0, 2	/* HTPIDR */
	cmp	r0, #0
	beq	.			/* before per-CPU data stand */
	str	r1, [r0, #CPU_PANIC_REGS + 4]
	mrc	p15, 4, r1, c6, \crm, \op2
	str	r1, [r0, #CPU_PANIC_REGS]
	adr	r1, name_\name
	b	fatal_common
name_\name:
	.asciz	"\name"
	.balign	4
.endm

	fatal reset, c0, 2
	fatal undefined, c0, 2
	fatal call, c0, 2
	fatal prefetch, c0, 0
	fatal data_abort, c0, 2

/* r0: struct arm_cpu, r1: the name. struct exception_frame: panic.c. */
fatal_common:
	str	sp, [r0, #CPU_PANIC_REGS + 8]
	ldr	sp, [r0, #CPU_PANIC_SP]
	sub	sp, sp, #FRAME_SIZE
	str	lr, [sp, #FRAME_R + 14 * 4]
	add	lr, sp, #FRAME_R + 2 * 4
	stm	lr, {r2-r12}
	ldr	r2, [r0, #CPU_PANIC_REGS]
	ldr	r3, [r0, #CPU_PANIC_REGS + 4]
	strd	r2, r3, [sp, #FRAME_R]
	ldr	r2, [r0, #CPU_PANIC_REGS + 8]
	str	r2, [sp, #FRAME_R + 13 * 4]
	mrs	r2, elr_hyp
	mrs	r3, spsr
	str	r2, [sp, #FRAME_PC]
	str	r3, [sp, #FRAME_CPSR]
	mov	r0, sp
	b	panic_exception

/* void thread_switch_sp(void **save_sp, void *sp) */
	.text
	.globl	thread_switch_sp
	.hidden	thread_switch_sp
thread_switch_sp:
	push	{r3-r11, lr}
	str	sp, [r0]
	mov	sp, r1
	pop	{r3-r11, pc}

/*
 * void fpsimd_save(struct fpsimd_state *), fpsimd_restore(const ...)
 *
 * FPEXC is of the state. Where nobody's is here, FPEXC.EN stays set: whether an
 * instruction is trapped by HCPTR first or undefined by EN first is not for the
 * one who left it clear to say.
 */
	.fpu	neon-vfpv4
	.globl	fpsimd_save, fpsimd_restore, vfp_enable
	.hidden	fpsimd_save, fpsimd_restore, vfp_enable
fpsimd_save:
	vmrs	r1, fpexc
	mov	r2, #FPEXC_EN
	vmsr	fpexc, r2
	vstmia	r0!, {d0-d15}
	vmrs	r3, mvfr0
	and	r3, r3, #0xf
	cmp	r3, #2			/* 32 double-word registers */
	blo	1f
	vstmia	r0, {d16-d31}
1:	add	r0, r0, #FPSIMD_FPSCR - 128
	vmrs	r2, fpscr
	str	r2, [r0]
	str	r1, [r0, #4]
vfp_enable:
	mov	r1, #FPEXC_EN
	vmsr	fpexc, r1
	bx	lr
fpsimd_restore:
	mov	r1, #FPEXC_EN
	vmsr	fpexc, r1
	vldmia	r0!, {d0-d15}
	vmrs	r3, mvfr0
	and	r3, r3, #0xf
	cmp	r3, #2
	blo	1f
	vldmia	r0, {d16-d31}
1:	add	r0, r0, #FPSIMD_FPSCR - 128
	ldrd	r2, r3, [r0]
	vmsr	fpscr, r2
	vmsr	fpexc, r3
	bx	lr

/* u32 vfp_id(unsigned int n): MVFR0 and MVFR1, which all CPUs here have. */
	.globl	vfp_id
	.hidden	vfp_id
vfp_id:
	cmp	r0, #0
	vmrseq	r0, mvfr0
	vmrsne	r0, mvfr1
	bx	lr

/* long arch_smc(u64 fn, u64 a, u64 b, u64 c) (SMCCC, DEN0028): 32 bits of each. */
	.globl	arch_smc
	.hidden	arch_smc
arch_smc:
	mov	r1, r2
	ldr	r2, [sp]
	ldr	r3, [sp, #8]
	smc	#0
	bx	lr
