/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader's jump to C at EL2 with the MMU on.
 *
 * Entered as the Linux arm64 boot protocol says (Documentation/arch/arm64/
 * booting.rst): EL2, MMU off, the device tree's address in x0.
 */
#include "arch/armcommon/boot_info.h"
#include "arch/arm64/registers.h"

#define BOOT_STACK_SIZE 8192
#define R_AARCH64_RELATIVE 1027

.macro adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
.endm

	.hidden	image_end, inspect_record

	.section .head, "ax"
	.globl	_start
_start:
	b	primary_entry
	.long	0
	.quad	0			/* text_offset: any 2 MiB boundary */
	.quad	image_end - _start	/* .bss and the rest included */
	.quad	0xa			/* little endian, 4K, anywhere in RAM */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0
	.asciz	"TWOFOLD"		/* vmm/inspect.h */
	.long	inspect_record - _start

	.text
primary_entry:
	msr	daifset, #0xf
	mov	x19, x0
	mrs	x20, CurrentEL
	adr_l	x0, boot_stack_top
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	cmp	x20, #(2 << 2)
	b.ne	1f
	mov	x0, #HCR_RW		/* E2H = 0, nothing trapped */
	msr	hcr_el2, x0
	ldr	x0, =SCTLR_EL2_RES1
	msr	sctlr_el2, x0
	isb
1:
	adr_l	x0, bss_start
	adr_l	x1, bss_end
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b

	adr_l	x0, image_start
	bl	relocate
	bl	clean_fdt
	mov	x0, x19
	mov	x1, x20
	bl	early_main

	/*
	 * All that was written so far went past the caches. Lines that a boot
	 * loader left of these addresses must not come up once they are on.
	 */
	adr_l	x0, text_end
	adr_l	x1, image_end
	bl	invalidate_range

	adr_l	x0, boot_info
	adrp	x1, image_start
	adr_l	x2, primary_mapped
	sub	x2, x2, x1
	ldr	x3, [x0, #BOOT_IMAGE_VA]
	add	x30, x2, x3		/* primary_mapped's VA */
	b	enable_mmu

primary_mapped:
	adr_l	x0, image_start
	bl	relocate
	adr_l	x0, boot_stack_top
	mov	sp, x0
	mov	x29, xzr
	adr_l	x0, vectors
	msr	vbar_el2, x0
	isb
	bl	setup_main
	b	.

/* x0: the address that the image's first byte has. Clobbers x1 to x5. */
relocate:
	adr_l	x1, relocations
	adr_l	x2, relocations_end
	adr_l	x5, image_start
1:	cmp	x1, x2
	b.hs	2f
	ldp	x3, x4, [x1], #16	/* where, type */
	cmp	x4, #R_AARCH64_RELATIVE
	ldr	x4, [x1], #8		/* addend */
	b.ne	1b			/* R_AARCH64_NONE */
	add	x4, x4, x0
	str	x4, [x5, x3]
	b	1b
2:	ret

/* DC \op on [x0, x1). Clobbers x0, x2, x3. */
.macro	dcache_range op
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4		/* log2 of words in the smallest line */
	mov	x2, #4
	lsl	x2, x2, x3
	sub	x3, x2, #1
	bic	x0, x0, x3
1:	dc	\op, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
.endm

/* Invalidate [x0, x1) to the point of coherency. */
invalidate_range:
	dmb	sy			/* behind the stores that went past */
	dcache_range ivac
	ret

/*
 * The device tree at x19 is read past the caches, but the boot protocol does
 * not ask the loader to have cleaned it. Its size, once the header is clean, is
 * no more than early_main() accepts, or nothing is cleaned: it is refused.
 */
clean_fdt:
	tst	x19, #7
	b.ne	2f
	cbz	x19, 2f
	mov	x0, x19
	add	x1, x19, #8
	dcache_range civac
	ldr	w4, [x19, #4]		/* totalsize */
	rev	w4, w4
	mov	w5, #0x200000
	cmp	w4, w5
	b.hi	2f
	mov	x0, x19
	add	x1, x19, x4
	dcache_range civac
2:	ret

/*
 * A secondary CPU, from PSCI CPU_ON: MMU off, x0 holds the physical address of
 * its struct secondary (smp.c): the CPU's per-CPU pointer and its stack.
 */
	.globl	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	mov	x19, x0
	mov	x0, #HCR_RW
	msr	hcr_el2, x0
	ldr	x0, =SCTLR_EL2_RES1
	msr	sctlr_el2, x0
	isb
	ldp	x20, x21, [x19]
	adr_l	x0, boot_info
	adrp	x1, image_start
	adr_l	x2, secondary_mapped
	sub	x2, x2, x1
	ldr	x3, [x0, #BOOT_IMAGE_VA]
	add	x22, x2, x3
	/* By way of the trampoline, which run-time tables hold too. */
	adr_l	x2, trampoline_switch
	adrp	x1, idmap_start
	sub	x2, x2, x1
	ldr	x3, [x0, #BOOT_TRAMPOLINE]
	add	x30, x2, x3
	ldr	x23, [x0, #BOOT_RUN_TTBR]
	b	enable_mmu

secondary_mapped:
	mov	sp, x21
	mov	x29, xzr
	msr	tpidr_el2, x20
	adr_l	x0, vectors
	msr	vbar_el2, x0
	isb
	bl	secondary_main
	b	.

/* void switch_tables(u64 ttbr, u64 trampoline): run on the tables at ttbr. */
	.globl	switch_tables
switch_tables:
	stp	x22, x23, [sp, #-16]!
	stp	x29, x30, [sp, #-16]!
	mov	x23, x0
	adr	x22, 1f
	adr_l	x2, trampoline_switch
	adrp	x3, idmap_start
	sub	x2, x2, x3
	add	x1, x1, x2
	br	x1
1:	ldp	x29, x30, [sp], #16
	ldp	x22, x23, [sp], #16
	ret

/* ---- The page that is mapped at its physical address too ---------------- */

	.section .idmap, "ax"
/* x0: struct boot_info, physical; x30: where to go once the MMU is on. */
enable_mmu:
	ldp	x1, x2, [x0, #BOOT_MAIR]
	ldp	x3, x4, [x0, #BOOT_TTBR]
	msr	mair_el2, x1
	msr	tcr_el2, x2
	msr	ttbr0_el2, x3
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x4
	isb
	br	x30

/* On the trampoline: from whatever tables to those at x23, then to x22. */
trampoline_switch:
	msr	ttbr0_el2, x23
	isb
	tlbi	alle2
	dsb	nsh
	isb
	br	x22
	.ltorg

	.section .boot_stack, "aw", %nobits
	.space	BOOT_STACK_SIZE
	.globl	boot_stack_top
boot_stack_top:
