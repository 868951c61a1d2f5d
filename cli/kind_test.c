// SPDX-License-Identifier: BSD-2-Clause
// link: cli/kind.c cli/file.c cli/undo.c cli/report.c vmm/image.c lib/printf.c
// link: libfdt
// flags: -D_GNU_SOURCE -lz
/* Kernels say what CPUs they are for, and a description's agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <libfdt.h>
#include <zlib.h>

#include "cli/file.h"
#include "cli/kind.h"
#include "cli/report.h"
#include "cli/undo.h"
#include "lib/util.h"

enum { RAW, ARM64, ARM, KERNELS };

static char *files[KERNELS];

/* A kernel of 1 KiB with the magic numbers of its kind. */
static void fill(unsigned char head[1024], int kind)
{
	memset(head, 0, 1024);
	if (kind == ARM64)
		memcpy(head + 56, "ARM\x64", 4);
	if (kind == ARM)
		memcpy(head + 0x24, "\x18\x28\x6f\x01", 4);
}

static int make_files(void **state)
{
	static const char *const names[] = { "raw", "Image", "zImage" };
	unsigned char head[1024];

	for (int i = 0; i < KERNELS; i++) {
		fill(head, i);
		files[i] = strdup(file_write_temporary(names[i], head, 1024));
	}
	return !files[RAW] || !files[ARM64] || !files[ARM];
}

static int remove_files(void **state)
{
	for (int i = 0; i < KERNELS; i++)
		free(files[i]);
	undo_all();
	return 0;
}

static void a_kernel_says_what_it_is_for(void **state)
{
	static const struct {
		int file;
		bool known;
		enum image_arch arch;
	} rows[] = {
		{ RAW, false, IMAGE_ARM64 },
		{ ARM64, true, IMAGE_ARM64 },
		{ ARM, true, IMAGE_ARM },
	};
	struct kernel_kind k;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		kernel_kind_of_file(files[rows[i].file], &k);
		assert_int_equal(k.known, rows[i].known);
		assert_int_equal(k.arch, rows[i].arch);
		assert_string_equal(k.name, files[rows[i].file]);
	}
}

static void a_packed_kernel_is_looked_into(void **state)
{
	unsigned char head[1024];
	struct kernel_kind k;
	const char *path = temporary_path("zImage.gz");
	gzFile f;

	assert_non_null(path);
	f = gzopen(path, "wb");
	fill(head, ARM);
	assert_int_equal(gzwrite(f, head, sizeof(head)), sizeof(head));
	gzclose(f);
	kernel_kind_of_file(path, &k);
	assert_true(k.known);
	assert_int_equal(k.arch, IMAGE_ARM);
	/* Cut off in gzip's own header. */
	for (off_t size = 12; size; size--) {
		assert_int_equal(truncate(path, size), 0);
		kernel_kind_of_file(path, &k);
		assert_false(k.known);
	}
}

static void what_is_no_file_is_not_known(void **state)
{
	const char *fifo = temporary_path("fifo");
	const char *rows[] = { "/", "/dev/null", "/does/not/exist", fifo };
	struct kernel_kind k;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		kernel_kind_of_file(rows[i], &k);
		assert_false(k.known);
	}
}

/* ---- Descriptions -------------------------------------------------------- */

static char tree[4096];

/* A VM "a" with kernel first, "b" with second; NULL: a module that names none. */
static void describe(const char *first, const char *second)
{
	const char *const kernels[] = { first, second };
	char name[] = "a";

	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_begin_node(tree, "chosen");
	for (int i = 0; i < 2; i++, name[0]++) {
		fdt_begin_node(tree, name);
		fdt_begin_node(tree, "kernel");
		fdt_property_string(tree, "compatible", "multiboot,kernel");
		if (kernels[i])
			fdt_property_string(tree, "twofold,file", kernels[i]);
		else
			fdt_property_u32(tree, "twofold,file", 0xffffffff);
		fdt_end_node(tree);
		/* Not a kernel, whatever it looks like. */
		fdt_begin_node(tree, "ramdisk");
		fdt_property_string(tree, "compatible", "multiboot,ramdisk");
		fdt_property_string(tree, "twofold,file", files[ARM]);
		fdt_end_node(tree);
		fdt_end_node(tree);
	}
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
}

static void the_kernels_of_a_description_say_it(void **state)
{
	struct kernel_kind k;

	describe(files[ARM64], files[ARM64]);
	assert_int_equal(kernel_kind_of_description(tree, "x.dts", &k), 0);
	assert_true(k.known);
	assert_int_equal(k.arch, IMAGE_ARM64);
	assert_non_null(strstr(k.name, "x.dts: /chosen/a/kernel: /"));
	describe(NULL, files[ARM]);
	assert_int_equal(kernel_kind_of_description(tree, "x.dts", &k), 0);
	assert_true(k.known);
	assert_int_equal(k.arch, IMAGE_ARM);
	describe(files[RAW], "nothere");
	assert_int_equal(kernel_kind_of_description(tree, "x.dts", &k), 0);
	assert_false(k.known);
}

static void a_file_is_relative_to_its_description(void **state)
{
	struct kernel_kind k;
	char dts[512];

	snprintf(dts, sizeof(dts), "%.*s/x.dts",
		 (int)(strrchr(files[ARM], '/') - files[ARM]), files[ARM]);
	describe(strrchr(files[ARM], '/') + 1, NULL);
	assert_int_equal(kernel_kind_of_description(tree, dts, &k), 0);
	assert_true(k.known);
}

static void kernels_for_different_cpus_are_refused(void **state)
{
	struct kernel_kind k;
	size_t length;
	char *said;
	FILE *stream = open_memstream(&said, &length);

	report_to(stream);
	describe(files[ARM64], files[ARM]);
	assert_int_equal(kernel_kind_of_description(tree, "x.dts", &k), 2);
	report_to(NULL);
	fclose(stream);
	assert_non_null(strstr(said, "x.dts: /chosen/b/kernel: "));
	assert_non_null(strstr(said, "is a 32-bit Arm kernel, and x.dts: /chosen/a/kernel: "));
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_says_what_it_is_for),
		cmocka_unit_test(a_packed_kernel_is_looked_into),
		cmocka_unit_test(what_is_no_file_is_not_known),
		cmocka_unit_test(the_kernels_of_a_description_say_it),
		cmocka_unit_test(a_file_is_relative_to_its_description),
		cmocka_unit_test(kernels_for_different_cpus_are_refused),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
