/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record by which somebody outside finds the VMs in physical memory:
 * `twofold inspect`, on a board that runs or in a dump of one that died.
 *
 * It says where the array of guests is, and where in the structures of this
 * very image the fields are that tell a VM's memory. So the hypervisor keeps
 * nothing twice, and a reader of another version reads this one too. Numbers
 * are little-endian.
 *
 * The image starts with the Linux Image header; that for MIPS, where kernels have
 * none in memory, with INSPECT_MIPS at byte 56. Behind these 64 bytes stand
 * INSPECT_MAGIC and, in 4 bytes, the record's distance from the image's start.
 */
#ifndef VMM_INSPECT_H
#define VMM_INSPECT_H

#include "lib/types.h"

#define INSPECT_MAGIC "TWOFOLD" /* with its 0: 8 bytes */
#define INSPECT_MAGIC_AT 64
#define INSPECT_MIPS "MIPS\0\0\0" /* with its 0: 8 bytes */
#define INSPECT_MIPS_AT 56
#define INSPECT_VERSION 1

/* Where a field is in its structure. All are numbers of 1, 2, 4 or 8 bytes, or
 * pointers, but for a name, which is text. */
struct inspect_field {
	u16 offset, size;
};

struct inspect_record {
	char magic[8];
	u32 version, size; /* of this record */
	/*
	 * Pointers into the image: this is the record's own. Pointers to other
	 * memory of the hypervisor, less `linear`, are physical addresses.
	 */
	u64 self;
	u64 linear;
	/* Physical address of an array of pointers to struct guest, NULL for a
	 * guest that has ended. 0: not that far yet. */
	u64 guests;
	u32 guest_count;
	u32 slot_size; /* of a struct memslot */
	struct {
		struct inspect_field vm, granule;
	} guest;
	struct {
		struct inspect_field name, slots, slot_count;
		struct inspect_field root, ipa_bits, pa_bits, start_level;
		struct inspect_field features;
		struct inspect_field table_limit, table_used;
		struct inspect_field page_limit, page_used;
	} vm;
	struct {
		struct inspect_field base, pages, offset, backing, flags;
	} slot;
	struct {
		struct inspect_field ops, resident;
	} backing;
	struct inspect_field backing_name; /* a pointer, in *backing.ops */
};

extern struct inspect_record inspect_record;

struct guest;

/* From now on these can be inspected: guests[count], in hyp_alloc_pages()
 * memory. */
void inspect_open(struct guest **guests, unsigned int count);

#endif
