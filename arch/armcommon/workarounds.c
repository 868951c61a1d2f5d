// SPDX-License-Identifier: BSD-2-Clause
/*
 * Firmware's mitigations against speculation. WORKAROUND_1 and _3 empty the
 * CPU's branch predictor: a guest's call is passed on. WORKAROUND_2 switches a
 * mitigation of the CPU on and off, for whoever runs there next: it stays on,
 * and guests are not given the switch.
 */
#include "arch/armcommon/smccc.h"
#include "drivers/psci.h"

static s32 workaround_features(u32 function)
{
	if (function == SMCCC_ARCH_WORKAROUND_2)
		return SMCCC_NOT_SUPPORTED;
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
