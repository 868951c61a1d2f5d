/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of the guest machines. For the ports, which make a struct machine of
 * theirs, and for `twofold` on a PC, which plans where images go. The monitor
 * asks the port: vmm/machine.h.
 */
#ifndef VMM_GUEST_MACHINE_H
#define VMM_GUEST_MACHINE_H

#include "lib/types.h"
#include "lib/util.h"
#include "vmm/image.h"

/*
 * Arm: that of QEMU's `virt` (hw/arm/virt.c documents it as its interface), so
 * that a guest made for that runs unchanged.
 */
#define GUEST_UART_BASE 0x09000000ULL
#define GUEST_UART_SIZE 0x1000ULL
#define GUEST_UART_SPI 1            /* INTID 33 */
#define GUEST_UART_CLOCK 24000000
#define GUEST_RAM_BASE 0x40000000ULL

/*
 * MIPS: RAM from 0 on, and a 16550 where Malta has its own, for kernels that find
 * their devices by device tree. All is within the 512 MiB that a kernel sees
 * unmapped.
 */
#define MIPS_GUEST_RAM_BASE 0x00000000ULL
#define MIPS_GUEST_RAM_END 0x1f000000ULL
#define MIPS_GUEST_UART_BASE 0x1f000900ULL
#define MIPS_GUEST_UART_SIZE 0x40ULL
#define MIPS_GUEST_UART_SHIFT 3
#define MIPS_GUEST_UART_CLOCK 3686400
#define MIPS_GUEST_UART_IP 2 /* the bit in Cause.IP */
/* A register that ends the run, when one of these is written. */
#define MIPS_GUEST_POWER_BASE 0x1f000500ULL
#define MIPS_GUEST_POWER_SIZE 0x10ULL
#define MIPS_GUEST_POWER_RESET 0x42
#define MIPS_GUEST_POWER_OFF 0x4f
/* Bytes for each vCPU that a limit on page tables leaves room for: its trees of
 * guest-virtual addresses. With less a guest gets on badly, or not at all. */
#define MIPS_GUEST_VCPU_TABLES SZ_64K

static inline u64 guest_ram_base(enum image_arch arch)
{
	return arch == IMAGE_MIPS ? MIPS_GUEST_RAM_BASE : GUEST_RAM_BASE;
}

/* Where devices begin, behind the RAM; 0: they are below it. */
static inline u64 guest_ram_end(enum image_arch arch)
{
	return arch == IMAGE_MIPS ? MIPS_GUEST_RAM_END : 0;
}

/* What a limit on page tables must have for each vCPU, in bytes. */
static inline u64 guest_vcpu_tables(enum image_arch arch)
{
	return arch == IMAGE_MIPS ? MIPS_GUEST_VCPU_TABLES : 0;
}

#endif
