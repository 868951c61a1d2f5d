// SPDX-License-Identifier: BSD-2-Clause
#include "core/cpu.h"
#include "drivers/power.h"
#include "drivers/psci.h"
#include "drivers/why.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/string.h"

/* Function ids; bit 30 is set where the arguments are 64 bits wide. */
#define PSCI_VERSION      0x84000000U
#define PSCI_CPU_ON       0x84000003U
#define PSCI_SYSTEM_OFF   0x84000008U
#define PSCI_FEATURES     0x8400000aU
#define PSCI_64BIT        0x40000000U

#define PSCI_VERSION_1_0  0x10000U

static u32 version;

static const char *const known[] = {"arm,psci", "arm,psci-1.0", "arm,psci-0.2",
				    NULL};
/* Without PSCI 0.1, which a newer one may name too. */
static const char *const *const compatible = known + 1;

static int check_node(const void *fdt, int node, const char **why)
{
	int len;
	const char *method = fdt_getprop(fdt, node, "method", &len);

	if (!method || len != 4 ||
	    (memcmp(method, "smc", 4) && memcmp(method, "hvc", 4))) {
		*why = why_node(fdt, node, "method: must be \"smc\"");
		return -EINVAL;
	}
	if (method[0] == 'h') {
		*why = why_node(fdt, node, "method: \"hvc\" cannot be called "
					   "from EL2");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* Functions that are not there return -1 (DEN 0022, 5.2.2), this one too. */
static int ask_version(const void *fdt, int node, const char **why)
{
	s32 v = arch_smc(PSCI_VERSION, 0, 0, 0);

	if (v <= 0) {
		*why = why_node(fdt, node, "compatible: firmware does not know "
					   "its PSCI version");
		return -EOPNOTSUPP;
	}
	version = v;
	return 0;
}

static int psci_init(const void *fdt, power_map_fn map, const char **why)
{
	int node = -1, err;

	version = 0;
	*why = "/: no enabled node is compatible with arm,psci-0.2 or "
	       "arm,psci-1.0";
	while ((node = fdt_next_with(fdt, node, "compatible", known)) >= 0) {
		if (!fdt_enabled(fdt, node))
			continue;
		if (fdt_compatible_any(fdt, node, compatible)) {
			err = check_node(fdt, node, why);
			return err ? err : ask_version(fdt, node, why);
		}
		*why = why_node(fdt, node, "compatible: PSCI 0.1, whose "
					   "functions differ by board");
		return -EOPNOTSUPP;
	}
	return -ENODEV;
}

/* What a call returned, as our own error numbers (DEN 0022, 5.2.2). */
static int error_of(s32 ret)
{
	switch (ret) {
	case 0:
		return 0;
	case -1: /* NOT_SUPPORTED */
		return -EOPNOTSUPP;
	case -2: /* INVALID_PARAMETERS */
	case -7: /* NOT_PRESENT */
		return -EINVAL;
	case -4: /* ALREADY_ON */
		return -EALREADY;
	case -5: /* ON_PENDING */
		return -EAGAIN;
	case -3: /* DENIED */
	case -8: /* DISABLED */
	case -9: /* INVALID_ADDRESS */
		return -EPERM;
	default: /* INTERNAL_FAILURE, or what a later version adds */
		return -EIO;
	}
}

static int psci_cpu_on(const struct cpu *cpu, hpa_t entry, u64 context)
{
	u32 fn = PSCI_CPU_ON;

	if (sizeof(uintptr_t) == 8)
		fn |= PSCI_64BIT;
	return error_of(arch_smc(fn, cpu->hw_id, entry.v, context));
}

static void psci_off(void)
{
	arch_smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}

int psci_features(u32 fn)
{
	s32 ret;

	if (!version)
		return -ENODEV;
	if (version < PSCI_VERSION_1_0)
		return -EOPNOTSUPP;
	ret = arch_smc(PSCI_FEATURES, fn, 0, 0);
	return ret < 0 ? error_of(ret) : ret;
}

const struct power_driver power_psci = {
	.enable_method = "psci",
	.init = psci_init,
	.cpu_on = psci_cpu_on,
	.off = psci_off,
	.is_firmware = true,
};
