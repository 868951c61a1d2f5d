// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/image.h"

#include <stdarg.h>

#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"

#define RAW_OFFSET 0x80000 /* as QEMU and kvmtool place it */

/* As much of the head as any magic number needs, and the Image header. */
#define HEAD_SIZE 0x210

struct planner {
	const struct image_source *src;
	u64 ram, ram_size;
	struct image *out;
	u8 head[HEAD_SIZE]; /* zeros past the end of the module */
	char *why;
	size_t why_size;
};

static int refuse(struct planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct planner *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(p->why, p->why_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static u64 le(const u8 *p, int bytes)
{
	u64 v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

/* ---- Segments ----------------------------------------------------------- */

static int add_segment(struct planner *p, const struct image_segment *s)
{
	struct image *im = p->out;
	unsigned int i;

	if (s->gpa < p->ram ||
	    !range_fits(s->gpa - p->ram, s->memory, p->ram_size))
		return refuse(p,
			      "0x%llx bytes at 0x%llx are outside of the VM's "
			      "memory, 0x%llx bytes at 0x%llx",
			      (unsigned long long)s->memory,
			      (unsigned long long)s->gpa,
			      (unsigned long long)p->ram_size,
			      (unsigned long long)p->ram);
	for (i = 0; i < im->segment_count; i++) {
		const struct image_segment *o = &im->segment[i];

		if (ranges_overlap(s->gpa, s->memory, o->gpa, o->memory))
			return refuse(p,
				      "two segments overlap, at 0x%llx and "
				      "0x%llx",
				      (unsigned long long)o->gpa,
				      (unsigned long long)s->gpa);
	}
	if (im->segment_count == IMAGE_MAX_SEGMENTS)
		return refuse(p, "more than %d segments to load",
			      IMAGE_MAX_SEGMENTS);
	im->start = im->segment_count ? min(im->start, s->gpa) : s->gpa;
	im->end = max(im->end, s->gpa + s->memory);
	im->segment[im->segment_count++] = *s;
	return 0;
}

/* ---- Linux -------------------------------------------------------------- */

#define LINUX_MAGIC_AT 56
#define LINUX_FLAG_BE BIT64(0)

static bool is_linux(const struct planner *p)
{
	return p->src->size >= 64 &&
	       !memcmp(p->head + LINUX_MAGIC_AT, "ARM\x64", 4);
}

static int plan_linux(struct planner *p)
{
	static const unsigned int page_size[] = {0, SZ_4K, 0x4000, SZ_64K};
	u64 text_offset = le(p->head + 8, 8);
	u64 image_size = le(p->head + 16, 8);
	u64 flags = le(p->head + 24, 8);
	struct image_segment s = {.file = p->src->size};

	if (flags & LINUX_FLAG_BE)
		return refuse(p, "a big-endian kernel: guests must be "
				 "little-endian");
	/* Before Linux 3.17: no size, and an offset of unknown byte order. */
	if (!image_size)
		text_offset = RAW_OFFSET;
	if (!IS_ALIGNED(text_offset, SZ_4K) || text_offset >= p->ram_size)
		return refuse(p,
			      "the Image header is damaged: text_offset 0x%llx",
			      (unsigned long long)text_offset);
	s.gpa = p->ram + text_offset;
	s.memory = max(image_size, s.file);
	p->out->kind = IMAGE_LINUX;
	p->out->entry = s.gpa;
	p->out->page_size = page_size[flags >> 1 & 3];
	return add_segment(p, &s);
}

/* ---- ELF (System V ABI, chapters 4 and 5; ELF for the Arm 64-bit) ------- */

#define ELF_HEADER 64
#define ELF_PHDR 56
#define ELF_PT_LOAD 1
#define ELF_MACHINE_AARCH64 183
#define ELF_MAX_PHDRS 256

static bool is_elf(const struct planner *p)
{
	return !memcmp(p->head, "\x7f" "ELF", 4);
}

static const char *elf_machine(unsigned int machine)
{
	switch (machine) {
	case 3:
		return "x86";
	case 8:
		return "MIPS";
	case 20:
	case 21:
		return "PowerPC";
	case 22:
		return "S/390";
	case 40:
		return "32-bit Arm";
	case 62:
		return "x86-64";
	case 243:
		return "RISC-V";
	case 258:
		return "LoongArch";
	}
	return NULL;
}

static int check_elf_header(struct planner *p)
{
	bool big = p->head[5] == 2;
	unsigned int machine = big ? p->head[18] << 8 | p->head[19] :
				     le(p->head + 18, 2);
	const char *name = elf_machine(machine);

	if (name)
		return refuse(p, "an ELF file for %s: guests are arm64", name);
	if (machine != ELF_MACHINE_AARCH64)
		return refuse(p, "an ELF file for machine %u: guests are arm64",
			      machine);
	if (big)
		return refuse(p, "a big-endian ELF file: guests must be "
				 "little-endian");
	if (p->head[4] != 2)
		return refuse(p, "a 32-bit ELF file: guests are arm64");
	if (le(p->head + 16, 2) != 2 && le(p->head + 16, 2) != 3)
		return refuse(p, "an ELF file, but no program: link it first");
	if (p->src->size < ELF_HEADER || le(p->head + 54, 2) != ELF_PHDR)
		return refuse(p, "the ELF header is damaged");
	return 0;
}

/* Program header: offset 8, vaddr 16, paddr 24, filesz 32, memsz 40. */
static int plan_elf_segment(struct planner *p, const u8 *ph, u64 entry,
			    bool *entered)
{
	u64 vaddr = le(ph + 16, 8);
	struct image_segment s = {
		.gpa = le(ph + 24, 8),
		.memory = le(ph + 40, 8),
		.offset = le(ph + 8, 8),
		.file = le(ph + 32, 8),
	};

	if (le(ph, 4) != ELF_PT_LOAD || !s.memory)
		return 0;
	if (s.file > s.memory || !range_fits(s.offset, s.file, p->src->size))
		return refuse(p, "the ELF file is damaged or cut off: segment "
				 "at 0x%llx",
			      (unsigned long long)s.gpa);
	/* The entry point is a virtual address; the guest starts with its MMU
	 * off, where the segment is physically. */
	if (entry >= vaddr && entry - vaddr < s.memory) {
		p->out->entry = entry - vaddr + s.gpa;
		*entered = true;
	}
	return add_segment(p, &s);
}

static int plan_elf(struct planner *p)
{
	u64 entry = le(p->head + 24, 8), at = le(p->head + 32, 8);
	unsigned int n = le(p->head + 56, 2), i;
	bool entered = false;
	u8 ph[ELF_PHDR];
	int err = check_elf_header(p);

	if (err)
		return err;
	if (n > ELF_MAX_PHDRS ||
	    !range_fits(at, (u64)n * ELF_PHDR, p->src->size))
		return refuse(p, "the ELF file is damaged or cut off: its "
				 "program headers");
	p->out->kind = IMAGE_ELF;
	for (i = 0; i < n; i++) {
		p->src->read(p->src->arg, at + i * ELF_PHDR, ph, ELF_PHDR);
		err = plan_elf_segment(p, ph, entry, &entered);
		if (err)
			return err;
	}
	if (!p->out->segment_count)
		return refuse(p, "an ELF file with nothing to load");
	if (!entered)
		return refuse(p,
			      "the ELF file's entry point 0x%llx is in no "
			      "segment",
			      (unsigned long long)entry);
	return 0;
}

/* ---- What is refused by name -------------------------------------------- */

struct magic {
	u16 at;
	u8 len;
	char bytes[6];
	const char *what;
};

/* In this order: an EFI program may be inside of a compressed one's shell. */
static const struct magic refused[] = {
	{0, 2, "\x1f\x8b",
	 "a gzip-compressed image: unpack it first (`twofold run` does)"},
	{0, 6, "\xfd" "7zXZ\0", "an xz-compressed image: unpack it first"},
	{0, 3, "BZh", "a bzip2-compressed image: unpack it first"},
	{0, 4, "\x28\xb5\x2f\xfd", "a zstd-compressed image: unpack it first"},
	{0, 4, "\x02\x21\x4c\x18", "an lz4-compressed image: unpack it first"},
	{0, 4, "\x04\x22\x4d\x18", "an lz4-compressed image: unpack it first"},
	{4, 4, "zimg",
	 "a compressed EFI image (vmlinuz.efi): give the Image inside"},
	{0x202, 4, "HdrS", "an x86 kernel (bzImage): guests are arm64"},
	{0x24, 4, "\x18\x28\x6f\x01",
	 "a 32-bit Arm kernel (zImage): guests are arm64"},
	{0x38, 4, "RSC\x05", "a RISC-V kernel (Image): guests are arm64"},
	{0, 4, "\x27\x05\x19\x56",
	 "a U-Boot image (uImage): give the Image inside"},
	{0, 4, "\xd0\x0d\xfe\xed",
	 "a device tree or FIT image: give the kernel's Image"},
	{0, 6, "070701", "a cpio archive: a ramdisk, not a kernel"},
	{0, 2, "#!", "a script: give the kernel's Image"},
};

static int refuse_by_magic(struct planner *p)
{
	const struct magic *m;

	for (m = refused; m < refused + ARRAY_SIZE(refused); m++) {
		if (!memcmp(p->head + m->at, m->bytes, m->len))
			return refuse(p, "%s", m->what);
	}
	return 0;
}

static int plan_raw(struct planner *p)
{
	struct image_segment s = {
		.gpa = p->ram + RAW_OFFSET,
		.memory = p->src->size,
		.file = p->src->size,
	};

	p->out->kind = IMAGE_RAW;
	p->out->entry = s.gpa;
	return add_segment(p, &s);
}

int image_plan(const struct image_source *src, u64 ram, u64 ram_size,
	       struct image *out, char *why, size_t size)
{
	struct planner p = {
		.src = src,
		.ram = ram,
		.ram_size = ram_size,
		.out = out,
		.why = why,
		.why_size = size,
	};
	int err;

	*out = (struct image){0};
	if (!src->size)
		return refuse(&p, "the kernel is empty");
	src->read(src->arg, 0, p.head, min(src->size, (u64)HEAD_SIZE));
	if (is_linux(&p))
		return plan_linux(&p);
	if (is_elf(&p))
		return plan_elf(&p);
	err = refuse_by_magic(&p);
	return err ? err : plan_raw(&p);
}

/* ---- Ramdisk and device tree -------------------------------------------- */

/* The lowest address >= from that is congruent to `to` modulo 2 MiB. */
static u64 congruent_up(u64 from, u64 to)
{
	return from + ((to - from) & (SZ_2M - 1));
}

static int place_from(u64 from, u64 ram_end, hpa_t ramdisk_pa, u64 ramdisk_size,
		      struct image_layout *out)
{
	u64 end = from;

	if (ramdisk_size) {
		/* Pages are shared whole, so the first one must not hold
		 * anything else. */
		out->ramdisk = congruent_up(ALIGN_UP(from, SZ_4K),
					    ramdisk_pa.v);
		if (!range_fits(out->ramdisk, ramdisk_size, ram_end))
			return -ENOSPC;
		end = out->ramdisk + ramdisk_size;
	}
	out->fdt = ALIGN_UP(end, SZ_64K);
	return range_fits(out->fdt, IMAGE_FDT_SIZE, ram_end) ? 0 : -ENOSPC;
}

int image_place(const struct image *image, u64 ram, u64 ram_size,
		hpa_t ramdisk_pa, u64 ramdisk_size, struct image_layout *out)
{
	u64 ram_end = ram + ram_size;
	u64 far = ram + min(ram_size / 2, 128 * SZ_1M);
	hpa_t page = HPA(ALIGN_DOWN(ramdisk_pa.v, PAGE_SIZE));

	*out = (struct image_layout){0};
	if (image->end < far &&
	    !place_from(far, ram_end, page, ramdisk_size, out))
		return 0;
	return place_from(image->end, ram_end, page, ramdisk_size, out);
}
