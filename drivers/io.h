/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access to device registers.
 *
 * Order: the registers are mapped Device-nGnRE (or the MMU is off), so
 * accesses to one device reach it in program order, once each and in the size
 * written here. They are not ordered against Normal memory: whoever writes
 * memory that another CPU, or a device, reads because of a register write puts
 * io_publish() between the two, and whoever reads memory that was written before
 * a register said so puts io_receive() there (Arm ARM DDI 0487, B2.3 and B2.7.2).
 *
 * Each access is one plain load or store instruction without write-back: a
 * hypervisor below us could not emulate any other (no valid syndrome).
 *
 * A port supplies them all in its <port_io.h> (found by -Iarch/PORT):
 *
 *   readb, readl, writeb, writel; readq, writeq where the CPU has them
 *   io_publish()  what was written before is seen by every CPU, and by devices,
 *                 before any register written after has its effect
 *   io_receive()  memory that is read after is as it was when the register read
 *                 before had its value, or newer
 *   cpu_relax()   of lib/lock.h
 *
 * On a PC they work on plain memory. A test that is compiled with -DIO_MODEL
 * supplies the functions below instead, and models registers with them.
 */
#ifndef DRIVERS_IO_H
#define DRIVERS_IO_H

#include "lib/types.h"

#if !__STDC_HOSTED__
#include <port_io.h>
#else

#ifdef IO_MODEL
u64 io_model_read(const volatile void *reg, unsigned int size);
void io_model_write(volatile void *reg, u64 v, unsigned int size);
void io_model_receive(void);
#define IO_READ(type, reg) ((type)io_model_read(reg, sizeof(type)))
#define IO_WRITE(type, v, reg) io_model_write(reg, v, sizeof(type))
#define io_receive() io_model_receive()
#else
#define IO_READ(type, reg) (*(const volatile type *)(reg))
#define IO_WRITE(type, v, reg) ((void)(*(volatile type *)(reg) = (v)))
#define io_receive() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#define io_publish() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static inline u8 readb(const volatile void *reg)
{
	return IO_READ(u8, reg);
}

static inline u32 readl(const volatile void *reg)
{
	return IO_READ(u32, reg);
}

static inline u64 readq(const volatile void *reg)
{
	return IO_READ(u64, reg);
}

static inline void writeb(u8 v, volatile void *reg)
{
	IO_WRITE(u8, v, reg);
}

static inline void writel(u32 v, volatile void *reg)
{
	IO_WRITE(u32, v, reg);
}

static inline void writeq(u64 v, volatile void *reg)
{
	IO_WRITE(u64, v, reg);
}

#endif
#endif
