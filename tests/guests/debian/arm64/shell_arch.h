/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls and the start of a program, for shell.c. */
#ifndef SHELL_ARCH_H
#define SHELL_ARCH_H

#define NUMBER "x8"
#define ARGUMENT(n) "x" #n
#define SYSTEM_CALL "svc #0"
/* No frame above; start_c()'s argument is the stack pointer. */
#define START                                                                  \
	"	mov	x29, xzr\n"                                            \
	"	mov	x30, xzr\n"                                            \
	"	mov	x0, sp\n"

#endif
