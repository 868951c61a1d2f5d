// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPUs: found in the device tree, started by what the board has for it.
 */
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/boot_info.h"
#include "arch/armcommon/layout.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/timer.h"
#include "drivers/power.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/string.h"

#define MPIDR_AFFINITY 0xff00ffffffULL
#define PANIC_STACK 4096
/* How long a CPU may take to come up. */
#define START_MS 1000

_Static_assert(offsetof(struct arm_cpu, panic_sp) == CPU_PANIC_SP,
	       "asm_offsets.h");
_Static_assert(offsetof(struct arm_cpu, panic_regs) == CPU_PANIC_REGS,
	       "asm_offsets.h");

static struct arm_cpu arm_cpus[MAX_CPUS];
static u8 boot_panic_stack[PANIC_STACK]
	__attribute__((aligned(16), section(".noinit")));

_Static_assert(offsetof(struct secondary, per_cpu) == SECONDARY_PER_CPU &&
		       offsetof(struct secondary, stack) == SECONDARY_STACK &&
		       offsetof(struct secondary, hw_id) == SECONDARY_HW_ID &&
		       sizeof(struct secondary) == SECONDARY_SIZE &&
		       MAX_CPUS == SECONDARY_COUNT,
	       "boot_info.h");

struct secondary secondaries[MAX_CPUS];
static bool some_are_late;

extern char secondary_entry[];
_Noreturn void secondary_main(void);

struct cpu *this_cpu(void)
{
	return arm_this_cpu()->cpu;
}

void smp_prepare_boot_cpu(void)
{
	cpus[0].hw_id = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	cpus[0].online = true;
	cpu_count = 1;
	arm_cpus[0].cpu = &cpus[0];
	arm_cpus[0].panic_sp = (uintptr_t)boot_panic_stack + PANIC_STACK;
	sysreg_write(tpidr_el2, (uintptr_t)&arm_cpus[0]);
}

_Noreturn void secondary_main(void)
{
	/* It never comes online then, and the boot CPU says so. */
	if (cpu_init())
		for (;;)
			__asm__ volatile("wfi");
	sched_start_cpu();
}

static bool wait_online(const struct cpu *c)
{
	u64 end = arch_counter() + arch_counter_hz() / 1000 * START_MS;

	while (!READ_ONCE(c->online))
		if (arch_counter() > end)
			return false;
	return true;
}

static u64 image_pa(const void *p)
{
	return (uintptr_t)p - layout.image + layout.image_pa;
}

/* What CPU n starts with. False: no memory; nothing is kept. */
static bool prepare_cpu(unsigned int n, u64 hw_id)
{
	size_t size;
	void *stack = arch_stack_alloc(&size);
	void *panic_stack = hyp_alloc_pages(0, NULL);

	if (!stack || !panic_stack || mmu_init_cpu(n)) {
		if (stack)
			arch_stack_free(stack);
		if (panic_stack)
			hyp_free_pages(panic_stack, 0, NULL);
		return false;
	}
	cpus[n].id = n;
	cpus[n].hw_id = hw_id;
	arm_cpus[n].cpu = &cpus[n];
	arm_cpus[n].panic_sp = (uintptr_t)panic_stack + PAGE_SIZE;
	dcache_clean_poc((uintptr_t)&boot_info, sizeof(boot_info));
	secondaries[n].hw_id = hw_id;
	secondaries[n].per_cpu = (uintptr_t)&arm_cpus[n];
	/* A CPU that came unasked may be looking: now the rest is there. */
	__atomic_store_n(&secondaries[n].stack, (uintptr_t)stack + size,
			 __ATOMIC_RELEASE);
	dcache_clean_poc((uintptr_t)&secondaries[n], sizeof(secondaries[n]));
	__asm__ volatile("sev");
	return true;
}

/* Its number is taken for good, whether it comes or not: it may come late. */
static void start_cpu(const void *fdt, int node, u64 hw_id)
{
	unsigned int n = cpu_count;
	const char *why;
	int r;

	if (power_check_cpu(fdt, node, &why)) {
		log_warn("CPU %llx: stays off: %s", hw_id, why);
		return;
	}
	if (!prepare_cpu(n, hw_id)) {
		log_err("CPU %llx: no memory to start it with",
			hw_id);
		return;
	}
	cpu_count++;
	r = power_cpu_on(&cpus[n], HPA(image_pa(secondary_entry)),
			 image_pa(&secondaries[n]));
	if (r) {
		log_warn("CPU %llx: the board does not start it (error %d)",
			 hw_id, -r);
	} else if (!wait_online(&cpus[n])) {
		some_are_late = true;
		log_warn("CPU %llx: started, but did not come up within %u ms",
			 hw_id, START_MS);
	}
}

bool smp_all_are_up(void)
{
	return !some_are_late;
}

void smp_start(const void *fdt)
{
	int cpus_node = fdt_node_at(fdt, "/cpus"), node;
	int cells = cpus_node < 0 ? 0 : fdt_address_cells(fdt, cpus_node);
	const char *type;

	if (cells < 1 || cells > 2)
		return;
	fdt_for_each_subnode (node, fdt, cpus_node) {
		const fdt32_t *reg;
		u64 hw_id;
		int len;

		type = fdt_getprop(fdt, node, "device_type", NULL);
		reg = fdt_getprop(fdt, node, "reg", &len);
		if (!type || strcmp(type, "cpu") || !reg || len < 4 * cells ||
		    !fdt_enabled(fdt, node))
			continue;
		hw_id = fdt32_to_cpu(reg[0]);
		if (cells > 1)
			hw_id = hw_id << 32 | fdt32_to_cpu(reg[1]);
		if (hw_id == cpus[0].hw_id)
			continue;
		if (cpu_count == MAX_CPUS) {
			log_warn("/cpus: more than %u CPUs; the rest stay off",
				 MAX_CPUS);
			return;
		}
		start_cpu(fdt, node, hw_id);
	}
}
