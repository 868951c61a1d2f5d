/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the image is entered. Two kinds of boot loaders are known by a0. UHI (MIPS
 * Unified Hosting Interface, MD01069): -2, and a1 is the device tree. YAMON, and QEMU
 * in its place: the number of arguments, a1 and a2 the lists of arguments and of
 * the environment, with the size of the RAM.
 */
#ifndef ARCH_MIPS_LOADER_H
#define ARCH_MIPS_LOADER_H

#define LOADER_UHI (-2)

/* YAMON's vector of functions (YAMON User's Manual, MD00008): print_count() is
 * at the second place, and takes a port, a text and its length. */
#define YAMON_PRINT_COUNT 0x9fc00504

#endif
