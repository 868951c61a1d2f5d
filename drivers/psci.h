/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's own PSCI (Arm DEN 0022): firmware starts CPUs and turns the
 * power off (power_psci, drivers/power.h). At EL2 the only way to it is SMC: an
 * HVC would come back to us.
 */
#ifndef DRIVERS_PSCI_H
#define DRIVERS_PSCI_H

#include "lib/types.h"

/* Supplied by arch: an SMC with this function id and three arguments, its
 * first result (SMCCC, Arm DEN 0028). */
long arch_smc(u64 fn, u64 a, u64 b, u64 c);

/* PSCI_FEATURES of a function id: its flags; -EOPNOTSUPP: not there, or
 * firmware older than PSCI 1.0, which cannot be asked; -ENODEV: power_psci is
 * not what the board has. */
int psci_features(u32 fn);

#endif
