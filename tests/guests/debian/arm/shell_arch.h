/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls and the start of a program, for shell.c. */
#ifndef SHELL_ARCH_H
#define SHELL_ARCH_H

/* r7 is the frame pointer of Thumb code. */
#define NUMBER "r6"
#define ARGUMENT(n) "r" #n
#define SYSTEM_CALL "push {r7}; mov r7, r6; svc #0; pop {r7}"
/* start_c()'s argument is the stack pointer, which it may have aligned. */
#define START                                                                  \
	"	mov	r0, sp\n"                                              \
	"	bic	sp, sp, #7\n"

#endif
