// SPDX-License-Identifier: BSD-2-Clause
/* With the MMU off: arch/armcommon/early.c. */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/boot_info.h"
#include "arch/armcommon/layout.h"

/* LPAE: virtual addresses of 32 bits, physical ones of 40. */
void port_address_sizes(struct el2_layout *l)
{
	l->pa_bits = 40;
	l->va_bits = 32;
}

void port_boot_registers(struct boot_info *b)
{
	b->mair = MAIR_EL2_VALUE;
	b->tcr = TCR_EL2_RES1 | TCR_WALK; /* T0SZ 0 */
	b->sctlr = HSCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_WXN;
}
