// SPDX-License-Identifier: BSD-2-Clause
/* What the machine is, from its device tree. */
#include <libfdt.h>
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

struct machine machine;

static u64 cells(const fdt32_t *p, int n)
{
	u64 v = 0;

	while (n--)
		v = v << 32 | fdt32_to_cpu(*p++);
	return v;
}

/* Range `index` of `reg`; every bus that is looked at hangs off the root or
 * has empty `ranges`. 0 when there is none. */
u64 machine_reg(int node, int index, u64 *size)
{
	const void *fdt = machine.fdt;
	int parent = fdt_parent_offset(fdt, node), len;
	int ac = fdt_address_cells(fdt, parent);
	int sc = fdt_size_cells(fdt, parent);
	const fdt32_t *p = fdt_getprop(fdt, node, "reg", &len);

	if (!p || len < (index + 1) * (ac + sc) * 4)
		return 0;
	p += index * (ac + sc);
	if (size)
		*size = cells(p + ac, sc);
	return cells(p, ac);
}

static void find_memory(void)
{
	int node = fdt_node_offset_by_prop_value(machine.fdt, -1, "device_type",
						 "memory", 7);

	machine.ram_base = ram_at(machine_reg(node, 0, &machine.ram_size));
}

static void find_cpus(void)
{
	int cpus_node = fdt_path_offset(machine.fdt, "/cpus"), node;

	fdt_for_each_subnode (node, machine.fdt, cpus_node) {
		const char *type =
			fdt_getprop(machine.fdt, node, "device_type", NULL);

		if (type && !strcmp(type, "cpu") && machine.cpus < MAX_CPUS)
			machine.mpidr[machine.cpus++] = machine_reg(node, 0, NULL);
	}
}

const char *machine_string(const char *path, const char *name)
{
	int len;
	const char *s = fdt_getprop(machine.fdt,
				    fdt_path_offset(machine.fdt, path), name,
				    &len);

	return s && len > 0 && !s[len - 1] ? s : "";
}

void machine_init(const void *fdt)
{
	machine_default();
	if (!fdt)
		fdt = machine_find_fdt();
	if (fdt_check_header(fdt)) {
		print("FAIL %s: no device tree at %p\n", guest_name, fdt);
		power_off();
	}
	machine.fdt = fdt;
	find_memory();
	find_cpus();
	machine_find_devices();
	machine.model = machine_string("/", "model");
	machine.bootargs = machine_string("/chosen", "bootargs");
	machine.bare = machine_option("bare");
}

bool machine_option(const char *word)
{
	const char *s = machine.bootargs;
	size_t n = strlen(word);

	for (; s && *s; s = strchr(s, ' ')) {
		while (*s == ' ')
			s++;
		if (!strncmp(s, word, n) && (!s[n] || s[n] == ' '))
			return true;
	}
	return false;
}

u64 free_ram(void)
{
	return ALIGN_UP((u64)_image_end, SZ_2M);
}

u64 fresh_ram(u64 size, u64 align)
{
	static u64 next;
	u64 fdt = (u64)machine.fdt, fdt_size = fdt_totalsize(machine.fdt);
	u64 base = ALIGN_UP(next ? next : free_ram(), align);

	if (ranges_overlap(base, size, fdt, fdt_size))
		base = ALIGN_UP(fdt + fdt_size, align);
	next = base + size;
	/* Loaders like to put things near the end of RAM. */
	if (next > machine.ram_base + machine.ram_size - 8 * SZ_1M) {
		print("FAIL %s: too little memory for the test\n", guest_name);
		power_off();
	}
	return base;
}
