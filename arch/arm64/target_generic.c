// SPDX-License-Identifier: BSD-2-Clause
/*
 * The target of this port, any CPU of Armv8-A or later: which one it is, and what
 * of its registers is its implementer's own. Guests get none of those that do
 * something: ACTLR_EL1 is zero, and the rest traps as undefined.
 */
#include "arch/armcommon/arm.h"
#include "arch/arm64/regs.h"

/* MIDR_EL1.Architecture: what a CPU has, its ID registers say. Before Armv7 the
 * number itself did. */
#define MIDR_ARCHITECTURE 0xf

enum { MIDR = WHERE_TARGET, REVIDR, AIDR };

#define TARGET(op1, crm, op2, kind_, where_)                                   \
	{                                                                      \
		.id = ARM64_SYSREG(3, op1, 0, crm, op2), .count = 1,           \
		.step = 1, .kind = kind_, .where = where_,                     \
		.flags = REG_INVARIANT                                         \
	}

static const struct reg_range regs[] = {
	TARGET(0, 0, 0, ARM_REG_PORT, MIDR),
	TARGET(0, 0, 6, ARM_REG_PORT, REVIDR),
	{.id = ARM64_SYSREG(3, 0, 1, 0, 1), .count = 1, .step = 1, /* ACTLR */
	 .kind = ARM_REG_ZERO, .flags = REG_INVARIANT},
	TARGET(1, 0, 7, ARM_REG_PORT, AIDR),
};

bool target_is_known(void)
{
	return (sysreg_read(midr_el1) >> 16 & 0xf) == MIDR_ARCHITECTURE;
}

const struct reg_range *port_target_regs(unsigned int *count)
{
	*count = ARRAY_SIZE(regs);
	return regs;
}

u64 target_register(unsigned int where)
{
	switch (where) {
	case MIDR:
		return sysreg_read(midr_el1);
	case REVIDR:
		return sysreg_read(revidr_el1);
	default:
		return sysreg_read(aidr_el1);
	}
}
