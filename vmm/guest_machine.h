/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Arm guest machine: the memory map and interrupts of QEMU's `virt`
 * (hw/arm/virt.c documents them as its interface), so that a guest made for
 * that runs unchanged.
 */
#ifndef VMM_GUEST_MACHINE_H
#define VMM_GUEST_MACHINE_H

#define GUEST_GICD_BASE 0x08000000ULL
#define GUEST_GICD_SIZE 0x10000ULL
#define GUEST_GICC_BASE 0x08010000ULL
#define GUEST_GICC_SIZE 0x10000ULL  /* as the device tree says */
#define GUEST_GICV_PAGES 2          /* what is behind it: 8 KiB of registers */
#define GUEST_GICR_BASE 0x080a0000ULL
#define GUEST_GICR_SIZE 0x20000ULL  /* for each vCPU */
#define GUEST_UART_BASE 0x09000000ULL
#define GUEST_UART_SIZE 0x1000ULL
#define GUEST_UART_SPI 1            /* INTID 33 */
#define GUEST_UART_CLOCK 24000000
#define GUEST_RAM_BASE 0x40000000ULL

/* PPIs of the architected timers, by number in the device tree (INTID - 16). */
#define GUEST_TIMER_SECURE_PPI 13
#define GUEST_TIMER_PHYS_PPI 14
#define GUEST_TIMER_VIRT_PPI 11
#define GUEST_TIMER_HYP_PPI 10

#endif
