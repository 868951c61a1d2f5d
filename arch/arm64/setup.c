// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the MMU's coming on to the machine monitor.
 */
#include <libfdt.h>

#include "arch/arm64/arm64.h"
#include "arch/arm64/boot_info.h"
#include "arch/arm64/layout.h"
#include "arch/arm64/registers.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vmid.h"
#include "drivers/irqchip.h"
#include "drivers/psci.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "vmm/console.h"
#include "vmm/vmm.h"

_Noreturn void setup_main(void);

/* ---- Memory -------------------------------------------------------------------- */

struct range {
	u64 base, size;
};

/* What must not be handed out, as the device tree and the image say. */
struct reserved {
	struct range r[64];
	unsigned int count;
};

static void add_reserved(struct reserved *res, u64 base, u64 size)
{
	if (!size)
		return;
	if (res->count == ARRAY_SIZE(res->r))
		panic("device tree: more than %zu reserved ranges",
		      ARRAY_SIZE(res->r));
	res->r[res->count++] = (struct range){base, size};
}

static void reserve_node_ranges(const void *fdt, int node,
				struct reserved *res)
{
	u64 base, size;

	for (int i = 0; !fdt_reg_local(fdt, node, i, &base, &size); i++)
		add_reserved(res, base, size);
}

static void find_reserved(const void *fdt, struct reserved *res)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node = -1;
	u64 base, size;

	add_reserved(res, layout.image_pa, image_end - image_start);
	add_reserved(res, layout.fdt_pa, fdt_totalsize(fdt));
	for (int i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &base, &size))
			add_reserved(res, base, size);
	if (parent >= 0)
		fdt_for_each_subnode (node, fdt, parent)
			reserve_node_ranges(fdt, node, res);
	node = -1;
	while ((node = fdt_node_offset_by_compatible(fdt, node,
						     "multiboot,module")) >= 0)
		reserve_node_ranges(fdt, node, res);
}

/* Call `fn` for each range of RAM. */
static void for_each_ram(const void *fdt, void (*fn)(u64, u64, void *),
			 void *arg)
{
	u64 base, size;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(fdt, node, "device_type",
						     "memory", 7)) >= 0)
		for (int i = 0; !fdt_reg(fdt, node, i, &base, &size); i++)
			if (size && base + size > base)
				fn(base, size, arg);
}

static void find_highest(u64 base, u64 size, void *arg)
{
	u64 *highest = arg, most = layout.linear_pa + layout.linear_size;

	if (base < most)
		*highest = max(*highest, min(base + size, most));
}

#define NOT_FOUND (~0ULL)

struct search {
	const struct reserved *res;
	u64 size, found; /* NOT_FOUND until it is */
};

/* First fit in [base, base + size) around what is reserved. */
static void find_free(u64 base, u64 size, void *arg)
{
	struct search *s = arg;
	u64 at = ALIGN_UP(base, CHUNK_SIZE), end = base + size;
	bool moved = true;

	while (moved && s->found == NOT_FOUND && at < end && end - at >= s->size) {
		moved = false;
		for (unsigned int i = 0; i < s->res->count; i++) {
			const struct range *r = &s->res->r[i];

			if (!ranges_overlap(at, s->size, r->base, r->size))
				continue;
			at = ALIGN_UP(r->base + r->size, CHUNK_SIZE);
			moved = true;
		}
	}
	if (!moved && s->found == NOT_FOUND && at < end && end - at >= s->size)
		s->found = at;
}

static void add_ram(u64 base, u64 size, void *arg)
{
	u64 most = layout.linear_pa + layout.linear_size;

	if (base < most)
		page_alloc_add(HPA(base), min(size, most - base));
}

/* The allocator's own descriptors come from the first room in RAM. */
static void memory_init(const void *fdt)
{
	struct reserved res = {.count = 0};
	struct search s = {.res = &res, .found = NOT_FOUND};
	u64 highest = 0;
	void *meta;

	find_reserved(fdt, &res);
	for_each_ram(fdt, find_highest, &highest);
	s.size = ALIGN_UP(page_alloc_meta_size(HPA(layout.linear_pa),
					       HPA(highest)), CHUNK_SIZE);
	for_each_ram(fdt, find_free, &s);
	if (s.found == NOT_FOUND)
		panic("memory: no %llu KiB of free RAM for the allocator",
		      (unsigned long long)s.size >> 10);
	for (u64 at = 0; at < s.size; at += CHUNK_SIZE)
		if (arch_linear_map_chunk(HPA(s.found + at)))
			panic("memory: RAM at %#llx is out of reach",
			      (unsigned long long)s.found);
	meta = arch_phys_to_virt(HPA(s.found));
	page_alloc_init(meta, HPA(layout.linear_pa), HPA(highest));
	for_each_ram(fdt, add_ram, NULL);
	for (unsigned int i = 0; i < res.count; i++)
		page_alloc_reserve(HPA(res.r[i].base), res.r[i].size);
	page_alloc_reserve(HPA(s.found), s.size);
}

/* ---- In order ----------------------------------------------------------------- */

static void interrupts_init(const void *fdt)
{
	const char *why;

	if (irqchip_init(fdt, mmu_map_io, &why))
		panic("interrupt controller: %s", why);
	if (irqchip.version >= 3)
		vgic_hw_v3_init(irqchip.ops->set_active);
	else
		vgic_hw_v2_init(irqchip.gich_regs, irqchip.ops->set_active);
}

/* On each CPU, its interrupt interface first. */
int cpu_init(void)
{
	int err = this_cpu()->id ? irqchip.ops->init_cpu() : 0;

	if (err)
		return err;
	traps_init_cpu();
	vgic_hw_init_cpu();
	irq_init_cpu();
	return 0;
}

static void announce(const void *fdt)
{
	struct page_stats st;

	page_alloc_stats(&st);
	log_info("%u CPU%s, %llu MiB free, GICv%u, %u-bit VMIDs, %u-bit EL2 "
		 "address space",
		 cpu_count, cpu_count == 1 ? "" : "s", (unsigned long long)st.free >> (20 - PAGE_SHIFT),
		 irqchip.version, features.vmid_bits, layout.va_bits);
}

_Noreturn void setup_main(void)
{
	const void *fdt = (const void *)layout.fdt;
	const char *why;

	smp_prepare_boot_cpu();
	/* Found when it stood at its physical address. */
	console_uart.driver = (const void *)((u64)console_uart.driver -
					     layout.image_pa + layout.image);
	console_init(&console_uart);
	mmu_init();
	console_init(&console_uart);
	memory_init(fdt);
	BUG_ON(mmu_init_cpu(0));
	interrupts_init(fdt);
	features_detect();
	sysreg_init();
	vmid_init(features.vmid_bits, MAX_CPUS);
	BUG_ON(cpu_init());
	irq_init(fdt);
	sched_init("vmm");
	if (psci_init(fdt, &why))
		log_warn("PSCI: %s: one CPU, and no power-off", why);
	else
		smp_start(fdt);
	mmu_drop_boot_tables();
	announce(fdt);
	vmm_main(fdt);
	BUG();
}

_Noreturn void vmm_power_off(void)
{
	psci_system_off();
	log_info("the board does not turn itself off; it is stopped");
	for (;;)
		__asm__ volatile("wfi");
}
