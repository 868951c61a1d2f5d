/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine monitor: runs the VMs that the board's device tree describes.
 */
#ifndef VMM_VMM_H
#define VMM_VMM_H

/*
 * Build all VMs, run them until the last has ended, say how each ended, and
 * power the board off. Nothing runs when one description is refused. On the
 * boot CPU's own thread, everything else being up; the console too
 * (console_init()). `board_fdt` has passed fdt_validate() and stays mapped.
 *
 * The last line printed is "<twofold,status-token> <code>", if there is a
 * token: 0, every guest powered itself off; 1, at least one was stopped for an
 * error; 2, the descriptions were refused.
 */
_Noreturn void vmm_main(const void *board_fdt);

/* Supplied by arch: the board goes off, or, where it cannot, stands still. */
_Noreturn void vmm_power_off(void);

#endif
