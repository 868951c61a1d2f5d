/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: a small language to write a device tree in. Include after
 * cmocka.h; an error of libfdt's fails the test.
 *
 *	tree_start();
 *	open_node("");
 *	cells_of(2, 2);
 *	open_node("serial@9000000");
 *	SET("reg", 0, 0x9000000, 0, 0x1000);
 *	close_node();
 *	close_node();
 *	tree_finish();
 */
#ifndef LIB_TESTING_TREE_H
#define LIB_TESTING_TREE_H

#include <string.h>
#include "lib/fdt.h"

static _Alignas(8) char tree[8192] __attribute__((unused));

#define TREE_HELPER static inline __attribute__((unused))

TREE_HELPER void tree_start(void)
{
	memset(tree, 0, sizeof(tree));
	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	assert_int_equal(fdt_finish_reservemap(tree), 0);
}

TREE_HELPER void open_node(const char *name)
{
	assert_int_equal(fdt_begin_node(tree, name), 0);
}

TREE_HELPER void close_node(void)
{
	assert_int_equal(fdt_end_node(tree), 0);
}

TREE_HELPER void set_cells(const char *name, const u32 *cells, unsigned int n)
{
	fdt32_t be[64];
	unsigned int i;

	assert_true(n <= sizeof(be) / sizeof(be[0]));
	for (i = 0; i < n; i++)
		be[i] = cpu_to_fdt32(cells[i]);
	assert_int_equal(fdt_property(tree, name, be, n * 4), 0);
}

/* SET("reg", 0, 0x1000): any number of cells. */
#define CELLS(...) ((const u32[]){__VA_ARGS__})
#define SET(name, ...)                                                         \
	set_cells(name, CELLS(__VA_ARGS__), sizeof(CELLS(__VA_ARGS__)) / 4)

TREE_HELPER void set_empty(const char *name)
{
	assert_int_equal(fdt_property(tree, name, "", 0), 0);
}

/* One string, or several in a literal with "\0" between them. */
#define SET_STRINGS(name, literal)                                             \
	assert_int_equal(fdt_property(tree, name, literal, sizeof(literal)), 0)

TREE_HELPER void cells_of(u32 address, u32 size)
{
	SET("#address-cells", address);
	SET("#size-cells", size);
}

TREE_HELPER void tree_finish(void)
{
	assert_int_equal(fdt_finish(tree), 0);
	assert_int_equal(fdt_validate(tree, sizeof(tree)), 0);
}

TREE_HELPER int node_at(const char *path)
{
	int node = fdt_path_offset(tree, path);

	assert_true(node >= 0);
	return node;
}

#endif
