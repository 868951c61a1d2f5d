/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access to device registers.
 *
 * Order: the registers are mapped Device-nGnRE (or the MMU is off), so
 * accesses to one device reach it in program order, once each and in the size
 * written here. They are not ordered against Normal memory: whoever writes
 * memory that another CPU, or a device, reads because of a register write puts
 * io_publish() between the two (Arm ARM DDI 0487, B2.3 and B2.7.2).
 *
 * Each access is one plain load or store instruction without write-back: a
 * hypervisor below us could not emulate any other (no valid syndrome).
 *
 * On a PC they work on plain memory. A test that is compiled with -DIO_MODEL
 * supplies the two functions below instead, and models registers with them.
 */
#ifndef DRIVERS_IO_H
#define DRIVERS_IO_H

#include "lib/types.h"

#ifdef IO_MODEL
u64 io_model_read(const volatile void *reg, unsigned int size);
void io_model_write(volatile void *reg, u64 v, unsigned int size);
#define IO_READ(type, insn, reg) ((type)io_model_read(reg, sizeof(type)))
#define IO_WRITE(type, insn, v, reg) io_model_write(reg, v, sizeof(type))
#define io_publish() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#elif defined(__aarch64__) && !__STDC_HOSTED__
#define IO_READ(type, insn, reg)                                               \
	({                                                                     \
		type io_v_;                                                    \
		__asm__ volatile(insn ", %1"                                   \
				 : "=r"(io_v_)                                 \
				 : "m"(*(const volatile type *)(reg)));        \
		io_v_;                                                         \
	})
#define IO_WRITE(type, insn, v, reg)                                           \
	__asm__ volatile(insn ", %0"                                           \
			 : "=m"(*(volatile type *)(reg))                       \
			 : "rZ"((type)(v)))
/* What was written before is seen by every CPU, and by devices, before any
 * register or system register written after has its effect. */
#define io_publish() __asm__ volatile("dsb ishst" ::: "memory")
#else
#define IO_READ(type, insn, reg) (*(const volatile type *)(reg))
#define IO_WRITE(type, insn, v, reg) ((void)(*(volatile type *)(reg) = (v)))
#if defined(__arm__) && !__STDC_HOSTED__
#define io_publish() __asm__ volatile("dsb ishst" ::: "memory")
#else
#define io_publish() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#endif

static inline u8 readb(const volatile void *reg)
{
	return IO_READ(u8, "ldrb %w0", reg);
}

static inline u32 readl(const volatile void *reg)
{
	return IO_READ(u32, "ldr %w0", reg);
}

static inline u64 readq(const volatile void *reg)
{
	return IO_READ(u64, "ldr %x0", reg);
}

static inline void writeb(u8 v, volatile void *reg)
{
	IO_WRITE(u8, "strb %w1", v, reg);
}

static inline void writel(u32 v, volatile void *reg)
{
	IO_WRITE(u32, "str %w1", v, reg);
}

static inline void writeq(u64 v, volatile void *reg)
{
	IO_WRITE(u64, "str %x1", v, reg);
}

#endif
