/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Arm port's own stage 2 on the simulated machine: its files are linked as they
 * ship, and every register that they write and every instruction goes to the
 * machine. The machine is of the port's kind: SIM_ARMV7 for arch/arm.
 *
 * Link port_cpu.c and port_stage2.c in place of arch/sim/stage2.c, and with
 * -Wl,--wrap=arch_stage2_ops: the machine is told of tables on the way; and
 * -Wl,--wrap=arch_vm_invalidate_icache.
 */
#ifndef SIM_TESTING_PORT_CPU_H
#define SIM_TESTING_PORT_CPU_H

#include "lib/types.h"

/* What an invalidation must put back, of this CPU. */
struct port_registers {
	u64 vtcr, vttbr, tcr, sctlr;
};
struct port_registers port_registers(void);

void port_cpus_init(void);
/* Has this CPU made a DSB that the stores before are done at, since this was
 * asked last? */
bool port_stores_done(void);

/* A vCPU with this number, of the VM that is selected, is entered: what this CPU has
 * of branch predictions is its own. */
void port_check_predictor(unsigned int vcpu);

/* Invalidations of every CPU's instruction cache, so far. */
unsigned long port_icache_broadcasts(void);

#endif
