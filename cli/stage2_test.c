// SPDX-License-Identifier: BSD-2-Clause
// link: cli/stage2.c cli/tree.c cli/memory.c cli/qmp.c cli/file.c cli/undo.c
// link: cli/report.c cli/testing/dump.c vmm/image.c vmm/inspect.c lib/printf.c pgtable/pgtable.c
// link: pgtable/map.c pgtable/unmap.c pgtable/protect.c pgtable/lookup.c
// link: pgtable/build.c pgtable/gather.c pgtable/format_arm64.c pgtable/format_mips.c
// flags: -D_GNU_SOURCE
/*
 * Reading VMs and their stage 2 out of memory (B7): what the engine has mapped
 * is what is found; memory that makes no sense is refused or marked, and does
 * not make the reader read elsewhere or for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/report.h"
#include "cli/stage2.h"
#include "cli/testing/dump.h"
#include "core/fault.h"
#include "lib/util.h"

#define RAM 0x40000000UL

static struct memory m;
static struct stage2_board b;
static char *said;
static size_t said_size;
static FILE *messages;

static int quiet(void **state)
{
	messages = open_memstream(&said, &said_size);
	report_to(messages);
	return 0;
}

static int teardown(void **state)
{
	stage2_free(&b);
	memory_close(&m);
	dump_free();
	fclose(messages);
	report_to(NULL);
	free(said);
	return 0;
}

static int open_board(void)
{
	dump_open(&m);
	return stage2_open(&m, m.base, &b);
}

static void assert_run(const struct stage2_run *r, u64 address, u64 size,
		       u64 host, u64 leaf, u32 attr)
{
	assert_int_equal(r->address, address);
	assert_int_equal(r->size, size);
	assert_int_equal(r->host, host);
	assert_int_equal(r->leaf, leaf);
	assert_int_equal(r->attr & ~PGT_DIRTY, attr | PGT_YOUNG);
}

/* ---- Finding ------------------------------------------------------------- */

static void vms_and_memslots_are_found(void **state)
{
	struct backing *ram, *common;
	struct vm *vm;

	dump_make(3);
	ram = dump_backing("ram");
	common = dump_backing("common");
	common->resident = 3;
	vm = dump_vm("alpha", SZ_4K);
	vm->page_budget = (struct page_budget){ .limit = 4096, .used = 17 };
	dump_slot(vm, 0x8010000, SZ_64K, dump_backing("static"), 0);
	dump_slot(vm, RAM, 16 * SZ_1M, ram, MEMSLOT_READONLY);
	dump_slot(vm, BIT64(32), SZ_1M, common, 0);
	vm->slots[2].backing_offset = 16;
	vm = dump_vm("beta", SZ_4K);
	dump_slot(vm, BIT64(33), SZ_1M, common, 0);
	/* The third has ended: a NULL. */
	assert_int_equal(open_board(), 0);
	assert_int_equal(b.hypervisor, DUMP_IMAGE);
	assert_int_equal(b.vm_count, 2);
	assert_string_equal(b.vms[0].name, "alpha");
	assert_string_equal(b.vms[1].name, "beta");
	assert_int_equal(b.vms[0].slot_count, 3);
	assert_int_equal(b.vms[0].page_limit, 4096);
	assert_int_equal(b.vms[0].page_used, 17);
	assert_int_equal(b.vms[0].ipa_bits, 40);
	assert_int_equal(b.vms[0].granule, SZ_4K);
	assert_string_equal(b.vms[0].slots[0].kind, "static");
	assert_int_equal(b.vms[0].slots[1].address, RAM);
	assert_int_equal(b.vms[0].slots[1].size, 16 * SZ_1M);
	assert_int_equal(b.vms[0].slots[1].flags, MEMSLOT_READONLY);
	assert_int_equal(b.vms[0].slots[1].resident, 0);
	assert_int_equal(b.vms[0].slots[2].resident, 3 * SZ_4K);
	assert_int_equal(b.vms[0].slots[2].offset, SZ_64K);
	assert_false(stage2_slot_shared(&b, &b.vms[0], &b.vms[0].slots[1], 1));
	assert_true(stage2_slot_shared(&b, &b.vms[0], &b.vms[0].slots[2], 1));
	assert_false(stage2_slot_shared(&b, &b.vms[0], &b.vms[0].slots[2], 0));
}

/* A guest may hold a copy of the hypervisor's image, but it has no VMs. */
static void an_image_that_does_not_run_is_passed_over(void **state)
{
	dump_make(1);
	dump_vm("alpha", SZ_4K);
	memcpy(dump_at(DUMP_BASE), dump_at(DUMP_IMAGE), 0x10000);
	((struct inspect_record *)dump_at(DUMP_BASE + 0x3000))->guests = 0;
	assert_int_equal(open_board(), 0);
	assert_int_equal(b.hypervisor, DUMP_IMAGE);
}

static void what_is_no_hypervisor_is_refused(void **state)
{
	static const struct {
		const char *what;
		u64 pa;
		u8 value;
		int status;
		const char *says;
	} rows[] = {
		{ "no magic", DUMP_IMAGE + INSPECT_MAGIC_AT, 'X', 2,
		  "no Twofold with VMs" },
		{ "the record is elsewhere", DUMP_IMAGE + INSPECT_MAGIC_AT + 11,
		  0x7f, 2, "no Twofold with VMs" },
		{ "the record has no magic", DUMP_IMAGE + 0x3000, 'X', 2,
		  "no Twofold with VMs" },
		{ "another version", DUMP_IMAGE + 0x3000 + 8, 77, 2,
		  "record 77" },
		{ "another size", DUMP_IMAGE + 0x3000 + 12, 3, 2,
		  "another version" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		dump_make(1);
		dump_vm("alpha", SZ_4K);
		*(u8 *)dump_at(rows[i].pa) = rows[i].value;
		if (open_board() != rows[i].status)
			fail_msg("%s", rows[i].what);
		fflush(messages);
		if (!strstr(said, rows[i].says))
			fail_msg("%s: says %s", rows[i].what, said);
		if (i + 1 == ARRAY_SIZE(rows))
			break;
		stage2_free(&b);
		memory_close(&m);
		dump_free();
	}
}

/* ---- Walking ------------------------------------------------------------- */

static void what_is_mapped_is_found(void **state)
{
	const unsigned int granules[] = { SZ_4K, 4 * SZ_4K, SZ_64K };

	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		u64 g = granules[i], top = BIT64(40) - g;
		struct stage2_vm *vm;
		struct vm *v;

		dump_make(1);
		v = dump_vm("alpha", g);
		dump_map(v, RAM, 3 * g, 0x90000000, PGT_RWX);
		dump_map(v, RAM + 3 * g, g, 0x90000000 + 3 * g, PGT_RX | LEAF_SHARED);
		dump_map(v, RAM + 4 * g, g, 0x98000000, PGT_RWX);
		dump_map(v, top, g, 0, PGT_RW | PGT_DEVICE);
		assert_int_equal(open_board(), 0);
		vm = &b.vms[0];
		assert_int_equal(stage2_walk(&m, vm, 0, UINT64_MAX), 0);
		assert_false(vm->damaged);
		assert_int_equal(vm->run_count, 4);
		assert_run(&vm->runs[0], RAM, 3 * g, 0x90000000, g, PGT_RWX);
		assert_run(&vm->runs[1], RAM + 3 * g, g, 0x90000000 + 3 * g, g,
			   PGT_RX | LEAF_SHARED);
		assert_run(&vm->runs[2], RAM + 4 * g, g, 0x98000000, g,
			   PGT_RWX);
		assert_run(&vm->runs[3], top, g, 0, g, PGT_RW | PGT_DEVICE);
		assert_int_equal(vm->tables, v->s2.tables);
		/* A part of it: what reaches into it, whole. */
		assert_int_equal(stage2_walk(&m, vm, RAM + 4 * g + 1, 1), 0);
		assert_int_equal(vm->run_count, 1);
		assert_run(&vm->runs[0], RAM + 4 * g, g, 0x98000000, g, PGT_RWX);
		assert_int_equal(stage2_walk(&m, vm, BIT64(40), SZ_1M), 0);
		assert_int_equal(vm->run_count, 0);
		if (i + 1 == ARRAY_SIZE(granules))
			break;
		stage2_free(&b);
		memory_close(&m);
		dump_free();
	}
}

static void blocks_are_leaves_of_their_size(void **state)
{
	struct vm *v;

	dump_make(1);
	v = dump_vm("alpha", SZ_4K);
	dump_map(v, RAM, SZ_1G + 4 * SZ_2M, 0, PGT_RWX);
	assert_int_equal(open_board(), 0);
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 0);
	assert_int_equal(b.vms[0].run_count, 2);
	assert_run(&b.vms[0].runs[0], RAM, SZ_1G, 0, SZ_1G, PGT_RWX);
	assert_int_equal(b.vms[0].runs[0].level, 1);
	assert_run(&b.vms[0].runs[1], RAM + SZ_1G, 4 * SZ_2M, SZ_1G, SZ_2M,
		   PGT_RWX);
}

/* ARMv7's hypervisor is a zImage, and its tables are LPAE's (K30). */
static void the_arm_hypervisor_is_found_at_any_page(void **state)
{
	struct stage2_vm *vm;
	struct vm *v;

	dump_make_arm(1);
	v = dump_vm("alpha", SZ_4K);
	dump_map(v, RAM, SZ_2M, 0x90000000, PGT_RWX);
	dump_map(v, BIT64(40) - SZ_4K, SZ_4K, 0xa0000000, PGT_RX);
	assert_int_equal(open_board(), 0);
	assert_int_equal(b.hypervisor, DUMP_ZIMAGE);
	vm = &b.vms[0];
	assert_int_equal(vm->arch, IMAGE_ARM);
	assert_int_equal(stage2_walk(&m, vm, 0, UINT64_MAX), 0);
	assert_false(vm->damaged);
	assert_int_equal(vm->run_count, 2);
	assert_run(&vm->runs[0], RAM, SZ_2M, 0x90000000, SZ_2M, PGT_RWX);
	assert_run(&vm->runs[1], BIT64(40) - SZ_4K, SZ_4K, 0xa0000000, SZ_4K,
		   PGT_RX);
	/* No other granule is LPAE's. */
	vm->granule = SZ_64K;
	assert_int_equal(stage2_walk(&m, vm, 0, UINT64_MAX), 2);
}

/* Kernels for MIPS have no header in memory; entries of 4 bytes, leaves of 4 MiB. */
static void the_mips_hypervisor_is_found_by_its_own_mark(void **state)
{
	struct stage2_vm *vm;
	struct vm *v;

	dump_make_mips(1);
	v = dump_vm("alpha", SZ_4K);
	dump_map(v, 0, SZ_4K, 0x90000000, PGT_RWX);
	dump_map(v, 4 * SZ_1M, 8 * SZ_1M, 0x1400000, PGT_RWX);
	dump_map(v, BIT64(29) - SZ_4K, SZ_4K, 0x5000, PGT_RX | LEAF_SHARED);
	assert_int_equal(open_board(), 0);
	assert_int_equal(b.hypervisor, DUMP_BASE + SZ_1M);
	vm = &b.vms[0];
	assert_int_equal(vm->arch, IMAGE_MIPS);
	assert_int_equal(vm->ipa_bits, 29);
	assert_int_equal(stage2_walk(&m, vm, 0, UINT64_MAX), 0);
	assert_false(vm->damaged);
	assert_int_equal(vm->tables, 3);
	assert_int_equal(vm->run_count, 3);
	assert_run(&vm->runs[0], 0, SZ_4K, 0x90000000, SZ_4K, PGT_RWX);
	assert_run(&vm->runs[1], 4 * SZ_1M, 8 * SZ_1M, 0x1400000, 4 * SZ_1M,
		   PGT_RWX);
	assert_run(&vm->runs[2], BIT64(29) - SZ_4K, SZ_4K, 0x5000, SZ_4K,
		   PGT_RX | LEAF_SHARED);
	/* A table is full with 1024 entries, not with 512. */
	dump_free();
	stage2_free(&b);
	memory_close(&m);
	dump_make_mips(1);
	v = dump_vm("alpha", SZ_4K);
	for (u32 at = 0; at < 4 * SZ_1M; at += SZ_4K)
		dump_map(v, at, SZ_4K, 0x1400000 + 2 * at, PGT_RWX);
	assert_int_equal(open_board(), 0);
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 0);
	assert_false(b.vms[0].damaged);
	assert_int_equal(b.vms[0].run_count, 1024);
	b.vms[0].granule = SZ_64K;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
}

/* ---- Damage -------------------------------------------------------------- */

/* The entry of the level-1 root that translates RAM. */
static u64 *root_entry(const struct vm *v)
{
	return (u64 *)v->s2.root + (RAM >> 30);
}

static void a_table_outside_of_memory_is_damage(void **state)
{
	struct vm *v;

	dump_make(1);
	v = dump_vm("alpha", SZ_4K);
	dump_map(v, RAM, SZ_4K, 0, PGT_RWX);
	*root_entry(v) += BIT64(40);
	dump_map(v, 2 * SZ_1G, SZ_1G, 0, PGT_RWX);
	assert_int_equal(open_board(), 0);
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 0);
	assert_true(b.vms[0].damaged);
}

/* The root as its own table: a walk of 2^27 leaves, were it believed. */
static void a_table_that_is_its_own_is_damage(void **state)
{
	struct vm *v;
	u64 *root;

	dump_make(1);
	v = dump_vm("alpha", SZ_4K);
	root = v->s2.root;
	for (unsigned int i = 0; i < 512; i++)
		root[i] = v->s2.root_pa.v | 3;
	assert_int_equal(open_board(), 0);
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 0);
	assert_true(b.vms[0].damaged);
	assert_true(b.vms[0].run_count <= 1024);
}

/* Tables that are in the tree again and again, and hold nothing. */
static void an_endless_way_to_nothing_is_damage(void **state)
{
	struct vm *v;
	u64 *root, *middle;
	u64 leaf;

	dump_make(1);
	v = dump_vm("alpha", SZ_4K);
	dump_map(v, RAM, SZ_4K, 0, PGT_RWX);
	root = v->s2.root;
	middle = dump_at(*root_entry(v) & ~0xfffUL);
	leaf = middle[0];
	memset(dump_at(leaf & ~0xfffUL), 0, SZ_4K);
	for (unsigned int i = 0; i < 512; i++)
		middle[i] = leaf;
	for (unsigned int i = 0; i < 1024; i++)
		root[i] = *root_entry(v);
	assert_int_equal(open_board(), 0);
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 0);
	assert_true(b.vms[0].damaged);
	assert_int_equal(b.vms[0].run_count, 0);
}

static void a_stage_2_that_makes_no_sense_is_refused(void **state)
{
	dump_make(1);
	dump_vm("alpha", SZ_4K);
	assert_int_equal(open_board(), 0);
	b.vms[0].granule = 12345;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
	b.vms[0].granule = SZ_64K;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
	b.vms[0].granule = SZ_4K;
	b.vms[0].ipa_bits = 250;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
	b.vms[0].ipa_bits = 40;
	b.vms[0].start_level = 2;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
	b.vms[0].start_level = 1;
	b.vms[0].root = DUMP_BASE + DUMP_SIZE - SZ_4K;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
	b.vms[0].root = 0;
	assert_int_equal(stage2_walk(&m, &b.vms[0], 0, UINT64_MAX), 2);
}

static void structures_that_make_no_sense_do_no_harm(void **state)
{
	struct vm *v;

	dump_make(2);
	v = dump_vm("alpha", SZ_4K);
	dump_slot(v, RAM, SZ_1M, (struct backing *)0x123456789abcdefUL, 0);
	memcpy(v->name, "a\033[2J\n", 7);
	dump_guests()[1] = (struct guest *)0xfffffffffffffff0UL;
	assert_int_equal(open_board(), 0);
	assert_int_equal(b.vm_count, 2);
	assert_string_equal(b.vms[0].name, "a?[2J?");
	assert_string_equal(b.vms[0].slots[0].kind, "");
	assert_int_equal(stage2_walk(&m, &b.vms[1], 0, UINT64_MAX), 2);
}

static void as_many_memslots_as_nobody_has_are_refused(void **state)
{
	dump_make(1);
	dump_vm("alpha", SZ_4K)->slot_count = ~0U;
	assert_int_equal(open_board(), 2);
}

#define test(f) cmocka_unit_test_setup_teardown(f, quiet, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(vms_and_memslots_are_found),
		test(an_image_that_does_not_run_is_passed_over),
		test(what_is_no_hypervisor_is_refused),
		test(what_is_mapped_is_found),
		test(blocks_are_leaves_of_their_size),
		test(the_arm_hypervisor_is_found_at_any_page),
		test(the_mips_hypervisor_is_found_by_its_own_mark),
		test(a_table_outside_of_memory_is_damage),
		test(a_table_that_is_its_own_is_damage),
		test(an_endless_way_to_nothing_is_damage),
		test(a_stage_2_that_makes_no_sense_is_refused),
		test(structures_that_make_no_sense_do_no_harm),
		test(as_many_memslots_as_nobody_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
