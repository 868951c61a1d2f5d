// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/smccc.h"
#include "arch/armcommon/psci.h"
#include "lib/util.h"

static bool is_workaround(u32 function)
{
	return function == SMCCC_ARCH_WORKAROUND_1 ||
	       function == SMCCC_ARCH_WORKAROUND_2 ||
	       function == SMCCC_ARCH_WORKAROUND_3;
}

static s32 arch_features(u32 function)
{
	if (function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES)
		return 0;
	if (is_workaround(function))
		return smccc_workarounds.features(function);
	return SMCCC_NOT_SUPPORTED;
}

static void arch_call(struct vcpu *vcpu, u64 *x, u32 function)
{
	if (function == SMCCC_VERSION) {
		x[0] = SMCCC_VERSION_1_1;
	} else if (function == SMCCC_ARCH_FEATURES) {
		x[0] = (s64)arch_features(x[1]);
	} else if (is_workaround(function) &&
		   smccc_workarounds.features(function) >= 0) {
		/* By its definition it returns nothing, and keeps x0. */
		smccc_workarounds.call(vcpu, function, x[1]);
	} else {
		x[0] = SMCCC_NOT_SUPPORTED;
	}
}

/* The identifier is in w0: what stands above it means nothing. */
enum smccc_result smccc_handle(struct vcpu *vcpu, u64 *x)
{
	u32 function = x[0];

	switch (function) {
	case PSCI_VERSION:
		x[0] = PSCI_VERSION_1_1;
		return SMCCC_RESUME;
	case PSCI_VERSION + 1 ... PSCI_VERSION + 0x1f:
	case PSCI_CPU_SUSPEND64 - 1 ... PSCI_CPU_SUSPEND64 + 0x1e:
		return psci_handle(vcpu, x);
	default:
		arch_call(vcpu, x, function);
		return SMCCC_RESUME;
	}
}
