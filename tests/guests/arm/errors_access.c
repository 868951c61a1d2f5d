// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores of devices and of nothing, by every kind of instruction and
 * with every register that one may name (ARM DDI 0406C, B3.13.6).
 */
#include "tests/guests/arm/errors.h"

/* ---- Registers of the mode (K31) ------------------------------------------------------- */

/* r8 of FIQ mode, and nobody else's. */
static void fiq_registers(void)
{
	register u32 v __asm__("r0");
	register u32 at __asm__("r1") = UART_ID0;
	register u32 other __asm__("r2");

	__asm__ volatile("mov r8, #0x34\n\tcps #0x11\n\tmov r8, #0\n\t"
			 "ldr r8, [r1]\n\tmov r0, r8\n\tcps #0x13\n\tmov r2, r8"
			 : "=r"(v), "=r"(other)
			 : "r"(at)
			 : "r8", "memory");
	check(v == 0x11 && other == 0x34, "%#x, %#x", v, other);
}

/* To r13, and from r14 of another mode. */
static void stack_pointer_and_link(void)
{
	register u32 v __asm__("r0");
	register u32 at __asm__("r1") = UART_ID0;
	register u32 out __asm__("r2") = machine.uart + 0x24; /* IBRD */

	__asm__ volatile("mov r3, sp\n\tldr sp, [r1]\n\tmov r0, sp\n\tmov sp, r3"
			 : "=r"(v)
			 : "r"(at)
			 : "r3", "memory");
	check(v == 0x11, "r13: %#x", v);
	__asm__ volatile("cps #0x1b\n\tmov r14, #0x55\n\tstr r14, [r2]\n\t"
			 "cps #0x13\n\tldr r0, [r2]"
			 : "=r"(v)
			 : "r"(out)
			 : "memory");
	check(v == 0x55, "r14 of Undefined mode: %#x", v);
}

const struct test errors_of_access[] = {
	{"K31.FIQ-mode's-registers", fiq_registers},
	{"K31.r13-and-r14", stack_pointer_and_link},
	{.more = errors_of_encodings},
};
