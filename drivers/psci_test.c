// SPDX-License-Identifier: BSD-2-Clause
// link: drivers/psci.c drivers/why.c lib/fdt.c lib/printf.c libfdt
/* The machine's PSCI, with firmware that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/cpu.h"
#include "drivers/power.h"
#include "drivers/psci.h"
#include "lib/errno.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

static struct {
	u64 fn, a, b, c;
	unsigned int calls;
	s32 result;
	u32 version;
} firmware;

long arch_smc(u64 fn, u64 a, u64 b, u64 c)
{
	firmware.fn = fn;
	firmware.a = a;
	firmware.b = b;
	firmware.c = c;
	firmware.calls++;
	if (fn == 0x84000000)
		return firmware.version;
	/* A 32-bit result: what is above it is firmware's affair. */
	return (u32)firmware.result;
}

static const char *why;

static int init_with(const char *compatible, const char *method, u32 version)
{
	memset(&firmware, 0, sizeof(firmware));
	firmware.version = version;
	tree_start();
	open_node("");
	if (compatible) {
		open_node("psci");
		assert_int_equal(fdt_property_string(tree, "compatible",
						     compatible),
				 0);
		if (method)
			assert_int_equal(fdt_property_string(tree, "method",
							     method),
					 0);
		close_node();
	}
	close_node();
	tree_finish();
	why = NULL;
	return power_psci.init(tree, NULL, &why);
}

static void conduit_and_version_decide(void **state)
{
	static const struct {
		const char *compatible, *method;
		int error;
		const char *why;
	} rows[] = {
		{"arm,psci-1.0", "smc", 0, NULL},
		{"arm,psci-0.2", "smc", 0, NULL},
		{"arm,psci-1.0", "hvc", -EOPNOTSUPP, "/psci: method"},
		{"arm,psci-1.0", "svc", -EINVAL, "/psci: method"},
		{"arm,psci-1.0", "", -EINVAL, "/psci: method"},
		{"arm,psci-1.0", NULL, -EINVAL, "/psci: method"},
		{"arm,psci", "smc", -EOPNOTSUPP, "/psci: compatible"},
		{NULL, NULL, -ENODEV, "arm,psci-0.2"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(init_with(rows[i].compatible, rows[i].method,
					   0x10001),
				 rows[i].error);
		/* Nothing is asked of firmware that is not to be used. */
		firmware.result = 3;
		assert_int_equal(psci_features(0x84000001),
				 rows[i].error ? -ENODEV : 3);
		if (rows[i].why)
			assert_non_null(strstr(why, rows[i].why));
	}
}

static void firmware_that_knows_no_version_is_none(void **state)
{
	static const s32 rows[] = {-1, -2, -0x7fffffff - 1, 0};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(init_with("arm,psci-1.0", "smc", rows[i]),
				 -EOPNOTSUPP);
		assert_non_null(strstr(why, "/psci: compatible"));
		assert_int_equal(psci_features(0x84000001), -ENODEV);
		assert_int_equal(firmware.calls, 1);
	}
}

static void cpu_on_passes_all_64_bits(void **state)
{
	assert_int_equal(init_with("arm,psci-1.0", "smc", 0x10001), 0);
	assert_int_equal(power_psci.cpu_on(&(struct cpu){.hw_id = 0x100000203},
					   HPA(0x840080000), 0xfedcba9876543210),
			 0);
	assert_int_equal(firmware.fn, 0xc4000003);
	assert_int_equal(firmware.a, 0x100000203);
	assert_int_equal(firmware.b, 0x840080000);
	assert_int_equal(firmware.c, 0xfedcba9876543210);
}

static void cpu_on_errors_are_our_own(void **state)
{
	static const struct {
		s32 psci;
		int error;
	} rows[] = {
		{0, 0}, {-1, -EOPNOTSUPP}, {-2, -EINVAL}, {-3, -EPERM},
		{-4, -EALREADY}, {-5, -EAGAIN}, {-6, -EIO}, {-7, -EINVAL},
		{-8, -EPERM}, {-9, -EPERM}, {-77, -EIO}, {5, -EIO},
	};
	unsigned int i;

	assert_int_equal(init_with("arm,psci-1.0", "smc", 0x10001), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		firmware.result = rows[i].psci;
		assert_int_equal(power_psci.cpu_on(&(struct cpu){.hw_id = 1},
						   HPA(0), 0),
				 rows[i].error);
	}
}

static void off_calls_firmware(void **state)
{
	assert_int_equal(init_with("arm,psci-0.2", "smc", 2), 0);
	power_psci.off();
	assert_int_equal(firmware.fn, 0x84000008);
}

static void features_need_version_1(void **state)
{
	assert_int_equal(init_with("arm,psci-0.2", "smc", 2), 0);
	assert_int_equal(psci_features(0x84000001), -EOPNOTSUPP);
	assert_int_equal(init_with("arm,psci-1.0", "smc", 0x10000), 0);
	firmware.result = 3;
	assert_int_equal(psci_features(0xc4000001), 3);
	assert_int_equal(firmware.fn, 0x8400000a);
	assert_int_equal(firmware.a, 0xc4000001);
	firmware.result = -1;
	assert_int_equal(psci_features(0xc4000001), -EOPNOTSUPP);
}

static void without_psci_nothing_is_called(void **state)
{
	assert_int_equal(init_with(NULL, NULL, 0), -ENODEV);
	assert_int_equal(psci_features(0x84000001), -ENODEV);
	assert_int_equal(firmware.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conduit_and_version_decide),
		cmocka_unit_test(firmware_that_knows_no_version_is_none),
		cmocka_unit_test(cpu_on_passes_all_64_bits),
		cmocka_unit_test(cpu_on_errors_are_our_own),
		cmocka_unit_test(off_calls_firmware),
		cmocka_unit_test(features_need_version_1),
		cmocka_unit_test(without_psci_nothing_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
