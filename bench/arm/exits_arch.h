/* SPDX-License-Identifier: BSD-2-Clause */
/* The instructions that bench/exits_guest.c times, for ARMv7. */
#ifndef BENCH_EXITS_ARCH_H
#define BENCH_EXITS_ARCH_H

/*
 * Run the instructions n times and give the ticks that it took. They find an
 * address in r4, another in r5 and a value in r6; r8 counts interrupts (see the
 * vectors); r0 to r3 and r12 are free for their use.
 */
#define TIMED(n, address, other, value, ...)                                   \
	({                                                                     \
		u64 begin_;                                                    \
		u32 i_ = (n);                                                  \
		register u32 r4_ __asm__("r4") = (address);                    \
		register u32 r5_ __asm__("r5") = (other);                      \
		register u32 r6_ __asm__("r6") = (value);                      \
		isb();                                                         \
		begin_ = read_sysreg(cntvct_el0);                              \
		__asm__ volatile("1:\n\t" __VA_ARGS__                          \
				 "\n\tsubs %0, %0, #1\n\tbne 1b"               \
				 : "+r"(i_), "+r"(r4_), "+r"(r5_), "+r"(r6_)   \
				 :                                             \
				 : "r0", "r1", "r2", "r3", "r8", "r12", "cc",  \
				   "memory");                                  \
		isb();                                                         \
		read_sysreg(cntvct_el0) - begin_;                              \
	})

/* Each ends its line. */
#define CALL "mov r0, r6\n\t.arch_extension virt\n\thvc #0\n\t"
#define READ "ldr r0, [r4]\n\t"
#define WRITE "str r6, [r4]\n\t"
#define SEND_V3 "mcrr p15, 0, r6, r6, c12\n\tisb\n\t" /* no ARMv7 board's */
#define TIMER_DUE                                                              \
	"mov r0, #0\n\tmcrr p15, 3, r0, r0, c14\n\t"                           \
	"mcr p15, 0, r6, c14, c3, 1\n\tisb\n\t"
#define NONE_TAKEN "mov r8, #0\n\t"
#define SPIN_UNTIL_TAKEN "2:\tcmp r8, #0\n\tbeq 2b\n\t"
#define WFI_UNTIL_TAKEN                                                        \
	"mov r8, #0\n2:\twfi\n\tcpsie i\n\tisb\n\tcpsid i\n\t"                \
	"cmp r8, #0\n\tbeq 2b\n\t"

/*
 * IRQ vectors that acknowledge, switch the virtual timer off, end the interrupt
 * and count it in r8. r5: the GICv2 CPU interface.
 */
extern char bench_vectors_v2[];
#define bench_vectors_v3 bench_vectors_v2
__asm__(".text\n"
	".balign 32\n"
	".globl bench_vectors_v2\n"
	"bench_vectors_v2:\n"
	".skip 0x18\n"
	"	ldr r12, [r5, #0xc]\n"
	"	mov r3, #0\n"
	"	mcr p15, 0, r3, c14, c3, 1\n"
	"	str r12, [r5, #0x10]\n"
	"	add r8, r8, #1\n"
	"	subs pc, lr, #4\n");

#endif
