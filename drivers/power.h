/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What turns the other CPUs on, and the board off: firmware (PSCI), or, on a
 * board without it, registers of the board's own. Found from the device tree.
 */
#ifndef DRIVERS_POWER_H
#define DRIVERS_POWER_H

#include "lib/types.h"

struct cpu;

typedef volatile void *(*power_map_fn)(hpa_t pa, u64 size);

struct power_driver {
	/* What a CPU node's enable-method calls it. NULL: it has no name there. */
	const char *enable_method;
	/* As power_init(). -ENODEV: this board is not of the kind; *why tells
	 * what it would have been known by. */
	int (*init)(const void *fdt, power_map_fn map, const char **why);
	/* As power_cpu_on(). */
	int (*cpu_on)(const struct cpu *cpu, hpa_t entry, u64 context);
	/* As power_off(). */
	void (*off)(void);
	bool is_firmware; /* as power_is_firmware() */
};

/* Supplied by arch: which there are for its boards, in the order in which they
 * are looked for; NULL ends them. */
extern const struct power_driver *const power_drivers[];
extern const struct power_driver power_psci, power_vexpress,
	power_syscon;

/*
 * Find it. `map` maps registers at EL2; NULL from it: it cannot. The interrupt
 * controller is up. On an error *why says what is missing, or which node and
 * property cannot be used, and there is no way to turn anything on or off:
 * -ENODEV: there is none; -EINVAL: a broken node; -EOPNOTSUPP: one that we
 * cannot use. A kind that is there is the board's, and no other is tried.
 */
int power_init(const void *fdt, power_map_fn map, const char **why);

/*
 * Can the CPU of this node be turned on? 0, or -ENODEV or -EOPNOTSUPP and what
 * is in the way in *why.
 */
int power_check_cpu(const void *fdt, int node, const char **why);

/*
 * Turn on a CPU for which power_check_cpu() returned 0. It starts at physical
 * address `entry`, at EL2 with the MMU off. A driver that can has `context` in
 * its first register; with another the CPU is to find out by its own MPIDR what
 * it is to do, and CPUs that nobody asked for may come as well.
 * 0: it has been told to; or an error, as firmware has it.
 */
int power_cpu_on(const struct cpu *cpu, hpa_t entry, u64 context);

/* Firmware does it (PSCI), and makes the CPUs that it turns on coherent. */
bool power_is_firmware(void);

/* Turn the board off. Returns only where that is impossible. */
void power_off(void);

#endif
