// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/description.c vmm/description_shared.c lib/fdt.c lib/printf.c
// link: libfdt
/*
 * Descriptions: what is read from a good one, and the message for each way in
 * which one can be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/util.h"
#include "vmm/description.h"

#define TREE_SIZE 16384
#define MAX_VMS 8

/*
 * A tree is written as text, one thing a line, so that a case shows what is
 * different about it:
 *   name {       a node                 }        its end
 *   p=1,0x2      cells                  p        an empty property
 *   p="a","b"    strings                p=[00 ff] bytes
 */

static void add_strings(void *fdt, const char *name, char *v)
{
	char buf[4096];
	size_t n = 0;

	for (v = strtok(v, "\""); v; v = strtok(NULL, "\"")) {
		if (!strcmp(v, ","))
			continue;
		memcpy(buf + n, v, strlen(v) + 1);
		n += strlen(v) + 1;
	}
	assert_int_equal(fdt_property(fdt, name, buf, n), 0);
}

static void add_bytes(void *fdt, const char *name, char *v)
{
	u8 buf[64];
	size_t n = 0;

	for (v = strtok(v, "[ ]"); v; v = strtok(NULL, "[ ]"))
		buf[n++] = strtoul(v, NULL, 16);
	assert_int_equal(fdt_property(fdt, name, buf, n), 0);
}

static void add_cells(void *fdt, const char *name, char *v)
{
	fdt32_t buf[16];
	size_t n = 0;

	for (v = strtok(v, ","); v; v = strtok(NULL, ","))
		buf[n++] = cpu_to_fdt32(strtoul(v, NULL, 0));
	assert_int_equal(fdt_property(fdt, name, buf, n * 4), 0);
}

static void add_property(void *fdt, char *line)
{
	char *v = strchr(line, '=');

	if (!v) {
		assert_int_equal(fdt_property(fdt, line, "", 0), 0);
		return;
	}
	*v++ = '\0';
	if (*v == '"')
		add_strings(fdt, line, v);
	else if (*v == '[')
		add_bytes(fdt, line, v);
	else
		add_cells(fdt, line, v);
}

static void add_text(void *fdt, const char *text)
{
	char line[4096];

	while (*text) {
		size_t n = strcspn(text, "\n");
		char *s = line;

		memcpy(line, text, n);
		line[n] = '\0';
		text += n + (text[n] == '\n');
		s += strspn(s, " \t");
		n = strlen(s);
		if (!n)
			continue;
		if (!strcmp(s, "}")) {
			assert_int_equal(fdt_end_node(fdt), 0);
		} else if (n > 2 && !strcmp(s + n - 2, " {")) {
			s[n - 2] = '\0';
			assert_int_equal(fdt_begin_node(fdt, s), 0);
		} else {
			add_property(fdt, s);
		}
	}
}

/* A board: 1 GiB at 1 GiB, 256 MiB right behind it in a node of its own, and
 * 16 MiB far away. */
static void *tree(const char *chosen)
{
	void *fdt = malloc(TREE_SIZE);

	assert_int_equal(fdt_create(fdt, TREE_SIZE), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	assert_int_equal(fdt_begin_node(fdt, ""), 0);
	add_text(fdt, "#address-cells=2\n"
		      "#size-cells=2\n"
		      "memory@40000000 {\n"
		      "device_type=\"memory\"\n"
		      "reg=0,0x40000000,0,0x40000000\n"
		      "}\n"
		      "memory@80000000 {\n"
		      "device_type=\"memory\"\n"
		      "reg=0,0x80000000,0,0x10000000,8,0,0,0x1000000\n"
		      "}\n");
	if (chosen) {
		assert_int_equal(fdt_begin_node(fdt, "chosen"), 0);
		add_text(fdt, chosen);
		assert_int_equal(fdt_end_node(fdt), 0);
	}
	assert_int_equal(fdt_end_node(fdt), 0);
	assert_int_equal(fdt_finish(fdt), 0);
	assert_int_equal(fdt_validate(fdt, TREE_SIZE), 0);
	return fdt;
}

static int parse(const void *fdt, struct description *d,
		 struct vm_description *vms, char *why)
{
	why[0] = '\0';
	if (description_parse(fdt, 1024 * SZ_1M, d, vms, MAX_VMS, why,
			      DESCRIPTION_WHY_SIZE))
		return -EINVAL;
	return description_check_machine(fdt, 0x40000000, 0, vms, d->vm_count,
					 why, DESCRIPTION_WHY_SIZE);
}

#define CELLS "#address-cells=2\n#size-cells=2\n"
#define XEN "compatible=\"xen,domain\"\n" CELLS
#define KERNEL_AT(a)                                                           \
	"kernel {\n"                                                           \
	"compatible=\"multiboot,kernel\",\"multiboot,module\"\n"               \
	"reg=0," a ",0,0x100000\n"                                             \
	"}\n"
#define KERNEL KERNEL_AT("0x50000000")
#define RAMDISK_HEAD                                                           \
	"ramdisk {\n"                                                          \
	"compatible=\"multiboot,ramdisk\",\"multiboot,module\"\n"
#define MEMORY_CPUS "memory=0,0x80000\ncpus=1\n"
#define GOOD XEN MEMORY_CPUS KERNEL
#define VM(body) "vm {\n" body "}\n"
#define ID(id) "xen,shm-id=\"" id "\"\n"
#define RING ID("ring")
#define OWNER "role=\"owner\"\n"
#define SHARED(more, range)                                                    \
	"shm {\n"                                                              \
	"compatible=\"xen,domain-shared-memory-v1\"\n" more                    \
	"xen,shared-mem=" range "\n"                                           \
	"}\n"

/* ---- What is read ------------------------------------------------------- */

static void a_vm_with_everything_is_read(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree("stdout-path=\"/uart\"\n"
			 "linux,unknown=1\n"
			 "twofold,stats\n"
			 "twofold,icount\n"
			 "twofold,status-token=\"k3J\"\n"
			 "debian {\n" XEN "memory=0,0x80000\n"
			 "cpus=4\n"
			 "twofold,stage2-granule=0x10000\n"
			 "twofold,ipa-bits=52\n"
			 "twofold,cpu-features-off=\"ttl\",\"bbm2\"\n"
			 "vpl011\n"
			 "nr_spis=32\n"
			 "passthrough=\"disabled\"\n"
			 "phandle=7\n"
			 "module@50000000 {\n"
			 "compatible=\"multiboot,kernel\",\"multiboot,module\"\n"
			 "reg=0,0x50000000,0,0x1234567\n"
			 "bootargs=\"console=ttyAMA0 quiet\"\n"
			 "}\n" RAMDISK_HEAD "reg=8,0x1000,0,0x10001\n"
			 "}\n"
			 "}\n");

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_string_equal(why, "");
	assert_true(d.stats && d.icount);
	assert_string_equal(d.status_token, "k3J");
	assert_int_equal(d.vm_count, 1);
	assert_int_equal(description_count(fdt), 1);
	assert_string_equal(vm[0].name, "debian");
	assert_int_equal(vm[0].memory, 512 * SZ_1M);
	assert_int_equal(vm[0].cpus, 4);
	assert_int_equal(vm[0].granule, SZ_64K);
	assert_int_equal(vm[0].ipa_bits, 52);
	assert_int_equal(vm[0].features_off_size, sizeof("ttl\0bbm2"));
	assert_memory_equal(vm[0].features_off, "ttl\0bbm2",
			    sizeof("ttl\0bbm2"));
	assert_string_equal(vm[0].bootargs, "console=ttyAMA0 quiet");
	assert_int_equal(vm[0].kernel.pa.v, 0x50000000);
	assert_int_equal(vm[0].kernel.size, 0x1234567);
	assert_int_equal(vm[0].ramdisk.pa.v, 0x800001000);
	assert_int_equal(vm[0].ramdisk.size, 0x10001);
	free(fdt);
}

static void options_are_off_and_ramdisk_and_bootargs_empty_unless_given(
	void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree(VM(GOOD));

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_false(d.stats || d.icount);
	assert_null(d.status_token);
	assert_string_equal(vm[0].bootargs, "");
	assert_int_equal(vm[0].ramdisk.size, 0);
	assert_int_equal(vm[0].granule, 0);
	assert_int_equal(vm[0].ipa_bits, 0);
	assert_int_equal(vm[0].features_off_size, 0);
	free(fdt);
}

/* B6 */
static void limits_are_read_and_are_what_the_board_must_have(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	/* 8 GiB of RAM on a board with 1. */
	void *fdt = tree("a {\n" XEN "memory=0,0x800000\ncpus=1\n"
			 "twofold,max-memory=0x80000\n"
			 "twofold,max-table-memory=0,256\n" KERNEL "}\n"
			 "b {\n" GOOD "}\n");

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_int_equal(vm[0].memory, 8UL << 30);
	assert_int_equal(vm[0].max_memory, 512 * SZ_1M);
	assert_int_equal(vm[0].max_table_memory, 256 * 1024);
	assert_int_equal(vm[1].max_memory, 0);
	assert_int_equal(vm[1].max_table_memory, 0);
	free(fdt);
}

/* B6: each vCPU has tables of its own on some ports. */
static void a_limit_on_tables_has_room_for_every_vcpu(void **state)
{
	static const struct {
		const char *vm;
		u64 vcpu_tables;
		const char *why; /* NULL: it is good */
	} row[] = {
		{"cpus=4\ntwofold,max-table-memory=320\n", SZ_64K, NULL},
		{"cpus=4\ntwofold,max-table-memory=316\n", SZ_64K,
		 "/chosen/b: twofold,max-table-memory: must be at least 320 "
		 "KiB with cpus = <4>"},
		{"cpus=1\ntwofold,max-table-memory=64\n", SZ_64K,
		 "/chosen/b: twofold,max-table-memory: must be at least 128 "
		 "KiB with cpus = <1>"},
		{"cpus=8\n", SZ_64K, NULL},
		{"cpus=8\ntwofold,max-table-memory=64\n", 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct description d;
		struct vm_description vm[MAX_VMS];
		char why[DESCRIPTION_WHY_SIZE] = "", body[1024];
		void *fdt;

		snprintf(body, sizeof(body),
			 "a {\n" GOOD "}\nb {\n" XEN "memory=0,0x8000\n%s"
			 KERNEL_AT("0x50100000") "}\n", row[i].vm);
		fdt = tree(body);
		assert_int_equal(parse(fdt, &d, vm, why), 0);
		assert_int_equal(description_check_machine(
					 fdt, 0x40000000, row[i].vcpu_tables, vm,
					 d.vm_count, why, sizeof(why)),
				 row[i].why ? -EINVAL : 0);
		assert_string_equal(why, row[i].why ? row[i].why : "");
		free(fdt);
	}
}

static void shared_memory_is_read_as_xen_writes_it(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	/* Counted once: 512, 256 and 256 MiB are all that the board has. */
	void *fdt = tree("a {\n" GOOD
			 SHARED(RING OWNER, "0,0x60000000,0,0x10000000") "}\n"
			 "b {\ncompatible=\"xen,domain\"\n"
			 "#address-cells=1\n#size-cells=1\nmemory=0,0x40000\n"
			 "cpus=1\nk {\ncompatible=\"multiboot,kernel\"\n"
			 "reg=0x50000000,0x100000\n}\n"
			 SHARED(RING "role=\"borrower\"\ntwofold,read-only\n",
				"0x80000000,0x10000000") "}\n");

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_int_equal(vm[0].shared_count, 1);
	assert_string_equal(vm[0].shared[0].id, "ring");
	assert_int_equal(vm[0].shared[0].address, 0x60000000);
	assert_int_equal(vm[0].shared[0].size, 256 * SZ_1M);
	assert_true(vm[0].shared[0].owner);
	assert_false(vm[0].shared[0].read_only);
	assert_int_equal(vm[1].shared_count, 1);
	assert_int_equal(vm[1].shared[0].address, 0x80000000);
	assert_int_equal(vm[1].shared[0].size, 256 * SZ_1M);
	assert_false(vm[1].shared[0].owner);
	assert_true(vm[1].shared[0].read_only);
	free(fdt);
}

/* Runs of the region's memory are to be as large as the one VM needs them. */
static void a_region_has_the_largest_granule_of_its_vms(void **state)
{
#define OF_64K "twofold,stage2-granule=0x10000\n"
#define OF_16K "twofold,stage2-granule=0x4000\n"
#define VM_WITH(name, more, id, at)                                            \
	name " {\n" XEN "memory=0,0x4000\ncpus=1\n" more KERNEL_AT(at)         \
	SHARED(ID(id), "0,0x70000000,0,0x10000") "}\n"
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree(VM_WITH("a", OF_16K, "x", "0x50000000")
			 VM_WITH("b", "", "y", "0x51000000")
			 VM_WITH("c", OF_64K, "x", "0x52000000"));

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_int_equal(vm[0].shared[0].granule, SZ_64K);
	assert_int_equal(vm[1].shared[0].granule, SZ_4K);
	assert_int_equal(vm[2].shared[0].granule, SZ_64K);
	free(fdt);
}

static void a_region_too_many_is_refused(void **state)
{
	static const char *const one =
		"s%d {\ncompatible=\"xen,domain-shared-memory-v1\"\n"
		"xen,shm-id=\"s%d\"\nxen,shared-mem=0,0x7%d000000,0,0x1000\n}\n";
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE], text[2048];
	void *fdt;

	for (int n = DESCRIPTION_MAX_SHARED; n < DESCRIPTION_MAX_SHARED + 2; n++) {
		size_t at = snprintf(text, sizeof(text), "vm {\n" GOOD);

		for (int i = 0; i < n; i++)
			at += snprintf(text + at, sizeof(text) - at, one, i, i,
				       i);
		snprintf(text + at, sizeof(text) - at, "}\n");
		fdt = tree(text);
		assert_int_equal(parse(fdt, &d, vm, why),
				 n > DESCRIPTION_MAX_SHARED ? -EINVAL : 0);
		free(fdt);
	}
	assert_string_equal(why, "/chosen/vm/s4: a VM has at most 4 regions of "
				 "shared memory");
}

/* As Xen's own documentation writes it, and as ImageBuilder does. */
static void xens_addresses_of_one_and_two_cells_are_read(void **state)
{
	static const struct {
		const char *cells, *reg;
		u64 pa, size;
	} row[] = {
		{"#address-cells=1\n#size-cells=1\n", "0x50000000,0x1000",
		 0x50000000, 0x1000},
		{"#address-cells=2\n#size-cells=1\n", "8,0x1000,0x2000",
		 0x800001000, 0x2000},
		{"#address-cells=2\n#size-cells=2\n", "8,0,0,0x3000",
		 0x800000000, 0x3000},
		/* None in the VM's node: the ones above hold. */
		{"", "0x60000000,0x4000", 0x60000000, 0x4000},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct description d;
		struct vm_description vm[MAX_VMS];
		char why[DESCRIPTION_WHY_SIZE], text[512];
		void *fdt;

		snprintf(text, sizeof(text),
			 "#address-cells=1\n#size-cells=1\n"
			 "vm {\ncompatible=\"xen,domain\"\n%smemory=0x8000\n"
			 "cpus=1\nk {\ncompatible=\"multiboot,kernel\"\n"
			 "reg=%s\n}\n}\n",
			 row[i].cells, row[i].reg);
		fdt = tree(text);
		assert_int_equal(parse(fdt, &d, vm, why), 0);
		assert_int_equal(vm[0].kernel.pa.v, row[i].pa);
		assert_int_equal(vm[0].kernel.size, row[i].size);
		assert_int_equal(vm[0].memory, 32 * SZ_1M);
		free(fdt);
	}
}

/* B2: many VMs from one image. */
static void vms_may_share_a_module(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree("a {\n" GOOD "}\n"
			 "b {\n" GOOD "}\n");

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	assert_int_equal(d.vm_count, 2);
	assert_string_equal(vm[1].name, "b");
	assert_int_equal(vm[0].kernel.pa.v, vm[1].kernel.pa.v);
	free(fdt);
}

static void a_module_may_lie_in_two_ranges_of_ram_that_touch(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree(VM(XEN MEMORY_CPUS KERNEL_AT("0x7ff80000")));

	assert_int_equal(parse(fdt, &d, vm, why), 0);
	free(fdt);
}

static void add_up(hpa_t pa, u64 size, void *arg)
{
	u64 *sum = arg;

	sum[0] += pa.v;
	sum[1] += size;
	sum[2]++;
}

/* They are set aside before anything is parsed, so one mistake must not leave
 * the others to be overwritten. */
static void every_module_is_listed_for_whoever_hands_out_memory(void **state)
{
	u64 sum[3] = {0};
	void *fdt = tree("a {\n" XEN KERNEL RAMDISK_HEAD
			 "reg=0,0x60000000,0,0x20\n}\n}\n"
			 "b {\n" XEN "cpus=99\n" KERNEL_AT("0x70000000")
			 "m {\ncompatible=\"multiboot,kernel\"\n}\n}\n"
			 "other {\n" KERNEL_AT("0x40000000") "}\n");

	description_for_each_module(fdt, add_up, sum);
	assert_int_equal(sum[2], 3);
	assert_int_equal(sum[0], 0x50000000ULL + 0x60000000 + 0x70000000);
	assert_int_equal(sum[1], 0x200020);
	free(fdt);
}

/* ---- What is refused, and how ------------------------------------------- */

static const struct {
	const char *shows;
	const char *chosen; /* NULL: there is no such node */
	const char *why;
} refused[] = {
	{"no /chosen", NULL, "/: no node /chosen: it says which VMs to run"},
	{"no VM", "stdout-path=\"/uart\"\n",
	 "/chosen: no VM: there is no node that is compatible with "
	 "xen,domain"},
	{"a misspelt option", "twofold,stat\n" VM(GOOD),
	 "/chosen: twofold,stat: unknown property: /chosen has twofold,stats, "
	 "twofold,icount, twofold,no-walker, twofold,status-token"},
	{"a token of two words", "twofold,status-token=\"a b\"\n" VM(GOOD),
	 "/chosen: twofold,status-token: must be one printable word"},
	{"a token that does not end", "twofold,status-token=[61 62]\n" VM(GOOD),
	 "/chosen: twofold,status-token: must be one string"},
	{"a forgotten compatible", VM(MEMORY_CPUS KERNEL),
	 "/chosen/vm: compatible: missing: a VM's node says xen,domain"},
	{"a module outside of a VM", KERNEL,
	 "/chosen/kernel: compatible: a module outside of a VM: put it into a "
	 "node that is compatible with xen,domain"},
	{"a name that is too long",
	 "a-name-of-more-than-31-characters {\n" GOOD "}\n",
	 "/chosen/a-name-of-more-than-31-characters: a VM's name has 1 to 31 "
	 "characters"},
	{"a name that plays with the terminal", "a\033[2J {\n" GOOD "}\n",
	 "/chosen/a?[2J: a VM's name has letters, digits and ,._+-@ only"},

	{"memory missing", VM(XEN "cpus=1\n" KERNEL),
	 "/chosen/vm: memory: missing: the VM's RAM in KiB, such as <0x0 "
	 "0x80000> for 512 MiB"},
	{"memory of three cells", VM(XEN "memory=0,0,1\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: must be one or two cells: the VM's RAM in KiB"},
	{"memory of 0", VM(XEN "memory=0,0\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: 0 KiB: a VM needs at least 16 MiB"},
	{"memory that is too small", VM(XEN "memory=0,0x3c00\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: 15 MiB: a VM needs at least 16 MiB"},
	{"memory that is no number of pages",
	 VM(XEN "memory=0,0x8001\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: 32769 KiB: must be a multiple of 4 KiB"},
	{"memory larger than the board's",
	 VM(XEN "memory=0,0x100004\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: 1048580 KiB: the board has only 1024 MiB for "
	 "VMs"},
	{"memory whose bytes do not fit 64 bits",
	 VM(XEN "memory=0x400000,0x80000\ncpus=1\n" KERNEL),
	 "/chosen/vm: memory: 18014398510006272 KiB: no VM can have that much"},
	{"two VMs with more memory than the board has together",
	 "a {\n" GOOD "}\nb {\n" XEN "memory=0,0x80004\ncpus=1\n" KERNEL "}\n",
	 "/chosen/b: memory: 524292 KiB: too much beside the VMs before it: "
	 "the board has only 1024 MiB for VMs"},

	{"cpus missing", VM(XEN "memory=0,0x80000\n" KERNEL),
	 "/chosen/vm: cpus: missing: how many vCPUs the VM has, 1 to 8"},
	{"granule that is none", VM(XEN MEMORY_CPUS
				    "twofold,stage2-granule=0x2000\n" KERNEL),
	 "/chosen/vm: twofold,stage2-granule: must be <4096>, <16384> or "
	 "<65536>"},
	{"granule as a string",
	 VM(XEN MEMORY_CPUS "twofold,stage2-granule=\"64K\"\n" KERNEL),
	 "/chosen/vm: twofold,stage2-granule: must be <4096>, <16384> or "
	 "<65536>"},
	{"granule of 0",
	 VM(XEN MEMORY_CPUS "twofold,stage2-granule=0\n" KERNEL),
	 "/chosen/vm: twofold,stage2-granule: must be <4096>, <16384> or "
	 "<65536>"},
	{"granule of two cells", VM(XEN MEMORY_CPUS
				    "twofold,stage2-granule=1,0x1000\n" KERNEL),
	 "/chosen/vm: twofold,stage2-granule: must be <4096>, <16384> or "
	 "<65536>"},
	{"memory that granules do not fill",
	 VM(XEN "memory=0,0x8010\ncpus=1\n"
		"twofold,stage2-granule=0x10000\n" KERNEL),
	 "/chosen/vm: memory: must be a multiple of the granule, 65536 bytes"},
	{"ipa-bits malformed", VM(XEN MEMORY_CPUS "twofold,ipa-bits\n" KERNEL),
	 "/chosen/vm: twofold,ipa-bits: must be one cell, such as <40>"},
	{"ipa-bits as a string",
	 VM(XEN MEMORY_CPUS "twofold,ipa-bits=\"40\"\n" KERNEL),
	 "/chosen/vm: twofold,ipa-bits: must be one cell, such as <40>"},
	{"ipa-bits as a string of four bytes",
	 VM(XEN MEMORY_CPUS "twofold,ipa-bits=\" 40\"\n" KERNEL),
	 "/chosen/vm: twofold,ipa-bits: must be one cell, such as <40>"},
	{"ipa-bits of 0", VM(XEN MEMORY_CPUS "twofold,ipa-bits=0\n" KERNEL),
	 "/chosen/vm: twofold,ipa-bits: must be one cell, such as <40>"},
	{"cpu-features-off malformed",
	 VM(XEN MEMORY_CPUS "twofold,cpu-features-off=7\n" KERNEL),
	 "/chosen/vm: twofold,cpu-features-off: must be strings"},
	{"cpu-features-off empty",
	 VM(XEN MEMORY_CPUS "twofold,cpu-features-off\n" KERNEL),
	 "/chosen/vm: twofold,cpu-features-off: must be strings"},
	{"cpus malformed", VM(XEN "memory=0,0x80000\ncpus\n" KERNEL),
	 "/chosen/vm: cpus: must be one cell: a VM has 1 to 8 vCPUs"},
	{"0 cpus", VM(XEN "memory=0,0x80000\ncpus=0\n" KERNEL),
	 "/chosen/vm: cpus: 0: a VM has 1 to 8 vCPUs"},
	{"9 cpus", VM(XEN "memory=0,0x80000\ncpus=9\n" KERNEL),
	 "/chosen/vm: cpus: 9: a VM has 1 to 8 vCPUs"},

	{"a property of ours that does not exist",
	 VM(XEN MEMORY_CPUS "twofold,turbo\n" KERNEL),
	 "/chosen/vm: twofold,turbo: unknown property: a VM has memory, cpus, "
	 "twofold,max-memory, twofold,max-table-memory, "
	 "twofold,stage2-granule, twofold,ipa-bits, twofold,cpu-features-off"},
	{"device assignment", VM(XEN MEMORY_CPUS "passthrough=\"enabled\"\n"),
	 "/chosen/vm: passthrough: device assignment is not supported"},
	{"direct mapping", VM(XEN MEMORY_CPUS "direct-map\n" KERNEL),
	 "/chosen/vm: direct-map: RAM at a fixed host address is not "
	 "supported"},
	{"a misspelt property", VM(XEN MEMORY_CPUS "cpu=2\n" KERNEL),
	 "/chosen/vm: cpu: unknown property: a VM has memory, cpus, "
	 "twofold,max-memory, twofold,max-table-memory, "
	 "twofold,stage2-granule, twofold,ipa-bits, twofold,cpu-features-off"},

	{"no kernel", VM(XEN MEMORY_CPUS),
	 "/chosen/vm: no kernel: a VM needs a module that is compatible with "
	 "multiboot,kernel"},
	{"two kernels",
	 VM(GOOD "k2 {\ncompatible=\"multiboot,kernel\"\n"
		 "reg=0,0x60000000,0,1\n}\n"),
	 "/chosen/vm/k2: compatible: a second multiboot,kernel: a VM has one"},
	{"two ramdisks",
	 VM(GOOD RAMDISK_HEAD "reg=0,0x60000000,0,1\n}\n"
	    "r2 {\ncompatible=\"multiboot,ramdisk\"\n"
	    "reg=0,0x61000000,0,1\n}\n"),
	 "/chosen/vm/r2: compatible: a second multiboot,ramdisk: a VM has "
	 "one"},
	{"a module of no kind",
	 VM(GOOD "m {\ncompatible=\"multiboot,module\"\n"
		 "reg=0,0x60000000,0,1\n}\n"),
	 "/chosen/vm/m: compatible: no module: must be multiboot,kernel, "
	 "multiboot,ramdisk or xen,domain-shared-memory-v1"},
	{"a device tree for assigned devices",
	 VM(GOOD "m {\ncompatible=\"multiboot,device-tree\"\n"
		 "reg=0,0x60000000,0,1\n}\n"),
	 "/chosen/vm/m: compatible: multiboot,device-tree: device assignment "
	 "is not supported"},
	{"bootargs at the ramdisk",
	 VM(GOOD RAMDISK_HEAD "reg=0,0x60000000,0,1\nbootargs=\"x\"\n}\n"),
	 "/chosen/vm/ramdisk: bootargs: the command line belongs to the "
	 "kernel's module"},
	{"bootargs without an end",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n"
			    "bootargs=[61]\nreg=0,0x60000000,0,1\n}\n"),
	 "/chosen/vm/k: bootargs: must be one string"},
	{"a file that nobody has loaded",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n"
			    "twofold,file=\"Image\"\n}\n"),
	 "/chosen/vm/k: reg: missing: twofold,file has not been loaded; start "
	 "the description with `twofold run`"},
	{"a module without reg",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n}\n"),
	 "/chosen/vm/k: reg: missing: where the module is, and its size"},
	{"a reg that is cut off",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n"
			    "reg=0,0x60000000,1\n}\n"),
	 "/chosen/vm/k: reg: 12 bytes: one address of 2 cells and a size of 2 "
	 "make 16"},
	{"addresses of three cells",
	 VM("compatible=\"xen,domain\"\n#address-cells=3\n" MEMORY_CPUS KERNEL),
	 "/chosen/vm: #address-cells: 3: must be 1 or 2"},
	{"an empty module",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n"
			    "reg=0,0x60000000,0,0\n}\n"),
	 "/chosen/vm/k: reg: the module is empty"},
	{"a module outside of RAM", VM(XEN MEMORY_CPUS KERNEL_AT("0x8000000")),
	 "/chosen/vm/kernel: reg: 0x100000 bytes at 0x8000000 are not in the "
	 "board's RAM"},
	{"a module across the end of RAM",
	 VM(XEN MEMORY_CPUS KERNEL_AT("0x8ff00001")),
	 "/chosen/vm/kernel: reg: 0x100000 bytes at 0x8ff00001 are not in the "
	 "board's RAM"},
	{"a module that wraps around",
	 VM(XEN MEMORY_CPUS "k {\ncompatible=\"multiboot,kernel\"\n"
			    "reg=0,0x60000000,0xffffffff,0xf0000000\n}\n"),
	 "/chosen/vm/k: reg: 0xfffffffff0000000 bytes at 0x60000000 are not in "
	 "the board's RAM"},
	{"a kernel larger than the memory",
	 VM(XEN "memory=0,0x4000\ncpus=1\n"
		"k {\ncompatible=\"multiboot,kernel\"\n"
		"reg=0,0x60000000,0,0x1000001\n}\n"),
	 "/chosen/vm/k: reg: the kernel has 16777217 bytes, more than the VM's "
	 "memory of 16 MiB"},
	{"a ramdisk larger than the memory",
	 VM(XEN "memory=0,0x4000\ncpus=1\n" KERNEL RAMDISK_HEAD
		"reg=0,0x60000000,0,0x2000000\n}\n"),
	 "/chosen/vm/ramdisk: reg: the ramdisk has 32 MiB, more than the VM's "
	 "memory of 16 MiB"},
	{"a ramdisk over its kernel",
	 VM(GOOD RAMDISK_HEAD "reg=0,0x500fffff,0,1\n}\n"),
	 "/chosen/vm/kernel: reg: 0x100000 bytes at 0x50000000 overlap another "
	 "module, at 0x500fffff"},
	{"a module over another VM's",
	 "a {\n" GOOD "}\nb {\n" XEN
	 "memory=0,0x8000\ncpus=1\n" KERNEL_AT("0x50080000") "}\n",
	 "/chosen/b/kernel: reg: 0x100000 bytes at 0x50080000 overlap another "
	 "module, at 0x50000000"},
	{"a limit that is no number",
	 VM(XEN MEMORY_CPUS "twofold,max-memory=\"lots and lots\"\n" KERNEL),
	 "/chosen/vm: twofold,max-memory: must be a limit in KiB, one or two "
	 "cells: at least 1 MiB, a multiple of 4 KiB"},
	{"a limit in which no guest can live",
	 VM(MEMORY_CPUS "twofold,max-memory=0\n" XEN KERNEL),
	 "/chosen/vm: twofold,max-memory: must be a limit in KiB, one or two "
	 "cells: at least 1 MiB, a multiple of 4 KiB"},
	{"a limit that is no number of pages",
	 VM(MEMORY_CPUS "twofold,max-memory=1026\n" XEN KERNEL),
	 "/chosen/vm: twofold,max-memory: must be a limit in KiB, one or two "
	 "cells: at least 1 MiB, a multiple of 4 KiB"},
	{"a limit that limits nothing",
	 VM(MEMORY_CPUS "twofold,max-memory=0x80004\n" XEN KERNEL),
	 "/chosen/vm: twofold,max-memory: 524292 KiB: more than the VM's "
	 "memory"},
	{"a limit larger than the board's memory",
	 VM(XEN "memory=0,0x200000\ncpus=1\ntwofold,max-memory=0x100004\n"
	    KERNEL),
	 "/chosen/vm: memory: 1048580 KiB: the board has only 1024 MiB for "
	 "VMs"},
	{"no memory for tables",
	 VM(MEMORY_CPUS "twofold,max-table-memory=32\n" XEN KERNEL),
	 "/chosen/vm: twofold,max-table-memory: must be a limit in KiB, one or "
	 "two cells: at least 64 KiB, a multiple of 4 KiB"},

	{"a flag with a value",
	 "twofold,stats=\"no\"\n" VM(GOOD),
	 "/chosen: twofold,stats: must be without a value; leave it out for no"},
	{"another flag with a value",
	 "twofold,icount=0\n" VM(GOOD),
	 "/chosen: twofold,icount: must be without a value; leave it out for "
	 "no"},
	{"shared memory whose flag has a value",
	 VM(GOOD SHARED(RING "twofold,read-only=\"yes\"\n",
			"0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: twofold,read-only: must be without a value; leave it "
	 "out for no"},
	{"shared memory without a name",
	 VM(GOOD SHARED("", "0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: xen,shm-id: must be a name of 1 to 63 characters"},
	{"shared memory with a long name",
	 VM(GOOD SHARED(ID("0123456789012345678901234567890123456789012345678901"
			   "234567890123"),
			"0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: xen,shm-id: must be a name of 1 to 63 characters"},
	{"shared memory with a property that is none",
	 VM(GOOD SHARED(RING "xen,offset=1\n", "0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: xen,offset: unknown property: shared memory has "
	 "xen,shm-id, xen,shared-mem, role, twofold,read-only"},
	{"a role that is none",
	 VM(GOOD SHARED(RING "role=\"thief\"\n", "0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: role: must be owner or borrower"},
	{"a host address",
	 VM(GOOD SHARED(RING, "0,0x50000000,0,0x70000000,0,0x1000")),
	 "/chosen/vm/shm: xen,shared-mem: a host address is not supported: "
	 "leave it out"},
	{"a range that is cut off", VM(GOOD SHARED(RING, "0,0x70000000,0")),
	 "/chosen/vm/shm: xen,shared-mem: must be the guest's address, 2 "
	 "cells, and the size in bytes, 2"},
	{"a size of 0", VM(GOOD SHARED(RING, "0,0x70000000,0,0")),
	 "/chosen/vm/shm: xen,shared-mem: 0x0 bytes at 0x70000000: must be whole "
	 "granules of 0x1000"},
	{"half a page", VM(GOOD SHARED(RING, "0,0x70000800,0,0x1000")),
	 "/chosen/vm/shm: xen,shared-mem: 0x1000 bytes at 0x70000800: must be "
	 "whole granules of 0x1000"},
	{"half a granule",
	 VM(XEN MEMORY_CPUS "twofold,stage2-granule=65536\n" KERNEL
	    SHARED(RING, "0,0x70000000,0,0x8000")),
	 "/chosen/vm/shm: xen,shared-mem: 0x8000 bytes at 0x70000000: must be "
	 "whole granules of 0x10000"},
	{"a range that wraps around",
	 VM(GOOD SHARED(RING, "0xffffffff,0xfffff000,0,0x2000")),
	 "/chosen/vm/shm: xen,shared-mem: 0x2000 bytes at 0xfffffffffffff000: "
	 "beyond the last address"},
	{"over RAM", VM(GOOD SHARED(RING, "0,0x5ffff000,0,0x1000")),
	 "/chosen/vm/shm: xen,shared-mem: 0x5ffff000: devices and RAM of the "
	 "VM reach up to 0x60000000"},
	{"over a device", VM(GOOD SHARED(RING, "0,0x09000000,0,0x1000")),
	 "/chosen/vm/shm: xen,shared-mem: 0x9000000: devices and RAM of the VM "
	 "reach up to 0x60000000"},
	{"two sizes",
	 "a {\n" GOOD SHARED(RING, "0,0x70000000,0,0x1000") "}\n"
	 "b {\n" XEN "memory=0,0x8000\ncpus=1\n" KERNEL
	 SHARED(RING, "0,0x70000000,0,0x2000") "}\n",
	 "/chosen/b/shm: xen,shared-mem: 0x2000 bytes: another VM's ring has "
	 "0x1000"},
	{"two owners",
	 "a {\n" GOOD SHARED(RING OWNER, "0,0x70000000,0,0x1000") "}\n"
	 "b {\n" XEN "memory=0,0x8000\ncpus=1\n" KERNEL
	 SHARED(RING OWNER, "0,0x70000000,0,0x1000") "}\n",
	 "/chosen/b/shm: role: ring has an owner already"},
	{"a region twice",
	 VM(GOOD SHARED(RING, "0,0x70000000,0,0x1000")
		 "s2 {\ncompatible=\"xen,domain-shared-memory-v1\"\n" RING
		 "xen,shared-mem=0,0x71000000,0,0x1000\n}\n"),
	 "/chosen/vm/s2: xen,shm-id: the VM has ring already"},
	{"two regions in one place",
	 VM(GOOD SHARED(RING, "0,0x70000000,0,0x2000")
		 "s2 {\ncompatible=\"xen,domain-shared-memory-v1\"\n" ID("x")
		 "xen,shared-mem=0,0x70001000,0,0x1000\n}\n"),
	 "/chosen/vm/s2: xen,shared-mem: 0x1000 bytes at 0x70001000 overlap "
	 "ring"},
	{"more shared memory than the board has",
	 VM(GOOD SHARED(RING, "0,0x70000000,0,0x20001000")),
	 "/chosen/vm/shm: xen,shared-mem: 524292 KiB: too much beside the VMs "
	 "before it: the board has only 1024 MiB for VMs"},
	{"two VMs of one name", VM(GOOD) VM(GOOD),
	 "/chosen/vm: two VMs have this name: each needs its own"},
};

static void every_mistake_is_refused_by_node_and_property(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		struct description d;
		struct vm_description vm[MAX_VMS];
		char why[DESCRIPTION_WHY_SIZE];
		void *fdt = tree(refused[i].chosen);

		if (parse(fdt, &d, vm, why) != -EINVAL ||
		    strcmp(why, refused[i].why))
			fail_msg("%s: \"%s\"", refused[i].shows, why);
		free(fdt);
	}
}

static void the_token_is_known_when_a_vm_is_refused(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *fdt = tree("twofold,status-token=\"tok\"\n" VM(XEN));

	assert_int_equal(parse(fdt, &d, vm, why), -EINVAL);
	assert_string_equal(d.status_token, "tok");
	free(fdt);
}

static void one_vm_more_than_there_is_room_for_is_refused(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE], text[8192];
	size_t n = 0;
	unsigned int i;
	void *fdt;

	for (i = 0; i <= MAX_VMS; i++)
		n += snprintf(text + n, sizeof(text) - n,
			      "v%u {\n" XEN "memory=0x4000\ncpus=1\n" KERNEL
			      "}\n",
			      i);
	fdt = tree(text);
	assert_int_equal(description_count(fdt), MAX_VMS + 1);
	assert_int_equal(parse(fdt, &d, vm, why), -EINVAL);
	assert_string_equal(why, "/chosen/v8: one VM too many: at most 8 are "
				 "possible");
	free(fdt);
}

/* Nothing a damaged tree holds may be followed out of it: the sanitizers look
 * on while every byte of a good one is spoilt. */
static void no_damage_to_the_tree_does_harm(void **state)
{
	struct description d;
	struct vm_description vm[MAX_VMS];
	char why[DESCRIPTION_WHY_SIZE];
	void *good = tree("twofold,status-token=\"t\"\n" VM(GOOD));
	size_t size = fdt_totalsize(good), at;
	static const u8 flip[] = {0x01, 0x80, 0xff};
	unsigned int i;

	for (at = 0; at < size; at++) {
		for (i = 0; i < ARRAY_SIZE(flip); i++) {
			u8 *fdt = malloc(size);

			memcpy(fdt, good, size);
			fdt[at] ^= flip[i];
			if (!fdt_validate(fdt, size)) {
				description_count(fdt);
				parse(fdt, &d, vm, why);
			}
			free(fdt);
		}
	}
	free(good);
}

static void a_path_longer_than_the_message_is_cut(void **state)
{
	void *fdt = tree("node-with-a-name-of-many-characters-in-it {\n}\n");
	int node = fdt_path_offset(
		fdt, "/chosen/node-with-a-name-of-many-characters-in-it");
	char why[32];

	assert_int_equal(description_refuse(fdt, node, "p", why, sizeof(why),
					    "text"),
			 -EINVAL);
	assert_string_equal(why, "node-with-a-name-of-many-charac");
	free(fdt);
}

static void sizes_are_written_in_the_largest_unit_that_is_exact(void **state)
{
	char buf[DESCRIPTION_SIZE_LEN];

	assert_string_equal(description_size(buf, 0), "0 KiB");
	assert_string_equal(description_size(buf, 7), "7 bytes");
	assert_string_equal(description_size(buf, 4096), "4 KiB");
	assert_string_equal(description_size(buf, 512 * SZ_1M), "512 MiB");
	assert_string_equal(description_size(buf, SZ_1M + 1024), "1025 KiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vm_with_everything_is_read),
		cmocka_unit_test(
			options_are_off_and_ramdisk_and_bootargs_empty_unless_given),
		cmocka_unit_test(xens_addresses_of_one_and_two_cells_are_read),
		cmocka_unit_test(
			limits_are_read_and_are_what_the_board_must_have),
		cmocka_unit_test(a_limit_on_tables_has_room_for_every_vcpu),
		cmocka_unit_test(shared_memory_is_read_as_xen_writes_it),
		cmocka_unit_test(a_region_has_the_largest_granule_of_its_vms),
		cmocka_unit_test(a_region_too_many_is_refused),
		cmocka_unit_test(vms_may_share_a_module),
		cmocka_unit_test(
			a_module_may_lie_in_two_ranges_of_ram_that_touch),
		cmocka_unit_test(
			every_module_is_listed_for_whoever_hands_out_memory),
		cmocka_unit_test(every_mistake_is_refused_by_node_and_property),
		cmocka_unit_test(the_token_is_known_when_a_vm_is_refused),
		cmocka_unit_test(one_vm_more_than_there_is_room_for_is_refused),
		cmocka_unit_test(no_damage_to_the_tree_does_harm),
		cmocka_unit_test(a_path_longer_than_the_message_is_cut),
		cmocka_unit_test(
			sizes_are_written_in_the_largest_unit_that_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
