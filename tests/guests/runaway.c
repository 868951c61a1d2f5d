// SPDX-License-Identifier: BSD-2-Clause
/*
 * K11: a guest that loses everything on its only CPU, and never ends. Whoever
 * runs it stops it, and sees that others go on. The command line says how:
 * `stack`, `vectors`, `device`, `fetch`, `loop`, `storm` or `abandon`.
 */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "runaway";

void guest_hello(void)
{
}

/* Exits as fast as can be. */
static void storm(void)
{
	for (;;)
		leave_often();
}

static void run_away(void)
{
	print("RUNAWAY %s\n", machine.bootargs);
	if (machine_option("stack")) {
		lose_stack(HOLE + 0x1000);
	} else if (machine_option("device")) {
		lose_stack(DEVICE_FOR_STACK);
	} else if (machine_option("vectors")) {
		lose_vectors(HOLE);
	} else if (machine_option("fetch")) {
		use_vectors(HOLE);
		call_at(HOLE);
	} else if (machine_option("storm")) {
		storm();
	} else if (machine_option("abandon")) {
		abandon_cpu();
	}
	for (;;)
		;
}

const struct test guest_tests[] = {
	{"K11.runaway", run_away},
	{NULL},
};
