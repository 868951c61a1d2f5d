// SPDX-License-Identifier: BSD-2-Clause
/*
 * With the MMU off: the first words on the UART, the layout of EL2's address
 * space, and the boot tables.
 *
 * Memory is Device memory here, so nothing that runs here uses exclusives, which
 * Device memory need not support (Arm ARM DDI 0487, B2.9.2): the log takes no
 * lock yet, and the handful of boot entries is written directly, not by the
 * page-table engine, which compares and exchanges. The real tables come from the
 * engine (mmu.c).
 */
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/boot_info.h"
#include "arch/armcommon/layout.h"
#include "drivers/uart.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"

#define FDT_MAX_SIZE SZ_2M
#define BOOT_TABLES 16

/* Leaf attributes of EL2's stage 1: valid, AF, inner-shareable, AP[1]. */
#define LEAF_COMMON (3ULL | BIT64(10) | (3ULL << 8) | BIT64(6))
#define LEAF_RO BIT64(7)
#define LEAF_XN BIT64(54)
#define LEAF_DEVICE (1ULL << 2) /* attribute index 1 */

struct el2_layout layout;
struct boot_info boot_info;
struct uart console_uart;

static u64 tables[BOOT_TABLES][512] __attribute__((aligned(4096),
						   section(".noinit")));
static unsigned int tables_used;

static void early_print(const char *line, size_t len)
{
	uart_write(&console_uart, line, len);
}

/* No UART, no words: there is nothing to tell it with. */
static _Noreturn void early_halt(void)
{
	for (;;)
		wfi();
}

static _Noreturn void early_refuse(const char *what, const char *why)
{
	log_err("cannot start: %s: %s", what, why);
	early_halt();
}

static u64 *new_table(void)
{
	u64 *t;

	if (tables_used == BOOT_TABLES)
		early_refuse("boot tables", "too few for this layout");
	t = tables[tables_used++];
	for (int i = 0; i < 512; i++)
		t[i] = 0;
	return t;
}

/* One 4 KiB page. The walk starts where the layout's VA size says. */
static void map_page(u64 va, u64 pa, u64 attr)
{
	int levels = DIV_ROUND_UP(layout.va_bits - PAGE_SHIFT, 9);
	u64 *t = (u64 *)(uintptr_t)boot_info.ttbr;

	for (int shift = PAGE_SHIFT + 9 * (levels - 1); shift > PAGE_SHIFT;
	     shift -= 9) {
		u64 *e = &t[(va >> shift) & 511];

		if (!*e)
			*e = (uintptr_t)new_table() | 3;
		t = (u64 *)(uintptr_t)(*e & GENMASK64(47, 12));
	}
	t[(va >> PAGE_SHIFT) & 511] = pa | attr;
}

static void map_range(u64 va, u64 pa, u64 size, u64 attr)
{
	u64 end = ALIGN_UP(va + size, PAGE_SIZE);

	pa = ALIGN_DOWN(pa, PAGE_SIZE);
	for (va = ALIGN_DOWN(va, PAGE_SIZE); va < end;
	     va += PAGE_SIZE, pa += PAGE_SIZE)
		map_page(va, pa, attr);
}

/*
 * The lowest RAM address bounds the linear map from below: found without a
 * table of ranges, for there is no memory for one yet.
 */
static u64 lowest_ram(const void *fdt)
{
	static const char *const memory[] = {"memory", NULL};
	u64 base, size, lowest = ~0ULL;
	int node = -1;

	while ((node = fdt_next_with(fdt, node, "device_type", memory)) >= 0)
		for (int i = 0; !fdt_reg(fdt, node, i, &base, &size); i++)
			if (size)
				lowest = min(lowest, base);
	return lowest;
}

static void compute_layout(const void *fdt)
{
	u64 image_pa = (uintptr_t)image_start, half, quarter, ram;

	port_address_sizes(&layout);
	if (image_pa >> layout.va_bits)
		early_refuse("image", "loaded beyond the range of " PORT_MODE);
	ram = lowest_ram(fdt);
	if (ram == ~0ULL)
		early_refuse("device tree", "no memory node with a reg");

	half = BIT64(layout.va_bits - 1);
	quarter = half >> 2;
	if (image_pa & half)
		half = 0;
	layout.linear = half + 2 * quarter;
	layout.linear_pa = ALIGN_DOWN(ram, SZ_1G);
	layout.linear_size = 2 * quarter;
	layout.image = half + quarter + (image_pa & (SZ_2M - 1));
	layout.image_pa = image_pa;
	layout.slots = half;
	layout.io = layout.slots + quarter / 2;
	layout.io_size = quarter / 4;
	layout.stacks = layout.io + quarter / 4;
	layout.fdt_pa = (uintptr_t)fdt;
	/* A page off any 2 MiB boundary: mapped in pages by all tables, so that
	 * changing from one to the other changes no block's size. */
	layout.fdt = layout.stacks + quarter / 8 + PAGE_SIZE +
		     (layout.fdt_pa & (PAGE_SIZE - 1));
	layout.trampoline = half + quarter - PAGE_SIZE;
}

static void build_boot_tables(const void *fdt)
{
	u64 image = layout.image - layout.image_pa;
	u64 idmap = (uintptr_t)idmap_start;

	boot_info.ttbr = (uintptr_t)new_table();
	map_page(idmap, idmap, LEAF_COMMON | LEAF_RO);
	map_page(layout.trampoline, idmap, LEAF_COMMON | LEAF_RO);
	map_range(layout.image, layout.image_pa, text_end - image_start,
		  LEAF_COMMON | LEAF_RO);
	map_range(image + (uintptr_t)text_end, (uintptr_t)text_end, image_end - text_end,
		  LEAF_COMMON | LEAF_XN);
	map_page(image + (uintptr_t)boot_stack_guard, 0, 0);
	map_range(layout.fdt, layout.fdt_pa, fdt_totalsize(fdt),
		  LEAF_COMMON | LEAF_RO | LEAF_XN);
	map_range(layout.io, console_uart.base.v, PAGE_SIZE,
		  LEAF_COMMON | LEAF_XN | LEAF_DEVICE);
}

void early_main(const void *fdt, unsigned int mode);

/* x0 and CurrentEL, or r2 and CPSR.M, as they were at entry. The MMU comes on at its
 * return. */
void early_main(const void *fdt, unsigned int mode)
{
	const char *why;

	if (((uintptr_t)fdt & 7) || !fdt || fdt_validate(fdt, FDT_MAX_SIZE))
		early_halt();
	if (uart_find(fdt, &console_uart, &why))
		early_halt();
	/* Beyond what the MMU reaches, off or on: no words either. */
	if ((uintptr_t)console_uart.base.v != console_uart.base.v)
		early_halt();
	console_uart.regs = (volatile void *)(uintptr_t)console_uart.base.v;
	console_uart.driver->init(console_uart.regs);
	log_set_sink(early_print);
	if (mode != PORT_ENTRY_MODE) {
		log_err("cannot start: firmware: it entered the image " PORT_ENTRY_REFUSED,
			mode);
		early_halt();
	}
	log_info("Twofold " TWOFOLD_VERSION ", " PORT_NAME ", on %s",
		 (const char *)fdt_getprop(fdt, 0, "model", NULL) ?:
			 "an unnamed board");

	compute_layout(fdt);
	build_boot_tables(fdt);
	port_boot_registers(&boot_info);
	boot_info.image_va = layout.image;
	boot_info.image_pa = layout.image_pa;
	boot_info.trampoline = layout.trampoline;
	console_uart.regs =
		(volatile void *)(uintptr_t)(layout.io +
				  (console_uart.base.v & (PAGE_SIZE - 1)));
}

/* The identity map goes with them: no mapping of ours is executable at its
 * physical address any more. */
void mmu_drop_boot_tables(void)
{
	memset(tables, 0, sizeof(tables));
	dcache_clean_poc((uintptr_t)tables, sizeof(tables));
}
