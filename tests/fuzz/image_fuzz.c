// SPDX-License-Identifier: BSD-2-Clause
// link: vmm/image.c lib/printf.c
// link: cli/kernel.c cli/file.c cli/report.c cli/undo.c
// flags: -fsanitize=fuzzer -D_GNU_SOURCE
// fuzz: -max_len=4096 -len_control=10
/*
 * Kernel images: four bytes that say how large module and memory are, then the
 * module. Nothing outside of the module is read; what is planned lies in the
 * guest's memory and in the module, and nothing is over anything else. The
 * command's reading of the same bytes, as a file, does not disagree.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "cli/kernel.h"
#include "cli/report.h"
#include "lib/errno.h"
#include "tests/fuzz/fuzz.h"
#include "vmm/image.h"

#define ARM_BASE 0x40000000ULL

static u64 base; /* of the guest's RAM */

struct module {
	const uint8_t *bytes;
	u64 real, size; /* what stands there; as told: zeros behind */
};

static void read_module(void *arg, u64 offset, void *buf, size_t len)
{
	struct module *m = arg;

	MUST(range_fits(offset, len, m->size));
	memset(buf, 0, len);
	if (offset < m->real)
		memcpy(buf, m->bytes + offset, min((u64)len, m->real - offset));
}

/* A zImage that tells what it unpacks to: neither that, from the start of RAM
 * on, nor its bss is to have anything else in it. */
static void check_zimage(const struct image *im, struct module *m)
{
	u32 head[0x40 / 4], tag[4], unpacked;

	if (im->kind != IMAGE_ZIMAGE || m->size < sizeof(head))
		return;
	read_module(m, 0, head, sizeof(head));
	if (head[0x34 / 4] != 0x45454545 ||
	    !range_fits(head[0x38 / 4], 20, m->size))
		return;
	read_module(m, head[0x38 / 4], tag, sizeof(tag));
	if (tag[1] != 0x5a534c4b || !range_fits(tag[2], 4, m->size))
		return;
	read_module(m, tag[2], &unpacked, 4);
	MUST(im->end - base >= (u64)unpacked + tag[3]);
	MUST(im->end - base >= (u64)unpacked + m->size);
}

static void check_plan(const struct image *im, struct module *m, u64 end)
{
	check_zimage(im, m);
	MUST(im->least && im->least <= im->end - base);
	MUST(im->segment_count <= IMAGE_MAX_SEGMENTS);
	MUST(im->end > base && im->end <= end);
	for (unsigned int i = 0; i < im->segment_count; i++) {
		const struct image_segment *s = &im->segment[i];

		MUST(s->gpa >= base && range_fits(s->gpa, s->memory, end));
		MUST(range_fits(s->offset, s->file, m->size));
		MUST(s->file <= s->memory && s->gpa + s->memory <= im->end);
		for (unsigned int k = 0; k < i; k++)
			MUST(!ranges_overlap(s->gpa, s->memory,
					     im->segment[k].gpa,
					     im->segment[k].memory));
	}
}

/* By bits that a changed size changes. */
static enum image_arch arch_for(u64 size)
{
	return !(size & 1) ? IMAGE_ARM64 : size & 2 ? IMAGE_MIPS : IMAGE_ARM;
}

static void check_place(const struct image *im, u64 size, u64 ramdisk, hpa_t pa)
{
	struct image_layout at;
	int r = image_place(im, base, size, pa, ramdisk, &at);

	MUST(!r || r == -ENOSPC);
	if (r)
		return;
	MUST(at.fdt >= im->end && at.fdt % SZ_64K == 0);
	MUST(range_fits(at.fdt, IMAGE_FDT_SIZE, base + size));
	if (!ramdisk)
		return;
	MUST(at.ramdisk >= im->end);
	MUST(range_fits(at.ramdisk, ramdisk, base + size));
	MUST(!ranges_overlap(at.ramdisk, ramdisk, at.fdt, IMAGE_FDT_SIZE));
	MUST((at.ramdisk ^ ALIGN_DOWN(pa.v, PAGE_SIZE)) % SZ_2M == 0);
}

/* As the command does, before anything is started. */
static void recognise(const uint8_t *data, size_t size, enum image_arch arch,
		      const struct image *im, int err)
{
	static int fd = -1;
	struct image image;
	int r;

	if (fd < 0)
		fd = memfd_create("kernel", 0);
	MUST(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	r = kernel_recognise("kernel", fd, size, arch, &image);
	if (r || err)
		return;
	MUST(image.kind == im->kind && kernel_block_offset(&image) < SZ_2M);
	/* A zImage goes where there is room for what it unpacks to. */
	MUST(image.kind == IMAGE_ZIMAGE || image.entry == im->entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct input in = {data, size};
	u64 ram = (1 + input_number(&in, 1)) * 4 * SZ_1M;
	u64 more = input_number(&in, 1) * 4 * SZ_4K;
	u64 ramdisk = input_number(&in, 2) * SZ_4K;
	struct module m = {in.data, in.left, in.left + more};
	struct image_source src = {arch_for(m.size), read_module, &m, m.size};
	struct image im;
	char why[256] = "";
	int err;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	report_to(nowhere);
	base = src.arch == IMAGE_MIPS ? 0 : ARM_BASE;
	err = image_plan(&src, base, ram, &im, why, sizeof(why));
	MUST(!err || err == -EINVAL);
	MUST(!err == !why[0] && memchr(why, 0, sizeof(why)));
	if (!err) {
		check_plan(&im, &m, base + ram);
		check_place(&im, ram, ramdisk, HPA(0x48000000 + more / 3));
	}
	if (in.left && !more)
		recognise(in.data, in.left, src.arch, &im, err);
	return 0;
}
