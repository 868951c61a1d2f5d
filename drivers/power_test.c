// SPDX-License-Identifier: BSD-2-Clause
// link: drivers/power.c drivers/power_vexpress.c drivers/psci.c drivers/why.c
// link: lib/fdt.c lib/printf.c libfdt
// flags: -DIO_MODEL
/*
 * What turns CPUs on is found from the device tree; and the Versatile Express's
 * system registers, which are modelled here as Arm DUI 0447 has them. Row: K30.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/cpu.h"
#include "drivers/irqchip.h"
#include "drivers/io.h"
#include "drivers/power.h"
#include "drivers/psci.h"
#include "lib/errno.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

const struct power_driver *const power_drivers[] = {
	&power_psci,
	&power_vexpress,
	NULL,
};

struct irqchip irqchip;

/* ---- The board ------------------------------------------------------------------ */

#define SYSREG_PA 0x1c010000

static struct {
	u8 space[0x1000];
	u32 flags, cfgdata, cfgctrl;
	bool flags_stuck;
	const struct cpu *woken;
	u32 flags_when_woken;
	unsigned int sgi;
	u64 smc;
	bool unmapped;
} board;

u64 io_model_read(const volatile void *reg, unsigned int size)
{
	assert_int_equal((const u8 *)reg - board.space, 0x30);
	assert_int_equal(size, 4);
	return board.flags;
}

void io_model_write(volatile void *reg, u64 v, unsigned int size)
{
	assert_int_equal(size, 4);
	switch ((const u8 *)reg - board.space) {
	case 0x30:
		board.flags |= board.flags_stuck ? 0 : v;
		break;
	case 0x34:
		board.flags &= ~v;
		break;
	case 0xa0:
		board.cfgdata = v;
		break;
	case 0xa4:
		board.cfgctrl = v;
		break;
	default:
		fail_msg("a write to %zx", (size_t)((const u8 *)reg - board.space));
	}
}

static volatile void *map(hpa_t pa, u64 size)
{
	assert_int_equal(pa.v, SYSREG_PA);
	assert_int_equal(size, sizeof(board.space));
	return board.unmapped ? NULL : board.space;
}

static void send_sgi(const struct cpu *cpu, unsigned int sgi)
{
	board.woken = cpu;
	board.sgi = sgi;
	board.flags_when_woken = board.flags;
}

long arch_smc(u64 fn, u64 a, u64 b, u64 c)
{
	board.smc = fn;
	return fn == 0x84000000 ? 0x10001 : 0;
}

/* ---- Its device tree -------------------------------------------------------------- */

#define VEXPRESS "arm,vexpress,v2p-ca15,tc1\0arm,vexpress"

enum { SYSREG = 1, SMALL = 2, PSCI = 4, PSCI_HVC = 8, FOREIGN = 16 };

static void add_sysreg(unsigned int what)
{
	open_node("bus");
	cells_of(1, 1);
	SET("ranges", 0, 0x1c000000, 0x200000);
	open_node("sysreg@10000");
	SET_STRINGS("compatible", "arm,vexpress-sysreg");
	SET("reg", 0x10000, what & SMALL ? 0x100 : 0x1000);
	close_node();
	close_node();
}

static void add_cpu(const char *name, const char *method)
{
	open_node(name);
	if (method)
		fdt_property_string(tree, "enable-method", method);
	close_node();
}

static const char *why;

static int init_with(unsigned int what)
{
	static struct irqchip_ops ops = {.send_sgi = send_sgi};

	memset(&board, 0, sizeof(board));
	irqchip.ops = &ops;
	tree_start();
	open_node("");
	cells_of(1, 1);
	if (what & FOREIGN)
		SET_STRINGS("compatible", "arm,realview-eb");
	else
		SET_STRINGS("compatible", VEXPRESS);
	if (what & SYSREG)
		add_sysreg(what);
	if (what & (PSCI | PSCI_HVC)) {
		open_node("psci");
		SET_STRINGS("compatible", "arm,psci-1.0");
		fdt_property_string(tree, "method",
				    what & PSCI ? "smc" : "hvc");
		close_node();
	}
	open_node("cpus");
	add_cpu("none", NULL);
	add_cpu("psci", "psci");
	add_cpu("spin", "spin-table");
	close_node();
	close_node();
	tree_finish();
	why = NULL;
	return power_init(tree, map, &why);
}

static int check(const char *path)
{
	return power_check_cpu(tree, node_at(path), &why);
}

/* ---- Tests -------------------------------------------------------------------------- */

static void the_first_kind_that_is_there_is_taken(void **state)
{
	static const struct {
		unsigned int what;
		int error;
		const char *why;
	} rows[] = {
		{SYSREG, 0, NULL},
		{SYSREG | PSCI, 0, NULL},
		{FOREIGN | PSCI, 0, NULL},
		{FOREIGN, -ENODEV, "arm,psci-0.2"},
		{FOREIGN | SYSREG, -ENODEV, "arm,vexpress"},
		{0, -EINVAL, "arm,vexpress-sysreg"},
		{SYSREG | SMALL, -EINVAL, "/bus/sysreg@10000: reg"},
		/* Firmware owns the CPUs, even if it cannot be called. */
		{SYSREG | PSCI_HVC, -EOPNOTSUPP, "/psci: method"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(init_with(rows[i].what), rows[i].error);
		if (rows[i].why)
			assert_non_null(strstr(why, rows[i].why));
		power_off();
		assert_int_equal(board.smc == 0x84000008,
				 !!(rows[i].what & PSCI));
		assert_int_equal(board.cfgctrl != 0,
				 !rows[i].error && !(rows[i].what & PSCI));
		assert_int_equal(power_is_firmware(),
				 !rows[i].error && rows[i].what & PSCI);
	}
}

static void registers_that_cannot_be_mapped_are_refused(void **state)
{
	init_with(SYSREG);
	board.unmapped = true;
	assert_int_equal(power_init(tree, map, &why), -EINVAL);
	assert_non_null(strstr(why, "/bus/sysreg@10000: reg"));
	assert_int_equal(check("/cpus/none"), -ENODEV);
}

static void a_cpu_with_another_enable_method_stays_off(void **state)
{
	assert_int_equal(init_with(FOREIGN | PSCI), 0);
	assert_int_equal(check("/cpus/none"), 0);
	assert_int_equal(check("/cpus/psci"), 0);
	assert_int_equal(check("/cpus/spin"), -EOPNOTSUPP);
	assert_non_null(strstr(why, "/cpus/spin: enable-method"));
	assert_int_equal(init_with(SYSREG), 0);
	assert_int_equal(check("/cpus/none"), 0);
	assert_int_equal(check("/cpus/psci"), -EOPNOTSUPP);
	assert_non_null(strstr(why, "/cpus/psci: enable-method"));
}

static void without_any_every_cpu_stays_off(void **state)
{
	assert_int_equal(init_with(FOREIGN), -ENODEV);
	why = NULL;
	assert_int_equal(check("/cpus/none"), -ENODEV);
	assert_non_null(why);
	assert_int_equal(check("/cpus/psci"), -ENODEV);
	power_off();
	assert_int_equal(board.smc, 0);
}

/* K30: the flags are what they are to be before anybody wakes. */
static void a_cpu_is_woken_once_the_flags_have_its_entry(void **state)
{
	struct cpu cpu = {.id = 3, .hw_id = 3};

	assert_int_equal(init_with(SYSREG), 0);
	board.flags = 0x12345678;
	assert_int_equal(power_cpu_on(&cpu, HPA(0x80008084), 0x1234), 0);
	assert_ptr_equal(board.woken, &cpu);
	assert_int_equal(board.sgi, SGI_KICK);
	assert_int_equal(board.flags_when_woken, 0x80008084);
}

static void an_entry_that_the_flags_do_not_take_is_refused(void **state)
{
	struct cpu cpu = {.id = 1, .hw_id = 1};

	assert_int_equal(init_with(SYSREG), 0);
	assert_int_equal(power_cpu_on(&cpu, HPA(0x880008084), 0), -EINVAL);
	assert_int_equal(board.flags, 0);
	board.flags_stuck = true;
	assert_int_equal(power_cpu_on(&cpu, HPA(0x80008084), 0), -EIO);
	assert_null(board.woken);
}

static void the_motherboard_is_told_to_shut_down(void **state)
{
	assert_int_equal(init_with(SYSREG), 0);
	power_off();
	/* Start, write; function 8; site, position and device 0. */
	assert_int_equal(board.cfgctrl, 0xc0800000);
	assert_int_equal(board.smc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_kind_that_is_there_is_taken),
		cmocka_unit_test(registers_that_cannot_be_mapped_are_refused),
		cmocka_unit_test(a_cpu_with_another_enable_method_stays_off),
		cmocka_unit_test(without_any_every_cpu_stays_off),
		cmocka_unit_test(a_cpu_is_woken_once_the_flags_have_its_entry),
		cmocka_unit_test(an_entry_that_the_flags_do_not_take_is_refused),
		cmocka_unit_test(the_motherboard_is_told_to_shut_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
