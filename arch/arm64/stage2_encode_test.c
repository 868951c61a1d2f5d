// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/stage2_choose.c arch/arm64/stage2_encode.c
// link: arch/sim/dirty.c arch/sim/memory.c arch/sim/mmu.c arch/sim/regime.c
// link: arch/sim/sim.c arch/sim/stale.c arch/sim/tables.c arch/sim/tlb.c
// link: arch/sim/tlbi.c pgtable/format_arm64.c lib/printf.c
/*
 * Stage 2's encodings, against the tables of the manual (DDI 0487: D8, D19) and
 * against the simulated machine's, which were written apart (K4, K5; bugs.md 17).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/arm64/registers.h"
#include "arch/arm64/stage2_encode.h"
#include "arch/sim/sim.h"
#include "core/vm.h"
#include "lib/errno.h"

/* ---- ID registers -------------------------------------------------------------- */

static void cpus_are_what_their_id_registers_say(void **state)
{
	static const struct {
		const char *name;
		struct stage2_ids ids;
		struct stage2_cpu cpu;
	} row[] = {
		{"Cortex-A57", {.mmfr0 = 0x1124},
		 {44, 8, SZ_4K | SZ_64K, 0, 0}},
		{"Cortex-A53", {.mmfr0 = 0x1122},
		 {40, 8, SZ_4K | SZ_64K, 0, 0}},
		{"Cortex-A76", {.mmfr0 = 0x00101122, .mmfr1 = 0x10212122},
		 {40, 16, SZ_4K | SZ_16K | SZ_64K, 0,
		  STAGE2_XNX | STAGE2_HAFDBS}},
		{"QEMU's max",
		 {.isar0 = 0x2ULL << 56, .mmfr0 = 0x0000032310201126,
		  .mmfr1 = 0x10212122, .mmfr2 = 0x0021010000000000},
		 {52, 16, SZ_4K | SZ_16K | SZ_64K, SZ_4K | SZ_16K | SZ_64K,
		  STAGE2_XNX | STAGE2_HAFDBS | STAGE2_BBM2 | STAGE2_TTL |
			  STAGE2_TLBIRANGE | STAGE2_LPA | STAGE2_LPA2 |
			  STAGE2_FWB}},
		/* Stage 2's own fields go before stage 1's: none of 4 KiB; 16 KiB
		 * though stage 1 has none; 64 KiB as stage 1, which has none. */
		{"odd ones", {.mmfr0 = 0x000001020f000005},
		 {48, 8, SZ_16K, 0, 0}},
		/* Stage 1 has LPA2, and stage 2 for 16 KiB alone. */
		{"half LPA2", {.mmfr0 = 0x0000020310200006},
		 {52, 8, SZ_4K | SZ_16K | SZ_64K, SZ_16K | SZ_64K,
		  STAGE2_LPA | STAGE2_LPA2}},
		{"access flag, level 1, no ranges",
		 {.isar0 = 0x1ULL << 56, .mmfr0 = 0x0f100005, .mmfr1 = 1,
		  .mmfr2 = 0x1ULL << 52},
		 {48, 8, SZ_4K | SZ_16K, 0, 0}},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct stage2_cpu cpu = stage2_cpu_decode(&row[i].ids);

		if (memcmp(&cpu, &row[i].cpu, sizeof(cpu)))
			fail_msg("%s: %u bits, VMIDs of %u, granules 0x%x and 0x%x, features 0x%x",
				 row[i].name, cpu.pa_bits, cpu.vmid_bits,
				 cpu.granules, cpu.granules52, cpu.features);
	}
}

/* ---- What a VM gets --------------------------------------------------------------- */

static const struct stage2_cpu a57 = {44, 8, SZ_4K | SZ_64K, 0, 0};
static const struct stage2_cpu full = {
	52, 16, SZ_4K | SZ_16K | SZ_64K, SZ_4K | SZ_64K, 0xff,
};

static void a_vm_gets_what_it_asks_for_or_a_reason(void **state)
{
	static const struct {
		const struct stage2_cpu *cpu;
		u32 granule;
		unsigned int ipa, ia_bits, oa_bits;
		const struct pgtable_format *format; /* NULL: refused */
		int what;
		const char *why;
	} row[] = {
		{&a57, 0, 0, 40, 44, &pgtable_arm64_s2_4k, 0, NULL},
		{&a57, SZ_64K, 44, 44, 44, &pgtable_arm64_s2_64k, 0, NULL},
		{&a57, SZ_4K, 32, 32, 44, &pgtable_arm64_s2_4k, 0, NULL},
		{&a57, SZ_16K, 0, 0, 0, NULL, STAGE2_GRANULE,
		 "16384 (16K): this CPU's stage 2 has 4096 (4K) 65536 (64K)"},
		{&a57, SZ_4K | SZ_64K, 0, 0, 0, NULL, STAGE2_GRANULE,
		 "69632 (68K): this CPU's stage 2 has 4096 (4K) 65536 (64K)"},
		{&a57, 1, 0, 0, 0, NULL, STAGE2_GRANULE,
		 "1 (0K): this CPU's stage 2 has 4096 (4K) 65536 (64K)"},
		{&a57, 0, 45, 0, 0, NULL, STAGE2_IPA_BITS,
		 "45: CPU and granule have 32 to 44"},
		{&a57, 0, 31, 0, 0, NULL, STAGE2_IPA_BITS,
		 "31: CPU and granule have 32 to 44"},
		{&full, SZ_16K, 0, 40, 48, &pgtable_arm64_s2_16k, 0, NULL},
		{&full, SZ_16K, 48, 48, 48, &pgtable_arm64_s2_16k, 0, NULL},
		{&full, SZ_16K, 49, 0, 0, NULL, STAGE2_IPA_BITS,
		 "49: CPU and granule have 32 to 48"},
		{&full, SZ_4K, 52, 52, 52, &pgtable_arm64_s2_4k, 0, NULL},
		{&full, SZ_64K, 52, 52, 52, &pgtable_arm64_s2_64k, 0, NULL},
		{&full, SZ_64K, ~0U, 0, 0, NULL, STAGE2_IPA_BITS,
		 "4294967295: CPU and granule have 32 to 52"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct vm_config config = {.granule = row[i].granule,
					   .ipa_bits = row[i].ipa};
		struct stage2_refusal no;
		struct pgtable_config c;
		int r = stage2_choose(row[i].cpu, &config, &c, &no);

		assert_int_equal(r, row[i].format ? 0 : -EINVAL);
		assert_int_equal(stage2_choose(row[i].cpu, &config, &c, NULL),
				 r);
		if (r) {
			assert_int_equal(no.what, row[i].what);
			assert_string_equal(no.why, row[i].why);
			continue;
		}
		assert_ptr_equal(c.format, row[i].format);
		assert_int_equal(c.ia_bits, row[i].ia_bits);
		assert_int_equal(c.oa_bits, row[i].oa_bits);
		assert_int_equal(!!(c.features & PGT_FEAT_LPA),
				 row[i].ipa == 52 && row[i].granule == SZ_64K);
		assert_int_equal(!!(c.features & PGT_FEAT_LPA2),
				 row[i].ipa == 52 && row[i].granule == SZ_4K);
	}
}

static void features_are_off_by_name(void **state)
{
	static const struct {
		const char *names;
		size_t size;
		u32 left;
		const char *why;
	} row[] = {
		{NULL, 0, 0xff, NULL},
		{"ttl", 4, 0xff & ~STAGE2_TTL, NULL},
		{"xnx\0hafdbs\0bbm2\0ttl\0tlbirange\0lpa\0lpa2", 39, STAGE2_FWB,
		 NULL},
		{"lpa2", 5, 0xff & ~STAGE2_LPA2, NULL},
		{"lpa", 4, 0xff & ~STAGE2_LPA, NULL},
		{"fwb", 4, 0xff, "'fwb': must be of xnx hafdbs"},
		{"ttl\0tt", 7, 0xff & ~STAGE2_TTL, "'tt': must be of "},
		{"", 1, 0xff, "'': must be of "},
		{"xnx hafdbs", 11, 0xff, "'xnx hafdbs': must be of "},
		{"a-name-that-is-long-enough", 27, 0xff,
		 "'a-name-that-is-l': must be of "},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct vm_config config = {.features_off = row[i].names,
					   .features_off_size = row[i].size};
		struct stage2_refusal no = {0};
		struct pgtable_config c;

		assert_int_equal(stage2_features(&full, &config), row[i].left);
		assert_int_equal(stage2_choose(&full, &config, &c, &no),
				 row[i].why ? -EINVAL : 0);
		if (!row[i].why)
			continue;
		assert_int_equal(no.what, STAGE2_FEATURES_OFF);
		assert_memory_equal(no.why, row[i].why, strlen(row[i].why));
	}
}

/* Without LPA2 there are no 52 bits, and the engine is told of no feature. */
static void what_is_off_is_not_used(void **state)
{
	struct vm_config config = {
		.ipa_bits = 52, .features_off = "lpa2\0hafdbs\0bbm2\0xnx",
		.features_off_size = 21,
	};
	struct pgtable_config c;

	assert_int_equal(stage2_choose(&full, &config, &c, NULL), -EINVAL);
	config.ipa_bits = 0;
	assert_int_equal(stage2_choose(&full, &config, &c, NULL), 0);
	assert_int_equal(c.features, PGT_FEAT_FWB);
	config.features_off_size = 0;
	assert_int_equal(stage2_choose(&full, &config, &c, NULL), 0);
	assert_int_equal(c.features, PGT_FEAT_FWB | PGT_FEAT_XNX |
					     PGT_FEAT_HAFDBS | PGT_FEAT_BBM2);
}

/* ---- VTCR_EL2, VTTBR_EL2 ------------------------------------------------------------- */

static void vtcr_is_as_the_manual_s_tables(void **state)
{
	static const struct {
		unsigned int shift, ia_bits;
		int start;
		unsigned int oa_bits, vmid_bits;
		u32 features;
		u64 vtcr;
	} row[] = {
		/* RES1, PS, TG0, SH0, ORGN0, IRGN0, SL0, T0SZ */
		{12, 40, 1, 44, 8, 0, 0x80043558},
		{12, 40, 1, 40, 8, 0, 0x80023558},
		{12, 32, 1, 36, 8, 0, 0x80013560},
		{12, 34, 2, 40, 8, 0, 0x8002351e},
		{12, 48, 0, 48, 16, 0, 0x800d3590},
		{12, 52, 0, 52, 16, PGT_FEAT_LPA2, 0x1800e358cULL},
		{14, 40, 2, 44, 8, 0, 0x8004b558},
		{14, 47, 1, 48, 8, PGT_FEAT_HAFDBS, 0x8065b591},
		{14, 32, 3, 32, 8, 0, 0x8000b520},
		{14, 52, 0, 52, 8, PGT_FEAT_LPA2, 0x18006b5ccULL},
		{16, 40, 2, 44, 8, 0, 0x80047558},
		{16, 48, 1, 48, 16, 0, 0x800d7590},
		{16, 32, 3, 48, 16, PGT_FEAT_BBM2, 0x800d7520},
		{16, 52, 1, 52, 16, PGT_FEAT_LPA, 0x800e758c},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct pgtable s2 = {
			.ia_bits = row[i].ia_bits,
			.oa_bits = row[i].oa_bits,
			.start_level = row[i].start,
			.features = row[i].features,
		};
		u64 v = stage2_make_vtcr(&s2, row[i].shift, row[i].vmid_bits);

		if (v != row[i].vtcr)
			fail_msg("row %u: 0x%llx, not 0x%llx", i,
				 v,
				 row[i].vtcr);
	}
}

/* The start level that a root of at most 16 tables gives (D8.2.2). */
static int start_of(unsigned int shift, unsigned int ia_bits)
{
	unsigned int bits = shift, level = 3;

	while (bits + (shift - 3) + 4 < ia_bits) {
		bits += shift - 3;
		level--;
	}
	return level;
}

static void vtcr_is_as_the_simulated_machine_s(void **state)
{
	static const u8 sizes[] = {32, 36, 40, 42, 44, 48, 52};
	unsigned int shifts[] = {12, 14, 16}, compared = 0;

	for (unsigned int n = 0; n < 3 * 7 * 21 * 4; n++) {
		unsigned int shift = shifts[n % 3], oa = sizes[n / 3 % 7];
		unsigned int ia = 32 + n / 21 % 21;
		bool wide = n / 441 & 1, vmid16 = n / 441 & 2;
		struct sim_config config = {
			.cpus = 1, .ram = SZ_2M, .quiet = true,
			.features = (wide ? SIM_LPA2 | SIM_HAF | SIM_HDBS : 0) |
				    (vmid16 ? SIM_VMID16 : 0),
		};
		struct pgtable s2 = {
			.ia_bits = ia, .oa_bits = oa,
			.start_level = start_of(shift, ia),
			.features = wide ? PGT_FEAT_HAFDBS |
				    (shift < 16 ? PGT_FEAT_LPA2 : 0) : 0,
		};
		u64 v;

		/* No start at the last level of 4 KiB without FEAT_TTST. */
		if (shift == 12 && s2.start_level == 3)
			s2.start_level = 2;
		sim_init(&config);
		v = sim_make_vtcr(shift, ia, s2.start_level, oa);
		sim_exit();
		if (!v)
			continue;
		compared++;
		assert_int_equal(stage2_make_vtcr(&s2, shift, vmid16 ? 16 : 8),
				 v);
	}
	assert_true(compared > 1500);
}

static void vttbr_has_the_address_s_upper_bits_low(void **state)
{
	assert_int_equal(stage2_make_vttbr(HPA(0x40000000), 0xff),
			 0xff000040000000);
	assert_int_equal(stage2_make_vttbr(HPA(0xffffffff0000), 0xffff),
			 0xffffffffffff0000);
	/* 51:48 are in 5:2. */
	assert_int_equal(stage2_make_vttbr(HPA(0xa123456780000), 1),
			 0x0001123456780028);
}

/* ---- TLB invalidation -------------------------------------------------------------------- */

static void an_operand_by_address_is_address_and_hint(void **state)
{
	static const struct {
		unsigned int shift;
		bool ttl;
		u64 ipa;
		int level;
		u64 operand;
	} row[] = {
		{12, false, 0x40201000, 3, 0x40201},
		{12, true, 0x40201000, 3, 0x0000700000040201},
		{12, true, 0x40200000, 2, 0x0000600000040200},
		{12, true, 0x40000000, 1, 0x0000500000040000},
		{12, true, 0x40201000, PGT_LEVEL_ANY, 0x40201},
		/* TTL has no code for level 0, nor for level -1. */
		{12, true, 0, 0, 0},
		{12, true, 0, -1, 0},
		{14, true, 0x40204000, 3, 0x0000b00000040204},
		{14, true, 0x42000000, 2, 0x0000a00000042000},
		{16, true, 0x40210000, 3, 0x0000f00000040210},
		{16, true, 0x60000000, 2, 0x0000e00000060000},
		/* Address bits stay out of TTL (bugs.md 17). */
		{12, true, 0xffffffffff000, 3, 0x000070ffffffffff},
		{12, false, ~0xfffULL, 3, 0x000000ffffffffff},
		{16, true, ~0xffffULL, PGT_LEVEL_ANY, 0x000000fffffffff0},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		struct stage2_tlbi t = {.granule_shift = row[i].shift,
					.ttl = row[i].ttl};
		u64 v = stage2_tlbi_ipa(&t, row[i].ipa, row[i].level);

		if (v != row[i].operand)
			fail_msg("row %u: 0x%llx", i, v);
	}
}

static void an_operand_for_a_range_is_as_the_manual_s(void **state)
{
	static const struct {
		struct stage2_tlbi t;
		u64 ipa, size;
		int level;
		bool range;
		u64 operand, done;
	} row[] = {
		/* TG 01, SCALE 0, NUM 0: two pages. */
		{{12, false, true, false}, 0x40000000, 2 * SZ_4K, 3, true,
		 0x0000400000040000, 2 * SZ_4K},
		{{12, true, true, false}, 0x40000000, 3 * SZ_4K, 3, true,
		 0x0000406000040000, 2 * SZ_4K},
		{{12, true, true, false}, 0x40000000, SZ_4K, 3, false,
		 0x0000700000040000, SZ_4K},
		/* 64 pages: SCALE 1, NUM 0. */
		{{12, true, true, false}, 0x40000000, 64 * SZ_4K, PGT_LEVEL_ANY,
		 true, 0x0000500000040000, 64 * SZ_4K},
		/* 2 MiB: SCALE 1, NUM 7; leaves of level 2. */
		{{12, true, true, false}, 0x40200000, SZ_2M, 2, true,
		 0x000053c000040200, SZ_2M},
		/* 8 GiB: SCALE 3, NUM 31. */
		{{12, true, true, false}, 0, 8 * SZ_1G, 2, true,
		 0x00007fc000000000, 8 * SZ_1G},
		{{14, true, true, false}, 0x40000000, SZ_64K, 3, true,
		 0x000080e000010000, SZ_64K},
		{{16, false, true, false}, 0x40000000, SZ_2M, 3, true,
		 0x0000c78000004000, SZ_2M},
		/* With DS, BaseADDR counts 64 KiB. */
		{{12, false, true, true}, 0xfffff40000000, SZ_64K, 3, true,
		 0x0000438fffff4000, SZ_64K},
		{{12, false, true, true}, 0x40001000, SZ_64K, 3, false,
		 0x0000000000040001, SZ_4K},
		/* None without the feature. */
		{{12, false, false, false}, 0x40000000, SZ_64K, 3, false,
		 0x0000000000040000, SZ_4K},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u64 ipa = row[i].ipa, size = row[i].size, operand;
		bool range = stage2_tlbi_step(&row[i].t, &ipa, &size,
					      row[i].level, &operand);

		if (operand != row[i].operand || range != row[i].range)
			fail_msg("row %u: 0x%llx", i,
				 operand);
		assert_int_equal(ipa, row[i].ipa + row[i].done);
		assert_int_equal(size, row[i].size - row[i].done);
	}
}

/* Where a range of granules starts and ends, by the manual's pseudocode
 * (TLBIRange): base, (NUM + 1) << (5 * SCALE + 1) granules. */
static void range_of(const struct stage2_tlbi *t, u64 operand, u64 *ipa,
		     u64 *size)
{
	unsigned int scale = operand >> 44 & 3, num = operand >> 39 & 31;

	*ipa = (operand & GENMASK64(36, 0)) << (t->ds ? 16 : t->granule_shift);
	*size = ((u64)num + 1) << (5 * scale + 1) << t->granule_shift;
}

static void steps_cover_the_range_and_no_more(void **state)
{
	u64 seed = 1;

	for (unsigned int n = 0; n < 20000; n++) {
		struct stage2_tlbi t = {
			.granule_shift = 12 + 2 * (n % 3),
			.range = true, .ds = n & 8 && n % 3 < 2,
		};
		u64 at, size, operand, from, length;
		unsigned int steps = 0;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (seed >> 30 & 0x3ffffff) << t.granule_shift;
		size = (1 + (seed >> 20 & GENMASK64(seed >> 60, 0)))
		       << t.granule_shift;
		assert_true(size <= stage2_tlbi_range_most(&t));
		while (size) {
			u64 ipa = at, left = size;
			bool range = stage2_tlbi_step(&t, &at, &size, 3,
						      &operand);

			if (range) {
				range_of(&t, operand, &from, &length);
			} else {
				from = (operand & GENMASK64(39, 0)) << 12;
				length = BIT64(t.granule_shift);
			}
			assert_int_equal(from, ipa);
			assert_int_equal(at, ipa + length);
			assert_int_equal(size, left - length);
			steps++;
		}
		/* One for each SCALE, one for what is odd, and with DS up to
		 * 64 KiB before. */
		assert_true(steps <= 5 + (t.ds ? 15 : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_are_what_their_id_registers_say),
		cmocka_unit_test(a_vm_gets_what_it_asks_for_or_a_reason),
		cmocka_unit_test(features_are_off_by_name),
		cmocka_unit_test(what_is_off_is_not_used),
		cmocka_unit_test(vtcr_is_as_the_manual_s_tables),
		cmocka_unit_test(vtcr_is_as_the_simulated_machine_s),
		cmocka_unit_test(vttbr_has_the_address_s_upper_bits_low),
		cmocka_unit_test(an_operand_by_address_is_address_and_hint),
		cmocka_unit_test(an_operand_for_a_range_is_as_the_manual_s),
		cmocka_unit_test(steps_cover_the_range_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
