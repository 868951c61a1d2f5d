/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much memory the board gets, and where in it the files go.
 *
 * QEMU 7.2 (hw/arm/boot.c) puts an Image near the start of RAM, at its
 * text_offset, and the device tree at start + min(RAM / 2, 128 MiB). The
 * files follow from 8 MiB above that, each at its offset modulo 2 MiB, so
 * that guest-physical and host-physical addresses agree in the low 21 bits
 * and whole blocks can be mapped.
 */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include "cli/plan.h"

struct board;

/* What the hypervisor and the board's own device tree take, at most. */
#define LAYOUT_OWN (32 * SZ_1M)

/*
 * The board's memory: what the settings say, or the VMs' memory, their files
 * and 192 MiB, in steps of 64 MiB, up to what the board can have. 0 with it
 * in *memory; refused when the VMs and their files cannot all be in it.
 */
int layout_board_memory(const struct plan *p, u64 *memory);

/* Where the device tree is in a board of so much memory; on Arm QEMU puts it
 * there. */
u64 layout_device_tree(const struct board *b, u64 memory);

/*
 * Give every payload its address in a board of so much memory. Refused when they
 * do not fit behind the device tree.
 */
int layout_place(struct plan *p, const struct board *b, u64 memory);

#endif
