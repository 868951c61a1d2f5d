// SPDX-License-Identifier: BSD-2-Clause
/* PSCI (DEN 0022). */
#include "tests/guests/rt/rt.h"

s32 psci(u32 fn, u64 a1, u64 a2, u64 a3)
{
	u64 regs[SMCCC_REGS] = {fn, a1, a2, a3};

	if (machine.hvc)
		smccc_hvc(regs);
	else
		smccc_smc(regs);
	return regs[0];
}

_Noreturn void power_off(void)
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		wfi();
}

void power_reset(void)
{
	psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}

bool cpu_start(unsigned int i)
{
	s32 rc = psci(PSCI_CPU_ON, machine.mpidr[i], (u64)_secondary_start, i);

	if (rc)
		print("CPU_ON of CPU %u: %d\n", i, rc);
	return !rc;
}

/* ---- Running away ------------------------------------------------------------ */

void leave_often(void)
{
	psci(PSCI_VERSION, 0, 0, 0);
	read32(machine.gicd + 4);
	read32(machine.uart + 0x18);
}

void abandon_cpu(void)
{
	psci(PSCI_CPU_OFF, 0, 0, 0);
}

void lose_vectors(u64 at)
{
	use_vectors(at);
	__asm__ volatile("svc #0" ::: "memory", LINK_REGISTER);
}
