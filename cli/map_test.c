// SPDX-License-Identifier: BSD-2-Clause
// link: cli/map.c cli/inspect_json.c cli/stage2.c cli/tree.c cli/memory.c
// link: cli/qmp.c cli/file.c cli/undo.c cli/report.c cli/testing/dump.c
// link: vmm/image.c vmm/inspect.c lib/printf.c pgtable/pgtable.c pgtable/map.c pgtable/unmap.c
// link: pgtable/protect.c pgtable/lookup.c pgtable/build.c pgtable/gather.c
// link: pgtable/format_arm64.c pgtable/format_mips.c
// flags: -D_GNU_SOURCE
/* What is printed of a stage 2 (B7), for people and for programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/inspect_json.h"
#include "cli/map.h"
#include "cli/testing/dump.h"
#include "core/fault.h"
#include "lib/util.h"

#define RAM 0x40000000UL

static struct memory m;
static struct stage2_board b;
static struct map_style style;
static char *printed;
static size_t printed_size;
static FILE *to;

static int setup(void **state)
{
	style = (struct map_style){ .width = 80, .size = UINT64_MAX };
	to = open_memstream(&printed, &printed_size);
	return 0;
}

static int teardown(void **state)
{
	fclose(to);
	free(printed);
	stage2_free(&b);
	memory_close(&m);
	dump_free();
	return 0;
}

/* RAM of every kind, in blocks and pages; memory in common; a device. */
static void make_board(void)
{
	struct backing *common;
	struct vm *v;

	dump_make(2);
	common = dump_backing("ram");
	v = dump_vm("alpha", SZ_4K);
	v->table_budget = (struct page_budget){ .limit = 64, .used = 9 };
	v->page_budget = (struct page_budget){ .limit = 0, .used = 4096 };
	dump_slot(v, 0x8010000, 0x2000, dump_backing("static"), 0);
	dump_slot(v, RAM, 256 * SZ_1M, dump_backing("ram"), 0);
	dump_slot(v, BIT64(32), 4 * SZ_1M, common, 0);
	dump_slot(v, BIT64(33), SZ_2M, dump_backing("ram"), MEMSLOT_READONLY);
	dump_map(v, 0x8010000, 0x1000, 0x8040000, PGT_RW | PGT_DEVICE);
	/* Blocks of its own, an image's blocks, pages, a few of each. */
	dump_map(v, RAM, 16 * SZ_1M, 0xa0000000, PGT_RWX);
	dump_map(v, RAM + 16 * SZ_1M, 8 * SZ_1M, 0xb0000000,
		 PGT_RX | LEAF_SHARED);
	dump_map(v, RAM + 32 * SZ_1M, SZ_4K, 0xc0001000, PGT_RWX);
	dump_map(v, RAM + 64 * SZ_1M, SZ_2M, 0xc0200000, PGT_RWX);
	dump_map(v, RAM + 66 * SZ_1M, SZ_2M, 0xd0200000, PGT_RX | LEAF_SHARED);
	pgtable_test_young(&v->s2, IA(RAM + 8 * SZ_1M), 12 * SZ_1M, true);
	pgtable_protect(&v->s2, IA(RAM + 4 * SZ_1M), 8 * SZ_1M, PGT_W, 0, NULL);
	dump_map(v, BIT64(32), 4 * SZ_1M, 0xe0000000, PGT_RWX);
	dump_map(v, BIT64(33), SZ_4K, 0xf0000000, PGT_RX);
	v = dump_vm("beta", 4 * SZ_4K);
	dump_slot(v, BIT64(32), 4 * SZ_1M, common, 0);
	dump_slot(v, RAM, 64 * SZ_1M, dump_backing("ram"), MEMSLOT_LOG_DIRTY);
	dump_map(v, RAM, SZ_64K, 0xa0000000, PGT_RWX);
	dump_map(v, RAM + 32 * SZ_1M, 32 * SZ_1M, 0xa2000000, PGT_RWX);
	dump_open(&m);
	assert_int_equal(stage2_open(&m, m.base, &b), 0);
}

static void walk(void)
{
	for (size_t i = 0; i < b.vm_count; i++)
		assert_int_equal(stage2_walk(&m, &b.vms[i], style.address,
					     style.size),
				 0);
}

static void assert_printed(const char *golden)
{
	fflush(to);
	if (strcmp(printed, golden))
		fail_msg("it prints:\n%s", printed);
}

static void a_character_stands_for_each_region(void **state)
{
	make_board();
	walk();
	map_print(to, &b, &b.vms[0], &style);
	assert_printed(
		"alpha: stage 2 of 40 bits, 4 KiB granule, walked from level 1\n"
		"\n"
		"  8 KiB of the GIC's CPU interface; a character is 4 KiB\n"
		"   0x8010000  v.\n"
		"\n"
		"  256 MiB of ram; a character is 2 MiB\n"
		"  0x40000000  DDYYCCDDSSSS....d...............DS..............................\n"
		"  0x48000000  ................................................................\n"
		"\n"
		"  4 MiB of ram, in common with beta; a character is 64 KiB\n"
		" 0x100000000  MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM\n"
		"\n"
		"  2 MiB of ram, read-only; a character is 32 KiB\n"
		" 0x200000000  r...............................................................\n"
		"\n"
		"  mapped   32 MiB of 262 MiB: 16 blocks, 3 pages\n"
		"           young 20 MiB, dirty 14 MiB, shared 10 MiB, common 4 MiB,\n"
		"           read-only 4 KiB, device 4 KiB\n"
		"  tables   9 pages, 36 KiB; with caches 36 KiB of at most 256 KiB\n"
		"  private  16 MiB\n");
}

static void a_zoom_shows_a_part(void **state)
{
	style.address = RAM + 32 * SZ_1M;
	style.size = SZ_64K;
	make_board();
	walk();
	map_print(to, &b, &b.vms[0], &style);
	map_print_leaves(to, &b.vms[0], &style);
	assert_printed(
		"alpha: stage 2 of 40 bits, 4 KiB granule, walked from level 1\n"
		"\n"
		"  256 MiB of ram; a character is 4 KiB\n"
		"  0x42000000  d...............\n"
		"\n"
		"  mapped   4 KiB of 64 KiB: 0 blocks, 1 page\n"
		"           young 4 KiB, dirty 4 KiB\n"
		"  tables   4 pages, 16 KiB; with caches 36 KiB of at most 256 KiB\n"
		"  private  16 MiB\n"
		"\n"
		"           guest            host  leaves        attributes\n"
		"      0x42000000      0xc0001000      1 x 4 KiB   rwx young dirty\n");
}

static void larger_granules_and_a_dirty_log(void **state)
{
	style.width = 40;
	make_board();
	walk();
	map_print(to, &b, &b.vms[1], &style);
	assert_printed(
		"beta: stage 2 of 40 bits, 16 KiB\n"
		"  granule, walked from level 2\n"
		"\n"
		"  4 MiB of ram, in common with alpha; a\n"
		"    character is 256 KiB\n"
		" 0x100000000  ................\n"
		"\n"
		"  64 MiB of ram, dirty log; a character\n"
		"    is 4 MiB\n"
		"  0x40000000  d.......DDDDDDDD\n"
		"\n"
		"  mapped   32.1 MiB of 68 MiB: 1 block,\n"
		"           4 pages\n"
		"           young 32.1 MiB,\n"
		"           dirty 32.1 MiB\n"
		"  tables   17 pages, 272 KiB; with\n"
		"           caches 0 KiB\n"
		"  private  0 KiB\n");
}

/* All that a terminal of 60 columns shows is in them. */
static void what_is_wide_is_wrapped(void **state)
{
	make_board();
	walk();
	style.width = 60;
	strcpy(b.vms[1].name, "a-name-of-31-characters-in-all");
	b.vms[0].page_limit = b.vms[0].table_limit = 12345678;
	b.vms[0].damaged = true;
	map_print(to, &b, &b.vms[0], &style);
	map_print_leaves(to, &b.vms[0], &style);
	fflush(to);
	assert_non_null(strstr(printed,
		"  4 MiB of ram, in common with\n"
		"    a-name-of-31-characters-in-all; a character is 128 KiB\n"));
	assert_non_null(strstr(printed,
		"  tables   9 pages, 36 KiB; with caches 36 KiB of at most\n"
		"           47.1 GiB\n"));
	assert_non_null(strstr(printed, " young\n                                  d"));
	for (char *line = strtok(printed, "\n"); line; line = strtok(NULL, "\n"))
		if (strlen(line) > 60)
			fail_msg("%s", line);
}

static void arms_32_bit_tables_are_named(void **state)
{
	make_board();
	walk();
	b.vms[0].arch = IMAGE_ARM;
	map_print(to, &b, &b.vms[0], &style);
	fflush(to);
	assert_non_null(strstr(printed, "4 KiB granule (LPAE), walked from"));
}

/* There is no GIC, and a leaf that is no page has 4 MiB. */
static void a_mips_vm_is_shown_by_its_own_shape(void **state)
{
	struct vm *v;

	dump_make_mips(1);
	v = dump_vm("alpha", SZ_4K);
	dump_slot(v, 0, 32 * SZ_1M, dump_backing("ram"), 0);
	dump_slot(v, 0x8010000, 0x2000, dump_backing("static"), 0);
	dump_map(v, 4 * SZ_1M, 4 * SZ_1M, 0x1400000, PGT_RWX);
	dump_map(v, 0x2000, SZ_4K, 0x5000, PGT_RWX);
	dump_open(&m);
	assert_int_equal(stage2_open(&m, m.base, &b), 0);
	walk();
	map_print(to, &b, &b.vms[0], &style);
	assert_printed(
		"alpha: stage 2 of 29 bits, 4 KiB granule (MIPS), walked from level 2\n"
		"\n"
		"  32 MiB of ram; a character is 512 KiB\n"
		"         0x0  d.......DDDDDDDD................................................\n"
		"\n"
		"  8 KiB of the board's own (static); a character is 4 KiB\n"
		"   0x8010000  ..\n"
		"\n"
		"  mapped   4 MiB of 32 MiB: 1 block, 1 page\n"
		"           young 4 MiB, dirty 4 MiB\n"
		"  tables   2 pages, 8 KiB; with caches 0 KiB\n"
		"  private  0 KiB\n");
}

static void colours_end_where_they_should(void **state)
{
	style.colour = true;
	style.address = RAM;
	style.size = 32 * SZ_1M;
	make_board();
	walk();
	map_print(to, &b, &b.vms[0], &style);
	fflush(to);
	assert_non_null(strstr(printed, "\033[30;42mDD"));
	/* On every line, what was begun is ended. */
	for (char *line = strtok(printed, "\n"); line; line = strtok(NULL, "\n")) {
		char *last = strrchr(line, '\033');

		if (last)
			assert_memory_equal(last, "\033[0m", 4);
	}
}

static void legend_and_no_leaves_fit_a_narrow_terminal(void **state)
{
	style.width = 40;
	make_board();
	map_print_leaves(to, &b.vms[0], &style);
	map_print_legend(to, &style);
	fflush(to);
	assert_non_null(strstr(printed, "  no leaves\n"));
	assert_non_null(strstr(printed, "  . unmapped\n"));
	assert_non_null(strstr(printed, "  v a device\n"));
	for (char *line = strtok(printed, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 1, 40);
}

static void damage_is_said(void **state)
{
	make_board();
	walk();
	b.vms[0].damaged = true;
	map_print(to, &b, &b.vms[0], &style);
	fflush(to);
	assert_non_null(strstr(printed, "DAMAGED"));
}

static void programs_get_json(void **state)
{
	static const bool chosen[] = { false, true };
	const struct json_source source = { 17, "a \"b\"\\\n.dts" };
	static const char *const parts[] = {
		"{\n"
		"  \"schema\": 1,\n"
		"  \"board\": 17,\n"
		"  \"source\": \"a \\\"b\\\"\\\\\\u000a.dts\",\n"
		"  \"hypervisor\": \"0x80200000\",\n"
		"  \"vms\": [\n"
		"    {\n"
		"      \"name\": \"beta\",\n"
		"      \"stage2\": {\n"
		"        \"format\": \"arm64\",\n"
		"        \"granule\": 16384,\n",
		"          \"flags\": [],\n"
		"          \"shared_with\": [\n"
		"            \"alpha\"\n"
		"          ],\n"
		"          \"totals\": {\n"
		"            \"mapped\": 0,\n",
		"          \"flags\": [\n"
		"            \"dirty-log\"\n"
		"          ],\n"
		"          \"shared_with\": [],\n"
		"          \"totals\": {\n"
		"            \"mapped\": 33619968,\n"
		"            \"pages\": 4,\n"
		"            \"blocks\": 1,\n"
		"            \"page_bytes\": 65536,\n"
		"            \"block_bytes\": 33554432,\n"
		"            \"young\": 33619968,\n"
		"            \"dirty\": 33619968,\n"
		"            \"shared\": 0,\n"
		"            \"common\": 0,\n"
		"            \"read_only\": 0,\n"
		"            \"device\": 0\n"
		"          }\n"
		"        }\n"
		"      ],\n",
		"        {\n"
		"          \"address\": \"0x42000000\",\n"
		"          \"size\": 33554432,\n"
		"          \"host\": \"0xa2000000\",\n"
		"          \"leaf\": 33554432,\n"
		"          \"count\": 1,\n"
		"          \"level\": 2,\n"
		"          \"attributes\": [\n"
		"            \"read\",\n"
		"            \"write\",\n"
		"            \"execute\",\n"
		"            \"young\",\n"
		"            \"dirty\"\n"
		"          ]\n"
		"        }\n"
		"      ]\n"
		"    }\n"
		"  ]\n"
		"}\n",
	};

	make_board();
	walk();
	inspect_json(to, &source, &b, chosen, &style, true);
	fflush(to);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(printed, parts[i]))
			fail_msg("no %s in:\n%s", parts[i], printed);
	assert_null(strstr(printed, "\"alpha\",\n      \"stage2"));
}

static void sizes_are_rounded_for_people(void **state)
{
	static const struct {
		u64 bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 KiB" },
		{ 512, "0.5 KiB" },
		{ SZ_4K, "4 KiB" },
		{ SZ_1M - 1, "1024 KiB" },
		{ SZ_1M + SZ_1M / 2, "1.5 MiB" },
		{ 512 * SZ_1M, "512 MiB" },
		{ 512 * SZ_1M + SZ_4K, "512 MiB" },
		{ 3 * SZ_1G, "3 GiB" },
		{ UINT64_MAX, "16777216 TiB" },
	};
	char buf[MAP_SIZE_TEXT];

	dump_make(1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(map_size(rows[i].bytes, buf), rows[i].text);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_character_stands_for_each_region),
		test(a_zoom_shows_a_part),
		test(larger_granules_and_a_dirty_log),
		test(what_is_wide_is_wrapped),
		test(arms_32_bit_tables_are_named),
		test(a_mips_vm_is_shown_by_its_own_shape),
		test(colours_end_where_they_should),
		test(legend_and_no_leaves_fit_a_narrow_terminal),
		test(damage_is_said),
		test(programs_get_json),
		test(sizes_are_rounded_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
