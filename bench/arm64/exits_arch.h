/* SPDX-License-Identifier: BSD-2-Clause */
/* The instructions that bench/exits_guest.c times, for AArch64. */
#ifndef BENCH_EXITS_ARCH_H
#define BENCH_EXITS_ARCH_H

/*
 * Run the instructions n times and give the ticks that it took. They find an
 * address in x9, another in x10 and a value in x11; x12 counts interrupts (see the
 * vectors); x0 to x17 are free for their use.
 */
#define TIMED(n, address, other, value, ...)                                  \
	({                                                                     \
		u64 begin_, i_ = (n);                                          \
		register u64 x9_ __asm__("x9") = (address);                    \
		register u64 x10_ __asm__("x10") = (other);                    \
		register u64 x11_ __asm__("x11") = (value);                    \
		isb();                                                         \
		begin_ = read_sysreg(cntvct_el0);                              \
		__asm__ volatile("1:\n\t" __VA_ARGS__                          \
				 "\n\tsubs %0, %0, #1\n\tb.ne 1b"              \
				 : "+r"(i_), "+r"(x9_), "+r"(x10_),            \
				   "+r"(x11_)                                  \
				 :                                             \
				 : "x0", "x1", "x2", "x3", "x4", "x5", "x6",   \
				   "x7", "x8", "x12", "x13", "x14", "x15",     \
				   "x16", "x17", "cc", "memory");              \
		isb();                                                         \
		read_sysreg(cntvct_el0) - begin_;                              \
	})

/* Each ends its line. */
#define CALL "mov x0, x11\n\thvc #0\n\t"
#define READ "ldr w0, [x9]\n\t"
#define WRITE "str w11, [x9]\n\t"
#define SEND_V3 "msr s3_0_c12_c11_5, x11\n\tisb\n\t"
#define TIMER_DUE                                                              \
	"msr cntv_cval_el0, xzr\n\tmsr cntv_ctl_el0, x11\n\tisb\n\t"
#define NONE_TAKEN "mov x12, #0\n\t"
#define SPIN_UNTIL_TAKEN "2:\tcbz x12, 2b\n\t"
#define WFI_UNTIL_TAKEN                                                        \
	"mov x12, #0\n2:\twfi\n\tmsr daifclr, #2\n\tisb\n\t"                 \
	"msr daifset, #2\n\tcbz x12, 2b\n\t"

/*
 * IRQ vectors that acknowledge, switch the virtual timer off, end the interrupt
 * and count it in x12. x10: the GICv2 CPU interface.
 */
extern char bench_vectors_v2[], bench_vectors_v3[];
__asm__(".text\n"
	".macro bench_vectors name, acknowledge, finish\n"
	".balign 2048\n"
	".globl \\name\n"
	"\\name:\n"
	".skip 0x280\n"
	"	\\acknowledge\n"
	"	msr cntv_ctl_el0, xzr\n"
	"	\\finish\n"
	"	add x12, x12, #1\n"
	"	eret\n"
	".balign 2048\n"
	".endm\n"
	"bench_vectors bench_vectors_v2, \"ldr w13, [x10, #0xc]\", "
	"\"str w13, [x10, #0x10]\"\n"
	"bench_vectors bench_vectors_v3, \"mrs x13, s3_0_c12_c12_0\", "
	"\"msr s3_0_c12_c12_1, x13\"\n");

#endif
