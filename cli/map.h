/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stage 2 maps, for people: a character for each region of a memslot.
 *
 *   .  unmapped
 *   c  cold: neither read nor written lately, nor dirty
 *   y  young: accessed since it was last made old
 *   d  dirty: may have been written since it was last made clean
 *   s  an image's page, shared until the VM writes to it
 *   m  memory that another VM has too
 *   r  read-only
 *   v  a device
 *   +  of several of these kinds
 *
 * A leaf is of the kind that comes last here. A region shows the kind of three
 * quarters of what is mapped in it. The letter is a capital where blocks map
 * all of the region; else there are pages in it, or holes.
 */
#ifndef CLI_MAP_H
#define CLI_MAP_H

#include <stdio.h>

#include "cli/stage2.h"

enum map_kind {
	MAP_COLD,
	MAP_YOUNG,
	MAP_DIRTY,
	MAP_SHARED,
	MAP_COMMON,
	MAP_READONLY,
	MAP_DEVICE,
	MAP_KINDS,
};

extern const char *const map_kind_names[MAP_KINDS];

/* What is mapped of a range. A leaf may count as young, dirty and shared. */
struct map_totals {
	u64 mapped; /* bytes, as all but the two counts */
	u64 pages, blocks;
	u64 page_bytes, block_bytes;
	u64 young, dirty, shared, common, readonly, device;
};

struct map_style {
	unsigned int width; /* columns */
	bool colour;
	u64 address, size; /* what to show: [address, address + size) */
};

/* The part of [*address, *address + *size) that the style shows; false: none. */
bool map_clip(const struct map_style *style, u64 *address, u64 *size);

/* Add up what is mapped of [address, address + size), a part of the slot. */
void map_count(const struct stage2_board *b, const struct stage2_vm *vm,
	       const struct stage2_slot *s, u64 address, u64 size,
	       struct map_totals *out);

/* The VM: its memslots, a map of each, and totals. */
void map_print(FILE *to, const struct stage2_board *b,
	       const struct stage2_vm *vm, const struct map_style *style);
/* Which character means what, of those that were printed. */
void map_print_legend(FILE *to, const struct map_style *style);
/* The leaves, run by run. */
void map_print_leaves(FILE *to, const struct stage2_vm *vm,
		      const struct map_style *style);

/* "208.5 MiB": for people, rounded. */
#define MAP_SIZE_TEXT 24
const char *map_size(u64 bytes, char buf[MAP_SIZE_TEXT]);

/* Is a leaf dirty, of a tree with these features? */
bool map_is_dirty(const struct stage2_vm *vm, u32 attr);

#endif
