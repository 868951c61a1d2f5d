// SPDX-License-Identifier: BSD-2-Clause
/*
 * The board's RAM, from its device tree to the page allocator.
 */
#include "vmm/board_memory.h"

#include <libfdt.h>

#include "core/page_alloc.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vmm/description.h"

struct range {
	u64 base, size;
};

/* RAM, or what of it must not be handed out. */
struct ranges {
	const char *what;
	struct range r[64];
	unsigned int count;
};

static void add_range(struct ranges *list, u64 base, u64 size)
{
	if (!size || base + size < base)
		return;
	if (list->count == ARRAY_SIZE(list->r))
		panic("device tree: more than %zu ranges of %s",
		      ARRAY_SIZE(list->r), list->what);
	list->r[list->count++] = (struct range){base, size};
}

static void add_node(const void *fdt, int node, struct ranges *list)
{
	u64 base, size;

	for (int i = 0; !fdt_reg(fdt, node, i, &base, &size); i++)
		add_range(list, base, size);
}

static void add_module(hpa_t pa, u64 size, void *reserved)
{
	add_range(reserved, pa.v, size);
}

static void find_reserved(const void *fdt, const struct board_memory *b,
			  struct ranges *res)
{
	int parent = fdt_node_at(fdt, "/reserved-memory"), node;
	uint64_t base, size;

	add_range(res, b->image, b->image_size);
	add_range(res, b->firmware, b->firmware_size);
	add_range(res, b->fdt, fdt_totalsize(fdt));
	for (int i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &base, &size))
			add_range(res, base, size);
	if (parent >= 0)
		fdt_for_each_subnode (node, fdt, parent)
			add_node(fdt, node, res);
	description_for_each_module(fdt, add_module, res);
}

/* As far as tables can say. */
static void find_ram(const void *fdt, const struct board_memory *b,
		     struct ranges *ram)
{
	static const char *const memory[] = {"memory", NULL};
	int node = -1;

	while ((node = fdt_next_with(fdt, node, "device_type", memory)) >= 0)
		add_node(fdt, node, ram);
	if (!ram->count)
		add_range(ram, b->lowest, b->unsaid);
	for (unsigned int i = 0; i < ram->count; i++) {
		struct range *r = &ram->r[i];

		r->size = r->base < b->end ? min(r->size, b->end - r->base) : 0;
	}
}

#define NOT_FOUND (~0ULL)

/* First fit of `size` bytes below `reach` in one range of RAM, around what is
 * reserved. */
static u64 fit(const struct range *ram, const struct ranges *res, u64 reach,
	       u64 size)
{
	u64 at = ALIGN_UP(ram->base, CHUNK_SIZE);
	u64 end = min(ram->base + ram->size, reach);
	bool moved = true;

	while (moved) {
		if (at >= end || end - at < size)
			return NOT_FOUND;
		moved = false;
		for (unsigned int i = 0; i < res->count; i++) {
			const struct range *r = &res->r[i];

			if (!ranges_overlap(at, size, r->base, r->size))
				continue;
			at = ALIGN_UP(r->base + r->size, CHUNK_SIZE);
			moved = true;
		}
	}
	return at;
}

static u64 find_room(const struct ranges *ram, const struct ranges *res,
		     u64 reach, u64 size)
{
	u64 at = NOT_FOUND;

	for (unsigned int i = 0; i < ram->count && at == NOT_FOUND; i++)
		at = fit(&ram->r[i], res, reach, size);
	return at;
}

/* Mapped before there is an allocator: it is the allocator's own. */
static void *map_room(u64 at, u64 size, u64 reach)
{
	if (at == NOT_FOUND)
		panic("memory: no %llu KiB of free RAM below %#llx for the allocator",
		      size >> 10, reach);
	for (u64 done = 0; done < size; done += CHUNK_SIZE)
		if (arch_linear_map_chunk(HPA(at + done)))
			panic("memory: RAM at %#llx is out of reach",
			      at);
	return arch_phys_to_virt(HPA(at));
}

u64 board_memory_init(const void *fdt, const struct board_memory *b)
{
	/* Not on the stack, which is small. */
	static struct ranges ram = {.what = "RAM"};
	static struct ranges res = {.what = "reserved memory"};
	u64 highest = 0, size, at;

	find_ram(fdt, b, &ram);
	find_reserved(fdt, b, &res);
	for (unsigned int i = 0; i < ram.count; i++)
		highest = max(highest, ram.r[i].base + ram.r[i].size);
	size = ALIGN_UP(page_alloc_meta_size(HPA(b->lowest), HPA(highest)),
			CHUNK_SIZE);
	at = find_room(&ram, &res, b->reach, size);
	page_alloc_init(map_room(at, size, b->reach), HPA(b->lowest), HPA(highest));
	page_alloc_reach(HPA(b->reach));
	for (unsigned int i = 0; i < ram.count; i++)
		page_alloc_add(HPA(ram.r[i].base), ram.r[i].size);
	add_range(&res, at, size);
	for (unsigned int i = 0; i < res.count; i++)
		page_alloc_reserve(HPA(res.r[i].base), res.r[i].size);
	return highest;
}
