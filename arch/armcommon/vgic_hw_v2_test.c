// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic_hw_v2.c
/* List registers between GICv3's layout and GICH's (IHI 0048B 5.3.7; K22). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/armcommon/vgic_internal.h"

struct vgic_hw vgic_hw;

static u32 gich[1024];

static void set_phys_active(unsigned int intid, bool active)
{
}

#define IIDR_GIC400 0x0200143b
#define IIDR_QEMU   0x0000043b

/* As GIC-400: four list registers, five bits of priority. */
static int start(void **state)
{
	memset(gich, 0, sizeof(gich));
	gich[1] = 4U << 29 | 4U << 26 | 3;
	vgic_hw_v2_init(gich, IIDR_GIC400, set_phys_active);
	return 0;
}

static void the_interface_is_found(void **state)
{
	assert_int_equal(vgic_hw.version, 2);
	assert_int_equal(vgic_hw.lrs, 4);
	assert_int_equal(vgic_hw.pri_bits, 5);
	assert_int_equal(vgic_hw.pre_bits, 5);
	gich[1] = 63;
	vgic_hw_v2_init(gich, IIDR_GIC400, set_phys_active);
	assert_int_equal(vgic_hw.lrs, VGIC_MAX_LRS);
}

static void only_what_may_be_qemus_is_not_left_to_the_hardware(void **state)
{
	assert_false(vgic_hw.soft_deactivate);
	vgic_hw_v2_init(gich, IIDR_QEMU, set_phys_active);
	assert_true(vgic_hw.soft_deactivate);
}

static void list_registers_are_converted(void **state)
{
	static const struct {
		u64 lr;
		u32 gich_lr;
	} cases[] = {
		{ 0, 0 },
		{ 33 | LR_PENDING, 0x10000021 },
		{ 33 | LR_ACTIVE, 0x20000021 },
		{ 33 | LR_PENDING | LR_ACTIVE | LR_GROUP1, 0x70000021 },
		{ 33 | LR_EOI | LR_PENDING, 0x10080021 },
		{ 5 | 7 << LR_CPUID_SHIFT | LR_PENDING, 0x10001c05 },
		{ 27 | LR_HW | 27ULL << LR_PHYS_SHIFT | LR_PENDING,
		  0x90006c1b },
		{ 27 | LR_HW | 1019ULL << LR_PHYS_SHIFT | LR_ACTIVE,
		  0xa00fec1b },
		{ 40 | 0xf8ULL << LR_PRIORITY_SHIFT | LR_PENDING, 0x1f800028 },
		{ 40 | 0x08ULL << LR_PRIORITY_SHIFT | LR_PENDING, 0x10800028 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		vgic_hw.write_lr(2, cases[i].lr);
		assert_int_equal(gich[0x108 / 4], cases[i].gich_lr);
		assert_true(vgic_hw.read_lr(2) == cases[i].lr);
	}
}

static void interface_state_is_saved_and_restored(void **state)
{
	struct vgic_cpu_hw_state s = { 0 };

	gich[0x08 / 4] = 0xf84c0003;
	gich[0xf0 / 4] = 0x10000;
	vgic_hw.save(&s);
	memset(gich, 0, sizeof(gich));
	vgic_hw.restore(&s);
	assert_int_equal(gich[0x08 / 4], 0xf84c0003);
	assert_int_equal(gich[0xf0 / 4], 0x10000);
}

static void control_and_status(void **state)
{
	gich[0x30 / 4] = 0xd;
	vgic_hw.write_hcr(9);
	assert_int_equal(gich[0], 9);
	assert_int_equal(vgic_hw.read_hcr(), 9);
	assert_int_equal(vgic_hw.empty_lrs(), 0xd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_interface_is_found, start),
		cmocka_unit_test_setup(
			only_what_may_be_qemus_is_not_left_to_the_hardware,
			start),
		cmocka_unit_test_setup(list_registers_are_converted, start),
		cmocka_unit_test_setup(interface_state_is_saved_and_restored,
				       start),
		cmocka_unit_test_setup(control_and_status, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
