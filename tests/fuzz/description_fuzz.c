// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/description.c vmm/description_shared.c lib/fdt.c lib/printf.c
// link: libfdt
// flags: -fsanitize=fuzzer
// fuzz: -max_len=8192
/*
 * The reader of VM descriptions: the input is a device tree. Whatever is in
 * it, nothing outside of it is read, and the answer is a list of VMs that keeps
 * the promises of vmm/description.h, or a reason.
 *
 * Most mutations are of the tree and not of its bytes: of a hundred random
 * changes of bytes, one leaves a tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>
#include "lib/errno.h"
#include "lib/fdt.h"
#include "tests/fuzz/fuzz.h"
#include "vmm/description.h"

#define BOARD_MEMORY (4ULL << 30)
#define MAX_VMS 4

/* ---- The target ---------------------------------------------------------------- */

static bool inside(const void *fdt, const char *s)
{
	u64 at = (uintptr_t)s - (uintptr_t)fdt, size = fdt_totalsize(fdt);

	return at < size && memchr(s, 0, size - at);
}

static void check_module(const struct vm_description *vm,
			 const struct description_module *m)
{
	if (m->size)
		MUST(m->size <= vm->memory && m->pa.v + m->size > m->pa.v);
}

static void check_shared(const void *fdt, const struct vm_description *vm,
			 const struct description_shared *s)
{
	u64 granule = vm->granule ? vm->granule : PAGE_SIZE;

	MUST(inside(fdt, s->id) && strlen(s->id) >= 1 && strlen(s->id) <= 63);
	MUST(s->size && (s->address | s->size) % granule == 0);
	MUST(s->address + s->size - 1 >= s->address);
	MUST(s->size <= BOARD_MEMORY);
}

/* How much of the board's memory the VM may use. */
static u64 check_vm(const void *fdt, const struct vm_description *vm)
{
	MUST(vm->name[0] && memchr(vm->name, 0, sizeof(vm->name)));
	MUST(vm->memory >= DESCRIPTION_MIN_MEMORY);
	MUST(vm->memory % PAGE_SIZE == 0);
	MUST(vm->cpus >= 1 && vm->cpus <= VM_MAX_VCPUS);
	MUST(!*vm->bootargs || inside(fdt, vm->bootargs));
	MUST(vm->kernel.size);
	check_module(vm, &vm->kernel);
	check_module(vm, &vm->ramdisk);
	MUST(vm->shared_count <= DESCRIPTION_MAX_SHARED);
	for (unsigned int i = 0; i < vm->shared_count; i++)
		check_shared(fdt, vm, &vm->shared[i]);
	MUST(vm->max_memory <= vm->memory && vm->max_memory % PAGE_SIZE == 0);
	MUST(vm->max_table_memory % PAGE_SIZE == 0);
	return vm->max_memory ? vm->max_memory : vm->memory;
}

static void count_module(hpa_t pa, u64 size, void *arg)
{
	MUST(size && pa.v + size > pa.v);
	++*(unsigned int *)arg;
}

static void check_reason(const char *why, size_t size)
{
	size_t n = strnlen(why, size);

	MUST(n && n < size);
	for (size_t i = 0; i < n; i++)
		MUST(why[i] >= ' ' && why[i] <= '~');
}

static void read_reservations(const void *fdt)
{
	uint64_t base, size;

	for (int i = 0; i < fdt_num_mem_rsv(fdt); i++)
		fdt_get_mem_rsv(fdt, i, &base, &size);
}

static void read_tree(const void *fdt)
{
	struct vm_description vms[MAX_VMS];
	struct description d;
	char why[DESCRIPTION_WHY_SIZE] = "";
	unsigned int modules = 0;
	u64 memory = 0;
	int err;

	read_reservations(fdt);
	description_count(fdt);
	description_for_each_module(fdt, count_module, &modules);
	err = description_parse(fdt, BOARD_MEMORY, &d, vms, MAX_VMS, why,
				sizeof(why));
	MUST(!err || err == -EINVAL);
	MUST(d.vm_count <= MAX_VMS);
	MUST(!d.status_token || inside(fdt, d.status_token));
	if (err) {
		check_reason(why, sizeof(why));
		return;
	}
	MUST(d.vm_count == description_count(fdt));
	for (unsigned int i = 0; i < d.vm_count; i++) {
		memory += check_vm(fdt, &vms[i]);
		for (unsigned int k = 0; k < i; k++)
			MUST(strcmp(vms[i].name, vms[k].name));
	}
	MUST(memory <= BOARD_MEMORY && modules >= d.vm_count);
	if (description_check_machine(fdt, BIT64(30), SZ_64K, vms, d.vm_count, why,
				      sizeof(why)))
		check_reason(why, sizeof(why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own size and aligned, so that a read too far is found. */
	void *fdt = aligned_alloc(8, size ? ALIGN_UP(size, 8) : 8);

	memcpy(fdt, data, size);
	if (size >= FDT_V1_SIZE && !fdt_validate(fdt, size)) {
		size_t whole = fdt_totalsize(fdt);
		void *tree = aligned_alloc(8, ALIGN_UP(whole, 8));

		memcpy(tree, fdt, whole);
		read_tree(tree);
		free(tree);
	}
	free(fdt);
	return 0;
}

/* ---- The mutator --------------------------------------------------------------- */

static const char *const names[] = {
	"compatible", "memory", "cpus", "#address-cells", "#size-cells", "reg",
	"bootargs", "twofold,file", "twofold,stats", "twofold,status-token",
	"passthrough", "xen,enhanced", "vpl011", "nr_spis", "device_type",
	"ranges", "xen,domain-p2m-mem-mb", "xen,shared-mem", "xen,shm-id",
	"role", "phandle", "#xen,static-mem-address-cells",
	"twofold,read-only", "twofold,max-memory", "twofold,max-table-memory",
	"twofold,stage2-granule",
};

static const char *const values[] = {
	"xen,domain", "multiboot,kernel", "multiboot,ramdisk",
	"multiboot,module", "multiboot,device-tree", "memory", "disabled",
	"xen,domain-shared-memory-v1", "owner", "borrower",
};

static unsigned int dice, rolls;

static unsigned int roll(unsigned int below)
{
	dice = dice * 1103515245U + 12345U + rolls++;
	return (dice >> 16) % below;
}

/* The node number `n`, counting round and round. */
static int some_node(const void *fdt)
{
	int node, count = 0, chosen;

	for (node = 0; node >= 0; node = fdt_next_node(fdt, node, NULL))
		count++;
	if (!count)
		return -1;
	chosen = roll(count);
	for (node = 0; chosen--; node = fdt_next_node(fdt, node, NULL))
		;
	return node;
}

static int some_property(const void *fdt, int node)
{
	int prop, count = 0;

	fdt_for_each_property_offset(prop, fdt, node)
		count++;
	if (!count)
		return -1;
	count = roll(count);
	fdt_for_each_property_offset(prop, fdt, node)
		if (!count--)
			return prop;
	return -1;
}

static void change_value(void *fdt, int node)
{
	int prop = some_property(fdt, node), len;
	uint8_t value[256];
	char copy[64];
	const char *name;
	const void *old;

	if (prop < 0)
		return;
	old = fdt_getprop_by_offset(fdt, prop, &name, &len);
	if (!old || len < 0 || len > (int)sizeof(value) / 2 ||
	    strnlen(name, sizeof(copy)) == sizeof(copy))
		return;
	strcpy(copy, name);
	memcpy(value, old, len);
	len = LLVMFuzzerMutate(value, len, sizeof(value));
	fdt_setprop(fdt, node, copy, value, len);
}

static void set_number(void *fdt, int node)
{
	static const uint32_t cells[] = {0, 1, 2, 3, 8, 9, 0x4000, 0x80000,
					 0x40000000, 0x80000000, ~0U};
	fdt32_t value[4];
	unsigned int n = 1 + roll(ARRAY_SIZE(value));

	for (unsigned int i = 0; i < n; i++)
		value[i] = cpu_to_fdt32(cells[roll(ARRAY_SIZE(cells))]);
	fdt_setprop(fdt, node, names[roll(ARRAY_SIZE(names))], value, 4 * n);
}

static void set_string(void *fdt, int node, const char *name)
{
	const char *value = values[roll(ARRAY_SIZE(values))];

	fdt_setprop_string(fdt, node, name, value);
}

static void change_tree(void *fdt)
{
	int node = some_node(fdt);
	char name[16];

	if (node < 0)
		return;
	switch (roll(8)) {
	case 0 ... 2:
		change_value(fdt, node);
		break;
	case 3:
		set_number(fdt, node);
		break;
	case 4:
		set_string(fdt, node, names[roll(ARRAY_SIZE(names))]);
		break;
	case 5:
		fdt_delprop(fdt, node, names[roll(ARRAY_SIZE(names))]);
		break;
	case 6:
		name[0] = 'a' + roll(26);
		name[1] = '\0';
		node = fdt_add_subnode(fdt, node, name);
		if (node >= 0)
			set_string(fdt, node, "compatible");
		break;
	default:
		if (node)
			fdt_del_node(fdt, node);
	}
}

/* libfdt changes only trees whose parts lie in the usual order. */
static bool changeable(const uint8_t *fdt, size_t size)
{
	u64 map, structure, strings;
	int count;

	if (size < FDT_V1_SIZE || fdt_validate(fdt, size) ||
	    fdt_version(fdt) < 17)
		return false;
	map = fdt_off_mem_rsvmap(fdt);
	structure = fdt_off_dt_struct(fdt);
	strings = fdt_off_dt_strings(fdt);
	count = fdt_num_mem_rsv(fdt);
	return count >= 0 && map + 16 * (count + 1ULL) <= structure &&
	       structure + fdt_size_dt_struct(fdt) <= strings &&
	       strings + fdt_size_dt_strings(fdt) <= fdt_totalsize(fdt);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	_Alignas(8) static uint8_t old[1 << 16], new[1 << 16];
	size_t whole;

	dice = seed;
	if (size > sizeof(old) / 2 || roll(10) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(old, data, size);
	if (!changeable(old, size) || fdt_open_into(old, new, sizeof(new)))
		return LLVMFuzzerMutate(data, size, max_size);
	for (unsigned int n = 1 + roll(3); n; n--)
		change_tree(new);
	fdt_pack(new);
	whole = fdt_totalsize(new);
	if (whole > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(data, new, whole);
	return whole;
}
