// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/power.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"

static const struct power_driver *found;

int power_init(const void *fdt, power_map_fn map, const char **why)
{
	int err = -ENODEV;

	found = NULL;
	for (int i = 0; power_drivers[i] && err == -ENODEV; i++) {
		err = power_drivers[i]->init(fdt, map, why);
		if (!err)
			found = power_drivers[i];
	}
	return err;
}

int power_check_cpu(const void *fdt, int node, const char **why)
{
	int len;
	const char *method = fdt_getprop(fdt, node, "enable-method", &len);

	*why = "no way to turn it on is known";
	if (!found)
		return -ENODEV;
	if (!method || (found->enable_method &&
			fdt_stringlist_contains(method, len, found->enable_method)))
		return 0;
	*why = why_node(fdt, node, "enable-method: not what the board has");
	return -EOPNOTSUPP;
}

int power_cpu_on(const struct cpu *cpu, hpa_t entry, u64 context)
{
	return found->cpu_on(cpu, entry, context);
}

bool power_is_firmware(void)
{
	return found && found->is_firmware;
}

void power_off(void)
{
	if (found)
		found->off();
}
