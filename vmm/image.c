// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/image.h"

#include <stdarg.h>

#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"

#define RAW_OFFSET 0x80000 /* as QEMU and kvmtool place it */

/* As any magic number needs, and the Image header. */
#define HEAD_SIZE IMAGE_HEAD

struct planner {
	const struct image_source *src;
	u64 ram, ram_size;
	struct image *out;
	u64 seen_at;        /* guest_kind's, or what else its image says */
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
			      s->memory,
			      s->gpa,
			      p->ram_size,
			      p->ram);
	for (i = 0; i < im->segment_count; i++) {
		const struct image_segment *o = &im->segment[i];

		if (ranges_overlap(s->gpa, s->memory, o->gpa, o->memory))
			return refuse(p,
				      "two segments overlap, at 0x%llx and "
				      "0x%llx",
				      o->gpa,
				      s->gpa);
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

/* What may be a guest, by enum image_arch. */
static const struct guest_kind {
	const char *name;
	unsigned int elf_machine, elf_class; /* 1: 32 bits, 2: 64 */
	/* It starts with translation off, and sees physical addresses from here
	 * on; the physical addresses of its ELF files are such ones, and what is
	 * physical of them are these bits. */
	u64 seen_at, physical;
	/* Or from here on, cached and not: where it is linked for that. */
	u64 or_at, or_end;
} guest_kinds[] = {
	[IMAGE_ARM64] = {"arm64", 183, 2, 0, ~0ULL, 0, 0},
	[IMAGE_ARM] = {"32-bit Arm", 40, 1, 0, ~0ULL, 0, 0},
	[IMAGE_MIPS] = {"MIPS32", 8, 1, 0x40000000, 0x1fffffff, 0x80000000,
			0xc0000000},
};

static const struct guest_kind *kind_of_guest(const struct planner *p)
{
	return &guest_kinds[p->src->arch];
}

#define LINUX_MAGIC_AT 56
#define LINUX_FLAG_BE BIT64(0)

static bool is_linux(const struct planner *p)
{
	return p->src->size >= 64 &&
	       !memcmp(p->head + LINUX_MAGIC_AT, "ARM\x64", 4);
}

/*
 * Documentation/arm/booting.rst: the magic, start and end. Behind them
 * (arch/arm/boot/compressed/vmlinux.lds.S) a second magic and where the table
 * of tags is; the one tag there is (its words, its name, where the unpacked size
 * stands, the bss' size, the offset from the start of RAM).
 */
#define ZIMAGE_MAGIC_AT 0x24
#define ZIMAGE_MAGIC 0x016f2818
#define ZIMAGE_MAGIC2 0x45454545
#define ZIMAGE_TAG 0x5a534c4b
#define ZIMAGE_ROOM (32 * SZ_1M)
#define ZIMAGE_LEAST 0x8000
#define ZIMAGE_TEXT_OFFSET 0x208000 /* the largest of multi-platform kernels */
#define ZIMAGE_WORK (2 * SZ_64K) /* bss, stack and heap (64 KiB) of what unpacks */

static bool is_zimage(const struct planner *p)
{
	return p->src->size >= 0x30 &&
	       le(p->head + ZIMAGE_MAGIC_AT, 4) == ZIMAGE_MAGIC;
}

/*
 * So much of RAM it uses, which it needs unless that is a guess: it unpacks to text_offset, having
 * moved what is packed to where the unpacked one ends, which its bss overwrites
 * later.
 */
static u64 zimage_reach(const struct planner *p, u64 packed)
{
	const struct image_source *src = p->src;
	u64 table = le(p->head + 0x38, 4), offset = ZIMAGE_TEXT_OFFSET;
	u8 t[20], unpacked[4];

	if (le(p->head + 0x34, 4) != ZIMAGE_MAGIC2 ||
	    !range_fits(table, sizeof(t), src->size))
		goto estimate;
	src->read(src->arg, table, t, sizeof(t));
	if (le(t + 4, 4) != ZIMAGE_TAG ||
	    !range_fits(le(t + 8, 4), sizeof(unpacked), src->size))
		goto estimate;
	src->read(src->arg, le(t + 8, 4), unpacked, sizeof(unpacked));
	if (le(t, 4) > 4)
		offset = le(t + 16, 4);
	return offset + le(unpacked, 4) +
	       max(le(t + 12, 4), packed + ZIMAGE_WORK);

estimate:
	p->out->least = packed;
	return min(5 * packed, ALIGN_DOWN(p->ram_size, SZ_64K) - IMAGE_FDT_SIZE);
}

static int plan_zimage(struct planner *p)
{
	u64 start = le(p->head + 0x28, 4), end = le(p->head + 0x2c, 4);
	u64 offset = p->ram_size >= 4 * ZIMAGE_ROOM ? ZIMAGE_ROOM : ZIMAGE_LEAST;
	struct image_segment s = {
		.gpa = p->ram + offset,
		.file = p->src->size,
	};
	struct image *im = p->out;
	u64 reach;
	int err;

	if (end < start)
		return refuse(p, "the zImage header is damaged: its end 0x%llx "
				 "is before its start",
			      end);
	s.memory = max(end - start, s.file);
	im->kind = IMAGE_ZIMAGE;
	im->entry = s.gpa;
	err = add_segment(p, &s);
	if (err)
		return err;
	reach = zimage_reach(p, s.memory);
	if (!im->least)
		im->least = reach;
	if (reach > p->ram_size)
		return refuse(p, "unpacked, the kernel takes 0x%llx bytes of "
				 "the VM's memory, 0x%llx bytes",
			      reach, p->ram_size);
	im->end = max(min(im->end + ZIMAGE_WORK, p->ram + p->ram_size),
		      p->ram + reach);
	return 0;
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
			      text_offset);
	s.gpa = p->ram + text_offset;
	s.memory = max(image_size, s.file);
	p->out->kind = IMAGE_LINUX;
	p->out->entry = s.gpa;
	p->out->page_size = page_size[flags >> 1 & 3];
	return add_segment(p, &s);
}

/* ---- ELF (System V ABI, chapters 4 and 5; ELF for the Arm architecture) ---- */

#define ELF_PT_LOAD 1
#define ELF_MAX_PHDRS 256
#define ELF_PHDR_MAX 56

/* Where things are, by the file's class. Addresses and sizes have `word` bytes. */
static const struct elf_layout {
	u8 word, header, phdr;
	u8 entry, phoff, phentsize, phnum;
	u8 offset, vaddr, paddr, filesz, memsz;
} elf_layouts[] = {
	[1] = {4, 52, 32, 24, 28, 42, 44, 4, 8, 12, 16, 20},
	[2] = {8, 64, 56, 24, 32, 54, 56, 8, 16, 24, 32, 40},
};

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
	case 183:
		return "arm64";
	case 243:
		return "RISC-V";
	case 258:
		return "LoongArch";
	}
	return NULL;
}

static unsigned int elf_machine_of(const struct planner *p)
{
	return p->head[5] == 2 ? p->head[18] << 8 | p->head[19] :
				 le(p->head + 18, 2);
}

static int check_elf_header(struct planner *p)
{
	const struct guest_kind *guest = kind_of_guest(p);
	const struct elf_layout *l = &elf_layouts[guest->elf_class];
	bool big = p->head[5] == 2;
	unsigned int machine = elf_machine_of(p);
	const char *name = elf_machine(machine);

	if (machine != guest->elf_machine && name)
		return refuse(p, "an ELF file for %s: guests are %s", name,
			      guest->name);
	if (machine != guest->elf_machine)
		return refuse(p, "an ELF file for machine %u: guests are %s",
			      machine, guest->name);
	if (big)
		return refuse(p, "a big-endian ELF file: guests must be "
				 "little-endian");
	if (p->head[4] != guest->elf_class)
		return refuse(p, "a %s-bit ELF file: guests are %s",
			      p->head[4] == 1 ? "32" : "64", guest->name);
	if (le(p->head + 16, 2) != 2 && le(p->head + 16, 2) != 3)
		return refuse(p, "an ELF file, but no program: link it first");
	if (p->src->size < l->header ||
	    le(p->head + l->phentsize, 2) != l->phdr)
		return refuse(p, "the ELF header is damaged");
	return 0;
}

static int plan_elf_segment(struct planner *p, const struct elf_layout *l,
			    const u8 *ph, u64 entry, bool *entered)
{
	u64 vaddr = le(ph + l->vaddr, l->word);
	struct image_segment s = {
		.gpa = le(ph + l->paddr, l->word) & kind_of_guest(p)->physical,
		.memory = le(ph + l->memsz, l->word),
		.offset = le(ph + l->offset, l->word),
		.file = le(ph + l->filesz, l->word),
	};

	if (le(ph, 4) != ELF_PT_LOAD || !s.memory)
		return 0;
	if (s.file > s.memory || !range_fits(s.offset, s.file, p->src->size))
		return refuse(p, "the ELF file is damaged or cut off: segment "
				 "at 0x%llx",
			      s.gpa);
	/* The entry point is a virtual address; the guest starts with its MMU
	 * off, where the segment is physically. */
	if (entry >= vaddr && entry - vaddr < s.memory) {
		p->out->entry = entry - vaddr + s.gpa;
		*entered = true;
	}
	return add_segment(p, &s);
}

/* Where it sees physical addresses, by the entry that it is linked for. */
static int plan_elf_view(struct planner *p, u64 entry)
{
	const struct guest_kind *guest = kind_of_guest(p);

	if (entry >= guest->or_at && entry < guest->or_end)
		p->seen_at = guest->or_at;
	else if (guest->or_end && entry - guest->seen_at > guest->physical)
		return refuse(p, "an ELF file that starts at 0x%llx: kernels are "
				 "linked for 0x%llx and up, or 0x%llx and up",
			      entry, guest->seen_at, guest->or_at);
	return 0;
}

#define MIPS_FLAGS_AT 36
#define MIPS_MICROMIPS 0x02000000U
/* By e_flags' upper four bits: MIPS III to V, MIPS64; of release 6. */
#define MIPS_64_BIT (BIT32(2) | BIT32(3) | BIT32(4) | BIT32(6) | BIT32(8) | BIT32(10))
#define MIPS_RELEASE_6 (BIT32(9) | BIT32(10))

/* MIPS has encodings that guests' CPUs do not execute, or not at reset. */
static int check_elf_code(struct planner *p, u64 entry)
{
	u32 flags = le(p->head + MIPS_FLAGS_AT, 4), isa = BIT32(flags >> 28);
	const char *what = flags & MIPS_MICROMIPS || entry & 3 ?
				   "microMIPS or MIPS16" :
			   isa & MIPS_RELEASE_6 ? "release 6" :
			   isa & MIPS_64_BIT    ? "64-bit" : NULL;

	if (p->src->arch != IMAGE_MIPS || !what)
		return 0;
	return refuse(p, "an ELF file of %s code: guests are MIPS32, before "
			 "release 6", what);
}

static int plan_elf(struct planner *p)
{
	const struct elf_layout *l = &elf_layouts[kind_of_guest(p)->elf_class];
	u64 entry = le(p->head + l->entry, l->word);
	u64 at = le(p->head + l->phoff, l->word);
	unsigned int n = le(p->head + l->phnum, 2), i;
	bool entered = false;
	u8 ph[ELF_PHDR_MAX];
	int err = check_elf_header(p);

	if (!err)
		err = check_elf_code(p, entry);
	if (!err)
		err = plan_elf_view(p, entry);
	if (err)
		return err;
	if (n > ELF_MAX_PHDRS ||
	    !range_fits(at, (u64)n * l->phdr, p->src->size))
		return refuse(p, "the ELF file is damaged or cut off: its "
				 "program headers");
	p->out->kind = IMAGE_ELF;
	for (i = 0; i < n; i++) {
		p->src->read(p->src->arg, at + i * l->phdr, ph, l->phdr);
		err = plan_elf_segment(p, l, ph, entry, &entered);
		if (err)
			return err;
	}
	if (!p->out->segment_count)
		return refuse(p, "an ELF file with nothing to load");
	if (!entered)
		return refuse(p,
			      "the ELF file's entry point 0x%llx is in no "
			      "segment",
			      entry);
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
	{0, 4, "\x27\x05\x19\x56",
	 "a U-Boot image (uImage): give what is inside"},
	{0, 4, "\xd0\x0d\xfe\xed",
	 "a device tree or FIT image: give the kernel"},
	{0, 6, "070701", "a cpio archive: a ramdisk, not a kernel"},
	{0, 2, "#!", "a script: give the kernel's Image"},
};

/* Kernels, of other architectures. */
static const struct magic foreign[] = {
	{0x202, 4, "HdrS", "an x86 kernel (bzImage)"},
	{0x24, 4, "\x18\x28\x6f\x01",
	 "a 32-bit Arm kernel (zImage)"},
	{LINUX_MAGIC_AT, 4, "ARM\x64", "an arm64 kernel (Image)"},
	{0x38, 4, "RSC\x05", "a RISC-V kernel (Image)"},
};

static const struct magic *find_magic(const struct planner *p,
				      const struct magic *m, size_t count)
{
	for (; count--; m++)
		if (!memcmp(p->head + m->at, m->bytes, m->len))
			return m;
	return NULL;
}

static int refuse_by_magic(struct planner *p)
{
	const struct magic *m = find_magic(p, refused, ARRAY_SIZE(refused));

	if (m)
		return refuse(p, "%s", m->what);
	m = find_magic(p, foreign, ARRAY_SIZE(foreign));
	return m ? refuse(p, "%s: guests are %s", m->what,
			  kind_of_guest(p)->name) : 0;
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

static int plan(struct planner *p)
{
	enum image_arch arch = p->src->arch;
	int err;

	if (arch == IMAGE_ARM64 && is_linux(p))
		return plan_linux(p);
	if (arch == IMAGE_ARM && is_zimage(p))
		return plan_zimage(p);
	if (is_elf(p))
		return plan_elf(p);
	err = refuse_by_magic(p);
	return err ? err : plan_raw(p);
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
	p.seen_at = kind_of_guest(&p)->seen_at;
	src->read(src->arg, 0, p.head, min(src->size, (u64)HEAD_SIZE));
	err = plan(&p);
	if (!out->least)
		out->least = out->end - ram;
	out->entry += p.seen_at;
	return err;
}

bool image_names_arch(const void *head, size_t size, enum image_arch *arch)
{
	const struct image_source src = {.size = size};
	struct planner p = {.src = &src};

	memcpy(p.head, head, min(size, (size_t)HEAD_SIZE));
	if (is_linux(&p)) {
		*arch = IMAGE_ARM64;
		return true;
	}
	if (is_zimage(&p)) {
		*arch = IMAGE_ARM;
		return true;
	}
	for (size_t i = 0; is_elf(&p) && i < ARRAY_SIZE(guest_kinds); i++)
		if (guest_kinds[i].elf_machine == elf_machine_of(&p)) {
			*arch = i;
			return true;
		}
	return false;
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
