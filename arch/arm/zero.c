// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "lib/string.h"

void zero_range(uintptr_t va, size_t size)
{
	memset((void *)va, 0, size);
}
