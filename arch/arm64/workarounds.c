// SPDX-License-Identifier: BSD-2-Clause
/*
 * Firmware's mitigations against speculation, passed on: what they do, they do
 * to the CPU that the guest runs on, so a guest's call is firmware's call.
 */
#include "arch/armcommon/smccc.h"
#include "drivers/psci.h"

static s32 workaround_features(u32 function)
{
	/* Firmware older than SMCCC 1.1 cannot be asked. */
	if (psci_features(SMCCC_VERSION) < 0)
		return SMCCC_NOT_SUPPORTED;
	return (s32)arch_smc(SMCCC_ARCH_FEATURES, function, 0, 0);
}

static void workaround_call(struct vcpu *vcpu, u32 function, u64 arg)
{
	arch_smc(function, arg, 0, 0);
}

const struct smccc_workarounds smccc_workarounds = {
	.features = workaround_features,
	.call = workaround_call,
};
