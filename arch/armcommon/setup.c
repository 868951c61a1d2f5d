// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the MMU's coming on to the machine monitor.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/layout.h"
#include "arch/armcommon/machine.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vmid.h"
#include "drivers/irqchip.h"
#include "drivers/power.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "vmm/board_memory.h"
#include "vmm/console.h"
#include "vmm/vmm.h"

_Noreturn void setup_main(void);

const struct uart_driver *const uart_drivers[] = {&uart_pl011, &uart_cadence,
						   NULL};

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
	log_info("%u CPU%s, %llu MiB free, GICv%u, %u-bit VMIDs, %u-bit " PORT_MODE
		 " address space",
		 online, online == 1 ? "" : "s", st.free >> (20 - PAGE_SHIFT),
		 irqchip.version, features.stage2.vmid_bits, layout.va_bits);
}

_Noreturn void setup_main(void)
{
	const void *fdt = (const void *)(uintptr_t)layout.fdt;
	const char *why;

	smp_prepare_boot_cpu();
	log_set_shared(true);
	/* Found when it stood at its physical address. */
	console_uart.driver = (const void *)(uintptr_t)((uintptr_t)console_uart.driver -
							 layout.image_pa + layout.image);
	console_init(&console_uart);
	counter_init(fdt);
	mmu_init();
	console_init(&console_uart);
	board_memory_init(fdt, &(struct board_memory){
		.image = layout.image_pa,
		.image_size = image_end - image_start,
		.fdt = layout.fdt_pa,
		.lowest = layout.linear_pa,
		.reach = layout.linear_pa + layout.linear_size,
		.end = BIT64(layout.pa_bits),
	});
	BUG_ON(mmu_init_cpu(0));
	interrupts_init(fdt);
	features_detect();
	sysreg_init();
	vmid_init(features.stage2.vmid_bits, MAX_CPUS);
	irq_init(fdt);
	BUG_ON(cpu_init());
	sched_init("vmm");
	if (power_init(fdt, mmu_map_io, &why))
		log_warn("%s: one CPU, and no power-off", why);
	smp_start(fdt);
	if (cpu_count > 1)
		port_check_smp(power_is_firmware());
	if (smp_all_are_up())
		mmu_drop_boot_tables();
	announce(fdt);
	vmm_main(fdt);
	BUG();
}

/* A board may take a moment to turn off after it has been told to. */
static void wait_to_be_off(void)
{
	u64 start = arch_counter(), two_seconds = 2 * arch_counter_hz();

	while (arch_counter() - start < two_seconds)
		cpu_relax();
}

_Noreturn void vmm_power_off(void)
{
	power_off();
	wait_to_be_off();
	log_info("the board does not turn itself off; it is stopped");
	for (;;)
		wfi();
}
