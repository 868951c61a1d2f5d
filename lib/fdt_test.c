// SPDX-License-Identifier: BSD-2-Clause
// link: lib/fdt.c libfdt
/* Device-tree access, on trees as boards have them and on broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

/* ---- reg --------------------------------------------------------------------- */

/* The bus of a Versatile Express: three levels, chip selects in the address. */
static void build_vexpress(void)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("bus@8000000");
	cells_of(2, 1);
	SET("ranges", 0, 0, 0, 0x08000000, 0x04000000, 3, 0, 0, 0x1c000000,
	    0x04000000);
	open_node("iofpga@300000000");
	cells_of(1, 1);
	SET("ranges", 0, 3, 0, 0x200000);
	open_node("serial@90000");
	SET("reg", 0x90000, 0x1000, 0x1ff000, 0x1000, 0x1ff000, 0x1001);
	close_node();
	close_node();
	close_node();
	close_node();
	tree_finish();
}

static void reg_is_translated_through_every_bus(void **state)
{
	u64 base, size;

	build_vexpress();
	assert_int_equal(fdt_reg(tree, node_at("/bus/iofpga/serial"), 0, &base,
				 &size),
			 0);
	assert_int_equal(base, 0x1c090000);
	assert_int_equal(size, 0x1000);
	assert_int_equal(fdt_reg(tree, node_at("/bus/iofpga/serial"), 1, &base,
				 &size),
			 0);
	assert_int_equal(base, 0x1c1ff000);
}

static void reg_outside_its_bus_is_refused(void **state)
{
	u64 base, size;

	build_vexpress();
	assert_int_equal(fdt_reg(tree, node_at("/bus/iofpga/serial"), 2, &base,
				 &size),
			 -EINVAL);
	assert_int_equal(fdt_reg(tree, node_at("/bus/iofpga/serial"), 3, &base,
				 &size),
			 -ENOENT);
	assert_int_equal(fdt_reg(tree, node_at("/bus/iofpga/serial"), -1, &base,
				 &size),
			 -ENOENT);
	assert_int_equal(fdt_reg(tree, node_at("/bus"), 0, &base, &size), -ENOENT);
}

static void local_reg_is_not_translated(void **state)
{
	u64 base, size;

	build_vexpress();
	assert_int_equal(fdt_reg_local(tree, node_at("/bus/iofpga/serial"), 2,
				       &base, &size),
			 0);
	assert_int_equal(base, 0x1ff000);
	assert_int_equal(size, 0x1001);
	assert_int_equal(fdt_reg_local(tree, node_at("/bus"), 0, &base, &size),
			 -ENOENT);
}

static void reg_with_two_cells_of_each(void **state)
{
	u64 base, size;

	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("axi");
	cells_of(2, 2);
	set_empty("ranges");
	open_node("memory@800000000");
	SET("reg", 8, 0, 1, 0x80000000);
	close_node();
	open_node("top");
	SET("reg", ~0U, ~0U, 0, 2);
	close_node();
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(fdt_reg(tree, node_at("/axi/memory"), 0, &base, &size), 0);
	assert_int_equal(base, 0x800000000);
	assert_int_equal(size, 0x180000000);
	assert_int_equal(fdt_reg(tree, node_at("/axi/top"), 0, &base, &size),
			 -EINVAL);
}

static void malformed_reg_and_ranges_are_refused(void **state)
{
	static const struct {
		const char *node;
		int error;
	} rows[] = {
		{"/short/dev", -EINVAL},    /* 3 cells where 2 make an entry */
		{"/wide/dev", -EINVAL},     /* 3 address cells (PCI) */
		{"/opaque/dev", -EINVAL},   /* a bus without ranges */
		{"/ragged/dev", -EINVAL},   /* ranges of half an entry */
		{"/wrap/dev", -EINVAL},     /* translates past the top */
		{"/none/dev", -ENOENT},     /* no reg */
		{"/nocells/dev", -EINVAL},  /* 2 and 1 cells by default */
	};
	unsigned int i;
	u64 base, size;

	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("short");
	cells_of(1, 1);
	open_node("dev");
	SET("reg", 0, 0x1000, 0);
	close_node();
	close_node();
	open_node("wide");
	cells_of(3, 2);
	set_empty("ranges");
	open_node("dev");
	SET("reg", 0, 0, 0, 0, 0x1000);
	close_node();
	close_node();
	open_node("opaque");
	cells_of(1, 1);
	open_node("dev");
	SET("reg", 0, 0x1000);
	close_node();
	close_node();
	open_node("ragged");
	cells_of(1, 1);
	SET("ranges", 0, 0, 0x1000);
	open_node("dev");
	SET("reg", 0, 0x1000);
	close_node();
	close_node();
	open_node("wrap");
	cells_of(1, 1);
	SET("ranges", 0, ~0U, ~0U, 0x10000);
	open_node("dev");
	SET("reg", 0x1000, 0x1000);
	close_node();
	close_node();
	open_node("none");
	open_node("dev");
	close_node();
	close_node();
	open_node("nocells");
	open_node("dev");
	SET("reg", 0, 0x1000);
	close_node();
	close_node();
	close_node();
	tree_finish();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(fdt_reg(tree, node_at(rows[i].node), 0, &base,
					 &size),
				 rows[i].error);
}

static void cpu_reg_is_a_plain_number(void **state)
{
	u64 base, size = 1;

	tree_start();
	open_node("");
	open_node("cpus");
	cells_of(2, 0);
	open_node("cpu@100000101");
	SET("reg", 1, 0x101);
	close_node();
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(fdt_reg(tree, node_at("/cpus/cpu"), 0, &base, &size), 0);
	assert_int_equal(base, 0x100000101);
	assert_int_equal(size, 0);
}

static void a_node_that_is_too_deep_is_refused(void **state)
{
	u64 base, size;
	int i, node = 0, depth = 0, last = 0;

	tree_start();
	open_node("");
	for (i = 0; i < 40; i++)
		open_node("n");
	SET("reg", 0, 0, 1);
	for (i = 0; i < 40; i++)
		close_node();
	close_node();
	tree_finish();
	while ((node = fdt_next_node(tree, node, &depth)) >= 0 && depth > 0)
		last = node;
	assert_int_equal(fdt_reg(tree, last, 0, &base, &size), -EINVAL);
	assert_null(fdt_interrupt(tree, last, 0));
}

/* ---- Properties --------------------------------------------------------------- */

static void numbers_and_strings(void **state)
{
	static const char *const uart[] = {"arm,pl011", "ns16550", NULL};
	static const char *const none[] = {"arm", NULL};
	u64 v = 5;

	tree_start();
	open_node("");
	SET("one", 7);
	SET("two", 1, 2);
	SET("three", 1, 2, 3);
	SET_STRINGS("compatible", "x\0ns16550\0arm,primecell");
	open_node("on");
	SET_STRINGS("status", "okay");
	close_node();
	open_node("old");
	SET_STRINGS("status", "ok");
	close_node();
	open_node("off");
	SET_STRINGS("status", "disabled");
	close_node();
	open_node("odd");
	SET_STRINGS("status", "okay!");
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(fdt_u32(tree, 0, "one", 9), 7);
	assert_int_equal(fdt_u32(tree, 0, "two", 9), 9);
	assert_int_equal(fdt_u32(tree, 0, "nothing", 9), 9);
	assert_int_equal(fdt_number(tree, 0, "one", &v), 0);
	assert_int_equal(v, 7);
	assert_int_equal(fdt_number(tree, 0, "two", &v), 0);
	assert_int_equal(v, 0x100000002);
	assert_int_equal(fdt_number(tree, 0, "three", &v), -EINVAL);
	assert_int_equal(fdt_number(tree, 0, "nothing", &v), -ENOENT);
	assert_true(fdt_enabled(tree, 0));
	assert_true(fdt_enabled(tree, node_at("/on")));
	assert_true(fdt_enabled(tree, node_at("/old")));
	assert_false(fdt_enabled(tree, node_at("/off")));
	assert_false(fdt_enabled(tree, node_at("/odd")));
	assert_true(fdt_compatible_any(tree, 0, uart));
	assert_false(fdt_compatible_any(tree, 0, none));
	assert_false(fdt_compatible_any(tree, node_at("/on"), uart));
}

/* ---- Interrupts ---------------------------------------------------------------- */

static void expect_interrupt(const char *path, int index, u32 type, u32 n,
			     u32 flags)
{
	const fdt32_t *c = (const fdt32_t *)fdt_interrupt(tree, node_at(path),
							  index);

	assert_non_null(c);
	assert_int_equal(fdt32_ld(c), type);
	assert_int_equal(fdt32_ld(c + 1), n);
	assert_int_equal(fdt32_ld(c + 2), flags);
}

static void build_interrupts(void)
{
	tree_start();
	open_node("");
	cells_of(2, 2);
	SET("interrupt-parent", 1);
	open_node("gic");
	SET("phandle", 1);
	SET("#address-cells", 0);
	SET("#interrupt-cells", 3);
	SET("interrupts", 1, 9, 0xf04);
	close_node();
	open_node("gpio");
	SET("phandle", 2);
	SET("#interrupt-cells", 2);
	close_node();
	open_node("timer");
	SET("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
	close_node();
	open_node("key");
	SET("interrupt-parent", 2);
	SET("interrupts", 5, 1);
	close_node();
	open_node("both");
	SET("interrupts", 0, 1, 4);
	SET("interrupts-extended", 2, 7, 1, 1, 0, 8, 1);
	close_node();
	open_node("ragged");
	SET("interrupts", 0, 1, 4, 0);
	close_node();
	open_node("lost");
	SET("interrupts-extended", 99, 0, 8, 1);
	close_node();
	open_node("cut");
	SET("interrupts-extended", 1, 0, 8);
	close_node();
	close_node();
	tree_finish();
}

static void interrupts_by_index(void **state)
{
	build_interrupts();
	expect_interrupt("/timer", 0, 1, 13, 4);
	expect_interrupt("/timer", 3, 1, 10, 4);
	assert_null(fdt_interrupt(tree, node_at("/timer"), 4));
	assert_null(fdt_interrupt(tree, node_at("/timer"), -1));
	expect_interrupt("/gic", 0, 1, 9, 0xf04);
	assert_null(fdt_interrupt(tree, 0, 0));
}

static void interrupts_of_another_controller_are_not_ours(void **state)
{
	build_interrupts();
	assert_null(fdt_interrupt(tree, node_at("/key"), 0));
	assert_null(fdt_interrupt(tree, node_at("/both"), 0));
	expect_interrupt("/both", 1, 0, 8, 1);
	assert_null(fdt_interrupt(tree, node_at("/both"), 2));
}

static void malformed_interrupts_are_none(void **state)
{
	build_interrupts();
	assert_null(fdt_interrupt(tree, node_at("/ragged"), 0));
	assert_null(fdt_interrupt(tree, node_at("/lost"), 0));
	assert_null(fdt_interrupt(tree, node_at("/cut"), 0));
}

static void interrupts_are_found_through_a_map(void **state)
{
	tree_start();
	open_node("");
	open_node("gic");
	SET("phandle", 1);
	SET("#address-cells", 0);
	SET("#interrupt-cells", 3);
	close_node();
	open_node("bus");
	cells_of(2, 1);
	SET("#interrupt-cells", 1);
	SET("interrupt-map-mask", 0, 0, 0x3f);
	SET("interrupt-map", 0, 0, 4, 1, 0, 4, 4, 0, 0, 5, 1, 0, 5, 1);
	open_node("serial");
	SET("interrupts", 5);
	close_node();
	open_node("absent");
	SET("interrupts", 6);
	close_node();
	close_node();
	open_node("pci");
	cells_of(2, 1);
	SET("#interrupt-cells", 1);
	SET("interrupt-map-mask", 0xf800, 0, 0x3f);
	SET("interrupt-map", 0, 0, 4, 1, 0, 4, 4);
	open_node("card");
	SET("interrupts", 4);
	close_node();
	close_node();
	open_node("broken");
	cells_of(2, 1);
	SET("#interrupt-cells", 1);
	SET("interrupt-map-mask", 0, 0, 0x3f);
	SET("interrupt-map", 0, 0, 4, 1, 0);
	open_node("dev");
	SET("interrupts", 4);
	close_node();
	close_node();
	close_node();
	tree_finish();
	expect_interrupt("/bus/serial", 0, 0, 5, 1);
	assert_null(fdt_interrupt(tree, node_at("/bus/absent"), 0));
	assert_null(fdt_interrupt(tree, node_at("/pci/card"), 0));
	assert_null(fdt_interrupt(tree, node_at("/broken/dev"), 0));
}

static void interrupt_parents_in_a_circle_end(void **state)
{
	tree_start();
	open_node("");
	open_node("a");
	SET("phandle", 1);
	SET("interrupt-parent", 2);
	SET("interrupts", 0, 1, 4);
	close_node();
	open_node("b");
	SET("phandle", 2);
	SET("interrupt-parent", 1);
	close_node();
	close_node();
	tree_finish();
	/* No controller at all: taken as it stands. */
	expect_interrupt("/a", 0, 0, 1, 4);
}

/* ---- Validation ---------------------------------------------------------------- */

/* Copied to memory of exactly its size, so that ASan sees a byte too far. */
static int validate_copy(size_t max)
{
	char *copy = aligned_alloc(8, ALIGN_UP(max, 8));
	int err;

	assert_non_null(copy);
	memcpy(copy, tree, max);
	err = fdt_validate(copy, max);
	free(copy);
	return err;
}

static void a_tree_cut_short_is_refused(void **state)
{
	u32 whole, n;

	build_vexpress();
	whole = fdt_totalsize(tree);
	assert_int_equal(validate_copy(whole), 0);
	for (n = 0; n < whole; n++)
		assert_true(validate_copy(n) < 0);
}

static void garbage_is_refused(void **state)
{
	u32 s;

	memset(tree, 0, sizeof(tree));
	assert_int_equal(fdt_validate(tree, sizeof(tree)), -FDT_ERR_BADMAGIC);
	build_vexpress();
	assert_int_equal(fdt_validate(tree + 4, sizeof(tree) - 4),
			 -FDT_ERR_ALIGNMENT);
	fdt_set_off_mem_rsvmap(tree, fdt_off_mem_rsvmap(tree) + 4);
	assert_int_equal(fdt_validate(tree, sizeof(tree)), -FDT_ERR_ALIGNMENT);
	build_vexpress();
	s = fdt_off_dt_struct(tree);
	memmove(tree + s + 1, tree + s, fdt_size_dt_struct(tree));
	fdt_set_off_dt_struct(tree, s + 1);
	assert_int_equal(fdt_validate(tree, sizeof(tree)), -FDT_ERR_ALIGNMENT);
	build_vexpress();
	fdt_set_version(tree, 99);
	fdt_set_last_comp_version(tree, 99);
	assert_int_equal(fdt_validate(tree, sizeof(tree)),
			 -FDT_ERR_BADVERSION);
}

/* Whatever bit of the structure flips: refused, or read without harm. */
static void flipped_bits_do_no_harm(void **state)
{
	u32 from, to, i;
	int node;
	char saved;
	u64 base, size;

	build_interrupts();
	from = fdt_off_dt_struct(tree);
	to = from + fdt_size_dt_struct(tree);
	for (i = from * 8; i < to * 8; i++) {
		saved = tree[i / 8];
		tree[i / 8] ^= 1 << i % 8;
		if (fdt_validate(tree, sizeof(tree)) == 0) {
			node = 0;
			do {
				fdt_reg(tree, node, 0, &base, &size);
				fdt_interrupt(tree, node, 0);
				fdt_interrupt(tree, node, 1);
			} while ((node = fdt_next_node(tree, node, NULL)) >= 0);
		}
		tree[i / 8] = saved;
	}
}

static void structure_errors_are_found(void **state)
{
	u32 s;

	build_vexpress();
	s = fdt_off_dt_struct(tree);
	((fdt32_t *)(tree + s))[0] = cpu_to_fdt32(FDT_END_NODE);
	assert_int_equal(fdt_validate(tree, sizeof(tree)),
			 -FDT_ERR_BADSTRUCTURE);
	((fdt32_t *)(tree + s))[0] = cpu_to_fdt32(FDT_END);
	assert_int_equal(fdt_validate(tree, sizeof(tree)),
			 -FDT_ERR_BADSTRUCTURE);
	((fdt32_t *)(tree + s))[0] = cpu_to_fdt32(77);
	assert_int_equal(fdt_validate(tree, sizeof(tree)),
			 -FDT_ERR_BADSTRUCTURE);
}

static void nodes_are_found_at_their_full_path(void **state)
{
	static const struct {
		const char *path;
		bool found;
	} row[] = {
		{"/", true},
		{"/bus@8000000", true},
		{"/bus@8000000/iofpga@300000000/serial@90000", true},
		{"/bus@8000000/", true},
		{"/bus", false},
		{"/bus@80000000", false},
		{"/serial@90000", false},
		{"/bus@8000000/serial@90000", false},
		{"bus@8000000", false},
		{"", false},
	};

	build_vexpress();
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		int node = fdt_node_at(tree, row[i].path);

		assert_int_equal(node >= 0, row[i].found);
		if (node >= 0 && row[i].path[1])
			assert_int_equal(node, fdt_path_offset(tree, row[i].path));
	}
}

static void a_path_does_not_lead_out_of_its_node(void **state)
{
	tree_start();
	open_node("");
	open_node("a");
	close_node();
	open_node("b");
	open_node("c");
	close_node();
	close_node();
	close_node();
	tree_finish();
	assert_true(fdt_node_at(tree, "/b/c") > 0);
	assert_int_equal(fdt_node_at(tree, "/a/c"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reg_is_translated_through_every_bus),
		cmocka_unit_test(reg_outside_its_bus_is_refused),
		cmocka_unit_test(nodes_are_found_at_their_full_path),
		cmocka_unit_test(a_path_does_not_lead_out_of_its_node),
		cmocka_unit_test(local_reg_is_not_translated),
		cmocka_unit_test(reg_with_two_cells_of_each),
		cmocka_unit_test(malformed_reg_and_ranges_are_refused),
		cmocka_unit_test(cpu_reg_is_a_plain_number),
		cmocka_unit_test(a_node_that_is_too_deep_is_refused),
		cmocka_unit_test(numbers_and_strings),
		cmocka_unit_test(interrupts_by_index),
		cmocka_unit_test(interrupts_of_another_controller_are_not_ours),
		cmocka_unit_test(malformed_interrupts_are_none),
		cmocka_unit_test(interrupts_are_found_through_a_map),
		cmocka_unit_test(interrupt_parents_in_a_circle_end),
		cmocka_unit_test(a_tree_cut_short_is_refused),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(flipped_bits_do_no_harm),
		cmocka_unit_test(structure_errors_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
