/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What compilers call of the run-time ABI (Arm IHI 0043, 4): the libraries that
 * come with them are for hard-float programs.
 */
	.syntax unified
	.arm
	.text

/* r1:r0 / r3:r2: quotient in r1:r0, remainder in r3:r2. */
	.globl	__aeabi_uldivmod
	.hidden	__aeabi_uldivmod, divide_u64
__aeabi_uldivmod:
	push	{fp, lr}
	sub	sp, sp, #16
	add	ip, sp, #8
	str	ip, [sp]		/* where the remainder goes */
	bl	divide_u64
	ldrd	r2, r3, [sp, #8]
	add	sp, sp, #16
	pop	{fp, pc}

/* void __aeabi_memset(void *, size_t, int): the last two the other way round. */
	.globl	__aeabi_memset, __aeabi_memset4, __aeabi_memset8
	.globl	__aeabi_memclr, __aeabi_memclr4, __aeabi_memclr8
	.globl	__aeabi_memcpy, __aeabi_memcpy4, __aeabi_memcpy8
	.globl	__aeabi_memmove, __aeabi_memmove4, __aeabi_memmove8
__aeabi_memclr:
__aeabi_memclr4:
__aeabi_memclr8:
	mov	r2, #0
__aeabi_memset:
__aeabi_memset4:
__aeabi_memset8:
	mov	r3, r1
	mov	r1, r2
	mov	r2, r3
	b	memset
__aeabi_memcpy:
__aeabi_memcpy4:
__aeabi_memcpy8:
	b	memcpy
__aeabi_memmove:
__aeabi_memmove4:
__aeabi_memmove8:
	b	memmove
