// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/power.h"

const struct power_driver *const power_drivers[] = {
	&power_psci,
	&power_vexpress,
	NULL,
};
