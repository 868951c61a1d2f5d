// SPDX-License-Identifier: BSD-2-Clause
// link: cli/kernel.c cli/file.c cli/report.c cli/undo.c vmm/image.c lib/printf.c
// flags: -D_GNU_SOURCE
/*
 * What the command adds to the hypervisor's reading of kernels
 * (vmm/image_test.c): files that are certainly none, and Images cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/kernel.h"
#include "cli/report.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

static char *said;

/* Recognise these bytes as the file "k". */
static int recognise_for(enum image_arch arch, const void *bytes, size_t size,
			 struct image *image)
{
	int fd = memfd_create("k", 0), status;
	size_t length;
	FILE *stream;

	free(said);
	stream = open_memstream(&said, &length);
	assert_int_equal(write(fd, bytes, size), size);
	report_to(stream);
	status = kernel_recognise("k", fd, size, arch, image);
	report_to(NULL);
	fclose(stream);
	close(fd);
	return status;
}

static int recognise(const void *bytes, size_t size, struct image *image)
{
	return recognise_for(IMAGE_ARM64, bytes, size, image);
}

static int forget(void **state)
{
	free(said);
	said = NULL;
	return 0;
}

static void files_that_are_no_kernel_are_refused_by_name(void **state)
{
	static const struct {
		size_t at;
		const char *bytes, *name;
	} rows[] = {
		{ 0, "MZ", "an EFI or Windows program" },
		{ 0, "PK\003\004", "a zip archive" },
		{ 0, "!<arch>\n", "an archive or a Debian package" },
		{ 0, "QFI\xfb", "a qcow2 disk image" },
		{ 0x101, "ustar", "a tar archive" },
		{ 0x202, "HdrS", "an x86 kernel" },
		{ 0, "070701", "a cpio archive" },
	};
	struct image image;
	char bytes[1024];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes + rows[i].at, rows[i].bytes, strlen(rows[i].bytes));
		assert_int_equal(recognise(bytes, sizeof(bytes), &image), 2);
		assert_non_null(strstr(said, "k: is "));
		assert_non_null(strstr(said, rows[i].name));
	}
}

static void text_is_refused_and_a_short_program_is_not(void **state)
{
	static const unsigned char wfi[] = { 0x7f, 0x20, 0x03, 0xd5,
					     0xff, 0xff, 0xff, 0x17 };
	struct image image;

	assert_int_equal(recognise("not a kernel, surely\n", 21, &image), 2);
	assert_non_null(strstr(said, "a text file"));
	assert_int_equal(recognise(wfi, sizeof(wfi), &image), 0);
	assert_int_equal(image.kind, IMAGE_RAW);
	assert_int_equal(kernel_block_offset(&image), 0x80000);
	assert_int_equal(recognise("x", 1, &image), 0);
}

/* An Image with a PE header of one section, [0x200, 0x1000) of the file. */
static void put_image(unsigned char b[0x1000], u64 text_offset)
{
	memset(b, 0, 0x1000);
	memcpy(b, "MZ", 2);
	memcpy(b + 8, &text_offset, 8);
	memcpy(b + 16, &(u64){ 0x10000 }, 8);
	memcpy(b + 56, "ARM\x64", 4);
	memcpy(b + 0x3c, &(u32){ 0x40 }, 4);
	memcpy(b + 0x40, "PE\0\0", 4);
	memcpy(b + 0x46, &(u16){ 1 }, 2);
	memcpy(b + 0x54, &(u16){ 0x20 }, 2);
	memcpy(b + 0x78 + 16, &(u32){ 0xe00 }, 4);
	memcpy(b + 0x78 + 20, &(u32){ 0x200 }, 4);
}

static void an_image_that_is_cut_off_is_refused(void **state)
{
	unsigned char bytes[0x1000];
	struct image image;

	put_image(bytes, 0);
	assert_int_equal(recognise(bytes, 0x1000, &image), 0);
	assert_int_equal(image.end, GUEST_RAM_BASE + 0x10000);
	assert_int_equal(recognise(bytes, 0xfff, &image), 2);
	assert_non_null(strstr(said, "cut off: it has 4095 bytes of 4096"));
}

static void a_zimage_that_is_cut_off_is_refused(void **state)
{
	unsigned char bytes[0x1000] = { 0 };
	struct image image;

	memcpy(bytes + 0x24, "\x18\x28\x6f\x01", 4);
	memcpy(bytes + 0x28, &(u32){ 0x100 }, 4);
	memcpy(bytes + 0x2c, &(u32){ 0x1100 }, 4);
	/* Who is not Linux may count memory that is not in the file. */
	assert_int_equal(recognise_for(IMAGE_ARM, bytes, 0xfff, &image), 0);
	memset(bytes + 0x34, 0x45, 4);
	assert_int_equal(recognise_for(IMAGE_ARM, bytes, 0x1000, &image), 0);
	assert_int_equal(image.kind, IMAGE_ZIMAGE);
	assert_int_equal(recognise_for(IMAGE_ARM, bytes, 0xfff, &image), 2);
	assert_non_null(strstr(said, "a zImage that is cut off: it has 4095 bytes of 4096"));
}

static void a_damaged_section_table_reads_nothing_outside(void **state)
{
	static const size_t at[] = { 0x3c, 0x46, 0x54 };
	unsigned char bytes[0x1000];
	struct image image;

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		for (unsigned int value = 0; value < 0x10000; value += 0x333) {
			put_image(bytes, 0);
			memcpy(bytes + at[i], &(u16){ value }, 2);
			recognise(bytes, 0x1000, &image);
		}
	}
	put_image(bytes, 0);
	memcpy(bytes + 0x3c, &(u32){ 0xffffffff }, 4);
	assert_int_equal(recognise(bytes, 0x1000, &image), 0);
}

static void the_block_offset_follows_the_text_offset(void **state)
{
	unsigned char bytes[0x1000];
	struct image image;

	put_image(bytes, 0x80000);
	assert_int_equal(recognise(bytes, 0x1000, &image), 0);
	assert_int_equal(kernel_block_offset(&image), 0x80000);
	put_image(bytes, 0x280000);
	assert_int_equal(recognise(bytes, 0x1000, &image), 0);
	assert_int_equal(kernel_block_offset(&image), 0x80000);
}

#define TEST(f) cmocka_unit_test_teardown(f, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_that_are_no_kernel_are_refused_by_name),
		TEST(text_is_refused_and_a_short_program_is_not),
		TEST(an_image_that_is_cut_off_is_refused),
		TEST(a_zimage_that_is_cut_off_is_refused),
		TEST(a_damaged_section_table_reads_nothing_outside),
		TEST(the_block_offset_follows_the_text_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
