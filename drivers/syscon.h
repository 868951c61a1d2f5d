/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power-off by a value in a register of the board's system controller: the
 * device-tree bindings syscon-poweroff, and, where there is none, syscon-reboot,
 * which at least ends what ran.
 */
#ifndef DRIVERS_SYSCON_H
#define DRIVERS_SYSCON_H

#include "lib/types.h"

/*
 * Find it; `map` maps registers, or returns NULL. -ENODEV: there is none; -EINVAL:
 * its node is broken; *why names node and property.
 */
int syscon_init(const void *fdt, volatile void *(*map)(hpa_t pa, u64 size),
		const char **why);
/* Returns when it cannot, or has no effect. */
void syscon_power_off(void);

#endif
