// SPDX-License-Identifier: BSD-2-Clause
/* Kernel files. */
#include <ctype.h>
#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/kernel.h"
#include "cli/report.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

/* More than any guest gets: a kernel that is too large for its own VM is
 * told apart later, with the VM's name. */
#define RAM_SIZE (255 * SZ_1G)
#define WHY_SIZE 256
#define HEAD_SIZE 4096

struct reader {
	int fd;
	int err;
};

static void read_source(void *arg, u64 offset, void *buf, size_t len)
{
	struct reader *r = arg;
	ssize_t n = file_read_at(r->fd, offset, buf, len);

	if (n < 0)
		r->err = n;
	if (n < 0 || (size_t)n < len)
		memset(buf, 0, len);
}

/* ---- What the hypervisor would run as a raw binary, but nobody means ------ */

static bool is_text(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!isprint(head[i]) && !isspace(head[i]))
			return false;
	return size >= 16;
}

static const char *not_raw(const unsigned char *head, size_t size)
{
	static const struct {
		unsigned int offset, length;
		const char *bytes, *name;
	} known[] = {
		{ 0, 2, "MZ", "an EFI or Windows program" },
		{ 0, 4, "QFI\xfb", "a qcow2 disk image" },
		{ 0, 4, "PK\x03\x04", "a zip archive" },
		{ 0, 8, "!<arch>\n", "an archive or a Debian package" },
		{ 0, 5, "\x5d\0\0\0\x04", "an lzma archive: unpack it first" },
		{ 0x24, 4, "\x01\x6f\x28\x18", "a 32-bit Arm kernel (zImage)" },
		{ 0x101, 5, "ustar", "a tar archive" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (size >= known[i].offset + known[i].length &&
		    !memcmp(head + known[i].offset, known[i].bytes,
			    known[i].length))
			return known[i].name;
	return is_text(head, size) ? "a text file" : NULL;
}

/* ---- A kernel that is cut off ---------------------------------------------- */

/*
 * An Image of Linux is an EFI program too (Microsoft's PE format): its
 * section table tells how far the file goes. image_size does not; that
 * counts what is zero and not in the file. 0: there is no such table.
 */
static u64 pe_file_size(const unsigned char *head, size_t size)
{
	u32 at, data, length;
	u16 sections, optional;
	u64 end = 0;

	memcpy(&at, head + 0x3c, 4);
	at = le32toh(at);
	if (memcmp(head, "MZ", 2) || !range_fits(at, 24, size) ||
	    memcmp(head + at, "PE\0\0", 4))
		return 0;
	memcpy(&sections, head + at + 6, 2);
	memcpy(&optional, head + at + 20, 2);
	at += 24 + le16toh(optional);
	for (sections = le16toh(sections);
	     sections && range_fits(at, 40, size); sections--, at += 40) {
		memcpy(&length, head + at + 16, 4);
		memcpy(&data, head + at + 20, 4);
		end = max(end, (u64)le32toh(data) + le32toh(length));
	}
	return end;
}

/*
 * A zImage of Linux has a second magic number (arch/arm/boot/compressed/head.S), and
 * counts what is in the file; others may count what is zero as well.
 */
static u64 zimage_file_size(const unsigned char *head)
{
	u32 start, end, magic;

	memcpy(&start, head + 0x28, 4);
	memcpy(&end, head + 0x2c, 4);
	memcpy(&magic, head + 0x34, 4);
	return le32toh(magic) == 0x45454545 ? le32toh(end) - le32toh(start) : 0;
}

static int refuse_cut_off(const char *what, enum image_kind kind, u64 size,
			  const unsigned char head[HEAD_SIZE], size_t n)
{
	u64 whole = kind == IMAGE_LINUX ? pe_file_size(head, n) :
		    kind == IMAGE_ZIMAGE ? zimage_file_size(head) : 0;

	if (whole <= size)
		return 0;
	return refuse("%s: is %s that is cut off: it has %llu bytes of %llu",
		      what, kind == IMAGE_LINUX ? "an arm64 Image" : "a zImage",
		      size, whole);
}

/* What the hypervisor says is true of its own board; there are others. */
static const char *other_boards(const char *why, enum image_arch arch)
{
	static const char *const others[] = {
		[IMAGE_ARM64] = ", or 32-bit Arm or MIPS on another board",
		[IMAGE_ARM] = ", or arm64 or MIPS on another board",
		[IMAGE_MIPS] = ", or arm64 or 32-bit Arm on another board",
	};

	return strstr(why, ": guests are ") ? others[arch] : "";
}

/* "is an ELF file for ...", but "the ELF file is damaged ...". */
static const char *verb(const char *why)
{
	return strncmp(why, "a ", 2) && strncmp(why, "an ", 3) ? "" : "is ";
}

int kernel_recognise(const char *what, int fd, u64 size, enum image_arch arch,
		     struct image *out)
{
	unsigned char head[HEAD_SIZE] = { 0 };
	struct reader reader = { .fd = fd };
	struct image_source source = { arch, read_source, &reader, size };
	size_t n = min(size, (u64)sizeof(head));
	char why[WHY_SIZE];
	const char *name;
	int err;

	err = image_plan(&source, guest_ram_base(arch), RAM_SIZE, out, why, sizeof(why));
	read_source(&reader, 0, head, n);
	if (reader.err)
		return refuse("%s: %s", what, strerror(-reader.err));
	if (err)
		return refuse("%s: %s%s%s", what, verb(why), why,
			      other_boards(why, arch));
	name = out->kind == IMAGE_RAW ? not_raw(head, n) : NULL;
	if (name)
		return refuse("%s: is %s; an arm64 Image, a 32-bit Arm zImage (gzip too), an ELF (MIPS too) or a raw binary is needed",
			      what, name);
	return refuse_cut_off(what, out->kind, size, head, n);
}

bool kernel_fits(const char *path, u64 size, enum image_arch arch, u64 memory,
		 struct image *out)
{
	struct reader reader = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct image_source source = { arch, read_source, &reader, size };
	char why[WHY_SIZE];
	bool fits = !image_plan(&source, guest_ram_base(arch), memory, out, why,
				sizeof(why));

	if (reader.fd >= 0)
		close(reader.fd);
	return fits && !reader.err;
}

u64 kernel_block_offset(const struct image *image)
{
	const struct image_segment *first = &image->segment[0];

	return ALIGN_DOWN((first->gpa - first->offset) % SZ_2M, SZ_4K);
}
