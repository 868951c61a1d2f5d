// SPDX-License-Identifier: BSD-2-Clause
// link: arch/arm/stage2.c arch/armcommon/stage2_choose.c lib/printf.c
// link: pgtable/format_arm64.c
// flags: -Iarch/arm
/* K30: VTCR for every size of IPA that ARMv7 has (ARM DDI 0406C, B4.1.160). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arch/armcommon/arm.h"
#include "lib/errno.h"

static unsigned int flushes;

void stage2_flush_vmid(struct pgtable *pt)
{
	flushes++;
}

static const struct stage2_cpu armv7 = {
	.pa_bits = 40,
	.vmid_bits = 8,
	.granules = SZ_4K,
	.features = STAGE2_LPAE,
};

static void a_vm_has_up_to_40_bits_in_pages_of_4_kib(void **state)
{
	struct vm_config c = {0};
	struct pgtable_config s2;
	struct stage2_refusal no;

	assert_int_equal(stage2_choose(&armv7, &c, &s2, &no), 0);
	assert_ptr_equal(s2.format, &pgtable_lpae_s2);
	assert_int_equal(s2.ia_bits, 40);
	assert_int_equal(s2.oa_bits, 40);
	assert_int_equal(s2.features, 0);
	c.ipa_bits = 41;
	assert_int_equal(stage2_choose(&armv7, &c, &s2, &no), -EINVAL);
	c = (struct vm_config){.granule = SZ_64K};
	assert_int_equal(stage2_choose(&armv7, &c, &s2, &no), -EINVAL);
}

static void vtcr_says_size_and_start_level(void **state)
{
	static const struct {
		unsigned int bits;
		int start;
		u32 want;
	} row[] = {
		/* T0SZ -8, -7, 0, 1, 7; S repeats its sign; SL0. */
		{40, 1, 0x80003558}, {39, 1, 0x80003559}, {32, 1, 0x80003540},
		{31, 1, 0x80003541}, {25, 2, 0x80003507},
	};
	struct arm_vm vm;

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		vm.vm.s2.ia_bits = row[i].bits;
		vm.vm.s2.start_level = row[i].start;
		stage2_init_vm(&vm, NULL);
		assert_int_equal(vm.vtcr, row[i].want);
	}
}

/* There is nothing smaller than the VMID (bugs.md, the rules). */
static void every_invalidation_is_of_the_vmid(void **state)
{
	struct pgtable pt = {0};

	stage2_flush_addr(&pt, IA(0x1000), 3);
	stage2_flush_range(&pt, IA(0), SZ_1G, PGT_LEVEL_ANY);
	assert_int_equal(flushes, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vm_has_up_to_40_bits_in_pages_of_4_kib),
		cmocka_unit_test(vtcr_says_size_and_start_level),
		cmocka_unit_test(every_invalidation_is_of_the_vmid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
