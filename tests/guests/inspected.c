// SPDX-License-Identifier: BSD-2-Clause
/*
 * B7: a guest that touches memory which nothing else does, says so, and stays:
 * whoever inspects it from outside knows what to find. tests/boot/run.sh does.
 */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "inspected";

void guest_hello(void)
{
}

static void stay_as_we_are(void)
{
	volatile u8 *at = (u8 *)machine.ram_base + 64 * SZ_1M;

	at[5] = 1;
	if (at[SZ_2M] || at[5] != 1)
		rt_fail("RAM is not as it was left");
	print("READY %s\n", machine.bootargs);
	for (;;)
		wfi();
}

const struct test guest_tests[] = {
	{"B7.inspected", stay_as_we_are},
	{NULL},
};
