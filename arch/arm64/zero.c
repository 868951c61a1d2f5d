// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "arch/armcommon/cache.h"
#include "lib/string.h"

/* DC ZVA zeroes a line or more at a time, where it is allowed (DCZID_EL0). */
void zero_range(uintptr_t va, size_t size)
{
	u64 dczid = sysreg_read(dczid_el0), block = 4UL << (dczid & 0xf);

	if (dczid & BIT64(4) || !IS_ALIGNED(va | size, block))
		memset((void *)va, 0, size);
	else
		EACH_LINE(DC_ZVA, va, size, block);
}
