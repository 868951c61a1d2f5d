// SPDX-License-Identifier: BSD-2-Clause
/* Running instructions that no assembler would make. */
#include "tests/guests/arm/errors.h"
#include "lib/string.h"

static u32 buffer[2048] __attribute__((aligned(4096)));

static u32 put(const void *code, size_t size)
{
	memcpy(buffer, code, size);
	code_changed(buffer, size);
	return (u32)buffer;
}

u32 put_a32(const u32 *code, unsigned int words)
{
	return put(code, words * 4);
}

u32 put_t16(const u16 *code, unsigned int halfwords)
{
	return put(code, halfwords * 2) | 1;
}

/* run(code, registers), run_user(code, registers). */
__asm__(".text\n"
	".syntax unified\n"
	".arm\n"
	".globl run, run_user\n"
	"run:\n"
	"	push	{r1, r4-r11, lr}\n"
	"	mov	r12, r0\n"
	"	ldm	r1, {r0-r9}\n"
	"	blx	r12\n"
	"run_over:\n"
	"	ldr	r12, [sp]\n"
	"	stm	r12, {r0-r9}\n"
	"	pop	{r1, r4-r11, pc}\n"
	"run_user:\n"
	"	push	{r1, r4-r11, lr}\n"
	"	movw	r2, #:lower16:(rt_resume - .Lresume)\n"
	"	movt	r2, #:upper16:(rt_resume - .Lresume)\n"
	"	.set	.Lresume, . + 8\n"
	"	add	r2, pc, r2\n"
	"	adr	r3, run_over\n"
	"	str	r3, [r2]\n"
	"	mov	r12, r0\n"
	"	ldm	r1, {r0-r9}\n"
	"	cps	#0x10\n"
	"	blx	r12\n"
	"	svc	#0\n");
