// SPDX-License-Identifier: BSD-2-Clause
// link: core/mmio.c
/* The MMIO bus. K11: whatever is accessed, nothing is out of bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/mmio.h"
#include "lib/errno.h"
#include "lib/util.h"

static struct mmio_device *reached;

static int access_device(struct mmio_device *dev, struct vcpu *vcpu,
			 struct mmio_access *a)
{
	reached = dev;
	a->value = dev->base.v + a->offset;
	return 0;
}

static const struct mmio_ops ops = { access_device };

static void overlaps_are_refused_and_neighbours_are_not(void **state)
{
	static const struct {
		u64 base, size;
		int result;
	} add[] = {
		{ 0x1000, 0x1000, 0 },
		{ 0x3000, 0x1000, 0 },
		{ 0x2000, 0x1000, 0 }, /* between, touching both */
		{ 0x1fff, 1, -EEXIST },
		{ 0x0, 0x1001, -EEXIST },
		{ 0x0, 0x10000, -EEXIST },
		{ 0x3800, 0x10, -EEXIST },
		{ 0x0, 0x1000, 0 },
		{ 0x9000, 0, -EINVAL },
		{ ~0UL, 1, 0 }, /* the last byte there is */
		{ ~0UL - 7, 9, -EINVAL },
		{ ~0UL - 7, 8, -EEXIST },
	};
	struct mmio_bus bus = { 0 };
	static struct mmio_device dev[ARRAY_SIZE(add)];

	for (unsigned int i = 0; i < ARRAY_SIZE(add); i++) {
		dev[i] = (struct mmio_device){ &ops, "dev", GPA(add[i].base),
					       add[i].size };
		assert_int_equal(mmio_register(&bus, &dev[i]), add[i].result);
	}
	assert_int_equal(bus.count, 5);
	for (unsigned int i = 1; i < bus.count; i++)
		assert_true(bus.dev[i - 1]->base.v < bus.dev[i]->base.v);
}

static void an_access_reaches_the_device_that_has_it(void **state)
{
	static struct mmio_device uart = { &ops, "uart", GPA(0x9000), 0x1000 };
	static struct mmio_device gic = { &ops, "gic", GPA(0x8000), 0x100 };
	struct mmio_bus bus = { 0 };
	static const struct {
		u64 gpa;
		u8 size;
		int result;
		struct mmio_device *dev;
	} access[] = {
		{ 0x9000, 4, 0, &uart },
		{ 0x9fff, 1, 0, &uart },
		{ 0x9ffc, 8, -EFAULT, NULL }, /* crosses the end */
		{ 0x9fff, 2, -EFAULT, NULL },
		{ 0x80fc, 4, 0, &gic },
		{ 0x80fc, 8, -EFAULT, NULL },
		{ 0x8100, 1, -ENOENT, NULL },
		{ 0x8ffc, 8, -ENOENT, NULL }, /* starts before the uart */
		{ 0x7fff, 1, -ENOENT, NULL },
		{ 0xa000, 1, -ENOENT, NULL },
		{ ~0UL, 8, -ENOENT, NULL },
		{ 0, 8, -ENOENT, NULL },
	};

	assert_int_equal(mmio_register(&bus, &uart), 0);
	assert_int_equal(mmio_register(&bus, &gic), 0);
	/* Twice: with and without a hint from the access before. */
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(access); i++) {
		unsigned int n = i / 2;
		struct mmio_access a = { .size = access[n].size };

		reached = NULL;
		assert_int_equal(mmio_access(&bus, NULL, GPA(access[n].gpa),
					     &a),
				 access[n].result);
		assert_ptr_equal(reached, access[n].dev);
		if (reached)
			assert_int_equal(a.value, access[n].gpa);
	}
}

static void a_full_bus_says_so(void **state)
{
	struct mmio_bus bus = { 0 };
	static struct mmio_device dev[VM_MAX_MMIO + 1];

	for (unsigned int i = 0; i <= VM_MAX_MMIO; i++) {
		/* Downwards, so that each moves all before. */
		dev[i] = (struct mmio_device){ &ops, "dev",
					       GPA(0x100000 - i * 16), 16 };
		assert_int_equal(mmio_register(&bus, &dev[i]),
				 i < VM_MAX_MMIO ? 0 : -ENOSPC);
	}
	for (unsigned int i = 0; i < VM_MAX_MMIO; i++)
		assert_ptr_equal(mmio_find(&bus, GPA(dev[i].base.v + 15)),
				 &dev[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlaps_are_refused_and_neighbours_are_not),
		cmocka_unit_test(an_access_reaches_the_device_that_has_it),
		cmocka_unit_test(a_full_bus_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
