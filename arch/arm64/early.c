// SPDX-License-Identifier: BSD-2-Clause
/* With the MMU off: arch/armcommon/early.c. */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/boot_info.h"
#include "arch/armcommon/layout.h"

void port_address_sizes(struct el2_layout *l)
{
	static const u8 bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
	unsigned int pa_bits = bits[sysreg_read(id_aa64mmfr0_el1) & 7];

	l->pa_bits = min(pa_bits, 48U);
	l->va_bits = min(l->pa_bits + 1, 48U);
}

void port_boot_registers(struct boot_info *b)
{
	u64 ps = sysreg_read(id_aa64mmfr0_el1) & 7;

	b->mair = MAIR_EL2_VALUE;
	b->tcr = TCR_EL2_RES1 | TCR_WALK | (64 - layout.va_bits) |
		 (min(ps, 5UL) << TCR_EL2_PS_SHIFT);
	b->sctlr = SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA |
		   SCTLR_WXN;
}
