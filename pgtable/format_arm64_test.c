// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
/*
 * Descriptors, against numbers put together by hand from DDI 0487, D8.3; for
 * ARMv7, from DDI 0406C, B3.6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pgtable/testing/regime.h"

#define C0 0xc0000000

static const struct descriptor stage2[] = {
	{"everything allowed", S2_4K, 0, SZ_4K, PGT_RWX, C0, 0x00000000c00007ff},
	{"not executable: XN", S2_4K, 0, SZ_4K, PGT_RW, C0, 0x00400000c00007ff},
	{"the same with FEAT_XNX: XN[1:0] = 0b10", S2_4K, PGT_FEAT_XNX, SZ_4K,
	 PGT_RW, C0, 0x00400000c00007ff},
	{"read and execute", S2_4K, 0, SZ_4K, PGT_RX, C0, 0x00000000c000077f},
	{"read only", S2_4K, 0, SZ_4K, PGT_R, C0, 0x00400000c000077f},
	{"write only", S2_4K, 0, SZ_4K, PGT_W, C0, 0x00400000c00007bf},
	{"nothing allowed", S2_4K, 0, SZ_4K, 0, C0, 0x00400000c000073f},
	{"2 MiB block", S2_4K, 0, SZ_2M, PGT_RWX, C0, 0x00000000c00007fd},
	{"1 GiB block", S2_4K, 0, SZ_1G, PGT_RWX, C0, 0x00000000c00007fd},
	{"device (K9)", S2_4K, 0, SZ_4K, PGT_RW | PGT_DEVICE, C0,
	 0x00400000c00007c7},
	{"non-cacheable", S2_4K, 0, SZ_4K, PGT_RWX | PGT_NOCACHE, C0,
	 0x00000000c00007d7},
	{"write-back with FWB", S2_4K, PGT_FEAT_FWB, SZ_4K, PGT_RWX, C0,
	 0x00000000c00007db},
	{"device with FWB", S2_4K, PGT_FEAT_FWB, SZ_4K, PGT_RW | PGT_DEVICE, C0,
	 0x00400000c00007c7},
	{"non-cacheable with FWB", S2_4K, PGT_FEAT_FWB, SZ_4K,
	 PGT_RWX | PGT_NOCACHE, C0, 0x00000000c00007d7},
	{"written by hardware: DBM, dirty", S2_4K, PGT_FEAT_HAFDBS, SZ_4K,
	 PGT_RWX, C0, 0x00080000c00007ff},
	{"the same, clean", S2_4K, PGT_FEAT_HAFDBS, SZ_4K, PGT_RWX | PGT_CLEAN,
	 C0, 0x00080000c000077f},
	{"clean, with FWB", S2_4K, PGT_FEAT_HAFDBS | PGT_FEAT_FWB, SZ_4K,
	 PGT_RW | PGT_CLEAN, C0, 0x00480000c000075b},
	{"clean, without hardware to see a write", S2_4K, 0, SZ_4K,
	 PGT_RWX | PGT_CLEAN, C0, 0},
	{"software bits 0 and 3: 55 and 58", S2_4K, 0, SZ_4K,
	 PGT_RWX | PGT_SW(0) | PGT_SW(3), C0, 0x04800000c00007ff},
	{"software bits 1 and 2", S2_4K, 0, SZ_4K,
	 PGT_RWX | PGT_SW(1) | PGT_SW(2), C0, 0x03000000c00007ff},
	{"16K page", S2_16K, 0, SZ_16K, PGT_RWX, C0, 0x00000000c00007ff},
	{"32 MiB block", S2_16K, 0, SZ_32M, PGT_RW, C0, 0x00400000c00007fd},
	{"64K page", S2_64K, 0, SZ_64K, PGT_RWX, C0, 0x00000000c00007ff},
	{"512 MiB block", S2_64K, 0, SZ_1G / 2, PGT_RW, C0, 0x00400000c00007fd},
	{"48 bits of output", S2_4K, 0, SZ_4K, PGT_RWX, 0xfffffffff000,
	 0x0000fffffffff7ff},
	{"devices are never executable (K9)", S2_4K, 0, SZ_4K,
	 PGT_RWX | PGT_DEVICE, C0, 0},
	{"one memory type", S2_4K, 0, SZ_4K, PGT_RW | PGT_DEVICE | PGT_NOCACHE,
	 C0, 0},
	{"a fetch needs read permission", S2_4K, 0, SZ_4K, PGT_X, C0, 0},
	{"an unknown attribute", S2_4K, 0, SZ_4K, PGT_RW | BIT32(30), C0, 0},
};

static const struct descriptor el2[] = {
	{"data", EL2_4K, 0, SZ_4K, PGT_RW, C0, 0x00400000c0000743},
	{"text (K20)", EL2_4K, 0, SZ_4K, PGT_RX, C0, 0x00000000c00007c3},
	{"read-only data", EL2_4K, 0, SZ_4K, PGT_R, C0, 0x00400000c00007c3},
	{"I/O", EL2_4K, 0, SZ_4K, PGT_RW | PGT_DEVICE, C0, 0x00400000c0000747},
	{"non-cacheable block", EL2_4K, 0, SZ_2M, PGT_RW | PGT_NOCACHE, C0,
	 0x00400000c0000749},
	{"software bit", EL2_4K, 0, SZ_4K, PGT_RW | PGT_SW(3), C0,
	 0x04400000c0000743},
	{"stage 2's features say nothing", EL2_4K, PGT_FEAT_FWB | PGT_FEAT_XNX,
	 SZ_4K, PGT_RW, C0, 0x00400000c0000743},
	{"16K page", EL2_16K, 0, SZ_16K, PGT_RW, C0, 0x00400000c0000743},
	{"32 MiB block", EL2_16K, 0, SZ_32M, PGT_RX, C0, 0x00000000c00007c1},
	{"64K page", EL2_64K, 0, SZ_64K, PGT_RW, C0, 0x00400000c0000743},
	{"512 MiB block", EL2_64K, 0, SZ_1G / 2, PGT_R, C0, 0x00400000c00007c1},
	{"no device executes", EL2_4K, 0, SZ_4K, PGT_RX | PGT_DEVICE, C0, 0},
	{"all can be read", EL2_4K, 0, SZ_4K, PGT_W, C0, 0},
	{"all can be read, by 64K too", EL2_64K, 0, SZ_64K, 0, C0, 0},
};

/* Bits 51 and 50 at 9 and 8, in the place of the shareability; or 51 to 48 at
 * 15 to 12. */
static const struct descriptor wide[] = {
	{"LPA2: no shareability", S2_4K, LPA2, SZ_4K, PGT_RWX, C0,
	 0x00000000c00004ff},
	{"bits 49 and 48 in place", S2_4K, LPA2, SZ_4K, PGT_RWX,
	 0x3000000000000, 0x00030000000004ff},
	{"written by hardware", S2_4K, LPA2 | PGT_FEAT_HAFDBS, SZ_4K,
	 PGT_RWX | PGT_CLEAN, 0x8000000000000, 0x000800000000067f},
	{"bit 50 at 8", S2_4K, LPA2, SZ_4K, PGT_RWX, 0x4000000000000,
	 0x00000000000005ff},
	{"bit 51 at 9", S2_4K, LPA2, SZ_4K, PGT_RWX, 0x8000000000000,
	 0x00000000000006ff},
	{"the last page", S2_4K, LPA2, SZ_4K, PGT_RW, 0xffffffffff000,
	 0x0043fffffffff7ff},
	{"device", S2_4K, LPA2, SZ_4K, PGT_RW | PGT_DEVICE, 0x8000000000000,
	 0x00400000000006c7},
	{"512 GiB block", S2_4K, LPA2, SZ_512G, PGT_RWX, 0xf808000000000,
	 0x00038080000007fd},
	{"16K, the last page", S2_16K, LPA2, SZ_16K, PGT_RWX, 0xfffffffffc000,
	 0x0003ffffffffc7ff},
	{"64 GiB block", S2_16K, LPA2, SZ_64G, PGT_RWX, 0xf801000000000,
	 0x00038010000007fd},
	{"EL2", EL2_4K, LPA2, SZ_4K, PGT_RW, 0xc000000001000,
	 0x0040000000001743},
	{"EL2, 16K", EL2_16K, LPA2, SZ_16K, PGT_RX, 0x4000000004000,
	 0x00000000000045c3},
	{"EL2, 512 GiB block", EL2_4K, LPA2, SZ_512G, PGT_RW, 0x8008000000000,
	 0x0040008000000641},
	{"LPA: bit 48 at 12", S2_64K, LPA, SZ_64K, PGT_RWX, 0x1000000000000,
	 0x00000000000017ff},
	{"bit 51 at 15", S2_64K, LPA, SZ_64K, PGT_RWX, 0x8000000000000,
	 0x00000000000087ff},
	{"64K, the last page", S2_64K, LPA, SZ_64K, PGT_RWX, 0xfffffffff0000,
	 0x0000fffffffff7ff},
	{"4 TiB block", S2_64K, LPA, SZ_4T, PGT_RW, 0xf840000000000,
	 0x004084000000f7fd},
	{"EL2, 64K", EL2_64K, LPA, SZ_64K, PGT_RW, 0xa000000010000,
	 0x004000000001a743},
};

static const struct descriptor armv7[] = {
	{"everything allowed (K30)", V7_S2, 0, SZ_4K, PGT_RWX, C0,
	 0x00000000c00007ff},
	{"XN is bit 54 alone", V7_S2, PGT_FEAT_XNX, SZ_4K, PGT_R, C0,
	 0x00400000c000077f},
	{"no FWB", V7_S2, PGT_FEAT_FWB, SZ_2M, PGT_RWX, C0, 0x00000000c00007fd},
	{"40 bits of output", V7_S2, 0, SZ_4K, PGT_RWX, 0xfffffff000,
	 0x000000fffffff7ff},
	{"no dirty state", V7_S2, PGT_FEAT_HAFDBS, SZ_4K, PGT_RWX, C0,
	 0x00000000c00007ff},
	{"so nothing is clean", V7_S2, PGT_FEAT_HAFDBS, SZ_4K,
	 PGT_RWX | PGT_CLEAN, C0, 0},
	{"device", V7_S2, 0, SZ_4K, PGT_RW | PGT_DEVICE, C0,
	 0x00400000c00007c7},
	{"Hyp data", V7_HYP, 0, SZ_4K, PGT_RW, C0, 0x00400000c0000743},
	{"Hyp text, 1 GiB", V7_HYP, 0, SZ_1G, PGT_RX, C0, 0x00000000c00007c1},
	{"Hyp I/O", V7_HYP, 0, SZ_4K, PGT_RW | PGT_DEVICE, C0,
	 0x00400000c0000747},
};

DESCRIPTORS(stage2)
DESCRIPTORS(el2)
DESCRIPTORS(wide)
DESCRIPTORS(armv7)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage2_descriptors),
		cmocka_unit_test(el2_descriptors),
		cmocka_unit_test(wide_descriptors),
		cmocka_unit_test(armv7_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
