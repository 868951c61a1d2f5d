// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory that VMs have in common: the one started with `writer` fills it, the one
 * with `reader`, which may not write, reads it. Each sees it at an address of its
 * own, which its device tree says.
 */
#include "tests/guests/rt/rt.h"

#include <libfdt.h>

const char guest_name[] = "shared";

#define WORDS ((u64)SZ_1M / sizeof(u64))
#define FULL 0x66756c6cULL

static volatile u64 *shared;

void guest_hello(void)
{
}

static u64 word(u64 i)
{
	return i * 0x9e3779b97f4a7c15ULL + 1;
}

static void the_device_tree_says_where(void)
{
	const void *fdt = machine.fdt;
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node, len;
	const fdt32_t *reg;

	check(parent >= 0, "no /reserved-memory");
	node = fdt_first_subnode(fdt, parent);
	check(node >= 0 &&
		      !fdt_node_check_compatible(fdt, node,
						 "xen,shared-memory-v1"),
	      "no node xen,shared-memory-v1");
	reg = fdt_getprop(fdt, node, "reg", &len);
	check(reg && len == 16, "reg is of %d bytes", len);
	shared = (u64 *)ram_at((u64)fdt32_to_cpu(reg[0]) << 32 |
			       fdt32_to_cpu(reg[1]));
	check(fdt32_to_cpu(reg[3]) == 2 * SZ_1M, "size %#x",
	      fdt32_to_cpu(reg[3]));
}

/* The first half is the words; the second says that they are there. */
static void write_words(void)
{
	for (u64 i = 0; i < WORDS; i++)
		shared[i] = word(i);
	dsb(ish);
	shared[WORDS] = FULL;
	print("WRITTEN\n");
}

static void read_words(void)
{
	while (shared[WORDS] != FULL)
		wfe();
	dsb(ish);
	for (u64 i = 0; i < WORDS; i++)
		check(shared[i] == word(i), "word %llu is %#llx", i, shared[i]);
}

static void what_one_writes_the_other_reads(void)
{
	check(shared, "it is nowhere");
	if (machine_option("writer"))
		write_words();
	else
		read_words();
}

static void a_reader_may_not_write(void)
{
	struct trap t;

	check(shared, "it is nowhere");
	if (machine_option("writer")) {
		rt_skip("the writer");
		return;
	}
	t = TRAP(store((u64)shared, 8, 7));
	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "ESR %#llx", t.esr);
	check(*shared == word(0), "it did write");
}

const struct test guest_tests[] = {
	{"K3.where", the_device_tree_says_where},
	{"K3.write-and-read", what_one_writes_the_other_reads},
	{"K3.read-only", a_reader_may_not_write},
	{NULL},
};
