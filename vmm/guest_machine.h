/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map of the Arm guest machine: that of QEMU's `virt` (hw/arm/virt.c
 * documents it as its interface), so that a guest made for that runs unchanged.
 * For the port, which makes a struct machine of it, and for `twofold` on a PC,
 * which plans where images go. The monitor asks the port: vmm/machine.h.
 */
#ifndef VMM_GUEST_MACHINE_H
#define VMM_GUEST_MACHINE_H

#define GUEST_UART_BASE 0x09000000ULL
#define GUEST_UART_SIZE 0x1000ULL
#define GUEST_UART_SPI 1            /* INTID 33 */
#define GUEST_UART_CLOCK 24000000
#define GUEST_RAM_BASE 0x40000000ULL

#endif
