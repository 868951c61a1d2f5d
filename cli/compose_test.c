// SPDX-License-Identifier: BSD-2-Clause
// link: cli/compose.c cli/plan.c cli/source.c cli/kernel.c cli/gunzip.c
// link: cli/file.c cli/undo.c cli/report.c cli/size.c cli/child.c cli/board.c
// link: cli/board_virt.c cli/board_vexpress.c cli/board_zcu102.c
// link: vmm/image.c vmm/description.c vmm/description_shared.c
// link: lib/fdt.c lib/printf.c libfdt
// link: arch/armcommon/stage2_choose.c arch/mips/gpa_choose.c
// link: pgtable/format_mips.c cli/board_malta.c vmm/fdt_writer.c
// link: cli/any_cpu.c cli/kind.c pgtable/format_arm64.c
// flags: -D_GNU_SOURCE -lz
/*
 * What is composed is read back by the hypervisor's own parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>

#include "cli/board.h"
#include "cli/compose.h"
#include "cli/file.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/undo.h"
#include "lib/fdt.h"
#include "lib/util.h"
#include "vmm/description.h"

#define TREE_SIZE 65536
#define MAX_VMS 4

static const struct token token = { "0123456789abcdefghijklmn" };
static const char code[] = "\x7f\x20\x03\xd5";

static char board_tree[TREE_SIZE];
static const char *kernel_file, *ramdisk_file;

/* A board with a /chosen of its own, a node inside it and a reservation. */
static int make_board(void **state)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(0x40000000),
				 cpu_to_fdt64(0x40000000) };
	void *t = board_tree;

	fdt_create(t, TREE_SIZE);
	fdt_add_reservemap_entry(t, 0x48000000, 0x1000);
	fdt_finish_reservemap(t);
	fdt_begin_node(t, "");
	fdt_property_u32(t, "#address-cells", 2);
	fdt_property_u32(t, "#size-cells", 2);
	fdt_begin_node(t, "chosen");
	fdt_property_string(t, "stdout-path", "/uart");
	fdt_property_u32(t, "#address-cells", 1);
	fdt_begin_node(t, "framebuffer");
	fdt_end_node(t);
	fdt_end_node(t);
	fdt_begin_node(t, "memory@40000000");
	fdt_property_string(t, "device_type", "memory");
	fdt_property(t, "reg", reg, sizeof(reg));
	fdt_end_node(t);
	fdt_end_node(t);
	assert_int_equal(fdt_finish(t), 0);
	kernel_file = file_write_temporary("kernel", code, sizeof(code));
	ramdisk_file = file_write_temporary("ramdisk", "ramdisk", 7);
	return !kernel_file || !ramdisk_file;
}

static struct settings settings_of_one_vm(void)
{
	return (struct settings){
		.operand = kernel_file,
		.name = "one",
		.memory = 64 * SZ_1M,
		.cpus = 3,
		.initrd = ramdisk_file,
		.append = "console=ttyAMA0 quiet",
		.board = &board_virt,
		.stats = true,
	};
}

static void add_vm(void *t, const char *name)
{
	fdt_begin_node(t, name);
	fdt_property_string(t, "compatible", "xen,domain");
	fdt_property_u64(t, "memory", 32 * 1024);
	fdt_property_u32(t, "cpus", 1);
	fdt_begin_node(t, "kernel");
	fdt_property_string(t, "compatible", "multiboot,kernel");
	fdt_property_string(t, "twofold,file", kernel_file);
	fdt_end_node(t);
	fdt_end_node(t);
}

static void read_back(const void *fdt, struct description *d,
		      struct vm_description *vms)
{
	char why[DESCRIPTION_WHY_SIZE] = "";

	assert_int_equal(fdt_validate(fdt, fdt_totalsize(fdt)), 0);
	if (description_parse(fdt, SZ_1G, d, vms, MAX_VMS, why, sizeof(why)))
		fail_msg("%s", why);
}

static void a_vm_of_options_is_read_back(void **state)
{
	struct settings s = settings_of_one_vm();
	struct vm_description vms[MAX_VMS];
	void *description, *composed;
	struct description d;
	struct plan plan;

	assert_int_equal(source_from_settings(&s, &description), 0);
	assert_int_equal(plan_read(description, &s, &plan), 0);
	assert_int_equal(plan_memory(&plan), 64 * SZ_1M);
	assert_int_equal(plan_cpus(&plan), 3);
	plan.payloads[0].address = 0x50080000;
	plan.payloads[1].address = 0x52000000;
	assert_int_equal(compose(board_tree, &plan, &token, &composed), 0);
	assert_int_equal(compose_check(composed, &plan, SZ_1G), 0);
	read_back(composed, &d, vms);
	assert_int_equal(d.vm_count, 1);
	assert_true(d.stats);
	assert_false(d.icount);
	assert_string_equal(d.status_token, token.text);
	assert_string_equal(vms[0].name, "one");
	assert_int_equal(vms[0].memory, 64 * SZ_1M);
	assert_int_equal(vms[0].cpus, 3);
	assert_string_equal(vms[0].bootargs, "console=ttyAMA0 quiet");
	assert_int_equal(vms[0].kernel.pa.v, 0x50080000);
	assert_int_equal(vms[0].kernel.size, sizeof(code));
	assert_int_equal(vms[0].ramdisk.pa.v, 0x52000000);
	assert_int_equal(vms[0].ramdisk.size, 7);
	free(composed);
	plan_free(&plan);
	free(description);
}

static void vms_keep_their_order_and_share_their_file(void **state)
{
	struct settings s = { .operand = "/x.dts", .is_description = true,
			      .board = &board_virt };
	struct vm_description vms[MAX_VMS];
	struct description d;
	char t[TREE_SIZE];
	struct plan plan;
	void *composed;

	fdt_create(t, TREE_SIZE);
	fdt_finish_reservemap(t);
	fdt_begin_node(t, "");
	fdt_begin_node(t, "chosen");
	fdt_property(t, "twofold,icount", "", 0);
	add_vm(t, "zebra");
	add_vm(t, "ant");
	fdt_end_node(t);
	fdt_end_node(t);
	assert_int_equal(fdt_finish(t), 0);
	assert_int_equal(plan_read(t, &s, &plan), 0);
	assert_int_equal(plan.module_count, 2);
	assert_int_equal(plan.payload_count, 1);
	plan.payloads[0].address = 0x50000000;
	assert_int_equal(compose(board_tree, &plan, &token, &composed), 0);
	read_back(composed, &d, vms);
	assert_true(d.icount);
	assert_string_equal(vms[0].name, "zebra");
	assert_string_equal(vms[1].name, "ant");
	assert_int_equal(vms[0].kernel.pa.v, vms[1].kernel.pa.v);
	free(composed);
	plan_free(&plan);
}

static void the_rest_of_the_board_stays_as_it_is(void **state)
{
	struct settings s = settings_of_one_vm();
	void *description, *composed;
	uint64_t base, size;
	struct plan plan;
	int chosen;

	assert_int_equal(source_from_settings(&s, &description), 0);
	assert_int_equal(plan_read(description, &s, &plan), 0);
	assert_int_equal(compose(board_tree, &plan, &token, &composed), 0);
	assert_int_equal(fdt_num_mem_rsv(composed), 1);
	assert_int_equal(fdt_get_mem_rsv(composed, 0, &base, &size), 0);
	assert_int_equal(base, 0x48000000);
	chosen = fdt_path_offset(composed, "/chosen");
	assert_string_equal(fdt_getprop(composed, chosen, "stdout-path", NULL),
			    "/uart");
	assert_int_equal(fdt_u32(composed, chosen, "#address-cells", 0), 2);
	assert_true(fdt_path_offset(composed, "/chosen/framebuffer") > 0);
	assert_true(fdt_path_offset(composed, "/memory@40000000") > 0);
	free(composed);
	plan_free(&plan);
	free(description);
}

static void tokens_differ_and_are_one_word(void **state)
{
	struct token a, b;

	assert_int_equal(token_make(&a), 0);
	assert_int_equal(token_make(&b), 0);
	assert_int_equal(strlen(a.text), TOKEN_LENGTH);
	assert_string_not_equal(a.text, b.text);
	for (size_t i = 0; i < TOKEN_LENGTH; i++)
		assert_true(a.text[i] > ' ' && a.text[i] <= 'z');
}

static int remove_files(void **state)
{
	undo_all();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vm_of_options_is_read_back),
		cmocka_unit_test(vms_keep_their_order_and_share_their_file),
		cmocka_unit_test(the_rest_of_the_board_stays_as_it_is),
		cmocka_unit_test(tokens_differ_and_are_one_word),
	};

	return cmocka_run_group_tests(tests, make_board, remove_files);
}
