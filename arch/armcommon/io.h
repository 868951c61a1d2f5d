/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both Arm ports have of <port_io.h> (see drivers/io.h and lib/lock.h). The
 * port says, before it includes this:
 *
 *   IO_MEMORY  the constraint of a memory operand; GCC and Clang give no asm
 *              statement one with write-back
 *   IO_VALUE   of the value that is stored
 *   IO_WORD    a register of 32 bits, in front of the operand's number
 */
#ifndef ARMCOMMON_IO_H
#define ARMCOMMON_IO_H

#include "lib/types.h"

#define IO_READER(name, type, insn)                                            \
	static inline type name(const volatile void *reg)                      \
	{                                                                      \
		type v;                                                        \
                                                                               \
		__asm__ volatile(insn ", %1"                                   \
				 : "=r"(v)                                     \
				 : IO_MEMORY(*(const volatile type *)reg));    \
		return v;                                                      \
	}
#define IO_WRITER(name, type, insn)                                            \
	static inline void name(type v, volatile void *reg)                    \
	{                                                                      \
		__asm__ volatile(insn ", %0"                                   \
				 : "=" IO_MEMORY(*(volatile type *)reg)        \
				 : IO_VALUE(v));                               \
	}

IO_READER(readb, u8, "ldrb " IO_WORD "0")
IO_READER(readl, u32, "ldr " IO_WORD "0")
IO_WRITER(writeb, u8, "strb " IO_WORD "1")
IO_WRITER(writel, u32, "str " IO_WORD "1")

#define io_publish() __asm__ volatile("dsb ishst" ::: "memory")
#define io_receive() __asm__ volatile("dmb ish" ::: "memory")

#define cpu_relax() __asm__ volatile("yield" ::: "memory")

#endif
