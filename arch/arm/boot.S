/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader's jump to C in Hyp mode with the MMU on.
 *
 * Entered as Linux's zImage is (Documentation/arm/booting.rst): MMU and data
 * cache off, the device tree's address in r2; and in Hyp mode, or there is
 * nothing to do but to say so.
 */
#include "arch/arm/registers.h"
#include "arch/armcommon/boot_info.h"

#define BOOT_STACK_SIZE 8192
#define R_ARM_RELATIVE 23
#define ZIMAGE_MAGIC 0x016f2818
#define ENDIANNESS_MAGIC 0x04030201

	.arch_extension virt
	.arch_extension sec
	.syntax unified
	.arm

.macro adr_l reg, sym
	movw	\reg, #:lower16:\sym - (.Ladr\@ + 8)
	movt	\reg, #:upper16:\sym - (.Ladr\@ + 8)
.Ladr\@:
	add	\reg, pc, \reg
.endm

.macro mov_l reg, value
	movw	\reg, #:lower16:\value
	movt	\reg, #:upper16:\value
.endm

	.hidden	image_start, image_end, inspect_record, text_end, bss_start
	.hidden bss_end, relocations, relocations_end, boot_info, idmap_start, vectors
	.hidden early_main, setup_main, secondary_main, secondaries

	.section .head, "ax"
	.globl	_start
_start:
	b	primary_entry
	.rept	8
	nop
	.endr
	.long	ZIMAGE_MAGIC
	.long	0			/* loaded anywhere */
	.long	image_end - _start	/* .bss and the rest included */
	.long	ENDIANNESS_MAGIC
	.space	64 - (. - _start)
	.asciz	"TWOFOLD"		/* vmm/inspect.h */
	.long	inspect_record - _start

	.text
primary_entry:
	cpsid	aif
	mov	r10, r2
	mrs	r9, cpsr
	and	r9, r9, #SPSR_MODE_MASK
	adr_l	r0, boot_stack_top
	mov	sp, r0
	cmp	r9, #MODE_HYP
	bne	1f
	mov_l	r0, HSCTLR_RES1
	mcr	p15, 4, r0, c1, c0, 0	/* HSCTLR */
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0	/* HCR */
	mcr	p15, 4, r0, c1, c1, 2	/* HCPTR */
	mcr	p15, 4, r0, c13, c0, 2	/* HTPIDR */
	/* What fails from here on ends there, not anywhere. */
	adr_l	r0, vectors
	mcr	p15, 4, r0, c12, c0, 0	/* HVBAR */
	isb
	bl	set_smp
1:
	adr_l	r0, bss_start
	adr_l	r1, bss_end
	mov	r2, #0
	mov	r3, #0
2:	strd	r2, r3, [r0], #8
	cmp	r0, r1
	blo	2b

	adr_l	r0, image_start
	bl	relocate
	bl	clean_fdt
	mov	fp, #0
	mov	r0, r10
	mov	r1, r9
	bl	early_main

	/*
	 * All that was written so far went past the caches. Lines that a boot
	 * loader left of these addresses must not come up once they are on.
	 */
	adr_l	r0, text_end
	adr_l	r1, image_end
	bl	invalidate_range

	adr_l	r0, boot_info
	adr_l	r1, image_start
	adr_l	r2, primary_mapped
	sub	r2, r2, r1
	ldr	r3, [r0, #BOOT_IMAGE_VA]
	add	lr, r2, r3		/* primary_mapped's VA */
	b	enable_mmu

primary_mapped:
	/* From where it was loaded to where it is mapped. */
	adr_l	r0, boot_info
	ldr	r1, [r0, #BOOT_IMAGE_PA]
	adr_l	r0, image_start
	sub	r0, r0, r1
	bl	relocate
	adr_l	r0, boot_stack_top
	mov	sp, r0
	mov	fp, #0
	adr_l	r0, vectors
	mcr	p15, 4, r0, c12, c0, 0	/* HVBAR */
	isb
	bl	setup_main
	b	.

/*
 * A Cortex-A7 or A15 takes part in coherency, and its maintenance is broadcast, with
 * ACTLR.SMP set, which must be before caches and MMU are of use (ARM DDI 0438 and
 * 0464, "Auxiliary Control Register"). One that comes straight from reset has it
 * clear. Where the Secure state keeps it (NSACR.NS_SMP) the write does nothing:
 * features.c looks. Clobbers r0, r1.
 */
set_smp:
	mrc	p15, 0, r1, c0, c0, 0	/* MIDR */
	lsr	r0, r1, #24
	cmp	r0, #0x41		/* Arm's */
	bxne	lr
	ubfx	r1, r1, #4, #12
	movw	r0, #0xc07
	cmp	r1, r0
	movwne	r0, #0xc0f
	cmpne	r1, r0
	bxne	lr
	mrc	p15, 0, r0, c1, c0, 1	/* ACTLR */
	tst	r0, #ACTLR_SMP
	bxne	lr
	orr	r0, r0, #ACTLR_SMP
	mcr	p15, 0, r0, c1, c0, 1
	isb
	bx	lr

/* r0: how far the image has moved. The addends are in place. Clobbers r1 to r5. */
relocate:
	adr_l	r1, relocations
	adr_l	r2, relocations_end
	adr_l	r3, image_start
1:	cmp	r1, r2
	bxhs	lr
	ldrd	r4, r5, [r1], #8	/* where, type */
	cmp	r5, #R_ARM_RELATIVE
	bne	1b			/* R_ARM_NONE */
	ldr	r5, [r3, r4]
	add	r5, r5, r0
	str	r5, [r3, r4]
	b	1b

/* Operation \op of c7 on [r0, r1). Clobbers r0, r2, r3. */
.macro	dcache_range crm
	mrc	p15, 0, r3, c0, c0, 1	/* CTR */
	ubfx	r3, r3, #16, #4		/* log2 of words in the smallest line */
	mov	r2, #4
	lsl	r2, r2, r3
	sub	r3, r2, #1
	bic	r0, r0, r3
1:	mcr	p15, 0, r0, c7, \crm, 1
	add	r0, r0, r2
	cmp	r0, r1
	blo	1b
	dsb	sy
.endm

/* Invalidate [r0, r1) to the point of coherency. */
invalidate_range:
	dmb	sy			/* behind the stores that went past */
	dcache_range c6
	bx	lr

/*
 * The device tree at r10 is read past the caches, but the boot protocol does
 * not ask the loader to have cleaned it. Its size, once the header is clean, is
 * no more than early_main() accepts, or nothing is cleaned: it is refused.
 */
clean_fdt:
	tst	r10, #7
	bxne	lr
	cmp	r10, #0
	bxeq	lr
	mov	r0, r10
	add	r1, r10, #8
	dcache_range c14
	ldr	r4, [r10, #4]		/* totalsize */
	rev	r4, r4
	cmp	r4, #0x200000
	bxhi	lr
	mov	r0, r10
	add	r1, r10, r4
	dcache_range c14
	bx	lr

/*
 * A secondary CPU, with the MMU off. PSCI gives it the address of its struct
 * secondary (boot_info.h), but not every board does, and on some it may have
 * come before it was asked to: so it looks for its own, and waits until it is
 * there.
 */
	.globl	secondary_entry
	.hidden	secondary_entry
secondary_entry:
	cpsid	aif
	mrs	r0, cpsr
	and	r0, r0, #SPSR_MODE_MASK
	cmp	r0, #MODE_HYP
	bne	park
	mov_l	r0, HSCTLR_RES1
	mcr	p15, 4, r0, c1, c0, 0
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0
	mcr	p15, 4, r0, c1, c1, 2
	mcr	p15, 4, r0, c13, c0, 2
	adr_l	r0, vectors
	mcr	p15, 4, r0, c12, c0, 0
	isb
	bl	set_smp
	mrc	p15, 0, r4, c0, c0, 5	/* MPIDR */
	bic	r4, r4, #0xff000000
look_for_own:
	adr_l	r10, secondaries
	add	r11, r10, #(SECONDARY_COUNT * SECONDARY_SIZE)
1:	ldr	r9, [r10, #SECONDARY_STACK]	/* first: it was written last */
	ldr	r0, [r10, #SECONDARY_HW_ID]
	ldr	r8, [r10, #SECONDARY_PER_CPU]
	cmp	r9, #0
	beq	2f
	cmp	r0, r4
	beq	found_own
2:	add	r10, r10, #SECONDARY_SIZE
	cmp	r10, r11
	bne	1b
	wfe
	b	look_for_own
park:	/* It cannot be used, and the boot CPU says that it did not come up. */
	wfi
	b	park
found_own:
	adr_l	r0, boot_info
	adr_l	r1, image_start
	adr_l	r2, secondary_mapped
	sub	r2, r2, r1
	ldr	r3, [r0, #BOOT_IMAGE_VA]
	add	r6, r2, r3
	/* By way of the trampoline, which run-time tables hold too. */
	adr_l	r2, trampoline_switch
	adr_l	r1, idmap_start
	sub	r2, r2, r1
	ldr	r3, [r0, #BOOT_TRAMPOLINE]
	add	lr, r2, r3
	ldr	r4, [r0, #BOOT_RUN_TTBR]
	ldr	r5, [r0, #BOOT_RUN_TTBR + 4]
	b	enable_mmu

secondary_mapped:
	mov	sp, r9
	mov	fp, #0
	mcr	p15, 4, r8, c13, c0, 2	/* HTPIDR */
	adr_l	r0, vectors
	mcr	p15, 4, r0, c12, c0, 0	/* HVBAR */
	isb
	bl	secondary_main
	b	.

/* void switch_tables(u64 ttbr, uintptr_t trampoline): run on those at ttbr. */
	.globl	switch_tables
	.hidden	switch_tables
switch_tables:
	push	{r4-r7, fp, lr}
	mov	r4, r0
	mov	r5, r1
	adr	r6, 1f
	adr_l	r0, trampoline_switch
	adr_l	r1, idmap_start
	sub	r0, r0, r1
	add	r0, r0, r2
	bx	r0
1:	pop	{r4-r7, fp, pc}

/* ---- The page that is mapped at its physical address too ---------------- */

	.section .idmap, "ax"
/* r0: struct boot_info, physical; lr: where to go once the MMU is on. Clobbers
 * r1 to r3. */
enable_mmu:
	ldr	r1, [r0, #BOOT_MAIR]
	mcr	p15, 4, r1, c10, c2, 0	/* HMAIR0 */
	ldr	r1, [r0, #BOOT_TCR]
	mcr	p15, 4, r1, c2, c0, 2	/* HTCR */
	ldr	r1, [r0, #BOOT_TTBR]
	ldr	r2, [r0, #BOOT_TTBR + 4]
	mcrr	p15, 4, r1, r2, c2	/* HTTBR */
	ldr	r3, [r0, #BOOT_SCTLR]
	isb
	mcr	p15, 4, r1, c8, c7, 0	/* TLBIALLH */
	mcr	p15, 0, r1, c7, c5, 0	/* ICIALLU */
	mcr	p15, 0, r1, c7, c5, 6	/* BPIALL */
	dsb	nsh
	isb
	mcr	p15, 4, r3, c1, c0, 0	/* HSCTLR */
	isb
	bx	lr

/* On the trampoline: from whatever tables to those at r5:r4, then to r6. */
trampoline_switch:
	mcrr	p15, 4, r4, r5, c2	/* HTTBR */
	isb
	mcr	p15, 4, r4, c8, c7, 0	/* TLBIALLH */
	dsb	nsh
	isb
	bx	r6

	.section .boot_stack, "aw", %nobits
	.space	BOOT_STACK_SIZE
boot_stack_top:
