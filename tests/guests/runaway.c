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
	for (;;) {
		psci(PSCI_VERSION, 0, 0, 0);
		read32(machine.gicd + 4);
		read32(machine.uart + 0x18);
	}
}

static void run_away(void)
{
	print("RUNAWAY %s\n", machine.bootargs);
	if (machine_option("stack")) {
		lose_stack(HOLE + 0x1000);
	} else if (machine_option("device")) {
		lose_stack(machine.gicd + 0x900);
	} else if (machine_option("vectors")) {
		write_sysreg(vbar_el1, HOLE);
		isb();
		__asm__ volatile("svc #0" ::: "memory", LINK_REGISTER);
	} else if (machine_option("fetch")) {
		write_sysreg(vbar_el1, HOLE);
		isb();
		call_at(HOLE);
	} else if (machine_option("storm")) {
		storm();
	} else if (machine_option("abandon")) {
		psci(PSCI_CPU_OFF, 0, 0, 0);
	}
	for (;;)
		;
}

const struct test guest_tests[] = {
	{"K11.runaway", run_away},
	{NULL},
};
