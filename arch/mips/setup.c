// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the first message to the machine monitor.
 */
#include "arch/mips/setup.h"
#include "arch/mips/debug.h"
#include "arch/mips/mips.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vmid.h"
#include "drivers/io.h"
#include "drivers/power.h"
#include "drivers/uart.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "vmm/board_memory.h"
#include "vmm/console.h"
#include "vmm/vmm.h"

/* Host ASIDs: 8 bits, on every CPU (K40). */
#define ASID_BITS 8

const struct uart_driver *const uart_drivers[] = {&uart_ns16550, NULL};
const struct power_driver *const power_drivers[] = {&power_syscon, NULL};

volatile void *mips_map_io(hpa_t pa, u64 size)
{
	if (!range_fits(pa.v, size, KSEG_SIZE))
		return NULL;
	return (volatile void *)(uintptr_t)(KSEG1 + (u32)pa.v);
}

/* Is there RAM at physical address 0? */
static bool has_first_page(const void *fdt)
{
	static const char *const memory[] = {"memory", NULL};
	u64 base, size;
	bool said = false;
	int node = -1;

	while ((node = fdt_next_with(fdt, node, "device_type", memory)) >= 0)
		for (int i = 0; !fdt_reg(fdt, node, i, &base, &size); i++) {
			said = true;
			if (!base && size >= PAGE_SIZE)
				return true;
		}
	return !said && firmware_memory >= PAGE_SIZE;
}

static void memory_init(const void *fdt)
{
	struct board_memory m = {
		.image = (uintptr_t)image_start - KSEG0,
		.image_size = image_end - image_start,
		.firmware_size = PAGE_SIZE,
		.fdt = (uintptr_t)fdt - KSEG0,
		.reach = KSEG_SIZE,
		.end = BIT64(32),
		.unsaid = firmware_memory,
	};

	page_access_init(board_memory_init(fdt, &m) > KSEG_SIZE);
}

static void announce(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	log_info("memory: %llu MiB, %llu MiB free", st.total >> (20 - PAGE_SHIFT),
		 st.free >> (20 - PAGE_SHIFT));
}

_Noreturn void setup_main(const void *fdt)
{
	const char *why;

	stack_guard(boot_stack);
	cpu_count = 1;
	cpus[0].online = true;
	log_set_shared(true);
	cpu_start();
	console_init(&console_uart);
	features_detect(fdt);
	string_init();
	features_print();
	memory_init(fdt);
	announce();
	vmid_init(ASID_BITS, 1);
	gva_init();
	world_init();
	if (!has_first_page(fdt) || !debug_init())
		log_info("SDBBP: what it does is the firmware's");
	irq_init();
	sched_init("vmm");
	if (power_init(fdt, mips_map_io, &why))
		log_warn("power-off: %s", why);
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
		idle_wait();
}
