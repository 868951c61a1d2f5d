/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel images: which kind a module is, where its parts go in guest memory,
 * and what else has to find a place beside it.
 *
 * Every byte of an image is hostile: its headers are judged with the module's
 * size and the guest's memory, and nothing outside of the module is read. What
 * a header says is only planned with here; vmm/vmm.c performs it.
 *
 * Kinds (in this order):
 *   Linux arm64 Image   Documentation/arm64/booting.rst of Linux: at text_offset
 *                       bytes from the start of RAM, image_size bytes kept free
 *   Linux Arm zImage    at 32 MiB from the start of RAM, where it need not move
 *                       itself to make room for what it unpacks; in small RAM
 *                       at its start. Its tag table (since Linux 4.15) tells
 *                       what it unpacks to; without one, five times its size,
 *                       or what RAM has, is kept free
 *   ELF for the CPU     its PT_LOAD segments at their physical addresses; MIPS: at
 *                       what of them is physical, the lower 29 bits
 *   raw binary          the whole module at RAM base + 0x80000, entered there
 * Compressed images and kernels of other architectures are refused by name.
 */
#ifndef VMM_IMAGE_H
#define VMM_IMAGE_H

#include "lib/types.h"

/* What guests run on. */
enum image_arch { IMAGE_ARM64, IMAGE_ARM, IMAGE_MIPS };

/* Where the module's bytes are, and what they are to run on. */
struct image_source {
	enum image_arch arch;
	/* Copy [offset, offset + len), which lies within size. */
	void (*read)(void *arg, u64 offset, void *buf, size_t len);
	void *arg;
	u64 size;
};

enum image_kind { IMAGE_LINUX, IMAGE_ZIMAGE, IMAGE_ELF, IMAGE_RAW };

/* Guest memory [gpa, gpa + memory): `file` bytes of the module from `offset`,
 * then zeros. */
struct image_segment {
	u64 gpa, memory;
	u64 offset, file;
};

#define IMAGE_MAX_SEGMENTS 16

struct image {
	enum image_kind kind;
	u64 entry; /* as the guest sees it; MIPS: from 0x40000000 on, or from 0x80000000
		    * on if it is linked for there */
	u64 end; /* the highest address that it uses, plus 1 */
	u64 start;
	u64 least; /* bytes of RAM, from its base, without which it cannot be */
	unsigned int page_size; /* that a Linux kernel wants; 0: not said */
	unsigned int segment_count;
	struct image_segment segment[IMAGE_MAX_SEGMENTS];
};

/*
 * Recognise the image and plan its segments within [ram, ram + ram_size):
 * none overlap, none leave it. 0, or -EINVAL with what is wrong, and what
 * would be right, in why[size].
 */
int image_plan(const struct image_source *src, u64 ram, u64 ram_size,
	       struct image *out, char *why, size_t size);

/* As much of an image's head as tells what it is. */
#define IMAGE_HEAD 0x210

/*
 * Which CPUs an unpacked kernel says it is for: by its first IMAGE_HEAD bytes,
 * or all that it has. False: it says none that guests can have. Whether it is
 * sound is image_plan()'s to judge.
 */
bool image_names_arch(const void *head, size_t size, enum image_arch *arch);

struct image_layout {
	u64 ramdisk; /* address; meaningless without a ramdisk */
	u64 fdt;
};

/* Room set aside for the guest's device tree. booting.rst: at most 2 MiB. */
#define IMAGE_FDT_SIZE SZ_64K

/*
 * Find room for the ramdisk (0 bytes: none) and the device tree behind the
 * kernel. Both at least half of RAM or 128 MiB in, if they fit there, so that
 * a kernel whose size nobody knows has room to grow. The ramdisk's address is
 * congruent to `ramdisk_pa` modulo 2 MiB, so that stage 2 can share it by
 * blocks; so close behind the kernel, it is in the 32 GiB window that
 * booting.rst asks for. The device tree is aligned to 64 KiB and never crosses
 * a 2 MiB boundary. -ENOSPC: no room for both.
 */
int image_place(const struct image *image, u64 ram, u64 ram_size,
		hpa_t ramdisk_pa, u64 ramdisk_size, struct image_layout *out);

#endif
