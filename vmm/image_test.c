// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/image.c lib/printf.c
/*
 * Images: which are recognised, where their parts go, and that no header
 * leads outside of the module or of the guest's memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "lib/util.h"
#include "vmm/image.h"

#define RAM 0x40000000ULL
#define RAM_SIZE (64 * SZ_1M)

struct module {
	u8 *bytes;
	u64 size;       /* as told */
	u64 real;       /* bytes that stand there; the rest reads as 0 */
};

static void read_module(void *arg, u64 offset, void *buf, size_t len)
{
	struct module *m = arg;

	assert_true(range_fits(offset, len, m->size));
	memset(buf, 0, len);
	if (offset < m->real)
		memcpy(buf, m->bytes + offset, min((u64)len, m->real - offset));
}

static enum image_arch arch = IMAGE_ARM64;

static int plan_in(struct module *m, u64 ram_size, struct image *im, char *why,
		   size_t size)
{
	struct image_source src = {
		.arch = arch, .read = read_module, .arg = m, .size = m->size};

	why[0] = '\0';
	return image_plan(&src, RAM, ram_size, im, why, size);
}

static int plan(struct module *m, struct image *im, char *why, size_t size)
{
	return plan_in(m, RAM_SIZE, im, why, size);
}

static void put(u8 *p, u64 v, int bytes)
{
	for (; bytes-- > 0; v >>= 8)
		*p++ = v;
}

static void linux_header(u8 *h, u64 text_offset, u64 image_size, u64 flags)
{
	memset(h, 0, 64);
	put(h + 8, text_offset, 8);
	put(h + 16, image_size, 8);
	put(h + 24, flags, 8);
	memcpy(h + 56, "ARM\x64", 4);
}

/* ---- Linux -------------------------------------------------------------- */

static void a_linux_image_goes_to_text_offset_and_keeps_its_bss_free(
	void **state)
{
	static const struct {
		u64 text_offset, image_size, flags, size;
		u64 entry, end;
		unsigned int page_size;
	} row[] = {
		/* Debian 12's kind: no offset, 4 KiB pages, anywhere. */
		{0, 0x2000000, 0xa, 0x1e00000, RAM, RAM + 0x2000000, SZ_4K},
		{0x80000, 0x100000, 0, 0x80000, RAM + 0x80000, RAM + 0x180000,
		 0},
		{0, 0x100000, 6, 0x80000, RAM, RAM + 0x100000, SZ_64K},
		/* A file longer than it says. */
		{0, 0x1000, 4, 0x3000, RAM, RAM + 0x3000, 0x4000},
		/* Before Linux 3.17, whatever its byte order. */
		{0x0000080000000000, 0, 0, 0x3000, RAM + 0x80000,
		 RAM + 0x83000, 0},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u8 h[64];
		struct module m = {h, row[i].size, sizeof(h)};
		struct image im;
		char why[200];

		linux_header(h, row[i].text_offset, row[i].image_size,
			     row[i].flags);
		assert_int_equal(plan(&m, &im, why, sizeof(why)), 0);
		assert_int_equal(im.kind, IMAGE_LINUX);
		assert_int_equal(im.entry, row[i].entry);
		assert_int_equal(im.start, row[i].entry);
		assert_int_equal(im.end, row[i].end);
		assert_int_equal(im.page_size, row[i].page_size);
		assert_int_equal(im.segment_count, 1);
		assert_int_equal(im.segment[0].file, row[i].size);
		assert_int_equal(im.segment[0].offset, 0);
	}
}

static void a_linux_image_that_cannot_run_is_refused(void **state)
{
	static const struct {
		u64 text_offset, image_size, flags;
		const char *why;
	} row[] = {
		{0, 0x1000, 1, "a big-endian kernel: guests must be "
			       "little-endian"},
		{0x123, 0x1000, 0, "the Image header is damaged: text_offset "
				   "0x123"},
		{RAM_SIZE, 0x1000, 0,
		 "the Image header is damaged: text_offset 0x4000000"},
		{~0ULL << 12, 0x1000, 0,
		 "the Image header is damaged: text_offset 0xfffffffffffff000"},
		{0, RAM_SIZE + 1, 0,
		 "0x4000001 bytes at 0x40000000 are outside of the VM's memory, "
		 "0x4000000 bytes at 0x40000000"},
		{0x1000, ~0ULL, 0,
		 "0xffffffffffffffff bytes at 0x40001000 are outside of the "
		 "VM's memory, 0x4000000 bytes at 0x40000000"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u8 h[64];
		struct module m = {h, 0x1000, sizeof(h)};
		struct image im;
		char why[200];

		linux_header(h, row[i].text_offset, row[i].image_size,
			     row[i].flags);
		assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
		assert_string_equal(why, row[i].why);
	}
}

/* ---- ELF ---------------------------------------------------------------- */

struct phdr {
	u32 type;
	u64 offset, vaddr, paddr, file, memory;
};

#define ELF_SIZE 0x3000

static void elf(u8 *e, u64 entry, const struct phdr *ph, unsigned int n)
{
	unsigned int i;

	memset(e, 0, ELF_SIZE);
	memcpy(e, "\x7f" "ELF\x02\x01\x01", 7);
	put(e + 16, 2, 2);
	put(e + 18, 183, 2);
	put(e + 24, entry, 8);
	put(e + 32, 64, 8);
	put(e + 54, 56, 2);
	put(e + 56, n, 2);
	for (i = 0; i < n; i++, ph++) {
		u8 *p = e + 64 + 56 * i;

		put(p, ph->type, 4);
		put(p + 8, ph->offset, 8);
		put(p + 16, ph->vaddr, 8);
		put(p + 24, ph->paddr, 8);
		put(p + 32, ph->file, 8);
		put(p + 40, ph->memory, 8);
	}
}

static void an_elf_file_is_loaded_by_its_program_headers(void **state)
{
	static const struct phdr ph[] = {
		{6, 64, 64, 64, 56, 56}, /* no PT_LOAD */
		{1, 0x1000, 0xffff000000080000, RAM + 0x80000, 0x800, 0x800},
		{1, 0, 0, 0, 0, 0}, /* nothing */
		{1, 0x1800, 0xffff000000080800, RAM + 0x80800, 0x100, 0x9000},
	};
	u8 e[ELF_SIZE];
	struct module m = {e, sizeof(e), sizeof(e)};
	struct image im;
	char why[200];

	elf(e, 0xffff000000080010, ph, ARRAY_SIZE(ph));
	assert_int_equal(plan(&m, &im, why, sizeof(why)), 0);
	assert_int_equal(im.kind, IMAGE_ELF);
	/* Entered where it is physically: the MMU is off. */
	assert_int_equal(im.entry, RAM + 0x80010);
	assert_int_equal(im.segment_count, 2);
	assert_int_equal(im.segment[0].gpa, RAM + 0x80000);
	assert_int_equal(im.segment[0].offset, 0x1000);
	assert_int_equal(im.segment[1].file, 0x100);
	assert_int_equal(im.segment[1].memory, 0x9000);
	assert_int_equal(im.start, RAM + 0x80000);
	assert_int_equal(im.end, RAM + 0x89800);
}

static void an_elf_file_that_cannot_be_loaded_is_refused(void **state)
{
	static const struct {
		const char *why;
		u64 entry;
		struct phdr ph[2];
	} row[] = {
		{"the ELF file is damaged or cut off: segment at 0x40000000",
		 RAM, {{1, 0x2fff, RAM, RAM, 2, 2}}},
		{"the ELF file is damaged or cut off: segment at 0x40000000",
		 RAM, {{1, ~0ULL, RAM, RAM, 2, 2}}},
		{"the ELF file is damaged or cut off: segment at 0x40000000",
		 RAM, {{1, 0, RAM, RAM, 3, 2}}},
		{"0x10 bytes at 0x0 are outside of the VM's memory, 0x4000000 "
		 "bytes at 0x40000000", 0, {{1, 0, 0, 0, 0x10, 0x10}}},
		{"0x10 bytes at 0xfffffffffffffff8 are outside of the VM's "
		 "memory, 0x4000000 bytes at 0x40000000",
		 ~7ULL, {{1, 0, ~7ULL, ~7ULL, 0x10, 0x10}}},
		{"0xffffffffffffffff bytes at 0x40000000 are outside of the "
		 "VM's memory, 0x4000000 bytes at 0x40000000",
		 RAM, {{1, 0, RAM, RAM, 0, ~0ULL}}},
		{"two segments overlap, at 0x40000000 and 0x40000fff", RAM,
		 {{1, 0, RAM, RAM, 0x10, 0x1000},
		  {1, 0, RAM + 0xfff, RAM + 0xfff, 0x10, 0x10}}},
		{"the ELF file's entry point 0x1234 is in no segment", 0x1234,
		 {{1, 0, RAM, RAM, 0x10, 0x10}}},
		{"an ELF file with nothing to load", RAM,
		 {{6, 0, RAM, RAM, 0x10, 0x10}}},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u8 e[ELF_SIZE];
		struct module m = {e, sizeof(e), sizeof(e)};
		struct image im;
		char why[200];

		elf(e, row[i].entry, row[i].ph, row[i].ph[1].type ? 2 : 1);
		assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
		assert_string_equal(why, row[i].why);
	}
}

static void a_damaged_elf_header_is_refused(void **state)
{
	static const struct {
		unsigned int at, bytes;
		u64 v;
		const char *why;
	} row[] = {
		{4, 1, 1, "a 32-bit ELF file: guests are arm64"},
		{16, 2, 1, "an ELF file, but no program: link it first"},
		{54, 2, 32, "the ELF header is damaged"},
		{56, 2, 0xffff,
		 "the ELF file is damaged or cut off: its program headers"},
		{32, 8, ELF_SIZE - 55,
		 "the ELF file is damaged or cut off: its program headers"},
		{32, 8, ~0ULL,
		 "the ELF file is damaged or cut off: its program headers"},
		{18, 2, 62, "an ELF file for x86-64: guests are arm64"},
		{18, 2, 243, "an ELF file for RISC-V: guests are arm64"},
		{18, 2, 40, "an ELF file for 32-bit Arm: guests are arm64"},
		{18, 2, 8, "an ELF file for MIPS: guests are arm64"},
		{18, 2, 999, "an ELF file for machine 999: guests are arm64"},
	};
	static const struct phdr ph = {1, 0x1000, RAM, RAM, 0x10, 0x10};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u8 e[ELF_SIZE];
		struct module m = {e, sizeof(e), sizeof(e)};
		struct image im;
		char why[200];

		elf(e, RAM, &ph, 1);
		put(e + row[i].at, row[i].v, row[i].bytes);
		assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
		assert_string_equal(why, row[i].why);
	}
}

static void a_big_endian_elf_file_is_named_by_its_machine(void **state)
{
	u8 e[64] = "\x7f" "ELF\x01\x02\x01";
	struct module m = {e, sizeof(e), sizeof(e)};
	struct image im;
	char why[200];

	e[19] = 20;
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "an ELF file for PowerPC: guests are arm64");
	e[19] = 183;
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "a big-endian ELF file: guests must be "
				 "little-endian");
}

static void more_segments_than_there_is_room_for_are_refused(void **state)
{
	struct phdr ph[IMAGE_MAX_SEGMENTS + 1];
	u8 e[ELF_SIZE];
	struct module m = {e, sizeof(e), sizeof(e)};
	struct image im;
	char why[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ph); i++)
		ph[i] = (struct phdr){1,	      0,   RAM + i * 0x1000,
				      RAM + i * 0x1000, 0x10, 0x10};
	elf(e, RAM, ph, IMAGE_MAX_SEGMENTS);
	assert_int_equal(plan(&m, &im, why, sizeof(why)), 0);
	elf(e, RAM, ph, ARRAY_SIZE(ph));
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "more than 16 segments to load");
}

/* ---- Others ------------------------------------------------------------- */

static void foreign_and_compressed_images_are_refused_by_name(void **state)
{
	static const struct {
		unsigned int at, len;
		const char *magic, *why;
	} row[] = {
		{0, 3, "\x1f\x8b\x08", "a gzip-compressed image: unpack it "
				       "first (`twofold run` does)"},
		{0, 6, "\xfd" "7zXZ", "an xz-compressed image: unpack it "
				      "first"},
		{0, 4, "\x28\xb5\x2f\xfd", "a zstd-compressed image: unpack it "
					   "first"},
		{4, 4, "zimg", "a compressed EFI image (vmlinuz.efi): give the "
			       "Image inside"},
		{0x202, 4, "HdrS", "an x86 kernel (bzImage): guests are "
				   "arm64"},
		{0x24, 4, "\x18\x28\x6f\x01", "a 32-bit Arm kernel (zImage): "
					      "guests are arm64"},
		{56, 4, "RSC\x05", "a RISC-V kernel (Image): guests are "
				   "arm64"},
		{0, 4, "\x27\x05\x19\x56", "a U-Boot image (uImage): give what "
					   "is inside"},
		{0, 4, "\xd0\x0d\xfe\xed", "a device tree or FIT image: give "
					   "the kernel"},
		{0, 6, "070701", "a cpio archive: a ramdisk, not a kernel"},
		{0, 9, "#!/bin/sh", "a script: give the kernel's Image"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u8 b[0x400] = "MZ";
		struct module m = {b, sizeof(b), sizeof(b)};
		struct image im;
		char why[200];

		memcpy(b + row[i].at, row[i].magic, row[i].len);
		assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
		assert_string_equal(why, row[i].why);
	}
}

static void anything_else_is_a_raw_binary_at_0x80000(void **state)
{
	u8 b[4] = {0, 0, 0, 0x14};
	struct module m = {b, sizeof(b), sizeof(b)};
	struct image im;
	char why[200];

	assert_int_equal(plan(&m, &im, why, sizeof(why)), 0);
	assert_int_equal(im.kind, IMAGE_RAW);
	assert_int_equal(im.entry, RAM + 0x80000);
	assert_int_equal(im.end, RAM + 0x80004);
	assert_int_equal(im.segment[0].file, 4);
}

static void a_raw_binary_that_is_too_large_or_empty_is_refused(void **state)
{
	u8 b[4] = {0};
	struct module m = {b, RAM_SIZE - 0x80000 + 1, sizeof(b)};
	struct image im;
	char why[200];

	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "0x3f80001 bytes at 0x40080000 are outside of "
				 "the VM's memory, 0x4000000 bytes at "
				 "0x40000000");
	m.size = 0;
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "the kernel is empty");
}

/* Random headers: every plan that is accepted keeps to the module and to the
 * memory (read_module() holds the reads to it). */
static void no_header_leads_outside(void **state)
{
	u8 e[512];
	unsigned int round, i;
	u32 seed = 1;

	for (round = 0; round < 20000; round++) {
		struct module m = {e, sizeof(e), sizeof(e)};
		struct image im;
		char why[200];
		static const struct phdr ph[] = {
			{1, 0x100, RAM, RAM, 0x80, 0x100},
			{1, 0x180, RAM + 0x100, RAM + 0x100, 0x80, 0x100},
		};
		u8 full[ELF_SIZE];

		elf(full, RAM, ph, 2);
		memcpy(e, full, sizeof(e));
		if (round & 1)
			linux_header(e, 0, 0x10000, 0);
		for (i = 0; i < 4; i++) {
			seed = seed * 1664525 + 1013904223;
			e[8 + (seed >> 24) % 200] = seed >> 16;
		}
		if (plan(&m, &im, why, sizeof(why)))
			continue;
		assert_true(im.segment_count <= IMAGE_MAX_SEGMENTS);
		for (i = 0; i < im.segment_count; i++) {
			const struct image_segment *s = &im.segment[i];

			assert_true(range_fits(s->offset, s->file, m.size));
			assert_true(s->gpa >= RAM);
			assert_true(range_fits(s->gpa - RAM, s->memory,
					       RAM_SIZE));
			assert_true(s->file <= s->memory);
		}
	}
}

/* ---- What stands beside it ---------------------------------------------- */

static void ramdisk_and_device_tree_find_room(void **state)
{
	static const struct {
		const char *shows;
		u64 ram_size, end, pa, size;
		int err;
		u64 ramdisk, fdt;
	} row[] = {
		{"half of a small memory is left to the kernel", 64 * SZ_1M,
		 RAM + SZ_2M, 0, 0, 0, 0, RAM + 32 * SZ_1M},
		{"128 MiB of a large one", SZ_1G, RAM + SZ_2M, 0, 0, 0, 0,
		 RAM + 128 * SZ_1M},
		{"the ramdisk is congruent to its module", SZ_1G, RAM + SZ_2M,
		 0x53333000, 0x100001, 0, RAM + 128 * SZ_1M + 0x133000,
		 RAM + 128 * SZ_1M + 0x240000},
		{"a large kernel pushes them up", SZ_1G, RAM + 200 * SZ_1M + 1,
		 0x50000000, SZ_1M, 0, RAM + 202 * SZ_1M, RAM + 203 * SZ_1M},
		{"what does not fit behind the middle goes behind the kernel",
		 64 * SZ_1M, RAM + SZ_2M, 0x50000000, 40 * SZ_1M, 0,
		 RAM + SZ_2M, RAM + 42 * SZ_1M},
		{"a module that is not page aligned", SZ_1G, RAM + SZ_2M,
		 0x50000123, SZ_1M, 0, RAM + 128 * SZ_1M,
		 RAM + 129 * SZ_1M},
		{"no room for the ramdisk", 64 * SZ_1M, RAM + 32 * SZ_1M, 0,
		 33 * SZ_1M, -ENOSPC, 0, 0},
		{"no room for the device tree", 64 * SZ_1M, RAM + 32 * SZ_1M, 0,
		 32 * SZ_1M, -ENOSPC, 0, 0},
		{"a kernel that fills all", 64 * SZ_1M, RAM + 64 * SZ_1M, 0, 0,
		 -ENOSPC, 0, 0},
		{"room to the last byte", 64 * SZ_1M,
		 RAM + 64 * SZ_1M - IMAGE_FDT_SIZE, 0, 0, 0, 0,
		 RAM + 64 * SZ_1M - IMAGE_FDT_SIZE},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct image im = {.start = RAM, .end = row[i].end};
		struct image_layout l;
		int err = image_place(&im, RAM, row[i].ram_size,
				      HPA(row[i].pa), row[i].size, &l);

		if (err != row[i].err)
			fail_msg("%s: %d", row[i].shows, err);
		if (err)
			continue;
		if (l.fdt != row[i].fdt ||
		    (row[i].size && l.ramdisk != row[i].ramdisk))
			fail_msg("%s: ramdisk %#llx, fdt %#llx", row[i].shows,
				 l.ramdisk,
				 l.fdt);
	}
}

/* ---- 32-bit Arm (K33) ------------------------------------------------------ */

static int arm_set_up(void **state)
{
	arch = IMAGE_ARM;
	return 0;
}

static int arm_tear_down(void **state)
{
	arch = IMAGE_ARM64;
	return 0;
}

static void zimage_header(u8 *h, u32 start, u32 end)
{
	memset(h, 0, 0x30);
	put(h + 0x24, 0x016f2818, 4);
	put(h + 0x28, start, 4);
	put(h + 0x2c, end, 4);
}

static void a_zimage_has_room_below_it_to_unpack(void **state)
{
	static const struct {
		u64 ram, size;
		u32 start, end;
		u64 entry, memory;
	} row[] = {
		{256 * SZ_1M, 0x500000, 0, 0x500000, 32 * SZ_1M, 0x500000},
		{128 * SZ_1M, 0x500000, 0x8000, 0x608000, 32 * SZ_1M, 0x600000},
		/* Too small a VM for that: the kernel moves itself. */
		{64 * SZ_1M, 0x500000, 0, 0x400000, 0x8000, 0x500000},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u8 h[0x30];
		struct module m = {h, row[i].size, sizeof(h)};
		struct image im;
		char why[200];

		zimage_header(h, row[i].start, row[i].end);
		assert_int_equal(plan_in(&m, row[i].ram, &im, why, sizeof(why)),
				 0);
		assert_int_equal(im.kind, IMAGE_ZIMAGE);
		assert_int_equal(im.entry, RAM + row[i].entry);
		assert_int_equal(im.segment_count, 1);
		assert_int_equal(im.segment[0].memory, row[i].memory);
		assert_int_equal(im.segment[0].file, row[i].size);
	}
}

/*
 * A zImage's tag table, at byte 0x40 of it: of `words` words, the last two of
 * which came with Linux 5.11. The unpacked size stands behind what is packed.
 */
static void zimage_tag(u8 *h, u32 words, u32 unpacked)
{
	put(h + 0x30, 0x04030201, 4);
	put(h + 0x34, 0x45454545, 4);
	put(h + 0x38, 0x40, 4);
	put(h + 0x40, words, 4);
	put(h + 0x44, 0x5a534c4b, 4);
	put(h + 0x48, 0x60, 4);
	put(h + 0x4c, 5 * SZ_1M, 4);
	put(h + 0x50, words > 4 ? 0x8000 : 0, 4);
	put(h + 0x54, words > 4 ? SZ_64K : 0, 4);
	put(h + 0x60, unpacked, 4);
}

/* Where it unpacks to, and where it moves to meanwhile, is kept free. */
static void a_zimage_in_small_memory_keeps_what_it_unpacks_to(void **state)
{
	static const struct {
		const char *shows;
		u64 ram, size, ramdisk;
		u32 words, unpacked;
		u64 used; /* 0: refused */
		u64 fdt;
	} row[] = {
		{"behind the kernel that moves itself", 40 * SZ_1M, 6 * SZ_1M,
		 0, 6, 20 * SZ_1M, 26 * SZ_1M + 0x28000, 26 * SZ_1M + 0x30000},
		{"behind its bss, which is larger", 40 * SZ_1M, SZ_1M, 0, 6,
		 20 * SZ_1M, 25 * SZ_1M + 0x8000, 25 * SZ_1M + 0x10000},
		{"a table that does not tell the offset", 40 * SZ_1M, 6 * SZ_1M,
		 0, 4, 20 * SZ_1M, 28 * SZ_1M + 0x28000, 28 * SZ_1M + 0x30000},
		{"the ramdisk too", 40 * SZ_1M, 6 * SZ_1M, 8 * SZ_1M, 6,
		 20 * SZ_1M, 26 * SZ_1M + 0x28000, 36 * SZ_1M},
		{"what has room below it does not move", 256 * SZ_1M,
		 6 * SZ_1M, 0, 6, 20 * SZ_1M, 38 * SZ_1M + 0x20000,
		 128 * SZ_1M},
		{"too large for that room", 256 * SZ_1M, 6 * SZ_1M, 0, 6,
		 40 * SZ_1M, 46 * SZ_1M + 0x28000, 128 * SZ_1M},
		{"not enough memory", 26 * SZ_1M, 6 * SZ_1M, 0, 6, 20 * SZ_1M,
		 0, 0},
		{"nowhere near", 26 * SZ_1M, 6 * SZ_1M, 0, 6, ~0U, 0, 0},
		{"no tag: five times what is packed", 48 * SZ_1M, 6 * SZ_1M, 0,
		 0, 20 * SZ_1M, 30 * SZ_1M, 30 * SZ_1M},
		{"no tag: the device tree at the end", 28 * SZ_1M, 6 * SZ_1M, 0,
		 0, 0, 28 * SZ_1M - SZ_64K, 28 * SZ_1M - SZ_64K},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u8 h[0x64];
		struct module m = {h, row[i].size, sizeof(h)};
		struct image_layout at;
		struct image im;
		char why[200];
		int err;

		memset(h, 0, sizeof(h));
		zimage_header(h, 0, row[i].size);
		if (row[i].words)
			zimage_tag(h, row[i].words, row[i].unpacked);
		err = plan_in(&m, row[i].ram, &im, why, sizeof(why));
		if (err != (row[i].used ? 0 : -EINVAL))
			fail_msg("%s: %d", row[i].shows, err);
		if (err) {
			assert_non_null(strstr(why, "unpacked, the kernel takes"));
			continue;
		}
		assert_int_equal(image_place(&im, RAM, row[i].ram, HPA(0),
					     row[i].ramdisk, &at), 0);
		if (im.end - RAM != row[i].used || at.fdt - RAM != row[i].fdt)
			fail_msg("%s: used 0x%llx, fdt 0x%llx", row[i].shows,
				 im.end - RAM, at.fdt - RAM);
	}
}

/* A table that is not there counts as none. */
static void a_zimage_tag_that_is_damaged_is_not_followed(void **state)
{
	static const struct {
		u8 at;
		u32 value;
	} row[] = {
		{0x34, 0}, {0x38, 0x600000}, {0x38, ~0U}, {0x38, 0x5ffff0},
		{0x44, 0}, {0x48, 0x5ffffd}, {0x48, ~0U},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		u8 h[0x64];
		struct module m = {h, 6 * SZ_1M, sizeof(h)};
		struct image im;
		char why[200];

		memset(h, 0, sizeof(h));
		zimage_header(h, 0, m.size);
		zimage_tag(h, 6, 20 * SZ_1M);
		put(h + row[i].at, row[i].value, 4);
		assert_int_equal(plan_in(&m, 48 * SZ_1M, &im, why, sizeof(why)),
				 0);
		assert_int_equal(im.end, RAM + 30 * SZ_1M);
	}
}

static void an_elf_file_of_32_bits_is_loaded(void **state)
{
	u8 e[0x200] = "\x7f" "ELF\1\1\1";
	struct module m = {e, sizeof(e), sizeof(e)};
	struct image im;
	char why[200];

	put(e + 16, 2, 2);
	put(e + 18, 40, 2);
	put(e + 24, 0xc0000010, 4);
	put(e + 28, 52, 4);
	put(e + 42, 32, 2);
	put(e + 44, 1, 2);
	put(e + 52, 1, 4);
	put(e + 52 + 4, 0x100, 4);
	put(e + 52 + 8, 0xc0000000, 4);
	put(e + 52 + 12, RAM + 0x8000, 4);
	put(e + 52 + 16, 0x80, 4);
	put(e + 52 + 20, 0x1000, 4);
	assert_int_equal(plan(&m, &im, why, sizeof(why)), 0);
	assert_int_equal(im.kind, IMAGE_ELF);
	assert_int_equal(im.entry, RAM + 0x8010);
	assert_int_equal(im.segment[0].offset, 0x100);
	assert_int_equal(im.segment[0].file, 0x80);
	assert_int_equal(im.segment[0].memory, 0x1000);
	/* A segment that the file does not hold. */
	put(e + 52 + 16, 0x101, 4);
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	/* Of the other class. */
	put(e + 52 + 16, 0x80, 4);
	e[4] = 2;
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "a 64-bit ELF file: guests are 32-bit Arm");
}

static void what_is_for_the_other_width_is_refused_by_name(void **state)
{
	u8 h[64];
	struct module m = {h, 0x1000, sizeof(h)};
	struct image im;
	char why[200];

	linux_header(h, 0, 0x1000, 0xa);
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "an arm64 kernel (Image): guests are 32-bit Arm");
	memset(h, 0, sizeof(h));
	zimage_header(h, 0x2000, 0x1000);
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "zImage header is damaged"));
	arch = IMAGE_ARM64;
	assert_int_equal(plan(&m, &im, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "a 32-bit Arm kernel (zImage): guests are arm64");
}

/* ---- MIPS (K44) -------------------------------------------------------------- */

static int mips_set_up(void **state)
{
	arch = IMAGE_MIPS;
	return 0;
}

static int mips_plan(u8 *e, size_t size, struct image *im, char *why,
		     size_t why_size)
{
	struct module m = {e, size, size};
	struct image_source src = {
		.arch = arch, .read = read_module, .arg = &m, .size = size};

	return image_plan(&src, 0, 64 * SZ_1M, im, why, why_size);
}

#define MIPS_ELF_SIZE 0x200

/* Header and one segment of an ELF program. */
static void mips_elf(u8 *e, u32 address, u32 entry, u32 flags)
{
	memset(e, 0, MIPS_ELF_SIZE);
	memcpy(e, "\x7f" "ELF\1\1\1", 7);
	put(e + 16, 2, 2);
	put(e + 18, 8, 2);
	put(e + 24, entry, 4);
	put(e + 28, 52, 4);
	put(e + 36, flags, 4);
	put(e + 42, 32, 2);
	put(e + 44, 1, 2);
	put(e + 52, 1, 4);
	put(e + 52 + 4, 0x100, 4);
	put(e + 52 + 8, address, 4);
	put(e + 52 + 12, address, 4);
	put(e + 52 + 16, 0x80, 4);
	put(e + 52 + 20, 0x1000, 4);
}

/* A kernel is linked where it sees its memory, which is physical from 0 on. */
static void a_mips_kernel_is_loaded_below_where_it_runs(void **state)
{
	static const struct {
		u32 address;
		u64 gpa;
		u32 seen_at;
	} row[] = {
		{0x40100000, 0x100000, 0x40000000},
		{0x43ffe000, 0x3ffe000, 0x40000000},
		{0x80100000, 0x100000, 0x80000000},
		{0xa0100000, 0x100000, 0x80000000},
	};
	u8 e[MIPS_ELF_SIZE];
	struct image im;
	char why[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		mips_elf(e, row[i].address, row[i].address + 0x10, 0);
		assert_int_equal(mips_plan(e, sizeof(e), &im, why, sizeof(why)),
				 0);
		assert_int_equal(im.entry,
				 row[i].seen_at + 0x10 + row[i].gpa);
		assert_int_equal(im.segment[0].gpa, row[i].gpa);
	}
}

/* By e_flags, and by the lowest bits of the entry point. */
static void code_that_no_mips_guest_executes_is_refused(void **state)
{
	static const struct {
		u32 flags, entry;
		const char *what;
	} code[] = {
		{0x70001000, 1, "microMIPS or MIPS16"},
		{0x70001000, 2, "microMIPS or MIPS16"},
		{0x72001000, 0, "microMIPS or MIPS16"},
		{0x90001000, 0, "release 6"},
		{0xa0000000, 0, "release 6"},
		{0x60000020, 0, "64-bit"},
		{0x80000020, 0, "64-bit"},
		{0x20000000, 0, "64-bit"},
	};
	u8 e[MIPS_ELF_SIZE];
	struct image im;
	char why[200], wanted[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(code); i++) {
		mips_elf(e, 0x40100000, 0x40100000 + code[i].entry,
			 code[i].flags);
		assert_int_equal(mips_plan(e, sizeof(e), &im, why, sizeof(why)),
				 -EINVAL);
		snprintf(wanted, sizeof(wanted), "an ELF file of %s code: guests "
			 "are MIPS32, before release 6", code[i].what);
		assert_string_equal(why, wanted);
	}
}

static void a_mips_kernel_that_has_no_place_is_refused(void **state)
{
	/* In mapped segments, and where user-space programs are. */
	static const u32 nowhere[] = {0,	  0x00400000, 0x3fffe000, 0x60000000,
				      0x7fffe000, 0xc0000000, 0xc0100000};
	u8 e[MIPS_ELF_SIZE];
	struct image im;
	char why[200], wanted[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(nowhere); i++) {
		mips_elf(e, nowhere[i], nowhere[i], 0x70001001);
		assert_int_equal(mips_plan(e, sizeof(e), &im, why, sizeof(why)),
				 -EINVAL);
		snprintf(wanted, sizeof(wanted),
			 "an ELF file that starts at 0x%x: kernels are linked for "
			 "0x40000000 and up, or 0x80000000 and up", nowhere[i]);
		assert_string_equal(why, wanted);
	}
	/* Beyond its RAM. */
	mips_elf(e, 0x44000000, 0x44000000, 0x70001001);
	assert_int_equal(mips_plan(e, sizeof(e), &im, why, sizeof(why)),
			 -EINVAL);
	/* Another machine's. */
	put(e + 18, 40, 2);
	assert_int_equal(mips_plan(e, sizeof(e), &im, why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "an ELF file for 32-bit Arm: guests are MIPS32");
}

/* ---- Which CPUs an image names --------------------------------------------- */

static void an_image_names_its_cpus(void **state)
{
	static const struct {
		const char *shows;
		size_t size;
		u8 at;
		const char *bytes; /* 4 of them */
		bool known;
		enum image_arch arch;
	} row[] = {
		{"an arm64 Image", 64, 56, "ARM\x64", true, IMAGE_ARM64},
		{"its header cut off", 63, 56, "ARM\x64", false, 0},
		{"a zImage", 0x30, 0x24, "\x18\x28\x6f\x01", true, IMAGE_ARM},
		{"its header cut off", 0x2f, 0x24, "\x18\x28\x6f\x01", false, 0},
		{"an ELF file of nothing known", 64, 18, "\xff\xff\0\0", false, 0},
		{"for arm64", 64, 18, "\xb7\0\0\0", true, IMAGE_ARM64},
		{"for Arm", 64, 18, "\x28\0\0\0", true, IMAGE_ARM},
		{"for MIPS", 64, 18, "\x08\0\0\0", true, IMAGE_MIPS},
		{"for x86-64", 64, 18, "\x3e\0\0\0", false, 0},
		{"a raw binary", 4096, 0, "\x7f\x20\x03\xd5", false, 0},
	};
	u8 head[4096];

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		enum image_arch named = IMAGE_ARM64;
		bool known;

		memset(head, 0, sizeof(head));
		if (row[i].at == 18)
			memcpy(head, "\177ELF\2\1\1", 7);
		memcpy(head + row[i].at, row[i].bytes, 4);
		known = image_names_arch(head, row[i].size, &named);
		if (known != row[i].known || (known && named != row[i].arch))
			fail_msg("%s: %d, %d", row[i].shows, known, named);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_linux_image_goes_to_text_offset_and_keeps_its_bss_free),
		cmocka_unit_test(a_linux_image_that_cannot_run_is_refused),
		cmocka_unit_test(an_elf_file_is_loaded_by_its_program_headers),
		cmocka_unit_test(an_elf_file_that_cannot_be_loaded_is_refused),
		cmocka_unit_test(a_damaged_elf_header_is_refused),
		cmocka_unit_test(a_big_endian_elf_file_is_named_by_its_machine),
		cmocka_unit_test(
			more_segments_than_there_is_room_for_are_refused),
		cmocka_unit_test(
			foreign_and_compressed_images_are_refused_by_name),
		cmocka_unit_test(anything_else_is_a_raw_binary_at_0x80000),
		cmocka_unit_test(
			a_raw_binary_that_is_too_large_or_empty_is_refused),
		cmocka_unit_test(no_header_leads_outside),
		cmocka_unit_test(ramdisk_and_device_tree_find_room),
		cmocka_unit_test(an_image_names_its_cpus),
#define ARM(f) cmocka_unit_test_setup_teardown(f, arm_set_up, arm_tear_down)
		ARM(a_zimage_has_room_below_it_to_unpack),
		ARM(a_zimage_in_small_memory_keeps_what_it_unpacks_to),
		ARM(a_zimage_tag_that_is_damaged_is_not_followed),
		ARM(an_elf_file_of_32_bits_is_loaded),
		ARM(what_is_for_the_other_width_is_refused_by_name),
		cmocka_unit_test_setup_teardown(
			a_mips_kernel_is_loaded_below_where_it_runs,
			mips_set_up, arm_tear_down),
		cmocka_unit_test_setup_teardown(
			code_that_no_mips_guest_executes_is_refused,
			mips_set_up, arm_tear_down),
		cmocka_unit_test_setup_teardown(
			a_mips_kernel_that_has_no_place_is_refused,
			mips_set_up, arm_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
