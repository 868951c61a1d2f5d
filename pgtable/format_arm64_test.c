// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
/* Descriptors, against numbers put together by hand from DDI 0487, D8.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/errno.h"
#include "pgtable/testing/host.h"

#define S2_4K  (&pgtable_arm64_s2_4k)
#define S2_16K (&pgtable_arm64_s2_16k)
#define S2_64K (&pgtable_arm64_s2_64k)
#define EL2_4K (&pgtable_arm64_el2_4k)

static const struct {
	const char *shows;
	const struct pgtable_format *format;
	unsigned int granule_shift;
	u32 features;
	u64 size;
	u32 attr;
	u64 descriptor; /* of output address 0xc0000000; 0: -EINVAL */
} cases[] = {
	{"stage 2 page, everything allowed", S2_4K, 12, 0, SZ_4K, PGT_RWX,
	 0x00000000c00007ff},
	{"stage 2 page, not executable: XN", S2_4K, 12, 0, SZ_4K, PGT_RW,
	 0x00400000c00007ff},
	{"the same with FEAT_XNX: XN[1:0] = 0b10", S2_4K, 12, PGT_FEAT_XNX,
	 SZ_4K, PGT_RW, 0x00400000c00007ff},
	{"read and execute", S2_4K, 12, 0, SZ_4K, PGT_RX, 0x00000000c000077f},
	{"read only", S2_4K, 12, 0, SZ_4K, PGT_R, 0x00400000c000077f},
	{"write only", S2_4K, 12, 0, SZ_4K, PGT_W, 0x00400000c00007bf},
	{"nothing allowed", S2_4K, 12, 0, SZ_4K, 0, 0x00400000c000073f},
	{"2 MiB block", S2_4K, 12, 0, SZ_2M, PGT_RWX, 0x00000000c00007fd},
	{"1 GiB block", S2_4K, 12, 0, SZ_1G, PGT_RWX, 0x00000000c00007fd},
	{"device (K9)", S2_4K, 12, 0, SZ_4K, PGT_RW | PGT_DEVICE,
	 0x00400000c00007c7},
	{"non-cacheable", S2_4K, 12, 0, SZ_4K, PGT_RWX | PGT_NOCACHE,
	 0x00000000c00007d7},
	{"write-back with FWB", S2_4K, 12, PGT_FEAT_FWB, SZ_4K, PGT_RWX,
	 0x00000000c00007db},
	{"device with FWB", S2_4K, 12, PGT_FEAT_FWB, SZ_4K, PGT_RW | PGT_DEVICE,
	 0x00400000c00007c7},
	{"non-cacheable with FWB", S2_4K, 12, PGT_FEAT_FWB, SZ_4K,
	 PGT_RWX | PGT_NOCACHE, 0x00000000c00007d7},
	{"software bits 0 and 3: 55 and 58", S2_4K, 12, 0, SZ_4K,
	 PGT_RWX | PGT_SW(0) | PGT_SW(3), 0x04800000c00007ff},
	{"16K page", S2_16K, 14, 0, 0x4000, PGT_RWX, 0x00000000c00007ff},
	{"32 MiB block", S2_16K, 14, 0, 0x2000000, PGT_RW, 0x00400000c00007fd},
	{"64K page", S2_64K, 16, 0, 0x10000, PGT_RWX, 0x00000000c00007ff},
	{"512 MiB block", S2_64K, 16, 0, 0x20000000, PGT_RW,
	 0x00400000c00007fd},
	{"EL2 data", EL2_4K, 12, 0, SZ_4K, PGT_RW, 0x00400000c0000743},
	{"EL2 text (K20)", EL2_4K, 12, 0, SZ_4K, PGT_RX, 0x00000000c00007c3},
	{"EL2 read-only data", EL2_4K, 12, 0, SZ_4K, PGT_R, 0x00400000c00007c3},
	{"EL2 I/O", EL2_4K, 12, 0, SZ_4K, PGT_RW | PGT_DEVICE,
	 0x00400000c0000747},
	{"EL2 non-cacheable block", EL2_4K, 12, 0, SZ_2M, PGT_RW | PGT_NOCACHE,
	 0x00400000c0000749},
	{"devices are never executable (K9)", S2_4K, 12, 0, SZ_4K,
	 PGT_RWX | PGT_DEVICE, 0},
	{"nor at EL2", EL2_4K, 12, 0, SZ_4K, PGT_RX | PGT_DEVICE, 0},
	{"one memory type", S2_4K, 12, 0, SZ_4K,
	 PGT_RW | PGT_DEVICE | PGT_NOCACHE, 0},
	{"a fetch needs read permission", S2_4K, 12, 0, SZ_4K, PGT_X, 0},
	{"EL2 can always read", EL2_4K, 12, 0, SZ_4K, PGT_W, 0},
	{"an unknown attribute", S2_4K, 12, 0, SZ_4K, PGT_RW | BIT32(30), 0},
};

static void descriptors(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pgtable_config config = {.format = cases[i].format,
						.ia_bits = 40,
						.oa_bits = 40,
						.features = cases[i].features};
		struct pgtable_leaf leaf;
		struct pgtable pt;
		struct host host;
		u64 ia = 3 * SZ_1G;
		int level, r;

		print_message("%s\n", cases[i].shows);
		host_init(&host, 1UL << cases[i].granule_shift, 64);
		assert_int_equal(pgtable_init(&pt, &config, &host_ops, &host),
				 0);
		r = pgtable_map(&pt, IA(ia), cases[i].size, HPA(0xc0000000),
				cases[i].attr, NULL, NULL);
		assert_int_equal(r, cases[i].descriptor ? 0 : -EINVAL);
		assert_int_equal(host_walk(&pt, ia, &level),
				 cases[i].descriptor);
		if (!r) {
			assert_int_equal(pgtable_lookup(&pt, IA(ia), &leaf), 0);
			assert_int_equal(leaf.attr,
					 cases[i].attr | PGT_YOUNG |
						 (cases[i].attr & PGT_W ? PGT_DIRTY
									 : 0));
			assert_int_equal(leaf.size, cases[i].size);
		}
		pgtable_destroy(&pt);
		host_fini(&host);
	}
}

static const struct {
	const struct pgtable_format *format;
	unsigned int granule_shift, ia_bits, oa_bits;
	int start_level; /* -99: -EINVAL */
	unsigned int root_tables, tables_max;
} shapes[] = {
	/* K21: levels and concatenation from granule and size. */
	{S2_4K, 12, 25, 40, 2, 1, 2},
	{S2_4K, 12, 32, 40, 2, 4, 2},
	{S2_4K, 12, 34, 40, 2, 16, 2},
	{S2_4K, 12, 35, 40, 1, 1, 4},
	{S2_4K, 12, 39, 40, 1, 1, 4},
	{S2_4K, 12, 40, 40, 1, 2, 4},
	{S2_4K, 12, 42, 42, 1, 8, 4},
	{S2_4K, 12, 43, 44, 1, 16, 4},
	{S2_4K, 12, 44, 44, 0, 1, 4},
	{S2_4K, 12, 48, 48, 0, 1, 4},
	{S2_4K, 12, 49, 48, -99, 0, 0},
	{S2_4K, 12, 24, 40, -99, 0, 0},
	{S2_4K, 12, 40, 49, -99, 0, 0},
	{S2_4K, 12, 40, 52, -99, 0, 0},
	{S2_16K, 14, 32, 40, 2, 1, 2},
	{S2_16K, 14, 40, 40, 2, 16, 2},
	{S2_16K, 14, 41, 40, 1, 1, 2},
	{S2_16K, 14, 48, 48, 1, 2, 2},
	{S2_64K, 16, 32, 40, 3, 8, 0},
	{S2_64K, 16, 33, 40, 3, 16, 0},
	{S2_64K, 16, 40, 40, 2, 1, 2},
	{S2_64K, 16, 46, 48, 2, 16, 2},
	{S2_64K, 16, 48, 48, 1, 1, 2},
	/* Stage 1 has one table at the top. */
	{EL2_4K, 12, 36, 36, 1, 1, 4},
	{EL2_4K, 12, 39, 40, 1, 1, 4},
	{EL2_4K, 12, 40, 40, 0, 1, 4},
	{EL2_4K, 12, 48, 48, 0, 1, 4},
};

static void shapes_follow_granule_and_size(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct pgtable_config config = {.format = shapes[i].format,
						.ia_bits = shapes[i].ia_bits,
						.oa_bits = shapes[i].oa_bits};
		struct pgtable pt;
		struct host host;
		int r;

		host_init(&host, 1UL << shapes[i].granule_shift, 32);
		r = pgtable_init(&pt, &config, &host_ops, &host);
		assert_int_equal(r, shapes[i].start_level == -99 ? -EINVAL : 0);
		if (!r) {
			u64 size = host.granule * shapes[i].root_tables;

			assert_int_equal(pt.start_level, shapes[i].start_level);
			assert_int_equal(pt.root_tables, shapes[i].root_tables);
			assert_int_equal(host.used, shapes[i].root_tables);
			assert_int_equal(pgtable_tables_max(&pt),
					 shapes[i].tables_max);
			/* Aligned to its size, as VTTBR wants it. */
			assert_int_equal(pt.root_pa.v % size, 0);
		}
		pgtable_destroy(&pt);
		pgtable_destroy(&pt);
		host_fini(&host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(shapes_follow_granule_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
