/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's own PSCI (Arm DEN 0022): firmware starts CPUs and turns the
 * power off. At EL2 the only way to it is SMC: an HVC would come back to us.
 */
#ifndef DRIVERS_PSCI_H
#define DRIVERS_PSCI_H

#include "lib/types.h"

/* Supplied by arch: an SMC with this function id and three arguments, its
 * first result (SMCCC, Arm DEN 0028). */
long arch_smc(u64 fn, u64 a, u64 b, u64 c);

/*
 * Find the conduit in the device tree. -ENODEV: no enabled PSCI node: one CPU,
 * and no power-off; -EINVAL: broken node; -EOPNOTSUPP: a version or conduit we
 * cannot use. *why names node and property. On an error the calls below do
 * nothing but return -ENODEV.
 */
int psci_init(const void *fdt, const char **why);

/* Major version << 16 | minor; 0 before psci_init() succeeded. */
u32 psci_version(void);

/*
 * Start a CPU at physical address `entry`, EL2 with the MMU off, `context` in
 * its first register. -EALREADY: it is on; -EAGAIN: it is being turned on;
 * -EINVAL: no such CPU; -EPERM: firmware refuses the CPU or the address;
 * -EIO: it failed.
 */
int psci_cpu_on(u64 hw_id, hpa_t entry, u64 context);

/* Return only when firmware cannot do it. */
void psci_system_off(void);
void psci_system_reset(void);

/* PSCI_FEATURES of a function id: its flags, or -EOPNOTSUPP: not there, or
 * firmware older than PSCI 1.0, which cannot be asked. */
int psci_features(u32 fn);

#endif
