// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the MMU's coming on to the machine monitor.
 */
#include <libfdt.h>

#include "arch/arm64/arm64.h"
#include "arch/arm64/boot_info.h"
#include "arch/arm64/layout.h"
#include "arch/arm64/registers.h"
#include "arch/armcommon/machine.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vmid.h"
#include "drivers/irqchip.h"
#include "drivers/psci.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "vmm/console.h"
#include "vmm/description.h"
#include "vmm/vmm.h"

_Noreturn void setup_main(void);

/* ---- Memory -------------------------------------------------------------------- */

struct range {
	u64 base, size;
};

/* RAM, or what of it must not be handed out. */
struct ranges {
	const char *what;
	struct range r[64];
	unsigned int count;
};

static void add_range(struct ranges *list, u64 base, u64 size)
{
	if (!size || base + size < base)
		return;
	if (list->count == ARRAY_SIZE(list->r))
		panic("device tree: more than %zu ranges of %s",
		      ARRAY_SIZE(list->r), list->what);
	list->r[list->count++] = (struct range){base, size};
}

static void add_node(const void *fdt, int node, struct ranges *list)
{
	u64 base, size;

	for (int i = 0; !fdt_reg(fdt, node, i, &base, &size); i++)
		add_range(list, base, size);
}

static void add_module(hpa_t pa, u64 size, void *reserved)
{
	add_range(reserved, pa.v, size);
}

static void find_reserved(const void *fdt, struct ranges *res)
{
	int parent = fdt_node_at(fdt, "/reserved-memory"), node;
	u64 base, size;

	add_range(res, layout.image_pa, image_end - image_start);
	add_range(res, layout.fdt_pa, fdt_totalsize(fdt));
	for (int i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &base, &size))
			add_range(res, base, size);
	if (parent >= 0)
		fdt_for_each_subnode (node, fdt, parent)
			add_node(fdt, node, res);
	description_for_each_module(fdt, add_module, res);
}

/* As far as the linear map reaches. */
static void find_ram(const void *fdt, struct ranges *ram)
{
	static const char *const memory[] = {"memory", NULL};
	u64 end = layout.linear_pa + layout.linear_size;
	int node = -1;

	while ((node = fdt_next_with(fdt, node, "device_type", memory)) >= 0)
		add_node(fdt, node, ram);
	for (unsigned int i = 0; i < ram->count; i++) {
		struct range *r = &ram->r[i];

		r->size = r->base < end ? min(r->size, end - r->base) : 0;
	}
}

#define NOT_FOUND (~0ULL)

/* First fit of `size` bytes in one range of RAM, around what is reserved. */
static u64 fit(const struct range *ram, const struct ranges *res, u64 size)
{
	u64 at = ALIGN_UP(ram->base, CHUNK_SIZE), end = ram->base + ram->size;
	bool moved = true;

	while (moved) {
		if (at >= end || end - at < size)
			return NOT_FOUND;
		moved = false;
		for (unsigned int i = 0; i < res->count; i++) {
			const struct range *r = &res->r[i];

			if (!ranges_overlap(at, size, r->base, r->size))
				continue;
			at = ALIGN_UP(r->base + r->size, CHUNK_SIZE);
			moved = true;
		}
	}
	return at;
}

static u64 find_room(const struct ranges *ram, const struct ranges *res,
		     u64 size)
{
	u64 at = NOT_FOUND;

	for (unsigned int i = 0; i < ram->count && at == NOT_FOUND; i++)
		at = fit(&ram->r[i], res, size);
	return at;
}

/* Mapped before there is an allocator: it is the allocator's own. */
static void *map_room(u64 at, u64 size)
{
	if (at == NOT_FOUND)
		panic("memory: no %llu KiB of free RAM for the allocator",
		      (unsigned long long)size >> 10);
	for (u64 done = 0; done < size; done += CHUNK_SIZE)
		if (arch_linear_map_chunk(HPA(at + done)))
			panic("memory: RAM at %#llx is out of reach",
			      (unsigned long long)at);
	return arch_phys_to_virt(HPA(at));
}

static void memory_init(const void *fdt)
{
	/* Not on the stack, which is small. */
	static struct ranges ram = {.what = "RAM"};
	static struct ranges res = {.what = "reserved memory"};
	hpa_t lowest = HPA(layout.linear_pa);
	u64 highest = 0, size, at;

	find_ram(fdt, &ram);
	find_reserved(fdt, &res);
	for (unsigned int i = 0; i < ram.count; i++)
		highest = max(highest, ram.r[i].base + ram.r[i].size);
	size = ALIGN_UP(page_alloc_meta_size(lowest, HPA(highest)), CHUNK_SIZE);
	at = find_room(&ram, &res, size);
	page_alloc_init(map_room(at, size), lowest, HPA(highest));
	for (unsigned int i = 0; i < ram.count; i++)
		page_alloc_add(HPA(ram.r[i].base), ram.r[i].size);
	add_range(&res, at, size);
	for (unsigned int i = 0; i < res.count; i++)
		page_alloc_reserve(HPA(res.r[i].base), res.r[i].size);
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
		vgic_hw_v2_init(irqchip.gich_regs, irqchip.iidr,
				irqchip.ops->set_active);
	machine_gicv = (struct machine_gicv){
		irqchip.gicv, irqchip.gicv_region, irqchip.gicv_region_size,
	};
}

/* On each CPU, its interrupt interface first. */
int cpu_init(void)
{
	int err = this_cpu()->id ? irqchip.ops->init_cpu() : 0;

	if (!err && !features_same()) {
		log_warn("CPU %u: differs from the boot CPU in what it can do",
			 this_cpu()->id);
		err = -ENODEV;
	}
	if (err)
		return err;
	traps_init_cpu();
	vgic_hw_init_cpu();
	irq_init_cpu();
	return 0;
}

static void announce(const void *fdt)
{
	unsigned int online = 0;
	struct page_stats st;
	struct cpu *c;

	for_each_cpu (c)
		online += c->online;
	page_alloc_stats(&st);
	log_info("%u CPU%s, %llu MiB free, GICv%u, %u-bit VMIDs, %u-bit EL2 "
		 "address space",
		 online, online == 1 ? "" : "s", (unsigned long long)st.free >> (20 - PAGE_SHIFT),
		 irqchip.version, features.stage2.vmid_bits, layout.va_bits);
}

_Noreturn void setup_main(void)
{
	const void *fdt = (const void *)layout.fdt;
	const char *why;

	smp_prepare_boot_cpu();
	log_set_shared(true);
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
	vmid_init(features.stage2.vmid_bits, MAX_CPUS);
	BUG_ON(cpu_init());
	irq_init(fdt);
	sched_init("vmm");
	if (psci_init(fdt, &why))
		log_warn("PSCI: %s: one CPU, and no power-off", why);
	else
		smp_start(fdt);
	if (smp_all_are_up())
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
