// SPDX-License-Identifier: BSD-2-Clause
/* The machine, for core/. */
#include "arch/sim/machine.h"
#include <stdlib.h>
#include "core/page_alloc.h"
#include "core/testing/fake_arch.h"
#include "core/vmid.h"

struct sim_machine_faults sim_machine_faults;

static struct sim_machine_config machine;
static void *meta;

const struct sim_machine_config *sim_machine(void)
{
	return &machine;
}

void sim_machine_init(const struct sim_machine_config *config)
{
	u64 end = SIM_RAM + config->sim.ram;
	size_t size = page_alloc_meta_size(HPA(SIM_RAM), HPA(end));

	machine = *config;
	sim_machine_faults = (struct sim_machine_faults){ 0 };
	sim_init(&config->sim);
	fake_cpus_init(config->sim.cpus);
	meta = malloc(size);
	page_alloc_init(meta, HPA(SIM_RAM), HPA(end));
	page_alloc_add(HPA(SIM_RAM), config->sim.ram);
	if (config->modules)
		page_alloc_reserve(HPA(sim_machine_modules()), config->modules);
	sim_stage2_init(config->sim.cpus);
}

void sim_machine_exit(void)
{
	vmid_exit();
	sim_exit();
	free(meta);
}

u64 sim_machine_modules(void)
{
	return SIM_RAM + machine.sim.ram - machine.modules;
}

u64 sim_machine_pages_used(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	return st.used[PAGE_HYP] + st.used[PAGE_GUEST];
}
