// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/scratch.h"
#include "arch/mips/cp0.h"
#include "lib/log.h"

#define EACH(X)                                                                \
	X(CP0_CONTEXT, context)                                                \
	X(CP0_DDATALO, ddatalo)                                                \
	X(CP0_ERROREPC, errorepc)                                              \
	X(CP0_KSCRATCH(2), kscratch2)                                          \
	X(CP0_KSCRATCH(3), kscratch3)                                          \
	X(CP0_KSCRATCH(4), kscratch4)                                          \
	X(CP0_KSCRATCH(5), kscratch5)                                          \
	X(CP0_KSCRATCH(6), kscratch6)                                          \
	X(CP0_KSCRATCH(7), kscratch7)

void scratch_write(u32 reg, u32 value)
{
	switch (reg) {
#define WRITE(n, name)                                                         \
	case n:                                                                \
		cp0_write(name, value);                                        \
		break;
		EACH(WRITE)
#undef WRITE
	default:
		BUG();
	}
}

static u32 read(u32 reg)
{
	switch (reg) {
#define READ(n, name)                                                          \
	case n:                                                                \
		return cp0_read(name);
		EACH(READ)
#undef READ
	default:
		BUG();
	}
}

bool scratch_keeps(u32 reg, u32 mask)
{
	for (u32 value = 0x5aa5c33c, i = 0; i < 2; i++, value = ~value) {
		scratch_write(reg, value);
		ehb();
		if ((read(reg) ^ value) & mask)
			return false;
	}
	return true;
}
