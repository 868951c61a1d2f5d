/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map of the MIPS guest machine: RAM from 0 on, and a 16550 where Malta's
 * board controller has its own, for a kernel that finds its devices by device
 * tree. All of it is within what guest kernels see unmapped: 512 MiB.
 */
#ifndef MIPS_MACHINE_H
#define MIPS_MACHINE_H

#define GUEST_RAM_BASE 0x00000000ULL
#define GUEST_PA_BITS 29

#define GUEST_UART_BASE 0x1f000900ULL
#define GUEST_UART_SIZE 0x40ULL
#define GUEST_UART_SHIFT 3
#define GUEST_UART_CLOCK 3686400
#define GUEST_UART_IP 2 /* the bit in Cause.IP */

#endif
