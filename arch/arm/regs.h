/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tables of registers by id are made of: arch/armcommon/regs.h. */
#ifndef ARM_REGS_H
#define ARM_REGS_H

#include "arch/armcommon/regs.h"

#define ARM_CP15_32(crn, crm, op1, op2)                                        \
	(REG_ARM | REG_U32 | REG_CP15 | (crn) << 11 | (crm) << 7 |             \
	 (op1) << 3 | (op2))
#define ARM_CP15_64(op1, crm)                                                  \
	(REG_ARM | REG_U64 | REG_CP15 | (crm) << 7 | (op1) << 3)

/* Of ARM_REG_PORT. */
enum arm_reg_where {
	WHERE_ID_C1, /* by opc2 */
	WHERE_ID_C2,
	WHERE_MVFR, /* MVFR1, MVFR0 */
	WHERE_MIDR,
	WHERE_CTR,
	WHERE_REVIDR,
	WHERE_CLIDR,
	WHERE_AIDR,
	WHERE_ACTLR, /* the target's: target_*.c */
	WHERE_L2CTLR,
};

#endif
