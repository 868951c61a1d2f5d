// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/debug.h"
#include "arch/mips/mips.h"
#include "lib/log.h"
#include "lib/string.h"

#define DEBUG_DBD (1U << 31) /* it was in a delay slot, as Cause.BD */

extern char debug_vector[], debug_vector_end[];

u32 debug_state[2] = {(u32)DEBUG_RETURN};

bool debug_init(void)
{
	uintptr_t at = KSEG0 + DEBUG_VECTOR;
	size_t size = debug_vector_end - debug_vector;

	BUG_ON(size > DEBUG_VECTOR_END - DEBUG_VECTOR);
	if (!(cp0_read(config1) & CONFIG1_EP))
		return false;
	memcpy((void *)at, debug_vector, size);
	cache_publish(at, size);
	return true;
}

void debug_take(struct mips_guest *g, u32 *cause)
{
	g->pc = READ_ONCE(debug_state[0]);
	WRITE_ONCE(debug_state[0], (u32)DEBUG_RETURN);
	if (CAUSE_EXC_OF(*cause) != EXC_MCHECK)
		*cause = CAUSE_EXC(EXC_RI) | (debug_state[1] & DEBUG_DBD);
}
