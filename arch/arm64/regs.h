/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tables of registers by id are made of: arch/armcommon/regs.h. */
#ifndef ARM64_REGS_H
#define ARM64_REGS_H

#include "arch/armcommon/regs.h"

#define ARM64_SYSREG(op0, op1, crn, crm, op2)                                  \
	(REG_ARM64 | REG_U64 | REG_SYSREG | (op0) << 14 | (op1) << 11 |        \
	 (crn) << 7 | (crm) << 3 | (op2))

/* Of ARM_REG_PORT. Kinds of debug_register() come first. */
enum arm64_reg_where {
	WHERE_DEBUG,
	WHERE_MDSCR = WHERE_DEBUG + 4,
	WHERE_ID,
	WHERE_CLIDR,
	WHERE_CTR,
	WHERE_TARGET, /* target_generic.c: it and what follows */
};

/* Is this CPU one that guests can be shown (K13)? */
bool target_is_known(void);
u64 target_register(unsigned int where);

#endif
