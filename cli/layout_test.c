// SPDX-License-Identifier: BSD-2-Clause
// link: cli/layout.c cli/plan.c cli/kernel.c cli/gunzip.c cli/file.c cli/undo.c
// link: cli/report.c cli/size.c vmm/image.c lib/fdt.c lib/printf.c libfdt
// flags: -D_GNU_SOURCE -lz
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/board.h"
#include "cli/layout.h"
#include "cli/report.h"
#include "lib/util.h"

#define FILES 3
#define BASE 0x40000000UL

static struct board board = {
	.name = "test",
	.ram_base = BASE,
	.max_memory = 2 * SZ_1G,
};

static struct settings settings = { .board = &board, .operand = "kernel" };
static struct plan_vm vm;
static struct payload payloads[FILES];
static struct plan plan = {
	.settings = &settings,
	.vms = &vm,
	.vm_count = 1,
	.payloads = payloads,
	.payload_count = FILES,
};
static char *said;

static void set(u64 vm_memory, u64 board_memory, u64 size)
{
	vm.memory = vm.most = vm_memory;
	settings.board_memory = board_memory;
	for (unsigned int i = 0; i < FILES; i++)
		payloads[i] = (struct payload){
			.file = "file",
			.size = size,
			.offset = i * 0x81000,
		};
}

static int quiet(int (*call)(u64 *), u64 *memory)
{
	size_t length;
	FILE *stream;
	int status;

	free(said);
	stream = open_memstream(&said, &length);
	report_to(stream);
	status = call(memory);
	report_to(NULL);
	fclose(stream);
	return status;
}

static int board_memory(u64 *memory)
{
	return layout_board_memory(&plan, memory);
}

static int place(u64 *memory)
{
	return layout_place(&plan, &board, *memory);
}

static int forget(void **state)
{
	free(said);
	said = NULL;
	return 0;
}

static void the_board_gets_what_the_vms_need(void **state)
{
	u64 memory;

	set(512 * SZ_1M, 0, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 0);
	assert_int_equal(memory, 768 * SZ_1M);
	/* Up to what it can have, as long as everything fits. */
	set(1900 * SZ_1M, 0, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 0);
	assert_int_equal(memory, 2 * SZ_1G);
	set(2020 * SZ_1M, 0, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 2);
	assert_non_null(strstr(said, "board test can have, 2G"));
}

static void a_board_memory_that_was_asked_for_is_kept_or_refused(void **state)
{
	u64 memory;

	set(64 * SZ_1M, 104 * SZ_1M, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 0);
	assert_int_equal(memory, 104 * SZ_1M);
	set(64 * SZ_1M, 103 * SZ_1M, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 2);
	assert_non_null(strstr(said, "--board-memory: 103M is too little"));
	assert_non_null(strstr(said, "need 104M"));
}

static void sums_near_2_64_do_not_wrap(void **state)
{
	u64 memory;

	set(UINT64_MAX - SZ_1M, 0, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 2);
	set(UINT64_MAX - 40 * SZ_1M, 0, SZ_1M);
	assert_int_equal(quiet(board_memory, &memory), 2);
}

static void files_lie_above_the_device_tree_congruent_and_apart(void **state)
{
	static const struct {
		u64 memory, first;
	} rows[] = {
		{ 96 * SZ_1M, 56 * SZ_1M },
		{ 256 * SZ_1M, 136 * SZ_1M },
		{ SZ_1G, 136 * SZ_1M },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 memory = rows[i].memory, end = BASE + rows[i].first;

		set(16 * SZ_1M, 0, 3 * SZ_1M + 5);
		assert_int_equal(quiet(place, &memory), 0);
		assert_int_equal(payloads[0].address, end);
		for (unsigned int f = 0; f < FILES; f++) {
			assert_int_equal(payloads[f].address % SZ_2M,
					 payloads[f].offset % SZ_2M);
			assert_true(payloads[f].address >= end);
			end = payloads[f].address + payloads[f].size;
			assert_true(end <= BASE + memory);
		}
	}
}

static void files_that_do_not_fit_are_refused(void **state)
{
	u64 memory = 64 * SZ_1M;

	set(16 * SZ_1M, 0, 8 * SZ_1M - SZ_1M);
	assert_int_equal(quiet(place, &memory), 2);
	assert_non_null(strstr(said, "--board-memory"));
	set(16 * SZ_1M, 0, UINT64_MAX / 2);
	assert_int_equal(quiet(place, &memory), 2);
}

#define TEST(f) cmocka_unit_test_teardown(f, forget)

/* Malta's RAM goes on elsewhere after 256 MiB. */
static void files_are_placed_in_memory_that_is_in_one_piece(void **state)
{
	u64 memory = SZ_1G;

	set(64 * SZ_1M, memory, 30 * SZ_1M);
	board.low_memory = 256 * SZ_1M;
	assert_int_equal(quiet(place, &memory), 0);
	for (unsigned int i = 0; i < FILES; i++)
		assert_true(payloads[i].address + payloads[i].size <=
			    BASE + board.low_memory);
	set(64 * SZ_1M, memory, 45 * SZ_1M);
	assert_int_equal(quiet(place, &memory), 2);
	assert_non_null(strstr(said, "the first 256M of the board test"));
	board.low_memory = 0;
	assert_int_equal(quiet(place, &memory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_board_gets_what_the_vms_need),
		TEST(a_board_memory_that_was_asked_for_is_kept_or_refused),
		TEST(sums_near_2_64_do_not_wrap),
		TEST(files_lie_above_the_device_tree_congruent_and_apart),
		TEST(files_that_do_not_fit_are_refused),
		TEST(files_are_placed_in_memory_that_is_in_one_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
