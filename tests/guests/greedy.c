// SPDX-License-Identifier: BSD-2-Clause
/*
 * B6: a guest that writes to every 2 MiB of its RAM, and so comes to the limit of
 * the memory that it may use, or of its tables. tests/boot/run.sh sets the limits.
 */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "greedy";

void guest_hello(void)
{
}

static void take_everything(void)
{
	u64 end = machine.ram_base + machine.ram_size;

	print("GREEDY %s\n", machine.bootargs);
	for (u64 at = free_ram(); at < end; at += SZ_2M)
		*(volatile u8 *)(at + SZ_1M) = 1;
	rt_fail("%llu MiB are all there", machine.ram_size >> 20);
}

const struct test guest_tests[] = {
	{"B6.greedy", take_everything},
	{NULL},
};
